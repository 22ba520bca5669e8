"""Closures drawn by mouse, by thumb, by keyboard; what is wrong is told, and nothing is lost."""

from datetime import UTC, datetime, timedelta

import pytest
import shapely
from playwright.sync_api import expect

from geodata.hours import SHANGHAI
from geodata.roads import Roads
from tests.browser.closing import (
    LAT,
    LON,
    SQUARE,
    TWO_HOURS,
    Office,
    drawn,
    field,
    middle,
    notice,
    opened,
    pressed,
    rows,
    sent,
    trouble,
)
from tests.factories import off_the_streets


@pytest.fixture
def office(live_server):
    """Give the office, without the closures of other tests."""
    with Office.of(live_server) as opened:
        yield opened


class TestDrawing:
    def test_an_area_by_mouse(self, desk, office):
        page = opened(desk)
        drawn(page, "area", *SQUARE)
        pressed(page, SQUARE[0])
        expect(page.locator("#drawn-words")).to_contain_text("区域：约")
        expect(page.locator("#drawn-streets")).to_contain_text("涉及")
        page.get_by_role("button", name="积雪结冰").click()
        page.get_by_role("button", name="管道抢修").click()
        page.get_by_label("居民也能看到").check()
        sent(page)
        one = office.one()
        assert (one.geometry.geom_type, len(one.geometry.exterior.coords)) == ("Polygon", 5)
        assert (one.reason, one.public, one.level) == ("管道抢修", True, "ground")
        assert one.ends - datetime.now(UTC) + timedelta(minutes=1) >= TWO_HOURS
        expect(rows(page)).to_have_count(1)
        expect(rows(page).locator(".closure-row")).to_be_focused()
        assert page.evaluate("sessionStorage.length") == 0

    def test_a_stretch_by_thumb_on_a_phone(self, phone, office):
        page = opened(phone)
        page.locator("[data-draw=line]").tap()
        expect(page.locator("#pen")).to_be_in_viewport(ratio=1)
        pressed(page, (-80, -100), (20, -90), (60, -180), tap=True)
        page.locator("#pen-undo").tap()
        pressed(page, (90, -40), tap=True)
        # The last corner once more: a double press ends.
        pressed(page, (90, -40), tap=True)
        expect(page.locator("#drawn-words")).to_contain_text("路段：约")
        page.get_by_role("button", name="道路施工").tap()
        page.get_by_role("button", name="3 天").tap()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        phone.screenshot("closures-phone-form")
        page.locator("#closure-send").tap()
        expect(notice(page)).to_contain_text("已封控")
        one = office.one()
        assert (one.geometry.geom_type, len(one.geometry.coords)) == ("LineString", 3)
        assert one.ends - datetime.now(UTC) > timedelta(days=2, hours=23)

    def test_corners_are_put_under_the_cross_hair_with_one_thumb(self, phone, office):
        page = opened(phone)
        page.locator("[data-draw=point]").tap()
        expect(page.locator(".crosshair")).to_be_visible()
        page.locator("#pen-here").tap()
        page.get_by_role("button", name="火情警戒").tap()
        page.locator("#closure-send").tap()
        expect(notice(page)).to_contain_text("已封控")
        assert office.one().geometry.distance(shapely.Point(LON, LAT)) < 2e-3

    def test_a_point_by_keyboard_alone(self, desk, office):
        page = opened(desk)
        page.locator("[data-draw=point]").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".crosshair")).to_be_visible()
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        expect(field(page, "reason")).to_be_focused()
        page.keyboard.type("电线坠落")
        page.keyboard.press("Tab")
        page.locator("#closure-send").focus()
        page.keyboard.press("Enter")
        expect(notice(page)).to_contain_text("已封控")
        at = office.one().geometry
        assert at.x > LON
        assert at.y > LAT

    def test_an_area_by_keyboard_with_a_corner_taken_back_and_one_moved(self, desk, office):
        page = opened(desk)
        page.locator("[data-draw=area]").focus()
        page.keyboard.press("Enter")
        for way in ("ArrowRight", "ArrowDown", "ArrowLeft"):
            page.keyboard.press("Enter")
            page.keyboard.press(f"Shift+{way}")
        page.keyboard.press("Enter")
        page.keyboard.press("Backspace")
        page.keyboard.press("Enter")
        expect(page.locator(".sketch-pin:has(.sketch-corner, .sketch-first)")).to_have_count(4)
        # Back to the first corner: Enter there closes the area.
        page.keyboard.press("Shift+ArrowUp")
        page.keyboard.press("Enter")
        expect(page.locator("#drawn-words")).to_contain_text("区域")
        corner = page.get_by_role("button", name="第 2 个角")
        corner.focus()
        page.keyboard.press("Shift+ArrowRight")
        expect(corner).to_be_focused()
        page.keyboard.press("Delete")
        expect(page.locator(".sketch-pin:has(.sketch-corner)")).to_have_count(3)
        page.keyboard.press("Delete")
        expect(page.locator(".sketch-pin:has(.sketch-corner)")).to_have_count(3)
        field(page, "reason").fill("抢修")
        sent(page)
        assert len(office.one().geometry.exterior.coords) == 4

    def test_a_corner_is_dragged_and_a_new_one_pulled_out_of_a_side(self, desk, office):
        page = opened(desk)
        drawn(page, "area", *SQUARE)
        page.locator("#pen-done").click()
        x, y = middle(page)
        for (ax, ay), (bx, by) in (((60, 60), (110, 90)), ((-30, -60), (-30, -130))):
            page.mouse.move(x + ax, y + ay)
            page.mouse.down()
            page.mouse.move(x + bx, y + by, steps=4)
            page.mouse.up()
        expect(page.locator(".sketch-pin:has(.sketch-corner)")).to_have_count(5)
        field(page, "reason").fill("抢修")
        sent(page)
        assert len(office.one().geometry.exterior.coords) == 6

    def test_escape_ends_and_leaves_nothing(self, desk, office):
        page = opened(desk)
        drawn(page, "area", *SQUARE[:2])
        page.keyboard.press("Escape")
        expect(page.locator(".sketch-pin")).to_have_count(0)
        expect(page.locator("[data-draw=area]")).to_be_focused()
        assert page.evaluate("sessionStorage.length") == 0
        assert office.listed() == []

    def test_what_is_closed_already_does_not_hinder_who_draws_there(self, desk, office):
        office.close(shapely.box(LON - 2e-3, LAT - 2e-3, LON + 2e-3, LAT + 2e-3), reason="大范围")
        page = opened(desk)
        expect(page.locator(".closure-pin")).to_have_count(1)
        drawn(page, "point", (0, 0))
        expect(page.locator("#drawn-overlaps")).to_contain_text("大范围")

    def test_what_is_on_no_street_is_told_before_it_is_sent_and_taken_all_the_same(
        self, desk, office, live_server
    ):
        graph = Roads(live_server.instance / "roads").require().graph
        beside = off_the_streets(graph)
        page = opened(desk, c=f"{beside.x},{beside.y}", z="19")
        drawn(page, "point", (0, 0))
        expect(page.locator("#drawn-nothing")).to_contain_text("没有碰到任何道路")
        expect(page.locator("#drawn-streets")).to_be_empty()
        field(page, "reason").fill("场地维修")
        sent(page)
        assert office.one().reason == "场地维修"
        page = opened(desk)
        drawn(page, "area", *SQUARE)
        pressed(page, SQUARE[0])
        expect(page.locator("#drawn-streets")).to_contain_text("涉及")
        expect(page.locator("#drawn-nothing")).to_be_hidden()

    def test_one_that_begins_later_waits_for_its_hour(self, desk, office):
        page = opened(desk)
        drawn(page, "point", (0, 0))
        field(page, "reason").fill("活动")
        page.get_by_label("以后").check()
        begins = datetime.now(SHANGHAI).replace(hour=9, minute=0, second=0, microsecond=0)
        begins += timedelta(days=2)
        page.locator("#closure-send").click()
        expect(page.locator("#wrong-from")).to_have_text("请填写从什么时候开始。")
        field(page, "from").fill(f"{begins:%Y-%m-%dT%H:%M}")
        page.get_by_role("button", name="今天结束").click()
        page.locator(".levels summary").click()
        page.get_by_label("一并封闭").check()
        page.locator("#closure-send").click()
        expect(notice(page)).to_contain_text("自动开始")
        one = office.one()
        assert (one.starts, one.level) == (begins, "all")
        assert one.ends == begins.replace(hour=0) + timedelta(days=1)
        expect(rows(page)).to_contain_text("1 天")


class TestWhatIsWrong:
    def test_a_bow_tie_is_told_with_its_place_and_mended_by_dragging(self, desk, office):
        desk.forgive("422")
        page = opened(desk)
        drawn(page, "area", (-100, -60), (80, 60), (80, -60), (-100, 60))
        page.locator("#pen-done").click()
        expect(page.locator("#wrong-drawing")).to_contain_text("交叉")
        cross = page.locator(".sketch-cross")
        expect(cross).to_be_in_viewport()
        x, _y = middle(page)
        box = cross.bounding_box()
        assert abs(box["x"] + box["width"] / 2 - (x - 10)) < 4
        field(page, "reason").fill("抢修")
        page.locator("#closure-send").click()
        expect(page.locator("#closure-redraw")).to_be_focused()
        expect(page.locator("#wrong-drawing")).to_contain_text("交叉")
        x, y = middle(page)
        page.mouse.move(x + 80, y + 60)
        page.mouse.down()
        page.mouse.move(x, y - 110, steps=5)
        page.mouse.up()
        expect(cross).to_have_count(0)
        expect(page.locator("#wrong-drawing")).to_be_hidden()
        sent(page)
        assert office.one().geometry.is_valid

    def test_each_thing_that_is_wrong_is_said_at_its_place_and_nothing_is_lost(self, desk):
        desk.forgive("422")
        page = opened(desk)
        drawn(page, "point", (0, 0))
        page.locator("#closure-send").click()
        expect(page.locator("#wrong-reason")).to_contain_text("原因")
        expect(field(page, "reason")).to_be_focused()
        field(page, "reason").fill("抢修")
        expect(page.locator("#wrong-reason")).to_be_hidden()
        far = datetime.now(SHANGHAI) + timedelta(days=402)
        wrong = {
            "2020-01-01T08:00": "结束",
            f"{far:%Y-%m-%dT%H:%M}": "400",
            "9999-01-01T08:00": "日期",
        }
        for until, words in wrong.items():
            field(page, "until").fill(until)
            page.locator("#closure-send").click()
            expect(page.locator("#wrong-until")).to_contain_text(words)
        expect(field(page, "reason")).to_have_value("抢修")
        page.get_by_role("button", name="2 小时", exact=True).click()
        sent(page)

    def test_too_large_and_outside_of_ones_area(self, desk):
        for fault in ("422", "403"):
            desk.forgive(fault)
        page = opened(desk, z="11")
        drawn(page, "area", *SQUARE)
        page.locator("#pen-done").click()
        expect(page.locator("#wrong-drawing")).to_contain_text("25")
        page.locator("#closure-redraw").click()
        pressed(page, *((x / 5 - 250, y / 5) for x, y in SQUARE))
        page.locator("#pen-done").click()
        expect(page.locator("#wrong-drawing")).to_contain_text("范围内")


class TestNothingIsLost:
    def test_a_lost_connection_keeps_all_and_sends_it_once(self, desk, office):
        desk.forgive("ERR_INTERNET_DISCONNECTED")
        desk.forgive("ERR_FAILED")
        page = opened(desk)
        drawn(page, "area", *SQUARE)
        page.locator("#pen-done").click()
        field(page, "reason").fill("管道抢修，请绕行")
        desk.page.context.set_offline(True)
        page.locator("#closure-send").click()
        expect(trouble(page)).to_contain_text("没有网络")
        desk.page.context.set_offline(False)

        # It arrives, but the answer does not: pressed again, it is one all the same.
        def swallow(route):
            if route.request.method == "POST":
                route.fetch()
                route.abort()
            else:
                route.continue_()

        page.route("**/api/closures*", swallow)
        page.locator("#send-again").click()
        expect(trouble(page)).to_contain_text("没有网络")
        page.unroute("**/api/closures*")
        page.locator("#send-again").click()
        expect(notice(page)).to_contain_text("已封控")
        assert office.one().reason == "管道抢修，请绕行"

    def test_a_reload_brings_back_what_was_drawn_and_typed(self, desk, office):
        page = opened(desk)
        drawn(page, "line", (-100, 0), (0, 10))
        page.reload()
        page.locator("html[data-ready]").wait_for()
        expect(page.locator("#pen")).to_be_visible()
        expect(page.locator(".sketch-corner")).to_have_count(2)
        page.locator("#pen-done").click()
        field(page, "reason").fill("写到一半")
        page.get_by_label("居民也能看到").check()
        page.reload()
        expect(trouble(page)).to_contain_text("没有发出")
        expect(field(page, "reason")).to_have_value("写到一半")
        sent(page)
        assert office.one().public

    def test_what_was_put_away_comes_back_by_a_press(self, desk):
        page = opened(desk)
        drawn(page, "point", (0, 0))
        field(page, "reason").fill("再想想")
        page.locator("#closure-cancel").click()
        notice(page).get_by_role("button", name="还是接着填").click()
        expect(field(page, "reason")).to_have_value("再想想")
        expect(page.locator(".sketch-pin")).to_have_count(1)

    def test_another_one_at_the_same_tab_does_not_find_it(self, desk):
        page = opened(desk)
        drawn(page, "point", (0, 0))
        field(page, "reason").fill("给自己看的")
        expect(page.locator("#drawn-words")).to_contain_text("地点")
        # What the page still hears would bring the former cookie back.
        page.goto("about:blank")
        page = opened(desk, "admin")
        expect(page.locator("#closure-form")).to_be_hidden()
        assert page.evaluate("sessionStorage.length") == 0

    def test_who_is_signed_out_meanwhile_signs_in_and_goes_on(self, desk, office):
        desk.forgive("403")
        page = opened(desk)
        drawn(page, "point", (0, 0))
        field(page, "reason").fill("登录前画的")
        with office.store.writing() as tx:
            tx.revise("key", {"ended": "2020-01-01T00:00:00Z"}, kind="session")
        page.locator("#closure-send").click()
        expect(trouble(page)).to_contain_text("登录已失效")
        trouble(page).get_by_role("link", name="登录").click()
        page.wait_for_url("**/sign-in**")
        page = opened(desk)
        expect(field(page, "reason")).to_have_value("登录前画的")
        sent(page)
        assert office.one().reason == "登录前画的"
