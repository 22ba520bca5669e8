"""Closures (封控、路障) as areas: the same for the walking graph and for a routing engine."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.walking.frames import Frames

type Shapes = NDArray[np.object_]
type Ints = NDArray[np.integer[Any]]


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
_FIRST_COLLECTION: Final = 4
"""Shapely's number of the first kind of geometry that is made of others."""


def closed_areas(closure: BaseGeometry) -> list[shapely.Polygon]:
    """Tell which areas a closure takes up; for many at once :func:`areas_of`.

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
    return list(areas_of([closure])[0])


def areas_of(closures: Sequence[BaseGeometry]) -> tuple[Shapes, Ints]:
    """Return the areas of many closures, (n,), and whose each is, (n,): rows of ``closures``.

    Examples
    --------
    >>> _, whose = areas_of([shapely.Point(), shapely.MultiPoint([(123.43, 41.8), (123.44, 41.8)])])
    >>> whose.tolist()
    [1, 1]
    """
    rows = np.empty(len(closures), dtype=np.object_)
    rows[:] = closures
    parts, owner = rows, np.arange(len(rows))
    while (shapely.get_type_id(parts) >= _FIRST_COLLECTION).any():
        parts, of = shapely.get_parts(parts, return_index=True)
        owner = owner[of]
    known = ~shapely.is_empty(parts)
    parts, owner = parts[known], owner[known]
    thin = np.flatnonzero(shapely.get_dimensions(parts) < _AREA)
    if len(thin):
        parts[thin] = _widened(parts[thin])
    return parts, owner


def _widened(thin: Shapes) -> Shapes:
    """Return what points and lines reach, each measured in metres around its own middle."""
    west, south, east, north = shapely.bounds(thin).T
    frames = Frames((west + east) / 2, (south + north) / 2)
    of = shapely.get_coordinates(thin, return_index=True)[1]
    flat = shapely.simplify(shapely.transform(thin, frames.of(of).xy), _SAME_M)
    wide = shapely.buffer(flat, CLOSURE_REACH_M, quad_segs=2)
    of = shapely.get_coordinates(wide, return_index=True)[1]
    return np.asarray(shapely.transform(wide, frames.of(of).lonlat), dtype=np.object_)
