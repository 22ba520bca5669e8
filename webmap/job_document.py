"""A job as JSON tells it, to whoever asks for one and to who follows it."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from geodata.jobs import Job, State
from webmap.errors import sentence
from webmap.sited import SitingDocument


class Trouble(BaseModel):
    """Why nothing came of a job: the code that programs read, and a sentence."""

    code: str
    detail: str


class JobDocument(BaseModel):
    """A job. ``progress`` goes from 0 to 1; ``answer`` is null as long as it is not done."""

    id: str
    kind: str
    state: State
    progress: float
    area: str
    by: str
    asked: dict[str, Any]
    answer: SitingDocument | None
    trouble: Trouble | None
    created: datetime
    ended: datetime | None


def document(job: Job) -> dict[str, Any]:
    """Return a job as JSON tells it."""
    trouble = None
    if job.trouble:
        code, details = job.trouble
        trouble = {"code": code, "detail": sentence(code, details)}
    return {
        "id": job.id,
        "kind": job.kind,
        "state": str(job.state),
        "progress": job.progress,
        "area": job.area,
        "by": job.by,
        "asked": job.asked,
        "answer": job.answer,
        "trouble": trouble,
        "created": job.at,
        "ended": job.ended or None,
    }
