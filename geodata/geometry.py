"""Boxes, distances on the ground, metric frames, map cells and validity. All lon/lat are WGS 84."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Geod
from shapely.geometry.base import BaseGeometry

from geodata.errors import Invalid

type Floats = NDArray[np.float64]
type Cells = NDArray[np.int64]

CELL_BITS = 30
"""Web Mercator cells are counted on a grid of 2**30 × 2**30: 37 mm at the equator."""

MERCATOR_LIMIT_DEG = 85.0511287798066
"""The latitude at which Web Mercator is a square and ends."""

METRES_PER_DEGREE = 111_320.0
"""Of latitude, and of longitude on the equator; within 0.6 % everywhere, for boxes and the like."""

_GRID = 1 << CELL_BITS
_LON, _LAT = 180.0, 90.0  # as far as degrees go, either way
_UTM_SOUTH, _UTM_NORTH = -80.0, 84.0  # UTM leaves the poles to others
_GROUND = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True)
class BBox:
    """A box between two meridians and two parallels, its edges included.

    Degrees; ``west <= east`` and ``south <= north``: a box does not cross the
    antimeridian, which no Chinese neighbourhood does. A box may be as thin as
    a point.

    Raises
    ------
    Invalid
        ``bbox_invalid``, with the four numbers, when one is missing (NaN), out
        of range, or the sides are swapped.

    Examples
    --------
    >>> BBox(123.4, 41.7, 123.5, 41.9).contains(123.5, 41.8)
    True
    """

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        # Written so that NaN fails every comparison and with it the box.
        if -_LON <= self.west <= self.east <= _LON and -_LAT <= self.south <= self.north <= _LAT:
            return
        raise Invalid(
            "bbox_invalid", west=self.west, south=self.south, east=self.east, north=self.north
        )

    @classmethod
    def around(cls, lon: float, lat: float, metres: float) -> "BBox":
        """Return a box that holds the circle around a point, as far as the world goes.

        >>> BBox.around(123.47, 41.775, 300).contains(123.4735, 41.775)
        True
        """
        up = 1.01 * metres / METRES_PER_DEGREE
        narrow = max(math.cos(math.radians(min(abs(lat) + up, _LAT))), 0.01)
        return cls(lon, lat, lon, lat).grown(up / narrow, up)

    def contains(self, lon: float, lat: float) -> bool:
        """Tell whether the point is inside or on the edge; NaN is outside."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    def grown(self, lon: float, lat: float) -> "BBox":
        """Return the box with so many degrees more on every side, as far as the world goes."""
        return BBox(
            max(self.west - lon, -_LON),
            max(self.south - lat, -_LAT),
            min(self.east + lon, _LON),
            min(self.north + lat, _LAT),
        )


class Mended(NamedTuple):
    """What :func:`mend` gives, row by row."""

    geometries: NDArray[np.object_]
    """A valid MultiPolygon, or None where there is no area."""
    reasons: NDArray[np.object_]
    """"", "mended", "missing", "empty" or "not_areal"."""


def metres_between(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> Floats:
    """Measure straight lines on the ground, from points to points.

    For distances that a person reads as a way to go, use walking time instead.

    Parameters
    ----------
    lon1, lat1, lon2, lat2
        Degrees; numbers or arrays that broadcast against each other.

    Returns
    -------
    numpy.ndarray
        Metres, in the broadcast shape (no dimension for four numbers). NaN
        where a coordinate is missing.

    Notes
    -----
    The geodesic on the WGS 84 ellipsoid (Karney 2013), good to nanometres.

    Examples
    --------
    >>> metres_between(123.4315, 41.8057, [123.4315, 123.4415], 41.8057).round(1).tolist()
    [0.0, 831.0]
    """
    points = np.broadcast_arrays(
        *(np.asarray(values, dtype=np.float64) for values in (lon1, lat1, lon2, lat2))
    )
    known = np.logical_and.reduce([np.isfinite(values) for values in points])
    from_lon, from_lat, to_lon, to_lat = (np.where(known, values, 0.0) for values in points)
    _, _, metres = _GROUND.inv(from_lon, from_lat, to_lon, to_lat)
    return np.where(known, metres, np.nan)


def metric_crs(lon: float, lat: float) -> CRS:
    """Choose a frame in metres for lengths and areas around a place.

    For a single distance :func:`metres_between` is exact and needs no frame.

    Parameters
    ----------
    lon, lat
        Degrees: the middle of what is to be measured.

    Returns
    -------
    pyproj.CRS
        The UTM zone of the place on WGS 84. Lengths are true within 0.04 % in
        the zone, and within 0.1 % half a zone beyond it.

    Raises
    ------
    Invalid
        ``position_invalid`` when there is no such place, or it lies beyond
        84° N or 80° S, where UTM ends.

    Examples
    --------
    >>> metric_crs(123.43, 41.8).to_epsg()
    32651
    """
    if not (-_LON <= lon <= _LON and _UTM_SOUTH <= lat <= _UTM_NORTH):
        raise Invalid("position_invalid", lon=lon, lat=lat)
    zone = min(int((lon + 180) // 6), 59) + 1
    return _epsg((32600 if lat >= 0 else 32700) + zone)


@cache
def _epsg(code: int) -> CRS:
    return CRS.from_epsg(code)


def web_mercator_cell(lon: ArrayLike, lat: ArrayLike) -> tuple[Cells, Cells]:
    """Find the cell of the Web Mercator square in which each point lies.

    For grouping points by what a map shows: ``x >> (CELL_BITS - level)`` is the
    column of the cell at a level, of which there are ``2**level``; at a map's
    zoom ``z`` a tile of 256 px is the cell of level ``z``.

    Parameters
    ----------
    lon, lat
        Degrees; numbers or arrays of one shape. Beyond the square (±180°,
        ±85.0511°) a point counts to the cell at its edge.

    Returns
    -------
    tuple
        Columns from the west and rows from the north, int64, 0 to 2**30 - 1.

    Raises
    ------
    Invalid
        ``position_invalid`` when a coordinate is missing or infinite.

    Examples
    --------
    >>> x, y = web_mercator_cell([-180, 0, 180], [90, 0, -90])
    >>> (x >> CELL_BITS - 1).tolist(), (y >> CELL_BITS - 1).tolist()
    ([0, 1, 1], [0, 1, 1])
    """
    lons, lats = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if not (np.isfinite(lons).all() and np.isfinite(lats).all()):
        raise Invalid("position_invalid")
    sine = np.sin(np.radians(np.clip(lats, -MERCATOR_LIMIT_DEG, MERCATOR_LIMIT_DEG)))
    x = (lons + 180.0) / 360.0
    y = 0.5 - np.arctanh(sine) / (2.0 * np.pi)
    return _cell(x), _cell(y)


def _cell(fraction: Floats) -> Cells:
    return np.clip(np.floor(fraction * _GRID), 0, _GRID - 1).astype(np.int64)


def web_mercator_centre(
    x: ArrayLike, y: ArrayLike, level: int = CELL_BITS
) -> tuple[Floats, Floats]:
    """Give the middle of cells: the way back from :func:`web_mercator_cell`.

    Parameters
    ----------
    x, y
        Columns from the west and rows from the north at ``level``, that is,
        already shifted.
    level
        0 (one cell is the world) to 30, the grid itself.

    Returns
    -------
    tuple
        Longitudes and latitudes in degrees of the middle in the projection,
        half-way in pixels.

    Raises
    ------
    ValueError
        When the level is not one of the 31.

    Examples
    --------
    >>> [float(v) for v in web_mercator_centre(0, 0, 0)]
    [0.0, 0.0]
    """
    if not 0 <= level <= CELL_BITS:
        raise ValueError(level)
    side = float(1 << level)
    lon = (np.asarray(x, dtype=np.float64) + 0.5) / side * 360.0 - 180.0
    along = np.pi * (1.0 - 2.0 * (np.asarray(y, dtype=np.float64) + 0.5) / side)
    return lon, np.degrees(np.arctan(np.sinh(along)))


def mend(geometries: Iterable[BaseGeometry | None]) -> Mended:
    """Make areas valid and uniform, and tell what was done to each.

    For polygons from people's files, before anything asks what lies in them.

    Parameters
    ----------
    geometries
        Shapely geometries of any kind, None among them; a GeoSeries will do.

    Returns
    -------
    Mended
        As many rows as came in. A bow-tie becomes its two wings, a hole that
        leaves its shell is cut, lines and points that fall off are dropped:
        "mended". A part inside another, drawn the same way round, merges with
        it. None where nothing with an area is left, and why: "missing" (None),
        "empty", "not_areal". A third dimension is dropped without a word.

    Raises
    ------
    Invalid
        ``coordinates_invalid`` with ``row`` (from 0) when a vertex is infinite
        or not a number: there is no honest way to mend that.

    Examples
    --------
    >>> bow_tie = shapely.from_wkt("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))")
    >>> done = mend([bow_tie, shapely.Point(1, 1), None])
    >>> [g and g.area for g in done.geometries], done.reasons.tolist()
    ([2.0, None, None], ['mended', 'not_areal', 'missing'])
    """
    rows = list(geometries)
    done = np.full(len(rows), None, dtype=np.object_)
    reasons = np.full(len(rows), "", dtype=np.object_)
    for row, geometry in enumerate(rows):
        done[row], reasons[row] = _mended(geometry, row)
    return Mended(done, reasons)


def _mended(geometry: BaseGeometry | None, row: int) -> tuple[shapely.MultiPolygon | None, str]:
    if geometry is None:
        return None, "missing"
    if geometry.is_empty:
        return None, "empty"
    flat = shapely.force_2d(geometry)
    if not np.isfinite(shapely.get_coordinates(flat)).all():
        raise Invalid("coordinates_invalid", row=row)
    if flat.is_valid and isinstance(flat, shapely.Polygon | shapely.MultiPolygon):
        return _multi(flat), ""
    whole = shapely.make_valid(flat, method="structure")
    pieces = [piece for piece in _polygons(whole) if piece.area > 0]
    if not pieces:
        return None, "not_areal"
    # The members of a collection may overlap, though each of them is valid.
    return _multi(shapely.union_all(pieces)), "mended"


def _polygons(geometry: BaseGeometry) -> list[shapely.Polygon]:
    if isinstance(geometry, shapely.Polygon):
        return [geometry]
    return [leaf for part in getattr(geometry, "geoms", ()) for leaf in _polygons(part)]


def _multi(geometry: BaseGeometry) -> shapely.MultiPolygon:
    return shapely.MultiPolygon(_polygons(geometry))
