"""What people write of opening hours, cut into tokens: the tables and the scissors."""

import re
import unicodedata
from typing import NamedTuple

MORE_THAN_PEOPLE_WRITE = 200


class UnreadableError(Exception):
    """The text cannot be read, for a reason that is one word, at a piece of it.

    It stays inside the package, which tells its callers by ``Hours.reason``.
    """

    def __init__(self, reason: str, piece: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.piece = piece


class Token(NamedTuple):
    """A piece of text and what it is."""

    kind: str
    value: tuple[int, ...] | str
    piece: str


_WEEK, _WORK, _END = tuple(range(7)), tuple(range(5)), (5, 6)

# kind, value, words. Values of "days" are weekdays from Monday = 0.
_TABLE: tuple[tuple[str, tuple[int, ...] | str, str], ...] = (
    ("days", _WEEK, "每天 每日 天天 每周七天 一周七天 全周 daily everyday"),
    ("days", _END, "周末 双休日 双休 礼拜末 weekends weekend"),
    ("workdays", _WORK, "工作日 weekdays weekday"),
    ("days", _WORK, "平日 平时"),
    ("day", (0,), "monday mon mo"),
    ("day", (1,), "tuesday tues tue tu"),
    ("day", (2,), "wednesday wed we"),
    ("day", (3,), "thursday thurs thur thu th"),
    ("day", (4,), "friday fri fr"),
    ("day", (5,), "saturday sat sa"),
    ("day", (6,), "sunday sun su"),
    (
        "holidays",
        "",
        """国家法定节假日 法定节假日 法定假日 法定节日 节假日 国定假日 公众假期 公共假期
        公共假日 节日 假日 ph holidays holiday""",
    ),
    (
        "off",
        "",
        """休息 休业 不营业 不开门 不上班 不开放 关门 关闭 闭店 歇业 停业 暂停营业 店休 公休
        休诊 停诊 放假 打烊 闭馆 休 closed off""",
    ),
    ("except", "", "除外 以外 外"),
    (
        "usual",
        "",
        "照常营业 正常营业 照常开放 正常开放 照常 正常 不休息 不休 无休 不打烊 全年无休 年中无休",
    ),
    ("break", "", "午休时间 午休 午间休息 中午休息"),
    (
        "all_day",
        "",
        "24小时 二十四小时 24h 24hours 24hrs 全天候 全天 全日 昼夜 24/7 7*24 7x24",
    ),
    ("part", "dawn", "凌晨 清晨"),
    ("part", "morning", "早上 早晨 上午 早"),
    ("part", "noon", "中午 正午"),
    ("part", "afternoon", "下午 午后"),
    ("part", "evening", "晚上 晚间 夜间 夜里 夜晚 傍晚 晚 夜"),
    ("next", "", "次日 第二天 翌日 隔日 隔天"),
    ("season", "", "夏季 冬季 春季 秋季 夏天 冬天 夏令时 冬令时 暑期 寒假 暑假"),
    ("comma", "", ", / |"),
    ("and", "", "、 和 及 与 and"),
    ("semi", "", "; 。"),
    ("dash", "", "- to till until"),
    (
        "noise",
        "",
        """营业时间 开放时间 服务时间 门诊时间 接诊时间 上班时间 工作时间 营业 开放 服务 门诊
        接诊 上班 开门 其余时间 其他时间 其余 其他 时间 为 是 均 都 的 从 除 每
        ( ) [ ] : from open hours hrs opening""",
    ),
)


def _vocabulary() -> dict[str, tuple[str, tuple[int, ...] | str]]:
    return {word: (kind, value) for kind, value, words in _TABLE for word in words.split()}


_WORDS = _vocabulary()
_LONGEST_FIRST = sorted(_WORDS, key=len, reverse=True)
_NUMERALS = "二十[一二三四]?|十[一二三四五六七八九]?|[一二两三四五六七八九]"
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_WEEK_SIGNS = {sign: day for day, sign in enumerate("一二三四五六日")} | {"天": 6}

_PATTERNS = {
    "word": "|".join(
        re.escape(word) + ("(?![a-z])" if word.isascii() and word.isalpha() else "")
        for word in _LONGEST_FIRST
    ),
    "clock": (
        rf"(?P<hour>\d{{1,2}}|{_NUMERALS})"
        r"(?:[:.](?P<minute>[0-5]\d)(?::00)?(?!\d)"
        r"|[点时](?:整|(?P<half>半)|(?P<quarter>[一三])刻|(?P<past>[0-5]?\d)分?(?!\d))?|(?=\s?[ap]\.?m))"
        r"\s?(?P<noon>[ap]\.?m\.?(?![a-z]))?"
    ),
    "date": (
        r"(?P<month>1[0-2]|0?[1-9])"
        r"(?:月(?:(?P<date>[0-3]?\d)[日号]?)?|/(?P<slash>[0-3]?\d)(?!\d))"
    ),
    "month": r"(?P<first>1[0-2]|0?[1-9])(?=-(?:1[0-2]|0?[1-9])月)",
    "weekday": r"(?:周|星期|礼拜)(?P<sign>[一二三四五六日天]|[1-7](?![\d:.点时]))",
    "number": r"\d{1,2}(?!\d)",
}
# Words come first, for 24小时 is not a clock; a clock before the numerals of a
# weekday, for in 周一三点 the second is an hour.
_SCISSORS = re.compile("|".join(f"(?P<{name}_>{one})" for name, one in _PATTERNS.items()), re.ASCII)
_SPACE = re.compile(r"\s+")
_MORE_DAYS = re.compile(r"[一二三四五六日天]|[1-7](?![\d:.点时/月])", re.ASCII)

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−~〜∼ー─━", "-"))
_SPOKEN = str.maketrans({"到": "-", "至": "-", "。": ";", "\n": ";", "：": ":"})


def tidy(text: str) -> str:
    """Fold widths and dashes and drop what cannot be seen; the wording stays."""
    folded = unicodedata.normalize("NFKC", text)
    seen = "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")
    return re.sub(r"-+", "-", seen.translate(_DASHES)).replace("-23:59", "-24:00").strip()


def tokens(text: str) -> list[Token]:
    """Cut a tidy text into tokens.

    Raises
    ------
    UnreadableError
        ``word`` with the piece where a thing begins that no table knows.
    """
    spoken = re.sub(r"-+", "-", text.lower().translate(_SPOKEN))
    found: list[Token] = []
    at = 0
    while at < len(spoken):
        blank = _SPACE.match(spoken, at)
        if blank:
            at = blank.end()
            continue
        match = _SCISSORS.match(spoken, at)
        more = _MORE_DAYS.match(spoken, at) if _days_go_on(found) else None
        if more and not (match and match["clock_"]):
            found.append(_weekday(more[0], more[0]))
            at = more.end()
            continue
        if not match:
            raise UnreadableError("word", spoken[at : at + 12])
        found.append(_token(match, found))
        at = match.end()
    return [token for token in found if token.kind != "noise"]


def _days_go_on(found: list[Token]) -> bool:
    """Tell whether a bare 三 would be a weekday here: 周一三, 周一、三, 周一至三."""
    if found and found[-1].kind in {"comma", "and", "dash"}:
        found = found[:-1]
    return bool(found) and found[-1].kind == "day" and not found[-1].piece.isascii()


def _token(match: re.Match[str], found: list[Token]) -> Token:
    piece = match[0]
    if match["word_"]:
        kind, value = _WORDS[piece]
        return Token(kind, value, piece)
    if match["clock_"]:
        return Token("clock", _clock(match), piece)
    if match["date_"]:
        day = match["date"] or match["slash"] or "0"
        return Token("date", (int(match["month"]), int(day)), piece)
    if match["month_"]:
        return Token("date", (int(match["first"]), 0), piece)
    if match["weekday_"]:
        return _weekday(match["sign"], piece)
    # A bare number is an hour where something beside it says so: 早8, 8-20点.
    sure = bool(found) and found[-1].kind == "part"
    return Token("clock" if sure else "number", (int(piece), 0, -1), piece)


def _weekday(sign: str, piece: str) -> Token:
    day = int(sign) - 1 if sign.isdigit() else _WEEK_SIGNS[sign]
    # The piece tells 周一 from Mon, after which no bare sign can follow.
    return Token("day", (day,), piece if not piece.isascii() else f"周{piece}")


def _clock(match: re.Match[str]) -> tuple[int, ...]:
    """Give hour, minute, and 0 for am, 1 for pm, -1 for neither."""
    minute = int(match["minute"] or match["past"] or 0)
    if match["half"]:
        minute = 30
    if match["quarter"]:
        minute = 15 if match["quarter"] == "一" else 45
    noon = match["noon"]
    return _number(match["hour"]), minute, -1 if not noon else int(noon[0] == "p")


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)
