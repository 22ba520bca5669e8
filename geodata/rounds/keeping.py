"""Saving, finding and changing rounds, and what is told of their visits on the way."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from geodata import areas, ids, wording
from geodata.errors import Conflict, Invalid
from geodata.policy import Action, Actor, require
from geodata.rounds import saved as form
from geodata.rounds.saved import LONGEST, Draft, Saved, State, Status, Told
from geodata.store import Reader, Writer, now
from geodata.store.records import Values

MOST_TICKS: Final = 500
MOST_DONE: Final = 200
"""Rounds that are done are listed so far back."""

_LIGHT: Final = ("id", "name", "day", "area", "status", "version", "changed")
_ORDER: Final = list(Status)
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
        ``round_invalid``: details map name, title or note to "missing" or "too_long".
    Conflict
        ``idempotency_key_reused``, ``idempotency_key_busy``.
    Forbidden
        ``forbidden``: for staff in whose scope all the visits lie.
    """
    area = _area(tx, draft)
    require(actor, Action.ROUND_EDIT, area=area)
    known = tx.recalled(actor.name, key, request) if key else None
    if known:
        return get(tx, known, actor=actor)
    draft = form.checked(draft)
    (round_id,) = ids.fresh(1)
    row = {"id": round_id, "area": area, "status": str(Status.DRAFT)} | form.written(draft)
    tx.insert("round", [row], by=actor)
    if key:
        tx.remember(actor.name, key, request, round_id)
    return form.read(tx.row("round", round_id))


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

    ``draft`` puts another plan in its place: of a draft, or with an urgent visit in it.

    Raises
    ------
    NotFound
        ``round_not_found``.
    Conflict
        ``version_stale``; ``round_begun``: visits are ticked off already, so that it is no
        draft any more; ``round_over``: it is done.
    Invalid
        ``round_invalid``; ``round_step`` (``status``, ``wanted``).
    Forbidden
        ``forbidden``: for staff of its area.
    """
    row = tx.row("round", round_id)
    require(actor, Action.ROUND_EDIT, area=row["area"])
    here, told = Status(row["status"]), Values()
    if draft is not None:
        if here is Status.DONE:
            raise Conflict("round_over")
        area = _area(tx, draft)
        require(actor, Action.ROUND_EDIT, area=area)
        told = form.written(form.checked(draft)) | {"area": area}
    if name is not None:
        told["name"] = form.name(name)
    if status not in (None, here):
        if abs(_ORDER.index(status) - _ORDER.index(here)) != 1:
            raise Invalid("round_step", status=str(here), wanted=str(status))
        if status is Status.DRAFT and tx.record_count("visit", round=round_id):
            raise Conflict("round_begun")
        told["status"] = str(status)
    how = "step" if "status" in told else "edit"
    return form.read(tx.update("round", round_id, told, version=version, by=actor, action=how))


def tick(tx: Writer, round_id: str, ticks: Sequence[Tick], *, actor: Actor) -> dict[str, Told]:
    """Note how visits went and return how all of the round stand, by id.

    Of each visit that stands which was told last, by the moment on the phone that told it, in
    whatever order it arrives here; the same told twice is once. A visit that the round does not
    have is passed over: what a phone kept for hours must not be lost for it.

    Raises
    ------
    NotFound
        ``round_not_found``.
    Invalid
        ``round_invalid``: more than :data:`MOST_TICKS`, or a note that is too long.
    Forbidden
        ``forbidden``: for staff of its area.
    """
    row = tx.row("round", round_id)
    require(actor, Action.ROUND_EDIT, area=row["area"])
    return noted(tx, form.read(row), ticks, by=actor.name)


def noted(tx: Writer, one: Saved, ticks: Sequence[Tick], *, by: str) -> dict[str, Told]:
    """Do what :func:`tick` does for whoever was judged already."""
    if len(ticks) > MOST_TICKS:
        raise Invalid("round_invalid", ticks="too_many")
    tx.hold(f"round {one.id}")
    known, states = {visit.id for visit in one.visits}, progress(tx, one.id)
    for told in ticks:
        note = wording.typed(told.note)
        if len(note) > LONGEST["note"]:
            raise Invalid("round_invalid", note="too_long")
        fresh = Told(told.state, note, _moment(told.at), by)
        if told.visit not in known or not _newer(fresh, states.get(told.visit)):
            continue
        states[told.visit] = fresh
        row = {"state": str(fresh.state), "note": note, "at": fresh.at, "by": by}
        tx.put("visit", {"id": f"{one.id}:{told.visit}", "round": one.id} | row)
    return states


def progress(tx: Reader, round_id: str) -> dict[str, Told]:
    """Return what was told of a round's visits, by id; for whoever may see the round."""
    cut = len(round_id) + 1
    return {
        row["id"][cut:]: Told(State(row["state"]), row["note"], row["at"], row["by"])
        for row in tx.records("visit", order=("id",), round=round_id)
    }


def _newer(fresh: Told, known: Told | None) -> bool:
    # Of two of one moment the same one stands, whichever comes first.
    return known is None or _rank(fresh) > _rank(known)


def _rank(told: Told) -> tuple[str, str, str, str]:
    return told.at, str(told.state), told.note, told.by


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
