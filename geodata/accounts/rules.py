"""What an account must be, and the small things that its modules share."""

import re
import unicodedata
from datetime import datetime
from typing import Any

from geodata import ids, keys, wording
from geodata.accounts.passwords import weakness
from geodata.divisions import normalise, prefix
from geodata.errors import Forbidden, Invalid, NotFound
from geodata.keys import Kind
from geodata.policy import Action, Actor, Role, require
from geodata.store import Reader, Writer, now
from geodata.store.records import Values

LONGEST_TITLE = 60

_NAME = re.compile("[a-z0-9._@\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af-]{2,40}")
"""Han, ASCII letters and digits: letters of other scripts pass for these (Unicode, UTS 39)."""

_OURS = frozenset({"linju", "resident"})
"""Names that the history gives to nobody in particular."""

_ROLES = frozenset({Role.MERCHANT, Role.WORKER, Role.ADMIN})
_SECRETS = frozenset({"password", "totp", "totp_used"})


def folded(name: str) -> str:
    """Bring a name to the form in which it is kept: case and width make no difference."""
    plain = unicodedata.normalize("NFKC", wording.typed(name)).casefold()
    # Folding may take a letter and its accent apart (Unicode 16, 3.13, D145).
    return unicodedata.normalize("NFKC", plain)


def check(
    *,
    name: str | None = None,
    password: str | None = None,
    role: Role | None = None,
    title: str | None = None,
    known: str = "",
) -> None:
    """Refuse what an account may not have, all of it at once.

    ``known`` is the name of an account that is there, which a password must not be either: what
    was a name when it was made goes on to be one.

    Raises
    ------
    Invalid
        ``account_invalid``: details map the field to a reason.
    """
    wrong: dict[str, object] = {}
    if name is not None and (not _NAME.fullmatch(name) or name in _OURS):
        wrong["name"] = "not_a_name"
    if title is not None and len(wording.typed(title)) > LONGEST_TITLE:
        wrong["title"] = "too_long"
    if role is not None and role not in _ROLES:
        wrong["role"] = "unknown"
    if password is not None and (doubt := weakness(password, name or known)):
        wrong["password"] = doubt
    if wrong:
        raise Invalid("account_invalid", **wrong)


def scope_of(code: str) -> str:
    """Return the prefix that an area's code stands for; "" is everywhere.

    Raises
    ------
    Invalid
        ``account_invalid`` with ``scope``: no code.
    """
    try:
        return prefix(normalise(code)) if code else ""
    except Invalid as error:
        raise Invalid("account_invalid", scope="not_a_code") from error


def account(tx: Reader, account_id: str) -> Values:
    """Return the row of an account.

    Raises
    ------
    NotFound
        ``account_not_found``.
    """
    if not ids.is_one(account_id):
        raise NotFound("account_not_found", key=account_id)
    return tx.record("account", account_id)


def own_account(tx: Reader, actor: Actor) -> Values:
    """Return the row of who acts.

    Raises
    ------
    Forbidden
        ``not_signed_in``.
    """
    if not actor.account:
        raise Forbidden("not_signed_in")
    return account(tx, actor.account)


def other_account(tx: Reader, account_id: str, actor: Actor) -> Values:
    """Return the row of somebody whose account the actor may change.

    Raises
    ------
    Forbidden
        ``forbidden``; ``own_account``: what one changes of oneself needs the password.
    """
    row = account(tx, account_id)
    require(actor, Action.ACCOUNT_EDIT, area=row["scope"])
    if account_id == actor.account:
        raise Forbidden("own_account")
    return row


def revised(tx: Writer, account_id: str, **told: Any) -> None:
    """Change columns of an account."""
    tx.revise("account", told | {"changed": now()}, id=account_id)


def end_sessions(tx: Writer, account_id: str, *, but: str = "") -> int:
    """End the sessions of an account, but the one of an id; tell how many."""
    return keys.end(tx, account=account_id, kind=str(Kind.SESSION), but=but)


def public(row: Values) -> Values:
    """Return an account without its secrets; ``codes`` tells whether it has one-time codes."""
    return {k: v for k, v in row.items() if k not in _SECRETS} | {"codes": bool(row["totp"])}


def moment(written: str) -> datetime:
    """Return a moment that the store wrote."""
    return datetime.fromisoformat(written)


def said(at: datetime) -> str:
    """Return a moment as the store writes it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
