"""Colours of magnets: the library against published figures, the bounds against palettes."""

import re
from itertools import permutations
from pathlib import Path

import pytest
from coloraide import Color
from hypothesis import given
from hypothesis import strategies as st

from geodata import colours
from geodata.colours import INK, PAPER, WHITE, judge, parse
from geodata.errors import Invalid
from geodata.store.shipped import CATEGORIES

SCRIPTS = Path(__file__).parents[2] / "static" / "js"
MERCHANTS = {row["id"]: row["colour"] for row in CATEGORIES if row["group"] == "merchant"}
# Okabe and Ito (2008), for whom every pair should be told apart by everybody.
OKABE_ITO = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "purple": "#CC79A7",
}

# Sharma, Wu and Dalal (2005), table 1: pairs that wrong implementations get wrong.
SHARMA = [
    ((50.0000, 2.6772, -79.7751), (50.0000, 0.0000, -82.7485), 2.0425),
    ((50.0000, 3.1571, -77.2803), (50.0000, 0.0000, -82.7485), 2.8615),
    ((50.0000, 2.8361, -74.0200), (50.0000, 0.0000, -82.7485), 3.4412),
    ((50.0000, -1.3802, -84.2814), (50.0000, 0.0000, -82.7485), 1.0000),
    ((50.0000, 0.0000, 0.0000), (50.0000, -1.0000, 2.0000), 2.3669),
    ((50.0000, 2.4900, -0.0010), (50.0000, -2.4900, 0.0009), 7.1792),
    ((50.0000, 2.4900, -0.0010), (50.0000, -2.4900, 0.0011), 7.2195),
    ((50.0000, -0.0010, 2.4900), (50.0000, 0.0011, -2.4900), 4.7461),
    ((50.0000, 2.5000, 0.0000), (50.0000, 0.0000, -2.5000), 4.3065),
    ((50.0000, 2.5000, 0.0000), (73.0000, 25.0000, -18.0000), 27.1492),
    ((50.0000, 2.5000, 0.0000), (58.0000, 24.0000, 15.0000), 19.4535),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]

hexes = st.integers(0, 0xFFFFFF).map("#{:06X}".format)


def codes(doubts):
    return [doubt.code for doubt in doubts]


class TestAgainstPublishedFigures:
    @pytest.mark.parametrize("one,other,difference", SHARMA)
    def test_differences_are_those_of_the_paper_both_ways(self, one, other, difference):
        first, second = Color("lab-d65", one), Color("lab-d65", other)

        assert first.delta_e(second, method="2000") == pytest.approx(difference, abs=5e-5)
        assert second.delta_e(first, method="2000") == pytest.approx(difference, abs=5e-5)

    @pytest.mark.parametrize(
        "vision,red",
        [
            ("protan", (0.152286, 0.114503, -0.003882)),
            ("deutan", (0.367322, 0.280085, -0.011820)),
            ("tritan", (1.255528, -0.078411, 0.004733)),
        ],
    )
    def test_colour_blind_eyes_are_those_of_machado(self, vision, red):
        seen = Color("#FF0000").filter(vision, 1, method="machado")
        assert seen.convert("srgb-linear").coords() == pytest.approx(red, abs=1e-6)

    def test_contrast_is_that_of_wcag(self):
        assert Color("#000000").contrast("#FFFFFF") == pytest.approx(21)
        assert Color("#777777").contrast("#FFFFFF") == pytest.approx(4.48, abs=0.005)


class TestPalettes:
    @pytest.mark.parametrize("palette", [MERCHANTS, OKABE_ITO], ids=["shipped", "okabe_ito"])
    def test_a_palette_made_for_everybody_raises_no_doubt(self, palette):
        for name, colour in palette.items():
            others = {other: palette[other] for other in palette if other != name}
            assert judge(colour, others) == [], name

    def test_the_docstring_tells_the_nearest_shipped_pairs(self):
        pairs = list(permutations(MERCHANTS, 2))
        apart = {(a, b): Color(MERCHANTS[a]).delta_e(MERCHANTS[b], method="2000") for a, b in pairs}
        nearest = min(apart, key=apart.get)

        assert (set(nearest), round(apart[nearest], 1)) == ({"clinic", "repair"}, 38.0)


class TestJudging:
    def test_a_near_copy_is_too_alike_to_everybody_and_said_once(self):
        (doubt,) = judge("#0066CC", MERCHANTS)

        assert (doubt.code, doubt.other, doubt.vision) == ("too_alike", "shopping", "")
        assert doubt.value == pytest.approx(6.9, abs=0.05)
        assert doubt.value < doubt.wanted

    @pytest.mark.parametrize(
        "colour,other,vision", [("#C00000", "#007000", "deutan"), ("#C79505", "#DD93A5", "tritan")]
    )
    def test_what_only_some_eyes_confuse_names_those_eyes(self, colour, other, vision):
        (doubt,) = judge(colour, {"there": other})

        assert (doubt.code, doubt.other, doubt.vision) == ("too_alike_blind", "there", vision)
        assert doubt.value < doubt.wanted

    def test_eyes_see_only_what_a_screen_can_show(self):
        # Uncut, the simulation puts these two further apart than any screen does.
        assert codes(judge("#8F32F6", {"x": "#5381CB"})) == ["too_alike_blind"]

    def test_a_pale_face_looks_like_a_hole_in_the_paper(self):
        (doubt,) = judge("#FFF7CC", {})

        assert (doubt.code, doubt.other) == ("contrast_paper", "")
        assert doubt.value == pytest.approx(1.06, abs=0.005)
        assert judge("#FFF7CC", {}, paper="#333333") == []

    @given(hexes)
    def test_one_of_the_two_glyphs_can_always_be_read(self, colour):
        assert "contrast_glyph" not in codes(judge(colour, {}))

    def test_with_a_paler_ink_some_faces_would_bear_no_glyph(self, monkeypatch):
        monkeypatch.setattr(colours, "INK", "#8A8A8A")
        assert codes(judge("#F0B000", {})) == ["contrast_glyph"]

    def test_doubts_stand_in_the_order_of_the_others(self):
        others = {"b": "#FFFACD", "far": "#0072B2", "a": "#FFF8D0"}
        doubts = judge("#FFF7CC", others)

        assert [(doubt.code, doubt.other) for doubt in doubts] == [
            ("contrast_paper", ""),
            ("too_alike", "b"),
            ("too_alike", "a"),
        ]

    @given(colour=hexes, other=hexes)
    def test_likeness_is_mutual_and_the_spelling_does_not_matter(self, colour, other):
        there = [d for d in judge(colour, {"x": other}) if d.other]
        back = [d for d in judge(other.lower(), {"x": colour[1:]}) if d.other]

        assert codes(there) == codes(back)
        assert [d.value for d in there] == pytest.approx([d.value for d in back])

    @given(hexes)
    def test_a_colour_is_too_alike_to_itself(self, colour):
        assert "too_alike" in codes(judge(colour, {"x": colour}))

    def test_ink_and_paper_are_those_of_the_scripts(self):
        shapes, magnets = ((SCRIPTS / f"{name}.js").read_text() for name in ("shapes", "magnets"))

        assert re.search(r'INK = "(.*?)"', shapes)[1].upper() == INK
        assert re.search(r'PAPER = "(.*?)"', magnets)[1].upper() == PAPER
        assert f'>= {colours.GLYPH:g} ? "{WHITE.lower()}" : INK' in shapes


class TestParsing:
    @pytest.mark.parametrize(
        "text", ["#0072B2", "#0072b2", "0072b2", " #0072B2\n", "＃００７２ｂ２"]
    )
    def test_six_digits_are_a_colour(self, text):
        assert parse(text) == "#0072B2"

    @pytest.mark.parametrize(
        "text",
        ["", "#", "#07B", "#0072B", "#0072B2FF", "blue", "##0072B2", "#0072G2", "rgb(0,0,0)"],
    )
    def test_anything_else_is_refused(self, text):
        with pytest.raises(Invalid, match="colour_invalid") as caught:
            parse(text)
        assert caught.value.details == {"value": text}

    def test_every_colour_that_is_judged_is_parsed(self):
        for told in [("red", {}), ("#0072B2", {"x": "red"})]:
            with pytest.raises(Invalid, match="colour_invalid"):
                judge(*told)
        with pytest.raises(Invalid, match="colour_invalid"):
            judge("#0072B2", {}, paper="white")
