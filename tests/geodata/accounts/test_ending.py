"""What ends a stay, and who may end whose. On both engines."""

import threading
from datetime import timedelta

import pytest

from geodata import accounts, areas, keys, merchants, plans, proposals
from geodata.accounts import NewPassword
from geodata.errors import Conflict, Forbidden, Invalid, NotFound
from geodata.keys import Kind
from geodata.policy import RESIDENT, Actor, Role
from geodata.proposals import Contact
from geodata.store import open_store
from tests.factories import ADMIN, CENTRE, areas_frame, entry, plan, square
from tests.geodata.accounts.doors import (
    OTHER,
    PASSWORD,
    acting,
    actor_of,
    aged,
    ago,
    lines,
    made,
    tried,
)

ISSUING = {
    "invitation": lambda tx, by, **_: accounts.invite(
        tx, role=Role.ADMIN, scope="210103", actor=by
    ),
    "token": lambda tx, by, **_: accounts.issue_token(
        tx, "x", scope="210103", lifetime=timedelta(1), actor=by
    ),
    "link": lambda tx, by, *, shop, **_: proposals.renew_link(tx, shop, actor=by),
    "registration": lambda tx, by, **_: proposals.register(tx, entry(), Contact(), actor=by),
    "password": lambda tx, by, *, other, **_: accounts.set_password(
        tx, other, NewPassword(OTHER), actor=by
    ),
    "share": lambda tx, by, **_: plans.share(
        tx, plans.save(tx, plan(), actor=ADMIN).id, lifetime=timedelta(1), actor=by
    ),
}
"""Every write that makes a key, by somebody."""


def acting_in(tx, account_id) -> Actor:
    row = tx.record("account", account_id)
    return Actor(row["name"], Role(row["role"]), row["scope"], account=account_id)


class TestEnding:
    def test_shutting_an_account_out_ends_its_sessions_at_once(self, store):
        account_id = made(store)
        token = tried(store).session.token
        with store.writing() as tx:
            accounts.disable(tx, account_id, actor=ADMIN)
        assert actor_of(store, token) is None
        assert tried(store) is None
        with store.writing() as tx:
            accounts.enable(tx, account_id, actor=ADMIN)
        assert actor_of(store, token) is None
        assert tried(store)

    @pytest.mark.parametrize("how", ["disable", "revise"])
    def test_what_it_issued_does_not_bring_it_back(self, store, how):
        account_id = made(store, "chief", Role.ADMIN, "210103")
        chief = acting(store, "chief")
        with store.writing() as tx:
            invitation = accounts.invite(tx, role=Role.ADMIN, scope="210103", actor=chief)
            token = accounts.issue_token(
                tx, "x", scope="210103", lifetime=timedelta(days=1), actor=chief
            )
        with store.writing() as tx:
            if how == "disable":
                accounts.disable(tx, account_id, actor=ADMIN)
            else:
                accounts.revise(
                    tx, account_id, role=Role.WORKER, scope="210103", title="", actor=ADMIN
                )
        with store.reading() as tx, pytest.raises(NotFound):
            accounts.invitation(tx, invitation.token)
        assert actor_of(store, token.token, Kind.TOKEN) is None

    def test_a_merchant_who_is_shut_out_does_not_come_back_by_its_private_link(self, store):
        account_id = made(store, "shop", Role.MERCHANT)
        with store.writing() as tx:
            shop = merchants.add(tx, entry(), actor=ADMIN)
            merchants.entrust(tx, shop, owner=account_id, trusted=False, version=1, actor=ADMIN)
            link = keys.issue(tx, Kind.LINK, by=RESIDENT, lifetime=timedelta(1), merchant=shop)
        assert actor_of(store, link.token)
        with store.writing() as tx:
            accounts.disable(tx, account_id, actor=ADMIN)
        assert actor_of(store, link.token) is None

    @pytest.mark.parametrize("how", ["disable", "revise"])
    def test_a_link_that_it_handed_out_ends_however_often_its_holder_renews_it(self, store, how):
        account_id = made(store)
        with store.writing() as tx:
            areas.merge(tx, areas_frame(("210103006000", "街道", square(*CENTRE))), actor=ADMIN)
            shop = merchants.add(tx, entry(), actor=ADMIN)
            given = proposals.renew_link(tx, shop, actor=acting_in(tx, account_id))
        with store.writing() as tx:
            holder = accounts.actor_of(tx, given, Kind.LINK)
            renewed = proposals.renew_link(tx, shop, actor=holder)
        assert actor_of(store, renewed).owns == {shop}
        with store.writing() as tx:
            if how == "disable":
                accounts.disable(tx, account_id, actor=ADMIN)
            else:
                told = {"role": Role.WORKER, "scope": "210106", "title": ""}
                accounts.revise(tx, account_id, **told, actor=ADMIN)
        assert actor_of(store, renewed) is None

    @pytest.mark.parametrize("issue", ISSUING, ids=ISSUING)
    def test_who_was_shut_out_while_asking_makes_no_key_any_more(self, store, issue):
        account_id = made(store, "chief", Role.ADMIN, "210103")
        other = made(store)
        asking = acting(store, "chief")
        with store.writing() as tx:
            areas.merge(tx, areas_frame(("210103006000", "街道", square(*CENTRE))), actor=ADMIN)
            shop = merchants.add(tx, entry(), actor=ADMIN)
            accounts.disable(tx, account_id, actor=ADMIN)
        with store.reading() as tx:
            before = tx.record_count("key")
        with store.writing() as tx, pytest.raises(Forbidden, match="not_signed_in"):
            ISSUING[issue](tx, asking, shop=shop, other=other)
        with store.reading() as tx:
            assert tx.record_count("key") == before

    def test_who_may_less_by_now_makes_keys_for_that_only(self, store):
        account_id = made(store, "chief", Role.ADMIN, "210103")
        asking = acting(store, "chief")
        with store.writing() as tx:
            told = {"role": Role.ADMIN, "scope": "210103006", "title": ""}
            accounts.revise(tx, account_id, **told, actor=ADMIN)
        with store.writing() as tx:
            with pytest.raises(Forbidden, match="forbidden"):
                accounts.invite(tx, role=Role.ADMIN, scope="210103", actor=asking)
            assert accounts.invite(tx, role=Role.ADMIN, scope="210103006", actor=asking)

    def test_a_disabling_and_a_key_made_at_the_same_moment_leave_no_key(self, store, store_url):
        account_id = made(store, "chief", Role.ADMIN, "210103")
        asking = acting(store, "chief")
        holding, made_one, ended = threading.Event(), threading.Event(), []

        def invite():
            own = open_store(store_url)
            with own.writing() as tx:
                ended.append(
                    accounts.invite(tx, role=Role.ADMIN, scope="210103", actor=asking).token
                )
                holding.set()
                made_one.wait(0.5)  # the other waits for this transaction, and never sets it
            own.close()

        thread = threading.Thread(target=invite)
        thread.start()
        assert holding.wait(30)
        with store.writing() as tx:
            accounts.disable(tx, account_id, actor=ADMIN)
            made_one.set()
        thread.join()
        with store.reading() as tx, pytest.raises(NotFound):
            accounts.invitation(tx, ended[0])

    def test_a_name_that_nobody_may_choose_any_more_goes_on_to_serve(self, store):
        account_id = made(store)
        aged(store, "account", "name", "мария", id=account_id)
        actor = acting(store, "мария")
        with store.writing() as tx:
            told = {"proven": True, "actor": actor}
            with pytest.raises(Invalid, match="account_invalid"):
                accounts.change_password(tx, NewPassword("это мария мария"), **told)
            assert accounts.change_password(tx, NewPassword(OTHER), **told)
        with store.writing() as tx:
            accounts.set_password(tx, account_id, NewPassword(PASSWORD), actor=ADMIN)
        assert tried(store, "мария")

    def test_signing_out_ends_this_session_and_everywhere_all_but_this(self, store):
        made(store)
        first, second, third = (tried(store).session.token for _ in range(3))
        actor = actor_of(store, first)
        with store.writing() as tx:
            accounts.sign_out(tx, first, actor=actor)
        assert [bool(actor_of(store, token)) for token in (first, second, third)] == [0, 1, 1]
        with store.writing() as tx:
            assert accounts.sign_out_everywhere(tx, actor=actor, but=third) == 1
        assert [bool(actor_of(store, token)) for token in (first, second, third)] == [0, 0, 1]
        with store.writing() as tx:
            assert accounts.sign_out_everywhere(tx, actor=actor) == 1
        assert actor_of(store, third) is None

    def test_a_change_of_password_needs_the_old_one_and_ends_the_other_sessions(self, store):
        made(store)
        here, there = (tried(store).session.token for _ in range(2))
        actor = actor_of(store, here)
        with store.writing() as tx:
            assert not accounts.change_password(tx, NewPassword(OTHER), proven=False, actor=actor)
        with store.writing() as tx:
            assert accounts.change_password(
                tx, NewPassword(OTHER), proven=True, actor=actor, keep=here
            )
        assert (actor_of(store, here) is None, actor_of(store, there)) == (False, None)
        assert tried(store) is None
        assert tried(store, password=OTHER)

    def test_who_finds_a_browser_open_may_not_guess_the_password_without_end(self, store):
        made(store)
        actor = acting(store)
        for _ in range(accounts.FREE_GUESSES + 1):
            with store.reading() as tx:
                who = accounts.myself(tx, actor=actor)
            with store.writing() as tx:
                accounts.change_password(
                    tx, NewPassword(OTHER), proven=who.proven("wrong"), actor=actor
                )
        with store.reading() as tx, pytest.raises(Forbidden, match="sign_in_locked"):
            accounts.myself(tx, actor=actor)

    @pytest.mark.parametrize(
        "column, since", [("seen", {"hours": 13}), ("expires", {"seconds": 1})]
    )
    def test_a_session_ends_by_itself(self, store, column, since):
        made(store)
        token = tried(store).session.token
        actor = actor_of(store, token)
        aged(store, "key", column, ago(**since), digest=keys.digest(token))
        assert actor_of(store, token) is None
        with store.reading() as tx:
            assert accounts.own_sessions(tx, actor=actor) == []

    def test_the_last_administrator_of_everything_stays(self, store):
        first, second = (made(store, name, Role.ADMIN, "") for name in ("one", "two"))
        made(store, "local", Role.ADMIN, "210103")
        with store.writing() as tx:
            accounts.disable(tx, first, actor=ADMIN)
        for act in (
            lambda tx: accounts.disable(tx, second, actor=ADMIN),
            lambda tx: accounts.revise(
                tx, second, role=Role.WORKER, scope="", title="", actor=ADMIN
            ),
            lambda tx: accounts.revise(
                tx, second, role=Role.ADMIN, scope="210103", title="", actor=ADMIN
            ),
        ):
            with store.writing() as tx, pytest.raises(Conflict, match="last_admin"):
                act(tx)

    def test_two_administrators_who_shut_each_other_out_leave_one(self, store, store_url):
        ids = [made(store, name, Role.ADMIN, "") for name in ("one", "two")]
        together, ended = threading.Barrier(2), []

        def disable(account_id):
            own = open_store(store_url)
            together.wait()
            try:
                with own.writing() as tx:
                    accounts.disable(tx, account_id, actor=ADMIN)
                ended.append("out")
            except Conflict as error:
                ended.append(error.code)
            own.close()

        threads = [threading.Thread(target=disable, args=(one,)) for one in ids]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(ended) == ["last_admin", "out"]


class TestScope:
    LOCAL = Actor("local", Role.ADMIN, "210103")

    def test_an_administrator_sees_and_changes_the_accounts_of_the_own_scope(self, store):
        inside, outside = made(store, "inside"), made(store, "outside", scope="210106")
        everywhere = made(store, "everywhere", Role.ADMIN, "")
        with store.reading() as tx:
            told = accounts.listed(tx, actor=self.LOCAL)
        assert [row["name"] for row in told] == ["inside"]
        assert not {"password", "totp"} & told[0].keys()
        for account_id in (outside, everywhere):
            for act in (
                lambda tx, one: accounts.disable(tx, one, actor=self.LOCAL),
                lambda tx, one: accounts.enable(tx, one, actor=self.LOCAL),
                lambda tx, one: accounts.set_password(
                    tx, one, NewPassword(OTHER), actor=self.LOCAL
                ),
                lambda tx, one: accounts.drop_codes(tx, one, actor=self.LOCAL),
                lambda tx, one: accounts.get(tx, one, actor=self.LOCAL),
                lambda tx, one: accounts.revise(
                    tx, one, role=Role.WORKER, scope="210103", title="", actor=self.LOCAL
                ),
            ):
                with store.writing() as tx, pytest.raises(Forbidden, match="forbidden"):
                    act(tx, account_id)
        with store.writing() as tx:
            accounts.disable(tx, inside, actor=self.LOCAL)

    def test_nobody_is_lifted_beyond_the_scope_of_who_lifts(self, store):
        inside = made(store, "inside")
        with store.writing() as tx, pytest.raises(Forbidden, match="forbidden"):
            accounts.revise(tx, inside, role=Role.ADMIN, scope="", title="", actor=self.LOCAL)

    def test_workers_change_no_account_not_even_their_own_role(self, store):
        account_id = made(store)
        actor = acting(store)
        for act in (
            lambda tx: accounts.revise(
                tx, account_id, role=Role.ADMIN, scope="210103006", title="", actor=actor
            ),
            lambda tx: accounts.listed(tx, actor=actor),
            lambda tx: accounts.log(tx, actor=actor),
            lambda tx: accounts.open_keys(tx, Kind.TOKEN, actor=actor),
        ):
            with store.writing() as tx, pytest.raises(Forbidden, match="forbidden"):
                act(tx)

    def test_who_finds_an_administrators_browser_open_does_not_get_the_account(self, store):
        account_id = made(store, "chief", Role.ADMIN, "")
        made(store, "second", Role.ADMIN, "")
        actor = acting(store, "chief")
        for act in (
            lambda tx: accounts.set_password(tx, account_id, NewPassword(OTHER), actor=actor),
            lambda tx: accounts.disable(tx, account_id, actor=actor),
            lambda tx: accounts.revise(
                tx, account_id, role=Role.WORKER, scope="", title="", actor=actor
            ),
        ):
            with store.writing() as tx, pytest.raises(Forbidden, match="own_account"):
                act(tx)

    def test_an_administrator_of_a_district_reads_the_log_of_the_district(self, store):
        made(store, "inside"), made(store, "outside", scope="210106")
        tried(store, "inside")
        tried(store, "outside")
        assert lines(store, self.LOCAL) == ["sign_in", "account_create"]
        assert len(lines(store)) == 4

    def test_the_log_is_read_page_by_page(self, store):
        for n in range(3):
            made(store, f"worker{n}")
        with store.reading() as tx:
            first = accounts.log(tx, actor=ADMIN, limit=2)
            rest = accounts.log(tx, actor=ADMIN, before=first[-1]["seq"], limit=2)
        assert (len(first), len(rest)) == (2, 1)

    @pytest.mark.parametrize("account_id", ["", "nowhere", "\x00", "0123456789"])
    def test_what_is_no_account_is_not_found(self, store, account_id):
        with store.writing() as tx, pytest.raises(NotFound, match="account_not_found"):
            accounts.disable(tx, account_id, actor=ADMIN)
        with store.writing() as tx, pytest.raises(NotFound, match="key_not_found"):
            accounts.end_key(tx, account_id, actor=ADMIN)
