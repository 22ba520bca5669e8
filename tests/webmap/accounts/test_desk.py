"""The administrators' page: whom they see, what they may do, and what is shown once."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest

from geodata import accounts
from geodata.policy import Role
from tests import people
from tests.factories import ADMIN, HOSTILE
from tests.webmap.accounts.browsing import (
    PASSWORD,
    at_the_door,
    invited,
    role,
    send,
    shown_once,
    sign_in,
)
from webmap.accounts import scopes
from webmap.accounts.words import NOTES

PROJECT = Path(__file__).parents[3]
PAGES = ["/accounts", "/accounts/invite", "/accounts/tokens", "/accounts/log"]


@pytest.fixture
def admin(app):
    return at_the_door(app, "admin")


@pytest.fixture
def local(app, store):
    """Sign the administrator of another street in."""
    with store.writing() as tx:
        told = {"role": Role.ADMIN, "scope": "210106", "actor": ADMIN}
        accounts.create(tx, "local", accounts.NewPassword(PASSWORD), **told)
    client = app.test_client()
    sign_in(client, "local")
    return client


def account(store, name):
    with store.reading() as tx:
        return accounts.named(tx, name)


@pytest.mark.parametrize("name", ["worker", "shop", None])
def test_it_is_for_administrators_only(app, store, name):
    client = at_the_door(app, name) if name else app.test_client()
    other = people.hire(store, "stranger")
    for path in [*PAGES, f"/accounts/{other}"]:
        refused = client.get(path)
        assert refused.status_code == 403 if name else people.led_to_the_door(refused), path
    for path, told in {
        "/accounts/invite": {"role": "admin", "everywhere": "yes"},
        "/accounts/tokens": {"title": "x", "days": "3", "everywhere": "yes"},
        f"/accounts/{other}": {"role": "admin", "everywhere": "yes"},
        f"/accounts/{other}/disable": {},
        f"/accounts/{other}/enable": {},
        f"/accounts/{other}/password": {},
        f"/accounts/{other}/codes-off": {},
    }.items():
        assert send(client, path, **told).status_code == 403, path
    row = account(store, "stranger")
    assert (row["role"], row["disabled"]) == ("worker", False)


def test_an_administrator_of_another_area_does_not_reach_the_accounts_of_this_one(local, store):
    other = people.hire(store, "worker")
    page = local.get("/accounts").text
    assert "local" in page
    assert other not in page
    assert local.get(f"/accounts/{other}").status_code == 403
    assert send(local, f"/accounts/{other}/disable").status_code == 403
    assert send(local, "/accounts/invite", role="worker", scope="210103").status_code == 403
    assert send(local, "/accounts/tokens", title="x", days="3", scope="210103").status_code == 403


def test_all_areas_are_all_that_the_administrator_has(local, store):
    token = invited(local)
    with store.reading() as tx:
        assert accounts.invitation(tx, token)["scope"] == "210106"


@pytest.mark.parametrize("told", [{}, {"scope": " "}, {"scope": "泉富社区", "everywhere": "yes"}])
def test_nobody_gets_everything_because_nothing_was_said(admin, store, told):
    other = people.hire(store, "stranger")
    for path, more in {
        "/accounts/invite": {"role": "worker"},
        "/accounts/tokens": {"title": "大屏", "days": "3"},
        f"/accounts/{other}": {"role": "worker"},
    }.items():
        answer = send(admin, path, **more, **told)
        assert answer.status_code == 422, path
        assert re.search(r'id="wrong-scope">(请说明负责哪个|区划和“全部”只能)', answer.text), path
    assert account(store, "stranger")["scope"] == "210106"
    with store.reading() as tx:
        assert tx.record_count("key", kind=["invitation", "token"]) == 0


def test_what_an_account_has_stands_in_its_form(admin, store):
    page = admin.get(f"/accounts/{people.hire(store, 'worker')}").text
    assert 'value="万莲街道 210103006000"' in page
    with store.writing() as tx:
        tx.revise("account", {"scope": ""}, name="worker")
    page = admin.get(f"/accounts/{people.hire(store, 'worker')}").text
    assert 'name="everywhere" value="yes" checked' in page


def test_a_piece_of_several_names_is_asked_about(admin):
    for typed, told in {
        "泉": ["泉园社区 210103006010", "泉富社区 210103006012"],
        "第一网格": ["六0六所社区 第一网格 210103006001001", "…"],
    }.items():
        answer = send(admin, "/accounts/invite", role="worker", scope=typed)
        assert answer.status_code == 422
        (said,) = re.findall(r'id="wrong-scope">([^<]+)<', answer.text)
        assert "请选一个" in said
        assert all(area in said for area in told)
        assert said.count("2101") <= 5
        assert f'value="{typed}"' in answer.text


def test_the_list_begins_with_what_is_given_most(admin, monkeypatch):
    def listed():
        return re.findall(r'<option value="([^"]+)">', admin.get("/accounts/invite").text)

    found = listed()
    assert found[:2] == ["泉富社区 210103006012", "泉富社区 第一网格 210103006012001"]
    assert found.index("松泉社区 210103006013") < found.index("万莲街道 210103006000")
    assert found.index("万莲街道 210103006000") < found.index("松泉社区 第一网格 210103006013001")
    assert found[-1] == "沈河区 210103000000"
    monkeypatch.setattr(scopes, "_MOST", 20)
    assert listed() == found[:20]


@pytest.mark.parametrize(
    "typed, scope",
    [
        ("泉富社区", "210103006012"),
        ("泉富社区 210103006012", "210103006012"),
        ("210103", "210103"),
        ("泉富", "210103006012"),
        ("泉富社区第一网格", "210103006012001"),
        ("泉富社区 第一网格 210103006012001", "210103006012001"),
    ],
)
def test_an_area_is_chosen_by_name_or_code(admin, store, typed, scope):
    token = invited(admin, scope=typed)
    with store.reading() as tx:
        assert accounts.invitation(tx, token)["scope"] == scope


@pytest.mark.parametrize("typed", ["没有这个地方", "12345", "x" * 90, "\x00"])
def test_what_is_no_area_is_told_beside_the_field(admin, typed):
    answer = send(admin, "/accounts/invite", role="worker", title="刘洋", scope=typed)
    assert answer.status_code == 422
    assert 'id="wrong-scope">这里没有叫这个名字的区划' in answer.text
    assert 'value="刘洋"' in answer.text


def test_open_invitations_are_listed_and_end(app, admin, store):
    token = invited(admin, title="刘洋")
    page = admin.get("/accounts").text
    assert "刘洋" in page
    assert token not in page
    with store.reading() as tx:
        key = accounts.invitation(tx, token)["id"]
    assert send(admin, f"/accounts/keys/{key}/end").status_code == 303
    assert "刘洋" not in admin.get("/accounts").text
    joined = send(app.test_client(), "/join", token=token, name="liuyang", password=PASSWORD)
    assert joined.status_code == 404


def test_the_link_is_of_the_host_that_was_asked_and_has_its_picture(admin):
    answer = send(admin, "/accounts/invite", role="worker", everywhere="yes")
    assert shown_once(answer).startswith("http://localhost/join#")
    assert 'src="data:image/svg+xml' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_account_is_changed_disabled_and_let_in_again(app, admin, store):
    worker = at_the_door(app, "worker")
    one = account(store, "worker")["id"]
    answer = send(admin, f"/accounts/{one}", role="admin", scope="泉富社区", title="王姐")
    assert answer.status_code == 303
    row = account(store, "worker")
    assert (row["role"], row["scope"], row["title"]) == ("admin", "210103006012", "王姐")
    send(admin, f"/accounts/{one}/disable")
    assert role(worker) == "resident"
    assert "已停用" in admin.get("/accounts").text
    assert sign_in(app.test_client()).status_code == 403
    send(admin, f"/accounts/{one}/enable")
    assert sign_in(app.test_client()).status_code == 303


def test_a_new_password_is_shown_once_and_works(app, admin, store):
    worker = at_the_door(app, "worker")
    one = account(store, "worker")["id"]
    made = shown_once(send(admin, f"/accounts/{one}/password", password="chosen by a form"))
    assert role(worker) == "resident"
    assert made not in admin.get(f"/accounts/{one}").text
    assert sign_in(app.test_client(), password="chosen by a form").status_code == 403
    assert sign_in(app.test_client(), password=made).status_code == 303


def test_lost_codes_are_switched_off(app, admin, store):
    one = people.hire(store, "worker")
    with store.writing() as tx:
        tx.revise("account", {"totp": accounts.new_code_secret()}, id=one)
    assert "关闭动态口令" in admin.get(f"/accounts/{one}").text
    assert send(admin, f"/accounts/{one}/codes-off").status_code == 303
    assert sign_in(app.test_client()).status_code == 303


def test_ones_own_account_is_not_changed_here(admin, store):
    one = account(store, "admin")["id"]
    assert f'action="/accounts/{one}' not in admin.get(f"/accounts/{one}").text
    answer = send(admin, f"/accounts/{one}/password")
    assert answer.status_code == 403
    assert "这是您自己的账号" in answer.text


def test_a_token_is_shown_once_acts_in_its_scope_and_ends(app, admin):
    made = shown_once(send(admin, "/accounts/tokens", title="大屏", scope="泉富社区", days="3"))
    bearer = {"Authorization": f"Bearer {made}"}
    told = app.test_client().get("/session", headers=bearer).get_json()
    assert (told["role"], told["scope"]) == ("worker", "210103006012")
    page = admin.get("/accounts/tokens").text
    assert "大屏" in page
    assert made not in page
    key = page.split("/accounts/keys/")[1].split("/")[0]
    ended = send(admin, f"/accounts/keys/{key}/end", token="yes")
    assert ended.headers["Location"] == "/accounts/tokens"
    assert app.test_client().get("/session", headers=bearer).status_code == 401


@pytest.mark.parametrize("days", ["0", "401", "-1", "x", "", "9" * 400, "１"])
def test_a_token_lives_for_days_that_are_a_number(admin, days):
    assert (
        send(admin, "/accounts/tokens", title="x", days=days, everywhere="yes").status_code == 422
    )


def test_the_log_is_said_in_words_and_read_page_by_page(admin, store):
    with store.writing() as tx:
        for n in range(60):
            accounts.issue_token(tx, f"t{n}", scope="", lifetime=timedelta(1), actor=ADMIN)
    page = admin.get("/accounts/log").text
    assert "新建一个程序令牌" in page
    older = page.split("before=")[1].split('"')[0]
    assert "新建账号 admin" in admin.get(f"/accounts/log?before={older}").text
    assert admin.get("/accounts/log?before=x").status_code == 422


def test_whatever_is_noted_can_be_said():
    noted = set()
    for path in [*(PROJECT / "geodata").rglob("*.py"), *(PROJECT / "webmap").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "note":
                noted |= {a.value for a in node.args[:1] if isinstance(a, ast.Constant)}
    assert noted - set(NOTES) == set()


def test_what_people_are_called_is_shown_as_written(admin, store):
    new = accounts.NewPassword(PASSWORD)
    with store.writing() as tx:
        for n, title in enumerate(HOSTILE):
            accounts.create(tx, f"h{n}", new, role=Role.WORKER, title=title[:60], actor=ADMIN)
    for path in PAGES:
        page = admin.get(path).text
        assert "<img src=x" not in page
        assert "<svg onload" not in page


@pytest.mark.parametrize("path", ["/accounts/nowhere", "/accounts/0123456789"])
def test_what_is_no_account_is_not_found(admin, path):
    assert admin.get(path).status_code == 404
    assert send(admin, f"{path}/disable").status_code == 404
