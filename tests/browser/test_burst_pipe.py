"""The whole story of a burst pipe: from the press on the map to the printed sheet and the phone."""

import re

import pypdfium2
import pytest
from playwright.sync_api import expect

from tests.browser import closing
from tests.browser.closing import SQUARE, Office, drawn, field, pressed, rows, sent
from tests.browser.conftest import DESK, OUTPUT, PHONE, visit

SOON_MS = 5_000
"""What one worker draws is before another within so long."""

REASON = "管道抢修"
NOTE = "总阀在三号楼地下室"


@pytest.fixture
def office(live_server):
    """Give the office, without the closures of other tests."""
    with Office.of(live_server) as opened:
        yield opened


@pytest.fixture
def worker(browser, live_server):
    with visit(browser, live_server, DESK, {}) as visitor:
        visitor.sign_in("worker")
        yield visitor


@pytest.fixture
def colleague(browser, live_server):
    with visit(browser, live_server, DESK, {}) as visitor:
        yield visitor


@pytest.fixture
def plumber(browser, live_server):
    """Give somebody with a phone and without an account."""
    with visit(browser, live_server, PHONE, {}) as visitor:
        yield visitor


def at_emergency(visitor):
    page = visitor.open("/emergency")
    page.locator("html[data-ready]").wait_for(state="attached")
    return page


def answered(page):
    page.locator(".helper").first.wait_for()
    expect(page.locator("#stand-words")).to_have_text(re.compile(r"^\d\d:\d\d 的结果$"))
    expect(page.locator("#answer.is-stale")).to_have_count(0)


def told(visitor):
    """Tell where a pipe burst, and what it is; return where that is."""
    page = at_emergency(visitor)
    box = page.locator(".neighbour-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.35, box["y"] + box["height"] * 0.3)
    with page.expect_request("**/api/emergency/answer*") as asked:
        page.get_by_role("button", name="跑水").click()
    answered(page)
    return asked.value.post_data_json["at"]


def closed_around(visitor, place):
    """Close the streets around a place at the desk of closures."""
    lon, lat = place
    page = closing.opened(visitor, c=f"{lon},{lat}", z="17")
    drawn(page, "area", *SQUARE)
    pressed(page, SQUARE[0])
    field(page, "reason").fill(REASON)
    page.get_by_label("居民也能看到").check()
    sent(page)


def kept(visitor, name):
    """Keep the answer as a plan, and set it under way."""
    page = visitor.page
    page.locator("#checks-list input").first.check()
    page.locator("#notes").fill(NOTE)
    page.locator("#plan-open").click()
    page.locator("#plan-name").fill(name)
    page.locator("#plan-send").click()
    page.wait_for_url(re.compile(r"/plans/\w{10}$"))
    page.locator("html[data-ready]").wait_for(state="attached")
    page.get_by_role("button", name="开始处理").click()
    expect(page.locator(".track [aria-current=step]")).to_contain_text("进行中")


def shared(visitor):
    """Make a link to the plan, and return its path."""
    page = visitor.page
    page.get_by_label("给谁").fill("李师傅")
    page.get_by_role("button", name="生成链接").click()
    address = page.locator("#once").input_value()
    return address[address.index("/plan") :]


def printed(visitor, plan):
    """Print the plan, keep the sheet beside the pictures, and read it."""
    page = visitor.open(f"/plans/{plan}/print")
    page.locator("html[data-ready]").wait_for(state="attached")
    expect(page.get_by_role("button", name="打印")).to_be_enabled()
    made = page.pdf(prefer_css_page_size=True, path=OUTPUT / "burst-pipe-sheet.pdf")
    pdf = pypdfium2.PdfDocument(made)
    return "".join(plain(leaf.get_textpage().get_text_bounded()) for leaf in pdf)


def plain(words):
    return "".join(words.split())


@pytest.mark.usefixtures("office")
def test_a_pipe_bursts(worker, colleague, plumber):
    seen = closing.opened(colleague, "admin")
    place = told(worker)
    page = worker.page
    calls = page.locator(".helper-call")
    assert calls.first.get_attribute("href").startswith("tel:")
    page.locator(".helper-main").first.click()
    expect(page.locator(".way-told li").last).to_contain_text("到达")

    closed_around(worker, place)
    expect(rows(seen)).to_contain_text(REASON, timeout=SOON_MS)

    # The incident was kept in the tab with who was chosen, and is answered anew.
    page = at_emergency(worker)
    answered(page)
    expect(page.locator(".notice-inside")).to_contain_text(REASON)
    expect(page.locator("#helper-way")).to_contain_text("到封控边缘")
    worker.screenshot("burst-pipe-desk")
    names = page.locator(".helper-name").all_text_contents()

    kept(worker, "泉园小区跑水")
    plan = re.search(r"/plans/(\w{10})", worker.page.url)[1]
    path = shared(worker)
    phone = plumber.open(path)
    phone.locator("html[data-ready]").wait_for(state="attached")
    expect(phone.locator("#status-large")).to_have_text("进行中")
    expect(phone.locator("#plan-notes")).to_have_text(NOTE)
    expect(phone.locator("#plan-closures")).to_contain_text(REASON)
    assert phone.locator(".plan-name bdi").all_text_contents() == names[:8]
    assert phone.locator(".plan-call").first.bounding_box()["height"] >= 44
    assert phone.locator("#checks li.is-done").count() == 1
    plumber.screenshot("burst-pipe-phone")

    text = printed(worker, plan)
    steps = phone.locator(".plan-steps li").all_text_contents()
    numbers = phone.locator(".plan-call span:last-child").all_text_contents()
    lines = phone.locator("#checks li bdi").all_text_contents()
    assert (len(lines), len(numbers) > 1, len(steps) > 8) == (7, True, True)
    words = ("泉园小区跑水", "进行中", NOTE, REASON, "手机扫码看进展", *names[:8])
    for one in (*words, *numbers, *steps, *lines):
        assert plain(one) in text, one
