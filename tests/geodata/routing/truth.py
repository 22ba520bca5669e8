"""What is true of ways on foot: networkx on the walking graph, the closed edges removed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata import walking
from geodata.modes import Mode
from geodata.walking import Graph, areas_of
from geodata.walking.frames import Frame

GRAZE_DEG = 2e-6
"""Some 20 cm: the engine rounds to 10. What is closed by so little may be closed to one alone."""
AT_CORNER_M, REACH_M = 1.0, 5.0

type Place = tuple[float, float]
type Mask = NDArray[np.bool_]


class Truth:
    """The streets of a graph as networkx has them."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._nx = nx.MultiGraph()
        for edge in np.flatnonzero(graph.open_to(Mode.FOOT)).tolist():
            self._nx.add_edge(*graph.ends[edge].tolist(), key=edge, m=float(graph.length_m[edge]))

    def metres(self, start: Place, end: Place, closed: Mask) -> float | None:
        """Return how far the way is without the closed edges, None where there is none."""
        with self._without(closed), self._with_places((start, end), closed) as known:
            if not known:
                return None
            try:
                return float(nx.bidirectional_dijkstra(self._nx, "0", "1", weight="m")[0])
            except nx.NetworkXNoPath:
                return None

    def from_place(self, start: Place, closed: Mask, cutoff_m: float) -> dict[int, float]:
        """Return how far the nodes are that are no farther than so many metres."""
        with self._without(closed), self._with_places((start,), closed) as known:
            if not known:
                return {}
            found = nx.single_source_dijkstra_path_length(
                self._nx, "0", cutoff=cutoff_m, weight="m"
            )
        return {node: metres for node, metres in found.items() if node != "0"}

    @contextmanager
    def _without(self, closed: Mask) -> Iterator[None]:
        edges = np.flatnonzero(closed & self.graph.open_to(Mode.FOOT)).tolist()
        gone = [(*self.graph.ends[edge].tolist(), edge) for edge in edges]
        self._nx.remove_edges_from(gone)
        try:
            yield
        finally:
            for first, last, edge in gone:
                self._nx.add_edge(first, last, key=edge, m=float(self.graph.length_m[edge]))

    @contextmanager
    def _with_places(self, places: Sequence[Place], closed: Mask) -> Iterator[bool]:
        """Join places to the streets as they are; one in a closed street only to its corner."""
        joins = walking.join(self.graph, *np.array(places).T)
        if (joins.edge < 0).any():
            yield False
            return
        for row, edge in enumerate(joins.edge.tolist()):
            self._nx.add_node(str(row))
            along, away = float(joins.along_m[row]), float(joins.away_m[row])
            back = max(float(self.graph.length_m[edge]) - along, 0.0)
            for node, off in zip(self.graph.ends[edge].tolist(), (along, back), strict=True):
                if not closed[edge] or off <= AT_CORNER_M:
                    self._nx.add_edge(str(row), node, m=away + off)
        if len(places) > 1 and joins.edge[0] == joins.edge[1] and not closed[joins.edge[0]]:
            straight = abs(joins.along_m[0] - joins.along_m[1]) + joins.away_m.sum()
            self._nx.add_edge("0", "1", m=float(straight))
        try:
            yield True
        finally:
            self._nx.remove_nodes_from([str(row) for row in range(len(places))])


def closed_edges(graph: Graph, closures: Sequence[shapely.Geometry], slack: float) -> Mask:
    """Tell which edges closures touch, (E,), measured one by one in metres.

    Points and lines reach 5 m times ``slack``: they are drawn as circles of few corners.
    """
    closed = np.zeros(graph.edges, dtype=np.bool_)
    for closure in closures:
        frame = Frame(*closure.centroid.coords[0])
        near = graph.edge_tree.query(shapely.buffer(closure, 1e-3))
        edges = shapely.transform(graph.lines[near], frame.xy)
        flat = shapely.transform(closure, frame.xy)
        away = shapely.distance(edges, flat)
        reach = 0.0 if closure.area else REACH_M * slack
        closed[near[away <= reach]] = True
    return closed


class Drawings:
    """Random closures, drawn as people draw them: areas, stretches, points, and any of them."""

    def __init__(self, graph: Graph, seed: int) -> None:
        self.graph = graph
        self.chance = np.random.default_rng(seed)
        self._nodes = np.column_stack((graph.lon, graph.lat))

    def beside(self, nodes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a point beside one of some nodes."""
        return self.chance.choice(nodes) + self.chance.normal(0, 1e-4, 2)

    def around(self, place: NDArray[np.float64], within_deg: float) -> NDArray[np.float64]:
        """Return the nodes that are not farther from a place, or the nearest."""
        away = np.hypot(*((self._nodes - place) * (0.7, 1)).T)
        return self._nodes[away <= max(within_deg, away.min())]

    def some(self, nodes: NDArray[np.float64]) -> list[shapely.Geometry]:
        """Return one to three dozen closures beside nodes, none of which only grazes a street."""
        kinds = self.chance.permutation(4)[: self.chance.integers(1, 5)]
        drawn = [
            self._one(int(self.chance.choice(kinds)), self.beside(nodes))
            for _ in range(self.chance.integers(1, 37))
        ]
        grazing = self._grazing(drawn)
        return [one for row, one in enumerate(drawn) if row not in grazing]

    def _one(self, kind: int, at: NDArray[np.float64]) -> shapely.Geometry:
        match kind:
            case 0:
                return shapely.Point(at)
            case 1:
                bends = self.chance.normal(0, 6e-4, (self.chance.integers(1, 4), 2))
                return shapely.LineString(np.cumsum([at, *bends], axis=0))
            case 2:
                radius = 10 ** self.chance.uniform(-4, -2.8)
                return shapely.Point(at).buffer(radius, quad_segs=int(self.chance.integers(1, 9)))
            case _:
                sides = self.chance.uniform(1e-4, 1e-3, (2, 2))
                return shapely.box(*(at - sides[0]), *(at + sides[1]))

    def _grazing(self, drawn: Sequence[shapely.Geometry]) -> set[int]:
        """Return which of them would close another street if they were 20 cm larger or smaller."""
        areas, owner = areas_of(drawn)
        less, more = (
            self.graph.edge_tree.query(shapely.buffer(areas, deg), predicate="intersects")
            for deg in (-GRAZE_DEG, GRAZE_DEG)
        )
        pairs = {(owner[row], edge) for row, edge in more.T.tolist()}
        return {row for row, _ in pairs - {(owner[row], edge) for row, edge in less.T.tolist()}}
