"""Text of strangers is shown as written and runs nowhere."""

import pytest
from playwright.sync_api import expect

from tests.browser.reading import alone, at, everybody, rows, settled

NAMES = [
    "{{7*7}}",
    "{%x%}",
    "</script><img src=x onerror=alert(1)>",
    "`${alert(1)}`",
    "\u202eevil\u202c gnihton\u2066",
    "长" * 200,
    "x" * 200,
    "👩‍👩‍👧‍👦🏳️‍🌈🧲" * 6,
    "<b>粗</b>&amp;\"'",
]


def hostile(told, text):
    for feature in told.get("features", [told]):
        properties = feature["properties"]
        for field in ("name", "address", "hours", "note"):
            properties[field] = text
        properties["phones"] = [text]
        properties["area_path"] = [{"code": "1", "name": text, "level": "grid"}]
        properties["navigate"] = {"amap": "javascript:alert(1)", "baidu": text, "tencent": ""}
        properties["week"] = [{"day": 1, "spans": [text]}]
    return told


@pytest.mark.parametrize("text", NAMES, ids=range(len(NAMES)))
def test_a_hostile_shop_is_shown_as_written_and_runs_nowhere(desk, text):
    page = settled(desk.open())
    merchant = alone(everybody(page), "repair")
    spoken = []
    page.on("dialog", lambda dialog: (spoken.append(dialog.message), dialog.dismiss()))

    def answer(route):
        told = route.fetch()
        route.fulfill(response=told, json=hostile(told.json(), text))

    page.route("**/api/merchants?*", answer)
    page.route("**/api/merchants/*", answer)
    settled(desk.open(sel=merchant["id"], **at(merchant)))

    expect(page.locator("#card-title")).to_have_text(text)
    assert text in rows(page).first.locator(".row-name").text_content()
    assert page.locator("img:not(.leaflet-tile)").count() == 0
    assert page.locator('a[href^="javascript"]').count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    card = page.locator("#card").bounding_box()
    assert card["x"] + card["width"] <= 1280
    assert page.locator("#card").evaluate("(card) => card.scrollWidth <= card.clientWidth")
    page.wait_for_timeout(50)
    assert spoken == []


def test_a_hostile_search_stays_a_search(desk):
    page = settled(desk.open(q="</script><img src=x onerror=alert(1)>"))

    expect(page.locator("#search-box")).to_have_value("</script><img src=x onerror=alert(1)>")
    assert page.locator("img").count() == 0


def test_a_hostile_area_of_the_matrix_is_a_name(desk):
    desk.forgive("422")
    page = desk.open("/matrix", parent="<script>alert(1)</script>")
    assert page.locator("script:not([src])").count() == 0
