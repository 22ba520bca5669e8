"""Entries added, seen, changed and removed: by people, with the right key."""

from dataclasses import dataclass

from geodata import ids
from geodata.elders.entry import Elder
from geodata.elders.listing import demand_key
from geodata.errors import Conflict, Forbidden
from geodata.policy import Action, Actor, Role, require
from geodata.store import Reader, Writer, now
from geodata.store.records import Values
from geodata.vault import Vault

HELD = "elders"
"""What a transaction holds that writes entries: one at a time, and by the keys of now."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry with what is told in it. ``changed`` is its version, ISO 8601, UTC."""

    id: str
    home: str
    area: str
    changed: str
    by: str
    told: Elder


def look(tx: Writer, elder_id: str, vault: Vault, *, actor: Actor) -> Opened:
    """Open one entry, and record who opened which, never what it said.

    Raises
    ------
    Forbidden
        ``forbidden``: for workers of the area, and for people: a machine's token opens none.
    NotFound
        ``elder_not_found``.
    Unavailable
        ``elders_key_missing``, ``elders_key_wrong``, ``elder_swapped``.
    """
    row, area = found(tx, elder_id)
    allow(actor, Action.ELDER_READ, area)
    told = _opened(row, vault)
    tx.note("elder_read", by=actor, target=elder_id, area=area)
    return Opened(elder_id, row["home"], area, row["changed"], row["by"], told)


def add(tx: Writer, home_id: str, told: Elder, vault: Vault, *, actor: Actor) -> str:
    """Enter somebody as living alone in a home, and return the entry's id.

    Raises
    ------
    Forbidden
        ``forbidden``: for workers of the area.
    NotFound
        ``home_not_found``.
    Invalid
        ``elder_invalid``, as :meth:`Elder.check`.
    Conflict
        ``elder_known``: an entry of this name and this flat is there.
    Unavailable
        ``elders_key_missing``; ``elders_key_wrong``: the keys do not open what was entered
        before, so that nothing is put beside it.
    """
    area = tx.row("home", home_id)["area"]
    allow(actor, Action.ELDER_EDIT, area)
    told.check()
    tx.hold(HELD)
    demand_key(tx, vault)
    if any(told.flat == other.flat for other in of_home(tx, home_id, vault).values()):
        raise Conflict("elder_known")
    elder_id = put(tx, home_id, area, told, vault, actor=actor)
    tx.note("elder_add", by=actor, target=elder_id, area=area)
    return elder_id


def change(
    tx: Writer, elder_id: str, told: Elder, vault: Vault, *, seen: str, actor: Actor
) -> None:
    """Change what is told of somebody; ``seen`` is the ``changed`` of the entry that was seen.

    Raises
    ------
    Forbidden
        ``forbidden``: for workers of the area.
    NotFound
        ``elder_not_found``.
    Invalid
        ``elder_invalid``.
    Conflict
        ``version_stale``.
    Unavailable
        ``elders_key_missing``, ``elders_key_wrong``, ``elder_swapped``: what cannot be opened is
        not written over.
    """
    tx.hold(HELD)
    row, area = found(tx, elder_id)
    allow(actor, Action.ELDER_EDIT, area)
    told.check()
    demand_key(tx, vault)
    before = _opened(row, vault)
    if seen != row["changed"]:
        raise Conflict("version_stale", key=elder_id, seen=seen, current=row["changed"])
    if told != before:
        put(tx, row["home"], area, told, vault, actor=actor, elder_id=elder_id)
        tx.note("elder_edit", by=actor, target=elder_id, area=area)


def remove(tx: Writer, elder_id: str, vault: Vault, *, actor: Actor) -> None:
    """Take somebody off the list who moved away, is not alone any more, or has died.

    Only what the key opens: what nobody can read now may be read again when the key is found.
    On legal request :func:`geodata.elders.erase` asks for no key.

    Raises
    ------
    Forbidden
        ``forbidden``: for workers of the area.
    NotFound
        ``elder_not_found``.
    Unavailable
        ``elders_key_missing``, ``elders_key_wrong``, ``elder_swapped``.
    """
    tx.hold(HELD)
    row, area = found(tx, elder_id)
    allow(actor, Action.ELDER_EDIT, area)
    _opened(row, vault)
    # The sealed text too is gone from every byte: a key may be found out later.
    tx.erased = True
    tx.erase("elder", id=elder_id)
    tx.note("elder_remove", by=actor, target=elder_id, area=area)


def found(tx: Reader, elder_id: str) -> tuple[Values, str]:
    """Return an entry's row, and the area that its home lies in now."""
    row = tx.record("elder", elder_id)
    return row, tx.row("home", row["home"])["area"]


def allow(actor: Actor, action: Action, area: str) -> None:
    """Refuse who may not do this in the area, and every machine: names are seen by people."""
    require(actor, action, area=area)
    if actor.role != Role.ADMIN and not actor.account:
        raise Forbidden("forbidden", action=str(action), role=str(actor.role), area=area)


def of_home(tx: Reader, home_id: str, vault: Vault) -> dict[str, Elder]:
    """Return what the entries of a home tell, by id, as far as they open; for comparing only."""
    rows = tx.records("elder", home=home_id, order=("changed", "id"))
    return {row["id"]: _opened(row, vault) for row in rows if vault.opens(row["sealed"])}


def _opened(row: Values, vault: Vault) -> Elder:
    return Elder(**vault.open(row["id"], row["sealed"], home=row["home"]))


def put(
    tx: Writer,
    home: str,
    area: str,
    told: Elder,
    vault: Vault,
    *,
    actor: Actor,
    elder_id: str = "",
) -> str:
    """Write an entry, a new one where no id is told, and return its id."""
    key = elder_id or ids.fresh(1)[0]
    row = {"id": key, "home": home, "area": area, "changed": now(), "by": actor.name}
    tx.put("elder", row | {"sealed": vault.seal(key, told.told(), home=home)})
    return key
