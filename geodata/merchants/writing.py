"""Writing merchants: proposed, added, changed, and merged from files."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd

from geodata import areas, ids, keys, merging
from geodata.datum import Datum
from geodata.errors import Invalid
from geodata.merchants.entry import (
    MerchantEntry,
    Status,
    entry_of,
    last_day,
    terms,
)
from geodata.merging import Kind, Merged
from geodata.policy import Action, Actor, Role, can, require
from geodata.store import PUBLIC, Progress, Reader, Writer, now
from geodata.store.records import Values

SMALL = frozenset({"hours", "closed_until"})
"""What a trusted owner changes at once: it is true today and wrong tomorrow."""

_BLANK = {"closed_until": "", "owner": "", "merged": "", "trusted": False}
_NEW = _BLANK | dict.fromkeys(("address", "phones", "hours", "note", "area", "credit_code"), "")
_STATE = frozenset({"status", "closed_until"})


def propose(tx: Writer, entry: MerchantEntry, *, actor: Actor) -> str:
    """Put a merchant before the area's reviewers and return its id.

    Raises
    ------
    Invalid
        ``merchant_invalid``, as :meth:`MerchantEntry.check` tells.
    """
    return _enter(tx, entry, Status.PENDING, Action.MERCHANT_PROPOSE, actor)


def add(tx: Writer, entry: MerchantEntry, *, actor: Actor) -> str:
    """Put a merchant on the map at once and return its id; for staff. See :func:`propose`."""
    return _enter(tx, entry, Status.PUBLISHED, Action.MERCHANT_EDIT, actor)


def _enter(tx: Writer, entry: MerchantEntry, status: Status, action: Action, actor: Actor) -> str:
    told = entry.row()
    (area,) = areas.containing(tx, told["lon"], told["lat"])
    require(actor, action, area=area)
    # A category that an administrator has hidden is for staff only to fill.
    entry.check(tx, offered=not can(actor, Action.MERCHANT_EDIT, area=area))
    (merchant_id,) = ids.fresh(1)
    row = told | _BLANK | {"id": merchant_id, "area": area, "status": str(status)}
    tx.insert("merchant", [row | {"terms": terms(row)}], by=actor)
    return merchant_id


def edit(
    tx: Writer,
    merchant_id: str,
    changes: Mapping[str, Any],
    *,
    version: int,
    actor: Actor,
    why: str = "",
    action: str = "edit",
) -> Values:
    """Change what is told of a merchant, and return its row.

    For staff, and for owners as far as :func:`at_once` says. ``changes`` holds fields of
    :class:`MerchantEntry`, ``closed_until`` (ISO date, the last closed day, closes what is on
    the map, and "" opens it again) and, for staff, ``status``. A new position needs ``lon`` and
    ``lat`` both and, unless it is WGS 84, ``datum``.

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
    if not at_once(old, changes, actor=actor):
        require(actor, Action.MERCHANT_EDIT, area=old["area"])
    row = changed(tx, old, changes)
    if row.get("status") in PUBLIC:
        row["merged"] = ""  # what is brought back lives by itself again
    if row["area"] != old["area"] and actor.role != Role.MERCHANT:
        require(actor, Action.MERCHANT_EDIT, area=row["area"])
    follow(tx, old, row)
    if old["status"] == Status.PENDING != row.get("status", Status.PENDING):
        settle(tx, old, row["status"], actor)
    told = row | {"terms": terms(row)}
    return tx.update(
        "merchant", merchant_id, told, version=version, by=actor, why=why, action=action
    )


def settle(tx: Writer, old: Values, status: str, actor: Actor) -> None:
    """Let a registration that staff put on the map, or took away, wait for nobody any more."""
    state = "accepted" if status in PUBLIC else "refused"
    told = {"state": state, "decided": now(), "decided_by": actor.name}
    undecided = ["open", "returned"]
    tx.revise("proposal", told, merchant=old["id"], kind="new", state=undecided)


def follow(tx: Writer, old: Values, new: Mapping[str, Any]) -> None:
    """Let what is proposed of a merchant lie before the reviewers of where it is now."""
    if new.get("area", old["area"]) != old["area"]:
        tx.revise("proposal", {"area": new["area"]}, merchant=old["id"])


def entrust(
    tx: Writer, merchant_id: str, *, owner: str, trusted: bool, version: int, actor: Actor
) -> Values:
    """Say whose a merchant is (an account's id, "" is nobody's) and whether it is trusted.

    Raises
    ------
    Invalid
        ``merchant_invalid`` with ``owner``: no merchant's account, or a disabled one.
    """
    old = tx.row("merchant", merchant_id)
    require(actor, Action.MERCHANT_EDIT, area=old["area"])
    told = {"owner": owner, "trusted": trusted}
    if owner != old["owner"]:
        role = str(Role.MERCHANT)
        if owner and not tx.records("account", id=owner, role=role, disabled=False):
            raise Invalid("merchant_invalid", owner="not_a_merchants")
        # A private link is worth what the present owner allows.
        keys.end(tx, merchant=merchant_id, kind=str(keys.Kind.LINK))
    return tx.update("merchant", merchant_id, told, version=version, by=actor, action="entrust")


def at_once(old: Values, changes: Mapping[str, Any], *, actor: Actor) -> bool:
    """Tell whether an owner's changes need no review: small ones of the trusted, or of what pends.

    Staff need :attr:`Action.MERCHANT_EDIT` instead, which :func:`edit` asks for.
    """
    if actor.role != Role.MERCHANT:
        return False
    mine = can(actor, Action.MERCHANT_AMEND, area=old["area"], merchant=old["id"])
    if old["status"] == Status.PENDING:
        return mine and not changes.keys() & _STATE
    return mine and bool(old["trusted"]) and old["status"] in PUBLIC and changes.keys() <= SMALL


def changed(tx: Reader, old: Values, changes: Mapping[str, Any]) -> Values:
    """Return the columns that a row would have with these changes, checked; see :func:`edit`."""
    extra = {k: v for k, v in changes.items() if k in _STATE}
    told = {k: v for k, v in changes.items() if k not in extra}
    before = entry_of(old)
    if unknown := told.keys() - before.keys():
        raise Invalid("field_unknown", fields=sorted(unknown))
    _check_state(extra)
    if extra.get("status") == Status.PENDING != old["status"]:
        # It would be on no map and in no queue.
        raise Invalid("merchant_invalid", status="unknown")
    if "closed_until" in extra and "status" not in extra and old["status"] in PUBLIC:
        extra["status"] = str(Status.CLOSED if extra["closed_until"] else Status.PUBLISHED)
    moved = {"lon", "lat", "datum"} & told.keys()
    if moved:
        if not {"lon", "lat"} <= moved:
            raise Invalid("merchant_invalid", position="incomplete")
        before["datum"] = Datum.WGS84
    entry = MerchantEntry(**(before | told))
    entry.check(tx)
    row = entry.row() | extra
    if not moved:
        row |= {"lon": old["lon"], "lat": old["lat"]}
    (row["area"],) = areas.containing(tx, row["lon"], row["lat"])
    return row


def _check_state(told: Mapping[str, Any]) -> None:
    if told.get("status", Status.PUBLISHED) not in set(Status):
        raise Invalid("merchant_invalid", status="unknown")
    if told.get("closed_until") and last_day(told["closed_until"]) is None:
        raise Invalid("merchant_invalid", closed_until="not_a_date")


def merge(
    tx: Reader,
    table: gpd.GeoDataFrame,
    *,
    actor: Actor,
    why: str = "",
    progress: Progress | None = None,
    leave_outside: bool = False,
) -> Merged:
    """Put a file's merchants on the map, or change those that are known.

    Where ``tx`` can only read, this is a rehearsal: it tells the same, and nobody has to wait.

    Parameters
    ----------
    table
        WGS 84 Point ``geometry``; ``row``, ``id`` ("" where the file has none), name, category,
        source_datum, source_lon, source_lat, address, phones, hours, note; the demonstration has
        ``created`` besides. Categories must be known. What waits for a reviewer is left to one.
        An empty cell leaves what is known, and a retired merchant stays retired unless the file
        has a status, or it is retired only because an import was taken back.
    progress
        Called with the rows done and the rows in all.
    leave_outside
        Leave out what lies outside the actor's scope, and tell, instead of refusing everything.

    Returns
    -------
    Merged
        The numbers, each ``row`` that repeats a place named before it or lies outside, and
        what became of the others.

    Raises
    ------
    Forbidden
        ``forbidden``: for staff, and every place in their scope.
    """
    return merging.merge(
        tx,
        table,
        _kind(tx),
        actor=actor,
        why=why,
        progress=progress,
        leave_outside=leave_outside,
    )


def _kind(tx: Reader) -> Kind:
    def rows(batch: gpd.GeoDataFrame) -> list[Values]:
        lon, lat = batch.geometry.x.to_numpy(), batch.geometry.y.to_numpy()
        kept = [c for c in batch.columns if c in _FILE_COLUMNS]
        told = batch[kept].assign(lon=lon, lat=lat, area=areas.containing(tx, lon, lat))
        # to_dict("records") boxes cell by cell: ten times slower.
        columns = [told[name].tolist() for name in told.columns]
        names = [*told.columns]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]

    by = ("name", "category")
    return Kind("merchant", by, Action.MERCHANT_EDIT, rows, _completed, _derived, _shown, follow)


def _shown(row: Values) -> Values:
    status = Status.CLOSED if row.get("closed_until") else Status.PUBLISHED
    return {"status": str(status)}


def _completed(row: Values) -> Values:
    full = _NEW | _shown(row) | {k: v for k, v in row.items() if v != ""}
    full["terms"] = terms(full)
    return full


def _derived(old: Values, told: Values) -> Values:
    if told.get("status") in PUBLIC:
        told = told | {"merged": ""}  # as in edit()
    if any(told[k] != old[k] for k in ("name", "address", "phones") if k in told):
        return told | {"terms": terms(old | told)}
    return told


_FILE_COLUMNS = frozenset(
    {"row", "id", "name", "category", "source_datum", "source_lon", "source_lat", "address"}
    | {"phones", "hours", "note", "status", "closed_until", "created"}
)
