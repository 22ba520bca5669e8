"""Homes to choose from for a round: by area, shape, ring, name, or a pasted sheet."""

from typing import Annotated, Any

import orjson
import shapely
from pydantic import BaseModel, Field
from shapely.geometry.base import BaseGeometry

from geodata import areas, closures, rounds
from geodata.errors import Invalid
from geodata.modes import Mode
from geodata.rounds import MOST_VISITS, Fate, Line
from geodata.store import Reader
from webmap import limits
from webmap.answers import Body, Written, write
from webmap.i18n import gettext, marked
from webmap.incident import Place
from webmap.request import current_actor, now, store, streets
from webmap.rounds.blueprint import bp

_MOST_SHOWN = 500
_LONGEST_SHEET = 20_000
_LONGEST_WALK_MIN = 60


class Ring(Body):
    """All that is within so many minutes on foot of a place."""

    at: Place
    minutes: Annotated[int, Field(ge=1, le=_LONGEST_WALK_MIN)]


class HomesAsked(Body):
    """Which homes: all that is told must be so."""

    area: Annotated[str, Field(pattern=r"^\d{0,15}$", description="The code of an area")] = ""
    shape: Annotated[
        tuple[Place, ...] | None,
        Field(max_length=500, description="The corners of a drawn area"),
    ] = None
    ring: Ring | None = None
    words: Annotated[str, Field(max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    alone: Annotated[bool, Field(description="Only where elders live alone; no names")] = False


class HomeDocument(BaseModel):
    """A building of the actor's area."""

    id: str
    name: str
    address: str
    lon: float
    lat: float
    households: int | None
    elders_alone: int


class HomesFound(BaseModel):
    """Homes by name; ``of`` are all that were found, ``most`` those a round can have.

    ``ring``: the shape of a ring that was asked for.
    """

    homes: list[HomeDocument]
    of: int
    most: int
    ring: dict[str, Any] | None


class SheetAsked(Body):
    """Lines pasted from a spreadsheet: name or address, then minutes, a time, a note."""

    text: Annotated[str, Field(max_length=_LONGEST_SHEET)]


class LineDocument(BaseModel):
    """A line and what became of it; ``text`` says why, where it is not understood.

    ``window``: from when until when the visit may begin, each ``HH:MM``.
    """

    number: int
    line: str
    fate: Fate
    text: str
    homes: list[HomeDocument]
    minutes: int | None
    note: str
    window: tuple[str, str] | None


class SheetFound(BaseModel):
    """What each line means."""

    lines: list[LineDocument]


@write(
    bp,
    "POST",
    "/api/rounds/homes",
    answers=HomesFound,
    statuses={200: "The homes; nothing of the question is stored"},
    limit=limits.LOOK,
    personal=True,
)
def find_homes(told: HomesAsked) -> Written:
    """Find the homes of one's own area to visit."""
    with store().reading() as tx:
        shape = _drawn(told.shape) if told.shape else None
        ring = _ring(tx, told.ring) if told.ring else None
        found = rounds.chosen(
            tx,
            actor=current_actor(),
            area=areas.prefix(told.area),
            shape=shape if ring is None else ring,
            words=told.words,
            alone=told.alone,
        )
    drawn = None if ring is None else orjson.loads(shapely.to_geojson(ring))
    homes = list(map(_home, found[:_MOST_SHOWN]))
    return Written({"homes": homes, "of": len(found), "most": MOST_VISITS, "ring": drawn})


@write(
    bp,
    "POST",
    "/api/rounds/sheet",
    answers=SheetFound,
    statuses={200: "What each line means; nothing is stored"},
    limit=limits.LOOK,
    personal=True,
)
def read_sheet(told: SheetAsked) -> Written:
    """Tell of each pasted line which home it means, or why that is not known."""
    with store().reading() as tx:
        found = rounds.understood(tx, told.text, actor=current_actor())
    return Written({"lines": list(map(_line, found))})


WHY_NOT = {
    Fate.FOUND: marked("Found"),
    Fate.AGAIN: marked("This building stands in the list already."),
    Fate.SEVERAL: marked("Several buildings may be meant. Choose one."),
    Fate.UNKNOWN: marked("No building of your area is called so."),
    Fate.BAD_MINUTES: marked("Minutes are a number from 1 to 720."),
    Fate.BAD_TIMES: marked(
        "The time cannot be read. Write it into a cell of its own, as 14:00-14:30."
    ),
    Fate.LONG_NOTE: marked("The note is too long."),
}
"""What became of a line, in words."""


def _line(one: Line) -> dict[str, Any]:
    return {
        "number": one.number,
        "line": one.text,
        "fate": one.fate,
        "text": gettext(WHY_NOT[one.fate]),
        "homes": list(map(_home, one.homes)),
        "minutes": one.minutes,
        "note": one.note,
        "window": one.window,
    }


def _home(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in HomeDocument.model_fields}


def _drawn(corners: tuple[tuple[float, float], ...]) -> BaseGeometry:
    if len(corners) < 3:  # noqa: PLR2004 - of a triangle
        raise Invalid("round_invalid", shape="missing")
    return shapely.make_valid(shapely.Polygon(corners))


def _ring(tx: Reader, ring: Ring) -> BaseGeometry:
    inuse = streets()
    obeyed = closures.barring(inuse, closures.in_force(tx, now()))
    found = inuse.router.reach(ring.at, [ring.minutes], Mode.FOOT, closures=obeyed)
    shape: BaseGeometry = found.geometry.iloc[0]
    return shape
