"""The drawn district as OpenStreetMap data, so that its streets are built as those of any city."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geodata.demo import paths, sketch
from geodata.demo.draw import METRIC, Die, Lines, curve, largest, net, table, to_wgs84
from geodata.demo.english import Tags, named
from geodata.demo.paths import Way
from geodata.demo.people import STREET, grids
from geodata.demo.plan import Plan
from geodata.demo.sheet import Key, Sheet, keys
from geodata.demo.yards import HALF_WIDTH_M, land

_ROADS: Final = {"arterial", "secondary", "street"}
_STREETS: Final[dict[str, Tags]] = {
    "arterial": {"highway": "primary", "lanes": "6", "maxspeed": "60", "sidewalk": "both"},
    "secondary": {"highway": "secondary", "lanes": "4", "maxspeed": "50", "sidewalk": "both"},
    "street": {"highway": "tertiary", "lanes": "2", "maxspeed": "40", "sidewalk": "both"},
    "alley": {"highway": "residential", "maxspeed": "20"},
    # Not service=driveway: that is the way to one house, and walkers are kept off it.
    "drive": {"highway": "service", "maxspeed": "10"},
    "footway": paths.FOOTWAY,
}
_UNDER: Final = {"tunnel": "yes", "layer": "-1"}
_GATE: Final[dict[bool, Tags]] = {
    True: {"barrier": "gate", "foot": "yes", "bicycle": "yes", "motor_vehicle": "yes"},
    False: {"barrier": "gate", "foot": "yes", "bicycle": "yes", "motor_vehicle": "no"},
}
_BUILDINGS: Final = {"home": "apartments", "shop": "retail"}
_GROUNDS: Final[dict[str, tuple[str, Tags]]] = {
    "学校": ("school", {"amenity": "school"}),
    "体育场": ("sports_hall", {"leisure": "sports_centre"}),
    "医院": ("hospital", {"amenity": "hospital"}),
    "市场": ("retail", {"amenity": "marketplace", "landuse": "retail"}),
    "所": ("office", {"office": "research", "landuse": "commercial"}),
    "大院": ("commercial", {"landuse": "commercial"}),
    "": ("yes", {"landuse": "residential"}),
}
"""What a yard is by the end of its name: its buildings, its ground."""
_GREEN: Final[dict[str, Tags]] = {
    "park": {"leisure": "park"},
    "green": {"landuse": "grass"},
    "pitch": {"leisure": "pitch"},
}
_STUB_M: Final = 2.5
_CLEAR_M: Final = 2.5
"""On either side of an alley's middle."""
_SIGNALS: Final = {"highway": "traffic_signals"}
_CROSSING: Final = {"highway": "crossing", "crossing": "marked", "crossing:markings": "zebra"}


def write(plan: Plan, path: Path) -> None:
    """Write the drawn district as OpenStreetMap data.

    For ``roads build``, and for any tool that reads OpenStreetMap. Streets
    with names, one-ways, bridges and the underpass; alleys, yard drives and
    footways; walls, gates, zebras, stairs and a footbridge; water, railway,
    green, land and buildings; names of communities.

    Parameters
    ----------
    plan
        In WGS 84, as :attr:`~geodata.demo.Neighbourhood.plan` is.
    path
        ``.osm.pbf`` or ``.osm``; an old file is replaced. Nodes and ways are
        sorted by id. One plan gives one file, byte for byte.

    Notes
    -----
    Two seconds and 150 kB. Everyone may walk through every gate; cars enter a
    yard at its main gate only. 文化东路 has its pavements mapped and can be
    crossed on foot at zebras and the footbridge; along all other streets
    walkers use the street's own line, and cross it anywhere.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from geodata.demo import neighbourhood
    >>> with TemporaryDirectory() as folder:
    ...     write(neighbourhood().plan, Path(folder, "demo.osm.pbf"))
    ...     print(Path(folder, "demo.osm.pbf").stat().st_size > 100_000)
    True
    """
    metric = Plan(**{f.name: getattr(plan, f.name).to_crs(METRIC) for f in fields(plan)})
    sheet = Sheet()
    lands = _lands(metric)
    _draw_ways(sheet, _woven(_ways(metric, lands)))
    for gate in to_wgs84(_gates(metric)).itertuples():
        sheet.mark(keys(gate.geometry)[0], _GATE[gate.main])
    _draw_walls(sheet, metric)
    _draw_ground(sheet, plan)
    _draw_yards(sheet, metric, lands)
    _draw_buildings(sheet, plan)
    _draw_places(sheet, metric)
    sheet.write(path)


def _lands(plan: Plan) -> gpd.GeoSeries:
    """Give the land of each yard by its part, without the streets around."""
    streets = plan.streets[plan.streets.kind.isin(HALF_WIDTH_M)]
    yards = plan.parts.set_index("part").query("kind in ['home', 'school', 'hall']").geometry
    shapes = [largest(land(part, streets), Polygon) for part in yards]
    return gpd.GeoSeries(shapes, yards.index, crs=METRIC)


def _ways(plan: Plan, lands: gpd.GeoSeries) -> list[Way]:
    """Give all ways of the district, each with its tags."""
    gates = _gates(plan)
    at = {drive: own.tolist() for drive, own in gates.geometry.groupby(gates.drive)}
    ways = []
    for i, street in enumerate(plan.streets.itertuples()):
        line = _through(street.geometry, at.get(i, ()))
        tags = _STREETS[street.kind] | named(street.name)
        tags |= {"oneway": "yes"} if street.oneway else {}
        tags |= _UNDER if street.tunnel else _over(street.name) if street.bridge else {}
        ways.append(Way(street.kind, tags, line, raised=street.bridge))
    ways = [*paths.climb(ways, plan.parks), *paths.to_doors(plan, lands, gates)]
    return [*paths.pave(ways), *paths.river_walks(ways, plan.parks)]


def _over(name: str) -> Tags:
    return {"bridge": "yes", "layer": "1", "bridge:name": f"{name[:-1]}桥"}


def _gates(plan: Plan) -> gpd.GeoDataFrame:
    """Give the gates as they lie on their drives, and the row of each one's ``drive``."""
    drives = plan.streets.geometry[plan.streets.kind == "drive"]
    gate, drive = drives.sindex.nearest(plan.gates.geometry, return_all=False)
    gates = plan.gates.iloc[gate].assign(drive=drives.index[drive])
    lines, points = drives.to_numpy()[drive], gates.geometry.to_numpy()
    on = shapely.line_interpolate_point(lines, shapely.line_locate_point(lines, points))
    return gates.set_geometry(_rounded(on), crs=METRIC)


def _through(line: LineString, points: Sequence[Point]) -> LineString:
    """Give the line with these points of it among its vertices."""
    if not points:
        return line
    along = {line.project(Point(xy)): xy for xy in line.coords}
    along |= {line.project(point): point.coords[0] for point in points}
    return LineString([xy for _, xy in sorted(along.items())])


def _rounded(shapes: Sequence[BaseGeometry]) -> Lines:
    """Put vertices on the plan's grid of 1 cm: degrees of 7 decimals lie a little beside it."""
    return shapely.transform(np.asarray(shapes), lambda xy: np.round(xy, 2))


def _woven(ways: list[Way]) -> list[tuple[Way, list[Key]]]:
    """Knot the ways together; what hangs in the air meets the others at its ends only."""
    ground = [way for way in ways if not way.raised]
    raised = [way for way in ways if way.raised]
    lines = _rounded([way.line for way in (*ground, *raised)]).tolist()
    woven = [*_without_stubs(ground, net(lines[: len(ground)])), *lines[len(ground) :]]
    placed = to_wgs84(table("", [(line,) for line in woven])).geometry
    return [(way, keys(line)) for way, line in zip((*ground, *raised), placed, strict=True)]


def _without_stubs(ways: list[Way], lines: Iterable[LineString]) -> Iterator[LineString]:
    """Let a footway that goes a step too far end where it meets another way."""
    drawn = [list(line.coords) for line in lines]
    used = Counter(xy for line in drawn for xy in set(line))
    for way, line in zip(ways, drawn, strict=True):
        for end in (0, -1) if way.kind == "footway" else ():
            tip, before = (line[0], line[1]) if end == 0 else (line[-1], line[-2])
            if used[tip] == 1 and used[before] > 1 and math.dist(tip, before) < _STUB_M:
                line.pop(end)
        yield LineString(line)


def _draw_walls(sheet: Sheet, plan: Plan) -> None:
    """Draw the yards' walls, but none on an alley: a few of the plan's stray there."""
    alleys = plan.streets.geometry[plan.streets.kind == "alley"].buffer(_CLEAR_M)
    standing = plan.walls.geometry.difference(shapely.union_all(alleys.to_numpy()))
    pieces = table("", [(piece,) for piece in shapely.get_parts(standing.to_numpy())])
    for wall in to_wgs84(pieces).geometry:
        sheet.draw(keys(wall), {"barrier": "wall"})


def _draw_ways(sheet: Sheet, ways: list[tuple[Way, list[Key]]]) -> None:
    taken: set[frozenset[Key]] = set()
    meeting: dict[Key, list[Way]] = defaultdict(list)
    for way, line in ways:
        for run in _runs(line, taken):
            sheet.draw(run, way.tags)
        for place in line:
            meeting[place].append(way)
    for place, those in meeting.items():
        sheet.mark(place, _junction(those))


def _runs(line: list[Key], taken: set[frozenset[Key]]) -> Iterator[list[Key]]:
    """Cut out what lies on a way that was drawn before, as an alley may run into a street."""
    run = line[:1]
    for here, there in pairwise(line):
        if frozenset((here, there)) in taken:
            yield run
            run = []
        taken.add(frozenset((here, there)))
        run = [*run, there]
    yield run


def _junction(ways: list[Way]) -> Tags:
    """Tell what a place is where ways meet."""
    roads = {way.tags["name"]: way.kind for way in ways if way.kind in _ROADS}
    others = {way.kind for way in ways} - _ROADS
    if not roads:
        return {}
    kinds = set(roads.values())
    if len(roads) > 1 and "arterial" in kinds and "street" not in kinds:
        return _SIGNALS
    if "zebra" in others or "footway" in others:
        return _CROSSING
    # Walkers from an alley reach the pavement of the paved street, not its middle.
    walked = "arterial" in kinds and sketch.PAVED not in roads
    return _CROSSING if walked and "alley" in others else {}


def _draw_ground(sheet: Sheet, plan: Plan) -> None:
    """Draw water, railway and green."""
    (river,) = to_wgs84(table("", [(curve(sketch.RIVER[1]),)])).geometry
    (rail,) = plan.rail.geometry
    sheet.draw(keys(river), {"waterway": "river"} | named(sketch.RIVER[0]))
    sheet.draw(keys(rail), {"railway": "rail", "usage": "industrial"} | named(sketch.RAILWAY[0]))
    for water in plan.water.itertuples():
        sheet.fill(water.geometry, {"natural": "water", "water": water.kind} | named(water.name))
    for green in plan.parks.itertuples():
        name = green.name if green.kind == "park" else ""
        sheet.fill(green.geometry, _GREEN[green.kind] | named(name))


def _draw_yards(sheet: Sheet, plan: Plan, lands: gpd.GeoSeries) -> None:
    names = plan.parts.set_index("part").name[lands.index]
    rows = zip(names, lands, strict=True)
    for yard in to_wgs84(table("name", list(rows))).itertuples():
        sheet.fill(yard.geometry, _ground(yard.name)[1] | named(yard.name))


def _ground(name: str) -> tuple[str, Tags]:
    return next(what for ending, what in _GROUNDS.items() if name.endswith(ending))


def _draw_buildings(sheet: Sheet, plan: Plan) -> None:
    yards = dict(zip(plan.parts.part, plan.parts.name, strict=True))
    for house in plan.buildings.itertuples():
        kind = _BUILDINGS.get(house.kind) or _ground(yards[house.part])[0]
        number = f"{house.number}号楼" if house.number else ""
        tags = {"building": kind, "building:levels": str(house.floors)}
        tags |= {"addr:housenumber": number, "addr:street": house.street}
        sheet.fill(house.geometry, {key: value for key, value in tags.items() if value})


def _draw_places(sheet: Sheet, plan: Plan) -> None:
    """Write each community's name in the middle of it, and the subdistrict's over all."""
    # Which blocks are whose does not depend on the die; grids within them do.
    code = grids(plan, Die(0, 0)).str[:12]
    parts = [("suburb", STREET[1], code.index)]
    for own, name, _ in sketch.COMMUNITIES:
        parts.append(("neighbourhood", name, code.index[code == own]))
    rows = [(kind, name, _middle(plan.parts.geometry[index])) for kind, name, index in parts]
    for place in to_wgs84(table("kind name", rows)).itertuples():
        sheet.mark(keys(place.geometry)[0], {"place": place.kind} | named(place.name))


def _middle(parts: gpd.GeoSeries) -> Point:
    """Give the place in an area that is farthest from its border, to 5 m."""
    area = largest(shapely.union_all(parts.to_numpy()), Polygon)
    return Point(shapely.maximum_inscribed_circle(area, 5).coords[0])
