"""An incident at the desk and on the phone: from the press on the map to whom to call."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import shapely
from playwright.sync_api import expect

from geodata import closures, merchants, plans
from geodata.store import open_store
from tests.browser.reading import api
from tests.factories import ADMIN, CENTRE, drawing

LON, LAT = CENTRE
SOON_MS = 5_000
"""What one worker draws is before another within so long."""


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


def opened(visitor, **asked):
    page = visitor.open("/emergency", **asked)
    page.locator("html[data-ready]").wait_for()
    return page


def tile(page, scenario):
    return page.locator(f'.tile[data-scenario*=\'"id": "{scenario}"\']')


def press_map(page, x=0.35, y=0.3):
    box = page.locator(".neighbour-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)


def asked(visitor, scenario="leak", **address):
    """Tell of an incident in the middle of the map, and wait for its answer."""
    page = opened(visitor, **address)
    tile(page, scenario).click()
    press_map(page)
    page.locator(".helper").first.wait_for()
    settled(page)
    return page


def settled(page):
    """Wait for the answer to what was asked last."""
    expect(page.locator("#stand-words")).to_have_text(re.compile(r"^\d\d:\d\d 的结果$"))
    expect(page.locator("#answer.is-stale")).to_have_count(0)


def names(page):
    return page.locator(".helper-name").all_text_contents()


def question(page, act):
    """Return what is asked when something is done: first of who can help, then of the rest."""

    def of_helpers(request):
        return "/api/emergency/answer" in request.url and '"around":false' in request.post_data

    with page.expect_request(of_helpers) as sent:
        act()
    return sent.value.post_data_json


def close(store, lon=LON, lat=LAT, half=2e-4, **told):
    with store.writing() as tx:
        return closures.draw(
            tx,
            drawing(shapely.box(lon - half, lat - half, lon + half, lat + half), **told),
            actor=ADMIN,
        )


class TestFromThePressToTheCall:
    def test_two_presses_tell_whom_to_call_and_which_way(self, worker):
        page = opened(worker)
        tile(page, "leak").click()
        expect(page.locator("#where-title")).to_be_focused()

        press_map(page)

        first = page.locator(".helper").first
        expect(first.locator(".helper-facts")).to_contain_text("步行")
        phone = first.locator(".helper-call").first
        assert phone.get_attribute("href").startswith("tel:")
        assert phone.bounding_box()["height"] >= 44
        expect(page.locator("#homes-near")).to_contain_text("独居老人")
        expect(page.locator("#checks-list li")).to_have_count(7)
        assert page.locator(".leaflet-ways-pane path").count() >= 3
        first.locator(".helper-main").click()
        expect(page.locator(".way-told li").last).to_contain_text("到达")

    def test_the_place_comes_first_as_well_and_stays_out_of_the_address(self, worker):
        page = opened(worker)
        press_map(page)
        expect(page.locator("#what-title")).to_be_focused()
        expect(page.locator("#asked-where-words")).not_to_have_text("地图上的位置")

        told = question(page, lambda: tile(page, "medical").click())

        page.locator(".helper").first.wait_for()
        assert told["modes"] == ["car"]
        assert str(told["at"][0])[:6] not in page.url

    def test_a_building_and_a_shop_are_found_by_name(self, worker):
        page = opened(worker)
        tile(page, "supplies").click()
        shop = api(page, "/api/merchants?category=clinic&limit=1")["features"][0]
        name = shop["properties"]["name"]

        page.locator("#where-text").fill(name)
        expect(page.locator(".found-one").first).to_contain_text(name)
        told = question(page, lambda: page.locator("#where-text").press("Enter"))

        assert told["at"] == pytest.approx(shop["geometry"]["coordinates"], abs=1e-6)
        expect(page.locator("#asked-where-words")).to_have_text(name)

    def test_a_reload_brings_it_all_again_and_another_account_finds_nothing(self, worker):
        page = asked(worker)
        page.locator("#checks-list input").first.check()
        page.locator("#notes").fill("王师傅十分钟到")
        page.reload()

        page.locator(".helper").first.wait_for()
        expect(page.locator("#checks-list input").first).to_be_checked()
        expect(page.locator("#notes")).to_have_value("王师傅十分钟到")

        worker.sign_in("admin")
        opened(worker)
        expect(page.locator("#asked-where-words")).to_have_text("请在地图上按")
        expect(page.locator("#answer")).to_be_hidden()

    def test_an_answer_on_its_way_does_not_bring_back_who_was_here_before(self, worker):
        worker.forgive("status of 400")  # the page asks on, with the token of who was here before
        page = asked(worker)
        held = []
        page.route("**/api/emergency/answer*", lambda route: held.append((route, route.fetch())))
        question(page, lambda: page.locator('[data-mode="car"]').click())
        while not held:
            page.wait_for_timeout(20)

        worker.sign_in("admin")
        with page.expect_response("**/api/emergency/answer*"):
            route, answer = held[0]
            route.fulfill(response=answer)
        page.unroute("**/api/emergency/answer*")

        assert api(page, "/session")["name"] == "admin"
        opened(worker)
        expect(page.locator("#asked-where-words")).to_have_text("请在地图上按")

    def test_enter_does_not_choose_between_the_datums_of_a_pasted_position(self, worker):
        page = opened(worker)
        tile(page, "medical").click()

        page.locator("#where-text").fill(f"{LON},{LAT}")
        page.locator("#where-text").press("Enter")

        first = page.locator(".found-one").first
        expect(first).to_be_focused()
        expect(first).to_contain_text("高德或腾讯")
        expect(page.locator("#where-trouble")).to_contain_text("请选择这串数字")
        said = page.locator("#where-trouble").bounding_box()
        assert said["y"] < first.bounding_box()["y"]
        expect(page.locator("#asked-where-words")).to_have_text("请在地图上按")
        last = page.locator(".found-one").last
        expect(last).to_contain_text("WGS 84")
        told = question(page, last.click)
        assert told["at"] == [LON, LAT]
        place = page.locator("#asked-where-words")
        expect(place).to_contain_text(re.compile(r"^\S.*旁，\d+ 米"))
        expect(place).not_to_contain_text("WGS")
        page.locator("#plan-open").click()
        beside = place.text_content().split(" · ")[0]
        expect(page.locator("#plan-name")).to_have_value(re.compile(re.escape(beside)))

    def test_a_new_incident_does_not_keep_the_name_of_the_plan_before(self, worker):
        page = asked(worker)
        page.locator("#plan-open").click()
        page.locator("#plan-name").fill("旧事件的名字")

        page.locator("#start-over").click()
        tile(page, "fire").click()
        press_map(page, 0.5, 0.5)
        page.locator(".helper").first.wait_for()

        expect(page.locator("#plan-name")).to_have_count(0)
        page.locator("#plan-open").click()
        expect(page.locator("#plan-name")).to_have_value(re.compile("火"))

    def test_it_is_kept_as_a_plan_with_what_was_noted_and_ticked(self, worker, office):
        page = asked(worker)
        page.locator("#checks-list input").nth(2).check()
        page.locator("#notes").fill("先关了总阀")
        helper = names(page)[0]

        page.locator("#plan-open").click()
        page.locator("#plan-name").fill("三号楼跑水")
        page.locator("#plan-send").click()

        page.wait_for_url("**/plans/*")
        expect(page.locator("h1")).to_contain_text("三号楼跑水")
        expect(page.locator("main")).to_contain_text("先关了总阀")
        expect(page.locator("main")).to_contain_text(helper)
        with office.reading() as tx:
            (one,) = plans.listed(tx, actor=ADMIN)
            kept = plans.get(tx, one.id, actor=ADMIN)
        assert [item.done for item in kept.checklist] == [at == 2 for at in range(7)]


class TestAnythingChangedIsAnsweredAgain:
    def test_the_incident_is_dragged_and_brought_back(self, worker):
        page = asked(worker)
        pin = page.locator(".incident-pin").bounding_box()
        x, y = pin["x"] + pin["width"] / 2, pin["y"] + pin["height"] / 2
        before = page.locator("#asked-where-words").text_content()

        def drag():
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x + 60, y + 40, steps=4)
            page.mouse.up()

        told = question(page, drag)
        back = question(page, lambda: page.locator("#toast-undo").click())

        assert told["at"] != back["at"]
        expect(page.locator("#asked-where-words")).to_have_text(before)

    def test_one_is_left_out_and_taken_back(self, worker):
        page = asked(worker)
        first = names(page)[0]

        told = question(page, page.locator('[data-part="leave"]').first.click)
        expect(page.locator("#left-out")).to_contain_text(first)
        settled(page)

        assert len(told["without"]) == 1
        assert first not in names(page)
        page.locator("#left-out button").click()
        expect(page.locator(".helper-name").first).to_have_text(first)

    def test_another_mode_another_scenario_another_hour(self, worker):
        page = asked(worker)
        car = question(page, lambda: page.locator('[data-mode="car"]').click())
        expect(page.locator(".helper-facts").first).to_contain_text("驾车")
        fire = question(
            page, lambda: (page.locator("#asked-what").click(), tile(page, "fire").click())
        )
        page.locator("#when").click()
        later = question(page, lambda: page.locator("#when-field").fill("2026-11-24T03:00"))

        assert (car["modes"], fire["modes"]) == (["car"], ["foot"])
        assert later["departure"] == "2026-11-24T03:00:00+08:00"
        expect(page.locator("#when")).to_contain_text("03:00")

    def test_the_same_answer_again_takes_nothing_from_under_the_finger(self, worker):
        page = asked(worker)
        page.evaluate("document.querySelector('.helper').dataset.held = 'yes'")
        page.locator("#checks-list input").nth(1).focus()

        with page.expect_response(lambda answer: '"who":false' in (answer.request.post_data or "")):
            page.evaluate("dispatchEvent(new Event('online'))")
        settled(page)

        expect(page.locator('.helper[data-held="yes"]')).to_be_visible()
        expect(page.locator("#checks-list input").nth(1)).to_be_focused()

    def test_other_ways_to_the_chosen_one(self, worker):
        page = asked(worker)
        for row in range(page.locator(".helper").count()):
            with page.expect_response("**/api/emergency/ways*"):
                page.locator(".helper-main").nth(row).click()
            if page.locator(".choice button").count() > 1:
                break
        page.locator(".way-told li").first.wait_for()
        before = page.locator(".way-summary").text_content()

        page.locator(".choice button").nth(1).click()

        expect(page.locator(".choice button").nth(1)).to_have_attribute("aria-pressed", "true")
        expect(page.locator(".way-summary")).not_to_have_text(before)


class TestClosures:
    def test_one_that_another_draws_is_obeyed_at_once_and_told(self, worker, office):
        page = asked(worker)
        place = question(page, lambda: page.locator('[data-mode="car"]').click())["at"]
        settled(page)

        close(office, *place, reason="管道抢修")

        why = page.locator(".notice-why")
        expect(why).to_contain_text("新增封控“管道抢修”", timeout=SOON_MS)
        expect(page.locator(".notice-inside")).to_contain_text("管道抢修")
        # What lies around the place is not avoided.
        expect(page.locator("#more-closed")).to_have_count(0)
        page.locator(".helper-main").first.click()
        expect(page.locator("#helper-way")).to_contain_text("到封控边缘")
        expect(page.locator(".spot-label")).to_be_visible()
        with office.writing() as tx:
            (one,) = closures.in_force(tx, datetime.now(UTC))
            closures.lift(tx, one.id, actor=ADMIN)
        expect(why).to_contain_text("已结束", timeout=SOON_MS)
        expect(page.locator(".notice-inside")).to_have_count(0)

    def test_all_around_closed_names_the_closure_and_what_lifting_it_opens(self, worker, office):
        worker.forgive("404")
        page = asked(worker)
        lon, lat = question(page, page.locator('[data-mode="bike"]').click)["at"]
        outer, inner = (shapely.box(lon - d, lat - d, lon + d, lat + d) for d in (1.8e-3, 1.3e-3))
        with office.writing() as tx:
            told = drawing(outer.difference(inner), reason="全面封控")
            closures.draw(tx, told, actor=ADMIN)

        expect(page.locator(".helper-facts").first).to_contain_text("被封控隔断", timeout=SOON_MS)
        page.locator(".helper-main").first.click()

        way = page.locator("#helper-way")
        expect(way.locator(".blamed").first).to_contain_text("全面封控")
        expect(way).to_contain_text("解除“全面封控”后：")
        place = page.locator("#asked-where-words").text_content()
        page.locator(".closure-pin").first.click()
        expect(page.locator("#toast")).to_contain_text("全面封控")
        expect(page.locator("#asked-where-words")).to_have_text(place)

    def test_a_fire_is_cordoned_off_by_two_presses_and_opened_again(self, worker, office):
        page = asked(worker, "fire")
        page.locator("#cordon-open").click()
        expect(page.locator("#cordon-reason")).to_have_value("火情")

        page.locator("#cordon-send").click()

        expect(page.locator(".notice-inside")).to_contain_text("火情")
        expect(page.locator("#cordon-title")).to_be_focused()
        with office.reading() as tx:
            (one,) = closures.in_force(tx, datetime.now(UTC))
        assert one.public
        assert one.ends - datetime.now(UTC) == pytest.approx(
            timedelta(hours=2), abs=timedelta(minutes=2)
        )
        page.locator("#cordon-lift").click()
        expect(page.locator(".notice-inside")).to_have_count(0)
        expect(page.locator("#cordon-open")).to_be_visible()


class TestWhenSomethingIsAway:
    def test_the_server_away_leaves_the_last_answer_and_asks_again_by_itself(self, worker):
        worker.forgive("Failed to load resource")
        worker.forgive("ERR_")
        page = asked(worker)
        before = names(page)
        page.route("**/api/emergency/answer*", lambda route: route.abort())

        page.locator('[data-mode="car"]').click()

        expect(page.locator("#stand")).to_contain_text("会自动重试")
        assert names(page) == before
        page.unroute("**/api/emergency/answer*")
        expect(page.locator(".helper-facts").first).to_contain_text("驾车")
        expect(page.locator("#stand-again")).to_be_hidden()

    def test_offline_keeps_what_was_typed_and_goes_on_when_the_line_is_back(self, worker):
        worker.forgive("Failed to load resource")
        page = asked(worker)
        page.context.set_offline(True)

        page.locator('[data-mode="car"]').click()
        page.locator("#notes").fill("电话占线")
        page.locator("#checks-list input").first.check()

        expect(page.locator("#stand")).to_contain_text("现在没有网络")
        assert page.locator(".helper-call").count() > 0
        page.context.set_offline(False)
        expect(page.locator(".helper-facts").first).to_contain_text("驾车")
        expect(page.locator("#notes")).to_have_value("电话占线")
        expect(page.locator("#checks-list input").first).to_be_checked()

    def test_who_was_signed_out_is_led_back_in_and_nothing_is_lost(self, worker):
        for status in ("400", "401", "403"):
            worker.forgive(f"status of {status}")
        page = asked(worker)
        other = page.context.new_page()
        other.goto(page.url)
        other.locator(".way-button").click()
        other.locator("#search-box, #field-name").first.wait_for()
        other.close()

        page.locator('[data-mode="car"]').click()
        page.locator("#stand a").click()

        page.locator("#field-name").wait_for()
        worker.sign_in("worker")
        opened(worker)
        expect(page.locator(".helper-facts").first).to_contain_text("驾车")

    def test_no_way_tells_what_is_to_blame_and_how_near_one_gets(self, worker, office):
        worker.forgive("404")
        page = asked(worker)
        told = question(page, page.locator('[data-mode="car"]').click)
        settled(page)
        one = close(office, *told["at"], reason="塌方")
        expect(page.locator(".notice-inside")).to_be_visible(timeout=SOON_MS)
        details = {
            "blamed": [one.id],
            "ways_out": [{"lift": [one.id], "duration_s": 290, "distance_m": 420}],
            "by_vehicle": {
                "at": told["at"],
                "drive_s": 170,
                "drive_m": 900,
                "walk_s": 230,
                "walk_m": 280,
            },
        }
        problem = {"title": "no_route", "status": 404, "detail": "没有路。", "details": details}
        page.route(
            "**/api/emergency/ways*",
            lambda route: route.fulfill(
                status=404, json=problem, content_type="application/problem+json"
            ),
        )

        page.locator(".helper-main").first.click()

        way = page.locator("#helper-way")
        expect(way).to_contain_text("没有路。")
        expect(way).to_contain_text("塌方")
        expect(way).to_contain_text("5 分钟 · 420 米")
        expect(way).to_contain_text("3 分钟 · 900 米")
        expect(way).to_contain_text("4 分钟 · 280 米")
        expect(page.locator(".spot-label")).to_be_visible()

    def test_a_late_answer_does_not_overwrite_a_newer_one(self, worker):
        page = asked(worker)
        held = []

        def hold(route):
            held.append(route)

        page.route("**/api/emergency/answer*", hold)
        question(page, lambda: page.locator('[data-mode="car"]').click())
        question(page, lambda: page.locator('[data-mode="bike"]').click())
        while len(held) < 2:
            page.wait_for_timeout(20)
        held[1].continue_()
        expect(page.locator(".helper-facts").first).to_contain_text("骑行")
        held[0].continue_()
        page.unroute("**/api/emergency/answer*")
        expect(page.locator(".helper-facts").first).to_contain_text("骑行")

    def test_the_engine_away_leaves_the_straight_line_and_says_so(self, worker):
        page = opened(worker)

        def without_engine(route):
            told = route.fetch()
            body = told.json()
            body["trouble"] = {"code": "engine_unavailable", "text": "路线引擎现在连不上。"}
            body |= {"rings": [], "homes": None}
            for helper in body["helpers"]:
                helper |= {"duration_s": None, "route": None}
            route.fulfill(response=told, json=body)

        page.route("**/api/emergency/answer*", without_engine)
        tile(page, "leak").click()
        press_map(page)

        expect(page.locator(".notice-trouble")).to_contain_text("路线引擎现在连不上。")
        expect(page.locator(".helper-facts").first).to_contain_text("直线")


class TestCounting:
    def test_who_is_cut_off_or_closed_is_not_counted_among_those_who_help(self, worker):
        page = opened(worker)

        def cut_off(route):
            if '"around":false' not in route.request.post_data:
                route.continue_()
                return
            told = route.fetch()
            body = told.json()
            states = [(True, True), (False, True), (False, False), (None, False)]
            body["helpers"] = body["helpers"][:4]
            for helper, (is_open, cut) in zip(body["helpers"], states, strict=True):
                helper.update(open=is_open, cut_off=cut)
                helper.update({"duration_s": None, "route": None} if cut else {})
            route.fulfill(response=told, json=body)

        page.route("**/api/emergency/answer*", cut_off)
        tile(page, "leak").click()
        press_map(page)

        counted = "找谁帮忙 · 1 家 · 2 家被封控隔断 · 1 家已关门"
        expect(page.locator("#helpers-title")).to_have_text(counted)
        expect(page.locator("#announcement")).to_contain_text(counted)


class TestEverybody:
    def test_by_keyboard_alone(self, worker):
        page = opened(worker)
        tile(page, "leak").focus()
        page.keyboard.press("Enter")
        page.locator("#where-middle").focus()
        page.keyboard.press("Enter")
        page.locator(".helper").first.wait_for()
        before = page.locator("#asked-where-words").text_content()

        page.locator(".incident-pin").focus()
        told = question(page, lambda: page.keyboard.press("Shift+ArrowRight"))

        assert told["at"]
        settled(page)
        expect(page.locator("#asked-where-words")).not_to_have_text(before)
        page.locator(".helper-main").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator(".way-told li").first).to_be_visible()
        expect(page.locator(".helper-main").first).to_be_focused()

    @pytest.mark.parametrize("who", ["desk", "phone", "elder"])
    def test_axe_finds_nothing_and_nothing_scrolls_sideways(self, who, request):
        visitor = request.getfixturevalue(who)
        visitor.sign_in("worker")
        page = opened(visitor)
        findings = visitor.axe()
        tile(page, "fire").click()
        press_map(page)
        page.locator(".helper").first.wait_for()
        settled(page)
        page.locator(".helper-main").first.click()
        page.locator(".way-told li").first.wait_for()
        page.locator("#cordon-open").click()

        assert findings + visitor.axe() == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for button in page.locator("#panel button:visible, #panel a:visible").all():
            assert button.bounding_box()["height"] >= 43.9

    def test_a_phone_shows_map_and_the_first_to_call_on_one_screen(self, phone):
        phone.sign_in("worker")
        page = asked(phone)
        call = page.locator(".helper-call").first.bounding_box()
        pin = page.locator(".incident-pin").bounding_box()
        assert call["y"] + call["height"] <= 844
        assert pin["y"] + pin["height"] <= page.locator("#panel").bounding_box()["y"]

    def test_english(self, worker):
        page = opened(worker, lang="en")
        tile(page, "leak").click()
        press_map(page)
        page.locator(".helper").first.wait_for()
        expect(page.locator("#helpers-title")).to_contain_text("Whom to call")
        expect(page.locator("#homes-near")).to_contain_text("Within 5 minutes on foot")

    def test_hostile_names_are_shown_as_written(self, worker, office):
        text = "<img src=x onerror=alert(1)>{{7*7}}"
        page = opened(worker)
        tile(page, "leak").click()
        told = question(page, lambda: press_map(page))
        with office.writing() as tx:
            row = tx.rows("merchant", category="repair")[0]
            merchants.edit(
                tx,
                row["id"],
                {"name": text, "lon": told["at"][0], "lat": told["at"][1], "hours": "24/7"},
                version=row["version"],
                actor=ADMIN,
            )
        page.locator('[data-mode="bike"]').click()
        expect(page.locator(".helper-name").filter(has_text="onerror")).to_have_text(text)
        assert page.locator("img").count() == 0
