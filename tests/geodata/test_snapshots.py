"""The matrix day by day."""

import math
import time
from datetime import date, timedelta

import pytest

from geodata import areas, categories, homes, matrix, merchants, snapshots
from geodata.errors import Invalid, NotFound
from geodata.matrix import Asked, Reading
from geodata.snapshots import DAILY, Measured
from tests.factories import (
    ADMIN,
    CENTRE,
    areas_frame,
    entry,
    homes_frame,
    merchants_frame,
    square,
)
from tests.geodata.matrix import town as streets_town

DAY = date(2026, 11, 25)
STREET, HERE, THERE = "210103006000", "210103006012", "210103006013"
FAR = {"lon": CENTRE[0] + 0.02, "lat": CENTRE[1]}


@pytest.fixture
def town(store):
    """Give a street of two communities, with a shop in each and homes in one."""
    with store.writing() as tx:
        around = square(CENTRE[0] + 0.01, CENTRE[1], half=0.03)
        frame = areas_frame(
            (STREET, "万莲街道", around),
            (HERE, "泉富社区", square(*CENTRE, half=0.005)),
            (THERE, "文萃社区", square(FAR["lon"], FAR["lat"], half=0.005)),
        )
        frame.loc[frame.code == HERE, "residents"] = 2000
        areas.merge(tx, frame, actor=ADMIN)
        merchants.merge(tx, merchants_frame({"name": "甲"}, {"name": "乙"} | FAR), actor=ADMIN)
        homes.merge(
            tx, homes_frame({"name": "1号楼", "households": 40, "residents": 99}), actor=ADMIN
        )
    return store


def take(store, day=DAY, **more):
    with store.reading() as tx:
        measured = snapshots.measure(tx, None, **more)
    with store.writing() as tx:
        return snapshots.take(tx, measured, day)


def told(store, area=HERE, **more):
    with store.reading() as tx:
        return snapshots.series(tx, area=area, **({"category": "shopping"} | more))


def add(store, name="丙", **more):
    with store.writing() as tx:
        return merchants.add(tx, entry(name, **more), actor=ADMIN)


def rows(store):
    """Return how many rows the figures take: (of areas, marks of days)."""
    with store.reading() as tx:
        every = [
            row
            for level in ("street", "community")
            for row in tx.figures(level, "", since="", until="9")
        ]
        return len(every), len(tx.days_taken())


class TestTaking:
    def test_a_day_tells_what_the_matrix_tells_at_every_level(self, town):
        take(town)

        with town.reading() as tx:
            for level, code in (("street", STREET), ("community", HERE), ("community", THERE)):
                table = matrix.read(tx, None, Asked(level=level), Reading.COUNT)
                now = table.set_index("code")
                found = snapshots.series(tx, area=code)
                assert {name: n for name, (n,) in found.told.items()} == dict(
                    now.loc[code, matrix.categories_of(table)]
                )

    def test_all_areas_together_count_what_lies_in_none_too(self, town):
        add(town, "天边的店", lon=CENTRE[0] + 1, lat=CENTRE[1])
        take(town)

        assert told(town, "").told == {"shopping": (3,)}
        assert told(town, STREET).told == {"shopping": (2,)}

    def test_without_an_area_the_day_is_taken_all_the_same(self, store):
        add(store)
        take(store)

        assert told(store, "").told == {"shopping": (1,)}

    def test_without_streets_only_counts_are_known(self, town):
        take(town)

        assert told(town).told == {"shopping": (1,)}
        assert told(town, reading=Reading.PER_1000).told == {"shopping": (0.5,)}
        assert told(town, reading=Reading.MEDIAN).told == {"shopping": (None,)}

    def test_again_on_the_same_day_it_takes_the_place_of_what_was(self, town):
        take(town, DAY - timedelta(days=1))
        add(town)
        take(town)
        assert told(town).told["shopping"] == (1, 2)
        merchant = add(town, "丁")
        with town.writing() as tx:
            merchants.edit(tx, merchant, {"status": "retired"}, version=1, actor=ADMIN)
            row = next(row for row in tx.rows("merchant") if row["name"] == "丙")
            merchants.edit(tx, row["id"], {"status": "retired"}, version=1, actor=ADMIN)
        take(town)

        assert told(town).told["shopping"] == (1, 1)
        # Nothing is different from the day before any more.
        assert rows(town) == (3, 2)

    def test_twice_on_one_day_is_once(self, town):
        take(town)
        before = rows(town)
        take(town)

        assert rows(town) == before == (3, 1)

    def test_only_what_is_different_takes_a_row(self, town):
        take(town)
        add(town)

        # The community, its street, and the mark of the day.
        assert take(town, DAY + timedelta(days=1)) == 3
        assert told(town).told["shopping"] == (1, 2)
        assert told(town, THERE).told["shopping"] == (1, 1)

    def test_a_day_taken_late_changes_nothing_of_those_after_it(self, town):
        take(town, DAY - timedelta(days=9))
        take(town)
        add(town)
        take(town, DAY - timedelta(days=5))

        assert told(town).told["shopping"] == (1, 2, 1)
        assert told(town).days == (DAY - timedelta(days=9), DAY - timedelta(days=5), DAY)

    def test_what_counts_not_is_not_counted(self, town):
        shop = add(town)
        take(town, away={shop})

        assert told(town).told["shopping"] == (1,)

    def test_it_moves_no_clock_but_its_own(self, town):
        with town.reading() as tx:
            before = tx.revision("210103"), tx.revision()
        take(town)

        with town.reading() as tx:
            assert tx.revision("210103") == before[0]
            assert tx.revision() > before[1]

    def test_nothing_is_searched_while_others_wait_to_write(self, town, monkeypatch):
        with town.reading() as tx:
            measured = snapshots.measure(tx, None)

        def search(*_asked, **_more):
            pytest.fail("the matrix was read in a transaction that writes")

        monkeypatch.setattr(matrix, "read", search)
        with town.writing() as tx:
            snapshots.take(tx, measured, DAY)


class TestOnFoot:
    def test_a_day_tells_what_each_reading_tells(self, store):
        streets_town.settle(store)
        for minutes, households in ((2, 10), (6, 30), (12, 20), (30, 40)):
            streets_town.house(store, minutes, households)
        streets_town.shop(store, 0)
        roads = streets_town.streets()
        with store.reading() as tx:
            measured = snapshots.measure(tx, roads)
            asked = {
                (reading, minutes): matrix.read(
                    tx, roads, Asked(level="community", minutes=minutes), reading
                )
                for reading in Reading
                for minutes in snapshots.MINUTES
            }
        assert measured.on_foot
        with store.writing() as tx:
            snapshots.take(tx, measured, DAY)

        for (reading, minutes), table in asked.items():
            if reading not in {Reading.MEDIAN, Reading.SHARE} and minutes != snapshots.MINUTES[-1]:
                continue
            for code, value in zip(table["code"], table["clinic"], strict=True):
                how = {"category": "clinic", "reading": reading, "minutes": minutes}
                (found,) = told(store, code, **how).told["clinic"]
                assert found == pytest.approx(value, rel=1e-3, abs=0.05)
        assert told(store, "", category="clinic", reading=Reading.MEDIAN).told["clinic"] == (
            pytest.approx(asked[Reading.MEDIAN, 15].attrs["whole"]["clinic"], abs=0.05),
        )


def test_a_day_of_thousands_of_areas_is_written_in_no_time(store):
    codes = [f"210103006{n:06}" for n in range(3000)]
    # Of the processor, which a busy machine gives as much of, only later.
    began = time.process_time()
    for n in range(10):
        told = {
            ("grid", code): f"{code} {n if at % 10 == n else 0}" for at, code in enumerate(codes)
        }
        with store.writing() as tx:
            snapshots.take(tx, Measured(told | {("", ""): "{}"}, on_foot=False), DAY + timedelta(n))

    # A second; what looks for each row among all of them takes ten and more.
    assert time.process_time() - began < 6


class TestThinning:
    def test_old_days_become_one_a_month_and_tell_the_same(self, town):
        first = date(2026, 1, 1)
        everything = {}
        for n in range(200):
            day = first + timedelta(days=n)
            with town.writing() as tx:
                snapshots.take(tx, invented(n // 3), day)
            everything[day] = n // 3
        found = told(town)

        assert dict(zip(found.days, found.told["shopping"], strict=True)) == {
            day: everything[day] for day in found.days
        }
        newest = first + timedelta(days=199)
        old = [day for day in found.days if day < newest - DAILY]
        months = {(day.year, day.month) for day in everything if day < newest - DAILY}
        assert [(day.year, day.month) for day in old] == sorted(months)
        # What is kept of a month is its end.
        assert [day.day for day in old[:-1]] == [31, 28, 31]
        assert len(found.days) - len(old) == DAILY.days + 1
        assert rows(town)[0] <= len(old) + (DAILY.days + 1) // 3 + 2

    def test_a_clock_that_once_went_wrong_thins_nothing(self, town):
        for n in range(5):
            take(town, DAY - timedelta(days=n))
        take(town, date(2010, 1, 1))

        assert len(told(town).days) == 6


def invented(n):
    figures = f'{{"r":null,"h":null,"c":{{"shopping":[{n},null,null,null,null,null,null]}}}}'
    return Measured({("", ""): figures, ("community", HERE): figures}, on_foot=False)


class TestSeries:
    def test_the_days_asked_for_are_told_with_what_was_before_them(self, town):
        take(town, DAY - timedelta(days=5))
        add(town)
        take(town, DAY - timedelta(days=3))
        take(town)

        found = told(town, since=DAY - timedelta(days=1))
        assert (found.days, found.told["shopping"]) == ((DAY,), (2,))
        assert told(town, until=DAY - timedelta(days=4)).told["shopping"] == (1,)
        assert found.first == DAY - timedelta(days=5)

    def test_a_day_that_nobody_took_is_not_told(self, town):
        take(town, DAY - timedelta(days=5))
        take(town)

        assert told(town).days == (DAY - timedelta(days=5), DAY)

    def test_before_the_first_day_there_is_nothing(self, town):
        assert told(town) == snapshots.Series((), {"shopping": ()}, None)

    def test_every_category_that_residents_see_in_the_order_of_the_legend(self, town):
        take(town)
        with town.writing() as tx:
            version = tx.row("category", "clinic")["version"]
            categories.edit(tx, "clinic", {"hidden": True}, version=version, actor=ADMIN)

        with town.reading() as tx:
            shown = [one.id for one in categories.listed(tx) if not one.hidden]
        assert list(told(town, category="").told) == shown
        with pytest.raises(NotFound, match="category_not_found"):
            told(town, category="clinic")

    def test_a_category_that_came_later_tells_nothing_of_the_days_before(self, town):
        take(town, DAY - timedelta(days=1))
        with town.writing() as tx:
            kind = {"name": "花店", "name_en": "Florist", "colour": "#CC79A7", "shape": "circle"}
            new = categories.add(tx, kind | {"glyph": "花", "group": "merchant"}, actor=ADMIN)
        take(town)

        assert told(town, category=new).told[new] == (None, 0)

    def test_an_area_that_came_later_tells_nothing_of_the_days_before(self, town):
        take(town, DAY - timedelta(days=1))
        code = "210103006014"
        with town.writing() as tx:
            areas.merge(tx, areas_frame((code, "新社区", square(1, 1))), actor=ADMIN)
        take(town)

        assert told(town, code).told["shopping"] == (None, 0)

    @pytest.mark.parametrize(
        "asked, error",
        [
            ({"area": "210199000000"}, "area_not_found"),
            ({"area": "21010"}, "area_code_invalid"),
            ({"reading": Reading.SHARE, "minutes": 7}, "minutes_not_kept"),
            ({"category": "spaceship"}, "category_not_found"),
        ],
    )
    def test_what_there_is_not_is_refused(self, town, asked, error):
        with pytest.raises((NotFound, Invalid), match=error):
            told(town, **asked)


def test_half_of_the_households_without_a_way_are_infinitely_far_also_when_read_again(town):
    figures = '{"r":null,"h":null,"c":{"shopping":[1,null,-1,0.5,0.5,0.5,1.2]}}'
    with town.writing() as tx:
        snapshots.take(tx, Measured({("", ""): figures}, on_foot=True), DAY)

    assert told(town, "", reading=Reading.MEDIAN).told["shopping"] == (math.inf,)
    assert told(town, "", reading=Reading.SHARE, minutes=5).told["shopping"] == (0.5,)


def test_a_backup_takes_the_days_along(town, tmp_path):
    take(town)
    town.backup(tmp_path / "backup.gpkg", actor=ADMIN)
    add(town)
    take(town)
    town.restore(tmp_path / "backup.gpkg", actor=ADMIN)

    assert told(town).told["shopping"] == (1,)
