"""Maps of pages: Folium's, with the ground and the borders of this instance under them."""

import hashlib

from flask import Response, request, url_for
from markupsafe import Markup

from geodata.errors import Unavailable
from geodata.roads import Streets
from webmap.i18n import gettext as _
from webmap.layers import BoundaryLayer, NeighbourMap, StreetGround, TileGround
from webmap.request import home, roads, settings

MIN_ZOOM, MAX_ZOOM = 4, 19
_OSM = "© OpenStreetMap"


def element() -> dict[str, object]:
    """Return what a template needs to show a map: ``map_html``, ``stylesheets``, ``scripts``.

    The map's own script is a file of the subject; see :func:`as_script`.
    """
    empty = _empty()
    return {
        "map_html": Markup(empty.html()),  # noqa: S704  a constant of ours: an element and its id
        "stylesheets": [address for _name, address in empty.default_css],
        "scripts": [address for _name, address in empty.default_js] + _ground_scripts(),
    }


def grounded() -> tuple[NeighbourMap, BoundaryLayer]:
    """Return a map with its ground, and the layer of borders that is on it."""
    whole, ground = _empty(), _ground(streets())
    if ground is not None:
        ground.add_to(whole)
    boundaries = BoundaryLayer(url_for("areas.listed"), home().code, filled=ground is None)
    boundaries.add_to(whole)
    return whole, boundaries


def as_script(whole: NeighbourMap) -> Response:
    """Answer with what Folium writes: addresses and settings, no word of anybody's."""
    answer = Response(whole.script(), mimetype="text/javascript")
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:16])
    answer.cache_control.no_cache = True
    answer.make_conditional(request)
    return answer


def streets() -> Streets | None:
    """Return the streets in use; without them, or while their files are damaged, the map serves."""
    try:
        return roads().now()
    except Unavailable:
        return None


def _empty() -> NeighbourMap:
    place = home()
    return NeighbourMap(
        [place.lat, place.lon],
        zoom_start=place.zoom,
        min_zoom=MIN_ZOOM,
        max_zoom=MAX_ZOOM,
        static_url=url_for("static", filename=""),
    )


def _ground(found: Streets | None) -> TileGround | StreetGround | None:
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
    if found is None or found.version is None or found.ground is None:
        return None
    version = found.version
    source = _("Streets drawn for the demonstration") if version.demo else _OSM
    return StreetGround(url_for("roads.ground", version=version.name), source)


def _ground_scripts() -> list[str]:
    ground = _ground(streets())
    if not isinstance(ground, StreetGround):
        return []
    return [url_for("static", filename=path) for path in ground.scripts]
