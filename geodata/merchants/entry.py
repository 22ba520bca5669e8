"""What is told of a merchant, and the row that it makes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from geodata import categories, creditcode, hours, search, wording
from geodata.datum import Datum, convert
from geodata.errors import Invalid
from geodata.geometry import BBox
from geodata.store import Reader
from geodata.store.records import Values

LONGEST = {"name": 200, "address": 300, "hours": 300, "note": 2000, "phones": 200}
"""Characters that a text may have."""

_WORLD = BBox(-180, -90, 180, 90)


class Status(StrEnum):
    """Where a merchant stands. Residents see the published and the (for a time) closed."""

    PENDING = "pending"
    PUBLISHED = "published"
    CLOSED = "closed"
    RETIRED = "retired"


_TEXTS = frozenset({"name", "address", "hours", "note", "credit_code"})


@dataclass(frozen=True, slots=True)
class MerchantEntry:
    """What somebody tells of a merchant. ``lon`` and ``lat`` are in ``datum``, degrees."""

    name: str
    category: str
    lon: float
    lat: float
    datum: Datum = Datum.WGS84
    address: str = ""
    phones: tuple[str, ...] = ()
    hours: str = ""
    note: str = ""
    credit_code: str = ""

    @classmethod
    def typed(cls, **told: Any) -> Self:
        """Return what was typed into a form, each text brought to one form, else as written."""
        return cls(**typed(told))

    def check(self, tx: Reader, *, offered: bool = False) -> None:
        """Refuse what cannot stand on the map; ``offered`` refuses hidden categories too.

        Raises
        ------
        Invalid
            ``merchant_invalid``: details map a field to "missing", "too_long",
            "unknown", "hidden", "out_of_range" or, of a credit code, to what is wrong with it.
        """
        wrong: dict[str, object] = {}
        for field, longest in LONGEST.items():
            if len(self._text(field)) > longest:
                wrong[field] = "too_long"
        if not self.name.strip():
            wrong["name"] = "missing"
        if self.category not in categories.known(tx):
            wrong["category"] = "unknown"
        elif offered and self.category in categories.hidden(tx):
            wrong["category"] = "hidden"
        if not _WORLD.contains(self.lon, self.lat):
            wrong["position"] = "out_of_range"
        if self.credit_code and (doubt := _doubtful(self.credit_code)):
            wrong["credit_code"] = doubt
        if wrong:
            raise Invalid("merchant_invalid", **wrong)

    def _text(self, field: str) -> str:
        return ";".join(self.phones) if field == "phones" else str(getattr(self, field))

    def row(self) -> Values:
        """Return the columns that the entry tells, position in WGS 84."""
        lon, lat = convert(self.lon, self.lat, self.datum, Datum.WGS84)
        return {
            "name": self.name,
            "category": self.category,
            "lon": lon,
            "lat": lat,
            "source_datum": str(self.datum),
            "source_lon": self.lon,
            "source_lat": self.lat,
            "address": self.address,
            "phones": ";".join(split_phones(self._text("phones"))),
            "hours": self.hours,
            "note": self.note,
            "credit_code": self.credit_code,
        }


def typed(told: Mapping[str, Any]) -> dict[str, Any]:
    """Bring the texts among an entry's fields to one form; the others stay as they are."""
    texts: dict[str, Any] = {
        k: wording.typed(told[k], lines=k == "note") for k in _TEXTS & told.keys()
    }
    if texts.get("credit_code") and not _doubtful(texts["credit_code"]):
        texts["credit_code"] = creditcode.check(texts["credit_code"]).code
    if "phones" in told:
        texts["phones"] = tuple(filter(None, map(wording.typed, told["phones"])))
    return {**told, **texts}


def _doubtful(code: str) -> str:
    try:
        creditcode.check(code)
    except Invalid as error:
        return f"credit_code_{error.details['reason']}"
    return ""


def entry_of(row: Values) -> dict[str, Any]:
    """Return the fields of the entry that a row says."""
    return {
        "name": row["name"],
        "category": row["category"],
        "lon": row["source_lon"],
        "lat": row["source_lat"],
        "datum": Datum(row["source_datum"]),
        "address": row["address"],
        "phones": split_phones(row["phones"]),
        "hours": row["hours"],
        "note": row["note"],
        "credit_code": row["credit_code"],
    }


_PLACE = ("lon", "lat", "datum")


def differing(entry: MerchantEntry, *rows: Values) -> dict[str, Any]:
    """Return the fields of an entry that any of the rows says otherwise; a place as a whole."""
    found: dict[str, Any] = {}
    for row in rows:
        known = entry_of(row)
        different = {name for name, value in known.items() if getattr(entry, name) != value}
        if different & set(_PLACE):
            different |= set(_PLACE)
        found |= {name: getattr(entry, name) for name in different}
    return found


def split_phones(joined: str) -> tuple[str, ...]:
    """Return the single phones of a row's ``phones``."""
    if ";" not in joined:  # as nearly always
        return (joined,) if joined else ()
    return tuple(filter(None, joined.split(";")))


def terms(row: Values) -> str:
    """Return what a row can be found by."""
    return search.terms(row["name"], address=row["address"], phones=split_phones(row["phones"]))


def last_day(closed_until: str) -> datetime | None:
    """Return midnight of an ISO date of the years that hours are known in, or None."""
    try:
        day = datetime.strptime(closed_until, "%Y-%m-%d").replace(tzinfo=hours.SHANGHAI)
    except ValueError:
        return None
    return day if day.year in hours.YEARS else None
