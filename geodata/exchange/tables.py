"""The common shape of every file that is read: headings, columns of text, row numbers, shapes."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import Invalid, NotFound
from geodata.exchange.headings import Choice, several, understand
from geodata.exchange.report import Problem
from geodata.exchange.vocabulary import Kind

MAX_BYTES = 256 * 1024 * 1024
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
MAX_ROWS = 1_048_576
MAX_COLUMNS = 256
MAX_CELLS = 32_000_000
"""What a file may hold. A spreadsheet itself ends at 1,048,576 rows."""

_HEADER_AMONG = 10

type Texts = NDArray[np.object_]
"""A column of str, one a row, never None."""


class Format(StrEnum):
    """The file formats that go in and out."""

    CSV = "csv"
    XLSX = "xlsx"
    GEOJSON = "geojson"
    GPKG = "gpkg"
    KML = "kml"


_SUFFIXES = {
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".txt": Format.CSV,
    ".xlsx": Format.XLSX,
    ".xlsm": Format.XLSX,
    ".geojson": Format.GEOJSON,
    ".json": Format.GEOJSON,
    ".gpkg": Format.GPKG,
    ".kml": Format.KML,
}
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_SQLITE = b"SQLite format 3\x00"


@dataclass(slots=True)
class Table:
    """What a file holds, before anybody asks what it means."""

    headings: tuple[str, ...]
    columns: list[Texts]
    rows: NDArray[np.int64]
    shapes: NDArray[np.object_] | None = None
    """Geometries in EPSG:4326 (whatever their datum), None where a row has none."""
    overfull: NDArray[np.bool_] | None = None
    """Rows with more cells than there are headings."""
    encoding: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    notes: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class Grid:
    """Cells as they stand, line by line, the header somewhere among the first."""

    columns: list[Texts]
    encoding: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    notes: list[Problem] = field(default_factory=list)

    def top(self) -> list[list[str]]:
        """Return the lines among which the header is looked for."""
        tops = [column[:_HEADER_AMONG] for column in self.columns]
        return [list(line) for line in zip(*tops, strict=True)]


def format_named(name: str | None, target: object) -> Format:
    """Return the format of this name, or of the target's suffix where there is none.

    Raises
    ------
    Invalid
        ``format_unknown`` with ``suffix`` and ``formats``.
    """
    suffix = Path(target).suffix if isinstance(target, str | Path) else ""
    known = name if name in set(Format) else _SUFFIXES.get(suffix.lower()) if not name else None
    if known is None:
        formats = [str(item) for item in Format]
        raise Invalid("format_unknown", suffix=name or suffix, formats=formats)
    return Format(known)


def format_of(path: Path) -> Format:
    """Tell a file's format by its suffix, and check that the content agrees.

    Raises
    ------
    NotFound
        ``file_missing`` with ``path``: there is no such local file. An address of
        a network, or one of GDAL's ``/vsi…`` names, is no file.
    Invalid
        ``file_empty``; ``file_too_large`` with ``limit`` in bytes; ``format_unknown``
        with ``suffix`` and ``formats``; ``file_unreadable`` with ``reason``
        "encrypted" or "content".
    """
    try:
        size = path.stat().st_size if path.is_file() else None
        with path.open("rb") as file:
            start = file.read(4096)
    except (OSError, ValueError):
        size = None
    if size is None:
        raise NotFound("file_missing", path=str(path))
    if size > MAX_BYTES:
        raise Invalid("file_too_large", path=path.name, limit=MAX_BYTES)
    if not start.strip():
        raise Invalid("file_empty")
    known = _SUFFIXES.get(path.suffix.lower())
    if known is None:
        raise Invalid("format_unknown", suffix=path.suffix, formats=[str(item) for item in Format])
    _check_content(path, known, start)
    return known


def with_header(grid: Grid, kind: Kind, columns: Choice | None, *, anyway: bool = False) -> Table:
    """Find the header among the first lines of a grid and cut the grid there.

    A title above the header is common in offices, so the line whose cells
    are recognised best is taken. Blank rows below it fall out; the numbers of the
    others stay those that a spreadsheet shows. Where nothing is recognised, the first
    line that is not blank is the header ``anyway``, and when ``columns`` tells positions:
    they were chosen by somebody who saw it so.

    Raises
    ------
    Invalid
        ``file_empty``; ``no_header`` with ``found``, the first line that is not blank.
    """
    top = grid.top()
    scores = [header_score(line, kind, columns) for line in top]
    first = next((at for at, line in enumerate(top) if any(map(str.strip, line))), None)
    if first is None:
        raise Invalid("file_empty")
    header = scores.index(max(scores)) if any(scores) else first
    if not any(scores) and not (anyway or _by_position(columns)):
        raise Invalid("no_header", found=[cell.strip() for cell in top[first] if cell.strip()])
    headings = tuple(cell.strip() for cell in top[header])
    return _below(grid, header, headings)


def header_score(line: Sequence[str], kind: Kind, columns: Choice | None) -> int:
    """Count how many fields a line of cells names, were it the header."""
    chosen = {each for choice in (columns or {}).values() for each in several(choice)}
    named = sum(cell.strip() in chosen for cell in line if cell)
    return 2 * named + len(understand(line, kind).columns)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep GDAL's remarks about single features to ourselves: the rows are checked later."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("ignore", UserWarning)
        yield


def texts(values: Sequence[str]) -> Texts:
    """Make a column of strings."""
    column = np.empty(len(values), dtype=np.object_)
    column[:] = values
    return column


def frame_texts(frame: pd.DataFrame) -> list[Texts]:
    """Return the columns of a frame of strings, "" where nothing stands."""
    return [
        frame.iloc[:, at].astype(object).where(frame.iloc[:, at].notna(), "").to_numpy(copy=True)
        for at in range(frame.shape[1])
    ]


def check_size(rows: int, columns: int) -> None:
    """Refuse a table that no office keeps.

    Raises
    ------
    Invalid
        ``too_many_rows`` or ``too_many_columns`` with ``limit``.
    """
    if columns > MAX_COLUMNS:
        raise Invalid("too_many_columns", limit=MAX_COLUMNS)
    if rows > MAX_ROWS or rows * columns > MAX_CELLS:
        raise Invalid("too_many_rows", limit=min(MAX_ROWS, MAX_CELLS // max(columns, 1)))


def choose(names: Sequence[str], wanted: int | str) -> str:
    """Return the sheet or layer that is asked for, by its number from 1 or its name.

    Raises
    ------
    Invalid
        ``sheet_missing`` with ``sheet`` and ``sheets``.
    """
    if isinstance(wanted, str) and wanted in names:
        return wanted
    number = int(wanted) if str(wanted).isdecimal() else 0
    if not 1 <= number <= len(names):
        raise Invalid("sheet_missing", sheet=wanted, sheets=list(names))
    return names[number - 1]


def _by_position(columns: Choice | None) -> bool:
    every = [each for choice in (columns or {}).values() for each in several(choice)]
    return any(isinstance(each, int) for each in every)


def _check_content(path: Path, known: Format, start: bytes) -> None:
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    fits = {
        Format.CSV: not start.startswith((_ZIP, _OLE, _SQLITE)),
        Format.XLSX: start.startswith(_ZIP),
        Format.GPKG: start.startswith(_SQLITE),
        Format.GEOJSON: text.startswith((b"{", b"\xff\xfe", b"\xfe\xff")),
        Format.KML: text.startswith((b"<", b"\xff\xfe", b"\xfe\xff")),
    }
    if not fits[known]:
        # A workbook with a password is an old OLE container, whatever its name.
        encrypted = known is Format.XLSX and start.startswith(_OLE)
        reason = "encrypted" if encrypted else "content"
        raise Invalid("file_unreadable", path=path.name, format=str(known), reason=reason)


def _below(grid: Grid, header: int, headings: tuple[str, ...]) -> Table:
    body = [column[header + 1 :] for column in grid.columns]
    count = len(body[0])
    filled = np.zeros(count, dtype=np.bool_)
    overfull = np.zeros(count, dtype=np.bool_)
    width = max(at for at, heading in enumerate(headings) if heading) + 1
    for at, column in enumerate(body):
        here = np.fromiter((bool(cell) and not cell.isspace() for cell in column), np.bool_, count)
        filled |= here
        if at >= width:
            overfull |= here
    return Table(
        headings[:width],
        [column[filled] for column in body[:width]],
        np.flatnonzero(filled) + header + 2,
        None,
        overfull[filled],
        grid.encoding,
        grid.sheet,
        grid.sheets,
        grid.notes,
    )
