"""The day's figures, by command and by the service itself."""

import threading
from datetime import datetime, timedelta

import pytest

from geodata import snapshots
from geodata.hours import SHANGHAI
from geodata.snapshots import PATIENCE
from geodata.store import Store
from webmap import daily

MORNING = datetime.now(SHANGHAI).replace(hour=9)
TODAY = MORNING.date()


@pytest.fixture(autouse=True)
def by_itself(monkeypatch, figures_by_hand):  # noqa: ARG001 - undone here
    monkeypatch.setattr(daily, "FROM_HOUR", 4)


@pytest.fixture
def taker(app):
    return app.extensions["linju_daily"]


def days(store):
    with store.reading() as tx:
        return tx.days_taken()


def after(thread):
    assert thread is not None
    thread.join(timeout=60)
    assert not thread.is_alive()


class TestCommand:
    def test_it_keeps_today_and_says_what_changed(self, app, store):
        done = app.test_cli_runner().invoke(args=["matrix", "snapshot"])

        assert done.exit_code == 0, done.output
        assert days(store) == [snapshots.today().isoformat()]
        assert str(snapshots.today()) in done.output
        assert "没有街道" in done.output

    def test_with_streets_it_keeps_minutes_too(self, app_with_streets):
        done = app_with_streets.test_cli_runner().invoke(args=["matrix", "snapshot"])

        assert "没有街道" not in done.output
        with app_with_streets.extensions["linju_store"].reading() as tx:
            found = snapshots.series(tx, reading=snapshots.Reading.MEDIAN, category="clinic")
        assert 0 < found.told["clinic"][0] < 30


class TestByItself:
    def test_a_look_at_the_matrix_takes_the_day(self, client, store, monkeypatch):
        started = []
        monkeypatch.setattr(daily, "datetime", _Morning)
        monkeypatch.setattr(daily.Daily, "_aside", lambda _self, day: started.append(day))
        assert client.get("/matrix").status_code == 200
        client.get("/")

        _join_all()
        assert started == [TODAY]
        assert days(store) == []

    def test_it_is_done_beside_the_requests_once_a_day(self, store, taker):
        after(taker.look(MORNING))

        assert days(store) == [TODAY.isoformat()]
        assert taker.look(MORNING) is None
        assert taker.look(MORNING + timedelta(hours=2)) is None
        after(taker.look(MORNING + timedelta(days=1)))

    def test_in_the_first_hours_it_is_left_to_cron(self, store, taker):
        assert taker.look(MORNING.replace(hour=3, minute=59)) is None
        assert days(store) == []

    def test_what_cron_took_is_not_taken_again(self, app, taker, monkeypatch):
        app.test_cli_runner().invoke(args=["matrix", "snapshot"])
        monkeypatch.setattr(daily.Daily, "take", lambda *_: pytest.fail("taken twice"))

        after(taker.look(MORNING))

    def test_of_many_workers_one_takes_it(self, store, taker, monkeypatch):
        taking, go_on, taken = threading.Event(), threading.Event(), []
        real = daily.Daily.take

        def slowly(self, day):
            taken.append(day)
            taking.set()
            assert go_on.wait(60)
            return real(self, day)

        monkeypatch.setattr(daily.Daily, "take", slowly)
        other = daily.Daily(store, taker.roads, taker.parts)
        first = taker.look(MORNING)
        assert taking.wait(60)
        after(other.look(MORNING))
        go_on.set()
        after(first)

        assert taken == [TODAY]
        assert days(store) == [TODAY.isoformat()]

    def test_where_one_died_over_it_another_takes_it_later(self, store, taker):
        with store.writing() as tx:
            assert snapshots.begin(tx, TODAY)
        after(taker.look(MORNING))
        assert days(store) == []
        with store.writing() as tx:
            earlier = datetime.now(SHANGHAI) - PATIENCE - timedelta(minutes=1)
            tx.set_meta("figures_begun", earlier.isoformat())
        after(taker.look(MORNING + PATIENCE))

        assert days(store) == [TODAY.isoformat()]

    def test_a_failure_is_logged_and_tried_again(self, store, taker, monkeypatch, caplog):
        monkeypatch.setattr(daily.Daily, "take", lambda *_: 1 / 0)
        after(taker.look(MORNING))
        assert "could not be taken" in caplog.text
        assert taker.look(MORNING + timedelta(minutes=1)) is None

        monkeypatch.undo()
        with store.writing() as tx:
            tx.set_meta("figures_begun", "")
        assert daily.FROM_HOUR == 4
        after(taker.look(MORNING + PATIENCE))
        assert days(store) == [TODAY.isoformat()]

    def test_a_reader_of_the_page_does_not_wait_for_it(self, client, monkeypatch):
        monkeypatch.setattr(daily, "datetime", _Morning)
        waiting = threading.Event()
        real = Store.writing

        def held(self, **more):
            if threading.current_thread() is not threading.main_thread():
                assert waiting.wait(60)
            return real(self, **more)

        monkeypatch.setattr(Store, "writing", held)
        assert client.get("/matrix").status_code == 200
        waiting.set()
        _join_all()


class _Morning(datetime):
    @classmethod
    def now(cls, tz=None):
        return MORNING.astimezone(tz)


def _join_all():
    # Those of others, as of a cluster that another test began, never end.
    for thread in threading.enumerate():
        if thread.name == daily.THREAD:
            after(thread)
