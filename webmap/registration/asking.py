"""What the form asks the server while somebody types; the answers are in words.

Nothing of it stands in an address: whoever registers may type a phone or paste a message.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field

from geodata import areas, creditcode, divisions, exchange, homes, hours, pasted, proposals
from geodata.datum import Datum, convert
from geodata.merchants import LONGEST
from geodata.store import Reader
from webmap import limits
from webmap.forms import asked
from webmap.i18n import gettext as _
from webmap.i18n import marked
from webmap.pages import page_url
from webmap.registration.blueprint import bp
from webmap.request import calendar, current_actor, home, now, store
from webmap.sent import Sent

DATUMS: Mapping[Datum, str] = {
    Datum.GCJ02: marked("Amap or Tencent (GCJ-02)"),
    Datum.BD09: marked("Baidu (BD-09)"),
    Datum.WGS84: marked("GPS or Tianditu (WGS 84)"),
}
"""The datums, by where people get coordinates from."""

_LONGEST_CODE = 40
_SHORTEST_NAME = 2
_WEEKS_AHEAD = 12


class Where(Sent):
    """A position: pasted text, or two numbers in a datum. Not rounded, as it was given."""

    text: str = ""
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    datum: Datum = Datum.WGS84


class Shop(Sent):
    """What is known so far of a shop that is being registered."""

    name: str = Field("", max_length=LONGEST["name"])
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    datum: Datum = Datum.WGS84
    phones: list[str] = Field([], max_length=9)
    but: str = Field("", max_length=20)


class Code(Sent):
    """A credit code, and where the shop is, if that is known."""

    code: str = Field(max_length=_LONGEST_CODE)
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    datum: Datum = Datum.WGS84


class Phones(Sent):
    """Phones as they stand in a form's fields."""

    phones: list[Annotated[str, Field(max_length=LONGEST["phones"])]] = Field([], max_length=9)


class Week(Sent):
    """Opening hours as written."""

    text: str = Field("", max_length=LONGEST["hours"])


@bp.post("/merchants/new/place")
@asked(Where)
def place(asked: Where) -> Mapping[str, Any]:
    """Understand a position and say it in words; ask for its datum where nothing tells it."""
    limits.within(limits.LOOK)
    name, datum = "", asked.datum
    lon, lat = asked.lon, asked.lat
    if asked.text or lon is None or lat is None:
        found = pasted.read(asked.text)
        lon, lat, name = found.lon, found.lat, found.name
        if found.datum is None:
            with store().reading() as tx:
                told = [_placed(tx, lon, lat, one) | {"title": _(DATUMS[one])} for one in DATUMS]
            return {"ask": told, "name": name}
        datum = found.datum
    with store().reading() as tx:
        return {"place": _placed(tx, lon, lat, datum), "name": name}


def _placed(tx: Reader, lon: float, lat: float, datum: Datum) -> dict[str, Any]:
    true_lon, true_lat = convert(lon, lat, datum, Datum.WGS84)
    return {
        "lon": true_lon,
        "lat": true_lat,
        "given": {"lon": lon, "lat": lat, "datum": str(datum)},
        **_in_words(tx, true_lon, true_lat),
    }


def _in_words(tx: Reader, lon: float, lat: float) -> dict[str, str]:
    """Say where a position is, and doubt what lies outside of where the office is at home."""
    (code,) = areas.containing(tx, lon, lat)
    names = [area["name"] for area in areas.path(tx, code)][-2:]
    near = homes.nearest(tx, lon, lat, actor=current_actor())
    words = " › ".join(names)
    if near:
        building, metres = near
        told = {"name": building, "metres": round(metres)}
        beside = _("beside {name}, {metres} m", **told)
        words = f"{words} · {beside}" if words else beside
    office = home()
    doubt = ""
    if not code:
        doubt = _("No area of this map holds this place. Is the pin right?")
    elif office.code and not code.startswith(divisions.prefix(office.code)):
        doubt = _("This place is outside of {name}. Is the pin right?", name=office.name)
    return {"words": words, "doubt": doubt}


@bp.post("/merchants/new/alike")
@asked(Shop)
def alike(asked: Shop) -> Mapping[str, Any]:
    """Return the shops on the map near by that this one may be; those that wait are not told."""
    limits.within(limits.LOOK)
    if len(asked.name.strip()) < _SHORTEST_NAME:
        return {"alike": []}
    lon, lat = convert(asked.lon, asked.lat, asked.datum, Datum.WGS84)
    with store().reading() as tx:
        found = proposals.alike(tx, asked.name, lon, lat, phones=tuple(asked.phones), but=asked.but)
    return {
        "alike": [
            {
                "id": one.merchant["id"],
                "name": one.merchant["name"],
                "category": one.merchant["category"],
                "address": one.merchant["address"],
                "metres": round(one.metres),
                "same_phone": one.phone,
                "url": page_url("map.page", sel=one.merchant["id"]),
            }
            for one in found
        ]
    }


@bp.post("/merchants/new/code")
@asked(Code)
def code(asked: Code) -> Mapping[str, Any]:
    """Check a credit code; one that was registered in another district is worth a word only."""
    limits.within(limits.LOOK)
    area = ""
    if asked.lon is not None and asked.lat is not None:
        lon, lat = convert(asked.lon, asked.lat, asked.datum, Datum.WGS84)
        with store().reading() as tx:
            (area,) = areas.containing(tx, lon, lat)
    found = creditcode.check(asked.code, area=area)
    told = _("Registered in {region}.", region=found.region_name)
    if found.elsewhere:
        told = _(
            "Registered in {region}, which is elsewhere. That may be so.", region=found.region_name
        )
    return {"code": found.code, "words": told, "elsewhere": found.elsewhere}


@bp.post("/merchants/new/phones")
@asked(Phones)
def phones(asked: Phones) -> Mapping[str, Any]:
    """Doubt what looks like no phone, as an import does: a word beside the field, not a no."""
    limits.within(limits.LOOK)
    if not any(map(exchange.odd_phones, asked.phones)):
        return {"words": ""}
    return {"words": _("This does not look like a phone number. Please check it.")}


@bp.post("/merchants/new/hours")
@asked(Week)
def week(asked: Week) -> Mapping[str, Any]:
    """Read opening hours back: each day of a week without holidays, as the map understands it."""
    limits.within(limits.LOOK)
    found = hours.check(asked.text)
    told = hours.week(asked.text, _plain_week(), calendar=calendar())
    return {
        "osm": found.osm,
        "week": [{"day": n, "spans": spans} for n, spans in enumerate(told or [], start=1)],
        "holidays": _holidays(found.osm or ""),
    }


def _holidays(osm: str) -> str:
    """Say what becomes of the hours on public holidays, where they say something of them."""
    if "PH off" in osm:
        return _("Closed on public holidays.")
    return _("Other hours on public holidays.") if "PH" in osm else ""


def _plain_week() -> date:
    """Return the Monday of a week without a holiday or a worked weekend, this one if it is so."""
    today = now().astimezone(hours.SHANGHAI).date()
    monday = today - timedelta(days=today.weekday())
    days = calendar()
    for week_ahead in range(_WEEKS_AHEAD):
        first = monday + timedelta(weeks=week_ahead)
        kinds = {days.kind(first + timedelta(days=n)) for n in range(7)}
        if kinds == {hours.DayKind.ORDINARY}:
            return first
    return monday
