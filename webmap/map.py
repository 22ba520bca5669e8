"""The map's page, and the script that Folium writes for it."""

import hashlib

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from webmap import i18n
from webmap.layers import BoundaryLayer, MerchantLayer, NeighbourMap, Panel, TileGround
from webmap.request import Home, home, settings

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
        stylesheets=[address for _, address in empty.default_css],
        scripts=[address for _, address in empty.default_js],
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
    place = home()
    whole = _map(place)
    told = settings()
    if told.tiles_url:
        TileGround(
            told.tiles_url,
            datum=told.tiles_datum,
            overlay_url=told.tiles_overlay_url,
            key=told.tiles_key,
            subdomains=told.tiles_subdomains,
            attribution=told.tiles_attribution,
            review_number=told.tiles_review_number,
            max_zoom=told.tiles_max_zoom,
        ).add_to(whole)
    boundaries = BoundaryLayer(url_for("areas.listed"), place.code, filled=not told.tiles_url)
    merchants = MerchantLayer(
        url_for("merchants.listed"), url_for("categories.listed", lang=i18n.language())
    )
    for part in (boundaries, merchants, Panel(merchants, boundaries)):
        part.add_to(whole)
    return whole
