"""How the matrix went, as it is seen: a chart, small ones, lists."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, visit

CHART = "/matrix/changes?category=clinic&reading=share"
PATHS = ["/matrix/changes", CHART, "/matrix/changes?category=repair&area=210103006012"]


def large_enough(page, element):
    """Return how large the words of a chart are on the screen, in CSS pixels."""
    return page.evaluate(
        """svg => svg.getScreenCTM().a
            * parseFloat(getComputedStyle(svg.querySelector("text")).fontSize)""",
        element.element_handle(),
    )


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_serious(anyone, path):
    page = anyone.open(path)
    for summary in page.locator("details summary").all():
        summary.click()

    assert anyone.axe() == []


def test_a_chart_is_seen_once_with_words_that_can_be_read(anyone, request):
    page = anyone.open(CHART)
    chart = page.locator("svg.chart:visible")

    expect(chart).to_have_count(1)
    expect(chart).to_have_attribute("aria-label", re.compile("15 分钟 从 .* 到 .*%"))
    least = 19.5 if request.node.callspec.params["anyone"] == "elder" else 15.5
    assert large_enough(page, chart) >= least
    expect(page.locator(".changes-demo")).to_contain_text("示范数据")
    anyone.screenshot(f"changes-{request.node.callspec.params['anyone']}")


@pytest.mark.parametrize("path", PATHS)
def test_nothing_scrolls_sideways_and_no_word_is_cut_off(anyone, path):
    page = anyone.open(path)

    assert (
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        <= 0
    )
    for chart in page.locator("svg.chart:visible").all():
        frame = chart.bounding_box()
        for words in chart.locator("text").all():
            box = words.bounding_box()
            assert box["x"] >= frame["x"] - 1
            assert box["x"] + box["width"] <= frame["x"] + frame["width"] + 1


def test_all_columns_of_the_overview_are_seen(anyone):
    page = anyone.open("/matrix/changes")
    table = page.locator(".changes-scroll")

    assert table.evaluate("box => box.scrollWidth - box.clientWidth") <= 0


def test_from_the_matrix_to_one_category_and_its_numbers_by_keyboard(desk):
    page = desk.open("/matrix")
    page.locator(".matrix-ways a", has_text="变化").press("Enter")
    page.locator(".changes-table th a", has_text="诊所").press("Enter")
    expect(page.locator("h2#course")).to_have_text("诊所")
    page.locator(".changes-figures summary").press("Enter")

    expect(page.locator(".changes-figures tbody tr")).to_have_count(13)


def test_an_area_and_a_period_are_chosen(desk):
    page = desk.open("/matrix/changes")
    page.locator("#pick-area").select_option(label="泉富社区")
    page.locator("#pick-category").select_option(label="维修")
    page.locator("form.picks button").click()

    expect(page.locator(".trail [aria-current]")).to_have_text("泉富社区")
    expect(page.locator("svg.chart:visible")).to_have_count(1)
    page.locator(".changes-periods a").first.click()
    expect(page.locator(".changes-periods [aria-current]")).to_have_text("近三个月")


def test_who_came_leads_to_the_map(desk):
    page = desk.open("/matrix/changes?category=clinic")
    first = page.locator(".changes-list a.changes-name").first
    name = first.locator("bdi").inner_text()
    first.click()

    expect(page.locator("#card-title")).to_contain_text(name)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_numbers_are_downloaded(desk, kind):
    page = desk.open(CHART)
    with page.expect_download() as told:
        page.locator(f"a[href*='changes.{kind}']").click()

    assert told.value.suggested_filename == f"linju-changes-share.{kind}"


def test_an_instance_without_a_past_says_that_it_begins_today(browser, empty_server):
    with visit(browser, empty_server, DESK, {}) as visitor:
        page = visitor.open("/matrix/changes")
        expect(page.locator(".notice").first).to_contain_text("还没有记录")


def test_in_print_the_chart_stands_in_black(desk):
    page = desk.open(CHART)
    page.emulate_media(media="print")
    line = page.locator("svg.chart-wide .chart-line path").first

    assert line.evaluate("path => getComputedStyle(path).stroke") == "rgb(0, 0, 0)"
    expect(page.locator("svg.chart-narrow")).to_be_hidden()
