"""What lies under the magnets: boundaries on paper, or an operator's tiles at their true place."""

import json
import math

import pytest
from playwright.sync_api import expect

from geodata.datum import Datum, convert
from tests.browser.reading import settled, without_streets

LON, LAT, ZOOM = 123.46787, 41.77297, 15
TILE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
    b"\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99="
    b"\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)


def world_px(lon, lat):
    """Web Mercator pixels at the zoom."""
    side = 256 * 2**ZOOM
    y = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    return (lon / 360 + 0.5) * side, (0.5 - y / (2 * math.pi)) * side


def corner(x, y):
    """Longitude and latitude of a tile's north-western corner, in the tile's own datum."""
    n = 2**ZOOM
    return x / n * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / n))))


def with_tiles(page, datum):
    options = {
        "urls": ["/tiles/{z}/{x}/{y}.png"],
        "datum": datum,
        "key": "",
        "subdomains": "",
        "attribution": "<b>图</b>",
        "reviewNumber": "GS(2026)1号",
        "maxNativeZoom": 18,
    }

    def add(route):
        answer = route.fetch()
        script = f"linju.tileGround({json.dumps(options)}).addTo(neighbour_map_linju);"
        route.fulfill(response=answer, body=answer.text() + script)

    page.route("**/map.js*", add)
    page.route("**/tiles/**", lambda route: route.fulfill(body=TILE, content_type="image/png"))


@pytest.mark.parametrize("datum", ["wgs84", "gcj02"])
def test_tiles_lie_where_their_datum_says(desk, datum):
    with_tiles(desk.page, datum)
    page = settled(desk.open(c=f"{LON},{LAT}", z=str(ZOOM)))
    page.locator("img.leaflet-tile-loaded").first.wait_for()
    page.wait_for_load_state("networkidle")
    area = page.locator(".neighbour-map").bounding_box()
    middle = world_px(LON, LAT)

    off = []
    for tile in page.locator("img.leaflet-tile").all():
        _, x, y = (int(n) for n in tile.get_attribute("src").split("/tiles/")[1][:-4].split("/"))
        lon, lat = corner(x, y)
        if datum == "gcj02":
            lons, lats = convert([lon], [lat], Datum.GCJ02, Datum.WGS84)
            lon, lat = float(lons[0]), float(lats[0])
        there = world_px(lon, lat)
        box = tile.bounding_box()
        seen = box["x"] - area["x"] - area["width"] / 2, box["y"] - area["y"] - area["height"] / 2
        wanted = there[0] - middle[0], there[1] - middle[1]
        # One shift serves a whole view, so it is truest in the middle.
        if max(map(abs, wanted)) < 400:
            off += [abs(seen[0] - wanted[0]), abs(seen[1] - wanted[1])]

    assert len(off) >= 8
    assert max(off) <= 2


def test_the_credit_of_tiles_is_text_with_the_review_number(desk):
    with_tiles(desk.page, "wgs84")
    page = settled(desk.open())

    expect(page.locator(".leaflet-control-attribution")).to_contain_text("<b>图</b> · GS(2026)1号")


def test_without_streets_the_home_area_lies_on_lighter_paper(desk):
    without_streets(desk.page)
    page = settled(desk.open())
    page.wait_for_load_state("networkidle")

    lighter = page.evaluate(
        """() => {
            const canvas = document.querySelector(".leaflet-areas-pane canvas");
            const { data } = canvas.getContext("2d").getImageData(
                0, 0, canvas.width, canvas.height);
            let count = 0;
            for (let i = 0; i < data.length; i += 4) {
                if (data[i] === 0xff && data[i + 1] === 0xfd && data[i + 2] === 0xf6) count += 1;
            }
            return count;
        }"""
    )

    assert lighter > 5000
