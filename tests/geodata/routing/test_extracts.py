"""Real streets: Helsinki, rich in footways; Shanghai, with one-ways; all of Wuhan."""

import numpy as np
import osmium
import pytest
import shapely

from geodata.errors import Invalid, NotFound
from geodata.modes import WALK_MPS, Mode
from geodata.roads import network
from geodata.routing import Local, Manoeuvre, PassKind, Router
from geodata.routing.tiles import build_tiles

PAIRS = 30


class City:
    """Streets of an extract, and places beside them."""

    def __init__(self, source, folder, graph=None):
        self.router = Router(Local(build_tiles(source, folder)), graph)
        ways = (
            osmium.FileProcessor(str(source))
            .with_locations()
            .with_filter(osmium.filter.KeyFilter("highway"))
        )
        points = [
            (node.location.lon, node.location.lat)
            for way in ways
            if way.is_way()
            for node in way.nodes
            if node.location.valid()
        ]
        self.points = np.array(points)

    def pairs(self, count, seed=1):
        """Give pairs of places up to some 100 m away from a street."""
        chance = np.random.default_rng(seed)
        points = self.points[chance.integers(len(self.points), size=(count, 2))]
        beside = points + chance.normal(0, 4e-4, points.shape)
        return [(tuple(start), tuple(end)) for start, end in beside.tolist()]

    def ways(self, mode, count=PAIRS):
        found = []
        for start, end in self.pairs(count):
            try:
                found.append((start, end, self.router.route(start, end, mode)))
            except (Invalid, NotFound) as error:
                if error.code not in {"off_network", "no_route"}:
                    raise
        return found


@pytest.fixture(scope="session")
def helsinki(shared_data, tmp_path_factory):
    source = shared_data / "osm" / "helsinki.osm.pbf"
    return City(source, tmp_path_factory.mktemp("helsinki"), network.read(source).graph)


@pytest.fixture(scope="session")
def shanghai(shared_data, tmp_path_factory):
    return City(shared_data / "osm" / "shanghai.osm", tmp_path_factory.mktemp("shanghai"))


@pytest.fixture(scope="session")
def wuhan(shared_data, tmp_path_factory):
    return City(shared_data / "osm" / "wuhan.osm.pbf", tmp_path_factory.mktemp("wuhan"))


@pytest.fixture(params=["helsinki", "shanghai", "wuhan"])
def city(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("mode", list(Mode))
def test_between_most_places_there_is_a_way_that_holds_together(city, mode):
    found = city.ways(mode)

    assert len(found) >= PAIRS * 0.6
    for start, end, way in found:
        assert len(way.line.coords) == way.steps[-1].end + 1
        assert [way.steps[0].begin, way.steps[-1].distance_m] == [0, 0]
        assert max(way.snap_m) <= 305
        off = sum(way.snap_m)
        told = sum(step.distance_m for step in way.steps) + off
        assert told == pytest.approx(way.distance_m, abs=1 + len(way.steps) / 2)
        for place, corner in ((start, way.line.coords[0]), (end, way.line.coords[-1])):
            assert shapely.Point(place).distance(shapely.Point(corner)) < 0.006


def test_every_manoeuvre_met_is_known(city):
    met = {step.manoeuvre for mode in Mode for _, _, way in city.ways(mode) for step in way.steps}

    assert Manoeuvre.NONE not in met
    assert {Manoeuvre.START, Manoeuvre.LEFT, Manoeuvre.RIGHT} <= met


def test_on_foot_one_goes_at_walking_pace(city):
    paces = [way.distance_m / way.duration_s for _, _, way in city.ways(Mode.FOOT)]

    assert np.median(paces) == pytest.approx(WALK_MPS, rel=0.01)
    assert max(paces) < WALK_MPS * 1.01


def test_walkers_meet_crossings_steps_and_gates_in_helsinki(helsinki):
    met = [
        one.kind
        for _, _, way in helsinki.ways(Mode.FOOT, 80)
        for step in way.steps
        for one in step.passes
    ]

    assert {PassKind.CROSSING, PassKind.STEPS, PassKind.GATE} <= set(met)
    assert met.count(PassKind.CROSSING) > 50


def test_one_ways_make_cars_go_round_in_shanghai_and_walkers_not(shanghai):
    def lopsided(mode):
        both = [
            [
                shanghai.router.route(*ends, mode, passes=False).distance_m
                for ends in (pair, pair[::-1])
            ]
            for pair in pairs
        ]
        there, back = np.array(both).T
        return np.median(np.abs(there - back))

    pairs = [(start, end) for start, end, _ in shanghai.ways(Mode.CAR)]

    assert lopsided(Mode.FOOT) < 1
    assert lopsided(Mode.CAR) > 50


@pytest.mark.parametrize("mode", list(Mode))
def test_a_table_says_what_the_ways_say(city, mode):
    places = np.array([end for pair in city.pairs(12, seed=3) for end in pair])

    told = city.router.matrix(places[:6], places[6:], mode)

    for row, start in enumerate(places[:6].tolist()):
        for column, end in enumerate(places[6:].tolist()):
            try:
                way = city.router.route(start, end, mode, passes=False)
            except (Invalid, NotFound):
                assert np.isnan(told.duration_s[row, column])
            else:
                assert told.duration_s[row, column] == pytest.approx(way.duration_s, rel=0.1, abs=8)


@pytest.mark.parametrize("mode", list(Mode))
def test_times_to_one_place_are_those_of_the_ways_there(city, mode):
    starts, (goal,) = (np.array([pair[0] for pair in city.pairs(n, seed=n)]) for n in (25, 1))

    told = city.router.matrix(starts, [goal], mode).duration_s[:, 0]

    each = [city.router.matrix([start], [goal], mode).duration_s[0, 0] for start in starts]
    assert np.isfinite(told).sum() > 10
    rel = 0.03 if mode is Mode.FOOT else 0.001
    assert told == pytest.approx(np.array(each), rel=rel, abs=1, nan_ok=True)


@pytest.mark.parametrize("mode", list(Mode))
def test_no_way_leads_through_a_closure(city, mode):
    closed = 0
    for start, end, way in city.ways(mode, 12):
        barrier = way.line.interpolate(0.5, normalized=True).buffer(5e-5)
        try:
            other = city.router.route(start, end, mode, closures=[barrier])
        except NotFound:
            continue
        closed += 1
        assert not other.line.intersects(barrier)
        # Cars and bicycles weigh more than time: their second choice may be the quicker one.
        assert mode is not Mode.FOOT or other.duration_s >= way.duration_s - 1
    assert closed


@pytest.mark.parametrize("mode", list(Mode))
def test_what_is_in_reach_contains_the_place_and_not_the_far_end(city, mode):
    start, _, way = max(city.ways(mode), key=lambda found: found[2].duration_s)
    minutes = min(max(int(way.duration_s / 60 / 2), 1), 60)

    (ring,) = city.router.reach(start, [minutes], mode).geometry

    assert ring.distance(shapely.Point(way.line.coords[0])) < 3e-4
    assert not ring.contains(shapely.Point(way.line.coords[-1]))
