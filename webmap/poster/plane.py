"""From degrees to a window of paper, north above, in the units of its sheet."""

import math
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.geometry import BBox

type Floats = NDArray[np.float64]

_EARTH_M: Final = 6_378_137.0
_SMALLEST_M: Final = 250.0
"""No window shows less than this: the surroundings tell where one is."""

_PIXEL: Final = 0.35
"""What of a sheet is to a reader as a pixel is on a screen: so much detail is drawn."""


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of paper, ``width`` × ``height``, and what part of the world it shows.

    Mercator's projection, which keeps shapes: (``left``, ``top``) is the corner in its metres,
    and ``per_m`` the units of paper for one of these.
    """

    width: float
    height: float
    left: float
    top: float
    per_m: float

    @classmethod
    def around(cls, box: BBox, width: float, height: float, *, margin: float) -> Self:
        """Show a box in the middle, as large as it fits with a margin (units) on all sides."""
        xy = _mercator(np.array([[box.west, box.south], [box.east, box.north]]))
        (west, south), (east, north) = xy.tolist()
        smallest = _SMALLEST_M / math.cos(math.radians((box.south + box.north) / 2))
        per_m = min(
            (width - 2 * margin) / max(east - west, smallest),
            (height - 2 * margin) / max(north - south, smallest),
        )
        left = (west + east - width / per_m) / 2
        top = (south + north + height / per_m) / 2
        return cls(width, height, left, top, per_m)

    def xy(self, lonlat: Floats) -> Floats:
        """Return places of the window, (n, 2) from its top left corner, of degrees (n, 2)."""
        at = _mercator(lonlat)
        return np.column_stack((at[:, 0] - self.left, self.top - at[:, 1])) * self.per_m

    def drawn(self, geometry: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return geometries of WGS 84 in the units of the window."""
        return np.asarray(shapely.transform(geometry, self.xy), dtype=object)

    def shape(self, geometry: BaseGeometry) -> BaseGeometry:
        """Return one geometry of WGS 84 in the units of the window."""
        return shapely.transform(geometry, self.xy)

    def box(self, beyond: float = 0.0) -> BBox:
        """Return what is seen, WGS 84, and so many units more on every side."""
        corners = np.array([[-beyond, self.height + beyond], [self.width + beyond, -beyond]])
        x = self.left + corners[:, 0] / self.per_m
        y = self.top - corners[:, 1] / self.per_m
        lon = np.clip(np.degrees(x / _EARTH_M), -180, 180)
        lat = np.degrees(np.arctan(np.sinh(y / _EARTH_M)))
        return BBox(float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1]))

    @property
    def ground_m(self) -> float:
        """The metres on the ground of a unit of paper, in the middle of the window."""
        y = self.top - self.height / 2 / self.per_m
        return 1 / (self.per_m * math.cosh(y / _EARTH_M))

    @property
    def zoom(self) -> int:
        """The zoom of the tiles that a screen would show at this scale."""
        world = 2 * math.pi * _EARTH_M * self.per_m / _PIXEL
        return math.floor(math.log2(world / 256)) - 1


def _mercator(lonlat: Floats) -> Floats:
    lon, lat = np.radians(lonlat[:, 0]), np.radians(np.clip(lonlat[:, 1], -85.0, 85.0))
    return np.column_stack((lon, np.arcsinh(np.tan(lat)))) * _EARTH_M
