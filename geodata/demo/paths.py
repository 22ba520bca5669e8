"""What only walkers use, beside the plan's own paths: pavements, zebras, stairs, river walks.

All in metres (:data:`~geodata.demo.draw.METRIC`).
"""

import itertools
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
import shapely.ops
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geodata.demo import sketch
from geodata.demo.draw import curve, largest, spot
from geodata.demo.english import Tags, named
from geodata.demo.plan import Plan

FOOTWAY: Final = {"highway": "footway", "surface": "paving_stones"}
STEPS: Final = {"highway": "steps", "surface": "paving_stones", "handrail": "yes"}
_PAVEMENT: Final = {"footway": "sidewalk"} | FOOTWAY
_ZEBRA: Final = {
    "highway": "footway", "footway": "crossing", "crossing": "marked", "crossing:markings": "zebra",
    "surface": "asphalt",
}  # fmt: skip
_NOT_ON_FOOT: Final = {"foot": "no"}

_OFFSET_M: Final = 14.0
"""From the middle of the paved street to each of its pavements."""
_CARRIAGEWAY_M: Final = {"arterial": 11.0, "secondary": 8.0, "street": 5.0}
"""Half of it, where a pavement crosses another street."""
_ZEBRA_BEYOND_M: Final = 7.0
_LONG_WITHOUT_ZEBRA_M: Final = 260.0
_NO_ZEBRA_M: Final = 80.0
"""This close to the footbridge there is none."""
_STAIR_M: Final = 18.0
_STAIR_OFFSET_M: Final = 16.5
_WALK_M: Final = 25.0
"""From the middle of the river to its walks, which pass below the bridges."""
_WAYS_DOWN_M: Final = 240.0
_FLIGHT_M: Final = (0.6, 0.85)
"""The part of a way down to the river that is a stair, as shares of its length."""
_PARK_FLIGHT: Final = (0.4, 0.55)
_DOOR_M: Final = 4.0
"""From a house to the path along it."""
_PAST_M: Final = 2.0
_AHEAD_M: Final = 400.0


class Way(NamedTuple):
    """A line to be, in metres.

    ``kind`` is the plan's, or ``pavement``, ``zebra``, ``steps``; ``raised``: it
    hangs in the air and meets others at its ends only.
    """

    kind: str
    tags: Tags
    line: LineString
    raised: bool = False


def pave(ways: list[Way]) -> list[Way]:
    """Give the paved street pavements of its own, and lead walkers there.

    Walkers then cross it at zebras and on the footbridge only, as at the
    guard rails of such streets. Every other way that crosses is cut where it
    meets a pavement, and what lies between the pavements is not for walkers.
    """
    middle = next(way.line for way in ways if way.tags.get("name") == sketch.PAVED)
    left, right = (_beside(middle, d) for d in (_OFFSET_M, -_OFFSET_M))
    between = Polygon([*left.coords, *reversed(right.coords)])
    paved: list[Way] = []
    for way in ways:
        if way.line is middle:
            tags = way.tags | _NOT_ON_FOOT | {"sidewalk": "separate"}
            paved.append(way._replace(tags=tags))
        elif way.line.intersects(between):
            paved += _pieces(way, way.line - between, {})
            paved += _pieces(way, way.line & between, _NOT_ON_FOOT)
        else:
            paved.append(way)
    others = [way for way in ways if way.kind in _CARRIAGEWAY_M and way.line is not middle]
    return [*paved, *_pavements((left, right), others), *_over(middle, (left, right), others)]


def _pieces(way: Way, shape: BaseGeometry, tags: Tags) -> list[Way]:
    return [way._replace(tags=way.tags | tags, line=piece) for piece in shapely.get_parts(shape)]


def _pavements(sides: tuple[LineString, LineString], others: list[Way]) -> Iterator[Way]:
    """Draw the pavements, with a zebra where one crosses another street."""
    roads = shapely.union_all(
        [way.line.buffer(_CARRIAGEWAY_M[way.kind], cap_style="flat") for way in others]
    )
    tags = _PAVEMENT | named(sketch.PAVED) | {"is_sidepath:of:name": sketch.PAVED}
    for side in sides:
        yield from _pieces(Way("pavement", tags, side), side - roads, {})
        yield from _pieces(Way("zebra", _ZEBRA, side), side & roads, {})


def _over(
    middle: LineString, sides: tuple[LineString, LineString], others: list[Way]
) -> Iterator[Way]:
    """Draw what leads from one pavement to the other."""
    name, where = sketch.FOOTBRIDGE
    bridge = middle.project(spot(where))
    for along in _zebras(middle, others):
        if abs(along - bridge) > _NO_ZEBRA_M:
            here = middle.interpolate(along)
            ends = [shapely.shortest_line(side, here).coords[0] for side in sides]
            yield Way("zebra", _ZEBRA, LineString([ends[0], here.coords[0], ends[1]]))
    heads: list[Point] = []
    for side in (1, -1):
        rail = _beside(middle, side * _STAIR_OFFSET_M)
        pavement = sides[0] if side == 1 else sides[1]
        head = rail.project(middle.interpolate(bridge))
        heads.append(rail.interpolate(head))
        for way in (1, -1):
            turn = rail.interpolate(head + way * _STAIR_M)
            foot = shapely.get_point(shapely.shortest_line(turn, pavement), -1)
            yield Way("steps", STEPS | {"incline": "up"}, LineString([foot, turn, heads[-1]]))
    tags = FOOTWAY | named(name) | {"bridge": "yes", "layer": "1"}
    yield Way("footway", tags, LineString(heads), raised=True)


def _zebras(middle: LineString, others: list[Way]) -> list[float]:
    """Tell how far along the street its zebras are: beside junctions, and half-way between."""
    found: set[float] = set()
    for way in others:
        for point in shapely.get_parts(way.line & middle):
            along = middle.project(point)
            beyond = _CARRIAGEWAY_M[way.kind] + _ZEBRA_BEYOND_M
            found.add(along + beyond)
            if way.kind == "arterial":
                found.add(along - beyond)
    junctions = sorted(along for along in found if along < middle.length)
    gaps = [gap for gap in pairwise(junctions) if gap[1] - gap[0] > _LONG_WITHOUT_ZEBRA_M]
    return [*junctions, *(sum(gap) / 2 for gap in gaps)]


def climb(ways: list[Way], parks: gpd.GeoDataFrame) -> list[Way]:
    """Put a flight of steps into the longest way into each park."""
    longest = {}
    for park in parks.geometry[parks.kind == "park"]:
        inside = [
            way
            for way in ways
            if way.kind == "footway" and not way.line.is_closed and way.line.intersects(park)
        ]
        way = max(inside, key=lambda way: way.line.length)
        longest[id(way)] = list(_flight(way, _PARK_FLIGHT, "up"))
    return [piece for way in ways for piece in longest.get(id(way), [way])]


def _flight(way: Way, shares: tuple[float, float], incline: str) -> Iterator[Way]:
    """Make a part of a path a stair, in three pieces that run on from each other."""
    cuts = [0.0, *shares, 1.0]
    for i, (start, end) in enumerate(pairwise(cuts)):
        line = largest(shapely.ops.substring(way.line, start, end, normalized=True), LineString)
        stair = Way("steps", STEPS | {"incline": incline}, line)
        yield stair if i == 1 else way._replace(line=line)


def river_walks(ways: list[Way], parks: gpd.GeoDataFrame) -> Iterator[Way]:
    """Draw a walk along each bank, and stairs that lead down to it from the street above."""
    axis = curve(sketch.RIVER[1])
    green = shapely.union_all(parks.geometry[parks.kind == "green"].to_numpy())
    raised = shapely.union_all([way.line for way in ways if way.raised])
    for name, side in zip(sketch.RIVERSIDE, (1, -1), strict=True):
        street = next(way.line for way in ways if way.tags.get("name") == name)
        course = _beside(axis, side * _WALK_M)
        reached = [course.project(Point(p)) for p in shapely.get_coordinates(course & green)]
        walk = largest(
            shapely.ops.substring(course, min(reached) + 5, max(reached) - 5), LineString
        )
        yield Way("footway", FOOTWAY, walk)
        count = round(walk.length / _WAYS_DOWN_M)
        for i in range(count + 1):
            here = walk.interpolate(i / count, normalized=True)
            if here.distance(raised) > _NO_ZEBRA_M / 2:
                down = LineString(reversed(shapely.shortest_line(here, street).coords))
                yield from _flight(Way("footway", FOOTWAY, down), _FLIGHT_M, "down")


def to_doors(plan: Plan, lands: gpd.GeoSeries, gates: gpd.GeoDataFrame) -> Iterator[Way]:
    """Draw a path to each house that has none in the plan, where a yard's drive ends too early.

    Parameters
    ----------
    lands
        Of each yard, by part.
    gates
        The plan's, each with the row of its ``drive`` in the plan's streets.
    """
    lines = plan.streets.geometry
    footways = lines[plan.streets.kind == "footway"]
    houses = plan.buildings[plan.buildings.kind != "shop"]
    near, _ = footways.sindex.query(houses.geometry, predicate="dwithin", distance=_DOOR_M + 1)
    left = houses.drop(houses.index[np.unique(near)])
    drives = gates.drop_duplicates("part").set_index("part").drive
    for part, own in left.groupby("part").geometry:
        drive = lines[drives[part]] & lands[part].buffer(-1)
        built = shapely.union_all(plan.buildings.geometry[plan.buildings.part == part].to_numpy())
        free = lands[part] - built
        beside = footways.iloc[footways.sindex.query(drive, predicate="intersects")]
        around = built.buffer(_PAST_M, join_style="mitre")
        corners = [Point(xy) for xy in shapely.get_coordinates(around).tolist()]
        drawn: list[LineString] = []
        # The path to the last house of a row passes the others: hence the farthest first. The
        # second round leads those that are hidden behind others to the paths of the first.
        for house in 2 * sorted(own, key=drive.distance, reverse=True):
            if any(path.distance(house) <= _DOOR_M + 1 for path in drawn):
                continue
            joined = shapely.union_all([drive, *beside, *drawn])
            ways = (way for way in _out(house, drive, joined, corners) if way.within(free))
            drawn += itertools.islice(ways, 1)
        yield from (Way("footway", FOOTWAY, path) for path in drawn)


def _out(
    house: Polygon, drive: BaseGeometry, joined: BaseGeometry, corners: list[Point]
) -> Iterator[LineString]:
    """Draw ways out, best first: along the south of the house, the north, straight, round a corner.

    Not all of them can be walked.
    """
    ring = house.exterior.coords
    sides = sorted((LineString(side) for side in pairwise(ring)), key=lambda side: side.length)
    southern, northern = sorted(sides[-2:], key=lambda side: side.centroid.y)
    fronts = [_before(side, house) for side in (southern, northern, *sides)]
    yield from (_along(front, drive) for front in fronts[:2])
    starts = [place for front in fronts for place in (front.centroid, *front.boundary.geoms)]
    yield from (shapely.shortest_line(start, joined) for start in starts)
    for start, corner in itertools.product(starts, corners):
        yield LineString([start, *shapely.shortest_line(corner, joined).coords])


def _before(side: LineString, house: Polygon) -> LineString:
    """Give the line before a side of a house."""
    return max((_beside(side, d) for d in (_DOOR_M, -_DOOR_M)), key=house.centroid.distance)


def _beside(line: LineString, metres: float) -> LineString:
    """Give the line to the left of another, or to the right where metres are below 0."""
    return largest(line.offset_curve(metres, join_style="mitre"), LineString)


def _along(front: LineString, drive: BaseGeometry) -> LineString:
    far, near = sorted((Point(p) for p in front.coords), key=drive.distance, reverse=True)
    beyond = LineString([far, _ahead(far, near, _AHEAD_M)])
    meets = shapely.shortest_line(near, drive & beyond if drive.intersects(beyond) else drive)
    return LineString([_ahead(far, near, -_PAST_M), near, shapely.get_point(meets, -1)])


def _ahead(start: Point, towards: Point, metres: float) -> Point:
    """Give the point so far from a start, on the line towards another."""
    share = metres / start.distance(towards)
    return Point(start.x + share * (towards.x - start.x), start.y + share * (towards.y - start.y))
