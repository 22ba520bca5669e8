"""Near me over HTTP, on the demonstration as an office serves it."""

import http.client
import random
import subprocess
import sys
from functools import partial
from pathlib import Path

import shapely

from geodata import divisions
from tests.bench import load, serving
from tests.bench.shown import number, table
from tests.bench.stores import opened
from tests.bench.timing import each

_STREET = "210103006"  # 万莲街道
_ASKED = 300
_SECONDS = 4.0
_TOLD = 300
_ALIVE = "/healthz"


def demonstration(folder: Path) -> Path:
    """Return the store of the demonstration with its streets, made where it is missing."""
    store = folder / "demonstration" / "linju.gpkg"
    if not store.exists():
        store.parent.mkdir()
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "demo"],
            cwd=serving.PROJECT,
            env=serving.environment(store),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"The demonstration failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return store


def measure(folder: Path) -> None:
    """Print how long an answer takes for one who asks alone, and for several at once."""
    store = demonstration(folder)
    with serving.linju(store, folder / "wsgi.log") as server:
        failed: dict[str, list[str]] = {}
        rows = [
            _row(server.address, what, paths, failed.setdefault(what, []))
            for what, paths in _questions(store).items()
        ]
    table(
        "python wsgi.py on the demonstration, from random places of 万莲街道",
        ("ms", "asked", "p50", "p99", "failed", "kB", f"p50 of {load.CONNECTIONS}", "req/s"),
        rows,
        f"p50 of {load.CONNECTIONS}: so many connections ask at once, {_SECONDS:.0f} s long."
        f" {_ALIVE} is the floor.",
        *(f"{what} failed, the first time with {told[0]}" for what, told in failed.items() if told),
        "Aim: the nearest 10 at 50 ms p50.",
    )


def _questions(store: Path) -> dict[str, list[str]]:
    places = [f"{lon:.6f},{lat:.6f}" for lon, lat in _places(store, 2 * _ASKED)]
    starts, ends = places[:_ASKED], places[_ASKED:]
    pairs = list(zip(starts, ends, strict=True))
    asked = {_ALIVE: [_ALIVE] * _ASKED}
    for mode in ("foot", "bike", "car"):
        asked[f"nearest 10, {mode}"] = [f"/api/nearest?from={at}&mode={mode}&n=10" for at in starts]
    for mode in ("foot", "car"):
        asked[f"route, {mode}"] = [f"/api/route?from={a}&to={b}&mode={mode}" for a, b in pairs]
    for mode in ("foot", "car"):
        asked[f"reach 5, 10, 15 min, {mode}"] = [
            f"/api/reach?from={at}&mode={mode}" for at in starts
        ]
    return asked


def _places(store: Path, count: int) -> list[tuple[float, float]]:
    with opened(store) as city, city.reading() as tx:
        street = shapely.from_wkb(bytes(tx.row("area", divisions.normalise(_STREET))["geom"]))
    shapely.prepare(street)
    west, south, east, north = street.bounds
    dice, found = random.Random(_STREET), []
    while len(found) < count:
        lon, lat = dice.uniform(west, east), dice.uniform(south, north)
        if shapely.contains_xy(street, lon, lat):
            found.append((lon, lat))
    return found


def _row(address: str, what: str, paths: list[str], failed: list[str]) -> tuple[str, ...]:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
    ask = partial(_ask, connection, failed)
    each(ask, paths[:5])
    failed.clear()
    alone = each(ask, paths)
    connection.close()
    crowd = load.run(address, paths, seconds=_SECONDS)
    return (
        what,
        *alone.cells,
        str(len(failed)),
        number(crowd.kilobytes),
        number(crowd.p50_ms),
        number(crowd.rate),
    )


def _ask(connection: http.client.HTTPConnection, failed: list[str], path: str) -> None:
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.client.OK:
        failed.append(f"{answer.status} {path}: {body[:_TOLD].decode(errors='replace')}")
