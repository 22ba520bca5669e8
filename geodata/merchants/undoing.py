"""Taking back one version, or what was written together."""

from collections.abc import Iterable, Mapping
from typing import Any

from geodata.errors import Conflict, NotFound
from geodata.merchants.batches import restored
from geodata.merchants.entry import Status
from geodata.policy import Action, Actor, require
from geodata.store import Writer
from geodata.store.records import Values


def undo(tx: Writer, merchant_id: str, version: int, *, actor: Actor, why: str = "") -> Values:
    """Take back what one version changed, and return the row; a merchant that it added retires.

    An undo is an edit like any other, and can be undone.

    Raises
    ------
    Conflict
        ``undo_superseded``: later versions changed the same fields; details name them.
    NotFound
        ``merchant_not_found``, ``version_not_found``.
    """
    row = tx.row("merchant", merchant_id)
    require(actor, Action.MERCHANT_EDIT, area=row["area"])
    entries = tx.history("merchant", merchant_id)
    entry = next((one for one in entries if one["version"] == version), None)
    if entry is None:
        raise NotFound("version_not_found", key=merchant_id, version=version)
    before = entry["before"] if version > 1 else {"status": str(Status.RETIRED)}
    _refuse_superseded(merchant_id, before, (one for one in entries if one["version"] > version))
    edits = restored(tx, [(row, before)], actor=actor)
    told = tx.update_many("merchant", edits, by=actor, action="undo", why=why)
    return told[0] if told else row


def undo_whole(tx: Writer, batch: str, *, actor: Actor, why: str = "") -> list[Values]:
    """Take back all that was written under a batch, or nothing, and return the rows.

    Use it for what is few and hangs together, such as a decision; ``undo_batch`` for an
    import, which keeps what was changed since.

    Raises
    ------
    Conflict
        ``undo_superseded``: later versions changed the same fields; details name them.
    Forbidden
    """
    written: dict[str, list[Values]] = {}
    for entry in tx.of_batch(batch):
        if entry["subject"] == "merchant":
            written.setdefault(entry["key"], []).append(entry)
    edits: list[tuple[Values, Mapping[str, Any]]] = []
    for key, entries in written.items():
        row = tx.row("merchant", key)
        require(actor, Action.MERCHANT_EDIT, area=row["area"])
        before: Values = {}
        for entry in entries:  # the newest first: what the oldest says was there wins
            was = entry["before"] if entry["version"] > 1 else {"status": str(Status.RETIRED)}
            before |= was
        newest = entries[0]["version"]
        later = [one for one in tx.history("merchant", key) if one["version"] > newest]
        _refuse_superseded(key, before, later)
        edits.append((row, before))
    told = restored(tx, edits, actor=actor)
    return tx.update_many("merchant", told, by=actor, action="undo", why=why)


def _refuse_superseded(key: str, before: Mapping[str, Any], later: Iterable[Values]) -> None:
    if again := {name for one in later for name in one["before"]} & before.keys():
        raise Conflict("undo_superseded", key=key, fields=sorted(again))
