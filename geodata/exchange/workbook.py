"""XLSX workbooks: checked, one sheet taken out and smoothed, and read by GeoPandas."""

import lzma
import posixpath
import re
import zipfile
import zlib
from pathlib import Path
from xml.parsers import expat

import geopandas as gpd
import numpy as np

from geodata.errors import Invalid
from geodata.exchange import gdal
from geodata.exchange.headings import Choice
from geodata.exchange.report import Problem
from geodata.exchange.tables import (
    MAX_UNPACKED_BYTES,
    Grid,
    Texts,
    check_size,
    choose,
    frame_texts,
    header_score,
    quiet,
    texts,
)
from geodata.exchange.vocabulary import Kind

_MAX_PARTS = 10_000
_SHEETS_TRIED = 20
_CLEARLY_A_HEADER = 2
_CLEARLY_SEVERAL = 2
_GAP = 1000

# No search goes on past the next tag of its own kind, and none tries a split of the same
# bytes twice: of a file made to be slow, every byte is still read a few times only. That
# the XML is well-formed is not enough, for comments and CDATA hide tags without an end.
_ROW = re.compile(rb'<(\w+:)?row\b[^<>]*?\br="(\d{1,7})"')
_COLUMN = re.compile(rb'<(?:\w+:)?c\b[^<>]*?\br="([A-Z]{1,3})\d')
_PHONETIC = re.compile(rb"<(?:\w+:)?rPh\b[^<]*+(?:<(?!/?(?:\w+:)?rPh\b)[^<]*+)*+</(?:\w+:)?rPh>")
_INLINE = re.compile(rb"(<(?:\w+:)?is>)([^<]*+(?:<(?!/?(?:\w+:)?is>)[^<]*+)*+)(</(?:\w+:)?is>)")
_TEXT = re.compile(
    rb"<(?:\w+:)?t(?:\s[^<>]*+)?>([^<]*+(?:<(?!/?(?:\w+:)?t[\s>])[^<]*+)*+)</(?:\w+:)?t>"
)
_LONG = re.compile(rb"v>\d{16,}<")
_LONG_NUMBER = re.compile(
    rb'(<(?:\w+:)?c\b(?:(?!\st=)[^<>])*+)(?:\st="n")?+'
    rb"((?:(?!\st=)[^<>])*+>\s*+<(?:\w+:)?v>\d{16,}<)"
)
_UNCALCULATED = re.compile(
    rb"<(?:\w+:)?f\b[^<>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<v></v>|</)"
)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

# A workbook of one sheet: whatever GDAL is told, it takes the first row of every sheet
# but the first for headings, and it leaves empty sheets out of its count.
_OFFICE = "http://schemas.openxmlformats.org"
_RELATION = f"{_OFFICE}/officeDocument/2006/relationships"
_SHEET_ML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FRAME = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_OFFICE}/package/2006/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_ML}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_ML}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_ML}.styles+xml"/>'
        "</Types>"
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_OFFICE}/spreadsheetml/2006/main" xmlns:r="{_RELATION}">'
        '<sheets><sheet name="one" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_OFFICE}/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATION}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_RELATION}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId3" Type="{_RELATION}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>"
    ),
}


def read_xlsx(
    path: Path, kind: Kind, columns: Choice | None, sheet: int | str | None, folder: Path
) -> Grid:
    """Read one sheet of a workbook, every row of it, also blank ones.

    GDAL reads a smoothed copy in ``folder``: its own reader takes the phonetic hints
    of a cell for text, drops formatted pieces of inline text, rounds numbers of more
    than 15 digits, and gives up where something was typed thousands of rows further
    down. A sheet of which it returns too few rows is refused, never read in part.

    Parameters
    ----------
    sheet
        Number from 1, or name; None takes the first sheet that has a header.

    Raises
    ------
    Invalid
        ``file_unreadable`` with ``reason``; ``file_too_large`` with ``limit``, also for
        a small file that unpacks to a large one; ``sheet_missing`` with ``sheets``;
        ``file_empty``; ``too_many_rows``, ``too_many_columns``.
    """
    try:
        with zipfile.ZipFile(path) as source:
            return _read(_Book(source), kind, columns, sheet, folder)
    # NotImplementedError: a compression that zipfile does not know.
    except (zipfile.BadZipFile, NotImplementedError, *gdal.failures(), expat.ExpatError) as error:
        raise Invalid("file_unreadable", path=path.name, format="xlsx", reason="content") from error


class _Book:
    """The parts of a workbook's container that tables are made of."""

    def __init__(self, source: zipfile.ZipFile) -> None:
        infos = source.infolist()
        if len(infos) > _MAX_PARTS or sum(info.file_size for info in infos) > MAX_UNPACKED_BYTES:
            raise Invalid("file_too_large", path=source.filename, limit=MAX_UNPACKED_BYTES)
        self._source = source
        self._names = {info.filename for info in infos}
        relations = _attributes(self.part("xl/_rels/workbook.xml.rels"), "Relationship")
        whole = [found for found in relations if {"Id", "Type", "Target"} <= found.keys()]
        targets = {found["Id"]: _inside(found["Target"]) for found in whole}
        kinds = {found["Type"].rpartition("/")[2]: _inside(found["Target"]) for found in whole}
        self.sheets = {
            found["name"]: targets.get(relation, "")
            for found in _attributes(self.part("xl/workbook.xml"), "sheet")
            for key, relation in found.items()
            if key.endswith(":id") and "name" in found
        }
        self.styles = self.part(kinds.get("styles", ""))
        self.strings = _PHONETIC.sub(b"", self.part(kinds.get("sharedStrings", "")))

    def part(self, name: str) -> bytes:
        """Return a part's XML, "" where there is none; what could hide anything is refused."""
        if name not in self._names:
            return b""
        try:
            data = self._source.read(name)
        except (OSError, EOFError, ValueError, RuntimeError, zlib.error, lzma.LZMAError) as error:
            raise zipfile.BadZipFile(name) from error
        # XML may be written in UTF-16, where the patterns of this module would see nothing.
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\x00" in data:
            raise zipfile.BadZipFile(name)
        # Of strings that break off, GDAL reads what comes before, and says nothing (seen).
        _parse(expat.ParserCreate("UTF-8"), data)
        return data


def _read(
    book: _Book, kind: Kind, columns: Choice | None, sheet: int | str | None, folder: Path
) -> Grid:
    names = tuple(book.sheets)
    tried = names[:_SHEETS_TRIED] if sheet is None else (choose(names, sheet),)
    best, grid = -1, Grid([])
    for name in tried:
        data = book.part(book.sheets[name])
        cells = _cells(book, data, folder)
        score = max((header_score(line, kind, columns) for line in Grid(cells).top()), default=-1)
        if score > best:
            best, grid = score, Grid(cells, "", name, names, _notes(data))
        if best >= _CLEARLY_A_HEADER:
            break
    if not grid.columns:
        raise Invalid("file_empty")
    return grid


def _inside(target: str) -> str:
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _attributes(data: bytes, element: str) -> list[dict[str, str]]:
    """Return the attributes of every element of this name."""
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == element:
            found.append(attributes)

    parser = expat.ParserCreate("UTF-8")
    parser.StartElementHandler = start
    _parse(parser, data)
    return found


def _parse(parser: expat.XMLParserType, data: bytes) -> None:
    parser.Parse(data, True)  # noqa: FBT003 - expat takes its arguments by position only


def _notes(data: bytes) -> list[Problem]:
    """Tell of formulas without a value: no spreadsheet program ever opened the file."""
    count = len(_UNCALCULATED.findall(data))
    return [Problem(0, "", "formula_uncalculated", hint=str(count))] if count else []


def _cells(book: _Book, data: bytes, folder: Path) -> list[Texts]:
    """Return the columns of a sheet, none where nothing is written on it."""
    last_value = max(data.rfind(b"v>"), data.rfind(b"is>"))
    numbers = [int(number) for _, number in _ROW.findall(data, 0, last_value + 1)]
    check_size(max(numbers, default=0), max(map(_number, set(_COLUMN.findall(data))), default=0))
    if last_value < 0:
        return []
    copy = folder / "book.xlsx"
    with zipfile.ZipFile(copy, "w") as target:
        for name, content in _FRAME.items():
            target.writestr(name, content)
        target.writestr("xl/worksheets/sheet1.xml", _smooth(data))
        for name, part in (("styles", book.styles), ("sharedStrings", book.strings)):
            if part:
                target.writestr(f"xl/{name}.xml", part)
    with quiet():
        frame = gpd.read_file(copy, HEADERS="DISABLE", FIELD_TYPES="STRING")
    if len(frame) < max(numbers, default=0):
        raise zipfile.BadZipFile
    return [_unescaped(column) for column in frame_texts(frame)]


def _number(letters: bytes) -> int:
    """Return the number of a column, from 1: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _smooth(data: bytes) -> bytes:
    """Join formatted pieces of inline text, keep long numbers as written, and fill wide gaps."""
    data = _without_gaps(data)
    if b"<is>" in data or b":is>" in data:
        data = _INLINE.sub(_joined, data)
    return _LONG_NUMBER.sub(rb'\1 t="str"\2', data) if _LONG.search(data) else data


def _without_gaps(data: bytes) -> bytes:
    """Write empty rows where so many are left out that GDAL takes it for an error."""
    pieces: list[bytes] = []
    copied = 0
    above = 0
    for found in _ROW.finditer(data):
        number = int(found[2])
        if number - above > _GAP:
            prefix = found[1] or b""
            pieces.append(data[copied : found.start()])
            pieces += [
                b'<%brow r="%d"/>' % (prefix, at) for at in range(above + _GAP, number, _GAP)
            ]
            copied = found.start()
        above = number
    return b"".join([*pieces, data[copied:]])


def _joined(found: re.Match[bytes]) -> bytes:
    pieces = _TEXT.findall(found[2])
    if len(pieces) < _CLEARLY_SEVERAL:
        return found[0]
    prefix = found[1][1:-3]
    text = b'<%bt xml:space="preserve">%b</%bt>' % (prefix, b"".join(pieces), prefix)
    return found[1] + text + found[3]


def _unescaped(column: Texts) -> Texts:
    """Undo the escapes of XLSX: ``_x000D_`` is a carriage return, ``_x005F_`` an underscore."""
    escaped = np.fromiter(("_x" in cell for cell in column), np.bool_, len(column))
    if escaped.any():
        column[escaped] = texts([_ESCAPED.sub(_sign, cell) for cell in column[escaped]])
    return column


def _sign(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))
