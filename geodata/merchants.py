"""Merchants (商户、服务点): places that serve residents, from proposal to the map.

A merchant row is a dict with the columns of the store: id, name, category, lon,
lat (WGS 84), source_datum, source_lon, source_lat (as they were given),
address, phones (joined by ";"), hours (as written), note, area (code, "" outside
every area), status, closed_until (ISO date or ""), owner, version, revision,
created, changed.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import geopandas as gpd
import shapely

from geodata import areas, categories, hours, ids, merging, search
from geodata.datum import Datum, convert
from geodata.errors import Invalid, NotFound
from geodata.geometry import BBox
from geodata.merging import Kind, Merged
from geodata.policy import RESIDENT, Action, Actor, can, require
from geodata.store import PUBLIC, Filter, Progress, Reader, Writer
from geodata.store.reader import Values

LONGEST = {"name": 200, "address": 300, "hours": 300, "note": 2000, "phones": 200}
"""Characters that a text may have."""


_WORLD = BBox(-180, -90, 180, 90)


class Status(StrEnum):
    """Where a merchant stands. Residents see the published and the (for a time) closed."""

    PENDING = "pending"
    PUBLISHED = "published"
    CLOSED = "closed"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class MerchantEntry:
    """What somebody tells of a merchant. ``lon`` and ``lat`` are in ``datum``, degrees."""

    name: str
    category: str
    lon: float
    lat: float
    datum: Datum = Datum.WGS84
    address: str = ""
    phones: tuple[str, ...] = ()
    hours: str = ""
    note: str = ""

    def check(self, tx: Reader) -> None:
        """Refuse what cannot stand on the map.

        Raises
        ------
        Invalid
            ``merchant_invalid``: details map a field to "missing", "too_long",
            "unknown" or "out_of_range".
        """
        wrong: dict[str, object] = {}
        for field, longest in LONGEST.items():
            if len(self._text(field)) > longest:
                wrong[field] = "too_long"
        if not self.name.strip():
            wrong["name"] = "missing"
        if self.category not in categories.known(tx):
            wrong["category"] = "unknown"
        if not _WORLD.contains(self.lon, self.lat):
            wrong["position"] = "out_of_range"
        if wrong:
            raise Invalid("merchant_invalid", **wrong)

    def _text(self, field: str) -> str:
        return ";".join(self.phones) if field == "phones" else str(getattr(self, field))

    def row(self) -> Values:
        """Return the columns that the entry tells, position in WGS 84."""
        lon, lat = convert(self.lon, self.lat, self.datum, Datum.WGS84)
        return {
            "name": self.name,
            "category": self.category,
            "lon": lon,
            "lat": lat,
            "source_datum": str(self.datum),
            "source_lon": self.lon,
            "source_lat": self.lat,
            "address": self.address,
            "phones": ";".join(split_phones(self._text("phones"))),
            "hours": self.hours,
            "note": self.note,
        }


_BLANK = {"closed_until": "", "owner": ""}
_NEW = _BLANK | dict.fromkeys(("address", "phones", "hours", "note", "area"), "")


def propose(tx: Writer, entry: MerchantEntry, *, actor: Actor, idempotency_key: str = "") -> str:
    """Put a merchant before the area's reviewers and return its id.

    With an ``idempotency_key`` the same proposal made again returns the same id.

    Raises
    ------
    Invalid
        ``merchant_invalid``, as :meth:`MerchantEntry.check` tells.
    Conflict
        ``idempotency_key_reused`` for another entry; ``idempotency_key_busy``.
    """
    return _enter(tx, entry, Status.PENDING, Action.MERCHANT_PROPOSE, actor, idempotency_key)


def add(tx: Writer, entry: MerchantEntry, *, actor: Actor, idempotency_key: str = "") -> str:
    """Put a merchant on the map at once and return its id; for staff. See :func:`propose`."""
    return _enter(tx, entry, Status.PUBLISHED, Action.MERCHANT_EDIT, actor, idempotency_key)


def _enter(
    tx: Writer, entry: MerchantEntry, status: Status, action: Action, actor: Actor, key: str
) -> str:
    told = entry.row()
    (area,) = areas.containing(tx, told["lon"], told["lat"])
    require(actor, action, area=area)
    entry.check(tx)
    request = hashlib.sha256(repr(entry).encode()).hexdigest()
    if key and (known := tx.recalled(actor.name, key, request)):
        return known
    (merchant_id,) = ids.fresh(1)
    if key:
        tx.remember(actor.name, key, request, merchant_id)
    row = told | _BLANK | {"id": merchant_id, "area": area, "status": str(status)}
    tx.insert("merchant", [row | {"terms": _terms(row)}], by=actor)
    return merchant_id


def edit(
    tx: Writer,
    merchant_id: str,
    changes: Mapping[str, Any],
    *,
    version: int,
    actor: Actor,
    why: str = "",
) -> Values:
    """Change what is told of a merchant, and return its row.

    ``changes`` holds fields of :class:`MerchantEntry`, ``status`` and ``closed_until``.
    A new position needs ``lon`` and ``lat`` both and, unless it is WGS 84, ``datum``.

    Raises
    ------
    NotFound
        ``merchant_not_found``.
    Conflict
        ``version_stale``, when the row is not the one that the caller has seen.
    Invalid
        ``merchant_invalid``; ``field_unknown`` for anything else than the above.
    """
    old = tx.row("merchant", merchant_id)
    require(actor, Action.MERCHANT_EDIT, area=old["area"])
    extra = {k: str(v) for k, v in changes.items() if k in ("status", "closed_until")}
    told = {k: v for k, v in changes.items() if k not in extra}
    entry = _entry(old) | told
    if unknown := set(entry) - set(_entry(old)):
        raise Invalid("field_unknown", fields=sorted(unknown))
    _check_state(extra)
    if moved := {"lon", "lat", "datum"} & told.keys():
        if not {"lon", "lat"} <= moved:
            raise Invalid("merchant_invalid", position="incomplete")
        entry["datum"] = told.get("datum", Datum.WGS84)
    new_entry = MerchantEntry(**entry)
    new_entry.check(tx)
    row = new_entry.row() | extra
    if not moved:
        row |= {"lon": old["lon"], "lat": old["lat"]}
    (row["area"],) = areas.containing(tx, row["lon"], row["lat"])
    require(actor, Action.MERCHANT_EDIT, area=row["area"])
    return tx.update(
        "merchant", merchant_id, row | {"terms": _terms(row)}, version=version, by=actor, why=why
    )


def _check_state(told: Mapping[str, str]) -> None:
    if told.get("status", Status.PUBLISHED) not in set(Status):
        raise Invalid("merchant_invalid", status="unknown")
    if told.get("closed_until") and _last_day(told["closed_until"]) is None:
        raise Invalid("merchant_invalid", closed_until="not_a_date")


def _last_day(closed_until: str) -> datetime | None:
    """Return midnight of an ISO date of the years that hours are known in, or None."""
    try:
        day = datetime.strptime(closed_until, "%Y-%m-%d").replace(tzinfo=hours.SHANGHAI)
    except ValueError:
        return None
    return day if day.year in hours.YEARS else None


def _entry(row: Values) -> dict[str, Any]:
    return {
        "name": row["name"],
        "category": row["category"],
        "lon": row["source_lon"],
        "lat": row["source_lat"],
        "datum": Datum(row["source_datum"]),
        "address": row["address"],
        "phones": split_phones(row["phones"]),
        "hours": row["hours"],
        "note": row["note"],
    }


def split_phones(joined: str) -> tuple[str, ...]:
    """Return the single phones of a row's ``phones``."""
    if ";" not in joined:  # as nearly always
        return (joined,) if joined else ()
    return tuple(filter(None, joined.split(";")))


def _terms(row: Values) -> str:
    return search.terms(row["name"], address=row["address"], phones=split_phones(row["phones"]))


def get(tx: Reader, merchant_id: str, *, actor: Actor = RESIDENT) -> Values:
    """Return a merchant's row, as far as the actor may see it.

    Raises
    ------
    NotFound
        ``merchant_not_found``; ``merchant_retired`` where it was once on the map.
    """
    if not ids.is_one(merchant_id):
        raise NotFound("merchant_not_found", key=merchant_id)
    row = tx.row("merchant", merchant_id)
    if row["status"] in PUBLIC or can(actor, Action.MERCHANT_READ_PRIVATE, area=row["area"]):
        return row
    code = "merchant_retired" if row["status"] == Status.RETIRED else "merchant_not_found"
    raise NotFound(code, key=merchant_id)


def history(tx: Reader, merchant_id: str, *, actor: Actor) -> list[Values]:
    """Return what happened to a merchant, newest first; for staff of its area.

    Raises
    ------
    Forbidden, NotFound
    """
    row = tx.row("merchant", merchant_id)
    require(actor, Action.MERCHANT_READ_PRIVATE, area=row["area"])
    return tx.history("merchant", merchant_id)


def frame(tx: Reader, *, actor: Actor = RESIDENT, area: str = "") -> gpd.GeoDataFrame:
    """Return merchants inside an area-code prefix as a table, WGS 84, for analysis and export.

    The columns are those of a row and ``geometry`` (Point); residents get what the map shows,
    staff of the area also the pending and the retired.
    """
    everything = can(actor, Action.MERCHANT_READ_PRIVATE, area=area)
    statuses = tuple(Status) if everything else PUBLIC
    return tx.frame("merchant", Filter(area=area, statuses=tuple(map(str, statuses))))


def merge(
    tx: Writer,
    table: gpd.GeoDataFrame,
    *,
    actor: Actor,
    why: str = "",
    progress: Progress | None = None,
) -> Merged:
    """Put a file's merchants on the map, or change those that are known.

    Parameters
    ----------
    table
        WGS 84 Point ``geometry``; ``row``, ``id`` ("" where the file has none), name, category,
        source_datum, source_lon, source_lat, address, phones, hours, note. Categories must be
        known. An empty cell leaves what is known, and a retired merchant stays retired unless
        the file has a status.
    progress
        Called with the rows done and the rows in all.

    Returns
    -------
    Merged
        The numbers, and each ``row`` that repeats a place named before it.

    Raises
    ------
    Forbidden
        ``forbidden``: for staff, and every place in their scope.
    """
    return merging.merge(tx, table, _kind(tx), actor=actor, why=why, progress=progress)


def _kind(tx: Reader) -> Kind:
    def rows(batch: gpd.GeoDataFrame) -> list[Values]:
        lon, lat = batch.geometry.x.to_numpy(), batch.geometry.y.to_numpy()
        kept = [c for c in batch.columns if c in _FILE_COLUMNS]
        told = batch[kept].assign(lon=lon, lat=lat, area=areas.containing(tx, lon, lat))
        # to_dict("records") boxes cell by cell: ten times slower.
        columns = [told[name].tolist() for name in told.columns]
        names = [*told.columns]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]

    return Kind("merchant", ("name", "category"), Action.MERCHANT_EDIT, rows, _completed, _derived)


def _completed(row: Values) -> Values:
    status = Status.CLOSED if row.get("closed_until") else Status.PUBLISHED
    full = _NEW | {"status": str(status)} | {k: v for k, v in row.items() if v != ""}
    full["terms"] = _terms(full)
    return full


def _derived(old: Values, told: Values) -> Values:
    if any(told[k] != old[k] for k in ("name", "address", "phones") if k in told):
        return told | {"terms": _terms(old | told)}
    return told


_FILE_COLUMNS = frozenset(
    {"row", "id", "name", "category", "source_datum", "source_lon", "source_lat", "address"}
    | {"phones", "hours", "note", "status", "closed_until"}
)


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
    last = _last_day(closed_until)
    if last is None:
        return str(Status.CLOSED), hours.State(open=False, until=None)
    again = last + timedelta(days=1)
    if again <= at:
        return str(Status.PUBLISHED), hours.state(written, at, calendar=calendar)
    then = hours.state(written, again, calendar=calendar)
    until = then.until if then.open is False else again
    return str(Status.CLOSED), hours.State(open=False, until=until)
