"""Where the next one helps: asked, followed, cancelled, seen on the map and in the list."""

import geopandas as gpd
import openpyxl
from playwright.sync_api import expect

from geodata import jobs
from geodata.siting import Asked
from geodata.store import open_store
from tests.browser.reading import press_middle_of_map
from tests.factories import WORKER

# Searches end within half a minute; a busy machine needs as long to begin.
PATIENCE_MS = 60_000


def opened(visitor, **asked):
    visitor.sign_in("worker")
    page = visitor.open("/matrix/siting", **asked)
    ready(page)
    return page


def ready(page):
    page.locator("html[data-ready]").wait_for()


def found(page):
    """Press the button, and wait for what comes of it."""
    page.get_by_role("button", name="找最合适的地点").click()
    page.wait_for_url("**job=*")
    expect(page.locator("#sites")).to_be_visible(timeout=PATIENCE_MS)
    ready(page)
    return page.locator("#sites > li")


def test_a_question_becomes_places_on_the_map_in_a_list_and_in_files(anyone, tmp_path):
    page = opened(anyone)
    page.get_by_label("新开几家").select_option("2")
    page.get_by_label("多近算近").select_option("5")
    places = found(page)

    expect(places).to_have_count(2)
    expect(page.locator(".site-found")).to_have_count(2)
    expect(page.locator(".verdict")).to_contain_text("已证明最优")
    expect(page.locator(".gains strong").first).to_contain_text("+")
    expect(page.get_by_label("新开几家")).to_have_value("2")
    assert anyone.axe() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    places.nth(1).get_by_role("link").click()
    expect(page.locator(".site-found.is-chosen .site-rank")).to_have_text("2")
    expect(places.nth(1)).to_have_class("is-chosen")
    with page.expect_download() as got:
        page.get_by_role("link", name="XLSX").click()
    got.value.save_as(tmp_path / "sites.xlsx")
    assert openpyxl.load_workbook(tmp_path / "sites.xlsx").active.max_row == 3
    with page.expect_download() as got:
        page.get_by_role("link", name="GeoJSON").click()
    got.value.save_as(tmp_path / "sites.geojson")
    assert gpd.read_file(tmp_path / "sites.geojson")["rank"].tolist() == [1, 2]
    page.get_by_role("link", name="放进报告").click()
    expect(page.locator(".report-places li")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    part, table = (
        page.locator(one).bounding_box() for one in (".report-proposal", ".report-proposal table")
    )
    assert table["x"] + table["width"] <= part["x"] + part["width"] + 1


def test_places_pressed_on_the_map_and_pasted_are_chosen_from(phone):
    page = opened(phone)
    page.get_by_label("从我给的地点里选").check()
    page.get_by_role("button", name="在地图上放地点").click()
    press_middle_of_map(page)
    expect(page.locator("#pen-words")).to_contain_text("已有 1 处")
    page.locator("#pen-cancel").click()
    expect(page.locator("#points bdi").first).to_contain_text("旁")
    page.get_by_label("或粘贴坐标").fill("123.4702,41.7745\n123.4691,41.7752")
    page.get_by_role("button", name="加到地图上").click()
    expect(page.locator("#points-trouble")).to_contain_text("从哪里")
    page.get_by_label("这些数字来自哪里").select_option("wgs84")
    page.get_by_role("button", name="加到地图上").click()
    expect(page.locator("#points li")).to_have_count(3)
    expect(page.locator(".leaflet-marks-pane .point-letter")).to_have_text(["A", "B", "C"])
    page.get_by_role("button", name="去掉地点 A").click()
    expect(page.get_by_role("button", name="去掉地点 A")).to_be_focused()
    page.get_by_label("让大家平均走得最短").check()

    places = found(page)
    expect(places.first).to_contain_text("地点 ")
    expect(page.locator("#points li")).to_have_count(2)
    expect(page.get_by_label("让大家平均走得最短")).to_be_checked()


def test_how_far_a_search_is_shows_and_it_is_cancelled_by_keyboard(desk, live_server):
    store = open_store(live_server.instance / "linju.gpkg")
    asked = Asked("210103006012", "repair", count=4, minutes=5).document()
    with store.writing() as tx:
        job = jobs.ask(tx, "siting", asked, area="210103006012", actor=WORKER)
        # As if somebody worked on it for ever.
        tx.revise("job", {"seen": "2100-01-01T00:00:00.000Z"}, id=job.id)
    page = opened(desk, job=job.id)
    expect(page.locator("#job-words")).to_contain_text("排队")
    with store.writing() as tx:
        tx.revise("job", {"state": "running", "progress": 420}, id=job.id)
    store.close()

    expect(page.locator("#job-words")).to_contain_text("42%")
    assert desk.axe() == []
    page.get_by_role("button", name="取消").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#job-title")).to_have_text("已取消")
    expect(page.get_by_label("新开几家")).to_have_value("4")
    expect(page.get_by_label("哪一类")).to_have_value("repair")
