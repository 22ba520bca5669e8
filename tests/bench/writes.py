"""Processes that put merchants on the map at the same time, one durable transaction each.

``python -m tests.bench.writes STORE SECONDS SEED`` is one of them; it prints how long each
of its writes took.
"""

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from geodata import demo, merchants
from geodata.demo import filling
from geodata.demo.sketch import CENTRE
from geodata.merchants import MerchantEntry
from geodata.store import Store
from tests.bench.serving import PROJECT
from tests.bench.shown import number, table
from tests.bench.stores import ACTOR, opened

PROCESSES = 4
_SECONDS = 6.0
READY = "ready\n"


def measure(folder: Path) -> None:
    """Print writes a second of one process and of several, on a GeoPackage with areas in it."""
    rows = []
    for processes in (1, PROCESSES):
        store = folder / f"writes-{processes}.gpkg"
        with opened(store) as fresh, fresh.writing() as tx:
            filling.fill(tx, demo.neighbourhood(), actor=ACTOR)
        told = together("tests.bench.writes", str(store), _SECONDS, processes)
        times = sorted(seconds for one in told for seconds in one)
        p50, p99 = (times[int(len(times) * share)] * 1e3 for share in (0.5, 0.99))
        rate = number(len(times) / _SECONDS)
        rows.append((str(processes), rate, number(p50), number(p99)))
    table(
        "geodata.merchants.add: merchant, history, clock and indexes, synced to the disk",
        ("processes", "writes/s", "p50 ms", "p99 ms"),
        rows,
    )


def together(module: str, store: str, seconds: float, processes: int) -> list[Any]:
    """Let processes of a module write at the same time; return what each has printed."""
    command = [sys.executable, "-m", module, store, str(seconds)]
    started = [
        subprocess.Popen(
            [*command, str(seed)],
            cwd=PROJECT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for seed in range(processes)
    ]
    for one in started:
        if one.stdout is None or one.stdout.readline() != READY:
            sys.exit("A writer did not start: see above.")
    for one in started:
        if one.stdin is not None:
            one.stdin.write("go\n")
            one.stdin.flush()
    return [json.loads(one.communicate()[0]) for one in started]


def _write(path: Path, seconds: float, seed: int) -> list[float]:
    dice = random.Random(seed)
    times = []
    with opened(path) as store:
        _add(store, dice)  # the first also reads the areas
        print(READY, end="", flush=True)
        sys.stdin.readline()
        began = last = time.perf_counter()
        while last < began + seconds:
            _add(store, dice)
            since, last = last, time.perf_counter()
            times.append(last - since)
    return times


def _add(store: Store, dice: random.Random) -> None:
    # Around the middle of the demonstration, so that each falls into one of its areas.
    entry = MerchantEntry(
        name=f"便民超市{dice.randrange(10**6)}",
        category="shopping",
        lon=CENTRE[0] + dice.uniform(-0.01, 0.01),
        lat=CENTRE[1] + dice.uniform(-0.008, 0.008),
        address=f"泉富街{dice.randrange(1, 400)}号",
        phones=(f"154{dice.randrange(10**8):08d}",),
        hours="08:00-20:00",
    )
    with store.writing() as tx:
        merchants.add(tx, entry, actor=ACTOR)


if __name__ == "__main__":
    print(json.dumps(_write(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))))
