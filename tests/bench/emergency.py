"""Emergency answers over HTTP, with few and with very many closures, beside networkx.

Thirty candidates, the three best ways in words, and apart from them rings and homes; on the
demonstration and on a large city.
"""

import http.client
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata import accounts, closures, merchants, scenarios
from geodata.errors import LinjuError
from geodata.modes import Mode
from geodata.roads import Streets
from geodata.routing import barred
from geodata.walking import Graph, join
from tests.bench import building, nearby, serving
from tests.bench.shown import number, table
from tests.bench.stores import opened
from tests.bench.streets import EXTRACT
from tests.bench.timing import Timed, each
from tests.factories import ADMIN, drawing, merchants_frame

CLOSURES = (0, 5, 50, 500)
_ASKED, _PEERS_ASKED, _BLAMED = 100, 5, 20
_SHOPS = 1_000
_HELPERS = 10  # three times as many are looked at
_DEGREES = 111_320.0
_WIDE_M = (20.0, 80.0)
_MODES = (Mode.FOOT, Mode.CAR)

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Office:
    """A running service, whom to ask as, and where."""

    store: Path
    address: str
    token: str
    places: Floats


def measure(folder: Path) -> None:
    """Print how long an answer takes by closures, mode and city."""
    store = nearby.demonstration(folder)
    shelf = store.parent / "roads"
    places = np.array(nearby._places(store, _ASKED))  # noqa: SLF001 - the same places as there
    _city("the demonstration", store, Streets.of(_current(shelf)), places, folder)
    if not EXTRACT.exists():
        print(f"No ../shared/data/osm/{EXTRACT.name} beside the project: the city is left out.")
        return
    version = building.measure(EXTRACT, folder)
    streets = Streets.of(version)
    city = folder / "wuhan" / "linju.gpkg"
    _filled(city, streets)
    shutil.copytree(version.parent, city.parent / "roads", dirs_exist_ok=True)
    assert streets.graph is not None
    places = _beside(streets.graph, _ASKED, np.random.default_rng(5))
    _city(EXTRACT.name, city, streets, places, folder)


def _current(shelf: Path) -> Path:
    return next(path for path in sorted(shelf.iterdir()) if path.is_dir())


def _city(name: str, store: Path, streets: Streets, places: Floats, folder: Path) -> None:
    graph = streets.graph
    assert graph is not None
    token = _readied(store)
    chance = np.random.default_rng(7)
    rows, blamed, drawn = [], [], 0
    with serving.linju(store, folder / "wsgi.log") as server:
        office = _Office(store, server.address, token, places)
        for count in CLOSURES:
            _close(store, graph, places, count - drawn, chance)
            drawn = count
            rows += [_row(office, graph, mode, count) for mode in _MODES]
            if count:
                blamed += [_blame(office, streets, mode, count) for mode in _MODES]
    table(
        f"POST /api/emergency/answer on {name}: {3 * _HELPERS} candidates, 3 ways in words",
        ("closures, mode", "asked", "p50 ms", "p99", "with rings", "networkx", "times"),
        rows,
        "with rings: p50 with rings on foot and homes as well. networkx: p50 of one search from"
        " the place and three ways read off it, the graph made before. Aim: 50 ms on the"
        " demonstration, 60 on wuhan with 5 closures, 150 with 50; 20 times as quick as networkx.",
    )

    table(
        f"Who is to blame on {name}: a ring of closures around the goal among all others",
        ("closures, mode", "asked", "p50 ms", "p99", "found"),
        blamed,
        f"found: in how many of {_BLAMED} cases a set of closures was told that opens a way.",
    )


def _blame(office: _Office, streets: Streets, mode: Mode, count: int) -> tuple[str, ...]:
    """Time the search for the closures that bar a way, four of which lie around its goal."""
    with opened(office.store) as store, store.reading() as tx:
        others = [one.geometry for one in closures.in_force(tx, datetime.now(UTC))]
    found = []

    def ask(ends: tuple[Floats, Floats]) -> None:
        start, end = ends
        wide, narrow = (shapely.Point(end).buffer(m / _DEGREES, quad_segs=2) for m in (300, 280))
        quarters = [
            shapely.intersection(
                wide - narrow, shapely.box(*np.sort((end, corner), axis=0).ravel())
            )
            for corner in end + np.array([(1, 1), (1, -1), (-1, 1), (-1, -1)]) * 0.01
        ]
        closed = barred([*others[: max(count - len(quarters), 0)], *quarters])
        try:
            found.append(streets.router.blame(tuple(start), tuple(end), mode, closures=closed))
        except LinjuError:
            found.append(())  # off the network

    places = office.places[: _BLAMED + 1]
    pairs = list(pairwise(places))
    timed = each(ask, pairs)
    return f"{count}, {mode}", *timed.cells, str(sum(map(bool, found)))


def _row(office: _Office, graph: Graph, mode: Mode, count: int) -> tuple[str, ...]:
    connection = http.client.HTTPConnection(office.address.removeprefix("http://"), timeout=60)

    def ask(place: Sequence[float], *, around: bool = False) -> None:
        told = {"at": list(place), "scenario": "medical", "modes": [mode], "around": around}
        headers = {"Authorization": f"Bearer {office.token}", "Content-Type": "application/json"}
        connection.request("POST", "/api/emergency/answer", json.dumps(told), headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK or json.loads(body)["trouble"]:
            raise SystemExit(f"{answer.status}: {body[:400]!r}")

    each(ask, office.places[:5])
    alone = each(ask, office.places)
    whole = each(lambda place: ask(place, around=True), office.places[: _ASKED // 2])
    peer = _networkx(office, graph, mode)
    connection.close()
    times = number(peer.p50_ms / alone.p50_ms)
    return f"{count}, {mode}", *alone.cells, number(whole.p50_ms), number(peer.p50_ms), times


def _networkx(office: _Office, graph: Graph, mode: Mode) -> Timed:
    """Time one good search and three ways by networkx, with the closed edges taken out."""
    with opened(office.store) as store, store.reading() as tx:
        found = closures.in_force(tx, datetime.now(UTC))
        shops = tx.rows("merchant", columns=("lon", "lat"), category="clinic")
    usable = graph.open_to(mode)
    if found:
        usable = usable & ~graph.closed_by([one.geometry for one in found])
    network = nx.Graph()
    ends, metres = graph.ends[usable].tolist(), graph.length_m[usable].tolist()
    for (first, last), length in zip(ends, metres, strict=True):
        network.add_edge(first, last, length=length)

    def nodes(lon: Floats, lat: Floats) -> list[int]:
        edges = join(graph, lon, lat, mode).edge
        return graph.ends[np.maximum(edges, 0), 0].tolist()

    goals = nodes(*np.array([(shop["lon"], shop["lat"]) for shop in shops]).T)
    starts = nodes(*office.places[:_PEERS_ASKED].T)

    def search(start: int) -> object:
        if start not in network:
            return None
        away, ways = nx.single_source_dijkstra(network, start, weight="length")
        best = sorted((away[goal], goal) for goal in goals if goal in away)[:3]
        return [ways[goal] for _, goal in best]

    return each(search, starts)


def _readied(store: Path) -> str:
    """Let the office look at thirty candidates, and return the token of a worker of everything."""
    with opened(store) as office, office.writing() as tx:
        version = scenarios.get(tx, "medical").version
        scenarios.edit(tx, "medical", {"helpers": _HELPERS}, version=version, actor=ADMIN)
        day = timedelta(days=1)
        return accounts.issue_token(tx, "bench", scope="", lifetime=day, actor=ADMIN).token


def _close(
    store: Path, graph: Graph, places: Floats, count: int, chance: np.random.Generator
) -> None:
    """Close so many squares more, none of them around a place that is asked for."""
    near = shapely.STRtree(shapely.points(places))
    with opened(store) as office, office.writing() as tx:
        while count > 0:
            lon, lat = chance.choice(graph.shape)
            half = chance.uniform(*_WIDE_M) / _DEGREES / 2
            square = shapely.box(lon - half, lat - half, lon + half, lat + half)
            if len(near.query(square.buffer(half), predicate="intersects")):
                continue
            closures.draw(tx, drawing(square), actor=ADMIN)
            count -= 1


def _filled(path: Path, streets: Streets) -> None:
    """Make a store with merchants beside the streets, a third of them clinics."""
    assert streets.graph is not None
    chance = np.random.default_rng(11)
    kinds = ("clinic", "shopping", "repair")
    rows = [
        {"name": f"{kind}{at}", "category": kind, "lon": lon, "lat": lat}
        for at, (lon, lat) in enumerate(_beside(streets.graph, _SHOPS, chance).tolist())
        for kind in [kinds[at % len(kinds)]]
    ]
    with opened(path) as office, office.writing() as tx:
        merchants.merge(tx, merchants_frame(*rows), actor=ADMIN)


def _beside(graph: Graph, count: int, chance: np.random.Generator) -> Floats:
    """Return places some 20 m beside the streets of the largest piece."""
    nodes = chance.choice(graph.largest_component(), count)
    metres = chance.normal(0.0, 20.0, (count, 2))
    return np.column_stack((graph.lon[nodes], graph.lat[nodes])) + metres / _DEGREES
