"""In and out: from a name and a password to a session, and to its end."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from geodata import keys
from geodata.accounts import guessing
from geodata.accounts.codes import fresh_code
from geodata.accounts.holding import IDLE, actor_for, hold
from geodata.accounts.passwords import nobodys, proves
from geodata.accounts.rules import end_sessions, folded, own_account
from geodata.errors import Forbidden
from geodata.keys import Issued, Kind
from geodata.policy import Actor, Role
from geodata.store import Reader, Writer, now
from geodata.store.records import Values

__all__ = [
    "IDLE",
    "SESSION",
    "Candidate",
    "SignedIn",
    "candidate",
    "myself",
    "session",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
]

SESSION = timedelta(days=7)
"""A session ends a week after it began, and after half a day (IDLE) in which nobody used it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who says a name and a password, before either is believed.

    ``row`` is None where there is no such account, which must not be told. ``known`` tells that
    the browser has signed in to it before.
    """

    name: str
    row: Values | None
    known: bool = False

    def proven(self, password: str) -> bool:
        """Tell whether the password is right; takes as long where there is no such account."""
        right = proves(password, self.row["password"] if self.row else nobodys())
        return right and self.row is not None

    @property
    def counter(self) -> str:
        """Return where this one's wrong passwords are counted."""
        if self.known and self.row:
            return guessing.of_known(self.row["id"])
        return guessing.of_name(self.name)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session, and how many wrong passwords were tried since the last one."""

    session: Issued
    account: str
    failures: int


def candidate(tx: Reader, name: str, *, known: Collection[str] = ()) -> Candidate:
    """Return who says a name, unless too many wrong passwords were said for it just now.

    ``known`` are the ids of the accounts that the browser has signed in to before: guesses of
    others do not keep it out of those.

    Raises
    ------
    Forbidden
        ``sign_in_locked`` with ``seconds``; whether there is such an account or not.
    """
    name = folded(name)
    row = next(iter(tx.records("account", name=name, limit=1)), None)
    who = Candidate(name, row, known=row is not None and row["id"] in known)
    guessing.refuse_locked(tx, who.counter)
    return who


def myself(tx: Reader, *, actor: Actor) -> Candidate:
    """Return who acts as one who says a password again, before what that needs.

    Raises
    ------
    Forbidden
        ``not_signed_in``; ``sign_in_locked``: who found a browser open may not guess either.
    """
    row = own_account(tx, actor)
    who = Candidate(row["name"], row, known=True)
    guessing.refuse_locked(tx, who.counter)
    return who


def sign_in(
    tx: Writer, who: Candidate, *, proven: bool, code: str = "", network: str = ""
) -> SignedIn | None:
    """Begin a session, or note a wrong password and return None.

    Nothing tells which of name, password and code was wrong, but that a code is missing where
    everything else is right.

    Raises
    ------
    Forbidden
        ``code_missing``: the password is right, and the account has one-time codes;
        ``sign_in_locked``: others have guessed while this password was being proven.
    """
    # Guesses at the same time wait for each other here, so that none is counted as another.
    tx.hold(who.counter)
    guessing.refuse_locked(tx, who.counter)
    if who.row:
        hold(tx, who.row["id"])
    row = _unchanged(tx, who)
    right = proven and row is not None and not row["disabled"]
    if right and row and row["totp"]:
        if not code.strip():
            raise Forbidden("code_missing")
        right = fresh_code(tx, row, code)
    if not right or row is None:
        guessing.count(tx, who.counter)
        by = Actor("", Role.RESIDENT, network=network)
        told = who.row or {"id": "", "scope": ""}
        tx.note("sign_in_failed", by=by, target=told["id"], area=told["scope"])
        return None
    actor = actor_for(tx, row, network)
    failures = guessing.forget(tx, row["name"], row["id"])
    tx.note("sign_in", by=actor, target=row["id"], area=row["scope"])
    return SignedIn(session(tx, row, actor), row["id"], failures)


def _unchanged(tx: Reader, who: Candidate) -> Values | None:
    """Return the row whose password was proven; None where it has been given another since."""
    if who.row is None:
        return None
    rows = tx.records("account", id=who.row["id"], password=who.row["password"])
    return rows[0] if rows else None


def session(tx: Writer, row: Values, actor: Actor) -> Issued:
    """Begin a session of an account; its title is the network that it was begun from."""
    told = {"account": row["id"], "role": row["role"], "scope": row["scope"], "seen": now()}
    return keys.issue(tx, Kind.SESSION, by=actor, lifetime=SESSION, title=actor.network, **told)


def sign_out(tx: Writer, token: str, *, actor: Actor) -> None:
    """End the session of a token; ended already, nothing happens."""
    if keys.end(tx, digest=keys.digest(token), kind=str(Kind.SESSION)):
        tx.note("sign_out", by=actor, target=actor.account, area=actor.scope)


def sign_out_everywhere(tx: Writer, *, actor: Actor, but: str = "") -> int:
    """End all sessions of the actor's account, but the one of a token; tell how many."""
    row = own_account(tx, actor)
    mine = keys.find(tx, but, Kind.SESSION)
    ended = end_sessions(tx, row["id"], but=mine["id"] if mine else "")
    tx.note("sign_out_everywhere", by=actor, target=row["id"], area=row["scope"])
    return ended
