"""The address bar is the view: sharing, reloading, back and forward."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.browser.reading import alone, at, everybody, legend, names, rows, settled


def parameters(page):
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_what_is_opened_from_a_shared_link_is_what_was_shared(desk):
    page = settled(desk.open())
    merchant = alone(everybody(page), "clinic")
    settled(desk.open(**at(merchant, 17)))
    legend(page, "clinic").click()
    page.locator("#results").get_by_text(merchant["properties"]["name"], exact=True).click()
    expect(page.locator("#card-title")).to_be_visible()
    shared, listed = page.url, names(page)

    other = page.context.new_page()
    other.goto(shared)
    settled(other)

    expect(other.locator("#card-title")).to_have_text(merchant["properties"]["name"])
    expect(legend(other, "clinic")).to_have_attribute("aria-pressed", "true")
    assert sorted(names(other)) == sorted(listed)
    assert parameters(other) == parameters(page)


def test_moving_the_map_moves_the_address_without_a_step_of_history(desk):
    page = settled(desk.open())
    steps = page.evaluate("history.length")

    page.locator(".neighbour-map").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**c=**")

    assert page.evaluate("history.length") == steps
    assert parameters(page)["z"]


def test_back_and_forward_walk_through_filter_and_selection(desk):
    page = settled(desk.open())
    everything = rows(page).count()
    legend(page, "barber").click()
    barbers = rows(page).count()
    rows(page).first.locator(".row-main").click()
    expect(page.locator("#card")).to_be_visible()

    page.go_back()
    expect(page.locator("#card")).to_be_hidden()
    expect(rows(page)).to_have_count(barbers)

    page.go_back()
    expect(legend(page, "barber")).to_have_attribute("aria-pressed", "false")
    expect(rows(page)).to_have_count(everything)

    page.go_forward()
    expect(rows(page)).to_have_count(barbers)


def test_a_shared_place_outside_of_the_view_says_so_and_leads_there(desk):
    page = settled(desk.open())
    merchant = alone(everybody(page), "clinic")
    lon, lat = merchant["geometry"]["coordinates"]
    settled(desk.open(sel=merchant["id"], c=f"{lon + 0.2},{lat}", z="16"))

    note = page.locator(".card-note")
    expect(note).to_contain_text("视野之外")
    note.get_by_role("button").click()

    expect(note).to_be_hidden()
    expect(page.locator("#results [aria-current=true]")).to_contain_text(
        merchant["properties"]["name"]
    )


def test_a_shared_place_that_never_was_says_so(desk):
    desk.forgive("404")
    page = settled(desk.open(sel="ZZZZZZZZZZ"))

    expect(page.locator("#card-title")).to_have_text("这家不在地图上。")


def test_an_area_of_the_matrix_opens_the_map_on_it(desk):
    page = settled(desk.open())
    area = everybody(page)[0]["properties"]["area"][:12]
    settled(desk.open(area=area, cat="shopping"))

    expect(page.locator("#area-chip")).to_be_visible()
    expect(page.locator("#area-name")).not_to_have_text(area)
    shown = {
        feature["properties"]["name"]
        for feature in everybody(page)
        if feature["properties"]["area"].startswith(area)
        and feature["properties"]["category"] == "shopping"
    }
    assert set(names(page)) <= shown

    page.locator("#area-all").click()
    expect(page.locator("#area-chip")).to_be_hidden()
    assert "area=" not in page.url


def test_language_and_mode_keep_the_view(desk):
    page = settled(desk.open())
    legend(page, "clinic").click()

    page.get_by_role("link", name="English").click()
    settled(page)

    assert parameters(page)["cat"] == "clinic"
    expect(legend(page, "clinic")).to_contain_text("Clinic")

    page.get_by_role("link", name="Large type").click()
    settled(page)
    assert parameters(page) | {"lang": "en", "mode": "elder", "cat": "clinic"} == parameters(page)


def test_the_first_address_can_be_shared(desk):
    page = settled(desk.open())

    assert {"c", "z"} <= parameters(page).keys()


def test_back_brings_the_first_view_back_after_a_search_that_moved_the_map(desk):
    page = settled(desk.open())
    first, everything = parameters(page), rows(page).count()
    lon = float(first["c"].split(",")[0])
    far = max(everybody(page), key=lambda one: abs(one["geometry"]["coordinates"][0] - lon))
    page.locator("#search-box").fill(far["properties"]["name"])
    page.keyboard.press("Enter")
    expect(page.locator("#card")).to_be_visible()
    expect(page.locator(".card-note")).to_have_count(0)

    page.go_back()
    expect(page.locator("#card")).to_be_hidden()
    page.go_back()

    expect(rows(page)).to_have_count(everything)
    assert parameters(page) == first


def test_an_area_that_cannot_be_is_refused_once_and_for_all(desk):
    desk.forgive("422")
    desk.forgive("404")
    page = settled(desk.open(area="999"))

    expect(page.locator("#trouble-words")).to_contain_text("999")
    expect(page.locator("#trouble-again")).to_be_hidden()
    expect(page.locator("#results-title")).not_to_contain_text("正在")
