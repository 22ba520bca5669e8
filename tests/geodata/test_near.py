"""The nearest merchants, on a piece of a real city: exact, widening, with and without a graph."""

from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from geodata import merchants, near, walking
from geodata.browse import Query
from geodata.errors import Invalid, NotFound, Unavailable
from geodata.geometry import BBox
from geodata.modes import Mode
from geodata.roads import Roads, Shelf, Streets
from geodata.roads.building import build
from geodata.roads.extract import Clip
from geodata.routing import Local, Remote, Router
from tests.factories import ADMIN, merchants_frame

NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)
HERE = (24.945, 60.1707)
WEST, SOUTH, EAST, NORTH = 24.936, 60.166, 24.948, 60.173


@pytest.fixture(scope="module")
def streets(shared_data, tmp_path_factory):
    shelf = Shelf(tmp_path_factory.mktemp("roads"))
    clip = Clip(shapely.box(WEST, SOUTH, EAST, NORTH), "piece")
    build(shelf, shared_data / "osm" / "helsinki.osm.pbf", actor=ADMIN, clip=clip)
    return Roads(shelf.folder).require()


@pytest.fixture(params=["graph", "engine alone"])
def either(request, streets):
    if request.param == "graph":
        return streets
    return Streets(Router(Local(streets.ground.with_name("tiles.tar"))))


def fill(store, places, **told):
    rows = [
        {"name": f"店{i}", "lon": lon, "lat": lat} | told for i, (lon, lat) in enumerate(places)
    ]
    with store.writing() as tx:
        merchants.merge(tx, merchants_frame(*rows), actor=ADMIN)


def scattered(n):
    chance = np.random.default_rng(3)
    lon, lat = chance.uniform(WEST, EAST, n), chance.uniform(SOUTH, NORTH, n)
    return np.column_stack((lon, lat)).round(7)


def nearest(store, streets, place=HERE, **asked):
    with store.reading() as tx:
        return near.nearest(tx, streets, place, at=NOW, **asked)


def test_the_nearest_are_those_that_asking_for_each_one_gives(store, streets):
    places = scattered(150)
    fill(store, places)

    told = [one.duration_s for one in nearest(store, streets, n=12)]

    each = np.sort(walking.durations(streets.graph, HERE, places).minutes)[:12] * 60
    assert told == pytest.approx(each.tolist())


@pytest.mark.parametrize("mode", list(Mode))
def test_each_mode_has_its_order(store, either, mode):
    fill(store, scattered(60))

    told = [one.duration_s for one in nearest(store, either, n=8, mode=mode)]

    assert len(told) == 8
    assert told == sorted(told)


def test_the_search_widens_to_the_only_one_there_is(store, either):
    fill(store, [(24.9365, 60.1665)])

    (found,) = nearest(store, either, (24.9475, 60.1725))

    assert found.distance_m > 800


def test_where_nobody_is_nothing_is_found(store, either):
    assert nearest(store, either) == []


def test_a_merchant_without_a_street_is_left_out(store, either):
    fill(store, [HERE, (24.99, 60.1695)])

    assert [one.row.name for one in nearest(store, either)] == ["店0"]


def test_only_those_in_the_box_are_told(store, streets):
    places = scattered(80)
    fill(store, places)
    box = BBox(24.940, 60.168, 24.944, 60.171)

    found = nearest(store, streets, query=Query(box=box), n=100)

    assert len(found) == sum(box.contains(*place) for place in places.tolist())


def test_a_place_without_a_street_is_told(store, either):
    fill(store, [HERE])

    with pytest.raises(Invalid, match="off_network"):
        nearest(store, either, (24.99, 60.20))


class TestClosures:
    def crossing(self, either, mode=Mode.FOOT):
        """Give an area that the way to a place in the north-east leads through."""
        way = either.router.route(HERE, (24.9465, 60.1725), mode, passes=False)
        return way.line.interpolate(0.5, normalized=True).buffer(4e-4)

    @pytest.mark.parametrize("mode", list(Mode))
    def test_each_takes_as_long_as_its_way_around(self, store, either, mode):
        closures = [self.crossing(either, mode)]
        places = scattered(40)
        fill(store, places)

        told = nearest(store, either, n=40, mode=mode, closures=closures)

        found = {one.row.name: one.duration_s for one in told}
        assert found != {o.row.name: o.duration_s for o in nearest(store, either, n=40, mode=mode)}
        for number, end in enumerate(places.tolist()):
            name = f"店{number}"
            try:
                way = either.router.route(HERE, end, mode, closures=closures, passes=False)
            except (NotFound, Invalid):
                assert name not in found
            else:
                assert found[name] == pytest.approx(way.duration_s, rel=0.1, abs=8)

    @pytest.mark.parametrize("mode", [Mode.FOOT, Mode.CAR])
    def test_to_a_place_in_a_closed_street_nobody_gets(self, store, either, mode):
        fill(store, scattered(60))

        assert nearest(store, either, mode=mode, closures=[shapely.Point(HERE).buffer(1e-3)]) == []

    def test_a_merchant_in_a_closed_street_is_left_out(self, store, either):
        fill(store, [(24.9415, 60.1695), (24.9465, 60.1725)])

        told = nearest(store, either, closures=[shapely.Point(24.9415, 60.1695)])

        assert [one.row.name for one in told] == ["店1"]


def test_what_stands_beside_a_way_is_found_and_what_is_far_is_not(store):
    fill(store, [(24.9401, 60.1696), (24.945, 60.172)])
    line = shapely.LineString([(24.939, 60.1695), (24.941, 60.1695)])

    with store.reading() as tx:
        beside = near.along(tx, line, NOW, within_m=30)

    assert beside == [("店0", 24.9401, 60.1696)]


class TestStanding:
    def test_the_nearest_one_has_the_place(self, store):
        fill(store, [HERE, (HERE[0] + 0.00002, HERE[1])])

        with store.reading() as tx:
            assert near.standing(tx, HERE, NOW, within_m=3) == ["店0"]

    def test_two_at_one_spot_are_both_told(self, store):
        fill(store, [HERE, HERE])

        with store.reading() as tx:
            assert near.standing(tx, HERE, NOW, within_m=3) == ["店0", "店1"]

    def test_nobody_is_there_a_few_metres_away(self, store):
        fill(store, [(HERE[0] + 0.0002, HERE[1])])

        with store.reading() as tx:
            assert near.standing(tx, HERE, NOW, within_m=3) == []


def test_where_most_have_no_street_the_others_are_found_all_the_same(store, either):
    # On the sea they are nearest as the crow flies.
    sea = [(24.9475 + i * 1e-5, 60.1615) for i in range(150)]
    fill(store, [*sea, (24.9375, 60.1725)])

    found = nearest(store, either, (24.9465, 60.1662), mode=Mode.CAR, n=1)

    assert [one.row.name for one in found] == ["店150"]


def test_what_lies_inside_is_counted_by_category(store):
    fill(store, [HERE, (24.9421, 60.1695)], category="clinic")

    with store.reading() as tx:
        counts = near.inside(tx, shapely.MultiPolygon([shapely.box(24.9, 60.1, 24.95, 60.2)]), NOW)

    assert counts == {"clinic": 2}


def test_nothing_lies_inside_nothing(store):
    with store.reading() as tx:
        assert near.inside(tx, shapely.MultiPolygon(), NOW) == {}


def test_an_engine_that_is_away_is_told_as_such(store):
    fill(store, [HERE])

    with pytest.raises(Unavailable, match="engine_unreachable"):
        nearest(store, Streets(Router(Remote("http://127.0.0.1:9"))))


def test_a_city_may_have_its_ways_from_elsewhere_and_no_streets_here(tmp_path):
    streets = Roads(tmp_path, "http://127.0.0.1:9").require()

    assert (streets.version, streets.graph, streets.ground) == (None, None, None)
    with pytest.raises(Unavailable, match="engine_unreachable"):
        streets.router.route(HERE, (24.943, 60.17))


class TestCrowds:
    """More merchants together than any answer of a map holds."""

    @pytest.fixture
    def market(self, store):
        chance = np.random.default_rng(1)
        stalls = np.column_stack(
            (chance.uniform(24.9455, 24.9475, 5600), chance.uniform(60.1715, 60.1725, 5600))
        )
        door = [(HERE[0] + 1e-5 * i, HERE[1]) for i in range(3)]
        rows = [
            {"name": f"便民{i}", "lon": float(lon), "lat": float(lat)}
            for i, (lon, lat) in enumerate([*door, *stalls.round(7).tolist()])
        ]
        with store.writing() as tx:
            merchants.merge(tx, merchants_frame(*rows), actor=ADMIN)
        return store

    @pytest.mark.parametrize("asked", [{}, {"text": "便民"}, {"box": BBox(24, 60, 25, 61)}])
    def test_those_at_the_door_come_first_however_they_are_asked_for(self, market, streets, asked):
        told = nearest(market, streets, n=10, query=Query(**asked))

        assert {one.row.name for one in told[:3]} == {"便民0", "便民1", "便民2"}
        assert len(told) == 10

    def test_all_of_them_are_counted(self, market):
        everything = shapely.MultiPolygon([shapely.box(24.9, 60.1, 24.95, 60.2)])

        with market.reading() as tx:
            assert near.inside(tx, everything, NOW) == {"shopping": 5603}

    def test_who_stands_beside_a_way_is_found_among_them(self, market):
        line = shapely.LineString([(24.936, 60.166), (24.945, 60.1707), (24.948, 60.173)])

        with market.reading() as tx:
            beside = near.along(tx, line, NOW, within_m=5)

        assert "便民0" in [name for name, _, _ in beside]


@pytest.mark.parametrize("km", [0.01, 0.5, 3, 40])
def test_a_way_of_any_length_is_looked_along_wholly(store, km):
    far = HERE[0] + km / 55.6
    fill(store, [HERE, ((HERE[0] + far) / 2, HERE[1]), (far, HERE[1])])
    line = shapely.segmentize(shapely.LineString([HERE, (far, HERE[1])]), 0.003)

    with store.reading() as tx:
        assert len(near.along(tx, line, NOW, within_m=10)) == 3
