"""Deciding: a queue, one thing beside what is known, and a decision that nobody overwrites."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from geodata import accounts, merchants, wording
from geodata.errors import Conflict, Invalid
from geodata.geometry import metres_between
from geodata.merchants import PUBLIC, Status, split_phones
from geodata.policy import Action, Actor, can, require
from geodata.proposals.kinds import POSITION, Kind, State, decision, opened
from geodata.proposals.likeness import Alike, alike
from geodata.store import Reader, Writer, now
from geodata.store.records import Values

PAGE = 50
_LONGEST_WHY = 300
_TOLD = ("id", "name", "category", "lon", "lat", "address", "status", "version", "area")
_FILLED = ("address", "phones", "hours", "note", "credit_code")


@dataclass(frozen=True, slots=True)
class Change:
    """One field that would change: what it is now, and what is wanted."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Review:
    """A proposal beside what is known.

    ``merchant`` is the row as it stands. ``changes`` are told field by field, without the
    position: ``lon``, ``lat`` are where it would stand, ``shift_m`` how far that is from where
    it stands now. ``alike`` are merchants that it may be, and be merged into.
    ``moved_on`` tells that the merchant was changed after the proposal was made.
    """

    proposal: Values
    merchant: Values
    changes: list[Change]
    lon: float
    lat: float
    shift_m: float
    alike: list[Alike]
    moved_on: bool


def queue(
    tx: Reader,
    *,
    actor: Actor,
    states: Sequence[State] = (State.OPEN,),
    area: str = "",
    newest: bool = False,
    after: tuple[str, str] | None = None,
    limit: int = PAGE,
) -> list[Values]:
    """Return proposals of the actor's scope, oldest first, each with its ``shop``.

    ``area`` is a code prefix inside the scope; ``newest`` turns the order round; ``after`` are
    ``at`` and ``id`` of the last one seen. ``shop`` has id, name, category, lon, lat, address,
    status, version and area.

    Raises
    ------
    Forbidden
    """
    area = area or actor.scope
    require(actor, Action.MERCHANT_REVIEW, area=area)
    found = []
    # One state after the other: the index has them in the order of the queue, none to be sorted.
    for state in states:
        found += tx.records(
            "proposal",
            order=("at", "id"),
            newest=newest,
            after=after or (),
            limit=limit,
            area=area,
            state=str(state),
        )
    found.sort(key=lambda row: (row["at"], row["id"]), reverse=newest)
    found = found[:limit]
    keys = [row["merchant"] for row in found]
    shops = {row["id"]: row for row in tx.rows("merchant", columns=_TOLD, keys=keys)}
    return [opened(row) | {"shop": shops[row["merchant"]]} for row in found]


def waiting(tx: Reader, *, actor: Actor, area: str = "") -> int:
    """Count what waits in the actor's scope, or in an area (a code prefix) of it."""
    area = area or actor.scope
    require(actor, Action.MERCHANT_REVIEW, area=area)
    return tx.record_count("proposal", area=area, state=str(State.OPEN))


def review(tx: Reader, proposal_id: str, *, actor: Actor) -> Review:
    """Return a proposal beside what is known; also one that was decided.

    Raises
    ------
    NotFound
        ``proposal_not_found``.
    Forbidden
    """
    proposal, row = _of(tx, proposal_id, actor)
    wanted = proposal["changes"] if proposal["kind"] == Kind.EDIT else {}
    full = row | wanted
    changes = [
        Change(name, _told(row[name]), _told(value))
        for name, value in wanted.items()
        if name not in POSITION and row[name] != value
    ]
    return Review(
        proposal=proposal,
        merchant=row,
        changes=changes,
        lon=full["lon"],
        lat=full["lat"],
        shift_m=float(metres_between(row["lon"], row["lat"], full["lon"], full["lat"])),
        alike=alike(
            tx,
            full["name"],
            full["lon"],
            full["lat"],
            phones=split_phones(full["phones"]),
            credit_code=full["credit_code"],
            but=row["id"],
            also=lambda one: _offered(row, one, actor),
        ),
        moved_on=proposal["seen"] != row["version"],
    )


def _offered(row: Values, one: Values, actor: Actor) -> bool:
    """Tell whether a reviewer may be told of another: what waits elsewhere is for those there."""
    here = can(actor, Action.MERCHANT_REVIEW, area=one["area"])
    return here and one["status"] in _possible(row)


def publish(
    tx: Writer,
    proposal_id: str,
    *,
    version: int,
    merchant_version: int,
    actor: Actor,
    changes: Mapping[str, Any] | None = None,
    why: str = "",
) -> Values:
    """Accept: a registration goes on the map, an edit is made, a report is settled.

    ``version`` and ``merchant_version`` are those that the reviewer saw. ``changes`` are the
    reviewer's own corrections, as for :func:`geodata.merchants.edit`. Return the merchant's row.

    Raises
    ------
    Conflict
        ``proposal_decided``: another was quicker; details tell state, by, at and why.
        ``version_stale``: the merchant or the proposal was changed meanwhile; of the merchant
        details tell by, at and action of the last change.
    Forbidden, NotFound, Invalid
    """
    proposal, row = _undecided(tx, proposal_id, version, merchant_version, actor)
    why = said(why)
    told: dict[str, Any] = {}
    if proposal["kind"] == Kind.NEW:
        told["status"] = str(Status.PUBLISHED)
    elif proposal["kind"] == Kind.EDIT:
        told |= _as_entry(proposal["changes"])
    told |= changes or {}
    with _deciding(tx, proposal, State.ACCEPTED, actor, why):
        if not told:
            return row
        act = "publish" if proposal["kind"] == Kind.NEW else "accept"
        because = why or proposal["words"]
        return merchants.edit(
            tx, row["id"], told, version=row["version"], actor=actor, why=because, action=act
        )


def send_back(
    tx: Writer, proposal_id: str, *, version: int, merchant_version: int, actor: Actor, why: str
) -> None:
    """Return a proposal to who made it, with a reason; it can be amended and comes again.

    Raises
    ------
    Invalid
        ``reason_missing``.
    Conflict, Forbidden, NotFound
        As :func:`publish`.
    """
    proposal, _row = _undecided(tx, proposal_id, version, merchant_version, actor)
    why = said(why)
    if not why:
        raise Invalid("reason_missing")
    _decide(tx, proposal, State.RETURNED, actor, why)


def dismiss(
    tx: Writer,
    proposal_id: str,
    *,
    version: int,
    merchant_version: int,
    actor: Actor,
    why: str = "",
) -> None:
    """Refuse an edit or a report: the merchant stays as it is. Raises as :func:`publish`."""
    proposal, row = _undecided(tx, proposal_id, version, merchant_version, actor)
    why = said(why)
    with _deciding(tx, proposal, State.REFUSED, actor, why):
        if proposal["kind"] == Kind.NEW:
            _retire(tx, row, actor, why, "refuse")


def retire(
    tx: Writer,
    proposal_id: str,
    *,
    version: int,
    merchant_version: int,
    actor: Actor,
    why: str = "",
) -> None:
    """Take the merchant off the map; a registration is refused with it. It can be brought back.

    Raises as :func:`publish`.
    """
    proposal, row = _undecided(tx, proposal_id, version, merchant_version, actor)
    why = said(why)
    state = State.REFUSED if proposal["kind"] == Kind.NEW else State.ACCEPTED
    with _deciding(tx, proposal, state, actor, why):
        _retire(tx, row, actor, why, "retire")


def merge_into(
    tx: Writer,
    proposal_id: str,
    into: str,
    *,
    version: int,
    merchant_version: int,
    actor: Actor,
    why: str = "",
) -> Values:
    """Make two entries one: the proposal's merchant lives on as ``into``, whose row is returned.

    What the other lacks (address, phones, hours, note, credit code) it takes over. The old id
    leads to it. What is on the map does not leave it thereby: only a registration that waits is
    merged into another that waits. Nobody comes to own it thereby:
    :func:`geodata.merchants.entrust` says whose it is.

    Raises
    ------
    Conflict
        ``merge_impossible``: into itself, into what is not on the map any more, or what is on
        the map into what waits; else as :func:`publish`.
    Forbidden, NotFound
    """
    proposal, row = _undecided(tx, proposal_id, version, merchant_version, actor)
    why = said(why)
    target = tx.row("merchant", into)
    require(actor, Action.MERCHANT_REVIEW, area=target["area"])
    if target["id"] == row["id"] or target["status"] not in _possible(row):
        raise Conflict("merge_impossible", key=into)
    with _deciding(tx, proposal, State.MERGED, actor, why):
        gone = (row, {"status": str(Status.RETIRED), "merged": into})
        tx.update_many("merchant", [gone], by=actor, action="merge", why=why)
        return _taken_over(tx, row, target, actor, why)


def _possible(row: Values) -> tuple[str, ...]:
    """Return the states of what a merchant may be merged into."""
    waits = row["status"] == Status.PENDING
    return (*PUBLIC, str(Status.PENDING)) if waits else PUBLIC


def _taken_over(tx: Writer, row: Values, target: Values, actor: Actor, why: str) -> Values:
    into, told = target["id"], {k: row[k] for k in _FILLED if row[k] and not target[k]}
    return merchants.edit(
        tx, into, _as_entry(told), version=target["version"], actor=actor, why=why, action="merge"
    )


def _as_entry(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns as an entry's fields: the position as it was given, in its datum."""
    told = {k: v for k, v in columns.items() if k not in POSITION}
    if "phones" in told:
        told["phones"] = split_phones(told["phones"])
    if columns.keys() & set(POSITION):
        told |= {"lon": columns["lon"], "lat": columns["lat"]}
    return told


def _retire(tx: Writer, row: Values, actor: Actor, why: str, action: str) -> None:
    told = {"status": str(Status.RETIRED)}
    merchants.edit(tx, row["id"], told, version=row["version"], actor=actor, why=why, action=action)


def _of(tx: Reader, proposal_id: str, actor: Actor) -> tuple[Values, Values]:
    proposal = opened(tx.record("proposal", proposal_id))
    row = tx.row("merchant", proposal["merchant"])
    require(actor, Action.MERCHANT_REVIEW, area=row["area"])
    return proposal, row


def _undecided(
    tx: Reader, proposal_id: str, version: int, merchant_version: int, actor: Actor
) -> tuple[Values, Values]:
    """Return a proposal and its merchant, both as the reviewer saw them when deciding."""
    proposal, row = _of(tx, proposal_id, actor)
    if proposal["state"] != State.OPEN:
        told = {"state": proposal["state"], "by": _called(tx, proposal["decided_by"])}
        told |= {"at": proposal["decided"], "why": proposal["why"]}
        raise Conflict("proposal_decided", key=proposal_id, **told)
    did: dict[str, Any] = {}
    if row["version"] != merchant_version:
        last = tx.history("merchant", row["id"])[0]
        did = {"key": row["id"], "seen": merchant_version, "current": row["version"]}
        did |= {"by": _called(tx, last["by"]), "at": last["at"], "action": last["action"]}
    elif proposal["version"] != version:
        did = {"key": proposal_id, "seen": version, "current": proposal["version"]}
    if did:
        raise Conflict("version_stale", **did)
    return proposal, row


def _called(tx: Reader, name: str) -> str:
    return accounts.titles(tx, [name]).get(name, name)


@contextmanager
def _deciding(tx: Writer, proposal: Values, state: State, actor: Actor, why: str) -> Iterator[None]:
    """Decide, and let what is written in the block be known as this decision's."""
    _decide(tx, proposal, state, actor, why)
    before, tx.batch = tx.batch, decision(proposal["id"], proposal["version"] + 1)
    try:
        yield
    finally:
        tx.batch = before


def _decide(tx: Writer, proposal: Values, state: State, actor: Actor, why: str) -> None:
    told = {"state": str(state), "decided": now(), "decided_by": actor.name, "why": why}
    told["version"] = proposal["version"] + 1
    seen = {"id": proposal["id"], "version": proposal["version"], "state": str(State.OPEN)}
    # PostgreSQL shows two reviewers the same row; only one finds it still open here.
    if not tx.revise("proposal", told, **seen):
        raise Conflict("version_stale", key=proposal["id"], seen=proposal["version"], current=None)


def said(why: str) -> str:
    """Return a reason as it is kept.

    Raises
    ------
    Invalid
        ``words_too_long``.
    """
    why = wording.typed(why)
    if len(why) > _LONGEST_WHY:
        raise Invalid("words_too_long", longest=_LONGEST_WHY)
    return why


def _told(value: object) -> str:
    return "" if value is None else str(value)
