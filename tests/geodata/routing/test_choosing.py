"""A choice of ways: each a way of its own, and all bound by what binds the first."""

import itertools

import pytest
import shapely

from geodata.errors import NotFound
from geodata.modes import WALK_MPS, Mode
from geodata.routing import barred
from geodata.routing.choosing import unlike
from geodata.walking.frames import Frame
from tests.geodata.routing.conftest import at

START, END = at(10, 100), at(590, 300)
"""Over the west bridge or the east one, or along either street first."""
MIDDLE_STREET = shapely.LineString([at(450, 195), at(450, 205)])


def metric(line):
    return shapely.transform(line, Frame(*START).xy)


class TestRoutes:
    @pytest.mark.parametrize("mode", list(Mode))
    def test_the_first_is_the_way_that_is_followed(self, either, mode):
        first, *_ = either.routes(START, END, mode)

        assert first == either.route(START, END, mode)

    def test_there_are_others_and_each_has_its_own_streets(self, either):
        ways = either.routes(START, END)

        assert len(ways) >= 2
        for one, other in itertools.combinations([metric(way.line) for way in ways], 2):
            assert one.difference(other.buffer(20)).length > one.length / 5

    def test_each_is_told_as_fully_as_the_first(self, either):
        for way in either.routes(START, END):
            assert way.snap_m == pytest.approx((10, 10), abs=0.3)
            assert way.duration_s == pytest.approx(way.distance_m / WALK_MPS, rel=0.02)
            assert way.steps[-1].end == len(way.line.coords) - 1
            assert "bridge" in [one.kind for step in way.steps for one in step.passes]

    def test_none_leads_through_what_is_closed(self, either):
        closures = barred([MIDDLE_STREET])

        ways = either.routes(START, END, closures=closures)

        assert ways
        assert not any(way.line.intersects(closures.areas[0]) for way in ways)
        assert ways == either.routes(START, END, closures=[MIDDLE_STREET])

    def test_no_more_are_told_than_asked_for(self, either):
        assert [len(either.routes(START, END, others=count)) for count in (0, 1)] == [1, 2]
        with pytest.raises(ValueError, match="3"):
            either.routes(START, END, others=3)

    def test_in_a_street_without_a_way_around_there_is_one(self, either):
        assert len(either.routes(at(605, 450), at(605, 490))) == 1

    def test_from_a_place_to_itself_there_is_one(self, either):
        (way,) = either.routes(START, START)

        assert way.distance_m == 0

    def test_where_there_is_no_way_there_is_no_other_one(self, either):
        around = shapely.LinearRing([at(-9, 50), at(9, 50), at(9, 150), at(-9, 150)])

        with pytest.raises(NotFound, match="no_route"):
            either.routes(START, END, closures=[around])


class TestUnlike:
    def test_the_other_pavement_of_a_street_is_no_other_way(self):
        street = shapely.LineString([at(0, 0), at(500, 0), at(500, 500)])
        pavement = shapely.LineString(
            [at(0, 0), at(0, 12), at(488, 12), at(488, 500), at(500, 500)]
        )
        around = shapely.LineString([at(0, 0), at(0, 500), at(500, 500)])

        assert unlike([street, pavement, around]) == [0, 2]

    def test_others_are_compared_with_each_other_too(self):
        ways = [
            shapely.LineString([at(0, 0), at(250, north_m), at(500, 0)])
            for north_m in (0, 300, 310, -300)
        ]

        assert unlike(ways) == [0, 1, 3]

    def test_a_way_of_no_length_stands_alone(self):
        assert unlike([shapely.LineString([at(0, 0), at(0, 0)])]) == [0]
