"""How accounts and tokens come to be, and what they cannot be. On both engines."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from geodata import accounts, areas, keys, merchants
from geodata.accounts import NewPassword, passwords
from geodata.errors import Conflict, Forbidden, Invalid, NotFound
from geodata.keys import Kind
from geodata.policy import RESIDENT, Actor, Role
from geodata.store import open_store
from tests.factories import ADMIN, CENTRE, areas_frame, entry, square
from tests.geodata.accounts.doors import PASSWORD, actor_of, aged, ago, made, row_of, tried


class TestInvitations:
    def invited(self, store, role=Role.WORKER, scope="210103006", **told):
        with store.writing() as tx:
            return accounts.invite(tx, role=role, scope=scope, actor=ADMIN, **told)

    def joined(self, store, token, name="new", **told):
        with store.writing() as tx:
            return accounts.join(tx, token, name, NewPassword(PASSWORD), **told)

    def test_it_makes_the_account_that_it_is_for(self, store):
        begun = self.joined(store, self.invited(store, title="王姐").token)
        row = row_of(store, begun.account)
        assert (row["role"], row["scope"], row["title"]) == ("worker", "210103006", "王姐")
        assert actor_of(store, begun.session.token).name == "new"

    def test_it_serves_once(self, store):
        token = self.invited(store).token
        self.joined(store, token)
        with pytest.raises(NotFound, match="invitation_not_valid"):
            self.joined(store, token, "second")

    def test_it_serves_once_also_two_at_the_same_moment(self, store, store_url):
        token = self.invited(store).token
        together, ended = threading.Barrier(2), []

        def join(name):
            own = open_store(store_url)
            together.wait()
            try:
                self.joined(own, token, name)
                ended.append("in")
            except NotFound as error:
                ended.append(error.code)
            own.close()

        threads = [threading.Thread(target=join, args=(f"new{n}",)) for n in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(ended) == ["in", "invitation_not_valid"]

    def test_what_cannot_be_an_account_does_not_use_it_up(self, store):
        token = self.invited(store).token
        made(store)
        with pytest.raises(Conflict, match="account_name_taken"):
            self.joined(store, token, "WORKER")
        with pytest.raises(Invalid):
            self.joined(store, token, "x")
        self.joined(store, token)

    def test_it_expires_and_can_be_ended(self, store):
        late, ended = self.invited(store), self.invited(store)
        aged(store, "key", "expires", ago(seconds=1), id=late.id)
        with store.writing() as tx:
            accounts.end_key(tx, ended.id, actor=ADMIN)
        for token in (late.token, ended.token, "", "x" * 5000):
            with pytest.raises(NotFound, match="invitation_not_valid"):
                self.joined(store, token)

    def test_a_session_is_no_invitation_and_the_other_way_round(self, store):
        made(store)
        with pytest.raises(NotFound):
            self.joined(store, tried(store).session.token)
        assert actor_of(store, self.invited(store).token, *Kind) is None

    def test_nobody_invites_beyond_the_own_scope(self, store):
        for actor in (Actor("a", Role.ADMIN, "210103"), Actor("w", Role.WORKER, "210103")):
            with store.writing() as tx, pytest.raises(Forbidden, match="forbidden"):
                accounts.invite(tx, role=Role.WORKER, scope="", actor=actor)
        with store.writing() as tx:
            accounts.invite(
                tx, role=Role.ADMIN, scope="210103006", actor=Actor("a", Role.ADMIN, "210103")
            )
            with pytest.raises(Forbidden):
                accounts.invite(
                    tx, role=Role.WORKER, scope="210103", actor=Actor("w", Role.WORKER, "210103")
                )


class TestClaiming:
    @pytest.fixture
    def shop(self, store):
        with store.writing() as tx:
            areas.merge(tx, areas_frame(("210103006012", "泉富社区", square(*CENTRE))), actor=ADMIN)
            return merchants.add(tx, entry(), actor=ADMIN)

    @pytest.fixture
    def holder(self, store, shop):
        with store.writing() as tx:
            link = keys.issue(tx, Kind.LINK, by=RESIDENT, lifetime=timedelta(1), merchant=shop)
        return actor_of(store, link.token)

    def test_a_links_holder_gets_an_account_that_the_community_looks_after(
        self, store, shop, holder
    ):
        with store.writing() as tx:
            begun = accounts.claim(tx, shop, "laowang", NewPassword(PASSWORD), actor=holder)
        assert actor_of(store, begun.session.token).owns == {shop}
        row = row_of(store, begun.account)
        assert (row["role"], row["scope"]) == ("merchant", "210103006012")

    def test_a_shop_has_one_account(self, store, shop, holder):
        with store.writing() as tx:
            accounts.claim(tx, shop, "laowang", NewPassword(PASSWORD), actor=holder)
        owner = Actor("owner", Role.MERCHANT, owns=frozenset({shop}))
        with store.writing() as tx, pytest.raises(Conflict, match="merchant_owned"):
            accounts.claim(tx, shop, "laoli", NewPassword(PASSWORD), actor=owner)

    def test_a_link_that_has_ended_meanwhile_makes_none(self, store, shop, holder):
        with store.writing() as tx:
            keys.end(tx, merchant=shop)
        with store.writing() as tx, pytest.raises(NotFound, match="link_not_valid"):
            accounts.claim(tx, shop, "laowang", NewPassword(PASSWORD), actor=holder)

    def test_staff_and_strangers_make_no_account_of_it(self, store, shop, holder):
        other = replace(holder, owns=frozenset({"X"}))
        for actor in (Actor("w", Role.WORKER, "210103"), ADMIN, RESIDENT, other):
            with store.writing() as tx, pytest.raises(Forbidden):
                accounts.claim(tx, shop, "laoli", NewPassword(PASSWORD), actor=actor)


class TestNames:
    @pytest.mark.parametrize(
        "told, reason",
        [
            ({"name": "x"}, {"name": "not_a_name"}),
            ({"name": "a b"}, {"name": "not_a_name"}),
            ({"name": "token:x"}, {"name": "not_a_name"}),
            ({"name": "Linju"}, {"name": "not_a_name"}),
            ({"name": "new\u200bname"}, {"name": "not_a_name"}),
            ({"name": "new\u00adname"}, {"name": "not_a_name"}),
            ({"name": "new\u202ename"}, {"name": "not_a_name"}),
            ({"name": "new\u3164name"}, {"name": "not_a_name"}),
            ({"name": "newname\ufe0f"}, {"name": "not_a_name"}),
            ({"name": "newn\u0430me"}, {"name": "not_a_name"}),
            ({"name": "\u0430\u0441\u0435"}, {"name": "not_a_name"}),
            ({"name": "adm\u0131n"}, {"name": "not_a_name"}),
            ({"name": "\u03bfwner"}, {"name": "not_a_name"}),
            ({"name": "caf\u00e9"}, {"name": "not_a_name"}),
            ({"name": "\u3007\u3007"}, {"name": "not_a_name"}),
            ({"title": "长" * 61}, {"title": "too_long"}),
            ({"role": Role.RESIDENT}, {"role": "unknown"}),
            ({"scope": "21010"}, {"scope": "not_a_code"}),
            ({"password": "short"}, {"password": "too_short"}),
            ({"password": "x" * 201}, {"password": "too_long"}),
            ({"password": "aaaaaaaaaabbbbbb"}, {"password": "too_easy"}),
            ({"password": "1234567890"}, {"password": "too_easy"}),
            ({"password": "qwertyuiop"}, {"password": "too_easy"}),
            ({"password": "my NEWNAME is"}, {"password": "too_easy"}),
        ],
    )
    def test_what_an_account_cannot_have_is_told_by_field(self, store, told, reason):
        good = {"name": "newname", "password": PASSWORD, "role": Role.WORKER, "scope": ""}
        good |= told
        password = NewPassword(good.pop("password"))
        with store.writing() as tx, pytest.raises(Invalid) as caught:
            accounts.create(tx, good.pop("name"), password, actor=ADMIN, **good)
        assert caught.value.details == reason

    def test_a_name_that_is_taken_at_the_same_moment_is_said_to_be(self, store, monkeypatch):
        made(store)
        with store.writing() as tx:
            monkeypatch.setattr(tx, "records", lambda *_a, **_k: [])
            with pytest.raises(Conflict, match="account_name_taken"):
                accounts.create(tx, "worker", NewPassword(PASSWORD), role=Role.WORKER, actor=ADMIN)

    @pytest.mark.parametrize(
        "known, alike",
        [
            ("worker", "ＷORKER"),
            ("worker", "\u200bworker\u3000"),
            ("strasse", "STRAẞE"),
            ("泉富3", "泉富③"),
        ],
    )
    def test_width_case_and_unseen_signs_make_no_second_name(self, store, known, alike):
        made(store, known)
        with pytest.raises(Conflict, match="account_name_taken"):
            made(store, alike)

    @pytest.mark.parametrize("name", ["王芳", "wang芳", "𠮷野", "Wang.3", "w-1@x_y"])
    def test_names_in_chinese_and_in_plain_letters_serve(self, store, name):
        made(store, name)
        assert tried(store, name)

    def test_a_generated_password_is_good_enough_and_another_each_time(self):
        many = {accounts.fresh_password() for _ in range(50)}
        assert len(many) == 50
        assert all(
            len(one) == 14 and passwords.weakness(one, one[:2].casefold()) == "" for one in many
        )


class TestTokens:
    def issued(self, store, title="sensor", scope="210103", days=1, actor=ADMIN):
        with store.writing() as tx:
            return accounts.issue_token(
                tx, title, scope=scope, lifetime=timedelta(days=days), actor=actor
            )

    def test_a_machine_acts_as_a_worker_of_its_scope(self, store):
        actor = actor_of(store, self.issued(store).token, Kind.TOKEN)
        assert (actor.name, actor.role, actor.scope) == ("token:sensor", Role.WORKER, "210103")

    def test_two_in_use_are_not_called_alike(self, store):
        late, ended = self.issued(store, "大屏 A"), self.issued(store, "door")
        for title in ("大屏 A", " 大屏\u3000ａ "):
            with pytest.raises(Invalid) as caught:
                self.issued(store, title, scope="210106")
            assert caught.value.details == {"title": "taken"}
        aged(store, "key", "expires", ago(seconds=1), id=late.id)
        with store.writing() as tx:
            accounts.end_key(tx, ended.id, actor=ADMIN)
        for title in ("大屏 A", "door"):
            assert self.issued(store, title)

    def test_it_expires_and_can_be_ended(self, store):
        late, ended = self.issued(store), self.issued(store, "another")
        aged(store, "key", "expires", ago(seconds=1), id=late.id)
        with store.writing() as tx:
            accounts.end_key(tx, ended.id, actor=ADMIN)
        assert [actor_of(store, one.token, Kind.TOKEN) for one in (late, ended)] == [None, None]

    @pytest.mark.parametrize(
        "told, reason",
        [
            ({"title": " "}, {"title": "missing"}),
            ({"title": "x" * 61}, {"title": "too_long"}),
            ({"days": 401}, {"lifetime": "out_of_range"}),
            ({"days": 0}, {"lifetime": "out_of_range"}),
            ({"scope": "x"}, {"scope": "not_a_code"}),
        ],
    )
    def test_what_it_cannot_be_is_told_by_field(self, store, told, reason):
        with pytest.raises(Invalid) as caught:
            self.issued(store, **told)
        assert caught.value.details == reason

    def test_only_administrators_make_them_and_inside_their_scope(self, store):
        for actor in (Actor("a", Role.ADMIN, "210106"), Actor("w", Role.WORKER, "")):
            with pytest.raises(Forbidden):
                self.issued(store, actor=actor)

    def test_they_are_listed_without_what_opens_them(self, store):
        made_token = self.issued(store)
        with store.reading() as tx:
            told = accounts.open_keys(tx, Kind.TOKEN, actor=ADMIN)
            kept = tx.records("key")
        assert [row["title"] for row in told] == ["sensor"]
        assert made_token.token not in str(told) + str(kept)
        assert "digest" not in told[0]


def test_whether_anybody_has_an_account_is_known(store):
    with store.reading() as tx:
        assert not accounts.any_account(tx)
    made(store)
    with store.reading() as tx:
        assert accounts.any_account(tx)
