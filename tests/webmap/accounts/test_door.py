"""In and out: guesses, forged and stolen sessions, foreign addresses, invitations."""

import html
import logging
import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from geodata import accounts, keys, proposals
from geodata.keys import Kind
from geodata.policy import RESIDENT, Role
from geodata.proposals import Contact
from tests import people
from tests.factories import ADMIN, entry
from tests.webmap.accounts.browsing import (
    PASSWORD,
    at_the_door,
    forms,
    invited,
    role,
    send,
    shown_once,
    sign_in,
    token_of,
)


@pytest.fixture
def worker(store):
    return people.hire(store, "worker")


@pytest.fixture
def secret(store, worker):
    """Switch one-time codes on."""
    made = accounts.new_code_secret()
    with store.writing() as tx:
        tx.revise("account", {"totp": made}, id=worker)
    return made


def unlock(store):
    with store.writing() as tx:
        for row in tx.records("guess"):
            tx.revise("guess", {"locked_until": "2020-01-01T00:00:00.000Z"}, name=row["name"])


def code(secret):
    return pyotp.TOTP(secret).at(int(datetime.now(UTC).timestamp()))


class TestSigningIn:
    @pytest.mark.usefixtures("worker")
    def test_who_signs_in_gets_to_the_work(self, client):
        answer = sign_in(client)
        assert answer.status_code == 303
        assert role(client) == "worker"
        page = client.get("/account").text
        assert "万莲街道" in page
        assert "退出" in page

    @pytest.mark.usefixtures("worker")
    @pytest.mark.parametrize("name, password", [("worker", "wrong"), ("nobody", PASSWORD)])
    def test_what_was_wrong_is_not_told(self, client, name, password):
        answer = sign_in(client, name, password)
        assert (answer.status_code, role(client)) == (403, "resident")
        assert "登录名、密码或动态口令不对" in answer.text
        assert f'value="{name}"' in answer.text
        assert f'value="{password}"' not in answer.text

    def test_a_disabled_account_is_refused_like_a_wrong_password(self, client, store, worker):
        with store.writing() as tx:
            accounts.disable(tx, worker, actor=ADMIN)
        assert "登录名、密码或动态口令不对" in sign_in(client).text

    def test_the_code_is_asked_for_after_the_password_and_only_then(self, client, secret):
        assert 'name="code"' not in sign_in(client, password="wrong").text
        asked = sign_in(client)
        assert 'name="code"' in asked.text
        assert 'name="password"' not in asked.text
        assert role(client) == "resident"
        assert send(client, "/sign-in", code="000000").status_code == 403
        assert send(client, "/sign-in", code=code(secret)).status_code == 303
        assert role(client) == "worker"

    def test_a_code_alone_opens_nothing(self, client, secret):
        assert send(client, "/sign-in", code=code(secret)).status_code == 403
        assert sign_in(client, password="wrong", code=code(secret)).status_code == 403
        assert send(client, "/sign-in", code=code(secret)).status_code == 403
        assert role(client) == "resident"

    def test_a_proven_password_is_worth_nothing_once_it_is_another(self, client, store, secret):
        sign_in(client)
        new = accounts.NewPassword("quite another password")
        with store.writing() as tx:
            row = accounts.named(tx, "worker")
            accounts.set_password(tx, row["id"], new, actor=ADMIN)
        assert send(client, "/sign-in", code=code(secret)).status_code == 403
        assert role(client) == "resident"

    def test_a_proven_password_does_not_wait_for_ever(self, client, secret):
        sign_in(client)
        with client.session_transaction() as session:
            session["proven"] = [*session["proven"][:2], 0]
        assert send(client, "/sign-in", code=code(secret)).status_code == 403

    @pytest.mark.usefixtures("worker")
    def test_signing_out_ends_the_session_in_the_store_too(self, client, store):
        sign_in(client)
        with client.session_transaction() as session:
            token = session["token"]
        assert send(client, "/sign-out").status_code == 303
        with store.reading() as tx:
            assert keys.find(tx, token, Kind.SESSION) is None
        assert role(client) == "resident"
        assert "您已退出登录" in client.get("/sign-in").text

    @pytest.mark.usefixtures("worker")
    def test_coming_in_again_leaves_no_session_behind(self, client, store):
        for _ in range(3):
            sign_in(client)
        with store.reading() as tx:
            assert tx.record_count("key", kind="session", ended="") == 1


def fields(page):
    """Return the attributes of a page's fields by name, and which one has the focus."""
    found = re.findall(r"<input ([^>]*)>", page)
    named = {re.search(r'name="([^"]*)"', one)[1]: one for one in found if 'name="' in one}
    focused = [name for name, told in named.items() if "autofocus" in told]
    return named, focused[0] if focused else None


class TestWhatIsWrong:
    """Said by ourselves, beside the field, which has the focus."""

    @pytest.mark.usefixtures("worker")
    def test_a_wrong_password_brings_the_focus_to_its_field(self, client):
        page = sign_in(client, password="wrong").text
        named, focused = fields(page)
        assert (focused, 'value="worker"' in named["name"]) == ("password", True)
        assert 'aria-invalid="true"' in named["password"]
        assert re.search(r'id="wrong-password">[^<]*不对', page)
        assert fields(client.get("/sign-in").text)[1] is None

    @pytest.mark.parametrize(
        "told, wrong",
        [
            ({"name": "", "password": "x"}, {"name": "请填写您的登录名。"}),
            ({"name": "worker", "password": " "}, {"password": "请填写密码。"}),
        ],
    )
    @pytest.mark.usefixtures("worker")
    def test_nothing_typed_is_said_and_is_no_guess(self, client, store, told, wrong):
        answer = send(client, "/sign-in", **told)
        assert answer.status_code == 422
        for name, words in wrong.items():
            assert f'id="wrong-{name}">{words}' in answer.text
            assert fields(answer.text)[1] == name
        with store.reading() as tx:
            assert tx.record_count("guess") == 0

    def test_a_code_that_was_not_typed_is_asked_for(self, client, secret):
        assert fields(sign_in(client).text)[1] == "code"
        answer = send(client, "/sign-in", code=" ")
        assert (answer.status_code, fields(answer.text)[1]) == (422, "code")
        assert 'id="wrong-code">请填写' in answer.text
        assert send(client, "/sign-in", code=code(secret)).status_code == 303

    def test_an_invitation_that_opens_nothing_is_told_beside_its_field(self, client):
        for token, words in (("", "粘贴别人给您的链接"), ("no", "已经用过")):
            answer = send(client, "/join", token=token, name="guest", password=PASSWORD)
            assert re.search(f'id="wrong-token">[^<]*{words}', answer.text)
            assert fields(answer.text)[1] == "token"

    def test_no_form_leaves_the_saying_to_the_browser(self, app, store, worker):
        admin, guest = at_the_door(app, "admin"), app.test_client()
        with store.writing() as tx:
            made = proposals.register(tx, entry(), Contact(), actor=RESIDENT)
        owner = people.holding(app, made.token)
        pages = [guest.get(path) for path in ("/sign-in", "/join")]
        pages += [owner.get(f"/account/claim/{made.merchant}")]
        paths = ("/account/password", "/account/codes", "/accounts/invite", "/accounts/tokens")
        pages += [admin.get(path) for path in (*paths, f"/accounts/{worker}")]
        for page in pages:
            asking = [form for form in forms(page.text) if " required" in form]
            assert asking or page.request.path == f"/accounts/{worker}", page.request.path
            for form in asking:
                assert "novalidate" in form.partition(">")[0], page.request.path


class TestGuessing:
    @pytest.mark.usefixtures("worker")
    def test_a_thousand_wrong_passwords_for_one_account(self, app):
        owner, stranger = at_the_door(app, "worker"), app.test_client()
        send(owner, "/sign-out")
        told = [
            send(stranger, "/sign-in", f"10.{n >> 8}.{n & 255}.9", name="worker", password=f"no{n}")
            for n in range(1000)
        ]
        looked_at = [answer for answer in told if "Retry-After" not in answer.headers]
        # Each one more than the free ones has waited twice as long: five more took 15 minutes.
        assert accounts.FREE_GUESSES < len(looked_at) <= accounts.FREE_GUESSES + 6
        assert {answer.status_code for answer in told} == {403}
        assert "秒再试" in told[accounts.FREE_GUESSES + 1].text

        # The owner's own browser is let in and told; another one is, once the wait is over.
        assert sign_in(owner).status_code == 303
        assert f"用错误的密码试了 {len(looked_at)} 次" in owner.get("/account").text
        assert sign_in(app.test_client()).status_code == 303

    @pytest.mark.usefixtures("worker")
    def test_the_wait_is_told_and_ends(self, store, client):
        for n in range(accounts.FREE_GUESSES + 1):
            sign_in(client, password=f"no{n}", address=f"10.0.0.{n}")
        locked = sign_in(client, address="10.0.0.99")
        assert locked.status_code == 403
        assert 0 < int(locked.headers["Retry-After"]) <= 30
        assert "密码错误次数太多" in locked.text
        unlock(store)
        assert sign_in(client, address="10.0.0.99").status_code == 303

    def test_a_thousand_accounts_from_one_address(self, client, store):
        told = [sign_in(client, f"name{n}", "wrong") for n in range(1000)]
        looked_at = [answer for answer in told if answer.status_code == 403]
        assert len(looked_at) <= 60
        slowed = [answer for answer in told if answer.status_code == 429]
        assert len(slowed) == 1000 - len(looked_at)
        assert all("Retry-After" in answer.headers for answer in slowed)
        with store.reading() as tx:
            assert tx.record_count("log", what="sign_in_failed") == len(looked_at)

    @pytest.mark.usefixtures("worker")
    def test_a_browser_that_was_here_may_not_guess_without_end(self, app):
        client = at_the_door(app, "worker")
        send(client, "/sign-out")
        told = [sign_in(client, password=f"no{n}", address=f"10.0.0.{n}") for n in range(20)]
        assert sum("不对" in answer.text for answer in told) <= accounts.FREE_GUESSES + 1

    def test_codes_are_guessed_no_faster_than_passwords(self, client, secret):
        sign_in(client)
        told = [
            send(client, "/sign-in", f"10.0.0.{n}", code=f"{n:06}").status_code for n in range(50)
        ]
        assert set(told) == {403}
        assert send(client, "/sign-in", "10.0.1.1", code=code(secret)).status_code == 403


class TestStolenSessions:
    @pytest.mark.usefixtures("worker")
    def test_a_session_that_a_stranger_planted_is_not_the_one_signed_in_with(self, app, store):
        people.hire(store, "stranger")
        planted = people.session_of(store, "stranger")
        victim = people.holding(app, planted)
        old = token_of(victim)
        sign_in(victim)
        assert victim.get("/session").get_json()["name"] == "worker"
        with victim.session_transaction() as session:
            assert session["token"] != planted
        with store.reading() as tx:
            assert keys.find(tx, planted, Kind.SESSION) is None
        assert role(people.holding(app, planted)) == "resident"
        # Whoever planted the cookie knows its token against forgery, too.
        assert victim.post("/sign-out", data={"csrf_token": old}).status_code == 400

    @pytest.mark.usefixtures("worker")
    def test_a_cookie_from_before_signing_out_opens_nothing(self, app, client):
        sign_in(client)
        cookie = client.get_cookie("linju").value
        send(client, "/sign-out")
        thief = app.test_client()
        thief.set_cookie("linju", cookie)
        assert role(thief) == "resident"


class TestForgery:
    def test_every_form_that_writes_is_refused_without_its_token(self, app, worker):
        client = at_the_door(app, "admin")
        paths = [
            re.sub(r"<[^>]+>", worker, rule.rule)
            for rule in app.url_map.iter_rules()
            if rule.endpoint.startswith("accounts.") and "POST" in rule.methods
        ]
        assert len(paths) >= 14
        for path in paths:
            assert client.post(path).status_code == 400, path
            assert client.post(path, data={"csrf_token": "x"}).status_code == 400, path

    def test_every_form_of_a_page_bears_its_token(self, app, worker):
        client = at_the_door(app, "admin")
        invited(client)
        pages = ["/account", "/account/password", "/account/codes", "/accounts", "/join"]
        pages += ["/accounts/invite", "/accounts/tokens", f"/accounts/{worker}"]
        for path in pages:
            found = forms(client.get(path).text)
            assert found, path
            assert all('name="csrf_token" value="' in form for form in found), path
        assert 'name="csrf_token" value="' in app.test_client().get("/sign-in").text


class TestGoingOn:
    @pytest.mark.usefixtures("worker")
    @pytest.mark.parametrize(
        "target",
        [
            "//evil.example",
            "///evil.example",
            "https://evil.example/matrix",
            "http:evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/%2f/evil.example",
            "javascript:alert(1)",
            "matrix",
            "/sign-in",
            "/sign-out",
            "/nowhere",
            "https://[evil/",
            "/" + "a" * 5000,
        ],
    )
    def test_nobody_is_sent_to_another_host(self, client, target):
        form = client.get("/sign-in", query_string={"next": target}).text
        assert 'name="next" value=""' in form
        answer = sign_in(client, next=target)
        assert answer.headers["Location"] in {"/account", "/emergency"}
        again = client.get("/sign-in", query_string={"next": target})
        assert again.headers["Location"] in {"/account", "/emergency"}

    @pytest.mark.usefixtures("worker")
    @pytest.mark.parametrize(
        "target, to",
        [
            ("/matrix?parent=210103&mode=elder", "/matrix?parent=210103&mode=elder"),
            ("/matrix?_external=1&_scheme=ftp&endpoint=x", "/matrix"),
            ("/?q=a%0d%0aX-Evil:1", "/?q=a%0D%0AX-Evil:1"),
        ],
    )
    def test_an_own_page_is_shown_after_signing_in(self, client, target, to):
        assert sign_in(client, next=target).headers["Location"] == to

    @pytest.mark.parametrize(
        "wanted",
        ["/accounts?mode=elder", "/review", "/files", "/categories", "/account", "/accounts/log"],
    )
    def test_who_is_not_signed_in_is_led_to_the_door_and_back(self, app, wanted):
        people.hire(app.extensions["linju_store"], "admin")
        client = app.test_client()
        led = client.get(wanted)
        assert (led.status_code, led.headers["Cache-Control"]) == (303, "no-store")
        way = urlsplit(led.location)
        assert (way.netloc, way.path) == ("", "/sign-in")
        assert parse_qs(way.query)["next"] == [wanted]
        door = client.get(led.location)
        assert "请先登录" in door.text
        (back,) = re.findall(r'name="next" value="([^"]+)"', door.text)
        come = sign_in(client, "admin", next=html.unescape(back))
        assert come.location == wanted
        assert client.get(come.location).status_code == 200

    def test_a_history_is_found_behind_the_door_too(self, app, store):
        people.hire(store, "worker")
        with store.reading() as tx:
            shop = tx.rows("merchant", columns=("id",))[0]["id"]
        client = app.test_client()
        led = client.get(f"/merchants/{shop}/history", follow_redirects=True)
        assert f'name="next" value="/merchants/{shop}/history"' in led.text

    @pytest.mark.parametrize("who", ["shop", "worker"])
    def test_who_is_signed_in_is_told_no(self, app, who):
        client = at_the_door(app, who)
        refused = client.get("/accounts")
        assert (refused.status_code, refused.location) == (403, None)

    def test_programs_and_senders_are_told_no(self, client, store):
        with store.reading() as tx:
            shop = tx.rows("merchant", columns=("id",))[0]["id"]
        as_script = client.get("/accounts", headers={"Accept": "application/json"})
        told = [client.get(f"/api/merchants/{shop}/history"), as_script]
        told += [send(client, "/accounts/invite", role="admin", everywhere="yes")]
        assert [answer.status_code for answer in told] == [403] * 3
        assert {answer.mimetype for answer in told[:2]} == {"application/problem+json"}

    def test_a_form_shown_again_leads_to_pages_in_other_languages_that_are_there(self, app, worker):
        client = at_the_door(app, "admin")
        answers = [
            sign_in(app.test_client(), password="x"),
            send(client, f"/accounts/{worker}", role="x"),
            send(client, f"/accounts/{worker}/password"),
            send(client, "/accounts/invite", role="x"),
        ]
        for answer in answers:
            (there,) = re.findall(r'href="([^"]+)" lang="en"', answer.text)
            assert client.get(there.replace("&amp;", "&"), follow_redirects=True).status_code == 200


class TestJoining:
    def test_who_is_invited_chooses_a_name_and_a_password(self, app, store):
        token = invited(at_the_door(app, "admin"), scope="泉富社区", title="刘洋")
        guest = app.test_client()
        told = send(guest, "/join/look", token=token).get_json()
        assert told == {"role": "社工", "area": "泉富社区", "title": "刘洋"}
        answer = send(guest, "/join", token=token, name="liuyang", password=PASSWORD)
        assert answer.headers["Location"] == "/account"
        assert role(guest) == "worker"
        with store.reading() as tx:
            row = accounts.named(tx, "liuyang")
        assert (row["scope"], row["title"]) == ("210103006012", "刘洋")
        again = send(app.test_client(), "/join", token=token, name="second", password=PASSWORD)
        assert (again.status_code, "已经用过" in again.text) == (404, True)

    def test_the_whole_link_may_be_pasted(self, app):
        link = shown_once(
            send(at_the_door(app, "admin"), "/accounts/invite", role="worker", everywhere="yes")
        )
        guest = app.test_client()
        assert (
            send(guest, "/join", token=f" {link} ", name="n1", password=PASSWORD).status_code == 303
        )

    def test_a_form_cannot_ask_for_another_role_or_area(self, app, store):
        token = invited(at_the_door(app, "admin"), scope="210103006012")
        more = {"role": "admin", "scope": "", "owner": "x", "disabled": "", "id": "A" * 10}
        send(app.test_client(), "/join", token=token, name="sly", password=PASSWORD, **more)
        with store.reading() as tx:
            row = accounts.named(tx, "sly")
        assert (row["role"], row["scope"]) == (Role.WORKER, "210103006012")
        assert row["id"] != "A" * 10

    @pytest.mark.usefixtures("worker")
    def test_what_was_typed_stays_but_for_the_password(self, app):
        token = invited(at_the_door(app, "admin"))
        told = {"token": token, "title": "<b>刘洋</b>"}
        taken = send(app.test_client(), "/join", name="worker", password=PASSWORD, **told)
        assert (taken.status_code, PASSWORD in taken.text) == (409, False)
        assert "&lt;b&gt;刘洋" in taken.text
        assert 'aria-invalid="true"' in taken.text
        weak = send(app.test_client(), "/join", name="liuyang", password="short", **told)
        assert weak.status_code == 422
        assert f'value="{token}"' in weak.text
        assert "至少 10 个字符。" in weak.text

    def test_invitations_are_not_guessed(self, client):
        told = [send(client, "/join/look", token=f"x{n}").status_code for n in range(40)]
        assert (told[0], told[-1]) == (404, 429)


class TestClaiming:
    def test_the_holder_of_a_link_makes_an_account_that_owns_the_shop(self, app, store):
        with store.writing() as tx:
            made = proposals.register(tx, entry("泉富修鞋"), Contact(), actor=RESIDENT)
        client = people.holding(app, made.token)
        address = f"/account/claim/{made.merchant}"
        assert address in client.get("/mine").text
        weak = send(client, address, name="shoes", password="short")
        assert (weak.status_code, 'value="shoes"' in weak.text) == (422, True)
        assert send(client, address, name="shoes", password=PASSWORD).status_code == 303
        told = client.get("/session").get_json()
        assert (told["name"], told["owns"]) == ("shoes", [made.merchant])
        assert role(app.test_client()) == "resident"
        fresh = app.test_client()
        assert sign_in(fresh, "shoes").status_code == 303
        assert "泉富修鞋" in fresh.get("/mine").text

    def test_a_shop_that_has_an_account_is_claimed_by_nobody_else(self, app, store):
        with store.writing() as tx:
            made = proposals.register(tx, entry(), Contact(), actor=RESIDENT)
        for name, status in (("first", 303), ("second", 404)):
            client = people.holding(app, made.token)
            told = send(client, f"/account/claim/{made.merchant}", name=name, password=PASSWORD)
            assert told.status_code == status
        with store.reading() as tx:
            assert keys.find(tx, made.token, Kind.LINK) is None

    def test_nobody_claims_what_is_not_the_links(self, app, store):
        with store.writing() as tx:
            mine = proposals.register(tx, entry("甲"), Contact(), actor=RESIDENT)
            others = proposals.register(tx, entry("乙"), Contact(), actor=RESIDENT)
        client = people.holding(app, mine.token)
        address = f"/account/claim/{others.merchant}"
        assert client.get(address).status_code == 404
        assert send(client, address, name="thief", password=PASSWORD).status_code in {403, 404}


def test_no_secret_is_in_a_line_of_the_log_or_in_an_address(app, store, worker, caplog):
    caplog.set_level(logging.DEBUG)
    admin = at_the_door(app, "admin")
    answers = [
        sign_in(app.test_client(), "worker", "hunter2 is wrong"),
        sign_in(app.test_client(), "hunter2 is wrong", "x"),
        send(admin, "/accounts/invite", role="worker", everywhere="yes"),
        send(admin, "/accounts/tokens", title="t", days="3", everywhere="yes"),
        send(admin, f"/accounts/{worker}/password"),
    ]
    secrets = [shown_once(answer).rpartition("#")[2] for answer in answers[2:]]
    guest = app.test_client()
    answers.append(send(guest, "/join", token=secrets[0], name="guest", password=PASSWORD))
    codes = guest.get("/account/codes")
    (told,) = re.findall(r'class="secret">([^<]+)<', codes.text)
    secrets += [told.replace(" ", ""), PASSWORD, "hunter2"]
    answers += [codes, guest.get("/account/codes.svg"), send(guest, "/sign-out")]
    with guest.session_transaction() as session:
        cookie = str(dict(session))
    addresses = [answer.request.full_path for answer in answers]
    for answer in answers:
        addresses.append(answer.headers.get("Location", ""))
        addresses += re.findall(r'(?:href|action|src)="([^"]*)"', answer.text)
    with store.reading() as tx:
        noted = str(tx.records("log")) + str(tx.records("guess")) + str(tx.records("key"))
    for secret in secrets:
        assert secret not in caplog.text
        assert secret not in noted
        assert secret not in cookie
        assert not [address for address in addresses if secret in address]


@pytest.mark.parametrize("path", ["/sign-in", "/join"])
def test_no_cache_keeps_a_page_of_the_door(client, path):
    assert client.get(path).headers["Cache-Control"] == "no-store"


def test_the_map_shows_staff_the_way_in_and_nothing_more(client):
    page = client.get("/").text
    assert 'href="/sign-in"' in page
    assert "Set-Cookie" not in client.get("/").headers
