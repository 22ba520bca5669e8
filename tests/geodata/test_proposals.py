"""What merchants want, and what reviewers decide: nothing is lost, nobody overwrites another."""

import threading
from contextlib import nullcontext

import pytest

from geodata import accounts, areas, categories, keys, merchants, proposals
from geodata.accounts import NewPassword
from geodata.errors import Conflict, Forbidden, Invalid, NotFound
from geodata.policy import RESIDENT, Actor, Role
from geodata.proposals import Contact, Report, State
from geodata.store import Filter, Store, open_store
from tests.factories import ADMIN, CENTRE, WORKER, areas_frame, entry, square

STRANGER = Actor("elsewhere", Role.WORKER, "210106")
KEY = "0123456789abcdef"


@pytest.fixture
def store(store_url):
    opened = open_store(store_url)
    with opened.writing() as tx:
        areas.merge(tx, areas_frame(("210103006000", "万莲街道", square(*CENTRE))), actor=ADMIN)
    yield opened
    opened.close()


def registered(store: Store, name: str = "泉富便民超市", **told) -> proposals.Receipt:
    with store.writing() as tx:
        return proposals.register(
            tx, entry(name, **told), Contact("王姐", "13800000000"), actor=RESIDENT
        )


def owner_of(merchant_id: str) -> Actor:
    return Actor("link:1", Role.MERCHANT, owns=frozenset({merchant_id}))


def published(store: Store, name: str = "泉富便民超市", **told) -> str:
    with store.writing() as tx:
        return merchants.add(tx, entry(name, **told), actor=ADMIN)


def waiting(store: Store, actor: Actor = WORKER) -> list:
    with store.reading() as tx:
        return proposals.queue(tx, actor=actor)


def seen(one: dict) -> dict:
    return {"version": one["version"], "merchant_version": one["shop"]["version"]}


def accept(store: Store, one: dict, actor: Actor = WORKER, **more):
    with store.writing() as tx:
        return proposals.publish(tx, one["id"], **seen(one), actor=actor, **more)


@pytest.fixture
def without_clinics(store):
    """Return a store whose administrator has hidden a category."""
    with store.writing() as tx:
        categories.edit(tx, "clinic", {"hidden": True}, version=1, actor=ADMIN)
    return store


class TestAHiddenCategory:
    def test_takes_no_registration_of_anybody_but_staff(self, without_clinics):
        with pytest.raises(Invalid) as refused:
            registered(without_clinics, category="clinic")
        assert refused.value.details == {"category": "hidden"}
        clinic = entry("远处的诊所", category="clinic")
        with without_clinics.writing() as tx, pytest.raises(Invalid):
            proposals.register(tx, clinic, Contact(), actor=STRANGER)
        assert waiting(without_clinics) == []

        assert published(without_clinics, category="clinic")
        with without_clinics.writing() as tx:
            proposals.register(tx, entry("诊所", category="clinic"), Contact(), actor=WORKER)
        assert len(waiting(without_clinics)) == 1

    @pytest.mark.parametrize("on_map", [True, False])
    def test_takes_no_owner_in_and_turns_none_out(self, store, on_map):
        make = published if on_map else lambda *a, **t: registered(*a, **t).merchant
        shop, clinic = make(store), make(store, "诊所", category="clinic")
        with store.writing() as tx:
            categories.edit(tx, "clinic", {"hidden": True}, version=1, actor=ADMIN)
        with store.writing() as tx, pytest.raises(Invalid, match="merchant_invalid"):
            proposals.amend(tx, shop, {"category": "clinic"}, version=1, actor=owner_of(shop))
        with store.writing() as tx:
            told = {"category": "clinic", "note": "上门"}
            proposals.amend(tx, clinic, told, version=1, actor=owner_of(clinic))
            proposals.amend(tx, shop, {"category": "clinic"}, version=1, actor=WORKER)


class TestRegistering:
    def test_a_registration_waits_and_is_on_no_map(self, store):
        receipt = registered(store)
        (one,) = waiting(store)
        assert (one["kind"], one["merchant"], one["area"]) == ("new", receipt[0], "210103006000")
        with store.reading() as tx:
            assert tx.count(Filter()) == {}

    def test_the_private_link_is_known_by_its_digest_only(self, store):
        receipt = registered(store)
        with store.reading() as tx:
            row = keys.find(tx, receipt.token, keys.Kind.LINK)
            assert row["merchant"] == receipt.merchant
            assert receipt.token not in str(row)
            assert keys.find(tx, receipt.token, keys.Kind.SESSION) is None
            assert keys.find(tx, receipt.token + "x", keys.Kind.LINK) is None

    def test_the_same_again_under_its_key_is_one_merchant(self, store):
        first, again = (
            self.under_key(store, entry("甲")),
            self.under_key(store, entry("甲")),
        )
        assert first.merchant == again.merchant
        assert len(waiting(store)) == 1
        with store.reading() as tx:
            for token in (first.token, again.token):
                assert keys.find(tx, token, keys.Kind.LINK)["merchant"] == first.merchant

    def test_another_entry_under_the_same_key_is_refused(self, store):
        self.under_key(store, entry("甲"))
        with pytest.raises(Conflict, match="idempotency_key_reused"):
            self.under_key(store, entry("乙"))

    @pytest.mark.parametrize("end", ["decided", "renewed", "entrusted"])
    def test_a_key_opens_nothing_once_it_was_decided_or_its_link_ended(self, store, end):
        receipt = self.under_key(store, entry("甲"))
        (one,) = waiting(store)
        if end == "decided":
            accept(store, one)
        elif end == "renewed":
            with store.writing() as tx:
                holder = accounts.actor_of(tx, receipt.token, keys.Kind.LINK)
                proposals.renew_link(tx, receipt.merchant, actor=holder)
        else:
            with store.writing() as tx:
                new = NewPassword("a long password")
                owner = accounts.create(tx, "any", new, role=Role.MERCHANT, actor=ADMIN)
                told = {"owner": owner, "trusted": False, "version": 1}
                merchants.entrust(tx, receipt.merchant, **told, actor=ADMIN)
                assert keys.find(tx, receipt.token, keys.Kind.LINK) is None
        with pytest.raises(Conflict, match="registration_decided"):
            self.under_key(store, entry("甲"))

    def test_a_key_that_can_be_guessed_is_refused(self, store):
        for key in ("1", "x" * 201):
            with pytest.raises(Invalid, match="idempotency_key_length"):
                self.under_key(store, entry(), key=key)

    def under_key(self, store, told, key=KEY):
        with store.writing() as tx:
            return proposals.register(tx, told, Contact(), actor=RESIDENT, idempotency_key=key)

    def test_what_was_typed_is_brought_to_one_form(self):
        told = merchants.MerchantEntry.typed(
            name="\u3000泉富\u3000店\x07",
            category="shopping",
            lon=1,
            lat=2,
            phones=[" 1 ", ""],
            note="a\r\nb\u200b",
        )
        assert (told.name, told.phones, told.note) == ("泉富 店", ("1",), "a\nb")

    def test_a_credit_code_that_cannot_be_one_is_refused(self, store):
        with pytest.raises(Invalid) as caught:
            registered(store, credit_code="91210103MA0000000X")
        assert caught.value.details == {"credit_code": "credit_code_checksum"}

    def test_a_contact_is_bounded(self):
        with pytest.raises(Invalid) as caught:
            Contact.typed("长" * 51, "1")
        assert caught.value.details == {"contact_name": "too_long"}


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


class TestKeepingTrue:
    def test_an_owners_change_waits_and_shows_what_would_change(self, store):
        merchant_id = published(store, address="旧路1号")
        owner = owner_of(merchant_id)
        with store.writing() as tx:
            told = {"address": "新路2号", "lon": CENTRE[0] + 0.001, "lat": CENTRE[1]}
            assert proposals.amend(tx, merchant_id, told, version=1, actor=owner) is State.OPEN
        (one,) = waiting(store)
        with store.reading() as tx:
            found = proposals.review(tx, one["id"], actor=WORKER)
            assert merchants.get(tx, merchant_id)["address"] == "旧路1号"
        assert [(c.field, c.old, c.new) for c in found.changes] == [
            ("address", "旧路1号", "新路2号")
        ]
        assert found.shift_m == pytest.approx(83, abs=1)
        row = accept(store, one)
        assert (row["address"], row["lon"]) == ("新路2号", pytest.approx(CENTRE[0] + 0.001))

    def test_proposing_again_adds_to_what_waits(self, store):
        merchant_id = published(store)
        owner = owner_of(merchant_id)
        for told in ({"address": "甲路"}, {"note": "修鞋"}):
            with store.writing() as tx:
                proposals.amend(tx, merchant_id, told, version=1, actor=owner)
        (one,) = waiting(store)
        assert one["changes"] == {"address": "甲路", "note": "修鞋"}

    def test_small_changes_of_a_trusted_owner_are_live_at_once(self, store):
        merchant_id = published(store)
        owner = owner_of(merchant_id)
        with store.writing() as tx:
            told = {"closed_until": "2030-01-01"}
            assert proposals.amend(tx, merchant_id, told, version=1, actor=owner) is State.OPEN
            merchants.entrust(tx, merchant_id, owner="", trusted=True, version=1, actor=WORKER)
            done = proposals.amend(tx, merchant_id, told, version=2, actor=owner)
        assert done is State.ACCEPTED
        with store.writing() as tx:
            row = merchants.get(tx, merchant_id)
            assert (row["status"], row["closed_until"]) == ("closed", "2030-01-01")
            told = {"closed_until": ""}
            proposals.amend(tx, merchant_id, told, version=row["version"], actor=owner)
            assert merchants.get(tx, merchant_id)["status"] == "published"

    def test_the_small_change_of_a_trusted_owner_does_not_wait_for_the_large(self, store):
        merchant_id = published(store)
        with store.writing() as tx:
            merchants.entrust(tx, merchant_id, owner="", trusted=True, version=1, actor=WORKER)
            told = {"closed_until": "2030-01-01", "address": "新路2号"}
            owner = owner_of(merchant_id)
            assert proposals.amend(tx, merchant_id, told, version=2, actor=owner) is State.OPEN
        (one,) = waiting(store)
        assert one["changes"] == {"address": "新路2号"}
        assert (one["shop"]["status"], one["shop"]["address"]) == ("closed", "")
        assert accept(store, one)["address"] == "新路2号"

    def test_what_moves_to_another_area_is_reviewed_there(self, store):
        receipt = registered(store)
        owner = owner_of(receipt.merchant)
        with store.writing() as tx:
            far = areas_frame(("210106001000", "别处", square(120.0, 40.0)))
            areas.merge(tx, far, actor=ADMIN)
            told = {"lon": 120.0, "lat": 40.0}
            proposals.amend(tx, receipt.merchant, told, version=1, actor=owner)
        assert waiting(store) == []
        assert [one["merchant"] for one in waiting(store, STRANGER)] == [receipt.merchant]

    @pytest.mark.parametrize("told", [{"status": "published"}, {"owner": "me"}, {"area": "1"}])
    def test_an_owner_cannot_set_what_is_not_the_owners(self, store, told):
        merchant_id, _token = registered(store)
        with pytest.raises((Invalid, Forbidden)), store.writing() as tx:
            proposals.amend(tx, merchant_id, told, version=1, actor=owner_of(merchant_id))
        with store.reading() as tx:
            assert tx.row("merchant", merchant_id)["status"] == "pending"

    def test_nobody_amends_anothers_shop(self, store):
        mine, others = published(store, "甲"), published(store, "乙")
        for actor in (owner_of(mine), RESIDENT, STRANGER):
            with pytest.raises(Forbidden), store.writing() as tx:
                proposals.amend(tx, others, {"name": "丙"}, version=1, actor=actor)

    def test_anybody_reports_and_the_same_twice_is_said_once(self, store):
        merchant_id = published(store)
        for words in ("", "", "上周搬了"):
            with store.writing() as tx:
                proposals.report(tx, merchant_id, Report.MOVED, words, actor=RESIDENT)
        found = waiting(store)
        assert [one["words"] for one in found] == ["", "上周搬了"]
        with store.writing() as tx:
            proposals.retire(
                tx, found[0]["id"], version=1, merchant_version=1, actor=WORKER, why="搬走"
            )
            assert tx.row("merchant", merchant_id)["status"] == "retired"

    def test_what_waits_is_not_reported(self, store):
        receipt = registered(store)
        with pytest.raises(NotFound), store.writing() as tx:
            proposals.report(tx, receipt.merchant, Report.MOVED, actor=RESIDENT)


class TestTakingBack:
    def test_one_version_is_taken_back_and_brought_back(self, store):
        merchant_id = published(store)
        with store.writing() as tx:
            merchants.edit(tx, merchant_id, {"status": "retired"}, version=1, actor=WORKER)
            assert merchants.undo(tx, merchant_id, 2, actor=WORKER)["status"] == "published"
            assert merchants.undo(tx, merchant_id, 3, actor=WORKER)["status"] == "retired"

    def test_what_was_changed_again_is_not_overwritten(self, store):
        merchant_id = published(store)
        with store.writing() as tx:
            merchants.edit(tx, merchant_id, {"name": "乙", "note": "b"}, version=1, actor=WORKER)
            merchants.edit(tx, merchant_id, {"name": "丙"}, version=2, actor=WORKER)
        with pytest.raises(Conflict, match="undo_superseded") as caught, store.writing() as tx:
            merchants.undo(tx, merchant_id, 2, actor=WORKER)
        assert caught.value.details["fields"] == ["name"]

    def test_a_move_is_taken_back_with_its_area(self, store):
        merchant_id = published(store)
        with store.writing() as tx:
            merchants.edit(tx, merchant_id, {"lon": 120.0, "lat": 40.0}, version=1, actor=ADMIN)
            assert tx.row("merchant", merchant_id)["area"] == ""
            row = merchants.undo(tx, merchant_id, 2, actor=ADMIN)
        assert (row["area"], row["lon"]) == ("210103006000", CENTRE[0])

    def test_an_erased_merchant_leaves_no_word_behind(self, store):
        receipt = registered(store, "绝密小店", address="绝密路")
        with store.writing() as tx:
            with pytest.raises(Forbidden):
                merchants.erase(tx, receipt.merchant, actor=WORKER, why="x")
            merchants.erase(tx, receipt.merchant, actor=ADMIN, why="law 1")
        with store.reading() as tx:
            assert tx.find("merchant", receipt.merchant) is None
            assert keys.find(tx, receipt.token, keys.Kind.LINK) is None
            assert tx.records("contact") == tx.records("proposal") == []
            newest, oldest = tx.history("merchant", receipt.merchant)
            assert (newest["action"], newest["why"], newest["by"]) == ("erase", "law 1", "admin")
            assert (oldest["by"], oldest["before"]) == ("", {})

    def test_an_erased_merchant_is_counted_and_found_no_more(self, store):
        merchant_id = published(store, "绝密小店")
        with store.writing() as tx:
            merchants.erase(tx, merchant_id, actor=ADMIN, why="law 1")
        with store.reading() as tx:
            assert tx.count(Filter()) == {}
            assert tx.count(Filter(words=("绝密",))) == {}
            assert all(not n for *_, n in tx.by_area("", 6))
