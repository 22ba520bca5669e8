"""A town of a few streets, written by hand, and the same router over both kinds of engine."""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import osmium
import pytest
import requests
from osmium.osm import mutable
from valhalla import PYVALHALLA_DIR, get_config

from geodata.roads import network
from geodata.routing import Engine, Local, Remote, Router
from geodata.routing.tiles import build_tiles, settings
from geodata.walking import Graph
from tests.conftest import free_port

WEST, SOUTH = 123.43, 41.80
DEGREE_EAST_M, DEGREE_NORTH_M = 83_100.0, 111_060.0  # at 41.8°


def at(east_m: float, north_m: float) -> tuple[float, float]:
    """Return lon/lat of a point of the town, given in metres from its south-west corner."""
    return round(WEST + east_m / DEGREE_EAST_M, 7), round(SOUTH + north_m / DEGREE_NORTH_M, 7)


class Way(NamedTuple):
    """A way through some points, with its tags."""

    points: list[tuple[float, float]]
    tags: dict[str, str]


def street(name: str, *points: tuple[float, float], **tags: str) -> Way:
    return Way(list(points), {"highway": "residential", "name": name} | tags)


def footway(*points: tuple[float, float], **tags: str) -> Way:
    return Way(list(points), {"highway": "footway"} | tags)


# Two long streets, four cross streets of which one is one-way; north of them a river with two
# bridges. A footpath leads over a zebra, through a gate and up some steps. Five kilometres to
# the east lies an island.
TOWN = [
    street("万柳塘路", (0, 0), (200, 0), (300, 0), (400, 0), (600, 0)),
    street("小河沿路", (0, 200), (200, 200), (300, 200), (400, 200), (600, 200)),
    street("西街", (0, 0), (0, 200)),
    street("文化路", (200, 0), (200, 200), oneway="yes"),
    street("中街", (400, 0), (400, 200)),
    street("东街", (600, 0), (600, 200)),
    street("西桥", (0, 200), (0, 400), bridge="yes", layer="1"),
    street("东桥", (600, 200), (600, 400), bridge="yes", layer="1"),
    street("长青街", (0, 400), (300, 400), (600, 400)),
    footway((300, 0), (300, 20), footway="crossing"),
    footway((300, 20), (300, 60), (300, 100)),
    footway((300, 100), (300, 120), highway="steps"),
    footway((300, 120), (300, 200)),
    street("隧道路", (600, 400), (600, 500), tunnel="yes", layer="-1"),
    street("孤岛路", (5000, 0), (5300, 0), (5600, 0)),
    street("码头路", (5300, 0), (5300, 300)),
]
GATES = {(300, 60)}


def write(ways: list[Way], path: Path, gates: frozenset[tuple[float, float]] = frozenset()) -> Path:
    """Write ways as an extract, points of the same place being one node."""
    points = dict.fromkeys(point for way in ways for point in way.points)
    numbers = {point: number for number, point in enumerate(points, 1)}
    with osmium.SimpleWriter(str(path)) as out:
        for point, number in numbers.items():
            tags = {"barrier": "gate"} if point in gates else {}
            out.add_node(mutable.Node(id=number, location=at(*point), tags=tags, version=1))
        for number, way in enumerate(ways, 1):
            nodes = [numbers[point] for point in way.points]
            out.add_way(mutable.Way(id=number, nodes=nodes, tags=way.tags, version=1))
    return path


@pytest.fixture(scope="session")
def town_pbf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    return write(TOWN, folder / "town.osm.pbf", frozenset(GATES))


@pytest.fixture(scope="session")
def tiles(town_pbf: Path) -> Path:
    return build_tiles(town_pbf, town_pbf.parent)


@pytest.fixture(scope="session")
def graph(town_pbf: Path) -> Graph:
    return network.read(town_pbf).graph


@pytest.fixture(scope="session")
def service(tiles: Path) -> Iterator[str]:
    """Start the engine's own service over the town, with the limits it has by default."""
    folder = Path(tempfile.mkdtemp(prefix="lj-"))
    port = free_port()
    config = settings(tiles)
    config["service_limits"] = get_config(tile_extract="", tile_dir="")["service_limits"]
    # By default all services of a machine would meet at the same sockets.
    for part in ("loki", "thor", "odin", "meili"):
        config[part]["service"]["proxy"] = f"ipc://{folder}/{part}"
    config["httpd"]["service"] |= {
        "listen": f"tcp://127.0.0.1:{port}",
        "loopback": f"ipc://{folder}/loopback",
        "interrupt": f"ipc://{folder}/interrupt",
    }
    (folder / "v.json").write_text(json.dumps(config))
    program = PYVALHALLA_DIR / "bin" / "valhalla_service"
    running = subprocess.Popen(
        [program, folder / "v.json", "2"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, running)
        yield url
    finally:
        running.kill()
        running.wait()
        shutil.rmtree(folder)


def _wait_for(url: str, running: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert running.poll() is None, "the service ended"
        try:
            requests.get(f"{url}/status", timeout=1).raise_for_status()
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the service does not answer")


@pytest.fixture(params=["local", "remote"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Give both kinds of engine in turn, over the town."""
    if request.param == "local":
        return Local(request.getfixturevalue("tiles"))
    return Remote(request.getfixturevalue("service"))


@pytest.fixture
def router(engine: Engine, graph: Graph) -> Router:
    """Give a router that knows the town's walking graph."""
    return Router(engine, graph)


@pytest.fixture
def blind(engine: Engine) -> Router:
    """Give a router that knows the engine alone."""
    return Router(engine)


@pytest.fixture(params=["with a graph", "without"])
def either(request: pytest.FixtureRequest, engine: Engine, graph: Graph) -> Router:
    """Give a router over each engine, with a graph and without."""
    return Router(engine, graph if request.param == "with a graph" else None)
