"""What programs write: registrations, changes of a version that was seen, and reports."""

from datetime import datetime
from typing import Annotated, Any

from flask import url_for
from pydantic import BaseModel, ConfigDict, Field

from geodata import merchants, proposals
from geodata.datum import Datum
from geodata.merchants import LONGEST, MerchantEntry, Status
from geodata.proposals import Contact, Report, State
from geodata.store.records import Values
from webmap import limits
from webmap.answers import Body, Written, without_defaults, write
from webmap.merchants.blueprint import bp
from webmap.request import current_actor, store

_PHONES = 10
_LONGEST_WORDS = 500
_LONGEST_CONTACT = 50
_LONGEST_WHY = 300

Name = Annotated[str, Field(min_length=1, max_length=LONGEST["name"])]
Category = Annotated[str, Field(max_length=40, description="An id of /api/categories")]
Longitude = Annotated[float, Field(ge=-180, le=180, description="Degrees, in the datum")]
Latitude = Annotated[float, Field(ge=-90, le=90, description="Degrees, in the datum")]
InDatum = Annotated[Datum, Field(description="Of lon and lat: gcj02 is 高德 and 腾讯, bd09 百度")]
Address = Annotated[str, Field(max_length=LONGEST["address"])]
Phones = Annotated[
    tuple[Annotated[str, Field(max_length=LONGEST["phones"])], ...], Field(max_length=_PHONES)
]
Hours = Annotated[str, Field(max_length=LONGEST["hours"], description="As people write them")]
Note = Annotated[str, Field(max_length=LONGEST["note"], description="What it offers")]
CreditCode = Annotated[str, Field(max_length=40, description="统一社会信用代码, or empty")]


class ContactTold(Body):
    """Whom the reviewers may ask: seen by them only."""

    name: Annotated[str, Field(max_length=_LONGEST_CONTACT)] = ""
    phone: Annotated[str, Field(max_length=_LONGEST_CONTACT)] = ""


class Registration(Body):
    """A merchant that is to be put on the map."""

    name: Name
    category: Category
    lon: Longitude
    lat: Latitude
    datum: InDatum = Datum.WGS84
    address: Address = ""
    phones: Phones = ()
    hours: Hours = ""
    note: Note = ""
    credit_code: CreditCode = ""
    contact: ContactTold = ContactTold()


class Changes(Body):
    """What is to be different; what is not told stays. lon and lat come together."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    name: Name = ""
    category: Category = ""
    lon: Longitude = 0
    lat: Latitude = 0
    datum: InDatum = Datum.WGS84
    address: Address = ""
    phones: Phones = ()
    hours: Hours = ""
    note: Note = ""
    credit_code: CreditCode = ""
    closed_until: Annotated[
        str, Field(max_length=10, description="The last closed day (ISO), or empty: open again")
    ] = ""
    contact: ContactTold = ContactTold()
    why: Annotated[str, Field(max_length=_LONGEST_WHY, description="For the history")] = ""


class Complaint(Body):
    """What is not right about a merchant on the map."""

    what: Report
    words: Annotated[str, Field(max_length=_LONGEST_WORDS)] = ""


class Registered(BaseModel):
    """A receipt. ``link`` is the private one to follow and amend the registration: keep it."""

    id: str
    status: Status
    link: str
    token: str


class MerchantRow(BaseModel):
    """A merchant as it stands. lon and lat are WGS 84."""

    id: str
    version: int
    status: Status
    name: str
    category: str
    lon: float
    lat: float
    address: str
    phones: list[str]
    hours: str
    note: str
    credit_code: str
    closed_until: str
    area: str
    changed: datetime


class Reported(BaseModel):
    """That a report lies before the reviewers."""

    merchant: str
    what: Report


@write(
    bp,
    "POST",
    "/api/merchants",
    answers=Registered,
    statuses={201: "It waits for review; the same again under its key is the same merchant"},
    limit=limits.REGISTER,
)
def register(told: Registration, key: str) -> Written:
    """Put a merchant before the reviewers of its area."""
    fields = told.model_dump(exclude={"contact"}, exclude_unset=True)
    entry = MerchantEntry.typed(**fields)
    contact = Contact.typed(told.contact.name, told.contact.phone)
    with store().writing() as tx:
        receipt = proposals.register(tx, entry, contact, actor=current_actor(), idempotency_key=key)
        # Of what was registered before under the same key much may have become since.
        status = tx.row("merchant", receipt.merchant)["status"]
    # Behind the #: what stands there is neither sent to a server nor logged by one.
    link = url_for("registration.mine", _external=True) + f"#{receipt.token}"
    made = {"id": receipt.merchant, "status": status, "link": link, "token": receipt.token}
    return Written(made, location=f"/api/merchants/{receipt.merchant}")


@write(
    bp,
    "PATCH",
    "/api/merchants/<merchant_id>",
    answers=MerchantRow,
    statuses={200: "It stands so now", 202: "It waits for review"},
    limit=limits.AMEND,
)
def amend(told: Changes, merchant_id: str, version: int) -> Written:
    """Change a merchant, or propose to: staff and trusted owners at once, others by review."""
    actor = current_actor()
    fields = told.model_dump(exclude={"contact", "why"}, exclude_unset=True)
    contact = None
    if "contact" in told.model_fields_set:
        contact = Contact.typed(told.contact.name, told.contact.phone)
    with store().writing() as tx:
        state = proposals.amend(
            tx,
            merchant_id,
            merchants.typed(fields),
            version=version,
            actor=actor,
            contact=contact,
            why=told.why,
        )
        row = merchants.get(tx, merchant_id, actor=actor)
    return Written(_row(row), 200 if state == State.ACCEPTED else 202, row["version"])


@write(
    bp,
    "POST",
    "/api/merchants/<merchant_id>/reports",
    answers=Reported,
    statuses={202: "The reviewers will see it"},
    limit=limits.REPORT,
)
def report(told: Complaint, merchant_id: str) -> Written:
    """Tell the reviewers that something about a merchant on the map is not right."""
    with store().writing() as tx:
        proposals.report(tx, merchant_id, told.what, told.words, actor=current_actor())
    return Written({"merchant": merchant_id, "what": told.what})


def _row(row: Values) -> dict[str, Any]:
    told = {name: row[name] for name in MerchantRow.model_fields}
    return told | {"phones": merchants.split_phones(row["phones"])}
