"""CSV files as offices hand them over."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import Invalid, NotFound
from geodata.exchange import read_merchants
from geodata.exchange.textfile import decode

HEADER = "名称,类别,经度,纬度"
ROW = "泉富诊所,诊所,123.45,41.79"
FILE = f"{HEADER}\r\n{ROW}\r\n"


@pytest.mark.parametrize(
    "data, encoding",
    [
        (FILE.encode(), "utf-8"),
        (codecs.BOM_UTF8 + FILE.encode(), "utf-8-sig"),
        (FILE.encode("gb18030"), "gb18030"),
        (FILE.replace(",", "\t").encode("utf-16"), "utf-16"),
    ],
)
def test_the_encoding_is_recognised_and_told(read, data, encoding):
    frame, report = read(data)

    assert frame["name"].tolist() == ["泉富诊所"]
    assert report.source.encoding == encoding
    assert report.source.columns["name"] == ("名称",)


@pytest.mark.parametrize(
    "data",
    [
        FILE.encode() + "é".encode("latin-1"),
        "Café;crème\n".encode("latin-1"),
        FILE.encode("gb18030") + b"\xff",
        FILE.encode("gb18030") + b"\xaa\xa1",
    ],
)
def test_bytes_that_are_no_text_are_not_guessed_at(read, data):
    with pytest.raises(Invalid) as refused:
        read(data)

    assert refused.value.code == "encoding_unknown"


@given(
    st.text(alphabet=st.characters(codec="gb18030", exclude_categories=["Co", "Cn", "Cs", "Cc"]))
)
def test_what_is_valid_utf8_is_never_taken_for_gb18030(text):
    assert decode(text.encode(), "a.csv")[0] == text.removeprefix("\ufeff")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_recognised(read, delimiter):
    frame, _ = read(FILE.replace(",", delimiter))

    assert frame["name"].tolist() == ["泉富诊所"]


def test_a_title_above_the_header_and_blank_rows_keep_the_numbers_true(read):
    frame, report = read(f"万莲街道商户登记表\n\n{HEADER}\n{ROW}\n\n,,,\n店二,超市,123.46,41.79\n")

    assert frame["row"].tolist() == [4, 7]
    assert report.rows == 2


def test_a_cell_of_several_lines_is_one_row(read):
    frame, _ = read(f'{HEADER},备注\n甲,诊所,123.4,41.7,"一\r\n二"\n乙,诊所,123.5,41.7,\n')

    assert frame["row"].tolist() == [2, 3]
    assert frame["note"].tolist() == ["一\n二", ""]


def test_a_row_with_a_comma_too_many_is_not_misread(read):
    frame, report = read(f"{HEADER},地址\n甲,诊所,123.4,41.7,泉园一路,3号\n")

    assert frame.empty
    assert [(p.row, p.reason) for p in report.problems] == [(2, "too_many_cells")]


def test_a_short_row_lacks_what_it_lacks(read):
    _, report = read(f"{HEADER}\n甲,诊所,123.4\n")

    assert [(p.row, p.field, p.reason) for p in report.problems] == [(2, "lat", "missing")]


@pytest.mark.parametrize(
    "data, code",
    [
        (b"", "file_empty"),
        (b" \n\n", "file_empty"),
        (b'""\n,,\n', "file_empty"),
        ("苹果,梨\n1,2\n", "no_header"),
        ("名称,价格\n甲,2\n", "column_missing"),
        (f'{HEADER}\n"甲,诊所,123.4,41.7\n乙,诊所,123.4,41.7\n', "quote_unclosed"),
        (f"{HEADER}\n" + "," * 300 + "x\n", "too_many_columns"),
        (f"{HEADER}\n\x00", "file_unreadable"),
        (b"PK\x03\x04 a workbook", "file_unreadable"),
        (f"{HEADER}\n" + "x" * 8_000_001, "cell_too_large"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_as_a_whole(read, data, code):
    with pytest.raises(Invalid) as refused:
        read(data)

    assert refused.value.code == code


def test_what_was_found_in_place_of_a_missing_column_is_told(read):
    with pytest.raises(Invalid) as refused:
        read("名称,价格,经度\n甲,2,3\n")

    assert refused.value.details == {
        "columns": ["category", "lat"],
        "found": ["名称", "价格", "经度"],
    }


def test_only_headings_and_no_rows_is_a_file_with_no_rows(read):
    frame, report = read(f"{HEADER}\n")

    assert len(frame) == report.rows == 0
    assert frame.crs == "EPSG:4326"


@pytest.mark.parametrize(
    "path",
    [
        "/vsicurl/http://127.0.0.1:9/a.csv",
        "http://127.0.0.1:9/a.csv",
        "/vsizip/a.zip/a.csv",
        "missing.csv",
        "a\x00.csv",
    ],
)
def test_only_local_files_are_files(categories, path):
    with pytest.raises(NotFound) as refused:
        read_merchants(path, categories=categories)

    assert refused.value.code == "file_missing"


def test_a_folder_is_no_file(read, tmp_path):
    with pytest.raises(NotFound):
        read(tmp_path)


@pytest.mark.parametrize("name", ["a.xls", "a.vrt", "a.gml", "a.zip", "a.kmz", "a"])
def test_other_formats_are_refused_by_name(read, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(FILE.encode())
    with pytest.raises(Invalid) as refused:
        read(path)

    assert refused.value.code == "format_unknown"


def test_a_large_file_is_refused_before_it_is_read(read, tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    with pytest.raises(Invalid) as refused:
        read(path)

    assert refused.value.code == "file_too_large"


@pytest.mark.parametrize("name", ["a?b.csv", "商户!.zip.csv", "a b#c.csv", "zip:a.csv"])
def test_a_name_is_only_a_name(read, tmp_path, name):
    path = tmp_path / name
    path.write_text(FILE, encoding="utf-8")

    assert len(read(path).frame) == 1


def test_progress_ends_with_all_rows(read):
    seen: list[tuple[int, int]] = []
    read(FILE, progress=lambda done, rows: seen.append((done, rows)))

    assert seen[0] == (0, 1)
    assert seen[-1] == (1, 1)
    assert seen == sorted(seen)


def test_the_same_bytes_give_the_same_frame(read):
    first, second = read(FILE), read(FILE)

    assert first.frame.equals(second.frame)
    assert first.report == second.report
