"""Flat frames: one that keeps shapes over a whole city, one in plain metres around a place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]

_AXIS_M = 6_378_137.0
_E2 = 0.006_694_379_990_14  # WGS 84, first eccentricity squared
_E = _E2**0.5


def _across_m(lat: Floats | float) -> Floats:
    """Return the metres of a radian of longitude."""
    sine, cosine = np.sin(np.radians(lat)), np.cos(np.radians(lat))
    return np.asarray(_AXIS_M * cosine / np.sqrt(1.0 - _E2 * sine**2), dtype=np.float64)


def _along_m(lat: Floats | float) -> Floats:
    """Return the metres of a radian of latitude."""
    narrow = 1.0 - _E2 * np.sin(np.radians(lat)) ** 2
    return np.asarray(_AXIS_M * (1.0 - _E2) / narrow**1.5, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Plane:
    """Mercator's projection of the ellipsoid, in metres at ``lat``.

    It is conformal: which of two things is nearer comes out right anywhere, however large
    the city; :meth:`scale` turns a short distance into metres.
    """

    lat: float

    def xy(self, lon: Floats, lat: Floats) -> Floats:
        """Return points of the plane, (n, 2)."""
        phi = np.radians(lat)
        y = np.arcsinh(np.tan(phi)) - _E * np.arctanh(_E * np.sin(phi))
        return np.column_stack((np.radians(lon), y)) * _across_m(self.lat)

    def scale(self, lat: Floats) -> Floats:
        """Return the metres on the ground of a unit of the plane at these latitudes."""
        return _across_m(lat) / _across_m(self.lat)


@dataclass(frozen=True, slots=True)
class Frame:
    """Degrees times a constant: metres east and north of a place.

    True within 0.1 % to about 5 km from it, in any direction, at Chinese latitudes.
    """

    lon: float
    lat: float

    @property
    def _degree_m(self) -> Floats:
        return np.radians([float(_across_m(self.lat)), float(_along_m(self.lat))])

    def xy(self, lonlat: Floats) -> Floats:
        """Return metres from the place, (n, 2), of degrees (n, 2)."""
        return np.asarray((lonlat - (self.lon, self.lat)) * self._degree_m, dtype=np.float64)

    def lonlat(self, xy: Floats) -> Floats:
        """Return degrees, (n, 2), of metres from the place (n, 2)."""
        return np.asarray(xy / self._degree_m + (self.lon, self.lat), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Many places, (n,) each, with the frame of :class:`Frame` around every one."""

    lon: Floats
    lat: Floats

    def of(self, rows: NDArray[np.integer]) -> "Frames":
        """Return the frames of these rows, in the order asked for."""
        return Frames(self.lon[rows], self.lat[rows])

    @property
    def _degree_m(self) -> Floats:
        return np.radians(np.column_stack((_across_m(self.lat), _along_m(self.lat))))

    def xy(self, lonlat: Floats) -> Floats:
        """Return metres from each place, (n, 2), of degrees (n, 2)."""
        middles = np.column_stack((self.lon, self.lat))
        return np.asarray((lonlat - middles) * self._degree_m, dtype=np.float64)

    def lonlat(self, xy: Floats) -> Floats:
        """Return degrees, (n, 2), of metres from each place (n, 2)."""
        middles = np.column_stack((self.lon, self.lat))
        return np.asarray(xy / self._degree_m + middles, dtype=np.float64)
