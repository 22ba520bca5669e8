"""How wide a text is, and how it breaks: a sheet is laid out without a browser's help."""

import unicodedata
from collections.abc import Iterator

_NARROW, _CAPITAL = 0.58, 0.74
"""Of the height of the type: on the safe side of the fonts that poster.css names."""
_LONGEST = 12
"""Letters of a word that is not parted, such as 08:00–20:00."""
_AS_DIGITS = "–·’"


def width(text: str) -> float:
    """Return how wide a text is, as a multiple of its type's height.

    Examples
    --------
    >>> width("泉富社区"), round(width("024-8"), 2)
    (4.0, 2.9)
    """
    return sum(map(_advance, text))


def broken(text: str, room: float, most: int) -> list[str]:
    """Break a text into lines no wider than the room; what is too much ends in an ellipsis.

    ``room`` is a multiple of the type's height, ``most`` the number of lines.

    Examples
    --------
    >>> broken("泉富家电维修服务部", 5, 2)
    ['泉富家电维', '修服务部']
    >>> broken("泉富家电维修服务部", 4, 2)
    ['泉富家电', '维修服…']
    """
    lines = [""]
    for sign in _signs(text):
        if lines[-1] and width(lines[-1] + sign) > room:
            lines.append("")
        lines[-1] += sign
    lines = [line.strip() for line in lines]
    return lines if len(lines) <= most else [*lines[: most - 1], _cut(lines[most - 1], room)]


def _cut(line: str, room: float) -> str:
    signs = list(_signs(line))
    while signs and width("".join(signs)) + 1 > room:
        signs.pop()
    return "".join(signs) + "…"


def _signs(text: str) -> Iterator[str]:
    """Give what may not be parted: words of Latin letters, and signs with what belongs to them."""
    held = ""
    for letter in text:
        if held and not _belongs(held, letter):
            yield held
            held = ""
        held += letter
        if len(held) >= _LONGEST and all(map(_of_word, held)):
            yield held
            held = ""
    if held:
        yield held


def _belongs(held: str, letter: str) -> bool:
    joined = "\u200d" in (held[-1], letter) or unicodedata.category(letter) in {"Mn", "Me", "Sk"}
    return joined or (_of_word(held[-1]) and _of_word(letter))


def _of_word(letter: str) -> bool:
    return letter == "–" or (letter.isascii() and not letter.isspace())


def _advance(letter: str) -> float:
    if unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0.0
    if unicodedata.east_asian_width(letter) in "WFA" and letter not in _AS_DIGITS:
        return 1.0
    return _CAPITAL if letter.isupper() else _NARROW
