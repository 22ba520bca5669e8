"""The demonstration's streets are OpenStreetMap data on which people find their way."""

import hashlib
import json
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely
import valhalla
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely import LineString, Point
from valhalla.midgard.utils import decode_polyline

from geodata.demo import Neighbourhood, neighbourhood, sketch
from geodata.demo.draw import METRIC
from geodata.demo.english import english
from geodata.demo.streets import write
from geodata.geometry import metres_between

SKETCHED = {
    *(line.name for line in sketch.STREETS),
    *(*sketch.RIVERSIDE, *sketch.RAILSIDE, sketch.FOOTBRIDGE[0], sketch.RIVER[0]),
    *(sketch.RAILWAY[0], "万莲街道"),
    *(place.name for place in sketch.PLACES),
    *(name for _, name, _ in sketch.COMMUNITIES),
}
BARRED = 300
"""Metres of detour, beyond four times the straight line, that river and railway may cost."""


@dataclass
class Osm:
    """What was read back of a file."""

    nodes: dict[int, tuple[float, float]]
    said: dict[int, dict[str, str]]
    ways: gpd.GeoDataFrame

    def ways_with(self, key: str, *values: str) -> gpd.GeoDataFrame:
        told = self.ways.tags.map(lambda tags: tags.get(key))
        return self.ways[told.isin(values) if values else told.notna()]

    @property
    def highways(self) -> gpd.GeoDataFrame:
        return self.ways_with("highway")

    @property
    def walkable(self) -> gpd.GeoDataFrame:
        ways = self.highways
        return ways[ways.tags.map(lambda tags: tags.get("foot") != "no")]

    def nodes_with(self, key: str, value: str) -> dict[int, dict[str, str]]:
        return {node: tags for node, tags in self.said.items() if tags.get(key) == value}

    def spots(self, nodes: Any) -> gpd.GeoSeries:
        places = [Point(self.nodes[node]) for node in nodes]
        return gpd.GeoSeries(places, list(nodes), crs=4326).to_crs(METRIC)


def read(path: Path) -> Osm:
    nodes, said, rows = {}, {}, []
    for thing in osmium.FileProcessor(str(path)):
        if thing.is_node():
            nodes[thing.id] = (thing.lon, thing.lat)
            said[thing.id] = dict(thing.tags)
        else:
            rows.append((thing.id, [node.ref for node in thing.nodes], dict(thing.tags)))
    table = pd.DataFrame(rows, columns=["id", "refs", "tags"])
    lines = [LineString([nodes[ref] for ref in refs]) for refs in table.refs]
    return Osm(nodes, said, gpd.GeoDataFrame(table, geometry=lines, crs=4326).to_crs(METRIC))


@pytest.fixture(scope="module")
def demo() -> Neighbourhood:
    return neighbourhood()


@pytest.fixture(scope="module")
def file(demo: Neighbourhood, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("streets") / "demo.osm.pbf"
    write(demo.plan, path)
    return path


@pytest.fixture(scope="module")
def osm(file: Path) -> Osm:
    return read(file)


def edges(ways: gpd.GeoDataFrame) -> pd.DataFrame:
    rows = [pair for refs in ways.refs for pair in pairwise(refs)]
    return pd.DataFrame(rows, columns=["here", "there"])


class TestTheFile:
    def test_it_is_sorted_and_no_id_comes_twice(self, file):
        order = [(thing.type_str(), thing.id) for thing in osmium.FileProcessor(str(file))]

        assert order == sorted(order)
        assert len(set(order)) == len(order)

    def test_every_way_has_its_nodes_and_goes_somewhere(self, osm):
        refs = {ref for own in osm.ways.refs for ref in own}

        assert refs <= set(osm.nodes)
        assert all(here != there for own in osm.ways.refs for here, there in pairwise(own))

    def test_no_node_lies_on_another(self, osm):
        assert len(set(osm.nodes.values())) == len(osm.nodes)

    def test_the_same_plan_gives_the_same_bytes_even_over_an_old_file(self, demo, file, tmp_path):
        again = tmp_path / "again.osm.pbf"
        again.write_bytes(b"old")
        write(demo.plan, again)

        one, other = (hashlib.sha256(path.read_bytes()).hexdigest() for path in (file, again))
        assert one == other

    def test_the_header_says_what_made_it_and_of_when_it_is(self, file, osm):
        with osmium.io.Reader(str(file), osmium.osm.NOTHING) as reader:
            header = reader.header()

        assert header.get("generator") == "Linju demonstration"
        assert header.get("osmosis_replication_timestamp") == "2026-01-01T00:00:00Z"
        box, places = header.box(), np.array([*osm.nodes.values()])
        assert [box.bottom_left.lon, box.bottom_left.lat] == places.min(axis=0).tolist()
        assert [box.top_right.lon, box.top_right.lat] == places.max(axis=0).tolist()

    def test_it_can_be_written_as_xml_that_says_the_same(self, demo, osm, tmp_path):
        write(demo.plan, tmp_path / "demo.osm")
        again = read(tmp_path / "demo.osm")

        assert again.nodes == osm.nodes
        assert again.said == osm.said
        assert again.ways.tags.tolist() == osm.ways.tags.tolist()

    def test_another_seed_can_be_written_too(self, tmp_path):
        write(neighbourhood(1).plan, tmp_path / "other.osm.pbf")

        assert len(read(tmp_path / "other.osm.pbf").walkable) > 1000


class TestNames:
    def test_they_are_the_sketchs_in_both_languages(self, osm):
        for tags in [*osm.ways.tags, *osm.said.values()]:
            if "name" in tags:
                assert tags["name"] in SKETCHED
                assert tags["name:zh"] == tags["name"]
                assert tags["name:en"].isascii()
                assert tags["name:en"] == english(tags["name"])

    def test_all_of_the_sketch_is_there(self, osm):
        told = {tags.get("name") for tags in [*osm.ways.tags, *osm.said.values()]}

        assert told >= SKETCHED

    @pytest.mark.parametrize(
        "name,romanised",
        [
            ("小什字街", "Xiaoshizi Street"),
            ("长青街", "Changqing Street"),
            ("万柳塘公园", "Wanliutang Park"),
            ("文安路", "Wen'an Road"),
            ("六0六所社区", "606 Institute Community"),
            ("泉富社区", "Quanfu Community"),
        ],
    )
    def test_in_english_they_are_those_of_street_signs(self, name, romanised):
        assert english(name) == romanised

    def test_a_community_is_named_within_its_area(self, demo, osm):
        areas = demo.areas.set_index("name").geometry
        places = osm.nodes_with("place", "neighbourhood") | osm.nodes_with("place", "suburb")

        assert len(places) == 10
        for node, tags in places.items():
            assert areas[tags["name"]].contains(Point(osm.nodes[node]))


class TestStreets:
    def test_one_ways_run_as_they_are_drawn(self, demo, osm):
        drawn = demo.plan.streets[demo.plan.streets.oneway].to_crs(METRIC)
        oneway = osm.ways_with("oneway", "yes")

        assert len(oneway) >= len(drawn)
        assert set(oneway.tags.map(lambda tags: tags["name"])) == set(drawn.name)
        for way in oneway.itertuples():
            course = drawn.geometry[drawn.name == way.tags["name"]].iloc[0]
            along = shapely.line_locate_point(course, shapely.points(way.geometry.coords))
            assert (np.diff(along) > 0).all()

    def test_nobody_is_cut_off_on_foot(self, osm):
        steps = edges(osm.walkable)
        nodes, index = np.unique(steps.to_numpy(), return_inverse=True)
        here, there = index.reshape(-1, 2).T
        graph = coo_array((np.ones(len(here)), (here, there)), shape=(len(nodes), len(nodes)))
        _, part = connected_components(graph, directed=False)
        xy = np.array([osm.nodes[node] for node in nodes])
        metres = metres_between(*xy[here].T, *xy[there].T)

        reached = part[here] == np.bincount(part).argmax()
        assert metres[reached].sum() > 0.99 * metres.sum()

    def test_ways_that_meet_share_a_node_but_for_bridges(self, osm):
        ways = osm.highways.reset_index(drop=True)
        left, right = ways.sindex.query(ways.geometry, predicate="intersects")
        for a, b in zip(left, right, strict=True):
            if a < b and not set(ways.refs[a]) & set(ways.refs[b]):
                assert "bridge" in ways.tags[a] or "bridge" in ways.tags[b]

    def test_only_two_bridges_cross_the_river(self, osm):
        (river,) = osm.ways_with("waterway").geometry
        over = osm.highways[osm.highways.crosses(river)].tags

        assert sorted(tags["name"] for tags in over) == ["万柳塘路", "南塔街"]
        assert {(tags["bridge"], tags["layer"]) for tags in over} == {("yes", "1")}
        assert {tags["bridge:name"] for tags in over} == {"万柳塘桥", "南塔桥"}

    def test_only_one_underpass_crosses_the_railway(self, osm):
        (rail,) = osm.ways_with("railway", "rail").geometry
        under = osm.highways[osm.highways.crosses(rail)].tags

        assert [(tags["name"], tags["tunnel"], tags["layer"]) for tags in under] == [
            ("文萃路", "yes", "-1")
        ]

    def test_the_walks_along_the_river_pass_below_the_bridges(self, osm):
        bridges = osm.ways_with("bridge:name")
        below = osm.highways[osm.highways.crosses(bridges.geometry.union_all())]

        assert len(below) == 2
        assert set(below.tags.map(lambda tags: tags["highway"])) == {"footway"}
        held = {ref for refs in bridges.refs for ref in refs}
        assert not held & {ref for refs in below.refs for ref in refs}

    def test_no_way_leads_through_a_house(self, osm):
        houses = osm.ways_with("building").geometry.map(shapely.Polygon)

        assert osm.highways.sindex.query(houses, predicate="intersects").size == 0

    def test_no_stretch_is_drawn_twice(self, osm):
        steps = pd.DataFrame(np.sort(edges(osm.highways).to_numpy(), axis=1))

        assert not steps.duplicated().any()


class TestYards:
    def test_each_gate_stands_on_its_drive_and_lets_walkers_in(self, demo, osm):
        gates = osm.nodes_with("barrier", "gate")
        on_drives = {ref for refs in osm.ways_with("highway", "service").refs for ref in refs}

        assert len(gates) == len(demo.plan.gates)
        assert set(gates) <= on_drives
        assert all(tags["foot"] == "yes" for tags in gates.values())

    def test_cars_come_in_at_the_main_gate_only(self, demo, osm):
        gates = osm.nodes_with("barrier", "gate")
        spots = osm.spots(gates)
        drawn = demo.plan.gates.to_crs(METRIC)
        main = drawn.main.to_numpy()[drawn.sindex.nearest(spots, return_all=False)[1]]

        assert [tags["motor_vehicle"] == "yes" for tags in gates.values()] == main.tolist()

    def test_every_yard_with_homes_has_a_wall_with_a_gap_at_its_gate(self, demo, osm):
        parts = demo.plan.parts.set_index("part").geometry.to_crs(METRIC)
        lived_in = demo.plan.buildings.part[demo.plan.buildings.kind == "home"].unique()
        walls = osm.ways_with("barrier", "wall").sindex
        gates = osm.spots(osm.nodes_with("barrier", "gate"))

        for yard in parts[lived_in]:
            assert walls.query(yard, predicate="intersects").size > 0
            assert gates.sindex.query(yard, predicate="intersects").size > 0
        gap = walls.nearest(gates, return_distance=True)[1]
        assert gap.min() > 3

    def test_no_way_runs_through_a_wall(self, osm):
        walls = osm.ways_with("barrier", "wall").sindex

        assert walls.query(osm.highways.geometry, predicate="intersects").size == 0

    def test_from_every_home_the_nearest_way_is_on_its_side_of_the_wall(self, demo, osm):
        homes = demo.homes.to_crs(METRIC).geometry
        ways = osm.walkable.geometry
        nearest = ways.iloc[ways.sindex.nearest(homes, return_all=False)[1]]
        first_steps = shapely.shortest_line(homes.to_numpy(), nearest.to_numpy())

        walls = osm.ways_with("barrier", "wall").sindex
        assert walls.query(first_steps, predicate="intersects").size == 0
        assert shapely.length(first_steps).max() < 25


class TestCrossings:
    def test_the_paved_street_is_walked_beside_and_crossed_at_zebras(self, osm):
        named = osm.ways_with("name", sketch.PAVED)
        middle = named[named.tags.map(lambda tags: tags["highway"] == "primary")]
        zebras = osm.ways_with("footway", "crossing")
        crossing = set(osm.nodes_with("highway", "crossing"))

        assert all(tags["foot"] == "no" for tags in middle.tags)
        assert zebras.crosses(middle.geometry.union_all()).sum() >= 8
        for refs in zebras[zebras.crosses(middle.geometry.union_all())].refs:
            assert crossing & set(refs)
        walked = osm.walkable[osm.walkable.crosses(middle.geometry.union_all())]
        assert {tags.get("footway", tags.get("bridge")) for tags in walked.tags} == {
            *("crossing", "yes")
        }

    def test_a_footbridge_with_stairs_on_both_sides_is_held_by_no_other_way(self, osm):
        (bridge,) = osm.ways_with("name", sketch.FOOTBRIDGE[0]).itertuples()
        others = osm.highways[osm.highways.id != bridge.id]
        meeting = others[others.refs.map(lambda refs: bool(set(refs) & set(bridge.refs)))]

        assert (bridge.tags["bridge"], bridge.tags["layer"]) == ("yes", "1")
        assert [tags["highway"] for tags in meeting.tags] == ["steps"] * 4
        for end in (bridge.refs[0], bridge.refs[-1]):
            assert meeting.refs.map(lambda refs, end=end: end in refs).sum() == 2

    def test_there_are_stairs_in_the_parks_and_down_to_the_river(self, demo, osm):
        stairs = osm.ways_with("highway", "steps")
        green = demo.plan.parks[demo.plan.parks.kind.isin(["park", "green"])].to_crs(METRIC)
        found = green.kind.iloc[green.sindex.query(stairs.geometry, predicate="within")[1]]

        assert found.value_counts()["park"] == 3
        assert found.value_counts()["green"] >= 15

    def test_alleys_meet_arterials_at_a_crossing(self, osm):
        alleys = {ref for refs in osm.ways_with("highway", "residential").refs for ref in refs}
        roads = osm.ways_with("highway", "primary")
        roads = roads[roads.tags.map(lambda tags: tags["name"] != sketch.PAVED)]
        mouths = alleys & {ref for refs in roads.refs for ref in refs}
        named = {"crossing", "traffic_signals"}

        assert len(mouths) > 50
        assert all(osm.said[node].get("highway") in named for node in mouths)


class TestGround:
    def test_all_that_is_drawn_is_there(self, demo, osm):
        plan = demo.plan
        kinds = plan.parks.kind.value_counts()

        assert len(osm.ways_with("building")) == len(plan.buildings)
        assert len(osm.ways_with("natural", "water")) == len(plan.water)
        assert len(osm.ways_with("leisure", "park")) == kinds["park"]
        assert len(osm.ways_with("leisure", "pitch")) == kinds["pitch"]
        assert len(osm.ways_with("landuse", "residential")) == (plan.parts.kind == "home").sum()
        assert len(osm.ways_with("amenity", "school")) == 4
        assert len(osm.ways_with("amenity", "hospital", "marketplace")) == 3

    def test_houses_bear_their_number_and_floors(self, demo, osm):
        homes = osm.ways_with("building", "apartments")
        numbers = homes.tags.map(lambda tags: tags["addr:housenumber"])
        floors = homes.tags.map(lambda tags: int(tags["building:levels"]))

        assert len(homes) == (demo.plan.buildings.kind == "home").sum()
        assert numbers.str.fullmatch(r"\d+号楼").all()
        assert floors.between(6, 26).all()

    def test_outlines_are_closed_and_valid(self, osm):
        areas = osm.ways[
            osm.ways.tags.map(
                lambda tags: bool({"building", "landuse", "leisure", "natural"} & set(tags))
            )
        ]

        assert (areas.refs.map(lambda refs: refs[0]) == areas.refs.map(lambda refs: refs[-1])).all()
        assert areas.geometry.map(lambda line: shapely.Polygon(line).is_valid).all()


@dataclass
class Way:
    """A way that the engine found, in metres."""

    length_m: float
    told: str
    shape: LineString


class Engine:
    """Valhalla over the demonstration's file."""

    def __init__(self, file: Path, folder: Path) -> None:
        (folder / "tiles").mkdir()
        settings = valhalla.get_config(tile_extract="", tile_dir=str(folder / "tiles"))
        for key in ("admin", "timezone", "landmarks", "default_speeds_config"):
            settings["mjolnir"].pop(key, None)
        config = folder / "valhalla.json"
        config.write_text(json.dumps(settings))
        build = valhalla.PYVALHALLA_DIR / "bin" / "valhalla_build_tiles"
        subprocess.run([build, "-c", config, file], check=True, capture_output=True)
        self._actor = valhalla.Actor(str(config))

    def route(self, here: Point, there: Point, costing: str) -> Way:
        spots = [{"lon": p.x, "lat": p.y, "search_cutoff": 300} for p in (here, there)]
        asked = {"locations": spots, "costing": costing}
        leg = self._actor.route(asked)["trip"]["legs"][0]
        shape = LineString(decode_polyline(leg["shape"]))
        told = " ".join(step["instruction"] for step in leg["maneuvers"])
        return Way(leg["summary"]["length"] * 1000, told, to_metres([shape]).iloc[0])


def to_metres(shapes: list[Any]) -> gpd.GeoSeries:
    return gpd.GeoSeries(shapes, crs=4326).to_crs(METRIC)


def to_degrees(*places: Point) -> list[Point]:
    return gpd.GeoSeries(places, crs=METRIC).to_crs(4326).tolist()


@pytest.fixture(scope="module")
def engine(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(file, tmp_path_factory.mktemp("valhalla"))


class TestTheWay:
    @pytest.mark.parametrize("costing", ["pedestrian", "bicycle", "auto"])
    def test_leads_from_homes_to_merchants_without_absurd_detours(self, costing, demo, engine):
        pick = np.random.default_rng(30)
        homes = demo.homes.geometry.sample(30, random_state=pick)
        merchants = demo.merchants.geometry.sample(30, random_state=pick)
        for home, merchant in zip(homes, merchants, strict=True):
            straight = float(metres_between(home.x, home.y, merchant.x, merchant.y))

            assert engine.route(home, merchant, costing).length_m < 4 * straight + BARRED

    def test_leads_out_of_every_yard_through_a_gate(self, demo, engine, osm):
        gates = osm.spots(osm.nodes_with("barrier", "gate"))
        park = demo.merchants.geometry[demo.merchants.name == "万柳塘公园应急避难场所"].iloc[0]
        for home in demo.homes.geometry.iloc[::12]:
            way = engine.route(home, park, "pedestrian")

            assert gates.sindex.query(way.shape, predicate="dwithin", distance=0.5).size > 0

    @pytest.mark.parametrize("name", ["令闻街", "泉园一路", "南塔东街"])
    def test_against_a_one_way_is_for_walkers_only(self, name, demo, engine):
        streets = demo.plan.streets[demo.plan.streets.name == name].to_crs(METRIC)
        course = streets.geometry.iloc[0]
        near, far = (course.interpolate(course.length * share) for share in (0.35, 0.65))
        here, there = to_degrees(far, near)
        straight = far.distance(near)

        assert engine.route(there, here, "auto").length_m < 1.1 * straight
        assert engine.route(here, there, "auto").length_m > 1.2 * straight
        assert engine.route(here, there, "pedestrian").length_m < 1.1 * straight

    def test_over_the_paved_street_is_a_zebra_or_the_footbridge(self, engine, osm):
        middle = osm.ways_with("foot", "no").geometry
        middle = max(middle, key=lambda line: line.length)
        told = []
        for share in np.linspace(0.1, 0.9, 30):
            spot = middle.interpolate(share, normalized=True)
            north, south = to_degrees(*(Point(spot.x, spot.y + d) for d in (22, -22)))
            way = engine.route(north, south, "pedestrian")
            told.append(way.told)

            assert way.length_m < 500
        assert sum("crosswalk" in text for text in told) > 20
        assert any("天桥" in text and "stairs" in text for text in told)

    def test_through_a_park_climbs_its_stairs(self, demo, engine, osm):
        stairs = osm.ways_with("highway", "steps")
        parks = demo.plan.parks[demo.plan.parks.kind == "park"].to_crs(METRIC).geometry
        for park in parks:
            (flight,) = stairs.geometry[stairs.within(park)]
            (path,) = osm.highways[
                osm.highways.touches(flight) & osm.highways.intersects(park.boundary)
            ].geometry
            gate = max((Point(p) for p in path.coords), key=park.distance)
            here, there = to_degrees(gate, park.representative_point())

            assert "stairs" in engine.route(here, there, "pedestrian").told

    def test_over_the_river_is_a_bridge(self, engine, osm):
        (river,) = osm.ways_with("waterway").geometry
        bridges = osm.ways_with("bridge:name").geometry.union_all().buffer(1)
        spot = river.interpolate(0.45, normalized=True)
        north, south = to_degrees(*(Point(spot.x, spot.y + d) for d in (100, -100)))
        for costing in ("pedestrian", "auto"):
            crossing = engine.route(north, south, costing).shape & river

            assert not crossing.is_empty
            assert crossing.within(bridges)

    def test_over_the_railway_is_the_underpass(self, engine, osm):
        (rail,) = osm.ways_with("railway", "rail").geometry
        (under,) = osm.ways_with("tunnel", "yes").geometry
        spot = rail.interpolate(0.4, normalized=True)
        west, east = to_degrees(*(Point(spot.x + d, spot.y - d) for d in (-60, 60)))
        way = engine.route(west, east, "pedestrian")

        assert (way.shape & rail).within(under.buffer(1))
