"""A decision taken back: the proposal waits again, and the merchants are as they were."""

import pytest

from geodata import accounts, keys, merchants, proposals
from geodata.accounts import NewPassword
from geodata.errors import Conflict, Forbidden
from geodata.policy import RESIDENT, Actor, Role
from geodata.proposals import Contact, Kind, Report, State
from geodata.proposals.kinds import enter
from tests.factories import ADMIN, CENTRE, WORKER, entry
from tests.geodata.proposals.steps import STRANGER, waiting

PAST = {"version", "revision", "changed"}


def registered(store, name="泉富便民超市", **told):
    with store.writing() as tx:
        made = proposals.register(tx, entry(name, **told), Contact(), actor=RESIDENT)
    return made.merchant, waiting(store)[-1]


def of(store, merchant_id):
    with store.reading() as tx:
        row = tx.row("merchant", merchant_id)
    return {name: value for name, value in row.items() if name not in PAST}


def decided(store, act, one, **told):
    """Decide a waiting one and return its version after that."""
    seen = {"version": one["version"], "merchant_version": one["shop"]["version"]}
    with store.writing() as tx:
        act(tx, one["id"], **seen, actor=WORKER, **told)
        return tx.record("proposal", one["id"])["version"]


def reopened(store, one, version, actor=WORKER):
    with store.writing() as tx:
        return proposals.reopen(tx, one["id"], version=version, actor=actor)


def owner_of(merchant_id):
    return Actor("link:1", Role.MERCHANT, owns=frozenset({merchant_id}))


def by_withdrawing(tx, merchant_id):
    proposals.withdraw(tx, merchant_id, actor=owner_of(merchant_id))


def by_the_edit_form(tx, merchant_id):
    told = {"status": "published"}
    assert proposals.amend(tx, merchant_id, told, version=1, actor=WORKER) == State.ACCEPTED


def test_a_published_registration_waits_again_and_is_on_no_map(store):
    merchant_id, one = registered(store)
    before = of(store, merchant_id)
    version = decided(store, proposals.publish, one)

    reopened(store, one, version)

    assert of(store, merchant_id) == before
    (again,) = waiting(store)
    assert (again["id"], again["at"], again["decided_by"]) == (one["id"], one["at"], "")
    with store.reading() as tx:
        assert not proposals.review(tx, one["id"], actor=WORKER).moved_on
    decided(store, proposals.publish, again)


def test_a_refused_and_a_returned_one_wait_again(store):
    for act in (proposals.retire, proposals.dismiss, proposals.send_back):
        merchant_id, one = registered(store)
        before = of(store, merchant_id)
        version = decided(store, act, one, why="地址不全")

        reopened(store, one, version)

        assert of(store, merchant_id) == before
        assert waiting(store)[-1]["id"] == one["id"]


def test_a_merger_is_taken_back_on_both_sides(store):
    with store.writing() as tx:
        known = merchants.add(tx, entry("泉富超市"), actor=ADMIN)
    merchant_id, one = registered(store, phones=("024-1",), hours="24/7")
    before = of(store, known), of(store, merchant_id)
    version = decided(store, proposals.merge_into, one, into=known)
    assert of(store, known)["hours"] == "24/7"

    reopened(store, one, version)

    assert (of(store, known), of(store, merchant_id)) == before


def test_an_accepted_change_is_taken_back(store):
    with store.writing() as tx:
        known = merchants.add(tx, entry("泉富超市", address="旧路1号"), actor=ADMIN)
        owner = Actor("link:1", Role.MERCHANT, owns=frozenset({known}))
        told = {"address": "新路2号", "lon": CENTRE[0] + 0.001, "lat": CENTRE[1]}
        proposals.amend(tx, known, told, version=1, actor=owner)
    before = of(store, known)
    (one,) = waiting(store)
    version = decided(store, proposals.publish, one)
    assert of(store, known)["address"] == "新路2号"

    reopened(store, one, version)

    assert of(store, known) == before


def test_what_was_changed_again_since_is_not_overwritten(store):
    merchant_id, one = registered(store)
    version = decided(store, proposals.publish, one)
    with store.writing() as tx:
        merchants.edit(tx, merchant_id, {"status": "retired"}, version=2, actor=WORKER)

    with pytest.raises(Conflict, match="undo_superseded"):
        reopened(store, one, version)

    assert of(store, merchant_id)["status"] == "retired"
    assert waiting(store) == []


def test_what_was_amended_or_decided_again_meanwhile_is_left_alone(store):
    merchant_id, one = registered(store)
    version = decided(store, proposals.send_back, one, why="地址不全")
    owner = Actor("link:1", Role.MERCHANT, owns=frozenset({merchant_id}))
    with store.writing() as tx:
        proposals.amend(tx, merchant_id, {"address": "甲路"}, version=1, actor=owner)

    with pytest.raises(Conflict, match="version_stale"):
        reopened(store, one, version)
    with pytest.raises(Conflict, match="reopen_impossible"):
        reopened(store, one, version + 1)


def test_what_the_owner_took_back_stays_so(store):
    merchant_id, one = registered(store)
    with store.writing() as tx:
        by_withdrawing(tx, merchant_id)
    with pytest.raises(Conflict, match="reopen_impossible"):
        reopened(store, one, 2)


@pytest.mark.parametrize("act", [by_withdrawing, by_the_edit_form])
def test_what_pends_again_waits_in_the_queue_again_and_what_does_not_leaves_it(store, act):
    merchant_id, one = registered(store)
    with store.writing() as tx:
        act(tx, merchant_id)
    assert waiting(store) == []
    with store.writing() as tx:
        assert proposals.take_back(tx, merchant_id, 2, actor=WORKER)["status"] == "pending"
    (again,) = waiting(store)
    assert (again["id"], again["decided"], again["decided_by"]) == (one["id"], "", "")
    with store.reading() as tx:
        assert not proposals.review(tx, one["id"], actor=WORKER).moved_on

    with store.writing() as tx:
        proposals.take_back(tx, merchant_id, 3, actor=WORKER)
    assert waiting(store) == []

    with store.writing() as tx:
        proposals.take_back(tx, merchant_id, 4, actor=WORKER)
    decided(store, proposals.publish, waiting(store)[0])
    assert of(store, merchant_id)["status"] == "published"


def test_a_registration_that_is_taken_away_in_the_history_waits_no_more(store):
    merchant_id, _one = registered(store)
    with store.writing() as tx:
        assert proposals.take_back(tx, merchant_id, 1, actor=WORKER)["status"] == "retired"
    assert waiting(store) == []


def test_an_owners_change_of_state_that_is_accepted_decides_the_registration_too(store):
    merchant_id, _one = registered(store)
    told = {"closed_until": "2027-01-01", "status": "closed"}
    with store.writing() as tx:
        row = tx.row("merchant", merchant_id)
        enter(tx, Kind.EDIT, row, actor=owner_of(merchant_id), changes=told)
    decided(store, proposals.publish, waiting(store)[-1])
    assert waiting(store) == []


def test_a_change_of_the_owner_that_is_taken_back_ends_the_links_of_the_one_between(store):
    with store.writing() as tx:
        known = merchants.add(tx, entry(), actor=ADMIN)
        new, told = NewPassword("a long password"), {"role": Role.MERCHANT, "actor": ADMIN}
        one, two = (accounts.create(tx, name, new, **told) for name in ("one", "two"))
        merchants.entrust(tx, known, owner=one, trusted=False, version=1, actor=WORKER)
        merchants.entrust(tx, known, owner=two, trusted=False, version=2, actor=WORKER)
        owner = Actor("two", Role.MERCHANT, owns=frozenset({known}))
        token = proposals.renew_link(tx, known, actor=owner)
        merchants.edit(tx, known, {"note": "修鞋"}, version=3, actor=WORKER)
        proposals.take_back(tx, known, 4, actor=WORKER)
        assert keys.find(tx, token, keys.Kind.LINK)
        assert proposals.take_back(tx, known, 3, actor=WORKER)["owner"] == one
        assert keys.find(tx, token, keys.Kind.LINK) is None


def test_only_owners_withdraw_and_staff_decide_instead(store):
    merchant_id, one = registered(store)
    for actor in (WORKER, ADMIN):
        with pytest.raises(Forbidden), store.writing() as tx:
            proposals.withdraw(tx, merchant_id, actor=actor)
    assert (of(store, merchant_id)["status"], waiting(store)[0]["id"]) == ("pending", one["id"])


def test_only_reviewers_of_the_area_take_back(store):
    for act in (proposals.publish, proposals.send_back):
        _merchant, one = registered(store)
        # Of what was returned nothing was written that would be guarded by itself.
        version = decided(store, act, one, why="x")
        for actor in (STRANGER, RESIDENT):
            with pytest.raises(Forbidden):
                reopened(store, one, version, actor)


def test_the_history_takes_a_decision_back_with_its_proposal(store):
    merchant_id, one = registered(store)
    decided(store, proposals.publish, one)
    with store.writing() as tx:
        merchants.edit(tx, merchant_id, {"note": "修鞋"}, version=2, actor=WORKER)
        assert proposals.take_back(tx, merchant_id, 3, actor=WORKER)["note"] == ""
        assert proposals.take_back(tx, merchant_id, 2, actor=WORKER)["status"] == "pending"
    assert [again["id"] for again in waiting(store)] == [one["id"]]


def test_a_settled_report_is_open_again(store):
    with store.writing() as tx:
        known = merchants.add(tx, entry(), actor=ADMIN)
        proposals.report(tx, known, Report.MOVED, actor=RESIDENT)
    (one,) = waiting(store)
    version = decided(store, proposals.retire, one)
    assert of(store, known)["status"] == "retired"
    reopened(store, one, version)
    assert of(store, known)["status"] == "published"


def test_the_decided_are_listed_the_newest_first(store):
    ones = [registered(store, f"店{n}")[1] for n in range(5)]
    for one, act in zip(
        ones, (proposals.retire, proposals.publish, proposals.retire), strict=False
    ):
        decided(store, act, one)
    states = (State.ACCEPTED, State.REFUSED)
    with store.reading() as tx:
        first = proposals.queue(tx, actor=WORKER, states=states, newest=True, limit=2)
        after = (first[-1]["at"], first[-1]["id"])
        rest = proposals.queue(tx, actor=WORKER, states=states, newest=True, after=after)
    assert [one["id"] for one in first + rest] == [one["id"] for one in reversed(ones[:3])]
