"""Put a file's places into the store: known ones are changed, others added, in batches.

The same file twice changes nothing. Memory is bounded by the batch, whatever the
file; the caller's transaction makes it all or nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import batched
from typing import Any, Literal

import geopandas as gpd
import numpy as np

from geodata import ids
from geodata.errors import Conflict
from geodata.geometry import BBox, metres_between
from geodata.policy import Action, Actor, can, require
from geodata.store import Progress, Reader, Writer
from geodata.store.records import Values
from geodata.store.tallies import quads

SAME_PLACE_M = 100.0
"""Two places of one name are the same within this distance: pins of one shop differ by so much."""

UNMOVED_M = 0.05
"""A shift below this is what changing the datum and back leaves, not a move."""

# Degrees of at least SAME_PLACE_M: 111 m at 60 degrees north, beyond all of China.
_CELL_LON, _CELL_LAT = 0.002, 0.001

BATCH = 5000
_LOOKED_UP = 500  # a box around more holds too many of others
_MEASURED = 50_000  # pairs at once
_SORTED_FROM = 20_000  # a sheet that a person made keeps its order

type Fate = Literal["added", "changed", "unchanged"]
type Pair = tuple[Values, Values | None]
"""A row of the file, and the known place that it is."""

type Match = tuple[int, Values]
"""Which row of the file, and a known place that it may be."""

_POSITION = ("lon", "lat", "source_datum", "source_lon", "source_lat")


@dataclass(slots=True)
class Merged:
    """What a merge did, in rows.

    ``repeats`` are the file's rows that name a place again, ``outside`` those that lie outside
    the actor's scope, or name a place that does, and were left out; ``waiting`` name a place
    that waits for a reviewer, and were left out too. ``fates`` tells of each other row
    whether it was "added", "changed" or "unchanged".
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    repeats: list[int] = field(default_factory=list)
    outside: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    fates: dict[int, Fate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """What differs between the tables of places.

    ``rows`` makes rows of a batch of the file, with lon, lat and area; ``complete`` fills what
    a new row needs besides; ``derive`` adds to an edit of an old row what follows from it.
    ``by`` are the columns that must be equal for two places to be one. ``back`` tells what
    brings a place to the map again that is gone only because an import was taken back; None
    where nothing is ever gone. ``follow`` writes what an edit means for what is said elsewhere of
    a place, from its row before and what is told of it.
    """

    table: str
    by: tuple[str, ...]
    action: Action
    rows: Callable[[gpd.GeoDataFrame], list[Values]]
    complete: Callable[[Values], Values]
    derive: Callable[[Values, Values], Values]
    back: Callable[[Values], Values] | None = None
    follow: Callable[[Writer, Values, Values], None] = lambda _tx, _old, _told: None


def merge(
    tx: Reader,
    frame: gpd.GeoDataFrame,
    kind: Kind,
    *,
    actor: Actor,
    why: str,
    progress: Progress | None,
    leave_outside: bool = False,
) -> Merged:
    """Merge a file's frame into its table.

    A row is a known place by its id; else where all columns of ``kind.by`` are equal and it
    has the same address, or lies within :data:`SAME_PLACE_M` and the addresses do not
    contradict each other; the nearest wins. An empty cell
    tells nothing. What waits for a reviewer is for a reviewer to decide: no row is it by its name,
    and one that names its id is left out. Places of the file are never matched with each other.

    Where ``tx`` can only read, nothing is written and nobody has to wait: a rehearsal.

    Raises
    ------
    Forbidden
        ``forbidden``, for a place outside the actor's scope, where it was or where it would be;
        where ``leave_outside``, only to whom this is not granted at all.
    Conflict
        ``version_stale``, when another has changed a place meanwhile.
    """
    if len(frame) >= _SORTED_FROM:
        # Neighbours come to lie on the same pages of the file: a view reads half of them.
        order = np.argsort(quads(frame.geometry.x, frame.geometry.y), kind="stable")
        frame = frame.iloc[order]
    named = frozenset(one for one in frame.get("id", ()) if one)
    if leave_outside:
        require(actor, kind.action, area=actor.scope)
    merge_of = _Merge(tx, kind, actor, why, tx.last_fid(kind.table), named, leave_outside)
    for start in range(0, len(frame), BATCH):
        merge_of.take(kind.rows(frame.iloc[start : start + BATCH]))
        if progress:
            progress(min(start + BATCH, len(frame)), len(frame))
    return merge_of.done


@dataclass(slots=True)
class _Merge:
    """A merge under way. ``last`` is the newest fid from before it, ``named`` the file's ids."""

    tx: Reader
    kind: Kind
    actor: Actor
    why: str
    last: int
    named: frozenset[str]
    leave_outside: bool
    done: Merged = field(default_factory=Merged)
    claimed: set[str] = field(default_factory=set)

    def take(self, rows: list[Values]) -> None:
        """Decide what becomes of a batch of rows, and write it where that is wanted."""
        rows = [row for row, _ in self._allowed([(row, None) for row in rows])]
        pairs = self._allowed([*zip(rows, self._known(rows), strict=True)])
        back = self._back([old for _, old in pairs if old])
        fresh: list[Values] = []
        edits: dict[str, tuple[int, Values]] = {}
        for row, old in pairs:
            if old is None:
                fresh.append(row)
                self._note(row, "added")
            elif _pending(old):
                self.done.waiting.append(row["row"])
            elif old["id"] in self.claimed:
                self.done.repeats.append(row["row"])
            else:
                self.claimed.add(old["id"])
                told = _told(old, row)
                if old["id"] in back and self.kind.back:
                    told = self.kind.back(row) | told
                if any(old[column] != value for column, value in told.items()):
                    edits[old["id"]] = (old["version"], told)
                    self._note(row, "changed")
                else:
                    self.done.unchanged += 1
                    self._note(row, "unchanged")
        self.done.added += len(fresh)
        self.done.changed += len(edits)
        if isinstance(self.tx, Writer):
            self._write(self.tx, fresh, edits)

    def _write(
        self, tx: Writer, fresh: list[Values], edits: Mapping[str, tuple[int, Values]]
    ) -> None:
        added = [
            self.kind.complete(row | {"id": row.get("id") or new})
            for row, new in zip(fresh, ids.fresh(len(fresh)), strict=True)
        ]
        how: dict[str, Any] = {"by": self.actor, "action": "import", "why": self.why}
        tx.insert(self.kind.table, added, **how)
        olds = tx.rows(self.kind.table, keys=list(edits)) if edits else []
        # The snapshot of PostgreSQL moves between statements: what was decided must still hold.
        seen = {(key, version) for key, (version, _) in edits.items()}
        if stale := seen - {(old["id"], old["version"]) for old in olds}:
            raise Conflict("version_stale", key=min(stale)[0])
        changes = [(old, self.kind.derive(old, edits[old["id"]][1])) for old in olds]
        for change in changes:
            self.kind.follow(tx, *change)
        tx.update_many(self.kind.table, changes, **how)

    def _allowed(self, pairs: list[Pair]) -> list[Pair]:
        """Refuse, or leave out, what lies outside the actor's scope."""
        area_of = [(old or row)["area"] for row, old in pairs]
        may = {area: can(self.actor, self.kind.action, area=area) for area in set(area_of)}
        if all(may.values()):
            return pairs
        if not self.leave_outside:
            require(self.actor, self.kind.action, area=min(area for area in may if not may[area]))
        self.done.outside += [
            row["row"] for (row, _), area in zip(pairs, area_of, strict=True) if not may[area]
        ]
        return [pair for pair, area in zip(pairs, area_of, strict=True) if may[area]]

    def _note(self, row: Values, fate: Fate) -> None:
        if (number := row.get("row")) is not None:
            self.done.fates[number] = fate

    def _back(self, olds: list[Values]) -> set[str]:
        """Return the ids of what is gone only because an import was taken back."""
        gone = {old["id"]: old["version"] for old in olds if old.get("status") == "retired"}
        return self.tx.taken_back(self.kind.table, gone) if gone and self.kind.back else set()

    def _known(self, rows: list[Values]) -> list[Values | None]:
        told = [row["id"] for row in rows if row.get("id")]
        by_id = {old["id"]: old for old in self._rows(rows, keys=told)} if told else {}
        found = [by_id.get(row.get("id", "")) for row in rows]
        for look in (self._nearest, self._addressed) if self.last else ():
            for rest in batched([at for at, old in enumerate(found) if old is None], _LOOKED_UP):
                for at, old in look([rows[at] for at in rest]):
                    found[rest[at]] = found[rest[at]] or old
        return found

    def _nearest(self, rows: list[Values]) -> Iterator[Match]:
        lons, lats = [row["lon"] for row in rows], [row["lat"] for row in rows]
        around = BBox(min(lons), min(lats), max(lons), max(lats)).grown(_CELL_LON, _CELL_LAT)
        # A grid, because a chain may have a thousand shops.
        cells: defaultdict[tuple[object, ...], list[Values]] = defaultdict(list)
        for old in self._alike(rows, box=around):
            cells[*self._equal(old), *_cell(old)].append(old)
        pairs: list[Match] = []
        for at, row in enumerate(rows):
            if len(pairs) >= _MEASURED:
                yield from _by_distance(rows, pairs)
                pairs = []
            equal, (column, line) = self._equal(row), _cell(row)
            pairs += [
                (at, old)
                for right in (-1, 0, 1)
                for up in (-1, 0, 1)
                for old in cells.get((*equal, column + right, line + up), ())
                # Every compound has a 1号楼: two addresses are two places, however near.
                if not (old["address"] and row["address"] and old["address"] != row["address"])
            ]
        yield from _by_distance(rows, pairs)

    def _addressed(self, rows: list[Values]) -> Iterator[Match]:
        addresses = sorted({row["address"] for row in rows} - {""})
        known: dict[tuple[object, ...], Values] = {}
        for old in self._alike(rows, address=addresses) if addresses else ():
            known.setdefault((*self._equal(old), old["address"]), old)
        for at, row in enumerate(rows):
            if same := known.get((*self._equal(row), row["address"])):
                yield at, same

    def _alike(self, rows: list[Values], **where: Any) -> list[Values]:
        """Return the known places of the same names that a row may be.

        Not those that the file names by their id, nor what waits for a reviewer.
        """
        names = sorted({row["name"] for row in rows})
        found = self._rows(rows, upto=self.last, name=names, **where)
        return [old for old in found if old["id"] not in self.named and not _pending(old)]

    def _rows(self, rows: list[Values], **where: Any) -> list[Values]:
        """Return known places with the columns that the file tells: most are as they were."""
        columns = {"id", "version", "area", "address", "status", *rows[0]} - {"row"}
        return self.tx.rows(self.kind.table, columns=columns, **where)

    def _equal(self, row: Values) -> tuple[object, ...]:
        return tuple([row[column] for column in self.kind.by])


def _by_distance(rows: list[Values], pairs: list[Match]) -> Iterator[Match]:
    """Return those that are near enough, the nearest first; of equals, the one known longer."""
    metres = metres_between(
        [rows[at]["lon"] for at, _ in pairs],
        [rows[at]["lat"] for at, _ in pairs],
        [old["lon"] for _, old in pairs],
        [old["lat"] for _, old in pairs],
    )
    near = int((metres <= SAME_PLACE_M).sum())
    for which in np.argsort(metres, kind="stable")[:near].tolist():
        yield pairs[which]


def _pending(old: Values) -> bool:
    return old.get("status") == "pending"


def _cell(row: Mapping[str, Any]) -> tuple[int, int]:
    return int(row["lon"] // _CELL_LON), int(row["lat"] // _CELL_LAT)


def _told(old: Values, row: Values) -> Values:
    told = {k: v for k, v in row.items() if k in old and k != "id" and v not in ("", None)}
    told["area"] = row["area"]
    same = row["lon"] == old["lon"] and row["lat"] == old["lat"]
    if same or metres_between(row["lon"], row["lat"], old["lon"], old["lat"]) < UNMOVED_M:
        told = {k: v for k, v in told.items() if k not in _POSITION}
    return told
