"""The desk of closures: changed, prolonged, lifted; seen by the others at once."""

from datetime import datetime, timedelta

import pytest
import shapely
from playwright.sync_api import expect

from geodata.hours import SHANGHAI
from tests.browser.closing import (
    AREA,
    LAT,
    LON,
    SQUARE,
    TWO_HOURS,
    Office,
    drawn,
    field,
    notice,
    opened,
    pressed,
    rows,
    sent,
    trouble,
)
from tests.browser.conftest import DESK, visit
from tests.factories import HOSTILE, WORKER

HIDDEN = """(hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def office(live_server):
    """Give the office, without the closures of other tests."""
    with Office.of(live_server) as opened:
        yield opened


class TestNeighbours:
    def test_what_reaches_into_ones_own_area_may_be_lifted_and_nothing_else(self, desk, office):
        far = LON + 0.08
        reach = office.close(shapely.LineString([(LON, LAT), (far, LAT)]), reason="邻街管沟")
        beyond = office.close(shapely.Point(far, LAT), reason="远处施工")
        page = opened(desk)
        expect(rows(page)).to_have_count(2)
        for one in (beyond, reach):
            row = page.locator(f'[data-id="{one.id}"]')
            row.locator(".closure-row").click()
            acts = row.locator("[data-act]")
            expect(acts).to_have_count(1 if one is reach else 0)
            assert desk.axe() == []
        expect(row).to_contain_text("您可以解除，但不能修改")
        acts.click()
        page.get_by_role("dialog").get_by_role("button", name="解除", exact=True).click()
        expect(rows(page)).to_have_count(1)
        assert office.get(reach).lifted
        assert not office.get(beyond).lifted


class TestAfterwards:
    def test_it_is_changed_and_drawn_anew(self, desk, office):
        one = office.close(AREA, reason="管道抢修", level="all", actor=WORKER)
        page = opened(desk)
        rows(page).locator(".closure-row").click()
        page.get_by_role("button", name="修改", exact=True).click()
        expect(field(page, "reason")).to_have_value("管道抢修")
        expect(page.locator("#begins")).to_be_hidden()
        expect(page.locator(".closure-pin")).to_have_count(0)
        field(page, "reason").fill("管道抢修，已停水")
        page.get_by_label("居民也能看到").check()
        page.locator("#closure-redraw").click()
        pressed(page, *SQUARE)
        pressed(page, SQUARE[0])
        page.locator("#closure-send").click()
        expect(notice(page)).to_have_text("已保存。")
        now = office.get(one)
        assert (now.reason, now.public, now.level, now.version) == (
            "管道抢修，已停水",
            True,
            "all",
            2,
        )
        assert (now.ends, now.starts) == (one.ends, one.starts)
        assert not now.geometry.equals(one.geometry)
        rows(page).get_by_text("历史记录").click()
        events = rows(page).locator(".events > li")
        expect(events).to_have_count(2)
        for words in ("修改", "worker", "管道抢修，已停水", "居民也能看到"):
            expect(events.first).to_contain_text(words)

    def test_it_is_prolonged_by_one_press(self, desk, office):
        one = office.close()
        page = opened(desk)
        rows(page).locator(".closure-row").click()
        page.get_by_role("button", name="+2 小时").click()
        expect(notice(page)).to_contain_text("已延长到")
        page.get_by_role("button", name="+1 天").click()
        expect(rows(page).locator(".closure-left")).to_contain_text("2 天 2 小时")
        assert office.get(one).ends - one.ends == timedelta(hours=26)

    def test_it_is_lifted_with_a_reason_and_closed_again(self, desk, office):
        one = office.close(reason="管道抢修", public=True)
        page = opened(desk)
        rows(page).locator(".closure-row").click()
        page.get_by_role("button", name="解除").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("管道抢修")
        dialog.get_by_role("button", name="已修好").click()
        dialog.get_by_role("button", name="解除").click()
        expect(notice(page)).to_contain_text("已解除")
        expect(rows(page)).to_have_count(0)
        assert office.get(one).lifted
        page.get_by_text("以前的封控").click()
        past = page.locator("#past-list > li").filter(has_text="管道抢修").first
        past.locator(".closure-row").click()
        past.get_by_text("历史记录").click()
        expect(past.locator(".events")).to_contain_text("已修好")
        past.get_by_role("button", name="重新封控").click()
        expect(field(page, "reason")).to_have_value("管道抢修")
        sent(page)
        assert office.one().geometry.equals_exact(one.geometry, 1e-6)
        assert office.one().public

    def test_one_that_was_lifted_before_it_began_is_over_with_the_hours_it_was_for(
        self, desk, office
    ):
        morning = datetime.now(SHANGHAI).replace(hour=9, minute=0, second=0, microsecond=0)
        starts = morning + timedelta(days=1)
        told = {"starts": starts, "ends": starts + timedelta(hours=3)}
        office.lift(office.close(reason="晚上的活动", **told))
        page = opened(desk)
        page.get_by_text("以前的封控").click()
        past = page.locator("#past-list > li").filter(has_text="晚上的活动")
        expect(past).to_contain_text("明天 09:00 至 12:00")
        expect(past).to_contain_text("已结束：")
        expect(past).not_to_contain_text("即将封控")

    def test_at_first_all_that_is_listed_is_seen_unless_the_address_tells_a_view(
        self, desk, office
    ):
        office.close(shapely.box(LON + 0.02, LAT, LON + 0.03, LAT + 0.01), reason="远处")
        page = opened(desk)
        expect(rows(page)).to_have_count(1)
        expect(page.locator(".closure-pin")).not_to_be_in_viewport()
        page = desk.open("/closures")
        page.locator("html[data-ready]").wait_for()
        expect(page.locator(".closure-pin")).to_be_in_viewport()

    def test_who_was_slower_sees_what_the_other_did_and_loses_nothing(self, desk, office):
        desk.forgive("412")
        one = office.close(reason="管道抢修")
        page = opened(desk)
        rows(page).locator(".closure-row").click()
        page.get_by_role("button", name="修改", exact=True).click()
        field(page, "reason").fill("我写的原因")
        later = (one.ends + timedelta(days=3)).replace(second=0, microsecond=0)
        office.change(one, reason="别人写的原因", ends=later)
        page.locator("#closure-send").click()
        expect(trouble(page)).to_contain_text("别人写的原因")
        expect(trouble(page)).to_contain_text("admin")
        expect(field(page, "reason")).to_have_value("我写的原因")
        shown = later.astimezone(SHANGHAI)
        expect(field(page, "until")).to_have_value(f"{shown:%Y-%m-%dT%H:%M}")
        page.locator("#closure-send").click()
        expect(notice(page)).to_have_text("已保存。")
        now = office.get(one)
        assert (now.reason, now.ends) == ("我写的原因", later)

    def test_what_was_lifted_meanwhile_is_closed_again_with_what_was_typed(self, desk, office):
        desk.forgive("409")
        desk.forgive("412")
        one = office.close(reason="管道抢修")
        page = opened(desk)
        rows(page).locator(".closure-row").click()
        page.get_by_role("button", name="修改", exact=True).click()
        field(page, "reason").fill("还没修好")
        office.lift(one)
        page.locator("#closure-send").click()
        expect(trouble(page)).to_contain_text("已经结束")
        trouble(page).get_by_role("button", name="重新封控").click()
        sent(page)
        assert office.one().reason == "还没修好"

    def test_what_was_not_drawn_anew_stays_where_it_is_and_follows_the_others(self, desk, office):
        desk.forgive("412")
        odd = shapely.Polygon([(LON, LAT), (LON + 1e-3 / 3, LAT), (LON, LAT + 1e-3 / 7)])
        one = office.close(odd)
        page = opened(desk)
        rows(page).locator(".closure-row").click()
        page.get_by_role("button", name="修改", exact=True).click()
        field(page, "reason").fill("只改原因")
        now = office.change(one, geometry=AREA)
        page.locator("#closure-send").click()
        expect(trouble(page)).to_contain_text("区域")
        expect(page.locator(".sketch-pin:has(.sketch-corner)")).to_have_count(4)
        page.locator("#closure-send").click()
        expect(notice(page)).to_have_text("已保存。")
        assert office.get(one).geometry.equals_exact(now.geometry, 0)

    def test_what_lies_outside_of_ones_area_is_only_looked_at(self, desk, office):
        office.close(shapely.Point(LON + 0.1, LAT), reason="远处")
        page = opened(desk)
        rows(page).locator(".closure-row").click()
        expect(rows(page)).to_contain_text("不在您负责的范围内")
        expect(page.get_by_role("button", name="解除")).to_have_count(0)

    def test_who_prolongs_second_is_told_what_the_first_did(self, desk, office):
        desk.forgive("412")
        one = office.close()
        page = opened(desk)
        rows(page).locator(".closure-row").click()
        # Before the page has heard of it.
        page.route(
            "**/api/closures",
            lambda route: route.abort() if route.request.method == "GET" else route.continue_(),
        )
        desk.forgive("ERR_FAILED")
        office.change(one, reason="换了原因")
        page.get_by_role("button", name="+2 小时").click()
        expect(notice(page)).to_contain_text("换了原因")
        assert office.get(one).ends == one.ends


class TestTogether:
    def test_what_one_draws_another_sees_within_5_seconds(self, browser, live_server, office):
        with (
            visit(browser, live_server, DESK, {}) as first,
            visit(browser, live_server, DESK, {}) as second,
        ):
            mine, theirs = opened(first), opened(second, "admin")
            expect(rows(theirs)).to_have_count(0)
            drawn(mine, "area", *SQUARE)
            mine.locator("#pen-done").click()
            field(mine, "reason").fill("管道抢修")
            with mine.expect_response(
                lambda answer: answer.request.method == "POST" and "/api/" in answer.url
            ):
                mine.locator("#closure-send").click()
            expect(rows(theirs)).to_contain_text("管道抢修", timeout=5_000)
            expect(theirs.locator(".closure-pin")).to_have_count(1)
            office.lift(office.one())
            expect(rows(mine)).to_have_count(0, timeout=5_000)
            expect(theirs.locator(".closure-pin")).to_have_count(0, timeout=5_000)

    def test_who_reads_in_the_list_keeps_the_place_when_others_draw(self, desk, office):
        one = office.close(reason="第一处")
        page = opened(desk)
        rows(page).locator(".closure-row").click()
        page.get_by_role("button", name="修改", exact=True).focus()
        office.close(shapely.Point(LON, LAT), reason="第二处")
        expect(rows(page)).to_have_count(2)
        office.change(one, reason="第一处，改过")
        expect(rows(page).filter(has_text="改过")).to_have_count(1)
        expect(page.get_by_role("button", name="修改", exact=True)).to_be_focused()

    def test_a_page_that_is_not_seen_does_not_ask_and_asks_at_once_when_it_is(self, desk, office):
        desk.page.clock.install()
        page = opened(desk)
        page.evaluate(HIDDEN, arg=True)
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.clock.run_for(30_000)
        page.evaluate("fetch('/healthz').then(() => null)")
        assert [url for url in asked if "/healthz" not in url] == []
        office.close()
        page.evaluate(HIDDEN, arg=False)
        expect(rows(page)).to_have_count(1)

    def test_it_says_when_the_server_is_away_and_when_it_is_back(self, desk):
        desk.forgive("ERR_FAILED")
        page = opened(desk)
        page.route("**/api/closures", lambda route: route.abort())
        expect(page.locator("#trouble")).to_contain_text("连不上服务器")
        page.unroute("**/api/closures")
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator("#trouble")).to_be_hidden()


def test_hostile_reasons_stand_as_they_were_written_and_run_nowhere(desk, office):
    spoken = []
    desk.page.on("dialog", lambda dialog: (spoken.append(dialog.message), dialog.dismiss()))
    for text in HOSTILE:
        office.close(reason=text)
    page = opened(desk)
    expect(rows(page)).to_have_count(len(HOSTILE))
    shown = page.locator("#closures-list .closure-reason").all_text_contents()
    assert sorted(shown) == sorted(one.reason for one in office.listed())
    row = rows(page).filter(has_text="onerror")
    row.locator(".closure-row").click()
    row.get_by_text("历史记录").click()
    expect(row.locator(".events")).to_contain_text("onerror")
    row.get_by_role("button", name="解除").click()
    expect(page.get_by_role("dialog")).to_contain_text("onerror")
    page.keyboard.press("Escape")
    drawn(page, "point", (0, 0))
    expect(page.locator("#drawn-words")).to_contain_text("地点")
    assert page.locator("img:not(.leaflet-tile)").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert spoken == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_screen(
    anyone, office, request, lang
):
    one = office.close(reason="管道抢修")
    office.close(shapely.Point(LON - 2e-3, LAT), starts=one.ends, ends=one.ends + TWO_HOURS)
    page = opened(anyone, lang=lang)
    rows(page).first.locator(".closure-row").click()
    rows(page).first.locator("summary").click()
    rows(page).first.locator(".events > li").wait_for()
    fits = "document.documentElement.scrollWidth <= innerWidth"
    assert (anyone.axe(), page.evaluate(fits)) == ([], True)
    if lang == "zh":
        anyone.screenshot(f"closures-{request.node.callspec.params['anyone']}")
    page.locator("[data-draw=area]").click()
    pressed(page, *((x / 3, y / 3 - 60) for x, y in SQUARE))
    assert (anyone.axe(), page.evaluate(fits)) == ([], True)
    page.locator("#pen-done").click()
    expect(page.locator("#drawn-words")).not_to_be_empty()
    page.locator(".levels summary").click()
    page.locator("#closure-send").click()
    expect(page.locator("#wrong-reason")).to_be_visible()
    assert (anyone.axe(), page.evaluate(fits)) == ([], True)
