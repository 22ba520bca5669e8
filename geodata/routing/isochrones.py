"""Reach as the engine draws it."""

from collections.abc import Sequence
from itertools import batched
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from geodata.geometry import mend
from geodata.modes import Mode
from geodata.routing import asking, reading
from geodata.routing.closing import Barred
from geodata.routing.costing import COSTING
from geodata.routing.engine import Action, Engine, Refused
from geodata.routing.stops import Stop

LONGEST_MIN: Final = 120
"""The widest reach that a service draws by default, in minutes."""

_AT_ONCE: Final = 4
"""Rings that a service draws at once by default."""
_DENOISE: Final = 0.1
"""Parts of a ring smaller than this share of its largest are left out."""


def isochrones(
    engine: Engine, stop: Stop, minutes: Sequence[float], mode: Mode, barred: Barred
) -> list[shapely.MultiPolygon]:
    """Return what is in reach within so many minutes, ascending; each inside the next.

    Valid, WGS 84; empty where nothing is, as within no minutes or less.
    """
    shapes: list[BaseGeometry] = [shapely.MultiPolygon() for limit in minutes if limit <= 0]
    for some in batched(minutes[len(shapes) :], _AT_ONCE):
        shapes.extend(_drawn(engine, stop, some, mode, barred))
    return _nested(shapes)


def _drawn(
    engine: Engine, stop: Stop, minutes: Sequence[float], mode: Mode, barred: Barred
) -> list[BaseGeometry]:
    question = {
        "locations": [stop.question],
        "contours": [{"time": limit} for limit in minutes],
        "polygons": True,
        "denoise": _DENOISE,
    }
    try:
        answer = engine.ask(Action.ISOCHRONE, question | barred.question | COSTING[mode])
    except Refused as refused:
        if refused.code not in asking.NO_WAY:
            raise asking.meant(refused, mode) from refused
        return [shapely.MultiPolygon() for _ in minutes]
    return reading.drawn(answer, len(minutes))


def _nested(shapes: Sequence[BaseGeometry]) -> list[shapely.MultiPolygon]:
    """Make each valid and part of the next: what is simplified may cross."""
    found: list[shapely.MultiPolygon] = []
    inner = shapely.MultiPolygon()
    for shape in mend(shapes).geometries:
        (whole,) = mend([shapely.union(inner, shape or inner)]).geometries
        inner = whole or inner
        found.append(inner)
    return found
