"""What passes above and below: the bridges and tunnels that a closure on the ground spares."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.errors import Unavailable
from geodata.walking.closures import Level, areas_of
from geodata.walking.frames import Frame
from geodata.walking.graph import Graph

type Ints = NDArray[np.integer[Any]]
type Mask = NDArray[np.bool_]
type Shapes = NDArray[np.object_]

SLIT_M: Final = 0.5
"""A closure is cut open so far to either side of what it spares."""

_PLUG_M: Final = 0.2
_APART_M: Final = 1.5
"""A street that leaves the line of a bridge so far can be closed there by itself."""
_LOOK_M: Final = 1.0
_AREA: Final = 2
_FORMAT: Final = 1


class Bridge(NamedTuple):
    """A bridge or a tunnel; ``name`` is "" where it has none."""

    name: str
    tunnel: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Bridges:
    """Which edges of a graph are bridges or tunnels.

    Parameters
    ----------
    edge
        The edges, ascending, (K,).
    which
        Which of ``told`` each is, (K,).
    told
        The bridges and tunnels, each once.
    """

    edge: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    which: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    told: tuple[Bridge, ...] = ()

    def save(self, path: Path) -> None:
        """Write them to a file of their own, beside the graph's."""
        path.write_bytes(
            orjson.dumps(
                {
                    "format": _FORMAT,
                    "edge": self.edge.tolist(),
                    "which": self.which.tolist(),
                    "bridges": [list(one) for one in self.told],
                }
            )
        )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what :meth:`save` wrote.

        Raises
        ------
        Unavailable
            ``streets_unreadable`` with ``path``.
        """
        try:
            found = cls(*_read(path))
            found.named(found.edge)
        except (OSError, ValueError, TypeError, LookupError) as damage:
            raise Unavailable("streets_unreadable", path=str(path)) from damage
        return found

    def named(self, edges: Ints) -> tuple[Bridge, ...]:
        """Return what these edges are part of, each once, those with a name first."""
        which = np.unique(self.which[np.isin(self.edge, edges)]).tolist()
        return tuple(sorted({self.told[row] for row in which}, key=lambda one: (not one.name, one)))


def _read(path: Path) -> tuple[Ints, Ints, tuple[Bridge, ...]]:
    read = orjson.loads(path.read_bytes())
    if read["format"] != _FORMAT:
        raise ValueError(read["format"])
    edge, which = (np.array(read[name], dtype=np.int64) for name in ("edge", "which"))
    return edge, which, tuple(Bridge(str(name), bool(tunnel)) for name, tunnel in read["bridges"])


@dataclass(frozen=True, slots=True)
class Closing:
    """What a closure closes of some streets.

    Parameters
    ----------
    shape
        What closes, WGS 84, for the routing engine and the graph alike: the closure, cut open
        along what it spares. None where it spares all that it covers.
    spared
        Bridges and tunnels that pass above or below and stay open.
    closed
        Bridges and tunnels that are closed with it.
    edges
        How many edges it closes: with 0 it closes nothing, and whoever drew it should be told.
        None where the streets are not here.
    known
        Whether the streets tell which of their edges are bridges; those of old versions, and
        those of an engine elsewhere, do not, and nothing is spared.
    """

    shape: BaseGeometry | None
    spared: tuple[Bridge, ...] = ()
    closed: tuple[Bridge, ...] = ()
    edges: int | None = None
    known: bool = False


def closing(
    graph: Graph, bridges: Bridges | None, closure: BaseGeometry, level: Level = Level.GROUND
) -> Closing:
    """Tell what a closure closes, and which bridges and tunnels it spares.

    Parameters
    ----------
    bridges
        None where they are not known.
    closure
        WGS 84, as :meth:`Graph.closed_by` takes it.

    Returns
    -------
    Closing
        At :attr:`Level.ALL` all that it touches is closed. At :attr:`Level.GROUND` a bridge or
        tunnel is spared where one passes through on it: where it has two ends at least at which
        streets go on that are not closed. So one whose foot is in a closed area is closed with
        it. Points and lines close what they are drawn on: where they touch nothing else, the
        bridge itself. One that runs exactly above or below a closed street for all of the
        street's length cannot be told from it and stays closed.

    Notes
    -----
    By geometry alone, so that engine and graph agree: the closure is cut open 0.5 m to either
    side of what it spares, and a street that lies in such a slit is closed by a dot of 0.2 m
    where it leaves it. Some milliseconds for a large area; keep what comes of it.
    """
    parts = _parts(closure)
    areas = [areas_of([part])[0] for part in parts]
    touched = [_touched(graph, some) for some in areas]
    every = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *touched]))
    if bridges is None:
        return Closing(closure, edges=len(every))
    over = every[np.isin(every, bridges.edge)]
    if level is Level.ALL or not len(over):
        return Closing(closure, (), bridges.named(over), len(every), known=True)
    runs = _runs(graph, over)
    shut = np.zeros(graph.edges, dtype=np.bool_)
    shut[every] = True
    free = [run for run in runs if _passes(graph, run, shut)]
    thin = [row for row, part in enumerate(parts) if shapely.get_dimensions(part) < _AREA]
    for row in thin:
        ground = np.setdiff1d(touched[row], _all(free))
        if not len(ground):
            free = [run for run in free if not np.isin(run, touched[row]).any()]
    shape: BaseGeometry | None = closure
    while free:
        cut = _Cut(graph, parts, areas, np.setdiff1d(every, _all(free)), _all(free))
        wrong = cut.wrong()
        if not len(wrong):
            shape = cut.shape()
            break
        free = [run for run in free if not np.isin(run, wrong).any()]
    spared = _all(free)
    return Closing(
        shape,
        bridges.named(spared),
        bridges.named(np.setdiff1d(over, spared)),
        len(every) - len(spared),
        known=True,
    )


def _parts(closure: BaseGeometry) -> list[BaseGeometry]:
    if hasattr(closure, "geoms"):
        return [piece for part in closure.geoms for piece in _parts(part)]
    return [] if closure.is_empty else [closure]


def _touched(graph: Graph, areas: Iterable[BaseGeometry]) -> Ints:
    return np.unique(graph.edge_tree.query(list(areas), predicate="intersects")[1])


def _all(runs: Sequence[Ints]) -> Ints:
    return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *runs]))


def _runs(graph: Graph, over: Ints) -> list[Ints]:
    """Return bridges and tunnels as they hang together, as edges."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - slow to load, see the package
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - so is this

    nodes, ends = np.unique(graph.ends[over], return_inverse=True)
    first, last = ends.reshape(-1, 2).T
    size = len(nodes)
    links = csr_array((np.ones(len(over), np.int8), (first, last)), shape=(size, size))
    count, of = connected_components(links, directed=False)
    return [over[of[first] == run] for run in range(count)]


def _passes(graph: Graph, run: Ints, shut: Mask) -> bool:
    """Tell whether one gets onto a run from open streets and off it again elsewhere."""
    nodes = np.unique(graph.ends[run]).tolist()
    return sum(not shut[graph.edges_at(node)].all() for node in nodes) > 1


class _Cut:
    """A closure cut open along what it is to spare."""

    def __init__(
        self,
        graph: Graph,
        parts: Sequence[BaseGeometry],
        areas: Sequence[Shapes],
        closed: Ints,
        spared: Ints,
    ) -> None:
        self._graph, self._closed, self._spared = graph, closed, spared
        west, south, east, north = shapely.total_bounds(np.array(parts, dtype=np.object_))
        self._frame = Frame((west + east) / 2, (south + north) / 2)
        self._bridges = shapely.transform(graph.lines[spared], self._frame.xy)
        slits = shapely.transform(
            shapely.union_all(shapely.buffer(self._bridges, SLIT_M, quad_segs=2)),
            self._frame.lonlat,
        )
        self._pieces: list[BaseGeometry] = []
        for part, some in zip(parts, areas, strict=True):
            if any(area.intersects(slits) for area in some):
                rest = shapely.get_parts(shapely.difference(some, slits))
                self._pieces += [piece for piece in rest if shapely.get_dimensions(piece) == _AREA]
            else:
                self._pieces.append(part)

    def wrong(self) -> Ints:
        """Close what slipped through a slit; return the bridges where that cannot be done."""
        touched = _touched(self._graph, areas_of(self._pieces)[0])
        wrong = [self._spared[np.isin(self._spared, touched)]]
        for edge in np.setdiff1d(self._closed, touched).tolist():
            plug = self._plug(edge)
            if plug is not None:
                self._pieces.append(plug)
                continue
            line = shapely.transform(self._graph.lines[edge], self._frame.xy)
            wrong.append(self._spared[shapely.dwithin(self._bridges, line, _APART_M)])
        return _all(wrong)

    def _plug(self, edge: int) -> BaseGeometry | None:
        """Return a dot that closes this edge and none that is to stay open."""
        line = shapely.transform(self._graph.lines[edge], self._frame.xy)
        spots = shapely.get_coordinates(shapely.segmentize(line, _LOOK_M))
        away = shapely.distance(shapely.union_all(self._bridges), shapely.points(spots))
        for spot in np.argsort(-away).tolist():
            if away[spot] < _APART_M:
                break
            round_it = shapely.buffer(shapely.Point(spots[spot]), _PLUG_M, quad_segs=2)
            dot = shapely.transform(round_it, self._frame.lonlat)
            if np.isin(_touched(self._graph, [dot]), self._closed).all():
                return dot
        return None

    def shape(self) -> BaseGeometry | None:
        """Return all of it, None where nothing is left."""
        if len(self._pieces) > 1:
            return shapely.GeometryCollection(self._pieces)
        return self._pieces[0] if self._pieces else None
