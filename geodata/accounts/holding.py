"""Who holds a key: from the token of a cookie or a program to the one who acts."""

from datetime import UTC, datetime, timedelta

from geodata import keys
from geodata.accounts.rules import moment
from geodata.errors import Forbidden, NotFound
from geodata.keys import Kind
from geodata.policy import Actor, Role
from geodata.store import Reader, Writer, now
from geodata.store.records import Values

IDLE = timedelta(hours=12)

_LINK = "link:"

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
        return Actor(f"{_LINK}{row['id']}", Role.MERCHANT, owns=owns, network=network)
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


def standing(tx: Writer, actor: Actor) -> Actor:
    """Return who acts as it is in this transaction: the head of every write that makes a key.

    Who asks was looked up before the transaction, and may have been shut out since. What is
    judged by this stands until the commit (see :func:`hold`).

    Raises
    ------
    Forbidden
        ``not_signed_in``: the account is disabled by now.
    NotFound
        ``link_not_valid``: the private link has ended by now.
    """
    if actor.account:
        hold(tx, actor.account)
        found = tx.records("account", id=actor.account, disabled=False)
        if not found:
            raise Forbidden("not_signed_in")
        return actor_for(tx, found[0], actor.network)
    if actor.name.startswith(_LINK):
        link = tx.records("key", id=actor.name.removeprefix(_LINK), kind=str(Kind.LINK))
        if not any(map(keys.valid, link)):
            raise NotFound("link_not_valid")
    return actor


def hold(tx: Writer, account_id: str) -> None:
    """Let who makes keys by an account, and who ends them, wait for each other."""
    tx.hold(f"keys of {account_id}")


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
