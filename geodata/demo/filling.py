"""Put the demonstration into an empty store, and take it away again."""

from geodata import areas, homes, merchants
from geodata.demo import DEMO_COMMUNITY, Neighbourhood
from geodata.errors import Conflict
from geodata.policy import Action, Actor, require
from geodata.store import Writer


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
    merchants.merge(tx, made.merchants, actor=actor, why="demo")
    tx.set_meta("demo", "yes")
    tx.set_meta("area", DEMO_COMMUNITY)


def remove(tx: Writer, *, actor: Actor) -> None:
    """Empty a store that holds the demonstration; the categories stay as they are.

    Raises
    ------
    Conflict
        ``demo_missing``; ``demo_mixed``: something in the store was not made by
        :func:`fill`, and real data are never removed.
    Forbidden
        ``forbidden``: for administrators.
    """
    require(actor, Action.STORE_RESTORE)
    if tx.meta("demo") != "yes":
        raise Conflict("demo_missing")
    if tx.touched_otherwise("demo"):
        raise Conflict("demo_mixed")
    tx.clear(keep=("category", "meta"))
    tx.set_meta("demo", "removed")
    tx.set_meta("area", "")
