"""What reviewers decide: nobody overwrites another."""

import threading
from contextlib import nullcontext

import pytest

from geodata import accounts, areas, keys, merchants, proposals
from geodata.accounts import NewPassword
from geodata.errors import Conflict, Forbidden, Invalid, NotFound
from geodata.policy import RESIDENT
from geodata.proposals import Contact, Report, State
from geodata.store import Filter
from tests.factories import ADMIN, CENTRE, WORKER, areas_frame, square
from tests.geodata.proposals.steps import (
    STRANGER,
    accept,
    owner_of,
    published,
    registered,
    seen,
    waiting,
)


class TestReviewing:
    def test_a_published_one_is_on_the_map(self, store):
        registered(store)
        (one,) = waiting(store)
        assert accept(store, one)["status"] == "published"
        assert waiting(store) == []
        with store.reading() as tx:
            assert tx.count(Filter()) == {"shopping": 1}

    def test_the_queue_shows_the_oldest_first_in_pages(self, store):
        ids = [registered(store, f"店{n}").merchant for n in range(5)]
        with store.reading() as tx:
            first = proposals.queue(tx, actor=WORKER, limit=3)
            rest = proposals.queue(tx, actor=WORKER, after=(first[-1]["at"], first[-1]["id"]))
            assert proposals.waiting(tx, actor=WORKER) == 5
        assert sorted(one["merchant"] for one in first + rest) == sorted(ids)
        assert [o["at"] for o in first + rest] == sorted(o["at"] for o in first + rest)

    def test_a_worker_sees_and_decides_in_the_own_area_only(self, store):
        registered(store)
        (one,) = waiting(store)
        assert waiting(store, STRANGER) == []
        for decide in (
            lambda tx: proposals.publish(tx, one["id"], **seen(one), actor=STRANGER),
            lambda tx: proposals.send_back(
                tx, one["id"], version=1, merchant_version=1, actor=STRANGER, why="x"
            ),
            lambda tx: proposals.retire(
                tx, one["id"], version=1, merchant_version=1, actor=STRANGER
            ),
            lambda tx: proposals.contact(tx, one["merchant"], actor=STRANGER),
        ):
            with pytest.raises(Forbidden), store.writing() as tx:
                decide(tx)
        with store.reading() as tx, pytest.raises(Forbidden):
            proposals.queue(tx, actor=WORKER, area="2101")

    def test_the_second_reviewer_is_told_what_the_first_did(self, store):
        registered(store)
        (one,) = waiting(store)
        accept(store, one)
        with pytest.raises(Conflict, match="proposal_decided") as caught:
            accept(store, one, ADMIN)
        assert caught.value.details["by"] == "worker"
        assert caught.value.details["state"] == "accepted"

    def test_of_two_reviewers_at_once_one_decides(self, store):
        registered(store)
        (one,) = waiting(store)
        told, barrier = [], threading.Barrier(2)

        def decide(act):
            barrier.wait()
            try:
                with store.writing() as tx:
                    act(tx)
                told.append("done")
            except Conflict:
                told.append("too late")

        acts = (
            lambda tx: proposals.publish(tx, one["id"], **seen(one), actor=WORKER),
            lambda tx: proposals.send_back(
                tx, one["id"], version=1, merchant_version=1, actor=ADMIN, why="模糊"
            ),
        )
        threads = [threading.Thread(target=decide, args=(act,)) for act in acts]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert sorted(told) == ["done", "too late"]

    def test_what_was_returned_can_be_amended_and_comes_again(self, store):
        merchant_id, _token = registered(store)
        (one,) = waiting(store)
        with pytest.raises(Invalid, match="reason_missing"), store.writing() as tx:
            proposals.send_back(tx, one["id"], version=1, merchant_version=1, actor=WORKER, why=" ")
        with store.writing() as tx:
            proposals.send_back(
                tx, one["id"], version=1, merchant_version=1, actor=WORKER, why="地址不全"
            )
        owner = owner_of(merchant_id)
        with store.reading() as tx:
            row, (mine,) = proposals.followed(tx, merchant_id, actor=owner)
        assert (mine["state"], mine["why"]) == ("returned", "地址不全")
        with store.writing() as tx:
            told = {"address": "泉园一路1号"}
            state = proposals.amend(tx, merchant_id, told, version=row["version"], actor=owner)
        assert state is State.OPEN
        (again,) = waiting(store)
        assert again["id"] == one["id"]
        assert again["shop"]["address"] == "泉园一路1号"

    def test_a_reviewer_who_saw_an_older_entry_is_refused(self, store):
        merchant_id, _token = registered(store)
        (one,) = waiting(store)
        with store.writing() as tx:
            proposals.amend(
                tx, merchant_id, {"name": "别的"}, version=1, actor=owner_of(merchant_id)
            )
        with pytest.raises(Conflict, match="version_stale"):
            accept(store, one)

    @pytest.mark.parametrize("act", ["publish", "send_back", "dismiss", "retire", "merge_into"])
    @pytest.mark.parametrize("kind", ["new", "edit"])
    def test_no_decision_crosses_a_change_that_the_reviewer_did_not_see(self, store, act, kind):
        target = (published(store, "远处的店"),) if act == "merge_into" else ()
        merchant_id = registered(store).merchant if kind == "new" else published(store)
        owner = owner_of(merchant_id)
        if kind == "edit":
            with store.writing() as tx:
                proposals.amend(tx, merchant_id, {"name": "新名字"}, version=1, actor=owner)
        (one,) = waiting(store)
        by = owner if kind == "new" else ADMIN
        with store.writing() as tx:
            proposals.amend(tx, merchant_id, {"address": "新路2号"}, version=1, actor=by)
            before = tx.row("merchant", merchant_id)

        decide = getattr(proposals, act)
        with pytest.raises(Conflict, match="version_stale") as caught, store.writing() as tx:
            decide(tx, one["id"], *target, **seen(one), actor=WORKER, why="看过旧的")

        told = caught.value.details
        assert (told["seen"], told["current"]) == (1, before["version"])
        assert (told["by"], told["action"], bool(told["at"])) == (by.name, "edit", True)
        with store.reading() as tx:
            assert tx.row("merchant", merchant_id) == before
            assert tx.record("proposal", one["id"])["state"] == "open"

    def test_two_entries_become_one_and_nothing_is_lost(self, store):
        known = published(store, "泉富超市")
        receipt = registered(store, "泉富便民超市", phones=("024-1",), hours="24/7")
        (one,) = waiting(store)
        with store.reading() as tx:
            (found,) = proposals.review(tx, one["id"], actor=WORKER).alike
        assert found.merchant["id"] == known
        with store.writing() as tx:
            row = proposals.merge_into(
                tx, one["id"], known, version=1, merchant_version=1, actor=WORKER
            )
        assert (row["phones"], row["hours"], row["name"]) == ("024-1", "24/7", "泉富超市")
        with store.reading() as tx, pytest.raises(NotFound, match="merchant_merged") as caught:
            merchants.get(tx, receipt.merchant)
        assert caught.value.details["into"] == known

    def test_who_registers_a_shop_that_is_there_does_not_come_to_own_it(self, store):
        known = published(store, "真店超市")
        receipt = registered(store, "真店小超市")
        (one,) = waiting(store)
        with store.writing() as tx:
            proposals.merge_into(tx, one["id"], known, version=1, merchant_version=1, actor=WORKER)
            holder = accounts.actor_of(tx, receipt.token, keys.Kind.LINK)
            assert holder.owns == {receipt.merchant}
            for act in (
                lambda: proposals.own_contact(tx, known, actor=holder),
                lambda: proposals.renew_link(tx, known, actor=holder),
                lambda: proposals.amend(tx, known, {"name": "x"}, version=1, actor=holder),
                lambda: accounts.claim(
                    tx, known, "thief", NewPassword("a long password"), actor=holder
                ),
            ):
                with pytest.raises(Forbidden):
                    act()

    def test_a_shop_that_waits_is_claimed_and_merged_without_giving_its_account_the_other(
        self, store
    ):
        known, receipt = published(store, "真店超市"), registered(store, "真店小超市")
        (one,) = waiting(store)
        with store.writing() as tx:
            holder = accounts.actor_of(tx, receipt.token, keys.Kind.LINK)
            told = ("thief", NewPassword("a long password"))
            accounts.claim(tx, receipt.merchant, *told, actor=holder)
        (one,) = waiting(store)
        with store.writing() as tx:
            proposals.merge_into(tx, one["id"], known, **seen(one), actor=WORKER)
            assert tx.row("merchant", known)["owner"] == ""

    def test_staff_who_publish_in_the_edit_form_settle_what_waited(self, store):
        receipt = registered(store)
        with store.writing() as tx:
            told = {"status": "published"}
            merchants.edit(tx, receipt.merchant, told, version=1, actor=WORKER)
        assert waiting(store) == []
        told = {"status": "pending"}
        with pytest.raises(Invalid), store.writing() as tx:
            merchants.edit(tx, receipt.merchant, told, version=2, actor=WORKER)

    def test_what_was_merged_and_is_brought_back_lives_by_itself(self, store):
        known, receipt = published(store, "真店超市"), registered(store, "真店小超市")
        (one,) = waiting(store)
        with store.writing() as tx:
            proposals.merge_into(tx, one["id"], known, version=1, merchant_version=1, actor=WORKER)
            row = tx.row("merchant", receipt.merchant)
            told = {"status": "published"}
            version = row["version"]
            back = merchants.edit(tx, row["id"], told, version=version, actor=WORKER)
        assert (back["status"], back["merged"]) == ("published", "")

    def test_nothing_is_merged_into_itself_or_into_what_is_gone(self, store):
        receipt = registered(store)
        (one,) = waiting(store)
        with pytest.raises(Conflict, match="merge_impossible"), store.writing() as tx:
            proposals.merge_into(
                tx, one["id"], receipt.merchant, version=1, merchant_version=1, actor=WORKER
            )

    def test_what_waits_elsewhere_is_no_likely_duplicate_and_what_is_shown_is(self, store):
        lon, lat = CENTRE
        code = {"credit_code": "91210103MA0UKPXF6E"}
        near = {"lon": lon + 0.0101, "lat": lat}  # past the border of the area
        with store.writing() as tx:
            square_there = square(lon + 0.02, lat)
            areas.merge(tx, areas_frame(("210106001000", "外街", square_there)), actor=ADMIN)
        registered(store, "邻区待审", **near, **code)
        registered(store, "泉富超市", **near)
        shown = published(store, "邻区的店", **near, **code)
        here = registered(store, "本区待审", **code).merchant
        asked = registered(store, "泉富超市", lon=lon + 0.0095, **code).merchant
        (one,) = [one for one in waiting(store) if one["merchant"] == asked]
        with store.reading() as tx:
            found = proposals.review(tx, one["id"], actor=WORKER).alike
            everywhere = proposals.review(tx, one["id"], actor=ADMIN).alike
        assert {each.merchant["id"] for each in found} == {shown, here}
        assert len(everywhere) == 4

    @pytest.mark.parametrize(
        "of, into, fine",
        [
            ("published", "pending", False),
            ("closed", "pending", False),
            ("closed", "published", True),
            ("published", "closed", True),
            ("published", "retired", False),
            ("pending", "pending", True),
            ("pending", "closed", True),
            ("pending", "retired", False),
        ],
    )
    def test_what_is_shown_is_merged_into_what_is_shown_only(self, store, of, into, fine):
        def made(name, status):
            shop = registered(store, name).merchant
            if status != "pending":
                with store.writing() as tx:
                    merchants.edit(tx, shop, {"status": status}, version=1, actor=WORKER)
            return shop

        source, target = made("泉富便民超市", of), made("泉富超市", into)
        if of != "pending":
            with store.writing() as tx:
                proposals.report(tx, source, Report.OTHER, "重复", actor=RESIDENT)
        (one,) = [one for one in waiting(store) if one["merchant"] == source]
        with store.reading() as tx:
            offered = proposals.review(tx, one["id"], actor=WORKER).alike
        assert [each.merchant["id"] for each in offered] == [target] * fine
        refused = nullcontext() if fine else pytest.raises(Conflict, match="merge_impossible")
        with refused, store.writing() as tx:
            proposals.merge_into(tx, one["id"], target, **seen(one), actor=WORKER)
        with store.reading() as tx:
            assert (tx.row("merchant", source)["merged"] == target) is fine

    def test_what_was_merged_goes_on_as_long_as_the_last_of_the_chain_does(self, store):
        first, second = registered(store, "甲").merchant, registered(store, "乙").merchant
        last = published(store, "丙")

        def heir():
            with store.reading() as tx:
                found = merchants.heir(tx, tx.row("merchant", first))
            return found and found["id"]

        assert heir() is None
        for source, into in ((first, second), (second, last)):
            (one,) = [one for one in waiting(store) if one["merchant"] == source]
            with store.writing() as tx:
                proposals.merge_into(tx, one["id"], into, **seen(one), actor=WORKER)
            assert heir() == into
        with store.writing() as tx:
            merchants.edit(tx, last, {"status": "retired"}, version=1, actor=WORKER)
        assert heir() is None

    def test_a_look_at_the_contact_is_recorded(self, store):
        receipt = registered(store)
        with store.writing() as tx:
            found = proposals.contact(tx, receipt.merchant, actor=WORKER)
        assert found == Contact("王姐", "13800000000")
        with store.reading() as tx:
            (line,) = tx.records("log")
        assert (line["what"], line["by"], line["target"]) == (
            "contact_read",
            "worker",
            receipt.merchant,
        )
        assert "13800000000" not in str(line)
