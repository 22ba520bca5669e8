"""Rings of reach (邻距圈): where one gets on foot in so many minutes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter
from shapely.geometry.base import BaseGeometry

from geodata.modes import WALK_MPS, Mode
from geodata.walking.contours import contour
from geodata.walking.frames import Frame
from geodata.walking.graph import Graph, Mask
from geodata.walking.joins import Joins
from geodata.walking.search import Places, durations, joined, spread, standing, usable_on_foot

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer[Any]]
type Shapes = NDArray[np.object_]

_MIN_S: Final = 60.0
_WIDE_M: Final = 38.0
"""So far to either side of a street in reach the houses count as reached."""
_CALM_M: Final = 30.0
"""Gaps between such houses narrower than twice this are closed."""
_OFF_STREET: Final = 0.5
"""Metres away from the street count so much of metres along it: doors are on the street's side."""
_BLUR: Final = 0.05
_BLUR_M: Final = (20.0, 50.0)
"""Walks are smoothed over such a share of the limit, from so many metres to so many."""
_STEEP: Final = 0.2
"""Walks that differ from the limit by more than such a share count as differing by that."""
_WITHIN: Final = 0.92
_BEYOND: Final = 1.18
"""Up to and from such shares of the limit a street is on its side of the line however smooth."""
_ON_M: Final = 12.0
"""So near to a street it alone decides that."""
_SURE_M: Final = 8.0
_FIRM_M: Final = 20.0
"""Such a street's values at least, and all others' at most, so that the last blur moves no line."""
_LAST_BLUR: Final = 1.0  # of a cell
_BLOCK_M2: Final = 30_000.0
"""Smaller holes without a street beyond are the insides of blocks, and are filled."""
_CRUMB_M2: Final = 1_000.0
"""Smaller holes and parts are nothing that one should see."""
_SURE: Final = 0.905
_NEVER: Final = 1.195
"""Shares of the limit up to which each node of the graph is inside, and from which none is."""
_CELL_M: Final = 8.0
_ROUGH_M: Final = 2.0
_DOT_M: Final = 0.6
_TINY: Final = 1e-6


def reach(
    graph: Graph,
    origin: Places,
    minutes: Sequence[float] = (5, 10, 15),
    closed: Mask | None = None,
) -> gpd.GeoDataFrame:
    """Draw where one gets on foot from a place in 5, 10 and 15 minutes (15分钟生活圈).

    To count or to show what lies inside; for the minutes to a certain place use
    :func:`~geodata.walking.durations`.

    Parameters
    ----------
    graph
        The streets.
    origin
        One place: longitude and latitude, or a :class:`Joins` of one row.
    minutes
        The limits, each above 0.
    closed
        As for :func:`~geodata.walking.nearest`.

    Returns
    -------
    geopandas.GeoDataFrame
        One row a limit, the least first, in WGS 84: ``minutes`` and ``geometry``, a valid
        MultiPolygon; each lies inside the next. Empty where the place is off the network
        or on a closed edge.

    Raises
    ------
    ValueError
        When there is not exactly one origin, or a limit is not above 0.

    Notes
    -----
    The streets in reach and 38 m to either side, less towards their ends. The line is drawn
    smoothly rather than to the metre, and small holes are filled. Every node of the
    graph within 0.9 of the limit is inside and none beyond 1.2 of it; a place that is both, as
    at a locked gate or under a bridge, is inside. Stray paths that lead nowhere (see
    :meth:`Graph.joinable`) may be inside. On a dense network 7 % (5 minutes) to 4 % (15) of
    what is inside takes longer, and as much that takes less is outside.

    Examples
    --------
    >>> from geodata.modes import Mode
    >>> from geodata.walking.graph import BITS
    >>> street = Graph(
    ...     lon=np.array([123.43, 123.44]), lat=np.array([41.8, 41.8]),
    ...     ends=np.array([[0, 1]], dtype=np.int32), length_m=np.array([831.1]),
    ...     modes=np.array([BITS[Mode.FOOT]], dtype=np.uint8),
    ...     shape=np.array([[123.43, 41.8], [123.44, 41.8]]), shape_start=np.array([0, 2]),
    ... )
    >>> rings = reach(street, (123.43, 41.8), (5,))
    >>> round(float(rings.to_crs(32651).area.iloc[0]) / 10_000, 1)
    3.2
    """
    usable = usable_on_foot(graph, closed)
    start, limits = standing(graph, joined(graph, origin), usable), sorted(minutes)
    if len(start) != 1:
        raise ValueError(len(start))
    if not limits or limits[0] <= 0:
        raise ValueError(limits)
    shapes = [shapely.MultiPolygon()] * len(limits)
    if start.edge[0] >= 0 and usable[start.edge[0]]:
        around = _around(graph, start, usable, limits[-1] * _MIN_S * WALK_MPS)
        shapes = _shapes(around, [limit * _MIN_S * WALK_MPS for limit in limits])
    return gpd.GeoDataFrame({"minutes": limits}, geometry=shapes, crs=4326)


@dataclass(frozen=True, slots=True, eq=False)
class _Around:
    """Points on the streets around a place and the nodes there, in metres from it.

    ``point_m`` and ``node_m`` are the ways to them, infinite without one; ``walk`` tells how
    far it is to any places, lon/lat, NaN without a way.
    """

    frame: Frame
    walk: Callable[[Floats], Floats]
    points: Floats
    point_m: Floats
    nodes: Floats
    node_m: Floats


def _around(graph: Graph, start: Joins, usable: Mask, limit_m: float) -> _Around:
    frame = Frame(float(start.lon[0]), float(start.lat[0]))
    side = limit_m + 2 * _WIDE_M
    (west, south), (east, north) = frame.lonlat(np.array([[-side, -side], [side, side]]))
    near = np.sort(graph.edge_tree.query(shapely.box(west, south, east, north)))
    # A stray path is never in reach and pushes nothing away, nor does a street closed now.
    near = near[graph.joinable(Mode.FOOT)[near]]
    node_m, _ = spread(graph, start, usable, limit_m * _NEVER)
    node = np.unique(graph.ends[near])
    edge = near[usable[near]]
    points, row, share = _points(shapely.transform(graph.lines[edge], frame.xy))
    length, ways = graph.length_m[edge][row], node_m[graph.ends[edge]][row]
    point_m = np.minimum(ways[:, 0] + share * length, ways[:, 1] + (1 - share) * length)
    own = edge[row] == start.edge[0]
    direct = start.away_m[0] + np.abs(share[own] * length[own] - start.along_m[0])
    point_m[own] = np.minimum(point_m[own], direct)
    # The place itself, on its street.
    points, point_m = np.vstack((points, [[0.0, 0.0]])), np.append(point_m, start.away_m[0])
    nodes = frame.xy(np.column_stack((graph.lon[node], graph.lat[node])))

    def walk(places: Floats) -> Floats:
        within_min = limit_m / WALK_MPS / _MIN_S
        told = durations(graph, start, places, within_min=within_min, closed=~usable)
        return told.distance_m

    return _Around(frame, walk, points, point_m, nodes, node_m[node])


def _points(lines: Shapes) -> tuple[Floats, Ints, Floats]:
    """Return points along lines, a cell apart at most, their lines, and how far along each is."""
    whole_m = shapely.length(lines)
    long = np.flatnonzero(whole_m > 0)  # a line without a length GEOS refuses to divide
    pieces = shapely.segmentize(lines[long], _CELL_M)
    at, row = shapely.get_coordinates(pieces, return_index=True)
    step = np.linalg.norm(np.diff(at, axis=0, prepend=at[:1]), axis=1)
    first = np.flatnonzero(np.diff(row, prepend=-1))
    step[first] = 0.0
    gone = np.cumsum(step)
    gone -= gone[first][row]
    return at, long[row], gone / np.maximum(whole_m, _TINY)[long[row]]


def _shapes(around: _Around, limits: Sequence[float]) -> list[shapely.MultiPolygon]:
    """Draw the rings from the inside out, each around the one before."""
    if not (around.point_m <= limits[-1]).any():
        # Even the street before the door is farther.
        return [shapely.MultiPolygon()] * len(limits)
    ground = _Ground.of(around, limits[-1])
    shapes: list[shapely.MultiPolygon] = []
    inner: BaseGeometry = shapely.MultiPolygon()
    for limit in limits:
        if (around.point_m <= limit).any():
            beyond = around.points[around.point_m > limit * _BEYOND]
            line = contour(*ground.field(limit), _CELL_M, _CRUMB_M2, _BLOCK_M2, beyond)
            drawn = _with_nodes(around, shapely.simplify(line, _ROUGH_M), limit)
            inner = shapely.union(drawn, inner)
        shapes.append(_multi(shapely.transform(inner, around.frame.lonlat)))
    return shapes


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """Square cells around a place, rows to the north, from the south-west ``corner`` on.

    ``walk_m`` is the walk to the middle of each cell from the nearest street, ``street_m`` that
    to the street itself, NaN where none is close by; ``built`` is positive where streets are
    near enough for houses. Made once for all rings.
    """

    corner: Floats
    walk_m: Floats
    street_m: Floats
    built: Floats

    @classmethod
    def of(cls, around: _Around, limit: float) -> Self:
        """Lay cells over all that is within a walk of so many metres."""
        reached = around.points[around.point_m <= limit]
        margin = _WIDE_M + _CALM_M + 3 * _CELL_M
        corner = reached.min(axis=0) - margin
        size = np.ceil((reached.max(axis=0) + margin - corner) / _CELL_M).astype(np.intp)
        street_m = _nearest(around.points, around.point_m, corner, size)
        off, (row, column) = distance_transform_edt(np.isnan(street_m), return_indices=True)
        off *= _CELL_M
        street_m = street_m[row, column]
        walk_m = street_m + off * _OFF_STREET
        street_m[off > _ON_M] = np.nan
        swollen = distance_transform_edt(off <= _WIDE_M + _CALM_M) * _CELL_M
        built = np.minimum(swollen - _CALM_M, _WIDE_M + _CALM_M - off)
        return cls(corner, walk_m, street_m, built)

    def field(self, limit: float) -> tuple[Floats, Floats]:
        """Return a grid that is positive in reach, and its south-west corner."""
        window, corner = self._window(limit)
        field = np.clip(limit - self.walk_m[window], -_STEEP * limit, _STEEP * limit)
        blur = np.clip(_BLUR * limit, *_BLUR_M) / _CELL_M
        field = np.clip(gaussian_filter(field, blur, truncate=2.5), -_FIRM_M, _FIRM_M)
        # What smoothing may not do: move the line over streets that surely are on one side.
        street_m = self.street_m[window]
        within, beyond = street_m <= _WITHIN * limit, street_m > _BEYOND * limit
        field[within] = np.maximum(field[within], _SURE_M)
        field[beyond] = np.minimum(field[beyond], -_SURE_M)
        field = np.minimum(field, self.built[window])
        return gaussian_filter(field, _LAST_BLUR), corner

    def _window(self, limit: float) -> tuple[tuple[slice, slice], Floats]:
        """Cut out the cells that a ring may touch, to save time, and tell their corner."""
        margin = int(3 * _BLUR_M[1] / _CELL_M)
        sides = []
        for axis in (1, 0):
            reached = np.flatnonzero((self.walk_m <= limit).any(axis=axis))
            sides.append(slice(max(int(reached[0]) - margin, 0), int(reached[-1]) + margin + 1))
        rows, columns = sides
        return (rows, columns), self.corner + np.array([columns.start, rows.start]) * _CELL_M


def _nearest(points: Floats, metres: Floats, corner: Floats, size: Ints) -> Floats:
    """Return the least metres of the points in each cell, NaN where there are none."""
    column, row = ((points - corner) // _CELL_M).astype(np.intp).T
    known = (column >= 0) & (row >= 0) & (column < size[0]) & (row < size[1])
    least = np.full((size[1], size[0]), np.nan)
    np.fmin.at(least, (row[known], column[known]), metres[known])
    return least


def _with_nodes(around: _Around, drawn: BaseGeometry, limit: float) -> BaseGeometry:
    """Keep the promise for each node, whatever drawing has done to a few of them."""
    shapely.prepare(drawn)
    wrong = (around.node_m > limit * _NEVER) & shapely.contains_xy(drawn, around.nodes)
    if wrong.any():
        # Where another street runs right over a node, the place is in reach all the same.
        wrong[wrong] = ~(around.walk(around.frame.lonlat(around.nodes[wrong])) <= limit)
        drawn = shapely.difference(drawn, _dots(around.nodes[wrong], _DOT_M))
    shapely.prepare(drawn)
    wrong = (around.node_m <= limit * _SURE) & ~shapely.contains_xy(drawn, around.nodes)
    if wrong.any():
        drawn = shapely.union(drawn, _dots(around.nodes[wrong], _DOT_M / 3))
    return drawn


def _dots(xy: Floats, radius_m: float) -> BaseGeometry:
    return shapely.union_all(shapely.buffer(shapely.points(xy), radius_m, quad_segs=2))


def _multi(shape: BaseGeometry) -> shapely.MultiPolygon:
    parts = shapely.get_parts(shapely.make_valid(shape))
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon"])
