"""The layer of our own ground, and its script against what is in the tiles."""

import json
import re
from pathlib import Path

import pytest

from geodata.roads import drawing, ground
from webmap.layers import NeighbourMap, StreetGround
from webmap.vendor import STATIC, WANTED

JS = STATIC / "js"
PAINT = (JS / "street-paint.js").read_text(encoding="utf-8")
NAMES = (JS / "street-names.js").read_text(encoding="utf-8")
ODD = [
    "{{7*7}}",
    "{%x%}",
    "{#x#}",
    "</script><script>alert(1)</script>",
    "`${1}`",
    "'\"\\",
    "© OpenStreetMap 的贡献者",
    "\u2028",
    "",
]


def script(**options) -> str:
    whole = NeighbourMap([41.77, 123.47])
    StreetGround("/ground/1.pmtiles", **options).add_to(whole)
    return whole.script()


def told(written: str) -> dict:
    """Return what the script tells linju.streetGround."""
    return json.loads(re.search(r"linju\.streetGround\((.*)\);", written).group(1))


class TestStreetGround:
    @pytest.mark.parametrize("text", ODD)
    def test_a_credit_arrives_as_it_was_written(self, text):
        written = script(attribution=text)

        assert told(written)["attribution"] == text
        assert "</" not in written

    @pytest.mark.parametrize("text", ODD)
    def test_so_does_an_address(self, text):
        whole = NeighbourMap([41.77, 123.47])
        StreetGround(text).add_to(whole)

        assert told(whole.script())["url"] == text

    def test_it_is_told_the_deepest_zoom_that_is_in_the_file(self):
        assert told(script())["maxDataZoom"] == ground.MAX_ZOOM

    def test_it_is_the_same_at_every_start(self):
        assert script() == script()

    def test_its_script_is_brought_by_the_set_up(self):
        for path in StreetGround.scripts:
            _vendor, library, name = path.split("/")
            assert name in {Path(piece).name for piece in WANTED[library]}
            assert (STATIC / path).stat().st_size > 10_000

    def test_a_map_without_it_does_not_fetch_its_script(self):
        addresses = [address for _name, address in NeighbourMap([41.77, 123.47]).default_js]

        assert not any(path in address for path in StreetGround.scripts for address in addresses)

    def test_every_option_is_one_that_the_script_takes(self):
        taken = re.search(
            r"export function streetGround\(\{(.*?)\}\)",
            (JS / "street-ground.js").read_text(encoding="utf-8"),
        )

        options = [option.strip() for option in taken.group(1).split(",")]
        # What has a value of its own may be left out.
        needed = {option for option in options if "=" not in option}
        assert needed <= set(told(script())) <= {option.split(" ")[0] for option in options}


def drawn() -> set[drawing.Drawn]:
    """Return all that the tables of the drawing hold."""

    def inside(value):
        if isinstance(value, dict):
            for inner in value.values():
                yield from inside(inner)
        elif isinstance(value, drawing.Drawn):
            yield value
            yield from inside(value.label)

    tables = [value for name, value in vars(drawing).items() if name.isupper()]
    return set(inside(dict(enumerate(tables))))


def written(*, names: bool = False) -> dict[str, set[str]]:
    """Return the kinds that can be in the tiles, by layer; only those with a name along them."""
    kinds: dict[str, set[str]] = {}
    for one in drawn():
        if one.names or not names:
            kinds.setdefault(one.layer, set()).add(one.kind)
    return kinds


def street_kinds() -> set[str]:
    """Return the streets that the script has widths for: one rule each is made of them."""
    table = re.search(r"export const STREETS = Object.freeze\(\{(.*?)\}\);", PAINT, re.DOTALL)
    return set(re.findall(r"^  (\w+):", table.group(1), re.MULTILINE))


def painted() -> dict[str, set[str]]:
    """Return the kinds that the paint asks for by name, by layer."""
    kinds: dict[str, set[str]] = {"street": street_kinds()}
    for layer, rest in re.findall(r'\brule\(\s*"(\w+)"(.*)', PAINT):
        asked = re.search(r"filter: is\(([^)]*)\)", rest)
        kinds.setdefault(layer, set()).update(re.findall(r'"(\w+)"', asked[1]) if asked else ())
    return kinds


def labelled() -> dict[str, set[str]]:
    """Return the kinds that names are asked of, by layer."""
    kinds: dict[str, set[str]] = {}
    for layer, rest in re.findall(r'\brule\("(\w+)"(.*)', NAMES):
        asked = re.search(r"\b(?:kind|named)\(([^)]*)\)", rest)
        kinds.setdefault(layer, set()).update(re.findall(r'"(\w+)"', asked[1]) if asked else ())
    return kinds


class TestTheScriptAndTheTiles:
    def test_every_layer_of_the_tiles_is_painted_or_written(self):
        assert painted().keys() | labelled().keys() == set(ground.LAYERS)

    def test_every_layer_that_is_drawn_is_in_the_tiles(self):
        assert set(written()) == set(ground.LAYERS)

    @pytest.mark.parametrize("layer", sorted(set(ground.LAYERS) - {"place", "building", "gate"}))
    def test_every_kind_of_the_tiles_is_painted_and_no_other(self, layer):
        assert painted()[layer] == written()[layer]

    @pytest.mark.parametrize("layer", ["building", "gate"])
    def test_a_layer_of_one_kind_is_painted_whole(self, layer):
        assert len(written()[layer]) == 1
        assert painted()[layer] == set()

    def test_every_kind_of_place_is_written_and_no_other(self):
        assert labelled()["place"] == written()["place"]

    def test_names_along_lines_are_asked_of_kinds_that_have_them(self):
        named = written(names=True)

        assert labelled()["street"] == named["street"]
        assert labelled()["water"] == named["water"]

    def test_marks_that_the_script_reads_are_those_that_are_written(self):
        source = Path(ground.__file__).read_text(encoding="utf-8")
        read = set(re.findall(r"props\.(\w+)", PAINT + NAMES)) | {"name"}

        assert read == {"kind", "name", "oneway", "over", "under"}
        assert all(re.search(rf"\b{mark}=", source) for mark in read)
