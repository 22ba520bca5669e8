"""The matrix at work: its readings, and what each leads to."""

import re

import geopandas as gpd
import openpyxl
import pytest
from playwright.sync_api import expect

from tests.browser.reading import alone, at, everybody, press_middle_of_map, settled

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


def test_a_cell_on_a_phone_leads_to_all_of_its_places_above_the_sheet(phone):
    page = phone.open("/matrix", level="community")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="泉富社区", exact=True))
    row.get_by_role("link", name=re.compile("维修：16。")).click()
    settled(page)

    expect(page.locator("#results-title")).to_have_text("找到 16 家")
    expect(page.locator("#area-name")).to_have_text("泉富社区")


def test_no_heading_runs_into_the_next_on_the_smallest_phone(phone):
    page = phone.open("/matrix", lang="en")
    page.set_viewport_size({"width": 320, "height": 640})

    over = page.eval_on_selector_all(
        "table.matrix thead th a",
        "all => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.innerText)",
    )
    assert over == []


def test_the_names_of_areas_stay_where_they_are_while_the_numbers_are_drawn_along(phone):
    page = phone.open("/matrix", reading="median_min")
    name = page.locator("table.matrix tbody th").first
    before = name.bounding_box()["x"]

    page.locator(".matrix-scroll").evaluate("scroll => { scroll.scrollLeft = 300; }")

    assert name.bounding_box()["x"] == before
    assert page.locator("table.matrix tbody td").first.bounding_box()["x"] < 0


def left_out(visitor, **asked):
    visitor.sign_in("worker")
    page = visitor.open("/matrix/left-out", **({"category": "barber", "minutes": "10"} | asked))
    page.locator("html[data-ready]").wait_for()
    return page


def painted(page):
    """Count the pixels of the canvas on which homes lie that are not empty."""
    return page.evaluate(
        """async () => {
            for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
            const canvas = document.querySelector(".leaflet-magnets-pane canvas");
            const { width, height } = canvas;
            const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
            return data.filter((_part, at) => at % 4 === 3 && data[at]).length;
        }"""
    )


class TestLeftOut:
    def test_homes_lie_on_the_map_and_in_the_list_and_axe_finds_nothing(self, anyone):
        page = left_out(anyone)

        expect(page.locator(".homes tbody tr").first).to_be_visible()
        assert painted(page) > 1000
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert anyone.axe() == []

    def test_a_name_of_the_list_is_shown_on_the_map(self, anyone):
        page = left_out(anyone)
        row = page.locator(".homes tbody tr").nth(2)
        name = row.locator("bdi").inner_text()

        row.get_by_role("link").click()

        expect(page.locator(".home-told strong")).to_have_text(name)
        expect(page.locator(".home-told")).to_contain_text("独居老人")
        expect(page.locator("tr.is-chosen bdi")).to_have_text(name)
        expect(page.locator(".home-told")).to_be_in_viewport()

    def test_a_press_on_a_home_tells_of_it(self, desk):
        page = left_out(desk)
        page.locator(".homes tbody a").first.click()
        name = page.locator(".home-told strong").inner_text()
        page.locator(".leaflet-popup-close-button").click()
        expect(page.locator(".home-told")).to_have_count(0)

        box = page.locator(".neighbour-map").bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

        expect(page.locator(".home-told strong")).to_have_text(name)

    def test_what_is_downloaded_opens_in_a_spreadsheet_and_in_geopandas(self, desk, tmp_path):
        page = left_out(desk)
        n = page.locator(".homes tbody tr").count()

        for name, read in (("XLSX", rows_of_sheet), ("GeoPackage", len_of_layer)):
            with page.expect_download() as told:
                page.get_by_role("link", name=name).click()
            path = tmp_path / told.value.suggested_filename
            told.value.save_as(path)
            assert read(path) == n

    def test_while_the_server_is_away_the_list_is_there_and_one_may_ask_again(self, desk):
        desk.forgive("503")
        desk.sign_in("worker")
        desk.page.route(
            "**/api/matrix/left-out*", lambda route: route.fulfill(status=503, body="{}")
        )
        page = desk.open("/matrix/left-out", category="barber", minutes="10")

        expect(page.locator("#trouble")).to_be_visible()
        expect(page.locator(".homes tbody tr").first).to_be_visible()
        page.unroute("**/api/matrix/left-out*")
        page.locator("#trouble-again").click()

        expect(page.locator("#trouble")).to_be_hidden()
        page.locator("html[data-ready]").wait_for()


def rows_of_sheet(path):
    return openpyxl.load_workbook(path).active.max_row - 1


def len_of_layer(path):
    return len(gpd.read_file(path))


def what_if(visitor, **asked):
    visitor.sign_in("worker")
    page = visitor.open("/matrix/what-if", **asked)
    page.locator("html[data-ready]").wait_for()
    return page


def put(page, category="canteen"):
    """Imagine a place a little off the middle of the map, or in it by a thumb."""
    page.locator("#new-category").select_option(category)
    page.locator("#put").click()
    here = page.locator("#pen-here")
    if here.is_visible():
        here.click()
        return
    box = page.locator(".neighbour-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2 - 200, box["y"] + box["height"] / 2 - 150)


def imagined(page):
    return page.locator("#changes li")


class TestWhatIf:
    def test_a_press_imagines_a_place_and_the_matrix_answers(self, anyone):
        page = what_if(anyone)

        put(page)

        expect(imagined(page)).to_have_text(re.compile("新开：社区食堂"))
        expect(page.locator(".otherwise")).to_have_count(1)
        expect(page.locator(".otherwise caption")).to_have_text(re.compile("社区食堂"))
        expect(page.locator(".otherwise .is-better").first).to_contain_text("▼ −")
        expect(page.locator(".is-worse")).to_have_count(0)
        expect(page.locator(".new-mark")).to_have_count(1)
        expect(page.locator("#verdict")).to_be_in_viewport()
        expect(page.locator("#verdict")).to_contain_text("会变")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert anyone.axe() == []

    def test_what_is_told_on_the_map_leads_to_the_tables(self, phone):
        page = what_if(phone)
        expect(page.locator("#verdict")).to_be_hidden()
        put(page)

        page.locator("#verdict").click()

        expect(page.locator("#answer-title")).to_be_in_viewport()
        title, chart = (
            page.locator(name).bounding_box() for name in ("#answer-title", ".map-area")
        )
        assert (
            title["y"] >= chart["y"] + chart["height"] or title["y"] + title["height"] <= chart["y"]
        )

    def test_before_and_after_and_the_difference_are_those_of_the_numbers_shown(self, desk):
        page = what_if(desk)
        put(page)

        row = page.locator(".otherwise tbody tr").first
        expect(row.locator("td")).to_have_count(3)
        before, after, by = row.locator("td").all_inner_texts()

        told = float(re.search(r"[\d.]+", by)[0])
        assert round(float(before) - float(after), 1) == told

    def test_a_place_that_is_searched_is_gone_and_comes_back(self, desk):
        page = what_if(desk)
        page.locator("#find-merchant").fill("诊所")
        page.locator("#found button").first.click()

        expect(imagined(page)).to_have_count(1)
        expect(page.locator(".otherwise .is-worse").first).to_contain_text("▲ +")
        expect(page.locator(".gone-mark")).to_have_count(1)

        imagined(page).get_by_role("button").click()

        expect(imagined(page)).to_have_count(0)
        expect(page.locator(".otherwise")).to_have_count(0)
        expect(page.locator("#answer-words")).to_contain_text("请先")

    def test_a_press_on_a_magnet_asks_and_takes_it_away(self, desk):
        shop = alone(everybody(desk.open("/")), "clinic")
        page = what_if(desk, **at(shop))
        press_middle_of_map(page)
        page.locator(".picked button").click()

        expect(imagined(page)).to_contain_text(shop["properties"]["name"])

    def test_a_street_is_closed_by_a_line_and_everything_is_undone_at_once(self, desk):
        page = what_if(desk)
        put(page)
        page.locator("[data-close=line]").click()
        box = page.locator(".neighbour-map").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.click(x - 100, y + 50)
        page.mouse.click(x + 120, y + 40)
        page.locator("#pen-done").click()

        expect(imagined(page)).to_have_count(2)
        expect(page.locator(".otherwise .is-worse").first).to_be_visible()
        page.locator("#forget").click()
        expect(imagined(page)).to_have_count(0)

    def test_it_can_be_done_by_keyboard_alone(self, desk):
        page = what_if(desk)
        page.locator("#put").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#pen")).to_be_visible()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")

        expect(imagined(page)).to_have_count(1)
        page.locator("#find-merchant").focus()
        page.keyboard.type("便利店")
        expect(page.locator("#found button").first).to_be_visible()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(imagined(page)).to_have_count(2)

    def test_another_reading_answers_anew(self, desk):
        page = what_if(desk)
        put(page)
        expect(page.locator(".otherwise")).to_have_count(1)

        page.locator("#pick-reading").select_option("count")

        row = page.locator(".otherwise tbody tr").first
        expect(row.locator("td")).to_have_text(["2", "3", re.compile(r"▲ \+1")])
        page.locator("#pick-reading").select_option("share")
        expect(page.locator("#pick-minutes")).to_be_visible()
        expect(row.locator("td").first).to_contain_text("%")

    def test_what_was_imagined_is_kept_where_the_engine_fails_and_asked_again(self, desk):
        desk.forgive("503")
        page = what_if(desk)
        page.route("**/api/matrix/what-if*", lambda route: route.fulfill(status=503, body="{}"))
        put(page)

        expect(page.locator("#answer-trouble")).to_be_visible()
        expect(imagined(page)).to_have_count(1)
        page.unroute("**/api/matrix/what-if*")
        page.locator("#answer-again").click()

        expect(page.locator("#answer-trouble")).to_be_hidden()
        expect(page.locator(".otherwise")).to_have_count(1)
