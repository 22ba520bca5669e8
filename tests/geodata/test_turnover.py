"""What came on the map and what left it."""

from datetime import UTC, datetime, timedelta

import pytest

from geodata import areas, categories, merchants, turnover
from geodata.policy import Actor, Role
from geodata.snapshots import today
from geodata.store import writer
from tests.factories import ADMIN, CENTRE, WORKER, areas_frame, entry, merchants_frame, square

TODAY = today()
HERE, THERE = "210103006012", "210103006013"
FAR = {"lon": CENTRE[0] + 0.02, "lat": CENTRE[1]}


@pytest.fixture
def days_ago(monkeypatch):
    """Let what is written from now on be written so many days ago."""

    def clock(days):
        at = datetime.now(UTC) - timedelta(days=days)
        then = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        monkeypatch.setattr(writer, "now", lambda: then)

    return clock


def told(store, since=1, until=0, **more):
    """Tell what came and went from so many days ago until so many days ago."""
    with store.reading() as tx:
        since, until = (TODAY - timedelta(days=days) for days in (since, until))
        return turnover.between(tx, since, until, **more)


def names(changes):
    return [change.name for change in changes]


def add(store, name="泉富便民超市", **more):
    with store.writing() as tx:
        return merchants.add(tx, entry(name, **more), actor=ADMIN)


def change(store, merchant_id, **told):
    with store.writing() as tx:
        version = tx.row("merchant", merchant_id)["version"]
        merchants.edit(tx, merchant_id, told, version=version, actor=ADMIN)


def test_what_was_put_on_the_map_came_and_what_was_retired_went(store, days_ago):
    days_ago(9)
    old = add(store, "老店")
    days_ago(5)
    add(store, "新店", category="clinic")
    days_ago(3)
    change(store, old, status="retired")

    found = told(store, 7, actor=ADMIN)

    assert (names(found.came), names(found.went)) == (["新店"], ["老店"])
    assert (found.n_came, found.n_went) == ({"clinic": 1}, {"shopping": 1})
    assert found.came[0].day == TODAY - timedelta(days=5)
    assert found.went[0].day == TODAY - timedelta(days=3)


def test_a_period_tells_of_its_own_days_only_the_first_and_the_last_included(store, days_ago):
    days_ago(5)
    add(store)

    assert names(told(store, 5, 5).came) == ["泉富便民超市"]
    assert told(store, 9, 6).came == told(store, 4, 0).came == ()


def test_an_import_that_was_taken_back_has_never_been_there(store):
    with store.writing() as tx:
        frame = merchants_frame({"name": "甲"}, {"name": "乙", "lat": CENTRE[1] + 0.001})
        merchants.bring_in(tx, frame, actor=ADMIN, file="shops.csv", batch="B" * 10)
    assert told(store).n_came == {"shopping": 2}
    with store.writing() as tx:
        merchants.undo_batch(tx, "B" * 10, actor=ADMIN)

    assert told(store, actor=ADMIN) == turnover.Turnover((), (), {}, {})


def test_what_closed_and_opened_again_has_never_gone(store, days_ago):
    days_ago(9)
    shop = add(store)
    days_ago(3)
    change(store, shop, status="retired")
    days_ago(2)
    change(store, shop, status="published")

    assert told(store, 5, actor=ADMIN) == turnover.Turnover((), (), {}, {})
    # It had left before the last of its days away.
    assert names(told(store, 5, 3, actor=ADMIN).went) == ["泉富便民超市"]


def test_temporarily_closed_is_not_gone(store, days_ago):
    days_ago(9)
    shop = add(store)
    days_ago(2)
    change(store, shop, closed_until=(TODAY + timedelta(days=30)).isoformat())

    assert told(store, 5, actor=ADMIN).n_went == {}


def test_a_registration_comes_when_it_is_published_not_when_it_was_sent(store, days_ago):
    days_ago(9)
    with store.writing() as tx:
        shop = merchants.propose(tx, entry(), actor=ADMIN)
    assert told(store, 10).n_came == {}
    days_ago(2)
    change(store, shop, status="published")
    days_ago(1)
    change(store, shop, note="后来改的")

    (found,) = told(store, 5).came
    assert found.day == TODAY - timedelta(days=2)


def test_what_was_made_one_with_another_entry_has_not_gone(store, days_ago):
    days_ago(9)
    first, second = add(store), add(store, "泉富便民超市二")
    days_ago(2)
    with store.writing() as tx:
        row = tx.row("merchant", second)
        tx.update_many("merchant", [(row, {"status": "retired", "merged": first})], by=ADMIN)

    assert told(store, 5, actor=ADMIN).n_went == {}


def test_residents_are_told_no_name_of_what_is_not_on_the_map_now(store, days_ago):
    days_ago(9)
    shop = add(store, "悄悄离开的店")
    days_ago(2)
    change(store, shop, status="retired")

    assert told(store, 5).went == ()
    assert told(store, 5).n_went == {"shopping": 1}
    assert told(store, 10, 3).came == ()
    # Staff of the area are, and nobody else's.
    assert names(told(store, 5, actor=ADMIN).went) == ["悄悄离开的店"]
    assert told(store, 5, actor=Actor("far", Role.WORKER, "210106")).went == ()


class TestInAnArea:
    @pytest.fixture(autouse=True)
    def borders(self, store):
        with store.writing() as tx:
            frame = areas_frame(
                (HERE, "泉富社区", square(*CENTRE, half=0.005)),
                (THERE, "文萃社区", square(FAR["lon"], FAR["lat"], half=0.005)),
            )
            areas.merge(tx, frame, actor=ADMIN)

    def test_only_what_lies_inside_is_told(self, store):
        add(store, "这里")
        add(store, "那里", **FAR)

        assert names(told(store, area=HERE).came) == ["这里"]
        assert sorted(names(told(store, area="210103006").came)) == ["这里", "那里"]

    def test_a_shop_that_moves_over_the_border_goes_here_and_comes_there(self, store, days_ago):
        days_ago(9)
        shop = add(store)
        days_ago(2)
        change(store, shop, **FAR)

        (gone,), (here,) = (told(store, 5, area=HERE).went, told(store, 5, area=THERE).came)
        assert (gone.id, gone.elsewhere, here.id, here.elsewhere) == (shop, True, shop, True)
        assert told(store, 5, area="210103006") == turnover.Turnover((), (), {}, {})

    def test_a_worker_is_told_the_names_of_the_own_area(self, store, days_ago):
        days_ago(9)
        shop = add(store)
        days_ago(2)
        change(store, shop, status="retired")

        assert names(told(store, 5, actor=WORKER).went) == ["泉富便民超市"]


def test_one_category_is_told_alone_and_a_hidden_one_never(store):
    add(store, "药店", category="clinic")
    add(store)
    assert names(told(store, category="clinic").came) == ["药店"]
    with store.writing() as tx:
        clinic = tx.row("category", "clinic")
        categories.edit(tx, "clinic", {"hidden": True}, version=clinic["version"], actor=ADMIN)

    assert told(store).n_came == {"shopping": 1}
    assert told(store, category="clinic", actor=ADMIN) == turnover.Turnover((), (), {}, {})


def test_what_was_erased_on_legal_request_is_not_told_of(store, days_ago):
    days_ago(9)
    shop = add(store)
    days_ago(2)
    with store.writing() as tx:
        merchants.erase(tx, shop, actor=ADMIN, why="request")

    assert told(store, 10, actor=ADMIN) == turnover.Turnover((), (), {}, {})
