"""The matrix day by day: what every area's figures were, and how they went.

A day's figures are measured while reading, and then written quickly: no search over the streets
happens while others wait to write. Of an area only the days are kept on which something was
different from the day before, and a mark that the day was taken, so that "nothing changed" and
"nobody looked" are told apart. What is older than :data:`DAILY` is thinned to one day a month.
A city of 10,000 areas in which 1,000 change each day is 70 MB of daily figures and at most 7 MB
for each month before, a day of it is written in a third of a second (measured on a GeoPackage).

What counts is what residents see, whatever the hour and whether streets are closed just then: a
history tells of the services, not of the roadworks.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import orjson

from geodata import areas, categories, divisions, matrix
from geodata.errors import Invalid, NotFound
from geodata.hours import SHANGHAI
from geodata.matrix import Asked, Parts, Reading
from geodata.roads import Streets
from geodata.store import Reader, Writer
from geodata.store.daily import FIGURES, Kept

MINUTES: Final = (5, 10, 15)
"""Within so many minutes the share is kept; the score's catchment is the last of them."""

DAILY: Final = timedelta(days=92)
"""So long every day is kept; before that one of each month."""

PATIENCE: Final = timedelta(minutes=30)
"""So long nobody else begins to measure what somebody has begun."""

_BEGUN: Final = "figures_begun"
_DIGITS: Final = 4
_NO_WAY: Final = -1
_ALL: Final = ("", "")
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


class _Figure(NamedTuple):
    """What is measured of an area and category, how it is asked for, and rounded."""

    reading: Reading
    minutes: int
    decimals: int | None


_FIGURES: Final = (
    _Figure(Reading.COUNT, MINUTES[-1], 0),
    _Figure(Reading.PER_1000, MINUTES[-1], None),
    _Figure(Reading.MEDIAN, MINUTES[-1], 1),
    *(_Figure(Reading.SHARE, minutes, 3) for minutes in MINUTES),
    _Figure(Reading.SCORE, MINUTES[-1], None),
)
"""In this order they stand in a row: a new one comes last."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of every area at one moment, packed, by level and code; ("", "") is all areas.

    ``on_foot`` tells whether there were streets to walk on: without them only counts are known.
    """

    figures: Mapping[tuple[str, str], str]
    on_foot: bool


@dataclass(frozen=True, slots=True)
class Series:
    """How a reading went: the days that were taken, and what was told on each, by category.

    None is what cannot be told, infinite what has no way. ``first`` is the first day that was
    ever taken, None where none was.
    """

    days: tuple[date, ...]
    told: Mapping[str, tuple[float | None, ...]]
    first: date | None


def today() -> date:
    """Return the day as people here count it."""
    return datetime.now(SHANGHAI).date()


def measure(
    tx: Reader,
    streets: Streets | None,
    *,
    away: Collection[str] = frozenset(),
    parts: Parts = matrix.ALONE,
) -> Measured:
    """Measure the matrix at every level in every reading, for :func:`take`.

    For a reading transaction: with streets it takes seconds in a city. ``away`` are ids of
    merchants that do not count.
    """
    levels = {row["level"] for row in tx.rows("area", columns=("level",))}
    walked = streets if streets is not None and streets.graph is not None else None
    wanted = [one for one in _FIGURES if walked is not None or one.reading not in matrix.ON_FOOT]
    found: dict[tuple[str, str], str] = {}
    for level in [name for name in areas.LEVELS if name in levels] or areas.LEVELS[:1]:
        tables = {
            one: matrix.read(
                tx,
                walked,
                Asked(level=level, minutes=one.minutes, away=frozenset(away)),
                one.reading,
                parts=parts,
            )
            for one in wanted
        }
        found |= _packed(level, tables)
        if _ALL not in found:
            # The outermost level holds what the others hold.
            found[_ALL] = _together(tables)
    return Measured(found, walked is not None)


def _packed(
    level: str, tables: Mapping[_Figure, gpd.GeoDataFrame]
) -> Iterator[tuple[tuple[str, str], str]]:
    counted = tables[_FIGURES[0]]
    names = matrix.categories_of(counted)
    columns = {
        (one, name): _rounded(table[name].to_numpy(dtype=np.float64), one)
        for one, table in tables.items()
        for name in names
    }
    residents = [None if n is None else int(n) for n in _numbers(counted, "residents")]
    households = _numbers(tables[_FIGURES[1]], "n_households")
    for row, code in enumerate(counted["code"]):
        told = {
            name: [columns[one, name][row] if one in tables else None for one in _FIGURES]
            for name in names
        }
        yield (level, code), _json(residents[row], households[row], told)


def _numbers(table: gpd.GeoDataFrame, name: str) -> list[int | None]:
    column = table[name]
    return [*column.astype(object).where(column.notna(), None)]


def _together(tables: Mapping[_Figure, gpd.GeoDataFrame]) -> str:
    counted = tables[_FIGURES[0]]
    told: dict[str, list[float | None]] = {}
    for name in matrix.categories_of(counted):
        n = int(counted[name].sum()) + counted.attrs["elsewhere"][name]
        rest = [
            _rounded([tables[one].attrs["whole"][name]], one)[0] if one in tables else None
            for one in _FIGURES[1:]
        ]
        told[name] = [n, *rest]
    return _json(None, None, told)


def _rounded(values: Iterable[float], figure: _Figure) -> list[float | None]:
    return [_round(float(value), figure.decimals) for value in values]


def _round(value: float, decimals: int | None) -> float | None:
    """Round so that the last bit of a search makes no change; see :func:`_read` for its inverse."""
    if math.isnan(value):
        return None
    if math.isinf(value):
        return _NO_WAY
    if decimals is None:
        return float(f"{value:.{_DIGITS}g}")
    return round(value, decimals) if decimals else int(value)


def _json(
    residents: int | None, households: int | None, told: Mapping[str, Sequence[float | None]]
) -> str:
    return orjson.dumps({"r": residents, "h": households, "c": told}).decode()


def begin(tx: Writer, day: date) -> bool:
    """Tell whether to measure a day now, and note that somebody does; for :func:`measure`.

    Not where it is taken, nor where somebody began less than :data:`PATIENCE` ago: of many
    processes one measures, and where that one died another does.
    """
    tx.hold(FIGURES)
    begun, at = tx.meta(_BEGUN), datetime.now(UTC)
    if taken(tx, day) or (begun and at - datetime.fromisoformat(begun) < PATIENCE):
        return False
    tx.set_meta(_BEGUN, at.isoformat())
    return True


def take(tx: Writer, measured: Measured, day: date) -> int:
    """Keep what was measured as the figures of a day, and return how many rows that took.

    Again on the same day it takes the place of what was kept. A day that lies before others, as
    after a clock went wrong, leaves what those tell as it was. The service does this for itself,
    as often as it likes: nothing that people wrote is changed, and nobody has to be asked.
    """
    tx.hold(FIGURES)
    here, before = day.isoformat(), (day - timedelta(days=1)).isoformat()
    known = {(row.level, row.area): row.figures for row in tx.figures_of(before)}
    same: list[Kept] = []
    other: list[Kept] = []
    for key, figures in measured.figures.items():
        # The row of all areas marks the day, whatever it tells.
        unchanged = key != _ALL and known.get(key) == figures
        (same if unchanged else other).append(Kept(*key, here, figures))
    _hold_later(tx, here)
    if taken(tx, day):
        tx.drop_figures(same)
    tx.keep_figures(other)
    tx.thin_figures((day - DAILY).isoformat())
    tx.tick_figures()
    return len(other)


def _hold_later(tx: Writer, here: str) -> None:
    """Write down what the next day tells, which may rest on what is going to be written now."""
    if later := tx.days_taken(since=here + "~"):
        told = tx.figures_of(later[0])
        tx.keep_figures(row._replace(day=later[0]) for row in told)


def taken(tx: Reader, day: date) -> bool:
    """Tell whether the figures of a day are kept."""
    return bool(tx.days_taken(day.isoformat(), day.isoformat()))


def series(
    tx: Reader,
    *,
    area: str = "",
    reading: Reading = Reading.COUNT,
    category: str = "",
    minutes: int = MINUTES[-1],
    since: date = _FIRST_DAY,
    until: date = _LAST_DAY,
) -> Series:
    """Return how a reading of an area went, from one day to another, both counted.

    Parameters
    ----------
    area
        A code; "" is all areas together.
    category
        An id; "" is every one that residents see, in the order of the legend.
    minutes
        Of :data:`MINUTES`; for the share.

    Returns
    -------
    Series
        Days by :data:`DAILY` and the months before. A category that was not known on a day has
        None there.

    Raises
    ------
    NotFound
        ``area_not_found``; ``category_not_found``, also where it is hidden.
    Invalid
        ``area_code_invalid``; ``minutes_not_kept``.
    """
    at = _place(reading, minutes)
    names = [one.id for one in categories.listed(tx) if not one.hidden]
    if category:
        if category not in names:
            raise NotFound("category_not_found", key=category)
        names = [category]
    level, inside = "", ""
    if area:
        row = tx.row("area", divisions.normalise(area))
        level, inside = row["level"], divisions.prefix(row["code"])
    days = tx.days_taken(since.isoformat(), until.isoformat())
    rows = tx.figures(level, inside, since=since.isoformat(), until=until.isoformat())
    told = [_told(row, names, at) for row in _on(days, rows)]
    first = tx.days_taken()[:1]
    return Series(
        tuple(map(date.fromisoformat, days)),
        {name: tuple(one[n] for one in told) for n, name in enumerate(names)},
        date.fromisoformat(first[0]) if first else None,
    )


def _place(reading: Reading, minutes: int) -> int:
    """Return where a reading stands in a row."""
    if reading is not Reading.SHARE:
        minutes = MINUTES[-1]
    for at, one in enumerate(_FIGURES):
        if (one.reading, one.minutes) == (reading, minutes):
            return at
    raise Invalid("minutes_not_kept", minutes=minutes, kept=list(MINUTES))


def _on(days: Sequence[str], rows: Sequence[Kept]) -> Iterator[Kept | None]:
    """Return what the rows of one area, the oldest first, tell of days in order."""
    at = -1
    for day in days:
        while at + 1 < len(rows) and rows[at + 1].day <= day:
            at += 1
        yield rows[at] if at >= 0 else None


def _told(row: Kept | None, names: Sequence[str], at: int) -> list[float | None]:
    told: Mapping[str, Any] = orjson.loads(row.figures)["c"] if row else {}
    # Older rows may tell less than newer ones.
    return [_read(told.get(name, ())[at : at + 1]) for name in names]


def _read(told: Sequence[float | None]) -> float | None:
    value = told[0] if told else None
    return math.inf if value == _NO_WAY else value
