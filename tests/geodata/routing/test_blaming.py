"""Who is to blame where there is no way, over both kinds of engine."""

import pytest
import shapely

from geodata.errors import Invalid, NotFound
from geodata.modes import Mode
from geodata.routing import Local, Router, blaming
from tests.geodata.routing.conftest import at
from tests.geodata.routing.counting import Counting

START, END = at(100, 0), at(300, 400)
WEST_BRIDGE, EAST_BRIDGE = (shapely.Point(at(east_m, 300)) for east_m in (0, 600))
AT_THE_START, ELSEWHERE = shapely.Point(at(110, 0)), shapely.Point(at(450, 0))
AROUND_THE_END = [shapely.Point(at(290, 400)), shapely.Point(at(310, 400))]


def lifted(router, closures, mode=Mode.FOOT, start=START, end=END):
    return [one.lift for one in router.blame(start, end, mode, closures=closures)]


class TestBlame:
    @pytest.mark.parametrize("mode", list(Mode))
    def test_either_of_two_bridges_would_do(self, either, mode):
        closures = [ELSEWHERE, EAST_BRIDGE, WEST_BRIDGE]

        west, east = either.blame(START, END, mode, closures=closures)

        assert (west.lift, east.lift) == ((2,), (1,))
        assert west.duration_s < east.duration_s
        for one, way in ((west, closures[:2]), (east, closures[::2])):
            found = either.route(START, END, mode, closures=way)
            assert one.line == found.line
            assert (one.duration_s, one.distance_m) == (found.duration_s, found.distance_m)

    @pytest.mark.parametrize("mode", list(Mode))
    def test_what_is_needed_together_is_told_together(self, either, mode):
        closures = [AT_THE_START, WEST_BRIDGE, ELSEWHERE, EAST_BRIDGE]

        assert lifted(either, closures, mode) == [(0, 1), (0, 3)]

    def test_one_that_would_do_alone_comes_before_two_that_would_be_quicker(self, either):
        quick = [shapely.Point(at(0, 250)), shapely.Point(at(0, 350)), EAST_BRIDGE]
        on_one_edge = [*quick[:2], shapely.Point(at(300, 300)), EAST_BRIDGE]

        assert lifted(either, quick) == [(2,), (0, 1)]
        assert lifted(either, on_one_edge) == [(3,), (0, 1)]

    def test_the_parts_of_one_closure_are_lifted_together(self, either):
        assert lifted(
            either, [ELSEWHERE, shapely.MultiPoint([*map(tuple, ((at(0, 300)), at(600, 300)))])]
        ) == [(1,)]

    def test_what_closes_the_same_street_twice_is_needed_twice(self, either):
        closures = [shapely.Point(at(-1, 300)), EAST_BRIDGE, WEST_BRIDGE, EAST_BRIDGE]

        assert sorted(lifted(either, closures)) == [(0, 2), (1, 3)]

    def test_an_area_around_the_place_is_to_blame(self, either):
        cordon = shapely.Point(END).buffer(4e-4)

        assert lifted(either, [cordon, ELSEWHERE]) == [(0,)]
        assert lifted(either, [ELSEWHERE, cordon], start=END, end=START) == [(1,)]

    def test_a_closed_stretch_of_the_place_s_street_is_to_blame_wherever_it_is(self, either):
        far_end = shapely.Point(at(590, 400))

        assert lifted(either, [far_end, WEST_BRIDGE, EAST_BRIDGE], end=at(310, 400)) == [
            (0, 1),
            (0, 2),
        ]

    def test_where_there_is_a_way_nobody_is_to_blame(self, either):
        assert lifted(either, [WEST_BRIDGE]) == []
        assert lifted(either, []) == []

    def test_where_there_is_none_anyway_nobody_is_to_blame(self, either):
        assert lifted(either, [ELSEWHERE, WEST_BRIDGE], end=at(5400, 0)) == []

    def test_a_place_off_the_network_is_told(self, either):
        with pytest.raises(Invalid, match="off_network") as told:
            either.blame(START, at(2500, 0), closures=[ELSEWHERE])

        assert told.value.details["which"] == "to"

    def test_cars_are_barred_by_what_walkers_go_around(self, either):
        start, end = at(200, 10), at(200, 190)

        closures = [shapely.Point(at(200, 100))]
        assert lifted(either, closures, Mode.CAR, start, end) == [(0,)]
        assert lifted(
            either, [shapely.Point(at(50, 200)), shapely.Point(at(350, 200))], Mode.CAR, end, start
        )


class TestManyClosures:
    @pytest.fixture
    def engine(self, tiles):
        return Counting(Local(tiles))

    @pytest.fixture
    def router(self, engine, graph):
        return Router(engine, graph)

    def crowd(self):
        """Give closures everywhere but on the streets that are needed."""
        spots = [(x, y) for x in range(20, 590, 20) for y in (50, 100, 150, 450)]
        return [shapely.Point(at(x + 3, y)) for x, y in spots if x not in (200, 300, 400)]

    def test_those_that_bar_no_way_are_neither_told_nor_asked_about(self, router, engine):
        crowd = self.crowd()
        closures = [*crowd, WEST_BRIDGE, *crowd, EAST_BRIDGE, *crowd]

        found = lifted(router, closures)

        assert found == [(len(crowd),), (2 * len(crowd) + 1,)]
        assert engine.ways <= 12

    def test_no_more_is_asked_than_a_bounded_number_of_questions(self, router, engine):
        stretch = [shapely.Point(at(0, north_m)) for north_m in range(210, 390, 2)]

        first, *others = router.blame(START, END, closures=[*stretch, EAST_BRIDGE])

        assert first.lift == (len(stretch),)
        assert [one.lift for one in others] == [tuple(range(len(stretch)))]
        assert engine.ways <= blaming.MOST

    def test_the_engine_is_told_only_of_closures_that_may_matter(self, router, engine):
        far = [shapely.Point(at(x, -5000 - y)) for x in range(0, 600, 50) for y in range(9)]

        assert lifted(router, [*far, WEST_BRIDGE, *far, EAST_BRIDGE]) == [(108,), (217,)]
        assert engine.areas == 2

    def test_when_the_questions_run_out_what_is_told_still_opens_a_way(self, router, monkeypatch):
        monkeypatch.setattr(blaming, "MOST", 2)
        closures = [AT_THE_START, WEST_BRIDGE, EAST_BRIDGE, ELSEWHERE]

        (blame,) = router.blame(START, END, closures=closures)

        left = [one for row, one in enumerate(closures) if row not in blame.lift]
        assert router.route(START, END, closures=left).line == blame.line

    def test_when_nothing_can_be_asked_nothing_is_told(self, router, monkeypatch):
        monkeypatch.setattr(blaming, "MOST", 0)

        assert router.blame(START, END, closures=[WEST_BRIDGE, EAST_BRIDGE]) == ()


class TestShutBy:
    def test_it_tells_which_closures_close_the_street_of_a_place(self, either):
        closures = [ELSEWHERE, shapely.Point(at(150, 0)), shapely.Point(at(30, 0))]

        assert either.shut_by(at(100, 30), Mode.FOOT, closures) == {1, 2}
        with pytest.raises(NotFound):
            either.route(at(100, 30), END, closures=closures)

    def test_a_corner_of_which_one_street_is_open_is_not_shut(self, either):
        assert either.shut_by(at(0, 200), Mode.CAR, [shapely.Point(at(0, 100))]) == set()
        assert either.shut_by(at(0, 200), Mode.CAR, []) == set()

    def test_a_place_off_the_network_is_shut_by_nothing(self, either):
        assert either.shut_by(at(2500, 0), Mode.CAR, [ELSEWHERE]) == set()
