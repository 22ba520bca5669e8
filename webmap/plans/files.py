"""A plan as a file: for a navigator, and for a map program."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
from flask import Response
from shapely.geometry import LineString, shape

from geodata import plans
from geodata.exchange import Track, Waypoint, write_gpx
from geodata.plans import Plan
from webmap.downloads import GPX, attached
from webmap.features import GEOJSON
from webmap.i18n import either, gettext
from webmap.plans.blueprint import bp
from webmap.plans.documents import kept
from webmap.request import current_actor, store


@bp.get("/plans/<plan_id>.gpx")
def gpx(plan_id: str) -> Response:
    """Send the incident, the helpers and the ways to them as GPX."""
    one = _plan(plan_id)
    answer, at = kept(one), datetime.fromisoformat(one.created)
    lon, lat = one.at
    places = [Waypoint(lon, lat, one.name, _joined(one.place, one.notes), "incident")]
    tracks = []
    for number, helper in enumerate(answer["helpers"], start=1):
        told = helper["merchant"]["properties"]
        name = f"{number}. {told['name']}"
        words = _joined(*told["phones"], told["address"])
        lon, lat = helper["merchant"]["geometry"]["coordinates"]
        places.append(Waypoint(lon, lat, name, words, "helper"))
        if helper["route"]:
            line = LineString(helper["route"]["geometry"]["coordinates"])
            tracks.append(Track(line, name, helper["route"]["properties"]["summary"]))
    for closure in answer["closures"]:
        middle = shape(closure["geometry"]).representative_point()
        name = gettext("Closed: {reason}", reason=closure["reason"])
        places.append(Waypoint(middle.x, middle.y, name, kind="closure"))
    return attached(write_gpx(one.name, at, places, tracks), f"plan-{one.id}.gpx", GPX)


@bp.get("/plans/<plan_id>.geojson")
def geojson(plan_id: str) -> Response:
    """Send the incident, the helpers, the ways to them and what was closed as GeoJSON."""
    one = _plan(plan_id)
    told = {"type": "FeatureCollection", "features": list(_features(one))}
    return attached(orjson.dumps(told), f"plan-{one.id}.geojson", GEOJSON)


def _features(one: Plan) -> Iterator[dict[str, Any]]:
    answer = kept(one)
    yield _feature(
        {"type": "Point", "coordinates": one.at},
        what="incident",
        name=one.name,
        place=one.place,
        status=one.status,
        scenario=answer["scenario"]["name"],
        created=one.created,
    )
    for number, helper in enumerate(answer["helpers"], start=1):
        merchant, route = helper["merchant"], helper["route"]
        told = {"number": number, "name": merchant["properties"]["name"], "mode": helper["mode"]}
        yield _feature(
            merchant["geometry"],
            what="helper",
            **told,
            **{name: merchant["properties"][name] for name in ("category", "address", "phones")},
            open=helper["open"],
            cut_off=helper["cut_off"],
            duration_s=helper["duration_s"],
            distance_m=helper["distance_m"],
        )
        if route:
            words = [step["text"] for step in route["properties"]["steps"]]
            yield _feature(route["geometry"], what="way", **told, steps=words)
    for closure in answer["closures"]:
        names = ("reason", "from", "until", "level")
        told = {name: closure[name] for name in names}
        yield _feature(closure["geometry"], what="closure", **told)


def _feature(geometry: dict[str, Any], **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _plan(plan_id: str) -> Plan:
    with store().reading() as tx:
        return plans.get(tx, plan_id, actor=current_actor())


def _joined(*words: str) -> str:
    return either("；", "; ").join(one for one in words if one)
