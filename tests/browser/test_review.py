"""Reviewers at their desk: by mouse, finger and key, alone and two at once; magnets are dragged."""

import itertools
import re

import pytest
from playwright.sync_api import expect

from geodata import merchants, proposals
from geodata.demo.sketch import CENTRE
from geodata.policy import RESIDENT, Actor, Role
from geodata.proposals import Contact, Report
from geodata.store import open_store
from tests.browser.conftest import DESK, visit
from tests.browser.reading import alone, api, at, everybody, painted, rows, settled
from tests.factories import ADMIN, HOSTILE, WORKER, entry

NUMBERS = itertools.count(1)


class Office:
    """The store of the running server, in the hands of a test."""

    def __init__(self, path):
        self.store = open_store(path)

    def registered(self, name=None, **told):
        """Return the proposal of a new registration, far from the others of these tests."""
        n = next(NUMBERS)
        place = {"lon": CENTRE[0] + n * 2e-4, "lat": CENTRE[1] - 0.004}
        made = entry(name or f"待审小店{n}号", **(place | told))
        with self.store.writing() as tx:
            receipt = proposals.register(tx, made, Contact("王姐", "13800000000"), actor=RESIDENT)
            (one,) = tx.records("proposal", merchant=receipt.merchant)
            return one | {"name": tx.row("merchant", receipt.merchant)["name"]}

    def published(self, name, **told):
        with self.store.writing() as tx:
            return merchants.add(tx, entry(name, **told), actor=ADMIN)

    def amended(self, merchant_id, version=1, why="", **told):
        owner = Actor("link:1", Role.MERCHANT, owns=frozenset({merchant_id}))
        with self.store.writing() as tx:
            proposals.amend(tx, merchant_id, told, version=version, actor=owner, why=why)
            return tx.records("proposal", merchant=merchant_id)[-1]

    def reported(self, merchant_id, what=Report.PHONE):
        with self.store.writing() as tx:
            proposals.report(tx, merchant_id, what, actor=RESIDENT)
            return tx.records("proposal", merchant=merchant_id)[-1]

    def row(self, merchant_id):
        with self.store.reading() as tx:
            return tx.row("merchant", merchant_id)

    def writing(self):
        return self.store.writing()


@pytest.fixture
def office(live_server):
    opened = Office(live_server.instance / "linju.gpkg")
    yield opened
    opened.store.close()


@pytest.fixture
def reviewer(desk):
    desk.sign_in("worker")
    return desk


def opened(visitor, one, **asked):
    """Open a proposal beside the map."""
    page = visitor.open("/review", item=one["id"], **asked)
    page.locator("html[data-ready]").wait_for()
    page.locator("#item-title bdi").wait_for()
    return page


def listed(page, one):
    return page.locator(f'#queue-list [data-id="{one["id"]}"]')


def test_a_registration_is_published_and_taken_back_by_keyboard_alone(reviewer, office):
    one, following = office.registered(), office.registered()
    page = opened(reviewer, one)
    expect(page.locator("#item-title")).to_have_text(one["name"])

    page.keyboard.press("j")
    expect(page.locator("#item-title")).to_have_text(following["name"])
    page.keyboard.press("k")
    expect(page.locator("#item-title")).to_have_text(one["name"])
    page.keyboard.press("a")

    expect(page.locator("#toast")).to_contain_text(f"已发布 · {one['name']}")
    expect(page.locator("#item-title")).to_have_text(following["name"])
    expect(listed(page, one)).to_have_count(0)
    assert office.row(one["merchant"])["status"] == "published"

    page.keyboard.press("u")

    expect(page.locator("#item-title")).to_have_text(one["name"])
    expect(listed(page, one)).to_be_visible()
    assert office.row(one["merchant"])["status"] == "pending"


def test_the_second_of_two_reviewers_sees_what_the_first_did(browser, live_server, office):
    one = office.registered()
    with (
        visit(browser, live_server, DESK, {}) as first,
        visit(browser, live_server, DESK, {}) as second,
    ):
        first.sign_in("worker")
        second.sign_in("admin")
        second.forgive("409")
        mine, theirs = opened(first, one), opened(second, one)

        mine.keyboard.press("r")
        mine.get_by_role("button", name="地址不完整").click()
        mine.get_by_role("button", name="退回", exact=True).click()
        expect(mine.locator("#toast")).to_contain_text("已退回")
        theirs.keyboard.press("a")

        expect(theirs.locator("#item-notice")).to_contain_text("worker")
        decided = theirs.locator("#item-decided")
        for said in ("已退回", "worker", "地址不完整"):
            expect(decided).to_contain_text(said)
        expect(theirs.locator(".item-acts")).to_have_count(0)
        expect(listed(theirs, one)).to_have_count(0)
    assert office.row(one["merchant"])["status"] == "pending"


def test_who_looked_at_an_older_entry_is_shown_the_new_one(reviewer, office):
    reviewer.forgive("409")
    one = office.registered()
    page = opened(reviewer, one)
    office.amended(one["merchant"], name="改了名字的小店")

    page.keyboard.press("p")

    expect(page.locator("#item-notice")).to_contain_text("请再看一遍")
    expect(page.locator("#item-title")).to_have_text("改了名字的小店")
    assert office.row(one["merchant"])["status"] == "pending"
    page.keyboard.press("p")
    expect(page.locator("#toast")).to_contain_text("已发布")


@pytest.mark.parametrize("act", ["dismiss", "retire", "merge"])
def test_no_decision_crosses_what_another_did_unseen(reviewer, office, act):
    reviewer.forgive("409")
    place = {"lon": CENTRE[0] - 0.003, "lat": CENTRE[1] - 0.002}
    known = office.published(f"兴隆{act}水果店", address="旧路1号", **place)
    office.published(f"兴隆{act}水果行", **place)
    page = opened(reviewer, office.reported(known))
    with office.writing() as tx:
        merchants.edit(tx, known, {"address": "新路2号"}, version=1, actor=ADMIN)
    before = office.row(known)

    if act == "merge":
        page.locator(".alikes li", has_text=f"兴隆{act}水果行").get_by_role("button").click()
    else:
        page.keyboard.press({"dismiss": "d", "retire": "x"}[act])
        page.locator("dialog .main-button").click()

    notice = page.locator("#item-notice")
    for told in ("请再看一遍", "admin", "旧路1号", "新路2号"):
        expect(notice).to_contain_text(told)
    assert office.row(known) == before
    page.keyboard.press("d")
    page.locator("dialog .main-button").click()
    expect(page.locator("#toast")).to_contain_text("保持原样")


def test_what_cannot_be_decided_by_a_key_is_said(reviewer, office):
    one = office.reported(office.published("电话打不通的店"))
    page = opened(reviewer, one)
    page.keyboard.press("r")
    expect(page.locator("#toast")).to_contain_text("不能这样处理")
    page.locator("#toast").get_by_role("button", name="关闭").click()
    expect(page.locator("#item-title")).to_be_focused()
    page.keyboard.press("a")
    expect(page.locator("#toast")).to_contain_text("已处理好")


def test_several_are_offered_only_what_can_be_done_to_all_of_them(reviewer, office):
    new, report = office.registered(), office.reported(office.published("被反映的店"))
    page = opened(reviewer, new)
    buttons = page.locator("#queue-chosen button")
    listed(page, report).get_by_role("checkbox").check()
    expect(buttons).to_have_text(["已处理好", "反映有误…", "从地图上撤下…"])
    listed(page, new).get_by_role("checkbox").check()
    expect(buttons).to_have_text(["全部通过", "撤下…"])
    listed(page, report).get_by_role("checkbox").uncheck()
    expect(buttons).to_have_text(["发布", "退回…", "不予登记…"])


def test_a_duplicate_is_merged_with_one_press_and_unmerged(reviewer, office):
    place = {"lon": CENTRE[0] + 0.003, "lat": CENTRE[1] + 0.003}
    known = office.published("兴盛五金杂货铺", **place)
    one = office.registered("兴盛五金杂货", hours="24/7", **place)
    page = opened(reviewer, one)
    expect(page.locator(".alikes li").first).to_contain_text("名称相似")
    expect(page.locator(".map-area .pin-number").first).to_be_visible()

    page.locator(".alikes li", has_text="兴盛五金杂货铺").get_by_role("button").click()

    expect(page.locator("#toast")).to_contain_text("已合并")
    assert office.row(one["merchant"])["merged"] == known
    assert office.row(known)["hours"] == "24/7"
    page.locator("#toast-undo").click()
    expect(page.locator("#toast")).to_contain_text("已撤销")
    assert office.row(one["merchant"])["merged"] == ""
    assert office.row(known)["hours"] == ""


def test_the_dialog_tells_of_what_waits_itself(reviewer, office):
    place = {"lon": CENTRE[0] + 0.005, "lat": CENTRE[1] + 0.004}
    known = office.published("永兴裁缝铺", **place)
    other = office.registered("永兴裁缝", **place)
    page = opened(reviewer, office.registered("永兴裁缝店", **place))
    page.keyboard.press("m")
    expect(page.locator(f".same-one:has([value='{other['merchant']}'])")).to_contain_text("待审核")
    expect(page.locator(f".same-one:has([value='{known}'])")).not_to_contain_text("待审核")


@pytest.mark.parametrize("by", ["number", "name"])
def test_what_it_is_the_same_as_is_found_by_number_and_name(reviewer, office, by):
    name = f"远处的老字号{next(NUMBERS)}"
    known = office.published(name, lon=CENTRE[0] - 0.003, lat=CENTRE[1] + 0.001)
    page = opened(reviewer, office.registered())
    page.keyboard.press("m")
    page.get_by_label("按名称、电话或编号查找").fill(known if by == "number" else name)
    page.locator(".same-one", has_text=name).click()
    page.get_by_role("button", name="合并", exact=True).click()
    expect(page.locator("#toast")).to_contain_text("已合并")


def test_nothing_is_returned_without_a_reason(reviewer, office):
    one = office.registered()
    page = opened(reviewer, one)
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    expect(page.locator("#reason-wrong")).to_be_visible()
    page.keyboard.type("apx")
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("已退回")
    with office.store.reading() as tx:
        assert tx.record("proposal", one["id"])["why"] == "apx"


def test_of_several_at_once_one_that_cannot_go_holds_up_no_other(reviewer, office):
    reviewer.forgive("409")
    ones = [office.registered() for _ in range(3)]
    page = opened(reviewer, ones[0])
    for one in ones:
        listed(page, one).get_by_role("checkbox").check()
    with office.writing() as tx:
        proposals.retire(
            tx, ones[1]["id"], version=1, merchant_version=1, actor=WORKER, why="不在辖区"
        )

    page.locator("#queue-chosen").get_by_role("button", name="发布").click()

    toast = page.locator("#toast")
    expect(toast).to_contain_text("3 条中的 2 条")
    expect(toast.locator("li")).to_contain_text([ones[1]["name"]])
    expect(toast.locator("li")).to_contain_text(["worker"])
    states = [office.row(one["merchant"])["status"] for one in ones]
    assert states == ["published", "retired", "published"]
    page.locator("#toast-undo").click()
    expect(toast).to_contain_text("已撤销")
    states = [office.row(one["merchant"])["status"] for one in ones]
    assert states == ["pending", "retired", "pending"]


def test_a_change_is_shown_field_by_field_with_the_shift_on_the_map(reviewer, office):
    place = {"lon": CENTRE[0] - 0.004, "lat": CENTRE[1] + 0.002}
    known = office.published("挪了地方的小店", address="旧路1号", **place)
    told = {"address": "新路2号", "lon": place["lon"] + 0.001, "lat": place["lat"]}
    one = office.amended(known, why="搬到对面", **told)
    page = opened(reviewer, one)
    changes = page.locator(".item-part", has_text="有哪些修改")
    expect(changes.locator("del")).to_have_text("原来：旧路1号")
    expect(changes.locator("ins")).to_have_text("改为：新路2号")
    expect(changes).to_contain_text("移动了 83 米")
    expect(page.locator(".map-area .ring-label")).to_have_text("80 米")
    page.locator('[data-act="publish"]').click()
    expect(page.locator("#toast")).to_contain_text("已采纳修改")
    assert office.row(known)["address"] == "新路2号"


def test_the_contact_is_shown_when_asked_for_and_that_is_noted(reviewer, office):
    one = office.registered()
    page = opened(reviewer, one)
    expect(page.locator("#item")).not_to_contain_text("13800000000")
    page.get_by_role("button", name="显示联系人").click()
    expect(page.locator(".item-contact")).to_contain_text("13800000000")
    expect(page.locator(".item-contact a")).to_be_focused()
    with office.store.reading() as tx:
        assert len(tx.records("log", what="contact_read", target=one["merchant"])) == 1


def test_choosing_what_is_open_does_not_hide_the_contact_again(reviewer, office):
    one = office.registered()
    page = reviewer.page
    held = []
    page.route("**/review/items/*", lambda route: route.continue_() if held else held.append(route))
    reviewer.open("/review", item=one["id"])
    listed(page, one).locator(".queue-main").click()
    page.get_by_role("button", name="显示联系人").click()
    expect(page.locator(".item-contact")).to_contain_text("13800000000")
    with page.expect_response("**/review/items/*"):
        held[0].continue_()
    page.locator("html[data-ready]").wait_for()
    expect(page.locator(".item-contact")).to_contain_text("13800000000")

    listed(page, one).locator(".queue-main").click()
    expect(page.locator("#item-title")).to_be_focused()
    page.wait_for_load_state("networkidle")
    expect(page.locator(".item-contact")).to_contain_text("13800000000")


def test_single_keys_can_be_switched_off_and_stay_off(reviewer, office):
    one = office.registered()
    page = opened(reviewer, one)
    page.keyboard.press("?")
    page.get_by_label("启用单键快捷键").uncheck()
    page.locator("#item-title").focus()
    page.keyboard.press("a")
    page = opened(reviewer, one)
    page.keyboard.press("a")
    page.get_by_role("button", name="显示联系人").click()
    expect(page.locator(".item-contact")).to_contain_text("王姐")
    assert office.row(one["merchant"])["status"] == "pending"


def test_the_address_says_what_is_shown_and_the_back_button_goes_back(reviewer, office):
    one, other = office.registered(), office.registered()
    page = opened(reviewer, one)
    listed(page, other).locator(".queue-main").click()
    expect(page.locator("#item-title")).to_have_text(other["name"])
    assert f"item={other['id']}" in page.url
    page.go_back()
    expect(page.locator("#item-title")).to_have_text(one["name"])
    page.get_by_label("查看哪些").select_option("decided")
    expect(page.locator("#queue-title")).to_contain_text("已处理")
    expect(page).to_have_url(re.compile("state=decided"))


def test_what_was_decided_can_be_taken_back_from_its_list(reviewer, office):
    one = office.registered()
    with office.writing() as tx:
        proposals.send_back(
            tx, one["id"], version=1, merchant_version=1, actor=WORKER, why="地址不全"
        )
    page = opened(reviewer, one, state="returned")
    expect(page.locator("#item-decided")).to_contain_text("地址不全")
    page.get_by_role("button", name="撤销这次处理").click()
    expect(page.locator("#toast")).to_contain_text("已撤销")
    expect(page.locator(".item-acts")).to_be_visible()


def test_on_a_phone_one_goes_from_the_list_to_one_and_back(phone, office):
    phone.sign_in("worker")
    one = office.registered()
    page = phone.open("/review")
    page.locator("html[data-ready]").wait_for()
    box = listed(page, one).get_by_role("checkbox")
    box.check()
    expect(page.locator("#queue-chosen button").first).to_be_in_viewport(ratio=1)
    box.uncheck()
    listed(page, one).locator(".queue-main").click()
    expect(page.locator("#item-title")).to_have_text(one["name"])
    expect(page.locator("#queue")).to_be_hidden()
    expect(page.locator(".item-acts")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="返回列表").click()
    expect(listed(page, one)).to_be_visible()
    expect(page.locator("#item")).to_be_hidden()


class TestEverywhere:
    def test_axe_finds_nothing_serious_in_the_review(self, anyone, office, request):
        anyone.sign_in("worker")
        place = {"lon": CENTRE[0] + 0.006, "lat": CENTRE[1] + 0.006}
        office.published("隔壁理发店", phones=("024-1",), **place)
        one = office.registered("隔壁的理发店", phones=("024-1",), note="剪发", **place)
        page = opened(anyone, one)
        assert anyone.axe() == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        anyone.screenshot(f"review-{request.node.callspec.params['anyone']}")
        page.locator('[data-act="return"]').click()
        page.locator("dialog").wait_for()
        assert anyone.axe() == []

    def test_axe_finds_nothing_serious_in_the_history(self, anyone, office, request):
        anyone.sign_in("worker")
        known = office.published("改过几次的店", address="旧路1号")
        with office.writing() as tx:
            told = {"address": "新路2号", "hours": "8:00-20:00"}
            merchants.edit(tx, known, told, version=1, actor=WORKER, why="店主打电话来")
        page = anyone.open(f"/merchants/{known}/history")
        assert anyone.axe() == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        anyone.screenshot(f"history-{request.node.callspec.params['anyone']}")

    @pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
    def test_a_hostile_shop_is_shown_as_written_and_runs_nowhere(self, reviewer, office, text):
        spoken = []
        reviewer.page.on("dialog", lambda one: (spoken.append(one.message), one.dismiss()))
        known = office.published("本来的名字")
        with office.writing() as tx:
            owner = Actor("link:1", Role.MERCHANT, owns=frozenset({known}))
            told = {"name": text, "note": text, "address": text}
            proposals.amend(tx, known, told, version=1, actor=owner, why=text)
            (one,) = tx.records("proposal", merchant=known)
        page = opened(reviewer, one)
        told = office.store  # what is written is what was told, as the store keeps it
        with told.reading() as tx:
            wanted = proposals.review(tx, one["id"], actor=WORKER).proposal["changes"]["name"]

        expect(page.locator("#item-title bdi")).to_have_text(wanted, use_inner_text=False)
        assert page.locator("#item-title bdi").text_content() == wanted
        assert listed(page, one).locator(".queue-name").text_content() == wanted
        assert wanted in page.locator(".diff ins bdi").all_text_contents()
        assert page.locator("img:not(.leaflet-tile)").count() == 0
        page.keyboard.press("a")
        expect(page.locator("#toast")).to_contain_text("已采纳修改")
        page = reviewer.open(f"/merchants/{known}/history")
        assert page.locator("h1 bdi").text_content() == wanted
        assert wanted in page.locator(".diff ins bdi").all_text_contents()
        assert page.locator("img").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert spoken == []


def test_the_history_takes_back_with_one_press(reviewer, office):
    known = office.published("改错了的店", address="旧路1号")
    with office.writing() as tx:
        merchants.edit(tx, known, {"address": "新路2号"}, version=1, actor=WORKER)
    page = reviewer.open(f"/merchants/{known}/history")
    page.get_by_role("button", name="撤销这一步").click()
    expect(page.get_by_role("status")).to_contain_text("已撤销")
    assert office.row(known)["address"] == "旧路1号"


class TestMoving:
    def begun(self, visitor):
        """Open the map around a magnet that stands alone, ready to move it."""
        page = settled(visitor.open())
        merchant = alone(everybody(page), "repair")
        page = settled(visitor.open(**at(merchant)))
        page.locator("#move-magnets").click()
        page.locator("#moving").wait_for()
        return page, merchant

    def middle(self, page):
        box = page.locator(".neighbour-map").bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def dragged(self, page, by=60):
        x, y = self.middle(page)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + by / 2, y, steps=3)
        page.mouse.move(x + by, y, steps=3)
        page.mouse.up()

    def test_a_magnet_is_dragged_set_down_and_taken_back(self, reviewer, office):
        page, merchant = self.begun(reviewer)
        before = office.row(merchant["id"])
        self.dragged(page)
        expect(page.locator("#moving-shift")).to_contain_text(re.compile(r"移动了 \d+ 米"))
        expect(page.locator("#moving-area")).to_contain_text("›")
        reviewer.screenshot("moving")
        assert office.row(merchant["id"])["version"] == before["version"]

        page.locator("#moving-set").click()

        expect(page.locator("#moving")).to_contain_text("已移动")
        moved = office.row(merchant["id"])
        assert moved["lon"] > before["lon"]
        assert moved["lat"] == pytest.approx(before["lat"], abs=1e-5)
        told = api(page, f"/api/merchants/{merchant['id']}")["geometry"]["coordinates"]
        assert told[0] == pytest.approx(moved["lon"])

        page.locator("#moving-undo").click()

        expect(page.locator("#moving")).to_contain_text("已撤销")
        assert office.row(merchant["id"])["lon"] == before["lon"]

    def test_it_is_moved_without_a_mouse(self, reviewer, office):
        page, merchant = self.begun(reviewer)
        before = office.row(merchant["id"])
        rows(page).filter(has_text=merchant["properties"]["name"]).locator(
            ".row-main"
        ).first.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".lifted")).to_be_focused()
        for _ in range(3):
            page.keyboard.press("Shift+ArrowUp")
        expect(page.locator("#moving-shift")).to_contain_text("移动了")
        page.keyboard.press("Enter")
        expect(page.locator("#moving")).to_contain_text("已移动")
        assert office.row(merchant["id"])["lat"] > before["lat"]
        page.keyboard.press("Enter")
        expect(page.locator("#moving")).to_contain_text("已撤销")
        expect(page.locator("#moving button")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#moving")).to_be_hidden()
        expect(page.locator("#move-magnets")).to_be_focused()

    @pytest.mark.parametrize("width", [1366, 800])
    def test_an_open_card_makes_way_for_moving_and_comes_back(self, reviewer, width):
        reviewer.page.set_viewport_size({"width": width, "height": 768})
        page = settled(reviewer.open())
        rows(page).locator(".row-main").first.click()
        page.locator("#card-title").wait_for()
        page.locator("#move-magnets").click()
        done = page.locator("#moving button")
        expect(page.locator("#moving p")).to_be_in_viewport(ratio=1)
        expect(page.locator("#card")).to_be_hidden()
        done.click()
        expect(page.locator("#card-title")).to_be_visible()

    def test_who_saw_an_older_place_overwrites_nothing(self, reviewer, office):
        reviewer.forgive("412")
        page, merchant = self.begun(reviewer)
        before = office.row(merchant["id"])
        self.dragged(page)
        with office.writing() as tx:
            merchants.edit(
                tx, merchant["id"], {"note": "改"}, version=before["version"], actor=WORKER
            )
        page.locator("#moving-set").click()
        expect(page.locator("#moving")).to_contain_text("没有保存")
        assert office.row(merchant["id"])["lon"] == before["lon"]

    def test_on_a_phone_it_is_lifted_by_one_press_and_put_down_by_another(self, phone, office):
        phone.sign_in("worker")
        page = settled(phone.open())
        merchant = alone(everybody(page), "repair")
        page = settled(phone.open(**at(merchant)))
        page.locator("#move-magnets").click()
        page.locator("#moving").wait_for()
        x, y = self.middle(page)
        page.touchscreen.tap(x, y)
        page.locator(".lifted").wait_for()
        page.touchscreen.tap(x, y + 90)
        expect(page.locator("#moving-shift")).to_contain_text("移动了")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        phone.screenshot("moving-phone")
        page.locator("#moving-set").click()
        expect(page.locator("#moving")).to_contain_text("已移动")
        assert office.row(merchant["id"])["lat"] < merchant["geometry"]["coordinates"][1]

    def test_escape_puts_it_back(self, reviewer):
        page, merchant = self.begun(reviewer)
        self.dragged(page)
        page.keyboard.press("Escape")
        expect(page.locator(".lifted")).to_have_count(0)
        page.keyboard.press("Escape")
        expect(page.locator("#moving")).to_be_hidden()
        colour = next(
            one["colour"]
            for one in api(page, "/api/categories")["categories"]
            if one["id"] == merchant["properties"]["category"]
        )
        assert painted(page, colour) > 0

    def test_axe_finds_nothing_serious_while_moving(self, reviewer):
        page, _merchant = self.begun(reviewer)
        self.dragged(page)
        expect(page.locator("#moving-area")).to_contain_text("›")
        assert reviewer.axe() == []

    def test_residents_never_load_it(self, desk):
        loaded = []
        desk.page.on("request", lambda request: loaded.append(request.url))
        page = settled(desk.open())
        expect(page.locator("#move-magnets")).to_have_count(0)
        assert not [url for url in loaded if "moving" in url or "review" in url]
