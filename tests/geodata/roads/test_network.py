"""Reading an extract: which ways count, where they are split, and which walls stand."""

import numpy as np
import pytest
import shapely

from geodata.errors import Invalid
from geodata.modes import Mode
from geodata.roads import network
from geodata.roads.network.access import modes
from tests.geodata.walking.town import FRAME, Town, ask, at, engine

FOOT, BIKE, CAR = 1, 2, 4
ALL = FOOT | BIKE | CAR

# What the engine makes of these is asked in TestAsTheEngine, of every one.
TAGGED = [
    ({"highway": "residential"}, ALL),
    ({"highway": "trunk"}, ALL),
    ({"highway": "trunk", "motorroad": "yes"}, CAR),
    ({"highway": "trunk", "motorroad": "yes", "foot": "yes"}, FOOT | CAR),
    ({"highway": "motorway"}, CAR),
    ({"highway": "motorway", "foot": "yes"}, FOOT | CAR),
    ({"highway": "footway"}, FOOT),
    ({"highway": "footway", "bicycle": "yes"}, FOOT | BIKE),
    ({"highway": "steps"}, FOOT),
    ({"highway": "path"}, FOOT | BIKE),
    ({"highway": "path", "sac_scale": "hiking"}, FOOT | BIKE),
    ({"highway": "path", "sac_scale": "mountain_hiking", "bicycle": "no"}, 0),
    ({"highway": "cycleway"}, BIKE),
    ({"highway": "cycleway", "foot": "designated"}, FOOT | BIKE),
    ({"highway": "corridor"}, FOOT),
    ({"highway": "elevator"}, FOOT),
    ({"highway": "platform"}, 0),
    ({"highway": "bridleway"}, 0),
    ({"highway": "proposed"}, 0),
    ({"highway": "construction", "construction": "residential"}, 0),
    ({"highway": "service", "area": "yes"}, 0),
    ({"highway": "residential", "access": "no"}, 0),
    ({"highway": "residential", "access": "private"}, ALL),
    ({"highway": "residential", "access": "no", "foot": "yes"}, FOOT),
    ({"highway": "residential", "access": "emergency"}, 0),
    ({"highway": "residential", "access": "private", "emergency": "yes"}, 0),
    ({"highway": "residential", "foot": "no"}, BIKE | CAR),
    ({"highway": "residential", "foot": "use_sidepath"}, ALL),
    ({"highway": "residential", "foot": "no;designated"}, ALL),
    ({"highway": "residential", "foot": "perhaps"}, ALL),
    ({"highway": "residential", "pedestrian": "no"}, BIKE | CAR),
    ({"highway": "residential", "vehicle": "no"}, FOOT),
    ({"highway": "residential", "motor_vehicle": "no"}, FOOT | BIKE),
    ({"highway": "residential", "motor_vehicle": "no", "motorcar": "yes"}, ALL),
    ({"highway": "residential", "foot:forward": "no", "foot:backward": "no"}, BIKE | CAR),
    ({"highway": "residential", "foot:forward": "no"}, ALL),
    ({"highway": "residential", "oneway": "yes", "motor_vehicle:forward": "no"}, FOOT | BIKE),
    ({"highway": "residential", "smoothness": "impassable"}, 0),
    ({"highway": "residential", "impassable": "yes"}, 0),
    ({"highway": "residential", "oneway": "reversible", "access": "permissive"}, 0),
    ({"highway": "footway", "service": "driveway"}, ALL),
    ({"highway": "footway", "cycleway:both": "lane"}, FOOT | BIKE),
    ({"highway": "busway"}, 0),
    ({"barrier": "wall"}, 0),
]

NODES = [
    {"barrier": "gate"},
    {"barrier": "gate", "access": "no"},
    {"barrier": "gate", "access": "private"},
    {"barrier": "gate", "access": "no", "foot": "yes"},
    {"barrier": "lift_gate", "foot": "no"},
    {"barrier": "bollard"},
    {"barrier": "wall"},
    {"barrier": "fence", "foot": "yes"},
    {"barrier": "entrance", "access": "no"},
    {"highway": "crossing"},
    {"highway": "elevator", "access": "no"},
]


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Ask the engine for a way along two ways of each kind, and past each node in a way."""
    town = Town()
    for row, (told, _) in enumerate(TAGGED):
        tags = {key.replace(":", "__"): value for key, value in told.items()}
        y = row * 400.0
        town.way((0, y), (100, y), **tags).way((100, y), (200, y), **tags)
    for row, tags in enumerate(NODES):
        y = row * 400.0
        town.way((1000, y), (1100, y), (1200, y)).node((1100, y), **tags)
        town.way((2000, y), (2100, y)).way((2100, y), (2200, y)).node((2100, y), **tags)
    folder = tmp_path_factory.mktemp("engine")
    source = town.write(folder / "kinds.osm")
    return network.read(source).graph, engine(source, folder)


class TestAsTheEngine:
    @pytest.mark.parametrize("tags,expected", TAGGED)
    def test_a_way_is_for_those_whom_its_tags_let_in(self, tags, expected):
        assert modes(tags) == expected

    @pytest.mark.parametrize("row", range(len(TAGGED)))
    def test_walkers_are_let_in_where_the_engine_lets_them_in(self, asked, row):
        start, end = at((50, row * 400), (150, row * 400))
        ways = [ask(asked[1], start, end), ask(asked[1], end, start)]

        assert any(ways) == bool(TAGGED[row][1] & FOOT)

    @pytest.mark.parametrize("row", range(len(NODES)))
    @pytest.mark.parametrize("x", [1000, 2000])
    def test_a_node_stops_those_whom_the_engine_stops(self, asked, x, row):
        graph, actor = asked
        start, end = at((x + 50, row * 400), (x + 150, row * 400))
        tree = graph.edge_tree
        pieces = graph.components(Mode.FOOT)
        first, last = (pieces[tree.nearest(shapely.Point(place))] for place in (start, end))

        assert (first == last) == (ask(actor, start, end) is not None)


class TestSplitting:
    def test_ways_are_split_where_they_meet_and_nowhere_else(self, tmp_path):
        read = (
            Town()
            .way((0, 0), (100, 0), (200, 0), (300, 0))
            .way((200, -100), (200, 0), (200, 100))
            .read(tmp_path)
        )

        assert sorted(read.graph.length_m.round().tolist()) == [100, 100, 100, 200]
        assert len(read.graph.lon) == 5
        assert (read.streets, read.components) == (2, 1)
        assert read.km == pytest.approx(0.5, rel=2e-3)

    def test_the_shape_of_an_edge_leads_from_its_first_node_to_its_last(self, tmp_path):
        graph = Town().way((0, 0), (50, 50), (100, 0)).way((100, 0), (200, 0)).graph(tmp_path)

        for edge, (first, last) in enumerate(graph.ends):
            start, end = graph.shape_start[edge : edge + 2]
            assert graph.shape[start].tolist() == [graph.lon[first], graph.lat[first]]
            assert graph.shape[end - 1].tolist() == [graph.lon[last], graph.lat[last]]

    def test_a_ring_that_meets_nothing_is_an_edge_from_a_node_to_itself(self, tmp_path):
        graph = Town().way((0, 0), (100, 0), (100, 100), (0, 0)).graph(tmp_path)

        assert graph.ends.tolist() == [[0, 0]]

    def test_a_node_that_comes_twice_running_is_taken_once(self, tmp_path):
        a, b, c = (0, 0), (100, 0), (200, 0)
        graph = Town().way(a, a, b, b, b, c, c).way(b, (100, 100)).way(c, c).graph(tmp_path)

        assert graph.length_m.round().tolist() == [100, 100, 100]
        assert len(graph.shape) == 6

    def test_nodes_upon_each_other_on_a_way_are_one_and_where_they_meet_is_passed(self, tmp_path):
        here, there = (100, 0), (100.001, 0)
        town = (
            Town().way((0, 0), here, there, (200, 0)).way(here, (100, 100)).wall((50, 9), (70, 9))
        )
        read = town.way(there, (100, -100)).node(there, barrier="gate").read(tmp_path)
        graph = read.graph

        assert graph.length_m.round().tolist() == [100, 100, 100, 100]
        assert (read.components, len(graph.lon)) == (1, 5)
        assert np.bincount(graph.ends.ravel()).tolist().count(4) == 1
        assert graph.gate_node.tolist() == [np.bincount(graph.ends.ravel()).argmax()]
        for edge, (first, last) in enumerate(graph.ends):
            start, end = graph.shape_start[edge : edge + 2]
            assert graph.shape[start].tolist() == [graph.lon[first], graph.lat[first]]
            assert graph.shape[end - 1].tolist() == [graph.lon[last], graph.lat[last]]

    def test_a_locked_gate_upon_a_crossing_parts_what_it_parted(self, tmp_path):
        gate, crossing = (100, 0), (100.001, 0)
        town = Town().way((0, 0), gate, crossing, (200, 0)).way(crossing, (100, 100))

        assert town.node(gate, barrier="gate", access="no").read(tmp_path).components == 2

    def test_a_way_without_any_length_is_no_street(self, tmp_path):
        with pytest.raises(Invalid, match="extract_without_streets"):
            Town().way((0, 0), (0.001, 0)).read(tmp_path)

    def test_a_way_is_cut_where_a_place_is_missing(self, tmp_path):
        spots = [(x, 0.0) for x in range(0, 700, 100)]
        read = Town().way(*spots).without(spots[3]).without(spots[5]).read(tmp_path)

        assert read.graph.length_m.round().tolist() == [200]
        assert read.streets == 1

    def test_a_gate_is_a_node_of_its_own_and_is_passed(self, tmp_path):
        town = Town().way((0, 0), (100, 0), (200, 0)).node((100, 0), barrier="gate")
        read = town.read(tmp_path)

        assert read.components == 1
        assert read.graph.gate_node.shape == (1,)
        node = read.graph.gate_node[0]
        np.testing.assert_allclose([read.graph.lon[node], read.graph.lat[node]], at((100, 0)))

    def test_a_locked_gate_parts_the_street(self, tmp_path):
        town = Town().way((0, 0), (100, 0), (200, 0)).node((100, 0), barrier="gate", access="no")
        read = town.read(tmp_path)

        assert (read.components, len(read.graph.lon), len(read.graph.gates)) == (2, 4, 0)

    def test_a_square_drawn_as_an_area_is_no_street(self, tmp_path):
        square = ((0, 0), (100, 0), (100, 100), (0, 100), (0, 0))
        town = Town().way((0, 0), (-100, 0)).way(*square, highway="pedestrian", area="yes")

        assert town.read(tmp_path).streets == 1


def standing(graph):
    """Return the walls in metres."""
    return shapely.union_all(shapely.transform(graph.walls, FRAME.xy))


class TestWalls:
    def test_a_wall_is_open_around_a_gate(self, tmp_path):
        town = Town().way((0, 50), (200, 50)).wall((0, 0), (100, 0), (200, 0))
        graph = town.node((100, 0), barrier="gate").graph(tmp_path)

        assert standing(graph).length == pytest.approx(197, abs=0.2)
        assert standing(graph).distance(shapely.Point(100, 0)) == pytest.approx(1.5, abs=0.1)
        assert graph.gate_node.tolist() == [-1]

    def test_a_locked_gate_opens_nothing(self, tmp_path):
        town = Town().way((100, 50), (100, 0), (100, -50)).wall((0, 0), (100, 0), (200, 0))
        graph = town.node((100, 0), barrier="gate", foot="no").graph(tmp_path)

        assert standing(graph).length == pytest.approx(200, abs=0.2)

    def test_an_entrance_opens_the_wall_in_which_it_is(self, tmp_path):
        town = Town().way((0, 50), (200, 50)).wall((0, 0), (100, 0), (200, 0))
        graph = town.node((100, 0), entrance="main").node((50, 30), entrance="yes").graph(tmp_path)

        assert standing(graph).length == pytest.approx(197, abs=0.2)
        assert len(graph.gates) == 1

    def test_a_way_through_a_wall_opens_it(self, tmp_path):
        graph = Town().path((100, 50), (100, -50)).wall((0, 0), (200, 0)).graph(tmp_path)

        assert standing(graph).length == pytest.approx(197, abs=0.2)

    @pytest.mark.parametrize("tags", [{"bridge": "yes"}, {"tunnel": "yes"}])
    def test_a_bridge_over_a_wall_or_a_tunnel_below_does_not(self, tmp_path, tags):
        graph = Town().path((100, 50), (100, -50), **tags).wall((0, 0), (200, 0)).graph(tmp_path)

        assert standing(graph).length == pytest.approx(200, abs=0.2)

    def test_a_passage_through_a_building_does(self, tmp_path):
        town = Town().path((100, 50), (100, -50), tunnel="building_passage")
        graph = town.wall((0, 0), (200, 0)).graph(tmp_path)

        assert standing(graph).length == pytest.approx(197, abs=0.2)

    def test_a_motorway_through_a_wall_opens_it_to_nobody(self, tmp_path):
        town = Town().way((100, 50), (100, -50), highway="motorway").path((0, 80), (200, 80))

        assert standing(town.wall((0, 0), (200, 0)).graph(tmp_path)).length == pytest.approx(
            200, abs=0.2
        )

    def test_the_outline_of_a_fenced_area_is_a_wall(self, tmp_path):
        yard = ((0, 0), (100, 0), (100, 100), (0, 100), (0, 0))
        town = Town().way((0, 150), (200, 150)).way(*yard, landuse="residential", barrier="fence")

        assert standing(town.graph(tmp_path)).length == pytest.approx(400, abs=0.5)

    def test_a_kerb_is_no_wall(self, tmp_path):
        town = Town().way((0, 50), (200, 50)).wall((0, 0), (200, 0), barrier="kerb")

        assert len(town.graph(tmp_path).walls) == 0


class TestFiles:
    def test_without_a_way_for_walkers_there_are_no_streets(self, tmp_path):
        source = Town().way((0, 0), (100, 0), highway="motorway").write(tmp_path / "fast.osm")

        with pytest.raises(Invalid, match="extract_without_streets") as refused:
            network.read(source)

        assert refused.value.details == {"path": str(source)}

    def test_an_empty_extract_has_no_streets(self, tmp_path):
        with pytest.raises(Invalid, match="extract_without_streets"):
            Town().read(tmp_path)

    @pytest.mark.parametrize(
        "name,content",
        [
            ("broken.osm.pbf", b"\x00\x00\x00\x0dno such thing"),
            ("broken.osm", b"<osm version='0.6'><node id='1' lat="),
            ("nothing.osm.pbf", b""),
            ("notes.txt", b"a letter"),
        ],
    )
    def test_a_broken_file_is_refused_with_the_reason(self, tmp_path, name, content):
        path = tmp_path / name
        path.write_bytes(content)

        with pytest.raises(Invalid, match="extract_unreadable") as refused:
            network.read(path)

        assert refused.value.details["path"] == str(path)
        assert refused.value.details["reason"]

    def test_a_cut_off_file_is_refused(self, tmp_path, shared_data):
        whole = (shared_data / "osm" / "helsinki.osm.pbf").read_bytes()
        path = tmp_path / "half.osm.pbf"
        path.write_bytes(whole[: len(whole) // 2])

        with pytest.raises(Invalid, match="extract_unreadable"):
            network.read(path)

    def test_a_missing_file_is_refused(self, tmp_path):
        with pytest.raises(Invalid, match="extract_unreadable"):
            network.read(tmp_path / "none.osm.pbf")


class TestRealExtracts:
    @pytest.mark.parametrize(
        "name,streets,km,walls",
        [
            ("helsinki.osm.pbf", 2297, 89, 283),
            ("shanghai.osm", 793, 101, 0),
            ("wuhan.osm.pbf", 92_642, 6702, 0),
        ],
    )
    def test_they_are_read_whole(self, shared_data, name, streets, km, walls):
        read = network.read(shared_data / "osm" / name)

        assert read.streets == streets
        assert read.km == pytest.approx(km, abs=1)
        assert len(read.graph.walls) == walls
        assert read.graph.length_m.min() > 0
