"""A whole trip without a mouse."""

from playwright.sync_api import expect

from tests.browser.reading import legend, painted, rows, settled


def tab_to(page, selector, most=60):
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by Tab")


def test_a_whole_trip_by_keyboard(desk):
    page = settled(desk.open())

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    expect(page.locator("#search-box")).to_be_focused()

    tab_to(page, '[data-category="clinic"]')
    page.keyboard.press("Space")
    expect(legend(page, "clinic")).to_have_attribute("aria-pressed", "true")

    tab_to(page, "#results .row-main")
    page.keyboard.press("ArrowDown")
    expect(rows(page).nth(1).locator(".row-main")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#card-title")).to_be_focused()

    tab_to(page, ".call-button, .navigate a")
    page.keyboard.press("Escape")
    expect(page.locator("#card")).to_be_hidden()
    expect(rows(page).nth(1).locator(".row-main")).to_be_focused()

    tab_to(page, ".neighbour-map", most=200)
    before = page.url
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(before) => location.href !== before", arg=before)
    page.keyboard.press("+")
    page.wait_for_url("**z=**")


def test_the_focus_can_be_seen_on_everything_that_takes_it(desk):
    page = settled(desk.open())
    for _ in range(25):
        page.keyboard.press("Tab")
        width = page.evaluate(
            "parseFloat(getComputedStyle(document.activeElement).outlineWidth)"
            " * (getComputedStyle(document.activeElement).outlineStyle === 'none' ? 0 : 1)"
        )
        assert width >= 2, page.evaluate("document.activeElement.outerHTML")


def test_arrows_home_and_end_move_in_the_list(desk):
    page = settled(desk.open())
    rows(page).first.locator(".row-main").focus()

    page.keyboard.press("End")
    expect(rows(page).last.locator("button")).to_be_focused()
    page.keyboard.press("Home")
    expect(rows(page).first.locator("button")).to_be_focused()


def test_what_changes_is_told_to_a_screen_reader(desk):
    page = settled(desk.open())
    legend(page, "barber").click()

    expect(page.locator("#announcement")).to_have_text(f"找到 {rows(page).count()} 家")
    assert painted(page, "#0072B2") == 0
