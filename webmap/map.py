"""The map's page, and the script that Folium writes for it."""

import hashlib

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from geodata.errors import Unavailable
from geodata.roads import Streets
from webmap import i18n
from webmap.i18n import gettext as _
from webmap.layers import (
    BoundaryLayer,
    MerchantLayer,
    NeighbourMap,
    Panel,
    ReachLayer,
    StreetGround,
    TileGround,
    WayLayer,
)
from webmap.request import Home, home, roads, settings

bp = Blueprint("map", __name__)

MIN_ZOOM, MAX_ZOOM = 4, 19


@bp.get("/")
def page() -> ResponseReturnValue:
    """Show the map; everything in it comes by itself afterwards."""
    place = home()
    empty = _map(place)
    return render_template(
        "map/index.html",
        map_html=Markup(empty.html()),  # noqa: S704  a constant of ours: an element and its id
        stylesheets=[address for _name, address in empty.default_css],
        scripts=[address for _name, address in empty.default_js] + _ground_scripts(),
        map_script_url=url_for(".script", lang=i18n.language()),
    )


@bp.get("/map.js")
def script() -> Response:
    """Serve what Folium writes: addresses and settings, no word of anybody's."""
    answer = Response(_with_layers().script(), mimetype="text/javascript")
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:16])
    answer.cache_control.no_cache = True
    answer.make_conditional(request)
    return answer


def _map(place: Home) -> NeighbourMap:
    return NeighbourMap(
        [place.lat, place.lon],
        zoom_start=place.zoom,
        min_zoom=MIN_ZOOM,
        max_zoom=MAX_ZOOM,
        static_url=url_for("static", filename=""),
    )


def _with_layers() -> NeighbourMap:
    place, streets = home(), _streets()
    whole = _map(place)
    ground = _ground(streets)
    if ground is not None:
        ground.add_to(whole)
    boundaries = BoundaryLayer(url_for("areas.listed"), place.code, filled=ground is None)
    language = i18n.language()
    merchants = MerchantLayer(
        url_for("merchants.listed"), url_for("categories.listed", lang=language)
    )
    reach = ReachLayer(url_for("near.reach", lang=language))
    way = WayLayer(url_for("near.route", lang=language))
    panel = Panel(
        merchants,
        boundaries,
        way,
        reach,
        nearest_url=url_for("near.nearest", lang=language) if streets else "",
        homes_url=url_for("homes.named"),
        streets=streets.name if streets else "",
    )
    for part in (boundaries, reach, way, merchants, panel):
        part.add_to(whole)
    return whole


def _streets() -> Streets | None:
    """Return the streets in use; without them, or while their files are damaged, the map serves."""
    try:
        return roads().now()
    except Unavailable:
        return None


def _ground(streets: Streets | None) -> TileGround | StreetGround | None:
    """Return what lies under everything: the operator's tiles, else our own streets, else paper."""
    told = settings()
    if told.tiles_url:
        return TileGround(
            told.tiles_url,
            datum=told.tiles_datum,
            overlay_url=told.tiles_overlay_url,
            key=told.tiles_key,
            subdomains=told.tiles_subdomains,
            attribution=told.tiles_attribution,
            review_number=told.tiles_review_number,
            max_zoom=told.tiles_max_zoom,
        )
    if streets is None or streets.version is None or streets.ground is None:
        return None
    version = streets.version
    source = _("Streets drawn for the demonstration") if version.demo else _OSM
    return StreetGround(url_for("roads.ground", version=version.name), source)


def _ground_scripts() -> list[str]:
    ground = _ground(_streets())
    if not isinstance(ground, StreetGround):
        return []
    return [url_for("static", filename=path) for path in ground.scripts]


_OSM = "© OpenStreetMap"
