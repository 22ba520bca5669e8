"""The queue of 100,000 registrations that wait: bare, and over HTTP as an office serves it."""

import http.client
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson
import shapely

from geodata import areas, merchants, proposals
from geodata.demo.crowd import scattered
from geodata.policy import Actor, Role
from geodata.proposals.kinds import Kind, enter
from geodata.store import Store
from tests import people
from tests.bench import serving
from tests.bench.shown import table, thousands
from tests.bench.stores import ACTOR, opened
from tests.bench.timing import Timed, again
from tests.factories import areas_frame

_SIDE = 10
"""The city is cut into so many streets from west to east, and each into so many communities."""
_TIMES = 100
_PEOPLE = {"admin": "everywhere", "worker": "one street of ten"}


def measure(n: int, folder: Path) -> None:
    """Print how long the first page of the queue takes, and the pages and items behind it."""
    path = folder / f"review-{n}" / "linju.gpkg"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        _fill(path, n)
    rows: list[tuple[str, ...]] = []
    with opened(path) as store:
        tokens = {name: people.session_of(store, name) for name in _PEOPLE}
        for name, scope in _PEOPLE.items():
            role, prefix = people.SCOPES[name]
            actor = Actor(name, role, prefix)
            rows.append((f"queue(), {scope}", *again(_bare(store, actor), _TIMES).cells))
            rows.append((f"waiting(), {scope}", *again(_count(store, actor), _TIMES).cells))
    with serving.linju(path, folder / "wsgi.log") as server:
        for name, token in tokens.items():
            cookie = people.cookie(path.parent, token)
            rows += _over_http(server.address, cookie, _PEOPLE[name])
    table(
        f"Review queue with {thousands(n)} pending; python wsgi.py, one after the other",
        ("ms", "times", "p50", "p99"),
        rows,
        "Aim: first page at 50 ms p50.",
    )


def _bare(store: Store, actor: Actor) -> Callable[[], object]:
    def ask() -> object:
        with store.reading() as tx:
            return proposals.queue(tx, actor=actor)

    return ask


def _count(store: Store, actor: Actor) -> Callable[[], object]:
    def ask() -> object:
        with store.reading() as tx:
            return proposals.waiting(tx, actor=actor)

    return ask


def _over_http(address: str, cookie: str, scope: str) -> list[tuple[str, ...]]:
    connection = http.client.HTTPConnection(address.removeprefix("http://"))

    def get(path: str) -> bytes:
        connection.request("GET", path, headers={"Cookie": f"linju={cookie}"})
        answer = connection.getresponse()
        told = answer.read()
        if answer.status != http.client.OK:
            raise SystemExit(f"{path} answers {answer.status}: {told[:500]!r}")
        return told

    def timed(path: str) -> Timed:
        get(path)
        return again(lambda: get(path), _TIMES)

    (one, after) = _head_of(get("/review/queue"))
    asked = {
        "/review": "page",
        "/review/queue": "first page of the queue",
        f"/review/queue?after={after}": "second page of the queue",
        "/review/queue?state=decided": "the decided",
        f"/review/items/{one}": "one proposal with what it may be the same as",
    }
    return [(f"{what}, {scope}", *timed(path).cells) for path, what in asked.items()]


def _head_of(told: bytes) -> tuple[str, str]:
    queue = orjson.loads(told)
    return queue["items"][0]["id"], queue["after"]


def _fill(path: Path, n: int) -> None:
    began = time.perf_counter()
    print(f"Filling a queue with {thousands(n)} registrations …", end=" ", flush=True)
    city = scattered(n).assign(row=range(1, n + 1), status="pending")
    with opened(path) as store, store.writing() as tx:
        areas.merge(tx, _areas(city.total_bounds), actor=ACTOR)
        merchants.merge(tx, city, actor=ACTOR)
        somebody = Actor("resident", Role.RESIDENT)
        for row in tx.rows("merchant", columns=("id", "area", "version")):
            enter(tx, Kind.NEW, row, actor=somebody)
    print(f"{time.perf_counter() - began:.0f} s", flush=True)


def _areas(bounds: tuple[float, float, float, float]) -> object:
    west, south, east, north = bounds
    xs, ys = np.linspace(west, east, _SIDE + 1), np.linspace(south, north, _SIDE + 1)
    rows = []
    for street in range(_SIDE):
        for community in range(_SIDE):
            box = shapely.box(xs[street], ys[community], xs[street + 1], ys[community + 1])
            code = f"210103{street + 1:03d}{community + 1:03d}"
            rows.append((code, f"社区{street}-{community}", shapely.MultiPolygon([box])))
    return areas_frame(*rows)
