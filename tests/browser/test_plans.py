"""A plan: from the answer to an incident to a sheet of paper and a phone without an account."""

import re
from datetime import UTC, datetime

import pypdfium2
import pytest
import shapely
from playwright.sync_api import expect

from geodata import closures
from geodata.store import open_store
from tests.browser.conftest import DESK, PHONE, visit
from tests.factories import ADMIN, CENTRE, drawing

SOON_MS = 5_000
"""What one does is with another within so long."""

KEEP = """async ([at, name]) => {
    const { csrf } = await (await fetch("/session")).json();
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
    const post = async (address, told) =>
        (await fetch(address, { method: "POST", headers, body: JSON.stringify(told) })).json();
    const incident = { at, scenario: "leak", modes: ["foot"] };
    const { helpers } = await post("/api/emergency/answer", incident);
    return post("/api/plans", {
        name, incident, place: "泉园路 12 号旁", notes: "总阀在地下室",
        helpers: helpers.slice(0, 4).map(({ merchant, mode }) => ({ merchant: merchant.id, mode })),
        checklist: [true],
    });
}"""


@pytest.fixture
def office(live_server):
    opened = open_store(live_server.instance / "linju.gpkg")
    yield opened
    with opened.writing() as tx:
        for one in closures.in_force(tx, datetime.now(UTC)):
            closures.lift(tx, one.id, actor=ADMIN)
    opened.close()


@pytest.fixture
def worker(desk):
    desk.sign_in("worker")
    return desk


@pytest.fixture
def colleague(browser, live_server):
    with visit(browser, live_server, DESK, {}) as visitor:
        visitor.sign_in("admin")
        yield visitor


@pytest.fixture
def stranger(browser, live_server):
    """Give somebody with a phone and without an account."""
    with visit(browser, live_server, PHONE, {}) as visitor:
        yield visitor


def kept(visitor, name="泉园小区跑水"):
    """Keep a plan, and return it."""
    visitor.open("/plans")
    plan = visitor.page.evaluate(KEEP, [list(CENTRE), name])
    assert plan.get("id"), plan
    return plan


def opened(visitor, plan, path=""):
    page = visitor.open(f"/plans/{plan['id']}{path}")
    page.locator("html[data-ready]").wait_for(state="attached")
    return page


def line(page, n):
    return page.locator(f"#check-{n}")


def shared(visitor, plan):
    """Make a link, and return what stands behind the server's name in it."""
    page = opened(visitor, plan)
    page.get_by_label("给谁").fill("李师傅")
    page.get_by_role("button", name="生成链接").click()
    address = page.locator("#once").input_value()
    return address[address.index("/plan") :]


def text_of(pdf):
    return ["".join(page.get_textpage().get_text_bounded().split()) for page in pdf]


def test_from_the_answer_to_an_incident_to_the_plan(worker):
    page = worker.open("/emergency")
    page.locator("html[data-ready]").wait_for(state="attached")
    page.locator(""".tile[data-scenario*='"id": "leak"']""").click()
    box = page.locator(".neighbour-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.35, box["y"] + box["height"] * 0.3)
    page.locator(".helper").first.wait_for()
    names = page.locator(".helper-name").all_text_contents()
    page.locator("#plan-open").click()
    page.locator("#plan-name").fill("水管爆了")
    page.locator("#plan-send").click()
    page.wait_for_url(re.compile(r"/plans/\w{10}$"))
    page.locator("html[data-ready]").wait_for(state="attached")
    expect(page.locator("h1")).to_have_text("水管爆了")
    assert page.locator(".plan-name bdi").all_text_contents() == names[:8]


class TestTogether:
    def test_two_tick_different_lines_and_each_sees_the_others_tick(self, worker, colleague):
        plan = kept(worker)
        mine, other = opened(worker, plan), opened(colleague, plan)
        line(mine, 1).check()
        line(other, 2).check()
        expect(line(other, 1)).to_be_checked(timeout=SOON_MS)
        expect(line(mine, 2)).to_be_checked(timeout=SOON_MS)
        expect(mine.locator("#check-note-2")).to_contain_text("admin")
        assert [line(mine, n).is_checked() for n in range(4)] == [True, True, True, False]

    def test_a_tick_without_a_connection_waits_and_is_sent(self, worker):
        worker.forgive("ERR_INTERNET_DISCONNECTED")
        plan = kept(worker)
        page = opened(worker, plan)
        page.context.set_offline(True)
        line(page, 3).check()
        expect(page.locator("#check-note-3")).to_have_text("正在发送…")
        expect(page.locator("#plan-told")).to_be_visible()
        page.context.set_offline(False)
        expect(page.locator("#check-note-3")).to_contain_text("worker", timeout=15_000)
        expect(page.locator("#plan-told")).to_be_hidden()

    def test_the_status_is_with_the_other_at_once_and_goes_back_with_a_reason(
        self, worker, colleague
    ):
        plan = kept(worker)
        mine, other = opened(worker, plan), opened(colleague, plan)
        mine.get_by_role("button", name="开始处理").click()
        here = other.locator(".track [aria-current=step]")
        expect(here).to_contain_text("进行中", timeout=SOON_MS)
        other.get_by_text("退回一步…").click()
        other.get_by_label("为什么？").fill("按错了")
        other.get_by_role("button", name="退回“待处理”").click()
        expect(here).to_contain_text("待处理")
        expect(mine.locator("#events")).to_contain_text("按错了", timeout=SOON_MS)

    def test_notes_that_two_write_are_shown_beside_each_other(self, worker, colleague):
        worker.forgive("412")
        plan = kept(worker)
        mine, other = opened(worker, plan), opened(colleague, plan)
        mine.locator("#notes").fill("水还在流")
        other.locator("#notes").fill("已关总阀")
        other.locator("#notes-save").click()
        expect(other.locator("#notes-said")).to_have_text("已保存")
        expect(mine.locator("#notes-theirs-words")).to_have_text("已关总阀", timeout=SOON_MS)
        expect(mine.locator("#notes")).to_have_value("水还在流")
        mine.locator("#notes").fill("已关总阀，水不流了")
        mine.locator("#notes-save").click()
        expect(other.locator("#notes")).to_have_value("已关总阀，水不流了", timeout=SOON_MS)

    def test_it_is_renamed_for_all(self, worker, colleague):
        plan = kept(worker)
        mine, other = opened(worker, plan), opened(colleague, plan)
        mine.get_by_text("改名…").click()
        mine.locator("#rename-name").fill("泉园小区大跑水")
        mine.locator("#rename button").click()
        expect(other.locator("#plan-name")).to_have_text("泉园小区大跑水", timeout=SOON_MS)


class TestThenAndNow:
    def test_beside_what_was_stands_what_would_be_now(self, worker, office):
        plan = kept(worker)
        far = max(plan["answer"]["helpers"], key=lambda one: one["distance_m"])
        spot = shapely.Point(far["merchant"]["geometry"]["coordinates"]).buffer(3e-4, cap_style=3)
        with office.writing() as tx:
            closures.draw(tx, drawing(spot, reason="塌陷"), actor=ADMIN)
        page = opened(worker, plan)
        assert page.locator(".closure-pin").count() == 0
        page.locator("#now-ask").click()
        name = far["merchant"]["properties"]["name"]
        expect(page.locator("#differences")).to_contain_text(f"{name}：现在过不来了")
        expect(page.locator("#differences")).to_contain_text("塌陷")
        expect(page.locator("#now-rows tr", has_text=name)).to_contain_text("封")
        expect(page.locator(".closure-pin")).to_have_count(1)
        page.locator("#show-was").click()
        expect(page.locator(".closure-pin")).to_have_count(0)


class TestPaper:
    def test_all_of_it_stands_on_a4(self, worker, office):
        with office.writing() as tx:
            lon, lat = CENTRE
            spot = shapely.box(lon + 1e-3, lat + 1e-3, lon + 2e-3, lat + 1.5e-3)
            closures.draw(tx, drawing(spot, reason="路面塌陷"), actor=ADMIN)
        plan = kept(worker)
        shared(worker, plan)
        page = opened(worker, plan, "/print")
        expect(page.get_by_role("button", name="打印")).to_be_enabled()
        pdf = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
        sizes = [tuple(round(points / 72 * 25.4) for points in leaf.get_size()) for leaf in pdf]
        assert set(sizes) == {(210, 297)}
        assert len(sizes) <= 2
        told = "".join(text_of(pdf))
        helpers = [one["merchant"]["properties"] for one in plan["answer"]["helpers"]]
        steps = plan["answer"]["helpers"][0]["route"]["properties"]["steps"]
        for words in (
            plan["name"],
            "跑水停电",
            "泉园路12号旁",
            "待处理",
            "手机扫码看进展",
            *(one["name"] for one in helpers),
            *(phone for one in helpers for phone in one["phones"]),
            *(item["text"] for item in plan["checklist"]),
            *(step["text"] for step in steps),
            "总阀在地下室",
            "路面塌陷",
            "打印",
        ):
            assert "".join(words.split()) in told, words
        assert "退出" not in told

    def test_ways_are_told_apart_without_colour(self, worker):
        page = opened(worker, kept(worker), "/print")
        samples = page.locator(".sheet-number .swatch line")
        patterns = [one.get_attribute("stroke-dasharray") for one in samples.all()]
        assert len(patterns) == len(set(patterns)) == 4
        ways = page.locator(".leaflet-ways-pane path[stroke-width='6'], path[stroke-width='7']")
        assert set(patterns) <= {one.get_attribute("stroke-dasharray") for one in ways.all()}
        assert page.locator(".sheet-number .number").all_text_contents() == ["1", "2", "3", "4"]
        pins = page.locator(".sheet-map .helper-pin .number").all_text_contents()
        assert sorted("·".join(pins).split("·")) == ["1", "2", "3", "4"]


class TestLink:
    def test_it_shows_the_plan_on_a_phone_and_follows_its_status(self, worker, stranger):
        plan = kept(worker)
        path = shared(worker, plan)
        page = stranger.open(path)
        page.locator("html[data-ready]").wait_for(state="attached")
        expect(page.locator("#status-large")).to_have_text("待处理")
        expect(page.locator("h1")).to_have_text(plan["name"])
        expect(page.locator("#plan-notes")).to_have_text("总阀在地下室")
        phones = plan["answer"]["helpers"][0]["merchant"]["properties"]["phones"]
        calls = page.locator(".plan-call").first
        assert calls.get_attribute("href") == "tel:" + re.sub(r"[^\d+]", "", phones[0])
        assert calls.bounding_box()["height"] >= 44
        assert page.locator("input").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert stranger.axe() == []
        opened(worker, plan).get_by_role("button", name="开始处理").click()
        expect(page.locator("#status-large")).to_have_text("进行中", timeout=15_000)

    def test_an_ended_one_says_so_and_shows_nothing_any_more(self, worker, stranger):
        stranger.forgive("404")
        plan = kept(worker)
        path = shared(worker, plan)
        page = stranger.open(path)
        page.locator("html[data-ready]").wait_for(state="attached")
        opened(worker, plan).get_by_role("button", name="立即停用").click()
        expect(worker.page.locator("#done")).to_be_visible()
        expect(page.locator("#plan-trouble")).to_have_text(
            "这个链接已被停用，请向社区要一个新的。", timeout=15_000
        )
        expect(page.locator("#plan-all")).to_be_hidden()
        page.reload()
        expect(page.locator("#plan-trouble")).to_contain_text("已被停用")

    def test_large_type_and_english_stay_behind_the_same_link(self, worker, stranger):
        page = stranger.open(shared(worker, kept(worker)))
        page.locator("html[data-ready]").wait_for(state="attached")
        page.get_by_role("link", name="长辈版").click()
        page.locator("html[data-mode=elder][data-ready]").wait_for(state="attached")
        expect(page.locator("#status-large")).to_have_text("待处理")

    def test_the_token_is_in_no_request_line(self, worker, stranger):
        path = shared(worker, kept(worker))
        asked = []
        stranger.page.on("request", lambda request: asked.append(request.url.partition("#")[0]))
        page = stranger.open(path)
        page.locator("html[data-ready]").wait_for(state="attached")
        token = path.partition("#")[2]
        assert asked
        assert not any(token in address for address in asked)

    def test_without_a_token_it_says_that_the_link_is_not_complete(self, stranger):
        page = stranger.open("/plan")
        expect(page.locator("#plan-trouble")).to_contain_text("链接不完整")


@pytest.mark.parametrize("path", ["", "/print", "/links/new"])
def test_axe_finds_nothing(anyone, path):
    anyone.sign_in("worker")
    plan = kept(anyone)
    if path == "/links/new":
        shared(anyone, plan)
    else:
        opened(anyone, plan, path)
    assert anyone.axe() == []
    assert path == "/print" or anyone.page.evaluate("document.documentElement.scrollWidth") <= (
        1280 if anyone.page.viewport_size["width"] > 400 else 390
    )


def test_the_list_leads_to_them(anyone):
    anyone.sign_in("worker")
    plan = kept(anyone, "从清单进入")
    page = anyone.open("/plans")
    assert anyone.axe() == []
    page.get_by_role("link", name="从清单进入").first.click()
    page.locator("html[data-ready]").wait_for(state="attached")
    assert plan["id"] in page.url
