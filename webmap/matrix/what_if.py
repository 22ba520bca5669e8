"""What if a merchant were gone, another one there, a street closed: before, after, difference."""

from dataclasses import replace
from typing import Annotated, Any

import geopandas as gpd
from pydantic import BaseModel, Field

from geodata import matrix
from geodata.errors import NotFound
from geodata.hours import Calendar
from geodata.matrix import Added, Asked, Reading
from geodata.policy import Action, require
from geodata.roads import Streets
from geodata.store import Reader
from webmap import limits
from webmap.answers import Body, Moment, Written, write
from webmap.closed import Geometry
from webmap.matrix.asking import Code, Level, Minutes, ground, known
from webmap.matrix.blueprint import bp
from webmap.matrix.documents import rounded, values_of, whole
from webmap.request import calendar, current_actor, parts, store

Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]


class Imagined(Body):
    """A merchant that is not there."""

    category: Annotated[str, Field(max_length=60, description="A category's id")]
    at: Annotated[tuple[Lon, Lat], Field(description="Longitude and latitude, degrees, WGS 84")]


class WhatIf(Body):
    """What of the matrix, and what would be otherwise."""

    level: Level = None
    parent: Code = ""
    reading: Annotated[Reading, Field(description="As for GET /api/matrix")] = Reading.MEDIAN
    category: Annotated[
        tuple[Annotated[str, Field(max_length=60)], ...] | None,
        Field(max_length=100, description="Category ids; by default all"),
    ] = None
    at: Annotated[Moment | None, Field(description="Only what is open at this moment")] = None
    minutes: Minutes = 15
    closures: Annotated[bool, Field(description="Whether closures in force are obeyed")] = False
    off: Annotated[
        tuple[Annotated[str, Field(max_length=40)], ...],
        Field(max_length=200, description="Ids of merchants that would not be there"),
    ] = ()
    added: Annotated[
        tuple[Imagined, ...], Field(max_length=50, description="Merchants that would be there")
    ] = ()
    closed: Annotated[
        tuple[Geometry, ...],
        Field(max_length=20, description="What would close streets, as a closure of the ground"),
    ] = ()

    def asked(self, tx: Reader) -> Asked:
        """Return what is asked, as geodata has it.

        Raises
        ------
        Invalid
            ``parameter_invalid``, ``closure_shape``.
        NotFound
            ``category_not_found``: that of a merchant that would be there.
        """
        known(tx, self.category)
        return Asked(
            level=self.level,
            parent=self.parent,
            at=self.at,
            minutes=self.minutes,
            closures=self.closures,
            away=frozenset(self.off),
            added=tuple(self._added(tx)),
            closed=tuple(one.shape() for one in self.closed),
            categories=self.category,
        )

    def _added(self, tx: Reader) -> list[Added]:
        there = matrix.shown(tx)
        for one in self.added:
            if one.category not in there:
                raise NotFound("category_not_found", key=one.category)
        return [Added(one.category, *one.at) for one in self.added]


class Compared(BaseModel):
    """Values by category; null where they cannot be told, as for GET /api/matrix."""

    before: dict[str, float | None]
    after: dict[str, float | None]
    difference: dict[str, float | None]


class ComparedArea(Compared):
    """An area as it is and as it would be."""

    code: str
    name: str


class ComparedDocument(BaseModel):
    """The matrix as it is and as it would be; the difference is after less before."""

    level: str
    parent: str
    reading: Reading
    minutes: int
    areas: list[ComparedArea]
    totals: Compared


@write(
    bp,
    "POST",
    "/api/matrix/what-if",
    answers=ComparedDocument,
    statuses={200: "The matrix before and after; nothing of the question is stored"},
    limit=limits.MATRIX,
    personal=True,
)
def compare(told: WhatIf) -> Written:
    """Tell what would be if merchants were gone or added, or streets closed; for staff."""
    actor = current_actor()
    require(actor, Action.HOME_READ, area=actor.scope)
    inuse = ground(told.reading)
    with store().reading() as tx:
        asked = told.asked(tx)
        before, after = _both(tx, inuse, asked, told.reading, calendar())
    return Written(_document(before, after, told))


def _both(
    tx: Reader, inuse: Streets | None, asked: Asked, reading: Reading, days: Calendar
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    now = replace(asked, away=frozenset(), added=(), closed=())
    before, after = (
        matrix.read(tx, inuse, one, reading, calendar=days, parts=parts()) for one in (now, asked)
    )
    return before, after


def _document(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, told: WhatIf) -> dict[str, Any]:
    names, reading = matrix.categories_of(before), told.reading
    tables = [values_of(one, reading) for one in (before, after)]
    rows = [
        {
            "code": code,
            "name": name,
            **_compared(*({k: table[k][n] for k in names} for table in tables), reading=reading),
        }
        for n, (code, name) in enumerate(zip(before["code"], before["name"], strict=True))
    ]
    wholes = [_whole(one, reading, names) for one in (before, after)]
    return {
        "level": before.attrs["level"],
        "parent": told.parent,
        "reading": reading,
        "minutes": told.minutes,
        "areas": rows,
        "totals": _compared(*wholes, reading=reading),
    }


def _whole(read: gpd.GeoDataFrame, reading: Reading, names: list[str]) -> dict[str, float | None]:
    # Of counts alone the sum is that of all areas; a walk without a way is endless, and has none.
    counts = {n: int(read[n].sum()) for n in names} if reading is Reading.COUNT else {}
    return whole(read, reading, counts)


def _compared(
    before: dict[str, float | None], after: dict[str, float | None], *, reading: Reading
) -> dict[str, dict[str, float | None]]:
    difference: dict[str, float | None] = {}
    for name, was in before.items():
        now = after[name]
        difference[name] = None if was is None or now is None else rounded(now - was, reading)
    return {"before": before, "after": after, "difference": difference}
