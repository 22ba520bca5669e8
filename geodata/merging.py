"""Put a file's places into the store: known ones are changed, others added, in batches.

The same file twice changes nothing. Memory is bounded by the batch, whatever the
file; the caller's transaction makes it all or nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np

from geodata import ids
from geodata.geometry import metres_between
from geodata.policy import Action, Actor, require
from geodata.store import Progress, Writer
from geodata.store.reader import Values
from geodata.store.tallies import quads

SAME_PLACE_M = 100.0
"""Two places of one name are the same within this distance: pins of one shop differ by so much."""

UNMOVED_M = 0.05
"""A shift below this is what changing the datum and back leaves, not a move."""

BATCH = 5000
_SORTED_FROM = 20_000  # a sheet that a person made keeps its order

_POSITION = ("lon", "lat", "source_datum", "source_lon", "source_lat")


@dataclass(slots=True)
class Merged:
    """What a merge did, in rows. ``repeats`` are the file's rows that name a place again."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    repeats: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Kind:
    """What differs between the tables of places.

    ``rows`` makes rows of a batch of the file, with lon, lat and area; ``complete`` fills what
    a new row needs besides; ``derive`` adds to an edit of an old row what follows from it.
    ``by`` are the columns that must be equal for two places to be one.
    """

    table: str
    by: tuple[str, ...]
    action: Action
    rows: Callable[[gpd.GeoDataFrame], list[Values]]
    complete: Callable[[Values], Values]
    derive: Callable[[Values, Values], Values]


def merge(
    tx: Writer,
    frame: gpd.GeoDataFrame,
    kind: Kind,
    *,
    actor: Actor,
    why: str,
    progress: Progress | None,
) -> Merged:
    """Merge a file's frame into its table.

    A row is a known place by its id; else where all columns of ``kind.by`` are equal and it
    has the same address, or lies within :data:`SAME_PLACE_M` and the addresses do not
    contradict each other; the nearest wins. An empty cell
    tells nothing. Places of the file are never matched with each other.

    Raises
    ------
    Forbidden
        ``forbidden``, for a place outside the actor's scope, where it was or where it would be.
    """
    if len(frame) >= _SORTED_FROM:
        # Neighbours come to lie on the same pages of the file: a view reads half of them.
        order = np.argsort(quads(frame.geometry.x, frame.geometry.y), kind="stable")
        frame = frame.iloc[order]
    named = frozenset(one for one in frame.get("id", ()) if one)
    merge_of = _Merge(tx, kind, actor, why, tx.last_fid(kind.table), named)
    for start in range(0, len(frame), BATCH):
        merge_of.take(kind.rows(frame.iloc[start : start + BATCH]))
        if progress:
            progress(min(start + BATCH, len(frame)), len(frame))
    return merge_of.done


@dataclass(slots=True)
class _Merge:
    """A merge under way. ``last`` is the newest fid from before it, ``named`` the file's ids."""

    tx: Writer
    kind: Kind
    actor: Actor
    why: str
    last: int
    named: frozenset[str]
    done: Merged = field(default_factory=Merged)
    claimed: set[str] = field(default_factory=set)

    def take(self, rows: list[Values]) -> None:
        """Write a batch of rows."""
        for area in {row["area"] for row in rows}:
            require(self.actor, self.kind.action, area=area)
        fresh, edits = [], []
        for row, old in zip(rows, self._known(rows), strict=True):
            if old is None:
                fresh.append(row)
            elif old["id"] in self.claimed:
                self.done.repeats.append(row["row"])
            else:
                self.claimed.add(old["id"])
                require(self.actor, self.kind.action, area=old["area"])
                edits.append((old, self.kind.derive(old, _told(old, row))))
        added = [
            self.kind.complete(row | {"id": row.get("id") or new})
            for row, new in zip(fresh, ids.fresh(len(fresh)), strict=True)
        ]
        how: dict[str, Any] = {"by": self.actor, "action": "import", "why": self.why}
        self.tx.insert(self.kind.table, added, **how)
        changed = self.tx.update_many(self.kind.table, edits, **how)
        self.done.added += len(added)
        self.done.changed += len(changed)
        self.done.unchanged += len(edits) - len(changed)

    def _known(self, rows: list[Values]) -> list[Values | None]:
        table = self.kind.table
        told = [row["id"] for row in rows if row.get("id")]
        by_id = {old["id"]: old for old in self.tx.rows(table, keys=told)} if told else {}
        alike = _Alike(self.kind.by)
        if self.last:
            names = sorted({row["name"] for row in rows})
            for old in self.tx.rows(table, upto=self.last, name=names):
                # What the file names by its id is not taken for another by its name.
                if old["id"] not in self.named:
                    alike.add(old)
        return [by_id.get(row.get("id", "")) or alike.nearest(row) for row in rows]


class _Alike:
    """Known places by what must be equal, and by a grid: a chain may have a thousand shops."""

    def __init__(self, by: Sequence[str]) -> None:
        self._by = by
        self._near: defaultdict[tuple[object, ...], list[Values]] = defaultdict(list)
        self._addressed: dict[tuple[object, ...], Values] = {}

    def add(self, old: Values) -> None:
        equal = tuple(old[column] for column in self._by)
        self._near[(*equal, *_cell(old))].append(old)
        if old["address"]:
            self._addressed.setdefault((*equal, old["address"]), old)

    def nearest(self, row: Mapping[str, Any]) -> Values | None:
        if not self._near:
            return None
        equal = tuple(row[column] for column in self._by)
        column, line = _cell(row)
        candidates = [
            old
            for right in (-1, 0, 1)
            for up in (-1, 0, 1)
            for old in self._near.get((*equal, column + right, line + up), ())
        ]
        # Every compound has a 1号楼: two addresses are two places, however near.
        candidates = [c for c in candidates if not _contradict(c["address"], row["address"])]
        if candidates:
            lons, lats = [c["lon"] for c in candidates], [c["lat"] for c in candidates]
            distances = metres_between(row["lon"], row["lat"], lons, lats).tolist()
            best = min(range(len(candidates)), key=distances.__getitem__)
            if distances[best] <= SAME_PLACE_M:
                return candidates[best]
        return self._addressed.get((*equal, row["address"])) if row["address"] else None


def _contradict(one: str, other: str) -> bool:
    return bool(one) and bool(other) and one != other


def _cell(row: Mapping[str, Any]) -> tuple[int, int]:
    # 0.002 degrees of longitude are 111 m at 60 degrees north, beyond all of China.
    return int(row["lon"] // 0.002), int(row["lat"] // 0.001)


def _told(old: Values, row: Values) -> Values:
    told = {k: v for k, v in row.items() if k in old and k != "id" and v not in ("", None)}
    told["area"] = row["area"]
    same = row["lon"] == old["lon"] and row["lat"] == old["lat"]
    if same or metres_between(row["lon"], row["lat"], old["lon"], old["lat"]) < UNMOVED_M:
        told = {k: v for k, v in told.items() if k not in _POSITION}
    return told
