"""WGS 84, GCJ-02 and BD-09: the three ways in which China writes a position."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, cast, overload

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

type Floats = NDArray[np.float64]
type Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]


class Datum(StrEnum):
    """Which coordinate system (坐标系) a longitude and latitude are given in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


# The Krasovsky 1940 ellipsoid, on which GCJ-02 is computed whatever the input was.
_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323

# Where the offsets apply: the box that every published implementation uses.
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271

# The step shrinks some hundredfold each time, so six are enough; the rest is reserve.
_MOST_STEPS = 20
_GOOD_ENOUGH_DEG = 1e-12

_BD_WAVE = np.pi * 3000.0 / 180.0


@overload
def convert(lon: float, lat: float, source: Datum, target: Datum) -> tuple[float, float]: ...
@overload
def convert(
    lon: ArrayLike, lat: ArrayLike, source: Datum, target: Datum
) -> tuple[Floats, Floats]: ...
def convert(
    lon: ArrayLike, lat: ArrayLike, source: Datum, target: Datum
) -> tuple[float, float] | tuple[Floats, Floats]:
    """Bring longitudes and latitudes from one datum into another.

    The one front door for points; :func:`convert_geometry` is the one for shapes.

    Parameters
    ----------
    lon, lat
        Degrees: two numbers, or two arrays that broadcast against each other.
    source, target
        The datum that comes in and the one that goes out.

    Returns
    -------
    tuple
        Longitude and latitude in degrees: floats for numbers, new float64
        arrays for arrays, of length 0 for length 0.

    Notes
    -----
    NaN and infinity pass through, alone: a missing latitude leaves the
    longitude as it was.

    Outside the box 72.004–137.8347° E, 0.8293–55.8271° N the three are the same.
    The box reaches over every border. Where exactly each map provider stops
    shifting is not published, so a finer outline would be a guess that could
    cut off a border town by some 500 m; the box can only misplace points in
    neighbouring countries, which no community office keeps. All of China lies
    more than 100 km inside it, so its edges disturb no place of ours.

    The forward formulas agree with the providers within 7.4e-6°, 0.8 m,
    measured on 332 cities. The way back solves the forward
    formula by iteration, so a round trip returns within 1e-11° (a micrometre).

    Examples
    --------
    >>> lon, lat = convert(123.4315, 41.8057, Datum.WGS84, Datum.GCJ02)
    >>> round(lon, 5), round(lat, 5)
    (123.43764, 41.80813)
    >>> lon, lat = convert([123.43764, np.nan], [41.80813, 41.8], Datum.GCJ02, Datum.WGS84)
    >>> lon.round(4).tolist(), lat.round(4).tolist()
    ([123.4315, nan], [41.8057, 41.8])
    """
    lons, lats = np.broadcast_arrays(
        np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    )
    lons, lats = lons.copy(), lats.copy()
    for shift in _PATHS[Datum(source), Datum(target)]:
        lons, lats = shift(lons, lats)
    if lons.ndim == 0:
        return float(lons), float(lats)
    return lons, lats


def convert_geometry[G](geometries: G, source: Datum, target: Datum) -> G:
    """Bring shapely geometries from one datum into another, vertex by vertex.

    For points held as two columns use :func:`convert`.

    Parameters
    ----------
    geometries
        A geometry, or an array of them. None and empty geometries stay.
    source, target
        As for :func:`convert`.

    Returns
    -------
    G
        New two-dimensional geometries in the same form. Only vertices move, so
        the middle of a straight edge of 10 km is some 6 m off near Shenyang and
        at most 100 m anywhere in China; of 1 km, a hundredth of that.
        Neighbours that share an edge still share it.

    Examples
    --------
    >>> moved = convert_geometry(shapely.Point(123.4315, 41.8057), Datum.WGS84, Datum.BD09)
    >>> round(moved.x, 5), round(moved.y, 5)
    (123.44422, 41.81391)
    """

    def shift(vertices: Floats) -> Floats:
        return np.column_stack(convert(vertices[:, 0], vertices[:, 1], source, target))

    return cast("G", shapely.transform(cast("Any", geometries), shift))


def _wgs_to_gcj(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return _where_in_china(_gcj_from_wgs, lon, lat, lon, lat)


def _gcj_to_wgs(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return _back(_gcj_from_wgs, lon, lat)


def _gcj_to_bd(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    # Whether a place is in China is asked of where it is, not of what a shifted
    # datum calls it: otherwise the three would disagree along the box's edge.
    true_lon, true_lat = _gcj_to_wgs(lon, lat)
    return _where_in_china(_bd_from_gcj, lon, lat, true_lon, true_lat)


def _bd_to_gcj(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    gcj_lon, gcj_lat = _solve(_bd_from_gcj, lon, lat)
    true_lon, true_lat = _solve(_gcj_from_wgs, gcj_lon, gcj_lat)
    inside = _in_china(true_lon, true_lat)
    return np.where(inside, gcj_lon, lon), np.where(inside, gcj_lat, lat)


_PATHS: dict[tuple[Datum, Datum], tuple[Shift, ...]] = {
    (Datum.WGS84, Datum.WGS84): (),
    (Datum.GCJ02, Datum.GCJ02): (),
    (Datum.BD09, Datum.BD09): (),
    (Datum.WGS84, Datum.GCJ02): (_wgs_to_gcj,),
    (Datum.GCJ02, Datum.WGS84): (_gcj_to_wgs,),
    (Datum.GCJ02, Datum.BD09): (_gcj_to_bd,),
    (Datum.BD09, Datum.GCJ02): (_bd_to_gcj,),
    (Datum.WGS84, Datum.BD09): (_wgs_to_gcj, _gcj_to_bd),
    (Datum.BD09, Datum.WGS84): (_bd_to_gcj, _gcj_to_wgs),
}


def _in_china(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    return (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)


def _where_in_china(
    forward: Shift, lon: Floats, lat: Floats, true_lon: Floats, true_lat: Floats
) -> tuple[Floats, Floats]:
    inside = _in_china(true_lon, true_lat)
    shifted_lon, shifted_lat = forward(np.where(inside, lon, 0.0), np.where(inside, lat, 0.0))
    return np.where(inside, shifted_lon, lon), np.where(inside, shifted_lat, lat)


def _back(forward: Shift, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    back_lon, back_lat = _solve(forward, lon, lat)
    inside = _in_china(back_lon, back_lat)
    return np.where(inside, back_lon, lon), np.where(inside, back_lat, lat)


def _solve(forward: Shift, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Find what ``forward`` maps onto these points, near China; leave others alone."""
    # One degree of margin: a place just inside the box may be shifted out of it.
    near = (lon > _WEST - 1) & (lon < _EAST + 1) & (lat > _SOUTH - 1) & (lat < _NORTH + 1)
    goal_lon, goal_lat = np.where(near, lon, 0.0), np.where(near, lat, 0.0)
    at_lon, at_lat = goal_lon, goal_lat
    for _ in range(_MOST_STEPS):
        seen_lon, seen_lat = forward(at_lon, at_lat)
        off_lon, off_lat = seen_lon - goal_lon, seen_lat - goal_lat
        at_lon, at_lat = at_lon - off_lon, at_lat - off_lat
        furthest = np.maximum(np.abs(off_lon), np.abs(off_lat)).max(initial=0.0)
        if furthest < _GOOD_ENOUGH_DEG:
            break
    return np.where(near, at_lon, lon), np.where(near, at_lat, lat)


def _waves(at: Floats) -> Floats:
    """Give the ripple that runs along an axis of the GCJ-02 offset, in metres."""
    return 20.0 * np.sin(6.0 * np.pi * at) + 20.0 * np.sin(2.0 * np.pi * at)


def _swell(at: Floats, terms: tuple[tuple[float, float], ...]) -> Floats:
    total = np.zeros_like(at)
    for height, length in terms:
        total += height * np.sin(np.pi * at / length)
    return total


def _gcj_from_wgs(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    ripple = _waves(x)
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m += (ripple + _swell(y, ((20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0)))) / 1.5
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east_m += (ripple + _swell(x, ((20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0)))) / 1.5

    latitude = np.radians(lat)
    flat = 1.0 - _ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    meridian_m = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_SQUARED) / (flat * np.sqrt(flat))
    parallel_m = _SEMI_MAJOR_M / np.sqrt(flat) * np.cos(latitude)
    return lon + np.degrees(east_m / parallel_m), lat + np.degrees(north_m / meridian_m)


def _bd_from_gcj(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_WAVE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_WAVE)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
