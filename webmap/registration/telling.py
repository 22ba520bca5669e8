"""What somebody types into the form of a shop."""

import math
from collections.abc import Collection
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from geodata.datum import Datum
from geodata.errors import Invalid
from geodata.merchants import MerchantEntry
from geodata.proposals import Contact

FIELDS = frozenset(
    {"name", "category", "lon", "lat", "datum", "address", "phones", "hours", "note"}
    | {"credit_code", "contact_name", "contact_phone"}
)
"""What anybody may tell of a shop. Whose it is and whether it is shown is for others to say."""

ABOUT = frozenset({"csrf_token", "key", "version", "why", "shared"})
"""What a form says about itself."""


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody tells of a shop, and whom the reviewers may ask."""

    entry: MerchantEntry
    contact: Contact


def shop(form: MultiDict[str, str], *, more: Collection[str] = ()) -> Told:
    """Return what a form tells of a shop; ``more`` are fields that this form has besides.

    Raises
    ------
    Invalid
        ``field_unknown`` for what nobody may tell in this form; ``merchant_invalid``.
    """
    if strange := set(form) - FIELDS - ABOUT - set(more):
        raise Invalid("field_unknown", fields=sorted(strange))
    entry = MerchantEntry.typed(
        name=form.get("name", ""),
        category=form.get("category", ""),
        lon=_degrees(form.get("lon", "")),
        lat=_degrees(form.get("lat", "")),
        datum=_datum(form.get("datum", "")),
        address=form.get("address", ""),
        phones=form.getlist("phones"),
        hours=form.get("hours", ""),
        note=form.get("note", ""),
        credit_code=form.get("credit_code", ""),
    )
    contact = Contact.typed(form.get("contact_name", ""), form.get("contact_phone", ""))
    return Told(entry, contact)


def _degrees(written: str) -> float:
    """Return a number; what is none is nowhere, and :meth:`MerchantEntry.check` says so."""
    try:
        return float(written)
    except ValueError:
        return math.nan


def _datum(written: str) -> Datum:
    return Datum(written) if written in set(Datum) else Datum.WGS84
