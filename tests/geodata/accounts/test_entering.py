"""Coming in: who is believed, and who is slowed down. On both engines."""

import threading
from datetime import UTC, datetime

import pyotp
import pytest
from argon2 import Type

from geodata import accounts
from geodata.accounts import NewPassword, guessing, passwords
from geodata.errors import Forbidden
from geodata.policy import Actor, Role
from geodata.store import open_store
from tests.factories import ADMIN
from tests.geodata.accounts.doors import (
    OTHER,
    PASSWORD,
    acting,
    actor_of,
    aged,
    ago,
    made,
    row_of,
    tried,
)

HASHER = passwords.hasher  # as it is outside of tests


class TestSigningIn:
    def test_who_knows_name_and_password_acts_as_the_account(self, store):
        account_id = made(store)
        begun = tried(store, " Ｗorker ")
        assert (begun.account, begun.failures) == (account_id, 0)
        actor = actor_of(store, begun.session.token)
        assert (actor.name, actor.role, actor.scope) == ("worker", Role.WORKER, "210103006")
        assert actor.account == account_id

    @pytest.mark.parametrize("name, password", [("worker", OTHER), ("nobody", PASSWORD)])
    def test_anything_wrong_is_refused_alike(self, store, name, password):
        made(store)
        assert tried(store, name, password) is None

    def test_a_password_is_the_same_however_the_keyboard_writes_it(self, store):
        with store.writing() as tx:
            accounts.create(
                tx, "a1", NewPassword("ｃafe\u0301 泉富社区"), role=Role.WORKER, actor=ADMIN
            )
        assert tried(store, "a1", "caf\u00e9 泉富社区")

    def test_a_password_is_kept_as_argon2id_as_rfc_9106_recommends(self, store):
        assert (HASHER.type, HASHER.time_cost) == (Type.ID, 3)
        assert HASHER.memory_cost >= 65536
        row = row_of(store, made(store))
        assert row["password"].startswith("$argon2id$")

    def test_proving_is_as_much_work_for_a_name_that_nobody_has(self, store, monkeypatch):
        made(store)
        proofs = []
        monkeypatch.setattr(passwords.hasher.__class__, "verify", lambda *told: proofs.append(told))
        for name in ("worker", "nobody"):
            with store.reading() as tx:
                accounts.candidate(tx, name).proven(OTHER)
        assert len(proofs) == 2

    def test_a_password_that_was_changed_while_it_was_proven_lets_nobody_in(self, store):
        account_id = made(store)
        with store.reading() as tx:
            who = accounts.candidate(tx, "worker")
        proven = who.proven(PASSWORD)
        with store.writing() as tx:
            accounts.set_password(tx, account_id, NewPassword(OTHER), actor=ADMIN)
        with store.writing() as tx:
            assert accounts.sign_in(tx, who, proven=proven) is None

    def test_the_log_tells_where_and_that_but_no_name_that_was_typed(self, store):
        made(store)
        tried(store)
        tried(store, "hunter2secret", "x")
        with store.reading() as tx:
            told = accounts.log(tx, actor=ADMIN)
            guesses = tx.records("guess")
        assert [line["what"] for line in told[:2]] == ["sign_in_failed", "sign_in"]
        assert {line["network"] for line in told[:2]} == {"203.0.113.0/24"}
        assert "hunter2secret" not in str(told) + str(guesses)


class TestGuessing:
    def guess(self, store, times, name="worker", known=()):
        for _ in range(times):
            assert tried(store, name, "wrong", known=known) is None

    def unlock(self, store):
        with store.writing() as tx:
            for row in tx.records("guess"):
                tx.revise("guess", {"locked_until": ago(seconds=1)}, name=row["name"])

    @pytest.mark.parametrize("name", ["worker", "nobody"])
    def test_after_some_wrong_passwords_each_further_one_doubles_the_wait(self, store, name):
        made(store)
        self.guess(store, accounts.FREE_GUESSES + 1, name)
        for wait in (30, 60, 120):
            with pytest.raises(Forbidden) as caught:
                tried(store, name)
            assert caught.value.code == "sign_in_locked"
            assert caught.value.details["seconds"] == pytest.approx(wait, abs=2)
            self.unlock(store)
            self.guess(store, 1, name)

    def test_the_wait_has_an_end(self):
        assert guessing.wait_after(10**9) == accounts.LONGEST_LOCK

    def test_while_it_is_locked_the_right_password_is_not_even_looked_at(self, store):
        made(store)
        with store.reading() as tx:
            who = accounts.candidate(tx, "worker")
        self.guess(store, accounts.FREE_GUESSES + 1)
        with store.writing() as tx, pytest.raises(Forbidden, match="sign_in_locked"):
            accounts.sign_in(tx, who, proven=True)

    def test_a_browser_that_was_here_before_is_not_kept_out_by_others(self, store):
        account_id = made(store)
        self.guess(store, accounts.FREE_GUESSES + 1)
        begun = tried(store, known=[account_id])
        assert begun.failures == accounts.FREE_GUESSES + 1
        assert tried(store).failures == 0

    def test_but_it_may_not_guess_without_end_either(self, store):
        account_id = made(store)
        self.guess(store, accounts.FREE_GUESSES + 1, known=[account_id])
        with pytest.raises(Forbidden, match="sign_in_locked"):
            tried(store, known=[account_id])
        assert tried(store)

    def test_having_been_at_another_account_helps_nobody(self, store):
        made(store)
        other = made(store, "other")
        self.guess(store, accounts.FREE_GUESSES + 1)
        with pytest.raises(Forbidden, match="sign_in_locked"):
            tried(store, known=[other])

    def test_guesses_at_the_same_time_are_all_counted(self, store, store_url):
        made(store)
        with store.reading() as tx:
            who = accounts.candidate(tx, "worker")
        together = threading.Barrier(accounts.FREE_GUESSES)

        def guess():
            own = open_store(store_url)
            together.wait()
            with own.writing() as tx:
                accounts.sign_in(tx, who, proven=False)
            own.close()

        threads = [threading.Thread(target=guess) for _ in range(accounts.FREE_GUESSES)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert tried(store).failures == accounts.FREE_GUESSES

    def test_a_new_password_and_being_let_in_again_lift_the_lock(self, store):
        account_id = made(store)
        for lift in (
            lambda tx: accounts.enable(tx, account_id, actor=ADMIN),
            lambda tx: accounts.set_password(tx, account_id, NewPassword(PASSWORD), actor=ADMIN),
        ):
            self.guess(store, accounts.FREE_GUESSES + 1)
            with store.writing() as tx:
                lift(tx)
            assert tried(store)

    def test_old_counters_are_not_kept(self, store):
        made(store)
        self.guess(store, 1, "nobody")
        aged(store, "guess", "at", ago(days=8))
        self.guess(store, 1)
        with store.reading() as tx:
            assert tx.record_count("guess") == 1


class TestCodes:
    def secured(self, store) -> str:
        made(store)
        secret = accounts.new_code_secret()
        actor = acting(store)
        with store.writing() as tx:
            accounts.use_codes(tx, secret, self.code(secret), proven=True, actor=actor)
        return secret

    def code(self, secret, steps=0) -> str:
        return pyotp.TOTP(secret).at(int(datetime.now(UTC).timestamp()) + 30 * steps)

    def test_the_password_alone_is_told_that_a_code_is_missing(self, store):
        self.secured(store)
        with pytest.raises(Forbidden, match="code_missing"):
            tried(store)
        assert tried(store, password=OTHER) is None

    def test_a_code_counts_once(self, store):
        code = self.code(self.secured(store), 1)
        assert tried(store, code=f"{code[:3]} {code[3:]}")
        assert tried(store, code=code) is None

    def test_a_wrong_code_is_a_wrong_guess(self, store):
        self.secured(store)
        for _ in range(accounts.FREE_GUESSES + 1):
            assert tried(store, code="000000") is None
        with pytest.raises(Forbidden, match="sign_in_locked"):
            tried(store)

    def test_they_begin_with_a_password_and_a_right_code(self, store):
        account_id = made(store)
        secret, actor = accounts.new_code_secret(), acting(store)
        with store.writing() as tx:
            assert not accounts.use_codes(tx, secret, self.code(secret), proven=False, actor=actor)
        for told in ((secret, "000000"), ("short", self.code(secret))):
            with store.writing() as tx, pytest.raises(Forbidden, match="code_wrong"):
                accounts.use_codes(tx, *told, proven=True, actor=actor)
        assert row_of(store, account_id)["totp"] == ""

    def test_ones_own_end_with_the_password_and_an_administrator_ends_those_of_who_lost_it(
        self, store
    ):
        self.secured(store)
        with store.reading() as tx:
            row = accounts.named(tx, "worker")
        assert row["codes"]
        own = Actor("worker", Role.WORKER, "210103006", account=row["id"])
        with store.writing() as tx:
            assert not accounts.drop_own_codes(tx, proven=False, actor=own)
        assert row_of(store, row["id"])["totp"]
        with store.writing() as tx, pytest.raises(Forbidden, match="own_account"):
            accounts.drop_codes(tx, row["id"], actor=Actor("a", Role.ADMIN, account=row["id"]))
        with store.writing() as tx:
            accounts.drop_codes(tx, row["id"], actor=ADMIN)
        assert tried(store)
