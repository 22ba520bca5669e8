"""Places are joined to the nearest street that one can walk to."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from geodata.modes import Mode
from geodata.walking import join
from geodata.walking.frames import Frame
from tests.geodata.walking.town import FRAME, Town, at


def joined(graph, *spots, mode=Mode.FOOT):
    return join(graph, *np.atleast_2d(at(*spots)).T, mode)


def points(joins):
    """Return the points on the street in whole metres of the town."""
    return FRAME.xy(np.column_stack((joins.lon, joins.lat))).round().tolist()


def crowd(graph, size, seed=1, spread_m=60):
    """Return places around the vertices of a graph."""
    chance = np.random.default_rng(seed)
    around = graph.shape[chance.integers(0, len(graph.shape), size)]
    return around + chance.normal(0, spread_m / 100_000, (size, 2))


class TestNearest:
    def test_a_place_is_joined_to_the_nearest_point_of_a_street(self, tmp_path):
        graph = Town().way((0, 0), (100, 0), (100, 100)).graph(tmp_path)
        found = joined(graph, (30, -40), (120, 50), (-30, -40))

        assert points(found) == [[30, 0], [100, 50], [0, 0]]
        np.testing.assert_allclose(found.along_m, [30, 150, 0], atol=0.3)
        np.testing.assert_allclose(found.away_m, [40, 20, 50], atol=0.1)

    def test_farther_than_the_limit_there_is_none(self, tmp_path):
        graph = Town().way((0, 0), (100, 0)).graph(tmp_path)
        found = joined(graph, (50, 299), (50, 301), (50, 9000))

        assert found.edge.tolist() == [0, -1, -1]
        assert np.isinf(found.away_m[1:]).all()
        assert np.isnan(found.lon[1:]).all()
        assert np.isnan(found.along_m[1:]).all()

    def test_a_place_without_a_position_is_joined_to_nothing(self, tmp_path):
        graph = Town().way((0, 0), (100, 0)).graph(tmp_path)
        found = join(graph, [np.nan, 123.43, np.inf], [41.8, np.nan, 41.8])

        assert found.edge.tolist() == [-1, -1, -1]

    def test_no_places_are_no_joins(self, tmp_path):
        assert len(join(Town().way((0, 0), (100, 0)).graph(tmp_path), [], [])) == 0

    def test_each_mode_has_its_own_streets(self, tmp_path):
        town = Town().path((0, 0), (100, 0)).way((0, 50), (100, 50), highway="motorway")
        graph = town.way((0, 90), (100, 90), highway="cycleway").graph(tmp_path)

        assert points(joined(graph, (50, 20), mode=Mode.CAR)) == [[50, 50]]
        assert points(joined(graph, (50, 20), mode=Mode.BIKE)) == [[50, 90]]
        assert points(joined(graph, (50, 80), mode=Mode.FOOT)) == [[50, 0]]

    def test_where_a_mode_has_no_street_nobody_is_joined(self, tmp_path):
        graph = Town().path((0, 0), (100, 0)).graph(tmp_path)

        assert joined(graph, (50, 20), mode=Mode.CAR).edge.tolist() == [-1]

    def test_nobody_is_joined_to_a_stray_footway(self, tmp_path):
        graph = Town().way((0, 0), (5000, 0)).path((500, 60), (530, 60)).graph(tmp_path)

        assert points(joined(graph, (515, 50))) == [[515, 0]]

    @pytest.mark.parametrize("name", ["helsinki.osm.pbf", "shanghai.osm", "wuhan.osm.pbf"])
    @pytest.mark.parametrize("mode", [Mode.FOOT, Mode.CAR])
    def test_nothing_is_nearer_than_what_is_found(self, extract, name, mode):
        graph = without_walls(extract(name))
        places = crowd(graph, 2000)
        found = join(graph, *places.T, mode)

        usable = np.flatnonzero(graph.joinable(mode))
        tree = shapely.STRtree(graph.lines[usable])
        for row in range(0, 2000, 10):
            # Around each place a frame of its own, for the last centimetres.
            frame = Frame(*places[row])
            box = shapely.box(*frame.lonlat(np.array([[-320, -320], [320, 320]])).ravel())
            near = usable[tree.query(box)]
            lines = shapely.transform(graph.lines[near], frame.xy)
            least = shapely.distance(lines, shapely.Point(0, 0)).min(initial=np.inf)
            if least > 299.9:
                continue
            assert found.away_m[row] == pytest.approx(least, abs=0.1)

    def test_the_point_is_where_the_edge_says(self, extract):
        graph = extract("wuhan.osm.pbf")
        found = join(graph, *crowd(graph, 500).T)
        found = found.of(np.flatnonzero(found.edge >= 0))
        along = shapely.line_interpolate_point(
            graph.lines[found.edge], found.along_m / graph.length_m[found.edge], normalized=True
        )

        metres = Frame(114.3, 30.6).xy(
            shapely.get_coordinates(along) - np.column_stack((found.lon, found.lat)) + (114.3, 30.6)
        )
        # Degrees are not metres: along a bent edge the share of one is not quite that of the other.
        assert np.percentile(np.hypot(*metres.T), 99) < 2


YARD = ((0, 0), (100, 0), (200, 0), (200, 100), (0, 100), (0, 0))


def walled(**gate):
    """A walled yard between a street 10 m from its north side and one 60 m from its south side."""
    town = Town().way((-500, 110), (500, 110)).way((-500, -60), (500, -60)).wall(*YARD)
    return town.way((-500, 110), (-500, -60)).node((100, 0), **gate) if gate else town


class TestWalls:
    def test_a_courtyard_is_joined_by_its_gate_and_not_through_the_wall(self, tmp_path):
        graph = walled(barrier="gate").graph(tmp_path)
        found = joined(graph, (100, 90))

        assert points(found) == [[100, -60]]
        # To the gate, and from there to its street.
        assert found.away_m[0] == pytest.approx(90 + 60, abs=0.5)

    def test_from_a_corner_the_way_leads_over_the_gate(self, tmp_path):
        graph = walled(barrier="gate").graph(tmp_path)
        found = joined(graph, (20, 80))

        assert points(found) == [[100, -60]]
        assert found.away_m[0] == pytest.approx(np.hypot(80, 80) + 60, abs=0.5)

    def test_an_alley_inside_is_the_nearest_street(self, tmp_path):
        town = walled(barrier="gate")
        graph = (
            town.path((100, 50), (100, 0), (100, -30)).path((100, -30), (100, -60)).graph(tmp_path)
        )

        assert points(joined(graph, (150, 90))) == [[100, 50]]

    def test_outside_the_wall_nothing_changes(self, tmp_path):
        graph = walled(barrier="gate").graph(tmp_path)

        assert points(joined(graph, (100, 105), (100, -20))) == [[100, 110], [100, -60]]

    def test_a_ring_without_a_gate_is_ignored(self, tmp_path):
        graph = walled().graph(tmp_path)

        assert points(joined(graph, (100, 90))) == [[100, 110]]

    def test_a_locked_gate_is_none(self, tmp_path):
        graph = walled(barrier="gate", access="no").graph(tmp_path)

        assert points(joined(graph, (100, 90))) == [[100, 110]]

    def test_a_gate_from_which_a_second_wall_hides_the_street_leads_nowhere(self, tmp_path):
        town = walled(barrier="gate").wall((-300, -30), (300, -30))

        assert points(joined(town.graph(tmp_path), (100, 90))) == [[100, 110]]

    def test_a_wall_that_ends_is_gone_round_to_the_street_in_sight(self, tmp_path):
        town = Town().way((0, 0), (400, 0)).way((400, 0), (400, 400)).wall((-50, 20), (330, 20))
        found = joined(town.graph(tmp_path), (300, 40))

        assert points(found) == [[400, 40]]

    def test_a_shop_in_the_wall_opens_to_both_sides(self, tmp_path):
        graph = walled(barrier="gate").graph(tmp_path)

        assert points(joined(graph, (60, 100))) == [[60, 110]]

    def test_a_wall_along_the_street_does_not_hide_it_from_its_own_side(self, tmp_path):
        town = Town().way((0, 0), (400, 0)).wall((0, 0), (400, 0)).way((0, 90), (400, 90))
        graph = town.way((0, 0), (0, 90)).graph(tmp_path)

        assert points(joined(graph, (200, 30))) == [[200, 0]]

    def test_cars_do_not_look_at_walls(self, tmp_path):
        graph = walled(barrier="gate").graph(tmp_path)

        assert points(joined(graph, (100, 90), mode=Mode.CAR)) == [[100, 110]]

    def test_in_a_real_city_few_lines_run_through_walls(self, extract):
        graph = extract("helsinki.osm.pbf")
        places = crowd(graph, 3000, spread_m=30)
        barred = [through(graph, places, each) for each in (graph, without_walls(graph))]

        # What is left was joined by a gate, to which the line is bent, or has no other way.
        assert barred[0] < barred[1] / 3


def without_walls(graph):
    return replace(graph, walls=np.empty(0, dtype=object))


def through(graph, places, streets):
    """Count the places whose straight line to the street they are joined to runs into a wall."""
    found = join(streets, *places.T)
    ends = np.stack((places, np.column_stack((found.lon, found.lat))), axis=1)
    lines = shapely.linestrings(ends[found.edge >= 0])
    return len(np.unique(shapely.STRtree(graph.walls).query(lines, predicate="crosses")[0]))
