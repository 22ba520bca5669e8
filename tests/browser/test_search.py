"""The search box."""

import re

from playwright.sync_api import expect

from tests.browser.reading import alone, everybody, names, rows, settled


def test_a_name_finds_its_merchant_and_enter_opens_it(desk):
    page = settled(desk.open())
    name = alone(everybody(page), "clinic")["properties"]["name"]

    page.locator("#search-box").fill(name)
    page.keyboard.press("Enter")

    expect(page.locator("#card-title")).to_have_text(name)
    assert "q=" in page.url


def test_matches_outside_of_the_view_are_told_and_can_be_shown(desk):
    page = settled(desk.open())
    merchant = everybody(page)[0]
    name = merchant["properties"]["name"]
    lon, lat = merchant["geometry"]["coordinates"]
    settled(desk.open(c=f"{lon + 0.3},{lat}", z="16"))

    page.locator("#search-box").fill(name)
    expect(page.locator("#elsewhere")).to_contain_text(re.compile(r"视野外还有 \d+ 家"))
    page.locator("#elsewhere").click()

    expect(rows(page).first).to_be_visible()
    assert name in names(page)


def test_escape_clears_the_search_and_shows_everything_again(desk):
    page = settled(desk.open())
    everything = rows(page).count()
    page.locator("#search-box").fill("zzzzzz")
    expect(page.locator("#results-none")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.locator("#search-box")).to_have_value("")
    expect(rows(page)).to_have_count(everything)
    assert "q=" not in page.url


def test_a_search_is_one_step_back_however_many_letters_it_took(desk):
    page = settled(desk.open())
    everything = rows(page).count()
    page.locator("#search-box").press_sequentially("zzqq", delay=350)
    expect(page.locator("#results-none")).to_be_visible()
    page.locator("#results-title").focus()

    page.go_back()

    expect(rows(page)).to_have_count(everything)
    expect(page.locator("#search-box")).to_have_value("")


def test_the_name_of_a_category_leads_to_all_of_it(desk):
    page = settled(desk.open())
    barbers = page.locator("[data-category=barber] .legend-count").inner_text()
    page.locator("#search-box").fill("理")
    expect(page.locator("#meant")).to_have_text(re.compile("理发"))

    page.locator("#meant").click()

    expect(page.locator("#search-box")).to_have_value("")
    expect(page.locator("#meant")).to_be_hidden()
    expect(page.locator("#results-title")).to_be_focused()
    assert "cat=barber" in page.url
    expect(rows(page)).to_have_count(int(barbers))


def test_enter_takes_the_category_whose_name_was_typed(desk):
    page = settled(desk.open())
    page.locator("#search-box").fill("理发")

    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("cat=barber"))
    expect(page.locator("#card")).to_be_hidden()
