"""What must hold on every page, in every mode and language."""

import pytest
from playwright.sync_api import expect

from tests.browser.reading import rows, settled

PAGES = ["/", "/matrix", "/nowhere"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(anyone, path, lang):
    anyone.forgive("404")
    page = anyone.open(path, lang=lang)
    if path == "/":
        settled(page)

    assert anyone.axe() == []


def test_axe_finds_nothing_serious_with_the_card_open(anyone):
    page = settled(anyone.open())
    rows(page).first.locator(".row-main").click()
    page.locator("#card-title").wait_for()
    for summary in page.locator("#card summary").all():
        summary.click()

    assert anyone.axe() == []


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_that_it_is_a_demonstration(desk, path):
    desk.forgive("404")
    page = desk.open(path)

    expect(page.locator(".demo")).to_contain_text("演示数据")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_one_language_has_no_words_of_the_other(desk, path):
    desk.forgive("404")
    page = desk.open(path, lang="en")
    if path == "/":
        settled(page)

    assert page.locator("html").get_attribute("lang") == "en"
    expect(page.locator("nav.ways")).to_contain_text("Matrix")


def test_without_scripts_the_page_says_so_and_leads_to_the_matrix(browser, live_server):
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(live_server)
        expect(page.locator(".no-script")).to_contain_text("JavaScript")
        page.locator(".no-script a").click()
        expect(page.locator("table.matrix")).to_be_visible()
    finally:
        context.close()


def test_a_cell_of_the_matrix_leads_to_the_map_so_filtered(desk):
    page = desk.open("/matrix")
    cell = page.locator("table.matrix tbody td a").filter(has_not_text="0").first
    number = int(cell.inner_text())

    cell.click()
    settled(page)

    expect(page.locator("#area-chip")).to_be_visible()
    expect(page.locator("#results-title")).to_contain_text(str(number))


def test_the_matrix_leads_deeper_down_to_the_grid_and_back(desk):
    page = desk.open("/matrix")
    for _ in range(5):
        deeper = page.locator("table.matrix tbody th a")
        if not deeper.count():
            break
        deeper.first.click()
    expect(page.locator("table.matrix thead th").first).to_have_text("网格")

    page.locator(".trail a").first.click()
    expect(page.locator("table.matrix tbody th a").first).to_be_visible()


def test_the_matrix_reads_per_1000_residents(desk):
    page = desk.open("/matrix")
    page.locator(".switch a").nth(1).click()

    expect(page.locator(".switch [aria-current]")).to_have_text("每千居民")
    assert "." in page.locator("table.matrix tfoot td").nth(1).inner_text()


@pytest.mark.parametrize("name, path", [("map", "/"), ("matrix", "/matrix")])
def test_a_picture_is_kept_of_every_page(anyone, request, name, path):
    page = anyone.open(path)
    if path == "/":
        settled(page)
    anyone.screenshot(f"{name}-{request.node.callspec.params['anyone']}")
