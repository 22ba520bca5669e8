"""How a sheet of columns becomes the bytes of each format; the same bytes every time."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely
import xlsxwriter
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.errors import Invalid
from geodata.exchange import gdal
from geodata.exchange.report import Problem, Report
from geodata.exchange.tables import Format

type Column = NDArray[Any]
"""Of str, "" for nothing; of float64, NaN for nothing; or of int and None."""

_RISKY = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_XLSX_CELL = 32_767
_WIDEST = 50
_WIDE_FROM = 0x2E80
_WHEN = datetime(2000, 1, 1)  # noqa: DTZ001 - XLSX has no time zones
_GPKG_WHEN = "2000-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is to be written: headings with their columns, and shapes for features."""

    columns: dict[str, Column]
    shapes: NDArray[np.object_] | None
    title: str


def encode(sheet: Sheet, path: Path, known: Format) -> None:
    """Write a sheet in one of the formats; features need shapes."""
    if known not in {Format.CSV, Format.XLSX} and sheet.shapes is None:
        raise Invalid("format_unsuited", format=str(known), reason="no_shapes")
    encoders: dict[Format, Callable[[Sheet, Path], None]] = {
        Format.CSV: _csv,
        Format.XLSX: _xlsx,
        Format.GEOJSON: _geojson,
        Format.GPKG: _gpkg,
        Format.KML: _kml,
    }
    encoders[known](sheet, path)


def report_json(
    report: Report, problems: Sequence[Problem], told: Sequence[tuple[str, str]], path: Path
) -> None:
    """Write the account of an import: counts, the source, and every problem with its words."""
    content = {
        "source": report.source,
        "rows": report.rows,
        "good": report.good,
        "bad": report.bad,
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "problems": [
            {
                "row": problem.row,
                "severity": problem.severity,
                "field": problem.field,
                "reason": problem.reason,
                "mend": problem.mend,
                "value": problem.value,
                "hint": problem.hint,
                "what": what,
                "how": how,
            }
            for problem, (what, how) in zip(problems, told, strict=True)
        ],
    }
    path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2))


def plain(values: "pd.Series[Any]") -> Column:
    r"""Bring a column to text or numbers, free of what no format carries.

    Examples
    --------
    >>> plain(pd.Series(["a\x00b", None])).tolist(), plain(pd.Series([1, None], dtype="Int64"))
    (['ab', ''], array([1, None], dtype=object))
    """
    if pd.api.types.is_bool_dtype(values):
        values = values.astype(object).map({True: "true", False: "false"})
    elif pd.api.types.is_integer_dtype(values):
        return values.astype(object).where(values.notna(), None).to_numpy()
    elif pd.api.types.is_float_dtype(values):
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    column = np.empty(len(values), dtype=np.object_)
    column[:] = [
        _UNSAFE.sub("", str(value)) if some else ""
        for value, some in zip(values, values.notna(), strict=True)
    ]
    return column


def replaced(values: Column, words: Mapping[str, str]) -> Column:
    """Put words in place of codes; a code without one stays."""
    column = np.empty(len(values), dtype=np.object_)
    column[:] = [words.get(value, value) for value in values]
    return column


def guarded(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run as a formula.

    Examples
    --------
    >>> [guarded(text) for text in ("=1+1", "'=1", "-5", "+86 24 1", "fine")]
    ["'=1+1", "''=1", '-5', "'+86 24 1", 'fine']
    """
    if _RISKY.match(text) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def _records(sheet: Sheet) -> Iterator[tuple[Any, ...]]:
    return zip(*(_cells(column) for column in sheet.columns.values()), strict=True)


def _cells(column: Column) -> list[Any]:
    """Return a column's values as Python's own, None where there is no number."""
    if column.dtype == np.float64:
        return [value if value == value else None for value in column.tolist()]  # noqa: PLR0124 - NaN
    return list(column.tolist())


def _csv(sheet: Sheet, path: Path) -> None:
    columns = [
        ["" if cell is None else guarded(cell) if isinstance(cell, str) else cell for cell in cells]
        for cells in map(_cells, sheet.columns.values())
    ]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([guarded(heading) for heading in sheet.columns])
        writer.writerows(zip(*columns, strict=True))


def _xlsx(sheet: Sheet, path: Path) -> None:
    book = xlsxwriter.Workbook(path)
    book.set_properties({"created": _WHEN})
    page = book.add_worksheet(sheet.title)
    page.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for at, (heading, column) in enumerate(sheet.columns.items()):
        cells = _cells(column)
        page.set_column(at, at, _width(heading, cells))
        page.write_string(0, at, heading, bold)
        for line, cell in enumerate(cells, start=1):
            if isinstance(cell, str):
                _write_text(page, line, at, cell)
            elif cell is not None:
                page.write_number(line, at, cell)
    book.close()


def _write_text(page: Any, line: int, at: int, text: str) -> None:  # noqa: ANN401 - untyped library
    if len(text) > _XLSX_CELL:
        raise Invalid("format_unsuited", format="xlsx", reason="cell_too_long")
    if text:
        # A string is never a formula here; only what reading takes for our own
        # apostrophe gets one more.
        page.write_string(line, at, "'" + text if _GUARDED.match(text) else text)


def _width(heading: str, cells: Sequence[Any]) -> int:
    texts = [heading, *(str(cell) for cell in cells[:1000] if cell is not None)]
    widest = max(sum(1 + (ord(sign) >= _WIDE_FROM) for sign in text[:_WIDEST]) for text in texts)
    return min(max(widest + 2, 8), _WIDEST)


def _geojson(sheet: Sheet, path: Path) -> None:
    shapes = [orjson.Fragment(text) if text else None for text in map(_one_geojson, _shapes(sheet))]
    headings = list(sheet.columns)
    features = [
        {
            "type": "Feature",
            "geometry": shape,
            "properties": dict(zip(headings, record, strict=True)),
        }
        for shape, record in zip(shapes, _records(sheet), strict=True)
    ]
    path.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": features}))


def _one_geojson(shape: BaseGeometry | None) -> str | None:
    return None if shape is None else shapely.to_geojson(shape)


def _gpkg(sheet: Sheet, path: Path) -> None:
    content = {
        heading: pd.array(column, dtype="Int64") if _is_whole(column) else column
        for heading, column in sheet.columns.items()
    }
    frame = gpd.GeoDataFrame(content, geometry=sheet.shapes, crs=4326)
    with _fixed_time():
        frame.to_file(path, driver="GPKG", layer=sheet.title, engine="pyogrio")


def _is_whole(column: Column) -> bool:
    return column.dtype == np.object_ and any(isinstance(value, int) for value in column)


@contextmanager
def _fixed_time() -> Iterator[None]:
    """Let GDAL write the same time of change every time."""
    gdal.pyogrio().set_gdal_config_options({"OGR_CURRENT_DATE": _GPKG_WHEN})
    try:
        yield
    finally:
        gdal.pyogrio().set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _kml(sheet: Sheet, path: Path) -> None:
    """Write KML by hand: GDAL's writer breaks at "]]>" in a text, and at "<" in an id."""
    names = next((heading for heading in sheet.columns if heading in {"名称", "name"}), "")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>',
        f"<name>{escape(sheet.title)}</name>",
    ]
    headings = [quoteattr(heading) for heading in sheet.columns]
    for shape, record in zip(_shapes(sheet), _records(sheet), strict=True):
        cells = dict(zip(sheet.columns, record, strict=True))
        lines.append(f"<Placemark><name>{_xml(cells.get(names, ''))}</name><ExtendedData>")
        lines += [
            f"<Data name={heading}><value>{_xml(cell)}</value></Data>"
            for heading, (name, cell) in zip(headings, cells.items(), strict=True)
            if cell not in (None, "") and name != names
        ]
        lines.append(f"</ExtendedData>{_kml_shape(shape)}</Placemark>")
    lines.append("</Document></kml>\n")
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")


def _shapes(sheet: Sheet) -> list[BaseGeometry | None]:
    return [] if sheet.shapes is None else sheet.shapes.tolist()


def _xml(value: object) -> str:
    return escape(str(value), {"\r": "&#13;"})


def _kml_shape(shape: BaseGeometry | None) -> str:
    if shape is None or shape.is_empty:
        return ""
    if isinstance(shape, shapely.Point):
        return f"<Point>{_vertices(shape)}</Point>"
    if isinstance(shape, shapely.Polygon):
        inner = "".join(
            f"<innerBoundaryIs>{_ring(ring)}</innerBoundaryIs>" for ring in shape.interiors
        )
        return (
            f"<Polygon><outerBoundaryIs>{_ring(shape.exterior)}</outerBoundaryIs>{inner}</Polygon>"
        )
    if isinstance(shape, shapely.LineString):
        return f"<LineString>{_vertices(shape)}</LineString>"
    parts = "".join(_kml_shape(part) for part in getattr(shape, "geoms", ()))
    return f"<MultiGeometry>{parts}</MultiGeometry>"


def _ring(ring: shapely.LinearRing) -> str:
    return f"<LinearRing>{_vertices(ring)}</LinearRing>"


def _vertices(shape: BaseGeometry) -> str:
    pairs = shapely.get_coordinates(shape).tolist()
    return f"<coordinates>{' '.join(f'{lon!r},{lat!r}' for lon, lat in pairs)}</coordinates>"
