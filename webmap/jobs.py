"""Jobs over HTTP: how far one is, what came of it, and its end."""

from flask import Blueprint

from geodata import jobs
from webmap import limits
from webmap.answers import Answer, Parameters, Written, api, write
from webmap.job_document import JobDocument, document
from webmap.request import current_actor, store

bp = Blueprint("jobs", __name__)


@api(bp, "/api/jobs/<job_id>", answers=JobDocument, private=True)
def one(_asked: Parameters, job_id: str) -> Answer:
    """Return how far a job is, and what came of it; ask again every second or two."""
    with store().reading() as tx:
        return Answer(document(jobs.get(tx, job_id, actor=current_actor())))


@write(
    bp,
    "DELETE",
    "/api/jobs/<job_id>",
    answers=JobDocument,
    statuses={200: "It was cancelled"},
    limit=limits.AMEND,
)
def cancel(_asked: Parameters, job_id: str) -> Written:
    """Cancel a job that waits or runs."""
    with store().writing() as tx:
        return Written(document(jobs.cancel(tx, job_id, actor=current_actor())))
