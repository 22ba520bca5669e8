"""The report of an area: map, matrix in three readings, who is left out, what is proposed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import geopandas as gpd

from geodata import areas, matrix
from geodata.matrix import Asked, Reading
from geodata.policy import Action, Actor, can
from geodata.roads import Streets
from geodata.store import Reader
from webmap import matrix_sheet
from webmap.i18n import gettext as _
from webmap.poster import picture, proposed, sheet
from webmap.poster.magnets import Look
from webmap.poster.picture import Picture, Pins, Style
from webmap.poster.plane import Window
from webmap.poster.proposed import Proposal
from webmap.request import calendar, parts

ACROSS: Final = 9
"""Categories side by side in a table: more of them are a table of their own below."""
WORST: Final = 6
"""Homes that are named of each category."""
_TINTS: Final = 5
_MAP: Final = (186.0, 118.0)
_STYLE: Final = Style(2.8, 8.0, 8.0)
_FAR_MIN: Final = 30


@dataclass(frozen=True, slots=True)
class Cell:
    """A number and how deep its colour is, from 0 to 5: the deeper, the better served."""

    text: str
    tint: int


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table."""

    name: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A reading of the matrix for some of the categories."""

    title: str
    looks: Sequence[Look]
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Home:
    """A home that is left out, as staff are told of it."""

    name: str
    minutes: str
    households: str
    elders: str


@dataclass(frozen=True, slots=True)
class Left:
    """Who is left out of a category. Numbers of people beyond households are for staff."""

    look: Look
    share: str
    households: int | None
    homes: int | None
    elders: int | None
    worst: list[Home]


@dataclass(frozen=True, slots=True)
class Report:
    """All that a report tells. ``summary`` are the readings of the area itself."""

    known: sheet.Known
    picture: Picture | None
    summary: list[tuple[Look, list[str]]]
    tables: list[Table]
    left: list[Left]
    proposals: list[Proposal]
    level: str
    residents: int | None
    households: int | None
    off_network: int | None
    staff: bool
    walked: bool


def report(
    tx: Reader,
    known: sheet.Known,
    streets: Streets | None,
    minutes: int,
    job: str = "",
    *,
    actor: Actor,
) -> Report:
    """Gather the report of an area; what needs streets is left out where there are none."""
    own = known.land.own
    code = own["code"] if own else ""
    walkable = streets if streets is not None and streets.graph is not None else None
    staff = can(actor, Action.HOME_READ, area=areas.prefix(code))
    rows = _Readings(tx, walkable, code, own["level"] if own else None, minutes)
    counted = rows.own(Reading.COUNT)
    looks = [look for look in known.looks if look.id in matrix.categories_of(counted)]
    read = rows.own(Reading.SHARE) if walkable else None
    # Where no areas are known there are no rows: the merchants lie elsewhere.
    left = (
        _left(rows, looks, minutes, actor, read, staff=staff) if walkable and len(counted) else []
    )
    marks = {look.id: look.mark for look in known.looks}
    shown = known.places[: sheet.DOTS]
    pins = Pins(sheet.positions(shown), [marks[one.category] for one in shown], [0] * len(shown))
    may_site = can(actor, Action.SITING_ASK, area=areas.prefix(code))
    return Report(
        known,
        _picture(known, streets, pins),
        rows.summary(looks) if len(counted) else [],
        rows.tables(looks) if rows.deeper else [],
        left,
        proposed.proposals(tx, known, partial(_picture, known, streets), job, actor=actor)
        if may_site
        else [],
        rows.children(Reading.COUNT).attrs["level"] if rows.deeper else "",
        int(own["residents"]) if own and own["residents"] else None,
        int(read["n_households"].sum()) if read is not None and len(read) else None,
        int(read["n_off_network"].sum()) if read is not None and len(read) else None,
        staff,
        walkable is not None,
    )


class _Readings:
    """The matrix of an area itself, and of those inside it, each reading once."""

    def __init__(
        self, tx: Reader, streets: Streets | None, code: str, level: str | None, minutes: int
    ) -> None:
        self.tx = tx
        self.streets = streets
        self.code = code
        self.minutes = minutes
        self._level = level
        self._known: dict[tuple[Reading, bool], gpd.GeoDataFrame] = {}
        inside = areas.listed(tx, parent=code)
        self.deeper = any(row["code"] != code for row in inside)

    def own(self, reading: Reading) -> gpd.GeoDataFrame:
        """Return the row of the area itself; all areas together are what they are at the top."""
        made = self._read(reading, inside=False)
        return made[made["code"] == self.code] if self.code else made

    def children(self, reading: Reading) -> gpd.GeoDataFrame:
        """Return the rows of the level below."""
        return self._read(reading, inside=True)

    def summary(self, looks: Sequence[Look]) -> list[tuple[Look, list[str]]]:
        """Return for each category its readings as texts."""
        told = [(self.own(reading), reading) for reading in self._told()]
        return [
            (look, [_text(_first(made[look.id]), reading) for made, reading in told])
            for look in looks
        ]

    def tables(self, looks: Sequence[Look]) -> list[Table]:
        """Return a table for each reading, and for each set of categories that is not too wide."""
        titles = {
            Reading.COUNT: _("Number of places"),
            Reading.MEDIAN: _("Minutes on foot to the nearest, median of households"),
            Reading.SHARE: _("Households with one within {n} minutes", n=self.minutes),
        }
        return [
            _table(titles[reading], looks[at : at + ACROSS], self.children(reading), reading)
            for reading in self._told()
            if reading in titles
            for at in range(0, len(looks), ACROSS)
        ]

    def _told(self) -> Sequence[Reading]:
        return (Reading.COUNT, Reading.PER_1000, Reading.MEDIAN, Reading.SHARE)[
            : None if self.streets else 2
        ]

    def _read(self, reading: Reading, *, inside: bool) -> gpd.GeoDataFrame:
        if (reading, inside) not in self._known:
            asked = Asked(
                level=None if inside else self._level,
                parent=self.code if inside else "",
                minutes=self.minutes,
            )
            self._known[reading, inside] = matrix.read(
                self.tx, self.streets, asked, reading, calendar=calendar(), parts=parts()
            )
        return self._known[reading, inside]


def _table(
    title: str,
    looks: Sequence[Look],
    made: gpd.GeoDataFrame,
    reading: Reading,
) -> Table:
    tints = {look.id: _tints(made[look.id].tolist(), reading) for look in looks}
    lines = [
        Line(
            name, [Cell(_text(made[look.id].iloc[n], reading), tints[look.id][n]) for look in looks]
        )
        for n, name in enumerate(made["name"])
    ]
    return Table(title, looks, lines)


def _tints(values: list[float], reading: Reading) -> list[int]:
    """Return how well each value serves: its share of the highest, or of what is near."""
    known = [value for value in values if math.isfinite(value)]
    most = max(known, default=0)

    def tint(value: float) -> int:
        if math.isnan(value):
            return 0
        if reading is Reading.MEDIAN:
            return max(0, math.ceil((1 - value / _FAR_MIN) * _TINTS)) if math.isfinite(value) else 0
        if reading is Reading.SHARE:
            return round(value * _TINTS)
        return math.ceil(value / most * _TINTS - 1e-9) if most else 0

    return [tint(value) for value in values]


def _left(
    rows: _Readings,
    looks: Sequence[Look],
    minutes: int,
    actor: Actor,
    read: gpd.GeoDataFrame | None,
    *,
    staff: bool,
) -> list[Left]:
    """Return who is left out of what, the category that leaves out most first."""
    assert read is not None  # noqa: S101  what is asked for with streets is there
    told = [(look, _first(read[look.id])) for look in looks]
    far = [(look, 1 - near) for look, near in told if near < 1]
    far.sort(key=lambda one: -one[1])
    households = int(read["n_households"].sum())
    asked = Asked(parent=rows.code, minutes=minutes)
    found = []
    for look, share in far:
        if not staff:
            found.append(
                Left(look, _text(share, Reading.SHARE), round(share * households), None, None, [])
            )
            continue
        homes = matrix.left_out(
            rows.tx,
            rows.streets,
            asked,
            look.id,
            minutes,
            actor=actor,
            calendar=calendar(),
            parts=parts(),
        )
        sums = homes.attrs
        worst = _worst(homes[~homes["off_network"]].head(WORST))
        found.append(
            Left(
                look,
                _text(share, Reading.SHARE),
                sums["households"],
                sums["homes"],
                sums["elders_alone"],
                worst,
            )
        )
    return found


def _worst(homes: gpd.GeoDataFrame) -> list[Home]:
    columns = (homes[name] for name in ("name", "minutes", "households", "elders_alone"))
    return [
        Home(name or "–", _minutes(far), _whole(n), _whole(alone))
        for name, far, n, alone in zip(*columns, strict=True)
    ]


def _picture(known: sheet.Known, streets: Streets | None, pins: Pins) -> Picture | None:
    if known.box is None:
        return None
    window = Window.around(known.box, *_MAP, margin=4)
    return picture.draw(window, known.land, pins, streets, _STYLE)


def _first(column: gpd.pd.Series) -> float:
    return float(column.iloc[0]) if len(column) else math.nan


def _text(value: float, reading: Reading) -> str:
    """Return a value as the page of the matrix shows it: paper and screen must not differ."""
    if math.isnan(value):
        return matrix_sheet.NOTHING
    return matrix_sheet.text(int(value) if reading is Reading.COUNT else value, reading)


def _minutes(far: float) -> str:
    return matrix_sheet.whole_minutes(far) if math.isfinite(far) else _("no way")


def _whole(value: float) -> str:
    return "–" if math.isnan(value) else f"{int(value)}"
