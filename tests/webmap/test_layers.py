"""What Folium writes for the map's page."""

import json
import re
from pathlib import Path

import branca.element
import folium
import pytest

from webmap import layers
from webmap.layers import (
    BoundaryLayer,
    ClosureLayer,
    ClosureNotice,
    MerchantLayer,
    NeighbourMap,
    Panel,
    ReachLayer,
    StreetGround,
    TileGround,
    WayLayer,
)
from webmap.layers.literal import literal

ODD = [
    "{{7*7}}",
    "{%x%}",
    "{#x#}",
    "</script><script>alert(1)</script>",
    "`${1}`",
    "'\"\\",
    "审图号：GS(2026)1号",
    "\u2028",
    "",
]


def whole_map() -> NeighbourMap:
    whole = NeighbourMap([41.77, 123.47])
    TileGround("https://t{s}.example/{z}/{x}/{y}").add_to(whole)
    StreetGround("/ground/1.pmtiles").add_to(whole)
    boundaries = BoundaryLayer("/api/areas", "210103006012").add_to(whole)
    reach = ReachLayer("/api/reach").add_to(whole)
    closures = ClosureLayer("/api/closures", every_s=0.5).add_to(whole)
    way = WayLayer("/api/route").add_to(whole)
    merchants = MerchantLayer("/api/merchants", "/api/categories").add_to(whole)
    urls = {"nearest_url": "/api/nearest", "homes_url": "/api/homes"}
    Panel(merchants, boundaries, way, reach, **urls).add_to(whole)
    ClosureNotice(closures).add_to(whole)
    return whole


def told(script: str, name: str) -> dict:
    """Return what a script tells a function of linju."""
    found = re.search(rf"linju\.{name}\((.*)\);", script)
    assert found
    return json.loads(found.group(1))


class TestNeighbourMap:
    def test_a_map_asks_no_other_host(self):
        page = NeighbourMap([41.77, 123.47]).get_root().render()

        assert "http://" not in page
        assert "https://" not in page
        assert 'src="/static/' in page

    def test_a_page_of_it_has_no_script_or_style_of_its_own(self):
        whole = whole_map()

        assert "<style" not in whole.html()
        assert "<script" not in whole.html()
        assert "style=" not in whole.html()

    def test_pinch_zoom_is_not_forbidden(self):
        assert "user-scalable" not in NeighbourMap([41.77, 123.47]).get_root().render()

    def test_its_script_is_the_same_at_every_start(self):
        assert whole_map().script() == whole_map().script()

    def test_the_deepest_zoom_is_not_forgotten(self):
        assert '"maxZoom": 17' in NeighbourMap([41.77, 123.47], max_zoom=17).script()

    def test_folium_stays_as_it_was_for_others(self):
        NeighbourMap([41.77, 123.47], static_url="/elsewhere/")

        assert any("jsdelivr" in address for _, address in folium.Map.default_js)
        assert not any("elsewhere" in address for _, address in NeighbourMap.default_js)

    def test_its_files_lie_where_the_application_serves_them(self):
        addressed = NeighbourMap([41.77, 123.47], static_url="/prefix/static/").default_js

        assert [address for _, address in addressed] == ["/prefix/static/vendor/leaflet/leaflet.js"]


@pytest.mark.parametrize("text", ODD)
class TestSettingsInAScript:
    def test_a_setting_arrives_as_it_was_written(self, text):
        whole = NeighbourMap([41.77, 123.47])
        TileGround("/tiles", attribution=text, key=text, subdomains="01").add_to(whole)

        arrived = told(whole.script(), "tileGround")

        assert arrived["attribution"] == text
        assert arrived["key"] == text

    def test_no_setting_ends_the_script_it_stands_in(self, text):
        assert "</" not in literal({"a": text})
        assert json.loads(literal({"a": text})) == {"a": text}


def test_tianditu_wants_only_a_key():
    whole = NeighbourMap([41.77, 123.47])
    TileGround("tianditu", key="secret").add_to(whole)

    ground = told(whole.script(), "tileGround")

    assert [re.search(r"LAYER=(\w+)", url).group(1) for url in ground["urls"]] == ["vec", "cva"]
    assert all("{z}" in url and "tk={key}" in url for url in ground["urls"])
    assert ground["attribution"] == "天地图"
    assert ground["subdomains"] == "01234567"


def test_what_is_closed_is_asked_for_as_often_as_told():
    asked = told(whole_map().script(), "closureLayer")

    assert asked == {"closuresUrl": "/api/closures", "every": 500}


def test_the_layers_come_in_their_order_and_the_panel_last():
    script = whole_map().script()

    order = [
        *("neighbourMap", "tileGround", "streetGround", "boundaryLayer", "reachLayer"),
        *("closureLayer", "wayLayer", "merchantLayer", "openPage", "closureNotice"),
    ]
    places = [script.index(f"linju.{name}(") for name in order]
    assert places == sorted(places)
    assert script.count(".addTo(neighbour_map_linju)") == 7


def test_every_layer_is_found_by_the_page_under_the_name_it_calls():
    written = set(re.findall(r"(?<!\w)linju\.(\w+)\(", whole_map().script()))
    entry = (Path(__file__).parents[2] / "static" / "js" / "linju.js").read_text(encoding="utf-8")

    assert written <= set(re.findall(r"^  (\w+)(?:,|:)", entry, re.MULTILINE))


def test_every_layer_can_be_added_to_a_map():
    for name in layers.__all__:
        assert issubclass(getattr(layers, name), branca.element.MacroElement)


def test_the_two_drawings_of_the_shapes_are_the_same():
    static = Path(__file__).parents[2] / "static"
    table = (static / "js" / "shapes.js").read_text(encoding="utf-8")
    sprite = (static / "icons" / "shapes.svg").read_text(encoding="utf-8")

    in_table = re.findall(r'(\w+): \{\s*path:\s*"([^"]+)"', table)
    in_sprite = re.findall(r'<symbol id="(\w+)"[^>]*><path d="([^"]+)"', sprite)

    assert len(in_table) == 9
    assert in_table == in_sprite
