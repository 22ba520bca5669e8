"""The digits of an area's code say its level, its parent and what lies inside."""

import csv
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import divisions
from geodata.errors import Invalid

PARTS = {"province": 2, "city": 2, "district": 2, "street": 3, "community": 3, "grid": 3}


@st.composite
def codes(draw: st.DrawFn) -> tuple[str, str]:
    depth = draw(st.integers(1, 6))
    names = list(PARTS)[:depth]
    digits = "".join(
        str(draw(st.integers(1, 10 ** PARTS[name] - 1))).rjust(PARTS[name], "0") for name in names
    )
    return digits, names[-1]


class TestEveryForm:
    @given(codes())
    def test_the_short_and_the_official_form_are_one_code(self, drawn):
        digits, level = drawn
        code = divisions.normalise(digits)

        assert divisions.normalise(code) == code
        assert divisions.level(code) == level
        assert divisions.prefix(code) == digits
        assert len(code) == (15 if level == "grid" else 12)

    @given(codes())
    def test_an_area_lies_inside_each_of_its_ancestors(self, drawn):
        code = divisions.normalise(drawn[0])
        levels = [divisions.level(code)]
        while above := divisions.parent(code):
            assert code.startswith(divisions.prefix(above))
            code = above
            levels.append(divisions.level(code))

        assert levels[::-1] == list(divisions.LENGTHS)[: len(levels)]

    def test_a_code_that_ends_in_a_zero_keeps_it(self):
        assert divisions.prefix("210110000000") == "210110"
        assert divisions.level("211000000000") == "city"
        assert divisions.prefix("210103010000") == "210103010"
        assert divisions.prefix("210103010010") == "210103010010"

    def test_a_street_of_a_city_without_districts_lies_in_the_city(self):
        street = divisions.normalise("441900003")

        assert divisions.level(street) == "street"
        assert divisions.parent(street) == divisions.normalise("4419")

    @pytest.mark.parametrize(
        "text", ["２１０１０３", " 210103 ", "210103 000000", "210103000000000"]
    )
    def test_what_offices_write_is_understood(self, text):
        assert divisions.normalise(text) == "210103000000"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2",
        "21010",
        "2101030",
        "210103006012001001",
        "21010x",
        "000000",
        "200003",
        "210103000012",
        "210103006000001",
        "²¹0103x",
        "٢١٠١٠٣",
        "-10103",
    ],
)
def test_what_is_no_code_is_refused(text):
    with pytest.raises(Invalid) as refused:
        divisions.normalise(text)

    assert refused.value.code == "area_code_invalid"
    assert refused.value.details == {"value": text}


def test_digits_are_only_the_ten():
    assert divisions.normalise("210103").isascii()
    assert set(divisions.normalise("210103")) <= set(string.digits)


@pytest.mark.parametrize("district", ["210103", "210106"])
def test_the_official_lists_fit_the_rules(shared_data, district):
    for level in ("streets", "communities"):
        path = shared_data / "divisions" / f"{district}_{level}.csv"
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
        for row in rows:
            code = divisions.normalise(row["code"])
            assert divisions.level(code) == {"streets": "street", "communities": "community"}[level]
            assert divisions.parent(code) == divisions.normalise(
                row.get("streetCode", row["areaCode"])
            )
