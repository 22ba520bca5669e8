"""The words of a proposal, and its row."""

from enum import StrEnum
from typing import Any

import orjson

from geodata import ids
from geodata.policy import Actor
from geodata.store import Writer, now
from geodata.store.records import Values


class Kind(StrEnum):
    """What somebody wants."""

    NEW = "new"
    EDIT = "edit"
    REPORT = "report"


class State(StrEnum):
    """Where a proposal stands. ``open`` waits for a reviewer, ``returned`` for who made it."""

    OPEN = "open"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    MERGED = "merged"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Report(StrEnum):
    """What anybody can say of a card that is not right (已搬走、电话不对 …)."""

    MOVED = "moved"
    CLOSED = "closed"
    PHONE = "phone"
    HOURS = "hours"
    POSITION = "position"
    OTHER = "other"


POSITION = ("lon", "lat", "source_datum", "source_lon", "source_lat")
"""The columns of a place, which change together."""

DECIDED = (State.ACCEPTED, State.MERGED, State.REFUSED, State.WITHDRAWN)
"""What nobody waits for any more."""

_DECISION = "decision"

UNDECIDED = (str(State.OPEN), str(State.RETURNED))


def enter(tx: Writer, kind: Kind, merchant: Values, *, actor: Actor, **told: Any) -> str:
    """Put a proposal about a merchant's row into the queue and return its id."""
    (proposal_id,) = ids.fresh(1)
    row = {"id": proposal_id, "kind": str(kind), "merchant": merchant["id"]}
    row |= {"area": merchant["area"], "at": now(), "by": actor.name, "role": str(actor.role)}
    row |= {"state": str(State.OPEN), "seen": merchant["version"], "version": 1}
    blank = dict.fromkeys(("words", "decided", "decided_by", "why"), "")
    changes = orjson.dumps(told.pop("changes", {}), default=str).decode()
    tx.put("proposal", row | blank | told | {"changes": changes})
    return proposal_id


def opened(row: Values) -> Values:
    """Return a proposal's row with ``changes`` as a dict."""
    return row | {"changes": orjson.loads(row["changes"] or "{}")}


def decision(proposal_id: str, version: int) -> str:
    """Return the batch under which the history knows what a decision wrote."""
    return f"{_DECISION}:{proposal_id}:{version}"


def decided(batch: str) -> tuple[str, int] | None:
    """Return the proposal and its version that a batch of the history is the decision of.

    Examples
    --------
    >>> decided(decision("7K3M9QX2WD", 2)), decided("an import")
    (('7K3M9QX2WD', 2), None)
    """
    word, _, rest = batch.partition(":")
    proposal_id, _, version = rest.partition(":")
    return (proposal_id, int(version)) if word == _DECISION else None
