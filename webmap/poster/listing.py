"""The list of a sheet: entries by category, laid into columns of a known height."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from webmap.poster.lettering import broken, width
from webmap.poster.magnets import Look

COLUMN: Final = 17.5
"""Width of a column at least, as a multiple of the type's height."""
GAP: Final = 1.2
"""Between two columns."""

_HEADING, _ROW, _REST, _BETWEEN = 2.6, 1.25, 1.15, 0.5
_INDENT: Final = 2.7
_PHONE, _HOURS = 0.88, 0.8
"""Heights of type as multiples of a name's; poster.css has them all too."""


@dataclass(frozen=True, slots=True)
class Place:
    """A merchant as a list tells it; ``lon``, ``lat`` WGS 84."""

    id: str
    category: str
    name: str
    phone: str
    hours: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Entry:
    """A place (its id) with its number, its texts broken into lines.

    ``beside``: phone and hours share a line.
    """

    place: str
    number: int
    name: tuple[str, ...]
    phone: str
    hours: tuple[str, ...]
    beside: bool

    @property
    def height(self) -> float:
        """As a multiple of the type's height."""
        rest = max(bool(self.phone), len(self.hours)) if self.beside else self._below
        return len(self.name) * _ROW + rest * _REST + _BETWEEN

    @property
    def _below(self) -> int:
        return bool(self.phone) + len(self.hours)


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of a category in one column. ``first`` is 0 where the group goes on from another."""

    look: Look
    entries: tuple[Entry, ...]
    count: int
    again: bool

    @property
    def height(self) -> float:
        """As a multiple of the type's height."""
        return _HEADING + sum(entry.height for entry in self.entries)


_STEP: Final = 0.5
"""By so much columns are made higher until all fits."""

type Listed = Sequence[tuple[Look, int, Sequence[Entry]]]
"""Categories in order: the look, how many there are in all, and those that are told."""


def entry(place: Place, number: int, room: float) -> Entry:
    """Return a place as an entry of a column so wide (a multiple of the type's height)."""
    room -= _INDENT
    hours = tuple(broken(place.hours, room / _HOURS, 2)) if place.hours else ()
    phone = broken(place.phone, room / _PHONE, 1)[0] if place.phone else ""
    whole = width(phone) * _PHONE + width("".join(hours)) * _HOURS + 0.9
    beside = bool(phone) and len(hours) == 1 and whole <= room
    return Entry(place.id, number, tuple(broken(place.name, room, 2)), phone, hours, beside)


def columns(listed: Listed, height: float, most: int) -> list[list[Group]] | None:
    """Lay a list into columns no higher than told (a multiple of the type's height).

    A category that goes on in the next column has its heading there again. None where more
    columns than ``most`` are needed.
    """
    laid: list[list[Group]] = [[]]
    free = height
    for look, count, entries in listed:
        rest, again = list(entries), False
        while rest or not again:
            taken = _fitting(rest, free - _HEADING)
            if not taken and rest:
                if free == height:
                    return None  # not even one entry finds room
                laid.append([])
                free = height
                continue
            if free < _HEADING:
                laid.append([])
                free = height
            group = Group(look, tuple(rest[:taken]), count, again)
            laid[-1].append(group)
            free -= group.height
            rest, again = rest[taken:], True
        if len(laid) > most:
            return None
    return laid if len(laid) <= most else None


def balanced(listed: Listed, height: float, most: int) -> list[list[Group]] | None:
    """Lay a list as :func:`columns`, no higher than it must be for so many columns."""
    best = columns(listed, height, most)
    if best is None:
        return None
    whole = sum(_HEADING + sum(one.height for one in entries) for _, _, entries in listed)
    for lower in np.arange(whole / most, height, _STEP):
        found = columns(listed, float(lower), most)
        if found is not None:
            return found
    return best


def _fitting(entries: Sequence[Entry], room: float) -> int:
    heights = np.cumsum([one.height for one in entries])
    return int(np.searchsorted(heights, room + 1e-9, side="right"))
