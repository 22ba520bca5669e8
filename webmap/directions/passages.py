"""What is met on a stretch and worth a word."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from geodata.modes import Mode
from geodata.routing import PassKind, Step
from webmap.directions import phrases
from webmap.directions.phrases import Passage
from webmap.directions.wording import fitted, native_first, plain
from webmap.i18n import gettext

_MOST: Final = 3
"""Passages that are told in their order; of more, those alike are told together."""


def met(stretch: Step, mode: Mode) -> list[tuple[Passage, str]]:
    """Return what is met and worth a word, each with the name of its own if it has one."""
    streets = {*stretch.names, *stretch.begin_names}
    found = []
    for passage, names in _climbed(stretch, mode):
        own = (name for name in names if name.lower().endswith(passage.own))
        name = next(iter(native_first(own)), "")
        # Who goes along 富民桥 need not be told that there is a bridge.
        if not name or name not in streets:
            found.append((passage, plain(name)))
    return found


def told(stretch: Step, mode: Mode) -> str:
    """Say what is met on a stretch, in its order; "" where nothing is worth a word."""
    all_met = met(stretch, mode)
    runs = [(what, len(list(some))) for what, some in groupby(all_met)]
    if len(runs) > _MOST:
        runs = [(what, all_met.count(what)) for what in dict.fromkeys(all_met)]
    said = ""
    for (passage, name), times in runs:
        clause = _clause(passage, name, times)
        said = gettext(phrases.AND_THEN, first=said, second=clause) if said else clause
    return said


def _clause(passage: Passage, name: str, times: int) -> str:
    if name:
        return gettext(passage.named, name=fitted(name))
    return gettext(passage.once) if times == 1 else gettext(passage.often, n=times)


def _climbed(stretch: Step, mode: Mode) -> Iterator[tuple[Passage, tuple[str, ...]]]:
    """Make one of a bridge or an underpass and the steps before and after it."""
    known = phrases.PASSAGES[mode]
    ahead = [one for one in stretch.passes if one.kind in known]
    while ahead:
        up = ahead[0].kind is PassKind.STEPS
        climbed = phrases.CLIMBED.get(ahead[up].kind) if len(ahead) > up else None
        down = len(ahead) > up + 1 and ahead[up + 1].kind is PassKind.STEPS
        if climbed and (up or down):
            yield climbed, ahead[up].names
            ahead = ahead[up + 1 + down :]
        else:
            yield known[ahead[0].kind], ahead[0].names
            ahead = ahead[1:]
