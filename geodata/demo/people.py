"""Who lives in the district: areas down to the grids, homes with households, doors with numbers."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geodata import divisions
from geodata.demo import sketch
from geodata.demo.draw import METRIC, Die, Row, curve, largest, spot, table, to_wgs84
from geodata.demo.names import NUMERALS
from geodata.demo.plan import Plan

DISTRICT: Final = ("210103000000", "沈河区")
STREET: Final = ("210103006000", "万莲街道")

_GRID_M2: Final = 75_000
_GRIDS: Final = (3, 6)
_DISTRICT_MARGIN_M: Final = 400.0
_STAIRWELL_M: Final = 17.0
_FLATS: Final = {False: 2, True: 4}
"""Flats to a landing: in a long house, in a tower."""
_TOWER_FLOORS: Final = 12
"""A house with more floors than this is a tower, and has one stairwell."""
_DOOR_M: Final = 12.0
"""A street gives one number to this length of each side."""


class Doors:
    """The house numbers of every named street: odd on the left of its course, even on the right."""

    def __init__(self, plan: Plan) -> None:
        named = plan.streets[plan.streets.name != ""]
        self._lines = {
            str(name): largest(
                shapely.line_merge(shapely.union_all(lines.to_numpy()), directed=True), LineString
            )
            for name, lines in named.groupby("name").geometry
        }
        self._named = named

    def number(self, street: str, place: Point) -> int:
        """Tell the number of a place at a street."""
        line = self._lines[street]
        along = line.project(place)
        here, there = (line.interpolate(along + step) for step in (-1.0, 1.0))
        turn = (there.x - here.x) * (place.y - here.y) - (there.y - here.y) * (place.x - here.x)
        return 1 + 2 * int(along / _DOOR_M) + (turn < 0)

    def line(self, street: str) -> LineString:
        """Give the middle line of a street."""
        return self._lines[street]

    def nearest(self, place: Point) -> str:
        """Name the street nearest to a place."""
        row = self._named.sindex.nearest(place, return_all=False)[1][0]
        return str(self._named.name.iloc[row])


def grids(plan: Plan, die: Die) -> pd.Series:
    """Give every part (by number) its grid's 15-digit code; parts outside 万莲街道 are left out.

    A community is made of whole blocks, a grid of parts that hang together.
    """
    around = curve([*sketch.SUBDISTRICT, sketch.SUBDISTRICT[0]])
    inside = plan.blocks[plan.blocks.representative_point().within(Polygon(around))]
    starts = [int(np.argmin(inside.distance(spot(place)))) for _, _, place in sketch.COMMUNITIES]
    shares = _grown(inside.geometry.to_numpy(), inside.area.to_numpy(), starts)
    codes = {
        block: sketch.COMMUNITIES[share][0]
        for block, share in zip(inside.block, shares, strict=True)
    }
    community = plan.parts.block.map(codes).dropna()
    found = [
        _grids(code, plan.parts.loc[own.index], die) for code, own in community.groupby(community)
    ]
    codes_of_parts: pd.Series = pd.concat(found).sort_index()
    return codes_of_parts


def _grids(code: str, parts: gpd.GeoDataFrame, die: Die) -> pd.Series:
    least, most = _GRIDS
    count = min(max(least, round(parts.area.sum() / _GRID_M2)), most)
    lived_in = np.flatnonzero(parts.kind == "home").tolist()
    centres = parts.centroid
    starts = [die.pick(lived_in)]
    while len(starts) < count:
        apart = np.min([centres.distance(centres.iloc[start]) for start in starts], axis=0)
        starts.append(max(lived_in, key=lambda i: apart[i]))
    # A park makes no grid larger: whoever walks a grid visits homes.
    size = parts.area.where(parts.kind == "home", 0.0)
    shares = _grown(parts.geometry.to_numpy(), size.to_numpy(), starts)
    return pd.Series([f"{code}{share + 1:03d}" for share in shares], index=parts.index)


def _grown(shapes: NDArray[np.object_], sizes: NDArray[np.float64], starts: list[int]) -> list[int]:
    """Share shapes out from starting ones: the smallest share takes the nearest beside it.

    Every share hangs together, where the shapes do.
    """
    left, right = shapely.STRtree(shapes).query(shapes, predicate="touches")
    wide = shapely.length(shapely.intersection(shapes[left], shapes[right])) > 1
    beside: dict[int, set[int]] = {i: set() for i in range(len(shapes))}
    for a, b in zip(left[wide].tolist(), right[wide].tolist(), strict=True):
        beside[a].add(b)
    centres = shapely.centroid(shapes)
    share = {start: i for i, start in enumerate(starts)}
    grown = [float(sizes[start]) for start in starts]
    while len(share) < len(shapes):
        takes = [
            (grown[i], centres[free].distance(centres[starts[i]]), free, i)
            for own, i in share.items()
            for free in beside[own] - share.keys()
        ]
        _, _, free, i = min(takes)
        share[free] = i
        grown[i] += float(sizes[free])
    return [share[i] for i in range(len(shapes))]


def homes(plan: Plan, grid: pd.Series, doors: Doors, die: Die) -> gpd.GeoDataFrame:
    """Give the homes (楼栋) in metres, with the contract's columns but the id.

    Households follow from the building: flats to a landing × stairwells × floors.
    """
    addresses = _yard_addresses(plan, doors)
    built = plan.buildings[(plan.buildings.kind == "home") & plan.buildings.part.isin(grid.index)]
    rows = []
    for house in built.itertuples():
        tower = house.floors > _TOWER_FLOORS
        length = house.geometry.minimum_rotated_rectangle.length / 2 - 15
        stairs = 1 if tower else max(1, round(length / _STAIRWELL_M))
        flats = stairs * house.floors * _FLATS[tower]
        households = min(max(18, flats - die.whole(0, flats // 9)), 120)
        name = f"{addresses[house.part]}{house.number}号楼"
        rows.append(
            (
                name,
                f"{DISTRICT[1]}{name}",
                grid[house.part],
                households,
                round(households * die.between(2.05, 2.75)),
                round(households * die.between(0.01, 0.12)),
            )
        )
    columns = ["name", "address", "area", "households", "residents", "elders_alone"]
    places = built.geometry.centroid.to_numpy()
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry=places, crs=METRIC)


def _yard_addresses(plan: Plan, doors: Doors) -> dict[int, str]:
    """Give every yard the number of its main gate; no two are alike."""
    taken: set[tuple[str, int]] = set()
    addresses = {}
    for gate in plan.gates[plan.gates.main].itertuples():
        street = gate.street or doors.nearest(gate.geometry)
        number = doors.number(street, gate.geometry)
        while (street, number) in taken:
            number += 2
        taken.add((street, number))
        addresses[gate.part] = f"{street}{number}号"
    return addresses


def areas(plan: Plan, grid: pd.Series, lived: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the division tree in WGS 84, from the district (a mere margin) down to the grids.

    Below the district each level tiles the one above exactly: neighbours share
    their vertices, and residents add up.
    """
    ground = to_wgs84(plan.parts.loc[grid.index]).geometry
    names = dict([STREET, *((code, name) for code, name, _ in sketch.COMMUNITIES)])
    people = lived.groupby("area").residents.sum()
    around = largest(_around(plan), Polygon)
    everybody = int(people.sum())
    rows: list[Row] = [(*DISTRICT, "district", divisions.parent(DISTRICT[0]), everybody, around)]
    for level in ("street", "community", "grid"):
        digits = divisions.LENGTHS[level]
        whole = divisions.LENGTHS["community"]
        codes = grid.str[:digits].str.ljust(whole, "0")
        counted = people.groupby(people.index.str[:digits].str.ljust(whole, "0")).sum()
        for code, own in ground.groupby(codes):
            name = names.get(code) or f"第{NUMERALS[int(code[-3:]) - 1]}网格"
            shape = shapely.coverage_union_all(own.to_numpy())
            rows.append(
                (code, name, level, divisions.parent(code), int(counted.get(code, 0)), shape)
            )
    columns = ["code", "name", "level", "parent", "residents", "geometry"]
    tree = gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), crs=4326)
    tree.geometry = [MultiPolygon(shapely.get_parts(s).tolist()) for s in tree.geometry]
    return tree.astype({"residents": "Int64"})


def _around(plan: Plan) -> BaseGeometry:
    ground = shapely.union_all(plan.blocks.geometry.to_numpy())
    margin = shapely.buffer(ground, _DISTRICT_MARGIN_M, quad_segs=2).simplify(40)
    placed: BaseGeometry = to_wgs84(table("", [(margin,)])).geometry[0]
    return placed
