"""Near me: by device, by a press on the map, by a building's name; the list in minutes."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.reading import (
    api,
    everybody,
    legend,
    names,
    press_middle_of_map,
    rows,
    settled,
    without_streets,
)

HERE = {"longitude": 123.4700, "latitude": 41.7752}
# A device that finds out where it is when the test says so.
SLOW_DEVICE = """
    window.asked = [];
    Geolocation.prototype.getCurrentPosition = (found, failed) => asked.push({ found, failed });
"""
FOUND = """() => asked.at(-1).found({ coords: { latitude: 41.7752, longitude: 123.47 } })"""


def minutes(page):
    """Return the minutes on foot in the list, as its rows say them."""
    page.locator(".row-away", has_text="步行").first.wait_for()
    told = page.locator("#results .row-away").all_text_contents()
    found = [re.fullmatch(r"步行 (\d+) 分钟 · ([\d.]+) (米|公里)", text) for text in told]
    assert all(found), told
    return [int(one[1]) for one in found]


def stand(page, place=HERE):
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation(place)
    page.locator("#near-me").click()
    expect(page.locator("#near-me")).to_have_attribute("aria-pressed", "true")


def test_a_position_of_the_device_sorts_the_list_by_walking_minutes(anyone):
    page = settled(anyone.open())
    stand(page)

    told = minutes(page)

    assert told == sorted(told)
    assert len(told) > 5
    assert page.locator(".leaflet-place-pane path").count() > 0


def test_the_list_is_what_the_server_reckoned_wherever_the_map_is(desk):
    page = settled(desk.open())
    stand(page)
    minutes(page)

    near = api(page, "/api/nearest?from=123.47000,41.77520&n=50")["features"]

    assert names(page) == [one["properties"]["name"] for one in near]
    expect(page.locator("#results-title")).to_have_text("最近的 50 家")


def test_the_nearest_clinic_is_found_though_none_is_in_view(anyone):
    page = settled(anyone.open(c="123.47000,41.77520", z="17"))
    stand(page)
    minutes(page)

    legend(page, "clinic").click()

    expect(page.locator("#results-title")).to_have_text("最近的 9 家")
    told = minutes(page)
    assert told == sorted(told)
    first = page.locator("#results .row-name").first.text_content()
    assert first in [one["properties"]["name"] for one in everybody(page)]


def test_a_search_near_me_is_sorted_by_minutes_too(desk):
    page = settled(desk.open())
    stand(page)
    minutes(page)

    page.locator("#search-box").fill("维修")

    expect(page.locator("#results-title")).not_to_have_text("最近的 50 家")
    told = minutes(page)
    assert told == sorted(told)


def test_what_cannot_be_answered_is_not_asked_again_and_again(desk):
    desk.forgive("422")
    page = settled(desk.open())
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    stand(page, {"longitude": 123.60, "latitude": 41.90})
    expect(page.locator("#start-trouble")).to_be_visible()
    page.wait_for_timeout(2500)

    assert sum("/api/nearest" in url for url in asked) == 1


def test_a_lost_connection_is_tried_again_at_leisure_and_comes_back(desk):
    desk.forgive("nearest")
    page = settled(desk.open())
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/api/nearest*", lambda route: route.abort())
    stand(page)
    expect(page.locator("#start-trouble")).to_be_visible()
    page.wait_for_timeout(1500)
    assert sum("/api/nearest" in url for url in asked) <= 2

    page.unroute("**/api/nearest*")

    minutes(page)
    expect(page.locator("#start-trouble")).to_be_hidden()


def test_going_by_car_sorts_and_says_otherwise(desk):
    page = settled(desk.open())
    stand(page)
    minutes(page)

    page.locator("#start-modes [data-mode=car]").click()

    expect(page.locator(".row-away").first).to_contain_text("驾车")


def test_minutes_on_foot_are_not_called_minutes_by_car(desk):
    page = settled(desk.open())
    stand(page)
    minutes(page)
    rows(page).nth(3).locator(".row-main").click()
    page.locator(".way-summary").wait_for()
    held = []

    def hold(route):
        held.append(route)

    page.route(re.compile(r"/api/nearest\?.*mode=car"), hold)

    page.locator("#card [data-mode=car]").click()

    # The way is there before the list is, which still is what was measured on foot.
    expect(page.locator(".way-summary")).to_contain_text("驾车")
    expect(page.locator(".row-away", has_text="驾车")).to_have_count(1)
    expect(page.locator(".row-away", has_text="步行")).to_have_count(49)
    held[0].continue_()
    expect(page.locator(".row-away", has_text="驾车")).to_have_count(50)


def test_a_refusal_says_why_and_offers_a_press_on_the_map(desk):
    page = settled(desk.open())

    page.locator("#near-me").click()
    expect(page.locator("#near-reason")).to_contain_text("没有获得定位许可")
    page.locator("#near-press").click()
    expect(page.locator("#placing")).to_be_visible()
    press_middle_of_map(page)

    expect(page.locator("#placing")).to_be_hidden()
    expect(page.locator("#start-name")).to_have_text("地图上的位置")
    told = minutes(page)
    assert told == sorted(told)


def test_a_building_can_be_where_one_begins(anyone):
    page = settled(anyone.open())
    page.locator("#near-me").click()
    page.locator("#near-home").fill("泉园二路")
    home = page.locator("#near-homes button").first
    home.wait_for()
    name = home.text_content()
    with page.expect_request("**/api/nearest*") as asked:
        home.click()

    expect(page.locator("#start-name")).to_have_text(name)
    first = api(page, "/api/homes?q=泉园二路")["homes"][0]
    begun = parse_qs(urlsplit(asked.value.url).query)["from"][0]
    assert list(map(float, begun.split(","))) == [first["lon"], first["lat"]]
    told = minutes(page)
    assert told == sorted(told)


def test_a_building_can_be_chosen_by_keyboard(desk):
    page = settled(desk.open())
    page.locator("#near-me").click()
    page.locator("#near-home").fill("泉园二路 号楼")
    page.locator("#near-homes button").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#near-homes button").nth(1)).to_be_focused()
    name = page.locator("#near-homes button").nth(1).text_content()
    page.keyboard.press("Enter")

    expect(page.locator("#start-name")).to_have_text(name)


def test_enter_takes_a_building_of_the_text_that_stands_there(desk):
    def echo(route):
        name = parse_qs(urlsplit(route.request.url).query)["q"][0]
        route.fulfill(
            json={"homes": [{"name": name, "lon": 123.47, "lat": 41.7752}], "more": False}
        )

    page = settled(desk.open())
    page.route("**/api/homes*", echo)
    page.locator("#near-me").click()
    page.locator("#near-home").fill("泉园一路")
    expect(page.locator("#near-homes button")).to_have_text("泉园一路")

    # At once, as quick fingers do.
    page.evaluate(
        """() => {
            const home = document.querySelector("#near-home");
            home.value = "泉园二路";
            home.dispatchEvent(new Event("input"));
            home.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
        }"""
    )

    expect(page.locator("#start-name")).to_have_text("泉园二路")


def test_a_position_that_comes_late_leaves_what_the_reader_did_meanwhile(desk):
    desk.page.add_init_script(SLOW_DEVICE)
    page = settled(desk.open())
    page.locator("#near-me").click()
    page.evaluate(FOUND)
    expect(page.locator("#start-name")).to_have_text("我的位置")

    page.locator("#start-other").click()
    page.locator("#near-device").click()
    page.locator("#near-press").click()
    page.evaluate("() => asked.at(-1).failed({ code: 3 })")
    expect(page.locator("#near-help")).to_be_hidden()
    page.locator("#near-centre").click()
    page.evaluate(FOUND)
    expect(page.locator("#start-name")).to_have_text("地图上的位置")

    page.locator("#start-other").click()
    page.locator("#near-device").click()
    page.locator("#near-me").click()
    page.evaluate(FOUND)
    expect(page.locator("#near-me")).to_have_attribute("aria-pressed", "false")


def test_another_beginning_can_be_chosen(desk):
    page = settled(desk.open())
    stand(page)
    minutes(page)

    page.locator("#start-other").click()
    page.locator("#near-press").click()
    page.locator("#near-centre").click()

    expect(page.locator("#start-name")).to_have_text("地图上的位置")
    minutes(page)


def test_a_place_can_be_given_by_keyboard(desk):
    page = settled(desk.open())
    page.locator("#near-me").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#near-press")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#near-centre")).to_be_focused()
    page.keyboard.press("Enter")

    page.locator(".row-away").first.wait_for()


def test_escape_leaves_the_asking_for_a_place(desk):
    page = settled(desk.open())
    page.locator("#near-me").click()
    expect(page.locator("#near-help")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.locator("#near-help")).to_be_hidden()
    expect(page.locator("#near-me")).to_be_focused()


def test_a_position_is_told_to_this_server_alone_and_to_no_address_of_a_page(desk):
    page = settled(desk.open())
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    stand(page, {"longitude": 123.4667891, "latitude": 41.7754321})
    minutes(page)
    rows(page).first.locator(".row-main").click()
    page.locator(".way-summary").wait_for()

    telling = [url for url in asked if "123.46679" in url]
    assert telling
    assert all(re.search(r"/api/(nearest|route)\?", url) for url in telling)
    assert not any("123.466789" in url for url in asked)
    assert not re.search(r"123\.466[78]|from=", page.url)


def test_off_the_network_the_list_falls_back_to_straight_lines_and_says_why(desk):
    desk.forgive("422")
    page = settled(desk.open())
    stand(page, {"longitude": 123.60, "latitude": 41.90})

    expect(page.locator("#start-trouble")).to_contain_text("300 米之内没有街道")


def test_without_streets_distances_are_straight_and_the_page_says_how_to_add_them(desk):
    without_streets(desk.page)
    page = settled(desk.open())
    lon, lat = everybody(page)[0]["geometry"]["coordinates"]
    stand(page, {"longitude": lon, "latitude": lat})

    page.locator(".row-away").first.wait_for()
    told = page.locator("#results .row-away").all_text_contents()
    assert all("直线" in text for text in told)
    expect(page.locator("#no-streets")).to_contain_text("还没有街道数据")
    page.locator("#no-streets summary").click()
    expect(page.locator("#no-streets pre")).to_contain_text("roads build")
    assert not page.locator("#start-modes button").count()


def test_a_place_can_be_forgotten(desk):
    page = settled(desk.open())
    stand(page)

    page.locator("#near-me").click()

    expect(page.locator("#near-me")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#start")).to_be_hidden()
    assert rows(page).locator(".row-away").count() == 0


def test_the_address_keeps_its_centre_until_the_reader_pans(desk):
    page = settled(desk.open())
    before = page.url
    stand(page)
    page.locator(".row-away").first.wait_for()
    page.wait_for_timeout(400)

    assert page.url == before
    rows(page).first.locator(".row-main").click()
    page.locator(".way-summary").wait_for()
    page.wait_for_timeout(400)
    assert page.url.split("&sel")[0] == before

    page.locator(".neighbour-map").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "(c) => !location.search.includes(c)", arg=before.split("c=")[1].split("&")[0]
    )


def test_a_place_pressed_on_a_phone_is_seen_above_the_sheet(phone):
    page = settled(phone.open())
    page.locator("#near-me").click()
    page.locator("#near-press").click()
    expect(page.locator("html")).to_have_attribute("data-sheet", "low")
    page.locator("#near-centre").click()

    expect(page.locator("html")).to_have_attribute("data-sheet", "half")
    page.locator(".row-away").first.wait_for()
    page.wait_for_timeout(400)
    dot = page.locator(".leaflet-place-pane path").last.bounding_box()
    assert dot["y"] + dot["height"] < page.locator("#panel").bounding_box()["y"]


@pytest.mark.parametrize("kind", ["phone", "elder"])
def test_near_me_on_a_phone_leaves_no_half_of_a_button_above_it(request, kind):
    page = settled(request.getfixturevalue(kind).open())
    stand(page)
    minutes(page)

    top = page.locator("#panel-rest").bounding_box()["y"]
    tools = page.locator("#near-me").bounding_box()
    assert tools["y"] >= top or tools["y"] + tools["height"] <= top + 1
