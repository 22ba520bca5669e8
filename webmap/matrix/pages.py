"""The service matrix: its page and its files."""

import io
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any

import geopandas as gpd
import pandas as pd
from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from geodata import areas, categories, divisions, exchange, matrix
from geodata.exchange import Format
from geodata.matrix import ON_FOOT, Reading
from geodata.snapshots import MINUTES
from geodata.store import Reader
from webmap import downloads, i18n, limits, matrix_sheet, matrix_ways
from webmap.answers import parsed, turn
from webmap.i18n import either
from webmap.i18n import gettext as _
from webmap.matrix import changing, choosing
from webmap.matrix.asking import ground
from webmap.matrix.blueprint import bp
from webmap.matrix.changing import Trend
from webmap.matrix.choosing import PageQuery
from webmap.matrix.documents import numbers
from webmap.matrix.history import HistoryQuery, series
from webmap.pages import page_url
from webmap.request import calendar, current_actor, parts, store

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OF_HOMES = ("homes", "households", "off_network", "unknown")


@bp.get("/matrix")
def page() -> ResponseReturnValue:
    """Show the matrix as a table that leads to the map."""
    asked = parsed(PageQuery)
    lacking = choosing.lacks_streets(asked.reading)
    shown_as = Reading.COUNT if lacking else asked.reading
    told, shown = _told(asked, shown_as)
    with store().reading() as tx:
        trail = areas.path(tx, divisions.normalise(asked.parent)) if asked.parent else []
        levels = _levels(tx, trail)
        trends = _trends(tx, asked, shown_as)
    return render_template(
        "matrix/index.html",
        asked=asked,
        chosen=bool(asked.level or asked.open or asked.closures),
        lacking=lacking,
        table=told,
        trail=trail,
        levels=levels,
        sheet=matrix_sheet.sheet(told, shown, shown_as, asked.ordered),
        legend=matrix_sheet.legend(shown_as),
        readings=choosing.readings(asked.minutes),
        days=choosing.days(),
        minutes=sorted({*choosing.MINUTES, asked.minutes}),
        when=choosing.when(asked.at()),
        ways=matrix_ways.ways(asked.parent),
        trends=trends,
        downloads={name: page_url(f"matrix.{name}", **request.args) for name in ("xlsx", "csv")},
        on_foot=asked.reading in ON_FOOT,
        summed=shown_as in matrix_sheet.SUMMED,
    )


@bp.get("/matrix.xlsx")
def xlsx() -> ResponseReturnValue:
    """Download the matrix as a spreadsheet."""
    return _download(Format.XLSX, _XLSX)


@bp.get("/matrix.csv")
def csv() -> ResponseReturnValue:
    """Download the matrix as comma-separated text that Excel opens."""
    return _download(Format.CSV, "text/csv; charset=utf-8")


def _download(kind: Format, media_type: str) -> Response:
    asked = parsed(PageQuery)
    read = _read(asked, asked.reading)
    with store().reading() as tx:
        names = {c.id: either(c.name, c.name_en) for c in categories.listed(tx)}
    file = io.BytesIO()
    exchange.write(
        _for_file(read, asked.reading, names),
        file,
        kind,
        language="en" if i18n.language() == "en" else "zh",
    )
    name = f"linju-matrix-{asked.reading}.{kind}"
    return downloads.attached(file.getvalue(), name, media_type)


def _for_file(read: gpd.GeoDataFrame, reading: Reading, names: Mapping[str, str]) -> pd.DataFrame:
    """Return a reading as a spreadsheet has it: numbers, and words where there are none."""
    shown = matrix.categories_of(read)
    table = pd.DataFrame(read[["code", "name", "residents"]])
    for one, name in (("n_homes", _("Homes")), ("n_households", _("Households"))):
        if reading in ON_FOOT:
            table[name] = read[one].to_numpy()
    headings = matrix_sheet.headings({one: names[one] for one in shown}, table.columns)
    for category in shown:
        table[headings[category]] = [_in_file(value, reading) for value in read[category].tolist()]
    if reading is Reading.COUNT:
        table[_("Total")] = read[shown].sum(axis="columns")
    return table


def _in_file(value: float, reading: Reading) -> float | str | None:
    if math.isnan(value):
        return None
    if math.isinf(value):
        return matrix_sheet.text(value, reading)
    return value if reading is Reading.COUNT else round(value, 4)


def _read(asked: PageQuery, reading: Reading) -> gpd.GeoDataFrame:
    on_foot, days = reading in ON_FOOT, calendar()
    if on_foot:
        limits.act(limits.MATRIX, current_actor())
    inuse = ground(reading)
    with turn() if on_foot else nullcontext(), store().reading() as tx:
        return matrix.read(tx, inuse, asked.asked(), reading, calendar=days, parts=parts())


def _told(asked: PageQuery, reading: Reading) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a reading as :func:`webmap.matrix_sheet.sheet` takes it, and the categories."""
    read = _read(asked, reading)
    with store().reading() as tx:
        shown = [
            asdict(category) | {"name": either(category.name, category.name_en)}
            for category in categories.listed(tx)
        ]
        above = _above(tx, read)
    names = matrix.categories_of(read)
    columns = {name: numbers(read[f"n_{name}"]) for name in _OF_HOMES if f"n_{name}" in read}
    columns["residents"] = numbers(read["residents"])
    values = {name: read[name].tolist() for name in names}
    rows = [
        {"code": code, "name": name, "values": {one: values[one][n] for one in names}}
        | {one: column[n] for one, column in columns.items()}
        for n, (code, name) in enumerate(zip(read["code"], read["name"], strict=True))
    ]
    sums = {name: _sum(column) for name, column in columns.items()}
    whole = read.attrs.get("whole") or {name: int(read[name].sum()) for name in names}
    told = {
        "level": read.attrs["level"],
        "parent": asked.parent,
        "areas": rows,
        "above": above,
        "totals": {**sums, "values": whole},
        "elsewhere": sum(read.attrs["elsewhere"].values()),
        "homes_elsewhere": read.attrs.get("homes_elsewhere") or 0,
        "off_network": sums.get("off_network") or 0,
        "unknown": sums.get("unknown") or 0,
    }
    return told, shown


def _trends(tx: Reader, asked: PageQuery, reading: Reading) -> dict[str, Trend]:
    """Return how each category went in a year; nothing of what is kept of no day."""
    within = asked.minutes if reading in {Reading.SHARE, Reading.SCORE} else MINUTES[-1]
    kept = MINUTES if reading is Reading.SHARE else MINUTES[-1:]
    if asked.open or asked.closures or within not in kept:
        return {}
    told = HistoryQuery.model_validate(
        {"area": asked.parent, "reading": reading, "minutes": str(within)}
    )
    went = series(tx, told)
    known = {one.id: one for one in categories.listed(tx) if not one.hidden}
    several = len(went.days) > 1
    return {one.category.id: one for one in changing.trends(told, went, known)} if several else {}


def _sum(column: Sequence[int | None]) -> int | None:
    known = [n for n in column if n is not None]
    return sum(known) if known and len(known) == len(column) else None


def _above(tx: Reader, read: gpd.GeoDataFrame) -> dict[str, str]:
    """Return the name of the area around each one that is not the only one of its name."""
    often = Counter(read["name"])
    outer = {
        code: divisions.parent(code)
        for code, name in zip(read["code"], read["name"], strict=True)
        if often[name] > 1
    }
    names = areas.names(tx, set(outer.values()))
    return {code: names[around] for code, around in outer.items() if around in names}


def _levels(tx: Reader, trail: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return the levels below the area shown of which the store has any, with their names."""
    parent = trail[-1] if trail else None
    inside = divisions.prefix(parent["code"]) if parent else ""
    rows = tx.rows("area", columns=("code", "level"))
    there = {row["level"] for row in rows if row["code"].startswith(inside)}
    first = areas.LEVELS.index(parent["level"]) + 1 if parent else 0
    return [
        (level, matrix_sheet.level_name(level)) for level in areas.LEVELS[first:] if level in there
    ]
