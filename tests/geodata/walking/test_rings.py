"""Rings of reach: what the graph says is within them, and what is not."""

import time
from dataclasses import replace

import numpy as np
import pytest
import shapely

from geodata.modes import Mode
from geodata.walking import durations, join, reach
from geodata.walking.contours import contour
from tests.geodata.walking.town import FRAME, Town, at

MINUTES = (5, 10, 15)


def rings_in_metres(graph, spot, **told):
    return shapely.transform(reach(graph, at(spot), **told).geometry.to_numpy(), FRAME.xy)


class TestTheGraphsWord:
    @pytest.mark.parametrize("name", ["helsinki.osm.pbf", "shanghai.osm", "wuhan.osm.pbf"])
    @pytest.mark.parametrize("seed", range(6))
    def test_nodes_well_within_the_time_are_inside_and_those_beyond_are_not(
        self, extract, name, seed
    ):
        graph = extract(name)
        streets = np.unique(graph.ends[graph.joinable(Mode.FOOT)])
        chance = np.random.default_rng(seed)
        node = chance.choice(streets)
        origin = np.array([graph.lon[node], graph.lat[node]]) + chance.normal(0, 3e-4, 2)
        if join(graph, *origin).edge[0] < 0:
            origin = np.array([graph.lon[node], graph.lat[node]])
        lonlat = np.column_stack((graph.lon, graph.lat))
        around = streets[np.abs(lonlat[streets] - origin).max(axis=1) < 0.03]
        # A node at a locked gate belongs to one side; the search would join it to either.
        around = around[shared_places(lonlat[around]) == 1]
        minutes = durations(graph, origin, lonlat[around]).minutes
        rings = reach(graph, origin, MINUTES)

        assert rings.minutes.tolist() == list(MINUTES)
        for limit, ring in zip(rings.minutes, rings.geometry, strict=True):
            assert ring.is_valid
            assert ring.geom_type == "MultiPolygon"
            inside = shapely.contains_xy(ring, lonlat[around])
            assert inside[minutes <= 0.9 * limit].all()
            assert not inside[~(minutes <= 1.2 * limit)].any()
        for inner, outer in zip(rings.geometry, rings.geometry[1:], strict=False):
            assert inner.difference(outer).area < 1e-12

    def test_merchants_beside_a_street_in_reach_are_inside(self, tmp_path):
        graph = Town().way((-2000, 0), (2000, 0)).graph(tmp_path)
        (ring,) = rings_in_metres(graph, (0, 0), minutes=(5,))

        assert shapely.contains_xy(ring, [[0, 30], [-340, 30], [340, -30]]).all()
        assert not shapely.contains_xy(ring, [[0, 60], [430, 0], [-430, 0]]).any()

    def test_what_a_ring_holds_is_what_takes_no_longer_give_or_take_a_few(self, extract):
        graph = extract("helsinki.osm.pbf")
        node = graph.largest_component()[0]
        origin = np.array([graph.lon[node], graph.lat[node]])
        chance = np.random.default_rng(1)
        beside = graph.shape[np.abs(graph.shape - origin).max(axis=1) < 0.03]
        places = chance.choice(beside, 3000) + chance.normal(0, 1e-4, (3000, 2))
        minutes = durations(graph, origin, places).minutes

        for limit, ring in zip(MINUTES, reach(graph, origin, MINUTES).geometry, strict=True):
            inside, within = shapely.contains_xy(ring, places), minutes <= limit
            assert (inside & ~within).sum() < 0.2 * within.sum()
            assert (within & ~inside).sum() < 0.2 * within.sum()

    def test_rings_of_an_hour_in_a_large_city_are_right_and_drawn_at_once(self, extract):
        graph = extract("wuhan.osm.pbf")
        lonlat = np.column_stack((graph.lon, graph.lat))
        streets = graph.largest_component()
        middle = np.median(lonlat[streets], axis=0)
        origin = lonlat[streets[np.abs(lonlat[streets] - middle).sum(axis=1).argmin()]]
        reach(graph, origin, (5,))  # makes what is kept with the graph
        began = time.process_time()
        rings = reach(graph, origin, (50, 52, 54, 56, 58, 60))
        took_s = time.process_time() - began

        around = streets[shared_places(lonlat[streets]) == 1]
        minutes = durations(graph, origin, lonlat[around]).minutes
        for limit, ring in zip(rings.minutes, rings.geometry, strict=True):
            shapely.prepare(ring)
            inside = shapely.contains_xy(ring, lonlat[around])
            assert inside[minutes <= 0.9 * limit].all()
            assert not inside[minutes > 1.2 * limit].any()
        assert took_s < 2  # of the processor; 0.6 where nothing else runs


def shared_places(lonlat):
    """Return how many nodes are at the place of each."""
    _, which, count = np.unique(lonlat, axis=0, return_inverse=True, return_counts=True)
    return count[which]


class TestShapes:
    def test_over_a_river_one_gets_by_the_bridge(self, tmp_path):
        town = Town().way((-2000, 0), (0, 0), (2000, 0)).way((-2000, 60), (0, 60), (2000, 60))
        without = rings_in_metres(town.graph(tmp_path), (0, 0), minutes=(5,))[0]
        bridge = rings_in_metres(town.way((0, 0), (0, 60)).graph(tmp_path), (0, 0), minutes=(5,))[0]

        assert shapely.contains_xy(without, 100, 10)
        assert not shapely.contains_xy(without, 100, 60)
        assert shapely.contains_xy(bridge, 100, 60)

    def test_a_street_out_of_reach_that_passes_close_by_keeps_its_own_side(self, tmp_path):
        graph = Town().way((-2000, 0), (2000, 0)).way((-2000, 36), (2000, 36)).graph(tmp_path)
        (ring,) = rings_in_metres(graph, (0, 0), minutes=(5,))

        assert shapely.contains_xy(ring, 100, 12)
        assert not shapely.contains_xy(ring, 100, 30)
        assert shapely.contains_xy(ring, 100, -30)

    def test_the_inside_of_a_block_is_filled_and_a_lake_is_not(self, tmp_path):
        block = ((0, 0), (150, 0), (150, 150), (0, 150), (0, 0))
        lake = ((0, 0), (0, -400), (400, -400), (400, 0), (150, 0))
        ring = rings_in_metres(
            Town().way(*block).way(*lake).graph(tmp_path), (0, 0), minutes=(15,)
        )[0]

        assert shapely.contains_xy(ring, 75, 75)
        assert not shapely.contains_xy(ring, 200, -200)

    def test_blind_alleys_at_its_rim_make_no_ring_crinkly(self, tmp_path):
        town = Town()
        for y in range(-900, 901, 180):
            town.way(*((x, y) for x in range(-900, 901, 90)))
            for x in range(-900, 900, 90):
                town.way((x, y), (x, y + 70))
        for x in range(-900, 901, 180):
            town.way(*((x, y) for y in range(-900, 901, 180)))
        for ring in rings_in_metres(town.graph(tmp_path), (0, 0), minutes=(5, 10)):
            assert ring.length < 1.12 * ring.convex_hull.length

    def test_rings_come_from_the_inside_out_in_whatever_order_they_are_asked(self, tmp_path):
        graph = Town().way((-2000, 0), (2000, 0)).graph(tmp_path)
        rings = reach(graph, at((0, 0)), (15, 5))

        assert rings.minutes.tolist() == [5, 15]
        assert rings.crs.to_epsg() == 4326

    def test_the_way_to_the_street_counts(self, tmp_path):
        graph = Town().way((-2000, 0), (2000, 0)).graph(tmp_path)
        near, far = (rings_in_metres(graph, (0, y), minutes=(5,))[0] for y in (0, 200))

        assert near.bounds[2] - far.bounds[2] == pytest.approx(200, abs=10)

    def test_an_edge_without_a_length_harms_no_ring(self, tmp_path):
        whole = Town().way((0, 0), (300, 0)).way((300, 0), (600, 0)).graph(tmp_path)
        end = np.column_stack((whole.lon, whole.lat))[[-1]]
        graph = replace(
            whole,
            ends=np.vstack((whole.ends, np.full((1, 2), len(whole.lon) - 1, np.int32))),
            length_m=np.append(whole.length_m, 0.0),
            modes=np.append(whole.modes, whole.modes[0]),
            shape=np.vstack((whole.shape, end, end)),
            shape_start=np.append(whole.shape_start, len(whole.shape) + 2),
        )

        assert rings_in_metres(graph, (0, 0)).tolist() == rings_in_metres(whole, (0, 0)).tolist()

    def test_a_closed_street_leads_nowhere(self, tmp_path):
        graph = Town().way((-2000, 0), (0, 0)).way((0, 0), (2000, 0)).graph(tmp_path)
        closed = graph.closed_by([shapely.Point(*at((500, 0)))])
        (ring,) = rings_in_metres(graph, (-100, 0), minutes=(10,), closed=closed)

        assert shapely.contains_xy(ring, -500, 0)
        assert not shapely.contains_xy(ring, 100, 0)

    def test_from_where_a_closed_street_ends_the_open_one_is_reached(self, tmp_path):
        graph = Town().way((-2000, 0), (0, 0)).way((0, 0), (2000, 0)).graph(tmp_path)
        closed = graph.closed_by([shapely.Point(*at((500, 0)))])
        (ring,) = rings_in_metres(graph, (0.5, 3), minutes=(10,), closed=closed)

        assert shapely.contains_xy(ring, -500, 0)

    def test_from_a_closed_street_or_off_the_network_nothing_is_reached(self, tmp_path):
        graph = Town().way((-2000, 0), (2000, 0)).graph(tmp_path)

        for rings in (
            reach(graph, at((0, 900))),
            reach(graph, at((0, 0)), closed=np.ones(1, dtype=bool)),
        ):
            assert rings.minutes.tolist() == [5, 10, 15]
            assert rings.geometry.is_empty.all()

    @pytest.mark.parametrize("minutes", [(), (0,), (5, -1)])
    def test_limits_are_above_nothing(self, tmp_path, minutes):
        graph = Town().way((0, 0), (100, 0)).graph(tmp_path)

        with pytest.raises(ValueError, match=r"\["):
            reach(graph, at((0, 0)), minutes)

    def test_they_start_at_one_place(self, tmp_path):
        graph = Town().way((0, 0), (100, 0)).graph(tmp_path)

        with pytest.raises(ValueError, match="2"):
            reach(graph, at((0, 0), (1, 1)))


class TestContours:
    @staticmethod
    def hill(radius, size=60):
        y, x = np.mgrid[:size, :size] + 0.5
        return radius - np.hypot(x - size / 2, y - size / 2)

    def test_a_round_hill_has_a_round_line(self):
        shape = contour(self.hill(20), np.array([100.0, 200.0]), 1.0, 0.0)

        assert shape.is_valid
        assert shape.area == pytest.approx(np.pi * 400, rel=0.005)
        assert shape.centroid.coords[0] == pytest.approx((130, 230), abs=1e-6)

    def test_a_ring_has_a_hole_unless_it_is_a_crumb(self):
        ring = np.minimum(self.hill(20), -self.hill(5))
        corner = np.array([0.0, 0.0])

        assert contour(ring, corner, 1.0, 10.0).area == pytest.approx(np.pi * 375, rel=0.01)
        assert contour(ring, corner, 1.0, 100.0).area == pytest.approx(np.pi * 400, rel=0.005)

    def test_a_larger_hole_is_a_block_unless_something_is_in_it(self):
        ring, corner = np.minimum(self.hill(20), -self.hill(5)), np.array([0.0, 0.0])
        whole, hollow = np.pi * 400, np.pi * 375

        for spots, area in (
            ([(30, 31)], hollow),
            ([(30, 40), (99, 99), (-99, 3)], whole),
            (np.empty((0, 2)), whole),
        ):
            told = contour(ring, corner, 1.0, 10.0, 100.0, np.array(spots, dtype=float))
            assert told.area == pytest.approx(area, rel=0.01)
        assert contour(ring, corner, 1.0, 10.0, 50.0).area == pytest.approx(hollow, rel=0.01)

    def test_what_lies_in_a_hole_is_a_part_of_its_own(self):
        island = np.maximum(np.minimum(self.hill(25), -self.hill(15)), self.hill(8))
        shape = contour(island, np.array([0.0, 0.0]), 1.0)

        assert shape.is_valid
        assert sorted(len(part.interiors) for part in shape.geoms) == [0, 1]
        assert shape.area == pytest.approx(np.pi * (625 - 225 + 64), rel=0.01)

    def test_a_value_of_nothing_is_not_above(self):
        field = np.zeros((5, 5))
        field[1:4, 1:4] = 1.0
        field[2, 2] = 0.0
        shape = contour(field, np.array([0.0, 0.0]), 1.0)

        assert shape.is_valid
        assert len(shape.geoms[0].interiors) == 1

    def test_a_crumb_is_dropped(self):
        assert contour(self.hill(5), np.array([0.0, 0.0]), 1.0, 100.0).is_empty

    def test_the_grids_edge_ends_what_reaches_it(self):
        shape = contour(np.ones((3, 4)), np.array([0.0, 0.0]), 10.0, 0.0)

        assert shape.is_valid
        assert shape.bounds == pytest.approx((4, 4, 36, 26), abs=5)

    @pytest.mark.parametrize("above", [[(1, 1), (2, 2)], [(1, 2), (2, 1)]])
    def test_where_two_meet_at_a_corner_they_stay_apart(self, above):
        field = np.full((4, 4), -1.0)
        for spot in above:
            field[spot] = 1.0
        shape = contour(field, np.array([0.0, 0.0]), 1.0, 0.0)

        assert shape.is_valid
        assert len(shape.geoms) == 2
        assert shape.area == pytest.approx(1)

    def test_nothing_above_is_nothing(self):
        assert contour(np.full((3, 3), -1.0), np.array([0.0, 0.0]), 1.0, 0.0).is_empty

    def test_any_field_gives_a_valid_shape(self):
        chance = np.random.default_rng(1)
        for _ in range(50):
            field = chance.normal(size=(12, 9))
            shape = contour(field, np.array([0.0, 0.0]), 1.0, 0.0)
            middles = np.argwhere(np.abs(field) > 0.3)
            inside = shapely.contains_xy(shape, middles[:, ::-1] + 0.5)

            assert shape.is_valid
            assert inside.tolist() == (field[tuple(middles.T)] > 0).tolist()
