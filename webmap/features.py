"""Merchants as GeoJSON: what narrows them in an address, what a feature of one tells."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from geodata import browse, categories, hours, merchants
from geodata.errors import Invalid
from geodata.store import Reader
from webmap.answers import Box, Listed, Parameters
from webmap.request import calendar

GEOJSON = "application/geo+json"


class MerchantFilter(Parameters):
    """What narrows the merchants of an answer; nothing given is everything."""

    bbox: Annotated[Box | None, Field(description="west,south,east,north; degrees, WGS 84")] = None
    category: Annotated[Listed | None, Field(description="Category ids, with commas")] = None
    q: Annotated[
        str,
        Field(max_length=100, description="A piece of the name, pinyin, initials, phone, address"),
    ] = ""
    open: Annotated[Literal["now"] | None, Field(description="Only what is open now")] = None
    area: Annotated[str, Field(pattern=r"^\d{0,15}$", description="An area's code")] = ""

    def query(self, tx: Reader) -> browse.Query:
        """Return what is asked, as geodata has it.

        Raises
        ------
        Invalid
            ``parameter_invalid``: a category that is not known.
        """
        if self.category and (strange := set(self.category) - categories.known(tx)):
            raise Invalid("parameter_invalid", names=["category"], reasons=sorted(strange)[:5])
        return browse.Query(
            box=self.bbox,
            categories=self.category,
            text=self.q,
            open_now=self.open == "now",
            area=self.area,
        )


class Point(BaseModel):
    """A GeoJSON point, WGS 84."""

    type: Literal["Point"]
    coordinates: tuple[float, float]


class MerchantProperties(BaseModel):
    """A merchant as a list and a map show it. ``until``: when ``open`` changes next."""

    name: str
    category: str
    address: str
    phones: list[str]
    hours: str
    open: bool | None
    until: datetime | None
    area: str
    status: Literal["published", "closed"]
    version: int


class MerchantFeature(BaseModel):
    """A merchant."""

    type: Literal["Feature"]
    id: str
    geometry: Point
    properties: MerchantProperties


def features(rows: Iterable[Sequence[Any]], at: datetime) -> tuple[list[dict[str, Any]], datetime]:
    """Return rows of :data:`geodata.browse.COLUMNS` as features, and until when they are true."""
    made: list[dict[str, Any]] = []
    days = calendar()
    minute = at.replace(second=0, microsecond=0)
    soonest = at + timedelta(days=1)
    # A city has a few hundred texts of hours: asked once an answer, not once a merchant.
    known: dict[tuple[str, str, str], dict[str, Any]] = {}
    # A fresh answer is mostly this loop: attributes of a row would double it.
    for row in rows:
        _, key, name, category, lon, lat, address, phones, written, area, *rest = row
        status, closed_until, version, *_ = rest
        asked = (written, status, closed_until)
        told = known.get(asked)
        if told is None:
            told, until = _opening(*asked, minute, days)
            soonest = min(soonest, until or soonest)
            known[asked] = told
        made.append(
            {
                "type": "Feature",
                "id": key,
                "geometry": {"type": "Point", "coordinates": (lon, lat)},
                "properties": {
                    "name": name,
                    "category": category,
                    "address": address,
                    "phones": merchants.split_phones(phones),
                    "hours": written,
                    "area": area,
                    "version": version,
                    **told,
                },
            }
        )
    return made, soonest


@lru_cache(maxsize=4096)
def _opening(
    written: str, status: str, closed_until: str, minute: datetime, days: hours.Calendar
) -> tuple[dict[str, Any], datetime | None]:
    """Return what a feature tells of opening, which changes at a full minute, and until when."""
    status, state = merchants.opening(written, status, closed_until, minute, calendar=days)
    until = state.until and state.until.isoformat()
    return {"status": status, "open": state.open, "until": until}, state.until
