"""Where on the streets the engine is asked, and what is kept of it."""

import numpy as np
import pytest
import shapely

from geodata.errors import NotFound
from geodata.modes import Mode
from geodata.routing import Local, Router, stops
from tests.geodata.routing.conftest import at
from tests.geodata.routing.counting import Counting

START, END = at(100, 0), at(300, 0)


def test_a_place_is_looked_up_once_where_streets_stay_as_they_are(tiles, graph):
    engine = Counting(Local(tiles))
    router = Router(engine, graph)

    first = router.route(START, END, passes=False)
    table = router.matrix([START], [END])

    assert engine.looked_up == 2
    assert router.route(START, END, passes=False) == first
    assert table.duration_s[0, 0] == pytest.approx(first.duration_s, abs=1)


def test_an_engine_whose_streets_may_change_is_asked_each_time(tiles, graph):
    engine = Counting(Local(tiles), steady=False)
    router = Router(engine, graph)

    for _ in range(2):
        router.route(START, END, passes=False)

    assert engine.looked_up == 4


def test_a_mode_and_a_direction_are_looked_up_apart(tiles, graph):
    engine = Counting(Local(tiles))
    router = Router(engine, graph)

    asked = []
    for ends, mode in (
        ((START, END), Mode.CAR),
        ((END, START), Mode.CAR),
        ((START, END), Mode.BIKE),
    ):
        for _ in range(2):
            router.route(*ends, mode, passes=False)
            asked.append(engine.looked_up)

    assert asked[0] == asked[1] < asked[2] == asked[3] < asked[4] == asked[5]


def test_a_street_that_is_closed_meanwhile_shuts_in_who_was_looked_up_before(tiles, graph):
    router = Router(Counting(Local(tiles)), graph)
    router.route(START, END, passes=False)

    with pytest.raises(NotFound, match="no_route"):
        router.route(START, END, closures=[shapely.Point(START)], passes=False)
    assert router.route(START, END, passes=False)


def test_places_beyond_what_is_kept_are_looked_up_again_and_found_alike(tiles, graph, monkeypatch):
    monkeypatch.setattr(stops, "_KEPT", 3)
    engine = Counting(Local(tiles))
    router = Router(engine, graph)
    places = np.array([at(x, 0) for x in range(50, 350, 50)])

    tables = [router.matrix(places[:1], places[1:]).duration_s for _ in range(2)]
    router.matrix(places[:2], places[2:4])

    assert (tables[0] == tables[1]).all()
    assert engine.looked_up > len(places)
