"""Accounts, keys and the access log, for those who may look after them."""

from collections import Counter
from collections.abc import Iterable

from geodata import ids, keys
from geodata.accounts.holding import idle
from geodata.accounts.rules import account, folded, own_account, public
from geodata.errors import NotFound
from geodata.keys import Kind
from geodata.policy import Action, Actor, require
from geodata.store import Reader, Writer
from geodata.store.records import Values


def any_account(tx: Reader) -> bool:
    """Tell whether anybody has an account here."""
    return bool(tx.records("account", limit=1))


def named(tx: Reader, name: str) -> Values:
    """Return the account of a name, without its secrets.

    Raises
    ------
    NotFound
        ``account_not_found``.
    """
    found = tx.records("account", name=folded(name))
    if not found:
        raise NotFound("account_not_found", key=name)
    return public(found[0])


def name_of(tx: Reader, account_id: str) -> str:
    """Return the name of an account, "" where there is none: for saying whose a shop is."""
    found = tx.records("account", id=account_id) if account_id else []
    return str(found[0]["name"]) if found else ""


def titles(tx: Reader, names: Iterable[str]) -> dict[str, str]:
    """Return what those who sign in by these names are called, as far as they told.

    Where two accounts are called alike the name stands behind, so that nobody passes for another.
    """
    rows = tx.records("account", name=sorted(set(names)))
    called = {row["name"]: row["title"] for row in rows if row["title"]}
    others = tx.records("account", title=sorted(set(called.values())))
    known = Counter(row["title"] for row in others)
    return {
        name: f"{title} · {name}" if known[title] > 1 and title != name else title
        for name, title in called.items()
    }


def get(tx: Reader, account_id: str, *, actor: Actor) -> Values:
    """Return an account of the actor's scope, without its secrets.

    Raises
    ------
    NotFound
        ``account_not_found``.
    Forbidden
    """
    row = account(tx, account_id)
    require(actor, Action.ACCOUNT_EDIT, area=row["scope"])
    return public(row)


def listed(tx: Reader, *, actor: Actor) -> list[Values]:
    """Return the accounts of the actor's scope by name, without their secrets.

    ``seen`` is when one was last used: the moment of its newest session's last sign of life.
    """
    require(actor, Action.ACCOUNT_EDIT, area=actor.scope)
    rows = tx.records("account", order=("name",))
    rows = [row for row in rows if row["scope"].startswith(actor.scope)]
    seen: dict[str, str] = {}
    for key in tx.records("key", kind=str(Kind.SESSION)):
        seen[key["account"]] = max(key["seen"], seen.get(key["account"], ""))
    return [public(row) | {"seen": seen.get(row["id"], "")} for row in rows]


def own(tx: Reader, *, actor: Actor) -> Values:
    """Return one's own account, without its secrets."""
    return public(own_account(tx, actor))


def open_keys(tx: Reader, *kinds: Kind, actor: Actor) -> list[Values]:
    """Return the keys of these kinds that open something now, newest first, in the scope.

    For administrators; one's own sessions are :func:`own_sessions`.
    """
    require(actor, Action.ACCOUNT_EDIT, area=actor.scope)
    rows = tx.records("key", order=("created",), newest=True, kind=[*map(str, kinds)], ended="")
    return [_known(row) for row in rows if keys.valid(row) and row["scope"].startswith(actor.scope)]


def own_sessions(tx: Reader, *, actor: Actor) -> list[Values]:
    """Return one's own sessions that go on, newest first; ``title`` is the network of each."""
    told = {"account": own_account(tx, actor)["id"], "kind": str(Kind.SESSION), "ended": ""}
    rows = tx.records("key", order=("created",), newest=True, **told)
    return [_known(row) for row in rows if keys.valid(row) and not idle(row)]


def end_key(tx: Writer, key_id: str, *, actor: Actor) -> None:
    """End an invitation or a token.

    Raises
    ------
    NotFound
        ``key_not_found``.
    """
    kinds = [str(Kind.INVITATION), str(Kind.TOKEN)]
    found = tx.records("key", id=key_id, kind=kinds) if ids.is_one(key_id) else []
    if not found:
        raise NotFound("key_not_found", key=key_id)
    require(actor, Action.ACCOUNT_EDIT, area=found[0]["scope"])
    keys.end(tx, id=key_id)
    tx.note("key_end", by=actor, target=key_id, area=found[0]["scope"])


def log(tx: Reader, *, actor: Actor, before: int | None = None, limit: int = 100) -> list[Values]:
    """Return lines of the access log, newest first: at, by, role, what, target, area, network."""
    require(actor, Action.LOG_READ, area=actor.scope)
    after = () if before is None else (before,)
    return tx.records(
        "log", order=("seq",), newest=True, after=after, limit=limit, area=actor.scope
    )


def _known(row: Values) -> Values:
    return {k: v for k, v in row.items() if k != "digest"}
