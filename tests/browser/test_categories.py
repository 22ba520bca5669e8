"""The administrator's desk of categories in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.reading import settled


@pytest.fixture
def chief(anyone):
    anyone.sign_in("admin")
    return anyone


@pytest.fixture
def chief_at_desk(desk):
    desk.sign_in("admin")
    return desk


def order(page):
    return page.locator(".kind").evaluate_all("(kinds) => kinds.map((kind) => kind.dataset.id)")


@pytest.mark.parametrize("path", ["/categories", "/categories/new", "/categories/clinic/edit"])
def test_axe_finds_nothing_serious_and_the_screen_is_wide_enough(chief, path):
    page = chief.open(path)
    page.locator(".magnet-glyph").first.wait_for(state="attached")

    assert chief.axe() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_keyboard_moves_a_category_and_keeps_its_place(chief_at_desk):
    page = chief_at_desk.open("/categories")
    before = order(page)
    down = page.locator(f'.kind[data-id="{before[0]}"] button[name="down"]')
    with page.expect_response("**/categories"):
        down.press("Enter")
    expect(page.locator("#announcement")).to_contain_text("2")
    expect(down).to_be_focused()
    moved = [before[1], before[0], *before[2:]]
    assert order(page) == moved

    page.reload()
    assert order(page) == moved
    with page.expect_response("**/categories"):
        page.locator(f'.kind[data-id="{before[0]}"] button[name="up"]').press("Enter")


def test_a_category_is_dragged(chief_at_desk):
    page = chief_at_desk.open("/categories")
    before = order(page)
    with page.expect_response("**/categories"):
        page.locator(".kind").nth(0).drag_to(
            page.locator(".kind").nth(2), target_position={"x": 40, "y": 60}
        )
    page.reload()
    assert order(page)[:3] == [before[1], before[2], before[0]]
    with page.expect_response("**/categories"):
        page.locator(".kind").nth(2).drag_to(
            page.locator(".kind").nth(0), target_position={"x": 40, "y": 4}
        )
    page.reload()
    assert order(page) == before


def test_a_colour_is_judged_while_it_is_chosen_and_the_map_follows(chief_at_desk):
    page = chief_at_desk.open("/categories/new")
    page.get_by_label("中文名称").fill("<b>花</b>店")
    page.get_by_label("图标上的字").fill("花")
    page.locator("#field-colour").fill("#0071B0")
    expect(page.locator(".kind-doubt").first).to_contain_text("购物")
    expect(page.locator("#kind-seen .magnet")).to_have_count(15)
    page.locator("#field-colour").fill("#CC79A7")
    expect(page.locator(".kind-fine")).to_be_visible()
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".kind strong").last).to_have_text("<b>花</b>店")
    assert page.locator(".kind b").count() == 0

    page = settled(chief_at_desk.open("/"))
    made = page.locator(".legend-entry", has_text="<b>花</b>店")
    expect(made).to_have_count(1)

    page = chief_at_desk.open("/categories")
    page.locator(".kind").last.get_by_role("button", name="隐藏").click()
    expect(page.locator(".kind").last).to_contain_text("已隐藏")
    page = settled(chief_at_desk.open("/"))
    expect(page.locator(".legend-entry", has_text="花")).to_have_count(0)


def test_the_map_leads_staff_to_a_file_of_what_it_shows(desk):
    desk.sign_in("worker")
    page = settled(desk.open("/", cat="clinic"))
    page.locator("#export-seen").click()
    expect(page.locator("#export .notice")).to_contain_text("诊所")
