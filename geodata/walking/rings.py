"""Rings of reach (邻距圈): where one gets on foot in so many minutes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

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
from geodata.walking.search import Places, durations, joined, spread, usable_on_foot

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer[Any]]
type Shapes = NDArray[np.object_]

_MIN_S: Final = 60.0
_WIDE_M: Final = 38.0
"""So far to either side of a street in reach the houses count as reached."""
_CALM_M: Final = 30.0
"""Bays narrower than twice this are closed."""
_ON_M: Final = 8.0
"""So near to a street in reach it alone decides, however close another one passes."""
_BLOCK_M2: Final = 30_000.0
"""Smaller holes without a street are the insides of blocks, and are filled."""
_CRUMB_M2: Final = 1_000.0
"""Smaller holes and parts are nothing that one should see."""
_BEYOND: Final = 1.15
"""From so many times the limit on a street pushes the ring away from itself."""
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
    The streets in reach, 38 m to either side, with small holes filled, bays closed and
    streets that pass close by but take much longer to get to cut out. Every node of the
    graph within 0.9 of the limit is inside and none beyond 1.2 of it; a place that is both, as
    at a locked gate or under a bridge, is inside. Stray paths that lead nowhere (see
    :meth:`Graph.joinable`) may be inside.

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
    3.5
    """
    start, limits = joined(graph, origin), sorted(minutes)
    if len(start) != 1:
        raise ValueError(len(start))
    if not limits or limits[0] <= 0:
        raise ValueError(limits)
    shapes = [shapely.MultiPolygon()] * len(limits)
    usable = usable_on_foot(graph, closed)
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
    at, row = shapely.get_coordinates(shapely.segmentize(lines, _CELL_M), return_index=True)
    step = np.linalg.norm(np.diff(at, axis=0, prepend=at[:1]), axis=1)
    first = np.flatnonzero(np.diff(row, prepend=-1))
    step[first] = 0.0
    gone = np.cumsum(step)
    gone -= gone[first][row]
    return at, row, gone / np.maximum(shapely.length(lines), _TINY)[row]


def _shapes(around: _Around, limits: Sequence[float]) -> list[shapely.MultiPolygon]:
    """Draw the rings from the inside out, each around the one before."""
    shapes: list[shapely.MultiPolygon] = []
    inner: BaseGeometry = shapely.Polygon()
    for limit in limits:
        if not (around.point_m <= limit).any():
            # Even the street before the door is farther.
            shapes.append(shapely.MultiPolygon())
            continue
        drawn = contour(*_field(around, limit), _CELL_M, _CRUMB_M2)
        drawn = _filled(shapely.simplify(drawn, _ROUGH_M), around.points[around.point_m > limit])
        drawn = _with_nodes(around, drawn, limit)
        inner = shapely.union(drawn, inner)
        shapes.append(_multi(shapely.transform(inner, around.frame.lonlat)))
    return shapes


def _field(around: _Around, limit: float) -> tuple[Floats, Floats]:
    """Return a grid that is positive in reach, rows to the north, and its south-west corner.

    Its value is about the distance in metres to the edge of the ring.
    """
    reached = around.points[around.point_m <= limit]
    margin = _WIDE_M + _CALM_M + 3 * _CELL_M
    corner = reached.min(axis=0) - margin
    shape = np.ceil((reached.max(axis=0) + margin - corner) / _CELL_M).astype(np.intp)[::-1]
    inside = _away(reached, corner, shape)
    outside = _away(around.points[around.point_m > limit * _BEYOND], corner, shape)
    swollen = distance_transform_edt(inside <= _WIDE_M + _CALM_M) * _CELL_M
    calm = np.minimum(swollen - _CALM_M, _WIDE_M + _CALM_M - inside)
    field = np.minimum(calm, np.maximum(outside, _ON_M) - inside)
    return gaussian_filter(field, 1.0), corner


def _away(points: Floats, corner: Floats, shape: NDArray[np.intp]) -> Floats:
    """Return metres from each cell's middle to the nearest point."""
    free = np.ones(shape, dtype=np.bool_)
    column, row = ((points - corner) // _CELL_M).astype(np.intp).T
    known = (column >= 0) & (row >= 0) & (column < shape[1]) & (row < shape[0])
    free[row[known], column[known]] = False
    if free.all():
        return np.full(shape, np.inf)
    return np.asarray(distance_transform_edt(free) * _CELL_M, dtype=np.float64)


def _filled(drawn: BaseGeometry, streets: Floats) -> BaseGeometry:
    """Fill the holes that are only the inside of a block."""
    holes = [shapely.Polygon(ring) for part in shapely.get_parts(drawn) for ring in part.interiors]
    blocks = [
        hole
        for hole in holes
        if hole.area < _BLOCK_M2 and not shapely.contains_xy(hole, streets).any()
    ]
    return shapely.union_all([drawn, *blocks]) if blocks else drawn


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
