"""Near me: a position from the device, a refusal, a press on the map."""

import re

from playwright.sync_api import expect

from tests.browser.reading import everybody, press_middle_of_map, rows, settled


def metres(page):
    told = page.locator("#results .row-away").all_text_contents()
    assert told
    assert all("直线" in text for text in told)
    numbers = [re.search(r"([\d.]+) (米|公里)", text).groups() for text in told]
    return [float(number) * (1000 if unit == "公里" else 1) for number, unit in numbers]


def test_a_position_of_the_device_sorts_the_list_by_straight_metres(desk):
    page = settled(desk.open())
    lon, lat = everybody(page)[0]["geometry"]["coordinates"]
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": lon, "latitude": lat})

    page.locator("#near-me").click()
    expect(page.locator("#near-me")).to_have_attribute("aria-pressed", "true")
    page.locator(".row-away").first.wait_for()

    page.wait_for_load_state("networkidle")
    told = metres(page)
    assert told == sorted(told)
    assert told[0] == 10
    assert page.locator(".leaflet-place-pane canvas, .leaflet-place-pane path").count() > 0


def test_a_refusal_says_why_and_offers_a_press_on_the_map(desk):
    page = settled(desk.open())

    page.locator("#near-me").click()
    expect(page.locator("#near-reason")).to_contain_text("没有获得定位许可")
    page.locator("#near-press").click()
    expect(page.locator("#placing")).to_be_visible()
    press_middle_of_map(page)

    expect(page.locator("#placing")).to_be_hidden()
    page.locator(".row-away").first.wait_for()
    page.wait_for_load_state("networkidle")
    told = metres(page)
    assert told == sorted(told)


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


def test_a_position_reaches_neither_the_address_nor_the_server(desk):
    page = settled(desk.open())
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": 123.4567891, "latitude": 41.7654321})

    page.locator("#near-me").click()
    expect(page.locator("#near-me")).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(400)

    # The map's own centre is another thing: it is what the reader looks at.
    assert not [url for url in [*asked, page.url] if "123.4567891" in url or "41.7654321" in url]
    assert not [url for url in [*asked, page.url] if re.search("near|from=|position", url)]


def test_a_place_can_be_forgotten(desk):
    page = settled(desk.open())
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": 123.46, "latitude": 41.76})
    page.locator("#near-me").click()
    expect(page.locator("#near-me")).to_have_attribute("aria-pressed", "true")

    page.locator("#near-me").click()

    expect(page.locator("#near-me")).to_have_attribute("aria-pressed", "false")
    assert rows(page).locator(".row-away").count() == 0


def test_the_address_keeps_its_centre_until_the_reader_pans(desk):
    page = settled(desk.open())
    before = page.url
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": 123.4678, "latitude": 41.7654})
    page.locator("#near-me").click()
    page.locator(".row-away").first.wait_for()
    page.wait_for_timeout(400)

    assert page.url == before
    rows(page).first.locator(".row-main").click()
    expect(page.locator("#card-title")).to_be_visible()
    assert "123.46" not in page.url.split("c=")[1] or before.split("c=")[1][:6] == "123.46"

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
