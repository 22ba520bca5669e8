"""The demonstration's past: invented, and of one piece."""

from datetime import date, datetime, timedelta

import pytest

from geodata import snapshots, turnover
from geodata.demo import filling, past
from geodata.hours import SHANGHAI
from geodata.matrix import Reading
from geodata.roads import Roads
from geodata.store import open_store
from tests.conftest import drawn
from tests.factories import ADMIN

IDS = [f"M{n:09}" for n in range(2000)]
YEAR = timedelta(days=365)


def ago(ids, today):
    moments = map(datetime.fromisoformat, past.arrivals(ids, today))
    return [(today - at.astimezone(SHANGHAI).date()).days for at in moments]


def test_the_same_merchants_came_so_long_ago_whenever_it_is_made():
    assert ago(IDS, date(2026, 3, 1)) == ago(IDS, date(2031, 12, 31))


def test_most_were_there_before_the_year_and_nobody_comes_in_the_future():
    days = ago(IDS, date(2026, 11, 25))

    assert min(days) > 0
    assert 0.2 < sum(day < YEAR.days for day in days) / len(days) < 0.4


@pytest.fixture(scope="module")
def office(tmp_path_factory, demonstration_streets):
    store = open_store(tmp_path_factory.mktemp("past") / "linju.gpkg")
    with store.writing() as tx:
        filling.fill(tx, drawn(), actor=ADMIN)
    with store.reading() as tx:
        told = past.measured(tx, Roads(demonstration_streets).now(), snapshots.today())
    with store.writing() as tx:
        past.remember(tx, told)
    yield store
    store.close()


class TestRemembered:
    def test_it_tells_of_the_end_of_each_month_and_of_today(self, office):
        with office.reading() as tx:
            days = snapshots.series(tx).days

        assert len(days) == past.MONTHS + 1
        assert days[-1] == snapshots.today()
        assert {(day + timedelta(days=1)).day for day in days[:-1]} == {1}

    def test_as_many_are_more_as_came(self, office):
        with office.reading() as tx:
            told = snapshots.series(tx)
            came = turnover.between(tx, told.days[0] + timedelta(days=1), told.days[-1])

        for name, values in told.told.items():
            assert values[-1] - values[0] == came.n_came.get(name, 0)

    def test_a_merchant_that_came_made_nobody_walk_farther(self, office):
        with office.reading() as tx:
            told = snapshots.series(tx, reading=Reading.MEDIAN).told

        for values in told.values():
            assert list(values) == sorted(values, reverse=True)

    def test_it_can_be_taken_away_with_the_demonstration(self, office):
        with office.writing(keep=False) as tx:
            filling.remove(tx, actor=ADMIN)
            assert snapshots.series(tx).first is None
