"""Charts as a template draws them: lines over days in SVG, laid out here.

A chart is laid out for a width: drawn smaller than that its words would be too small to read, so
that a phone gets a layout of its own. Lines are told apart by how they are dashed and by the
words at their end, never by colour alone.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

type Values = Sequence[float | None]

TYPE_PX: Final = 16
"""The size of a chart's words, in the units of its layout."""

SPARK_WIDE, SPARK_HIGH = 88, 24
"""A sparkline's layout."""

_WORD_PX: Final = 10.3  # a digit of the widest of the usual types
_TOP, _BOTTOM = 14, 30
_GAP: Final = 4
_LINES: Final = 5  # across, at most
_POINTS: Final = 40  # more than so many marks run into each other
_EDGE: Final = 2.0
_LONG_DAYS: Final = 62
_MONTH_STEPS: Final = (1, 2, 3, 6, 12, 24, 60, 120)
_DAY_STEPS: Final = (1, 2, 5, 7, 10, 14, 31)


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis, and what stands there; the middle of the words is at ``words_at``."""

    at: float
    text: str
    words_at: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line: what it is called, its path, marks where it was measured, and where its name stands.

    ``dash`` numbers how it is drawn, from 0, which is not dashed.
    """

    name: str
    dash: int
    path: str
    marks: tuple[tuple[float, float], ...]
    end: tuple[float, float] | None
    name_y: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart laid out: sizes in the units of its ``viewBox``, ticks, lines."""

    wide: float
    high: float
    unit: str
    left: float
    right: float
    top: float
    bottom: float
    across: tuple[Tick, ...]
    along: tuple[Tick, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Spark:
    """A sparkline laid out: its path, and where the last value is."""

    wide: float
    high: float
    path: str
    end: tuple[float, float] | None


def chart(
    days: Sequence[date],
    lines: Sequence[tuple[str, Values]],
    *,
    wide: float,
    high: float,
    say: Callable[[float], str],
    steps: bool = False,
    most: float | None = None,
    unit: str = "",
) -> Chart:
    """Lay lines out over days.

    Parameters
    ----------
    days
        In order; at least one.
    lines
        Each with its name, which stands at its end ("" for one that needs none), and a value a day;
        None and infinity are gaps.
    wide, high
        The units of the layout, in which :data:`TYPE_PX` is the size of words.
    say
        Writes a value at the axis.
    steps
        Whether a value stands until the next one, as a number of places does.
    most
        The end of the axis, where that is the same whatever the values, as of a share.
    unit
        What the axis counts, in a word or two.
    """
    told = [(name, _numbers(values)) for name, values in lines]
    known = [value for _, values in told for value in values if math.isfinite(value)]
    whole = all(value == int(value) for value in known)
    ticks = _ticks(most or max(known, default=0), whole=whole and most is None)
    words = [say(value) for value in ticks]
    left = float(math.ceil(2 * _GAP + _WORD_PX * max(map(_width, words))))
    right = float(int(wide - 2 * _GAP - _WORD_PX * max([0.5, *(_width(n) for n, _ in told)])))
    top, bottom = float(_TOP + (TYPE_PX + 6 if unit else 0)), float(high - _BOTTOM)

    def x(day: date) -> float:
        span = (days[-1] - days[0]).days
        part = (day - days[0]).days / span if span else 1
        return round(left + part * (right - left), 1)

    def y(value: float) -> float:
        return round(bottom - value / ticks[-1] * (bottom - top), 1)

    drawn = []
    for number, (name, values) in enumerate(told):
        points = [
            (x(d), y(v)) if math.isfinite(v) else None for d, v in zip(days, values, strict=True)
        ]
        there = tuple(point for point in points if point)
        drawn.append(
            Line(
                name=name,
                dash=number,
                path=_path(points, steps=steps),
                marks=there if len(there) <= _POINTS else there[-1:],
                end=there[-1] if there else None,
                name_y=there[-1][1] if there else 0.0,
            )
        )
    return Chart(
        wide=wide,
        high=high,
        unit=unit,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        across=tuple(
            Tick(y(value), text, y(value)) for value, text in zip(ticks, words, strict=True)
        ),
        along=tuple(
            Tick(x(day), text, _inside(x(day), text, wide))
            for day, text in _dates(days[0], days[-1], right - left)
        ),
        lines=_apart(drawn, bottom),
    )


def spark(values: Values) -> Spark:
    """Lay a sparkline out: from the least value to the most, level where they are the same."""
    told = _numbers(values)
    known = [value for value in told if math.isfinite(value)]
    least, most = min(known, default=0), max(known, default=0)
    step = (SPARK_WIDE - 2 * _EDGE - 2) / max(len(values) - 1, 1)
    inside = SPARK_HIGH - 4 * _EDGE

    def at(n: int, value: float) -> tuple[float, float]:
        part = (value - least) / (most - least) if most > least else 0.5
        return round(_EDGE + n * step, 1), round(2 * _EDGE + (1 - part) * inside, 1)

    points = [at(n, value) if math.isfinite(value) else None for n, value in enumerate(told)]
    there = [point for point in points if point]
    return Spark(SPARK_WIDE, SPARK_HIGH, _path(points, steps=False), there[-1] if there else None)


def evenly(days: Sequence[date], values: Values, n: int) -> list[float | None]:
    """Return n values at equal distances of time: each the last one up to its moment."""
    if not days:
        return []
    span, found, at = (days[-1] - days[0]).days, [], 0
    for part in range(n):
        moment = days[0] + timedelta(days=round(span * part / max(n - 1, 1)))
        while at + 1 < len(days) and days[at + 1] <= moment:
            at += 1
        found.append(values[at])
    return found


def _numbers(values: Values) -> list[float]:
    return [math.nan if value is None else value for value in values]


def _inside(at: float, text: str, wide: float) -> float:
    """Return where the middle of words is that begin and end inside the chart."""
    half = _WORD_PX * _width(text) / 2
    return round(max(half, min(at, wide - half)), 1)


def _width(text: str) -> float:
    """Return how many digits wide a text is, about: a Chinese sign is as wide as 1.6."""
    wide = 0x2E80  # where the signs of East Asia begin
    return sum(1.6 if ord(sign) > wide or sign in "%m" else 1.0 for sign in text)


def _path(points: Sequence[tuple[float, float] | None], *, steps: bool) -> str:
    told: list[str] = []
    down = False
    for point in points:
        if point is None:
            down = False
            continue
        x, y = point
        if not down:
            told.append(f"M{x} {y}")
        else:
            told.append(f"H{x}V{y}" if steps else f"L{x} {y}")
        down = True
    return "".join(told)


def _ticks(most: float, *, whole: bool) -> list[float]:
    """Return round numbers from 0 on, of which the last is not less than the most."""
    if most <= 0:
        return [0, 1]
    rough = most / (_LINES - 1)
    power = 10 ** math.floor(math.log10(rough))
    step = next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= rough * (1 - 1e-9))
    if whole:
        step = max(1, math.ceil(step))
    count = math.ceil(most / step - 1e-9)
    return [round(n * step, 10) for n in range(count + 1)]


def _dates(first: date, last: date, room: float) -> Iterator[tuple[date, str]]:
    """Return days at which to write a date, as many as there is room for."""
    span = (last - first).days
    if span <= _LONG_DAYS:
        fit = max(1, math.floor(room / (_WORD_PX * len("11-25") + 2 * _GAP)))
        step = next((n for n in _DAY_STEPS if span / n < fit), _LONG_DAYS)
        for back in range(0, span + 1, step):
            day = last - timedelta(days=back)
            yield day, f"{day:%m-%d}"
        return
    months = (last.year - first.year) * 12 + last.month - first.month
    fit = max(1, math.floor(room / (_WORD_PX * len("2026-11") + 2 * _GAP)))
    step = next((n for n in _MONTH_STEPS if months / n <= fit), _MONTH_STEPS[-1])
    for back in range(0, months, step):
        number = last.year * 12 + last.month - 1 - back
        day = date(number // 12, number % 12 + 1, 1)
        yield day, f"{day:%Y-%m}"


def _apart(lines: list[Line], bottom: float) -> tuple[Line, ...]:
    """Move names that would stand on each other."""
    named = sorted((line for line in lines if line.name and line.end), key=lambda one: -one.name_y)
    place: dict[str, float] = {}
    under = bottom + TYPE_PX / 2
    for line in named:
        under = place[line.name] = min(line.name_y, under - TYPE_PX - 2)
    return tuple(
        Line(one.name, one.dash, one.path, one.marks, one.end, place.get(one.name, one.name_y))
        for one in lines
    )
