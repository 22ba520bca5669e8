"""The matrix as a page shows it."""

import math

import pytest

from geodata.matrix import Reading
from webmap.matrix_sheet import SHADES, Order, legend, sheet

CATEGORIES = [
    {"id": "clinic", "name": "诊所", "hidden": False},
    {"id": "repair", "name": "维修", "hidden": False},
    {"id": "secret", "name": "隐藏", "hidden": True},
]


def table(*areas):
    return {
        "level": "community",
        "parent": "210103006000",
        "areas": list(areas),
        "totals": {"values": {"clinic": 3, "repair": 20}, "residents": None},
    }


def area(code="210103006012", *, residents=None, homes=1, households=None, clinic=0, repair=0):
    return {
        "code": code,
        "name": code,
        "residents": residents,
        "homes": homes,
        "households": households,
        "values": {"clinic": clinic, "repair": repair},
    }


def texts(row):
    return [cell.text for cell in row.cells]


def read(reading, *values):
    shown = sheet(table(*(area(clinic=value) for value in values)), CATEGORIES, reading)
    return [(row.cells[0].text, row.cells[0].shade) for row in shown.rows]


def test_a_category_without_a_place_is_a_zero_and_a_hidden_one_is_left_out():
    shown = sheet(table(area(clinic=2)), CATEGORIES)

    assert texts(shown.rows[0]) == ["2", "0"]


def test_the_most_of_a_category_is_darkest_and_none_is_not_shaded():
    shown = sheet(table(area(repair=12), area(repair=1), area(repair=0)), CATEGORIES)

    assert [row.cells[1].shade for row in shown.rows] == [SHADES, 1, 0]


def test_the_highest_per_1000_stays_on_the_scale_whatever_it_is_divided_by():
    # 6 * 0.2 / 0.2 is a little more than 6.
    assert read(Reading.PER_1000, 0.2) == [("0.20", SHADES)]


def test_two_clinics_do_not_look_like_plenty():
    assert read(Reading.COUNT, 2) == [("2", 2)]


def test_what_cannot_be_told_is_a_dash_without_a_shade():
    assert read(Reading.PER_1000, 0.5, None, math.nan) == [("0.50", SHADES), ("–", 0), ("–", 0)]


def test_the_shorter_the_walk_the_darker_and_minutes_are_rounded_up():
    told = read(Reading.MEDIAN, 0.2, 5, 5.01, 30, 30.5, math.inf)

    assert [text for text, _shade in told] == ["1", "5", "6", "30", "31", "过半走不到"]
    assert [shade for _text, shade in told] == [6, 6, 5, 1, 0, 0]


def test_a_little_is_more_than_nothing():
    told = read(Reading.SCORE, 0, 0.004, 0.005, 0.6)

    assert told == [("0", 0), ("<0.01", 1), ("0.01", 1), ("0.60", SHADES)]


def test_no_household_is_rounded_away():
    told = read(Reading.SHARE, 0, 0.001, 0.2, 0.21, 0.999, 1)

    assert [text for text, _shade in told] == ["0%", "<1%", "20%", "21%", ">99%", "100%"]
    assert [shade for _text, shade in told] == [0, 1, 1, 2, 5, 6]


@pytest.mark.parametrize("reading", list(Reading))
def test_the_legend_tells_every_shade_once_the_best_first(reading):
    assert [shade for shade, _words in legend(reading)] == [6, 5, 4, 3, 2, 1, 0]


def test_an_area_without_homes_says_so_where_people_are_weighed():
    shown = sheet(table(area(homes=0)), CATEGORIES, Reading.SHARE)

    assert shown.rows[0].people == "没有住户"
    assert sheet(table(area(homes=0, residents=7)), CATEGORIES).rows[0].people == "7"


def test_that_nothing_is_known_is_told_only_where_not_one_value_is():
    unknown = area(clinic=None, repair=math.nan)

    assert sheet(table(unknown), CATEGORIES, Reading.PER_1000).nobody_known
    assert not sheet(table(unknown, area()), CATEGORIES, Reading.PER_1000).nobody_known


def test_a_grid_cannot_be_opened_deeper():
    shown = sheet(table(area(), area("210103006012001")), CATEGORIES)

    assert [row.deeper for row in shown.rows] == [True, False]


def test_an_empty_table_has_totals_and_no_rows():
    shown = sheet(table(), CATEGORIES)

    assert shown.rows == ()
    assert texts(shown.totals) == ["3", "20"]


class TestOrder:
    @pytest.mark.parametrize(
        "by, up, order",
        [
            ("", False, "123"),
            ("name", True, "123"),
            ("name", False, "321"),
            ("clinic", False, "213"),
            ("clinic", True, "123"),
            ("people", False, "132"),
            ("people", True, "312"),
        ],
    )
    def test_rows_are_sorted_by_any_column_and_the_unknown_come_last(self, by, up, order):
        told = table(
            area("1", clinic=1, residents=30),
            area("2", clinic=4, residents=None),
            area("3", clinic=None, residents=20),
        )

        shown = sheet(told, CATEGORIES, Reading.COUNT, Order(by, up=up))

        # Of people the second is not known, of clinics the third.
        assert [row.code for row in shown.rows] == list(order)

    def test_a_sum_is_sorted_by_what_it_adds_up(self):
        told = table(area("1", clinic=1, repair=9), area("2", clinic=4, repair=0))

        shown = sheet(told, CATEGORIES, Reading.COUNT, Order("total"))

        assert [(row.code, row.total) for row in shown.rows] == [("1", "10"), ("2", "4")]
