"""Ways and rings: drawn on the map, said in the card, under the magnets, on our own ground."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.reading import api, at, everybody, rows, settled
from tests.browser.test_near import HERE, minutes, stand

WAYS = ".leaflet-ways-pane path"
RINGS = ".leaflet-reach-pane path"
# The darkest and the lightest of what the ground paints: streets are not paper alone.
COUNT_GROUND = """async () => {
    for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
    const colours = new Map();
    for (const canvas of document.querySelectorAll(".leaflet-tile-pane canvas")) {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        for (let i = 0; i < data.length; i += 4) {
            if (data[i + 3] < 255) continue;
            const key = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
            colours.set(key, (colours.get(key) ?? 0) + 1);
        }
    }
    return [...colours].sort((a, b) => b[1] - a[1]).slice(0, 4000);
}"""


def choose(page, number=3):
    minutes(page)
    row = rows(page).nth(number)
    name = row.locator(".row-name").text_content()
    row.locator(".row-main").evaluate("(button) => button.click()")
    page.locator(".way-summary").wait_for()
    return name


def brightness(colour):
    return ((colour >> 16) * 299 + ((colour >> 8) & 255) * 587 + (colour & 255) * 114) / 1000


def test_the_ground_is_painted_with_streets_and_dark_names(anyone):
    page = settled(anyone.open(c="123.47000,41.77520", z="16"))
    page.locator(".leaflet-tile-pane canvas").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)

    colours = page.evaluate(COUNT_GROUND)

    pixels = sum(count for _, count in colours)
    assert pixels > 100_000
    light = sum(count for colour, count in colours if brightness(colour) > 246)
    dark = sum(count for colour, count in colours if brightness(colour) < 150)
    assert light > 0.02 * pixels, "no light streets on the ground"
    assert dark > 200, "no names on the ground"
    anyone.screenshot(f"ground-{page.viewport_size['width']}-{page.url.count('elder')}")


def test_choosing_a_row_draws_the_way_and_says_it(anyone):
    page = settled(anyone.open())
    stand(page)

    name = choose(page)

    expect(page.locator("#card-title")).to_have_text(name)
    assert page.locator(WAYS).count() >= 2
    if not page.locator(".way-steps[open]").count():
        page.locator(".way-steps summary").click()
    steps = page.locator(".way-steps li").all_text_contents()
    assert steps
    assert name in steps[-1]
    assert page.locator(WAYS).first.evaluate("(line) => line.getTotalLength()") > 40
    anyone.screenshot(f"way-{page.viewport_size['width']}-{page.url.count('elder')}")


def test_the_whole_way_is_seen_beside_the_card(anyone):
    page = settled(anyone.open())
    stand(page)
    choose(page, 5)
    page.wait_for_timeout(500)

    line = page.locator(WAYS).last.bounding_box()
    card = page.locator("#card").bounding_box()

    assert line["y"] > 0
    beside = line["x"] + line["width"] <= card["x"]
    above = line["y"] + line["height"] <= card["y"]
    assert beside or above


def test_another_mode_asks_for_another_way(desk):
    page = settled(desk.open())
    stand(page)
    choose(page, 8)

    page.locator("#card [data-mode=car]").click()

    expect(page.locator(".way-summary")).to_contain_text("驾车")
    expect(page.locator("#start-modes [data-mode=car]")).to_have_attribute("aria-pressed", "true")


def test_the_keyboard_stays_on_the_mode_that_it_has_taken(desk):
    page = settled(desk.open())
    stand(page)
    choose(page)
    page.locator("#card [data-mode=foot]").focus()

    for mode, word in [("bike", "骑"), ("car", "驾车")]:
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".way-summary")).to_contain_text(word)
        expect(page.locator(f"#card [data-mode={mode}]")).to_be_focused()


def test_the_way_is_asked_for_to_the_very_place_that_the_list_measured(desk):
    page = settled(desk.open())
    stand(page, {"longitude": 123.4667891, "latitude": 41.7754321})
    minutes(page)
    with page.expect_request("**/api/route*") as way:
        choose(page)
    with page.expect_request("**/api/reach*") as rings:
        page.locator("#card [data-rings]").click()

    chosen = parse_qs(urlsplit(page.url).query)["sel"][0]
    place = api(page, f"/api/merchants/{chosen}")["geometry"]["coordinates"]
    asked = parse_qs(urlsplit(way.value.url).query)
    assert list(map(float, asked["to"][0].split(","))) == place
    assert list(map(float, asked["from"][0].split(","))) == [123.46679, 41.77543]
    around = parse_qs(urlsplit(rings.value.url).query)["from"][0]
    assert list(map(float, around.split(","))) == place


def test_the_card_offers_the_way_before_anybody_has_said_from_where(desk):
    page = settled(desk.open())
    rows(page).nth(2).locator(".row-main").click()
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation(HERE)

    page.locator("#way-here").click()

    page.locator(".way-summary").wait_for()
    assert page.locator(WAYS).count() >= 2


def test_the_keyboard_stays_in_the_card_that_tells_the_way(desk):
    page = settled(desk.open())
    rows(page).nth(2).locator(".row-main").click()
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation(HERE)
    page.locator("#way-here").focus()

    page.keyboard.press("Enter")

    page.locator(".way-summary").wait_for()
    expect(page.locator("#card [data-mode=foot]")).to_be_focused()


def test_a_merchant_that_is_gone_leaves_no_way_to_another(desk):
    desk.forgive("404")
    page = settled(desk.open())
    stand(page)
    name = choose(page)
    page.route("**/api/merchants/*", lambda route: route.fulfill(status=404, json={}))

    rows(page).nth(5).locator(".row-main").click()

    expect(page.locator("#card-title")).not_to_have_text(name)
    expect(page.locator(WAYS)).to_have_count(0)


def test_closing_the_card_takes_the_way_away(desk):
    page = settled(desk.open())
    stand(page)
    choose(page)

    page.keyboard.press("Escape")

    expect(page.locator(WAYS)).to_have_count(0)


def test_rings_around_the_readers_place_are_drawn_and_counted(anyone):
    page = settled(anyone.open())
    stand(page)
    minutes(page)

    page.locator("#start-rings").click()

    expect(page.locator(".ring-label")).to_have_text(["15 分钟", "10 分钟", "5 分钟"])
    assert page.locator(RINGS).count() == 3
    assert "rings" not in page.url
    counts = page.locator("#start-counts tbody tr")
    assert counts.count() >= 4
    for row in counts.all():
        five, ten, fifteen = (int(cell) for cell in row.locator("td").all_text_contents())
        assert five <= ten <= fifteen
    anyone.screenshot(f"rings-{page.viewport_size['width']}-{page.url.count('elder')}")

    page.locator("#start-rings").click()
    expect(page.locator(RINGS)).to_have_count(0)


def test_rings_around_a_merchant_can_be_shared(desk):
    page = settled(desk.open())
    rows(page).first.locator(".row-main").click()
    page.locator("#card [data-rings]").click()
    expect(page.locator(".ring-label")).to_have_count(3)
    expect(page.locator("#card .counts tbody tr").first).to_be_visible()

    address = page.url
    assert "rings=1" in address
    desk.page.goto(address)

    expect(page.locator(".ring-label")).to_have_count(3)


def test_choosing_a_merchant_leaves_the_rings_around_the_readers_place(desk):
    page = settled(desk.open())
    stand(page)
    minutes(page)
    page.locator("#start-rings").click()
    expect(page.locator(".ring-label")).to_have_count(3)
    before = page.locator("#start-counts").text_content()

    choose(page)

    expect(page.locator("#start-counts")).to_have_text(before)
    expect(page.locator("#card [data-rings]")).to_have_attribute("aria-pressed", "false")


def test_where_leave_to_locate_is_refused_the_card_makes_room_for_the_question(phone):
    page = settled(phone.open())
    rows(page).nth(2).locator(".row-main").evaluate("(button) => button.click()")

    page.locator("#way-here").click()

    expect(page.locator("#near-press")).to_be_in_viewport()
    expect(page.locator("#card")).to_be_hidden()
    page.locator("#near-press").click()
    page.locator("#near-centre").click()
    page.locator(".way-summary").wait_for()
    expect(page.locator("#card")).to_be_visible()


def test_a_page_that_shows_other_streets_says_so(desk):
    def other(route):
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"streets": "20300101-000000-000"})

    page = settled(desk.open())
    page.route("**/api/nearest*", other)
    stand(page)

    expect(page.locator("#trouble")).to_contain_text("街道已经更新")


@pytest.mark.parametrize("question", ["nearest", "route", "reach"])
def test_a_page_that_shows_other_streets_says_so_when_refused_too(desk, question):
    problem = {
        "title": "no_street_near",
        "detail": "",
        "details": {"streets": "20300101-000000-000"},
    }
    refusal = {"status": 422, "content_type": "application/problem+json"}
    desk.forgive("422")
    page = settled(desk.open())
    page.route(
        f"**/api/{question}*", lambda route: route.fulfill(**refusal, body=json.dumps(problem))
    )
    stand(page)
    page.locator("#start-rings").click()
    rows(page).first.locator(".row-main").click()

    expect(page.locator("#trouble")).to_contain_text("街道已经更新")


def test_the_ground_is_there_at_every_opening_of_a_shared_place(phone):
    chosen = everybody(settled(phone.open()))[0]["id"]
    for _ in range(6):
        page = settled(phone.open(sel=chosen))
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(300)
        assert len(page.evaluate(COUNT_GROUND)) > 20


def test_magnets_lie_over_ways_and_rings_and_these_over_the_ground(desk):
    page = settled(desk.open())
    levels = page.evaluate(
        """() => ["tile", "areas", "reach", "ways", "magnets", "place"].map((name) =>
            Number(getComputedStyle(document.querySelector(`.leaflet-${name}-pane`)).zIndex))"""
    )

    assert levels == sorted(levels)
    assert len(set(levels)) == 6


def test_when_the_server_knows_no_way_that_is_said(desk):
    desk.forgive("404")
    page = settled(desk.open())
    page.route(
        "**/api/route*",
        lambda route: route.fulfill(
            status=404,
            content_type="application/problem+json",
            body='{"title": "no_route", "detail": "从这里到那里没有路可走。"}',
        ),
    )
    stand(page)
    minutes(page)
    rows(page).nth(1).locator(".row-main").click()

    expect(page.locator(".card-way")).to_contain_text("没有路可走")
    assert page.locator(WAYS).count() == 0


def test_without_the_ground_the_rest_goes_on(desk):
    desk.forgive("pmtiles")
    desk.page.route("**/*.pmtiles", lambda route: route.fulfill(status=404))
    page = settled(desk.open(**at(everybody(settled(desk.open()))[0])))

    assert rows(page).count() > 0


def test_everything_of_ways_can_be_read_by_a_screen_reader(anyone):
    page = settled(anyone.open())
    stand(page)
    choose(page)
    page.locator("#card [data-rings]").click()
    page.locator("#card .counts").wait_for()

    assert anyone.axe() == []
