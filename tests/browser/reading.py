"""What a reader does and sees, in words that the browser tests share."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, Route

RESULTS = "#results > li"


def settled(page: Page) -> Page:
    """Wait until the first answer stands on the map and in the list, in its colours."""
    page.locator("html[data-ready]").wait_for()
    page.locator(".legend-entry").first.wait_for(state="attached")
    return page


def without_streets(page: Page) -> None:
    """Give the page the map's script as an office without streets has it."""

    def bare(route: Route) -> None:
        answer = route.fetch()
        script = re.sub(r"^.*street_ground.*\n", "", answer.text(), flags=re.MULTILINE)
        script = re.sub(r'"nearest": "[^"]*"', '"nearest": ""', script)
        route.fulfill(response=answer, body=script.replace('"filled": false', '"filled": true'))

    page.route("**/map.js*", bare)


def api(page: Page, path: str) -> Any:
    """Ask the page's own server."""
    answer = page.request.get(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + path)
    assert answer.ok, answer.text()
    return answer.json()


def everybody(page: Page) -> list[dict[str, Any]]:
    """Return every merchant that the server shows."""
    return api(page, "/api/merchants?limit=5000")["features"]


def alone(merchants: list[dict[str, Any]], category: str) -> dict[str, Any]:
    """Return a merchant of the category with no other one within some 40 m of it."""
    places = [merchant["geometry"]["coordinates"] for merchant in merchants]
    for merchant in merchants:
        lon, lat = merchant["geometry"]["coordinates"]
        near = [1 for x, y in places if abs(x - lon) < 5e-4 and abs(y - lat) < 4e-4]
        if merchant["properties"]["category"] == category and len(near) == 1:
            return merchant
    raise AssertionError(f"no {category} stands alone")


def at(merchant: dict[str, Any], zoom: int = 18) -> dict[str, str]:
    """Return the address parameters that put a merchant into the middle of the map."""
    lon, lat = merchant["geometry"]["coordinates"]
    return {"c": f"{lon:.5f},{lat:.5f}", "z": str(zoom)}


def press_middle_of_map(page: Page) -> None:
    """Press where the map's centre is."""
    box = page.locator(".neighbour-map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def rows(page: Page) -> Locator:
    """Return the rows of the list."""
    return page.locator(RESULTS)


def names(page: Page) -> list[str]:
    """Return the names in the list, in its order."""
    return page.locator(f"{RESULTS} .row-name").all_text_contents()


def legend(page: Page, category: str) -> Locator:
    """Return the legend's button of a category."""
    return page.locator(f'[data-category="{category}"]')


def painted(page: Page, colour: str) -> int:
    """Count the pixels of exactly this colour on the canvas of the magnets."""
    return page.evaluate(
        """async (colour) => {
            // Leaflet draws in the next frame.
            for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
            const canvas = document.querySelector(".leaflet-magnets-pane canvas");
            const context = canvas.getContext("2d");
            const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
            const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
            let count = 0;
            for (let i = 0; i < data.length; i += 4) {
                if (data[i] === r && data[i + 1] === g && data[i + 2] === b) count += 1;
            }
            return count;
        }""",
        colour,
    )
