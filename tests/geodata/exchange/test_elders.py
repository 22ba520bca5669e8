"""Elders living alone out of an office's table, and a report that gives none of them away."""

import csv

import openpyxl
import pytest

from geodata import exchange
from geodata.errors import Invalid


def written(tmp_path, *lines, name="elders.csv"):
    path = tmp_path / name
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(lines)
    return path


def test_a_table_of_an_office_is_read(tmp_path):
    path = written(
        tmp_path,
        ["泉富社区独居老人名册"],
        ["序号", "楼栋", "姓名", "门牌号", "联系电话1", "联系电话2", "备注"],
        ["1", "2号楼", " 王秀英\u3000", "2单元301", "13987650123", "024-23456789", "耳背"],
        ["2", "3号楼", "李　明", "", "", "", ""],
    )
    found = exchange.read_elders(path)
    assert found.rows == [
        {
            "row": 3,
            "home": "2号楼",
            "name": "王秀英",
            "address": "2单元301",
            "phone": "13987650123;024-23456789",
            "note": "耳背",
        },
        {"row": 4, "home": "3号楼", "name": "李　明", "address": "", "phone": "", "note": ""},
    ]
    assert (found.report.rows, found.report.bad) == (2, 0)


def test_a_workbook_is_read_too(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["楼栋编号", "老人姓名"])
    book.active.append(["7K3M9QX2WD", "王秀英"])
    book.save(tmp_path / "elders.xlsx")
    (row,) = exchange.read_elders(tmp_path / "elders.xlsx").rows
    assert (row["home"], row["name"]) == ("7K3M9QX2WD", "王秀英")


def test_a_report_tells_the_row_and_never_what_stands_there(tmp_path):
    path = written(
        tmp_path,
        ["楼栋", "姓名", "电话", "备注"],
        ["2号楼", "", "13987650123", ""],
        ["", "王秀英", "", ""],
        ["2号楼", "王秀英" * 100, "", ""],
        ["2号楼", "王秀英", "找她女儿", "长" * 2001],
    )
    found = exchange.read_elders(path)
    assert found.rows == []
    assert [(one.row, one.field, one.reason) for one in found.report.problems] == [
        (3, "home", "missing"),
        (2, "name", "missing"),
        (4, "name", "too_long"),
        (5, "phones", "phone_unreadable"),
        (5, "note", "too_long"),
    ]
    assert {one.value for one in found.report.problems} == {""}


def test_what_cannot_be_such_a_table_is_refused(tmp_path):
    with pytest.raises(Invalid, match="column_missing") as refused:
        exchange.read_elders(written(tmp_path, ["姓名", "电话"], ["王秀英", "1"]))
    assert refused.value.details["columns"] == ["home"]
    with pytest.raises(Invalid, match="no_header"):
        exchange.read_elders(written(tmp_path, ["王秀英", "李明"]))
    (tmp_path / "elders.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(Invalid, match="format_unknown"):
        exchange.read_elders(tmp_path / "elders.geojson")
