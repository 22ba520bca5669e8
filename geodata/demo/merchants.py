"""The demonstration's merchants, as many as in the real matrix, at the fronts of streets."""

import math
from typing import Any, Final, NamedTuple

import geopandas as gpd
import pandas as pd
import shapely
from shapely import LineString, Point, Polygon

from geodata import ids
from geodata.demo import names, sketch
from geodata.demo.draw import METRIC, Die
from geodata.demo.people import DISTRICT, Doors
from geodata.demo.plan import Plan

DRAWN: Final = "2026-01-01T00:00:00+00:00"
"""When every row was made: the demonstration knows no clock."""

_COUNTS: Final = {"repair": 51, "shopping": 21, "barber": 12, "clinic": 9, "canteen": 2, "care": 2}
_CENTRE: Final = ("泉富社区党群服务中心", "210103006012")
_SHELTERS: Final = {"万柳塘公园": "park", "双园公园": "park", "泉富学校": "pitch"}
_UNIT_M: Final = 16.0
_APART_M: Final = 14.5
_INSIDE_M: Final = 4.0
_QUIET: Final = 0.5
_CLOSED: Final = 2


def new_ids(n: int, die: Die) -> list[str]:
    """Make ids as :func:`geodata.ids.fresh` does, but the same ones for the same die."""
    made: dict[str, None] = {}
    while len(made) < n:
        made["".join(die.pick(ids.ALPHABET) for _ in range(ids.LENGTH))] = None
    return list(made)


def phone(die: Die) -> str:
    """Make a number that looks right and can be nobody's.

    No operator was ever given the mobile prefix 154, and numbers of Shenyang
    (024) have eight digits and begin with 2 to 8: seven digits after a 0 reach no one. Nor
    do these run on into a service number (110, 12345) if dialled.
    """
    if die.chance(0.7):
        digits = f"154{die.whole(0, 99_999_999):08d}"
        return die.pick([digits, f"{digits[:3]} {digits[3:7]} {digits[7:]}"])
    return f"024-0{die.whole(0, 999_999):06d}"


def merchants(plan: Plan, grid: pd.Series, doors: Doors, die: Die) -> gpd.GeoDataFrame:
    """Give the merchants in metres, with the contract's columns but source_lon and source_lat."""
    units = _units(plan, grid, doors, die)
    rows = [_centre(units, doors, die)]
    taken = {_CENTRE[0]}
    for category, count in _COUNTS.items():
        for _ in range(count):
            unit = units.pop(0)
            name = _name(category, unit, taken, die)
            rows.append(_row(name, category, unit, doors, die))
    for host in [row for row in rows if row["category"] in {"centre", "care"}]:
        # The next shop front: two steps from those who know how to use it.
        near = min(units, key=lambda unit: unit.place.distance(host["geometry"]))
        units.remove(near)
        rows.append(_row(f"AED（{host['name']}旁）", "aed", near, doors, die))
    rows += _shelters(plan, grid, doors, die)
    for row in [row for row in rows if row["category"] == "repair"][:_CLOSED]:
        # A date would come to pass, or look absurd: they are closed until further notice.
        row |= {"status": "closed", "note": names.CLOSED_NOTE}
    for row, key in zip(rows, new_ids(len(rows), die), strict=True):
        row["id"] = key
    return gpd.GeoDataFrame(pd.DataFrame(rows), crs=METRIC)


class _Unit(NamedTuple):
    """A shop to let, at the front of a building."""

    street: str
    grid: str
    place: Point


def _units(plan: Plan, grid: pd.Series, doors: Doors, die: Die) -> list[_Unit]:
    """List the fronts in 万莲街道, the likeliest first; no two are close to one another."""
    shops = plan.buildings[(plan.buildings.kind == "shop") & plan.buildings.part.isin(grid.index)]
    race = []
    for shop in shops.itertuples():
        weight = sketch.LIVELY.get(shop.street, _QUIET)
        for place in _fronts(shop.geometry, doors.line(shop.street)):
            key = -math.log(1.0 - die.between(0, 1)) / weight
            race.append((key, _Unit(shop.street, grid[shop.part], place)))
    units: list[_Unit] = []
    for _, unit in sorted(race, key=lambda entry: entry[0]):
        if all(unit.place.distance(other.place) > _APART_M for other in units):
            units.append(unit)
    return units


def _fronts(shop: Polygon, street: LineString) -> list[Point]:
    """Give a place behind the middle of each unit's front."""
    ring = shapely.get_coordinates(shop.exterior)
    sides = [LineString(ring[i : i + 2]) for i in range(len(ring) - 1)]
    front = min(sides, key=lambda side: side.centroid.distance(street))
    count = int(front.length / _UNIT_M)
    inner = [front.offset_curve(side * _INSIDE_M) for side in (-1, 1)]
    line = min(inner, key=lambda side: side.distance(shop.centroid))
    return [line.interpolate((i + 0.5) / count, normalized=True) for i in range(count)]


def _name(category: str, unit: _Unit, taken: set[str], die: Die) -> str:
    """Make a name that nobody has yet; a public place is called after its community."""
    community = next(name for code, name, _ in sketch.COMMUNITIES if unit.grid.startswith(code))
    while True:
        words, pattern = die.pick(names.NAMES[category])
        name = pattern.format(die.pick(words) if words else community)
        if name not in taken:
            taken.add(name)
            return name


def _row(name: str, category: str, unit: _Unit, doors: Doors, die: Die) -> dict[str, Any]:
    number = doors.number(unit.street, unit.place)
    phones = [phone(die) for _ in range(die.pick([0, 1, 2], [1, 8, 1]))]
    return {
        "id": "",
        "name": name,
        "category": category,
        "source_datum": "wgs84",
        "address": f"{DISTRICT[1]}{unit.street}{number}号",
        "phones": "" if category in {"aed", "shelter"} else ";".join(phones),
        "hours": die.pick(names.HOURS[category]),
        "note": die.pick(names.NOTES[category]) if die.chance(0.4) else "",
        "area": unit.grid,
        "status": "published",
        "closed_until": "",
        "owner": "",
        "version": 1,
        "revision": 1,
        "created": DRAWN,
        "changed": DRAWN,
        "geometry": unit.place,
    }


def _centre(units: list[_Unit], doors: Doors, die: Die) -> dict[str, Any]:
    name, community = _CENTRE
    home = next(unit for unit in units if unit.grid.startswith(community))
    units.remove(home)
    return _row(name, "centre", home, doors, die)


def _shelters(plan: Plan, grid: pd.Series, doors: Doors, die: Die) -> list[dict[str, Any]]:
    """Put a shelter on the grass of the parks and on the school's sports ground."""
    ponds = plan.water.union_all().buffer(6)
    rows = []
    for name, kind in _SHELTERS.items():
        ground = plan.parks.set_index(["name", "kind"]).geometry[(name, kind)]
        place = (ground - ponds).representative_point()
        part = plan.parts.index[plan.parts.contains(place)][0]
        unit = _Unit(doors.nearest(place), grid[part], place)
        rows.append(_row(f"{name}应急避难场所", "shelter", unit, doors, die))
    return rows
