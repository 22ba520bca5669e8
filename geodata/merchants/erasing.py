"""Erasing a merchant on legal request, and what another took over from it."""

from collections.abc import Mapping
from dataclasses import dataclass

from geodata.merchants.entry import split_phones, terms
from geodata.policy import Action, Actor, require
from geodata.store import Writer
from geodata.store.records import Values


@dataclass(frozen=True, slots=True)
class Cleared:
    """A merchant from which was taken what it had from an erased one.

    ``fields`` are blank now, or without the erased one's phones; ``changed`` were taken over too,
    but rewritten since: somebody must look whether they still tell of the erased one.
    """

    merchant: str
    name: str
    fields: list[str]
    changed: list[str]


def erase(tx: Writer, merchant_id: str, *, actor: Actor, why: str) -> list[Cleared]:
    """Delete a merchant on legal request, with its contact, proposals, links, keys and history.

    Entries that were merged into it tell of the same shop, and go with it. What another took
    over when this one was merged into it goes from there too, and from its history; told is
    from which. No other function of a subject deletes: a merchant that is gone from the map is
    retired. The history keeps that it was erased, when, by whom and why. What plans tell of it
    :func:`geodata.plans.forget` takes out, which must come first.

    Raises
    ------
    Forbidden, NotFound
    """
    row = tx.row("merchant", merchant_id)
    require(actor, Action.MERCHANT_ERASE, area=row["area"])
    cleared = _taken_back(tx, merchant_id, None, actor, why, {merchant_id})
    tx.erase("contact", merchant=merchant_id)
    tx.erase("proposal", merchant=merchant_id)
    tx.erase("key", merchant=merchant_id)
    tx.erase("idempotency", result=merchant_id)
    tx.erase_row("merchant", merchant_id, by=actor, why=why)
    tx.note("merchant_erase", by=actor, target=merchant_id, area=row["area"])
    for before in tx.rows("merchant", columns=("id",), merged=merchant_id):
        cleared += erase(tx, before["id"], actor=actor, why=why)
    return cleared


def _taken_back(
    tx: Writer,
    source: str,
    told: Mapping[str, str] | None,
    actor: Actor,
    why: str,
    seen: set[str],
) -> list[Cleared]:
    """Take from others what they took over from a merchant, of these values only where told."""
    cleared = []
    for into, taken in _took(tx, source).items():
        theirs = {k: v for k, v in taken.items() if told is None or told.get(k) == v}
        if not theirs or into in seen:
            continue
        seen.add(into)
        # Whoever took it over from there has it from the erased one too.
        cleared += _taken_back(tx, into, theirs, actor, why, seen)
        cleared.append(_clear(tx, into, theirs, actor, why))
    # Where a merger was undone since, only the history told of it.
    return [one for one in cleared if one.fields or one.changed]


def _took(tx: Writer, source: str) -> dict[str, Values]:
    """Return which merchants took over what from one: also where that was undone since."""
    found: dict[str, Values] = {}
    for merger in tx.history("merchant", source):
        if not merger["batch"] or "merged" not in merger["before"]:
            continue
        others = {one["key"] for one in tx.of_batch(merger["batch"])} - {source}
        for into in others & {row["id"] for row in tx.rows("merchant", keys=[*others])}:
            found.setdefault(into, {}).update(_written(tx, into, merger["batch"]))
    return found


def _written(tx: Writer, key: str, batch: str) -> Values:
    """Return the columns that a decision's merger filled, with what it wrote there."""
    stood = tx.row("merchant", key)
    for entry in tx.history("merchant", key):
        if entry["batch"] == batch and entry["action"] == "merge":
            return {name: stood[name] for name in entry["before"] if name in _FILLED}
        stood |= entry["before"]
    return {}


def _clear(tx: Writer, key: str, taken: Mapping[str, str], actor: Actor, why: str) -> Cleared:
    row = tx.row("merchant", key)
    require(actor, Action.MERCHANT_ERASE, area=row["area"])
    told = _without(row, taken)
    if told:
        changes = told | {"terms": terms(row | told)}
        tx.update_many("merchant", [(row, changes)], by=actor, action="erase", why=why)
    tx.rewrite("merchant", key, lambda before: before | _without(before, taken))
    changed = sorted(name for name in taken.keys() - told.keys() if row[name])
    return Cleared(key, row["name"], sorted(told), changed)


def _without(row: Mapping[str, str], taken: Mapping[str, str]) -> Values:
    """Return the columns that would differ without what was taken over."""
    left = {name: _left(name, row[name], value) for name, value in taken.items() if name in row}
    return {name: value for name, value in left.items() if value != row[name]}


def _left(name: str, value: str, taken: str) -> str:
    if name == "phones":
        return ";".join([one for one in split_phones(value) if one not in split_phones(taken)])
    return "" if value == taken else value


_FILLED = frozenset({"address", "phones", "hours", "note", "credit_code"})
