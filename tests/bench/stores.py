"""Stores of every size, filled once a run (or once for good, with ``--keep``)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd

from geodata import search
from geodata.demo.crowd import scattered
from geodata.policy import Actor, Role
from geodata.store import Store, open_store
from tests.bench.shown import thousands

ACTOR = Actor("bench", Role.ADMIN)
_BATCH = 20_000


@contextmanager
def opened(path: Path) -> Iterator[Store]:
    """Open a store for the length of a block."""
    store = open_store(path)
    try:
        yield store
    finally:
        store.close()


@dataclass(slots=True)
class Stores:
    """A folder with a GeoPackage for each size; :meth:`of` makes what is missing."""

    folder: Path
    _made: dict[int, Path] = field(default_factory=dict)

    def of(self, n: int) -> Path:
        """Return the path of a store with n scattered merchants."""
        if n not in self._made:
            path = self.folder / f"scattered-{n}.gpkg"
            if not path.exists():
                _fill(path, n)
            self._made[n] = path
        return self._made[n]


def _fill(path: Path, n: int) -> None:
    began = time.perf_counter()
    print(f"Filling a store with {thousands(n)} merchants …", end=" ", flush=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    city = scattered(n)
    with opened(part) as store, store.writing() as tx:
        for start in range(0, n, _BATCH):
            tx.insert("merchant", _rows(city.iloc[start : start + _BATCH]), by=ACTOR)
    # The last connection that closes puts the write-ahead log into the file.
    part.rename(path)
    print(f"{time.perf_counter() - began:.0f} s", flush=True)


def _rows(some: gpd.GeoDataFrame) -> list[dict[str, object]]:
    places = some.drop(columns=["geometry", "version", "revision", "changed"])
    rows = places.assign(lon=some.geometry.x, lat=some.geometry.y).to_dict("records")
    for row in rows:
        row["terms"] = search.terms(row["name"], address=row["address"], phones=[row["phones"]])
    return rows
