"""Keys: whatever opens a door for who holds it, and is known here by its digest only.

A session is held by a browser, a link by a merchant without an account, an invitation by who
is to have one, a share by whoever is shown a plan or a round, a token by a machine. A key row
tells the kind, the account, merchant or other subject that it stands for, and when it was made,
expires, was last used and was ended (ISO 8601, UTC).
"""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from geodata import ids
from geodata.policy import Actor
from geodata.store import Reader, Writer, now
from geodata.store.records import Values

_BYTES = 32
_LONGEST = 100  # characters of anything that is looked up


class Kind(StrEnum):
    """What a key is for."""

    SESSION = "session"
    LINK = "link"
    INVITATION = "invitation"
    SHARE = "share"
    TOKEN = "token"  # noqa: S105 - a word, not a secret


class Issued(NamedTuple):
    """A new key: ``token`` is told this once and never again; ``id`` names it in lists."""

    token: str
    id: str


def issue(tx: Writer, kind: Kind, *, by: Actor, lifetime: timedelta, **told: str) -> Issued:
    """Make a key of 256 random bits.

    ``told`` are account, merchant, subject, role, scope and title, as far as the kind needs them.
    Who may have one is for the caller to judge.
    """
    token = secrets.token_urlsafe(_BYTES)
    (key_id,) = ids.fresh(1)
    names = ("account", "merchant", "subject", "role", "scope", "title", "seen", "ended")
    blank = dict.fromkeys(names, "")
    row = {"digest": digest(token), "id": key_id, "kind": str(kind), "by": by.name}
    row |= {"created": now(), "expires": _later(lifetime)}
    tx.put("key", blank | row | told)
    return Issued(token, key_id)


def find(tx: Reader, token: str, *kinds: Kind) -> Values | None:
    """Return the row of a key that is valid at this moment, or None."""
    row = known(tx, token, *kinds)
    return row if row and valid(row) else None


def known(tx: Reader, token: str, *kinds: Kind) -> Values | None:
    """Return the row of a key, of one that has ended too, for telling its holder so; or None."""
    if not 0 < len(token) <= _LONGEST:
        return None
    rows = tx.records("key", digest=digest(token), kind=[str(kind) for kind in kinds], limit=1)
    return rows[0] if rows else None


def valid(row: Values) -> bool:
    """Tell whether a key still opens: not ended, not expired."""
    return not row["ended"] and row["expires"] > now()


def end(tx: Writer, *, but: str = "", **which: Any) -> int:
    """End the keys with these columns (id, account …), but the one of an id; tell how many."""
    rows = tx.records("key", ended="", **which)
    found = [row["id"] for row in rows if row["id"] != but]
    return tx.revise("key", {"ended": now()}, id=found, ended="") if found else 0


def digest(token: str) -> str:
    """Return that by which a key is known: of 256 random bits, none needs salt or slowness."""
    return hashlib.sha256(token.encode()).hexdigest()


def _later(lifetime: timedelta) -> str:
    then = datetime.now(UTC) + lifetime
    return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")
