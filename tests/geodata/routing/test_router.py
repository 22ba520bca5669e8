"""What a router promises, over both kinds of engine, with a walking graph and without."""

import itertools

import numpy as np
import pytest
import shapely

from geodata import walking
from geodata.errors import Invalid, NotFound
from geodata.geometry import metres_between
from geodata.modes import WALK_MPS, Mode
from geodata.routing import Local, Manoeuvre, PassKind, Router, asking
from geodata.routing.tables import FILLED
from tests.geodata.routing.conftest import at

NAN = (np.nan, np.nan)
WEST_BRIDGE = shapely.box(*at(-20, 290), *at(20, 310))
BOTH_BRIDGES = [WEST_BRIDGE, shapely.LineString([at(590, 300), at(610, 300)])]
FAR_AWAY = at(2500, 0)
ISLAND = at(5400, 5)


def passed(way):
    return [(one.kind, one.names) for step in way.steps for one in step.passes]


def nested(rings):
    # To a tenth of a millimetre: corners of a union are rounded.
    pairs = itertools.pairwise(rings.geometry)
    return all(outer.buffer(1e-9).covers(inner) for inner, outer in pairs)


class TestRoute:
    def test_it_tells_where_the_way_goes_and_how_long_it_takes(self, either):
        way = either.route(at(0, 100), at(300, 400))

        assert way.distance_m == pytest.approx(600, abs=3)
        assert way.duration_s == pytest.approx(600 / WALK_MPS, rel=0.02)
        lon, lat = shapely.get_coordinates(way.line)[[0, -1]].T
        ends = np.array([at(0, 100), at(300, 400)])
        assert (metres_between(lon, lat, ends[:, 0], ends[:, 1]) < 1).all()
        assert [step.names for step in way.steps] == [("西街",), ("长青街",), ()]

    def test_its_steps_fit_together_along_the_line(self, either):
        way = either.route(at(10, 0), at(590, 400), Mode.CAR)

        assert way.steps[0].begin == 0
        assert way.steps[-1].end == len(way.line.coords) - 1
        for step, following in itertools.pairwise(way.steps):
            assert step.begin < step.end == following.begin
        assert sum(step.distance_m for step in way.steps) == pytest.approx(way.distance_m, abs=3)
        assert sum(step.duration_s for step in way.steps) == pytest.approx(way.duration_s, abs=1)

    def test_a_turn_tells_where_one_looks_before_and_after(self, either):
        first, turn, last = either.route(at(0, 100), at(100, 0), Mode.CAR).steps

        assert (first.bearing_before, first.bearing_after) == (None, 180)
        assert turn.manoeuvre is Manoeuvre.LEFT
        assert turn.bearing_before == 180
        assert turn.bearing_after == pytest.approx(90, abs=2)
        assert last.bearing_after is None

    @pytest.mark.parametrize("mode,detour", [(Mode.FOOT, 0), (Mode.BIKE, 440), (Mode.CAR, 440)])
    def test_cars_and_bicycles_keep_to_one_ways_and_walkers_need_not(self, either, mode, detour):
        along = either.route(at(200, 10), at(200, 190), mode)
        against = either.route(at(200, 190), at(200, 10), mode)

        assert along.distance_m == pytest.approx(180, abs=3)
        assert against.distance_m == pytest.approx(180 + detour, abs=5)

    def test_it_tells_what_is_met_on_the_way(self, either):
        footpath = either.route(at(300, 5), at(300, 195))
        bridge = either.route(at(0, 100), at(300, 400), Mode.CAR)
        tunnel = either.route(at(500, 400), at(600, 490), Mode.CAR)

        assert passed(footpath) == [
            (PassKind.CROSSING, ()),
            (PassKind.GATE, ()),
            (PassKind.STEPS, ()),
        ]
        assert passed(bridge) == [(PassKind.BRIDGE, ("西桥",))]
        assert passed(tunnel) == [(PassKind.TUNNEL, ("隧道路",))]

    def test_what_is_met_belongs_to_its_step(self, either):
        first, steps, *_ = either.route(at(300, 5), at(300, 195)).steps

        assert steps.manoeuvre is Manoeuvre.STEPS_ENTER
        assert [one.kind for one in first.passes] == [PassKind.CROSSING, PassKind.GATE]
        assert [one.kind for one in steps.passes] == [PassKind.STEPS]

    def test_what_is_met_can_be_left_out(self, either):
        pair = at(300, 5), at(300, 195)
        short, full = either.route(*pair, passes=False), either.route(*pair)

        assert passed(short) == []
        assert short.line == full.line

    def test_the_stretch_to_the_street_is_walked_in_every_mode(self, either):
        beside, on = at(100, -40), at(100, 0)
        goal = at(500, 0)
        walked = either.route(beside, goal), either.route(on, goal)
        driven = either.route(beside, goal, Mode.CAR), either.route(on, goal, Mode.CAR)

        assert walked[0].snap_m == pytest.approx((40, 0), abs=0.3)
        assert walked[0].distance_m - walked[1].distance_m == pytest.approx(40, abs=1.5)
        assert walked[0].duration_s - walked[1].duration_s == pytest.approx(32, abs=1)
        assert driven[0].snap_m == pytest.approx((40, 0), abs=0.3)
        assert driven[0].distance_m - driven[1].distance_m == pytest.approx(40, abs=1.5)
        assert driven[0].duration_s - driven[1].duration_s == pytest.approx(32, abs=1)

    @pytest.mark.parametrize(
        "north_m,side", [(25, Manoeuvre.DESTINATION_LEFT), (-25, Manoeuvre.DESTINATION_RIGHT)]
    )
    def test_one_arrives_on_the_side_where_the_place_is(self, either, north_m, side):
        way = either.route(at(100, 0), at(500, north_m), Mode.CAR)

        assert way.steps[-1].manoeuvre is side

    @pytest.mark.parametrize("mode", list(Mode))
    def test_from_a_place_to_itself_there_is_nothing_to_go(self, either, mode):
        way = either.route(at(100, -40), at(100, -40), mode)

        assert (way.duration_s, way.distance_m) == (0, 0)
        assert way.snap_m == (0, 0)
        assert [step.manoeuvre.name for step in way.steps] == ["START", "DESTINATION"]
        first, last = way.line.coords
        assert first == last == pytest.approx(at(100, 0), abs=1e-5)

    def test_across_the_street_only_the_stretches_count(self, either):
        way = either.route(at(100, -40), at(100, 30))

        assert way.distance_m == pytest.approx(70, abs=1)
        assert way.steps[0].manoeuvre in {
            Manoeuvre.START, Manoeuvre.START_LEFT, Manoeuvre.START_RIGHT
        }  # fmt: skip
        assert way.line.length == 0

    @pytest.mark.parametrize("mode", list(Mode))
    def test_a_place_off_the_network_is_told_and_which(self, either, mode):
        for pair, which in (
            ((FAR_AWAY, at(0, 0)), "from"),
            ((at(0, 0), FAR_AWAY), "to"),
            ((at(0, 0), (0.0, 0.0)), "to"),
        ):
            with pytest.raises(Invalid) as refused:
                either.route(*pair, mode)

            assert refused.value.code == "off_network"
            assert refused.value.details == {"which": which, "snap_m": None, "limit_m": 300}

    def test_300_m_are_the_limit(self, either):
        assert either.route(at(-298, 0), at(100, 0)).snap_m[0] == pytest.approx(298, abs=1)
        with pytest.raises(Invalid, match="off_network"):
            either.route(at(-306, 0), at(100, 0))

    @pytest.mark.parametrize("mode", list(Mode))
    def test_to_an_island_there_is_no_way(self, either, mode):
        with pytest.raises(NotFound) as lost:
            either.route(at(0, 0), ISLAND, mode)

        assert (lost.value.code, lost.value.details) == ("no_route", {"mode": mode})

    @pytest.mark.parametrize("place", [NAN, (181.0, 41.8), (123.4, 91.0), (np.inf, 41.8)])
    def test_what_is_no_place_is_refused(self, either, place):
        for pair in ((place, at(0, 0)), (at(0, 0), place)):
            with pytest.raises(Invalid, match="position_invalid"):
                either.route(*pair)

    def test_it_agrees_with_the_walking_graph(self, router, graph):
        pairs = np.random.default_rng(1).uniform((0, 0, 0, 0), (600, 400, 600, 400), (20, 4))
        for x1, y1, x2, y2 in pairs.tolist():
            start, end = at(x1, y1), at(x2, y2)
            told = walking.durations(graph, start, [end])

            way = router.route(start, end)

            # Steps take longer in the engine, so that going round them may be quicker.
            assert told.distance_m[0] - 4 <= way.distance_m <= told.distance_m[0] + 16
            assert way.duration_s == pytest.approx(told.minutes[0] * 60, rel=0.03, abs=13)


class TestClosures:
    @pytest.mark.parametrize("mode", list(Mode))
    def test_a_bridge_out_makes_the_way_go_round(self, either, mode):
        pair = at(0, 190), at(0, 400)

        short = either.route(*pair, mode)
        round_about = either.route(*pair, mode, closures=[WEST_BRIDGE])

        assert short.distance_m == pytest.approx(210, abs=3)
        assert round_about.distance_m == pytest.approx(1410, abs=12)
        assert not round_about.line.intersects(WEST_BRIDGE)

    @pytest.mark.parametrize(
        "closure",
        [
            shapely.Point(at(0, 300)),
            shapely.Point(at(4, 300)),
            shapely.LineString([at(-50, 300), at(50, 300)]),
            shapely.LineString([at(3, 220), at(3, 380)]),
            shapely.MultiPoint([at(0, 300), at(100, 300)]),
            shapely.MultiPolygon([WEST_BRIDGE, shapely.box(*at(90, 290), *at(110, 310))]),
            shapely.GeometryCollection([shapely.Point(at(0, 300)), WEST_BRIDGE]),
        ],
        ids=lambda shape: shape.geom_type,
    )
    def test_points_lines_and_areas_close(self, either, closure):
        assert either.route(at(0, 190), at(0, 410), closures=[closure]).distance_m > 1000

    def test_beside_the_street_nothing_is_closed(self, either):
        beside = shapely.LineString([at(8, 220), at(8, 380)])

        assert either.route(at(0, 190), at(0, 410), closures=[beside]).distance_m < 250

    def test_what_lies_in_a_hole_stays_open(self, either):
        ring = shapely.box(*at(-50, -50), *at(650, 550))
        hole = shapely.box(*at(-30, -30), *at(630, 530))
        closure = shapely.difference(ring, hole)

        assert either.route(at(0, 190), at(0, 410), closures=[closure]).distance_m < 250
        with pytest.raises(NotFound, match="no_route"):
            either.route(at(0, 190), at(0, 410), closures=[ring])

    def test_without_a_bridge_left_there_is_no_way(self, either):
        with pytest.raises(NotFound, match="no_route"):
            either.route(at(0, 190), at(0, 410), closures=BOTH_BRIDGES)

    @pytest.mark.parametrize("mode", list(Mode))
    def test_whoever_stands_on_a_closed_street_is_shut_in(self, either, mode):
        shut, free = at(0, 270), at(300, 400)

        for pair in ((shut, free), (free, shut)):
            with pytest.raises(NotFound, match="no_route"):
                either.route(*pair, mode, closures=[WEST_BRIDGE])
            told = either.matrix(pair[:1], pair[1:], mode, closures=[WEST_BRIDGE])
            assert np.isnan(told.duration_s).all()
            assert np.isfinite(told.snap_m).all()
        assert either.reach(shut, [5], mode, closures=[WEST_BRIDGE]).geometry.is_empty.all()

    @pytest.mark.parametrize("mode", list(Mode))
    def test_whoever_stands_where_it_ends_is_not(self, either, mode):
        way = either.route(at(0, 200), at(0, 400), mode, closures=[WEST_BRIDGE])

        assert way.distance_m == pytest.approx(1400, abs=12)
        assert not way.line.intersects(WEST_BRIDGE)

    @pytest.mark.parametrize("mode", list(Mode))
    def test_a_few_metres_from_a_corner_one_is_in_one_s_own_street(self, either, mode):
        beside_the_corner, goal = at(3, 200), at(300, 0)
        own_street, cross_street = shapely.Point(at(100, 200)), shapely.Point(at(0, 100))

        way = either.route(beside_the_corner, goal, mode, closures=[cross_street])

        assert way.snap_m == pytest.approx((0, 0), abs=0.3)
        assert either.shut_by(beside_the_corner, mode, [cross_street]) == set()
        assert either.shut_by(beside_the_corner, mode, [own_street]) == {0}
        with pytest.raises(NotFound, match="no_route"):
            either.route(beside_the_corner, goal, mode, closures=[own_street])

    def test_a_table_and_a_reach_honour_them_too(self, either):
        places = [at(0, 190), at(0, 410)]
        open_ = either.matrix(places[:1], places[1:])
        closed = either.matrix(places[:1], places[1:], closures=[WEST_BRIDGE])
        cut_off = either.matrix(places[:1], places[1:], closures=BOTH_BRIDGES)
        wide = either.reach(places[0], [5]).geometry[0]
        narrow = either.reach(places[0], [5], closures=[WEST_BRIDGE]).geometry[0]
        beyond = shapely.Point(at(0, 395))

        assert open_.distance_m[0, 0] == pytest.approx(220, abs=3)
        assert closed.distance_m[0, 0] == pytest.approx(1420, abs=10)
        assert np.isnan(cut_off.distance_m[0, 0])
        assert wide.contains(beyond)
        assert not narrow.contains(beyond)

    def test_by_car_a_reach_honours_them_too(self, either):
        start, beyond = at(0, 190), shapely.Point(at(0, 395))

        assert either.reach(start, [1], Mode.CAR).geometry[0].contains(beyond)
        closed = either.reach(start, [1], Mode.CAR, closures=BOTH_BRIDGES).geometry[0]
        assert not closed.contains(beyond)

    @pytest.mark.parametrize(
        "ask",
        [
            lambda router, closures: router.route(at(0, 0), at(9, 0), closures=closures),
            lambda router, closures: router.matrix([at(0, 0)], [at(9, 0)], closures=closures),
            lambda router, closures: router.reach(at(0, 0), [5], closures=closures),
        ],
        ids=["route", "matrix", "reach"],
    )
    def test_a_bad_one_is_named_wherever_it_is_given(self, either, ask):
        bow_tie = shapely.Polygon([at(0, 0), at(9, 9), at(9, 0), at(0, 9)])

        with pytest.raises(Invalid) as refused:
            ask(either, [WEST_BRIDGE, bow_tie])

        assert refused.value.code == "closures_invalid"
        assert refused.value.details == {"at": 1, "reason": "shape"}

    def test_what_is_more_than_the_engine_bears_is_refused(self, blind):
        half_of_china = shapely.box(100, 25, 120, 45)

        with pytest.raises(Invalid, match="closures_too_large"):
            blind.route(at(0, 0), at(9, 0), closures=[half_of_china])

    def test_more_corners_than_the_engine_bears_are_refused(self, blind):
        circle = shapely.Point(at(9000, 9000)).buffer(0.002, quad_segs=10_000)

        with pytest.raises(Invalid, match="closures_too_large"):
            blind.matrix([at(0, 0)], [at(9, 0)], closures=[circle] * 4)


class TestMatrix:
    @pytest.mark.parametrize("mode", list(Mode))
    def test_it_says_what_the_ways_say(self, either, mode):
        sources = [at(0, 100), at(300, -30), at(200, 190)]
        targets = [at(600, 450), at(200, 10), at(450, 200), at(10, 390)]

        told = either.matrix(sources, targets, mode)

        ways = [[either.route(s, t, mode, passes=False) for t in targets] for s in sources]
        seconds = [[way.duration_s for way in row] for row in ways]
        metres = [[way.distance_m for way in row] for row in ways]
        np.testing.assert_allclose(told.duration_s, seconds, atol=2, rtol=0.01)
        np.testing.assert_allclose(told.distance_m, metres, atol=4, rtol=0.01)
        np.testing.assert_allclose(told.snap_m[0], [row[0].snap_m[0] for row in ways], atol=0.3)
        np.testing.assert_allclose(told.snap_m[1], [way.snap_m[1] for way in ways[0]], atol=0.3)

    def test_places_off_the_network_are_nan_and_spoil_no_others(self, either):
        good = [at(100, 0), at(500, 200), at(300, 400)]
        mixed = [FAR_AWAY, good[0], NAN, good[1], (0.0, 0.0), (999.0, 99.0), good[2]]
        rows = [1, 3, 6]

        told = either.matrix(mixed, mixed)

        plain = either.matrix(good, good)
        np.testing.assert_array_equal(told.duration_s[np.ix_(rows, rows)], plain.duration_s)
        for table in (told.duration_s, told.distance_m):
            assert np.isfinite(table).sum() == 9
        for snap in told.snap_m:
            assert np.flatnonzero(np.isfinite(snap)).tolist() == rows

    def test_an_island_is_nan_and_spoils_no_others(self, either):
        told = either.matrix([at(0, 0)], [at(600, 0), ISLAND, at(600, 200)])

        assert np.isnan(told.duration_s).tolist() == [[False, True, False]]
        assert np.isfinite(told.snap_m[1]).all()
        assert told.distance_m[0, 2] == pytest.approx(800, abs=5)

    def test_no_places_have_no_times(self, either):
        assert either.matrix(np.empty((0, 2)), [at(0, 0)]).duration_s.shape == (0, 1)
        assert either.matrix([at(0, 0)], []).distance_m.shape == (1, 0)
        assert either.matrix([FAR_AWAY], [NAN]).duration_s.shape == (1, 1)

    @pytest.mark.parametrize("mode", list(Mode))
    def test_two_equal_places_are_no_way_apart(self, either, mode):
        places = [at(100, -40), at(500, 30)]

        told = either.matrix(places, places, mode)

        assert np.diagonal(told.duration_s).tolist() == [0, 0]
        assert np.diagonal(told.distance_m).tolist() == [0, 0]
        assert told.distance_m[0, 1] > 300

    def test_one_larger_than_the_engine_takes_at_once_is_asked_in_blocks(self, blind):
        chance = np.random.default_rng(2)
        places = np.array([at(x, 0) for x in chance.uniform(0, 600, 61).tolist()])
        others = np.array([at(x, 400) for x in chance.uniform(0, 600, 60).tolist()])

        told = blind.matrix(places, others, Mode.CAR)

        first = blind.matrix(places[:1], others, Mode.CAR)
        last = blind.matrix(places[-1:], others, Mode.CAR)
        np.testing.assert_array_equal(
            told.duration_s[[0, -1]], [*first.duration_s, *last.duration_s]
        )
        assert np.isfinite(told.duration_s).all()

    def test_of_many_pairs_without_a_time_no_ways_are_asked_for(self, tiles, monkeypatch):
        asked = []
        route = asking.route
        monkeypatch.setattr(asking, "route", lambda *words: asked.append(1) or route(*words))
        router = Router(Local(tiles))

        few = router.matrix([at(0, 0)], [ISLAND] * FILLED)
        assert len(asked) == FILLED
        many = router.matrix([at(0, 0)], [ISLAND] * (FILLED + 1))
        assert len(asked) == FILLED
        assert np.isnan(few.duration_s).all()
        assert np.isnan(many.duration_s).all()


class TestReach:
    @pytest.mark.parametrize("mode,minutes", [(Mode.FOOT, (6, 2, 4)), (Mode.CAR, (3, 1, 2))])
    def test_rings_lie_in_each_other_from_the_least_on(self, either, mode, minutes):
        rings = either.reach(at(0, 0), minutes, mode)

        assert rings.columns.tolist() == ["minutes", "geometry"]
        assert rings.crs.to_epsg() == 4326
        assert rings["minutes"].tolist() == sorted(minutes)
        assert rings.geom_type.unique().tolist() == ["MultiPolygon"]
        assert rings.is_valid.all()
        assert not rings.is_empty.any()
        assert nested(rings)

    def test_more_rings_than_the_engine_draws_at_once_are_all_drawn(self, blind):
        rings = blind.reach(at(0, 0), range(1, 8), Mode.BIKE)

        assert rings["minutes"].tolist() == list(range(1, 8))
        assert nested(rings)

    def test_what_takes_less_is_in_and_what_takes_more_is_not(self, either):
        (ring,) = either.reach(at(0, 0), [4]).geometry  # 300 m

        assert ring.contains(shapely.Point(at(0, 200)))
        assert ring.contains(shapely.Point(at(240, 0)))
        assert not ring.contains(shapely.Point(at(500, 0)))

    def test_the_stretch_to_the_street_counts_on_foot(self, either):
        near, far = at(0, 0), at(-200, 0)

        assert either.reach(near, [3]).geometry.is_empty.tolist() == [False]
        assert either.reach(far, [2]).geometry.is_empty.tolist() == [True]
        assert either.reach(far, [2], Mode.CAR).geometry.is_empty.tolist() == [True]

    @pytest.mark.parametrize("mode", list(Mode))
    def test_a_place_off_the_network_is_told(self, either, mode):
        with pytest.raises(Invalid) as refused:
            either.reach(FAR_AWAY, [5], mode)

        assert refused.value.code == "off_network"
        assert refused.value.details["which"] == "from"

    def test_what_is_no_place_is_refused(self, either):
        with pytest.raises(Invalid, match="position_invalid"):
            either.reach(NAN, [5])

    @pytest.mark.parametrize("minutes", [[], [0, 5], [-1], [5, 121]])
    def test_limits_out_of_range_are_a_mistake(self, either, minutes):
        with pytest.raises(ValueError, match=r"\["):
            either.reach(at(0, 0), minutes)
