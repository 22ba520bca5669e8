"""Sheets of paper, and what goes where on them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from webmap.poster.listing import COLUMN, GAP, Group, Listed, balanced, columns

# Lengths are in units: a millimetre of A1, of which A0 is 1.414, and of A4 a millimetre again.


class Spot(NamedTuple):
    """What a map and a list have of a sheet, in units."""

    map_width: float
    map_height: float
    list_width: float
    list_height: float


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet. ``maps`` are what the map may have, the most first: its height, or its width.

    ``types`` are heights of the list's type, the largest first: the last of a wall's can be
    read from 1 m, the first from 3 m. ``magnet`` are the least and the most that one is high.
    """

    name: str
    turn: str
    width: float
    height: float
    edge: float
    map_type: float
    maps: tuple[float, ...]
    types: tuple[float, ...]
    magnet: tuple[float, float]
    pages: int = 0
    """Pages of the list alone; 0 where it is beside the map."""

    @property
    def look(self) -> str:
        """The name of its style sheet."""
        return f"paper-{self.name}{'-landscape' if self.turn else ''}"

    @property
    def inner(self) -> float:
        """What is between the edges."""
        return self.width - 2 * self.edge

    def spot(self, share: float, legend: float) -> Spot:
        """Return what map and list have when the map gets a share, below a legend so high."""
        high = self.height - 2 * self.edge - _HEAD[self.name] - _FOOT[self.name] - legend
        if self.pages:
            below = self.height - 2 * self.edge - _FOOT[self.name] - _PAGE_HEAD
            return Spot(self.inner, high - 3 * _BETWEEN_A4, self.inner, below)
        if self.turn:
            room = high - 3 * _BETWEEN
            return Spot(share, room, self.inner - share - _BETWEEN, room)
        return Spot(self.inner, share, self.inner, high - 4 * _BETWEEN - share)


_BETWEEN: Final = 7.0
_BETWEEN_A4: Final = 3.0
_PAGE_HEAD: Final = 14.0
_HEAD: Final = {"a1": 66.0, "a0": 66.0, "a4": 32.0}
_FOOT: Final = {"a1": 15.0, "a0": 15.0, "a4": 9.0}
"""Heights that poster.css has too."""


def _turned(paper: Paper) -> Paper:
    maps = tuple(range(560, 380, -10))
    return replace(paper, turn="landscape", width=841, height=593, maps=maps)


_A1 = Paper(
    name="a1",
    turn="",
    width=594,
    height=839,
    edge=16,
    map_type=5.6,
    maps=tuple(range(520, 320, -10)),
    types=(10, 9, 8, 7.2, 6.5, 5.8, 5.2, 4.8),
    magnet=(8, 15),
)
_FINER = (4.3, 3.8, 3.4)
"""On A0 these are still as large as the smallest of A1."""
_A0 = replace(_A1, name="a0", types=(*_A1.types, *_FINER), magnet=(6, 15))
_A4 = Paper(
    name="a4",
    turn="",
    width=210,
    height=296.6,
    edge=11,
    map_type=2.7,
    maps=(0,),
    types=(4.6, 4.2, 3.8, 3.4, 3.0),
    magnet=(4.2, 7),
    pages=2,
)

PAPERS: Final = {
    ("a1", ""): _A1,
    ("a1", "landscape"): _turned(_A1),
    ("a0", ""): _A0,
    ("a0", "landscape"): _turned(_A0),
    ("a4", ""): _A4,
}
NAMES: Final = ("a1", "a0", "a4")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a sheet is divided: the list's columns by page, at a size of type."""

    spot: Spot
    type_size: float
    per_page: int
    columns: list[list[Group]]


type Told = Callable[[Spot, float, int | None], Listed | None]
"""Gives what is to be listed: for what the map shows, at a column's width (a multiple of the
type), and at most so many of a category.
None where that would be far more than a sheet holds."""


def plan(paper: Paper, legend: float, told: Told) -> Plan:
    """Divide a sheet so that its list is as large as it can be, then its map.

    What does not fit at the smallest type is told in part, of every category alike.
    """
    smallest, least = paper.spot(paper.maps[-1], legend), paper.types[-1]
    for type_size in paper.types:
        # What does not fit beside the smallest map fits beside none.
        if _tried(paper, smallest, type_size, told, None) is None:
            continue
        for share in paper.maps:
            found = _tried(paper, paper.spot(share, legend), type_size, told, None)
            if found is not None:
                return found
    widest = Plan(smallest, least, 1, [[]])
    few, many = 0, _MOST
    while few <= many:
        middle = (few + many) // 2
        found = _tried(paper, smallest, least, told, middle)
        if found is None:
            many = middle - 1
        else:
            widest, few = found, middle + 1
    return widest


_MOST: Final = 512


def _tried(paper: Paper, spot: Spot, type_size: float, told: Told, most: int | None) -> Plan | None:
    wide, high = spot.list_width / type_size, spot.list_height / type_size
    per_page = max(1, int((wide + GAP) / (COLUMN + GAP)))
    room = (wide - (per_page - 1) * GAP) / per_page
    listed = told(spot, room, most)
    if listed is None:
        return None
    if paper.pages:
        laid = columns(listed, high, per_page * paper.pages)
    else:
        laid = balanced(listed, high, per_page)
    return None if laid is None else Plan(spot, type_size, per_page, laid)


def pages(plan_: Plan) -> Iterator[list[list[Group]]]:
    """Give the columns page by page."""
    for begin in range(0, len(plan_.columns), plan_.per_page):
        yield plan_.columns[begin : begin + plan_.per_page]
