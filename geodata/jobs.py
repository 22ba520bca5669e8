"""Jobs (任务): what takes longer than somebody waits for one answer.

Whoever works on one says so again and again; of one that nobody speaks of any more it is told
that it failed. The transactions are the worker's: nothing is worked on inside of one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import orjson

from geodata import ids
from geodata.errors import Conflict, LinjuError, Unavailable
from geodata.policy import Action, Actor, require
from geodata.store import Reader, Writer, now
from geodata.store.records import Values

LOST: Final = timedelta(seconds=30)
"""After so long without a word the process that worked on a job is gone."""

KEPT: Final = timedelta(days=7)
MOST: Final = 50
"""Jobs are kept so long, and so many of them at most."""

MOST_OPEN: Final = 8
"""Jobs that wait or run at the same time."""

KINDS: Final = {"siting": Action.SITING_ASK}
"""What can be a job, and who may ask for it, follow it and end it."""

_WHOLE: Final = 1000


class State(StrEnum):
    """How a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN: Final = (State.WAITING, State.RUNNING)


@dataclass(frozen=True, slots=True)
class Job:
    """A job. ``answer`` is there when it is done; ``trouble`` (code, details) when it failed."""

    id: str
    kind: str
    state: State
    area: str
    by: str
    progress: float
    asked: dict[str, Any]
    answer: dict[str, Any] | None
    trouble: tuple[str, dict[str, Any]] | None
    at: str
    ended: str


def ask(tx: Writer, kind: str, asked: dict[str, Any], *, area: str, actor: Actor) -> Job:
    """Note a job that is to be done and return it; old ones go.

    Raises
    ------
    Forbidden
        ``forbidden``: for who may ask for this kind in the area.
    Unavailable
        ``jobs_full``: too many wait.
    """
    require(actor, KINDS[kind], area=area)
    tx.hold("jobs")
    _sweep(tx)
    rows = tx.records("job", state=[str(state) for state in OPEN], columns=("state", "seen"))
    if sum(not _lost(row) for row in rows) >= MOST_OPEN:
        raise Unavailable("jobs_full", most=MOST_OPEN)
    (job_id,) = ids.fresh(1)
    row: Values = {
        "id": job_id,
        "kind": kind,
        "state": str(State.WAITING),
        "area": area,
        "by": actor.name,
    }
    row |= {"asked": _json(asked), "answer": "", "progress": 0, "ended": ""}
    row["at"] = row["seen"] = now()
    tx.put("job", row)
    return _job(row)


def get(tx: Reader, job_id: str, *, actor: Actor) -> Job:
    """Return a job.

    Raises
    ------
    NotFound
        ``job_not_found``: never asked, or too long ago.
    Forbidden
        ``forbidden``: for who may ask for this kind in its area.
    """
    row = tx.record("job", job_id)
    require(actor, KINDS[row["kind"]], area=row["area"])
    return _job(row)


def answered(tx: Reader, kind: str, *, area: str, actor: Actor) -> list[Job]:
    """Return the jobs of a kind that were done for an area, the newest first.

    Raises
    ------
    Forbidden
        ``forbidden``: for who may ask for this kind in the area.
    """
    require(actor, KINDS[kind], area=area)
    rows = tx.records(
        "job", order=("at", "id"), newest=True, kind=kind, area=area, state=str(State.DONE)
    )
    return [_job(row) for row in rows]


def cancel(tx: Writer, job_id: str, *, actor: Actor) -> Job:
    """End a job; who works on it hears of it when next saying so.

    Raises
    ------
    NotFound, Forbidden
        As :func:`get`.
    Conflict
        ``job_over``: it has ended already.
    """
    job = get(tx, job_id, actor=actor)
    told = {"state": str(State.CANCELLED), "ended": now()}
    if job.state not in OPEN or not tx.revise("job", told, id=job_id, state=_OPEN):
        raise Conflict("job_over", key=job_id)
    return get(tx, job_id, actor=actor)


def going(tx: Writer, job_id: str, progress: float | None = None) -> bool:
    """Say that a job is in hand, and how far it is (0 to 1) if it runs; tell whether to go on.

    For whoever works on it, every few seconds.
    """
    told: Values = {"seen": now()}
    if progress is not None:
        told |= {"state": str(State.RUNNING), "progress": round(progress * _WHOLE)}
    return tx.revise("job", told, id=job_id, state=_OPEN) > 0


def done(tx: Writer, job_id: str, answer: dict[str, Any]) -> None:
    """Note what came of a job, if it was not ended meanwhile."""
    told = {"state": str(State.DONE), "answer": _json(answer), "progress": _WHOLE}
    tx.revise("job", told | {"ended": now()}, id=job_id, state=_OPEN)


def failed(tx: Writer, job_id: str, error: LinjuError) -> None:
    """Note why nothing came of a job, if it was not ended meanwhile."""
    trouble = {"code": error.code, "details": error.details}
    told = {"state": str(State.FAILED), "answer": _json(trouble), "ended": now()}
    tx.revise("job", told, id=job_id, state=_OPEN)


def _sweep(tx: Writer) -> None:
    tx.expire("job", KEPT)
    rows = tx.records("job", order=("at", "id"), newest=True, columns=("id", "state"))
    over = [row["id"] for row in rows[MOST - 1 :] if row["state"] not in _OPEN]
    if over:
        tx.erase("job", id=over)


def _lost(row: Values) -> bool:
    silent = datetime.now(UTC) - datetime.fromisoformat(row["seen"])
    return row["state"] in _OPEN and silent > LOST


def _job(row: Values) -> Job:
    told = orjson.loads(row["answer"] or "null")
    state = State(row["state"])
    trouble: tuple[str, dict[str, Any]] | None = None
    if _lost(row):
        state, trouble = State.FAILED, ("job_lost", {})
    elif state is State.FAILED:
        trouble = told["code"], told["details"]
    return Job(
        row["id"],
        row["kind"],
        state,
        row["area"],
        row["by"],
        row["progress"] / _WHOLE,
        orjson.loads(row["asked"]),
        told if state is State.DONE else None,
        trouble,
        row["at"],
        row["ended"] or (row["seen"] if state is State.FAILED else ""),
    )


def _json(told: dict[str, Any]) -> str:
    return orjson.dumps(told, default=str).decode()


_OPEN: Final = [str(state) for state in OPEN]
