"""Ground truth: ways with streets closed beside shortest paths of networkx, edges removed.

On the demonstration's streets and on three real extracts. Router and networkx have nothing in
common but the walking graph's arrays and where places are joined to it.
"""

from itertools import islice
from typing import NamedTuple

import numpy as np
import pytest
import shapely

from geodata import walking
from geodata.demo import neighbourhood
from geodata.demo.streets import write
from geodata.errors import Invalid, NotFound
from geodata.modes import WALK_MPS, Mode
from geodata.roads import extract, network
from geodata.routing import Barred, Local, Router, barred
from geodata.routing.blaming import TOGETHER
from geodata.routing.tiles import build_tiles
from tests.geodata.routing.truth import Drawings, Truth, closed_edges

SETS, BLAMED = 200, 50
ALL_EDGES, CHOICES, TABLES, RINGS = 40, 40, 20, 12
"""So many of the sets for questions that take longer."""
WITHIN = 0.05
CROSSING_S = 15.0
"""So long the engine may wait at a crossing, where the graph walks on."""
APART_DEG, NARROW_DEG = 0.02, 0.01
ON_DEG = 2e-6


class Case(NamedTuple):
    """Two places, closures around them, and the edges that these close."""

    start: tuple[float, float]
    end: tuple[float, float]
    closures: list
    barred: Barred
    closed: np.ndarray


class City:
    """Streets, asked of the router and of networkx."""

    def __init__(self, pbf, folder):
        self.graph = network.read(pbf).graph
        self.router = Router(Local(build_tiles(pbf, folder)), self.graph)
        self.truth = Truth(self.graph)
        # Closures lie between the two places.
        self.cases = list(islice(self.drawn(seed=1, around_deg=0.015), SETS))

    def drawn(self, seed, around_deg):
        """Give cases without end; closures in a narrow circle lie around the goal."""
        draw = Drawings(self.graph, seed)
        nodes = np.column_stack((self.graph.lon, self.graph.lat))[self.graph.largest_component()]
        while True:
            start = draw.beside(nodes)
            end = draw.beside(draw.around(start, APART_DEG))
            middle = end if around_deg < NARROW_DEG else (start + end) / 2
            closures = draw.some(draw.around(middle, around_deg))
            if closures:
                start, end = (tuple(place.tolist()) for place in (start, end))
                closed = self.graph.closed_by(closures)
                yield Case(start, end, closures, barred(closures), closed)

    def way(self, case, mode=Mode.FOOT):
        """Return the router's way, None where there is none."""
        try:
            return self.router.route(case.start, case.end, mode, closures=case.barred, passes=False)
        except NotFound:
            return None
        except Invalid as error:
            if error.code != "off_network":
                raise
            return None

    def metres(self, case):
        return self.truth.metres(case.start, case.end, case.closed)


@pytest.fixture(
    scope="module", params=["demonstration", "helsinki.osm.pbf", "shanghai.osm", "wuhan.osm.pbf"]
)
def city(request, shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("truth")
    if request.param != "demonstration":
        return City(extract.prepare(shared_data / "osm" / request.param, folder), folder)
    write(neighbourhood().plan, folder / "demonstration.osm.pbf")
    return City(folder / "demonstration.osm.pbf", folder)


def agrees(seconds, metres):
    """Tell whether a time of the engine is the time of so many metres on foot."""
    true_s = metres / WALK_MPS
    return abs(seconds - true_s) <= max(WITHIN * true_s, CROSSING_S)


def over_closed_edges(city, line, closed, mode):
    """Return the closed edges along which a line runs, not those that it only meets."""
    edges = np.flatnonzero(closed & city.graph.open_to(mode))
    lines = city.graph.lines[edges]
    if not len(lines):
        return []
    wide = line.buffer(ON_DEG)
    near = np.unique(shapely.STRtree(lines).query(wide, predicate="intersects"))
    shared = shapely.length(shapely.intersection(lines[near], wide))
    return edges[near[shared > 0.9 * shapely.length(lines[near])]].tolist()


def crosses(way, case):
    return bool(case.barred.met_by(way.line)) or any(way.line.intersects(c) for c in case.closures)


def test_edges_are_closed_that_are_so_near_and_no_others(city):
    for case in city.cases[:ALL_EDGES]:
        near, far = (closed_edges(city.graph, case.closures, slack) for slack in (0.9, 1.02))
        assert not (near & ~case.closed).any()
        assert not (case.closed & ~far).any()


def test_ways_on_foot_are_the_shortest_that_are_left(city):
    ways = none = 0
    for case in city.cases:
        metres, way = city.metres(case), city.way(case)

        assert (way is None) == (metres is None)
        if way is None:
            none += 1
            continue
        ways += 1
        assert agrees(way.duration_s, metres)
        assert not crosses(way, case)
        assert over_closed_edges(city, way.line, case.closed, Mode.FOOT) == []
    assert ways > SETS / 2
    assert none > SETS / 50


@pytest.mark.parametrize("mode", [Mode.BIKE, Mode.CAR])
def test_no_vehicle_goes_over_what_is_closed(city, mode):
    ways = [(case, way) for case in city.cases if (way := city.way(case, mode))]

    assert len(ways) > SETS / 3
    for case, way in ways:
        assert not crosses(way, case)
        assert over_closed_edges(city, way.line, case.closed, mode) == []


def test_nor_does_any_other_way_to_choose_from(city):
    others = 0
    for case in city.cases[:CHOICES]:
        if city.way(case, Mode.CAR) is None:
            continue
        for way in city.router.routes(
            case.start, case.end, Mode.CAR, closures=case.barred, passes=False
        )[1:]:
            others += 1
            assert not crosses(way, case)
            assert over_closed_edges(city, way.line, case.closed, Mode.CAR) == []
    assert others > 0


def test_tables_tell_the_times_of_these_ways(city):
    chance = np.random.default_rng(3)
    told = 0
    for case in city.cases[:TABLES]:
        ends = np.array(case.end) + np.vstack(([0, 0], chance.normal(0, 5e-3, (5, 2))))

        table = city.router.matrix([case.start], ends, closures=case.barred)

        for end, seconds in zip(ends.tolist(), table.duration_s[0].tolist(), strict=True):
            metres = city.metres(case._replace(end=tuple(end)))
            assert (metres is None) == np.isnan(seconds)
            if metres is not None:
                told += 1
                assert agrees(seconds, metres)
    assert told > 20


def test_rings_hold_what_is_in_reach_past_the_closures_and_no_more(city):
    inside = beyond = 0
    for case in islice(city.drawn(seed=4, around_deg=0.005), RINGS):
        if walking.join(city.graph, *case.end).edge[0] < 0:
            continue
        ring = city.router.reach(case.end, [8], closures=case.barred).geometry[0]
        limit_m = 8 * 60 * WALK_MPS
        true_m = city.truth.from_place(case.end, case.closed, 1.5 * limit_m)
        if ring.is_empty:
            assert len(true_m) <= 1  # at most the corner at which one is shut in
            continue
        held = shapely.contains_xy(ring, city.graph.lon, city.graph.lat)
        for node, metres in true_m.items():
            if metres <= 0.9 * limit_m:
                assert held[node]
                inside += 1
            elif metres > 1.2 * limit_m:
                # Another street, that is in reach, may run right over a node.
                beyond += held[node]
    assert inside > 100
    assert beyond <= 0.01 * inside


def test_the_closures_that_are_blamed_are_those_whose_lifting_opens_a_way(city):
    blamed = alone = 0
    for case in city.drawn(seed=5, around_deg=0.005):
        if city.way(case) is not None:
            continue
        free = city.truth.metres(case.start, case.end, np.zeros_like(case.closed))
        if free is None:
            continue
        told = city.router.blame(case.start, case.end, closures=case.barred)

        assert told
        for one in told:
            left = [c for row, c in enumerate(case.closures) if row not in one.lift]
            metres = city.truth.metres(case.start, case.end, city.graph.closed_by(left))
            assert metres is not None
            assert agrees(one.duration_s, metres)
            assert not any(one.line.intersects(closure) for closure in left)
            for kept in one.lift if len(one.lift) <= TOGETHER else ():
                still = city.graph.closed_by([*left, case.closures[kept]])
                assert city.truth.metres(case.start, case.end, still) is None
        alone += len(told[0].lift) == 1
        blamed += 1
        if blamed == BLAMED:
            break
    assert alone > BLAMED / 3
