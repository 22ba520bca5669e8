"""``/api/merchants`` under load, beside a view that returns the same bytes ready-made."""

import math
import random
import sqlite3
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from tests.bench import load, serving
from tests.bench.load import Load
from tests.bench.serving import Server
from tests.bench.shown import number, table, thousands
from tests.bench.stores import Stores

READY = "/ready-made/"
LEAST, MOST = 300, 700
"""Features of an answer, as many as the peers below were asked for."""

_SECONDS = 6.0
_FRESH = 6000  # views, more than are answered in the time
_SCREEN_DEG = {11: 0.62, 13: 0.154, 15: 0.0386, 17: 0.0097}
"""What a desk screen shows from west to east, by zoom."""
_PEERS = "Fresh views elsewhere, measured alike: Datasette 0.021, tipg 0.015, pygeoapi 0.010."
_AIMS = "Aims: repeated 0.5 of the ready-made rate or better, fresh 0.1 or better."


@dataclass(frozen=True, slots=True)
class Measured:
    """Rows of the table, and what a worker holds after them: (RSS, PSS) in MB."""

    rows: list[tuple[str, ...]]
    memory: tuple[float, float] | None


def measure(stores: Stores, sizes: list[int], folder: Path, *, with_memory: bool) -> None:
    """Print requests a second for each size, and the memory of a worker afterwards."""
    every = {n: _measure(stores.of(n), n, folder) for n in sizes}
    head = ("merchants, what is asked", "req/s", "of ready", "p50 ms", "p99 ms", "kB", "failed")
    table(
        f"/api/merchants: {load.CONNECTIONS} connections, Gunicorn with {serving.WORKERS} workers",
        head,
        [row for one in every.values() for row in one.rows],
        f"View: a box with {LEAST} to {MOST} merchants, limit=1000, no zoom and so no clusters.",
        "Map: the box and zoom of a screen, zoom 11 to 17, limit=400, as the page asks.",
        _AIMS,
        _PEERS,
    )
    if with_memory:
        rows = [
            (thousands(n), *map(number, one.memory)) if one.memory else (thousands(n), "-", "-")
            for n, one in every.items()
        ]
        table(
            "Memory of the larger worker after that, MB",
            ("merchants", "resident", "its share of it (PSS)"),
            rows,
            "Aim: under 250.",
        )


def _measure(store: Path, n: int, folder: Path) -> Measured:
    views, screens = _asked(store, n)
    with serving.gunicorn(
        "tests.bench.side_by_side:app", store, folder / "gunicorn.log", BENCH_READY=str(folder)
    ) as server:
        _keep_bytes(server, views[0], folder)
        rows = []
        for packed in (False, True):
            ways = [
                ("ready-made", [f"{READY}{_name(packed=packed)}"]),
                ("view, repeated", views[:1]),
            ]
            # The second half for gzip: what was asked before would be answered from memory.
            half = len(views) // 2
            ways += [("view, fresh", views[half:] if packed else views[1:half])]
            ways += [("map, fresh", screens[half:] if packed else screens[:half])]
            found = {
                what: load.run(server.address, paths, seconds=_SECONDS, packed=packed)
                for what, paths in ways
            }
            ready = found["ready-made"]
            rows += [_row(n, what, one, ready, packed=packed) for what, one in found.items()]
        return Measured(rows, _memory(server))


def _row(n: int, what: str, one: Load, ready: Load, *, packed: bool) -> tuple[str, ...]:
    return (
        f"{thousands(n)}, {what}{', gzip' if packed else ''}",
        number(one.rate),
        f"{one.rate / ready.rate:.3f}",
        number(one.p50_ms),
        number(one.p99_ms),
        number(one.kilobytes),
        str(one.failed),
    )


def _name(*, packed: bool) -> str:
    return "view.gz" if packed else "view"


def _keep_bytes(server: Server, path: str, folder: Path) -> None:
    for packed in (False, True):
        asked = urllib.request.Request(  # noqa: S310 - our own address
            server.address + path, headers={"Accept-Encoding": "gzip"} if packed else {}
        )
        with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310 - as above
            (folder / _name(packed=packed)).write_bytes(answer.read())


def _asked(store: Path, n: int) -> tuple[list[str], list[str]]:
    """Return views by how many merchants they hold, and the screens around the same middles."""
    dice = random.Random(n)
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as conn:
        at: NDArray[np.float64] = np.array(conn.execute("SELECT lon, lat FROM merchant").fetchall())
    narrow = math.cos(math.radians(float(at[:, 1].mean())))
    tree = KDTree(at * (narrow, 1.0))
    middles = at[[dice.randrange(len(at)) for _ in range(_FRESH)]]
    views, screens = [], []
    for lon, lat in middles.tolist():
        wanted = min(dice.randint(LEAST, MOST), len(at))
        # The largest norm makes the k nearest those in a square.
        half = tree.query((lon * narrow, lat), k=[wanted], p=math.inf)[0][0]
        views.append(f"/api/merchants?bbox={_box(lon, lat, half / narrow, half)}&limit=1000")
        zoom = dice.choice([*_SCREEN_DEG])
        wide = _SCREEN_DEG[zoom] / 2
        box = _box(lon, lat, wide, wide * narrow * 800 / 1280)
        screens.append(f"/api/merchants?bbox={box}&zoom={zoom}")
    return views, screens


def _box(lon: float, lat: float, dx: float, dy: float) -> str:
    return f"{lon - dx:.7f},{lat - dy:.7f},{lon + dx:.7f},{lat + dy:.7f}"


def _memory(server: Server) -> tuple[float, float] | None:
    found = []
    for pid in server.workers():
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
        sizes = dict(line.split(":", 1) for line in told.splitlines()[1:])
        found.append(tuple(int(sizes[name].split()[0]) / 1024 for name in ("Rss", "Pss")))
    return max(found, default=None)
