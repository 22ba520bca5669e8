"""The rules of the official division codes (区划代码): nothing but their digits."""

import unicodedata

from geodata.errors import Invalid

LENGTHS: dict[str, int] = {
    "province": 2,
    "city": 4,
    "district": 6,
    "street": 9,
    "community": 12,
    "grid": 15,
}
"""How many leading digits name an area of each level (省、市、区县、街道、社区、网格)."""

_OFFICIAL = LENGTHS["community"]
_LEVELS = {length: level for level, length in LENGTHS.items()}


def normalise(text: str) -> str:
    """Bring a code in any of its written forms to the one that is stored.

    Parameters
    ----------
    text
        2, 4, 6, 9, 12 or 15 digits; full-width ones, and white space anywhere,
        are understood.

    Returns
    -------
    str
        15 digits for a grid, otherwise 12, zero-filled as the statistical
        bureau writes them. A 15-digit code that ends in three zeros has no
        grid, and is the 12-digit one.

    Raises
    ------
    Invalid
        ``area_code_invalid`` with ``value``: another number of digits, another
        sign than a digit, no province, or a gap (a community of no street).
        Only the district may be missing: 东莞 (441900) and a few more cities have
        streets and no districts.

    Examples
    --------
    >>> normalise("210103"), normalise("210103006012"), normalise("210103006012001")
    ('210103000000', '210103006012', '210103006012001')
    """
    digits = "".join(unicodedata.normalize("NFKC", text).split())
    if len(digits) not in _LEVELS or not (digits.isascii() and digits.isdigit()):
        raise Invalid("area_code_invalid", value=text)
    code = digits.ljust(_OFFICIAL, "0")
    if code[_OFFICIAL:] == "000":
        code = code[:_OFFICIAL]
    if _gap(prefix(code)):
        raise Invalid("area_code_invalid", value=text)
    return code


def level(code: str) -> str:
    """Return the level of a stored code, a key of :data:`LENGTHS`.

    ``code`` is what :func:`normalise` gave; of other text the answer means nothing.

    Examples
    --------
    >>> level("210103000000"), level("210103006012"), level("210103006012001")
    ('district', 'community', 'grid')
    """
    return _LEVELS[len(prefix(code))]


def prefix(code: str) -> str:
    """Return the digits with which every code inside the area begins.

    Use it for "is inside": ``inner.startswith(prefix(outer))``.

    Examples
    --------
    >>> prefix("210103000000"), prefix("210103006012")
    ('210103', '210103006012')
    """
    if len(code) > _OFFICIAL:
        return code
    for length in sorted(_LEVELS):
        if length <= _OFFICIAL and not code[length:].strip("0"):
            return code[:length]
    return code


def parent(code: str) -> str:
    """Return the stored code of the area one level up, "" above a province.

    A street of a city without districts lies in the city itself.

    Examples
    --------
    >>> parent("210103006012001"), parent("210103006012"), parent("210000000000")
    ('210103006012', '210103006000', '')
    """
    own = len(prefix(code))
    shorter = [length for length in _LEVELS if length < own]
    return code[: max(shorter)].ljust(_OFFICIAL, "0") if shorter else ""


def _gap(digits: str) -> bool:
    """Tell whether a level above the deepest one is named by zeros alone."""
    starts = dict(zip(LENGTHS, [0, *LENGTHS.values()], strict=False))
    return any(
        not digits[starts[name] : end].strip("0")
        for name, end in LENGTHS.items()
        if end <= len(digits) and name != "district"
    )
