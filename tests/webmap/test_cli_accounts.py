"""The commands for accounts, for erasing on request, and the way out of a tried demonstration."""

import re
import shutil

import pytest

from geodata import accounts, elders, merchants, proposals
from geodata.elders import Elder
from geodata.errors import NotFound
from geodata.keys import Kind
from geodata.policy import RESIDENT, Actor, Role
from geodata.proposals import Contact, Report
from geodata.vault import Vault, new_key
from tests import people
from tests.factories import ADMIN, entry
from webmap import create_app
from webmap.cli.accounts import first_steps
from webmap.config import Settings


@pytest.fixture
def office(empty_app):
    return empty_app.extensions["linju_store"]


@pytest.fixture
def run(empty_app):
    runner = empty_app.test_cli_runner()
    return lambda *words, **told: runner.invoke(args=list(words), **told)


def signs_in(store, name, password):
    with store.reading() as tx:
        who = accounts.candidate(tx, name)
    with store.writing() as tx:
        return accounts.sign_in(tx, who, proven=who.proven(password))


def shown(output):
    return re.search(r"([0-9A-Z]{4}-){2}[0-9A-Z]{4}", output).group()


class TestAccounts:
    def test_the_first_administrator_is_made_and_can_sign_in(self, run, office):
        done = run("accounts", "create", "chief", "--role", "admin", "--title", "李主任")
        assert done.exit_code == 0, done.output
        assert signs_in(office, "chief", shown(done.output))
        with office.reading() as tx:
            assert accounts.named(tx, "chief")["role"] == Role.ADMIN

    def test_an_operator_is_told_how_until_somebody_has_an_account(self, empty_app, run):
        with empty_app.app_context():
            assert "accounts create NAME --role admin" in first_steps()
            run("accounts", "create", "chief", "--role", "admin")
            assert first_steps() == ""

    def test_they_are_listed_and_what_was_done_is_in_the_log(self, run):
        run("accounts", "create", "wang", "--area", "210103006000", "--title", "王芳")
        assert re.search(r"wang\s+王芳\s+社工\s+210103006", run("accounts", "list").output)
        assert "新建账号 王芳 (wang)" in run("accounts", "log").output

    def test_shutting_out_and_letting_in(self, run, office):
        password = shown(run("accounts", "create", "wang", "--everywhere").output)
        assert run("accounts", "disable", "wang").exit_code == 0
        assert signs_in(office, "wang", password) is None
        assert run("accounts", "enable", "wang").exit_code == 0
        assert signs_in(office, "wang", password)

    def test_a_lost_password_and_a_lost_phone(self, run, office):
        run("accounts", "create", "wang", "--everywhere")
        with office.writing() as tx:
            tx.revise("account", {"totp": accounts.new_code_secret()}, name="wang")
        done = run("accounts", "password", "wang")
        assert run("accounts", "codes-off", "wang").exit_code == 0
        assert signs_in(office, "wang", shown(done.output))

    def test_an_invitation_opens_the_way_to_join(self, run, office):
        done = run("accounts", "invite", "--everywhere", "--address", "http://map.example/")
        link = done.output.strip()
        assert link.startswith("http://map.example/join#")
        with office.reading() as tx:
            assert accounts.invitation(tx, link.partition("#")[2])["role"] == Role.WORKER

    @pytest.mark.parametrize(
        "words, told",
        [
            (("create", "x", "--everywhere"), "2 到 40 个"),
            (("create", "wang", "--area", "12345"), "区划"),
            (("create", "wang"), "--area / --everywhere"),
            (("create", "second", "--role", "admin"), "--area / --everywhere"),
            (("create", "wang", "--area", "210103", "--everywhere"), "只能选一样"),
            (("invite",), "--area / --everywhere"),
            (("disable", "nobody"), "没有"),
            (("disable", "chief"), "最后一位总管理员"),
        ],
    )
    def test_what_cannot_be_done_is_told_in_a_sentence(self, run, words, told):
        run("accounts", "create", "chief", "--role", "admin")
        done = run("accounts", *words)
        assert done.exit_code == 1
        assert told in done.output
        assert "Traceback" not in done.output


class TestErasing:
    def test_it_asks_first_and_takes_what_was_merged_into_it_along(self, run, office):
        with office.writing() as tx:
            shop, old = (merchants.add(tx, entry(name), actor=ADMIN) for name in ("店", "旧店"))
            told = {"merged": shop, "status": "retired"}
            tx.update("merchant", old, told, version=1, by=ADMIN)
        words = ("merchants", "erase", shop, "--why", "店主要求")
        assert run(*words, input="n\n").exit_code == 1
        with office.reading() as tx:
            assert tx.row("merchant", shop)
        assert run(*words, input="y\n").exit_code == 0
        for gone in (shop, old):
            with office.reading() as tx, pytest.raises(NotFound):
                tx.row("merchant", gone)
        assert run("merchants", "erase", "NOWHERE000", "--why", "x", "--yes").exit_code == 1

    def test_it_tells_which_other_shop_had_something_from_it(self, run, office):
        with office.writing() as tx:
            into = merchants.add(tx, entry("真店"), actor=ADMIN)
            told = entry("同店", phones=("13800000000",), note="修鞋")
            made = proposals.register(tx, told, proposals.Contact(), actor=ADMIN)
            (one,) = tx.records("proposal", merchant=made.merchant)
            seen = {"version": 1, "merchant_version": 1, "actor": ADMIN}
            proposals.merge_into(tx, one["id"], into, **seen)
            merchants.edit(tx, into, {"note": "也修包"}, version=2, actor=ADMIN)
        done = run("merchants", "erase", made.merchant, "--why", "店主要求", "--yes")
        gone, changed = done.output.splitlines()[-2:]
        assert ("真店" in gone, into in gone, "电话" in gone) == (True, True, True)
        assert ("真店" in changed, "电话" in changed) == (True, False)
        assert "13800000000" not in done.output


class TestLeavingTheDemonstration:
    @pytest.fixture
    def run(self, instance, demonstration):
        if not (instance / "linju.gpkg").exists():
            shutil.copy(demonstration, instance / "linju.gpkg")
        app = create_app(Settings(instance=instance))
        runner = app.test_cli_runner()
        yield lambda *words, **told: runner.invoke(args=list(words), **told)
        app.extensions["linju_store"].close()

    def test_accounts_tokens_and_the_log_stay_and_links_go(self, run, store):
        people.hire(store, "worker")
        session = people.session_of(store, "worker")
        with store.writing() as tx:
            invitation = accounts.invite(tx, role=Role.WORKER, actor=ADMIN)
            shop = tx.rows("merchant", columns=("id",))[0]["id"]
            owner = Actor("owner", Role.MERCHANT, owns=frozenset({shop}))
            link = proposals.renew_link(tx, shop, actor=owner)
            tx.update("category", "clinic", {"colour": "#0072b2"}, version=1, by=ADMIN)
        assert run("demo", "--remove").exit_code == 0
        with store.reading() as tx:
            assert accounts.actor_of(tx, session, Kind.SESSION).name == "worker"
            assert accounts.invitation(tx, invitation.token)
            assert accounts.actor_of(tx, link, Kind.LINK) is None
            assert "account_create" in {line["what"] for line in accounts.log(tx, actor=ADMIN)}
            assert len(tx.history("category", "clinic")) == 2
            assert tx.rows("merchant") == []

    @pytest.mark.parametrize("what", ["add", "edit", "elder", "report", "register"])
    def test_what_was_tried_is_not_taken_away_unasked(self, run, store, what):
        with store.writing() as tx:
            row = tx.rows("merchant")[0]
            if what == "add":
                merchants.add(tx, entry("试一下"), actor=ADMIN)
            elif what == "edit":
                told = {"note": "试"}
                merchants.edit(tx, row["id"], told, version=1, actor=ADMIN, why="demo")
            elif what == "elder":
                home, vault = tx.rows("home")[0]["id"], Vault([new_key()])
                elders.add(tx, home, Elder("试一下"), vault, actor=ADMIN)
            elif what == "report":
                proposals.report(tx, row["id"], Report("moved"), actor=RESIDENT)
            else:
                proposals.register(tx, entry("试"), Contact("王", "1"), actor=RESIDENT)
        refused = run("demo", "--remove")
        assert refused.exit_code == 1
        assert "demo --remove --trials" in refused.output
        with store.reading() as tx:
            assert tx.row("merchant", row["id"])
        asked = run("demo", "--remove", "--trials", input="n\n")
        assert (asked.exit_code, " 个，申请 " in asked.output) == (1, True)
        assert run("demo", "--remove", "--trials", input="y\n").exit_code == 0
        with store.reading() as tx:
            assert tx.rows("merchant") == []
            left = [tx.record_count(table) for table in ("proposal", "contact", "elder")]
            assert left == [0, 0, 0]
