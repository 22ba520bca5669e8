"""The map's page, and the script that Folium writes for it."""

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from webmap import i18n, mapping
from webmap.layers import (
    ClosureLayer,
    ClosureNotice,
    MerchantLayer,
    NeighbourMap,
    Panel,
    ReachLayer,
    WayLayer,
)

bp = Blueprint("map", __name__)

CLOSURES_EVERY_S = 30
"""So often an open map asks what is closed; at the desks of staff it is more often."""


@bp.get("/")
def page() -> ResponseReturnValue:
    """Show the map; everything in it comes by itself afterwards."""
    address = url_for(".script", lang=i18n.language())
    return render_template("map/index.html", map_script_url=address, **mapping.element())


@bp.get("/map.js")
def script() -> Response:
    """Serve what Folium writes: addresses and settings, no word of anybody's."""
    return mapping.as_script(_with_layers())


def _with_layers() -> NeighbourMap:
    streets = mapping.streets()
    whole, boundaries = mapping.grounded()
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
    closures = ClosureLayer(url_for("closures.listed"), every_s=CLOSURES_EVERY_S)
    for part in (reach, closures, way, merchants, panel, ClosureNotice(closures)):
        part.add_to(whole)
    return whole
