"""Split ways into edges where they meet, end, pass a gate or are stopped."""

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from geodata.geometry import metres_between
from geodata.roads.network.reading import Raw
from geodata.walking import Graph

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer[Any]]


class Split(NamedTuple):
    """Streets as a graph, and what is known of them besides.

    ``refs`` are ids in the extract, ascending, negative where a node is one of several at a
    barrier, and ``nodes`` the numbers of those nodes in the graph; ``stopped`` are the places
    of those barriers, lon/lat; ``bridge`` tells of each edge which bridge or tunnel of the
    extract it is part of, -1 for none.
    """

    graph: Graph
    refs: Ints
    nodes: Ints
    stopped: Floats
    bridge: Ints


def split(raw: Raw) -> Split:
    """Return the streets as a graph, still without walls.

    Nodes at one place that follow each other on a way are one node: there is no edge
    without a length.
    """
    lines = raw.ways
    refs, lonlat, starts = np.array(lines.refs, dtype=np.int64), lines.lonlat(), lines.starts()
    line = np.repeat(np.arange(len(lines.sizes)), lines.sizes)
    is_first, is_last = (np.zeros(len(refs), dtype=np.bool_) for _ in range(2))
    is_first[starts[:-1]] = is_last[starts[1:] - 1] = True
    _, known, times = np.unique(refs, return_inverse=True, return_counts=True)
    cut = is_first | is_last | (times[known] > 1)
    stops = np.concatenate(
        (_array(raw.stops), refs[cut & np.isin(refs, _array(raw.junction_stops))])
    )
    cut |= np.isin(refs, _array(raw.stops)) | np.isin(refs, _array(raw.gates))
    # A vertex where two edges of a line meet is the last of one and the first of the next.
    copies = np.where(cut & ~is_first & ~is_last, 2, 1)
    taken = np.repeat(np.arange(len(refs)), copies)
    begins = cut & ~is_last
    start = np.append(np.cumsum(copies)[begins] - 1, len(taken)).astype(np.int64)
    ends = taken[np.column_stack((start[:-1], start[1:] - 1))]
    keys, number, where = _nodes(refs[ends], stops)
    at, shape, edge_line = lonlat[ends.ravel()[where]], lonlat[taken], line[begins]
    graph = Graph(
        lon=at[:, 0],
        lat=at[:, 1],
        ends=number,
        length_m=_lengths(shape, start),
        modes=np.array(raw.line_modes, dtype=np.uint8)[edge_line],
        shape=shape,
        shape_start=start,
    )
    bridge = np.array(raw.line_bridge, dtype=np.int64)[edge_line]
    nodes = np.arange(len(keys), dtype=np.int32)
    return _with_length(Split(graph, keys, nodes, lonlat[np.isin(refs, stops)], bridge))


def _with_length(split: Split) -> Split:
    """Make one node of both ends of an edge without a length, and leave the edge out."""
    graph, kept = split.graph, split.graph.length_m > 0
    if kept.all():
        return split
    first, last = graph.ends[~kept].T
    size = len(graph.lon)
    links = csr_array((np.ones(len(first), np.int8), (first, last)), shape=(size, size))
    _, one = connected_components(links, directed=False)
    _, where = np.unique(one, return_index=True)
    vertices = np.diff(graph.shape_start)
    graph = Graph(
        lon=graph.lon[where],
        lat=graph.lat[where],
        ends=one[graph.ends[kept]],
        length_m=graph.length_m[kept],
        modes=graph.modes[kept],
        shape=graph.shape[np.repeat(kept, vertices)],
        shape_start=np.concatenate(([0], np.cumsum(vertices[kept]))),
    )
    return split._replace(graph=graph, nodes=one, bridge=split.bridge[kept])


def _array(refs: Collection[int]) -> Ints:
    return np.fromiter(refs, dtype=np.int64, count=len(refs))


def _nodes(ends: Ints, stops: Ints) -> tuple[Ints, NDArray[np.int32], Ints]:
    """Give nodes their numbers; where walkers are stopped each end of an edge is its own.

    Returns their ids, the numbers in the shape of ``ends``, and where each is met first.
    """
    keys = ends.ravel().copy()
    stopped = np.isin(keys, stops)
    # No id in an extract is as low as these, not even one of an editor's unsaved nodes.
    keys[stopped] = np.iinfo(np.int64).min + np.arange(np.count_nonzero(stopped))
    known, where, number = np.unique(keys, return_index=True, return_inverse=True)
    return known, number.reshape(ends.shape).astype(np.int32), where


def _lengths(shape: Floats, start: Ints) -> Floats:
    steps = np.zeros(len(shape))
    steps[1:] = metres_between(*shape[:-1].T, *shape[1:].T)
    steps[start[:-1]] = 0.0
    total = np.concatenate(([0.0], np.cumsum(steps)))
    return total[start[1:]] - total[start[:-1]]
