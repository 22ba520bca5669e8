"""The matrix of a store: its readings, what it honours, and that no stale figure is shown."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
import shapely

from geodata import closures, homes, matrix, merchants, walking
from geodata.errors import Unavailable
from geodata.hours import SHANGHAI
from geodata.matrix import Added, Asked, Reading
from tests.factories import ADMIN, drawing, homes_frame
from tests.geodata.matrix.town import EAST, STREET, WEST, house, place, settle, shop, streets
from tests.geodata.walking.town import at

NOON = datetime(2026, 11, 25, 12, tzinfo=SHANGHAI)


@pytest.fixture
def town(store):
    settle(store)
    for minutes, households in ((2, 10), (6, 30), (12, 20), (30, 40)):
        house(store, minutes, households)
    shop(store, 0, hours="08:00-20:00")
    shop(store, 19, hours="18:00-22:00")
    shop(store, 31, "repair")
    return store


@pytest.fixture(scope="module")
def roads():
    return streets()


def ask(store, roads, reading, **asked):
    with store.reading() as tx:
        return matrix.read(tx, roads, Asked(**({"level": "community"} | asked)), reading)


def told(table, category="clinic"):
    """Return values by area, None where there is none."""
    values = table[category].astype(float).round(3).tolist()
    return {
        code: None if np.isnan(value) else value
        for code, value in zip(table["code"], values, strict=True)
    }


class TestReadings:
    def test_how_many(self, town):
        assert told(ask(town, None, Reading.COUNT)) == {WEST: 2, EAST: 0}
        assert told(ask(town, None, Reading.COUNT), "repair") == {WEST: 0, EAST: 1}

    def test_how_many_for_each_1000_residents_by_the_sum_of_the_homes(self, town):
        assert told(ask(town, None, Reading.PER_1000)) == {WEST: round(2000 / 120, 3), EAST: 0}

    def test_a_number_of_residents_that_an_area_tells_goes_before(self, town):
        settle_residents(town, WEST, 500)

        assert told(ask(town, None, Reading.PER_1000)) == {WEST: 4, EAST: 0}

    def test_a_home_that_does_not_tell_leaves_no_sum(self, town):
        house(town, 3, None)
        table = ask(town, None, Reading.PER_1000)

        assert told(table) == {WEST: None, EAST: 0}
        assert table["n_unknown"].tolist() == [1, 0]

    def test_minutes_of_the_household_in_the_middle(self, town, roads):
        table = ask(town, roads, Reading.MEDIAN)

        # 10 households walk 2 minutes, 30 walk 6, 20 walk 7.
        assert told(table) == {WEST: 6, EAST: 11}
        assert told(table, "repair") == {WEST: 25, EAST: 1}
        assert table.attrs["whole"]["clinic"] == pytest.approx(7)

    def test_the_share_of_households_that_are_near_enough(self, town, roads):
        assert told(ask(town, roads, Reading.SHARE, minutes=6)) == {
            WEST: round(40 / 60, 3),
            EAST: 0,
        }
        assert told(ask(town, roads, Reading.SHARE, minutes=15)) == {WEST: 1, EAST: 1}

    def test_a_score_is_what_residents_share(self, town, roads):
        table = ask(town, roads, Reading.SCORE, minutes=12)

        # Of 20, 60, 40 and 80 residents the first three reach one clinic, the others the other.
        first, second = 1000 / 120, 1000 / 120
        west = (20 * first + 60 * first + 40 * (first + second)) / 120
        assert told(table) == {WEST: round(west, 3), EAST: round(second, 3)}
        assert table.attrs["whole"]["clinic"] == pytest.approx(2000 / 200)

    def test_half_without_a_way_have_no_median(self, town, roads):
        table = ask(town, roads, Reading.MEDIAN, away=ids(town))

        assert table["clinic"].tolist() == [np.inf, np.inf]

    def test_each_level_is_told(self, town, roads):
        table = ask(town, roads, Reading.SHARE, level="street", minutes=6)

        assert told(table) == {STREET: 0.4}
        assert (table["n_homes"].tolist(), table["n_households"].tolist()) == ([4], [100])

    def test_a_hidden_category_is_in_no_reading(self, town, roads):
        with town.writing() as tx:
            from geodata import categories  # noqa: PLC0415 - of this test alone

            categories.edit(tx, "clinic", {"hidden": True}, version=1, actor=ADMIN)

        for reading in Reading:
            assert "clinic" not in matrix.categories_of(ask(town, roads, reading))


class TestWhatCannotBeTold:
    def test_an_area_without_homes_says_so(self, store, roads):
        settle(store)
        house(store, 2, 10)
        shop(store, 0)

        for reading in (Reading.PER_1000, *matrix.ON_FOOT):
            table = ask(store, roads, reading)
            assert told(table)[EAST] is None
            assert table["n_homes"].tolist() == [1, 0]

    def test_homes_off_the_network_are_told_apart(self, town, roads):
        lon, lat = at((600, 1_300)).tolist()
        house(town, 0, 1_000, name="远", lon=lon, lat=lat)
        before = ask(town, roads, Reading.SHARE, minutes=6)

        assert told(before)[WEST] == round(40 / 60, 3)
        assert before["n_off_network"].tolist() == [1, 0]
        assert before["n_homes"].tolist() == [4, 1]

    def test_homes_outside_all_areas_are_told(self, town, roads):
        lon, lat = at((600, -2_000)).tolist()
        house(town, 0, 5, name="外", lon=lon, lat=lat)

        assert ask(town, roads, Reading.SHARE).attrs["homes_elsewhere"] == 1

    def test_merchants_outside_all_areas_are_told(self, town, roads):
        lon, lat = at((600, -2_000)).tolist()
        shop(town, 0, lon=lon, lat=lat, name="外")

        for reading in Reading:
            assert ask(town, roads, reading).attrs["elsewhere"]["clinic"] == 1

    def test_without_streets_only_what_needs_none_is_told(self, town):
        for reading in Reading:
            if reading in matrix.ON_FOOT:
                with pytest.raises(Unavailable, match="streets_missing"):
                    ask(town, None, reading)
            else:
                assert len(ask(town, None, reading)) == 2

    def test_an_empty_store_has_an_empty_matrix(self, store, roads):
        for reading in Reading:
            assert len(ask(store, roads, reading)) == 0


class TestWhatIsHonoured:
    def test_only_what_is_open_counts_at_a_moment(self, town, roads):
        evening = NOON.replace(hour=21)

        assert told(ask(town, roads, Reading.COUNT, at=NOON)) == {WEST: 1, EAST: 0}
        assert told(ask(town, roads, Reading.MEDIAN, at=NOON)) == {WEST: 6, EAST: 30}
        assert told(ask(town, roads, Reading.MEDIAN, at=evening)) == {WEST: 13, EAST: 11}

    def test_who_is_away_does_not_count(self, town, roads):
        first = ids(town, "clinic 0")

        assert told(ask(town, roads, Reading.COUNT, away=first)) == {WEST: 1, EAST: 0}
        assert told(ask(town, roads, Reading.MEDIAN, away=first)) == {WEST: 13, EAST: 11}

    def test_who_is_added_counts(self, town, roads):
        added = (Added("clinic", *place(29).values()),)

        assert told(ask(town, roads, Reading.COUNT, added=added)) == {WEST: 2, EAST: 1}
        assert told(ask(town, roads, Reading.MEDIAN, added=added)) == {WEST: 6, EAST: 1}

    def test_a_closed_street_is_gone_round(self, town, roads):
        closed = (shapely.Point(*place(4.5).values()),)

        # The second home goes to the other clinic.
        assert told(ask(town, roads, Reading.MEDIAN, closed=closed)) == {WEST: 7, EAST: 11}

    def test_closures_are_obeyed_while_they_are_in_force(self, town, roads):
        shut = drawing(
            shapely.Point(*place(4.5).values()), ends=datetime.now(UTC) + timedelta(hours=2)
        )
        with town.writing() as tx:
            closures.draw(tx, shut, actor=ADMIN)
        now = datetime.now(UTC)

        def median(**asked):
            return told(ask(town, roads, Reading.MEDIAN, categories=("repair",), **asked), "repair")

        def first(**asked):
            kept = {"categories": ("clinic",), "away": ids(town, "clinic 19")} | asked
            return told(ask(town, roads, Reading.MEDIAN, **kept))[WEST]

        assert first() == 6
        assert first(closures=True) > 6
        shop(town, 1, hours="24小时", name="全天")
        later = first(closures=True, at=now + timedelta(hours=3))
        assert (later, first(closures=True, at=now) > later) == (5, True)
        assert median(closures=True) == median()


class TestKept:
    def test_a_second_look_searches_nothing(self, town, roads, monkeypatch):
        first = [ask(town, roads, reading) for reading in Reading]
        monkeypatch.setattr(walking, "nearest", None)
        monkeypatch.setattr(walking, "within", None)

        again = [ask(town, roads, reading) for reading in Reading]
        for one, other in zip(first, again, strict=True):
            pd.testing.assert_frame_equal(one, other)

    def test_other_streets_are_searched_anew(self, town, roads):
        assert told(ask(town, roads, Reading.MEDIAN)) == {WEST: 6, EAST: 11}
        graph = roads.graph
        longer = type(graph)(
            **{name: getattr(graph, name) for name in ("lon", "lat", "ends", "modes")},
            length_m=graph.length_m * 2,
            shape=graph.shape,
            shape_start=graph.shape_start,
        )

        assert told(ask(town, type(roads)(None, graph=longer), Reading.MEDIAN))[WEST] == 12
        assert told(ask(town, roads, Reading.MEDIAN)) == {WEST: 6, EAST: 11}

    def test_each_change_is_seen(self, town, roads):
        def looked():
            return [told(ask(town, roads, one, minutes=12)) for one in Reading]

        def moved():
            (key,) = ids(town, "clinic 19")
            with town.writing() as tx:
                row = tx.row("merchant", key)
                merchants.edit(tx, key, place(28), version=row["version"], actor=ADMIN)

        def grown():
            with town.writing() as tx:
                row = {"row": 2, "name": "6号楼", **place(6), "households": 90, "residents": 300}
                homes.merge(tx, homes_frame(row), actor=ADMIN)

        def erased():
            (key,) = ids(town, "clinic 0")
            with town.writing() as tx:
                merchants.erase(tx, key, actor=ADMIN, why="依法")

        seen = [looked()]
        for change in (moved, grown, erased):
            change()
            assert looked() != seen[-1]
            seen.append(looked())

    def test_who_moves_in_is_seen_though_no_walk_is_another(self, town, roads):
        assert ask(town, roads, Reading.SCORE).attrs["whole"]["repair"] == pytest.approx(5)
        with town.writing() as tx:
            row = {"row": 2, "name": "30号楼", **place(30), "residents": 280}
            homes.merge(tx, homes_frame(row), actor=ADMIN)

        # One for 400 residents instead of 200.
        assert ask(town, roads, Reading.SCORE).attrs["whole"]["repair"] == pytest.approx(2.5)

    def test_a_restore_is_seen(self, town, roads, tmp_path):
        town.backup(tmp_path / "backup.gpkg", actor=ADMIN)
        for households in (90, 91):
            town.restore(tmp_path / "backup.gpkg", actor=ADMIN)
            row = {"row": 2, "name": "6号楼", **place(6), "households": households}
            with town.writing() as tx:
                homes.merge(tx, homes_frame(row | {"residents": 9}), actor=ADMIN)
            table = ask(town, roads, Reading.SHARE)
            assert table["n_households"].tolist() == [30 + households, 40]

    def test_moving_nothing_changes_nothing(self, town, roads):
        first = [ask(town, roads, reading) for reading in Reading]
        shop(town, 19, hours="18:00-22:00", note="新")

        for one, reading in zip(first, Reading, strict=True):
            pd.testing.assert_frame_equal(one, ask(town, roads, reading))

    def test_a_home_that_moves_across_a_border_changes_two_areas(self, town, roads):
        def looked(level):
            table = ask(town, roads, Reading.SHARE, level=level, minutes=6)
            return dict(zip(table["code"], table["n_households"], strict=True))

        before = {level: looked(level) for level in ("community", "street")}
        with town.writing() as tx:
            (row,) = tx.rows("home", name="12号楼")
            told = {"row": 2, "id": row["id"], "name": "12号楼", **place(25), "households": 20}
            homes.merge(tx, homes_frame(told), actor=ADMIN)

        assert looked("community") == {WEST: 40, EAST: 60} != before["community"]
        assert looked("street") == before["street"]


def ids(store, name=None):
    with store.reading() as tx:
        chosen = {} if name is None else {"name": name}
        return frozenset(row["id"] for row in tx.rows("merchant", **chosen))


def settle_residents(store, code, residents):
    with store.writing() as tx:
        row = tx.row("area", code)
        tx.update("area", code, {"residents": residents}, version=row["version"], by=ADMIN)
