"""Credit codes of known licences, slips of the pen, and who registered where."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from geodata.creditcode import CreditCode, check
from geodata.errors import Invalid

SHENZHEN = "9144030071526726XG"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def code(region, head="92", tail="MA0UK3QX7"):
    begun = head + region + tail
    return begun + uscc.calc_check_digit(begun)


def reason(text):
    with pytest.raises(Invalid) as caught:
        check(text)
    assert caught.value.code == "credit_code_invalid"
    return caught.value.details["reason"]


def test_a_code_tells_who_registered_it():
    assert check(SHENZHEN) == CreditCode(SHENZHEN, "440300", "广东省深圳市", elsewhere=False)


@pytest.mark.parametrize(
    "licence",
    ["91110000600037341L", "91330100799655058B", "91110000802100433B", "91320594MA257A8W3D"],
)
def test_codes_of_real_licences_are_right(licence):
    assert check(licence).code == licence


@pytest.mark.parametrize(
    "text",
    [
        "9144030071526726xg",
        "  9144030071526726XG\n",
        "9144 0300 7152 6726 XG",
        "91-440300-71526726X-G",
        "914403007152–6726—XG",
        "９１４４０３００７１５２６７２６ＸＧ",
        "９１４４０３００７１５２６７２６ｘｇ\u3000",
        "\ufeff9144030071526726XG\u200b",
    ],
)
def test_however_it_is_written_one_form_is_kept(text):
    assert check(text).code == SHENZHEN


class TestRefusals:
    @pytest.mark.parametrize(
        "text", ["", " - ", SHENZHEN[:-1], SHENZHEN + "0", "210103600123456", SHENZHEN * 1000]
    )
    def test_it_has_18_characters(self, text):
        assert reason(text) == "length"

    @pytest.mark.parametrize(
        "text",
        [
            *(SHENZHEN[:10] + letter + SHENZHEN[11:] for letter in "IOSVZ*_.照照٣"),
            "91A40300715267260G",
            "9144O30071526726XG",
            "统一社会信用代码统一社会信用代码统一",
        ],
    )
    def test_letters_that_look_like_digits_are_not_used(self, text):
        assert reason(text) == "characters"

    def test_the_last_character_checks_the_others(self):
        assert reason(SHENZHEN[:-1] + "H") == "checksum"

    @given(at=st.integers(0, 17), other=st.sampled_from(ALPHABET))
    def test_no_single_wrong_character_gets_through(self, at, other):
        wrong = SHENZHEN[:at] + other + SHENZHEN[at + 1 :]
        if wrong != SHENZHEN:
            assert reason(wrong) in {"checksum", "characters"}

    @given(at=st.integers(0, 16))
    def test_no_two_swapped_neighbours_get_through(self, at):
        swapped = SHENZHEN[:at] + SHENZHEN[at + 1] + SHENZHEN[at] + SHENZHEN[at + 2 :]
        if swapped != SHENZHEN:
            assert reason(swapped) in {"checksum", "characters"}

    @pytest.mark.parametrize("region", ["000000", "100001", "900000", "160000", "240101"])
    def test_its_province_exists(self, region):
        assert reason(code(region)) == "region"

    @given(st.text())
    def test_any_text_is_read_or_refused(self, text):
        with suppress(Invalid):
            check(text)


@pytest.mark.parametrize("head", ["11", "12", "51", "52", "91", "92", "93", "A1", "N2", "Y1"])
def test_every_department_that_registers_has_codes(head):
    assert check(code("210103", head)).region == "210103"


@pytest.mark.parametrize(
    "region,name",
    [
        ("210103", "辽宁省沈阳市沈河区"),
        ("210112", "辽宁省沈阳市浑南区"),
        ("210100", "辽宁省沈阳市"),
        ("210000", "辽宁省"),
        ("100000", "全国"),
        ("110105", "北京市朝阳区"),
        ("110100", "北京市"),
        ("440101", "广东省广州市"),
        ("441900", "广东省东莞市"),
        ("429004", "湖北省仙桃市"),
        ("659001", "新疆维吾尔自治区石河子市"),
        ("810000", "香港特别行政区"),
        ("820000", "澳门特别行政区"),
        ("320594", "江苏省苏州市"),
        ("310141", "上海市"),
    ],
)
def test_an_office_is_named_as_far_as_it_is_known(region, name):
    assert check(code(region)).region_name == name


class TestElsewhere:
    @pytest.mark.parametrize(
        "region",
        ["210103", "210100", "210000", "100000", "210101", "210194"],
    )
    def test_an_office_is_not_elsewhere_to_what_lies_in_its_district_or_city(self, region):
        assert not check(code(region), area="210103006012").elsewhere

    @pytest.mark.parametrize("region", ["210102", "210200", "220000", "310141", "320594"])
    def test_another_district_is_elsewhere_and_no_error(self, region):
        assert check(code(region), area="210103006012").elsewhere

    @pytest.mark.parametrize(
        "area,elsewhere",
        [
            ("", False),
            ("21", False),
            ("2101", False),
            ("210103", False),
            ("210103006", False),
            ("210103000000", False),
            ("210103006012001", False),
            ("210102000000", True),
            ("2102", True),
            ("110000000000", True),
        ],
    )
    def test_the_area_may_be_of_any_level(self, area, elsewhere):
        assert check(code("210103"), area=area).elsewhere is elsewhere

    @pytest.mark.parametrize("region", ["110100", "110101", "500000"])
    def test_a_municipality_registers_for_all_its_districts(self, region):
        area = f"{region[:2]}0101"
        assert not check(code(region), area=area).elsewhere

    def test_a_wrong_area_is_the_callers_mistake(self):
        with pytest.raises(Invalid, match="area_code_invalid"):
            check(SHENZHEN, area="44x")
