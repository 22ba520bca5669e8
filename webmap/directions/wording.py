"""Names and numbers as a sentence can take them in."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from webmap.directions.phrases import COMPASS
from webmap.i18n import gettext, language

WIDEST: Final = 40
"""Columns of a name in a sentence, where a Chinese character takes two: 20 of them."""

LEAST_M: Final = 15.0
"""A stretch shorter than this is told without its metres."""

_STEPS_M: Final = ((195.0, 10), (975.0, 50))
"""Below so many metres people count in tens, below so many in fifties, then in kilometres."""
_KM: Final = 1000.0
_WHOLE_KM: Final = 9950.0
_NUMBER = re.compile(r"[A-Za-z]{0,3} ?\d+[A-Za-z]?")
_SPLIT = {"Cc", "Zl", "Zp"}


def plain(text: str) -> str:
    r"""Return people's text as one bounded piece of plain text.

    Line breaks and control characters are spaces, marks that are not seen (direction,
    joining) go; what is wider than :data:`WIDEST` ends in "…". "" where nothing is left.

    Examples
    --------
    >>> plain("泉富 \u202e便民\n超市")
    '泉富 便民 超市'
    """
    kinds = ((sign, unicodedata.category(sign)) for sign in unicodedata.normalize("NFC", text))
    seen = "".join(
        " " if kind in _SPLIT else sign for sign, kind in kinds if kind in _SPLIT or kind[0] != "C"
    )
    whole = " ".join(seen.split())
    columns = 0
    for number, sign in enumerate(whole):
        columns += 2 if _wide(sign) else 1
        if columns > WIDEST:
            return f"{whole[: number - 1].rstrip()}…"
    return whole


def street(names: Iterable[str]) -> str:
    """Return the name by which people call a street, in the reader's language if it has one.

    A road's number only if it has no other name.

    Examples
    --------
    >>> street(("Wanliutang Road", "万柳塘路"))
    '万柳塘路'
    >>> street(("G202", "沈水路")), street(("G202",)), street(())
    ('沈水路', 'G202', '')
    """
    told = [name for name in map(plain, native_first(names)) if name]
    return next((name for name in told if not _NUMBER.fullmatch(name)), next(iter(told), ""))


def native_first(names: Iterable[str]) -> list[str]:
    """Sort names so that those in the letters of the reader's language come first."""
    chinese = language() == "zh"
    return sorted(names, key=lambda name: any(map(_wide, name)) is not chinese)


def fitted(name: str) -> str:
    """Return a name as it stands in a sentence: Chinese sets Latin letters off by a space."""
    if not name or language() != "zh":
        return name
    before, after = (" " if sign.isascii() or _latin(sign) else "" for sign in (name[0], name[-1]))
    return f"{before}{name}{after}"


def sentence(clauses: str) -> str:
    """Return clauses as a sentence: begun as the language begins one, without stray spaces."""
    tidy = re.sub(r" +(?=[，）])|(?<=，) +", "", clauses).strip()
    return tidy[:1].upper() + tidy[1:]


def compass(bearing: float) -> str:
    """Return one of eight directions, for degrees clockwise from north."""
    return gettext(COMPASS[round(bearing / 45) % len(COMPASS)])


def distance(metres: float) -> str:
    """Return a length as people say it: 120 m, 350 m, 1.2 km, 12 km."""
    for below, step in _STEPS_M:
        if metres < below:
            return gettext("{n} m", n=max(round(metres / step), 1) * step)
    return _kilometres(metres)


def length(metres: float) -> str:
    """Return the length of a whole way: to ten metres as long as there is no kilometre."""
    tens = max(round(metres / 10), 1) * 10
    return gettext("{n} m", n=tens) if tens < _KM else _kilometres(metres)


def _kilometres(metres: float) -> str:
    if metres >= _WHOLE_KM:
        return gettext("{n} km", n=round(metres / _KM))
    return gettext("{n} km", n=f"{metres / _KM:.1f}".removesuffix(".0"))


def _wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in ("W", "F")


def _latin(sign: str) -> bool:
    return sign.isalnum() and not _wide(sign)
