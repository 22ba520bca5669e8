"""Passwords: kept as argon2 hashes, proven slowly, and long rather than full of signs."""

import unicodedata
from dataclasses import dataclass, field
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geodata import ids

SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
"""NIST SP 800-63B-4 asks for length, not for signs of many kinds."""

_FEWEST_SIGNS = 5
_RUNS = "01234567890123456789abcdefghijklmnopqrstuvwxyzqwertyuiopasdfghjklzxcvbnm"
_GROUP = 4

hasher = PasswordHasher()
"""argon2id as RFC 9106 recommends for less memory; tests put a quicker one here."""


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password that somebody has chosen, and what is to be kept of it.

    Make it before a transaction: hashing takes long on purpose, and must not hold the store.
    What is too short or too long is not hashed, as no account may have it.
    """

    text: str = field(repr=False)
    kept: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Hash it."""
        fits = SHORTEST_PASSWORD <= len(self.text) <= LONGEST_PASSWORD
        object.__setattr__(self, "kept", _hashed(self.text) if fits else "")


def _hashed(password: str) -> str:
    return hasher.hash(_told(password))


def proves(password: str, known: str) -> bool:
    """Tell whether a password is the one of which this is kept; takes long on purpose."""
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        return hasher.verify(known, _told(password))
    except (VerificationError, InvalidHashError):
        return False


@cache
def nobodys() -> str:
    """Return the hash of a password that nobody has, to be as slow where there is no account."""
    return _hashed(ids.fresh(1)[0])


def fresh_password() -> str:
    """Return a password of sixty random bits that can be read out: ``7K3M-9QX2-WD5F``."""
    signs = "".join(ids.fresh(2))[: 3 * _GROUP]
    return "-".join(signs[at : at + _GROUP] for at in range(0, len(signs), _GROUP))


def weakness(password: str, name: str) -> str:
    """Return the word for what is wrong with a new password, or ""."""
    if len(password) < SHORTEST_PASSWORD:
        return "too_short"
    if len(password) > LONGEST_PASSWORD:
        return "too_long"
    plain = unicodedata.normalize("NFKC", password).casefold()
    few = len(set(plain)) < _FEWEST_SIGNS or plain in _RUNS
    named = len(name) >= _GROUP and name in plain
    return "too_easy" if few or named else ""


def _told(password: str) -> bytes:
    # Keyboards write one sign in several ways (NIST SP 800-63B-4, 3.1.1.2).
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
