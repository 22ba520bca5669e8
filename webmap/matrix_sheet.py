"""The matrix as a page shows it: shaded cells, totals, one reading of the numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from webmap.i18n import gettext as _

SHADES = 6
PER_1000 = "per_1000"
DEEPEST = "grid"


@dataclass(frozen=True, slots=True)
class Cell:
    """One area's number for one category. ``shade`` runs from 0, none, to ``SHADES``."""

    category: str
    category_name: str
    text: str
    shade: int


@dataclass(frozen=True, slots=True)
class Row:
    """One area. ``deeper`` says whether the area can be opened."""

    code: str
    name: str
    residents: str
    cells: tuple[Cell, ...]
    total: str
    deeper: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole table, ready to be written out."""

    level_name: str
    categories: tuple[Mapping[str, Any], ...]
    rows: tuple[Row, ...]
    totals: Row
    can_read_per_1000: bool


def sheet(
    table: Mapping[str, Any], categories: Sequence[Mapping[str, Any]], reading: str = ""
) -> Sheet:
    """Lay out a matrix for the page.

    Parameters
    ----------
    table
        What ``/api/matrix`` answers.
    categories
        What ``/api/categories`` lists; hidden ones are left out.
    reading
        ``""`` for counts; ``per_1000`` for places per 1,000 residents, where
        an area without a known number of residents gets a dash.

    Notes
    -----
    A column is shaded against its own highest number: a reader compares areas,
    and there are always more repair shops than clinics. Counts up to six are a
    shade each, so that two clinics do not look like plenty.
    """
    shown = tuple(category for category in categories if not category.get("hidden"))
    per_1000 = reading == PER_1000
    areas = [
        area | {"values": [_value(area, category["id"], per_1000=per_1000) for category in shown]}
        for area in table["areas"]
    ]
    least = 0 if per_1000 else SHADES
    highest = [max([least, *(area["values"][n] or 0 for area in areas)]) for n in range(len(shown))]
    rows = tuple(_row(area, shown, highest, per_1000=per_1000) for area in areas)
    all_areas = {"code": table.get("parent") or "", "name": _("Total")} | table["totals"]
    all_areas["values"] = [
        _value(all_areas, category["id"], per_1000=per_1000) for category in shown
    ]
    return Sheet(
        level_name=_level_name(table["level"]),
        categories=shown,
        rows=rows,
        totals=_row(all_areas, shown, [0] * len(shown), per_1000=per_1000),
        can_read_per_1000=any(area.get("residents") for area in areas),
    )


def _row(
    area: Mapping[str, Any],
    categories: Sequence[Mapping[str, Any]],
    highest: Sequence[float],
    *,
    per_1000: bool,
) -> Row:
    cells = tuple(
        Cell(category["id"], category["name"], _text(value), _shade(value, top))
        for category, value, top in zip(categories, area["values"], highest, strict=True)
    )
    total = _rate(
        sum(area["counts"].get(category["id"], 0) for category in categories),
        area.get("residents"),
        per_1000=per_1000,
    )
    residents = area.get("residents")
    return Row(
        code=area["code"],
        name=area["name"],
        residents="–" if residents is None else f"{residents:,}",
        cells=cells,
        total=_text(total),
        deeper=len(area["code"]) == 12,  # noqa: PLR2004  the official length; a grid's is 15
    )


def _value(area: Mapping[str, Any], category: str, *, per_1000: bool) -> float | None:
    return _rate(area["counts"].get(category, 0), area.get("residents"), per_1000=per_1000)


def _rate(count: int, residents: int | None, *, per_1000: bool) -> float | None:
    if not per_1000:
        return count
    return count * 1000 / residents if residents else None


def _text(value: float | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.2f}"


def _shade(value: float | None, highest: float) -> int:
    # 6 * 0.2 / 0.2 is a little more than 6: the highest must not fall off the scale.
    return min(SHADES, ceil(SHADES * value / highest)) if value and highest else 0


def _level_name(level: str) -> str:
    return {
        "province": _("Province"),
        "city": _("City"),
        "district": _("District"),
        "street": _("Street"),
        "community": _("Community"),
        "grid": _("Grid"),
    }[level]
