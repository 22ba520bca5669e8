"""Parks with their lakes and paths, and the green along the river."""

from typing import Final, NamedTuple

import geopandas as gpd
import shapely
from shapely import LineString, Point, Polygon
from shapely.affinity import scale
from shapely.geometry.base import BaseGeometry

from geodata.demo.draw import Row, largest, snapped
from geodata.demo.yards import FOOTWAY, land

_LAKE_AT_LEAST_M2: Final = 60_000
"""A park larger than this has a lake."""


class Greens(NamedTuple):
    """What :func:`fill` draws; parks and lakes are rows for the plan's tables."""

    paths: list[Row]
    parks: list[Row]
    lakes: list[Row]


def fill(parts: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, water: Polygon) -> Greens:
    """Lay out every park and river bank among the parts."""
    paths: list[LineString] = []
    parks: list[Row] = []
    lakes: list[Row] = []
    banks = parts[(parts.kind == "bank") & parts.intersects(water)]
    for shape in banks.geometry:
        green = largest(land(shape, streets) - water, Polygon)
        if not green.is_empty:
            parks.append(("", "green", snapped(green)))
    for row in parts[parts.kind == "park"].itertuples():
        park = largest(land(row.geometry, streets), Polygon)
        ring = largest(park.buffer(-55).buffer(25), Polygon)
        if park.area > _LAKE_AT_LEAST_M2:
            lake = _lake(park)
            lakes.append(("", "lake", lake))
            ring = largest(lake.buffer(16).convex_hull, Polygon)
        around = snapped(LineString(ring.exterior.simplify(1).coords))
        paths += [around, *_ways_in(row.geometry, around)]
        parks.append((row.name, "park", snapped(park)))
    return Greens([(*FOOTWAY, path) for path in paths], parks, lakes)


def _lake(park: Polygon) -> Polygon:
    """Draw two round ponds run together, as the lakes of such parks are."""
    west, south, east, north = park.bounds
    wide, high = east - west, north - south

    def pond(right: float, up: float, width: float, height: float) -> BaseGeometry:
        middle = Point((west + east) / 2 + right * wide, (south + north) / 2 + up * high)
        return scale(middle.buffer(1), width * wide, height * high)

    ponds = pond(-0.12, 0.0, 0.2, 0.22) | pond(0.14, 0.07, 0.16, 0.15)
    return snapped(largest(ponds.buffer(12).buffer(-24).buffer(12) & park.buffer(-30), Polygon))


def _ways_in(part: Polygon, ring: LineString) -> list[LineString]:
    """Draw a path from the middle of each side of a park to its ring."""
    outline = part.exterior
    starts = [outline.interpolate(share, normalized=True) for share in (0.12, 0.37, 0.62, 0.87)]
    return [snapped(shapely.shortest_line(start, ring)) for start in starts]
