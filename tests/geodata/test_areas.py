"""The division tree: which area holds a point, and what an import does to places."""

import numpy as np
import pytest

from geodata import areas, exchange, homes, matrix, merchants
from geodata.categories import listed
from geodata.datum import Datum
from geodata.errors import Forbidden, Invalid, NotFound
from geodata.matrix import Asked
from geodata.policy import RESIDENT
from tests.factories import ADMIN, CENTRE, WORKER, areas_frame, entry, homes_frame, square

DISTRICT, STREET, COMMUNITY = "210103000000", "210103006000", "210103006012"
GRID = COMMUNITY + "001"
LON, LAT = CENTRE


@pytest.fixture
def nested(store):
    rows = [
        (DISTRICT, "沈河区", square(LON, LAT, 0.04)),
        (STREET, "万莲街道", square(LON, LAT, 0.03)),
        (COMMUNITY, "泉富社区", square(LON, LAT, 0.02)),
        (GRID, "第一网格", square(LON, LAT, 0.01)),
    ]
    with store.writing() as tx:
        areas.merge(tx, areas_frame(*rows, residents=1000), actor=ADMIN)
    return store


class TestContaining:
    def test_the_deepest_area_wins(self, nested):
        lon = [LON, LON + 0.015, LON + 0.025, LON + 0.035, LON + 0.05]
        with nested.reading() as tx:
            found = areas.containing(tx, lon, [LAT] * 5)
        assert found == [GRID, COMMUNITY, STREET, DISTRICT, ""]

    def test_a_border_belongs_to_one_area_always_the_same(self, store):
        rows = [
            (COMMUNITY, "东", square(LON + 0.01, LAT)),
            ("210103006011", "西", square(LON - 0.01, LAT)),
        ]
        with store.writing() as tx:
            areas.merge(tx, areas_frame(*rows), actor=ADMIN)
            assert areas.containing(tx, LON, LAT) == ["210103006011"]

    def test_a_missing_coordinate_lies_nowhere(self, nested):
        with nested.reading() as tx:
            assert areas.containing(tx, [np.nan], [LAT]) == [""]

    def test_an_empty_store_holds_nothing(self, store):
        with store.reading() as tx:
            assert areas.containing(tx, [LON], [LAT]) == [""]


class TestMerging:
    def test_places_are_put_into_their_areas_again(self, store):
        with store.writing() as tx:
            merchant_id = merchants.add(tx, entry(), actor=ADMIN)
            homes.merge(tx, homes_frame({"name": "1号楼"}), actor=ADMIN)
        with store.writing() as tx:
            done = areas.merge(
                tx, areas_frame((COMMUNITY, "泉富社区", square(LON, LAT))), actor=ADMIN
            )
        with store.reading() as tx:
            assert merchants.get(tx, merchant_id)["area"] == COMMUNITY
            assert homes.frame(tx, actor=ADMIN)["area"].tolist() == [COMMUNITY]
        assert (done.added, done.moved) == (1, 2)

    def test_the_same_areas_twice_change_nothing(self, nested):
        before = nested.revision()
        with nested.writing() as tx:
            done = areas.merge(
                tx, areas_frame((GRID, "第一网格", square(LON, LAT, 0.01))), actor=ADMIN
            )
        assert (done.unchanged, nested.revision()) == (1, before)

    def test_only_administrators_draw_borders(self, store):
        with pytest.raises(Forbidden), store.writing() as tx:
            areas.merge(tx, areas_frame((COMMUNITY, "泉富社区", square(LON, LAT))), actor=WORKER)


class TestPaths:
    def test_a_path_goes_from_the_outermost_inwards(self, nested):
        with nested.reading() as tx:
            assert [row["name"] for row in areas.path(tx, GRID)] == [
                "沈河区",
                "万莲街道",
                "泉富社区",
                "第一网格",
            ]

    def test_no_area_has_no_path(self, nested):
        with nested.reading() as tx:
            assert areas.path(tx, "") == []

    def test_an_unknown_level_is_refused(self, nested):
        with nested.reading() as tx, pytest.raises(Invalid, match="level_unknown"):
            areas.listed(tx, level="planet")


class TestMatrix:
    def test_counts_sum_up_the_tree(self, nested):
        with nested.writing() as tx:
            for shift, category in ((0, "clinic"), (0.015, "clinic"), (0.025, "repair")):
                merchants.add(tx, entry(category=category, lon=LON + shift), actor=ADMIN)
        with nested.reading() as tx:
            for level, clinics, repairs in (
                ("district", 2, 1),
                ("street", 2, 1),
                ("community", 2, 0),
                ("grid", 1, 0),
            ):
                table = matrix.read(tx, None, Asked(level=level))
                assert table[["clinic", "repair"]].to_numpy().tolist() == [[clinics, repairs]]
                assert table["residents"].tolist() == [1000]

    def test_the_columns_are_the_legend(self, nested):
        with nested.reading() as tx:
            legend = [category.id for category in listed(tx)]
            assert matrix.categories_of(matrix.read(tx, None, Asked(level="grid"))) == legend

    def test_no_merchant_is_lost_that_lies_in_none_of_the_areas(self, nested):
        with nested.writing() as tx:
            for shift in (0, 0.015, 0.5):
                merchants.add(tx, entry(lon=LON + shift), actor=ADMIN)
        with nested.reading() as tx:
            for level, inside, outside in (("district", 2, 1), ("grid", 1, 2)):
                table = matrix.read(tx, None, Asked(level=level))
                assert table["shopping"].sum() == inside
                assert table.attrs["elsewhere"]["shopping"] == outside
            table = matrix.read(tx, None, Asked(level="grid", parent=COMMUNITY))
            assert table.attrs["elsewhere"]["shopping"] == 1

    def test_a_parent_that_is_no_wider_than_the_level_is_refused(self, nested):
        with nested.reading() as tx:
            with pytest.raises(Invalid, match="level_not_inside"):
                matrix.read(tx, None, Asked(level="street", parent=COMMUNITY))
            with pytest.raises(NotFound, match="area_not_found"):
                matrix.read(tx, None, Asked(level="grid", parent="210106001001"))


class TestHomes:
    def test_numbers_of_people_are_for_staff(self, nested):
        with nested.reading() as tx, pytest.raises(Forbidden):
            homes.frame(tx, actor=RESIDENT)

    def test_the_same_homes_twice_change_nothing(self, nested):
        frame = homes_frame(
            {"name": "1号楼", "households": 36, "elders_alone": 2}, {"name": "2号楼"}
        )
        with nested.writing() as tx:
            assert homes.merge(tx, frame, actor=WORKER).added == 2
        with nested.writing() as tx:
            assert homes.merge(tx, frame, actor=WORKER).unchanged == 2
        with nested.reading() as tx:
            table = homes.frame(tx, actor=WORKER, area="210103006")
        assert table["households"].tolist()[0] == 36


def test_real_stores_fall_into_the_districts_that_their_addresses_name(store, shared_data):
    boundaries = exchange.read_areas(
        shared_data / "boundaries/shenyang_districts_gcj02.geojson", datum=Datum.GCJ02
    )
    with store.writing() as tx:
        areas.merge(tx, boundaries.frame, actor=ADMIN)
        known = listed(tx)
    stores = exchange.read_merchants(
        shared_data / "merchants/shenyang_stores_bd09.csv", categories=known, datum=Datum.BD09
    )
    with store.writing() as tx:
        assert merchants.merge(tx, stores.frame, actor=ADMIN).added == 63
    with store.reading() as tx:
        table = merchants.frame(tx)
        names = {row["code"]: row["name"] for row in areas.listed(tx, level="district")}
    named = {
        address: next((n for n in names.values() if n in address), None)
        for address in table["address"]
    }
    judged = [
        (names.get(code), named[address])
        for code, address in zip(table["area"], table["address"], strict=True)
        if named[address]
    ]
    wrong = [pair for pair in judged if pair[0] != pair[1]]
    assert len(judged) == 38
    assert len(wrong) <= 1, wrong
