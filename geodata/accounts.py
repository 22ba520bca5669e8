"""Accounts (账号): who may come in, as what, for which area; and everything that ends that.

An account row is a dict with id, name (what one signs in with), title (who that is), role,
scope (an area-code prefix), password (argon2), totp (the secret of one-time codes, "" without),
disabled, created, changed. A resident needs none.

Signing in goes in three steps, because proving a password takes long and must not hold the
store: :func:`candidate` in a reading, :meth:`Candidate.proven` outside of any transaction,
:func:`sign_in` in a writing.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geodata import ids, keys, wording
from geodata.divisions import prefix
from geodata.errors import Conflict, Forbidden, Invalid, NotFound
from geodata.keys import Issued, Kind
from geodata.policy import Action, Actor, Role, require
from geodata.store import Reader, Writer, now
from geodata.store.records import Values

SESSION = timedelta(days=7)
IDLE = timedelta(hours=12)
"""A session ends a week after it began, and after half a day in which nobody used it."""

INVITATION = timedelta(days=7)

FREE_GUESSES = 5
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(minutes=15)
"""After so many wrong passwords each further one doubles the wait, from 30 s to 15 minutes:
four guesses an hour, and nobody is locked out for good."""

SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
"""NIST SP 800-63B-4 asks for length, not for signs of many kinds."""

LONGEST_TOKEN = timedelta(days=400)

_NAME = re.compile(r"[\w.@-]{2,40}")
_LONGEST_TITLE = 60
_FEWEST_SIGNS = 5
_SEEN_EVERY = timedelta(minutes=5)  # noting each request would make every reading a writing
_HOUR = timedelta(hours=1)
_STEP_S = 30
_GUESSES_KEPT = timedelta(days=1)
_ROLES = frozenset({Role.MERCHANT, Role.WORKER, Role.ADMIN})
_hasher = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who says a name and a password, before either is believed.

    ``row`` is None where there is no such account, which must not be told.
    """

    name: str
    row: Values | None

    def proven(self, password: str) -> bool:
        """Tell whether the password is right; takes as long where there is no such account."""
        known = self.row["password"] if self.row else _nobodys_password()
        if len(password) > LONGEST_PASSWORD:
            return False
        try:
            _hasher.verify(known, password)
        except (VerificationError, InvalidHashError):
            return False
        return self.row is not None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session, and how many wrong passwords were tried since the last one."""

    session: Issued
    account: str
    failures: int


@cache
def _nobodys_password() -> str:
    return _hasher.hash(ids.fresh(1)[0])


# ---- in and out


def candidate(tx: Reader, name: str, *, known: bool = False) -> Candidate:
    """Return who says a name, unless too many wrong passwords were said for it just now.

    ``known`` is a browser that has signed in to this account before: guesses of others do not
    keep it out.

    Raises
    ------
    Forbidden
        ``sign_in_locked`` with ``seconds``; whether there is such an account or not.
    """
    name = _folded(name)
    row = next(iter(tx.records("account", name=name, limit=1)), None)
    guess = next(iter(tx.records("guess", name=name, limit=1)), None)
    if guess and not known and guess["locked_until"] > now():
        left = _moment(guess["locked_until"]) - datetime.now(UTC)
        raise Forbidden("sign_in_locked", seconds=max(1, round(left.total_seconds())))
    return Candidate(name, row)


def sign_in(
    tx: Writer, who: Candidate, *, proven: bool, code: str = "", network: str = ""
) -> SignedIn | None:
    """Begin a session, or note a wrong password and return None.

    Nothing tells which of name, password and code was wrong, but that a code is missing where
    everything else is right.

    Raises
    ------
    Forbidden
        ``code_missing``: the password is right, and the account has one-time codes.
    """
    row = tx.records("account", id=who.row["id"])[0] if who.row else None
    right = bool(proven and row and not row["disabled"])
    if right and row and row["totp"]:
        if not code.strip():
            raise Forbidden("code_missing")
        right = _fresh_code(tx, row, code)
    if not right or row is None:
        _guessed_wrong(tx, who.name)
        tx.note("sign_in_failed", by=_nobody(network), target=row["id"] if row else "")
        return None
    actor = _actor(tx, row, network)
    failures = sum(one["failures"] for one in tx.records("guess", name=who.name))
    tx.erase("guess", name=who.name)
    tx.note("sign_in", by=actor, target=row["id"], area=row["scope"])
    return SignedIn(_session(tx, row, actor), row["id"], failures)


def sign_out(tx: Writer, token: str, *, actor: Actor) -> None:
    """End the session of a token; ended already, nothing happens."""
    if keys.end(tx, digest=keys.digest(token), kind=str(Kind.SESSION)):
        tx.note("sign_out", by=actor, target=actor.account)


def sign_out_everywhere(tx: Writer, *, actor: Actor, but: str = "") -> int:
    """End all sessions of the actor's account, but the one of a token; tell how many."""
    mine = keys.find(tx, but, Kind.SESSION)
    ended = _end_sessions(tx, _own(tx, actor)["id"], but=mine["id"] if mine else "")
    tx.note("sign_out_everywhere", by=actor, target=actor.account)
    return ended


def actor_of(tx: Reader, token: str, *kinds: Kind, network: str = "") -> Actor | None:
    """Return who holds a key of one of the kinds, or None where it opens nothing now.

    A link's holder owns its merchant, also where that lives on under another id.
    """
    row = keys.find(tx, token, *kinds)
    if row is None:
        return None
    if row["kind"] == Kind.TOKEN:
        name = f"token:{row['title']}"
        return Actor(name, Role(row["role"]), row["scope"], network=network)
    if row["kind"] == Kind.LINK:
        shop = tx.find("merchant", row["merchant"])
        owns = {row["merchant"], shop["merged"]} - {""} if shop else set()
        return Actor(f"link:{row['id']}", Role.MERCHANT, owns=frozenset(owns), network=network)
    if row["seen"] and _moment(row["seen"]) + IDLE < datetime.now(UTC):
        return None
    found = tx.records("account", id=row["account"], disabled=False)
    return _actor(tx, found[0], network) if found else None


def touch(tx: Writer, token: str) -> None:
    """Note that a key was used just now."""
    tx.revise("key", {"seen": now()}, digest=keys.digest(token))


def touched(row: Values) -> bool:
    """Tell whether a key's last use is noted well enough."""
    return bool(row["seen"]) and _moment(row["seen"]) + _SEEN_EVERY > datetime.now(UTC)


# ---- coming to be


def create(
    tx: Writer,
    name: str,
    password: str,
    *,
    role: Role,
    scope: str = "",
    title: str = "",
    actor: Actor,
) -> str:
    """Make an account and return its id; the first administrator comes from the command line.

    Raises
    ------
    Invalid
        ``account_invalid``: details map name, title, password, role or scope to a reason.
    Conflict
        ``account_name_taken``.
    """
    scope = _scope(scope)
    require(actor, Action.ACCOUNT_EDIT, area=scope)
    account_id = _make(tx, name, password, role, scope, title)
    tx.note("account_create", by=actor, target=account_id, area=scope)
    return account_id


def invite(
    tx: Writer, *, role: Role, scope: str = "", title: str = "", merchant: str = "", actor: Actor
) -> Issued:
    """Make an invitation: whoever has its token makes one account with it, within a week.

    ``merchant`` is the shop that a merchant's account will own.
    """
    scope = _scope(scope)
    require(actor, Action.ACCOUNT_EDIT, area=scope)
    _check(role=role, title=title)
    if merchant:
        require(actor, Action.MERCHANT_EDIT, area=tx.row("merchant", merchant)["area"])
    told = {"role": str(role), "scope": scope, "title": title, "merchant": merchant}
    made = keys.issue(tx, Kind.INVITATION, by=actor, lifetime=INVITATION, **told)
    tx.note("invite", by=actor, target=made.id, area=scope)
    return made


def invitation(tx: Reader, token: str) -> Values:
    """Return what an invitation is for: role, scope, title, merchant.

    Raises
    ------
    NotFound
        ``invitation_not_valid``: used, expired, ended, or none.
    """
    row = keys.find(tx, token, Kind.INVITATION)
    if row is None:
        raise NotFound("invitation_not_valid")
    return row


def join(
    tx: Writer, token: str, name: str, password: str, *, title: str = "", network: str = ""
) -> SignedIn:
    """Use an invitation up: make the account that it is for, and begin its first session.

    Raises
    ------
    NotFound
        ``invitation_not_valid``.
    Invalid, Conflict
        As :func:`create` tells; the invitation stays.
    """
    row = invitation(tx, token)
    if not keys.end(tx, id=row["id"]):
        raise NotFound("invitation_not_valid")
    role = Role(row["role"])
    account_id = _make(tx, name, password, role, row["scope"], title or row["title"])
    if row["merchant"]:
        _give(tx, row["merchant"], account_id)
    account = tx.record("account", account_id)
    actor = _actor(tx, account, network)
    tx.note("join", by=actor, target=account_id, area=row["scope"])
    return SignedIn(_session(tx, account, actor), account_id, 0)


def claim(tx: Writer, merchant_id: str, name: str, password: str, *, actor: Actor) -> SignedIn:
    """Make an account out of a private link: its holder signs in by name from now on.

    Raises
    ------
    Forbidden
        ``forbidden``: not the owner. Conflict: ``merchant_owned`` by another account already.
    """
    row = tx.row("merchant", merchant_id)
    require(actor, Action.MERCHANT_AMEND, area=row["area"], merchant=merchant_id)
    if row["owner"]:
        raise Conflict("merchant_owned", key=merchant_id)
    account_id = _make(tx, name, password, Role.MERCHANT, "", row["name"][:_LONGEST_TITLE])
    _give(tx, merchant_id, account_id)
    account = tx.record("account", account_id)
    made = _actor(tx, account, actor.network)
    tx.note("claim", by=made, target=merchant_id, area=row["area"])
    return SignedIn(_session(tx, account, made), account_id, 0)


def issue_token(tx: Writer, title: str, *, scope: str, lifetime: timedelta, actor: Actor) -> Issued:
    """Make a machine's token: it acts as a worker of the scope until it expires or is ended."""
    scope = _scope(scope)
    require(actor, Action.ACCOUNT_EDIT, area=scope)
    title = wording.typed(title)
    if not title or len(title) > _LONGEST_TITLE:
        raise Invalid("account_invalid", title="missing" if not title else "too_long")
    if not timedelta(0) < lifetime <= LONGEST_TOKEN:
        raise Invalid("account_invalid", lifetime="out_of_range")
    told = {"role": str(Role.WORKER), "scope": scope, "title": title}
    made = keys.issue(tx, Kind.TOKEN, by=actor, lifetime=lifetime, **told)
    tx.note("token_issue", by=actor, target=made.id, area=scope)
    return made


# ---- changing


def change_password(tx: Writer, new: str, *, proven: bool, actor: Actor, keep: str = "") -> None:
    """Change one's own password, and end one's other sessions (``keep`` is this one's token).

    ``proven`` tells whether the old one was right, as :meth:`Candidate.proven` says.

    Raises
    ------
    Forbidden
        ``password_wrong``.
    Invalid
        ``account_invalid``.
    """
    row = _own(tx, actor)
    if not proven:
        raise Forbidden("password_wrong")
    _check(password=new, name=row["name"])
    _revise(tx, row["id"], password=_hasher.hash(new))
    tx.note("password_change", by=actor, target=row["id"])
    sign_out_everywhere(tx, actor=actor, but=keep)


def set_password(tx: Writer, account_id: str, new: str, *, actor: Actor) -> None:
    """Give an account a new password, for who forgot it, and end its sessions."""
    row = _other(tx, account_id, actor)
    _check(password=new, name=row["name"])
    _revise(tx, account_id, password=_hasher.hash(new))
    tx.erase("guess", name=row["name"])
    _end_sessions(tx, account_id)
    tx.note("password_set", by=actor, target=account_id, area=row["scope"])


def new_code_secret() -> str:
    """Return a secret for one-time codes (RFC 6238), to be shown and then confirmed."""
    return pyotp.random_base32()


def code_address(secret: str, name: str) -> str:
    """Return the otpauth:// address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="邻距 Linju")


def use_codes(tx: Writer, secret: str, code: str, *, actor: Actor) -> None:
    """Ask for one-time codes from now on, once a first one shows that they work.

    Raises
    ------
    Forbidden
        ``code_wrong``.
    """
    row = _own(tx, actor)
    if not re.fullmatch(r"[A-Z2-7]{32}", secret) or not _fresh_code(
        tx, row | {"totp": secret}, code
    ):
        raise Forbidden("code_wrong")
    _revise(tx, row["id"], totp=secret)
    tx.note("codes_on", by=actor, target=row["id"])


def drop_codes(tx: Writer, account_id: str, *, actor: Actor) -> None:
    """Ask for one-time codes no more: one's own, or for who lost the telephone."""
    row = _own(tx, actor) if account_id == actor.account else _other(tx, account_id, actor)
    _revise(tx, account_id, totp="")
    tx.note("codes_off", by=actor, target=account_id, area=row["scope"])


def revise(
    tx: Writer, account_id: str, *, role: Role, scope: str, title: str, actor: Actor
) -> None:
    """Change what an account may do and where; its sessions go on with that.

    Raises
    ------
    Conflict
        ``last_admin``: nobody would be left who may do everything.
    """
    scope = _scope(scope)
    row = _other(tx, account_id, actor)
    require(actor, Action.ACCOUNT_EDIT, area=scope)
    _check(role=role, title=title)
    if role != Role.ADMIN or scope:
        _keep_an_admin(tx, row)
    _revise(tx, account_id, role=str(role), scope=scope, title=wording.typed(title))
    tx.note("account_edit", by=actor, target=account_id, area=scope)


def disable(tx: Writer, account_id: str, *, actor: Actor) -> None:
    """Shut an account out at once; every session of it ends with this transaction."""
    row = _other(tx, account_id, actor)
    _keep_an_admin(tx, row)
    _revise(tx, account_id, disabled=True)
    _end_sessions(tx, account_id)
    tx.note("account_disable", by=actor, target=account_id, area=row["scope"])


def enable(tx: Writer, account_id: str, *, actor: Actor) -> None:
    """Let a disabled account in again, and forget wrong passwords said for it."""
    row = _other(tx, account_id, actor)
    _revise(tx, account_id, disabled=False)
    tx.erase("guess", name=row["name"])
    tx.note("account_enable", by=actor, target=account_id, area=row["scope"])


# ---- reading


def named(tx: Reader, name: str) -> Values:
    """Return the account of a name, without its secrets.

    Raises
    ------
    NotFound
        ``account_not_found``.
    """
    found = tx.records("account", name=_folded(name))
    if not found:
        raise NotFound("account_not_found", key=name)
    return _public(found[0])


def listed(tx: Reader, *, actor: Actor) -> list[Values]:
    """Return the accounts of the actor's scope by name, without their secrets."""
    require(actor, Action.ACCOUNT_EDIT, area=actor.scope)
    rows = tx.records("account", order=("name",))
    return [_public(row) for row in rows if row["scope"].startswith(actor.scope)]


def own(tx: Reader, *, actor: Actor) -> Values:
    """Return one's own account, without its secrets."""
    return _public(_own(tx, actor))


def open_keys(tx: Reader, *kinds: Kind, actor: Actor) -> list[Values]:
    """Return the keys of these kinds that open something now, newest first, in the scope.

    For administrators; one's own sessions are :func:`own_sessions`.
    """
    require(actor, Action.ACCOUNT_EDIT, area=actor.scope)
    rows = tx.records("key", order=("created",), newest=True, kind=[*map(str, kinds)], ended="")
    return [row for row in rows if keys.valid(row) and row["scope"].startswith(actor.scope)]


def own_sessions(tx: Reader, *, actor: Actor) -> list[Values]:
    """Return one's own sessions that go on, newest first."""
    told = {"account": _own(tx, actor)["id"], "kind": str(Kind.SESSION), "ended": ""}
    rows = tx.records("key", order=("created",), newest=True, **told)
    return [row for row in rows if keys.valid(row)]


def end_key(tx: Writer, key_id: str, *, actor: Actor) -> None:
    """End an invitation or a token.

    Raises
    ------
    NotFound
        ``key_not_found``.
    """
    kinds = [str(Kind.INVITATION), str(Kind.TOKEN)]
    found = tx.records("key", id=key_id, kind=kinds)
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


# ---- inside


def _actor(tx: Reader, row: Values, network: str) -> Actor:
    owns: set[str] = set()
    if row["role"] == Role.MERCHANT:
        owns = {shop["id"] for shop in tx.rows("merchant", columns=["id"], owner=row["id"])}
    return Actor(row["name"], Role(row["role"]), row["scope"], frozenset(owns), row["id"], network)


def _nobody(network: str) -> Actor:
    return Actor("", Role.RESIDENT, network=network)


def _session(tx: Writer, row: Values, actor: Actor) -> Issued:
    told = {"account": row["id"], "role": row["role"], "scope": row["scope"], "seen": now()}
    return keys.issue(tx, Kind.SESSION, by=actor, lifetime=SESSION, **told)


def _end_sessions(tx: Writer, account_id: str, *, but: str = "") -> int:
    return keys.end(tx, account=account_id, kind=str(Kind.SESSION), but=but)


def _guessed_wrong(tx: Writer, name: str) -> None:
    found = tx.records("guess", name=name)
    failures = found[0]["failures"] + 1 if found else 1
    doubled = max(0, failures - FREE_GUESSES)
    # An exponent without bounds would be a date without bounds.
    wait = min(FIRST_LOCK * 2 ** min(doubled - 1, 10), LONGEST_LOCK) if doubled else timedelta(0)
    locked = _said(datetime.now(UTC) + wait) if doubled else ""
    tx.put("guess", {"name": name, "failures": failures, "locked_until": locked, "at": now()})
    tx.expire("guess", _said(datetime.now(UTC) - _GUESSES_KEPT))


def _fresh_code(tx: Writer, row: Values, code: str) -> bool:
    """Tell whether a one-time code is right and was not used before, and note its use."""
    code = re.sub(r"\D", "", code)
    step = int(datetime.now(UTC).timestamp()) // _STEP_S
    maker = pyotp.TOTP(row["totp"])
    for counter in (step - 1, step, step + 1):
        if counter > row["totp_used"] and pyotp.utils.strings_equal(
            maker.generate_otp(counter), code
        ):
            used = {"id": row["id"], "totp_used": row["totp_used"]}
            return tx.revise("account", {"totp_used": counter}, **used) == 1
    return False


def _make(tx: Writer, name: str, password: str, role: Role, scope: str, title: str) -> str:
    name = _folded(name)
    _check(name=name, password=password, role=role, title=title)
    if tx.records("account", name=name):
        raise Conflict("account_name_taken", name=name)
    (account_id,) = ids.fresh(1)
    blank = {"totp": "", "totp_used": 0, "disabled": False, "created": now(), "changed": now()}
    row = {"id": account_id, "name": name, "title": wording.typed(title), "role": str(role)}
    tx.put("account", blank | row | {"scope": scope, "password": _hasher.hash(password)})
    return account_id


def _give(tx: Writer, merchant_id: str, account_id: str) -> None:
    row = tx.row("merchant", merchant_id)
    told = (row, {"owner": account_id})
    by = Actor("linju", Role.ADMIN)
    tx.update_many("merchant", [told], by=by, action="entrust")


def _check(
    *,
    name: str | None = None,
    password: str | None = None,
    role: Role | None = None,
    title: str | None = None,
) -> None:
    wrong: dict[str, object] = {}
    if name is not None and not _NAME.fullmatch(name):
        wrong["name"] = "not_a_name"
    if title is not None and len(wording.typed(title)) > _LONGEST_TITLE:
        wrong["title"] = "too_long"
    if role is not None and role not in _ROLES:
        wrong["role"] = "unknown"
    if password is not None and (doubt := _weak(password, name or "")):
        wrong["password"] = doubt
    if wrong:
        raise Invalid("account_invalid", **wrong)


def _weak(password: str, name: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        return "too_short"
    if len(password) > LONGEST_PASSWORD:
        return "too_long"
    plain = password.casefold()
    few = (
        len(set(plain)) < _FEWEST_SIGNS or plain in "01234567890123456789abcdefghijklmnopqrstuvwxyz"
    )
    return "too_easy" if few or (name and name in plain) else ""


def _scope(scope: str) -> str:
    return prefix(scope) if scope else ""


def _folded(name: str) -> str:
    return wording.typed(name).casefold()


def _own(tx: Reader, actor: Actor) -> Values:
    if not actor.account:
        raise Forbidden("not_signed_in")
    return tx.record("account", actor.account)


def _other(tx: Reader, account_id: str, actor: Actor) -> Values:
    row = tx.record("account", account_id)
    require(actor, Action.ACCOUNT_EDIT, area=row["scope"])
    return row


def _keep_an_admin(tx: Reader, row: Values) -> None:
    told: dict[str, Any] = {"role": str(Role.ADMIN), "scope": "", "disabled": False}
    if all(row[k] == v for k, v in told.items()) and tx.record_count("account", **told) == 1:
        raise Conflict("last_admin")


def _revise(tx: Writer, account_id: str, **told: Any) -> None:
    tx.revise("account", told | {"changed": now()}, id=account_id)


def _public(row: Values) -> Values:
    kept = {k: v for k, v in row.items() if k not in ("password", "totp", "totp_used")}
    return kept | {"codes": bool(row["totp"])}


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


def _said(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
