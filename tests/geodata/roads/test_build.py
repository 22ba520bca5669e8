"""From an extract to streets in use, and everything that may go wrong on the way."""

import errno
import shutil

import numpy as np
import pyogrio
import pytest
import shapely

from geodata import demo, walking
from geodata.errors import Forbidden, Invalid, LinjuError, Unavailable
from geodata.modes import Mode
from geodata.roads import Roads, Shelf, Streets, building
from geodata.roads.building import STAGES, build
from geodata.roads.extract import Clip
from tests.factories import ADMIN, WORKER

PIECE = Clip(shapely.box(24.938, 60.167, 24.946, 60.172), "piece")


@pytest.fixture(scope="module")
def helsinki(shared_data):
    return shared_data / "osm" / "helsinki.osm.pbf"


@pytest.fixture(scope="module")
def built(tmp_path_factory, helsinki):
    """A shelf with one version of a piece of a city; copy it, never write to it."""
    shelf = Shelf(tmp_path_factory.mktemp("roads"))
    build(shelf, helsinki, actor=ADMIN, clip=PIECE, title="Helsinki")
    return shelf.folder


@pytest.fixture
def shelf(tmp_path, built):
    return Shelf(shutil.copytree(built, tmp_path / "roads"))


def test_a_build_says_its_stages_and_sums_up(tmp_path, helsinki):
    said = []

    version = build(
        Shelf(tmp_path), helsinki, actor=ADMIN, clip=PIECE, title="赫尔辛基", stages=said.append
    )

    assert tuple(said) == STAGES
    assert version.title == "赫尔辛基"
    assert version.clip == "piece"
    assert version.extracted.date().isoformat() == "2019-04-21"
    assert version.streets > 100
    assert 5 < version.km < 60
    assert version.buildings > 50
    assert version.components >= 1
    assert version.bytes > 100_000
    assert version.seconds > 0
    assert version.ground


def test_the_streets_in_use_find_ways(shelf):
    streets = Roads(shelf.folder).require()
    graph = streets.graph
    lonlat = np.column_stack((graph.lon, graph.lat))
    # At a locked gate the engine may start on the other side.
    _, which, count = np.unique(lonlat, axis=0, return_inverse=True, return_counts=True)
    nodes = graph.largest_component()
    places = lonlat[nodes[count[which[nodes]] == 1]][::40][:12]

    by_engine = streets.router.matrix(places[:1], places[1:], Mode.FOOT).duration_s[0]

    by_graph = walking.durations(graph, places[0], places[1:]).minutes * 60
    assert np.isfinite(by_engine).sum() >= 8
    assert np.nanmedian(by_engine / by_graph) == pytest.approx(1, abs=0.05)
    assert {"street", "building"} <= {name for name, _ in pyogrio.list_layers(streets.ground)}


def test_a_running_service_takes_up_a_new_version_and_the_way_back(shelf, helsinki):
    roads = Roads(shelf.folder)
    first = roads.require()
    assert roads.require() is first

    build(shelf, helsinki, actor=ADMIN, clip=PIECE, title="again")
    second = roads.require()
    shelf.rollback(actor=ADMIN)

    assert second.version.title == "again"
    assert roads.require().version.name == first.version.name


def test_streets_that_moved_with_their_folder_still_work(shelf, tmp_path):
    shutil.move(shelf.folder, tmp_path / "elsewhere")

    streets = Roads(tmp_path / "elsewhere").require()

    lon, lat = float(streets.graph.lon[0]), float(streets.graph.lat[0])
    assert not streets.router.reach((lon, lat), (5,)).geometry.is_empty.all()


def test_where_no_streets_are_that_is_said(tmp_path):
    roads = Roads(tmp_path / "none")

    assert roads.now() is None
    with pytest.raises(Unavailable, match="streets_missing"):
        roads.require()


@pytest.mark.parametrize("name", ["walking.npz", "bridges.json", "tiles.tar", "about.json"])
def test_damaged_streets_are_told_and_no_other_error_comes_of_them(shelf, name):
    folder = shelf.folder / shelf.pointer().current
    (folder / name).write_bytes(b"damaged")
    roads = Roads(shelf.folder)

    with pytest.raises(Unavailable):
        roads.require().router.route((24.94, 60.17), (24.942, 60.17))


def test_streets_of_an_older_linju_know_no_bridges_and_find_ways(shelf, tmp_path):
    now = Roads(shelf.folder).require()
    assert now.bridges is not None
    older = shutil.copytree(shelf.folder / now.name, tmp_path / now.name)
    (older / "bridges.json").unlink()
    files = {name: size for name, size in now.version.files.items() if name != "bridges.json"}
    now.version.model_copy(update={"files": files}).save(older)

    streets = Streets.of(older)

    assert streets.bridges is None
    assert not streets.closing(shapely.Point(24.942, 60.17)).known
    assert streets.router.route((24.94, 60.17), (24.942, 60.17)).distance_m > 0


def test_only_administrators_build(tmp_path, helsinki):
    with pytest.raises(Forbidden):
        build(Shelf(tmp_path / "roads"), helsinki, actor=WORKER)
    assert not (tmp_path / "roads").exists()


def broken(tmp_path, helsinki, name):
    content = {
        "cut.osm.pbf": helsinki.read_bytes()[:300_000],
        "nothing.osm": b'<osm version="0.6"/>',
        "houses.osm": b"""<osm version="0.6">
            <node id="1" lat="41" lon="123"/><node id="2" lat="41.001" lon="123"/>
            <way id="1"><nd ref="1"/><nd ref="2"/><tag k="building" v="yes"/></way></osm>""",
    }.get(name, b"")
    (tmp_path / name).write_bytes(content)
    return tmp_path / name


@pytest.mark.parametrize(
    "name, code",
    [
        ("empty.osm.pbf", "extract_unreadable"),
        ("cut.osm.pbf", "extract_unreadable"),
        ("empty.osm", "extract_unreadable"),
        ("nothing.osm", "extract_without_streets"),
        ("houses.osm", "extract_without_streets"),
    ],
)
def test_a_bad_file_leaves_the_streets_in_use_untouched(shelf, tmp_path, helsinki, name, code):
    before = shelf.stamp(), sorted(shelf.folder.iterdir())

    with pytest.raises(Invalid, match=code):
        build(shelf, broken(tmp_path, helsinki, name), actor=ADMIN)

    assert (shelf.stamp(), sorted(shelf.folder.iterdir())) == before


JOSM = """<osm version="0.6">
 <node id="7" lat="41.775" lon="123.470" version="1"/>
 <node id="-1" lat="41.775" lon="123.475"/><node id="-2" lat="41.779" lon="123.475"/>
 <node id="-3" lat="41.779" lon="123.470"/>
 <way id="-4"><nd ref="7"/><nd ref="-1"/><nd ref="-1"/><tag k="highway" v="residential"/></way>
 <way id="-5"><nd ref="-1"/><nd ref="-2"/><nd ref="-3"/><tag k="highway" v="residential"/></way>
 <way id="6" version="1"><nd ref="-3"/><nd ref="7"/><tag k="highway" v="residential"/></way>
 <relation id="-9"><member type="way" ref="-4" role="from"/>
  <member type="node" ref="-1" role="via"/>
  <member type="way" ref="-5" role="to"/><tag k="type" v="restriction"/>
  <tag k="restriction" v="no_left_turn"/></relation>
</osm>"""


def test_streets_drawn_in_an_editor_and_never_uploaded_are_streets(tmp_path):
    (tmp_path / "drawn.osm").write_text(JOSM)

    version = build(Shelf(tmp_path / "roads"), tmp_path / "drawn.osm", actor=ADMIN)

    assert (version.streets, version.components) == (3, 1)
    assert version.km == pytest.approx(1.7, abs=0.1)
    assert set(version.files) <= {"walking.npz", "bridges.json", "tiles.tar", "ground.pmtiles"}


@pytest.mark.parametrize("lon", ["190.0", "-181"])
def test_a_node_off_the_globe_counts_as_missing(tmp_path, lon):
    far = f'<node id="8" lat="41.775" lon="{lon}" version="1"/>'
    text = JOSM.replace("<way", f"{far}<way", 1).replace(
        '<nd ref="-3"/><nd ref="7"/>', ('<nd ref="-3"/><nd ref="7"/><nd ref="8"/>')
    )
    (tmp_path / "far.osm").write_text(text)

    version = build(Shelf(tmp_path / "roads"), tmp_path / "far.osm", actor=ADMIN)

    assert (version.streets, version.components) == (3, 1)
    assert version.bounds == (123.47, 41.775, 123.475, 41.779)


DOUBLED = """<osm version="0.6">
 <node id="1" lat="41.775" lon="123.470" version="1"/>
 <node id="2" lat="41.775" lon="123.475" version="1"/>
 <node id="3" lat="41.775" lon="123.475" version="1"/>
 <node id="4" lat="41.775" lon="123.480" version="1"/>
 <node id="5" lat="41.779" lon="123.475" version="1"/>
 <node id="6" lat="41.771" lon="123.475" version="1"/>
 <way id="1" version="1"><nd ref="1"/><nd ref="1"/>
  <nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="4"/>
  <tag k="highway" v="residential"/></way>
 <way id="2" version="1"><nd ref="2"/><nd ref="5"/><tag k="highway" v="residential"/></way>
 <way id="3" version="1"><nd ref="6"/><nd ref="3"/><tag k="highway" v="residential"/></way>
</osm>"""


def test_nodes_that_come_twice_or_lie_upon_each_other_harm_no_street(tmp_path):
    (tmp_path / "doubled.osm").write_text(DOUBLED)

    version = build(Shelf(tmp_path / "roads"), tmp_path / "doubled.osm", actor=ADMIN)

    assert version.components == 1
    graph = Roads(tmp_path / "roads").require().graph
    assert not walking.reach(graph, (123.475, 41.775), (5,)).geometry.is_empty.any()
    there = np.array([[123.47, 41.775], [123.48, 41.775], [123.475, 41.779], [123.475, 41.771]])
    ways = walking.durations(graph, (123.475, 41.771), there).distance_m
    assert ways == pytest.approx([860, 860, 889, 0], abs=3)


def test_a_clip_without_streets_leaves_the_streets_in_use_untouched(shelf, helsinki):
    before = shelf.stamp()

    with pytest.raises(Invalid, match="clip_without_streets"):
        build(shelf, helsinki, actor=ADMIN, clip=Clip(shapely.box(1, 1, 2, 2), "sea"))

    assert shelf.stamp() == before


def test_too_little_room_is_told_before_anything_is_begun(shelf, helsinki, monkeypatch):
    usage = shutil.disk_usage(shelf.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    said = []

    with pytest.raises(Unavailable, match="disk_full") as told:
        build(shelf, helsinki, actor=ADMIN, stages=said.append)

    assert not said
    assert told.value.details["needed"] > told.value.details["free"] == 1_000_000


def test_room_for_what_is_to_come_is_told_once_the_extract_is_known(shelf, helsinki, monkeypatch):
    usage = shutil.disk_usage(shelf.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=27_000_000))
    said = []

    build(shelf, helsinki, actor=ADMIN, clip=PIECE)
    before = sorted(shelf.folder.iterdir())
    with pytest.raises(Unavailable, match="disk_full") as told:
        build(shelf, helsinki, actor=ADMIN, stages=said.append)

    assert said == ["reading"]
    assert 27_000_000 < told.value.details["needed"] < 80_000_000
    assert told.value.details["path"] == str(shelf.folder)
    assert sorted(shelf.folder.iterdir()) == before


def full(*_arguments, **_named):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("stage", ["_ground", "build_tiles", "_network"])
def test_a_disk_that_fills_up_meanwhile_leaves_the_streets_in_use(
    shelf, helsinki, monkeypatch, stage
):
    before = shelf.stamp(), sorted(shelf.folder.iterdir())
    monkeypatch.setattr(building, stage, full)

    with pytest.raises(Unavailable, match="disk_full"):
        build(shelf, helsinki, actor=ADMIN, clip=PIECE)

    assert (shelf.stamp(), sorted(shelf.folder.iterdir())) == before


def refuses(*_arguments, **_named):
    raise LinjuError("no_route")


def test_streets_that_find_no_ways_are_not_used(shelf, helsinki, monkeypatch):
    before = shelf.stamp()
    monkeypatch.setattr("geodata.routing.Router.route", refuses)

    with pytest.raises(Invalid, match="streets_unfit") as told:
        build(shelf, helsinki, actor=ADMIN, clip=PIECE)

    assert told.value.details["reason"] == "ways"
    assert shelf.stamp() == before


@pytest.mark.slow
def test_the_demonstrations_streets_are_built_as_any_others(tmp_path):
    from geodata.demo import streets  # noqa: PLC0415 - pypinyin's phrases are dear

    streets.write(demo.neighbourhood().plan, tmp_path / "demo.osm.pbf")

    version = build(Shelf(tmp_path / "roads"), tmp_path / "demo.osm.pbf", actor=ADMIN, demo=True)

    assert version.demo
    assert version.components == 1
    assert version.buildings > 300
