"""Saving, finding and changing rounds, and what is told of their visits on the way."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from geodata import areas, ids, wording
from geodata.errors import Conflict, Invalid, NotFound
from geodata.policy import Action, Actor, require
from geodata.rounds import saved as form
from geodata.rounds.asked import Visit
from geodata.rounds.saved import LONGEST, Draft, Label, Saved, State, Status, Told
from geodata.rounds.told import Solution
from geodata.rounds.urgent import Inserted, insertable
from geodata.store import Reader, Writer, now
from geodata.store.records import Values

MOST_TICKS: Final = 500
MOST_DONE: Final = 200
"""Rounds that are done are listed so far back."""

_LIGHT: Final = ("id", "name", "day", "area", "status", "version", "changed")
_ORDER: Final = list(Status)
_STEP: Final = "step"
_LINK: Final = "round:"
"""Before the name of who told something by a link; no account's name has a colon."""

_AHEAD: Final = timedelta(minutes=1)
"""A phone's clock that is further ahead is not believed: what it told would stand for good."""


@dataclass(frozen=True, slots=True)
class Tick:
    """What is told of a visit, with the moment (aware) at which it was told on the phone."""

    visit: str
    state: State
    at: datetime
    note: str = ""


def save(tx: Writer, draft: Draft, *, actor: Actor, key: str = "", request: str = "") -> Saved:
    """Keep a round and return it; what was asked again under the same key is the same round.

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
    Forbidden
        ``forbidden``: for staff of its area.
    """
    row = _held(tx, round_id)
    require(actor, Action.ROUND_EDIT, area=row["area"])
    here, told = Status(row["status"]), Values()
    if draft is not None:
        _plannable(here)
        told |= _planned(tx, draft, actor)
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
    how = _STEP if "status" in told else "edit"
    return form.read(tx.update("round", round_id, told, version=version, by=actor, action=how))


def put_in(
    tx: Writer,
    round_id: str,
    visit: Visit,
    found: Inserted,
    *,
    label: Label,
    closures: Sequence[str],
    version: int,
    actor: Actor,
) -> Saved:
    """Put an urgent visit into an accepted round, as it was found, and return the round.

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
    row = _held(tx, round_id)
    require(actor, Action.ROUND_EDIT, area=row["area"])
    _seen(row, version)
    one = form.read(row)
    insertable(one, visit.id)
    if _orders(found.solution, but=visit.id) != _orders(one.solution) or not found.worker:
        raise Invalid("round_invalid", visit="unknown")
    draft = Draft(
        name=one.name,
        workers=one.workers,
        visits=[*one.visits, visit],
        labels={**one.labels, visit.id: label},
        solution=found.solution,
        closures=closures,
    )
    told = _planned(tx, draft, actor)
    return form.read(tx.update("round", round_id, told, version=version, by=actor, action="urgent"))


def _held(tx: Writer, round_id: str) -> Values:
    """Return a round's row, which nobody changes or ticks until this transaction ends."""
    tx.hold(f"round {round_id}")
    return tx.row("round", round_id)


def _seen(row: Values, version: int) -> None:
    if row["version"] != version:
        raise Conflict("version_stale", key=row["id"], seen=version, current=row["version"])


def _plannable(status: Status) -> None:
    if status is not Status.DRAFT:
        raise Conflict("round_accepted" if status is Status.ACCEPTED else "round_over")


def _planned(tx: Reader, draft: Draft, actor: Actor) -> Values:
    area = _area(tx, draft)
    require(actor, Action.ROUND_EDIT, area=area)
    return form.written(form.checked(draft)) | {"area": area}


def _orders(solution: Solution, *, but: str = "") -> dict[str, list[str]]:
    return {
        tour.worker: [stop.visit for stop in tour.stops if stop.visit != but]
        for tour in solution.rounds
    }


def tick(tx: Writer, round_id: str, ticks: Sequence[Tick], *, actor: Actor) -> dict[str, Told]:
    """Note how visits went and return how all of the round stand, by id.

    Of each visit that stands which was told last, by the moment on the phone that told it, in
    whatever order it arrives here; the same told twice is once. A visit that the round does not
    have is passed over: what a phone kept for hours must not be lost for it. They count while
    the round is accepted, and when it is done those that were told before.

    Raises
    ------
    NotFound
        ``round_not_found``.
    Conflict
        ``round_not_accepted``; ``round_over``: one of them was told after the round was done.
    Invalid
        ``round_invalid``: more than :data:`MOST_TICKS`, or a note that is too long.
    Forbidden
        ``forbidden``: for staff of its area.
    """
    row = tx.row("round", round_id)
    require(actor, Action.ROUND_EDIT, area=row["area"])
    return noted(tx, form.read(row), ticks, by=actor.name, link=False)


def noted(
    tx: Writer, one: Saved, ticks: Sequence[Tick], *, by: str, link: bool = True
) -> dict[str, Told]:
    """Do what :func:`tick` does for whoever was judged already; by default who holds a link."""
    if len(ticks) > MOST_TICKS:
        raise Invalid("round_invalid", ticks="too_many")
    row = _held(tx, one.id)
    until = _counting_until(tx, one.id, Status(row["status"]))
    known, states = {visit.id for visit in form.read(row).visits}, progress(tx, one.id)
    for told in ticks:
        note = wording.typed(told.note)
        if len(note) > LONGEST["note"]:
            raise Invalid("round_invalid", note="too_long")
        fresh = Told(told.state, note, _moment(told.at), by, link)
        if told.visit not in known or not _newer(fresh, states.get(told.visit)):
            continue
        if until and fresh.at > until:
            raise Conflict("round_over")
        states[told.visit] = fresh
        who = f"{_LINK}{by}" if link else by
        row = {"state": str(fresh.state), "note": note, "at": fresh.at, "by": who}
        tx.put("visit", {"id": f"{one.id}:{told.visit}", "round": one.id} | row)
    return states


def _counting_until(tx: Reader, round_id: str, status: Status) -> str:
    """Return the moment up to which ticks count, "" for any."""
    if status is not Status.DONE:
        form.under_way(status)
        return ""
    steps = (entry["at"] for entry in tx.history("round", round_id) if entry["action"] == _STEP)
    return str(next(steps))


def progress(tx: Reader, round_id: str) -> dict[str, Told]:
    """Return what was told of a round's visits, by id; for whoever may see the round."""
    cut = len(round_id) + 1
    return {
        row["id"][cut:]: Told(
            State(row["state"]),
            row["note"],
            row["at"],
            row["by"].removeprefix(_LINK),
            row["by"].startswith(_LINK),
        )
        for row in tx.records("visit", order=("id",), round=round_id)
    }


def _newer(fresh: Told, known: Told | None) -> bool:
    # Of two of one moment the same one stands, whichever comes first.
    return known is None or _rank(fresh) > _rank(known)


def _rank(told: Told) -> tuple[str, str, str, str, bool]:
    return told.at, str(told.state), told.note, told.by, told.link


def _moment(at: datetime) -> str:
    at = at.astimezone(UTC)
    if at > datetime.now(UTC) + _AHEAD:
        return now()
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


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


def counted(states: Mapping[str, Told], visits: Iterable[str]) -> Counter[State]:
    """Count how visits stand; of whom nothing was told are open."""
    return Counter(states[one].state if one in states else State.OPEN for one in visits)
