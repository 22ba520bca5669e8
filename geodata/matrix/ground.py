"""What is measured: homes, merchants and open streets, as arrays, and how they are joined."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from geodata import areas, browse, closures, walking
from geodata.browse import Query
from geodata.errors import Unavailable
from geodata.hours import Calendar
from geodata.matrix.asking import Asked
from geodata.matrix.counting import Rows
from geodata.matrix.dividing import ALONE, Parts
from geodata.matrix.keeping import Kept, digest, kept
from geodata.roads import Streets
from geodata.store import Reader

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Mask = NDArray[np.bool_]

_NUMBERS = ("households", "residents", "elders_alone")


@dataclass(frozen=True, slots=True, eq=False)
class Homes:
    """All homes of a store, one row each, in the order in which they came in.

    ``area`` is a row of ``codes``, which are codes of areas; numbers of people are NaN where
    unknown. ``place`` and ``people`` name positions and residents, see :func:`digest`.
    """

    lon: Floats
    lat: Floats
    area: Ints
    codes: tuple[str, ...]
    households: Floats
    residents: Floats
    elders_alone: Floats
    place: bytes
    people: bytes

    def __len__(self) -> int:
        return len(self.lon)

    @classmethod
    def of(cls, tx: Reader) -> Self:
        """Read the homes of a store."""
        told = tx.columns("home", ("lon", "lat", "area", *_NUMBERS))
        lon, lat = (np.array(told[name], dtype=np.float64) for name in ("lon", "lat"))
        codes = {code: n for n, code in enumerate(dict.fromkeys(told["area"]))}
        area = np.fromiter((codes[code] for code in told["area"]), np.int64, len(lon))
        households, residents, elders = (
            np.array(told[name], dtype=np.float64) for name in _NUMBERS
        )
        numbers = households, residents, elders
        place = digest(lon, lat)
        return cls(lon, lat, area, tuple(codes), *numbers, place, place + digest(residents))

    def rows(self, rows: Rows) -> Ints:
        """Return in which row of a table each home lies, (n,); -1 for none."""
        known = rows.row_of
        found = [known.get(code[: rows.digits], -1) for code in self.codes]
        return np.array([*found, -1], dtype=np.int64)[self.area]

    def inside(self, parent: str) -> Mask:
        """Tell which homes lie inside an area, (n,)."""
        prefix = areas.prefix(parent)
        held = [code.startswith(prefix) for code in self.codes]
        return np.array([*held, False], dtype=np.bool_)[self.area]


@dataclass(frozen=True, slots=True, eq=False)
class Merchants:
    """The merchants that count, one row each; ``category`` is a row of the names asked for."""

    lon: Floats
    lat: Floats
    category: Ints
    area: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.lon)

    @classmethod
    def of(cls, tx: Reader, asked: Asked, names: Sequence[str], calendar: Calendar) -> Self:
        """Read the merchants that count: seen by residents, open if asked for, not away."""
        query = Query(open_now=asked.at is not None, categories=tuple(names))
        columns = ("fid", "id", "lon", "lat", "category", "area")
        at = asked.at or datetime.now(UTC)
        found = browse.spots(tx, query, at, calendar=calendar, columns=columns)
        there = sorted(tuple(one) for one in found if one.id not in asked.away)
        told = [one[2:] for one in there]
        more = [one for one in asked.added if one.category in names]
        inside = areas.containing(tx, [one.lon for one in more], [one.lat for one in more])
        for one, code in zip(more, inside, strict=True):
            told.append((one.lon, one.lat, one.category, code))
        lon, lat, category, area = zip(*told, strict=True) if told else ((), (), (), ())
        number = {name: n for n, name in enumerate(names)}
        return cls(
            np.array(lon, dtype=np.float64),
            np.array(lat, dtype=np.float64),
            np.array([number[one] for one in category], dtype=np.int64),
            tuple(area),
        )

    def of_category(self, number: int) -> Ints:
        """Return the rows of one category."""
        return np.flatnonzero(self.category == number)

    def by_area(self, names: Sequence[str], parent: str, digits: int) -> list[tuple[str, str, int]]:
        """Count those inside an area: (code cut to so many digits, category, n)."""
        prefix = areas.prefix(parent)
        every = zip(self.area, self.category.tolist(), strict=True)
        return [(code[:digits], names[n], 1) for code, n in every if code.startswith(prefix)]


@dataclass(frozen=True, eq=False)
class Ground:
    """All that walks are measured on, for one question."""

    kept: Kept
    graph: walking.Graph
    homes: Homes
    merchants: Merchants
    names: list[str]
    closed: Mask
    parts: Parts = ALONE

    @classmethod
    def of(
        cls,
        tx: Reader,
        streets: Streets | None,
        asked: Asked,
        names: list[str],
        calendar: Calendar,
        parts: Parts = ALONE,
    ) -> Self:
        """Gather what a question is measured on.

        Raises
        ------
        Unavailable
            ``streets_missing``: there are none, or none that can be walked on here.
        Invalid
            As :func:`geodata.closures.draw` for the shape of what is closed.
        """
        if streets is None or streets.graph is None:
            raise Unavailable("streets_missing")
        return cls(
            kept(tx),
            streets.graph,
            homes_of(tx),
            Merchants.of(tx, asked, names, calendar),
            names,
            _closed(tx, streets, asked),
            parts,
        )

    @cached_property
    def shut(self) -> bytes:
        """A name of what is closed."""
        return digest(np.packbits(self.closed))

    @cached_property
    def joined(self) -> walking.Joins:
        """The homes, joined to the streets as they are when all are open."""
        key = "homes", self.homes.place
        return self.kept.get(
            self.graph, key, lambda: walking.join(self.graph, self.homes.lon, self.homes.lat)
        )

    @cached_property
    def merchants_joined(self) -> walking.Joins:
        """The merchants, joined likewise."""
        told = self.merchants
        key = "merchants", digest(told.lon, told.lat)
        return self.kept.get(self.graph, key, lambda: walking.join(self.graph, told.lon, told.lat))

    @cached_property
    def off_network(self) -> Mask:
        """Which homes have no street within :data:`~geodata.modes.SNAP_LIMIT_M`, (n,)."""
        return self.joined.edge < 0

    def where(self, number: int) -> bytes:
        """Return a name of where the merchants of a category are."""
        rows = self.merchants.of_category(number)
        return digest(self.merchants.lon[rows], self.merchants.lat[rows])


def homes_of(tx: Reader) -> Homes:
    """Return the homes of a store, read once as long as none changes."""
    stamp = tx.cached("matrix stamp", lambda: tx.stamp("home"), revision=tx.revision())
    return tx.cached("matrix homes", lambda: Homes.of(tx), revision=hash(stamp))


def _closed(tx: Reader, streets: Streets, asked: Asked) -> Mask:
    """Tell which edges of the walking graph are closed, (E,)."""
    graph = streets.graph
    if graph is None:
        raise Unavailable("streets_missing")
    at = asked.at or datetime.now(UTC)
    found = closures.in_force(tx, at) if asked.closures else []
    shapes = [streets.closing(closures.shaped(one)).shape for one in asked.closed]
    if not found and not shapes:
        return np.zeros(graph.edges, dtype=np.bool_)
    return graph.closed_by([*closures.barring(streets, found).areas, *shapes])
