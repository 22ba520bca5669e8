"""The matrix at work: its readings, and what each leads to."""

import pytest
from playwright.sync_api import expect

from tests.browser.reading import settled

READINGS = ["有几家", "每千居民", "步行分钟数", "多少户够得着", "够不够分"]


def shades(page):
    cells = page.locator("table.matrix tbody td[class^=shade]").all()
    return {int(cell.get_attribute("class")[-1]) for cell in cells}


def test_one_switch_changes_the_reading_and_each_shades_its_cells(anyone):
    page = anyone.open("/matrix", level="grid")

    for name in READINGS:
        page.locator(".matrix-readings").get_by_role("link", name=name).click()
        expect(page.locator(".matrix-readings [aria-current]")).to_have_text(name)
        expect(page.locator(".matrix-means small")).not_to_be_empty()
        expect(page.locator(".matrix-key li")).to_have_count(7)
        assert len(shades(page)) > 2
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert "level=grid" in page.url


@pytest.mark.parametrize("reading", ["median_min", "share", "2sfca"])
def test_axe_finds_nothing_serious_in_a_reading_on_foot(anyone, reading):
    anyone.open("/matrix", level="grid", reading=reading, sort="clinic")

    assert anyone.axe() == []


def test_choices_keep_the_reading_and_a_heading_sorts(desk):
    page = desk.open("/matrix", reading="share")
    page.get_by_label("按哪一级看").select_option("grid")
    page.get_by_label("步行多久以内").select_option("5")
    page.get_by_label("营业时间").select_option("3")
    page.get_by_label("几点").select_option("20")
    page.get_by_role("button", name="查看").click()
    page.get_by_role("link", name="诊所", exact=True).click()

    heading = page.locator("th[aria-sort]")
    expect(heading).to_have_attribute("aria-sort", "descending")
    expect(heading).to_contain_text("诊所")
    expect(page.get_by_text("只算那时开门的")).to_contain_text("20:00")
    for part in ("reading=share", "level=grid", "minutes=5", "open=3", "hour=20", "sort=clinic"):
        assert part in page.url


def test_a_cell_of_what_is_open_now_leads_to_the_map_of_that(desk):
    page = desk.open("/matrix", open="now")
    page.locator("table.matrix tbody td[class^=shade] a").first.click()
    settled(page)

    assert "open=now" in page.url
    expect(page.locator("#area-chip")).to_be_visible()


def test_the_names_of_areas_stay_where_they_are_while_the_numbers_are_drawn_along(phone):
    page = phone.open("/matrix", reading="median_min")
    name = page.locator("table.matrix tbody th").first
    before = name.bounding_box()["x"]

    page.locator(".matrix-scroll").evaluate("scroll => { scroll.scrollLeft = 300; }")

    assert name.bounding_box()["x"] == before
    assert page.locator("table.matrix tbody td").first.bounding_box()["x"] < 0
