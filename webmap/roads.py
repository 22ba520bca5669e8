"""Roads over HTTP: the basemap's file, in pieces as the map asks for them."""

from flask import Blueprint, Response, send_file

from geodata.errors import NotFound
from geodata.roads.versions import GROUND
from webmap.request import roads

bp = Blueprint("roads", __name__)

_YEAR_S = 31_536_000


@bp.get("/ground/<version>.pmtiles")
def ground(version: str) -> Response:
    """Serve a version's basemap; a version never changes, so it is kept for ever."""
    path = roads().shelf.path(version) / GROUND
    if not path.is_file():
        raise NotFound("streets_version_not_found", name=version)
    answer = send_file(
        path.resolve(),
        mimetype="application/vnd.pmtiles",
        conditional=True,
        etag=version,
        max_age=_YEAR_S,
    )
    answer.cache_control.public = True
    answer.cache_control.immutable = True
    return answer
