"""XLSX workbooks: checked, smoothed where GDAL stumbles, and read by GeoPandas."""

import lzma
import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

import geopandas as gpd
import numpy as np

from geodata.errors import Invalid
from geodata.exchange.headings import Choice
from geodata.exchange.report import Problem
from geodata.exchange.tables import (
    GDAL_ERRORS,
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

_ROW = re.compile(rb'<(\w+:)?row\b[^>]*?\br="(\d{1,7})"')
_COLUMN = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})\d')
_PHONETIC = re.compile(rb"<(\w+:)?rPh\b.*?</(?:\w+:)?rPh>", re.DOTALL)
_INLINE = re.compile(rb"(<(?:\w+:)?is>)(.*?)(</(?:\w+:)?is>)", re.DOTALL)
_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>(.*?)</(?:\w+:)?t>", re.DOTALL)
_LONG = re.compile(rb"v>\d{16,}<")
_LONG_NUMBER = re.compile(
    rb'(<(?:\w+:)?c\b(?:(?!\st=)[^>])*)(?:\st="n")?((?:(?!\st=)[^>])*>\s*<(?:\w+:)?v>\d{16,}<)'
)
_UNCALCULATED = re.compile(
    rb"<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<v></v>|</)"
)
_EMPTY = re.compile(rb"<(\w+:)?sheetData\s*(?:/>|>\s*</(?:\w+:)?sheetData>)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What the XML of a sheet says, before GDAL reads it."""

    last_row: int = 0
    """The last row in which anything is written."""
    uncalculated: int = 0
    """Formulas without a value: no spreadsheet program ever opened the file."""


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
        ``too_many_rows``, ``too_many_columns``.
    """
    copy = folder / "book.xlsx"
    try:
        sheets = _smooth(path, copy)
        names = tuple(sheets)
        tried = names[:_SHEETS_TRIED] if sheet is None else (choose(names, sheet),)
        cells: dict[str, list[Texts]] = {}
        for name in tried:
            cells[name] = _cells(copy, name, sheets[name].last_row)
            if _best_header(cells[name], kind, columns) >= _CLEARLY_A_HEADER:
                break
    except (zipfile.BadZipFile, NotImplementedError, *GDAL_ERRORS, expat.ExpatError) as error:
        raise Invalid("file_unreadable", path=path.name, format="xlsx", reason="content") from error
    if not cells:
        raise Invalid("file_empty", path=path.name)
    chosen = max(cells, key=lambda name: _best_header(cells[name], kind, columns))
    if not cells[chosen]:
        raise Invalid("file_empty", path=path.name)
    notes = []
    if count := sheets[chosen].uncalculated:
        notes.append(Problem(0, "", "formula_uncalculated", hint=str(count)))
    return Grid(cells[chosen], "", chosen, names, notes)


def _best_header(columns: list[Texts], kind: Kind, choice: Choice | None) -> int:
    return max((header_score(line, kind, choice) for line in Grid(columns).top()), default=0)


def _smooth(path: Path, copy: Path) -> dict[str, _Sheet]:
    """Copy the workbook's XML, mended; return its sheets by name, in their order."""
    facts: dict[str, _Sheet] = {}
    parts: dict[str, bytes] = {}
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w") as target:
        _check_zip(source)
        for info in source.infolist():
            if not info.filename.endswith((".xml", ".rels")):
                continue
            data = _part(source, info)
            # XML may be written in UTF-16, where the patterns below would see nothing.
            if b"<!DOCTYPE" in data or b"<!ENTITY" in data or b"\x00" in data:
                raise zipfile.BadZipFile(info.filename)
            data = _PHONETIC.sub(b"", data) if b"rPh" in data else data
            if info.filename.startswith("xl/worksheets/"):
                facts[info.filename] = _survey(data)
                data = _mended_sheet(data)
            elif info.filename.startswith(("xl/workbook.", "xl/_rels/")):
                parts[info.filename] = data
            target.writestr(info.filename, data)
    return {name: facts.get(part, _Sheet()) for name, part in _sheet_parts(parts)}


def _part(source: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        return source.read(info)
    except (OSError, EOFError, ValueError, RuntimeError, zlib.error, lzma.LZMAError) as error:
        raise zipfile.BadZipFile(info.filename) from error


def _check_zip(source: zipfile.ZipFile) -> None:
    infos = source.infolist()
    if len(infos) > _MAX_PARTS or sum(info.file_size for info in infos) > MAX_UNPACKED_BYTES:
        raise Invalid("file_too_large", path=source.filename, limit=MAX_UNPACKED_BYTES)


def _sheet_parts(parts: dict[str, bytes]) -> list[tuple[str, str]]:
    """Return name and file of every sheet, in the order in which a spreadsheet shows them."""
    relations = {
        found["Id"]: posixpath.normpath(posixpath.join("/xl", found["Target"])).lstrip("/")
        for found in _attributes(parts.get("xl/_rels/workbook.xml.rels", b""), "Relationship")
        if {"Id", "Target"} <= found.keys()
    }
    return [
        (found["name"], relations.get(relation, ""))
        for found in _attributes(parts.get("xl/workbook.xml", b""), "sheet")
        for key, relation in found.items()
        if key.endswith(":id") and "name" in found
    ]


def _attributes(data: bytes, element: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == element:
            found.append(attributes)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(data, True)  # noqa: FBT003 - expat takes its arguments by position only
    return found


def _survey(data: bytes) -> _Sheet:
    last_value = max(data.rfind(b"v>"), data.rfind(b"is>"))
    last_row = max((int(number) for _, number in _ROW.findall(data, 0, last_value + 1)), default=0)
    check_size(last_row, max(map(_column_number, set(_COLUMN.findall(data))), default=0))
    return _Sheet(last_row, len(_UNCALCULATED.findall(data)))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _mended_sheet(data: bytes) -> bytes:
    """Join formatted pieces of inline text, keep long numbers as written, and fill wide gaps."""
    data = _EMPTY.sub(_with_a_space, _without_gaps(data))
    if b"<is>" in data or b":is>" in data:
        data = _INLINE.sub(_joined, data)
    return _LONG_NUMBER.sub(rb'\1 t="str"\2', data) if _LONG.search(data) else data


def _with_a_space(found: re.Match[bytes]) -> bytes:
    """Write a space into a sheet of nothing, which GDAL leaves out or stumbles over.

    It takes the first row of the sheet after an empty one for headings, whatever it is told.
    """
    row = b'<row r="1"><c r="A1" t="inlineStr"><is><t xml:space="preserve"> </t></is></c></row>'
    prefix = found[1] or b""
    row = re.sub(rb"<(/?)(?=[a-z])", rb"<\1" + prefix, row)
    return b"<%bsheetData>%b</%bsheetData>" % (prefix, row, prefix)


def _without_gaps(data: bytes) -> bytes:
    """Write empty rows where so many are left out that GDAL takes it for an error."""
    pieces: list[bytes] = []
    copied = 0
    above = 0
    for found in _ROW.finditer(data):
        number = int(found[2])
        if number - above > _GAP:
            prefix = found[1] or b""
            empty = range(above + _GAP, number, _GAP)
            pieces.append(data[copied : found.start()])
            pieces += [b'<%brow r="%d"/>' % (prefix, row) for row in empty]
            copied = found.start()
        above = number
    return b"".join([*pieces, data[copied:]]) if pieces else data


def _joined(found: re.Match[bytes]) -> bytes:
    pieces = _TEXT.findall(found[2])
    if len(pieces) < _CLEARLY_SEVERAL:
        return found[0]
    prefix = found[1][1:-3]
    joined = b"".join(pieces)
    text = b'<%bt xml:space="preserve">%b</%bt>' % (prefix, joined, prefix)
    return found[1] + text + found[3]


def _cells(copy: Path, name: str, last_row: int) -> list[Texts]:
    try:
        with quiet():
            frame = gpd.read_file(copy, layer=name, HEADERS="DISABLE", FIELD_TYPES="STRING")
    except GDAL_ERRORS as error:
        raise zipfile.BadZipFile(name) from error
    if len(frame) < last_row:
        raise zipfile.BadZipFile(name)
    return [_unescaped(column) for column in frame_texts(frame)]


def _unescaped(column: Texts) -> Texts:
    """Undo the escapes of XLSX: ``_x000D_`` is a carriage return, ``_x005F_`` an underscore."""
    escaped = np.fromiter(("_x" in cell for cell in column), np.bool_, len(column))
    if escaped.any():
        column[escaped] = texts([_ESCAPED.sub(_sign, cell) for cell in column[escaped]])
    return column


def _sign(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))
