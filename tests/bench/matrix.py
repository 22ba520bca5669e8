"""The service matrix of a district and of a city: all readings at all levels, cold and kept.

Beside pandana with PySAL, and networkx. ``python -m tests.bench.matrix STORE ROADS`` is the
process of which time and memory are told.
"""

import http.client
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from geodata import matrix
from geodata.hours import CALENDAR
from geodata.matrix import Asked, Reading, measuring
from geodata.matrix.ground import Ground
from geodata.matrix.keeping import Kept
from geodata.modes import Mode
from geodata.roads import Roads, Shelf, Streets
from geodata.roads.building import build
from geodata.store import Store
from geodata.walking import Graph
from tests.bench import cities, matrix_peers, serving
from tests.bench.cities import Size
from tests.bench.serving import PROJECT
from tests.bench.shown import number, table
from tests.bench.stores import ACTOR, opened
from tests.bench.streets import EXTRACT
from tests.bench.timing import Timed, again

LEVELS = ("city", "district", "street", "community", "grid")
WITHIN_MIN = 15
_AGAIN = 100

type Found = dict[str, Any]


def measure(folder: Path) -> None:
    """Print how long the matrix takes, how much memory, and what the peers take."""
    if not EXTRACT.exists():
        print(f"No ../shared/data/osm/{EXTRACT.name} beside the project: the matrix is left out.")
        return
    roads = folder / "matrix-roads"
    build(Shelf(roads), EXTRACT, actor=ACTOR)
    graph = Roads(roads).require().graph
    assert graph is not None
    troubles = matrix_peers.bring(folder)
    for size in (cities.DISTRICT, cities.CITY):
        instance = folder / f"matrix-{size.name}"
        instance.mkdir()
        (instance / "roads").symlink_to(roads, target_is_directory=True)
        store = instance / "linju.gpkg"
        cities.fill(store, graph, size)
        found = _in_a_process(store, roads)
        _show(size, found, _over_http(store, folder / "matrix.log"))
        _show_peers(size, found, _peers(store, graph, folder, troubles))


def _in_a_process(store: Path, roads: Path) -> Found:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.matrix", str(store), str(roads)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: Found = json.loads(done.stdout)
    return found


def _show(size: Size, found: Found, http_ms: dict[str, Timed]) -> None:
    rows = [
        [
            reading,
            number(sum(found["cold"][reading].values())),
            number(sum(found["kept"][reading].values())),
            *(number(ms) for ms in (http_ms[reading].p50_ms, http_ms[reading].p99_ms)),
        ]
        for reading in Reading
    ]
    total = [
        sum(sum(found[turn][reading].values()) for reading in Reading) for turn in ("cold", "kept")
    ]
    rows.append(["all", *map(number, total), "", ""])
    table(
        f"The matrix of a {size.name}: {size.homes:,} homes, {size.merchants:,} merchants, ms",
        ["reading", "cold, 5 levels", "kept, 5 levels", "HTTP p50", "HTTP p99"],
        rows,
        "Cold: a process that has opened store and streets and measured nothing yet; each reading"
        " in turn, so that the first pays for reading the store and joining the homes.",
        f"Of the processor all took {found['cold_cpu_s']:.2f} s cold, {found['kept_cpu_s']:.2f} s"
        " kept: what counts on a machine that is busy besides.",
        f"After a change that moves nobody, share at grid: {number(found['changed'])} ms.",
        f"With a merchant away and one added, 2sfca at grid: {number(found['what_if'])} ms.",
        f"HTTP: a second look at grid. Memory: {found['before_mb']:.0f} MB with nothing but the"
        f" program and the streets, {found['most_mb']:.0f} MB at most.",
    )


def _over_http(store: Path, log: Path) -> dict[str, Timed]:
    with serving.linju(store, log) as server:
        connection = http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=120)

        def ask(reading: Reading) -> None:
            asked = {"Accept-Encoding": "gzip"}
            connection.request("GET", f"/api/matrix?reading={reading}&level=grid", headers=asked)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == http.client.OK

        found = {}
        for reading in Reading:
            ask(reading)
            found[reading] = again(lambda reading=reading: ask(reading), _AGAIN)
    return found


def _peers(store: Path, graph: Graph, folder: Path, troubles: dict[str, str]) -> matrix_peers.Told:
    with opened(store) as held, held.reading() as tx:
        walks = matrix.walks(tx, Streets(None, graph=graph), Asked())  # type: ignore[arg-type]  # no router
        names = walks.attrs["categories"]
        shops = tx.columns("merchant", ("lon", "lat", "category"))
    project, usable = graph.plane.xy, graph.open_to(Mode.FOOT)
    # Junctions where nobody walks would only lead the peers astray.
    nodes, ends = np.unique(graph.ends[usable], return_inverse=True)
    asked = folder / f"{store.parent.name}.npz"
    np.savez(
        asked,
        xy=project(graph.lon[nodes], graph.lat[nodes]),
        ends=ends.reshape(-1, 2),
        length_m=graph.length_m[usable],
        homes=project(walks["lon"].to_numpy(), walks["lat"].to_numpy()),
        households=walks["households"].to_numpy(),
        residents=walks["residents"].to_numpy(),
        merchants=project(*(np.array(shops[name]) for name in ("lon", "lat"))),
        kind=np.array([names.index(one) for one in shops["category"]]),
        within_min=WITHIN_MIN,
    )
    return matrix_peers.ask_all(asked, folder, troubles)


def _show_peers(size: Size, found: Found, told: matrix_peers.Told) -> None:
    rows = [
        [
            "Linju",
            number(found["joins"]),
            number(found["nearest"]),
            "-",
            number(found["catchments"]),
            f"{found['share']:.3f}",
            f"{found['score']:.4f}",
        ],
        *(
            [
                name,
                *(number(peer.get(step)) for step in _STEPS),
                *(f"{peer[one]:.{n}f}" if one in peer else "-" for one, n in _AGREEING),
            ]
            for name, peer in told.found.items()
        ),
    ]
    table(
        f"The same beside the peers, {size.name}, ms",
        [
            "",
            "joins",
            "nearest, each kind",
            "cut at 15 min",
            "catchments, 15 min",
            "share",
            "score",
        ],
        rows,
        "Joins: homes and merchants to the streets; the peers take the nearest junction.",
        "Cut: the nearest where nobody looks farther; Linju always looks to the end.",
        "Share and score: those of the first kind, by households and residents of all.",
        *told.notes,
    )


_STEPS = ("joins", "nearest", "nearest, cut", "catchments")
_AGREEING = (("share", 3), ("score", 4))


def main() -> None:
    """Measure in this process alone, and print."""
    store, roads = Path(sys.argv[1]), Path(sys.argv[2])
    streets = Roads(roads).require()
    with opened(store) as held:
        before = _most_mb()
        found: Found = {"before_mb": before}
        for turn in ("cold", "kept"):
            began = time.process_time()
            found[turn] = {reading: _levels(held, streets, reading) for reading in Reading}
            found[f"{turn}_cpu_s"] = time.process_time() - began
        found["most_mb"] = _most_mb()
        found["changed"] = _after_a_change(held, streets)
        found["what_if"] = _what_if(held, streets)
        found |= _steps(held, streets)
    print(json.dumps(found))


def _levels(store: Store, streets: Streets, reading: Reading) -> dict[str, float]:
    return {level: _read(store, streets, reading, level=level)[0] for level in LEVELS}


def _read(
    store: Store, streets: Streets, reading: Reading, **asked: Any
) -> tuple[float, dict[str, Any]]:
    began = time.perf_counter()
    with store.reading() as tx:
        read = matrix.read(tx, streets, Asked(minutes=WITHIN_MIN, **asked), reading)
    return (time.perf_counter() - began) * 1e3, read.attrs


def _after_a_change(store: Store, streets: Streets) -> float:
    with store.writing() as tx:
        row = next(iter(tx.rows("merchant", upto=1)))
        tx.update("merchant", row["id"], {"note": "新"}, version=row["version"], by=ACTOR)
    return _read(store, streets, Reading.SHARE, level="grid")[0]


def _what_if(store: Store, streets: Streets) -> float:
    with store.reading() as tx:
        row = next(iter(tx.rows("merchant", upto=1)))
    added = (matrix.Added(row["category"], row["lon"] + 0.001, row["lat"]),)
    told = {"away": frozenset({row["id"]}), "added": added, "level": "grid"}
    return _read(store, streets, Reading.SCORE, **told)[0]


def _steps(store: Store, streets: Streets) -> Found:
    """Measure the steps that the peers have too, with nothing kept."""
    with store.reading() as tx:
        known = Ground.of(tx, streets, Asked(), matrix.shown(tx), CALENDAR)
        ground = Ground(
            Kept(), known.graph, known.homes, known.merchants, known.names, known.closed
        )
        told: Found = {}
        for name, step in (
            ("joins", lambda: (ground.joined, ground.merchants_joined)),
            ("nearest", lambda: measuring.minutes(ground)),
            ("catchments", lambda: measuring.scores(ground, WITHIN_MIN)),
        ):
            told[name] = again(step, 1).p50_ms
        for name, reading in (("share", Reading.SHARE), ("score", Reading.SCORE)):
            whole = matrix.read(tx, streets, Asked(level="city"), reading).attrs["whole"]
            told[name] = next(iter(whole.values()))
    return told


def _most_mb() -> float:
    # What the system tells of a process's past elsewhere counts that of whoever began it.
    told = Path("/proc/self/status").read_text(encoding="ascii")
    return float(told.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
