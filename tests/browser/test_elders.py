"""Elders living alone in a real browser: entered, shown by a press, hidden, taken off again."""

from itertools import count

import pytest
from playwright.sync_api import expect

from geodata.vault import new_key

SETTINGS = {"LINJU_ELDERS_KEY": new_key()}
HOME = "双园路21号1号楼"
_numbers = count(1)


@pytest.fixture
def worker(anyone):
    anyone.sign_in("worker")
    return anyone


def found(visitor):
    """Look for the building, and return its part of the page."""
    page = visitor.open("/elders")
    page.get_by_label("查找楼栋").fill(HOME)
    page.get_by_role("button", name="查找").click()
    return page.locator(".elder-home", has=page.get_by_role("heading", name=HOME, exact=True))


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def entered(visitor, name):
    """Enter somebody by the form, and return the entry's line of the list."""
    page = visitor.page
    found(visitor).get_by_role("link", name="登记一位老人").click()
    expect(page.get_by_role("heading", name="登记一位老人")).to_contain_text(HOME)
    page.get_by_label("姓名").fill(name)
    page.get_by_label("门牌").fill("2单元301")
    page.get_by_label("电话").fill("13987650123、024-23456789")
    page.get_by_label("备注").fill("耳背，敲门要重。")
    assert visitor.axe() == []
    assert fits(page)
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator(".told")).to_contain_text("已登记")
    expect(page.locator("main")).not_to_contain_text(name)
    entry = page.locator(".elder").last
    # Until the page's script is there, a press leads to a page of its own.
    expect(entry.locator("button").first).to_have_attribute("aria-expanded", "false")
    return entry


def test_somebody_is_entered_shown_and_hidden(worker):
    page, name = worker.page, f"<b>王</b>秀英{next(_numbers)}"
    entry = entered(worker, name)
    show, told = entry.locator("button").first, entry.locator(".elder-told")
    show.press("Enter")
    expect(told).to_be_focused()
    expect(told).to_contain_text(name)
    expect(told.get_by_role("link", name="024-23456789")).to_have_attribute(
        "href", "tel:02423456789"
    )
    expect(show).to_have_attribute("aria-expanded", "true")
    assert worker.axe() == []
    assert fits(page)
    assert name not in page.title() + page.url
    show.click()
    expect(page.locator("main")).not_to_contain_text(name)
    expect(show).to_contain_text("显示")


def test_somebody_is_changed_and_taken_off_the_list(worker):
    page, name = worker.page, f"李明{next(_numbers)}"
    entry = entered(worker, name)
    entry.get_by_role("button", name="修改").click()
    expect(page.locator(".elder-told")).to_contain_text("耳背")
    page.get_by_label("姓名").fill("")
    page.get_by_label("门牌").fill("1单元101")
    worker.forgive("422")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#wrong-name")).to_contain_text("请填写姓名")
    expect(page.get_by_label("门牌")).to_have_value("1单元101")
    page.get_by_label("姓名").fill(name)
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".told")).to_contain_text("已保存")

    entry.get_by_role("button", name="修改").click()
    expect(page.locator(".elder-told")).to_contain_text("1单元101")
    page.get_by_text("移出名单…").click()
    assert worker.axe() == []
    assert fits(page)
    page.get_by_role("button", name="移出名单").click()
    expect(page.locator(".told")).to_contain_text("已移出名单")


def test_the_list_has_no_serious_finding_and_is_wide_enough(worker):
    page = worker.open("/elders")
    expect(page.locator(".elder-home").first).to_be_visible()
    assert worker.axe() == []
    assert fits(page)


def test_a_session_that_has_ended_is_said_in_the_list(desk):
    desk.sign_in("worker")
    entry = entered(desk, "赵女士")
    desk.page.wait_for_load_state("networkidle")  # what is still coming would renew the cookie
    desk.forgive("400")
    desk.page.context.clear_cookies()
    entry.locator("button").first.click()
    expect(entry.locator(".notice")).to_be_visible()
    expect(entry.locator(".elder-told")).to_have_count(0)


class TestWithoutAScript:
    @pytest.fixture
    def plain(self, desk):
        desk.sign_in("worker")
        desk.page.route("**/*.js", lambda route: route.abort())
        desk.forgive("ERR_FAILED")
        return desk

    def test_a_name_has_a_page_of_its_own(self, plain):
        page = plain.page
        found(plain).get_by_role("link", name="登记一位老人").click()
        page.get_by_label("姓名").fill("赵先生")
        page.get_by_role("button", name="登记", exact=True).click()
        page.locator(".elder").last.locator("button").first.click()
        expect(page.locator(".elder-told")).to_contain_text("赵先生")
        expect(page.locator("main")).to_contain_text("这次查看已记录")
        page.reload()
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", name="Elders living alone")).to_be_visible()
        assert "赵先生" not in page.content()
