"""The draughtsman's tools: a metric frame, a die that never changes, and lines woven into a net.

Everything is drawn on a grid of one centimetre, so that shapes made by different
builds of GEOS, or on another processor, round to the same numbers.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import shapely.ops
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon
from shapely.affinity import rotate
from shapely.geometry.base import BaseGeometry

from geodata.demo import sketch

METRIC: Final = (
    f"+proj=aeqd +lon_0={sketch.CENTRE[0]} +lat_0={sketch.CENTRE[1]} +datum=WGS84 +units=m +no_defs"
)
"""Metres east and north of the centre; true to a millimetre within the district."""

type Row = tuple[Any, ...]
type Lines = NDArray[Any]

CM: Final = 0.01
_DEGREE_DECIMALS: Final = 7
_CURVE_M: Final = 45.0
"""A curve has a vertex at least as often as this."""


class Die:
    """A source of chance that gives the same throws everywhere, for one seed and subject.

    Only ``random()`` of numpy's PCG64 stands behind it: the richer methods of
    ``Generator`` may change their streams between versions of numpy. Every
    subject throws its own die, so that one more shop moves no building.
    """

    def __init__(self, seed: int, subject: int) -> None:
        self._next = np.random.Generator(np.random.PCG64([seed, subject])).random

    def between(self, low: float, high: float) -> float:
        """Throw a number from low up to high."""
        return low + (high - low) * self._next()

    def whole(self, low: int, high: int) -> int:
        """Throw a whole number from low to high, both included."""
        return low + int((high - low + 1) * self._next())

    def chance(self, share: float) -> bool:
        """Say yes in this share of all throws."""
        return self._next() < share

    def pick[T](self, choices: Sequence[T], weights: Sequence[float] | None = None) -> T:
        """Pick one of the choices, all alike or by weight."""
        if weights is None:
            return choices[self.whole(0, len(choices) - 1)]
        bounds = np.cumsum(weights)
        return choices[int(np.searchsorted(bounds, self.between(0, bounds[-1]), side="right"))]

    def shuffled[T](self, things: Iterable[T]) -> list[T]:
        """Give the things in a thrown order."""
        return [thing for _, _, thing in sorted((self._next(), i, t) for i, t in enumerate(things))]


class Turned:
    """A look at shapes with the paper turned, so that most sides of one run east or north."""

    def __init__(self, about: Polygon) -> None:
        self._origin = about.centroid
        dx, dy = np.diff(shapely.get_coordinates(about.exterior), axis=0).T
        # Sides that differ by a right angle count as one direction: hence four times the angle.
        length, angle = np.hypot(dx, dy), 4 * np.arctan2(dy, dx)
        mean = math.atan2(float(length @ np.sin(angle)), float(length @ np.cos(angle)))
        self._degrees = math.degrees(mean / 4)

    def see[G: BaseGeometry](self, shape: G) -> G:
        """Give the shape as it lies on the turned paper."""
        return rotate(shape, -self._degrees, origin=self._origin)

    def lay[G: BaseGeometry](self, shape: G) -> G:
        """Put a shape drawn on the turned paper where it belongs."""
        return snapped(rotate(shape, self._degrees, origin=self._origin))


def snapped[G: BaseGeometry](shape: G) -> G:
    """Give the shape on the grid of one centimetre."""
    return shapely.set_precision(shape, CM)


def curve(points: Sequence[sketch.Spot]) -> LineString:
    """Draw a street or a river through sketch points: corners rounded, then bent with the city."""
    xy = np.array(points, dtype=float)
    for _ in range(3):
        # Chaikin's corner cutting; the ends stay where they are.
        cut = np.stack((0.75 * xy[:-1] + 0.25 * xy[1:], 0.25 * xy[:-1] + 0.75 * xy[1:]), axis=1)
        xy = np.concatenate((xy[:1], cut.reshape(-1, 2), xy[-1:]))
    dense = shapely.segmentize(LineString(xy).simplify(1.0), _CURVE_M)
    return snapped(LineString(sketch.bend(shapely.get_coordinates(dense))))


def spot(place: sketch.Spot) -> Point:
    """Put a sketch spot where the bending carries it."""
    return Point(sketch.bend(np.array([place]))[0])


def largest[G: BaseGeometry](shape: BaseGeometry, kind: type[G]) -> G:
    """Give the largest piece of one kind (by area, then length), an empty one if there is none."""
    pieces = [p for p in shapely.get_parts(shape) if isinstance(p, kind)]
    return max(pieces, key=lambda p: (p.area, p.length), default=kind())


def net(lines: Sequence[LineString]) -> Lines:
    """Knot lines together: where two meet, or one ends on another, both get that vertex."""
    # An end rounded to the grid may lie a little beside the line it ends on.
    threads = _through(np.array(lines), _vertices(lines), 2 * CM)
    return _through(threads, _vertices([shapely.union_all(threads, grid_size=CM)]), CM)


def faces(lines: Sequence[LineString]) -> list[Polygon]:
    """Give the fields between lines, south to north; they tile and share their vertices.

    Lines that bound nothing (a street that leaves the drawing) are left out.
    """
    pieces = shapely.get_parts(shapely.union_all(net(lines), grid_size=CM))
    fields = shapely.get_parts(shapely.polygonize(pieces))
    return sorted(fields, key=lambda f: (round(f.centroid.y), round(f.centroid.x)))


def _vertices(lines: Sequence[BaseGeometry]) -> Lines:
    xy = np.round(shapely.get_coordinates(lines), 2)
    return np.asarray(shapely.points(np.unique(xy, axis=0)))


def _through(lines: Lines, knots: Lines, reach_m: float) -> Lines:
    """Lead every line through all the knots within its reach, in order."""
    line, knot = shapely.STRtree(knots).query(lines, predicate="dwithin", distance=reach_m)
    order = np.lexsort((shapely.line_locate_point(lines[line], knots[knot]), line))
    line, knot = line[order], knot[order]
    # The first vertex of a ring is its last as well.
    rings = np.flatnonzero(shapely.is_closed(lines))
    knot = np.concatenate((knot, knot[np.searchsorted(line, rings)]))
    line = np.concatenate((line, rings))
    order = np.argsort(line, kind="stable")
    xy = shapely.get_coordinates(knots[knot[order]])
    return np.asarray(shapely.linestrings(xy, indices=line[order]))


def to_wgs84(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give a metric table in longitude and latitude, rounded to 7 decimals (about 1 cm)."""
    placed = table.to_crs(4326)
    rounded = shapely.transform(
        placed.geometry.to_numpy(), lambda xy: np.round(xy, _DEGREE_DECIMALS)
    )
    return placed.set_geometry(rounded, crs=4326)


def table(columns: str, rows: Sequence[Row]) -> gpd.GeoDataFrame:
    """Make a metric table of shapes; the last value of each row is the shape."""
    names = columns.split()
    frame = pd.DataFrame([row[:-1] for row in rows], columns=names)
    return gpd.GeoDataFrame(frame, geometry=[row[-1] for row in rows], crs=METRIC)
