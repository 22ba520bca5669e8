"""CSV as offices keep it: UTF-8 or GB18030, comma, tab or semicolon, a title above the header."""

import codecs
import csv
import io
import unicodedata
from itertools import islice
from pathlib import Path

import geopandas as gpd

from geodata.errors import Invalid
from geodata.exchange.headings import Choice
from geodata.exchange.tables import Grid, check_size, frame_texts, header_score
from geodata.exchange.vocabulary import Kind

_DELIMITERS = ",\t;"
_SAMPLE_CHARACTERS = 100_000
_SAMPLE_RECORDS = 12
_MAX_CELL = 8_000_000

# The boundary of a district as one cell of text passes the module's own limit.
csv.field_size_limit(_MAX_CELL)


def decode(data: bytes, name: str) -> tuple[str, str]:
    """Decode a text file strictly, and tell by which encoding.

    Parameters
    ----------
    data
        The whole file.
    name
        Its name, for the error.

    Returns
    -------
    tuple
        The text without a byte order mark, and "utf-8-sig", "utf-16" (what
        spreadsheets call Unicode text), "utf-8" or "gb18030".

    Raises
    ------
    Invalid
        ``encoding_unknown``: none of them, without a doubt; ``file_unreadable``:
        no text at all.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif data.startswith(codecs.BOM_UTF8):
        encodings = ["utf-8-sig"]
    else:
        encodings = ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise Invalid("file_unreadable", path=name, format="text", reason="content")
        if encoding != "gb18030" or _plausible(text):
            return text, encoding
    raise Invalid("encoding_unknown", path=name, encodings=["utf-8", "gb18030"])


def read_csv(path: Path, kind: Kind, columns: Choice | None, folder: Path) -> Grid:
    """Read a CSV file, every record of it, also blank ones.

    The records are written again in one plain form into ``folder``, and GeoPandas
    reads that: GDAL alone drops blank lines, and with them the numbers of the
    rows, and takes any encoding for UTF-8.

    Raises
    ------
    Invalid
        As :func:`decode`; ``quote_unclosed`` with ``row``: a quotation mark
        that nobody closed swallowed the rest; ``cell_too_large`` with ``limit``;
        ``too_many_rows``, ``too_many_columns``.
    """
    text, encoding = decode(path.read_bytes(), path.name)
    delimiter = _delimiter(text, kind, columns)
    records = _records(text, delimiter)
    width = max(map(len, records), default=0)
    check_size(len(records), width)
    plain = folder / "table.csv"
    with plain.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow([f"c{at}" for at in range(width)])
        # All cells are quoted, so that no blank record looks like a blank line.
        writer.writerows([*record, *[""] * (width - len(record))] for record in records)
    frame = gpd.read_file(
        plain, encoding="utf-8", AUTODETECT_TYPE="NO", HEADERS="YES", SEPARATOR="COMMA"
    )
    if len(frame) != len(records):
        raise Invalid("file_unreadable", path=path.name, format="csv", reason="content")
    return Grid(frame_texts(frame), encoding)


def _plausible(text: str) -> bool:
    """Tell whether text decoded as GB18030 is text: nearly any bytes decode as something."""
    return not any(unicodedata.category(sign) in {"Co", "Cn"} for sign in set(text))


def _delimiter(text: str, kind: Kind, columns: Choice | None) -> str:
    sample = text[:_SAMPLE_CHARACTERS]

    def score(delimiter: str) -> tuple[int, int]:
        lines = list(islice(csv.reader(_lines(sample), delimiter=delimiter), _SAMPLE_RECORDS))
        named = max((header_score(line, kind, columns) for line in lines), default=0)
        return named, max(map(len, lines), default=0)

    return max(_DELIMITERS, key=score)


def _records(text: str, delimiter: str) -> list[list[str]]:
    try:
        records = list(csv.reader(_lines(text), delimiter=delimiter))
    except csv.Error as error:
        raise Invalid("cell_too_large", limit=_MAX_CELL) from error
    while records and not any(map(str.strip, records[-1])):
        records.pop()
    if not records:
        raise Invalid("file_empty")
    if text.count('"') % 2 and any("\n" in cell or "\r" in cell for cell in records[-1]):
        raise Invalid("quote_unclosed", row=len(records))
    return records


def _lines(text: str) -> io.StringIO:
    return io.StringIO(text, newline="")
