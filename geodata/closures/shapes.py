"""What may be drawn: its shape, its size, and how much of it the routing bears at once."""

import math
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.errors import Invalid
from geodata.geometry import BBox, metres_between
from geodata.walking import areas_of
from geodata.walking.frames import Frame, Frames

LARGEST_KM2: Final = 25.0
LONGEST_KM: Final = 20.0
MOST_CORNERS: Final = 1_000
FARTHEST_KM: Final = 30.0
"""So far from everything on the map a drawing is a slip of the hand."""

_KINDS: Final = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}
)
_WHERE: Final = re.compile(r"\[(\S+) (\S+)\]")
_KM2, _KM = 1e6, 1e3
_FEW: Final = 60
"""An area of no more corners stays as it was drawn."""
_TOLERANCE_M: Final = 0.5
_OUTWARD_M: Final = 0.6
"""Rounded corners of few sides come a little nearer than they are told to."""


class Weight(NamedTuple):
    """What the engine is told of closures: corners of areas, and kilometres of their outlines."""

    corners: int
    km: float


MOST_IN_FORCE: Final = Weight(50_000, 2_500.0)
"""So much may be in force at one moment: the routing answers, though slowly.

Half of what the engine takes (:mod:`geodata.routing.tiles`), since what is spared of bridges
adds corners, and whoever is under way obeys closures of several hours.
"""


def weigh(drawn: Sequence[BaseGeometry]) -> list[Weight]:
    """Tell how much each of some drawings is to the engine, as it is told of them."""
    areas, owner = areas_of(drawn)
    of = shapely.get_coordinates(areas, return_index=True)[1]
    corners = np.bincount(owner[of], minlength=len(drawn))
    bounds = shapely.bounds(areas).reshape(-1, 4)
    frames = Frames(bounds[:, [0, 2]].mean(axis=1), bounds[:, [1, 3]].mean(axis=1))
    metres = shapely.length(shapely.transform(areas, frames.of(of).xy))
    km = np.bincount(owner, weights=metres / _KM, minlength=len(drawn))
    return [Weight(*told) for told in zip(corners.tolist(), km.tolist(), strict=True)]


def shaped(drawn: BaseGeometry) -> BaseGeometry:
    """Return a drawing as a closure of it is kept: flat, one that means something, few corners.

    Raises
    ------
    Invalid
        As :func:`geodata.closures.draw` for its shape.
    """
    return outline(sound(drawn))


def outline(geometry: BaseGeometry) -> BaseGeometry:
    """Return an area with few corners that holds the one that was drawn, and 1.2 m more at most.

    An outline traced from elsewhere has hundreds, and each of them costs time in each question
    for a way. Stretches, points and areas of few corners stay as they are.
    """
    if not geometry.geom_type.endswith("Polygon") or shapely.count_coordinates(geometry) <= _FEW:
        return geometry
    middle = geometry.envelope.centroid
    frame = Frame(middle.x, middle.y)
    flat = shapely.transform(geometry, frame.xy)
    wide = shapely.buffer(flat, _OUTWARD_M, quad_segs=2)
    found = shapely.transform(shapely.simplify(wide, _TOLERANCE_M), frame.lonlat)
    fewer = shapely.count_coordinates(found) < shapely.count_coordinates(geometry)
    # Never smaller than it was drawn: that would open a street.
    kept: BaseGeometry = found if fewer and found.is_valid and found.covers(geometry) else geometry
    return kept


def sound(geometry: BaseGeometry) -> BaseGeometry:
    """Return a drawing that means something, flat."""
    if geometry.geom_type not in _KINDS:
        raise Invalid("closure_kind", kind=geometry.geom_type)
    flat = shapely.force_2d(geometry)
    at = shapely.get_coordinates(flat)
    if not len(at):
        raise Invalid("closure_empty")
    # Written so that NaN fails it.
    if not (np.abs(at) <= (180.0, 90.0)).all():
        raise Invalid("closure_coordinates")
    if len(at) > MOST_CORNERS:
        raise Invalid("closure_corners", corners=len(at), most=MOST_CORNERS)
    if not flat.is_valid:
        found = _WHERE.search(shapely.is_valid_reason(flat))
        lon, lat = (float(found[1]), float(found[2])) if found else at[0].tolist()
        raise Invalid("closure_crosses_itself", lon=lon, lat=lat)
    _check_size(flat)
    return flat


def _check_size(geometry: BaseGeometry) -> None:
    middle = geometry.envelope.centroid
    flat = shapely.transform(geometry, Frame(middle.x, middle.y).xy)
    km2, km = flat.area / _KM2, flat.length / _KM
    if geometry.geom_type.endswith("Polygon"):
        km /= 4  # of a square's outline, one side
    if km2 > LARGEST_KM2:
        raise Invalid("closure_too_large", size=round(km2, 1), most=LARGEST_KM2, unit="km²")
    # Parts that lie far apart are several closures, however small each of them is.
    west, south, east, north = flat.bounds
    km = max(km, math.hypot(east - west, north - south) / _KM)
    if km > LONGEST_KM:
        raise Invalid("closure_too_large", size=round(km, 1), most=LONGEST_KM, unit="km")


def check_near_by(geometry: BaseGeometry, box: BBox) -> None:
    """Refuse what lies far from all that is on the map, which is in the box."""
    middle = shapely.point_on_surface(geometry)
    lon, lat = np.clip(middle.x, box.west, box.east), np.clip(middle.y, box.south, box.north)
    km = float(metres_between(middle.x, middle.y, lon, lat)) / _KM
    if km > FARTHEST_KM:
        raise Invalid("closure_far_off", km=round(km), most=FARTHEST_KM)
