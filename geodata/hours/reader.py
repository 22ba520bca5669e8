"""From what people write to the OpenStreetMap syntax."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from geodata.hours.clock import Minutes, cut, read_span, write_span
from geodata.hours.timetable import DAY_MIN, Timetable, is_beyond
from geodata.hours.words import MORE_THAN_PEOPLE_WRITE, Token, UnreadableError, tidy, tokens

# Possessive, for a long row of digits can be cut up in very many ways.
_OSM = re.compile(
    r"(?:\d\d:\d\d|\d{1,4}|24/7|[\s,;:/|+\-\[\]]|\"[^\"]*\""
    r"|\b(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
    r"|week|easter|days?|off|closed|open|unknown|sunrise|sunset|dawn|dusk)\b)++",
    re.ASCII,
)
# 8:00 is nobody's OSM, and in 08:00-12:00; 14:00-17:00 OSM takes the second for
# a correction of the first, where people mean both.
_LOOSE = re.compile(r"(?<![0-9])[0-9]:[0-9]{2}|;\s*[0-9:,-]+\s*(?:;|$)")
_TELLS_TIMES = re.compile(r"\d\d:\d\d-|\d\d:\d\d\+|24/7|off|closed|sun(?:rise|set)|dawn|dusk")

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_MANY_DAYS = 3
_EVERY_DAY = frozenset(range(7))
_WEEKEND = frozenset({5, 6})


@dataclass(slots=True)
class _Rule:
    dates: str = ""
    days: set[int] = field(default_factory=set)
    holidays: bool = False
    spans: list[Minutes] = field(default_factory=list)
    off: bool = False
    items: list[set[int]] = field(default_factory=list)  # the days, piece by piece
    listed: bool = False  # a comma, which may part as well as join, between the pieces

    @property
    def selects(self) -> bool:
        return bool(self.dates or self.days or self.holidays)

    @property
    def tells(self) -> bool:
        return self.off or bool(self.spans)

    def osm(self) -> str:
        days = "" if self.days == _EVERY_DAY and not self.holidays else _day_names(self.days)
        when = ",".join(part for part in (days, "PH" if self.holidays else "") if part)
        value = "off" if self.off else ",".join(write_span(*span) for span in sorted(self.spans))
        return " ".join(part for part in (self.dates, when, value) if part)


def to_osm(text: str) -> str:
    """Read what a person wrote as an OpenStreetMap opening_hours expression.

    What is in that syntax already, strictly (two-digit hours, capital
    weekdays), comes back as it is, apart from widths and dashes. The rest is
    read by the words of :mod:`geodata.hours.words`; nothing is guessed.

    Raises
    ------
    UnreadableError
        ``too_long``; ``word`` (unknown); ``times_missing``; ``ambiguous_time``
        (8:30-5:00); ``season`` (夏季, without dates); ``order`` (known words
        that make no sense together); ``beyond`` (OSM for which we lack the
        facts: the sun, school holidays, open ends).

    Examples
    --------
    >>> to_osm("周一至周五 8:30—17:00；周末休息")
    'Mo-Fr 08:30-17:00; Sa-Su off'
    """
    # Before and after: one sign may unfold into eighteen.
    tidied = tidy(text) if len(text) <= MORE_THAN_PEOPLE_WRITE else text
    if len(tidied) > MORE_THAN_PEOPLE_WRITE:
        raise UnreadableError("too_long")
    if _OSM.fullmatch(tidied) and is_beyond(tidied):
        raise UnreadableError("beyond")
    if _is_osm(tidied):
        return tidied
    return _Reader().read(tokens(tidied))


def _is_osm(text: str) -> bool:
    if not _OSM.fullmatch(text) or not _TELLS_TIMES.search(text) or _LOOSE.search(text):
        return False
    try:
        Timetable(text)
    except ValueError:
        return False
    return True


class _Reader:
    """Goes through the tokens once, filling one rule after another."""

    def __init__(self) -> None:
        self.rules: list[_Rule] = []
        self.exceptions: list[_Rule] = []
        self.now = _Rule()
        self.season = ""
        self.dated = False
        self.workdays = False  # 工作日 was said, which no holiday is
        self.holidays_told = False
        self.break_next = False

    def read(self, found: list[Token]) -> str:
        left = list(found)
        while left:
            handler = getattr(self, f"on_{left[0].kind}", None)
            if handler is None:
                raise UnreadableError("order", left[0].piece)
            handler(left)
        self._finish()
        self._times_before_days()
        if self.season and not self.dated:
            raise UnreadableError("season", self.season)
        return self._osm()

    # One method for each kind of token; each takes what it uses off the front.

    def on_comma(self, left: list[Token]) -> None:
        del left[0]
        goes_on = bool(left) and left[0].kind in {"day", "days", "workdays", "holidays"}
        self.now.listed |= bool(self.now.items) and goes_on

    def on_and(self, left: list[Token]) -> None:
        del left[0]

    def on_semi(self, left: list[Token]) -> None:
        del left[0]
        self.break_next = False
        last = self.rules[-1] if self.rules else None
        if self.now.tells:
            self._finish()
        elif self.now.selects and last and last.spans and not last.selects:
            last.days, last.holidays = self.now.days, self.now.holidays
            self.now = _Rule()

    def on_season(self, left: list[Token]) -> None:
        self.season = left.pop(0).piece

    def on_days(self, left: list[Token]) -> None:
        self._select(_numbers(left.pop(0)))

    def on_workdays(self, left: list[Token]) -> None:
        self.workdays = True
        self.on_days(left)

    def on_day(self, left: list[Token]) -> None:
        first = _numbers(left.pop(0))
        if _kinds(left, "dash", "day"):
            (start,), (end,) = first, _numbers(left[1])
            first = {day % 7 for day in range(start, end + 1 if end >= start else end + 8)}
            del left[:2]
        if left and left[0].kind == "except":
            del left[0]
            self.exceptions.append(_Rule(days=first, off=True))
        else:
            self._select(first)

    def on_holidays(self, left: list[Token]) -> None:
        del left[0]
        self.holidays_told = True
        if left and left[0].kind == "except":
            del left[0]
            self.exceptions.append(_Rule(holidays=True, off=True))
        else:
            self._select(set())
            self.now.holidays = True

    def on_date(self, left: list[Token]) -> None:
        if not _kinds(left, "date", "dash", "date"):
            raise UnreadableError("order", left[0].piece)
        first, last = _date(left[0], last=False), _date(left[2], last=True)
        del left[:3]
        if self.now.tells:
            self._finish()
        self.now = replace(self.now, dates=f"{first}-{last}")
        self.dated = True

    def on_all_day(self, left: list[Token]) -> None:
        del left[0]
        self._add((0, DAY_MIN))

    def on_part(self, left: list[Token]) -> None:
        self._add(read_span(left))

    on_clock = on_number = on_part

    def on_break(self, left: list[Token]) -> None:
        del left[0]
        if left and left[0].kind in {"clock", "part", "number"}:
            self.break_next = True
        else:
            self._close_last_span()

    def on_usual(self, left: list[Token]) -> None:
        del left[0]
        if self.now.holidays and not self.now.days:
            # As on any other such day: that is what no rule at all means.
            self.now = _Rule()
        elif self.now.selects and not self.now.tells:
            example = next((rule.spans for rule in self.rules if rule.spans), [])
            self.now.spans = list(example)
        else:
            self.holidays_told = True

    def on_off(self, left: list[Token]) -> None:
        piece = left.pop(0).piece
        if self.now.spans:
            self._close_last_span(piece)
        elif self.now.selects or not (self.rules or left):
            self._settle()
            self.now.off = True
        else:
            raise UnreadableError("order", piece)

    # What several of them do.

    def _select(self, days: set[int]) -> None:
        if self.now.tells:
            dates = self.now.dates
            self._finish()
            self.now.dates = dates
        self.now.days |= days
        self.now.items.append(days)

    def _settle(self) -> None:
        """Give days that follow their times back to them: 8:00-17:00 周一至周五，周六休息."""
        last = self.rules[-1] if self.rules else None
        if self.now.tells or len(self.now.items) == 1 or not last or last.selects or not last.spans:
            return
        first, *others = self.now.items or [set()]
        if len(first) >= _MANY_DAYS:
            last.days, self.now.days = first, set().union(*others)
        elif self.now.listed:
            raise UnreadableError("order")

    def _add(self, span: Minutes) -> None:
        if self.break_next:
            self.break_next = False
            cut(self.now.spans or self._last_spans(), span)
            return
        if self.now.off:
            self._finish()
        self._settle()
        if span not in self.now.spans:
            self.now.spans.append(span)

    def _last_spans(self) -> list[Minutes]:
        return next((rule.spans for rule in reversed(self.rules) if rule.spans), [])

    def _close_last_span(self, piece: str = "") -> None:
        """Take back the span just read: it is when the shop is closed (12:00-13:00休息)."""
        if not self.now.spans:
            raise UnreadableError("order", piece)
        span = self.now.spans.pop()
        around = self.now.spans
        if not around and not self.now.selects:
            around = self._last_spans()
        if not any(start <= span[0] and span[1] <= end for start, end in around):
            raise UnreadableError("order", piece)
        cut(around, span)

    def _finish(self) -> None:
        if not self.now.selects and not self.now.tells:
            return
        for rule in self.rules:
            same = (rule.dates, rule.days, rule.holidays)
            if rule.spans and same == (self.now.dates, self.now.days, self.now.holidays):
                rule.spans += [span for span in self.now.spans if span not in rule.spans]
                break
        else:
            self.rules.append(self.now)
        self.now = _Rule()

    def _times_before_days(self) -> None:
        """Put the rules right where the days stand after their times: 8:00-20:00（周一至周五）."""
        exceptions = [rule for rule in self.rules if rule.off] + self.exceptions
        rules = [rule for rule in self.rules if not rule.off]
        if rules and not rules[-1].tells:
            if rules[0].selects or len(rules) == 1:
                raise UnreadableError("times_missing")
            for rule, later in pairwise(rules):
                rule.dates, rule.days, rule.holidays = later.dates, later.days, later.holidays
            rules.pop()
        if any(not rule.tells for rule in rules):
            raise UnreadableError("times_missing")
        self.rules = rules + exceptions

    def _osm(self) -> str:
        if not any(rule.spans for rule in self.rules):
            if len(self.rules) == 1 and not self.rules[0].selects:
                return "off"
            raise UnreadableError("times_missing")
        if self.workdays and not self.holidays_told:
            weekend = [rule for rule in self.rules if rule.days == _WEEKEND and rule.spans]
            if weekend:
                weekend[0].holidays = True
            else:
                self.rules.append(_Rule(holidays=True, off=True))
        for rule in self.rules:
            if any(one[1] > other[0] for one, other in pairwise(sorted(rule.spans))):
                raise UnreadableError("order")
        # In OSM later rules win: what holds for every day goes first, and what
        # holds for holidays alone has the last word.
        self.rules.sort(key=lambda rule: (rule.selects, rule.holidays and not rule.days))
        if len(self.rules) == 1 and self.rules[0].osm() == "00:00-24:00":
            return "24/7"
        return "; ".join(rule.osm() for rule in self.rules)


def _numbers(token: Token) -> set[int]:
    return {int(value) for value in token.value}


def _kinds(left: list[Token], *kinds: str) -> bool:
    return [token.kind for token in left[: len(kinds)]] == list(kinds)


def _date(token: Token, *, last: bool) -> str:
    month, day = (int(value) for value in token.value)
    longest = _MONTH_DAYS[month - 1]
    if day > longest:
        raise UnreadableError("word", token.piece)
    return f"{_MONTHS[month - 1]} {day or (longest if last else 1):02}"


def _day_names(days: set[int]) -> str:
    return ",".join(
        _DAYS[first] if first == last else f"{_DAYS[first]}-{_DAYS[last]}"
        for first, last in _runs(sorted(days))
    )


def _runs(days: list[int]) -> Iterator[tuple[int, int]]:
    starts = [day for day in days if day - 1 not in days]
    ends = [day for day in days if day + 1 not in days]
    return zip(starts, ends, strict=True)
