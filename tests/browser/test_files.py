"""A spreadsheet through the page: seen, mended, brought in, reported, taken back."""

import io
from collections.abc import Iterator

import openpyxl
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESK, PHONE, Served, Visitor, visit

MESSY = """泉富社区商户表,,,,
店铺,干什么的,经纬,电话1,价格
泉富便民超市,购物,"123.47,41.79",024-23456789,5
<img src=x onerror=alert(1)>,诊所,"123.46,41.795",,"=1+1"
坏店,飞船,"123.45,41.80",,
丢了,购物,,,
"""
KINDS = {
    "desk": (DESK, {}),
    "phone": (PHONE, {}),
    "elder": (PHONE, {"mode": "elder"}),
}


@pytest.fixture(params=KINDS)
def clerk(
    request: pytest.FixtureRequest, browser: Browser, empty_server: Served
) -> Iterator[Visitor]:
    """Give an administrator of an office without a demonstration, at each kind of screen."""
    device, mode = KINDS[request.param]
    with visit(browser, empty_server, device, mode) as visitor:
        visitor.sign_in("admin")
        yield visitor


@pytest.fixture
def at_desk(browser: Browser, empty_server: Served) -> Iterator[Visitor]:
    with visit(browser, empty_server, DESK, {}) as visitor:
        visitor.sign_in("admin")
        yield visitor


def upload(page, name, content):
    data = content if isinstance(content, bytes) else content.encode()
    files = {"name": name, "mimeType": "text/csv", "buffer": data}
    page.locator("#file").set_input_files(files)
    page.locator("#upload .main-button").click()
    page.locator("#columns").wait_for()


def choose_datum(page):
    page.get_by_role("radio", name="天地图").check()


def numbers(page):
    return [int(text) for text in page.locator(".numbers dd").all_inner_texts()]


def within_the_screen(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_real_stores_come_in_by_the_page_and_go_again(at_desk, shared_data):
    path = shared_data / "merchants" / "shenyang_stores_bd09.csv"
    page = at_desk.open("/files")
    page.locator("#file").set_input_files(path)
    page.locator("#upload .main-button").click()
    assert page.locator("[name=datum]:checked").count() == 0
    page.locator("#columns .main-button").click()
    expect(page.locator("#datum-wrong")).to_be_visible()
    expect(page.get_by_role("radio", name="高德")).to_be_focused()
    assert at_desk.axe() == []
    page.get_by_role("radio", name="百度").check()
    page.locator("#columns .main-button").click()
    page.locator("#looks li").first.wait_for()
    expect(page.locator("#preview-words")).to_contain_text("63")
    assert sum(numbers(page)) == 63

    page.get_by_role("button", name="开始导入").click()
    expect(page.get_by_role("heading", name="已经导入到地图")).to_be_visible()
    page.get_by_role("link", name="看地图").click()
    expect(page.locator("#results-title")).to_contain_text("63")

    page = at_desk.open("/files")
    page.locator(".sure summary").first.click()
    page.get_by_role("button", name="撤销整次导入").first.click()
    expect(page.get_by_role("heading", name="已撤销这次导入")).to_be_visible()
    assert numbers(page) == [63, 0]
    page = at_desk.open("/")
    expect(page.locator("#results-title")).not_to_contain_text("63")


def test_columns_are_mended_and_problems_told_on_every_screen(clerk):
    page = clerk.open("/files")
    assert clerk.axe() == []
    assert within_the_screen(page)

    upload(page, "商户 {{7*7}}.csv", MESSY)
    assert clerk.axe() == []
    choose_datum(page)
    page.locator("#columns .main-button").click()
    expect(page.get_by_role("alert")).to_contain_text("类别")
    page.get_by_label("干什么的").select_option("category")
    page.get_by_label("经纬").select_option("position")
    page.locator("#columns .main-button").click()
    page.locator("#looks li").first.wait_for()

    assert numbers(page)[3] == 2
    expect(page.locator(".problems")).to_contain_text("飞船")
    expect(page.locator(".step-head bdi")).to_have_text("商户 {{7*7}}.csv")
    assert page.locator("img:not(.leaflet-tile)").count() == 0
    assert within_the_screen(page)
    assert clerk.axe() == []


def test_the_report_is_a_spreadsheet(at_desk):
    page = at_desk.open("/files")
    upload(page, "商户.csv", MESSY)
    page.get_by_label("干什么的").select_option("category")
    page.get_by_label("经纬").select_option("position")
    choose_datum(page)
    page.locator("#columns .main-button").click()
    with page.expect_download() as told:
        page.get_by_role("link", name="下载报告（XLSX）").click()
    assert told.value.suggested_filename == "linju-import-report.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(told.value.path().read_bytes())).active
    assert "飞船" in [cell.value for row in sheet.iter_rows() for cell in row]


def test_a_file_can_be_dropped(at_desk):
    page = at_desk.open("/files")
    dropped = page.evaluate_handle(
        """(text) => {
            const carried = new DataTransfer();
            carried.items.add(new File([text], "dropped.csv", { type: "text/csv" }));
            return carried;
        }""",
        MESSY,
    )
    page.dispatch_event("#drop", "drop", {"dataTransfer": dropped})
    page.locator("#columns").wait_for()
    expect(page.locator(".step-head bdi")).to_have_text("dropped.csv")


def choose(page, heading, field):
    """Walk down a list by the arrow key until it says the field."""
    chosen = page.get_by_label(heading)
    chosen.focus()
    for _ in range(20):
        if chosen.input_value() == field:
            return
        page.keyboard.press("ArrowDown")
    pytest.fail(f"there is no {field} to choose")


def test_the_keyboard_is_enough(at_desk):
    page = at_desk.open("/files")
    page.locator("#file").set_input_files(
        {"name": "keys.csv", "mimeType": "text/csv", "buffer": MESSY.encode()}
    )
    page.locator("#upload .main-button").focus()
    page.keyboard.press("Enter")
    choose(page, "干什么的", "category")
    choose(page, "经纬", "position")
    page.get_by_role("radio", name="高德").focus()
    page.keyboard.press("Space")
    page.locator("#columns .main-button").press("Enter")
    page.get_by_role("button", name="回去改各列").press("Enter")
    assert page.get_by_label("干什么的").input_value() == "category"


def test_the_demonstration_is_not_mixed_with_real_places(desk):
    desk.sign_in("worker")
    page = desk.open("/files")
    upload(page, "商户.csv", "名称,类别,经度,纬度\n小店,购物,123.47,41.775\n")
    choose_datum(page)
    page.locator("#columns .main-button").click()
    expect(page.get_by_text("这里是演示数据").first).to_be_visible()
    expect(page.get_by_role("button", name="开始导入")).to_have_count(0)


def test_what_the_map_shows_is_written_out(desk):
    desk.sign_in("worker")
    page = desk.open("/files", cat="clinic")
    expect(page.locator("#export .notice")).to_contain_text("诊所")
    page.locator("#format").select_option("csv")
    with page.expect_download() as told:
        page.get_by_role("button", name="下载").click()
    text = told.value.path().read_text("utf-8-sig")
    assert "诊所" in text
    assert "维修" not in text
