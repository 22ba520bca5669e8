"""The whole way of a shop: registered by its owner, published by a worker, seen by a resident."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, visit


def test_a_shop_is_registered_published_and_seen(browser, live_server):
    name = "万家灯火锁具维修"
    with visit(browser, live_server, PHONE, {}) as owner:
        page = owner.open("/merchants/new")
        page.get_by_label("店名").fill(name)
        page.locator("input[value=repair]").check()
        page.locator(".leaflet-container").click(position={"x": 120, "y": 120})
        page.get_by_role("button", name="每天 8:00–20:00").click()
        page.get_by_label("经营内容").fill("配钥匙、换锁芯")
        page.get_by_label("您的电话").fill("13900001111")
        page.get_by_role("button", name="提交审核").click()
        expect(page).to_have_url(re.compile("/receipt$"))
        link = page.locator("input[readonly]").first.input_value()
        assert "/mine#" in link

    with visit(browser, live_server, DESK, {}) as worker:
        worker.sign_in("worker")
        page = worker.open("/review")
        page.get_by_role("button", name=re.compile(name)).or_(
            page.get_by_role("link", name=re.compile(name))
        ).first.click()
        item = page.locator("main")
        expect(item).to_contain_text("每天 08:00–20:00")
        expect(item).not_to_contain_text("13900001111")
        page.get_by_role("button", name="显示联系人").click()
        expect(item).to_contain_text("13900001111")
        page.keyboard.press("a")
        expect(page.get_by_role("button", name=re.compile(name))).to_have_count(0)

    with visit(browser, live_server, PHONE, {"mode": "elder"}) as resident:
        page = resident.open("/", q="万家灯火")
        found = page.locator("#results").get_by_text(name)
        expect(found).to_have_count(1)
        found.click()
        card = page.locator("#card")
        expect(card).to_contain_text("配钥匙、换锁芯")
        expect(card).not_to_contain_text("13900001111")

    with visit(browser, live_server, PHONE, {}) as owner:
        owner.page.goto(link)
        expect(owner.page.locator("main")).to_contain_text(name)
        assert "#" not in owner.page.url
