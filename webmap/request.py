"""What a view asks of the request and of the running application."""

import math
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from flask import current_app

from geodata import divisions, matrix
from geodata.geometry import CELL_BITS, BBox, web_mercator_cell
from geodata.hours import Calendar
from geodata.policy import Actor
from geodata.roads import Roads, Streets
from geodata.store import Reader, Store
from geodata.vault import Vault
from webmap import sessions
from webmap.config import Settings

_STORE, _SETTINGS, _CALENDAR = "linju_store", "linju_settings", "linju_calendar"
_ROADS = "linju_roads"

CHINA = (104.0, 35.0, 4)
"""Where a map without any place opens: longitude, latitude, zoom."""

_WIDE_PX, _HIGH_PX = 900, 900  # what a first view has, on a desk screen
_TILE_PX = 256
_CLOSEST = 17


class Home(NamedTuple):
    """The place that an instance is about: what stands in the title, where the map opens."""

    code: str
    name: str
    lon: float
    lat: float
    zoom: int


def bind(store: Store, settings: Settings, calendar: Calendar, roads: Roads) -> dict[str, Any]:
    """Return what an application must keep in its extensions for this module."""
    return {_STORE: store, _SETTINGS: settings, _CALENDAR: calendar, _ROADS: roads}


def roads() -> Roads:
    """Return the application's way to its streets."""
    return cast("Roads", current_app.extensions[_ROADS])


def streets() -> Streets:
    """Return the streets in use.

    Raises
    ------
    Unavailable
        ``streets_missing``: none were built; ``streets_unreadable``.
    """
    return roads().require()


def calendar() -> Calendar:
    """Return the application's holidays."""
    return cast("Calendar", current_app.extensions[_CALENDAR])


def parts() -> matrix.Parts:
    """Return where the matrix is worked out: in this process, in several, on a cluster."""
    return matrix.parts(settings().dask)


def is_demo() -> bool:
    """Tell whether what the store holds was made up."""
    with store().reading() as tx:
        return tx.meta("demo") == "yes"


def home() -> Home:
    """Return the place that the instance is about."""
    with store().reading() as tx:
        return tx.cached("home", lambda: _home(tx), revision=tx.revision())


def _home(tx: Reader) -> Home:
    code = settings().area or tx.meta("area") or ""
    row = tx.find("area", divisions.normalise(code)) if code else None
    box = tx.extent(divisions.prefix(row["code"]) if row else "") or tx.extent()
    name, code = (row["name"], row["code"]) if row else ("", "")
    if box is None:
        return Home(code, name, *CHINA)
    lon, lat = (box.west + box.east) / 2, (box.south + box.north) / 2
    return Home(code, name, round(lon, 6), round(lat, 6), _fitting(box))


def _fitting(box: BBox) -> int:
    """Return the zoom at which a box fills a first view."""
    x, y = web_mercator_cell([box.west, box.east], [box.north, box.south])
    world = 1 << CELL_BITS
    wide, high = max(int(x[1] - x[0]), 1) / world, max(int(y[1] - y[0]), 1) / world
    fits = math.log2(min(_WIDE_PX / wide, _HIGH_PX / high) / _TILE_PX)
    return max(CHINA[2] + 1, min(int(fits), _CLOSEST))


def store() -> Store:
    """Return the application's store."""
    return cast("Store", current_app.extensions[_STORE])


def settings() -> Settings:
    """Return the application's settings."""
    return cast("Settings", current_app.extensions[_SETTINGS])


def vault() -> Vault:
    """Return what seals and opens what is told of elders living alone."""
    return settings().vault


def current_actor() -> Actor:
    """Return who asks; a resident where nothing says more."""
    return sessions.actor()


def now() -> datetime:
    """Return this moment, aware."""
    return datetime.now(UTC)
