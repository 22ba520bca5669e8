"""What is told of a round's visits on the way: made, nobody was there, put off."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from geodata import wording
from geodata.errors import Conflict, Invalid
from geodata.policy import Action, Actor, require
from geodata.rounds import saved as form
from geodata.rounds import words
from geodata.rounds.keeping import STEP, held
from geodata.rounds.saved import LONGEST, Saved, State, Status, Told
from geodata.rounds.words import UNSEALED
from geodata.store import Reader, Writer, now
from geodata.vault import Vault

MOST_TICKS: Final = 500

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


def tick(
    tx: Writer,
    round_id: str,
    ticks: Sequence[Tick],
    *,
    actor: Actor,
    vault: Vault = UNSEALED,
) -> dict[str, Told]:
    """Note how visits went and return how all of the round stand, by id.

    Of each visit that stands which was told last, by the moment on the phone that told it, in
    whatever order it arrives here; the same told twice is once. A visit that the round does not
    have is passed over: what a phone kept for hours must not be lost for it. They count while
    the round is accepted, and when it is done those that were told before. ``vault`` seals the
    notes; of a round whose words are forgotten no more are kept.

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
    return noted(tx, form.read(row), ticks, by=actor.name, link=False, vault=vault)


def noted(
    tx: Writer,
    one: Saved,
    ticks: Sequence[Tick],
    *,
    by: str,
    link: bool = True,
    vault: Vault = UNSEALED,
) -> dict[str, Told]:
    """Do what :func:`tick` does for whoever was judged already; by default who holds a link."""
    if len(ticks) > MOST_TICKS:
        raise Invalid("round_invalid", ticks="too_many")
    row = held(tx, one.id)
    until = _counting_until(tx, one.id, Status(row["status"]))
    one = form.read(row)
    known, states = {visit.id for visit in one.visits}, progress(tx, one.id, vault)
    for told in ticks:
        note = _note(told, one)
        fresh = Told(told.state, note, _moment(told.at), by, link)
        if told.visit not in known or not _newer(fresh, states.get(told.visit)):
            continue
        if until and fresh.at > until:
            raise Conflict("round_over")
        states[told.visit] = fresh
        row = {"id": f"{one.id}:{told.visit}", "round": one.id, "state": str(fresh.state)}
        row |= {"at": fresh.at, "by": f"{_LINK}{by}" if link else by}
        tx.put("visit", row | {"note": words.note_written(row["id"], note, vault)})
    return states


def _note(told: Tick, one: Saved) -> str:
    note = wording.typed(told.note)
    if len(note) > LONGEST["note"]:
        raise Invalid("round_invalid", note="too_long")
    return "" if one.forgotten else note


def _counting_until(tx: Reader, round_id: str, status: Status) -> str:
    """Return the moment up to which ticks count, "" for any."""
    if status is not Status.DONE:
        form.under_way(status)
        return ""
    steps = (entry["at"] for entry in tx.history("round", round_id) if entry["action"] == STEP)
    return str(next(steps))


def progress(tx: Reader, round_id: str, vault: Vault = UNSEALED) -> dict[str, Told]:
    """Return what was told of a round's visits, by id; for whoever may see the round."""
    cut, found = len(round_id) + 1, {}
    for row in tx.records("visit", order=("id",), round=round_id):
        note, by = words.note_opened(row["id"], row["note"], vault), row["by"]
        found[row["id"][cut:]] = Told(
            State(row["state"]),
            note or "",
            row["at"],
            by.removeprefix(_LINK),
            link=by.startswith(_LINK),
            sealed=note is None,
        )
    return found


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


def counted(states: Mapping[str, Told], visits: Iterable[str]) -> Counter[State]:
    """Count how visits stand; of whom nothing was told are open."""
    return Counter(states[one].state if one in states else State.OPEN for one in visits)
