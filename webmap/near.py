"""Near me over HTTP: the nearest merchants, the way to one, and how far one gets.

Where somebody stands is asked for in the address, as is usual, but never kept: these answers
are neither cached here nor stored on the way, and nothing here writes the question down.
"""

import re
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Literal

from flask import Blueprint
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from geodata import closures, near
from geodata.errors import Invalid, LinjuError, Unavailable
from geodata.geometry import BBox
from geodata.modes import Mode
from geodata.roads import Streets
from geodata.routing import Barred
from geodata.store import Reader
from webmap import limits, ways
from webmap.answers import Answer, Moment, Parameters, api
from webmap.errors import failed
from webmap.features import GEOJSON, MerchantFeature, MerchantFilter, MerchantProperties, features
from webmap.request import calendar, current_actor, now, roads, store, streets
from webmap.ways import ReachFeature, RouteFeature

bp = Blueprint("near", __name__)

MOST = 400
"""The largest ``n``: as many as a map shows."""

RINGS = (5, 10, 15)
"""Minutes of the life circle (生活圈)."""

_LONGEST_MIN = 30
_NUMBER = re.compile(r"-?[0-9]{1,3}(\.[0-9]*)?")
"""Python reads more as a number than an address should hold."""


def _numbers(text: str) -> list[str]:
    parts = text.split(",")
    if not all(map(_NUMBER.fullmatch, parts)):
        raise ValueError(text)
    return parts


def _place(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        lon, lat = map(float, _numbers(value))
        BBox(lon, lat, lon, lat)  # on the globe
    except (ValueError, Invalid) as error:
        raise ValueError("longitude,latitude in degrees, in this order") from error
    return lon, lat


Place = Annotated[
    tuple[float, float],
    BeforeValidator(_place),
    WithJsonSchema(
        {"type": "string", "pattern": "^-?[0-9.]+,-?[0-9.]+$", "examples": ["123.47,41.775"]}
    ),
]


def _minutes(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return tuple(sorted(set(map(int, _numbers(value)))))
    except ValueError as error:
        raise ValueError("whole minutes, with commas") from error


Minutes = Annotated[
    tuple[Annotated[int, Field(ge=1, le=_LONGEST_MIN)], ...],
    BeforeValidator(_minutes),
    Field(min_length=1, max_length=4),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(,\d+)*$", "examples": ["5,10,15"]}),
]

Departure = Annotated[
    Moment | None,
    Field(description="When one leaves: closures and opening hours are those of then, not of now"),
]
_FROM = Field(alias="from", description="Longitude and latitude to begin at; degrees, WGS 84")
_MODE = Field(description="On foot, by bicycle, by car")


class NearestQuery(MerchantFilter):
    """From where, how, and which merchants."""

    start: Annotated[Place, _FROM]
    mode: Annotated[Mode, _MODE] = Mode.FOOT
    n: Annotated[int, Field(ge=1, le=MOST, description="Merchants at most")] = 10
    departure: Departure = None


class RouteQuery(Parameters):
    """From where to where, and how."""

    start: Annotated[Place, _FROM]
    end: Annotated[
        Place, Field(alias="to", description="Longitude and latitude to go to; degrees, WGS 84")
    ]
    mode: Annotated[Mode, _MODE] = Mode.FOOT
    departure: Departure = None


class ReachQuery(Parameters):
    """From where, how, and how long."""

    start: Annotated[Place, _FROM]
    minutes: Annotated[Minutes, Field(description="Whole minutes, with commas")] = RINGS
    mode: Annotated[Mode, _MODE] = Mode.FOOT
    departure: Departure = None


class NearProperties(MerchantProperties):
    """A merchant and how far it is along streets."""

    duration_s: float
    distance_m: float


class NearFeature(MerchantFeature):
    """A merchant and how far it is."""

    properties: NearProperties


class NearCollection(BaseModel):
    """Merchants, the nearest first. ``streets``: the version that was asked, "" elsewhere."""

    type: Literal["FeatureCollection"]
    mode: Mode
    streets: str
    numberReturned: int  # noqa: N815 - as /api/merchants has it
    features: list[NearFeature]


class ReachCollection(BaseModel):
    """What can be reached, the longest time first, so that the shorter are drawn on top.

    ``streets``: the version that was asked, "" elsewhere.
    """

    type: Literal["FeatureCollection"]
    mode: Mode
    streets: str
    features: list[ReachFeature]


@bp.errorhandler(LinjuError)
def refused(error: LinjuError) -> ResponseReturnValue:
    """Say of which streets a refusal is, so that a page that shows others can tell."""
    with suppress(Unavailable):
        if inuse := roads().now():
            error.details["streets"] = inuse.name
    return failed(error)


@api(bp, "/api/nearest", answers=NearCollection, media_type=GEOJSON, personal=True)
def nearest(asked: NearestQuery) -> Answer:
    """Return the merchants that are nearest along streets, nearest first."""
    at, inuse = asked.departure or now(), streets()
    with store().reading() as tx:
        found = near.nearest(
            tx,
            inuse,
            asked.start,
            mode=asked.mode,
            query=asked.query(tx),
            n=asked.n,
            at=at,
            calendar=calendar(),
            closures=_closed(tx, inuse, at),
        )
    made, _ = features([one.row for one in found], at)
    for feature, one in zip(made, found, strict=True):
        feature["properties"] |= {
            "duration_s": round(one.duration_s, 1),
            "distance_m": round(one.distance_m, 1),
        }
    return Answer(
        {
            "type": "FeatureCollection",
            "mode": asked.mode,
            "streets": inuse.name,
            "numberReturned": len(made),
            "features": made,
        }
    )


@api(bp, "/api/route", answers=RouteFeature, media_type=GEOJSON, personal=True, limited=True)
def route(asked: RouteQuery) -> Answer:
    """Return the way between two places along streets, with its steps in words."""
    at, inuse = asked.departure or now(), streets()
    with store().reading() as tx:
        found = closures.in_force(tx, at)
        closed = closures.barring(inuse, found)
        ends, actor = (asked.start, asked.end, asked.mode), current_actor()
        with closures.explaining(inuse, found, *ends, actor=actor, beforehand=_blaming):
            way = inuse.router.route(asked.start, asked.end, asked.mode, closures=closed)
        return Answer(ways.feature(tx, way, asked.mode, end=asked.end, streets=inuse.name))


@api(bp, "/api/reach", answers=ReachCollection, media_type=GEOJSON, personal=True)
def reach(asked: ReachQuery) -> Answer:
    """Return what can be reached from a place within some minutes, and how much lies there."""
    at, inuse = asked.departure or now(), streets()
    with store().reading() as tx:
        closed = _closed(tx, inuse, at)
        rings = inuse.router.reach(asked.start, asked.minutes, asked.mode, closures=closed)
        made = ways.rings(tx, rings, at)
    return Answer(
        {
            "type": "FeatureCollection",
            "mode": asked.mode,
            "streets": inuse.name,
            "features": made,
        }
    )


def _blaming() -> None:
    limits.act(limits.BLAME, current_actor())


def _closed(tx: Reader, inuse: Streets, at: datetime) -> Barred:
    """Return what cannot be gone through, whoever asks and whether it is public or not."""
    return closures.barring(inuse, closures.in_force(tx, at))
