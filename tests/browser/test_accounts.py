"""From an invitation to the door and out again, on a phone and without a mouse."""

from datetime import UTC, datetime
from itertools import count

import pyotp
import pytest
from playwright.sync_api import expect

from tests import people

PASSWORD, NEW = "一二三四 correct horse", "quite another password"
_numbers = count(1)
STEP_S = 30


def code(secret, steps=0):
    return pyotp.TOTP(secret).at(int(datetime.now(UTC).timestamp()) + STEP_S * steps)


def invited(admin, **told):
    """Let an administrator invite somebody, and return the link."""
    admin.sign_in("admin")
    page = admin.open("/accounts")
    page.get_by_role("link", name="邀请加入").click()
    for label, words in told.items():
        page.get_by_label(label).fill(words)
    page.get_by_role("button", name="生成邀请").click()
    expect(page.get_by_alt_text("邀请的二维码")).to_be_visible()
    return page.locator("#once").input_value()


def newcomer():
    return f"newcomer{next(_numbers)}"


def joined(page, link, name):
    page.goto(link)
    expect(page.locator("#join-what")).to_contain_text("泉富社区的社工")
    page.get_by_label("登录名").fill(name)
    page.locator("#field-password").fill(PASSWORD)
    page.get_by_role("button", name="开通账号").click()
    expect(page.locator(".told")).to_contain_text("欢迎加入")


def entered(page, name, password):
    page.locator("#field-name").fill(name)
    page.locator("#field-password").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def test_from_an_invitation_to_the_door_and_out_everywhere(desk, phone):
    name, link = newcomer(), invited(desk, 这是谁="刘洋", 区划的名称或代码="泉富")
    page = phone.page
    joined(page, link, name)

    page.get_by_role("link", name="开启动态口令").click()
    drawn = "picture => picture.decode().then(() => picture.naturalWidth)"
    assert page.locator(".qr").evaluate(drawn) > 0
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("应用显示的六位数字").fill(code(secret))
    page.get_by_label("现在的密码").fill(PASSWORD)
    page.get_by_role("button", name="开启动态口令").click()
    expect(page.locator(".told")).to_contain_text("需要再输入动态口令")

    page.get_by_role("button", name="退出", exact=True).click()
    phone.forgive("403")  # the code is asked for
    entered(page, name, PASSWORD)
    page.get_by_label("动态口令").fill(code(secret, 1))
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_role("link", name="我的账号").click()

    page.get_by_role("link", name="修改密码").click()
    page.get_by_label("现在的密码").fill(PASSWORD)
    page.locator("#field-password").fill(NEW)
    page.locator("#field-again").fill(NEW)
    page.get_by_role("button", name="修改密码").click()
    expect(page.locator(".told")).to_contain_text("密码已修改")

    page.get_by_role("button", name="在所有地方退出").click()
    expect(page.locator(".notice")).to_contain_text("在所有地方都已退出")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_used_invitation_says_so(desk, phone):
    link = invited(desk, 区划的名称或代码="泉富社区")
    joined(phone.page, link, newcomer())
    phone.page.get_by_role("button", name="退出", exact=True).click()

    phone.forgive("404")
    phone.page.goto(link)
    expect(phone.page.locator("#join-what")).to_contain_text("已经用过")


def test_in_and_out_by_keyboard_alone(desk):
    desk.sign_in("worker")  # makes the account
    page = desk.open("/account")
    tab_to(page, ".way-button")
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text("您已退出登录")

    tab_to(page, "#field-name")
    page.keyboard.type("worker")
    tab_to(page, "#field-password")
    page.keyboard.type(people.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".desks")).to_contain_text("我的账号")


def test_a_password_can_be_looked_at(phone):
    page = phone.open("/sign-in")
    page.locator("#field-password").fill("geheim")
    page.get_by_role("button", name="显示密码").click()
    expect(page.locator("#field-password")).to_have_attribute("type", "text")


def tab_to(page, selector, most=40):
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by Tab")


@pytest.mark.parametrize("path", ["/sign-in", "/join"])
def test_axe_finds_nothing_serious_at_the_door(anyone, path):
    page = anyone.open(path)
    assert anyone.axe() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_axe_finds_nothing_serious_behind_it(anyone):
    anyone.sign_in("admin")
    page = anyone.open("/accounts")
    account = page.locator(".person-name").first.get_attribute("href").partition("?")[0]
    paths = ["/accounts", "/accounts/invite", "/accounts/tokens", "/accounts/log", account]
    for path in [*paths, "/account", "/account/password", "/account/codes"]:
        anyone.open(path)
        assert anyone.axe() == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_axe_finds_nothing_serious_in_what_is_shown_once(anyone):
    anyone.sign_in("admin")
    page = anyone.open("/accounts/tokens")
    page.locator("#field-title").fill(f"大屏{next(_numbers)}")
    page.get_by_label("全部区域").check()
    page.get_by_role("button", name="生成令牌").click()
    expect(page.locator("#once")).to_be_visible()
    assert anyone.axe() == []
    page.get_by_role("button", name="复制").click()
    expect(page.locator(".once-copy")).not_to_have_text("复制")
