"""The map of a sheet: ground, borders, names and magnets of a window, as plain vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.roads import Streets, cutting
from webmap.poster import magnets, naming
from webmap.poster.ground import FINE, Path, path, paths
from webmap.poster.magnets import Magnet
from webmap.poster.naming import Name, Room
from webmap.poster.plane import Window

type Floats = NDArray[np.float64]

_BARS: Final = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
_BAR_SHARE: Final = 0.24
_SMOOTH: Final = 0.1


@dataclass(frozen=True, slots=True)
class Land:
    """The areas of a picture, as rows: ``own`` is what it is about, None for everything."""

    own: dict[str, Any] | None
    inside: Sequence[dict[str, Any]]
    around: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Pins:
    """What lies on the map: degrees (n, 2), the symbol's id and the number of each, 0 for none."""

    at: Floats
    marks: Sequence[str]
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True)
class Picture:
    """A map, ready to be written as SVG: ``fine`` is by how much paths are larger than units."""

    width: float
    height: float
    fine: int
    type_size: float
    ground: list[Path]
    veil: str
    inner: str
    border: str
    names: list[Name]
    magnets: list[Magnet]
    size: float
    tag: float
    bar: float
    bar_m: int


def draw(
    window: Window, land: Land, pins: Pins, streets: Streets | None, looks: "Style"
) -> Picture:
    """Draw a window: magnets first take their places, then names what is free."""
    sheet = (window.width, window.height)
    size = looks.size(sum(number > 0 for number in pins.numbers), window)
    bar, bar_m = _bar(window)
    fixed = _notes(window, bar, looks.type_size, size)
    laid = magnets.laid(window.xy(pins.at), pins.marks, pins.numbers, sheet, size, fixed)
    room = Room(*sheet)
    room.take(np.column_stack((fixed - size * 0.6, fixed + size * 0.6)))
    room.take(magnets.boxes(laid, size))
    own, inner = _shapes(window, [land.own] if land.own else []), _shapes(window, land.inside)
    room.take(_beside(own, looks.type_size * 0.3))
    around = _shapes(window, land.around)
    names = _area_names(window, land, room, looks.type_size)
    ground: list[Path] = []
    if streets is not None and streets.ground is not None:
        cut = cutting.cut(streets.ground, window.box(beyond=3), zoom=window.zoom)
        ground = paths(cut, window)
        names += naming.names(cut, window, room, looks.type_size)
    border = path(own)
    return Picture(
        *sheet,
        fine=FINE,
        type_size=looks.type_size,
        ground=ground,
        veil=f"{path(_frame(window))}{border}" if border else "",
        inner=path(_once(np.concatenate((around, inner)), own)),
        border=border,
        names=names,
        magnets=sorted(laid, key=lambda one: (one.number > 0, one.y)),
        size=size,
        tag=magnets.tag_width(size, max(pins.numbers, default=0)),
        bar=bar,
        bar_m=bar_m,
    )


@dataclass(frozen=True, slots=True)
class Style:
    """How large things are: the type of the map, and the least and most of a magnet."""

    type_size: float
    least: float
    most: float

    def size(self, n: int, window: Window) -> float:
        """Return how high magnets are, so that ``n`` leave the ground to be seen."""
        each = 0.13 * window.width * window.height / max(n, 1)
        return round(min(max(float(np.sqrt(each)), self.least), self.most), 1)


def _bar(window: Window) -> tuple[float, int]:
    most = window.width * _BAR_SHARE * window.ground_m
    metres = max((bar for bar in _BARS if bar <= most), default=_BARS[0])
    return round(metres / window.ground_m, 2), metres


def _notes(window: Window, bar: float, type_size: float, size: float) -> Floats:
    """Return middles of what covers the scale and the arrow to the north, each as a magnet."""
    along = np.arange(type_size, bar + type_size * 2 + size / 2, size * 0.7)
    scale = np.column_stack((along, np.full(len(along), window.height - type_size * 1.6)))
    return np.concatenate((scale, [[window.width - type_size * 1.7, type_size * 2.1]]))


def _beside(borders: NDArray[np.object_], reach: float) -> Floats:
    """Return boxes along borders: no name is to be struck through by one."""
    lines = shapely.boundary(borders)
    steps = [shapely.segmentize(line, 2 * reach) for line in lines if not line.is_empty]
    at = shapely.get_coordinates(steps)
    return np.column_stack((at - reach, at + reach))


def _once(shapes: NDArray[np.object_], own: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return borders as lines, each but once: dashes of two would run into each other."""
    lines = shapely.union_all(shapely.boundary(shapes))
    if len(own):
        lines = shapely.difference(lines, shapely.buffer(shapely.boundary(own[0]), 0.3))
    return np.array([shapely.line_merge(lines)], dtype=object)


def _frame(window: Window) -> NDArray[np.object_]:
    return np.array([shapely.box(-5, -5, window.width + 5, window.height + 5)], dtype=object)


def _shapes(window: Window, rows: Sequence[dict[str, Any]]) -> NDArray[np.object_]:
    """Return areas in units, as far as they are near the window."""
    shapes = window.drawn(np.asarray(shapely.from_wkb([row["geom"] for row in rows]), dtype=object))
    shapes = shapely.make_valid(shapely.simplify(shapes, _SMOOTH))
    far = max(window.width, window.height)
    return np.asarray(
        shapely.clip_by_rect(shapes, -far, -far, window.width + far, window.height + far),
        dtype=object,
    )


def _area_names(window: Window, land: Land, room: Room, type_size: float) -> list[Name]:
    own = window.shape(shapely.from_wkb(land.own["geom"])) if land.own else None
    names: list[Name] = []
    for rows, look, size in ((land.inside, "name-inside", 1.2), (land.around, "name-around", 1.25)):
        for row in rows:
            shape = window.shape(shapely.from_wkb(row["geom"]))
            for smaller in (1.0, 0.75):
                height = size * type_size * smaller
                written = _named(row["name"], shape, own, look, height, window, room)
                names += written
                if written:
                    break
    return names


def _named(
    name: str,
    shape: BaseGeometry,
    own: BaseGeometry | None,
    look: str,
    size: float,
    window: Window,
    room: Room,
) -> list[Name]:
    """Write an area's name where its part of the window is widest and nothing lies yet."""
    seen = shapely.clip_by_rect(
        shapely.make_valid(shape), 2, 2, window.width - 2, window.height - 2
    )
    if look == "name-around" and own is not None:
        seen = shapely.difference(seen, shapely.make_valid(own))
    if not name or shapely.area(seen) < 12 * size * size:
        return []
    first = shapely.point_on_surface(seen)
    inner = shapely.buffer(seen, -size)
    spots = [first] if inner.is_empty else [first, shapely.centroid(inner), *_grid(inner, size)]
    for spot in spots:
        if shapely.intersects(seen, spot):
            written = naming.level(name, look, size, (spot.x, spot.y), room)
            if written:
                return written
    return []


def _grid(shape: BaseGeometry, size: float) -> list[shapely.Point]:
    """Return places of a shape, the middle ones first."""
    west, north, east, south = shape.bounds
    across = np.linspace(west, east, max(3, min(14, int((east - west) / (3 * size)))))
    down = np.linspace(north, south, max(3, min(14, int((south - north) / (2 * size)))))
    x, y = (axis.ravel() for axis in np.meshgrid(across, down))
    inside = shapely.contains_xy(shape, x, y)
    away = np.hypot(x - (west + east) / 2, y - (north + south) / 2)
    order = np.argsort(away[inside], kind="stable")
    return [shapely.Point(a, b) for a, b in zip(x[inside][order], y[inside][order], strict=True)]
