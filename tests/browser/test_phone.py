"""The phone: a sheet over the map. And 长辈版: everything larger."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.reading import alone, everybody, rows, settled

SMALLEST_TYPE = """() => {
    const small = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !parent.checkVisibility()) continue;
        if (parent.closest("svg, .visually-hidden, script, style, noscript, .skip")) continue;
        small.push([parseFloat(getComputedStyle(parent).fontSize), parent.outerHTML.slice(0, 90)]);
    }
    return small.sort((a, b) => a[0] - b[0])[0];
}"""
SMALLEST_TARGET = """() => [...document.querySelectorAll("a, button, input, summary")]
    .filter((element) => element.checkVisibility() && !element.closest(".skip, [hidden]")
        && !element.matches(".brand"))
    .map((element) => {
        const { width, height } = element.getBoundingClientRect();
        return [Math.round(Math.min(width, height) * 10) / 10, element.outerHTML.slice(0, 120)];
    })
    .filter(([size]) => size > 0)
    .sort((a, b) => a[0] - b[0])[0]"""


ABOVE_THE_CARD = """(lat) => {
    const told = new URLSearchParams(location.search);
    if (!told.get("c")) return false;
    const north = (degrees) => Math.asinh(Math.tan(degrees * Math.PI / 180));
    const pixels = 256 * 2 ** Number(told.get("z")) / (2 * Math.PI);
    const map = document.querySelector(".leaflet-container").getBoundingClientRect();
    const down = pixels * (north(Number(told.get("c").split(",")[1])) - north(lat));
    const magnet = map.top + map.height / 2 + down;
    return map.top < magnet && magnet < document.querySelector("#card").getBoundingClientRect().top;
}"""


def top_of_sheet(page):
    page.wait_for_timeout(50)
    return page.locator("#panel").bounding_box()["y"]


def test_the_sheet_has_three_stops_by_its_button(phone):
    page = settled(phone.open())
    half = top_of_sheet(page)

    page.locator("#sheet-handle").click()
    full = top_of_sheet(page)
    page.locator("#sheet-handle").click()
    low = top_of_sheet(page)

    assert full < half < low < 844 - 100
    expect(page.locator("#search-box")).to_be_in_viewport()


def test_the_sheet_can_be_dragged(phone):
    page = settled(phone.open())
    handle = page.locator("#sheet-handle").bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2

    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 150, steps=5)
    page.mouse.move(x, 110, steps=5)
    page.mouse.up()

    expect(page.locator("html")).to_have_attribute("data-sheet", "full")


def test_the_sheet_obeys_arrow_keys(phone):
    page = settled(phone.open())
    page.locator("#sheet-handle").focus()

    page.keyboard.press("ArrowDown")
    expect(page.locator("html")).to_have_attribute("data-sheet", "low")
    expect(page.locator("#sheet-handle")).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("html")).to_have_attribute("data-sheet", "full")


def test_the_last_row_can_be_scrolled_into_sight_at_every_stop(phone):
    page = settled(phone.open())
    last = rows(page).last.locator(".row-main")

    last.scroll_into_view_if_needed()
    page.locator("#panel-rest").evaluate("(rest) => rest.scrollTo(0, rest.scrollHeight)")

    box = last.bounding_box()
    assert box["y"] + box["height"] <= 844


def test_the_list_leaves_out_what_the_sheet_covers(phone):
    page = settled(phone.open())
    lon, lat = alone(everybody(page), "repair")["geometry"]["coordinates"]
    # Some 190 px below the middle of the map: under the sheet, until it is low.
    settled(phone.open(c=f"{lon},{lat + 0.006}", z="15"))
    page.wait_for_load_state("networkidle")
    at_half = rows(page).count()

    page.locator("#sheet-handle").focus()
    page.keyboard.press("ArrowDown")

    page.wait_for_function(
        "(before) => document.querySelectorAll('#results > li').length > before", arg=at_half
    )


def test_a_chosen_place_is_not_under_the_card(phone):
    page = settled(phone.open())
    rows(page).last.locator(".row-main").click()
    expect(page.locator("#card")).to_be_visible()

    assert page.locator("#card").bounding_box()["y"] > 200


@pytest.mark.parametrize("shared", ["without a view", "from a desk", "from a phone"])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", ["phone", "elder"])
def test_the_magnet_at_a_shared_address_stands_above_the_card(request, kind, lang, shared):
    visitor = request.getfixturevalue(kind)
    page = settled(visitor.open())
    place = alone(everybody(page), "clinic")
    lon, lat = place["geometry"]["coordinates"]
    south = {"from a desk": 0, "from a phone": 0.0012}.get(shared)
    view = {} if south is None else {"c": f"{lon:.5f},{lat - south:.5f}", "z": "17"}
    page = settled(visitor.open(sel=place["id"], lang=lang, **view))
    expect(page.locator("#card-title")).to_have_text(place["properties"]["name"])

    page.wait_for_function(ABOVE_THE_CARD, arg=lat)
    expect(page.locator(".card-note")).to_have_count(0)


def test_nothing_is_wider_than_the_screen(anyone):
    page = settled(anyone.open())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("card_open", [False, True])
@pytest.mark.parametrize(
    "kind, type_px, target_px", [("desk", 16, 44), ("phone", 16, 44), ("elder", 20, 60)]
)
def test_type_and_targets_are_large_enough(request, kind, type_px, target_px, card_open):
    visitor = request.getfixturevalue(kind)
    page = settled(visitor.open())
    if card_open:
        rows(page).first.locator(".row-main").click()
        expect(page.locator("#card-title")).to_be_visible()

    smallest_type = page.evaluate(SMALLEST_TYPE)
    smallest_target = page.evaluate(SMALLEST_TARGET)

    assert smallest_type[0] >= type_px, smallest_type
    assert smallest_target[0] >= target_px, smallest_target


@pytest.mark.parametrize(
    "kind, type_px, target_px", [("desk", 16, 44), ("phone", 16, 44), ("elder", 20, 60)]
)
def test_type_and_targets_of_the_matrix_are_large_enough(request, kind, type_px, target_px):
    visitor = request.getfixturevalue(kind)
    page = visitor.open("/matrix")

    smallest_type = page.evaluate(SMALLEST_TYPE)
    smallest_target = page.evaluate(SMALLEST_TARGET)

    assert smallest_type[0] >= type_px, smallest_type
    assert smallest_target[0] >= target_px, smallest_target


def test_a_link_to_a_merchant_alone_leads_to_it(phone):
    page = settled(phone.open())
    far = max(everybody(page), key=lambda merchant: merchant["geometry"]["coordinates"][0])

    page = settled(phone.open(sel=far["id"]))

    expect(page.locator("#card-title")).to_have_text(far["properties"]["name"])
    expect(page).to_have_url(re.compile(r"z=17"))
    expect(page.locator(".card-note")).to_have_count(0)
