"""Magnets on paper: what each category looks like, and where the merchants lie on a window."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray

from geodata import colours
from geodata.categories import Category
from webmap.i18n import either
from webmap.poster.lettering import width
from webmap.poster.spreading import spread

type Floats = NDArray[np.float64]

_SHAPES: Final = Path(__file__).parents[2] / "static" / "icons" / "shapes.svg"
GLYPHS: Final = {
    "square": (13.0, 0.0),
    "circle": (13.0, 0.0),
    "diamond": (11.5, 0.0),
    "hexagon": (12.5, 0.0),
    "house": (11.5, 1.6),
    "pentagon": (12.0, 0.6),
    "star": (9.5, 0.4),
    "triangle": (10.0, 3.1),
    "shield": (12.0, -0.4),
}
"""By shape the glyph's height and how far below the middle it stands, as ``shapes.js`` has it."""

_NUMBER: Final = 0.5
"""Height of a number's type, as a share of the magnet's."""
_LEAD: Final = 0.3
"""From so many magnets away on a line leads from a magnet to its place."""


@dataclass(frozen=True, slots=True)
class Look:
    """A category as a sheet shows it; ``mark`` is the id of its symbol."""

    id: str
    mark: str
    name: str
    facility: bool
    colour: str
    path: str
    glyph: str
    glyph_size: float
    glyph_y: float
    glyph_colour: str


@dataclass(frozen=True, slots=True)
class Magnet:
    """A magnet on the map, by its middle; ``number`` 0 is a small one without number.

    ``leads`` tells whether it lies away from its place (``from_x``, ``from_y``).
    """

    mark: str
    number: int
    x: float
    y: float
    from_x: float
    from_y: float
    leads: bool


def looks(categories: Sequence[Category]) -> list[Look]:
    """Return what residents see of the legend, in its order."""
    return [_look(one, f"magnet-{n}") for n, one in enumerate(categories) if not one.hidden]


def laid(
    at: Floats,
    marks: Sequence[str],
    numbers: Sequence[int],
    sheet: tuple[float, float],
    size: float,
    fixed: Floats,
) -> list[Magnet]:
    """Return magnets of a size, side by side where their places (n, 2) are one.

    Those with the number 0 are dots that stay where they are; ``fixed`` are middles, (m, 2), of
    what no magnet may cover.
    """
    numbered = np.flatnonzero(np.asarray(numbers))
    moved = at.copy()
    taken = footprint(size, max(numbers, default=0))
    moved[numbered] = spread(at[numbered], taken, sheet, fixed)
    away = np.hypot(*(moved - at).T)
    return [
        Magnet(mark, number, *_told(place), *_told(home), leads=bool(far > _LEAD * size))
        for mark, number, place, home, far in zip(marks, numbers, moved, at, away, strict=True)
    ]


def footprint(size: float, highest: int) -> tuple[float, float]:
    """Return what a magnet takes with its number below it, across and down."""
    return max(size * 1.04, tag_width(size, highest)), size * (1 + _NUMBER)


def tag_width(size: float, number: int) -> float:
    """Return how wide the tag is on which a number stands."""
    return (width(str(number)) + 0.5) * size * _NUMBER


def boxes(magnets: Sequence[Magnet], size: float) -> Floats:
    """Return what of the sheet magnets cover, (n, 4): left, top, right, bottom."""
    x, y = np.array([(one.x, one.y) for one in magnets]).reshape(-1, 2).T
    half = np.where([one.number > 0 for one in magnets], size / 2, size / 4)
    return np.column_stack((x - half, y - half * 1.5, x + half, y + half * 1.5))


def _told(place: Floats) -> tuple[float, float]:
    return round(float(place[0]), 2), round(float(place[1]), 2)


def _look(category: Category, mark: str) -> Look:
    shape = category.shape if category.shape in GLYPHS else "circle"
    size, drop = GLYPHS[shape]
    return Look(
        id=category.id,
        mark=mark,
        name=either(category.name, category.name_en),
        facility=category.group == "facility",
        colour=category.colour,
        path=_paths()[shape],
        glyph=category.glyph[:1],
        glyph_size=size,
        glyph_y=drop + size * 0.36,
        glyph_colour=colours.on(category.colour),
    )


@cache
def _paths() -> dict[str, str]:
    """Return the outlines by shape, from the drawing that pages use."""
    drawing = ET.parse(_SHAPES).getroot()  # noqa: S314  a file of our own
    return {symbol.get("id", ""): symbol[0].get("d", "") for symbol in drawing}
