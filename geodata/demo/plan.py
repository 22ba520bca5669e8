"""The drawing of the district: streets woven from the sketch, blocks between them, yards within."""

from dataclasses import dataclass, fields
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
import shapely.ops
from shapely import LineString, Polygon

from geodata.demo import greens, sketch, yards
from geodata.demo.draw import (
    Die,
    Row,
    Turned,
    curve,
    faces,
    largest,
    net,
    snapped,
    spot,
    table,
    to_wgs84,
)

_YARD_M: Final = (185.0, 265.0)
"""A block longer than a length thrown between these is cut by an alley."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The drawn district: tables of shapes.

    ``streets``
        ``name`` ("" for alleys and footways), ``kind`` (arterial, secondary,
        street, alley, footway), ``oneway``, ``bridge``, ``tunnel``; lines that
        run in the direction of travel. Where two meet, both have that vertex.
    ``water``, ``rail``, ``parks``
        ``name``, ``kind``: river and lake (polygons), rail (a line), park,
        green (river banks) and pitch (polygons).
    ``blocks``
        Superblocks, bounded by the middle lines of the streets around:
        ``block`` (number), ``kind`` (home, park, bank). They tile.
    ``parts``
        The blocks as alleys cut them, each one walled yard: ``part`` and
        ``block`` (numbers), ``name``, ``kind`` (home, school, hall, park,
        bank). They tile the same ground.
    ``buildings``
        ``part``, ``kind`` (home, shop, facility), ``floors``, ``number`` (in
        its yard; 0 for shops) and, for shops, the ``street`` in front.
    ``gates``, ``walls``
        ``part``; a gate has the ``street`` it opens to ("" for an alley) and
        ``main`` for the one that gives the yard its address.
    """

    streets: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    rail: gpd.GeoDataFrame
    parks: gpd.GeoDataFrame
    blocks: gpd.GeoDataFrame
    parts: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame
    walls: gpd.GeoDataFrame

    def to_wgs84(self) -> "Plan":
        """Give the same drawing in longitude and latitude, rounded to 7 decimals (1 cm)."""
        return Plan(**{f.name: to_wgs84(getattr(self, f.name)) for f in fields(self)})


_OVERHANG_M: Final = 95.0
_STREET: Final = "name kind oneway bridge tunnel"


class Ground:
    """What is there before any house: the lines of the sketch, the river, the railway."""

    def __init__(self) -> None:
        self.river, self.rail = (curve(course) for _, course in (sketch.RIVER, sketch.RAILWAY))
        self.water = snapped(self.river.buffer(sketch.RIVER_WIDTH_M / 2))
        riverside = _sides(self.river, sketch.RIVER_BANK_M)
        railside = _sides(self.rail, sketch.RAIL_BANK_M)
        self.banks = shapely.union_all([_between(*riverside), _between(*railside)])
        self.beside = dict(
            zip(sketch.RIVERSIDE + sketch.RAILSIDE, (*riverside, *railside), strict=True)
        )
        drawn = [curve(line.points) for line in sketch.STREETS]
        others = [*self.beside.values(), self.river, self.rail]
        self.lines = [
            (line, _trimmed(thread, [t for t in drawn if t is not thread] + others))
            for line, thread in zip(sketch.STREETS, drawn, strict=True)
        ]

    def streets(self) -> list[Row]:
        """Give the lines as streets: those that may not cross end at the banks."""
        over = shapely.union_all([self.water.buffer(6), self.rail.buffer(12)])
        rows: list[Row] = []
        for (name, kind, _, oneway), line in self.lines:
            crossing = sketch.CROSSING.get(name, "")
            obstacle = over if crossing else self.banks
            pieces = [(piece, "") for piece in shapely.get_parts(line - obstacle)]
            if crossing:
                pieces += [(piece, crossing) for piece in shapely.get_parts(line & obstacle)]
            rows += [
                (name, kind, oneway, how == "bridge", how == "tunnel", piece)
                for piece, how in pieces
            ]
        beside = [(n, "secondary", False, False, False, line) for n, line in self.beside.items()]
        return rows + beside

    def bounds(self) -> list[LineString]:
        """Give all lines that part one block from another: river and railway do so too."""
        lines = [line for _, line in self.lines]
        return [*lines, *self.beside.values(), self.river, self.rail]


def draw_plan(seed: int) -> Plan:
    """Draw the district in metres (:data:`~geodata.demo.draw.METRIC`)."""
    ground = Ground()
    blocks = _blocks(ground)
    alleys = _alleys(blocks, Die(seed, 1))
    parts = _parts(ground, blocks, alleys)
    rows = ground.streets() + [("", "alley", False, False, False, alley) for alley in alleys]
    streets = table(_STREET, rows)
    built = yards.fill(parts, streets, Die(seed, 2))
    green = greens.fill(parts, streets, ground.water)
    ways = rows + built.paths + green.paths
    woven = net([way[-1] for way in ways])
    return Plan(
        streets=table(_STREET, [(*way[:-1], w) for way, w in zip(ways, woven, strict=True)]),
        water=table("name kind", [(sketch.RIVER[0], "river", ground.water), *green.lakes]),
        rail=table("name kind", [(sketch.RAILWAY[0], "rail", ground.rail)]),
        parks=table("name kind", [*green.parks, *built.pitches]),
        blocks=blocks,
        parts=parts,
        buildings=table("part kind floors number street", built.buildings),
        gates=table("part street main", built.gates),
        walls=table("part", built.walls),
    )


def _sides(axis: LineString, width_m: float) -> tuple[LineString, LineString]:
    """Give the streets along a river or railway: left of its course, right of it."""
    left, right = (largest(axis.offset_curve(d), LineString) for d in (width_m, -width_m))
    return snapped(left), snapped(right)


def _trimmed(line: LineString, others: list[LineString]) -> LineString:
    """Cut off ends that reach a little beyond the last line they cross."""
    crossings = shapely.get_parts(line & shapely.union_all(others))
    along = [line.project(point) for point in crossings]
    first, last = min(along), max(along)
    start = first if first < _OVERHANG_M else 0.0
    end = last if line.length - last < _OVERHANG_M else line.length
    return snapped(largest(shapely.ops.substring(line, start, end), LineString))


def _between(left: LineString, right: LineString) -> Polygon:
    return Polygon([*left.coords, *reversed(right.coords)])


def _blocks(ground: Ground) -> gpd.GeoDataFrame:
    parks = [spot(place.spot) for place in sketch.PLACES if place.kind == "park"]

    def kind(block: Polygon) -> str:
        if ground.banks.contains(block.representative_point()):
            return "bank"
        return "park" if any(block.contains(park) for park in parks) else "home"

    found = faces(ground.bounds())
    return table("block kind", [(i, kind(block), block) for i, block in enumerate(found)])


def _alleys(blocks: gpd.GeoDataFrame, die: Die) -> list[LineString]:
    """Cut the long blocks, and what is left of them, until every piece is a yard's size."""
    alleys: list[LineString] = []
    waiting = list(blocks.geometry[blocks.kind == "home"])
    while waiting:
        field = waiting.pop()
        cut = _cut(field, die)
        if cut is not None:
            alley = largest(cut & field, LineString)
            alleys.append(alley)
            waiting += shapely.get_parts(shapely.ops.split(field, cut)).tolist()
    return alleys


def _cut(field: Polygon, die: Die) -> LineString | None:
    """Draw a line across the longer side of a field, or none where it is small enough."""
    paper = Turned(field)
    west, south, east, north = paper.see(field).bounds
    share = die.between(0.4, 0.6)
    if max(east - west, north - south) < die.between(*_YARD_M):
        return None
    if east - west > north - south:
        middle = west + share * (east - west)
        across = LineString([(middle, south - 1), (middle, north + 1)])
    else:
        middle = south + share * (north - south)
        across = LineString([(west - 1, middle), (east + 1, middle)])
    return paper.lay(across)


def _parts(ground: Ground, blocks: gpd.GeoDataFrame, alleys: list[LineString]) -> gpd.GeoDataFrame:
    found = faces([*ground.bounds(), *alleys])
    inside = shapely.point_on_surface(np.array(found))
    block = shapely.STRtree(blocks.geometry.to_numpy()).query(inside, predicate="within")[1]
    tree = shapely.STRtree(found)
    uses = {
        int(tree.query(spot(place.spot), predicate="within")[0]): place for place in sketch.PLACES
    }
    rows: list[Row] = []
    for part, (number, shape) in enumerate(zip(block.tolist(), found, strict=True)):
        name, kind = uses[part][:2] if part in uses else ("", blocks.kind[number])
        rows.append((part, number, name, kind, shape))
    return table("part block name kind", rows)
