"""Bridges above a closed area and underpasses below it: engine and graph spare the same ones."""

from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from geodata import closures
from geodata.closures import Closure
from geodata.errors import NotFound, Unavailable
from geodata.modes import Mode
from geodata.roads import Streets, network
from geodata.routing import Local, Router
from geodata.routing.tiles import build_tiles
from geodata.walking import Bridge, Bridges, Level, closing
from tests.geodata.routing.conftest import at, footway, street, write

OVER, UNDER = {"bridge": "yes", "layer": "1"}, {"tunnel": "yes", "layer": "-1"}
HIGH, TUNNEL, LOW = Bridge("高桥"), Bridge("地道", tunnel=True), Bridge("低桥")
SKYWAY, OLD = Bridge("高架路"), Bridge("老桥")
HAIR = 0.001
"""Metres: too little for the coordinates to differ, enough for a node of its own."""

# 大街 runs from west to east. 高桥 crosses it in the air and 地道 below it, and 低桥 comes down
# into it. Farther east 高架路 runs 200 m exactly above a longer piece of it, and 老桥 exactly
# above a piece that is just as long. To the north and the south they all meet.
TOWN = [
    street("大街", (0, 0), (300, 0), (400, 0), (800, 0), (900, 0), (1000, 0)),
    street("北街", *((x, 300) for x in (0, 100, 200, 300, 650, 900, 1000))),
    street("南街", *((x, -300) for x in (0, 100, 200, 450, 800, 1000))),
    street("西街", (0, -300), (0, 0), (0, 300)),
    street("东街", (1000, -300), (1000, 0), (1000, 300)),
    street("高桥路", (100, -300), (100, -100)),
    street("高桥", (100, -100), (100, 100), **OVER),
    street("高桥路", (100, 100), (100, 300)),
    street("地道路", (200, -300), (200, -100)),
    footway((200, -100), (200, 100), name="地道", **UNDER),
    street("地道路", (200, 100), (200, 300)),
    street("低桥路", (300, 300), (300, 50)),
    street("低桥", (300, 50), (300, 0), **OVER),
    street("高架路", (450, -300), (450, HAIR)),
    street("高架路", (450, HAIR), (550, HAIR), (650, HAIR), **OVER),
    street("高架路", (650, HAIR), (650, 300)),
    street("老桥路", (800, -300), (800, HAIR)),
    street("老桥", (800, HAIR), (900, HAIR), **OVER),
    street("老桥路", (900, HAIR), (900, 300)),
    street("巷", (800, 0), (790, 60)),
    street("巷", (900, 0), (910, -60)),
]


class Place:
    """Streets with their bridges, and what an engine makes of them."""

    def __init__(self, pbf, folder):
        read = network.read(pbf)
        router = Router(Local(build_tiles(pbf, folder)), read.graph)
        self.streets = Streets(router, graph=read.graph, bridges=read.bridges)
        self.graph, self.bridges = read.graph, read.bridges

    def metres(self, start, end, closed, mode=Mode.FOOT):
        """Return how far the way is, None where there is none."""
        closures = [closed.shape] if closed.shape else []
        try:
            return self.streets.router.route(
                at(*start), at(*end), mode, closures=closures, passes=False
            ).distance_m
        except NotFound:
            return None


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("levels")
    return Place(write(TOWN, folder / "levels.osm.pbf"), folder)


def box(west, south, east, north):
    return shapely.box(*at(west, south), *at(east, north))


def line(*spots):
    return shapely.LineString([at(*spot) for spot in spots])


def along_street(town, closed, start=(50, 0), end=(250, 0)):
    """Tell whether one still gets along 大街 by itself."""
    metres = town.metres(start, end, closed)
    return metres is not None and metres < 250


def across(town, closed, east_m, mode=Mode.FOOT):
    """Tell whether one still gets straight from the south to the north."""
    metres = town.metres((east_m, -200), (east_m, 200), closed, mode)
    return metres is not None and metres < 450


class TestAnArea:
    @pytest.mark.parametrize("mode", list(Mode))
    def test_it_spares_the_bridge_above_and_closes_the_street(self, town, mode):
        closed = town.streets.closing(box(80, -20, 120, 20))

        assert (closed.spared, closed.closed, closed.edges) == ((HIGH,), (), 1)
        assert across(town, closed, 100, mode)
        assert not along_street(town, closed)

    def test_it_spares_the_underpass_below(self, town):
        closed = town.streets.closing(box(180, -20, 220, 20))

        assert closed.spared == (TUNNEL,)
        assert across(town, closed, 200)
        assert not along_street(town, closed)

    def test_it_closes_them_when_it_is_told_to(self, town):
        area = box(80, -20, 220, 20)

        closed = town.streets.closing(area, Level.ALL)

        assert (closed.shape, closed.spared) == (area, ())
        assert set(closed.closed) == {HIGH, TUNNEL}
        assert not across(town, closed, 100)
        assert not across(town, closed, 200)
        assert not along_street(town, closed)

    def test_a_bridge_that_comes_down_in_it_is_closed_with_it(self, town):
        closed = town.streets.closing(box(280, -20, 320, 20))

        assert (closed.spared, closed.closed) == ((), (LOW,))
        assert town.metres((300, 25), (300, 200), closed) is None

    def test_a_bridge_whose_ramps_it_holds_is_closed_with_it(self, town):
        closed = town.streets.closing(box(80, -150, 120, 150))

        assert closed.spared == ()
        assert HIGH in closed.closed

    def test_a_bridge_right_above_the_street_is_spared_and_the_street_is_not_opened(self, town):
        closed = town.streets.closing(box(480, -20, 620, 20))

        assert (closed.spared, closed.closed, closed.edges) == ((SKYWAY,), (), 1)
        assert town.metres((450, -200), (650, 200), closed) == pytest.approx(600, abs=5)
        assert not along_street(town, closed, (350, 0), (850, 0))

    def test_one_that_cannot_be_told_from_the_street_stays_closed(self, town):
        closed = town.streets.closing(box(820, -20, 880, 20))

        assert (closed.spared, closed.closed) == ((), (OLD,))
        assert not along_street(town, closed, (750, 0), (950, 0))

    def test_drawn_on_the_bridge_alone_it_closes_nothing_and_that_is_told(self, town):
        closed = town.streets.closing(box(90, 40, 110, 60))

        assert (closed.spared, closed.edges) == ((HIGH,), 0)
        assert across(town, closed, 100)

    def test_where_no_street_is_it_stays_as_it_is(self, town):
        area = box(30, 30, 60, 60)

        closed = town.streets.closing(area)

        assert (closed.shape, closed.spared, closed.closed, closed.edges) == (area, (), (), 0)

    def test_its_parts_are_one_closure(self, town):
        ramps = shapely.union(box(90, -150, 110, -120), box(90, 120, 110, 150))
        middle = box(80, -20, 120, 20)

        assert town.streets.closing(middle).spared == (HIGH,)
        assert town.streets.closing(shapely.union(ramps, middle)).spared == ()


class TestALineOrAPoint:
    def test_one_on_the_street_spares_what_passes_over_and_under(self, town):
        for closure in (line((90, 0), (210, 0)), shapely.MultiPoint([at(100, 1), at(200, 0)])):
            closed = town.streets.closing(closure)

            assert set(closed.spared) == {HIGH, TUNNEL}
            assert across(town, closed, 100)
            assert across(town, closed, 200)
            assert not along_street(town, closed)

    @pytest.mark.parametrize("closure", [line((90, 50), (110, 50)), shapely.Point(at(101, 50))])
    def test_one_on_the_bridge_closes_the_bridge(self, town, closure):
        closed = town.streets.closing(closure)

        assert (closed.shape, closed.spared, closed.closed) == (closure, (), (HIGH,))
        assert not across(town, closed, 100)
        assert along_street(town, closed)

    def test_one_along_the_bridge_and_its_ramps_closes_all_of_it(self, town):
        closed = town.streets.closing(line((100, -200), (100, 200)))

        assert closed.spared == ()
        assert not across(town, closed, 100)

    def test_everything_within_five_metres_is_closed_when_it_is_told_so(self, town):
        closed = town.streets.closing(shapely.Point(at(100, 4)), Level.ALL)

        assert closed.closed == (HIGH,)
        assert not across(town, closed, 100)
        assert not along_street(town, closed)

    def test_each_part_closes_what_it_is_drawn_on(self, town):
        both = shapely.GeometryCollection([box(180, -20, 220, 20), shapely.Point(at(100, 50))])

        closed = town.streets.closing(both)

        assert (closed.spared, closed.closed) == ((TUNNEL,), (HIGH,))
        assert not across(town, closed, 100)
        assert across(town, closed, 200)


class TestStreets:
    def test_where_bridges_are_not_known_all_is_closed_and_that_is_told(self, town):
        old = Streets(town.streets.router, graph=town.graph)
        area = box(80, -20, 120, 20)

        closed = old.closing(area)

        assert (closed.shape, closed.spared, closed.known) == (area, (), False)
        assert closed.edges == 2
        assert town.streets.closing(area).known

    def test_what_was_told_of_a_closure_is_kept(self, town):
        first, again = (town.streets.closing(box(80, -20, 120, 20)) for _ in range(2))

        assert first is again
        assert town.streets.closing(box(80, -20, 120, 20), Level.ALL) is not first

    def test_an_engine_elsewhere_takes_a_closure_as_it_is(self, town):
        area = box(80, -20, 120, 20)

        closed = Streets(town.streets.router).closing(area)

        assert (closed.shape, closed.edges, closed.known) == (area, None, False)

    def test_bridges_are_read_with_their_names(self, town):
        assert set(town.bridges.told) == {HIGH, TUNNEL, LOW, SKYWAY, OLD}
        assert len(town.bridges.edge) == 5

    def test_a_bridge_has_its_own_name_before_that_of_the_street(self, tmp_path):
        ways = [
            street("大街", (0, 0), (100, 0)),
            street("大街", (100, 0), (200, 0), bridge="viaduct", **{"bridge:name": "五爱桥"}),
            street("", (200, 0), (300, 0), tunnel="yes"),
            street("楼下", (300, 0), (400, 0), tunnel="building_passage"),
        ]

        told = network.read(write(ways, tmp_path / "names.osm.pbf")).bridges

        assert told.told == (Bridge("五爱桥"), Bridge("", tunnel=True))
        assert told.named(np.arange(4)) == told.told

    def test_they_are_kept_in_a_file(self, town, tmp_path):
        path = tmp_path / "bridges.json"
        town.bridges.save(path)

        read = Bridges.load(path)

        assert (read.edge.tolist(), read.which.tolist(), read.told) == (
            town.bridges.edge.tolist(),
            town.bridges.which.tolist(),
            town.bridges.told,
        )

    @pytest.mark.parametrize(
        "damage",
        [b"", b"{}", b'{"format": 2}', b'{"format":1,"edge":[1],"which":[3],"bridges":[["",0]]}'],
    )
    def test_a_damaged_file_is_told(self, damage, tmp_path):
        path = tmp_path / "bridges.json"
        path.write_bytes(damage)

        with pytest.raises(Unavailable, match="streets_unreadable"):
            Bridges.load(path)


class TestWhatIsInForce:
    def closure(self, geometry, level):
        now = datetime(2026, 11, 28, tzinfo=UTC)
        whose = {"reason": "", "public": False, "by": "", "area": "", "version": 1, "changed": ""}
        return Closure("1", geometry, level=level, starts=now, ends=now, lifted=None, **whose)

    def test_each_bars_the_streets_at_its_level_and_keeps_its_place(self, town):
        found = [
            self.closure(box(91, 41, 109, 59), Level.GROUND),
            self.closure(box(180, -20, 220, 20), Level.GROUND),
            self.closure(box(90, 40, 110, 60), Level.ALL),
        ]

        closed = closures.barring(town.streets, found)
        ways = [town.graph.lines[edge] for edge in town.bridges.edge[:2]]

        assert closed.closing(ways[:1]) == {2}
        assert closed.closing(ways[1:]) == set()
        assert set(closed.owner.tolist()) >= {1, 2}


@pytest.fixture(scope="module", params=["helsinki.osm.pbf", "shanghai.osm"])
def city(request, shared_data, tmp_path_factory):
    return Place(shared_data / "osm" / request.param, tmp_path_factory.mktemp("city"))


class TestCities:
    def areas(self, city, count, seed=1):
        """Give areas of all sizes around bridges and tunnels."""
        chance = np.random.default_rng(seed)
        for edge in chance.choice(city.bridges.edge, count):
            middle = city.graph.lines[edge].interpolate(chance.uniform(0.1, 0.9), normalized=True)
            yield middle.buffer(10 ** chance.uniform(-4, -2.7), quad_segs=3)

    def test_all_is_closed_but_what_is_spared(self, city):
        spared = 0
        for area in self.areas(city, 200):
            closed = closing(city.graph, city.bridges, area)

            every = np.flatnonzero(city.graph.closed_by([area]))
            left = np.flatnonzero(city.graph.closed_by([closed.shape]))
            opened = np.setdiff1d(every, left)
            assert np.isin(left, every).all()
            assert np.isin(opened, city.bridges.edge).all()
            assert len(left) == closed.edges
            assert set(city.bridges.named(opened)) == set(closed.spared)
            spared += len(opened) > 0
        assert spared > 40

    @pytest.mark.parametrize("mode", [Mode.FOOT, Mode.CAR])
    def test_the_engine_goes_over_what_is_spared_and_never_along_what_is_closed(self, city, mode):
        over, shut = [], 0
        for area in self.areas(city, 60, seed=2):
            closed = city.streets.closing(area)
            left = city.graph.closed_by([closed.shape])
            every = city.graph.closed_by([area]) & city.graph.joinable(mode)
            for edge in np.flatnonzero(every)[:4]:
                shape = city.graph.lines[edge]
                ends = [shape.interpolate(share, normalized=True) for share in (0.1, 0.9)]
                if not self.leads_along(city, shape, ends, mode):
                    continue
                along = self.leads_along(city, shape, ends, mode, [closed.shape])
                if left[edge]:
                    assert not along
                    shut += 1
                else:
                    over.append(along)
        # A place where the edge leads out of the extract is joined to the street beside it.
        assert np.mean(over) > 0.7
        assert min(len(over), shut) > 15

    def leads_along(self, city, edge, ends, mode, closures=()):
        start, end = (point.coords[0] for point in ends)
        try:
            way = city.streets.router.route(start, end, mode, closures=closures, passes=False)
        except NotFound:
            return False
        return way.line.distance(edge.interpolate(0.5, normalized=True)) < 1e-6
