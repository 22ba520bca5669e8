"""Open walls where a gate stands or a way runs through."""

from dataclasses import replace
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.modes import Mode
from geodata.roads.network.reading import Raw
from geodata.roads.network.splitting import Split
from geodata.walking import Graph
from geodata.walking.frames import Frame

GAP_M: Final = 3.0
"""How wide a wall is open around a gate or where a way runs through."""

_SAME_M: Final = 0.5
"""A way that meets a wall so near to a node that stops walkers does not open it."""

type Floats = NDArray[np.float64]
type Shapes = NDArray[np.object_]


def with_barriers(split: Split, raw: Raw) -> Graph:
    """Return the graph with the extract's walls and gates.

    A gate is a node of such a kind, on a wall or on a way or near either, and an entrance
    that is a node of a wall.
    """
    inside = set(raw.walls.refs)
    places = raw.gates | {ref: at for ref, at in raw.entrances.items() if ref in inside}
    gates = np.array(list(places.values()), dtype=np.float64).reshape(-1, 2)
    refs = np.fromiter(places, dtype=np.int64)
    slot = np.minimum(np.searchsorted(split.refs, refs), max(len(split.refs) - 1, 0))
    node = np.where(split.refs[slot] == refs, split.nodes[slot], -1).astype(np.int32)
    walls = np.empty(0, dtype=np.object_)
    if raw.walls.sizes:
        frame = Frame(*_middle(split.graph))
        walls = _opened(split, raw, frame, frame.xy(gates))
    return replace(split.graph, walls=walls, gates=gates, gate_node=node)


def _middle(graph: Graph) -> tuple[float, float]:
    west, south, east, north = graph.bounds
    return (west + east) / 2, (south + north) / 2


def _opened(split: Split, raw: Raw, frame: Frame, gates: Floats) -> Shapes:
    lines = raw.walls
    walls = np.asarray(
        shapely.linestrings(
            frame.xy(lines.lonlat()), indices=np.repeat(np.arange(len(lines.sizes)), lines.sizes)
        ),
        dtype=np.object_,
    )
    gaps = np.concatenate((gates, _crossings(split, frame, walls)))
    discs = shapely.buffer(shapely.points(gaps), GAP_M / 2, quad_segs=4)
    holes = np.asarray(discs, dtype=np.object_)
    wall, hole = shapely.STRtree(holes).query(walls, predicate="intersects")
    for number in np.unique(wall):
        walls[number] = shapely.difference(
            walls[number], shapely.union_all(holes[hole[wall == number]])
        )
    parts = shapely.get_parts(walls)
    return np.asarray(
        shapely.transform(parts[shapely.length(parts) > 0], frame.lonlat), dtype=np.object_
    )


def _crossings(split: Split, frame: Frame, walls: Shapes) -> Floats:
    """Return where walkers' ways meet walls on the ground, in the frame, (n, 2)."""
    graph = split.graph
    ways = shapely.transform(graph.lines[graph.open_to(Mode.FOOT) & (split.bridge < 0)], frame.xy)
    wall, way = shapely.STRtree(ways).query(walls, predicate="intersects")
    met = shapely.get_parts(shapely.intersection(walls[wall], ways[way]))
    # Where they run along each other the wall is beside the way, drawn with the same nodes.
    points = shapely.get_coordinates(met[shapely.get_dimensions(met) == 0])
    stops = frame.xy(split.stopped)
    if len(points) and len(stops):
        known = np.asarray(shapely.points(stops), dtype=np.object_)
        near = shapely.STRtree(known).query(
            shapely.points(points), predicate="dwithin", distance=_SAME_M
        )
        points = np.delete(points, near[0], axis=0)
    return points
