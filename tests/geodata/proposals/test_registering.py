"""What merchants want, and how they keep it true: nothing is lost."""

import pytest

from geodata import accounts, areas, categories, keys, merchants, proposals
from geodata.accounts import NewPassword
from geodata.errors import Conflict, Forbidden, Invalid, NotFound
from geodata.policy import RESIDENT, Role
from geodata.proposals import Contact, Report, State
from geodata.store import Filter
from tests.factories import ADMIN, CENTRE, WORKER, areas_frame, entry, square
from tests.geodata.proposals.steps import (
    STRANGER,
    accept,
    owner_of,
    published,
    registered,
    waiting,
)

KEY = "0123456789abcdef"


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
