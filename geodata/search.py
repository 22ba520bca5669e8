"""Find a place by a piece of its name, by pinyin, initials, phone or address.

Every run of letters is indexed by all its endings, so that a *prefix* look-up
finds a piece from anywhere inside it: 便民 stands at the head of 便民超市, an
ending of 泉富便民超市. One kind of token serves Chinese, pinyin, Latin words and
digits alike, both engines can answer it from an index, and what it finds needs
no second check. (FTS5's own trigrams find nothing for one or two characters.)
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import import_module
from types import ModuleType

LONGEST = 16
"""Characters of a run that are indexed; a longer query is cut to as many."""

_HEAD = "_"  # stands before what begins a name; no query can contain it (see _RUN)
_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\W_\u3400-\u9fff\uf900-\ufaff]+|[^\w\s]|_")
_SIGN = re.compile(r"u[0-9a-f]{2,6}")  # what _runs makes of a sign: found whole or not at all
_READINGS = 4  # of a name with characters that are read in several ways


def fold(text: str) -> str:
    """Bring text to the one form in which it is compared: NFKC, no letter case."""
    return unicodedata.normalize("NFKC", text).casefold()


def _runs(text: str) -> Iterator[str]:
    for run in _RUN.findall(fold(text)):
        # Signs and characters outside the basic plane would be separators to
        # FTS5's tokenizer; their number is a word to it.
        if len(run) == 1 and not (run.isalnum() and run <= "\uffff"):
            yield f"u{ord(run):x}"
        else:
            plain = max(run) <= "\uffff"
            yield run if plain else "".join(c if c <= "\uffff" else f"u{ord(c):x}" for c in run)


@lru_cache(maxsize=16384)
def _endings(run: str) -> tuple[str, ...]:
    if _SIGN.fullmatch(run):
        return (run,)
    return tuple([run[start : start + LONGEST] for start in range(min(len(run), 64))])


def _is_han(run: str) -> bool:
    return "\u3400" <= run[0] <= "\u9fff"


@cache
def _pypinyin() -> ModuleType:
    # Its phrases take 50 MB, which a worker that only reads can do without.
    return import_module("pypinyin")


@lru_cache(maxsize=8192)
def _sounds(character: str) -> tuple[str, ...]:
    (found,) = _pypinyin().pinyin(character, style=_pypinyin().Style.NORMAL, heteronym=True)
    return tuple(found)


@lru_cache(maxsize=4096)
def _readings(run: str) -> tuple[tuple[str, ...], ...]:
    """Return the ways to read a Chinese run, the usual one first, a syllable a character."""
    usual = tuple(_pypinyin().lazy_pinyin(run))
    found = {usual: None}
    for place, character in enumerate(run):
        for sound in _sounds(character):
            found[*usual[:place], sound, *usual[place + 1 :]] = None
        if len(found) >= _READINGS:
            break
    return tuple(found)[:_READINGS]


@lru_cache(maxsize=16384)
def _spelled(run: str) -> tuple[str, ...]:
    """Return whole and initials by turns, from each character on; the usual reading first."""
    found: list[str] = []
    for syllables in _readings(run):
        whole, initials = "".join(syllables), "".join([s[:1] for s in syllables])
        at = 0
        for start, syllable in enumerate(syllables):
            found += (whole[at : at + LONGEST], initials[start : start + LONGEST])
            at += len(syllable)
    return tuple(found)


@lru_cache(maxsize=4096)  # a chain writes one name a hundred times
def _name_terms(name: str) -> str:
    found: list[str] = []
    for place, run in enumerate(_runs(name)):
        if place == 0:
            found.append(_HEAD + run[:LONGEST])
        found += _endings(run)
        if _is_han(run):
            spelled = _spelled(run[:LONGEST])
            if place == 0:
                found += (_HEAD + spelled[0], _HEAD + spelled[1])
            found += spelled
    return " ".join(dict.fromkeys(found))


def terms(name: str, *, address: str = "", phones: Iterable[str] = ()) -> str:
    """Return the index terms of a place, separated by single spaces.

    Names are indexed as written and in pinyin and initials, addresses and phones
    as written. A phone is one run of digits, whatever stands between them.

    >>> "bianmin" in terms("泉富便民").split()
    True
    """
    found: list[str] = []
    for run in _runs(address):
        found += _endings(run)
    for phone in phones:
        digits = "".join(filter(str.isdigit, fold(phone)))
        found += [digits[start : start + LONGEST] for start in range(min(len(digits), 64))]
    return " ".join([_name_terms(name), *dict.fromkeys(found)]).strip()


def wanted(query: str) -> list[str]:
    """Return the prefixes that must all be found for the query to match.

    A query of nothing but spaces wants nothing, and so matches everything.

    >>> wanted("泉富 024-88")
    ['泉富', '02488']
    """
    joined = re.sub(r"(?<=\d)[-\s](?=\d)", "", fold(query))
    return [*dict.fromkeys(run[:LONGEST] for run in _runs(joined) if run != "u2d")]


def at_head(query: str) -> list[str]:
    """Return the same prefixes, the first of them bound to the beginning of the name."""
    first, *rest = wanted(query) or [""]
    return [_HEAD + first, *rest]


def rank(query: str, name: str, terms: str) -> int:
    """Tell how well a name answers a query that found it by its terms: 0 is best.

    0 the very name, 1 its beginning, 2 a piece of it, 3 pinyin or initials from
    the first character, 4 anything else (pinyin inside, phone, address).
    """
    words, folded = fold(query).split(), fold(name)
    if folded.split() == words:
        return 0
    if all(word in folded for word in words):
        return 1 if folded.startswith(tuple(words)) else 2
    spoken = "".join(words)
    heads = [term[1:] for term in terms.split() if term.startswith(_HEAD)]
    return 3 if any(head.startswith(spoken) for head in heads) else 4
