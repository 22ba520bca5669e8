"""Leave a courtyard as people do: by what is in sight, or by the gate, not through the wall."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.walking.graph import Graph
from geodata.walking.streets import STEP, Pieces, Spots, limit_in_plane

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer[Any]]
type Mask = NDArray[np.bool_]

_TOUCH: Final = 0.3
"""A place on a wall has both sides, and a street along a wall is reached from its own:
so much of either end of a line may touch a wall."""

_GATES_LOOKED_AT: Final = 16
_FIRST_LOOK: Final = 16
_LAST_LOOK: Final = 1024
_WIDER: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class _Walls:
    """Walls and gates in the plane. ``sealed``: rings of wall without any street inside."""

    tree: shapely.STRtree
    sealed: shapely.STRtree
    gates: cKDTree | None
    gate_spots: Spots

    def bar(self, start: Floats, end: Floats) -> Mask:
        """Tell which straight lines run into a wall, (n,), from and to points (n, 2)."""
        run = end - start
        length = np.linalg.norm(run, axis=1)
        barred = np.zeros(len(start), dtype=np.bool_)
        rows = np.flatnonzero(length > 2 * _TOUCH)
        if len(rows):
            ease = run[rows] * (_TOUCH / length[rows])[:, None]
            lines = shapely.linestrings(np.stack((start[rows] + ease, end[rows] - ease), axis=1))
            barred[rows[self.tree.query(lines, predicate="intersects")[0]]] = True
        return barred


def go_round_walls(graph: Graph, net: Pieces, xy: Floats, spots: Spots) -> None:
    """Give the places that a wall bars from their spot another one, where there is any.

    The nearest of these: the nearest point of any piece of street in sight; a gate in sight
    and its own nearest street, in sight of it. ``away`` is then the whole stretch. Places
    for which there is neither keep their spot.
    """
    walls = graph.once("walls", lambda: _walls(graph, net))
    limit = limit_in_plane(graph)
    rows = np.flatnonzero(spots.away <= limit)
    rows = rows[walls.bar(xy[rows], _at(net, spots.of(rows)))]
    rows = np.delete(rows, walls.sealed.query(shapely.points(xy[rows]), predicate="within")[0])
    if not len(rows):
        return
    found = _by_gate(walls, xy[rows], limit)
    _by_sight(walls, net, xy[rows], found, limit)
    mended = np.isfinite(found.away)
    for whole, part in zip(spots, found, strict=True):
        whole[rows[mended]] = part[mended]


def _walls(graph: Graph, net: Pieces) -> _Walls:
    plane = graph.plane
    shapes = shapely.transform(graph.walls, lambda points: plane.xy(*points.T))
    tree = shapely.STRtree(shapes)
    rings = shapely.get_parts(shapely.polygonize([shapely.union_all(shapes)]))
    ways = shapely.linestrings(np.stack((net.start, net.start + net.run), axis=1))
    lively = shapely.STRtree(np.asarray(ways, dtype=np.object_)).query(
        rings, predicate="intersects"
    )[0]
    sealed = shapely.STRtree(np.delete(rings, lively))
    if not len(graph.gates):
        nothing = Spots(np.empty(0, np.int64), np.empty(0), np.empty(0))
        return _Walls(tree, sealed, None, nothing)
    at = plane.xy(*graph.gates.T)
    spots = net.nearest(at, limit_in_plane(graph))
    walls = _Walls(tree, sealed, cKDTree(at), spots)
    spots.away[walls.bar(at, _at(net, spots))] = np.inf
    return walls


def _at(net: Pieces, spots: Spots) -> Floats:
    return np.asarray(net.start[spots.piece] + net.run[spots.piece] * spots.share[..., None])


def _by_gate(walls: _Walls, xy: Floats, limit: float) -> Spots:
    size = len(xy)
    found = Spots(np.zeros(size, np.int64), np.zeros(size), np.full(size, np.inf))
    if walls.gates is None:
        return found
    count = min(_GATES_LOOKED_AT, walls.gates.n)
    away, gate = walls.gates.query(xy, k=range(1, count + 1), distance_upper_bound=limit)
    gate[np.isinf(away)] = 0
    away += walls.gate_spots.away[gate]
    away[away > limit] = np.inf
    row, column = np.nonzero(np.isfinite(away))
    barred = walls.bar(xy[row], walls.gates.data[gate[row, column]])
    away[row[barred], column[barred]] = np.inf
    best = np.arange(size), np.argmin(away, axis=1)
    found.piece[:] = walls.gate_spots.piece[gate[best]]
    found.share[:] = walls.gate_spots.share[gate[best]]
    found.away[:] = away[best]
    return found


def _by_sight(walls: _Walls, net: Pieces, xy: Floats, found: Spots, limit: float) -> None:
    """Improve what was found by what is in sight, looking wider where need be."""
    rows, count = np.arange(len(xy)), _FIRST_LOOK
    while len(rows) and count <= _LAST_LOOK:
        seen, looked = net.candidates(xy[rows], count, limit)
        worth = seen.away < np.minimum(found.away[rows], limit)[:, None]
        seen.away[~worth] = np.inf
        row, column = np.nonzero(worth)
        ends = _at(net, seen.of((row, column)))
        barred = walls.bar(xy[rows[row]], ends)
        seen.away[row[barred], column[barred]] = np.inf
        best = np.arange(len(rows)), np.argmin(seen.away, axis=1)
        better = seen.away[best] < found.away[rows]
        for whole, part in zip(found, seen, strict=True):
            whole[rows[better]] = part[best][better]
        doubt = np.hypot(found.away[rows], STEP / 2) > looked
        rows, count = rows[doubt & np.isfinite(looked)], count * _WIDER
