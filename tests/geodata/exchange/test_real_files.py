"""The files that real offices would hand over."""

import openpyxl
import pytest
import shapely

from geodata import exchange
from geodata.datum import Datum
from geodata.exchange import suspect_datum


@pytest.fixture
def stores(shared_data):
    return shared_data / "merchants" / "shenyang_stores_bd09.csv"


@pytest.fixture
def districts(shared_data):
    path = shared_data / "boundaries" / "shenyang_districts_gcj02.geojson"
    frame, report = exchange.read_areas(path, datum=Datum.GCJ02)
    assert report.problems == []
    return frame


def test_all_stores_come_in(read, stores):
    frame, report = read(stores, datum=Datum.BD09)

    assert (report.rows, report.good, report.problems) == (63, 63, [])
    assert frame["row"].tolist() == list(range(2, 65))
    assert report.source.encoding == "utf-8-sig"


def test_the_same_stores_come_in_from_every_encoding_and_from_a_workbook(read, stores, tmp_path):
    expected, _ = read(stores, datum=Datum.BD09)
    text = stores.read_text(encoding="utf-8-sig")
    for encoding in ("utf-8", "gb18030", "utf-16"):
        frame, _ = read(text.encode(encoding), datum=Datum.BD09)
        assert frame.equals(expected)
    workbook = openpyxl.Workbook()
    for line in text.splitlines():
        cells = line.split(",") if line.count(",") == 4 else None
        if cells:
            numbers = [float(cell) if cell[:1].isdigit() else cell for cell in cells[3:]]
            workbook.active.append([*cells[:3], *numbers])
    workbook.save(tmp_path / "stores.xlsx")
    frame, _ = read(tmp_path / "stores.xlsx", datum=Datum.BD09)
    assert set(frame["name"]) <= set(expected["name"])
    assert set(frame["source_lon"]) <= set(expected["source_lon"])
    assert len(frame) > 50


def test_districts_have_the_official_codes(districts):
    assert districts.set_index("name").loc["沈河区", "code"] == "210103000000"
    assert districts.set_index("name").loc["沈阳市", "level"] == "city"
    assert districts.is_valid.all()


def test_stores_lie_in_the_districts_of_their_addresses(read, stores, districts):
    frame, _ = read(stores, datum=Datum.BD09)
    outside = []
    for district in districts[districts["level"] == "district"].itertuples():
        named = frame[frame["address"].str.contains(district.name)]
        inside = shapely.contains(district.geometry, named.geometry)
        outside += named.loc[~inside, "address"].tolist()

    # This one stands on the other side of the boundary, in the file itself.
    assert outside == ["沈阳市铁西区沈辽路1号"]


@pytest.mark.parametrize("told", [Datum.WGS84, Datum.GCJ02])
def test_a_wrong_datum_is_noticed(read, stores, districts, told):
    frame, _ = read(stores, datum=told)

    found = suspect_datum(frame, districts)

    assert found is not None
    assert found.better is Datum.BD09
    assert list(found.agreeing.values()) == sorted(found.agreeing.values())


def test_the_right_datum_is_left_in_peace(read, stores, districts):
    frame, _ = read(stores, datum=Datum.BD09)

    assert suspect_datum(frame, districts) is None
