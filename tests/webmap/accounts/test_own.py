"""One's own account: what needs the password again, and what ends."""

import re
from datetime import UTC, datetime

import pyotp
import pytest

from geodata import accounts, merchants
from tests import people
from tests.factories import ADMIN, HOSTILE, entry
from tests.webmap.accounts.browsing import NEW, PASSWORD, at_the_door, role, send, sign_in


@pytest.fixture
def worker(app):
    return at_the_door(app, "worker")


def secret_of(client):
    (told,) = re.findall(r'class="secret">([^<]+)<', client.get("/account/codes").text)
    return told.replace(" ", "")


def code(secret):
    return pyotp.TOTP(secret).at(int(datetime.now(UTC).timestamp()))


@pytest.mark.parametrize(
    "path, told",
    [("/account/password", {"password": NEW, "again": NEW}), ("/account/codes", {"off": "yes"})],
)
def test_a_present_password_that_was_not_typed_is_no_guess(app, store, path, told):
    answer = send(at_the_door(app, "worker"), path, **told)
    assert answer.status_code == 422
    assert 'name="present"' in answer.text
    with store.reading() as tx:
        assert tx.record_count("guess") == 0


def test_a_resident_is_shown_the_way_in(client):
    for path in ("/account", "/account/password", "/account/codes", "/account/codes.svg"):
        assert people.led_to_the_door(client.get(path))


class TestPassword:
    def change(self, client, **told):
        known = {"present": PASSWORD, "password": NEW, "again": NEW}
        return send(client, "/account/password", **(known | told))

    def test_it_is_changed_with_the_present_one_and_ends_the_other_sessions(self, app, worker):
        other = at_the_door(app, "worker")
        assert self.change(worker).status_code == 303
        assert (role(worker), role(other)) == ("worker", "resident")
        assert "密码已修改" in worker.get("/account").text
        assert sign_in(app.test_client()).status_code == 403
        assert sign_in(app.test_client(), password=NEW).status_code == 303

    @pytest.mark.parametrize(
        "told, field",
        [
            ({"present": "wrong"}, "present"),
            ({"password": "short", "again": "short"}, "password"),
            ({"again": "something else"}, "again"),
        ],
    )
    def test_what_is_wrong_is_told_beside_its_field(self, app, worker, told, field):
        answer = self.change(worker, **told)
        assert answer.status_code in {403, 422}
        (wrong,) = re.findall(r'id="wrong-(\w+)">', answer.text)
        assert wrong == field
        assert sign_in(app.test_client()).status_code == 303

    def test_who_finds_the_browser_open_may_not_guess_it(self, worker):
        told = [self.change(worker, present=f"no{n}") for n in range(20)]
        assert sum("现在的密码不对" in answer.text for answer in told) <= 6
        assert "密码错误次数太多" in told[9].text


class TestCodes:
    def test_they_begin_with_a_code_and_the_password(self, app, worker):
        secret = secret_of(worker)
        refused = send(worker, "/account/codes", present="wrong", code=code(secret))
        assert refused.status_code == 403
        refused = send(worker, "/account/codes", present=PASSWORD, code="000000")
        assert refused.status_code == 403
        assert (
            send(worker, "/account/codes", present=PASSWORD, code=code(secret)).status_code == 303
        )
        assert 'name="code"' in sign_in(app.test_client()).text

    def test_a_form_brings_no_secret_of_its_own(self, worker):
        foreign = accounts.new_code_secret()
        told = {"secret": foreign, "totp": foreign, "present": PASSWORD, "code": code(foreign)}
        assert send(worker, "/account/codes", **told).status_code == 403

    def test_each_session_shows_a_secret_of_its_own_and_the_picture_has_it(self, app, worker):
        assert secret_of(worker) == secret_of(worker)
        assert secret_of(worker) != secret_of(at_the_door(app, "worker"))
        picture = worker.get("/account/codes.svg")
        assert (picture.mimetype, picture.headers["Cache-Control"]) == ("image/svg+xml", "no-store")

    def test_they_end_with_the_password(self, app, worker):
        send(worker, "/account/codes", present=PASSWORD, code=code(secret_of(worker)))
        assert send(worker, "/account/codes", off="yes", present="wrong").status_code == 403
        assert send(worker, "/account/codes", off="yes", present=PASSWORD).status_code == 303
        assert 'name="code"' not in sign_in(app.test_client()).text

    def test_who_has_them_is_shown_no_other_secret(self, worker):
        send(worker, "/account/codes", present=PASSWORD, code=code(secret_of(worker)))
        assert 'class="secret"' not in worker.get("/account/codes").text


class TestSessions:
    def test_they_are_listed_and_all_end_at_once(self, app, worker):
        other = at_the_door(app, "worker")
        page = worker.get("/account").text
        assert page.count("203.0.113.0/24") == 2
        assert page.count('class="is-here"') == 1
        assert send(worker, "/account/sign-out-everywhere").status_code == 303
        assert (role(worker), role(other)) == ("resident", "resident")


def test_a_merchant_sees_its_shops_as_they_are_written(app, store):
    client = at_the_door(app, "shop")
    with store.writing() as tx:
        owner = accounts.named(tx, "shop")["id"]
        for name in HOSTILE[:5]:
            shop = merchants.add(tx, entry(name), actor=ADMIN)
            merchants.entrust(tx, shop, owner=owner, trusted=False, version=1, actor=ADMIN)
    page = client.get("/account").text
    assert "<bdi>{{7*7}}</bdi>" in page
    assert "<img src=x" not in page
