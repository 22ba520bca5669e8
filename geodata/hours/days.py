"""Which days are public holidays, and which weekend days are worked instead (调休)."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import NamedTuple, Self

import holidays

from geodata.errors import Invalid

_SATURDAY, _SUNDAY = 5, 6
_DAY = timedelta(days=1)


class DayKind(StrEnum):
    """What the State Council made of a day."""

    ORDINARY = "ordinary"
    HOLIDAY = "holiday"
    WORKDAY = "workday"


class RulesOf(NamedTuple):
    """By which rules of its opening hours a shop goes on a day."""

    day: date
    """The day whose weekday (and season) counts."""
    holiday: bool
    """Whether its rules for public holidays count."""


_KINDS = {
    "holiday": DayKind.HOLIDAY,
    "放假": DayKind.HOLIDAY,
    "休": DayKind.HOLIDAY,
    "workday": DayKind.WORKDAY,
    "上班": DayKind.WORKDAY,
    "补班": DayKind.WORKDAY,
    "班": DayKind.WORKDAY,
}
_DATE_HEADINGS = ("date", "日期")
_KIND_HEADINGS = ("kind", "类型")


class Calendar:
    """Public holidays and made-up working days of mainland China.

    Built without arguments it knows what the ``holidays`` package knows: the
    statutory days of every year, and the State Council's full notice up to the
    year :meth:`official` still affirms. An operator lays a newer notice over it
    with :meth:`from_table`.

    A Saturday or Sunday that touches a holiday belongs to it (连休), as in the
    notices themselves: 2026-10-04 is as much National Day as 2026-10-05.

    Examples
    --------
    >>> calendar = Calendar()
    >>> [str(calendar.kind(date(2026, 10, day))) for day in (4, 7, 8, 10)]
    ['holiday', 'holiday', 'ordinary', 'workday']
    """

    def __init__(self, told: Mapping[date, DayKind] | None = None) -> None:
        self._told = dict(told or {})
        # Every notice names National Day, and it alone never lies in the
        # neighbouring year's notice, as a day around New Year may.
        self._whole_years = {day.year for day in self._told if (day.month, day.day) == (10, 1)}
        self._kinds: dict[date, DayKind] = {}

    @classmethod
    def from_table(cls, rows: Iterable[Mapping[str, object]]) -> Self:
        """Build a calendar from an official notice, one row a day.

        Parameters
        ----------
        rows
            ``date`` (日期): a date or ISO text. ``kind`` (类型): holiday, 放假
            or 休; workday, 上班, 补班 or 班. Other columns are ignored.

        Returns
        -------
        Calendar
            A year whose National Day is in the table is taken from the table
            alone and is official. Rows of any other year are laid over what is
            known of it. No rows at all give the calendar as shipped.

        Raises
        ------
        Invalid
            ``calendar_date_invalid``, ``calendar_kind_invalid``, or
            ``calendar_date_twice`` when two rows disagree about a day; each
            with ``row`` (from 1) and ``value``.

        Examples
        --------
        >>> notice = [{"date": "2027-10-01", "kind": "放假"}, {"date": "2027-10-09", "kind": "班"}]
        >>> str(Calendar.from_table(notice).kind(date(2027, 10, 9)))
        'workday'
        """
        told: dict[date, DayKind] = {}
        for number, row in enumerate(rows, start=1):
            day, kind = _day_of(row, number), _kind_of(row, number)
            if told.setdefault(day, kind) is not kind:
                raise Invalid("calendar_date_twice", row=number, value=day.isoformat())
        return cls(told)

    def official(self, year: int) -> bool:
        """Tell whether the year's notice is known; if not, a page should say 推算."""
        return year in self._whole_years or _noticed(year)

    def kind(self, day: date) -> DayKind:
        """Tell what kind of day it is; far years, of which nothing is known, are ordinary."""
        known = self._kinds.get(day)
        if known is None:
            # Bounded by the days that are asked for: about a year from now.
            known = self._kinds[day] = self._find(day)
        return known

    def rules_of(self, day: date) -> RulesOf:
        """Say by which day's rules opening hours are read on this day.

        A made-up working day follows the weekday beside it: a Saturday Friday's
        rules, a Sunday Monday's. Which weekday it makes up for is in no notice,
        and shops that keep office hours have the same on all five.

        A public holiday keeps its own weekday, and the rules for public
        holidays count besides. A text without any such rule therefore keeps its
        ordinary hours: most shops open on holidays, the text is what the
        merchant promised, and closing it for them would be our invention.
        """
        kind = self.kind(day)
        if kind is DayKind.WORKDAY and day.weekday() == _SATURDAY:
            return RulesOf(day - _DAY, holiday=False)
        if kind is DayKind.WORKDAY and day.weekday() == _SUNDAY:
            return RulesOf(day + _DAY, holiday=False)
        return RulesOf(day, holiday=kind is DayKind.HOLIDAY)

    def _find(self, day: date) -> DayKind:
        kind = self._named(day)
        if kind is DayKind.ORDINARY and self._joins_a_holiday(day):
            return DayKind.HOLIDAY
        return kind

    def _joins_a_holiday(self, day: date) -> bool:
        if day.weekday() == _SATURDAY:
            before, after = day - _DAY, day + _DAY
        elif day.weekday() == _SUNDAY:
            before, after = day + _DAY, day - _DAY
        else:
            return False
        # ``before`` is the weekday beside it, ``after`` the other weekend day,
        # which passes on what it touches unless it is worked.
        if self._named(before) is DayKind.HOLIDAY or self._named(after) is DayKind.HOLIDAY:
            return True
        beyond = after + (after - day)
        return self._named(after) is DayKind.ORDINARY and self._named(beyond) is DayKind.HOLIDAY

    def _named(self, day: date) -> DayKind:
        told = self._told.get(day)
        if told is not None:
            return told
        if day.year in self._whole_years:
            return DayKind.ORDINARY
        return _shipped(day.year).get(day, DayKind.ORDINARY)


def _day_of(row: Mapping[str, object], number: int) -> date:
    value = next((row[heading] for heading in _DATE_HEADINGS if heading in row), None)
    if isinstance(value, date):
        # A spreadsheet gives a datetime, which is a date too, but not equal to one.
        return date(value.year, value.month, value.day)
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise Invalid("calendar_date_invalid", row=number, value=str(value)) from None


def _kind_of(row: Mapping[str, object], number: int) -> DayKind:
    value = next((row[heading] for heading in _KIND_HEADINGS if heading in row), None)
    kind = _KINDS.get(str(value).strip().lower())
    if kind is None:
        raise Invalid("calendar_kind_invalid", row=number, value=str(value))
    return kind


@cache
def _shipped(year: int) -> dict[date, DayKind]:
    # The next year too: a day around New Year may stand in that year's notice.
    table = holidays.country_holidays("CN", years=(year, year + 1), expand=False)
    kinds = {day: DayKind.HOLIDAY for day in table if day.year == year}
    kinds |= {day: DayKind.WORKDAY for day in table.weekend_workdays if day.year == year}
    return kinds


@cache
def _noticed(year: int) -> bool:
    # Since 2001 no notice has gone without a made-up working day, and the
    # package computes the statutory days of years that have no notice yet.
    table = holidays.country_holidays("CN", years=year, expand=False)
    return any(day.year == year for day in table.weekend_workdays)
