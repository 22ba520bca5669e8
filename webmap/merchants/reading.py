"""What the API tells of merchants: those in view, one with all of its card, one's history."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from geodata import areas, browse, hours, merchants
from geodata.datum import Datum, convert
from geodata.store.tallies import Cluster
from webmap.answers import Answer, Parameters, api
from webmap.features import (
    GEOJSON,
    MerchantFeature,
    MerchantFilter,
    MerchantProperties,
    Point,
    features,
)
from webmap.merchants.blueprint import bp
from webmap.request import calendar, current_actor, now, store

MOST = 5000
"""The largest ``limit`` that an answer is asked to keep."""

_WEEK = 7


class MerchantQuery(MerchantFilter):
    """What a map asks; nothing given is everything."""

    zoom: Annotated[
        int | None,
        Field(ge=0, le=22, description="Web Mercator zoom; with it, what is too many is clustered"),
    ] = None
    limit: Annotated[int, Field(ge=1, le=MOST, description="Features at most")] = 400


class ClusterProperties(BaseModel):
    """Merchants too near to each other to be shown one by one."""

    cluster: Literal[True]
    count: int
    categories: dict[str, int]


class ClusterFeature(BaseModel):
    """A cluster."""

    type: Literal["Feature"]
    geometry: Point
    properties: ClusterProperties


class MerchantCollection(BaseModel):
    """Merchants and clusters. ``counts``: by category, if the query named no categories.

    ``wholeCells`` is true where a view holds so many merchants that whole map cells were
    counted: the numbers are those of the cells that touch the box asked for.
    """

    type: Literal["FeatureCollection"]
    numberMatched: int  # noqa: N815 - as OGC API Features names it
    numberReturned: int  # noqa: N815 - as above
    revision: int
    counts: dict[str, int]
    wholeCells: bool  # noqa: N815 - in the manner of the two above
    features: list[MerchantFeature | ClusterFeature]


class AreaName(BaseModel):
    """An area of a path."""

    code: str
    name: str
    level: str


class DayHours(BaseModel):
    """One day of the week, 1 for Monday."""

    day: int
    spans: list[str]


class MerchantDetails(MerchantProperties):
    """A merchant as its card tells it. ``navigate``: links of map services, each in its datum."""

    note: str
    area_path: list[AreaName]
    hours_text: str | None
    week: list[DayHours] | None
    estimated: bool
    closed_until: str | None
    navigate: dict[str, str]
    changed: datetime


class DetailedFeature(BaseModel):
    """A merchant with all that its card tells."""

    type: Literal["Feature"]
    id: str
    geometry: Point
    properties: MerchantDetails


@api(bp, "/api/merchants", answers=MerchantCollection, media_type=GEOJSON)
def listed(asked: MerchantQuery) -> Answer:
    """Return the merchants that residents see, as points or as clusters."""
    at = now()
    with store().reading() as tx:
        query = replace(asked.query(tx), zoom=asked.zoom, limit=asked.limit)
        found = browse.find(tx, query, at, calendar=calendar())
        revision = tx.revision()
    places, until = features(found.places, at)
    every = places + [_cluster(cluster) for cluster in found.clusters]
    if asked.open:
        until = min(until, _soon(at))
    return Answer(
        {
            "type": "FeatureCollection",
            "numberMatched": found.matched,
            "numberReturned": len(every),
            "revision": revision,
            "counts": found.counts,
            "wholeCells": found.whole_cells,
            "features": every,
        },
        until,
    )


def _soon(at: datetime) -> datetime:
    # Which of all the merchants of a city opens next is not worth finding out.
    return at.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _cluster(cluster: Cluster) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": (cluster.lon, cluster.lat)},
        "properties": {
            "cluster": True,
            "count": cluster.count,
            "categories": cluster.categories,
        },
    }


@api(bp, "/api/merchants/<merchant_id>", answers=DetailedFeature, media_type=GEOJSON)
def single(_asked: Parameters, merchant_id: str) -> Answer:
    """Return one merchant with all that its card tells."""
    at = now()
    with store().reading() as tx:
        row = merchants.get(tx, merchant_id)
        path = areas.path(tx, row["area"])
    (feature,), until = features([[row[name] for name in browse.COLUMNS]], at)
    today = at.astimezone(hours.SHANGHAI).date()
    week = hours.week(row["hours"], today, calendar=calendar())
    feature["properties"] |= {
        "note": row["note"],
        "area_path": [{k: area[k] for k in ("code", "name", "level")} for area in path],
        "hours_text": hours.parse(row["hours"]).osm,
        "week": None
        if week is None
        else [{"day": day + 1, "spans": week[day]} for day in range(_WEEK)],
        "estimated": not calendar().official(today.year),
        "closed_until": row["closed_until"] or None,
        "navigate": navigation(row),
        "changed": row["changed"],
    }
    return Answer(feature, until, row["version"])


class FieldChange(BaseModel):
    """A column that a version changed, with what it held before and since."""

    field: str
    old: str | float | bool | None
    new: str | float | bool | None


class Version(BaseModel):
    """One version of a merchant: when, who (a name, never an address), what and why."""

    version: int
    at: datetime
    by: str
    role: str
    action: str
    why: str
    changes: list[FieldChange]


class MerchantHistory(BaseModel):
    """What happened to a merchant, newest first. ``version`` is the present one."""

    id: str
    version: int
    versions: list[Version]


@api(bp, "/api/merchants/<merchant_id>/history", answers=MerchantHistory, private=True)
def history(_asked: Parameters, merchant_id: str) -> Answer:
    """Return what happened to a merchant, for its owner and the staff of its area."""
    with store().reading() as tx:
        entries = merchants.history(tx, merchant_id, actor=current_actor())
    versions = [
        {name: entry[name] for name in ("version", "at", "by", "role", "action", "why")}
        | {"changes": [_change(name, entry) for name in entry["before"]]}
        for entry in entries
    ]
    return Answer(
        {"id": merchant_id, "version": versions[0]["version"], "versions": versions},
    )


def _change(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"field": name, "old": entry["before"][name], "new": entry["after"].get(name)}


def navigation(row: Mapping[str, Any]) -> dict[str, str]:
    """Return links that open 高德, 百度 and 腾讯 at a place, each in its own datum.

    Sources: the URI APIs of the three services (高德 "URI API 单点标注", 百度
    "地图调起API", 腾讯 "地图调起 URI API").
    """
    lon, lat, name = row["lon"], row["lat"], row["name"]
    amap_lon, amap_lat = (f"{v:.6f}" for v in convert(lon, lat, Datum.WGS84, Datum.GCJ02))
    baidu_lon, baidu_lat = (f"{v:.6f}" for v in convert(lon, lat, Datum.WGS84, Datum.BD09))
    place = row["address"] or name
    amap = {"position": f"{amap_lon},{amap_lat}", "name": name, "coordinate": "gaode"}
    baidu = {"location": f"{baidu_lat},{baidu_lon}", "title": name, "content": place}
    # A title's own ; and : would end it.
    plain = str.maketrans(":;", "：；")
    marker = (
        f"coord:{amap_lat},{amap_lon};title:{name.translate(plain)};addr:{place.translate(plain)}"
    )
    return {
        "amap": "https://uri.amap.com/marker?"
        + urlencode(amap | {"src": "linju", "callnative": 1}),
        "baidu": "https://api.map.baidu.com/marker?"
        + urlencode(baidu | {"coord_type": "bd09ll", "output": "html", "src": "linju"}),
        "tencent": "https://apis.map.qq.com/uri/v1/marker?"
        + urlencode({"marker": marker, "referer": "linju"}),
    }
