"""The matrix as a page shows it: shaded cells, totals, a legend, one of five readings."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, isfinite, isnan
from typing import Any, Final

from geodata.matrix import ON_FOOT, Reading
from webmap.i18n import gettext as _

SHADES = 6
NOTHING = "–"
SUMMED: Final = frozenset({Reading.COUNT, Reading.PER_1000})
"""Readings of which a row has a sum: those of places, not of the walks to the nearest."""

_MINUTES: Final = (30, 25, 20, 15, 10, 5)
"""Walks that are no longer have the shade of their place here, from 1 on."""
_SHARES: Final = (0.2, 0.4, 0.6, 0.8)


@dataclass(frozen=True, slots=True)
class Cell:
    """One area's value for one category. ``shade`` runs from 0, none, to ``SHADES``, the best."""

    category: str
    category_name: str
    text: str
    shade: int


@dataclass(frozen=True, slots=True)
class Row:
    """One area. ``deeper`` says whether it can be opened; ``above`` is the one around it."""

    code: str
    name: str
    above: str
    people: str
    cells: tuple[Cell, ...]
    total: str
    deeper: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole table, ready to be written out.

    ``nobody_known`` says that not a single value can be told: no number of people is known.
    """

    level_name: str
    categories: tuple[Mapping[str, Any], ...]
    rows: tuple[Row, ...]
    totals: Row
    nobody_known: bool


@dataclass(frozen=True, slots=True)
class Order:
    """By which column the rows are sorted: ``name``, ``people``, ``total`` or a category's id."""

    by: str = ""
    up: bool = False


def sheet(
    table: Mapping[str, Any],
    categories: Sequence[Mapping[str, Any]],
    reading: Reading = Reading.COUNT,
    order: Order | None = None,
) -> Sheet:
    """Lay out a matrix for the page.

    Parameters
    ----------
    table
        ``level``, ``parent``; ``areas``, each with ``code``, ``name``, ``residents``, ``homes``,
        ``households`` and ``values`` by category: None or NaN where it cannot be told, infinite
        where there is no way; ``totals`` likewise; ``above``, names by code, of which rows of a
        grid are told whose they are.
    categories
        What ``/api/categories`` lists; those without a value are left out.

    Notes
    -----
    Of places and scores a column is shaded against its own highest number: a reader compares
    areas, and there are always more repair shops than clinics. Counts up to six are a
    shade each, so that two clinics do not look like plenty. Minutes and shares mean the same in
    every column. Darker is always better served.
    """
    shown = tuple(one for one in categories if one["id"] in table["totals"]["values"])
    names = [one["id"] for one in shown]
    areas = table["areas"]
    shades = {name: _shading(reading, [_known(area, name) for area in areas]) for name in names}
    make = partial(_row, categories=shown, reading=reading, above=table.get("above") or {})
    told = sorted_by(areas, names, reading, order or Order())
    totals = {"code": table.get("parent") or "", "name": _whole_name(reading), **table["totals"]}
    return Sheet(
        level_name=level_name(table["level"]),
        categories=shown,
        rows=tuple(make(area, shades=shades) for area in told),
        totals=make(totals, shades=dict.fromkeys(names, _unshaded)),
        nobody_known=not any(_known(area, name) is not None for area in areas for name in names),
    )


def sorted_by(
    areas: Iterable[Mapping[str, Any]], names: Sequence[str], reading: Reading, order: Order
) -> list[Mapping[str, Any]]:
    """Return areas in an order; what cannot be told comes last, whichever way."""
    if order.by in {"", "name"}:
        by_name = sorted(areas, key=lambda area: area["code"])
        return by_name[::-1] if order.by and not order.up else by_name
    keys = [(_key(area, names, reading, order.by), area) for area in areas]
    known = [(key, area) for key, area in keys if key is not None]
    unknown = [area for key, area in keys if key is None]
    known.sort(key=lambda told: told[0], reverse=not order.up)
    return [area for _key_of, area in known] + unknown


def _key(
    area: Mapping[str, Any], names: Sequence[str], reading: Reading, by: str
) -> float | int | None:
    if by == "people":
        told: int | None = area.get(people_column(reading))
        return told
    return _total(area, names) if by == "total" else _known(area, by)


def people_column(reading: Reading) -> str:
    """Return whose number stands beside an area: of those by whom the reading is weighed."""
    return "households" if reading in ON_FOOT else "residents"


def _row(
    area: Mapping[str, Any],
    *,
    categories: Sequence[Mapping[str, Any]],
    reading: Reading,
    above: Mapping[str, str],
    shades: Mapping[str, Callable[[float], int]],
) -> Row:
    cells = []
    for category in categories:
        value = _known(area, category["id"])
        shade = 0 if value is None else shades[category["id"]](value)
        cells.append(Cell(category["id"], category["name"], text(value, reading), shade))
    total = _total(area, [one["id"] for one in categories]) if reading in SUMMED else None
    return Row(
        code=area["code"],
        name=area["name"],
        above=above.get(area["code"], ""),
        people=_people(area, reading),
        cells=tuple(cells),
        total=text(total, reading),
        deeper=len(area["code"]) == 12,  # noqa: PLR2004  the official length; a grid's is 15
    )


def _known(area: Mapping[str, Any], category: str) -> float | None:
    value: float | None = area["values"].get(category)
    return None if value is None or isnan(value) else value


def _total(area: Mapping[str, Any], names: Sequence[str]) -> float | None:
    values = [_known(area, name) for name in names]
    told = [value for value in values if value is not None]
    return sum(told) if told and len(told) == len(values) else None


def _people(area: Mapping[str, Any], reading: Reading) -> str:
    if reading in ON_FOOT and area.get("homes") == 0:
        return _("no homes")
    number = area.get(people_column(reading))
    return NOTHING if number is None else f"{number:,}"


def text(value: float | None, reading: Reading) -> str:
    """Return a value as a reader sees it."""
    if value is None:
        return NOTHING
    if not isfinite(value):
        return _("no way for half")
    return _TEXTS[reading](value)


def _percent(value: float) -> str:
    # Nobody is rounded away: all means all, and none means none.
    if 0 < value < 0.01:  # noqa: PLR2004  a hundredth
        return "<1%"
    if 0.99 < value < 1:  # noqa: PLR2004  so too
        return ">99%"
    return f"{value:.0%}"


def whole_minutes(value: float) -> str:
    """Return how long a walk takes at most, in words."""
    return str(max(1, ceil(value)))


def tenths(value: float) -> float:
    """Return minutes to the tenth, up like whole ones: 6 here and 5.0 there is no walk.

    Examples
    --------
    >>> tenths(5.02), tenths(4.2), tenths(12.0)
    (5.1, 4.2, 12.0)
    """
    return ceil(round(10 * value, 6)) / 10


def _hundredths(value: float) -> str:
    if value == 0:
        return "0"
    # What is little is more than nothing, and has a shade.
    return "<0.01" if value < 0.005 else f"{value:.2f}"  # noqa: PLR2004  half of .01


_TEXTS: Mapping[Reading, Callable[[float], str]] = {
    Reading.COUNT: lambda value: f"{value:,}",
    Reading.PER_1000: _hundredths,
    Reading.MEDIAN: whole_minutes,
    Reading.SHARE: _percent,
    Reading.SCORE: _hundredths,
}


def headings(names: Mapping[str, str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Return by id what the column of each category is called in a file.

    Two may have one name in English, or that of another column: each is a column all the same.
    """
    often = Counter([*names.values(), *taken])
    return {one: f"{name} ({one})" if often[name] > 1 else name for one, name in names.items()}


def legend(reading: Reading) -> list[tuple[int, str]]:
    """Return each shade with what it stands for, the best first."""
    if reading is Reading.MEDIAN:
        told = [_("up to {n}", n=minutes) for minutes in _MINUTES]
        return [*_from_best(told), (0, _("longer, or no way"))]
    if reading is Reading.SHARE:
        told = [_("up to {n}", n=f"{share:.0%}") for share in _SHARES]
        return [*_from_best([*told, _("less than all"), "100%"]), (0, "0")]
    told = [_("up to {n}", n=f"{ceil(100 * n / SHADES)}%") for n in range(1, SHADES)]
    return [*_from_best([*told, _("the most")]), (0, "0")]


def _from_best(told: Sequence[str]) -> list[tuple[int, str]]:
    return [(n + 1, words) for n, words in reversed(list(enumerate(told)))]


def _shading(reading: Reading, values: Sequence[float | None]) -> Callable[[float], int]:
    if reading is Reading.MEDIAN:
        return lambda value: sum(value <= minutes for minutes in _MINUTES)
    if reading is Reading.SHARE:
        return _shade_of_share
    least = SHADES if reading is Reading.COUNT else 0
    return partial(_shade_of_highest, max([least, *(value or 0 for value in values)]))


def _shade_of_share(value: float) -> int:
    if value in {0, 1}:
        return SHADES if value else 0
    return 1 + sum(value > share for share in _SHARES)


def _shade_of_highest(highest: float, value: float) -> int:
    # 6 * 0.2 / 0.2 is a little more than 6: the highest must not fall off the scale.
    return min(SHADES, ceil(SHADES * value / highest)) if value and highest else 0


def _unshaded(_value: float) -> int:
    return 0


def _whole_name(reading: Reading) -> str:
    return _("Total") if reading is Reading.COUNT else _("All together")


def level_name(level: str) -> str:
    """Return what a level of areas is called."""
    return {
        "province": _("Province"),
        "city": _("City"),
        "district": _("District"),
        "street": _("Street"),
        "community": _("Community"),
        "grid": _("Grid"),
    }[level]
