"""Streets of a large city: the build, ways, nearest places, and very many of them at once.

Beside networkx with the habits of OSMnx, pandana, and scipy alone, which is the floor.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from geodata import walking
from geodata.errors import LinjuError
from geodata.modes import Mode
from geodata.roads import Streets
from geodata.walking import Graph
from tests.bench import building, nearby, street_peers
from tests.bench.serving import PROJECT
from tests.bench.shown import number, table
from tests.bench.street_peers import Found
from tests.bench.timing import Timed, again, each

EXTRACT = PROJECT.parent / "shared" / "data" / "osm" / "wuhan.osm.pbf"

_PAIRS, _PEERS_PAIRS = 300, 20
_STARTS, _PEERS_STARTS, _AMONG, _WITHIN_M = 100, 20, 100, 3000.0
_ORIGINS, _TARGETS = 100_000, 1_000
_BESIDE_M = 40.0
"""A place lies about so far from the nearest vertex of a street."""

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Places of the city, the same for all: nodes by number, places as lon/lat."""

    pairs: Ints
    near_from: Ints
    near_to: Ints
    origins: Floats
    targets: Floats


@dataclass(frozen=True, slots=True)
class _Peers:
    """What the peers took, and why one took nothing."""

    networkx: Found
    pandana: Found
    notes: list[str]

    def cells(self, peer: str, question: str) -> tuple[str, str, str]:
        every = getattr(self, peer).get(question)
        return Timed(every).cells if every else ("-", "-", "-")


def measure(folder: Path) -> None:
    """Print all that is asked of streets, those of the city and those of the demonstration."""
    if EXTRACT.exists():
        _city(folder)
    else:
        print(f"No ../shared/data/osm/{EXTRACT.name} beside the project: the city is left out.")
    nearby.measure(folder)


def _city(folder: Path) -> None:
    streets = Streets.of(building.measure(EXTRACT, folder))
    graph = streets.graph
    assert graph is not None
    asked = _asked(graph)
    peers = _peers(graph, asked, folder)
    _show_ways(streets, graph, asked, peers)
    _show_near(streets, graph, asked, peers)
    _show_many(graph, asked, peers, folder)


def _asked(graph: Graph) -> _Asked:
    chance = np.random.default_rng(3)
    nodes = graph.largest_component()
    xy = graph.plane.xy(graph.lon, graph.lat)
    near_from = chance.choice(nodes, _STARTS)
    around = cKDTree(xy[nodes]).query_ball_point(xy[near_from], _WITHIN_M)
    return _Asked(
        pairs=chance.choice(nodes, (_PAIRS, 2)),
        near_from=near_from,
        near_to=np.array([nodes[chance.choice(rows, _AMONG)] for rows in around]),
        origins=_beside_streets(graph, _ORIGINS, chance),
        targets=_beside_streets(graph, _TARGETS, chance),
    )


def _beside_streets(graph: Graph, count: int, chance: np.random.Generator) -> Floats:
    metres = chance.normal(0.0, _BESIDE_M, (count, 2))
    narrow = np.cos(np.radians(graph.shape[:, 1].mean()))
    return chance.choice(graph.shape, count) + metres / 111_320.0 / (narrow, 1.0)


def _peers(graph: Graph, asked: _Asked, folder: Path) -> _Peers:
    project = graph.plane.xy
    file = folder / "asked.npz"
    np.savez(
        file,
        xy=project(graph.lon, graph.lat),
        ends=graph.ends,
        length_m=graph.length_m,
        foot=graph.open_to(Mode.FOOT),
        car=graph.open_to(Mode.CAR),
        pairs=asked.pairs[:_PEERS_PAIRS],
        near_from=asked.near_from[:_PEERS_STARTS],
        near_to=asked.near_to[:_PEERS_STARTS],
        origins=project(*asked.origins.T),
        targets=project(*asked.targets.T),
    )
    found, notes = {}, []
    for name, trouble in street_peers.bring(folder).items():
        found[name], failure = ({}, trouble) if trouble else street_peers.ask(name, file, folder)
        if failure:
            notes.append(f"{name} is left out: {failure}")
    return _Peers(**found, notes=notes)


def _show_ways(streets: Streets, graph: Graph, asked: _Asked, peers: _Peers) -> None:
    places = np.column_stack((graph.lon, graph.lat))[asked.pairs]
    rows, notes = [], []
    for mode in (Mode.FOOT, Mode.CAR):
        lengths: list[float] = []

        def way(pair: Floats, mode: Mode = mode, lengths: list[float] = lengths) -> None:
            try:
                lengths.append(streets.router.route(*map(tuple, pair), mode).distance_m / 1e3)
            except LinjuError:
                lengths.append(np.nan)

        way(places[0])  # opens the engine
        lengths.clear()
        rows.append((f"Router.route, {mode}", *each(way, places).cells))
        bare = partial(streets.router.route, mode=mode, passes=False)
        known = places[np.isfinite(lengths)]
        timed = each(lambda pair, bare=bare: bare(*map(tuple, pair)), known)
        rows.append((f"  without passes, {mode}", *timed.cells))
        rows.append((f"networkx shortest_path, {mode}", *peers.cells("networkx", f"route {mode}")))
        failed = int(np.isnan(lengths).sum())
        notes.append(f"{mode}: {np.nanmedian(lengths):.1f} km in the middle, {failed} without way.")
    rows.append(("pandana shortest_path, foot", *peers.cells("pandana", "route foot")))
    table(
        "A way between two places anywhere in the city",
        ("ms", "pairs", "p50", "p99"),
        rows,
        *notes,
        "Router joins the places, draws the line and tells the steps. The peers are given nodes"
        " and give nodes; pandana has prepared the network for "
        f"{number(sum(peers.pandana.get('ready', [])) / 1e3)} s.",
        *peers.notes,
    )


def _show_near(streets: Streets, graph: Graph, asked: _Asked, peers: _Peers) -> None:
    places = np.column_stack((graph.lon, graph.lat))
    starts, ends = places[asked.near_from], places[asked.near_to]
    both = list(zip(starts, ends, strict=True))
    floor = _tidy(graph)
    nodes = list(zip(asked.near_from, asked.near_to, strict=True))

    def walked(pair: tuple[Floats, Floats], within_min: float | None = None) -> Ints:
        told = walking.durations(graph, tuple(pair[0]), pair[1], within_min=within_min)
        return np.argsort(told.minutes)[:10]

    def by_table(pair: tuple[Floats, Floats], mode: Mode) -> Ints:
        told = streets.router.matrix(pair[0][None], pair[1], mode)
        return np.argsort(told.duration_s[0])[:10]

    def alone(pair: tuple[int, Ints]) -> Ints:
        return np.argsort(dijkstra(floor, indices=pair[0])[pair[1]])[:10]

    walked(both[0])
    rows = [
        ("walking.durations, whole city", *each(walked, both).cells),
        (
            "  within 60 minutes",
            *each(lambda pair: walked(pair, 60.0), both).cells,
        ),
    ]
    for mode in (Mode.FOOT, Mode.CAR):
        timed = each(partial(by_table, mode=mode), both)
        rows.append((f"Router.matrix, {mode}", *timed.cells))
    rows += [
        ("scipy alone, from node to all", *each(alone, nodes).cells),
        ("networkx single_source_dijkstra", *peers.cells("networkx", "near")),
        ("  cut at 5 km", *peers.cells("networkx", "near, cut")),
    ]
    table(
        f"The nearest 10 of {_AMONG}, all within {_WITHIN_M / 1e3:.0f} km",
        ("ms", "starts", "p50", "p99"),
        rows,
        "Linju joins the places to streets; the others are given nodes.",
    )


def _show_many(graph: Graph, asked: _Asked, peers: _Peers, folder: Path) -> None:
    fresh = Graph(*(getattr(graph, name) for name in _FIELDS))
    whole = partial(walking.nearest, fresh, asked.origins, asked.targets)
    first, timed = again(whole, 1), again(whole)
    lon, lat = asked.origins.T
    joins = walking.join(graph, lon, lat), walking.join(graph, *asked.targets.T)
    project = graph.plane.xy
    xy, places, ends = (
        project(graph.lon, graph.lat),
        project(lon, lat),
        project(*asked.targets.T),
    )
    nodes = cKDTree(xy)
    floor, targets = _tidy(graph), np.unique(nodes.query(ends)[1])
    lines = shapely.transform(graph.lines[graph.open_to(Mode.FOOT)], lambda at: project(*at.T))
    edges = shapely.STRtree(lines)
    joined = [
        ("walking.join to streets", again(lambda: walking.join(graph, lon, lat))),
        ("STRtree over edges", again(lambda: edges.query_nearest(shapely.points(places)), 3)),
        ("k-d tree over nodes", again(lambda: nodes.query(places))),
    ]
    rows = [
        _row("walking.nearest, whole", timed, first, "streets"),
        _row("  its search, places joined", again(lambda: walking.nearest(graph, *joins))),
        _row(
            "scipy alone: the search from nodes",
            again(lambda: dijkstra(floor, indices=targets, min_only=True)),
        ),
        *(_row(f"joining alone: {what}", one) for what, one in joined),
        _peer("networkx multi_source_dijkstra", peers.networkx.get("many")),
        _peer("pandana", peers.pandana.get("many")),
        _peer(f"pandana, cut at {street_peers.CUT_MIN} min", peers.pandana.get("many, cut")),
    ]
    table(
        f"{_ORIGINS:,} origins to the nearest of {_TARGETS:,} targets, on foot",
        ("ms", "middle", "best", "first", "joined to"),
        rows,
        *_agreement(whole().distance_m, folder),
        "Aim: walking.nearest in 300 ms and ahead of pandana. pandana has prepared the network for "
        f"{number(sum(peers.pandana.get('ready', [])) / 1e3)} s.",
        *peers.notes,
    )


_FIELDS = ("lon", "lat", "ends", "length_m", "modes", "shape", "shape_start")
_FIELDS += ("walls", "gates", "gate_node")


def _row(what: str, timed: Timed, first: Timed | None = None, joined: str = "") -> tuple[str, ...]:
    cold = number((first or timed).every_ms[0])
    return what, number(timed.p50_ms), number(min(timed.every_ms)), cold, joined


def _peer(what: str, every_ms: list[float] | None) -> tuple[str, ...]:
    return _row(what, Timed(every_ms), joined="nodes") if every_ms else (what, *"---", "nodes")


def _agreement(metres: Floats, folder: Path) -> list[str]:
    """Tell whether all were asked the same."""
    notes = []
    for name in ("networkx", "pandana"):
        file = folder / f"{name}.npy"
        if file.exists():
            theirs = np.load(file)
            off = np.nanmedian(theirs - metres)
            notes.append(f"{name}'s walks are {off:+.0f} m from Linju's in the middle.")
    if notes:
        notes.append("They leave out the stretches between places and nodes.")
    return notes


def _tidy(graph: Graph) -> csr_array:
    """Return the streets between nodes both ways, the shortest where there are several."""
    usable = graph.open_to(Mode.FOOT)
    first, last = graph.ends[usable].T
    here, there = np.concatenate((first, last)), np.concatenate((last, first))
    metres = np.tile(graph.length_m[usable], 2)
    order = np.lexsort((metres, there, here))
    here, there, metres = here[order], there[order], metres[order]
    kept = np.ones(len(here), dtype=np.bool_)
    kept[1:] = (np.diff(here) > 0) | (np.diff(there) != 0)
    size = len(graph.lon)
    return csr_array((metres[kept], (here[kept], there[kept])), shape=(size, size))
