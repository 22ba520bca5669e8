"""What stands on the land between streets: shops in front, a wall with gates, houses in rows."""

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import geopandas as gpd
import shapely
from shapely import LineString, Point, Polygon
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from geodata.demo import sketch
from geodata.demo.draw import Die, Row, Turned, largest, snapped

HALF_WIDTH_M: Final = {"arterial": 19.0, "secondary": 13.0, "street": 10.0, "alley": 4.0}
"""From the middle of a street to the land beside it, pavement included."""
FRONT_M: Final = 2.5
"""From the edge of the pavement's land to the building line."""
FOOTWAY: Final = ("", "footway", False, False, False)
DRIVE: Final = ("", "drive", False, False, False)

_SHOP_DEPTH_M: Final = 11.0
_SMALLEST_YARD_M2: Final = 2500.0
_SHOPS_LIKELY: Final = {"arterial": 0.5, "secondary": 0.5, "street": 0.35}
_BACK_GATE: Final = 0.55
_WIDE_M: Final = 135.0
"""A yard at least this wide has its drive in the middle, with houses on both sides."""
_TURNING_M: Final = 14.0
"""Where there is no back gate, the drive ends this far from the wall."""


class Style(NamedTuple):
    """How houses stand in a yard, in metres; ``share`` is of its depth, from the north."""

    kind: str
    depth: float
    longest: float
    shortest: float
    gap: float
    pitch: float
    floors: tuple[int, int]
    share: float = 1.0


# Rows face south and stand as far apart as the winter sun at 42° north asks of their height.
_SLABS: Final = Style("home", 12.5, 74, 30, 11, 38, (6, 7))
_BOARDS: Final = Style("home", 15, 52, 28, 15, 48, (9, 11))
_TOWERS: Final = Style("home", 19, 30, 24, 22, 56, (18, 26))
_SCHOOL: Final = Style("facility", 15, 70, 30, 14, 36, (4, 5), 0.45)
_HALLS: Final = Style("facility", 34, 62, 30, 16, 54, (2, 5))
_STYLES: Final = {"home": None, "school": _SCHOOL, "hall": _HALLS}


class Yard(NamedTuple):
    """A part's land and the path through it, from street to street or to a dead end."""

    part: int
    kind: str
    name: str
    land: Polygon
    path: LineString


class Yards(NamedTuple):
    """What :func:`fill` draws: rows for the tables of :class:`~geodata.demo.plan.Plan`."""

    paths: list[Row]
    buildings: list[Row]
    gates: list[Row]
    walls: list[Row]
    pitches: list[Row]


def land(part: Polygon, streets: gpd.GeoDataFrame) -> BaseGeometry:
    """Give a part without the streets around it."""
    near = streets.iloc[streets.sindex.query(part, predicate="intersects")]
    widths = near.kind.map(HALF_WIDTH_M).to_numpy(dtype=float)
    return part - shapely.union_all(shapely.buffer(near.geometry.to_numpy(), widths))


def fill(parts: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, die: Die) -> Yards:
    """Build on every part that is not green."""
    yards: list[Yard] = []
    gates: list[Row] = []
    for row in parts[parts.kind.isin(["home", "school", "hall"])].itertuples():
        ground = largest(land(row.geometry, streets), Polygon)
        if ground.area > _SMALLEST_YARD_M2:
            path, doors = _way_in(row.geometry, ground, streets, die)
            yards.append(Yard(row.part, row.kind, row.name, ground, path))
            gates += [(row.part, *door) for door in doors]
    shops = list(_shops(yards, streets, die))
    drawn = Yards([(*DRIVE, yard.path) for yard in yards], shops, gates, [], [])
    for yard in yards:
        _build(yard, [shop[-1] for shop in shops if shop[0] == yard.part], drawn, die)
    return drawn


def _way_in(
    part: Polygon, ground: Polygon, streets: gpd.GeoDataFrame, die: Die
) -> tuple[LineString, list[Row]]:
    """Draw a yard's drive from south to north, and the gates where it meets the wall."""
    paper = Turned(part)
    _, south, _, north = paper.see(part).bounds
    west, _, east, _ = paper.see(ground).bounds
    middle = die.between(0.38, 0.62) if east - west > _WIDE_M else die.pick([0.14, 0.86])
    x = west + middle * (east - west)
    drive = largest(paper.lay(LineString([(x, south - 1), (x, north + 1)])) & part, LineString)
    ends = [Point(drive.coords[0]), Point(drive.coords[-1])]
    doors = [shapely.ops.nearest_points(ground.exterior & drive, end)[0] for end in ends]
    names = [_street_at(end, streets) for end in ends]
    main = die.whole(0, 1) if all(names) else int(not names[0] and bool(names[1]))
    if die.chance(_BACK_GATE):
        return drive, [(name, i == main, doors[i]) for i, name in enumerate(names)]
    inside = drive.project(doors[1 - main]) + (_TURNING_M if main else -_TURNING_M)
    kept = shapely.ops.substring(drive, *((inside, drive.length) if main else (0.0, inside)))
    return snapped(largest(kept, LineString)), [(names[main], True, doors[main])]


def _street_at(end: Point, streets: gpd.GeoDataFrame) -> str:
    touched = streets.iloc[streets.sindex.query(end.buffer(0.5), predicate="intersects")]
    return max(touched.name, default="")


def _shops(yards: list[Yard], streets: gpd.GeoDataFrame, die: Die) -> Iterator[Row]:
    """Line the named streets with low shop buildings, both sides, wherever a yard has room."""
    free = {yard.part: yard.land - yard.path.buffer(7) for yard in yards if yard.kind != "school"}
    owners = list(free)
    tree = shapely.STRtree(list(free.values()))
    for name, kind, _, _, _, line in streets[streets.name != ""].itertuples(index=False):
        likely = 0.95 if name in sketch.LIVELY else _SHOPS_LIKELY[kind]
        for side in (-1, 1):
            along = 0.0
            while along < line.length:
                length = die.between(30, 56)
                shop = _front(line, along, length, side * (HALF_WIDTH_M[kind] + FRONT_M))
                around = [owners[i] for i in tree.query(shop, predicate="within")]
                # What was built meanwhile, around a corner, is in the way.
                fits = any(shop.within(free[part]) for part in around)
                along += length + die.between(3, 8) if fits else 6.0
                if fits and die.chance(likely):
                    free[around[0]] -= shop.buffer(3)
                    yield (around[0], "shop", die.whole(1, 3), 0, name, shop)


def _front(line: LineString, start: float, length: float, offset: float) -> Polygon:
    """Draw a building along a street, its front at an offset to the left (or, below 0, right)."""
    a, b = line.interpolate(start), line.interpolate(start + length)
    run = a.distance(b) or 1.0
    left = -(b.y - a.y) / run, (b.x - a.x) / run
    back = offset + (_SHOP_DEPTH_M if offset > 0 else -_SHOP_DEPTH_M)
    corners = ((a, offset), (b, offset), (b, back), (a, back))
    return snapped(Polygon([(p.x + left[0] * d, p.y + left[1] * d) for p, d in corners]))


def _build(yard: Yard, shops: list[Polygon], drawn: Yards, die: Die) -> None:
    """Put a yard's wall around it and its houses into it."""
    shops_there = shapely.union_all(shops)
    gates = shapely.union_all([gate[-1] for gate in drawn.gates if gate[0] == yard.part])
    wall = yard.land.exterior - gates.buffer(3.5) - shops_there.buffer(FRONT_M + 1)
    drawn.walls.extend((yard.part, snapped(piece)) for piece in shapely.get_parts(wall))

    paper = Turned(yard.land)
    style = _STYLES[yard.kind] or die.pick([_SLABS, _BOARDS, _TOWERS], [3, 3, 2])
    space = yard.land.buffer(-6) - shops_there.buffer(9)
    rows = list(_rows(paper.see(space - yard.path.buffer(6)), style, die))
    walkable = yard.land.buffer(-2) - shops_there.buffer(1)
    number = 0
    for houses in rows:
        floors = die.whole(*style.floors)
        for house in houses:
            number += 1
            drawn.buildings.append((yard.part, style.kind, floors, number, "", paper.lay(house)))
        path = _path_behind(houses, paper.see(yard.path))
        joined = [
            p for p in shapely.get_parts(paper.lay(path) & walkable) if p.intersects(yard.path)
        ]
        drawn.paths.extend((*FOOTWAY, piece) for piece in joined)
    if style is _SCHOOL:
        drawn.pitches.append((yard.name, "pitch", paper.lay(_pitch(paper.see(yard.land)))))


def _rows(space: BaseGeometry, style: Style, die: Die) -> Iterator[list[Polygon]]:
    """Fill a space with rows of houses that run east, from north to south."""
    west, south, east, north = space.bounds
    south = north - style.share * (north - south)
    top = north - die.between(0, 6)
    while top - style.depth > south:
        band = box(west - 1, top - style.depth, east + 1, top)
        houses = [
            box(left, top - style.depth, right, top)
            for start, end in _clear(band, space)
            for left, right in _houses(start, end, style)
        ]
        if houses:
            yield houses
        top -= style.pitch if houses else 4.0


def _clear(band: Polygon, space: BaseGeometry) -> Iterator[tuple[float, float]]:
    """Tell from where to where a band lies wholly in a space."""
    taken = sorted((piece.bounds[0], piece.bounds[2]) for piece in shapely.get_parts(band - space))
    reached = band.bounds[0]
    for start, end in taken:
        if start > reached:
            yield reached, start
        reached = max(reached, end)


def _houses(start: float, end: float, style: Style) -> Iterator[tuple[float, float]]:
    """Share a stretch among houses: as many as leave each one long enough."""
    room = end - start + style.gap
    count = math.ceil(room / (style.longest + style.gap))
    if room / count - style.gap < style.shortest:
        count -= 1
    for i in range(count):
        middle = start + (i + 0.5) * room / count - style.gap / 2
        half = min(style.longest, room / count - style.gap) / 2
        yield middle - half, middle + half


def _path_behind(houses: list[Polygon], drive: LineString) -> LineString:
    """Draw the path along a row's doors, on its north side, as far as the drive."""
    y = houses[0].bounds[3] + 4
    ends = [x for house in houses for x in (house.bounds[0] + 4, house.bounds[2] - 4)]
    x = drive.centroid.x
    return LineString([(min(*ends, x - 1), y), (max(*ends, x + 1), y)])


def _pitch(yard: Polygon) -> Polygon:
    """Draw the sports ground in the southern half of a school's yard."""
    west, south, east, north = yard.bounds
    southern = box(west, south, east, south + 0.48 * (north - south))
    half = largest(southern & yard, Polygon)
    room = shapely.maximum_inscribed_circle(half).length
    return half.buffer(-0.7 * room).buffer(0.5 * room)
