"""Stores of every size, filled once a run (or once for good, with ``--keep``)."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from geodata import merchants
from geodata.demo.crowd import scattered
from geodata.policy import Actor, Role
from geodata.store import Store, open_store
from tests.bench.shown import thousands

ACTOR = Actor("bench", Role.ADMIN)


@contextmanager
def opened(path: Path | str) -> Iterator[Store]:
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
    # Of this process alone: two runs may keep their stores in one folder.
    part = path.with_name(f"{path.name}.{os.getpid()}")
    city = scattered(n).assign(row=range(1, n + 1))
    with opened(part) as store, store.writing() as tx:
        merchants.merge(tx, city, actor=ACTOR)
    # The last connection that closes puts the write-ahead log into the file.
    part.rename(path)
    print(f"{time.perf_counter() - began:.0f} s", flush=True)
