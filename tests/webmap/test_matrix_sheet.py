"""The matrix as a page shows it."""

from webmap.matrix_sheet import SHADES, sheet

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
        "totals": {"counts": {"clinic": 3, "repair": 20}, "residents": None},
    }


def area(code="210103006012", *, residents=None, **counts):
    return {"code": code, "name": code, "residents": residents, "counts": counts}


def texts(row):
    return [cell.text for cell in row.cells]


def test_a_category_without_a_place_is_a_zero_and_a_hidden_one_is_left_out():
    shown = sheet(table(area(clinic=2)), CATEGORIES)

    assert texts(shown.rows[0]) == ["2", "0"]


def test_the_most_of_a_category_is_darkest_and_none_is_not_shaded():
    shown = sheet(table(area(repair=12), area(repair=1), area(repair=0)), CATEGORIES)

    assert [row.cells[1].shade for row in shown.rows] == [SHADES, 1, 0]


def test_the_highest_per_1000_stays_on_the_scale_whatever_it_is_divided_by():
    # 6 * 0.2 / 0.2 is a little more than 6.
    shown = sheet(table(area(clinic=1, residents=5000)), CATEGORIES, "per_1000")

    assert shown.rows[0].cells[0].text == "0.20"
    assert shown.rows[0].cells[0].shade == SHADES


def test_two_clinics_do_not_look_like_plenty():
    assert sheet(table(area(clinic=2)), CATEGORIES).rows[0].cells[0].shade == 2


def test_an_area_without_known_residents_has_a_dash_per_1000():
    shown = sheet(table(area(clinic=2, residents=4000), area(clinic=2)), CATEGORIES, "per_1000")

    assert [texts(row)[0] for row in shown.rows] == ["0.50", "–"]
    assert shown.rows[1].residents == "–"


def test_per_1000_is_offered_only_where_residents_are_known():
    assert not sheet(table(area(clinic=1)), CATEGORIES).can_read_per_1000
    assert sheet(table(area(clinic=1, residents=10)), CATEGORIES).can_read_per_1000


def test_a_grid_cannot_be_opened_deeper():
    shown = sheet(table(area(), area("210103006012001")), CATEGORIES)

    assert [row.deeper for row in shown.rows] == [True, False]


def test_an_empty_table_has_totals_and_no_rows():
    shown = sheet(table(), CATEGORIES)

    assert shown.rows == ()
    assert texts(shown.totals) == ["3", "20"]
