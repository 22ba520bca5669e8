"""A vault: what is personal is sealed with a key that the store does not hold.

Fernet of the ``cryptography`` library: AES-128 in CBC mode with an HMAC over it, so that what
opens is what was sealed, and nothing else opens.
"""

import re
from collections.abc import Iterable, Mapping

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from geodata.errors import Invalid, Unavailable

# The library overlooks what does not belong into a key; a mistyped one must not pass.
_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")

_BLOCK = 256
"""Bytes to a multiple of which a text is filled up: its length tells nearly nothing then."""

_OWNER, _PLACE = "id", "home"


class Vault:
    """What seals and opens: the first key seals, each of them opens.

    Without keys it is shut: nothing can be put in, and nothing seen. It tells nobody its keys.

    Raises
    ------
    Invalid
        ``elders_key_invalid``: a key that is none of :func:`new_key`.

    Examples
    --------
    >>> vault = Vault([new_key()])
    >>> sealed = vault.seal("7K3M9QX2WD", {"name": "王秀英"}, home="4H8N2CV6RT")
    >>> vault.open("7K3M9QX2WD", sealed, home="4H8N2CV6RT")
    {'name': '王秀英'}
    >>> vault, Vault().ready
    (Vault(ready=True), False)
    """

    __slots__ = ("_all", "_first")

    def __init__(self, keys: Iterable[str] = ()) -> None:
        told = [*keys]
        if not all(map(_KEY.fullmatch, told)):
            raise Invalid("elders_key_invalid")
        self._first = Fernet(told[0]) if told else None
        self._all = MultiFernet([Fernet(key) for key in told]) if told else None

    def __repr__(self) -> str:
        return f"Vault(ready={self.ready})"

    @property
    def ready(self) -> bool:
        """Whether there is a key at all."""
        return self._all is not None

    def seal(self, owner: str, told: Mapping[str, str], *, home: str) -> str:
        """Seal what is told of a row; the row's id and its home's go in with it.

        Raises
        ------
        Unavailable
            ``elders_key_missing``.
        """
        text = orjson.dumps({**told, _OWNER: owner, _PLACE: home})
        filled = text + b" " * (-len(text) % _BLOCK)
        return _there(self._first).encrypt(filled).decode()

    def open(self, owner: str, sealed: str, *, home: str) -> dict[str, str]:
        """Return what was sealed for a row of this id, in this home.

        Earlier texts tell no home, and open in any: each does so until it is written again.

        Raises
        ------
        Unavailable
            ``elders_key_missing``; ``elders_key_wrong``: none of the keys opens it;
            ``elder_swapped``: it was sealed for another row, or another home.
        """
        told: dict[str, str] = orjson.loads(_opened(_there(self._all), sealed))
        if (told.pop(_OWNER, ""), told.pop(_PLACE, home)) != (owner, home):
            raise Unavailable("elder_swapped", key=owner)
        return told

    def opens(self, sealed: str) -> bool:
        """Tell whether one of the keys opens this; a shut vault opens nothing."""
        return self._all is not None and _opens(self._all, sealed)

    def is_newest(self, sealed: str) -> bool:
        """Tell whether the first key has sealed this."""
        return self._first is not None and _opens(self._first, sealed)

    def resealed(self, sealed: str) -> str:
        """Return the same, sealed with the first key.

        Raises
        ------
        Unavailable
            ``elders_key_missing``, ``elders_key_wrong``.
        """
        opened = _opened(_there(self._all), sealed)
        return _there(self._first).encrypt(opened).decode()


def new_key() -> str:
    """Return a new key: 256 random bits, as the settings take it."""
    return Fernet.generate_key().decode()


def _there[F: (Fernet, MultiFernet)](keys: F | None) -> F:
    if keys is None:
        raise Unavailable("elders_key_missing")
    return keys


def _opens(keys: Fernet | MultiFernet, sealed: str) -> bool:
    try:
        keys.decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True


def _opened(keys: MultiFernet, sealed: str) -> bytes:
    try:
        return keys.decrypt(sealed.encode())
    except InvalidToken as error:
        raise Unavailable("elders_key_wrong") from error
