"""Find the nearest street of very many places at once."""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.modes import SNAP_LIMIT_M, Mode
from geodata.walking.graph import Graph

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer[Any]]

STEP: Final = 24.0
"""Streets are put into the tree as points, so many units of the plane apart at most."""

_FIRST_LOOK = 3
_CLOSER_LOOK = 4  # times as many candidates, where the first look leaves a doubt
_MANY = 2_000  # from here on a second thread is worth its start


class Spots(NamedTuple):
    """Points on streets, one or several a place. ``away`` is in units of the plane."""

    piece: Ints
    share: Floats
    away: Floats

    def of(self, rows: Any) -> "Spots":  # noqa: ANN401 - whatever picks from an array
        """Return some of them."""
        return Spots(self.piece[rows], self.share[rows], self.away[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Pieces of street that a mode may be joined to, findable by place."""

    start: Floats
    run: Floats
    first_vertex: Ints
    edge: Ints
    tree: cKDTree
    point_piece: Ints

    def candidates(self, xy: Floats, count: int, limit: float) -> tuple[Spots, Floats]:
        """Look at the pieces around each place, and tell how far the look went.

        A piece that is not among them has no point nearer than the square root of the
        distance told, squared, less that of half a step: see :meth:`nearest`.
        """
        workers = -1 if len(xy) >= _MANY else 1
        away, point = self.tree.query(
            xy, k=range(1, count + 1), distance_upper_bound=limit, workers=workers
        )
        none = np.isinf(away)
        piece = self.point_piece[np.where(none, 0, point)]
        spots = self.project(xy[:, None, :], piece)
        spots.away[none] = np.inf
        return spots, away[:, -1]

    def project(self, xy: Floats, piece: Ints) -> Spots:
        """Find the point of each piece that is nearest to the place beside it."""
        run, gone = self.run[piece], xy - self.start[piece]
        square = np.einsum("...i,...i->...", run, run)
        dot = np.einsum("...i,...i->...", gone, run)
        share = np.clip(dot / np.where(square > 0, square, 1.0), 0.0, 1.0)
        rest = gone - run * share[..., None]
        return Spots(piece, share, np.sqrt(np.einsum("...i,...i->...", rest, rest)))

    def nearest(self, xy: Floats, limit: float) -> Spots:
        """Find the nearest point of any street: exactly, infinitely far beyond the limit.

        The nearest point lies within half a step of a point of the tree that stands for
        its piece. So once a look went farther than that could be, nothing nearer is left
        out; the few places of which this is not so get a closer look.
        """
        size = len(xy)
        best = Spots(np.zeros(size, np.int64), np.zeros(size), np.full(size, np.inf))
        rows, count = np.arange(size), _FIRST_LOOK
        reach = float(np.hypot(limit, STEP / 2))
        while len(rows):
            seen, looked = self.candidates(xy[rows], count, reach)
            chosen = np.argmin(seen.away, axis=1)
            pick = np.arange(len(rows)), chosen
            for whole, part in zip(best, seen, strict=True):
                whole[rows] = part[pick]
            doubt = np.hypot(best.away[rows], STEP / 2) > looked
            rows, count = rows[doubt & np.isfinite(looked)], count * _CLOSER_LOOK
        return best


def pieces(graph: Graph, mode: Mode) -> Pieces | None:
    """Return the joinable streets of a mode, None where there are none; kept with the graph."""
    return graph.once(f"pieces {mode}", lambda: _pieces(graph, mode))


def _pieces(graph: Graph, mode: Mode) -> Pieces | None:
    first, edge = graph.segments
    chosen = graph.joinable(mode)[edge]
    first, edge = first[chosen], edge[chosen]
    if not len(first):
        return None
    start = graph.shape_xy[first]
    run = graph.shape_xy[first + 1] - start
    points = np.maximum(np.ceil(np.linalg.norm(run, axis=1) / STEP), 1).astype(np.int64)
    piece = np.repeat(np.arange(len(first)), points)
    number = np.arange(len(piece)) - np.repeat(np.cumsum(points) - points, points)
    share = (number + 0.5) / points[piece]
    at = start[piece] + run[piece] * share[:, None]
    tree = cKDTree(at, balanced_tree=False, compact_nodes=False)
    return Pieces(start, run, first, edge, tree, piece)


def limit_in_plane(graph: Graph) -> float:
    """Return the snap limit in units of the plane, where they are shortest."""
    box = graph.extent
    return SNAP_LIMIT_M / float(graph.plane.scale(np.array([box.south, box.north])).min())
