"""Links to rows of the store: each opens its own row only, and none when the row is forgotten."""

from datetime import timedelta

import pytest

from geodata import accounts, areas, closures, plans
from geodata.errors import Forbidden, Invalid, NotFound
from geodata.policy import Action, Actor, Role
from geodata.shares import Shared, Sharing
from tests.factories import ADMIN, CENTRE, WORKER, areas_frame, drawing, plan, square

COMMUNITY = "210103006012"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLANS = Sharing("plan", Action.PLAN_READ, Action.PLAN_EDIT, HOUR, DAY, longest_title=5)
CLOSURES = Sharing("closure", Action.CLOSURE_READ, Action.CLOSURE_EDIT, HOUR, DAY, longest_title=5)


@pytest.fixture
def office(store):
    with store.writing() as tx:
        areas.merge(tx, areas_frame((COMMUNITY, "泉富社区", square(*CENTRE))), actor=ADMIN)
    return store


@pytest.fixture
def clerk(office):
    """Return a worker with an account."""
    with office.writing() as tx:
        new = accounts.NewPassword("correct horse battery")
        told = {"role": Role.WORKER, "scope": COMMUNITY, "actor": ADMIN}
        return Actor(
            "clerk", Role.WORKER, COMMUNITY, account=accounts.create(tx, "clerk", new, **told)
        )


@pytest.fixture
def kept(office):
    with office.writing() as tx:
        return plans.save(tx, plan(), actor=ADMIN).id


def made(store, sharing, key, actor, **told):
    with store.writing() as tx:
        return sharing.make(tx, key, lifetime=HOUR, actor=actor, **told)


def test_a_link_opens_its_row_with_what_it_is_called(office, kept, clerk):
    link = made(office, PLANS, kept, clerk, title="李师傅")
    with office.reading() as tx:
        assert PLANS.opened(tx, link.token) == Shared(kept, "李师傅")


def test_links_of_one_table_are_nothing_to_another(office, kept, clerk):
    with office.writing() as tx:
        shut = closures.draw(tx, drawing(), actor=ADMIN).id
    mine, other = made(office, PLANS, kept, clerk), made(office, CLOSURES, shut, clerk)
    with office.writing() as tx:
        assert [one["id"] for one in PLANS.listed(tx, kept, actor=clerk)] == [mine.id]
        for sharing, link, key in ((PLANS, other, kept), (CLOSURES, mine, shut)):
            with pytest.raises(NotFound, match="share_not_valid"):
                sharing.opened(tx, link.token)
            with pytest.raises(NotFound, match="key_not_found"):
                sharing.end(tx, key, link.id, actor=clerk)
        log = [line["what"] for line in tx.records("log", order=("seq",))]
    assert log[-2:] == ["plan_share", "closure_share"]


@pytest.mark.parametrize(
    "told, field",
    [
        ({"lifetime": HOUR - timedelta(seconds=1)}, "lifetime"),
        ({"lifetime": DAY + timedelta(seconds=1)}, "lifetime"),
        ({"lifetime": DAY, "title": "长" * 6}, "title"),
    ],
)
def test_how_long_it_opens_and_what_it_is_called_have_limits(office, kept, clerk, told, field):
    with office.writing() as tx, pytest.raises(Invalid, match="share_invalid") as refused:
        PLANS.make(tx, kept, actor=clerk, **told)
    assert list(refused.value.details) == [field]
    with office.writing() as tx:
        assert PLANS.make(tx, kept, actor=clerk, lifetime=DAY, title="长" * 5).token


def test_who_has_no_account_makes_none(office, kept):
    with pytest.raises(Forbidden):
        made(office, PLANS, kept, WORKER)


def test_a_row_that_is_forgotten_leaves_no_link(office, kept, clerk):
    with office.writing() as tx:
        other = plans.save(tx, plan(), actor=ADMIN).id
    gone, stays = made(office, PLANS, kept, clerk), made(office, PLANS, other, clerk)
    with office.writing() as tx:
        PLANS.forget(tx, kept)
        with pytest.raises(NotFound, match="share_not_valid"):
            PLANS.opened(tx, gone.token)
        assert PLANS.opened(tx, stays.token).key == other
        assert [row["id"] for row in tx.records("key", kind="share")] == [stays.id]
