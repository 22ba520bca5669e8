"""Where the next merchant would help most, against every choice and a search over everything."""

from datetime import UTC, datetime
from itertools import combinations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geodata import categories, closures, siting
from geodata.errors import Forbidden, Invalid, NotFound, Unavailable
from geodata.modes import WALK_MPS
from geodata.policy import Actor, Role
from geodata.siting import Asked, Best, Objective, Weight, places
from geodata.walking import join
from tests.factories import ADMIN, drawing
from tests.geodata.matrix.neighbourhood import neighbourhoods
from tests.geodata.matrix.town import EAST, STREET, WEST, house, place, settle, shop, streets
from tests.geodata.siting.test_search import searched
from tests.geodata.walking.test_search import by_search_over_everything
from tests.geodata.walking.town import at as metres_at

NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)
ROADS = streets()


def here(gains, count, **_):
    """Search in this process, which spares the start of another."""
    if not len(gains.gain):
        return Best([], 0.0, 0.0)
    found = searched(gains, count)
    return Best(found.chosen.tolist(), found.value, found.bound)


@pytest.fixture(autouse=True, scope="module")
def _in_this_process():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("geodata.siting.answering.best", here)
        yield


@pytest.fixture
def town(store):
    settle(store)
    for minutes, households in ((2, 10), (6, 30), (12, 20), (24, 5), (26, 40)):
        house(store, minutes, households)
    shop(store, 0)
    return store


def ask(store, actor=ADMIN, at=NOW, **asked):
    told = Asked(**({"area": STREET, "category": "clinic", "minutes": 5} | asked))
    with store.reading() as tx:
        case = siting.gather(tx, ROADS, told, at=at, actor=actor)
    return siting.answer(case)


def minutes_east(found):
    """Return how many minutes from the western end of the street the places are."""
    west, east = place(0)["lon"], place(1)["lon"]
    return [round((lon - west) / (east - west), 1) for lon in found.places["lon"]]


class TestCovering:
    def test_the_place_near_most_who_have_none_comes_first(self, town):
        found = ask(town, count=2)

        assert found.places["gained"].tolist() == [45, 30]
        assert found.places["rank"].tolist() == [1, 2]
        assert found.before.near == 10
        assert (found.after.near, found.after.people, found.proven) == (85, 105, True)

    def test_one_that_helps_nobody_is_not_proposed(self, town):
        found = ask(town, count=9)

        assert found.places["gained"].tolist() == [45, 30, 20]
        assert found.after.share == 1.0

    def test_residents_may_count_instead(self, town):
        found = ask(town, weight=Weight.RESIDENTS)

        assert found.places["gained"].tolist() == [90]
        assert found.after.people == 210

    def test_who_has_one_counts_for_nothing(self, town):
        shop(town, 25)

        assert ask(town).places["gained"].tolist() == [30]

    def test_an_area_counts_its_homes_and_its_neighbours_merchants(self, town):
        shop(town, 21)
        found = ask(town, area=WEST, minutes=9.5)

        assert found.homes["id"].size == 3
        assert found.before.near == 60
        assert found.places.empty
        assert found.proven

    def test_given_points_are_all_there_is_to_choose_from(self, town):
        far_away, *points = (tuple(place(minutes).values()) for minutes in (900, 16, 24))
        found = ask(town, points=(far_away, *points))

        assert (found.places["given"].tolist(), found.places["near"].tolist()) == ([2], [""])
        assert (found.places_tried, found.spacing_m) == (2, None)
        with pytest.raises(Invalid, match="siting_no_places"):
            ask(town, points=(far_away,))

    def test_a_place_in_the_streets_is_in_front_of_a_home(self, town):
        found = ask(town)

        assert found.places["near"].tolist() in (["24号楼"], ["26号楼"])
        assert found.spacing_m == 50


class TestWalking:
    def test_it_is_where_people_save_most_minutes(self, town):
        found = ask(town, objective=Objective.WALK)

        assert minutes_east(found) == [26]
        now = (10 * 2 + 30 * 6 + 20 * 12 + 5 * 24 + 40 * 26) / 105
        saved = (5 * 22 + 40 * 26) / 105
        assert found.before.mean_min == pytest.approx(now, rel=1e-3)
        assert found.places["saved_min"].tolist() == pytest.approx([saved], rel=1e-3)
        assert found.after.mean_min == pytest.approx(found.before.mean_min - saved, rel=1e-3)
        assert found.places["served"].tolist() == [45]

    def test_where_there_is_none_everybody_walks_as_far_as_counts(self, town):
        found = ask(town, category="repair", objective=Objective.WALK)

        assert (found.before.mean_min, found.before.beyond, found.before.near) == (30, 105, 0)
        assert found.homes["before"].isna().all()
        assert found.after.beyond == 0

    def test_what_each_saves_adds_up(self, town):
        found = ask(town, objective=Objective.WALK, count=4)

        saved = found.before.mean_min - found.after.mean_min
        assert found.places["saved_min"].sum() == pytest.approx(saved)
        assert found.places["gained"].sum() == found.after.near - found.before.near
        assert found.places["saved_min"].is_monotonic_decreasing


class TestHonesty:
    def test_homes_off_the_network_are_counted_apart(self, town):
        lon, lat = metres_at((225, 2000)).tolist()
        house(town, 3, 1000, "山上", lon=lon, lat=lat)
        house(town, 4, None, "没人数过")
        found = ask(town, count=2)

        assert (found.off_network, found.unknown, found.after.people) == (1, 1, 105)
        assert found.homes.set_index("name").loc["山上", "off_network"]

    def test_without_anybody_there_is_nothing_to_choose(self, store):
        settle(store)
        with pytest.raises(Invalid, match="siting_no_homes"):
            ask(store, area=EAST)
        house(store, 30, 0)
        with pytest.raises(Invalid, match="siting_no_homes"):
            ask(store, area=EAST)

    def test_too_many_homes_are_refused(self, town, monkeypatch):
        monkeypatch.setattr("geodata.siting.case.MOST_HOMES", 4)
        with pytest.raises(Invalid, match="siting_too_many_homes") as caught:
            ask(town)
        assert caught.value.details == {"homes": 5, "most": 4}

    def test_closed_streets_are_gone_round_where_that_is_asked(self, town):
        with town.writing() as tx:
            closures.draw(tx, drawing(shapely.Point(metres_at((4 * 75 + 30, 0)))), actor=ADMIN)

        now = {"at": datetime.now(UTC), "objective": Objective.WALK}
        assert ask(town, **now).before.mean_min < ask(town, closures=True, **now).before.mean_min

    @pytest.mark.parametrize(
        "wrong",
        [{"count": 0}, {"count": 11}, {"minutes": 0}, {"minutes": 31}, {"points": ((200, 0),)}],
    )
    def test_what_makes_no_sense_is_refused(self, town, wrong):
        with pytest.raises(Invalid, match="siting_invalid") as caught:
            ask(town, **wrong)
        assert caught.value.details == dict.fromkeys(wrong, "range")

    def test_an_area_or_a_category_that_is_not_there_is_not_found(self, town):
        with pytest.raises(NotFound, match="area_not_found"):
            ask(town, area="210103007000")
        with pytest.raises(NotFound, match="category_not_found"):
            ask(town, category="bank")

    def test_of_a_hidden_category_it_is_not_told_that_nobody_has_one(self, town):
        with town.writing() as tx:
            categories.edit(tx, "clinic", {"hidden": True}, version=1, actor=ADMIN)
        with pytest.raises(NotFound, match="category_not_found"):
            ask(town)

    def test_it_is_for_staff_of_the_area(self, town):
        for actor in (Actor("r", Role.RESIDENT), Actor("w", Role.WORKER, "210104")):
            with pytest.raises(Forbidden):
                ask(town, actor=actor)
        assert len(ask(town, actor=Actor("w", Role.WORKER, "210103006")).places) == 1

    def test_without_streets_it_is_not_told(self, town):
        with town.reading() as tx, pytest.raises(Unavailable, match="streets_missing"):
            siting.gather(tx, None, Asked(STREET, "clinic"), at=NOW, actor=ADMIN)

    def test_a_question_survives_being_written_down(self):
        asked = Asked(
            STREET,
            "clinic",
            3,
            Objective.WALK,
            Weight.RESIDENTS,
            10,
            ((1.0, 2.0),),
            closures=True,
        )

        assert Asked.of(asked.document()) == asked


def test_places_are_farther_apart_where_homes_are_many():
    chance = np.random.default_rng(1)
    homes = join(ROADS.graph, *chance.choice(ROADS.graph.shape, 400).T)
    rows, side = places.in_streets(ROADS.graph, homes, np.ones(400), most=20)

    assert 10 <= len(rows) <= 20
    assert side > 50
    assert (np.diff(rows) > 0).all()


def test_a_square_has_its_place_where_most_people_come_out():
    at = [place(6), place(6.05)]
    homes = join(ROADS.graph, *([one[name] for one in at] for name in ("lon", "lat")))

    for weight, row in (([1.0, 9.0], 1), ([9.0, 1.0], 0)):
        assert places.in_streets(ROADS.graph, homes, np.array(weight))[0].tolist() == [row]


@pytest.mark.parametrize("gain, gap", [(1 - 1e-6, 0.0), (0.99, 0.01)])
def test_what_the_solver_reckons_no_finer_is_no_gap(town, monkeypatch, gain, gap):
    def found(gains, _count, **_):
        return Best([int(gains.place[0])], gain, 1.0)

    monkeypatch.setattr("geodata.siting.answering.best", found)

    assert ask(town).gap == pytest.approx(gap)
    assert ask(town).proven == (gap == 0)


def test_with_very_many_walks_there_are_fewer_places(monkeypatch, town):
    monkeypatch.setattr("geodata.siting.case._MOST_PAIRS", 3)
    monkeypatch.setattr("geodata.siting.case._FEWEST", 2)

    assert ask(town, category="repair", objective=Objective.WALK).places_tried == 2
    assert ask(town, category="repair").places_tried == 5


def frame_of(drawn):
    lon, lat = np.reshape(drawn.homes, (-1, 2)).T
    size = len(lon)
    told = {"id": [str(row) for row in range(size)], "name": [""] * size, "lon": lon, "lat": lat}
    told |= {"households": drawn.households, "residents": drawn.residents}
    return gpd.GeoDataFrame(told, geometry=gpd.points_from_xy(lon, lat), crs=4326)


@settings(max_examples=80, deadline=None)
@given(neighbourhoods(), st.integers(1, 3), st.sampled_from(Objective), st.sampled_from([2, 4, 9]))
def test_no_choice_of_places_would_be_better(drawn, count, objective, minutes):
    graph, shops = drawn.graph, np.reshape(drawn.merchants, (-1, 2))
    homes, today = (join(graph, *np.reshape(some, (-1, 2)).T) for some in (drawn.homes, shops))
    weight = np.array(drawn.households, dtype=float) * (homes.edge >= 0)
    assume(weight.any())
    asked = Asked("", "clinic", count, objective, minutes=minutes)
    case = siting.measure(graph, asked, frame_of(drawn), shops, None)
    found = siting.answer(case)

    metres = [by_search_over_everything(graph, homes, today).min(axis=1, initial=np.inf)]
    metres.append(
        by_search_over_everything(graph, homes, places.at_the_street(join(graph, *case.spots.T)))
    )
    now, walks = (np.minimum(some / WALK_MPS / 60, 30.0) for some in metres)
    assume(not np.isclose(walks, minutes, atol=1e-3).any())
    assume(not np.isclose(now, minutes, atol=1e-3).any())

    def worth(chosen):
        then = np.minimum(now, walks[:, list(chosen)].min(axis=1, initial=np.inf))
        if objective is Objective.COVER:
            return weight[then <= minutes].sum()
        return -(weight * then).sum()

    size = len(case.spots)
    most = max(worth(some) for some in combinations(range(size), min(count, size)))
    cover = objective is Objective.COVER
    told = found.after.near if cover else -found.after.mean_min * weight.sum()
    assert told == pytest.approx(most, rel=1e-4, abs=1e-4)
    assert found.proven
    assert found.after.near >= found.before.near
    assert found.after.mean_min <= found.before.mean_min + 1e-9
    assert found.before.mean_min == pytest.approx((weight * now).sum() / weight.sum(), rel=1e-4)
