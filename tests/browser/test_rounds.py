"""Rounds in a browser: planned at a desk, walked with a phone, also without a connection."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from geodata import rounds
from geodata.policy import Actor, Role
from geodata.rounds import State, Status, Tick
from geodata.store import open_store
from tests import people
from tests.browser.conftest import OUTPUT
from tests.factories import ADMIN, round_draft

PLANNED_MS = 60_000
"""So long VROOM may take to start on a machine that runs all tests at once."""
FORGOTTEN_S = 30
DAY = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()


@pytest.fixture
def store(live_server):
    """Give the store of the running server."""
    opened = open_store(live_server.instance / "linju.gpkg")
    yield opened
    opened.close()


@pytest.fixture
def link(store):
    """Give the path of a link to the round of 王, who has two visits, and the round's id."""
    account = people.hire(store, "worker")
    actor = Actor("worker", Role.WORKER, "210103006", account=account)
    with store.writing() as tx:
        one = rounds.save(tx, round_draft(), actor=ADMIN)
        one = rounds.change(tx, one.id, version=1, status=Status.ACCEPTED, actor=ADMIN)
        until = datetime.now(UTC) + timedelta(hours=9)
        token = rounds.share(tx, one.id, 0, until=until, actor=actor).token
        # The draft's day is long over, and what is over is not kept on a phone.
        later = {"asked": tx.row("round", one.id)["asked"].replace("2026-11-25", DAY)}
        tx.update("round", one.id, later, version=None, by=ADMIN)
    return f"/round#{token}", one.id


def planning(visitor, homes=8):
    """Go to the page with so many homes chosen of the community, and two people."""
    visitor.sign_in("worker")
    page = visitor.open("/rounds/new")
    expect(page.locator("#content")).to_have_attribute("data-ready", "yes")
    page.locator("#choose").click()
    rows = page.locator("#visits > li")
    expect(rows.first).to_be_visible()
    while rows.count() > homes:
        rows.last.locator(".visit-out").click()
    page.locator("#worker-add").click()
    for at, name in enumerate(("王姐", "小李")):
        page.locator(".worker").nth(at).get_by_label("姓名").fill(name)
    page.locator("#day").fill(DAY)
    return page


def planned(page):
    page.locator("#solve").click()
    expect(page.locator(".round-list")).to_have_count(2, timeout=PLANNED_MS)


def kept(page):
    page.locator("#keep").click()
    expect(page.locator("#progress")).not_to_be_empty()
    return re.search(r"/rounds/(\w{10})", page.url)[1]


def walking(visitor, name, round_id):
    """Sign in as somebody, and have the round on the phone."""
    visitor.sign_in(name)
    page = visitor.open(f"/rounds/{round_id}/1")
    expect(page.locator("#send-state")).to_have_text("已全部送达。")
    return page


def forgotten(page):
    """Wait until nothing is kept on the phone: no element of the page tells that."""
    give_up = time.monotonic() + FORGOTTEN_S
    while left := page.evaluate("Object.keys(localStorage)"):
        assert time.monotonic() < give_up, left
        page.wait_for_timeout(20)


def legible(visitor):
    """Find nothing with axe-core, and nothing that one has to scroll sideways for."""
    assert visitor.axe() == []
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def told(store, round_id):
    with store.reading() as tx:
        return {v: (t.state, t.note) for v, t in rounds.progress(tx, round_id).items()}


class TestPlanning:
    def test_from_homes_and_people_to_an_accepted_round_with_an_urgent_visit(self, desk):
        page = planning(desk)
        planned(page)
        stops = page.locator(".round-stop-row")
        expect(stops).to_have_count(8)
        expect(page.locator(".leaflet-marks-pane .round-stop")).to_have_count(8)
        lines = page.locator(".leaflet-ways-pane path[stroke]:not([stroke='#fffdf8'])")
        looks = {
            (n.get_attribute("stroke"), n.get_attribute("stroke-dasharray")) for n in lines.all()
        }
        assert len({colour for colour, _ in looks}) == len({dash for _, dash in looks}) == 2
        assert desk.axe() == []
        kept(page)
        page.get_by_role("button", name="确定路线").click()
        page.locator("#urgent > summary").click()
        page.locator("#urgent-words").fill("泉园")
        page.locator("#urgent-found button").last.click()
        page.locator("#urgent-ask").click()
        answer = page.locator("#urgent-answer")
        expect(answer).to_contain_text(
            re.compile(r"(王姐|小李) 于 \d\d:\d\d 上门"), timeout=PLANNED_MS
        )
        expect(answer).to_contain_text(re.compile("时间都不变|推迟|提前"))
        assert desk.axe() == []
        answer.get_by_role("button", name="确定插入").click()
        expect(page.locator("#progress")).to_have_text("已访 0／9", timeout=PLANNED_MS)

    def test_what_is_typed_before_the_round_is_there_is_looked_for_then(self, desk, link):
        desk.sign_in("worker")
        held = []
        whole = re.compile(rf"/api/rounds/kept/{link[1]}(\?|$)")

        def hold(route):
            held.append(route)

        desk.page.route(whole, hold)
        page = desk.open(f"/rounds/{link[1]}")
        page.locator("#urgent > summary").click()
        page.locator("#urgent-words").fill("泉园")
        while not held:
            page.wait_for_timeout(20)
        held[0].continue_()
        expect(page.locator("#urgent-found button").first).to_be_visible()
        expect(page.locator("#map-hint")).to_be_visible()

    def test_where_the_engine_is_away_it_says_so_and_keeps_everything(self, desk):
        desk.forgive("503")
        page = planning(desk, homes=3)
        problem = {"title": "engine_unavailable", "detail": "路线服务暂时连不上。", "details": {}}
        page.route("**/api/rounds?*", lambda route: route.fulfill(status=503, json=problem))
        page.locator("#solve").click()
        expect(page.locator("#trouble")).to_have_text("路线服务暂时连不上。 填写的内容都保留着。")
        page.reload()
        expect(page.locator("#visits > li")).to_have_count(3)
        expect(page.locator(".worker").nth(1).get_by_label("姓名")).to_have_value("小李")
        expect(page.locator("#draft-told")).to_be_visible()
        page.unroute("**/api/rounds?*")
        planned(page)

    def test_a_change_asks_for_another_plan_and_a_kept_draft_is_changed(self, desk):
        page = planning(desk, homes=3)
        planned(page)
        page.locator(".worker").first.get_by_label("几点结束").fill("10:30")
        expect(page.locator("#stale")).to_be_visible()
        expect(page.locator("#keeping")).to_be_hidden()
        planned(page)
        expect(page.locator("#stale")).to_be_hidden()
        first = kept(page)
        page.get_by_role("link", name="修改").click()
        expect(page.locator("#visits > li")).to_have_count(3)
        expect(page.locator(".worker").first.get_by_label("几点结束")).to_have_value("10:30")
        page.locator("#visits .visit-out").last.click()
        planned(page)
        page.locator("#name").fill("改过的走访")
        assert kept(page) == first
        expect(page.locator("h1")).to_have_text("改过的走访")
        expect(page.locator(".round-stop-row")).to_have_count(2)

    def test_whom_nobody_visits_is_told_with_the_reason_in_plain_words(self, desk):
        page = planning(desk, homes=6)
        for at in (0, 1):
            page.locator(".worker").nth(at).get_by_label("几点结束").fill("09:25")
        planned(page)
        left = page.get_by_role("region", name="未能安排")
        expect(left.locator("h3")).to_have_text(re.compile(r"\d+ 处未能安排"))
        expect(left.locator("li strong").first).to_have_text(re.compile("时间"))
        assert desk.axe() == []

    def test_what_is_typed_is_its_accounts_alone_and_goes_with_the_sign_out(self, desk):
        page = planning(desk, homes=3)
        page.reload()
        expect(page.locator("#visits > li")).to_have_count(3)
        desk.sign_in("admin")
        page = desk.open("/rounds/new")
        expect(page.locator("#content")).to_have_attribute("data-ready", "yes")
        expect(page.locator("#visits > li")).to_have_count(0)
        page.locator("#choose").click()
        expect(page.locator("#visits > li").first).to_be_visible()
        page.get_by_role("button", name="退出").click()
        page.locator("#field-name").wait_for()
        assert page.evaluate("Object.keys(sessionStorage)") == []

    def test_to_start_over_begins_with_nothing(self, desk):
        page = planning(desk, homes=3)
        page.reload()
        page.locator("#start-over").click()
        expect(page.locator("#draft-told")).to_be_hidden()
        expect(page.locator("#visits > li")).to_have_count(0)

    def test_a_pasted_table_is_understood_or_told_why_not(self, desk):
        page = planning(desk, homes=1)
        name = page.locator("#visits bdi").first.inner_text()
        page.locator("#visits-clear").click()
        page.get_by_role("button", name="粘贴表格").click()
        sheet = f"楼栋\t分钟\t备注\n{name}\t25\t带药\t10:00至10:30\n没有的楼\t5\n{name}\t下午2点"
        page.locator("#sheet-text").fill(sheet)
        page.locator("#choose").click()
        expect(page.locator(".sheet-line")).to_have_count(2)
        expect(page.locator(".sheet-line").first).to_contain_text("第 3 行 没有的楼")
        expect(page.locator(".sheet-line").last).to_contain_text("时间看不懂")
        expect(page.locator("#visits > li")).to_contain_text("25 分钟 · 10:00–10:30")
        with page.expect_request("**/api/rounds?*") as asked:
            page.locator("#solve").click()
        (visit,) = asked.value.post_data_json["visits"]
        assert visit["windows"] == [[f"{DAY}T10:00:00+08:00", f"{DAY}T10:30:00+08:00"]]
        expect(page.locator(".round-stop-row")).to_have_count(1, timeout=PLANNED_MS)

    def test_an_area_is_drawn_and_a_ring_is_walked(self, desk):
        page = planning(desk, homes=1)
        page.locator("#visits-clear").click()
        page.get_by_role("button", name="地图圈选").click()
        box = page.locator(".neighbour-map").bounding_box()
        for x, y in ((0.2, 0.3), (0.8, 0.3), (0.8, 0.8), (0.2, 0.8)):
            page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
        expect(page.locator("#shape-told")).to_have_text("已点 4 个角")
        page.locator("#choose").click()
        expect(page.locator("#choose-told")).to_contain_text("已加入")
        page.locator("#visits-clear").click()
        page.get_by_role("button", name="一处周围").click()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.locator("#choose").click()
        expect(page.locator("#choose-told")).to_contain_text("已加入")

    def test_everybody_can_read_it(self, anyone):
        page = planning(anyone, homes=3)
        planned(page)
        legible(anyone)
        kept(page)
        legible(anyone)
        page.get_by_role("button", name="手机链接").first.click()
        expect(page.locator("#link")).to_be_visible()
        legible(anyone)
        anyone.open("/rounds")
        expect(page.locator("main li").first).to_be_visible()
        legible(anyone)


class TestWalking:
    def test_what_is_ticked_off_offline_is_kept_through_a_closed_page_and_sent_later(
        self, phone, store, link
    ):
        phone.forgive("ERR_INTERNET_DISCONNECTED")
        path, round_id = link
        page, context = phone.open(path), phone.page.context
        expect(page.locator("#content")).to_have_attribute("data-kept", "true")
        expect(page.locator("#send-state")).to_have_text("已全部送达。")
        expect(page.locator("#next h2")).to_have_text("1号楼")
        context.set_offline(True)
        page.locator("#next").get_by_role("button", name="已完成").click()
        expect(page.locator("#next h2")).to_have_text("b")
        page.locator("#next").get_by_label("备注").fill("门上留了条")
        page.locator("#next").get_by_role("button", name="无人应答").click()
        expect(page.locator("#send-state")).to_have_text("离线，2 条待发送")
        page.reload()
        expect(page.locator("#send-state")).to_have_text("离线，2 条待发送")
        address = page.url
        page.goto("about:blank")  # a page that is closed while it asks does so with the line back
        page.close()
        again = context.new_page()
        again.goto(address)
        expect(again.locator("#send-state")).to_have_text("离线，2 条待发送")
        expect(again.locator(".walk-row.is-done")).to_contain_text("1号楼")
        assert told(store, round_id) == {}
        context.set_offline(False)
        expect(again.locator("#send-state")).to_have_text("已全部送达。")
        assert told(store, round_id) == {"a": ("done", ""), "b": ("absent", "门上留了条")}
        phone.page = again

    def test_the_desk_sees_it_within_five_seconds(self, desk, phone, link):
        path, round_id = link
        desk.sign_in("worker")
        page = desk.open(f"/rounds/{round_id}")
        expect(page.locator("#progress")).to_have_text("已访 0／2")
        walk = phone.open(path)
        walk.locator("#next").get_by_role("button", name="已完成").click()
        expect(page.locator("#progress")).to_have_text("已访 1／2", timeout=5_000)
        expect(page.locator(".round-stop-row.is-done")).to_contain_text("王")

    def test_what_changed_while_the_line_was_bad_is_at_the_desk_once_it_is_good(
        self, desk, store, link
    ):
        desk.forgive("ERR_FAILED")
        _, round_id = link
        desk.sign_in("worker")
        page = desk.open(f"/rounds/{round_id}")
        expect(page.locator("#progress")).to_have_text("已访 0／2")
        whole = re.compile(rf"/api/rounds/kept/{round_id}(\?|$)")
        page.route(whole, lambda route: route.abort())
        with store.writing() as tx:
            rounds.tick(tx, round_id, [Tick("a", State.DONE, datetime.now(UTC))], actor=ADMIN)
            one = rounds.get(tx, round_id, actor=ADMIN)
            rounds.change(tx, round_id, version=one.version, name="改了名", actor=ADMIN)

        expect(page.locator("#away")).to_contain_text("可能不是最新")
        page.unroute(whole)
        page.evaluate("dispatchEvent(new Event('online'))")

        expect(page.locator("#progress")).to_have_text("已访 1／2")
        expect(page.locator("#away")).to_be_hidden()

    def test_a_link_that_is_ended_says_so_and_leaves_nothing_on_the_phone(self, phone, store, link):
        phone.forgive("404")
        path, round_id = link
        page = phone.open(path)
        expect(page.locator("#next h2")).to_be_visible()
        with store.writing() as tx:
            (made,) = rounds.shares(tx, round_id, actor=ADMIN)[0]
            rounds.unshare(tx, round_id, made["id"], actor=ADMIN)
        page.reload()
        expect(page.locator("#trouble")).to_contain_text("链接已被停用")
        expect(page.locator("#next")).to_be_hidden()
        assert page.evaluate("Object.keys(localStorage)") == []

    def test_staff_walk_it_signed_in_and_take_back_a_tick(self, phone, store, link):
        _, round_id = link
        phone.sign_in("worker")
        page = phone.open(f"/rounds/{round_id}/1")
        page.locator("#next").get_by_role("button", name="改约").click()
        expect(page.locator("#send-state")).to_have_text("已全部送达。")
        assert told(store, round_id)["a"][0] == "moved"
        page.locator(".walk-row").first.locator("summary").click()
        page.get_by_role("button", name="改回未访").click()
        expect(page.locator("#next h2")).to_have_text("1号楼")
        expect(page.locator("#send-state")).to_have_text("已全部送达。")
        assert told(store, round_id)["a"][0] == "open"

    def test_everybody_can_read_it(self, anyone, link):
        page = anyone.open(link[0])
        expect(page.locator("#next h2")).to_be_visible()
        legible(anyone)
        small = """
            [...document.querySelectorAll(".walk button")]
                .filter((button) => button.offsetHeight && button.offsetHeight < 44).length
        """
        assert page.evaluate(small) == 0

    def test_a_link_that_is_not_whole_says_so(self, phone):
        page = phone.open("/round")
        expect(page.locator("#trouble")).to_contain_text("链接不完整")


class TestSharedPhone:
    """Somebody else has the phone next: what lies on it, and in whose name it is told."""

    def test_a_link_lies_nowhere_on_the_phone(self, phone, link):
        path, _ = link
        page = phone.open(path)
        expect(page.locator("#send-state")).to_have_text("已全部送达。")
        lies = page.evaluate("JSON.stringify(localStorage)")
        assert "1号楼" in lies
        assert path.partition("#")[2] not in lies

    def test_nobodys_ticks_are_told_as_anothers(self, phone, store, link):
        phone.forgive("ERR_FAILED")
        _, round_id = link
        page = walking(phone, "worker", round_id)
        page.route("**/ticks*", lambda route: route.abort())
        page.locator("#next").get_by_role("button", name="已完成").click()
        expect(page.locator("#send-state")).to_contain_text("1 条待发送")

        phone.sign_in("admin")
        page.unroute("**/ticks*")
        page.evaluate("dispatchEvent(new Event('online'))")

        expect(page.locator("#unsent-title")).to_have_text("有 1 条没有送出")
        expect(page.locator("#unsent-list li")).to_have_count(0)
        expect(page.locator("body")).not_to_contain_text("1号楼")
        page = phone.open(f"/rounds/{round_id}/1")
        expect(page.locator("#send-state")).to_have_text("已全部送达。")
        expect(page.locator("#next h2")).to_have_text("1号楼")
        assert told(store, round_id) == {}
        phone.open("/rounds")
        phone.sign_in("worker")
        phone.open(f"/rounds/{round_id}/1")
        expect(page.locator("#send-state")).to_have_text("已全部送达。")
        assert told(store, round_id) == {"a": ("done", "")}
        with store.reading() as tx:
            assert rounds.progress(tx, round_id)["a"].by == "worker"

    def test_the_next_account_finds_nothing_but_what_waits_to_be_sent(self, phone, link):
        phone.forgive("ERR_FAILED")
        _, round_id = link
        page = walking(phone, "worker", round_id)
        page.route("**/ticks*", lambda route: route.abort())
        page.locator("#next").get_by_role("button", name="已完成").click()
        expect(page.locator("#send-state")).to_contain_text("1 条待发送")
        assert '"b"' in page.evaluate("JSON.stringify(Object.values(localStorage).map(JSON.parse))")

        phone.sign_in("admin")
        phone.open("/rounds")

        expect(page.locator(".unsent")).to_have_count(0)
        (kept,) = page.evaluate("Object.values(localStorage).map(JSON.parse)")
        assert kept["walk"] is None
        assert [tick["visit"] for tick in kept["waiting"]] == ["a"]

    def test_a_sign_out_tells_what_was_not_sent_and_leaves_nothing(self, phone, store, link):
        phone.forgive("ERR_FAILED")
        _, round_id = link
        page = walking(phone, "worker", round_id)
        page.route("**/ticks*", lambda route: route.abort())
        page.locator("#next").get_by_role("button", name="已完成").click()
        expect(page.locator("#send-state")).to_contain_text("1 条待发送")
        phone.open("/rounds")
        expect(page.locator(".unsent")).to_contain_text("还有 1 条没有送出")

        page.get_by_role("button", name="退出", exact=True).click()
        expect(page.locator(".unsent").get_by_role("link", name="去送出")).to_be_focused()
        legible(phone)
        page.get_by_role("button", name="不要了，直接退出").click()

        page.locator("#field-name").wait_for()
        assert page.evaluate("Object.keys(localStorage)") == []
        assert told(store, round_id) == {}

    def test_a_sign_out_takes_the_round_from_every_tab(self, phone, link):
        phone.forgive("401")
        page = walking(phone, "worker", link[1])
        other = page.context.new_page()
        other.goto(page.url.rpartition("/")[0])
        other.get_by_role("button", name="退出", exact=True).click()
        other.locator("#field-name").wait_for()
        other.close()

        expect(page.locator("#next")).to_be_hidden()
        expect(page.locator("body")).not_to_contain_text("1号楼")
        forgotten(page)

    def test_what_an_ended_link_did_not_send_is_told_until_it_is_thrown_away(
        self, phone, store, link
    ):
        phone.forgive("ERR_FAILED")
        phone.forgive("404")
        path, round_id = link
        page = phone.open(path)
        page.route("**/ticks*", lambda route: route.abort())
        page.locator("#next").get_by_label("备注").fill("门上留了条")
        page.locator("#next").get_by_role("button", name="无人应答").click()
        expect(page.locator("#send-state")).to_contain_text("1 条待发送")
        with store.writing() as tx:
            (made,) = rounds.shares(tx, round_id, actor=ADMIN)[0]
            rounds.unshare(tx, round_id, made["id"], actor=ADMIN)

        page.unroute("**/ticks*")
        page.evaluate("dispatchEvent(new Event('online'))")

        row = page.locator("#unsent-list li")
        expect(row).to_contain_text("1号楼")
        expect(row).to_contain_text("门上留了条")
        expect(page.locator("#all")).to_be_hidden()
        assert phone.axe() == []
        page.locator("#unsent-out summary").click()
        page.locator("#unsent-sure").click()
        expect(page.locator("#unsent")).to_be_hidden()
        assert page.evaluate("Object.keys(localStorage)") == []

    def test_a_round_that_is_over_and_told_does_not_stay_on_the_phone(self, phone, store, link):
        path, round_id = link
        page = phone.open(path)
        page.locator("#next").get_by_role("button", name="已完成").click()
        expect(page.locator("#send-state")).to_have_text("已全部送达。")
        with store.writing() as tx:
            one = rounds.get(tx, round_id, actor=ADMIN)
            rounds.change(tx, round_id, version=one.version, status=Status.DONE, actor=ADMIN)
        page.reload()
        forgotten(page)
        expect(page.locator("#next h2")).to_have_text("b")


class TestPaper:
    def test_a_sheet_has_the_map_the_order_and_boxes_on_one_page(self, desk, link):
        desk.sign_in("worker")
        page = desk.open(f"/rounds/{link[1]}/1/sheet")
        expect(page.locator("#sheet")).to_have_attribute("data-ready", "yes")
        expect(page.locator(".sheet-table tbody tr")).to_have_count(2)
        expect(page.locator(".tick-box")).to_have_count(4)
        assert desk.axe() == []
        OUTPUT.mkdir(exist_ok=True)
        printed = page.pdf(path=OUTPUT / "round.pdf", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1

    def test_a_link_is_shown_once_with_its_code(self, desk, link):
        desk.sign_in("worker")
        page = desk.open(f"/rounds/{link[1]}")
        page.get_by_role("button", name="手机链接").first.click()
        expect(page.locator("#link")).to_have_value(re.compile(r"/round#[\w-]{40,}$"))
        assert desk.axe() == []
        page.get_by_role("link", name="返回走访").click()
        page.get_by_role("button", name="停用").first.click()
        expect(page.locator(".told")).to_have_text("链接已停用。")
