"""Ways past very many closures, most of which the engine is never told of."""

from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from geodata import closures
from geodata.errors import NotFound
from geodata.modes import Mode
from geodata.roads import Streets
from geodata.routing import Local, Router, barred, passing
from tests.factories import ADMIN, drawing
from tests.geodata.routing.conftest import at
from tests.geodata.routing.counting import Counting

FAR = [shapely.Point(at(x, -5000 - y)) for x in range(0, 600, 50) for y in range(0, 90, 10)]


@pytest.fixture
def engine(tiles):
    return Counting(Local(tiles))


@pytest.fixture
def router(engine, graph):
    return Router(engine, graph)


@pytest.fixture
def shortsighted(monkeypatch):
    """Let as many closures be left out as can be."""
    for name, value in (("_FEW", 0), ("_LEAST_DEG", 1e-5), ("_AROUND", 0.0), ("_BESIDE_DEG", 0.0)):
        monkeypatch.setattr(passing, name, value)


def way(router, start, end, mode, closed):
    try:
        return router.route(start, end, mode, closures=closed, passes=False)
    except NotFound:
        return None


def test_the_engine_is_told_of_those_around_only(router, engine):
    here = shapely.Point(at(250, 0))

    found = router.route(at(100, 0), at(300, 0), closures=[*FAR, here, *FAR])

    assert (engine.areas, engine.ways) == (1, 1)
    assert found.line == router.route(at(100, 0), at(300, 0), closures=[here]).line


@pytest.mark.usefixtures("shortsighted")
@pytest.mark.parametrize("mode", list(Mode))
def test_a_way_is_the_one_that_obeys_all_of_them(router, engine, graph, monkeypatch, mode):
    chance = np.random.default_rng(11)
    several = ways = none = 0
    for _ in range(60):
        start, end = (at(*chance.uniform((0, 0), (600, 400))) for _ in range(2))
        streets = chance.choice(graph.lines, 4)
        closed = barred(list(shapely.line_interpolate_point(streets, 0.4, normalized=True)))
        engine.ways = 0
        found = way(router, start, end, mode, closed)
        assert engine.ways <= passing.TRIES + 1
        several += engine.ways > 1
        with monkeypatch.context() as told:
            told.setattr(passing, "TRIES", 0)
            whole = way(router, start, end, mode, closed)

        assert (found is None) == (whole is None)
        if found is None:
            none += 1
            continue
        ways += 1
        assert found.duration_s == pytest.approx(whole.duration_s, abs=1)
        assert not closed.met_by(found.line)
    assert min(several, ways, none) > 1


@pytest.mark.usefixtures("shortsighted")
def test_a_detour_into_one_that_was_left_out_is_asked_for_again(router, engine):
    start, end = at(100, 0), at(300, 400)
    west, east = (shapely.Point(at(east_m, 300)) for east_m in (0, 600))

    found = router.routes(start, end, closures=[*FAR, west])

    assert engine.ways > 1
    assert not any(one.line.dwithin(west, 4e-5) for one in found)
    with pytest.raises(NotFound, match="no_route"):
        router.route(start, end, closures=[*FAR, west, east])


@pytest.mark.usefixtures("shortsighted")
def test_a_closed_far_end_of_the_street_on_which_one_stands_counts(router):
    with pytest.raises(NotFound, match="no_route"):
        router.route(at(310, 400), at(320, 400), closures=[*FAR, shapely.Point(at(590, 400))])


@pytest.mark.usefixtures("shortsighted")
def test_of_what_closes_a_street_at_a_corner_where_one_stands_the_engine_is_told_at_once(
    router, engine
):
    far_end = shapely.Point(at(0, 210))

    router.route(at(0, 400), at(290, 400), closures=[*FAR, far_end])

    assert (engine.areas, engine.ways) == (1, 1)


def test_a_hundred_outlines_of_a_thousand_corners_leave_the_ways_on(store, router, graph):
    chance = np.random.default_rng(3)
    angles = np.linspace(0, 2 * np.pi, 999, endpoint=False)
    middles = [(300.0, -300.0), *chance.uniform((-900, 600), (900, 2000), (99, 2))]
    with store.writing() as tx:
        for middle in middles:
            radius = 100 + chance.normal(0, 0.2, 999)
            ring = np.column_stack((np.cos(angles), np.sin(angles))) * radius[:, None] + middle
            shape = shapely.Polygon([at(*spot) for spot in ring])
            closures.draw(tx, drawing(shape), actor=ADMIN)
        found = closures.in_force(tx, datetime.now(UTC))
    closed = closures.barring(Streets(router, graph=graph), found)

    assert len(found) == 100
    assert shapely.count_coordinates(closed.areas) < 100 * 300
    assert router.route(at(0, 0), at(600, 0), closures=closed).distance_m > 600
    assert np.isfinite(router.matrix([at(0, 0)], [at(600, 0)], closures=closed).duration_s).all()
