"""Files in: merchants, homes and areas, row by row, with an account of every row."""

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata import divisions, hours
from geodata.datum import Datum, convert_geometry
from geodata.errors import Invalid
from geodata.exchange import cleaning, vocabulary
from geodata.exchange.cleaning import Floats
from geodata.exchange.features import read_geojson, read_gpkg, read_kml
from geodata.exchange.headings import Choice
from geodata.exchange.report import Report
from geodata.exchange.rows import Progress, Rows, scratch, to_wgs84
from geodata.exchange.tables import Format, Table, Texts, format_of, texts, with_header
from geodata.exchange.textfile import read_csv
from geodata.exchange.vocabulary import Kind, plain
from geodata.exchange.workbook import read_xlsx
from geodata.geometry import mend

_ALIKE = 0.6

type Shapes = NDArray[np.object_]


class CategoryWords(Protocol):
    """What must be known of a category to recognise it in a file."""

    @property
    def id(self) -> str:
        """Its code, such as "clinic"."""

    @property
    def name(self) -> str:
        """Its Chinese name."""

    @property
    def name_en(self) -> str:
        """Its English name."""

    @property
    def glyph(self) -> str:
        """The sign on its magnet."""


class Reading(NamedTuple):
    """What a file gave."""

    frame: gpd.GeoDataFrame
    """The good rows, in EPSG:4326 (WGS 84)."""
    report: Report


def read_merchants(
    path: Path | str,
    *,
    categories: Iterable[CategoryWords],
    datum: Datum | None = None,
    sheet: int | str | None = None,
    columns: Choice | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Read merchants (商户) from CSV, XLSX, GeoJSON, GeoPackage or KML.

    Parameters
    ----------
    path
        A local file; its suffix says the format and its content must agree.
    categories
        Those that exist. A cell may hold an id, a name, a glyph, or what people say.
    datum
        In which positions are given. None takes what the headings say, as in
        经度(百度), and otherwise WGS 84. A row with a 坐标系 cell follows that.
    sheet
        Sheet of a workbook or layer of a GeoPackage, by number from 1 or by name.
    columns
        Field → heading or position of a column, to override what :func:`understand`
        recognises; see :func:`geodata.exchange.look`.
    progress
        Called with rows done and rows in all.

    Returns
    -------
    Reading
        ``frame`` with the columns row (the number a spreadsheet shows; for features
        their number from 1), id ("" unless of our making), name, category (an id),
        source_datum, source_lon, source_lat (as given), address, phones (parted by
        ";"), hours, note, status, closed_until ("" where nothing is said) and geometry,
        a Point. A bad row is not in it but in ``report``.

    Raises
    ------
    NotFound
        ``file_missing``.
    Invalid
        ``file_empty``, ``file_unreadable``, ``file_too_large``, ``format_unknown``,
        ``encoding_unknown``, ``quote_unclosed``, ``cell_too_large``, ``too_many_rows``,
        ``too_many_columns``, ``no_header``, ``column_missing``, ``field_unknown``,
        ``sheet_missing``, ``crs_unknown``: the file as a whole.

    Notes
    -----
    100,000 rows of CSV take some 3 s on one core of a small server.
    """
    rows, known = _open(Path(path), Kind.MERCHANTS, datum, sheet, columns)
    step = _Steps(progress, rows.count, 8)
    content: dict[str, Any] = {"id": rows.ids(), "name": rows.text("name", needed=True)}
    step()
    content["category"] = _categories(rows, categories)
    step()
    lon, lat, points = positions(rows, content)
    step()
    content["address"] = rows.text("address")
    content["phones"] = _phones(rows)
    step()
    content["hours"] = _hours(rows)
    step()
    content["note"] = rows.text("note")
    content |= _states(rows)
    step()
    rows.unique(content["id"], "id")
    rows.apart([content["name"], content["category"]], lon, lat)
    step()
    frame = rows.frame(content, points)
    step()
    return Reading(frame, rows.report(rows.source(Path(path).name, known)))


def read_homes(
    path: Path | str,
    *,
    datum: Datum | None = None,
    sheet: int | str | None = None,
    columns: Choice | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Read residential buildings (楼栋) from the formats of :func:`read_merchants`.

    Returns
    -------
    Reading
        ``frame`` with the columns row, id, name, address, households, residents,
        elders_alone (Int64, NA where nothing is said), source_datum, source_lon,
        source_lat and geometry, a Point: a building's outline gives a point in it.

    Raises
    ------
    NotFound
        ``file_missing``.
    Invalid
        As :func:`read_merchants`.
    """
    rows, known = _open(Path(path), Kind.HOMES, datum, sheet, columns)
    step = _Steps(progress, rows.count, 4)
    content: dict[str, Any] = {"id": rows.ids(), "name": rows.text("name", needed=True)}
    content["address"] = rows.text("address")
    step()
    content |= {field: rows.number(field) for field in ("households", "residents", "elders_alone")}
    step()
    lon, lat, points = positions(rows, content)
    step()
    rows.unique(content["id"], "id")
    rows.apart([content["name"]], lon, lat)
    frame = rows.frame(content, points)
    step()
    return Reading(frame, rows.report(rows.source(Path(path).name, known)))


def read_areas(
    path: Path | str,
    *,
    datum: Datum | None = None,
    sheet: int | str | None = None,
    columns: Choice | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Read areas (区划): polygons with the official code and a name.

    Boundaries come as the file's geometries, or as WKT in a column of CSV.

    Returns
    -------
    Reading
        ``frame`` with the columns row, code (12 digits, 15 for a grid), name, level,
        parent (both by the code), residents (Int64, NA where nothing is said) and
        geometry, a valid MultiPolygon.

    Raises
    ------
    NotFound
        ``file_missing``.
    Invalid
        As :func:`read_merchants`.
    """
    rows, known = _open(Path(path), Kind.AREAS, datum, sheet, columns)
    step = _Steps(progress, rows.count, 3)
    codes = _codes(rows)
    content: dict[str, Any] = {
        "code": codes,
        "name": rows.text("name", needed=True),
        "level": texts([divisions.level(code) if code else "" for code in codes]),
        "parent": texts([divisions.parent(code) if code else "" for code in codes]),
        "residents": rows.number("residents"),
    }
    step()
    shapes = _boundaries(rows)
    step()
    rows.unique(codes, "code")
    frame = rows.frame(content, shapes)
    step()
    return Reading(frame, rows.report(rows.source(Path(path).name, known)))


def _open(
    path: Path, kind: Kind, datum: Datum | None, sheet: int | str | None, columns: Choice | None
) -> tuple[Rows, Format]:
    known = format_of(path)
    with scratch() as name:
        table = table_of(path, known, kind, sheet, columns, Path(name))
    flat = known in {Format.CSV, Format.XLSX}
    return Rows(table, kind, columns=columns, datum=datum, guarded=flat), known


def table_of(
    path: Path,
    known: Format,
    kind: Kind,
    sheet: int | str | None,
    columns: Choice | None,
    folder: Path,
    *,
    anyway: bool = False,
) -> Table:
    """Return what a file holds, before anybody asks what it means."""
    if known is Format.CSV:
        grid = read_csv(path, kind, columns, folder)
        return with_header(grid, kind, columns, anyway=anyway)
    if known is Format.XLSX:
        grid = read_xlsx(path, kind, columns, sheet, folder)
        return with_header(grid, kind, columns, anyway=anyway)
    if known is Format.GPKG:
        return read_gpkg(path, kind, sheet, folder)
    return read_kml(path, folder) if known is Format.KML else read_geojson(path, folder)


class _Steps:
    """Tells how far a reading is, in rows."""

    def __init__(self, progress: Progress | None, rows: int, steps: int) -> None:
        self._progress = progress
        self._rows = rows
        self._steps = steps
        self._done = -1
        self()

    def __call__(self) -> None:
        self._done += 1
        if self._progress:
            self._progress(self._rows * self._done // self._steps, self._rows)


def _categories(rows: Rows, categories: Iterable[CategoryWords]) -> Texts:
    words = vocabulary.lookup(vocabulary.CATEGORIES)
    known = list(categories)
    ids = {category.id for category in known}
    words = {word: meaning for word, meaning in words.items() if meaning in ids}
    for category in known:
        own = (category.glyph, category.name_en, category.name, category.id)
        words |= {plain(word): category.id for word in own if plain(word)}
    cells = rows.text("category", needed=True)
    found, unknown = cleaning.looked_up(cells, lambda cell: words.get(plain(cell), ""))
    names = {category.id: category.name for category in known}
    every = "、".join(names.values())
    hints = {c: names.get(_nearest(plain(c), words), every) for c in set(cells[unknown])}
    rows.findings.add(
        unknown,
        "category",
        "category_unknown",
        values=cells,
        hints=[hints.get(cell, "") for cell in cells],
    )
    return found


def _nearest(word: str, words: dict[str, str]) -> str:
    """Return the category whose word is part of this one, or like it; "" for none."""
    if not word:
        return ""
    inside = [known for known in words if len(known) > 1 and known in word]
    if inside:
        return words[max(inside, key=len)]
    alike = difflib.get_close_matches(word, words, n=1, cutoff=_ALIKE)
    return words[alike[0]] if alike else ""


def positions(rows: Rows, content: dict[str, Any]) -> tuple[Floats, Floats, Shapes]:
    """Add the position as given to the content; return it, and the points in WGS 84."""
    datums = rows.datums()
    lon, lat = rows.position()
    content |= {"source_datum": datums, "source_lon": lon, "source_lat": lat}
    points = shapely.points(np.column_stack(to_wgs84(lon, lat, datums)))
    return lon, lat, np.asarray(points, dtype=np.object_)


def _phones(rows: Rows) -> Texts:
    columns = rows.raw("phones")
    if not columns:
        return rows.blank()
    column, odd = cleaning.phones(columns)
    rows.findings.add(odd, "phones", "phone_unreadable", values=column)
    rows.limit(column, "phones")
    return column


def _hours(rows: Rows) -> Texts:
    column = rows.text("hours")
    unread = {cell for cell in set(column) if not hours.parse(cell).readable}
    odd = np.fromiter((cell in unread for cell in column), np.bool_, rows.count)
    rows.findings.add(odd, "hours", "hours_unreadable", values=column)
    return column


def _states(rows: Rows) -> dict[str, Texts]:
    words = vocabulary.lookup(vocabulary.STATUSES)
    cells = rows.text("status")
    status, unknown = cleaning.looked_up(cells, lambda cell: words.get(plain(cell), ""))
    rows.findings.add(unknown, "status", "status_unknown", values=cells)
    days = rows.text("closed_until")
    until, wrong = cleaning.dates(days)
    rows.findings.add(wrong, "closed_until", "date_unreadable", values=days)
    return {"status": status, "closed_until": until}


def _codes(rows: Rows) -> Texts:
    cells = rows.text("code", needed=True)
    codes, wrong = cleaning.looked_up(cells, _code)
    rows.findings.add(wrong, "code", "code_invalid", values=cells)
    words = vocabulary.lookup(vocabulary.LEVELS)
    told = rows.text("level")
    for at, cell in enumerate(told):
        named = words.get(plain(cell), "")
        by_code = divisions.level(codes[at]) if codes[at] else named
        if named and named != by_code:
            here = np.arange(rows.count) == at
            rows.findings.add(here, "level", "level_differs", values=told, hints=by_code)
    return codes


def _code(cell: str) -> str:
    try:
        return divisions.normalise(cell.removesuffix(".0"))
    except Invalid:
        return ""


def _boundaries(rows: Rows) -> Shapes:
    """Return a MultiPolygon in WGS 84 for every row that has an area."""
    datums = rows.datums()
    shapes = np.array(rows.shapes(), dtype=np.object_)
    some = ~shapely.is_missing(shapes)
    vertices, owner = shapely.get_coordinates(shapes, return_index=True)
    endless = np.zeros(rows.count, dtype=np.bool_)
    endless[owner[~np.isfinite(vertices).all(axis=1)]] = True
    rows.findings.add(endless, "geometry", "geometry_unreadable")
    rows.findings.add(~some & rows.findings.good, "geometry", "geometry_missing")
    shapes[endless] = None
    for name in set(datums):
        here = (datums == name) & some & ~endless
        shapes[here] = convert_geometry(shapes[here], Datum(name), Datum.WGS84)
    mended = mend(shapes)
    rows.findings.add(
        np.isin(mended.reasons, ["empty", "not_areal"]), "geometry", "geometry_not_areal"
    )
    rows.findings.add(mended.reasons == "mended", "geometry", "geometry_mended")
    return mended.geometries
