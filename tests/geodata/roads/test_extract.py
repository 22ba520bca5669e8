"""Extracts made readable: broken ones told, clipped ones whole, any order sorted."""

from datetime import UTC, datetime
from itertools import batched

import osmium
import pytest
import shapely
from osmium.osm import WAY

from geodata.errors import Invalid, Unavailable
from geodata.modes import Mode
from geodata.roads import extract, network
from geodata.roads.extract import Clip
from geodata.routing import Local
from geodata.routing.costing import COSTING
from geodata.routing.engine import Action
from geodata.routing.tiles import build_tiles

TOWN = """<osm version="0.6">
 <node id="5" lat="41.775" lon="123.475" version="1"/>
 <node id="1" lat="41.775" lon="123.470" version="1"/>
 <node id="2" lat="41.776" lon="123.470" version="1"/>
 <node id="3" lat="41.790" lon="123.490" version="1"/>
 <node id="4" lat="41.791" lon="123.490" version="1"/>
 <way id="11" version="1" timestamp="2026-05-01T08:00:00Z">
  <nd ref="3"/><nd ref="4"/><tag k="highway" v="residential"/>
 </way>
 <way id="10" version="1" timestamp="2026-04-01T08:00:00Z">
  <nd ref="1"/><nd ref="2"/><nd ref="5"/><tag k="highway" v="residential"/>
 </way>
 <relation id="20" version="1">
  <member type="way" ref="10" role="outer"/><member type="way" ref="11" role="outer"/>
  <tag k="type" v="multipolygon"/>
 </relation>
 <relation id="21" version="1">
  <member type="way" ref="10" role=""/><tag k="type" v="route"/>
 </relation>
</osm>
"""
AROUND_ONE = Clip(shapely.box(123.4695, 41.7745, 123.4705, 41.7755), "test")


@pytest.fixture
def town(tmp_path):
    path = tmp_path / "town.osm"
    path.write_text(TOWN)
    return path


def things(path):
    return [(thing.type_str(), thing.id) for thing in osmium.FileProcessor(str(path))]


def test_xml_in_any_order_becomes_a_sorted_pbf(town, tmp_path):
    prepared = extract.prepare(town, tmp_path)

    assert prepared.name.endswith(".pbf")
    assert things(prepared) == [
        *(("n", n) for n in (1, 2, 3, 4, 5)),
        ("w", 10),
        ("w", 11),
        ("r", 20),
        ("r", 21),
    ]


def test_a_pbf_without_a_clip_is_used_as_it_is(shared_data, tmp_path):
    source = shared_data / "osm" / "wuhan.osm.pbf"

    assert extract.prepare(source, tmp_path) == source
    assert not list(tmp_path.iterdir())


CUT = """<osm version="0.6">
 <node id="1" lat="41.775" lon="123.470" version="1"/>
 <node id="2" lat="41.776" lon="123.470" version="1"/>
 <node id="4" lat="41.777" lon="123.470" version="1"/>
 <node id="5" lat="41.778" lon="123.470" version="1"/>
 <node id="6" lat="41.779" lon="123.470" version="1"/>
 <way id="7" version="1">
  <nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="5"/><nd ref="6"/><nd ref="8"/>
  <tag k="highway" v="residential"/><tag k="name" v="万柳塘路"/>
 </way>
 <way id="9" version="1"><nd ref="1"/><nd ref="3"/><tag k="highway" v="service"/></way>
 <way id="-2" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="footway"/></way>
 <way id="12" version="1"><nd ref="1"/><nd ref="3"/><tag k="barrier" v="wall"/></way>
</osm>"""


def test_a_street_is_parted_where_the_extract_lacks_its_nodes(tmp_path):
    (tmp_path / "cut.osm").write_text(CUT)

    prepared = extract.prepare(tmp_path / "cut.osm", tmp_path)

    ways = {
        way.id: ([node.ref for node in way.nodes], way.tags.get("name"))
        for way in osmium.FileProcessor(str(prepared), WAY)
    }
    assert len(ways) == 5
    assert ways[7] == ([1, 2], "万柳塘路")
    assert ([4, 5, 6], "万柳塘路") in ways.values()
    assert ways[9][0] == []
    assert ways[12][0] == [1, 3]


def test_engine_and_graph_know_the_same_streets_of_a_cut_extract(shared_data, tmp_path):
    source = shared_data / "osm" / "helsinki.osm.pbf"

    prepared = extract.prepare(source, tmp_path)

    raw, read = (network.read(path).graph for path in (source, prepared))
    assert read.km(Mode.FOOT) == pytest.approx(raw.km(Mode.FOOT))
    engine = Local(build_tiles(prepared, tmp_path))
    edges = read.lines[read.joinable(Mode.FOOT)]
    middles = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    for some in batched(shapely.get_coordinates(middles).tolist(), 500):
        asked = [{"lon": lon, "lat": lat, "search_cutoff": 5} for lon, lat in some]
        told = engine.ask(Action.LOCATE, {"locations": asked} | COSTING[Mode.FOOT])
        assert all(one["edges"] for one in told)


def test_a_clip_keeps_ways_whole_and_what_is_made_of_them(town, tmp_path):
    clipped = things(extract.prepare(town, tmp_path, AROUND_ONE))

    assert ("w", 10) in clipped
    assert {("n", 1), ("n", 2), ("n", 5)} <= set(clipped)
    assert ("r", 20) in clipped
    assert ("r", 21) not in clipped


def test_a_clip_that_holds_nothing_is_told(town, tmp_path):
    elsewhere = Clip(shapely.box(1, 1, 2, 2), "far")

    with pytest.raises(Invalid, match="clip_without_streets"):
        extract.prepare(town, tmp_path, elsewhere)


@pytest.mark.parametrize("name", ["empty.osm", "empty.osm.pbf", "text.osm", "cut.osm.pbf"])
def test_broken_files_are_told(name, shared_data, tmp_path):
    whole = (shared_data / "osm" / "helsinki.osm.pbf").read_bytes()
    content = {"text.osm": b"<osm><node", "cut.osm.pbf": whole[:300_000]}.get(name, b"")
    (tmp_path / name).write_bytes(content)

    with pytest.raises(Invalid, match="extract_unreadable"):
        extract.prepare(tmp_path / name, tmp_path, AROUND_ONE)


@pytest.mark.parametrize("clip", [None, AROUND_ONE])
def test_a_place_that_is_no_number_of_degrees_is_told(town, tmp_path, clip):
    town.write_text(TOWN.replace("123.475", "623.4"))

    with pytest.raises(Invalid, match="extract_unreadable") as told:
        extract.prepare(town, tmp_path, clip)

    assert told.value.details["path"] == str(town)


def test_what_was_never_uploaded_is_numbered_above_all_others(town, tmp_path):
    text = TOWN
    for old, new in (("5", "-1"), ("10", "-1"), ("20", "-3")):
        text = text.replace(f'id="{old}"', f'id="{new}"').replace(f'ref="{old}"', f'ref="{new}"')
    town.write_text(text)

    prepared = extract.prepare(town, tmp_path)

    assert things(prepared) == [
        *(("n", n) for n in (1, 2, 3, 4, 5)),
        ("w", 11),
        ("w", 12),
        ("r", 21),
        ("r", 24),
    ]
    ways = {way.id: [n.ref for n in way.nodes] for way in osmium.FileProcessor(str(prepared), WAY)}
    assert ways == {11: [3, 4], 12: [1, 2, 5]}
    assert ("w", 12) in things(extract.prepare(town, clear(tmp_path), AROUND_ONE))


def clear(folder):
    for path in folder.glob("*.pbf"):
        path.unlink()
    return folder


def test_so_it_is_with_a_pbf(town, tmp_path):
    town.write_text(TOWN.replace('way id="11"', 'way id="-11"'))
    source = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(source)) as writer:
        for thing in osmium.FileProcessor(str(town)):
            writer.add(thing)

    assert ("w", 21) in things(extract.prepare(source, tmp_path))


def test_a_node_off_the_globe_is_left_out(town, tmp_path):
    town.write_text(TOWN.replace('lon="123.475"', 'lon="190"'))

    assert ("n", 5) not in things(extract.prepare(town, tmp_path))


def test_a_full_disk_is_called_so(town, tmp_path, monkeypatch):
    def full(*_arguments, **_named):
        raise RuntimeError("Write failed: No space left on device")

    monkeypatch.setattr(osmium, "SimpleWriter", full)

    with pytest.raises(Unavailable, match="disk_full") as told:
        extract.prepare(town, tmp_path)

    assert told.value.details == {"path": str(tmp_path)}


@pytest.mark.parametrize("name", ["map.txt", "map.geojson", "map"])
def test_other_files_are_refused(name, tmp_path):
    (tmp_path / name).write_text("x")

    with pytest.raises(Invalid, match="format_unknown"):
        extract.prepare(tmp_path / name, tmp_path)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(Invalid, match="file_missing"):
        extract.prepare(tmp_path / "no.osm.pbf", tmp_path)


def test_the_date_is_that_of_the_newest_way(town, tmp_path):
    prepared = extract.prepare(town, tmp_path)

    assert extract.date(prepared) == datetime(2026, 5, 1, 8, tzinfo=UTC)


def test_an_extract_without_dates_has_none(shared_data):
    assert extract.date(shared_data / "osm" / "wuhan.osm.pbf") is None


def test_the_headers_date_comes_first(tmp_path):
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2026-07-01T00:00:00Z")
    path = tmp_path / "dated.osm.pbf"
    with osmium.SimpleWriter(str(path), header=header) as writer:
        writer.add_node(osmium.osm.mutable.Node(id=1, location=(123.47, 41.77)))

    assert extract.date(path) == datetime(2026, 7, 1, tzinfo=UTC)
