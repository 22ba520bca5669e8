"""Who helps by car, on a piece of a real city with one-way streets."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from geodata import emergency, merchants, scenarios
from geodata.emergency import Question
from geodata.errors import NotFound
from geodata.modes import Mode
from geodata.roads import Roads, Shelf
from geodata.roads.building import build
from geodata.roads.extract import Clip
from geodata.scenarios import Direction
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


@pytest.fixture
def clinics(store):
    chance = np.random.default_rng(3)
    lon, lat = chance.uniform(WEST, EAST, 40).round(7), chance.uniform(SOUTH, NORTH, 40).round(7)
    places = zip(lon.tolist(), lat.tolist(), strict=True)
    rows = [
        {"name": f"诊所{i}", "category": "clinic", "lon": lon, "lat": lat}
        for i, (lon, lat) in enumerate(places)
    ]
    with store.writing() as tx:
        merchants.merge(tx, merchants_frame(*rows), actor=ADMIN)


def ask(store, streets, direction):
    with store.reading() as tx:
        medical = replace(scenarios.get(tx, "medical"), direction=direction)
        question = Question(HERE, medical, NOW, (Mode.CAR,), around=False)
        return emergency.answer(tx, streets, question, actor=ADMIN)


@pytest.mark.usefixtures("clinics")
@pytest.mark.parametrize("direction", list(Direction))
def test_each_is_told_the_time_of_the_way_that_is_driven(store, streets, direction):
    told = ask(store, streets, direction).helpers

    assert len(told) >= 6
    for one in told:
        shop = one.row.lon, one.row.lat
        ends = (shop, HERE) if direction is Direction.COME else (HERE, shop)
        way = streets.router.route(*ends, Mode.CAR, passes=False)
        assert one.duration_s == pytest.approx(way.duration_s, rel=0.1, abs=8)
    told_s = [one.duration_s for one in told]
    assert told_s == pytest.approx(sorted(told_s), abs=8)


@pytest.mark.usefixtures("clinics")
def test_nobody_much_nearer_is_passed_over(store, streets):
    told = ask(store, streets, Direction.COME).helpers

    with store.reading() as tx:
        rows = tx.rows("merchant", columns=("id", "lon", "lat"))
    others = [row for row in rows if row["id"] not in {one.row.id for one in told}]
    for row in others:
        try:
            way = streets.router.route((row["lon"], row["lat"]), HERE, Mode.CAR, passes=False)
        except NotFound:
            continue
        assert way.duration_s > 0.75 * max(one.duration_s for one in told)
