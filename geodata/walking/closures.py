"""Closures (封控、路障) as areas: the same for the walking graph and for a routing engine."""

from enum import StrEnum
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from geodata.walking.frames import Frame


class Level(StrEnum):
    """What a closure closes where a bridge or an underpass crosses it."""

    GROUND = "ground"
    """The streets at the height of the ground: what passes above or below stays open."""
    ALL = "all"
    """Whatever it touches."""


CLOSURE_REACH_M: Final = 5.0
"""How far from an edge a point or a line still closes it: half a street."""

_AREA: Final = 2
"""Dimensions of what has an inside."""
_SAME_M: Final = 0.5
"""A line's bends smaller than this do not change which streets it closes."""


def closed_areas(closure: BaseGeometry) -> list[shapely.Polygon]:
    """Tell which areas a closure takes up.

    Parameters
    ----------
    closure
        Any geometry, WGS 84: polygons stay as they are; points and lines become areas that
        reach :data:`CLOSURE_REACH_M` to every side, with few corners, as engines count them.

    Returns
    -------
    list
        The areas of all parts, which may overlap; none where the closure is empty.

    Examples
    --------
    >>> [len(area.exterior.coords) for area in closed_areas(shapely.Point(123.43, 41.8))]
    [9]
    """
    if closure.is_empty:
        return []
    if hasattr(closure, "geoms"):
        return [area for part in closure.geoms for area in closed_areas(part)]
    if isinstance(closure, shapely.Polygon):
        return [closure]
    middle = closure.envelope.centroid
    frame = Frame(middle.x, middle.y)
    flat = shapely.simplify(shapely.transform(closure, frame.xy), _SAME_M)
    wide = shapely.buffer(flat, CLOSURE_REACH_M, quad_segs=2)
    return closed_areas(shapely.transform(wide, frame.lonlat))
