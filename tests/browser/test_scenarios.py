"""The administrator's desk of scenarios in a real browser."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def chief(anyone):
    anyone.sign_in("admin")
    return anyone


def names(page):
    return page.locator(".kind strong bdi").all_text_contents()


@pytest.mark.parametrize("path", ["/scenarios", "/scenarios/new", "/scenarios/leak/edit"])
def test_axe_finds_nothing_serious_and_the_screen_is_wide_enough(chief, path):
    page = chief.open(path)
    page.locator(".magnet-glyph").first.wait_for(state="attached")

    assert chief.axe() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_one_that_is_moved_or_hidden_stands_so_on_the_emergency_page(desk):
    desk.sign_in("admin")
    page = desk.open("/scenarios")
    before = names(page)
    second = page.locator(".kind").nth(1)
    with page.expect_response("**/scenarios"):
        second.locator("button[name=up]").press("Enter")
    assert names(page) == [before[1], before[0], *before[2:]]
    page.locator(".kind").last.get_by_role("button", name="隐藏").click()
    expect(page.locator(".kind").last).to_contain_text("已隐藏")
    desk.screenshot("scenarios-desk")

    page = desk.open("/emergency")
    tiles = page.locator(".tile-name")
    expect(tiles).to_have_text([before[1], before[0], *before[2:-1]])
