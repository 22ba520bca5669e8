"""Times of a clock: read from tokens as minutes of a day, and written again."""

from geodata.hours.timetable import DAY_MIN
from geodata.hours.words import Token, UnreadableError

type Minutes = tuple[int, int]

_PM = {hour: hour + 12 for hour in range(1, 12)}
_AM = {12: 0}
# What an hour on a clock face means in a part of the day. 晚12点 is midnight, 夜里1点 after it.
_PARTS: dict[str, dict[int, int]] = {
    "": {},
    "dawn": {12: 0},
    "morning": {},
    "noon": {1: 13, 2: 14, 3: 15},
    "afternoon": _PM,
    "evening": _PM | {12: 24, 0: 24} | {hour: hour + 24 for hour in range(1, 5)},
}
_LATE = {"noon", "afternoon", "evening"}
_NOON_MIN = 12 * 60
_LAST_HOUR = 30  # 26:00 is written, 40:00 is a slip


def read_span(left: list[Token]) -> Minutes:
    """Take ``[part] clock - [next] [part] clock`` off the front."""
    piece = left[0].piece
    part, start = _read_clock(left)
    dash = bool(left) and left[0].kind == "dash"
    if dash:
        del left[0]
    elif not (part and left and left[0].kind == "part"):  # 早8晚8 does without
        raise UnreadableError("times_missing", piece)
    overnight = bool(left) and left[0].kind == "next"
    if overnight:
        del left[0]
    late, end = _read_clock(left)
    if start.kind == "number" and (end.kind == "number" or _half(end) >= 0):
        raise UnreadableError("ambiguous_time", piece)
    if end.kind == "number":
        raise UnreadableError("ambiguous_time", end.piece)
    return _resolve(part, start, late, end, overnight=overnight)


def _read_clock(left: list[Token]) -> tuple[str, Token]:
    part = str(left.pop(0).value) if left and left[0].kind == "part" else ""
    if not left or left[0].kind not in {"clock", "number"}:
        raise UnreadableError("times_missing", left[0].piece if left else "")
    return part, left.pop(0)


def _half(token: Token) -> int:
    return int(token.value[2])


def _resolve(part: str, start: Token, late: str, end: Token, *, overnight: bool) -> Minutes:
    first, last = _minute(part, start) % DAY_MIN, _minute(late, end)
    if not late and not overnight and _half(end) < 0 and part in _LATE:
        # 下午1:30-5:00 stays in the afternoon, where that makes sense.
        last = max(last, _minute(part, end))
    if overnight and last < DAY_MIN:
        last += DAY_MIN
    if last <= first:
        last = _next_day(first, last, sure=late == "dawn" or _half(end) == 0, piece=end.piece)
    if not 0 < last - first <= DAY_MIN:
        raise UnreadableError("ambiguous_time", end.piece)
    return first, last


def _next_day(first: int, last: int, *, sure: bool, piece: str) -> int:
    # 13:00 and later is surely a 24-hour clock, so an end before it is tomorrow.
    # 8:30-5:00 may be an afternoon or a slip: ask. Midnight itself is clear.
    if sure or first > _NOON_MIN or last == 0:
        return last + DAY_MIN
    raise UnreadableError("ambiguous_time", piece)


def _minute(part: str, clock: Token) -> int:
    hour, minute, half = (int(value) for value in clock.value)
    if half >= 0:
        hour = (_PM if half else _AM).get(hour, hour)
    hour = _PARTS[part].get(hour, hour)
    if hour > _LAST_HOUR:
        raise UnreadableError("word", clock.piece)
    return hour * 60 + minute


def cut(spans: list[Minutes], away: Minutes) -> None:
    """Take a stretch out of spans, in place."""
    start, end = away
    spans[:] = [
        piece
        for first, last in spans
        for piece in ((first, min(last, start)), (max(first, end), last))
        if piece[0] < piece[1]
    ]


def write_span(first: int, last: int) -> str:
    """Write a stretch the way OSM does: 09:00-02:00 where it ends on the next day."""
    return f"{_clock_text(first)}-{_clock_text(last)}"


def _clock_text(minute: int) -> str:
    # 24:00 is midnight at the end of a day; beyond it OSM goes round the clock.
    hour, rest = divmod(minute, 60)
    return f"{hour if minute <= DAY_MIN else hour - 24:02}:{rest:02}"
