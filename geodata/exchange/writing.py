"""Files out: any frame of ours as CSV, XLSX, GeoJSON, GeoPackage or KML."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from xlsxwriter.exceptions import FileCreateError

from geodata.datum import Datum, convert, convert_geometry
from geodata.errors import Invalid, Unavailable
from geodata.exchange import encoders, gdal
from geodata.exchange.report import Problem, Report
from geodata.exchange.tables import Format, Texts, format_named
from geodata.exchange.vocabulary import LEVELS, SEVERITIES, STATUSES, WRITTEN

type Language = Literal["zh", "en"]
type Target = Path | str | IO[bytes]

_DATUM_NAMES = {Datum.WGS84: "WGS84", Datum.GCJ02: "GCJ02", Datum.BD09: "BD09"}
_PRIVATE = ("row", "source_datum", "source_lon", "source_lat")
_DIGITS = 8
"""Of a degree: a millimetre, and no digits that only arithmetic made."""

_POINT = 0


def write(
    frame: pd.DataFrame,
    target: Target,
    format: Format | str | None = None,  # noqa: A002 - the word for it
    *,
    datum: Datum = Datum.WGS84,
    language: Language = "zh",
    categories: Mapping[str, str] | None = None,
) -> None:
    r"""Write merchants, homes, areas or any other frame to a file.

    What is written reads back as it was, with :func:`read_merchants` and its
    sisters, the datum included. CSV and XLSX are safe to open in a spreadsheet:
    no text becomes a formula or a link.

    Parameters
    ----------
    frame
        A GeoDataFrame in EPSG:4326, or a plain frame for CSV and XLSX. Columns that
        are fields of ours get a heading in the reader's language, others keep
        their name. Where ``source_datum`` is the datum asked for, the position as it
        was given is written, to the last digit.
    target
        A path, or a binary file that is open for writing. A file is replaced at once
        when all is written; until then, and when writing fails, the old one stays.
    format
        None takes it from the path's suffix.
    datum
        In which positions are written. CSV and XLSX say it in the heading, 经度(BD09);
        the other formats in a property 坐标系 of each feature, unless it is WGS 84,
        since they have no other way to say it.
    language
        Of headings and of the words for states and levels: "zh" or "en".
    categories
        Category id → name; an id that is not in it stays an id.

    Raises
    ------
    Invalid
        ``format_unknown``; ``format_unsuited`` with ``format`` for what it cannot
        hold: areas in XLSX, a cell of over 32,767 characters in it, no geometries
        in GeoJSON, GeoPackage or KML.
    Unavailable
        ``file_unwritable`` with ``path`` and ``reason``: no room, no right, no folder.

    Examples
    --------
    >>> import io
    >>> page = io.BytesIO()
    >>> write(pd.DataFrame({"name": ["=1+1"], "households": [36]}), page, "csv")
    >>> page.getvalue().decode("utf-8-sig").splitlines()
    ['名称,户数', "'=1+1,36"]
    """
    known = format_named(format, target)
    sheet = _sheet(frame, known, Datum(datum), language, categories or {})
    _deliver(target, known, lambda path: encoders.encode(sheet, path, known))


def write_report(
    report: Report,
    target: Target,
    format: Format | str | None = None,  # noqa: A002 - the word for it
    *,
    tell: Callable[[Problem], tuple[str, str]],
    language: Language = "zh",
) -> None:
    """Write the account of an import, one line a problem, as CSV, XLSX or JSON.

    Parameters
    ----------
    report
        What a reading gave.
    target, format
        As for :func:`write`; JSON by "json" or its suffix.
    tell
        Puts a problem into words of the reader: what is wrong, and what would mend it.
    language
        Of the headings.

    Raises
    ------
    Invalid
        ``format_unknown``.
    Unavailable
        ``file_unwritable``.
    """
    ordered = sorted(report.problems, key=lambda problem: problem.row)
    told = [tell(problem) for problem in ordered]
    if format == "json" or (format is None and _suffix(target) == ".json"):
        _deliver(target, None, lambda path: encoders.report_json(report, ordered, told, path))
        return
    known = format_named(format, target)
    if known not in {Format.CSV, Format.XLSX}:
        raise Invalid("format_unknown", suffix=f".{known}", formats=["csv", "xlsx", "json"])
    lines = pd.DataFrame(
        {
            "row": np.array([problem.row for problem in ordered], dtype=np.int64),
            "severity": [_severity(problem, language) for problem in ordered],
            "field": [_heading(problem.field, language) for problem in ordered],
            "value": [problem.value for problem in ordered],
            "reason": [what for what, _ in told],
            "mend": [how for _, how in told],
        }
    )
    sheet = _sheet(lines, known, Datum.WGS84, language, {}, private=())
    _deliver(target, known, lambda path: encoders.encode(sheet, path, known))


def _severity(problem: Problem, language: Language) -> str:
    return SEVERITIES[problem.severity][language == "en"]


def _suffix(target: Target) -> str:
    return Path(target).suffix.lower() if isinstance(target, str | Path) else ""


def _heading(field: str, language: Language) -> str:
    return WRITTEN.get(field, (field, field))[language == "en"]


def _sheet(
    frame: pd.DataFrame,
    known: Format,
    datum: Datum,
    language: Language,
    categories: Mapping[str, str],
    *,
    private: tuple[str, ...] = _PRIVATE,
) -> encoders.Sheet:
    """Bring a frame to headings and columns, the position where the format wants it."""
    columns: dict[str, Texts | np.ndarray[Any, Any]] = {}
    shapes = frame.geometry if isinstance(frame, gpd.GeoDataFrame) else None
    geometry = None if shapes is None else shapes.name
    words = _words(language, categories)
    for name in frame.columns:
        if name in private or name == geometry:
            continue
        values = encoders.plain(frame[name])
        if name in words:
            values = encoders.replaced(values, words[name])
        columns[_heading(str(name), language)] = values
    flat = known in {Format.CSV, Format.XLSX}
    if shapes is None:
        return encoders.Sheet(columns, None, _title(frame))
    if flat:
        _add_position(columns, frame, datum, language, known)
        return encoders.Sheet(columns, None, _title(frame))
    if datum is not Datum.WGS84:
        names = np.full(len(frame), _DATUM_NAMES[datum], dtype=np.object_)
        columns[_heading("datum", language)] = names
    return encoders.Sheet(columns, _moved(frame, datum), _title(frame))


def _title(frame: pd.DataFrame) -> str:
    """Return the name of the layer or sheet: what the rows are, by their columns."""
    columns = set(frame.columns)
    if "category" in columns:
        return "merchants"
    if columns & {"households", "elders_alone"}:
        return "homes"
    return "areas" if {"code", "level"} <= columns else "table"


def _words(language: Language, categories: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """Return for each field of code words what is written in their place."""
    if language == "en":
        return {"category": categories}
    return {
        "category": categories,
        "status": {code: line.split()[1] for code, line in STATUSES.items()},
        "level": {code: line.split()[1] for code, line in LEVELS.items()},
    }


def _add_position(
    columns: dict[str, Texts | np.ndarray[Any, Any]],
    frame: gpd.GeoDataFrame,
    datum: Datum,
    language: Language,
    known: Format,
) -> None:
    shapes = frame.geometry.to_numpy()
    some = ~shapely.is_missing(shapes)
    if (shapely.get_type_id(shapes[some]) == _POINT).all():
        lon, lat = _lonlat(frame, datum)
        for field, values in (("lon", lon), ("lat", lat)):
            columns[f"{_heading(field, language)}({_DATUM_NAMES[datum]})"] = values
    elif known is Format.XLSX:
        # A cell holds 32,767 characters, a boundary has more.
        raise Invalid("format_unsuited", format=str(known), reason="shapes")
    else:
        moved = convert_geometry(shapes, Datum.WGS84, datum)
        wkt = np.where(some, shapely.to_wkt(moved, rounding_precision=_DIGITS), "")
        columns[f"{_heading('geometry', language)}({_DATUM_NAMES[datum]})"] = wkt


def _lonlat(frame: gpd.GeoDataFrame, datum: Datum) -> tuple[Any, Any]:
    """Return positions in a datum: as they were given where they were given in it."""
    shapes = frame.geometry.to_numpy()
    lon, lat = convert(shapely.get_x(shapes), shapely.get_y(shapes), Datum.WGS84, datum)
    lon, lat = lon.round(_DIGITS), lat.round(_DIGITS)
    if "source_datum" in frame:
        same = (frame["source_datum"] == datum).to_numpy()
        given_lon, given_lat = frame["source_lon"].to_numpy(), frame["source_lat"].to_numpy()
        same = same & np.isfinite(given_lon) & np.isfinite(given_lat)
        lon, lat = np.where(same, given_lon, lon), np.where(same, given_lat, lat)
    return lon, lat


def _moved(frame: gpd.GeoDataFrame, datum: Datum) -> "np.ndarray[Any, Any]":
    shapes = frame.geometry.to_numpy()
    points = shapely.get_type_id(shapes) == _POINT
    moved = np.array(convert_geometry(shapes, Datum.WGS84, datum), dtype=np.object_)
    moved[points] = shapely.points(np.column_stack(_lonlat(frame[points], datum)))
    return moved


def _deliver(target: Target, known: Format | None, encode: Callable[[Path], None]) -> None:
    """Encode into a file beside the target and put it in its place in one step."""
    beside = Path(target).parent if isinstance(target, str | Path) else None
    try:
        with TemporaryDirectory(prefix=".linju-", dir=beside) as folder:
            made = Path(folder) / f"export.{known or 'json'}"
            encode(made)
            if not isinstance(target, str | Path):
                target.write(made.read_bytes())
                return
            with made.open("rb+") as file:
                os.fsync(file.fileno())
            made.replace(target)
    except (OSError, FileCreateError, *gdal.failures()) as error:
        name = str(target) if isinstance(target, str | Path) else ""
        reason = getattr(error, "strerror", None) or str(error)
        raise Unavailable("file_unwritable", path=name, reason=reason) from error
