"""Saving, finding and changing rounds."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from geodata import areas, ids
from geodata.errors import Conflict, Invalid, NotFound
from geodata.policy import Action, Actor, require
from geodata.rounds import saved as form
from geodata.rounds import words
from geodata.rounds.saved import Draft, Saved, State, Status
from geodata.rounds.told import Solution
from geodata.rounds.urgent import Inserted, Urgent, insertable
from geodata.rounds.words import UNSEALED
from geodata.store import Reader, Writer
from geodata.store.records import Values
from geodata.vault import Vault

MOST_DONE: Final = 200
"""Rounds that are done are listed so far back."""

_LIGHT: Final = ("id", "name", "day", "area", "status", "version", "changed")
_ORDER: Final = list(Status)

STEP: Final = "step"
"""What the history calls a change of the status."""


def save(
    tx: Writer,
    draft: Draft,
    *,
    actor: Actor,
    key: str = "",
    request: str = "",
    vault: Vault = UNSEALED,
) -> Saved:
    """Keep a round and return it; what was asked again under the same key is the same round.

    ``vault`` seals what was typed about its visits.

    Raises
    ------
    Invalid
        ``round_invalid``: details map name, title or note to "missing" or "too_long";
        ``idempotency_key_length``.
    Conflict
        ``idempotency_key_reused``, ``idempotency_key_busy``.
    Forbidden
        ``forbidden``: for staff in whose scope all the visits lie.
    """
    area = _area(tx, draft)
    require(actor, Action.ROUND_EDIT, area=area)
    if known := saved_before(tx, actor=actor, key=key, request=request):
        return known
    draft = form.checked(draft)
    (round_id,) = ids.fresh(1)
    row = {"id": round_id, "area": area, "status": str(Status.DRAFT)} | form.written(draft)
    row["words"] = words.written(round_id, draft.labels, vault)
    tx.insert("round", [row], by=actor)
    if key:
        tx.remember(actor.name, key, request, round_id)
    return form.read(tx.row("round", round_id))


def saved_before(tx: Reader, *, actor: Actor, key: str, request: str) -> Saved | None:
    """Return the round that was kept by this request under this key, if any.

    Raises
    ------
    Invalid
        ``idempotency_key_length``.
    Conflict
        ``idempotency_key_reused``: the key was of another request.
    """
    known = tx.recalled(actor.name, key, request) if key else None
    return get(tx, known, actor=actor) if known else None


def get(tx: Reader, round_id: str, *, actor: Actor) -> Saved:
    """Return one round whole.

    Raises
    ------
    NotFound
        ``round_not_found``.
    Forbidden
        ``forbidden``: for staff of its area.
    """
    row = tx.row("round", round_id)
    require(actor, Action.ROUND_READ, area=row["area"])
    return form.read(row)


def glance(tx: Reader, round_id: str, *, actor: Actor) -> Saved:
    """Return one round without what it holds: for who follows how far it is.

    Raises
    ------
    NotFound, Forbidden
        As :func:`get`.
    """
    rows = tx.rows("round", columns=_LIGHT, keys=[round_id]) if ids.is_one(round_id) else []
    if not rows:
        raise NotFound("round_not_found", key=round_id)
    require(actor, Action.ROUND_READ, area=rows[0]["area"])
    return form.read(rows[0])


def listed(tx: Reader, *, actor: Actor) -> list[tuple[Saved, Counter[State]]]:
    """Return the rounds of the actor's scope without what they hold, each with its visits' states.

    Those under way come first, then drafts, then what is done, the latest day first.
    """
    require(actor, Action.ROUND_READ, area=actor.scope)
    found = [form.read(row) for row in tx.rows("round", columns=_LIGHT, inside=actor.scope)]
    found.sort(key=lambda one: (one.day, one.changed), reverse=True)
    found.sort(key=lambda one: (Status.ACCEPTED, Status.DRAFT, Status.DONE).index(one.status))
    found = found[: sum(one.status is not Status.DONE for one in found) + MOST_DONE]
    names = [one.id for one in found]
    rows = tx.records("visit", columns=("round", "state"), round=names) if names else []
    states: dict[str, Counter[State]] = {one: Counter() for one in names}
    for row in rows:
        states[row["round"]][State(row["state"])] += 1
    return [(one, states[one.id]) for one in found]


def may_plan(tx: Reader, round_id: str, *, version: int, actor: Actor) -> None:
    """Refuse what :func:`change` would refuse of another plan, before that is looked for.

    Raises
    ------
    NotFound, Conflict, Forbidden
        As :func:`change`.
    """
    row = tx.row("round", round_id)
    require(actor, Action.ROUND_EDIT, area=row["area"])
    _plannable(Status(row["status"]))
    _seen(row, version)


def change(
    tx: Writer,
    round_id: str,
    *,
    version: int,
    actor: Actor,
    name: str | None = None,
    status: Status | None = None,
    draft: Draft | None = None,
    vault: Vault = UNSEALED,
) -> Saved:
    """Change a round and return it; its status goes one step at a time.

    What can be changed when is told by :class:`Status`. ``draft`` puts another plan in the place
    of a draft's; into an accepted round an urgent visit is put by :func:`put_in`.

    Raises
    ------
    NotFound
        ``round_not_found``.
    Conflict
        ``version_stale``; ``round_accepted``: its order stands, so that there is no other plan
        for it; ``round_begun``: visits are ticked off already, so that it is no draft any more;
        ``round_over``: it is done.
    Invalid
        ``round_invalid``; ``round_step`` (``status``, ``wanted``).
    Unavailable
        ``round_sealed``: the keys do not open what another plan would be written over.
    Forbidden
        ``forbidden``: for staff of its area.
    """
    row = held(tx, round_id)
    require(actor, Action.ROUND_EDIT, area=row["area"])
    here, told = Status(row["status"]), Values()
    if draft is not None:
        _plannable(here)
        words.demand(form.read(row), vault)
        told |= _planned(tx, round_id, draft, actor, vault)
    if name is not None:
        if here is Status.DONE:
            raise Conflict("round_over")
        told["name"] = form.name(name)
    if status not in (None, here):
        if abs(_ORDER.index(status) - _ORDER.index(here)) != 1:
            raise Invalid("round_step", status=str(here), wanted=str(status))
        if status is Status.DRAFT and tx.record_count("visit", round=round_id):
            raise Conflict("round_begun")
        told["status"] = str(status)
    how = STEP if "status" in told else "edit"
    return form.read(tx.update("round", round_id, told, version=version, by=actor, action=how))


def put_in(
    tx: Writer,
    round_id: str,
    urgent: Urgent,
    found: Inserted,
    *,
    version: int,
    actor: Actor,
    vault: Vault = UNSEALED,
) -> Saved:
    """Put an urgent visit into an accepted round where it was found, and return the round.

    All other visits stay with their workers and in their order.

    Raises
    ------
    NotFound
        ``round_not_found``.
    Conflict
        ``version_stale``; ``round_not_accepted``, ``round_over``; ``visit_known``: a visit of
        this id is in it already, as when the same is asked twice.
    Invalid
        ``round_invalid``: the words, or what was found is not of this round.
    Forbidden
        ``forbidden``: for staff of its area.
    """
    row = held(tx, round_id)
    require(actor, Action.ROUND_EDIT, area=row["area"])
    _seen(row, version)
    one = form.read(row)
    visit = urgent.visit
    insertable(one, visit.id)
    if _orders(found.solution, but=visit.id) != _orders(one.solution) or not found.worker:
        raise Invalid("round_invalid", visit="unknown")
    draft = Draft(
        name=one.name,
        workers=one.workers,
        visits=[*one.visits, visit],
        labels={**one.labels, visit.id: urgent.label},
        solution=found.solution,
        closures=urgent.closures,
    )
    told = _planned(tx, round_id, draft, actor, vault)
    return form.read(tx.update("round", round_id, told, version=version, by=actor, action="urgent"))


def held(tx: Writer, round_id: str) -> Values:
    """Return a round's row, which nobody changes or ticks until this transaction ends."""
    tx.hold(f"round {round_id}")
    return tx.row("round", round_id)


def _seen(row: Values, version: int) -> None:
    if row["version"] != version:
        raise Conflict("version_stale", key=row["id"], seen=version, current=row["version"])


def _plannable(status: Status) -> None:
    if status is not Status.DRAFT:
        raise Conflict("round_accepted" if status is Status.ACCEPTED else "round_over")


def _planned(tx: Reader, round_id: str, draft: Draft, actor: Actor, vault: Vault) -> Values:
    area = _area(tx, draft)
    require(actor, Action.ROUND_EDIT, area=area)
    draft = form.checked(draft)
    typed = words.written(round_id, draft.labels, vault)
    return form.written(draft) | {"area": area, "words": typed}


def _orders(solution: Solution, *, but: str = "") -> dict[str, list[str]]:
    return {
        tour.worker: [stop.visit for stop in tour.stops if stop.visit != but]
        for tour in solution.rounds
    }


def _area(tx: Reader, draft: Draft) -> str:
    """Return the smallest area that holds all the visits, as far as they lie in any."""
    at = [visit.at for visit in draft.visits] or [one.start for one in draft.workers]
    codes = set(areas.containing(tx, *zip(*at, strict=True))) - {""}
    return _common(map(areas.around, codes))


def _common(chains: Iterable[Sequence[str]]) -> str:
    whole = list(chains)
    if not whole:
        return ""
    shared = [codes[0] for codes in zip(*whole, strict=False) if len(set(codes)) == 1]
    return shared[-1] if shared else ""
