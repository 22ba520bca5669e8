"""The map, its legend, its list and its card, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.reading import (
    alone,
    at,
    everybody,
    legend,
    names,
    painted,
    press_middle_of_map,
    rows,
    settled,
)

COLOURS = {"shopping": "#0072B2", "clinic": "#009E73", "repair": "#F0E442", "barber": "#D55E00"}


def test_magnets_of_all_four_colours_are_on_the_map(anyone):
    page = settled(anyone.open())

    for category, colour in COLOURS.items():
        assert painted(page, colour) > 50, category


def test_the_legend_counts_what_the_list_shows(desk):
    page = settled(desk.open())

    counted = [int(text) for text in page.locator(".legend-count").all_text_contents()]

    assert sum(counted) == rows(page).count() > 0
    expect(page.locator("#results-title")).to_contain_text(str(sum(counted)))


def test_pressing_a_magnet_of_the_legend_shows_it_alone_and_again_shows_all(desk):
    page = settled(desk.open())
    before = rows(page).count()

    legend(page, "clinic").click()
    expect(legend(page, "clinic")).to_have_attribute("aria-pressed", "true")
    assert painted(page, COLOURS["repair"]) == 0
    assert painted(page, COLOURS["clinic"]) > 50
    assert 0 < rows(page).count() < before

    legend(page, "repair").click()
    assert painted(page, COLOURS["repair"]) > 50

    legend(page, "repair").click()
    legend(page, "clinic").click()
    expect(rows(page)).to_have_count(before)
    assert "cat=" not in page.url


def test_a_filter_asks_for_the_view_no_second_time(desk):
    page = settled(desk.open())
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    legend(page, "barber").click()
    page.wait_for_timeout(300)

    assert painted(page, COLOURS["shopping"]) == 0
    # What lies outside of the view is asked for, once; the view itself is known.
    assert [url for url in asked if "bbox=" in url] == []


def test_pressing_a_row_opens_the_card_and_marks_the_row(desk):
    page = settled(desk.open())
    first = rows(page).first.locator(".row-main")
    name = first.locator(".row-name").inner_text()

    first.click()

    expect(page.locator("#card-title")).to_have_text(name)
    expect(page.locator("#card-title")).to_be_focused()
    expect(first).to_have_attribute("aria-current", "true")


def test_pressing_a_magnet_opens_its_card_and_marks_its_row(desk):
    page = settled(desk.open())
    merchant = alone(everybody(page), "repair")
    settled(desk.open(**at(merchant)))

    press_middle_of_map(page)

    expect(page.locator("#card-title")).to_have_text(merchant["properties"]["name"])
    chosen = page.locator("#results [aria-current=true] .row-name")
    expect(chosen).to_have_text(merchant["properties"]["name"])


def test_the_card_calls_navigates_and_shows_the_week(desk):
    page = settled(desk.open())
    merchant = next(m for m in everybody(page) if m["properties"]["phones"])
    settled(desk.open(sel=merchant["id"], **at(merchant)))

    call = page.locator(".call-button").first
    number = re.sub(r"[^\d+]", "", merchant["properties"]["phones"][0])
    expect(call).to_have_attribute("href", f"tel:{number}")

    ways = page.locator(".navigate a")
    expect(ways).to_have_count(3)
    for way in ways.all():
        assert (way.get_attribute("href") or "").startswith("https://")
        assert way.get_attribute("rel") == "noopener noreferrer"


def test_escape_closes_the_card_and_returns_to_the_row(desk):
    page = settled(desk.open())
    first = rows(page).first.locator(".row-main")
    first.click()
    expect(page.locator("#card-title")).to_be_focused()

    page.keyboard.press("Escape")

    expect(page.locator("#card")).to_be_hidden()
    expect(first).to_be_focused()


def test_open_now_leaves_only_what_is_open(desk):
    page = settled(desk.open())

    page.locator("#open-now").click()
    expect(page.locator("#open-now")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#results .open-closed")).to_have_count(0)
    expect(page.locator("#results .open-unknown")).to_have_count(0)
    assert "open=now" in page.url


def test_the_list_follows_the_map(desk):
    page = settled(desk.open())
    wide = set(names(page))

    settled(desk.open(**at(alone(everybody(page), "shopping"))))

    assert 0 < rows(page).count() < len(wide)


def test_what_lies_at_one_spot_is_spread_apart_close_up(desk):
    page = settled(desk.open())
    merchant = alone(everybody(page), "shopping")
    twin = merchant | {"id": "TWIN000000", "properties": merchant["properties"] | {"name": "twin"}}

    def with_twin(route):
        answer = route.fetch()
        told = answer.json()
        if any(feature.get("id") == merchant["id"] for feature in told["features"]):
            told["features"].append(twin)
        route.fulfill(response=answer, json=told)

    page.route("**/api/merchants?*", with_twin)
    settled(desk.open(**at(merchant)))
    expect(page.get_by_role("button", name="twin").first).to_be_visible()

    one = merchant["properties"]
    assert painted(page, COLOURS[one["category"]]) > 2 * 900 * 0.5


def test_a_card_that_came_before_the_categories_names_its_category_in_the_end(desk):
    page = settled(desk.open())
    clinic = alone(everybody(page), "clinic")
    waiting = []

    def hold(route):
        waiting.append(route)

    page.route("**/api/categories*", hold)

    page.goto(page.url.split("?")[0] + "?sel=" + clinic["id"])
    expect(page.locator("#card-title")).to_have_text(clinic["properties"]["name"])
    expect(page.locator("#card .card-title p")).to_have_text("clinic")
    waiting.pop().continue_()

    expect(page.locator("#card .card-title p")).to_have_text("诊所")


def test_a_lost_connection_keeps_the_magnets_and_mends_itself(desk):
    desk.forgive("ERR_INTERNET_DISCONNECTED")
    desk.forgive("ERR_FAILED")
    page = settled(desk.open())
    before = rows(page).count()

    page.route("**/api/merchants?*", lambda route: route.abort())
    page.locator("#open-now").click()

    expect(page.locator("#trouble")).to_contain_text("网络断了")
    assert rows(page).count() == before
    assert painted(page, COLOURS["repair"]) > 50

    page.unroute("**/api/merchants?*")
    expect(page.locator("#trouble")).to_be_hidden(timeout=10_000)


@pytest.mark.parametrize("count", [35, 12_345])
def test_a_cluster_is_a_pile_on_the_map_and_a_row_that_zooms_in(desk, count):
    page = settled(desk.open())
    lon, lat = everybody(page)[0]["geometry"]["coordinates"]
    cluster = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {
            "cluster": True,
            "count": count,
            "categories": {"shopping": count - 10, "clinic": 10},
        },
    }
    collection = {
        "type": "FeatureCollection",
        "numberMatched": count,
        "numberReturned": 1,
        "revision": 1,
        "counts": cluster["properties"]["categories"],
        "features": [cluster],
    }
    page.route("**/api/merchants?*", lambda route: route.fulfill(json=collection))
    settled(desk.open(c=f"{lon},{lat}", z="13"))

    assert painted(page, COLOURS["shopping"]) > 20
    expect(rows(page).first).to_contain_text(str(count))
    expect(rows(page).first).to_contain_text("购物")
    rows(page).first.locator("button").click()
    page.wait_for_url("**z=15**")
