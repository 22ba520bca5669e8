"""The demonstration neighbourhood: 泉富社区 and the district around it, drawn by code from a seed.

What is true in it: where 泉富社区 lies, the codes and names of the communities of
万莲街道, the numbers of the real service matrix (51 repair shops, 21 convenience
stores, 12 barbers, 9 clinics), the names of streets. All else is invented: where
streets run and borders lie, buildings, people, merchants, phone numbers.

``sketch`` is the drawing by hand, ``plan`` makes the district of it (``yards``
builds, ``greens`` plants), ``people`` and ``merchants`` fill it, ``names`` holds
the words, ``draw`` the tools. ``streets`` writes it as OpenStreetMap data
(``paths`` adds what one walks on, ``sheet`` keeps the file, ``english`` the
romanised names), from which its streets are built as any others. ``crowd`` is
another thing: very many merchants, for benches.
"""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd

from geodata.demo import merchants as shops
from geodata.demo import people
from geodata.demo.crowd import scattered
from geodata.demo.draw import Die, to_wgs84
from geodata.demo.plan import Plan, draw_plan
from geodata.demo.sketch import CENTRE

__all__ = [
    "CENTRE",
    "DEMO_COMMUNITY",
    "SEED",
    "Neighbourhood",
    "Plan",
    "neighbourhood",
    "scattered",
]

DEMO_COMMUNITY: Final = "210103006012"
"""泉富社区, where the map hangs in the service centre."""

SEED: Final = 6
"""The seed of the neighbourhood that is shipped: links to its merchants stay valid."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """A whole demonstration. Tables are GeoDataFrames in WGS 84, 7 decimals.

    ``areas``
        code, name, level, parent, residents, geometry (MultiPolygon). One
        district (a margin around the drawing, not its true border), 万莲街道, its
        nine communities, three to six grids each. Below the district every
        level tiles the one above; residents add up.
    ``homes``
        id, name (``泉园二路12号3号楼``), address, area (grid), households, residents,
        elders_alone, geometry (Point in the building).
    ``merchants``
        id, name, category, source_datum, source_lon, source_lat, address,
        phones (joined by ";"), hours, note, area (grid), status, closed_until,
        owner, version, revision, created, changed, geometry (Point).
    ``plan``
        Streets, water, railway, green, blocks, buildings, gates and walls.
    ``centre``
        Longitude and latitude to open the map at.
    """

    areas: gpd.GeoDataFrame
    homes: gpd.GeoDataFrame
    merchants: gpd.GeoDataFrame
    plan: Plan
    centre: tuple[float, float] = CENTRE


def neighbourhood(seed: int = SEED) -> Neighbourhood:
    """Draw the demonstration neighbourhood.

    Use it to fill an empty store, and in tests that need a place that hangs
    together. For sheer numbers use :func:`scattered`.

    The seed moves alleys, houses, people and merchants; streets, river and
    railway stay. The same seed gives the same tables, byte by byte, on every
    machine: chance comes from one stable stream, and all is drawn on a grid of
    1 cm. It takes some five seconds.

    Examples
    --------
    >>> quanfu = neighbourhood()
    >>> quanfu.merchants.category.value_counts()["repair"]
    np.int64(51)
    >>> quanfu.areas.set_index("code").name[DEMO_COMMUNITY]
    '泉富社区'
    """
    plan = draw_plan(seed)
    doors = people.Doors(plan)
    grid = people.grids(plan, Die(seed, 3))
    homes = people.homes(plan, grid, doors, Die(seed, 4))
    homes.insert(0, "id", shops.new_ids(len(homes), Die(seed, 5)))
    merchants = to_wgs84(shops.merchants(plan, grid, doors, Die(seed, 6)))
    at = merchants.columns.get_loc("source_datum") + 1
    merchants.insert(at, "source_lon", merchants.geometry.x)
    merchants.insert(at + 1, "source_lat", merchants.geometry.y)
    return Neighbourhood(
        areas=people.areas(plan, grid, homes),
        homes=to_wgs84(homes),
        merchants=merchants,
        plan=plan.to_wgs84(),
    )
