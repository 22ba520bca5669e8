"""The account of an import, for a program and for a person."""

import csv

import openpyxl
import orjson
import pytest

from geodata import exchange
from geodata.datum import Datum
from geodata.errors import Invalid
from geodata.exchange.report import COLUMNS

FILE = (
    "名称,类别,经度(百度),纬度(百度),价格\n"
    "=cmd(),药房店,123.4,41.7,1\n甲,诊所,123.4,41.7,1\n,诊所,41.7,123.4,1\n"
)


@pytest.fixture
def report(read):
    return read(FILE, datum=Datum.GCJ02).report


def tell(problem):
    return f"{problem.reason}!", f"{problem.mend} {problem.hint}".strip()


def test_problems_are_a_table_in_the_order_of_the_rows(report):
    frame = report.to_frame()

    assert tuple(frame.columns) == COLUMNS
    assert frame["row"].tolist() == sorted(frame["row"])
    assert frame[["row", "severity", "reason"]].to_numpy().tolist() == [
        [0, "warning", "heading_unknown"],
        [0, "warning", "datum_differs"],
        [2, "error", "category_unknown"],
        [4, "error", "missing"],
        [4, "error", "lon_lat_swapped"],
    ]


def test_no_problems_are_an_empty_table(read):
    frame = read("名称,类别,经度,纬度\n").report.to_frame()

    assert tuple(frame.columns) == COLUMNS
    assert frame.empty


def test_what_was_understood_is_told(report):
    assert report.source.columns["lon"] == ("经度(百度)",)
    assert report.source.ignored == ("价格",)
    assert (report.rows, report.good, report.bad) == (3, 1, 2)


def test_a_csv_of_it_has_the_words_of_the_caller_and_no_formula(report, tmp_path):
    exchange.write_report(report, tmp_path / "report.csv", tell=tell)

    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[0] == ["行号", "程度", "栏目", "原值", "问题", "如何改正"]
    assert lines[1][1:] == ["提醒", "", "价格", "heading_unknown!", "choose_column"]
    assert lines[2][1:] == ["提醒", "坐标系", "gcj02", "datum_differs!", "check_datum bd09"]
    assert not any(cell.startswith("=") for line in lines for cell in line)


def test_a_workbook_of_it_opens(report, tmp_path):
    exchange.write_report(report, tmp_path / "report.xlsx", tell=tell, language="en")

    sheet = openpyxl.load_workbook(tmp_path / "report.xlsx").active
    assert [cell.value for cell in sheet[1]] == [
        "row",
        "severity",
        "field",
        "value",
        "reason",
        "mend",
    ]
    assert sheet.cell(2, 1).value == 0


def test_json_of_it_has_codes_and_words(report, tmp_path):
    exchange.write_report(report, tmp_path / "report.json", tell=tell)

    found = orjson.loads((tmp_path / "report.json").read_bytes())
    assert (found["rows"], found["good"], found["bad"]) == (3, 1, 2)
    assert found["source"]["datum"] == "gcj02"
    assert found["problems"][2]["reason"] == "category_unknown"
    assert found["problems"][2]["what"] == "category_unknown!"


@pytest.mark.parametrize("name", ["report.kml", "report.pdf", "report"])
def test_other_formats_are_refused(report, tmp_path, name):
    with pytest.raises(Invalid) as refused:
        exchange.write_report(report, tmp_path / name, tell=tell)

    assert refused.value.code == "format_unknown"
