"""Erasing: a whole round, what was typed of visits, in time or with the elder that it tells of."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import orjson

from geodata import elders
from geodata.errors import Unavailable
from geodata.hours import SHANGHAI
from geodata.policy import Action, Actor, Role, require
from geodata.rounds import saved as form
from geodata.rounds import words
from geodata.rounds.keeping import held
from geodata.rounds.saved import Label, Saved, Status, Told
from geodata.rounds.sharing import LINKS
from geodata.rounds.ticking import progress
from geodata.store import Reader, Writer
from geodata.store.records import Values
from geodata.vault import Vault

_SWEPT: Final = "rounds_swept"
_AT_ONCE: Final = 50
"""Rounds that one transaction forgets at most, of those whose time has come."""

_BY: Final = Actor("linju", Role.ADMIN)
_LIGHT: Final = ("id", "day", "status", "changed")
_SHORTEST_NAME: Final = 2
_NEAR_DEG: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A round that told of an erased elder, in so many visits.

    ``words`` tells that the round itself is called so: somebody must look at that.
    """

    round: str
    name: str
    visits: int
    words: bool


class Resealed(NamedTuple):
    """What a change of the key did: words sealed anew, and those that no key opened."""

    anew: int
    shut: int


def erase(tx: Writer, round_id: str, *, actor: Actor) -> None:
    """Delete a round with all that was told of it, its links and its history, for good.

    The history keeps that one was erased, when and by whom, and so does the access log.

    Raises
    ------
    NotFound
        ``round_not_found``.
    Forbidden
        ``forbidden``: for staff of its area.
    """
    row = held(tx, round_id)
    require(actor, Action.ROUND_ERASE, area=row["area"])
    LINKS.forget(tx, round_id)
    tx.erase("visit", round=round_id)
    tx.erase("idempotency", result=round_id)
    tx.erase_row("round", round_id, by=actor, why="")
    tx.note("round_erase", by=actor, target=round_id, area=row["area"])


def expire(tx: Writer, kept: timedelta) -> int:
    """Erase what was typed about the visits of old rounds, and tell of how many.

    Old is a round when it has been done for so long, or its day has been over for so long. The
    round itself stays, with its ways, times and ticks. Looks once a day: to be called by whoever
    writes rounds, or by a command (after :func:`again`).
    """
    today = datetime.now(SHANGHAI).date()
    mark = f"{today} {kept.days}"
    if tx.meta(_SWEPT) == mark:
        return 0
    day = (today - kept).isoformat()
    done = (datetime.now(UTC) - kept).isoformat()
    due = [
        row["id"]
        for row in tx.rows("round", columns=_LIGHT, later={"words": ""})
        if row["day"] < day or (row["status"] == Status.DONE and row["changed"] < done)
    ]
    for row in _held(tx, due[:_AT_ONCE]):
        _rewrite(tx, row, {"words": ""}, by=_BY)
        tx.revise("visit", {"note": ""}, round=row["id"])
    if len(due) <= _AT_ONCE:
        tx.set_meta(_SWEPT, mark)
    return len(due[:_AT_ONCE])


def again(tx: Writer) -> None:
    """Let :func:`expire` look even if it has looked today."""
    tx.set_meta(_SWEPT, "")


def forget(
    tx: Writer,
    vault: Vault,
    *,
    actor: Actor,
    elder: str = "",
    home: str = "",
    area: str | None = None,
) -> list[Forgotten]:
    """Erase what was typed about visits to elders who are erased; before they are.

    That is all that was typed about visits to their homes, and what names them elsewhere, as far
    as the keys open it. Without a key it is their homes. Who is meant is told as to
    :func:`geodata.elders.erase`.

    Raises
    ------
    Forbidden, NotFound, Invalid
        As :func:`geodata.elders.erase`.
    """
    gone = elders.meant(tx, actor=actor, elder=elder, home=home, area=area)
    told = _Traces.of(tx, gone, vault)
    found = []
    for row in _held(tx, _worded(tx)):
        one = form.read(row)
        visits = told.visits(tx, one, vault)
        called = told.names_any(one.name)
        if visits:
            _without(tx, one, visits, by=actor)
        if visits or called:
            found.append(Forgotten(one.id, one.name, len(visits), called))
    return found


def reseal(tx: Writer, vault: Vault, *, actor: Actor) -> Resealed:
    """Seal with the first key what is not, so that the later ones can go.

    That is also what was typed before there was a key. What no key opens stays as it is, and is
    told.

    Raises
    ------
    Forbidden
        ``forbidden``: for staff of everywhere.
    Unavailable
        ``elders_key_missing``.
    """
    require(actor, Action.ELDER_EDIT)
    if not vault.ready:
        raise Unavailable("elders_key_missing")
    anew = shut = 0
    for row in _held(tx, _worded(tx)):
        labels = form.read(row).labels
        told = tx.records("visit", columns=("id", "note"), round=row["id"])
        notes = {one["id"]: one["note"] for one in told if one["note"]}
        sealed = [label.sealed for label in labels.values()]
        sealed += [note if words.is_sealed(note) else "" for note in notes.values()]
        older = [one for one in sealed if not vault.is_newest(one)]
        dead = sum(bool(one) and not vault.opens(one) for one in older)
        anew, shut = anew + len(older) - dead, shut + dead
        if len(older) > dead:
            fresh = {visit: _anew(label, vault) for visit, label in labels.items()}
            _rewrite(tx, row, {"words": words.written(row["id"], fresh, vault)}, by=actor)
            for key, note in notes.items():
                tx.revise("visit", {"note": _note_anew(key, note, vault)}, id=key)
    return Resealed(anew, shut)


def _anew(label: Label, vault: Vault) -> Label:
    return replace(label, sealed=_newly(label.sealed, vault)) if label.sealed else label


def _note_anew(key: str, note: str, vault: Vault) -> str:
    if words.is_sealed(note):
        return _newly(note, vault)
    return words.note_written(key, note, vault)


def _newly(sealed: str, vault: Vault) -> str:
    return vault.resealed(sealed) if vault.opens(sealed) else sealed


def _worded(tx: Reader) -> list[str]:
    """Return the ids of the rounds whose words are not forgotten."""
    return [row["id"] for row in tx.rows("round", columns=("id",), later={"words": ""})]


def _held(tx: Writer, round_ids: Iterable[str]) -> Iterator[Values]:
    """Return rounds one after the other, each held; those that have gone meanwhile are left out."""
    for round_id in round_ids:
        tx.hold(f"round {round_id}")
        row = tx.find("round", round_id)
        if row and row["words"]:
            yield row


@dataclass(frozen=True, slots=True)
class _Traces:
    """By what a visit tells of somebody: the home's id, its place, or a name."""

    homes: Collection[str]
    places: Collection[tuple[float, float]]
    names: Collection[str]

    @classmethod
    def of(cls, tx: Reader, gone: Collection[Values], vault: Vault) -> "_Traces":
        keys = sorted({row["home"] for row in gone})
        homes = tx.rows("home", columns=("id", "lon", "lat"), keys=keys)
        told = (_name(row, vault) for row in gone)
        return cls(
            homes=set(keys),
            places=[(row["lon"], row["lat"]) for row in homes],
            names={name for name in told if len(name) >= _SHORTEST_NAME},
        )

    def names_any(self, text: str) -> bool:
        return any(name in text for name in self.names)

    def visits(self, tx: Reader, one: Saved, vault: Vault) -> set[str]:
        """Return the visits of a round about which something was typed that tells of them."""
        labels = words.opened(tx, one, vault).labels
        notes = progress(tx, one.id, vault)
        typed = one.labels.keys() | {v for v, told in notes.items() if told.note or told.sealed}
        there = {visit.id for visit in one.visits if visit.id in self.homes or self._at(visit.at)}
        return {
            visit
            for visit in typed
            if visit in there or self.names_any(_text(labels.get(visit), notes.get(visit)))
        }

    def _at(self, at: tuple[float, float]) -> bool:
        return any(max(abs(at[0] - x), abs(at[1] - y)) < _NEAR_DEG for x, y in self.places)


def _name(elder: Values, vault: Vault) -> str:
    """Return what an elder is called, "" where that does not open."""
    try:
        return vault.open(elder["id"], elder["sealed"], home=elder["home"])["name"].strip()
    except Unavailable:
        return ""


def _text(label: Label | None, told: Told | None) -> str:
    typed = [label.title, label.note] if label else []
    return " ".join([*typed, told.note] if told else typed)


def _without(tx: Writer, one: Saved, visits: Collection[str], *, by: Actor) -> None:
    left = {visit: label for visit, label in one.labels.items() if visit not in visits}
    typed = words.written(one.id, left, Vault())
    _rewrite(tx, tx.row("round", one.id), {"words": typed}, by=by)
    tx.revise("visit", {"note": ""}, id=[f"{one.id}:{visit}" for visit in visits])


def _rewrite(tx: Writer, row: Values, changes: Values, *, by: Actor) -> None:
    """Put other words into a round, so that the former are in no byte of it."""
    asked = orjson.loads(row["asked"])
    if asked.pop("labels", None) is not None:
        # An older round; what of its labels is to stay is in the words now.
        changes = changes | {"asked": orjson.dumps(asked).decode()}
    tx.update_many("round", [(row, changes)], by=by, action="forget")
    tx.erased = True
    tx.rewrite("round", row["id"], _unlabelled)


def _unlabelled(before: Values) -> Values:
    if '"labels"' not in before.get("asked", ""):
        return before
    asked = orjson.loads(before["asked"])
    asked.pop("labels", None)
    return before | {"asked": orjson.dumps(asked).decode()}
