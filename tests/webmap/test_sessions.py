"""Cookies, forged requests, and who is believed to ask."""

import os
import stat
import uuid
from datetime import UTC, datetime, timedelta

import fakeredis
import pytest
from flask import Blueprint
from werkzeug.exceptions import TooManyRequests

from geodata import accounts, keys
from geodata.policy import Role
from tests.factories import ADMIN
from webmap import create_app, limits, sessions
from webmap.config import Settings

PASSWORD = "correct horse battery"


def account(store, name="worker", role=Role.WORKER, scope="210103006"):
    new = accounts.NewPassword(PASSWORD)
    with store.writing() as tx:
        return accounts.create(tx, name, new, role=role, scope=scope, actor=ADMIN)


def session_of(store, name="worker"):
    with store.writing() as tx:
        who = accounts.candidate(tx, name)
        return accounts.sign_in(tx, who, proven=who.proven(PASSWORD)).session.token


@pytest.fixture
def door(app):
    """Give the application a page that holds a token, and one that writes."""
    bp = Blueprint("door", __name__)

    @bp.get("/test/hold/<token>")
    def hold(token):
        sessions.begin(token, "A")
        return "held"

    @bp.post("/test/write-late")
    def write_late():
        with app.extensions["linju_store"].writing():
            return sessions.actor().name

    @bp.post("/test/write")
    @bp.post("/api/test/write")
    def write():
        return sessions.actor().name

    app.register_blueprint(bp)
    return app.test_client()


def test_a_resident_gets_no_cookie(client):
    for path in ("/", "/matrix", "/api/merchants", "/map.js"):
        assert "Set-Cookie" not in client.get(path).headers


@pytest.mark.parametrize("scheme, secure", [("http", False), ("https", True)])
def test_a_cookie_is_http_only_lax_and_secure_behind_tls(door, scheme, secure):
    told = door.get("/test/hold/x", base_url=f"{scheme}://localhost").headers["Set-Cookie"]
    assert "HttpOnly" in told
    assert "SameSite=Lax" in told
    assert ("Secure" in told) is secure


def test_who_holds_a_session_is_its_account_until_it_ends(door, store):
    whose = account(store)
    token = session_of(store)
    door.get(f"/test/hold/{token}")
    told = door.get("/session").get_json()
    assert (told["role"], told["account"]) == ("worker", whose)
    with store.writing() as tx:
        keys.end(tx, digest=keys.digest(token))
    assert door.get("/session").get_json()["role"] == "resident"


def test_a_browser_remembers_the_accounts_that_were_here_last(app):
    with app.test_request_context():
        for number in range(12):
            sessions.begin("x", f"A{number}")
        assert sessions.known_accounts() == [f"A{number}" for number in range(4, 12)]
        sessions.end()
        assert sessions.known_accounts()[-1] == "A11"


def test_an_answer_that_comes_late_does_not_bring_back_who_was_here_before(door, store):
    account(store)
    door.get(f"/test/hold/{session_of(store)}")
    door.get("/session")
    for path in ("/session", "/api/closures", "/"):
        assert "Set-Cookie" not in door.get(path).headers


@pytest.mark.parametrize("path", ["/test/write", "/api/test/write"])
def test_a_writing_request_with_a_cookie_needs_the_token_of_its_own_page(door, store, path):
    account(store)
    door.get(f"/test/hold/{session_of(store)}")
    refused = door.post(path)
    assert refused.status_code == 400
    csrf = door.get("/session").get_json()["csrf"]
    assert door.post(path, headers={"X-CSRF-Token": csrf}).text == "worker"
    assert door.post(path, headers={"X-CSRF-Token": csrf[:-1]}).status_code == 400


def test_a_form_without_a_cookie_is_refused_too(door):
    assert door.post("/test/write").status_code == 400


def test_a_program_without_a_cookie_acts_as_a_resident(door):
    assert door.post("/api/test/write").text == "resident"


@pytest.mark.parametrize("path", ["/test/write", "/api/test/write"])
def test_what_another_site_sends_is_refused(door, path):
    assert door.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_machines_token_acts_in_its_scope_and_needs_no_csrf(door, store):
    with store.writing() as tx:
        made = accounts.issue_token(
            tx, "sensor", scope="210103", lifetime=timedelta(days=1), actor=ADMIN
        )
    bearer = {"Authorization": f"Bearer {made.token}"}
    assert door.post("/api/test/write", headers=bearer).text == "token:sensor"
    assert door.get("/session", headers=bearer).get_json()["scope"] == "210103"
    with store.writing() as tx:
        accounts.end_key(tx, made.id, actor=ADMIN)
    assert door.post("/api/test/write", headers=bearer).status_code == 401


def test_a_session_is_no_bearer_token(door, store):
    account(store)
    bearer = {"Authorization": f"Bearer {session_of(store)}"}
    assert door.post("/api/test/write", headers=bearer).status_code == 401


def test_a_session_that_nobody_used_for_long_is_over(door, store):
    account(store)
    token = session_of(store)
    door.get(f"/test/hold/{token}")
    with store.writing() as tx:
        tx.revise("key", {"seen": "2020-01-01T00:00:00.000Z"}, digest=keys.digest(token))
    assert door.get("/session").get_json()["role"] == "resident"


def test_a_session_that_was_not_used_for_a_while_can_begin_with_writing(door, store):
    account(store)
    token = session_of(store)
    door.get(f"/test/hold/{token}")
    csrf = door.get("/session").get_json()["csrf"]
    earlier = f"{datetime.now(UTC) - timedelta(minutes=10):%Y-%m-%dT%H:%M:%S}.000Z"
    with store.writing() as tx:
        tx.revise("key", {"seen": earlier}, digest=keys.digest(token))
    assert door.post("/test/write-late", headers={"X-CSRF-Token": csrf}).text == "worker"
    with store.reading() as tx:
        assert keys.find(tx, token, keys.Kind.SESSION)["seen"] > earlier


def test_the_secret_is_made_once_and_is_nobody_elses_to_read(tmp_path):
    settings = Settings(instance=tmp_path / "office")
    first, second = create_app(settings), create_app(settings)
    assert first.secret_key == second.secret_key == settings.secret_file.read_bytes()
    if os.name == "posix":
        assert stat.S_IMODE(settings.secret_file.stat().st_mode) == 0o600
    for app in (first, second):
        app.extensions["linju_store"].close()


@pytest.mark.parametrize(
    "address, said",
    [("203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("", "")],
)
def test_a_network_names_nobody(app, address, said):
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert sessions.network() == said


@pytest.fixture
def redis_url(monkeypatch):
    """Give the address of a Redis that is in this process, and no other's."""
    monkeypatch.setattr("redis.from_url", fakeredis.FakeRedis.from_url)
    return f"redis://{uuid.uuid4()}:6379/0"


class TestLimits:
    def test_too_many_are_told_when_to_come_again(self, app):
        with app.test_request_context(environ_base={"REMOTE_ADDR": "203.0.113.7"}):
            for _ in range(6):
                limits.within(limits.REPORT)
            with pytest.raises(Exception, match="429"):
                limits.within(limits.REPORT)
            limits.within(limits.SIGN_IN)
        with app.test_request_context(environ_base={"REMOTE_ADDR": "203.0.113.8"}):
            limits.within(limits.REPORT)

    def test_processes_with_the_same_redis_count_together(self, instance, redis_url):
        offices = [create_app(Settings(instance=instance, limits=redis_url)) for _ in range(2)]
        asked = {"environ_base": {"REMOTE_ADDR": "203.0.113.7"}}
        for office in offices:
            with office.test_request_context(**asked):
                for _ in range(3):
                    limits.within(limits.REPORT)
        for office in offices:
            with office.test_request_context(**asked), pytest.raises(Exception, match="429"):
                limits.within(limits.REPORT)
            office.extensions["linju_store"].close()

    def test_a_household_of_ipv6_is_one_address(self, app):
        for n in range(7):
            where = {"REMOTE_ADDR": f"2001:db8:1:2::{n}"}
            with app.test_request_context(environ_base=where):
                if n < 6:
                    limits.within(limits.REPORT)
                else:
                    with pytest.raises(TooManyRequests):
                        limits.within(limits.REPORT)

    def test_counters_out_of_reach_let_everybody_pass(self, instance):
        app = create_app(Settings(instance=instance, limits="redis://127.0.0.1:1/0"))
        with app.test_request_context(environ_base={"REMOTE_ADDR": "203.0.113.7"}):
            for _ in range(20):
                limits.within(limits.REPORT)
        app.extensions["linju_store"].close()
