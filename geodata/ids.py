"""Names for rows that can be printed, read aloud and not guessed."""

import secrets

import numpy as np

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U; all of it fits a QR code's alphanumeric mode."""

LENGTH = 10
"""Fifty random bits: among a million, the next guess is right once in 10**9."""

_LETTERS = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)


def fresh(n: int) -> list[str]:
    """Return n new ids; two are never equal but by a chance of n² in 10**15.

    Examples
    --------
    >>> [len(i) for i in fresh(2)]
    [10, 10]
    """
    noise = np.frombuffer(secrets.token_bytes(n * LENGTH), dtype=np.uint8) & 31
    text = _LETTERS[noise].tobytes().decode()
    return [text[at : at + LENGTH] for at in range(0, n * LENGTH, LENGTH)]


def is_one(text: str) -> bool:
    """Tell whether a text can be an id of ours.

    Examples
    --------
    >>> is_one("7K3M9QX2WD"), is_one("%00"), is_one("NOWHERE")
    (True, False, False)
    """
    return len(text) == LENGTH and set(text) <= set(ALPHABET)
