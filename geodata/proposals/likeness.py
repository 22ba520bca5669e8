"""Which known merchants may be the one that somebody tells of (是不是这一家？)."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher

from geodata import categories
from geodata.geometry import BBox, metres_between
from geodata.merchants import Status, split_phones
from geodata.store import PUBLIC, Filter, Reader
from geodata.store.records import Values

NEAR_M = 300.0
"""Pins of one shop, set by two people on a phone, seldom lie farther apart."""

LIKE = 0.6
"""How much of two names must agree: 泉富便民超市 and 泉富超市 do by 0.8."""

_MOST = 400  # merchants around that are looked at
_SHOWN = 5
_DEG_PER_M = 1 / 78_000  # of longitude at 45 degrees north: enough for all of China's cities
_NOISE = re.compile(r"[\W_]+|沈阳市?|有限公司|便利店|超市|店$")
_COLUMNS = (
    "id",
    "name",
    "category",
    "lon",
    "lat",
    "area",
    "address",
    "phones",
    "status",
    "credit_code",
)


@dataclass(frozen=True, slots=True)
class Alike:
    """A known merchant that may be the same: how far, how alike by name, and what else agrees.

    ``likeness`` is 0 to 1. ``phone`` and ``code`` tell that a phone or the credit code is equal.
    """

    merchant: Values
    metres: float
    likeness: float
    phone: bool
    code: bool


def alike(
    tx: Reader,
    name: str,
    lon: float,
    lat: float,
    *,
    phones: tuple[str, ...] = (),
    credit_code: str = "",
    but: str = "",
    also: Callable[[Values], bool] | None = None,
) -> list[Alike]:
    """Return up to five merchants that may be this one, the likeliest first.

    Within :data:`NEAR_M` of a position (WGS 84) by name or phone, and anywhere by credit code.
    ``but`` is an id to leave out. For a reviewer, ``also`` tells which of those that are not for
    everybody are told: what waits, and what is in a hidden category. Without it, nobody is found
    by credit code either.
    """
    rows, away = _around(tx, lon, lat, private=also is not None), categories.hidden(tx)
    if credit_code and also:
        rows += tx.rows("merchant", columns=_COLUMNS, credit_code=credit_code)
    told = {_digits(phone) for phone in phones} - {""}
    found = {}
    for row in rows:
        if row["id"] == but or row["status"] == Status.RETIRED:
            continue
        for_all = row["status"] in PUBLIC and row["category"] not in away
        if not (for_all or (also and also(row))):
            continue
        one = Alike(
            merchant=row,
            metres=float(metres_between(lon, lat, row["lon"], row["lat"])),
            likeness=_likeness(name, row["name"]),
            phone=bool(told & set(map(_digits, split_phones(row["phones"])))),
            code=bool(credit_code) and credit_code == row["credit_code"],
        )
        if one.likeness >= LIKE or one.phone or one.code:
            found[row["id"]] = one
    best = sorted(found.values(), key=lambda one: (not one.code, -one.likeness, one.metres))
    return best[:_SHOWN]


def _around(tx: Reader, lon: float, lat: float, *, private: bool) -> list[Values]:
    half = NEAR_M * _DEG_PER_M
    box = BBox(lon - half, lat - half, lon + half, lat + half)
    if private:
        chosen = Filter(box=box, statuses=(*PUBLIC, str(Status.PENDING)))
    else:
        chosen = Filter(box=box, categories=categories.visible(tx))
    rows = tx.merchants(chosen, _COLUMNS, limit=_MOST)
    return [dict(zip(_COLUMNS, row, strict=True)) for row in rows]


def _likeness(one: str, other: str) -> float:
    a, b = _bare(one), _bare(other)
    if not a or not b:
        return float(one == other)
    if a == b:
        return 1.0
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


def _bare(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return _NOISE.sub("", folded) or folded


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", unicodedata.normalize("NFKC", phone))[-11:]
