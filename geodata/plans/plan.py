"""What a plan is: as it is asked for, as it stands, as it lies in the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import orjson

from geodata import scenarios, wording
from geodata.errors import Invalid
from geodata.geometry import BBox
from geodata.store.records import Values

LONGEST: Final = {"name": 60, "place": 100, "notes": 2_000, "why": 200}
MOST_HELPERS: Final = 20
LARGEST: Final = 2_000_000
"""Bytes of an answer and its closures: an answer with twenty ways takes a tenth of it."""


class Status(StrEnum):
    """How far a plan is. From each one comes to the next, and back with a reason."""

    OPEN = "open"
    UNDER_WAY = "under_way"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a check list; ``at`` (ISO 8601, UTC) and ``by`` tell who ticked it, or are ""."""

    text: str
    at: str = ""
    by: str = ""

    @property
    def done(self) -> bool:
        """Tell whether it is ticked."""
        return bool(self.at)


@dataclass(frozen=True, slots=True)
class Step:
    """A status that was set: when (ISO 8601, UTC), by whom, and why, where it went back."""

    status: Status
    at: str
    by: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan as it is asked for.

    Parameters
    ----------
    at
        Where it happened: longitude and latitude, WGS 84.
    incident
        The question and whom was chosen, for asking again; JSON.
    answer, closures
        What is to be kept as it was; JSON.
    checklist, ticked
        The lines of the check list, and which of them are ticked already.
    """

    name: str
    at: tuple[float, float]
    incident: Values
    answer: Values
    closures: Sequence[Any] = ()
    checklist: Sequence[str] = ()
    ticked: Sequence[bool] = ()
    notes: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be different of a plan; None and what is not named stay.

    ``ticks`` are lines of the check list, by their place in it from 0, and whether each is done;
    ``why`` goes with a status.
    """

    name: str | None = None
    notes: str | None = None
    status: Status | None = None
    why: str = ""
    ticks: Mapping[int, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as it stands. ``answer`` and ``closures`` are None in a list of many."""

    id: str
    name: str
    status: Status
    area: str
    incident: Values
    notes: str
    checklist: tuple[Item, ...]
    steps: tuple[Step, ...]
    version: int
    created: str
    changed: str
    answer: Values | None = None
    closures: list[Any] | None = None

    @property
    def at(self) -> tuple[float, float]:
        """Where it happened: longitude and latitude, WGS 84."""
        lon, lat = self.incident["at"]
        return lon, lat

    @property
    def place(self) -> str:
        """Where it happened, in words; "" where nobody told."""
        return str(self.incident["place"])


def plan(row: Values) -> Plan:
    """Return a row of the store as a plan."""
    answer, closures = row.get("answer"), row.get("closures")
    return Plan(
        id=row["id"],
        name=row["name"],
        status=Status(row["status"]),
        area=row["area"],
        incident=orjson.loads(row["incident"]),
        notes=row["notes"],
        checklist=items(row["checklist"]),
        steps=steps(row["steps"]),
        version=row["version"],
        created=row["created"],
        changed=row["changed"],
        answer=None if answer is None else orjson.loads(answer),
        closures=None if closures is None else orjson.loads(closures),
    )


def items(written: str) -> tuple[Item, ...]:
    """Return a check list as the store has it."""
    return tuple(Item(**one) for one in orjson.loads(written))


def steps(written: str) -> tuple[Step, ...]:
    """Return the statuses that were set, as the store has them, the first first."""
    return tuple(Step(**one | {"status": Status(one["status"])}) for one in orjson.loads(written))


def json(told: object) -> str:
    """Return something as the store writes it."""
    return orjson.dumps(told).decode()


def checked(draft: Draft) -> Draft:
    """Return a draft brought to form, if it means something.

    Raises
    ------
    Invalid
        ``plan_invalid``: details map name, place, notes, checklist, ticked or answer to
        "missing", "too_long", "too_many", "too_large" or "unknown"; ``position_invalid``.
    """
    BBox(*draft.at, *draft.at)
    lines = tuple(wording.typed(line) for line in draft.checklist)
    told = {
        "name": name(draft.name),
        "place": wording.typed(draft.place),
        "notes": wording.typed(draft.notes, lines=True),
    }
    wrong = {field: "too_long" for field, text in told.items() if len(text) > LONGEST[field]}
    if len(lines) > scenarios.MOST["checklist"]:
        wrong["checklist"] = "too_many"
    elif any(len(line) > scenarios.LONGEST["line"] for line in lines):
        wrong["checklist"] = "too_long"
    if len(draft.ticked) > len(lines):
        wrong["ticked"] = "unknown"
    if len(orjson.dumps([draft.answer, list(draft.closures), draft.incident])) > LARGEST:
        wrong["answer"] = "too_large"
    if wrong:
        raise Invalid("plan_invalid", **wrong)
    return Draft(
        at=draft.at,
        incident=draft.incident | {"at": list(draft.at), "place": told["place"]},
        answer=draft.answer,
        closures=draft.closures,
        checklist=lines,
        ticked=draft.ticked,
        **told,
    )


def name(typed: str) -> str:
    """Return a plan's name, if it is one.

    Raises
    ------
    Invalid
        ``plan_invalid``.
    """
    told = wording.typed(typed)
    if not told or len(told) > LONGEST["name"]:
        raise Invalid("plan_invalid", name="too_long" if told else "missing")
    return told
