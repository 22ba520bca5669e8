"""Entries erased on legal request, and sealed anew when the key changes."""

from itertools import batched
from typing import NamedTuple

from geodata import areas
from geodata.elders.keeping import HELD, found
from geodata.errors import Unavailable
from geodata.policy import Action, Actor, require
from geodata.store import Reader, Writer
from geodata.store.records import Values
from geodata.vault import Vault

_AT_ONCE = 5000


class Resealed(NamedTuple):
    """What a change of the key did: entries sealed anew, and those that no key opened."""

    anew: int
    shut: int


def erase(
    tx: Writer, *, actor: Actor, elder: str = "", home: str = "", area: str | None = None
) -> int:
    """Delete an entry, all of a home, or all of an area, on legal request; tell how many.

    Exactly one of the three is told; an ``area`` of "" is everywhere. Needs no key, so that it
    can be done when that is lost. Nothing of what was sealed stays in the store; that it was
    erased, when and by whom, stays in the access log. What rounds of visits tell of them
    :func:`geodata.rounds.forget` takes out, which must come first.

    Raises
    ------
    Forbidden
        ``forbidden``: for administrators of the area.
    NotFound
        ``elder_not_found``, ``home_not_found``.
    Invalid
        ``area_code_invalid``.
    """
    tx.hold(HELD)
    gone = meant(tx, actor=actor, elder=elder, home=home, area=area)
    tx.erased = True
    for rows in batched(gone, _AT_ONCE):
        tx.erase("elder", id=[row["id"] for row in rows])
        for row in rows:
            tx.note("elder_erase", by=actor, target=row["id"], area=row["area"])
    return len(gone)


def meant(
    tx: Reader, *, actor: Actor, elder: str = "", home: str = "", area: str | None = None
) -> list[Values]:
    """Return the entries that :func:`erase` would delete; none of them is opened.

    Raises
    ------
    Forbidden, NotFound, Invalid
        As :func:`erase`.
    """
    if elder:
        row, where = found(tx, elder)
        require(actor, Action.ELDER_ERASE, area=where)
        return [row]
    if home:
        require(actor, Action.ELDER_ERASE, area=tx.row("home", home)["area"])
        return tx.records("elder", home=home)
    if area is None:
        raise ValueError("nothing was told to be erased")
    inside = areas.prefix(area)
    require(actor, Action.ELDER_ERASE, area=inside)
    return tx.records("elder", area=inside)


def reseal(tx: Writer, vault: Vault, *, actor: Actor) -> Resealed:
    """Seal with the first key all that only a later one opens, so that the later can go.

    What none of them opens stays as it is, and is told.

    Raises
    ------
    Forbidden
        ``forbidden``: for staff of everywhere.
    Unavailable
        ``elders_key_missing``; ``elders_key_wrong``: none of them opens anything.
    """
    require(actor, Action.ELDER_EDIT)
    if not vault.ready:
        raise Unavailable("elders_key_missing")
    tx.hold(HELD)
    rows = tx.records("elder", columns=("id", "sealed"))
    opening = [row for row in rows if vault.opens(row["sealed"])]
    if rows and not opening:
        raise Unavailable("elders_key_wrong")
    older = [row for row in opening if not vault.is_newest(row["sealed"])]
    for row in older:
        tx.revise("elder", {"sealed": vault.resealed(row["sealed"])}, id=row["id"])
    if older:
        # A key is changed because somebody may know it: what it opens must not lie on.
        tx.erased = True
        tx.note("elder_reseal", by=actor, target=str(len(older)))
    return Resealed(len(older), len(rows) - len(opening))
