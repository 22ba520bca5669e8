"""One OpenStreetMap expression, evaluated day by day."""

import re
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import opening_hours

DAY_MIN = 24 * 60
"""Minutes in a day. Beijing time has known no summer time since 1991."""

_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_REFERENCE_MONDAY = date(2024, 1, 1)

_TIMES = re.compile(r"\d\d:\d\d-\d\d:\d\d(?:,\d\d:\d\d-\d\d:\d\d)*")
_HOLIDAY = re.compile(r"\bPH\b")
_COMMENT = re.compile(r'"[^"]*"')
_DATED = re.compile(r"Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|week|easter|\[|\b\d{4}\b")

# What the parser accepts but cannot answer for: the sun (it assumes fixed
# times), school holidays (it knows none), an open end, and a holiday that is
# moved or narrowed (it takes "PH Mo-Fr" for "PH,Mo-Fr").
_BEYOND = re.compile(
    r"sunrise|sunset|dawn|dusk|\bSH\b|[0-9]\+|\bPH\s*[-+\[]"
    r"|\bPH\s+(?:Mo|Tu|We|Th|Fr|Sa|Su)\b"
)
_POINTS_IN_TIME = re.compile(r":[0-9]{2}/")

# A minute at the end of the day that stands for "nothing goes on after midnight".
_NO_TAIL_MIN = DAY_MIN - 1
_NO_TAIL = "23:59-24:00"


class Span(NamedTuple):
    """A stretch of a day in minutes from its midnight; past midnight beyond 1440."""

    start: int
    end: int
    open: bool | None
    """True, or None where the text says that it is not known, or puts a remark to it."""


def is_beyond(osm: str) -> bool:
    """Tell whether an expression asks for what nobody here can know."""
    return bool(_BEYOND.search(_COMMENT.sub("", osm)))


class Timetable:
    """Opening hours by the day on which they begin.

    The parser cuts Friday's 22:00-02:00 off at midnight where Saturday is
    closed, and keeps it where Friday itself is. So each day is asked alone, in
    two halves: what lies before midnight, and the tail that follows it.

    Parameters
    ----------
    osm
        An expression in the OpenStreetMap syntax.

    Raises
    ------
    ValueError
        When it is not one, or asks for what nobody here can know.
    """

    def __init__(self, osm: str) -> None:
        if is_beyond(osm) or _POINTS_IN_TIME.search(osm) or not opening_hours.validate(osm):
            raise ValueError(osm)
        rules = str(opening_hours.OpeningHours(osm))
        bare = _COMMENT.sub("", rules)
        _refuse_closing_overnight(bare)
        self._before = _TIMES.sub(_until_midnight, rules)
        self._after = _TIMES.sub(_after_midnight, rules) if _overnight(bare) else None
        for half in filter(None, (self._before, self._after)):
            if not opening_hours.validate(_HOLIDAY.sub("Mo", half)):
                raise ValueError(osm)
        self._dated = bool(_DATED.search(bare))
        self._names_holidays = bool(_HOLIDAY.search(bare))
        self._spans: dict[tuple[date, bool], tuple[Span, ...]] = {}
        self._parsed: dict[str, opening_hours.OpeningHours] = {}

    def on(self, day: date, *, holiday: bool) -> tuple[Span, ...]:
        """Give the spans that begin on a day, in order; rules for holidays count if it is one."""
        holiday = holiday and self._names_holidays
        if not self._dated:
            day = _REFERENCE_MONDAY + timedelta(days=day.weekday())
        known = self._spans.get((day, holiday))
        if known is None:
            known = self._evaluate(day, holiday=holiday)
            # Without dates there are fourteen kinds of day; with them no end of days.
            if not self._dated:
                self._spans[day, holiday] = known
        return known

    def _evaluate(self, day: date, *, holiday: bool) -> tuple[Span, ...]:
        spans = self._ask(self._before, day, holiday=holiday)
        if self._after is not None:
            first = next(iter(self._ask(self._after, day, holiday=holiday)), None)
            if first and first.start == 0 and first.end < _NO_TAIL_MIN:
                joins = spans and spans[-1].end == DAY_MIN and spans[-1].open is first.open
                start = spans.pop().start if joins else DAY_MIN
                spans.append(Span(start, DAY_MIN + first.end, first.open))
        return tuple(spans)

    def _ask(self, rules: str, day: date, *, holiday: bool) -> list[Span]:
        if holiday:
            # On this one day a holiday is what its weekday is, so the weekday's
            # name makes the parser, which has no calendar, obey the rule.
            rules = _HOLIDAY.sub(_WEEKDAYS[day.weekday()], rules)
        parsed = self._parsed.get(rules)
        if parsed is None:
            parsed = self._parsed[rules] = opening_hours.OpeningHours(rules)
        midnight = datetime.combine(day, time())
        return [
            Span(
                (start - midnight) // timedelta(minutes=1),
                (end - midnight) // timedelta(minutes=1),
                # A remark such as "by appointment" is a condition nobody here can judge.
                True if state == opening_hours.State.OPEN and not remark else None,
            )
            for start, end, state, remark in parsed.intervals(
                midnight, midnight + timedelta(days=1)
            )
            if state != opening_hours.State.CLOSED
        ]


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def _pairs(times: str) -> list[tuple[str, str]]:
    return [(pair[:5], pair[6:]) for pair in times.split(",")]


def _is_overnight(start: str, end: str) -> bool:
    return _minutes(end) <= _minutes(start) or _minutes(end) > DAY_MIN


def _overnight(rules: str) -> bool:
    return any(
        _is_overnight(start, end) for found in _TIMES.findall(rules) for start, end in _pairs(found)
    )


def _refuse_closing_overnight(rules: str) -> None:
    # It would have to cut into the next day's hours, and no day is asked about another.
    for rule in re.split(r"; |, | \|\| ", rules):
        if "closed" in rule and _overnight(rule):
            raise ValueError(rules)


def _until_midnight(found: re.Match[str]) -> str:
    return ",".join(
        f"{start}-{'24:00' if _is_overnight(start, end) else end}"
        for start, end in _pairs(found[0])
    )


def _after_midnight(found: re.Match[str]) -> str:
    tails = [
        _minutes(end) % DAY_MIN for start, end in _pairs(found[0]) if _is_overnight(start, end)
    ]
    if not any(tails):
        return _NO_TAIL
    hours, minutes = divmod(max(tails), 60)
    return f"00:00-{hours:02}:{minutes:02}"
