"""How a file would be understood is told before its rows are read, and can be mended."""

import pytest

from geodata import exchange
from geodata.datum import Datum
from geodata.errors import Invalid
from geodata.exchange import Kind, look

NONSENSE = "甲,乙,丙,丁\n泉富便民超市,购物,123.47,41.775\n,,,\n万莲诊所,诊所,123.48,41.776\n"


@pytest.fixture
def file(tmp_path):
    def written(text, name="shops.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_headings_values_and_what_they_were_taken_for_are_told(file):
    told = look(
        file("店名,经营类别,经度(百度),纬度(百度),价格\n甲,购物,123,41,\n乙,购物,124,42,9\n"),
        Kind.MERCHANTS,
    )

    assert told.headings == ("店名", "经营类别", "经度(百度)", "纬度(百度)", "价格")
    assert told.samples == (("甲", "乙"), ("购物",), ("123", "124"), ("41", "42"), ("9",))
    assert told.seen.columns == {"name": (0,), "category": (1,), "lon": (2,), "lat": (3,)}
    assert (told.seen.datum, told.seen.ignored) == (Datum.BD09, (4,))
    assert (told.rows, told.format, told.encoding, told.shapes) == (2, "csv", "utf-8", False)


def test_columns_nobody_understands_are_shown_and_can_be_told(file, read):
    path = file(NONSENSE)
    told = look(path, Kind.MERCHANTS)
    assert told.headings == ("甲", "乙", "丙", "丁")
    assert told.seen.missing == ("name", "category", "lon", "lat")

    chosen = {"name": 0, "category": 1, "lon": 2, "lat": 3}
    frame, report = read(path, columns=chosen)

    assert frame["name"].tolist() == ["泉富便民超市", "万莲诊所"]
    assert frame["row"].tolist() == [2, 4]
    assert report.source.columns["name"] == ("甲",)
    with pytest.raises(Invalid, match="no_header"):
        read(path)


def test_a_title_above_the_headings_is_passed_over_both_times(file, read):
    path = file('泉富社区商户表,,,\n名称,名称,类别,坐标\n一,二,购物,"123.47,41.775"\n')
    assert look(path, Kind.MERCHANTS).headings == ("名称", "名称", "类别", "坐标")

    frame, _ = read(path, columns={"name": 1})

    assert frame["name"].tolist() == ["二"]


def test_a_sheet_can_be_asked_for(book):
    path = book(说明=[["请看"]], 商户=[["名称", "类别", "经度", "纬度"], ["甲", "购物", 123, 41]])

    told = look(path, Kind.MERCHANTS)
    assert (told.sheet, told.sheets) == ("商户", ("说明", "商户"))
    assert look(path, Kind.MERCHANTS, sheet="说明").headings == ("请看",)


def test_a_column_of_which_every_cell_names_a_datum_is_told(file):
    told = look(file("名称,坐标系,备注\n甲,百度,\n乙,GCJ-02,高德\n"), Kind.MERCHANTS)
    assert told.naming == (1,)


def test_the_places_of_a_table_are_a_sample_to_weigh_datums_by(file):
    rows = "".join(f"店{at},购物,沈河区,123.47,41.7{at:04}\n" for at in range(2500))
    table = f"名称,类别,地址,经度,纬度\n坏店,购物,,东,西\n{rows}"
    places = look(file(table), Kind.MERCHANTS).places
    assert 1200 < len(places) < 1300
    assert (places.columns[0], places["address"].iloc[0]) == ("row", "沈河区")

    unread = file(table.replace("经度", "东"))
    assert look(unread, Kind.MERCHANTS).places.empty
    chosen = {"name": 0, "category": 1, "address": 2, "lon": 3, "lat": 4}
    assert len(look(unread, Kind.MERCHANTS, columns=chosen).places) == len(places)


def test_features_need_no_column_of_positions(file):
    path = file(
        '{"type":"Feature","geometry":{"type":"Point","coordinates":[123.4,41.7]},'
        '"properties":{"name":"甲","category":"购物"}}',
        "shops.geojson",
    )
    told = look(path, Kind.MERCHANTS)
    assert (told.shapes, told.seen.missing, told.rows) == (True, (), 1)
    assert (told.pinned, told.places.empty) == (True, True)


def test_long_values_are_cut(file):
    told = look(file(f"名称\n{'长' * 500}\n"), Kind.MERCHANTS)
    assert len(told.samples[0][0]) == 80


@pytest.mark.parametrize("text, code", [("", "file_empty"), ("\n\n", "file_empty")])
def test_nothing_is_told_as_nothing(file, text, code):
    with pytest.raises(Invalid, match=code):
        look(file(text), Kind.MERCHANTS)


def test_all_kinds_are_understood(file):
    path = file("代码,名称,边界\n210103,沈河区,\n")
    assert look(path, exchange.Kind.AREAS).seen.missing == ()
