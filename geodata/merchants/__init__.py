"""Merchants (商户、服务点): places that serve residents, from proposal to the map.

A merchant row is a dict with the columns of the store: id, name, category, lon,
lat (WGS 84), source_datum, source_lon, source_lat (as they were given),
address, phones (joined by ";"), hours (as written), note, area (code, "" outside
every area), status, closed_until (ISO date or ""), owner (an account's id or ""),
credit_code (统一社会信用代码 or ""), merged (the id under which it lives on, or ""),
trusted (small changes of its owner need no review), version, revision, created, changed.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import geopandas as gpd
import shapely

from geodata import categories, hours, ids
from geodata.errors import NotFound
from geodata.merchants.batches import Undone, bring_in, recent_batches, undo_batch
from geodata.merchants.entry import (
    LONGEST,
    MerchantEntry,
    Status,
    differing,
    entry_of,
    last_day,
    split_phones,
    typed,
)
from geodata.merchants.erasing import Cleared, erase
from geodata.merchants.undoing import undo, undo_whole
from geodata.merchants.writing import SMALL, add, at_once, changed, edit, entrust, merge, propose
from geodata.policy import RESIDENT, Action, Actor, can, require
from geodata.store import PUBLIC, Filter, Reader
from geodata.store.records import Values

EXPORTED = frozenset(
    {"id", "name", "category", "source_datum", "source_lon", "source_lat", "address", "phones"}
    | {"hours", "note", "area", "status", "closed_until", "geometry"}
)
"""The columns that leave in a file: what is public of a merchant."""

__all__ = [
    "EXPORTED",
    "LONGEST",
    "PUBLIC",
    "SMALL",
    "Cleared",
    "MerchantEntry",
    "Status",
    "Undone",
    "add",
    "as_of",
    "at_once",
    "bring_in",
    "changed",
    "differing",
    "edit",
    "entrust",
    "entry_of",
    "erase",
    "frame",
    "get",
    "heir",
    "history",
    "merge",
    "named",
    "opening",
    "propose",
    "recent_batches",
    "split_phones",
    "typed",
    "undo",
    "undo_batch",
    "undo_whole",
]


def get(tx: Reader, merchant_id: str, *, actor: Actor = RESIDENT) -> Values:
    """Return a merchant's row, as far as the actor may see it.

    Raises
    ------
    NotFound
        ``merchant_not_found``, also where its category is hidden; ``merchant_retired`` where
        it was once on the map;
        ``merchant_merged`` with the id (``into``) under which it lives on.
    """
    if not ids.is_one(merchant_id):
        raise NotFound("merchant_not_found", key=merchant_id)
    row = tx.row("merchant", merchant_id)
    if _private(actor, row):
        return row
    if row["category"] in categories.hidden(tx):
        raise NotFound("merchant_not_found", key=merchant_id)
    if row["status"] in PUBLIC:
        return row
    if row["merged"]:
        raise NotFound("merchant_merged", key=merchant_id, into=row["merged"])
    code = "merchant_retired" if row["status"] == Status.RETIRED else "merchant_not_found"
    raise NotFound(code, key=merchant_id)


def _private(actor: Actor, row: Values) -> bool:
    return can(actor, Action.MERCHANT_READ_PRIVATE, area=row["area"], merchant=row["id"])


def heir(tx: Reader, row: Values) -> Values | None:
    """Return the row under which a merged one goes on, on the map or waiting; else None.

    That may have been merged in its turn, or taken off the map since.
    """
    seen = {row["id"]}
    while row["merged"] and row["merged"] not in seen:
        seen.add(row["merged"])
        found = tx.find("merchant", row["merged"])
        if found is None:
            return None
        if found["status"] != Status.RETIRED:
            return found
        row = found
    return None


def history(tx: Reader, merchant_id: str, *, actor: Actor) -> list[Values]:
    """Return what happened to a merchant, newest first; for its owner and staff of its area.

    Each row has version, at, by, role, action, why, batch, and the columns that it changed:
    ``before`` with what they were, ``after`` with what they became.

    Raises
    ------
    Forbidden, NotFound
    """
    row = tx.row("merchant", merchant_id)
    require(actor, Action.MERCHANT_READ_PRIVATE, area=row["area"], merchant=merchant_id)
    entries = tx.history("merchant", merchant_id)
    stood = row
    for entry in entries:
        entry["after"] = {name: stood.get(name) for name in entry["before"]}
        stood = stood | entry["before"]
    return entries


def as_of(tx: Reader, merchant_id: str, version: int, *, actor: Actor) -> Values:
    """Return a merchant's row as it was at a version; for its owner and staff of its area.

    A version that there never was gives the row as it was at first, or as it is.
    """
    row = get(tx, merchant_id, actor=actor)
    told = dict(row)
    for entry in history(tx, merchant_id, actor=actor):
        if entry["version"] > max(version, 1):
            told |= entry["before"]
    return told


def frame(tx: Reader, *, actor: Actor = RESIDENT, area: str = "") -> gpd.GeoDataFrame:
    """Return merchants inside an area-code prefix as a table, WGS 84, for analysis and export.

    The columns are those of a row and ``geometry`` (Point); residents get what the map shows,
    staff of the area also the pending and the retired.
    """
    everything = can(actor, Action.MERCHANT_READ_PRIVATE, area=area)
    statuses = tuple(Status) if everything else PUBLIC
    seen = None if everything else categories.visible(tx)
    chosen = Filter(area=area, categories=seen, statuses=tuple(map(str, statuses)))
    return tx.frame("merchant", chosen)


def named(tx: Reader, names: Iterable[str]) -> gpd.GeoDataFrame:
    """Return the merchants of these names: name, source_lon, source_lat, geometry (WGS 84)."""
    rows = tx.rows("merchant", name=sorted(set(names)))
    columns = {c: [row[c] for row in rows] for c in ("name", "source_lon", "source_lat")}
    points = shapely.from_wkb([row["geom"] for row in rows])
    return gpd.GeoDataFrame(columns, geometry=points, crs=4326)


def opening(
    written: str,
    status: str,
    closed_until: str,
    at: datetime,
    *,
    calendar: hours.Calendar = hours.CALENDAR,
) -> tuple[str, hours.State]:
    """Return a merchant's status and whether it is open at a moment, and until when.

    ``written`` are its hours. A merchant that was closed until a day before is published
    again. One that is still closed is not open, and opens when its hours first say so after
    that day.
    """
    if status != Status.CLOSED:
        return str(status), hours.state(written, at, calendar=calendar)
    last = last_day(closed_until)
    if last is None:
        return str(Status.CLOSED), hours.State(open=False, until=None)
    again = last + timedelta(days=1)
    if again <= at:
        return str(Status.PUBLISHED), hours.state(written, at, calendar=calendar)
    then = hours.state(written, again, calendar=calendar)
    until = then.until if then.open is False else again
    return str(Status.CLOSED), hours.State(open=False, until=until)
