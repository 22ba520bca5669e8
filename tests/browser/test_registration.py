"""A shop registers on a phone: map, hours, receipt; nothing typed is lost; nothing runs."""

import re

import pytest
import segno
from playwright.sync_api import expect

from geodata.store import open_store
from tests.browser.conftest import PHONE, visit
from tests.browser.reading import rows, settled
from tests.browser.test_phone import SMALLEST_TYPE
from tests.factories import ADMIN, CENTRE, HOSTILE

SMALLEST_TARGET = """() => [...document.querySelectorAll("a, button, input, select, summary")]
    .filter((element) => element.closest("main"))
    .filter((element) => element.checkVisibility())
    .filter((element) => !element.closest(".leaflet-control-attribution"))
    .map((element) => element.closest("label") ?? element)
    .map((element) => {
        const { width, height } = element.getBoundingClientRect();
        return [Math.round(Math.min(width, height) * 10) / 10, element.outerHTML.slice(0, 120)];
    })
    .filter(([size]) => size > 0)
    .sort((a, b) => a[0] - b[0])[0]"""
AMAP = "【泉富锁店】 https://uri.amap.com/marker?position=123.4761,41.7774&name=泉富锁店"


def registered(home, name):
    """Return the rows of the shops that were registered under a name."""
    store = open_store(home.instance / "linju.gpkg")
    with store.reading() as tx:
        found = tx.rows("merchant", name=name)
    store.close()
    return found


def fill(page, name, *, category="repair"):
    page.locator("#field-name").fill(name)
    page.locator(f"input[value={category}]").check()
    page.locator(".leaflet-container").click(position={"x": 150, "y": 130})
    expect(page.locator("#where-words")).to_contain_text("社区")


def sent(page):
    page.locator("#send").click()
    expect(page.locator("#number")).to_be_visible()


@pytest.mark.parametrize("kind", ["phone", "elder"])
def test_a_shop_registers_under_a_phone_and_gets_a_receipt(request, live_server, kind):
    visitor = request.getfixturevalue(kind)
    page = visitor.open("/merchants/new")
    name = f"手机登记的店{kind}"
    fill(page, name)
    page.get_by_role("button", name="每天 8:00–20:00").click()
    expect(page.locator("#hours-read")).to_contain_text("每天")
    expect(page.locator("#hours-read")).to_contain_text("08:00–20:00")
    page.locator("#field-contact_phone").fill("13800000000")
    sent(page)

    (row,) = registered(live_server, name)
    assert (row["status"], row["hours"]) == ("pending", "08:00-20:00")
    assert page.locator("#number").inner_text().replace("\n", "") == row["id"]
    link = page.locator("#link").input_value()
    drawn = segno.make(link, error="m", micro=False).svg_data_uri(scale=6, border=4, light="#fff")
    assert page.locator(".link-qr").get_attribute("src") == drawn
    assert page.locator(".link-qr").evaluate("(image) => image.naturalWidth") > 0
    assert visitor.axe() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.reload()
    assert page.locator("#link").input_value() == link
    assert len(registered(live_server, name)) == 1


def test_a_lost_connection_loses_nothing_and_makes_one_shop(browser, live_server):
    with visit(browser, live_server, PHONE, {}) as visitor:
        visitor.forgive("ERR_INTERNET_DISCONNECTED")
        page = visitor.open("/merchants/new")
        fill(page, "断网的店")
        page.context.set_offline(True)
        page.locator("#send").click()
        expect(page.locator("#lost")).to_contain_text("您填的内容都还在")
        expect(page.locator("#field-name")).to_have_value("断网的店")
        assert visitor.axe() == []
        page.context.set_offline(False)
        expect(page.locator("#number")).to_be_visible()
    assert len(registered(live_server, "断网的店")) == 1


def test_an_answer_that_was_lost_makes_no_second_shop(phone, live_server):
    phone.forgive("ERR_FAILED")
    page = phone.open("/merchants/new")
    fill(page, "回执丢了的店")
    lost = []

    def lose(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/merchants/new", lose)
    page.locator("#send").click()
    expect(page.locator("#lost")).to_be_visible()
    assert lost == [200]
    page.locator("#lost-again").click()
    expect(page.locator("#number")).to_be_visible()
    (row,) = registered(live_server, "回执丢了的店")
    assert page.locator("#number").inner_text().replace("\n", "") == row["id"]


def test_a_closed_tab_loses_nothing(phone, live_server):
    page = phone.open("/merchants/new")
    fill(page, "关掉又打开的店")
    page.locator("#field-note").fill("修鞋")
    page.get_by_role("button", name="24 小时").click()
    phone.page = page.context.new_page()
    page.close()

    page = phone.open("/merchants/new")
    expect(page.locator("#restored")).to_be_visible()
    expect(page.locator("#field-name")).to_have_value("关掉又打开的店")
    expect(page.locator("#field-note")).to_have_value("修鞋")
    expect(page.locator("#where-words")).to_contain_text("社区")
    expect(page.get_by_role("button", name="24 小时")).to_have_attribute("aria-pressed", "true")
    assert phone.axe() == []
    sent(page)
    page = phone.open("/merchants/new")
    expect(page.locator("#restored")).to_be_hidden()
    expect(page.locator("#field-name")).to_have_value("")
    assert len(registered(live_server, "关掉又打开的店")) == 1


def test_afresh_is_empty_and_a_shared_device_keeps_nothing(phone):
    page = phone.open("/merchants/new")
    page.locator("#field-name").fill("不要了的店")
    page = phone.open("/merchants/new")
    page.locator("#afresh").click()
    expect(page.locator("#restored")).to_be_hidden()
    expect(page.locator("#field-name")).to_have_value("")
    page.locator("#shared").check()
    page.locator("#field-name").fill("公用电脑上的店")
    page = phone.open("/merchants/new")
    expect(page.locator("#field-name")).to_have_value("")
    assert "公用" not in page.evaluate("JSON.stringify(localStorage)")


def test_a_link_of_a_map_app_is_taken_with_name_and_place(phone):
    page = phone.open("/merchants/new")
    page.locator("#where-paste summary").click()
    page.locator("#where-text").fill(AMAP)
    page.locator("#where-read").click()
    expect(page.locator("#field-name")).to_have_value("泉富锁店")
    expect(page.locator("#field-datum")).to_have_value("gcj02")
    expect(page.locator("#where-words")).to_contain_text("社区")
    expect(page.locator(".where-pin")).to_be_in_viewport(ratio=1)
    pin, shown = (page.locator(it).bounding_box() for it in (".where-pin", ".where-map"))
    assert shown["x"] <= pin["x"] <= shown["x"] + shown["width"] - pin["width"]
    assert shown["y"] <= pin["y"] <= shown["y"] + shown["height"] - pin["height"]


def test_bare_coordinates_are_asked_about_and_shown(phone):
    page = phone.open("/merchants/new")
    page.locator("#where-paste summary").click()
    page.locator("#where-text").fill("123.4761, 41.7774")
    page.locator("#where-read").click()
    expect(page.locator("#where-datums button")).to_have_count(3)
    expect(page.locator(".leaflet-marker-icon.where-mark")).to_have_count(3)
    assert phone.axe() == []
    page.locator("#where-datums button").nth(1).click()
    expect(page.locator("#field-datum")).to_have_value("bd09")
    expect(page.locator(".leaflet-marker-icon.where-mark")).to_have_count(0)
    expect(page.locator("#where-words")).not_to_be_empty()
    expect(page.locator(".where-pin")).to_be_in_viewport(ratio=1)


def test_the_name_of_a_building_is_a_place_to_begin_from(phone):
    page = phone.open("/merchants/new")
    page.locator("#where-paste summary").click()
    page.locator("#where-text").fill("泉园二路")
    page.locator("#where-read").click()
    expect(page.locator("#where-datums button").first).to_contain_text("泉园二路")
    page.locator("#where-datums button").first.click()
    expect(page.locator("#where-words")).to_contain_text("泉园二路")
    page.locator("#where-paste summary").click()
    page.locator("#where-text").fill("没有这样的楼")
    page.locator("#where-read").click()
    expect(page.locator("#where-paste-trouble")).to_be_visible()


def test_a_short_link_is_refused_in_words(phone):
    page = phone.open("/merchants/new")
    page.locator("#where-paste summary").click()
    page.locator("#where-text").fill("https://surl.amap.com/1vBbta81o91c")
    page.locator("#where-read").click()
    expect(page.locator("#where-paste-trouble")).to_contain_text("surl.amap.com")


def test_a_likely_duplicate_is_shown_while_typing(phone):
    page = settled(phone.open())
    known = page.evaluate("fetch('/api/merchants?category=shopping&limit=1').then((a) => a.json())")
    (feature,) = [one for one in known["features"] if not one["properties"].get("cluster")][:1]
    lon, lat = feature["geometry"]["coordinates"]
    page = phone.open("/merchants/new")
    page.locator("#where-hand summary").click()
    page.locator("#field-lon").fill(str(lon))
    page.locator("#field-lat").fill(str(lat))
    page.locator("#field-name").fill(feature["properties"]["name"])
    expect(page.locator("#alike")).to_contain_text("是不是这一家？")
    link = page.locator("#alike-list a").first
    expect(link).to_contain_text(feature["properties"]["name"])
    expect(link).to_have_attribute("href", re.compile(r"/\?sel=\w{10}"))
    assert phone.axe() == []
    page.locator("#alike-none").click()
    expect(page.locator("#alike")).to_be_hidden()


def test_what_is_wrong_stands_beside_its_field_and_the_first_is_gone_to(phone):
    phone.forgive("422")
    page = phone.open("/merchants/new")
    page.locator("#field-address").fill("文富路 8 号")
    page.locator("#send").click()
    expect(page.locator("#summary")).to_be_visible()
    expect(page.locator("#field-name")).to_be_focused()
    expect(page.locator("#wrong-name")).to_contain_text("店名")
    expect(page.locator("#wrong-position")).to_be_visible()
    expect(page.locator("#field-address")).to_have_value("文富路 8 号")
    assert phone.axe() == []
    entries = page.locator("#summary-list a")
    expect(entries).to_have_count(3)
    assert all(link.bounding_box()["height"] >= 44 for link in entries.all())

    page.locator("#field-name").fill("改好的店")
    expect(page.locator("#wrong-name")).to_be_hidden()
    expect(entries).to_have_count(2)
    page.locator("input[value=repair]").check()
    page.locator(".leaflet-container").click(position={"x": 150, "y": 130})
    expect(page.locator("#wrong-position")).to_be_hidden()
    expect(page.locator("#summary")).to_be_hidden()


def test_the_links_of_the_summary_are_large_in_large_type(elder):
    elder.forgive("422")
    page = elder.open("/merchants/new")
    page.locator("#send").click()
    for link in page.locator("#summary-list a").all():
        assert link.bounding_box()["height"] >= 60


@pytest.mark.parametrize("field", ["#field-phones", "#field-phones-1", "#field-contact_phone"])
def test_a_phone_that_looks_like_none_is_doubted_and_taken_all_the_same(phone, live_server, field):
    page = phone.open("/merchants/new")
    fill(page, f"电话有疑的店{field}")
    doubt = page.locator(".phone-doubt", has_text="不像是电话号码")
    page.locator(field).fill("024-23456789")
    expect(doubt).to_have_count(0)
    page.locator(field).fill("abc")
    expect(doubt).to_be_visible()
    assert phone.axe() == []
    page.locator(field).fill("13812345678")
    expect(doubt).to_have_count(0)
    page.locator(field).fill("问老李")
    expect(doubt).to_be_visible()
    sent(page)
    (row,) = registered(live_server, f"电话有疑的店{field}")
    if field != "#field-contact_phone":
        assert row["phones"] == "问老李"


def test_the_keyboard_is_enough(desk, live_server):
    page = desk.open("/merchants/new")
    page.locator("#field-name").focus()
    page.keyboard.type("键盘登记的店")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.locator("input[name=category]:checked")).to_have_count(1)
    page.locator("#where-paste summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(f"{CENTRE[0]}, {CENTRE[1]} GPS")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#where-words")).to_contain_text("社区")
    before = page.locator("#field-lon").input_value()
    page.locator(".where-pin").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#field-lon")).not_to_have_value(before)
    page.locator("#hours-preset-0").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#hours-0-day-1")).to_have_attribute("aria-pressed", "true")
    page.locator("#hours-0-day-7").focus()
    page.keyboard.press("Space")
    expect(page.locator("#hours-0-day-7")).to_be_focused()
    expect(page.locator("#field-hours")).to_have_value("Mo-Sa 08:00-20:00")
    page.locator("#send").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#number")).to_be_visible()
    assert len(registered(live_server, "键盘登记的店")) == 1


@pytest.mark.parametrize(
    "text, groups",
    [
        ("周一至周五 8:30-11:30 13:30-17:00，节假日休息", 1),
        ("每天 22:00-次日2:00", 1),
        ("Mo-Fr 08:00-20:00; Sa 09:00-12:00", 2),
        ("Apr-Sep 08:00-20:00; Oct-Mar 09:00-18:00", 0),
        ("电话预约", 0),
    ],
)
def test_hours_that_are_known_are_shown_by_the_editor_or_stay_text(phone, text, groups):
    page = phone.open("/merchants/new")
    page.locator("#hours-hand summary").click()
    page.locator("#field-hours").press_sequentially(text)
    expect(page.locator("#hours-read")).not_to_be_empty()
    expect(page.locator(".hours-group")).to_have_count(groups)
    expect(page.locator("#field-hours")).to_have_value(text)


def test_own_days_and_times_are_opened_by_a_press_and_the_focus_is_kept(phone):
    page = phone.open("/merchants/new")
    own = page.get_by_role("button", name="自己选时间")
    own.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#hours-0-day-1")).to_be_focused()
    expect(page.locator("#hours-0-day-1")).to_be_in_viewport(ratio=1)
    expect(own).to_have_attribute("aria-pressed", "true")
    page.locator("#hours-0-day-6").press("Enter")
    page.locator("#hours-0-day-7").press("Enter")
    page.locator("#hours-more").press("Enter")
    expect(page.locator("#hours-1-day-1")).to_be_focused()
    page.locator("#hours-1-0-0").focus()
    page.keyboard.type("0730AM")
    page.keyboard.press("Tab")
    expect(page.locator("#field-hours")).to_have_value("Mo-Fr 09:00-18:00; Sa-Su 07:30-17:00")
    page.locator("#hours-1-break").press("Enter")
    expect(page.locator("#hours-1-break")).to_be_focused()
    page.locator("#hours-1-0-away").press("Enter")
    expect(page.locator("#hours-1-0-1")).to_be_focused()
    page.locator("#hours-1-away").press("Enter")
    expect(page.locator("#hours-more")).to_be_focused()
    page.locator("#hours-none").press("Enter")
    expect(page.locator("#hours-preset-0")).to_be_focused()
    expect(page.locator("#field-hours")).to_have_value("")


def test_lunch_night_and_holidays_are_written_in_the_syntax(phone):
    page = phone.open("/merchants/new")
    page.locator("#hours-preset-0").click()
    page.locator("#hours-0-break").click()
    expect(page.locator("#field-hours")).to_have_value("08:00-11:30,13:30-20:00")
    page.locator("#hours-0-1-1").fill("02:00")
    expect(page.locator(".hours-span").nth(1)).to_contain_text("次日")
    page.locator("#hours-0-day-7").click()
    page.locator("#hours-holidays").check()
    page.locator("#hours-more").click()
    expect(page.locator("#field-hours")).to_have_value(
        "Mo-Sa 08:00-11:30,13:30-02:00; Su 09:00-17:00; PH off"
    )
    expect(page.locator("#hours-read")).to_contain_text("法定节假日休息")


def test_taking_a_registration_back_is_asked_for_and_told_once(phone, live_server):
    page = phone.open("/merchants/new")
    fill(page, "不登记了的店")
    sent(page)
    page.get_by_role("link", name="打开我的店铺").click()
    (row,) = registered(live_server, "不登记了的店")
    page.locator("summary", has_text="进展").click()
    page.locator("summary", has_text="撤回").click()
    assert phone.axe() == []
    assert registered(live_server, "不登记了的店") == [row]
    page.get_by_role("button", name="确定撤回登记").click()

    expect(page.locator("#done")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/mine$"))
    page.reload()
    expect(page.get_by_role("link", name="重新登记")).to_be_visible()
    expect(page.locator("#done")).to_have_count(0)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", ["/merchants/new", "/merchants/new/receipt", "/mine"])
def test_pages_are_for_everybody(anyone, path, lang):
    page = anyone.open(path, lang=lang)
    for summary in page.locator("main summary").all():
        summary.click()
    assert anyone.axe() == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("kind, type_px, target_px", [("phone", 16, 44), ("elder", 20, 60)])
def test_type_and_targets_of_the_form_are_large_enough(request, kind, type_px, target_px):
    page = request.getfixturevalue(kind).open("/merchants/new")
    page.locator("#hours-preset-2").click()
    for summary in page.locator("main summary").all():
        summary.click()
    smallest_type, smallest_target = page.evaluate(SMALLEST_TYPE), page.evaluate(SMALLEST_TARGET)
    assert smallest_type[0] >= type_px, smallest_type
    assert smallest_target[0] >= target_px, smallest_target


def test_without_scripts_it_is_a_plain_form(browser, live_server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server}/merchants/new")
    page.locator("#field-name").fill("没有脚本的店")
    page.locator("input[value=repair]").check()
    page.locator("#field-lon").fill(str(CENTRE[0]))
    page.locator("#field-lat").fill(str(CENTRE[1]))
    page.locator("#send").click()
    expect(page.locator("#number")).to_be_visible()
    link = page.locator("#link").input_value()
    page.goto(f"{live_server}/mine")
    page.locator("#open-token").fill(link)
    page.get_by_role("button", name="打开").click()
    expect(page.locator("main")).to_contain_text("没有脚本的店")
    context.close()


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_shop_is_shown_as_written_and_runs_nowhere(phone, text):
    spoken = []
    phone.page.on("dialog", lambda dialog: (spoken.append(dialog.message), dialog.dismiss()))
    page = phone.open("/merchants/new")
    fill(page, text)
    page.locator("#field-note").fill(text)
    page.locator("#field-address").fill(text)
    page.locator("#hours-hand summary").click()
    page.locator("#field-hours").press_sequentially(text[:40])
    expect(page.locator("#hours-read")).not_to_be_empty()
    sent(page)
    page.get_by_role("link", name="打开我的店铺页").click()
    name = page.locator(".shop h2")
    expect(name).to_be_visible()
    assert name.text_content() == text
    assert page.locator("img, main script").count() == 0
    page.locator(".shop .main-button").click()
    expect(page.locator("#field-note")).to_have_value(text)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert spoken == []


class TestTheCard:
    def test_anybody_tells_that_something_is_wrong(self, phone, live_server):
        page = settled(phone.open())
        rows(page).first.locator(".row-main").click()
        page.locator(".report summary").click()
        page.get_by_label("电话不对").check()
        page.locator("#report-words").fill("打不通，<b>空号</b>")
        assert phone.axe() == []
        page.locator(".report button").click()
        expect(page.locator(".report-thanks")).to_be_focused()
        store = open_store(live_server.instance / "linju.gpkg")
        with store.reading() as tx:
            words = [one["words"] for one in tx.records("proposal", kind="report")]
        store.close()
        assert "打不通，<b>空号</b>" in words

    def test_a_resident_is_not_offered_to_change_it_and_staff_is(self, phone, desk):
        page = settled(phone.open())
        rows(page).first.locator(".row-main").click()
        expect(page.locator(".report")).to_be_visible()
        expect(page.locator(".card-keeping")).to_have_count(0)
        desk.sign_in("worker")
        page = settled(desk.open())
        rows(page).first.locator(".row-main").click()
        page.locator(".card-keeping a").first.click()
        expect(page.locator("#field-name")).not_to_have_value("")

    def test_an_old_link_of_what_was_merged_leads_to_where_it_lives_on(self, phone, live_server):
        page = settled(phone.open())
        into = page.evaluate("fetch('/api/merchants?limit=1').then((a) => a.json())")
        into = into["features"][0]
        page = phone.open("/merchants/new")
        fill(page, "并入别家的店")
        sent(page)
        (row,) = registered(live_server, "并入别家的店")
        store = open_store(live_server.instance / "linju.gpkg")
        with store.writing() as tx:
            told = {"status": "retired", "merged": into["id"]}
            tx.update_many("merchant", [(row, told)], by=ADMIN)
        store.close()
        phone.forgive("404")
        page = settled(phone.open(sel=row["id"]))
        expect(page.locator("#card-title")).to_have_text(into["properties"]["name"])
        expect(page).to_have_url(re.compile(f"sel={into['id']}"))

    def test_a_merchant_finds_the_way_in_without_scrolling(self, anyone):
        page = settled(anyone.open())
        way = page.get_by_role("link", name="商户入驻")
        expect(way).to_be_in_viewport(ratio=1)
        if page.locator("#sheet-handle").is_visible():
            page.locator("#sheet-handle").press("ArrowDown")
            expect(page.locator("html")).to_have_attribute("data-sheet", "low")
            expect(way).to_be_in_viewport(ratio=1)
        way.click()
        expect(page.locator("h1")).to_have_text("商户入驻")
