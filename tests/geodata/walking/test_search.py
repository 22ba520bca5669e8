"""Minutes on foot, compared with a search over everything and with the engine."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geodata.modes import WALK_MPS, Mode
from geodata.walking import Graph, Joins, durations, join, nearest, standing, within
from tests.geodata.walking.town import ENGINE_OPTIONS, Town, ask, at, engine


def metres(walks):
    return [None if np.isnan(m) else round(m) for m in walks.distance_m.tolist()]


def by_search_over_everything(graph, origins, targets):
    """Return metres from each origin to each target: every place a node, every pair a search."""
    size = len(graph.lon)
    joins = Joins(
        *(np.concatenate([getattr(j, f) for j in (origins, targets)]) for f in Joins.__slots__)
    )
    links = {}

    def link(a, b, length):
        for pair in ((a, b), (b, a)):
            links[pair] = min(links.get(pair, np.inf), length)

    for edge in np.flatnonzero(graph.open_to(Mode.FOOT)).tolist():
        stops = [(0.0, int(graph.ends[edge, 0])), (graph.length_m[edge], int(graph.ends[edge, 1]))]
        on_it = np.flatnonzero(joins.edge == edge).tolist()
        stops += [(joins.along_m[row], size + row) for row in on_it]
        for (low, a), (high, b) in pairwise(sorted(stops)):
            link(a, b, high - low + 1e-9)
    for row in range(len(joins)):
        if joins.edge[row] >= 0:
            link(size + row, size + len(joins) + row, joins.away_m[row] + 1e-9)
    total = size + 2 * len(joins)
    rows, columns = np.array(list(links), dtype=int).reshape(-1, 2).T
    matrix = csr_array((list(links.values()), (rows, columns)), shape=(total, total))
    places = size + len(joins) + np.arange(len(joins))
    return dijkstra(matrix, indices=places[: len(origins)])[:, places[len(origins) :]]


@st.composite
def towns(draw):
    """Draw a graph of a few nodes: loops, parallel edges and islands included."""
    count = draw(st.integers(2, 7))
    node = st.integers(0, count - 1)
    ends = draw(st.lists(st.tuples(node, node), min_size=1, max_size=12))
    spots = at(*[(i % 3 * 100.0, i // 3 * 90.0) for i in range(count)])
    # Each edge leaves in its own direction, so that no two are in the same place.
    shape = [
        [spots[a], (spots[a] + spots[b]) / 2 + (1e-4 * (k + 1), 1e-5 * k), spots[b]]
        for k, (a, b) in enumerate(ends)
    ]
    lines = np.array(shape).reshape(-1, 2)
    plain = Graph(
        lon=spots[:, 0],
        lat=spots[:, 1],
        ends=np.array(ends, dtype=np.int32),
        length_m=np.ones(len(ends)),
        modes=np.array(
            draw(st.lists(st.sampled_from([1, 7, 7, 4]), min_size=len(ends), max_size=len(ends))),
            dtype=np.uint8,
        ),
        shape=lines,
        shape_start=np.arange(0, 3 * len(ends) + 1, 3),
    )
    xy = plain.shape_xy.reshape(-1, 3, 2)
    length = np.linalg.norm(np.diff(xy, axis=1), axis=2).sum(axis=1)
    return replace(plain, length_m=length)


places = st.lists(st.tuples(st.integers(-50, 250), st.integers(-50, 250)), min_size=1, max_size=6)


class TestNearest:
    def test_both_stretches_to_the_street_count(self, tmp_path):
        graph = Town().way((0, 0), (1000, 0)).graph(tmp_path)
        found = nearest(graph, at((100, 30), (100, 0)), [at((400, 20)), at((900, 0))])

        assert metres(found) == [350, 320]
        assert found.target.tolist() == [0, 0]
        np.testing.assert_allclose(found.minutes, found.distance_m / WALK_MPS / 60)

    def test_a_target_on_the_same_street_is_walked_to_directly(self, tmp_path):
        graph = Town().way((0, 0), (1000, 0)).graph(tmp_path)
        targets = at((300, 0), (310, 40), (800, 0), (820, 0))
        found = nearest(graph, at((290, 0), (305, 0), (600, 0), (811, 0), (990, 0)), targets)

        assert found.target.tolist() == [0, 0, 2, 3, 3]
        assert metres(found) == [10, 5, 200, 9, 170]

    def test_a_nearer_one_on_the_same_street_may_be_farther_from_it(self, tmp_path):
        graph = Town().way((0, 0), (1000, 0)).graph(tmp_path)
        found = nearest(graph, at((500, 0)).reshape(1, 2), at((500, 200), (600, 0)))

        assert (found.target.tolist(), metres(found)) == ([1], [100])

    def test_of_two_ways_between_two_corners_the_shorter_counts(self, tmp_path):
        town = Town().way((0, 0), (100, 0)).way((0, 0), (0, 300), (100, 300), (100, 0))
        graph = town.way((100, 0), (200, 0)).way((-100, 0), (0, 0)).graph(tmp_path)

        assert metres(nearest(graph, [at((-100, 0))], [at((200, 0))])) == [300]

    def test_no_way_is_no_number(self, tmp_path):
        town = Town().way((0, 0), (3000, 0)).way((0, 1000), (3000, 1000))
        found = nearest(town.graph(tmp_path), at((5, 0), (5, 500)), [at((5, 1000))])

        assert found.target.tolist() == [-1, -1]
        assert metres(found) == [None, None]
        assert np.isnan(found.minutes).all()

    def test_no_targets_and_no_origins_are_no_ways(self, tmp_path):
        graph = Town().way((0, 0), (100, 0)).graph(tmp_path)

        assert nearest(graph, [at((0, 0))], []).target.tolist() == [-1]
        assert len(nearest(graph, [], [at((0, 0))]).minutes) == 0

    def test_a_missing_place_does_not_disturb_the_others(self, tmp_path):
        graph = Town().way((0, 0), (100, 0)).graph(tmp_path)
        found = nearest(graph, [at((0, 0)), (np.nan, 41.8)], [(123.4, np.nan), at((100, 0))])

        assert found.target.tolist() == [1, -1]

    def test_farther_than_asked_for_is_no_way(self, tmp_path):
        graph = Town().way((0, 0), (1000, 0)).graph(tmp_path)
        origins, target = at((74, 0), (76, 0), (0, 1)), [at((0, 0))]

        assert metres(nearest(graph, origins, target, within_min=1)) == [74, None, 1]

    def test_one_walks_against_one_ways(self, tmp_path):
        town = Town().way((0, 0), (100, 0), highway="residential", oneway="yes")

        assert metres(nearest(town.graph(tmp_path), [at((100, 0))], [at((0, 0))])) == [100]

    def test_nobody_walks_on_a_motorway(self, tmp_path):
        town = Town().way((0, 0), (100, 0)).way((100, 0), (200, 0), highway="motorway")
        graph = town.way((200, 0), (300, 0)).graph(tmp_path)

        assert nearest(graph, [at((0, 0))], [at((300, 0))]).target.tolist() == [-1]

    @settings(max_examples=150, deadline=None)
    @given(towns(), places, places)
    def test_it_is_what_a_search_over_everything_finds(self, graph, origins, targets):
        starts, ends = (join(graph, *at(*spots, (0, 0))[:-1].T) for spots in (origins, targets))
        found = nearest(graph, starts, ends)
        everything = by_search_over_everything(graph, starts, ends)
        best = everything.min(axis=1)

        assert (found.target >= 0).tolist() == np.isfinite(best).tolist()
        known = found.target >= 0
        np.testing.assert_allclose(found.distance_m[known], best[known], atol=1e-3)
        chosen = everything[np.flatnonzero(known), found.target[known]]
        np.testing.assert_allclose(chosen, best[known], atol=1e-3)


class TestDurations:
    def test_they_lead_from_one_place_to_each(self, tmp_path):
        graph = Town().way((0, 0), (1000, 0), (1000, 500)).graph(tmp_path)
        told = durations(graph, at((100, 0)), at((100, 30), (1000, 200), (0, 0), (0, 900)))

        assert metres(told) == [30, 1100, 100, None]

    def test_there_is_as_far_as_back(self, extract):
        graph = extract("helsinki.osm.pbf")
        chance = np.random.default_rng(2)
        some = graph.shape[chance.integers(0, len(graph.shape), 40)]
        there = np.array([durations(graph, place, some).distance_m for place in some])

        np.testing.assert_allclose(there, there.T, atol=1e-6)

    @pytest.mark.parametrize("origins", [[], [(123.43, 41.8), (123.44, 41.8)]])
    def test_they_start_at_one_place(self, tmp_path, origins):
        graph = Town().way((0, 0), (100, 0)).graph(tmp_path)

        with pytest.raises(ValueError, match=str(len(origins))):
            durations(graph, origins, [at((0, 0))])

    def test_they_are_those_of_nearest(self, extract):
        graph = extract("wuhan.osm.pbf")
        chance = np.random.default_rng(3)
        some = graph.shape[chance.integers(0, len(graph.shape), 60)]
        each = np.array([durations(graph, place, some[:20]).distance_m for place in some])
        found = nearest(graph, some, some[:20])

        best = np.where(np.isnan(each), np.inf, each).min(axis=1)
        told = np.where(found.target < 0, np.inf, found.distance_m)
        np.testing.assert_allclose(told, best, atol=1e-3)


class TestClosures:
    @pytest.fixture
    def graph(self, tmp_path):
        # A ring: 100 m to the east, or 500 m round by the north.
        return (
            Town()
            .way((0, 0), (100, 0))
            .way((0, 0), (0, 200), (100, 200), (100, 0))
            .way((-50, 0), (0, 0))
            .way((100, 0), (150, 0))
            .graph(tmp_path)
        )

    def test_a_closed_street_is_walked_round(self, graph):
        start, end = at((-50, 0)), at((150, 0))
        closed = graph.closed_by([shapely.Point(*at((50, 0)))])

        assert metres(durations(graph, start, [end])) == [200]
        assert metres(durations(graph, start, [end], closed=closed)) == [600]
        assert metres(nearest(graph, [start], [end], closed=closed)) == [600]

    def test_nobody_leaves_or_enters_a_closed_street(self, graph):
        closed = graph.closed_by([shapely.Point(*at((50, 0)))])
        shut_in, free = at((40, 0)), at((-50, 0))

        assert metres(durations(graph, shut_in, [free], closed=closed)) == [None]
        assert metres(durations(graph, free, [shut_in], closed=closed)) == [None]
        assert nearest(graph, [free], [shut_in, free], closed=closed).target.tolist() == [1]

    def test_who_stands_where_a_closed_street_ends_goes_on_by_an_open_one(self, graph):
        closed = graph.closed_by([shapely.Point(*at((50, 0)))])
        free = at((-50, 0))

        for corner, walked in (((0.8, -5), [56]), ((2, -5), [None]), ((99.5, -5), [555])):
            assert metres(durations(graph, at(corner), [free], closed=closed)) == walked
            assert metres(durations(graph, free, [at(corner)], closed=closed)) == walked
            assert metres(nearest(graph, [at(corner)], [free], closed=closed)) == walked

    def test_joins_of_open_streets_stay_as_they_are(self, graph):
        joins = join(graph, *at((0.4, 0), (40, 0), (5000, 5000)).T)
        usable = ~graph.closed_by([shapely.Point(*at((50, 0)))])

        moved = standing(graph, joins, usable)

        assert moved.edge.tolist()[1:] == joins.edge.tolist()[1:]
        assert usable[moved.edge[0]]
        assert standing(graph, joins, np.ones(graph.edges, dtype=bool)).edge.tolist() == (
            joins.edge.tolist()
        )

    def test_when_all_is_closed_there_is_no_way(self, graph):
        closed = np.ones(graph.edges, dtype=bool)

        assert metres(durations(graph, at((-50, 0)), [at((150, 0))], closed=closed)) == [None]


def test_threads_share_a_fresh_graph(extract):
    graph = replace(extract("helsinki.osm.pbf"))
    chance = np.random.default_rng(4)
    some = graph.shape[chance.integers(0, len(graph.shape), 200)]
    alone = nearest(extract("helsinki.osm.pbf"), some, some[:9]).distance_m

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: nearest(graph, some, some[:9]).distance_m, range(40)))

    for answer in told:
        np.testing.assert_array_equal(answer, alone)


@pytest.mark.parametrize("name", ["helsinki.osm.pbf", "shanghai.osm"])
def test_the_engine_agrees(extract, shared_data, tmp_path, name):
    graph, actor = extract(name), engine(shared_data / "osm" / name, tmp_path)
    chance = np.random.default_rng(5)
    nodes = chance.choice(graph.largest_component(), (300, 2))
    starts, ends = (np.column_stack((graph.lon[n], graph.lat[n])) for n in nodes.T)
    differences, lost = [], 0
    for start, end in zip(starts, ends, strict=True):
        own = float(durations(graph, start, [end]).minutes[0])
        way = ask(actor, start, end, strays=False)
        if way is None or own < 1:
            lost += way is None
            continue
        differences.append(abs(way["time"] / 60 / own - 1))

    assert ENGINE_OPTIONS["walking_speed"] == pytest.approx(WALK_MPS * 3.6)
    assert lost <= 3
    assert np.median(differences) <= 0.03
    assert np.percentile(differences, 95) <= 0.10


class TestWithin:
    def test_it_pairs_what_is_near_enough_by_origin_and_target(self, tmp_path):
        graph = Town().way((0, 0), (1000, 0), (1000, 500)).graph(tmp_path)
        origins, targets = at((100, 0), (0, 900), (1000, 100)), at((160, 10), (100, 0), (990, 0))
        near = within(graph, origins, targets, 2)

        assert list(zip(near.origin.tolist(), near.target.tolist(), strict=True)) == [
            (0, 0),
            (0, 1),
            (2, 2),
        ]
        np.testing.assert_allclose(near.distance_m, [70, 0, 110], atol=0.5)
        np.testing.assert_allclose(near.minutes, near.distance_m / WALK_MPS / 60)

    def test_nothing_is_near_nothing(self, tmp_path):
        graph = Town().way((0, 0), (100, 0)).graph(tmp_path)

        assert len(within(graph, [at((0, 0))], [], 5)) == 0
        assert len(within(graph, [], [at((0, 0))], 5)) == 0
        assert len(within(graph, [(np.nan, 41.8)], [at((0, 0))], 5)) == 0

    def test_it_goes_round_what_is_closed(self, tmp_path):
        town = Town().way((0, 0), (100, 0)).way((0, 0), (0, 200), (100, 200), (100, 0))
        graph = town.way((-50, 0), (0, 0)).way((100, 0), (150, 0)).graph(tmp_path)
        closed = graph.closed_by([shapely.Point(*at((50, 0)))])
        places = at((-50, 0), (150, 0), (50, 0))

        open_now = within(graph, places[:1], places[1:], 10)
        round_it = within(graph, places[:1], places[1:], 10, closed=closed)

        np.testing.assert_allclose(open_now.distance_m, [200, 100], atol=0.5)
        assert round_it.target.tolist() == [0]
        np.testing.assert_allclose(round_it.distance_m, [600], atol=0.5)

    @settings(max_examples=100, deadline=None)
    @given(towns(), places, places, st.sampled_from([0.2, 1.0, 2.5, np.inf]))
    def test_it_is_what_a_search_over_everything_finds(self, graph, origins, targets, limit):
        starts, ends = (join(graph, *at(*spots, (0, 0))[:-1].T) for spots in (origins, targets))
        everything = by_search_over_everything(graph, starts, ends)
        near = within(graph, starts, ends, limit)

        told = np.full(everything.shape, np.inf)
        told[near.origin, near.target] = near.distance_m
        assert np.isfinite(near.distance_m).all()
        doubtful = np.isclose(everything, limit * 60 * WALK_MPS, rtol=0, atol=1e-3)
        doubtful &= np.isfinite(everything)
        everything[everything > limit * 60 * WALK_MPS] = np.inf
        np.testing.assert_allclose(told[~doubtful], everything[~doubtful], atol=1e-3)

    def test_a_city_in_tiles_is_what_durations_tell(self, extract):
        graph = extract("wuhan.osm.pbf")
        chance = np.random.default_rng(7)
        some = chance.choice(graph.shape, 3000) + chance.normal(0, 3e-4, (3000, 2))
        near = within(graph, some, some[:150], 20)

        assert len(near) > 1000
        for target in range(0, 150, 10):
            alone = durations(graph, some[target], some, within_min=20)
            rows = np.flatnonzero(np.isfinite(alone.distance_m))
            assert near.origin[near.target == target].tolist() == rows.tolist()
            told = near.distance_m[near.target == target]
            np.testing.assert_allclose(told, alone.distance_m[rows], atol=1e-6)

    def test_the_nearest_of_them_is_the_nearest_to_the_last_digit(self, extract):
        graph = extract("helsinki.osm.pbf")
        chance = np.random.default_rng(8)
        some = chance.choice(graph.shape, 500) + chance.normal(0, 3e-4, (500, 2))
        near = within(graph, some[20:], some[:20], 15)
        best = np.full(480, np.inf)
        np.minimum.at(best, near.origin, near.distance_m)
        told = nearest(graph, some[20:], some[:20], within_min=15).distance_m

        apart = join(graph, *some.T).edge
        elsewhere = ~np.isin(apart[20:], apart[:20])
        assert np.isinf(best[np.isnan(told)]).all()
        rows = elsewhere & np.isfinite(told)
        assert (best[rows] == told[rows]).all()

    def test_what_else_is_asked_about_changes_no_digit(self, extract):
        graph = extract("helsinki.osm.pbf")
        chance = np.random.default_rng(9)
        some = chance.choice(graph.shape, 400) + chance.normal(0, 3e-4, (400, 2))
        whole = within(graph, some, some[:40], 10)
        part = within(graph, some[:100], some[:40], 10)

        inside = whole.origin < 100
        assert (whole.origin[inside] == part.origin).all()
        assert (whole.target[inside] == part.target).all()
        assert (whole.distance_m[inside] == part.distance_m).all()
