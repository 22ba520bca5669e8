"""Join places to the streets: by the nearest way that no wall bars."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.modes import SNAP_LIMIT_M, Mode
from geodata.walking.graph import Graph
from geodata.walking.passing import go_round_walls
from geodata.walking.streets import Pieces, Spots, limit_in_plane, pieces

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Joins:
    """Where places meet the streets, one row a place.

    Parameters
    ----------
    edge
        The edge, int32, (n,); -1 where no street is within ``SNAP_LIMIT_M``.
    along_m
        How far along it from its first end; NaN without an edge.
    away_m
        The stretch between the place and the street in metres, straight, or by the gate of
        a courtyard; infinite without an edge.
    lon, lat
        The point on the street, WGS 84; NaN without an edge.
    """

    edge: NDArray[np.int32]
    along_m: Floats
    away_m: Floats
    lon: Floats
    lat: Floats

    def __len__(self) -> int:
        return len(self.edge)

    def of(self, rows: Sequence[int] | NDArray[np.integer]) -> "Joins":
        """Return some of the rows, in the order asked for."""
        chosen = np.asarray(rows, dtype=np.intp)
        return Joins(*(getattr(self, column.name)[chosen] for column in fields(self)))


def join(graph: Graph, lon: ArrayLike, lat: ArrayLike, mode: Mode = Mode.FOOT) -> Joins:
    """Join places to the nearest point of any street that the mode may use.

    For places of which more than one thing is asked: whatever takes places takes joins too.

    Parameters
    ----------
    graph
        The streets.
    lon, lat
        Places, (n,) each or two numbers, degrees WGS 84.
    mode
        Only edges open to it count, and only those that lead somewhere
        (:meth:`Graph.joinable`).

    Returns
    -------
    Joins
        One row a place. A place without a position (NaN), or with no street within
        ``SNAP_LIMIT_M``, has edge -1. Where a wall stands between a place and its nearest
        street, the place is joined to the nearest street in sight or through the nearest
        gate in sight; where neither is, as in a ring without a gate, the wall is ignored.

    Notes
    -----
    Nearest to the centimetre: the candidates are found in a k-d tree of points along the
    streets, and looked at again until none can have been missed.

    Examples
    --------
    >>> from geodata.walking.graph import BITS
    >>> street = Graph(
    ...     lon=np.array([123.43, 123.44]), lat=np.array([41.8, 41.8]),
    ...     ends=np.array([[0, 1]], dtype=np.int32), length_m=np.array([831.1]),
    ...     modes=np.array([BITS[Mode.FOOT]], dtype=np.uint8),
    ...     shape=np.array([[123.43, 41.8], [123.44, 41.8]]), shape_start=np.array([0, 2]),
    ... )
    >>> found = join(street, [123.435, 123.5], [41.801, 41.8])
    >>> found.edge.tolist(), found.along_m.round(1).tolist(), found.away_m.round(1).tolist()
    ([0, -1], [415.6, nan], [111.1, inf])
    """
    points = np.column_stack(
        [np.atleast_1d(np.asarray(values, dtype=np.float64)) for values in (lon, lat)]
    )
    net = pieces(graph, mode)
    if net is None or not len(points):
        return _nowhere(len(points))
    known = np.isfinite(points).all(axis=1) & (np.abs(points[:, 1]) < 90)  # noqa: PLR2004 - poles
    # A place that is not known is looked for far off the plane, where there is no street.
    xy = np.full_like(points, 1e12)
    xy[known] = graph.plane.xy(*points[known].T)
    spots = net.nearest(xy, limit_in_plane(graph))
    if mode is Mode.FOOT and len(graph.walls):
        go_round_walls(graph, net, xy, spots)
    return _told(graph, net, spots, points[:, 1])


def _nowhere(size: int) -> Joins:
    nan = np.full(size, np.nan)
    edge = np.full(size, -1, dtype=np.int32)
    return Joins(edge, nan, np.full(size, np.inf), nan.copy(), nan.copy())


def _told(graph: Graph, net: Pieces, spots: Spots, lat: Floats) -> Joins:
    joins = _nowhere(len(lat))
    away_m = spots.away * graph.plane.scale(np.where(np.isfinite(lat), lat, 0.0))
    rows = np.flatnonzero(away_m <= SNAP_LIMIT_M)
    piece, share = spots.piece[rows], spots.share[rows]
    first = net.first_vertex[piece]
    along = graph.vertex_m
    joins.edge[rows] = net.edge[piece]
    joins.along_m[rows] = along[first] + share * (along[first + 1] - along[first])
    joins.away_m[rows] = away_m[rows]
    start, end = graph.shape[first], graph.shape[first + 1]
    joins.lon[rows], joins.lat[rows] = (start + (end - start) * share[:, None]).T
    return joins
