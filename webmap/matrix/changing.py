"""The page of how the matrix went: a chart, what came and what went, and files of both."""

import io
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd
from babel.dates import format_date
from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import model_validator

from geodata import areas, categories, divisions, exchange, snapshots, turnover
from geodata.categories import Category
from geodata.exchange import Format
from geodata.matrix import Reading
from geodata.policy import Action, can
from geodata.snapshots import DAILY, MINUTES, Series
from geodata.store import Reader
from geodata.store.records import Values
from webmap import charts, downloads, i18n, matrix_sheet, matrix_ways
from webmap.answers import parsed, turn
from webmap.charts import Chart, Spark
from webmap.i18n import either, marked
from webmap.i18n import gettext as _
from webmap.matrix import choosing
from webmap.matrix.blueprint import bp
from webmap.matrix.history import YEAR, HistoryQuery, series
from webmap.pages import ELDER, mode, page_url
from webmap.request import current_actor, store

SHOWN: Final = 15
"""Names of each list that a page shows; the file has all of them."""

_OFFERED: Final = 250  # areas to choose from
_WIDE, _HIGH = 760, 340
_PHONE, _PHONE_ELDER = 310, 240  # so wide a phone's sheet is, in pixels as large as its type
_SPARKED: Final = 25
_UNITS: Final = {
    Reading.COUNT: marked("places"),
    Reading.PER_1000: marked("places per 1,000 people"),
    Reading.MEDIAN: marked("minutes on foot"),
    Reading.SHARE: marked("of the households"),
    Reading.SCORE: marked("places per 1,000 people"),
}
_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ChangesQuery(HistoryQuery):
    """What the page shows; days that were told the wrong way round are exchanged."""

    mode: str = ""

    @model_validator(mode="before")
    @classmethod
    def _chosen(cls, told: Any) -> Any:  # noqa: ANN401 - whatever pydantic was given
        # A form sends what is not chosen, too: as nothing.
        chosen = {name: value for name, value in told.items() if value != ""}
        if since := chosen.get("since"):
            last = chosen.get("until", snapshots.today().isoformat())
            chosen["since"], chosen["until"] = sorted([since, last])
        return chosen


@dataclass(frozen=True, slots=True)
class Trend:
    """How a category went: its first and last value, what lies between, and a sparkline."""

    category: Category
    name: str
    first: str
    last: str
    change: str
    spark: Spark
    label: str


@bp.get("/matrix/changes")
def changes_page() -> ResponseReturnValue:
    """Show how the matrix went, and what came and went."""
    asked, actor = parsed(ChangesQuery), current_actor()
    since, until = asked.period
    with turn(), store().reading() as tx:
        went = series(tx, asked)
        moved = turnover.between(
            tx, since, until, area=asked.area, category=asked.category, actor=actor
        )
        known = {one.id: one for one in categories.listed(tx) if not one.hidden}
        trail = areas.path(tx, divisions.normalise(asked.area)) if asked.area else []
        places = _places(tx, asked.area)
        lines = _lines(tx, asked, went)
    return render_template(
        "matrix/changes.html",
        asked=asked,
        since=since,
        until=until,
        periods=_periods(went, until),
        readings=choosing.readings(int(asked.minutes)),
        lacking=choosing.lacks_streets(asked.reading),
        ways=matrix_ways.ways(asked.area),
        categories=known,
        name_of=name_of,
        trail=trail,
        places=places,
        went=went,
        first_day=in_words(went.first) if went.first else "",
        daily_months=round(DAILY.days / 30),
        trends=[] if asked.category else trends(asked, went, known),
        chart=_charts(went.days, lines, asked.reading) if went.days and asked.category else None,
        lines=lines,
        said=lambda value: said(value, asked.reading),
        chart_label=_label(lines, went.days, asked.reading) if asked.category else "",
        moved=moved,
        shown=SHOWN,
        in_words=in_words,
        may_see_names=can(actor, Action.MERCHANT_READ_PRIVATE, area=asked.area or actor.scope),
        files={
            kind: {
                what: page_url(f"matrix.{what}_file", kind=kind, **request.args)
                for what in ("changes", "turnover")
            }
            for kind in _TYPES
        },
    )


@bp.get("/matrix/changes.<any(csv,xlsx):kind>")
def changes_file(kind: str) -> ResponseReturnValue:
    """Download how a reading went: a row for each day, a column for each category."""
    asked = parsed(ChangesQuery)
    with turn(), store().reading() as tx:
        went = series(tx, asked)
        names = {one.id: name_of(one) for one in categories.listed(tx)}
        lines = _lines(tx, asked, went)
    table = pd.DataFrame({_("Day"): [day.isoformat() for day in went.days]})
    if not asked.category:
        headings = matrix_sheet.headings({one: names[one] for one in went.told}, table.columns)
        lines = [(headings[one], values) for one, values in went.told.items()]
    for name, values in lines:
        heading = " ".join(part for part in (names.get(asked.category, ""), name) if part)
        table[heading] = [_in_file(value, asked.reading) for value in values]
    return _sent(table, f"linju-changes-{asked.reading}", kind)


@bp.get("/matrix/turnover.<any(csv,xlsx):kind>")
def turnover_file(kind: str) -> ResponseReturnValue:
    """Download what came and what went, as far as whoever asks may see it."""
    asked = parsed(ChangesQuery)
    since, until = asked.period
    with turn(), store().reading() as tx:
        moved = turnover.between(
            tx,
            since,
            until,
            area=asked.area,
            category=asked.category,
            actor=current_actor(),
        )
        names = {one.id: name_of(one) for one in categories.listed(tx)}
    both = [(_("New on the map"), one) for one in moved.came]
    both += [(_("Left the map"), one) for one in moved.went]
    table = pd.DataFrame(
        {
            _("Came or went"): [what for what, _one in both],
            _("Day"): [one.day.isoformat() for _what, one in both],
            "name": [one.name for _what, one in both],
            "category": [names[one.category] for _what, one in both],
            "address": [one.address for _what, one in both],
            "area": [one.area for _what, one in both],
        }
    )
    return _sent(table, "linju-turnover", kind)


def _sent(table: pd.DataFrame, name: str, kind: str) -> Response:
    file = io.BytesIO()
    exchange.write(table, file, Format(kind), language="en" if i18n.language() == "en" else "zh")
    return downloads.attached(file.getvalue(), f"{name}.{kind}", _TYPES[kind])


def _in_file(value: float | None, reading: Reading) -> float | str | None:
    return value if value is None or math.isfinite(value) else said(value, reading)


def name_of(category: Category) -> str:
    """Return what a category is called in the reader's language."""
    return either(category.name, category.name_en)


def in_words(day: date) -> str:
    """Return a day in the reader's language."""
    return format_date(day, locale=i18n.LANGUAGES[i18n.language()])


def said(value: float | None, reading: Reading) -> str:
    """Return a value as a reader sees it; minutes to the tenth, since they move slowly."""
    if value is None or not math.isfinite(value) or reading is not Reading.MEDIAN:
        return matrix_sheet.text(value, reading)
    return f"{matrix_sheet.tenths(value):.1f}"


def _axis(reading: Reading) -> Callable[[float], str]:
    if reading is Reading.SHARE:
        return lambda value: f"{value:.0%}"
    return lambda value: f"{int(value):,}" if value == int(value) else f"{value:g}"


def _lines(
    tx: Reader, asked: HistoryQuery, went: Series
) -> list[tuple[str, Sequence[float | None]]]:
    """Return the lines of one category's chart: of a share, one for each of the minutes."""
    if not asked.category:
        return []
    if asked.reading is not Reading.SHARE:
        return [("", went.told[asked.category])]
    lines: list[tuple[str, Sequence[float | None]]] = []
    for minutes in reversed(MINUTES):
        one = asked.model_copy(update={"minutes": str(minutes)})
        told = series(tx, one).told[asked.category]
        lines.append((_("{n} min", n=minutes), told))
    return lines


def _charts(
    days: Sequence[date], lines: Sequence[tuple[str, Sequence[float | None]]], reading: Reading
) -> dict[str, Chart]:
    """Lay a chart out for a wide sheet and for a phone, whose words are as large."""
    narrow = _PHONE_ELDER if mode() == ELDER else _PHONE
    sizes = {"wide": (_WIDE, _HIGH), "narrow": (narrow, narrow * 4 // 5)}
    return {
        name: charts.chart(
            days,
            lines,
            wide=wide,
            high=high,
            say=_axis(reading),
            steps=reading in matrix_sheet.SUMMED,
            most=1 if reading is Reading.SHARE else None,
            unit=_(_UNITS[reading]),
        )
        for name, (wide, high) in sizes.items()
    }


def _label(
    lines: Sequence[tuple[str, Sequence[float | None]]], days: Sequence[date], reading: Reading
) -> str:
    """Say how lines went, for who cannot see them."""
    told = []
    for name, values in lines:
        ends = _ends(values)
        if ends is None:
            continue
        first, last = ends
        words = _(
            "from {first} on {since} to {last} on {until}",
            first=said(values[first], reading),
            since=in_words(days[first]),
            last=said(values[last], reading),
            until=in_words(days[last]),
        )
        told.append(f"{name} {words}".strip())
    return either("；", "; ").join(told) or _("Nothing can be told")


def _ends(values: Sequence[float | None]) -> tuple[int, int] | None:
    """Return where the first and the last number stand."""
    there = [n for n, one in enumerate(values) if one is not None and math.isfinite(one)]
    return (there[0], there[-1]) if there else None


def trends(asked: HistoryQuery, went: Series, known: Mapping[str, Category]) -> list[Trend]:
    """Return how each category went."""
    told = []
    for name, values in went.told.items():
        ends = _ends(values)
        first, last = (values[n] for n in ends) if ends else (None, None)
        label = _label([("", values)], went.days, asked.reading)
        told.append(
            Trend(
                category=known[name],
                name=name_of(known[name]),
                first=said(first, asked.reading),
                last=said(last, asked.reading),
                change=_change(first, last, asked.reading),
                spark=charts.spark(charts.evenly(went.days, values, _SPARKED)),
                label=label,
            )
        )
    return told


def _change(first: float | None, last: float | None, reading: Reading) -> str:
    if first is None or last is None or not math.isfinite(last - first):
        return matrix_sheet.NOTHING
    if reading is Reading.MEDIAN:
        # That of the numbers beside it, so that a reader may reckon it.
        return _signed(matrix_sheet.tenths(last) - matrix_sheet.tenths(first), 1)
    by = last - first
    if reading is Reading.SHARE:
        points = round(100 * by)
        return _("{n} points", n=_signed(points, 0)) if points else "0"
    return _signed(by, 0 if reading is Reading.COUNT else 2)


def _signed(by: float, decimals: int) -> str:
    told = f"{abs(by):.{decimals}f}"
    if not float(told):
        return "0"
    return f"{'+' if by > 0 else '−'}{told}"


def _periods(went: Series, until: date) -> list[tuple[str, date]]:
    """Return periods that are one press away: their names and first days."""
    told = [(_("3 months"), until - DAILY), (_("12 months"), until - YEAR)]
    if went.first and went.first < until - YEAR:
        told.append((_("From the first day on"), went.first))
    return told


def _places(tx: Reader, area: str) -> list[tuple[str, list[Values]]]:
    """Return areas to choose from, by level: those around and beside the one that is shown."""
    code = divisions.normalise(area) if area else ""
    around = divisions.prefix(divisions.parent(code)) if divisions.parent(code) else ""
    told = [*areas.within(tx, around, most=_OFFERED), *areas.path(tx, code)]
    if code:
        told += areas.within(tx, divisions.prefix(code), most=_OFFERED)
    # Copies: what is kept of the areas is everybody's.
    rows = {row["code"]: dict(row) for row in told}
    found = sorted(rows.values(), key=lambda row: str(row["code"]))
    names = {row["code"]: row["name"] for row in found}
    often = Counter(names.values())
    for row in found:
        # Every community has a first grid.
        if often[row["name"]] > 1 and (outer := names.get(divisions.parent(row["code"]))):
            row["name"] = f"{outer} {row['name']}"
    return [
        (matrix_sheet.level_name(level), here)
        for level in areas.LEVELS
        if (here := [row for row in found if row["level"] == level])
    ]
