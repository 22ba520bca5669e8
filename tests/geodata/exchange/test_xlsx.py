"""Workbooks as offices keep them, and as they come from other programs."""

import contextlib
import datetime as dt
import re
import zipfile

import openpyxl
import pytest
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from geodata.errors import Invalid

HEADER = ["名称", "类别", "经度", "纬度"]
ROW = ["泉富诊所", "诊所", 123.45, 41.79]


def rewritten(path, change):
    """Pass every part of a workbook through a function of its name and bytes."""
    target = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            copy.writestr(name, change(name, source.read(name)))
    return target


def shared(path):
    """Write a workbook that keeps its texts in a part of their own."""
    workbook = xlsxwriter.Workbook(path)
    sheet = workbook.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    sheet.write_row(1, 0, ROW)
    workbook.close()
    return path


def reasons(report):
    return [(problem.row, problem.field, problem.reason) for problem in report.problems]


def test_a_title_and_blank_rows_keep_the_numbers_true(read, book):
    path = book(
        商户=[
            [],
            ["万莲街道商户登记表"],
            [],
            HEADER,
            ROW,
            [],
            [None, None],
            [ROW[0], "超市", 123.4, 41],
        ]
    )

    frame, report = read(path)

    assert frame["row"].tolist() == [5, 8]
    assert report.source.sheet == "商户"


def test_a_merged_title_is_no_header(read, tmp_path):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet["A1"] = "名称一览"
    sheet.merge_cells("A1:D1")
    sheet.append(HEADER)
    sheet.append(ROW)
    workbook.save(tmp_path / "merged.xlsx")

    assert read(tmp_path / "merged.xlsx").frame["row"].tolist() == [3]


def test_numbers_come_as_people_see_them(read, book):
    path = book(a=[[*HEADER, "电话", "备注"], ["甲", "诊所", 123.3619643, 41.0, 13812345678, 12.0]])

    frame, report = read(path)

    row = frame.iloc[0]
    assert (row["source_lon"], row["source_lat"]) == (123.3619643, 41.0)
    assert (row["phones"], row["note"]) == ("13812345678", "12")
    assert report.problems == []


def test_a_long_number_keeps_all_its_digits(read, book):
    path = book(a=[[*HEADER, "备注"], [*ROW, 7]])
    long = rewritten(path, lambda _, data: data.replace(b"<v>7</v>", b"<v>912101030000000123</v>"))

    assert read(long).frame["note"].tolist() == ["912101030000000123"]


def test_dates_are_dates(read, book):
    path = book(a=[[*HEADER, "停业至"], [*ROW, dt.date(2026, 3, 1)]])

    assert read(path).frame["closed_until"].tolist() == ["2026-03-01"]


def test_a_formula_gives_its_value(read, tmp_path):
    path = tmp_path / "formula.xlsx"
    workbook = xlsxwriter.Workbook(path)
    sheet = workbook.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    sheet.write_row(1, 0, ROW[:2])
    sheet.write_formula("C2", "=123+0.45", None, 123.45)
    sheet.write_formula("D2", "=41+0.79", None, 41.79)
    workbook.close()

    assert read(path).frame["source_lon"].tolist() == [123.45]


def test_a_formula_that_was_never_calculated_is_told(read, book):
    path = book(a=[HEADER, ["甲", "诊所", "=123+0.45", 41.79], ["=A2", *ROW[1:]]])

    _, report = read(path)

    assert report.problems[0].reason == "formula_uncalculated"
    assert report.problems[0].hint == "2"
    assert reasons(report)[1:] == [(3, "name", "missing"), (2, "lon", "missing")]


def test_formatted_pieces_of_a_text_stay_together(read, tmp_path):
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(HEADER)
    sheet.append([CellRichText("泉富", TextBlock(InlineFont(b=True), "社区 "), "诊所"), *ROW[1:]])
    workbook.save(tmp_path / "rich.xlsx")

    assert read(tmp_path / "rich.xlsx").frame["name"].tolist() == ["泉富社区 诊所"]


def test_a_phonetic_hint_is_no_text(read, tmp_path):
    path = shared(tmp_path / "shared.xlsx")
    hint = '<t>泉富诊所</t><rPh sb="0" eb="4"><t>QUANFU</t></rPh>'.encode()

    changed = rewritten(path, lambda _, data: data.replace("<t>泉富诊所</t>".encode(), hint))

    assert read(changed).frame["name"].tolist() == ["泉富诊所"]


def test_xml_with_prefixes_is_the_same_xml(read, book):
    def prefixed(name, data):
        if not name.startswith("xl/") or not name.endswith(".xml"):
            return data
        return re.sub(rb"<(/?)(\w)", rb"<\1x:\2", data).replace(b" xmlns=", b" xmlns:x=", 1)

    path = rewritten(book(a=[HEADER, [], ROW]), prefixed)

    frame, _ = read(path)
    assert (frame["row"].tolist(), frame["name"].tolist()) == ([3], ["泉富诊所"])


def test_something_typed_far_below_loses_nothing(read, tmp_path):
    path = tmp_path / "far.xlsx"
    workbook = xlsxwriter.Workbook(path)
    sheet = workbook.add_worksheet()
    sheet.write_row(0, 0, [*HEADER, "停业至", "备注"])
    sheet.write_row(3, 0, ROW)
    date = workbook.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_datetime(3, 4, dt.datetime(2026, 3, 1), date)  # noqa: DTZ001 - a cell has none
    sheet.write_boolean(3, 5, boolean=True)
    sheet.write(60_000, 0, "x")
    workbook.close()

    frame, report = read(path)

    assert frame[["row", "name", "closed_until", "note"]].to_numpy().tolist() == [
        [4, "泉富诊所", "2026-03-01", "1"]
    ]
    assert (60_001, "lon", "missing") in reasons(report)


class TestSheets:
    def test_without_a_choice_the_first_with_a_header_is_read(self, read, book):
        path = book(说明=[["请如实填写"]], 空=[], 商户=[HEADER, ROW])

        _, report = read(path)

        assert (report.source.sheet, report.source.sheets) == ("商户", ("说明", "空", "商户"))

    @pytest.mark.parametrize("sheet", [3, "3", "二"])
    def test_a_sheet_is_chosen_by_number_or_name(self, read, book, sheet):
        path = book(一=[HEADER, ROW], 空=[], 二=[HEADER, ["乙", *ROW[1:]]])

        assert read(path, sheet=sheet).frame["name"].tolist() == ["乙"]

    @pytest.mark.parametrize("sheet", [0, 3, "三", "-1", ""])
    def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(self, read, book, sheet):
        with pytest.raises(Invalid) as refused:
            read(book(一=[HEADER], 二=[HEADER]), sheet=sheet)

        assert refused.value.code == "sheet_missing"
        assert refused.value.details["sheets"] == ["一", "二"]

    def test_an_empty_sheet_is_told(self, read, book):
        with pytest.raises(Invalid) as refused:
            read(book(一=[HEADER, ROW], 空=[]), sheet="空")

        assert refused.value.code == "file_empty"


class TestHostile:
    def refused(self, read, path):
        with pytest.raises(Invalid) as refused:
            read(path)
        return refused.value.code

    def test_a_bomb_is_refused_by_what_it_unpacks_to(self, read, book, monkeypatch):
        monkeypatch.setattr("geodata.exchange.workbook.MAX_UNPACKED_BYTES", 1_000_000)
        path = book(a=[HEADER])
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/bomb.xml", b" " * 2_000_000)

        assert self.refused(read, path) == "file_too_large"

    def test_a_sheet_of_too_many_columns_is_refused(self, read, book):
        assert self.refused(read, book(a=[HEADER, [None] * 300 + ["x"]])) == "too_many_columns"

    @pytest.mark.parametrize(
        "change",
        [
            lambda _, data: data.replace(b"<worksheet", b"<!DOCTYPE a []><worksheet"),
            lambda name, data: data.decode().encode("utf-16") if "sheet1" in name else data,
            lambda _, data: data[: len(data) // 2],
            lambda name, data: b"" if "workbook" in name else data,
        ],
    )
    def test_broken_or_odd_xml_is_refused(self, read, book, change):
        path = rewritten(book(a=[HEADER, ROW]), change)

        assert self.refused(read, path) in {"file_unreadable", "file_empty"}

    @pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"<html>", b"a,b\n"])
    def test_what_is_no_workbook_is_refused(self, read, tmp_path, start):
        path = tmp_path / "not.xlsx"
        path.write_bytes(start + b" nothing of the kind" * 100)

        assert self.refused(read, path) == "file_unreadable"

    @pytest.mark.parametrize(
        "part, piece",
        [
            ("worksheets/sheet1", b"<is>"),
            ("worksheets/sheet1", b"<x:is>"),
            ("worksheets/sheet1", b"<row "),
            ("worksheets/sheet1", b"<c "),
            ("worksheets/sheet1", b"<f "),
            ("sharedStrings", b"<rPh>"),
            ("sharedStrings", b"<x:rPh "),
        ],
    )
    @pytest.mark.parametrize("ends", [(b"", b""), (b"<![CDATA[", b"]]>"), (b"<!--", b"-->")])
    def test_tags_that_never_end_take_no_time(self, read, tmp_path, part, piece, ends):
        # So many that a search from each of them to the end would take an hour.
        many = ends[0] + piece * (1_000_000 // len(piece)) + ends[1]

        def burdened(name, data):
            if name != f"xl/{part}.xml":
                return data
            at = data.index(b"<row") if b"<row" in data else data.index(b"<si")
            return data[:at] + many + data[at:]

        path = rewritten(shared(tmp_path / "shared.xlsx"), burdened)

        if not ends[0]:
            assert self.refused(read, path) == "file_unreadable"
        else:  # GDAL gives up on some of these; what it reads is whole.
            with contextlib.suppress(Invalid):
                assert read(path).frame["name"].tolist() == [ROW[0]]

    def test_a_cell_of_endless_attributes_takes_no_time(self, read, book):
        path = book(a=[[*HEADER, "备注"], [*ROW, 7]])
        long = b'<c r="D2" x="%b"' % (b"a" * 500_000)

        def burdened(_, data):
            number = data.replace(b"<v>7</v>", b"<v>912101030000000123</v>")
            return number.replace(b'<c r="D2"', long)

        with contextlib.suppress(Invalid):
            assert read(rewritten(path, burdened)).frame["note"].tolist() == ["912101030000000123"]

    def test_strings_that_break_off_are_refused(self, read, tmp_path):
        def broken(name, data):
            return data.replace(b"</sst>", b"") if name == "xl/sharedStrings.xml" else data

        path = rewritten(shared(tmp_path / "shared.xlsx"), broken)

        assert self.refused(read, path) == "file_unreadable"

    def test_escapes_in_a_text_are_undone_once(self, read, tmp_path):
        path = tmp_path / "escapes.xlsx"
        workbook = xlsxwriter.Workbook(path)
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, [*HEADER, "备注"])
        sheet.write_row(1, 0, [*ROW, "_x0041_ a\rb"])
        workbook.close()

        assert read(path).frame["note"].tolist() == ["_x0041_ a\nb"]
