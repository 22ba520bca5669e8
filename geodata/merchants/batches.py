"""Imports (批次): a whole file brought in, listed, and taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import batched
from typing import Any

import geopandas as gpd
import orjson

from geodata import areas, ids, keys
from geodata.errors import Conflict
from geodata.merchants.entry import Status, terms
from geodata.merchants.writing import follow, merge, settle
from geodata.merging import Merged
from geodata.policy import Action, Actor, require
from geodata.store import Progress, Reader, Writer, now
from geodata.store.records import Values

_UNDONE = 2000  # rows at a time
_FOUND_BY = frozenset({"name", "address", "phones"})


@dataclass(slots=True)
class Undone:
    """What taking an import back did: how many places, and the ids of those changed since."""

    undone: int = 0
    kept: list[str] = field(default_factory=list)


def bring_in(
    tx: Writer,
    table: gpd.GeoDataFrame,
    *,
    actor: Actor,
    file: str,
    left_out: int = 0,
    batch: str = "",
    progress: Progress | None = None,
) -> Merged:
    """Merge a file's merchants, as :func:`merge` does, and note it as one import.

    What lies outside the actor's scope is left out and told. ``file`` is the name by which
    people know the file, ``left_out`` how many of its rows never came so far, ``batch`` an id
    (:func:`geodata.ids.fresh`) by which the caller will know it.

    Raises
    ------
    Forbidden
        ``forbidden``: for staff.
    """
    require(actor, Action.MERCHANT_EDIT, area=actor.scope)
    tx.batch = batch or ids.fresh(1)[0]
    done = merge(tx, table, actor=actor, why=file, progress=progress, leave_outside=True)
    told = {"id": tx.batch, "at": now(), "by": actor.name, "role": str(actor.role)}
    told |= {"scope": actor.scope, "file": file, "undone": "", "undone_by": ""}
    numbers = {"added": done.added, "changed": done.changed, "unchanged": done.unchanged}
    numbers["left_out"] = left_out + len(done.outside) + len(done.repeats) + len(done.waiting)
    tx.put("batch", told | numbers | {"taken_back": 0, "kept": 0})
    tx.batch = ""
    return done


def recent_batches(tx: Reader, *, actor: Actor, limit: int = 20) -> list[Values]:
    """Return the imports that lie inside the actor's scope, the newest first.

    Each has id, at, by, role, scope, file, added, changed, unchanged, left_out, and undone (the
    moment, or ""), undone_by, taken_back and kept (how many places).

    Raises
    ------
    Forbidden
        ``forbidden``: for staff.
    """
    require(actor, Action.MERCHANT_EDIT, area=actor.scope)
    order = ("at", "id")
    found: list[Values] = []
    after: tuple[object, ...] = ()
    while len(found) < limit:
        rows = tx.records("batch", order=order, newest=True, after=after, limit=limit)
        found += [row for row in rows if row["scope"].startswith(actor.scope)]
        if len(rows) < limit:
            break
        after = tuple(rows[-1][name] for name in order)
    return found[:limit]


def undo_batch(tx: Writer, batch: str, *, actor: Actor, progress: Progress | None = None) -> Undone:
    """Take back what one import wrote; places that were changed since keep what they have.

    What it added is retired; the same file brings it back. What a later import did, and its
    undo took back, is no change.

    Raises
    ------
    NotFound
        ``batch_not_found``.
    Forbidden
        ``forbidden``: a place lies outside the actor's scope, now or as it was.
    Conflict
        ``batch_undone``; ``version_stale``, when another changed a place meanwhile.
    """
    record = tx.record("batch", batch)
    require(actor, Action.MERCHANT_EDIT, area=record["scope"])
    told = {"undone": now(), "undone_by": actor.name}
    if not tx.revise("batch", told, id=batch, undone=""):
        raise Conflict("batch_undone", by=record["undone_by"], at=record["undone"])
    entries = tx.imported("merchant", batch)
    done = Undone()
    tx.batch = batch
    for part in batched(entries, _UNDONE):
        rows = {row["id"]: row for row in tx.rows("merchant", keys=[one.key for one in part])}
        moved_on = _changed_since(
            tx, {one.key: one.version for one in part if one.key in rows}, rows
        )
        edits = []
        for key, version, before in part:
            row = rows.get(key)
            if row is None or key in moved_on:
                done.kept.append(key)
                continue
            require(actor, Action.MERCHANT_EDIT, area=row["area"])
            was = orjson.loads(before or "{}") if version > 1 else {"status": str(Status.RETIRED)}
            edits.append((row, was))
        undone = restored(tx, edits, actor=actor)
        how: dict[str, Any] = {"by": actor, "action": "undo", "why": record["file"]}
        done.undone += len(tx.update_many("merchant", undone, **how))
        if progress:
            progress(done.undone + len(done.kept), len(entries))
    tx.batch = ""
    tx.revise("batch", {"taken_back": done.undone, "kept": len(done.kept)}, id=batch)
    return done


def _changed_since(tx: Reader, versions: Mapping[str, int], rows: Mapping[str, Values]) -> set[str]:
    """Return the keys that somebody changed after these versions, but for what was taken back."""
    later = {key: seen for key, seen in versions.items() if rows[key]["version"] != seen}
    if not later:
        return set()
    after = tx.batches_after("merchant", later)
    named = sorted({batch for batches in after.values() for batch in batches} - {""})
    undone = {row["id"] for row in tx.records("batch", id=named) if row["undone"]}
    return {key for key, batches in after.items() if batches - undone}


def restored(
    tx: Writer, edits: list[tuple[Values, Mapping[str, Any]]], *, actor: Actor
) -> list[tuple[Values, Values]]:
    """Return edits that give rows columns which they had, with what follows from these.

    A registration that pends again is before the reviewers again, and where the owner changes,
    private links end as in :func:`geodata.merchants.entrust`.

    Raises
    ------
    Forbidden
        ``forbidden``: a place would lie outside the actor's scope.
    """
    made = [(row, dict(before)) for row, before in edits]
    moved = [(row, told) for row, told in made if {"lon", "lat"} & told.keys()]
    lon, lat = ([(row | told)[name] for row, told in moved] for name in ("lon", "lat"))
    for (row, told), area in zip(moved, areas.containing(tx, lon, lat), strict=True):
        told["area"] = area
        require(actor, Action.MERCHANT_EDIT, area=area)
        follow(tx, row, told)
    for row, told in made:
        if _FOUND_BY & told.keys():
            told["terms"] = terms(row | told)
        if told.get("owner", row["owner"]) != row["owner"]:
            keys.end(tx, merchant=row["id"], kind=str(keys.Kind.LINK))
        if told.get("status") == Status.PENDING != row["status"]:
            _ask_again(tx, row)
        if row["status"] == Status.PENDING != told.get("status", Status.PENDING):
            settle(tx, row, told["status"], actor)
    return made


def _ask_again(tx: Writer, row: Values) -> None:
    """Open the registration of what pends again: else it would be on no map and in no queue."""
    told = {"state": "open", "seen": row["version"] + 1}
    told |= dict.fromkeys(("decided", "decided_by", "why"), "")
    for one in tx.records("proposal", merchant=row["id"], kind="new"):
        if one["state"] != "open":
            tx.revise("proposal", told | {"version": one["version"] + 1}, id=one["id"])
