"""Closures (封控、路障) as the engine takes them: areas without holes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.errors import Invalid
from geodata.walking import closed_areas

_LON, _LAT = 180.0, 90.0
_AREA: Final = 2
"""Dimensions of what has an inside."""


@dataclass(frozen=True, slots=True)
class Barred:
    """Areas that cannot be gone through: polygons without holes, as the engine knows none."""

    areas: NDArray[np.object_]

    def __bool__(self) -> bool:
        return len(self.areas) > 0

    @property
    def question(self) -> dict[str, object]:
        """The engine's words for them, none if there are none."""
        if not self:
            return {}
        outlines = shapely.get_exterior_ring(self.areas)
        return {"exclude_polygons": [shapely.get_coordinates(ring).tolist() for ring in outlines]}

    def touch(self, lines: Sequence[shapely.LineString]) -> NDArray[np.bool_]:
        """Tell which lines are closed, (n,)."""
        closed = np.zeros(len(lines), dtype=np.bool_)
        if self and len(lines):
            closed[shapely.STRtree(self.areas).query(lines, predicate="intersects")[0]] = True
        return closed


def barred(closures: Sequence[BaseGeometry | None]) -> Barred:
    """Turn closures into areas that the engine takes.

    Parameters
    ----------
    closures
        Shapely geometries, WGS 84. Polygons close what they touch, and what lies in their
        holes stays open: they are cut into pieces without holes. Lines and points become
        areas :data:`~geodata.walking.CLOSURE_REACH_M` to every side.

    Returns
    -------
    Barred
        Nothing for no closures.

    Raises
    ------
    Invalid
        ``closures_invalid`` with ``at``, the closure's place in the row from 0, and
        ``reason``: "missing" (None), "empty", "coordinates" (not a number, or not on the
        globe), "shape" (a bow-tie, a line of one point, and the like).

    Examples
    --------
    >>> len(barred([shapely.box(0, 0, 1, 1), shapely.Point(5, 5)]).areas)
    2
    """
    pieces = [
        piece
        for at, closure in enumerate(closures)
        for area in closed_areas(_sound(closure, at))
        for piece in _without_holes(area)
    ]
    areas = np.empty(len(pieces), dtype=np.object_)
    areas[:] = pieces
    return Barred(areas)


def _sound(closure: BaseGeometry | None, at: int) -> BaseGeometry:
    """Return a closure that means something."""
    if closure is None:
        raise Invalid("closures_invalid", at=at, reason="missing")
    if closure.is_empty:
        raise Invalid("closures_invalid", at=at, reason="empty")
    # Written so that NaN fails it.
    if not (np.abs(shapely.get_coordinates(closure)) <= (_LON, _LAT)).all():
        raise Invalid("closures_invalid", at=at, reason="coordinates")
    if not closure.is_valid:
        raise Invalid("closures_invalid", at=at, reason="shape")
    return shapely.force_2d(closure)


def _without_holes(area: shapely.Polygon) -> list[shapely.Polygon]:
    """Cut an area through the middle of a hole, until none has one."""
    if not area.interiors:
        return [area]
    west, south, east, north = area.bounds
    hole_west, _, hole_east, _ = area.interiors[0].bounds
    cut = (hole_west + hole_east) / 2
    halves = (shapely.box(west, south, cut, north), shapely.box(cut, south, east, north))
    return [
        piece
        for half in halves
        for part in shapely.get_parts(shapely.intersection(area, half))
        if shapely.get_dimensions(part) == _AREA
        for piece in _without_holes(part)
    ]
