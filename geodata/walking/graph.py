"""The walking graph: streets as arrays, with the walls between them and the gates in those."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any, Final, Self, cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.geometry import BBox
from geodata.modes import Mode
from geodata.walking import file
from geodata.walking.closures import areas_of
from geodata.walking.frames import Plane

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer[Any]]
type Mask = NDArray[np.bool_]

BITS: Final = {Mode.FOOT: 1, Mode.BIKE: 2, Mode.CAR: 4}
"""The bit of each mode in ``Graph.modes``."""

AT_NODE_M: Final = 1.0
"""A place so near to a junction stands at it."""

_ISLAND_M: Final = 1000.0
_ISLAND_SHARE: Final = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Streets and paths between the nodes where they meet or end.

    Made by :func:`geodata.roads.network.read`, kept by :meth:`save`. Nothing in it changes,
    so threads may share one; what is derived from it (trees, matrices) is made on first use
    and kept with it.

    Parameters
    ----------
    lon, lat
        Nodes, (N,), degrees WGS 84. Where a barrier stops walkers, each street that ends
        there has a node of its own, at the same place.
    ends
        First and last node of each edge, (E, 2).
    length_m
        The geodesic length of each edge's whole shape, (E,).
    modes
        Who may use the edge at all, (E,): a sum of :data:`BITS`. In which direction is for
        the routing engine to know; walkers go both ways.
    shape, shape_start
        Vertices of all edges, lon/lat, (V, 2), and where each edge's begin, (E + 1,).
    walls
        What one cannot walk through: LineStrings, lon/lat, open where a gate or a way is.
    gates, gate_node
        Gates in walls, lon/lat, (G, 2), and the node of each, (G,), -1 when off the network.

    Examples
    --------
    >>> from geodata.modes import Mode
    >>> street = Graph(
    ...     lon=np.array([123.43, 123.44]), lat=np.array([41.8, 41.8]),
    ...     ends=np.array([[0, 1]], dtype=np.int32), length_m=np.array([831.1]),
    ...     modes=np.array([BITS[Mode.FOOT]], dtype=np.uint8),
    ...     shape=np.array([[123.43, 41.8], [123.44, 41.8]]), shape_start=np.array([0, 2]),
    ... )
    >>> street.extent.east, round(street.km(Mode.FOOT), 2), street.km(Mode.CAR)
    (123.44, 0.83, 0.0)
    """

    lon: Floats
    lat: Floats
    ends: NDArray[np.int32]
    length_m: Floats
    modes: NDArray[np.uint8]
    shape: Floats
    shape_start: NDArray[np.int64]
    walls: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=np.object_))
    gates: Floats = field(default_factory=lambda: np.empty((0, 2)))
    gate_node: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    _kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False)
    _lock: Any = field(default_factory=RLock, init=False, repr=False)

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        """Travel to other processes without what can be derived."""
        return type(self), tuple(getattr(self, name) for name in file.NAMES)

    def save(self, path: Path) -> None:
        """Write the graph to one file, whole and durable, or leave what was there.

        A failing disk raises ``OSError``, as any writing does.
        """
        file.write(path, {name: getattr(self, name) for name in file.NAMES})

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what :meth:`save` wrote.

        Raises
        ------
        Unavailable
            ``streets_unreadable`` with ``path`` when the file is missing, damaged or of
            another kind.
        """
        return cls(**file.read(path))

    @property
    def edges(self) -> int:
        """How many edges there are."""
        return len(self.ends)

    @property
    def extent(self) -> BBox:
        """The box around all edges; that of a graph without any is the point 0, 0."""
        return self.once("extent", self._extent)

    def _extent(self) -> BBox:
        if not len(self.shape):
            return BBox(0.0, 0.0, 0.0, 0.0)
        west, south = self.shape.min(axis=0).tolist()
        east, north = self.shape.max(axis=0).tolist()
        return BBox(west, south, east, north)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of :attr:`extent`."""
        box = self.extent
        return box.west, box.south, box.east, box.north

    def km(self, mode: Mode) -> float:
        """Return the kilometres of street that the mode may use."""
        return float(self.length_m[self.open_to(mode)].sum()) / 1000.0

    def once[T](self, key: str, make: Callable[[], T]) -> T:
        """Return what ``make`` gives, made when first asked for under this key.

        For what is derived from the graph alone; threads that come meanwhile wait.
        """
        if key not in self._kept:
            with self._lock:
                if key not in self._kept:
                    self._kept[key] = make()
        return cast("T", self._kept[key])

    def open_to(self, mode: Mode) -> Mask:
        """Tell which edges the mode may use, (E,)."""
        return (self.modes & BITS[mode]) > 0

    def components(self, mode: Mode) -> NDArray[np.int32]:
        """Tell to which connected piece of what the mode may use each edge belongs, (E,).

        Pieces are counted from 0; -1 stands for edges that it may not use. Directions are
        left out of account.
        """
        return self.once(f"components {mode}", lambda: self.pieces(self.open_to(mode)))

    def pieces(self, usable: Mask) -> NDArray[np.int32]:
        """Tell to which connected piece of the usable edges each belongs, (E,).

        As :meth:`components`, for what is usable at a moment.
        """
        from scipy.sparse import csr_array  # noqa: PLC0415 - slow to load, see the package
        from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - so is this

        first, last = self.ends[usable].T
        size = len(self.lon)
        links = csr_array((np.ones(len(first), np.int8), (first, last)), shape=(size, size))
        _, of_node = connected_components(links, directed=False)
        found = np.full(self.edges, -1, dtype=np.int32)
        found[usable] = np.unique(of_node[first], return_inverse=True)[1]
        return found

    def largest_component(self, mode: Mode = Mode.FOOT) -> Ints:
        """Return the nodes of the connected piece with the longest streets, ascending."""
        pieces = self.components(mode)
        usable = pieces >= 0
        if not usable.any():
            return np.empty(0, dtype=np.int64)
        lengths = np.bincount(pieces[usable], weights=self.length_m[usable])
        return np.unique(self.ends[pieces == lengths.argmax()])

    def joinable(self, mode: Mode) -> Mask:
        """Tell to which edges places may be joined, (E,): those that lead somewhere.

        A piece counts from 1 km of street on, or from 1 % of all in a small network; the
        longest always does. So nobody is joined to a stray footway.
        """
        return self.once(f"joinable {mode}", lambda: self._joinable(mode))

    def _joinable(self, mode: Mode) -> Mask:
        pieces = self.components(mode)
        usable = pieces >= 0
        if not usable.any():
            return usable
        lengths = np.bincount(pieces[usable], weights=self.length_m[usable])
        enough = min(_ISLAND_M, lengths.sum() * _ISLAND_SHARE, lengths.max())
        return usable & (lengths >= enough)[pieces]

    def edges_at(self, node: int) -> Ints:
        """Return the edges that meet at a node."""
        start, edges = self.once("edges at nodes", self._edges_at_nodes)
        found: Ints = edges[start[node] : start[node + 1]]
        return found

    def _edges_at_nodes(self) -> tuple[Ints, Ints]:
        node = self.ends.ravel()
        start = np.searchsorted(np.sort(node), np.arange(len(self.lon) + 1))
        return start, np.argsort(node, kind="stable") // 2

    @property
    def plane(self) -> Plane:
        """The frame in which what is nearest is found."""
        return Plane((self.extent.south + self.extent.north) / 2)

    @property
    def shape_xy(self) -> Floats:
        """The vertices in :attr:`plane`, (V, 2)."""
        return self.once("shape_xy", lambda: self.plane.xy(self.shape[:, 0], self.shape[:, 1]))

    @property
    def segments(self) -> tuple[Ints, Ints]:
        """The first vertex and the edge of every straight piece of street."""
        return self.once("segments", self._segments)

    def _segments(self) -> tuple[Ints, Ints]:
        inside = np.ones(max(len(self.shape) - 1, 0), dtype=np.bool_)
        inside[self.shape_start[1:-1] - 1] = False
        pieces = np.diff(self.shape_start) - 1
        return np.flatnonzero(inside), np.repeat(np.arange(self.edges), pieces)

    @property
    def vertex_m(self) -> Floats:
        """How far along its edge each vertex is, metres, (V,)."""
        return self.once("vertex_m", self._vertex_m)

    def _vertex_m(self) -> Floats:
        first, edge = self.segments
        steps = np.linalg.norm(self.shape_xy[first + 1] - self.shape_xy[first], axis=1)
        steps *= self.plane.scale((self.shape[first, 1] + self.shape[first + 1, 1]) / 2)
        drawn = np.bincount(edge, weights=steps, minlength=self.edges)
        # To the sum of the steps the plane gives a millionth more or less than the geodesic.
        steps *= (self.length_m / np.where(drawn > 0, drawn, 1.0))[edge]
        along = np.zeros(len(self.shape))
        along[first + 1] = steps
        along = np.cumsum(along)
        return along - np.repeat(along[self.shape_start[:-1]], np.diff(self.shape_start))

    @property
    def lines(self) -> NDArray[np.object_]:
        """The edges as LineStrings, lon/lat, (E,)."""
        return self.once("lines", self._lines)

    def _lines(self) -> NDArray[np.object_]:
        edge = np.repeat(np.arange(self.edges), np.diff(self.shape_start))
        return np.asarray(shapely.linestrings(self.shape, indices=edge), dtype=np.object_)

    @property
    def edge_tree(self) -> shapely.STRtree:
        """A tree over :attr:`lines`."""
        return self.once("edge_tree", lambda: shapely.STRtree(self.lines))

    def closed_by(self, geometries: Iterable[BaseGeometry | None]) -> Mask:
        """Tell which edges closures touch, (E,), to be given as ``closed``.

        Parameters
        ----------
        geometries
            WGS 84. Polygons close what they touch; points and lines close what comes within
            :data:`~geodata.walking.CLOSURE_REACH_M` of them. None and empty ones close nothing.

        Returns
        -------
        numpy.ndarray
            One bool for each edge. An edge is closed whole, junction to junction, as the
            routing engine does it; a bridge above a closed polygon is closed with it.
        """
        areas, _ = areas_of([shape for shape in geometries if shape])
        closed = np.zeros(self.edges, dtype=np.bool_)
        if len(areas):
            closed[self.edge_tree.query(areas, predicate="intersects")[1]] = True
        return closed
