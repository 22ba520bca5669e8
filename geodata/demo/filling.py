"""Put the demonstration into an empty store, and take it away again."""

from typing import NamedTuple

from geodata import areas, homes, merchants, snapshots
from geodata.demo import DEMO_COMMUNITY, Neighbourhood, past
from geodata.errors import Conflict
from geodata.keys import Kind
from geodata.policy import Action, Actor, require
from geodata.store import Reader, Writer

_KEPT = ("category", "meta", "account", "guess", "key", "log")
"""What an office has set up while it looked at the demonstration, and goes on with."""


class Trials(NamedTuple):
    """What was tried on a demonstration: places entered or changed, and proposals.

    Who was entered as living in a place counts as a change of it.
    """

    places: int
    proposals: int


def fill(tx: Writer, made: Neighbourhood, *, actor: Actor) -> None:
    """Put a demonstration into an empty store and note that it is one.

    Raises
    ------
    Forbidden
        ``forbidden``: for administrators.
    """
    require(actor, Action.STORE_RESTORE)
    areas.merge(tx, made.areas, actor=actor, why="demo")
    homes.merge(tx, made.homes, actor=actor, why="demo")
    came = past.arrivals(made.merchants["id"], snapshots.today())
    merchants.merge(tx, made.merchants.assign(created=came), actor=actor, why="demo")
    tx.set_meta("demo", "yes")
    tx.set_meta("area", DEMO_COMMUNITY)


def trials(tx: Reader) -> Trials:
    """Tell what is in a demonstration that :func:`fill` did not make."""
    places = tx.touched_otherwise("demo") + tx.record_count("elder")
    return Trials(places, tx.record_count("proposal"))


def remove(tx: Writer, *, actor: Actor, tried: bool = False) -> None:
    """Empty a store that holds the demonstration.

    Categories stay as they are, and so do accounts with their sessions, invitations and tokens,
    and the access log. ``tried`` takes what was entered and changed by people away as well.

    Raises
    ------
    Conflict
        ``demo_missing``; ``demo_mixed``: something in the store was not made by
        :func:`fill`, and real data are never removed unasked.
    Forbidden
        ``forbidden``: for administrators.
    """
    require(actor, Action.STORE_RESTORE)
    if tx.meta("demo") != "yes":
        raise Conflict("demo_missing")
    found = trials(tx)
    if any(found) and not tried:
        raise Conflict("demo_mixed", places=found.places, proposals=found.proposals)
    shops = [row["id"] for row in tx.rows("merchant", columns=("id",))]
    tx.clear(keep=_KEPT)
    tx.erase("key", kind=str(Kind.LINK))
    for row in tx.records("key", kind=str(Kind.INVITATION)):
        if row["merchant"] in shops:
            tx.erase("key", digest=row["digest"])
    tx.set_meta("demo", "removed")
    tx.set_meta("area", "")
