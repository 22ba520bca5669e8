"""Opening hours (营业时间): read, open at a moment, next change; holidays and 调休.

Every answer is in Beijing time, whatever zone the server's clock is in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from geodata.errors import Invalid
from geodata.hours.days import Calendar, DayKind
from geodata.hours.reader import to_osm
from geodata.hours.timetable import DAY_MIN, Span, Timetable
from geodata.hours.words import UnreadableError

__all__ = [
    "CALENDAR",
    "SHANGHAI",
    "YEARS",
    "Calendar",
    "DayKind",
    "Hours",
    "State",
    "check",
    "parse",
    "state",
    "week",
]

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China's one zone. Fixed: without summer time since 1991 it needs no zone database."""

CALENDAR = Calendar()
"""Holidays as shipped; an operator's own is passed as ``calendar``."""

_TEXTS = 8192
_DAYS_AHEAD = 400
YEARS = range(1901, 9000)
"""The years of which anything is said; outside them hours are unknown."""

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """What a text about opening hours says; made by :func:`parse`."""

    text: str
    osm: str | None = None
    """The same in the OpenStreetMap syntax; None for no text and for unreadable text."""
    reason: str = ""
    """Why it is unreadable: too_long, word, times_missing, ambiguous_time, season,
    order or beyond."""
    piece: str = ""
    """The piece of the text that stands in the way, if there is one."""

    @property
    def readable(self) -> bool:
        """Whether the text was understood; no text is, and says that nothing is known."""
        return not self.reason


class State(NamedTuple):
    """Whether a shop is open, and until when that holds."""

    open: bool | None
    """None when nobody knows."""
    until: datetime | None
    """When this changes, in Beijing time; None when unknown, or when nothing
    changes within 400 days."""


class _Answer(NamedTuple):
    calendar: Calendar
    since: datetime
    until: datetime
    state: State


_NOTHING_KNOWN = State(None, None)
_answers: dict[str, _Answer] = {}


def parse(text: str) -> Hours:
    """Read opening hours as people in China, or OpenStreetMap, write them.

    To refuse what cannot be read, in a form or an import, use :func:`check`.

    Parameters
    ----------
    text
        Such as 周一至周五 8:30—17:00；周末休息, 早8点到晚8点, 24小时,
        ``Mon-Fri 9am-5pm`` or ``Mo-Fr 08:00-17:00; PH off``. Full-width signs
        and any dash will do. The following are read in a way worth knowing:
        工作日 are Monday to Friday without public holidays; 节假日照常 changes
        nothing; 23:59 as an end is midnight; an end before its start is the
        next day when the start is after 12:00 or 次日 or 凌晨 is said, and is
        otherwise refused (8:30-5:00). A season needs its dates.

    Returns
    -------
    Hours
        For blank text ``Hours("")``: readable, ``osm`` None. Never raises. The
        last 8192 texts are kept.

    Examples
    --------
    >>> parse("上午8:30-11:30 下午1:30-5:00，周日休息").osm
    '08:30-11:30,13:30-17:00; Su off'
    >>> parse("电话预约").reason
    'word'
    """
    return _read(text)[0]


def check(text: str) -> Hours:
    """Read opening hours and refuse what cannot be read.

    Returns
    -------
    Hours
        As :func:`parse` gives them. Blank text passes.

    Raises
    ------
    Invalid
        ``hours_unreadable`` with ``text``, and ``reason`` and ``piece`` as in
        :class:`Hours`.

    Examples
    --------
    >>> check("9:00")
    Traceback (most recent call last):
        ...
    geodata.errors.Invalid: hours_unreadable(text='9:00', reason='times_missing', piece='9:00')
    """
    hours = parse(text)
    if not hours.readable:
        raise Invalid("hours_unreadable", text=text, reason=hours.reason, piece=hours.piece)
    return hours


def state(text: str, at: datetime, *, calendar: Calendar = CALENDAR) -> State:
    """Tell whether a shop with these hours is open at a moment, and until when.

    Cheap enough to ask for every shop on a map: an answer is kept for as long
    as it holds, for as many texts as :func:`parse` keeps.

    Parameters
    ----------
    text
        Opening hours as written.
    at
        A moment, in any zone. Seconds do not matter: hours change on minutes.
    calendar
        Which days are holidays, and which weekend days are worked.

    Returns
    -------
    State
        Open from the first minute on and closed from the last. Hours that
        cross midnight belong to the day on which they begin: a Friday until
        02:00 is not cut short by a Saturday off. Unknown (None, None) for blank
        and unreadable text and outside the years 1901 to 8999; ``open`` is
        None as well where an OpenStreetMap text says unknown, or puts a remark
        to its hours.

    Raises
    ------
    ValueError
        When ``at`` has no zone.

    Examples
    --------
    >>> noon = datetime(2026, 11, 20, 12, tzinfo=SHANGHAI)
    >>> state("8:00-20:00", noon).until.isoformat()
    '2026-11-20T20:00:00+08:00'
    """
    if at.tzinfo is None:
        raise ValueError(at)
    if at.year not in YEARS:
        return _NOTHING_KNOWN
    at = at.astimezone(SHANGHAI)
    known = _answers.get(text)
    if known and known.calendar is calendar and known.since <= at < known.until:
        return known.state
    answer = _answer(text, at.replace(second=0, microsecond=0), calendar)
    if len(_answers) >= _TEXTS:
        # Rare, and cheaper than keeping an order on every look-up. Other
        # threads see either an answer or none, never half of one.
        _answers.clear()
    _answers[text] = answer
    return answer.state


def week(text: str, on: date, *, calendar: Calendar = CALENDAR) -> list[list[str]] | None:
    """List the hours of the week that holds a day, for a card.

    Parameters
    ----------
    text
        Opening hours as written.
    on
        Any day of the week; holidays and 调休 of that very week count.
    calendar
        As for :func:`state`.

    Returns
    -------
    list or None
        Seven lists, Monday first, of "HH:MM-HH:MM" in order; an empty one is a
        closed day. A whole day is "00:00-24:00"; an end that is not after its
        start is the next day's. None when the hours are not known.

    Examples
    --------
    >>> week("工作日 22:00-02:00", date(2026, 10, 10))[3:]
    [['22:00-02:00'], ['22:00-02:00'], ['22:00-02:00'], []]
    """
    table = _read(text)[1]
    if table is None or on.year not in YEARS:
        return None
    monday = on - timedelta(days=on.weekday())
    days = [_spans(table, monday + timedelta(days=n), calendar) for n in range(7)]
    return [[_written(span) for span in day if span.open] for day in days]


@lru_cache(maxsize=_TEXTS)
def _read(text: str) -> tuple[Hours, Timetable | None]:
    if not text.strip():
        return Hours(""), None
    try:
        osm = to_osm(text)
        return Hours(text, osm), Timetable(osm)
    except UnreadableError as why:
        return Hours(text, reason=why.reason, piece=why.piece), None
    except ValueError:
        # Read, but into something of which no one could say what it means.
        return Hours(text, reason="order"), None


def _answer(text: str, at: datetime, calendar: Calendar) -> _Answer:
    table = _read(text)[1]
    if table is None:
        return _Answer(calendar, at, at + _DAY, _NOTHING_KNOWN)
    midnight = at.replace(hour=0, minute=0)
    minute = (at - midnight) // _MINUTE
    now, change = _now_and_next(table, midnight.date(), minute, calendar)
    until = None if change is None else midnight + timedelta(minutes=change)
    return _Answer(calendar, at, until or at + _DAY, State(now, until))


def _now_and_next(
    table: Timetable, day: date, minute: int, calendar: Calendar
) -> tuple[bool | None, int | None]:
    changes = _changes(table, day, calendar)
    _, now = next(changes)
    for at, then in changes:
        if at <= minute:
            now = then
        elif then is not now:
            return now, at
    return now, None


def _changes(table: Timetable, day: date, calendar: Calendar) -> Iterator[tuple[int, bool | None]]:
    """Give minutes from the day's midnight, in order, and what holds from each on."""
    before = _spans(table, day - _DAY, calendar)
    for ahead in range(_DAYS_AHEAD + 1):
        today = _spans(table, day + ahead * _DAY, calendar)
        # All that can reach into this day: a span is at most two days long.
        here = [(s.start - DAY_MIN, s.end - DAY_MIN, s.open) for s in before] + list(today)
        moments = {0} | {moment for start, end, _ in here for moment in (start, end)}
        for moment in sorted(moments):
            if 0 <= moment < DAY_MIN:
                yield ahead * DAY_MIN + moment, _open_at(here, moment)
        before = today


def _open_at(spans: list[tuple[int, int, bool | None]], moment: int) -> bool | None:
    now = {is_open for start, end, is_open in spans if start <= moment < end}
    if True in now:
        return True
    return None if now else False


def _spans(table: Timetable, day: date, calendar: Calendar) -> tuple[Span, ...]:
    rules = calendar.rules_of(day)
    return table.on(rules.day, holiday=rules.holiday)


def _written(span: Span) -> str:
    end = span.end if span.end <= DAY_MIN else span.end - DAY_MIN
    return f"{span.start // 60:02}:{span.start % 60:02}-{end // 60:02}:{end % 60:02}"
