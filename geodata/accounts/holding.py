"""Who holds a key: from the token of a cookie or a program to the one who acts."""

from datetime import UTC, datetime, timedelta

from geodata import keys
from geodata.accounts.rules import moment
from geodata.errors import NotFound
from geodata.keys import Kind
from geodata.policy import Actor, Role
from geodata.store import Reader, Writer, now
from geodata.store.records import Values

IDLE = timedelta(hours=12)

_SEEN_EVERY = timedelta(minutes=5)  # noting each request would make every reading a writing


def actor_of(tx: Reader, token: str, *kinds: Kind, network: str = "") -> Actor | None:
    """Return who holds a key of one of the kinds, or None where it opens nothing now.

    A link's holder owns its merchant, but not what that was merged into: who registers a shop
    that is there already must not come to own it.
    """
    row = keys.find(tx, token, *kinds)
    if row is None:
        return None
    if row["kind"] == Kind.TOKEN:
        name = f"token:{row['title']}"
        return Actor(name, Role(row["role"]), row["scope"], network=network)
    if row["kind"] == Kind.LINK:
        owns = frozenset({row["merchant"]})
        return Actor(f"link:{row['id']}", Role.MERCHANT, owns=owns, network=network)
    if row["kind"] != Kind.SESSION or idle(row):
        return None
    found = tx.records("account", id=row["account"], disabled=False)
    return actor_for(tx, found[0], network) if found else None


def actor_for(tx: Reader, row: Values, network: str) -> Actor:
    """Return who acts with an account."""
    owns: set[str] = set()
    if row["role"] == Role.MERCHANT:
        owns = {shop["id"] for shop in tx.rows("merchant", columns=["id"], owner=row["id"])}
    return Actor(row["name"], Role(row["role"]), row["scope"], frozenset(owns), row["id"], network)


def idle(row: Values) -> bool:
    """Tell whether a session has ended because nobody used it."""
    return not row["seen"] or moment(row["seen"]) + IDLE < datetime.now(UTC)


def holder_of(tx: Reader, token: str, *kinds: Kind, network: str = "") -> Actor:
    """Return who holds a key that must open something: a link that was just followed.

    Raises
    ------
    NotFound
        ``link_not_valid``: renewed, expired, or never one.
    """
    found = actor_of(tx, token, *kinds, network=network)
    if found is None:
        raise NotFound("link_not_valid")
    return found


def touch(tx: Writer, token: str) -> None:
    """Note that a key was used just now."""
    tx.revise("key", {"seen": now()}, digest=keys.digest(token))


def touched(row: Values) -> bool:
    """Tell whether a key's last use is noted well enough."""
    return bool(row["seen"]) and moment(row["seen"]) + _SEEN_EVERY > datetime.now(UTC)
