"""Minutes on foot between many and many, as far as a limit: the pairs that are near enough."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from geodata.modes import WALK_MPS
from geodata.walking.graph import Graph, Mask
from geodata.walking.joins import Joins
from geodata.walking.search import (
    Places,
    Rows,
    joined,
    metres_within,
    rows_on_foot,
    standing,
    standing_rows,
    usable_on_foot,
    with_sources,
)

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer[Any]]

_NUMBERS: Final = 2_000_000
"""So many numbers of a table are worked on at once: 16 MB for each step of it."""
_SLACK: Final = 1.01
"""The plane and the ground differ by less than this over a tile."""
_MIN_S: Final = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Places and those near to each, one row a pair, by origin and then target.

    Parameters
    ----------
    origin, target
        Rows of what was given, int32, (n,). No pair comes twice.
    distance_m
        The walk between both, (n,).
    """

    origin: NDArray[np.int32]
    target: NDArray[np.int32]
    distance_m: Floats

    def __len__(self) -> int:
        return len(self.origin)

    @property
    def minutes(self) -> Floats:
        """The walks in minutes, (n,)."""
        return self.distance_m / WALK_MPS / _MIN_S


def within(
    graph: Graph,
    origins: Places,
    targets: Places,
    within_min: float,
    *,
    closed: Mask | None = None,
) -> Pairs:
    """Find all targets within so many minutes on foot of each origin.

    For what needs more than the nearest: catchments, and where another one would help. For
    the nearest alone :func:`nearest`, which is much quicker.

    Parameters
    ----------
    graph, origins, targets, closed
        As for :func:`nearest`. It searches from the targets: give the fewer as those. A walk
        is as long as the walk back.
    within_min
        Walks that take longer than so many minutes are left out. Without any limit
        (infinity) all that are connected are pairs: for few places only.

    Returns
    -------
    Pairs
        Sparse: what is not in it is farther, has no way, or is off the network.

    Notes
    -----
    Exact for the graph, and the same whatever other places are asked about. The city is cut
    into tiles twice as wide as the limit, and each is searched with what is around it, some
    targets at once; so that besides the pairs themselves (16 bytes each) memory stays near
    100 MB. 200,000 origins and 10,000 targets within 15 min, a city with 80,000 nodes,
    5.3 million pairs: 2.6 s and 350 MB.

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
    >>> homes, shops = [(123.431, 41.8), (123.5, 41.8)], [(123.44, 41.8), (123.434, 41.8)]
    >>> near = within(street, homes, shops, 5)
    >>> near.origin.tolist(), near.target.tolist(), near.minutes.round(2).tolist()
    ([0], [1], [3.32])
    """
    usable = usable_on_foot(graph, closed)
    starts, ends = (standing(graph, joined(graph, some), usable) for some in (origins, targets))
    search = _Search(graph, usable, starts, metres_within(within_min))
    found = list(search.from_each(ends))
    # A column after the other, its parts let go: the pairs are most of the memory.
    origin, target, metres = (
        np.concatenate([np.empty(0, kind), *(part.pop(0) for part in found)])
        for kind in (np.int32, np.int32, np.float64)
    )
    table = coo_array((metres, (origin, target)), shape=(len(starts), len(ends))).tocsr()
    table.sort_indices()
    of = np.repeat(np.arange(len(starts), dtype=np.int32), np.diff(table.indptr))
    return Pairs(of, table.indices.astype(np.int32, copy=False), table.data)


class _Points:
    """Points of the plane, found by the box that they lie in."""

    def __init__(self, xy: Floats) -> None:
        self._rows = np.argsort(xy[:, 0], kind="stable")
        self._xy = xy[self._rows]

    def inside(self, low: Floats, high: Floats) -> Ints:
        """Return the rows of the points of a box, ascending."""
        first = np.searchsorted(self._xy[:, 0], low[0])
        last = np.searchsorted(self._xy[:, 0], high[0], side="right")
        y = self._xy[first:last, 1]
        rows: Ints = self._rows[first:last][(y >= low[1]) & (y <= high[1])]
        rows.sort()
        return rows


class _Search:
    """Searches by tiles of a city, of which each knows only what is around it."""

    def __init__(self, graph: Graph, usable: Mask, origins: Joins, limit: float) -> None:
        self._graph, self._usable, self._limit = graph, usable, limit
        self._streets = rows_on_foot(graph, usable)
        self._row = standing_rows(origins, usable)
        self._origins = origins.of(self._row)
        box, plane = graph.extent, graph.plane
        corners = plane.xy(np.array([box.west, box.east]), np.array([box.south, box.north]))
        narrow = float(plane.scale(np.array([box.south, box.north])).min())
        self._reach = limit / narrow * _SLACK + 1.0
        self._corner = corners[0]
        self._side = min(2.0 * self._reach, float((corners[1] - corners[0]).max()) + 1.0)
        self._nodes = _Points(plane.xy(graph.lon, graph.lat))
        self._places = _Points(plane.xy(self._origins.lon, self._origins.lat))
        # Which row of a tile's streets each node is: the one behind all, if it is not in it.
        self._local = np.empty(len(graph.lon), dtype=np.int32)

    def from_each(self, targets: Joins) -> Iterator[list[Any]]:
        """Yield origins, targets and metres of pairs, those of some targets after others'."""
        rows = standing_rows(targets, self._usable)
        xy = self._graph.plane.xy(targets.lon[rows], targets.lat[rows])
        tile = np.floor((xy - self._corner) / self._side).astype(np.int64)
        tiles, which = np.unique(tile, axis=0, return_inverse=True)
        for number, place in enumerate(tiles):
            yield from self._of_tile(targets, rows[which == number], place)

    def _of_tile(self, targets: Joins, rows: Ints, tile: Ints) -> Iterator[list[Any]]:
        low = self._corner + tile * self._side - self._reach
        high = self._corner + (tile + 1) * self._side + self._reach
        places = self._places.inside(low, high)
        if not len(places):
            return
        nodes = self._nodes.inside(low, high)
        streets = self._cut(nodes)
        origins = self._origins.of(places)
        together = max(1, _NUMBERS // (len(nodes) + len(places) + 1))
        for first in range(0, len(rows), together):
            some = rows[first : first + together]
            metres = self._metres(streets, targets.of(some), origins)
            target, place = np.nonzero(np.isfinite(metres) & (metres <= self._limit))
            yield [self._row[places[place]], some[target], metres[target, place]]

    def _cut(self, nodes: Ints) -> Rows:
        """Cut a tile's streets out; a row more stands for all outside, which is out of reach."""
        size, whole = len(nodes), self._streets
        self._local.fill(size)
        self._local[nodes] = np.arange(size)
        count = whole.start[nodes + 1] - whole.start[nodes]
        start = np.concatenate(([0], np.cumsum(count)))
        kept = np.arange(start[-1]) + np.repeat(whole.start[nodes] - start[:-1], count)
        start = np.append(start, start[-1]).astype(np.int32)
        return Rows(start, self._local[whole.node[kept]], whole.metres[kept], whole.edge[kept])

    def _metres(self, streets: Rows, targets: Joins, origins: Joins) -> Floats:
        """Return the metres from each target to each origin, infinite beyond the limit."""
        size = len(streets.start) - 1
        along, back = self._both_ways(targets)
        ways = np.column_stack((targets.away_m + along, targets.away_m + back)).ravel()
        matrix = with_sources(streets, self._local[self._graph.ends[targets.edge]].ravel(), ways)
        sources = np.arange(size, size + len(targets))
        nodes = dijkstra(matrix, indices=sources, limit=self._limit)[:, :size]
        first, last = self._local[self._graph.ends[origins.edge]].T
        there, back = self._both_ways(origins)
        metres = np.minimum(nodes[:, first] + there, nodes[:, last] + back)
        target, place = np.nonzero(targets.edge[:, None] == origins.edge)
        direct = np.abs(origins.along_m[place] - along[target]) + targets.away_m[target]
        metres[target, place] = np.minimum(metres[target, place], direct)
        return np.asarray(metres + origins.away_m, dtype=np.float64)

    def _both_ways(self, places: Joins) -> tuple[Floats, Floats]:
        """Return how far it is to either end of each place's edge."""
        back = self._graph.length_m[places.edge] - places.along_m
        return places.along_m, np.maximum(back, 0.0)
