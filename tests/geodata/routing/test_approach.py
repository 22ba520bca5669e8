"""As near as a vehicle gets, and up to a cordon and inside it."""

import subprocess
import sys

import pytest
import shapely

from geodata.approach import from_cordon, nearest_by_vehicle, to_cordon
from geodata.errors import Invalid, NotFound, Unavailable
from geodata.geometry import metres_between
from geodata.modes import WALK_MPS, Mode
from geodata.roads import Streets
from tests.conftest import PROJECT
from tests.geodata.routing.conftest import at

START = at(550, 0)
ON_THE_PATH = at(300, 80)
"""Between two streets, where nobody drives."""


def metres(one, other):
    return float(metres_between(*one, *other))


def point(east_m, north_m):
    return shapely.Point(at(east_m, north_m))


class TestNearestByVehicle:
    @pytest.fixture
    def streets(self, router, graph):
        return Streets(router, graph=graph)

    @pytest.mark.parametrize("mode", [Mode.CAR, Mode.BIKE])
    def test_one_drives_to_the_nearer_street_and_walks_on(self, streets, mode):
        found = nearest_by_vehicle(streets, START, ON_THE_PATH, mode)

        assert metres(found.at, at(300, 0)) < 41
        assert found.drive == streets.router.route(START, found.at, mode)
        assert found.walk == streets.router.route(found.at, ON_THE_PATH)
        assert found.walk.distance_m < 80 + 41

    def test_what_is_closed_is_neither_driven_nor_walked(self, streets):
        lower_street = [point(250, 0), point(350, 0)]
        lower_path = [point(300, 10)]

        for closures, north_m in ((lower_street, 200), (lower_path, 200), ([], 0)):
            found = nearest_by_vehicle(streets, START, ON_THE_PATH, closures=closures)

            assert metres(found.at, at(300, north_m)) < 41
            for way in (found.drive, found.walk):
                assert not any(way.line.dwithin(closure, 4e-5) for closure in closures)

    def test_of_places_as_near_on_foot_one_chooses_where_one_arrives_first(self, streets):
        middle = at(300, 100)

        east = nearest_by_vehicle(streets, at(590, 0), middle).at
        north_west = nearest_by_vehicle(streets, at(10, 200), middle).at

        assert metres(east, at(300, 0)) < 60
        assert metres(north_west, at(300, 200)) < 60

    def test_where_one_can_drive_to_the_place_one_hardly_walks(self, streets):
        found = nearest_by_vehicle(streets, START, at(100, 30))

        assert found.walk.distance_m < 30 + 75

    def test_where_nobody_can_walk_there_is_no_way_on_foot(self, streets):
        with pytest.raises(NotFound, match="no_route") as told:
            nearest_by_vehicle(streets, START, ON_THE_PATH, closures=[point(300, 80)])

        assert told.value.details["mode"] is Mode.FOOT

    @pytest.mark.parametrize(
        "place,closures",
        [
            (ON_THE_PATH, [point(550, 0)]),
            (at(5400, 5), []),
            (ON_THE_PATH, [point(300, y) for y in (10, 150)]),
        ],
    )
    def test_where_no_vehicle_gets_near_there_is_no_way_by_vehicle(self, streets, place, closures):
        with pytest.raises(NotFound, match="no_route") as told:
            nearest_by_vehicle(streets, START, place, closures=closures)

        assert told.value.details["mode"] is Mode.CAR

    @pytest.mark.parametrize(
        "start,place,which", [(at(2500, 0), ON_THE_PATH, "from"), (START, at(2500, 0), "to")]
    )
    def test_a_place_off_the_network_is_told(self, streets, start, place, which):
        with pytest.raises(Invalid, match="off_network") as told:
            nearest_by_vehicle(streets, start, place)

        assert told.value.details["which"] == which

    def test_without_a_graph_nothing_is_known(self, blind):
        with pytest.raises(Unavailable, match="streets_missing"):
            nearest_by_vehicle(Streets(blind), START, ON_THE_PATH)

    def test_whoever_only_loads_it_does_not_load_scipy(self):
        told = subprocess.run(
            [sys.executable, "-c", "import sys, geodata.approach; print(*sys.modules)"],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
        )

        assert "scipy.sparse" not in told.stdout.split()


class TestToCordon:
    CORDON = shapely.Point(at(300, 400)).buffer(6e-4)

    @pytest.mark.parametrize("mode", list(Mode))
    def test_the_way_is_parted_where_it_meets_the_cordon(self, either, mode):
        start, place = at(100, 0), at(310, 410)

        entry = to_cordon(either, start, place, mode, inside=[self.CORDON])

        assert entry.way == either.route(start, place, mode)
        assert not entry.outside.line.intersects(self.CORDON)
        assert shapely.Point(entry.at).distance(self.CORDON) < 1e-5
        assert entry.at == entry.outside.line.coords[-1] == entry.inside.line.coords[0]
        assert entry.inside.line.coords[-1] == entry.way.line.coords[-1]

    def test_times_and_distances_are_those_of_the_parts(self, either):
        start, place = at(100, -20), at(310, 410)

        entry = to_cordon(either, start, place, inside=[self.CORDON])

        outside, inside = entry.outside, entry.inside
        assert outside.duration_s + inside.duration_s == pytest.approx(entry.way.duration_s)
        assert outside.distance_m + inside.distance_m == pytest.approx(entry.way.distance_m)
        before_m = metres(entry.at, at(0, 400)) + 400 + 100 + 20
        assert outside.distance_m == pytest.approx(before_m, abs=4)
        assert outside.duration_s == pytest.approx(before_m / WALK_MPS, rel=0.02)
        assert entry.way.steps[entry.step].names == ("长青街",)

    def test_all_other_closures_are_obeyed(self, either):
        west_bridge = point(0, 300)

        entry = to_cordon(
            either, at(100, 0), at(300, 400), inside=[self.CORDON], others=[west_bridge]
        )

        assert entry.at[0] > at(300, 400)[0]
        with pytest.raises(NotFound, match="no_route"):
            to_cordon(
                either,
                at(100, 0),
                at(300, 400),
                inside=[self.CORDON],
                others=[west_bridge, point(600, 300)],
            )

    def test_where_only_the_street_is_closed_the_way_leads_to_the_place(self, either):
        far_end, place = point(590, 400), at(310, 400)
        assert either.shut_by(place, Mode.FOOT, [far_end]) == {0}

        entry = to_cordon(either, at(100, 0), place, inside=[far_end])

        assert entry.at == entry.way.line.coords[-1]
        assert entry.inside.distance_m == pytest.approx(0, abs=3)
        assert entry.inside.line.length == 0

    def test_who_is_inside_already_has_nothing_before_it(self, either):
        start = at(290, 400)

        entry = to_cordon(either, start, at(310, 400), inside=[self.CORDON])

        assert entry.outside.line.length == 0
        assert entry.outside.duration_s == pytest.approx(0, abs=3)
        assert entry.step == 0

    def test_the_cordon_is_met_where_it_is_met_first(self, either):
        pieces = shapely.MultiPoint([at(100, 400), at(0, 300), at(300, 400)])

        entry = to_cordon(either, at(100, 0), at(300, 400), inside=[pieces])

        assert metres(entry.at, at(0, 300)) < 6


class TestFromCordon:
    CORDON = TestToCordon.CORDON

    @pytest.mark.parametrize("mode", list(Mode))
    def test_the_way_is_parted_where_it_leaves_the_cordon(self, either, mode):
        place, end = at(310, 410), at(100, 0)

        entry = from_cordon(either, place, end, mode, inside=[self.CORDON])

        assert entry.way == either.route(place, end, mode)
        assert not entry.outside.line.intersects(self.CORDON)
        assert shapely.Point(entry.at).distance(self.CORDON) < 1e-5
        assert entry.at == entry.inside.line.coords[-1] == entry.outside.line.coords[0]
        assert entry.outside.line.coords[-1] == entry.way.line.coords[-1]
        assert entry.inside.distance_m > 20
        assert entry.outside.duration_s > entry.inside.duration_s

    def test_on_foot_it_is_as_far_out_as_in(self, either):
        place, street = at(310, 410), at(100, -20)

        out = from_cordon(either, place, street, inside=[self.CORDON])
        into = to_cordon(either, street, place, inside=[self.CORDON])

        assert metres(out.at, into.at) < 2
        for one, other in ((out.outside, into.outside), (out.inside, into.inside)):
            assert one.distance_m == pytest.approx(other.distance_m, abs=3)
            assert one.duration_s == pytest.approx(other.duration_s, abs=6)

    def test_the_cordon_is_left_where_it_is_met_last(self, either):
        pieces = shapely.MultiPoint([at(100, 400), at(0, 300), at(300, 400)])

        entry = from_cordon(either, at(300, 400), at(100, 0), inside=[pieces])

        assert metres(entry.at, at(0, 300)) < 6

    def test_where_only_the_street_is_closed_one_is_outside_at_once(self, either):
        far_end, place = point(590, 400), at(310, 400)

        entry = from_cordon(either, place, at(100, 0), inside=[far_end])

        assert entry.at == entry.way.line.coords[0]
        assert entry.inside.line.length == 0
        assert entry.inside.distance_m == pytest.approx(0, abs=3)
