"""From what people typed to values: text, degrees, counts, phones, dates."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata import wording
from geodata.exchange.tables import Texts, texts

type Floats = NDArray[np.float64]
type Mask = NDArray[np.bool_]

_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")

_DEGREES = re.compile(
    r"""(?P<sign>[-+]?)(?P<before>[NSEW]|[东西南北][经纬]|经度|纬度)?:?\s*
        (?P<degrees>\d{1,3}(?:\.\d+)?)\s*[°度d:]?\s*
        (?:(?P<minutes>\d{1,2}(?:\.\d+)?)\s*['′’分m:]?\s*)?
        (?:(?P<seconds>\d{1,2}(?:\.\d+)?)\s*(?:["″”秒s]|'')?\s*)?
        (?P<after>[NSEW])?""",
    re.VERBOSE | re.IGNORECASE,
)
_WEST_OR_SOUTH = re.compile("[SW南西]", re.IGNORECASE)
_SEXAGESIMAL = 60.0
_PAIR = re.compile(r"\s*[,，;；、/|]\s*|\s+")
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")

_COUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.0+)?[户人位名口个]?")
_MOST = 100_000_000

_FLOAT_PHONE = re.compile(r"(\d{7,})\.0")
_PHONE = re.compile(
    r"""(?:\(?(?:\+|00)?86\)?[- ]?)?
        (?: 1[3-9]\d[- ]?\d{4}[- ]?\d{4}                       # mobile
          | (?:\(?0\d{2,3}\)?[- ]?)?[2-9]\d{2,3}[- ]?\d{4}     # landline, with or without area code
          | [48]00[- ]?(?:\d{3}[- ]?\d{4}|\d{4}[- ]?\d{3}|\d{7})
          | 9\d{4,5} | 1\d{2} | 1[12]\d{3} | 10\d{3,6} )       # service numbers
        (?:[- ]?(?:转|ext\.?|x|-)[- ]?\d{1,6})?""",
    re.VERBOSE | re.IGNORECASE,
)
_PHONE_BREAK = re.compile(r"\s*[;；,，、/\n|]\s*")

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?")
# The clock cannot count from days at the ends of the calendar: "9999-12-31" for "never"
# has no day after it, and a zone's offset leaves the calendar at both ends.
_YEARS = range(1901, 9000)


def clean(column: Texts, *, lines: bool = False) -> Texts:
    r"""Bring text to NFC, without spaces at the ends and without signs nobody sees.

    Everything else stays as written: direction marks, emoji, markup.

    Parameters
    ----------
    lines
        True keeps line breaks, as ``\n``; otherwise they become single spaces.

    Examples
    --------
    >>> clean(texts(["\u3000泉富 诊所\u200b", "a\r\nb"])).tolist()
    ['泉富 诊所', 'a b']
    """
    return texts([wording.clean(cell, lines=lines) for cell in column])


def unguarded(column: Texts) -> Texts:
    """Take the apostrophe away that an export puts before what looks like a formula.

    Examples
    --------
    >>> unguarded(texts(["'=1+1", "''=1+1", "'s Lands", "-5"])).tolist()
    ['=1+1', "'=1+1", "'s Lands", '-5']
    """
    return texts(
        [cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell for cell in column]
    )


def degrees(column: Texts) -> Floats:
    r"""Read degrees, decimal or with minutes and seconds; NaN where it is neither.

    Examples
    --------
    >>> degrees(texts(["123.4577", "123°27'36\"", "东经123度27分36秒", "１２３．５"])).tolist()
    [123.4577, 123.46, 123.46, 123.5]
    """
    values = _plain_numbers(column)
    rest = np.flatnonzero(np.isnan(values))
    values[rest] = [_degrees(column[at]) for at in rest]
    return values


def pairs(column: Texts) -> tuple[Floats, Floats]:
    """Read positions written in one cell, "lon,lat"; NaN where it is none.

    The other order is understood too: no place in China has a longitude that could
    be its latitude.

    Examples
    --------
    >>> lon, lat = pairs(texts(["123.45,41.79", "41.79 123.45", "somewhere"]))
    >>> lon.tolist(), lat.tolist()
    ([123.45, 123.45, nan], [41.79, 41.79, nan])
    """
    parts = [_PAIR.split(cell.strip("()（）[] ")) for cell in column]
    halves = [part if len(part) == _BOTH else ("", "") for part in parts]
    first, second = (degrees(texts([half[at] for half in halves])) for at in (0, 1))
    turned = (np.abs(first) < _EASTERN_DEG) & (second > _EASTERN_DEG)
    return np.where(turned, second, first), np.where(turned, first, second)


def counts(column: Texts) -> tuple["pd.Series[Any]", Mask]:
    """Read whole numbers of people or flats as Int64, NA for blank, and which were none.

    Examples
    --------
    >>> numbers, wrong = counts(texts(["1,204", "36户", "12.0", "", "many"]))
    >>> numbers.tolist(), wrong.tolist()
    ([1204, 36, 12, <NA>, <NA>], [False, False, False, False, True])
    """
    known: dict[str, object] = {"": pd.NA}
    for cell in set(column) - {""}:
        found = _COUNT.fullmatch(unicodedata.normalize("NFKC", cell))
        number = int(found[1].replace(",", "")[:20]) if found else -1
        known[cell] = number if 0 <= number <= _MOST else None
    values = [known[cell] for cell in column]
    wrong = np.fromiter((value is None for value in values), np.bool_, len(values))
    numbers = pd.Series([pd.NA if value is None else value for value in values], dtype="Int64")
    return numbers, wrong


def phones(columns: Sequence[Texts]) -> tuple[Texts, Mask]:
    """Join phone columns into one, numbers parted by ";", and tell which look like none.

    A number stays as it is written. A space parts numbers only where each piece
    is a whole number by itself.

    Examples
    --------
    >>> joined, odd = phones([texts(["024-23456789、13812345678", "ask Li"]), texts(["110", ""])])
    >>> joined.tolist(), odd.tolist()
    (['024-23456789;13812345678;110', 'ask Li'], [False, True])
    """
    joined = columns[0] if columns else texts([])
    for column in columns[1:]:
        joined = texts([f"{a};{b}" for a, b in zip(joined, column, strict=True)])
    known = {cell: _phones(cell) for cell in set(joined)}
    odd = np.fromiter((known[cell][1] for cell in joined), np.bool_, len(joined))
    return texts([known[cell][0] for cell in joined]), odd


def odd_phones(written: str) -> bool:
    """Tell whether anything in a field of phones looks like none; a blank field does not.

    The judge of an import, for other places where people write phones. It is for a word of
    doubt: a number that no rule knows may still ring.

    Examples
    --------
    >>> [odd_phones(text) for text in ("024-23456789", "13812345678 转 8", "abc", "问老李", "")]
    [False, False, True, True, False]
    """
    return _phones(wording.typed(written))[1]


def dates(column: Texts) -> tuple[Texts, Mask]:
    """Read days of the years 1901 to 8999 as ISO 8601, and tell which were none.

    Examples
    --------
    >>> days, wrong = dates(texts(["2026年3月1日", "2026/03/01", "", "soon", "2026-02-30"]))
    >>> days.tolist(), wrong.tolist()
    (['2026-03-01', '2026-03-01', '', '', ''], [False, False, False, True, True])
    """
    known = {cell: _date(cell) for cell in set(column)}
    wrong = np.fromiter((known[cell] is None for cell in column), np.bool_, len(column))
    return texts([known[cell] or "" for cell in column]), wrong


def looked_up(column: Texts, meaning: Callable[[str], str]) -> tuple[Texts, Mask]:
    """Put a meaning in place of every word, and tell which words have none.

    ``meaning`` is asked once for each word; "" is that it has none. A blank cell stays.
    """
    known = {cell: meaning(cell) for cell in set(column) - {""}} | {"": ""}
    unknown = np.fromiter((bool(c) and not known[c] for c in column), np.bool_, len(column))
    return texts([known[cell] for cell in column]), unknown


def filled(column: Texts) -> Mask:
    """Tell which cells hold anything."""
    return np.fromiter(map(bool, column), np.bool_, len(column))


_EASTERN_DEG = 60.0
_BOTH = 2  # longitude and latitude


def _plain_numbers(column: Texts) -> Floats:
    numbers = pd.to_numeric(pd.Series(column, dtype=object), errors="coerce")
    values = np.array(numbers, dtype=np.float64)
    values[~np.isfinite(values)] = np.nan
    return values


def _degrees(cell: str) -> float:
    text = unicodedata.normalize("NFKC", cell).strip()
    if _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    # NFKC makes two primes of a double prime.
    found = _DEGREES.fullmatch(text.replace("′′", "″"))
    if not found:
        return float("nan")
    minutes, seconds = float(found["minutes"] or 0), float(found["seconds"] or 0)
    if minutes >= _SEXAGESIMAL or seconds >= _SEXAGESIMAL:
        return float("nan")
    value = float(found["degrees"]) + (minutes + seconds / _SEXAGESIMAL) / _SEXAGESIMAL
    marks = (found["before"] or "") + (found["after"] or "")
    return -value if found["sign"] == "-" or _WEST_OR_SOUTH.search(marks) else value


def _phones(cell: str) -> tuple[str, bool]:
    if _PHONE.fullmatch(cell):
        return cell, False
    numbers: list[str] = []
    for chunk in _PHONE_BREAK.split(cell):
        pieces = chunk.split()
        whole = len(pieces) > 1 and all(map(_is_phone, pieces))
        numbers += pieces if whole else [_FLOAT_PHONE.sub(r"\1", chunk.strip())]
    numbers = list(dict.fromkeys(filter(None, numbers)))
    return ";".join(numbers), not all(map(_is_phone, numbers))


def _is_phone(text: str) -> bool:
    return _PHONE.fullmatch(unicodedata.normalize("NFKC", text)) is not None


def _date(cell: str) -> str | None:
    if not cell:
        return ""
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", cell))
    if not found or int(found[1]) not in _YEARS:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return None
