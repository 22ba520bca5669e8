"""Who is left out: the worst first, nobody dropped, and for staff of the area only."""

import numpy as np
import pytest

from geodata import matrix
from geodata.errors import Forbidden, NotFound, Unavailable
from geodata.matrix import Asked
from geodata.policy import RESIDENT, Actor, Role
from tests.factories import ADMIN, WORKER
from tests.geodata.matrix.town import EAST, WEST, house, settle, shop, streets
from tests.geodata.walking.town import at

FAR = Actor("far", Role.WORKER, "210106")


@pytest.fixture(scope="module")
def roads():
    return streets()


@pytest.fixture
def town(store):
    settle(store)
    shop(store, 0)
    house(store, 2, 10, elders_alone=1)
    house(store, 12, 20, elders_alone=2)
    house(store, 18, 90, elders_alone=2)
    house(store, 25, 40)
    house(store, 30, 40)
    lon, lat = at((600, 1_300)).tolist()
    house(store, 0, 7, name="远", lon=lon, lat=lat, elders_alone=7)
    return store


def ask(store, roads, within_min=10.5, *, actor=ADMIN, category="clinic", **asked):
    with store.reading() as tx:
        return matrix.left_out(tx, roads, Asked(**asked), category, within_min, actor=actor)


def test_the_worst_come_first_and_what_is_not_known_last(town, roads):
    found = ask(town, roads)

    assert found["name"].tolist() == ["18号楼", "12号楼", "30号楼", "25号楼", "远"]
    assert found["minutes"].round(3).tolist()[:4] == [18, 12, 30, 25]
    assert found["off_network"].tolist() == [False] * 4 + [True]
    assert found.geometry.geom_type.eq("Point").all()


def test_sums_leave_out_what_is_off_the_network_and_say_so(town, roads):
    told = ask(town, roads).attrs

    assert {name: told[name] for name in told["of"]} == {
        "homes": 4,
        "households": 190,
        "elders_alone": 4,
        "off_network": 1,
    }
    assert told["of"] == {"homes": 5, "households": 200, "elders_alone": 5, "off_network": 1}


def test_who_is_near_enough_is_not_left_out(town, roads):
    assert ask(town, roads, 30)["name"].tolist() == ["远"]


def test_what_nobody_reaches_leaves_everybody_out(town, roads):
    found = ask(town, roads, category="repair")

    assert len(found) == 6
    assert np.isnan(found["minutes"]).all()


def test_only_homes_inside_the_parent_are_told(town, roads):
    assert ask(town, roads, parent=EAST)["name"].tolist() == ["30号楼", "25号楼"]


def test_it_is_for_staff_of_the_area(town, roads):
    assert len(ask(town, roads, actor=WORKER, parent=WEST)) == 3
    for actor, parent in ((RESIDENT, WEST), (FAR, WEST), (WORKER, "")):
        with pytest.raises(Forbidden):
            ask(town, roads, actor=actor, parent=parent)


def test_what_cannot_be_told_is_refused(town, roads):
    with pytest.raises(NotFound, match="category_not_found"):
        ask(town, roads, category="castle")
    with pytest.raises(Unavailable, match="streets_missing"):
        ask(town, None)


def test_walks_tell_of_every_home_in_the_order_in_which_they_came(town, roads):
    with town.reading() as tx:
        found = matrix.walks(tx, roads, Asked(parent=WEST, categories=("clinic",)))

    assert found["name"].tolist() == ["2号楼", "12号楼", "18号楼", "远"]
    assert found["clinic"].round(3).tolist()[:3] == [2, 12, 18]
    assert found["households"].tolist() == [10, 20, 90, 7]
    assert found.attrs["categories"] == ["clinic"]


def test_a_grid_has_walks_too(town, roads):
    with town.reading() as tx:
        found = matrix.walks(tx, roads, Asked(parent=WEST + "001"))

    assert len(found) == 0
