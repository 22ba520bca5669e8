"""Registrations a second, durable: over HTTP beside what the bare store takes, one after another.

``python -m tests.bench.registrations STORE SECONDS SEED`` is one of the bare writers; it prints
how many it wrote.
"""

import json
import random
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geodata import demo, proposals
from geodata.demo import filling
from geodata.demo.sketch import CENTRE
from geodata.merchants import MerchantEntry
from geodata.policy import RESIDENT
from geodata.proposals import Contact
from geodata.store import Store
from tests.bench import load, serving
from tests.bench.shown import number, table
from tests.bench.stores import ACTOR, opened
from tests.bench.writes import READY, together

PROCESSES = 4
_SECONDS = 6.0
_ASKED = 12_000  # more than are answered in the time


def measure(folder: Path) -> None:
    """Print both rates for one process and for several, on both engines."""
    hood = demo.neighbourhood()
    rows = []
    for engine in ("GeoPackage", "PostGIS"):
        for processes in (1, PROCESSES):
            found = []
            for how in ("bare", "http"):
                with _store(engine, folder / f"{how}-{processes}") as address:
                    with opened(address) as store, store.writing() as tx:
                        filling.fill(tx, hood, actor=ACTOR)
                    found.append(_rate(how, address, folder / f"{how}-{processes}", processes))
            (bare, *_), (rate, *waited) = found
            share = f"{rate / bare:.2f}"
            rows.append((f"{engine}, {processes}", number(bare), number(rate), share, *waited))
    table(
        "Registrations a second: merchant, proposal, link and history, synced to the disk",
        ("store, processes", "bare/s", "HTTP/s", "share", "p50 ms", "p99 ms", "failed"),
        rows,
        f"HTTP: POST /api/merchants, {load.CONNECTIONS} connections, Gunicorn; the load generator"
        " has its share of the same cores.",
        "Aim: half the bare store's rate.",
    )


def _rate(how: str, address: str, folder: Path, processes: int) -> tuple[float, str, str, str]:
    if how == "bare":
        told = together("tests.bench.registrations", address, _SECONDS, processes)
        return sum(told) / _SECONDS, "", "", ""
    more = {"LINJU_STORE": address, "LINJU_PROXIES": "1"}
    where = folder / "linju.gpkg"
    with serving.gunicorn(
        "wsgi:app", where, folder / "gunicorn.log", workers=processes, **more
    ) as server:
        paths = [f"/api/merchants\t{json.dumps(_told(random.Random(n)))}" for n in range(_ASKED)]
        load.run(server.address, paths[:100], seconds=1)  # each worker has read the areas
        done = load.run(server.address, paths[100:], seconds=_SECONDS)
    return done.rate, number(done.p50_ms), number(done.p99_ms), str(done.failed)


@contextmanager
def _store(engine: str, folder: Path) -> Iterator[str]:
    folder.mkdir(exist_ok=True)
    if engine == "PostGIS":
        with serving.postgis() as url:
            yield url
    else:
        yield str(folder / "linju.gpkg")


def _told(dice: random.Random) -> dict[str, object]:
    # Around the middle of the demonstration, so that each falls into one of its areas.
    return {
        "name": f"便民超市{dice.randrange(10**6)}",
        "category": "shopping",
        "lon": CENTRE[0] + dice.uniform(-0.01, 0.01),
        "lat": CENTRE[1] + dice.uniform(-0.008, 0.008),
        "address": f"泉富街{dice.randrange(1, 400)}号",
        "phones": [f"154{dice.randrange(10**8):08d}"],
        "hours": "08:00-20:00",
    }


def _write(address: str, seconds: float, seed: int) -> int:
    dice, done = random.Random(seed), 0
    with opened(address) as store:
        _register(store, dice)  # the first also reads the areas
        print(READY, end="", flush=True)
        sys.stdin.readline()
        began = time.perf_counter()
        while time.perf_counter() < began + seconds:
            _register(store, dice)
            done += 1
    return done


def _register(store: Store, dice: random.Random) -> None:
    entry = MerchantEntry.typed(**_told(dice))
    with store.writing() as tx:
        proposals.register(
            tx, entry, Contact(), actor=RESIDENT, idempotency_key=secrets.token_urlsafe(16)
        )


if __name__ == "__main__":
    print(json.dumps(_write(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))))
