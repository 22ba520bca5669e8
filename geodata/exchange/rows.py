"""The rows of a table whose headings are understood: its fields, cleaned and checked."""

from collections.abc import Callable, Sequence
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata import ids
from geodata.datum import Datum, convert
from geodata.errors import Invalid
from geodata.exchange import cleaning
from geodata.exchange.cleaning import Floats, Mask
from geodata.exchange.headings import Choice, datum_named, understand
from geodata.exchange.report import Findings, Problem, Report, Source, shown
from geodata.exchange.tables import Table, Texts, texts
from geodata.exchange.vocabulary import Kind

type Progress = Callable[[int, int], None]

LONGEST: dict[str, int] = {
    "name": 200,
    "address": 300,
    "phones": 200,
    "hours": 300,
    "note": 2000,
}
"""How many characters a field may have; a longer one makes the row bad and is never cut."""

_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
"""China, by the box that the datums use too."""

_PER_DEGREE_M = 111_320.0
_SAME_PLACE_M = 1.0
_SQUARE_M = _SAME_PLACE_M / np.sqrt(2)
_AROUND = [(right, up) for right in range(-2, 3) for up in range(-2, 3) if right or up]
_POINT = 0
_LETTERS = frozenset(ids.ALPHABET)


class Rows:
    """One table on its way to a frame: every method cleans one field and notes what is wrong."""

    def __init__(
        self,
        table: Table,
        kind: Kind,
        *,
        columns: Choice | None,
        datum: Datum | None,
        guarded: bool,
    ) -> None:
        shapes = table.shapes is not None
        self.seen = understand(table.headings, kind, columns=columns, shapes=shapes, datum=datum)
        if self.seen.missing:
            found = [heading for heading in table.headings if heading]
            raise Invalid("column_missing", columns=list(self.seen.missing), found=found)
        self.findings = Findings(table.rows)
        self.findings.tell(table.notes)
        self.count = len(table.rows)
        self._table = table
        self._guarded = guarded
        self._told = datum
        # A heading speaks of its column; a geometry beside it is WGS 84 like any other.
        pinned = table.shapes is not None and any(shape is not None for shape in table.shapes)
        self._hint = None if pinned else self.seen.datum
        self.datum = datum or self._hint or Datum.WGS84
        if self.seen.ignored:
            ignored = ", ".join(table.headings[at] for at in self.seen.ignored)
            self.findings.tell([Problem(0, "", "heading_unknown", shown(ignored))])
        if table.overfull is not None:
            self.findings.add(table.overfull, "", "too_many_cells")

    def blank(self) -> Texts:
        """Return a column of nothing."""
        return texts([""] * self.count)

    def raw(self, field: str) -> list[Texts]:
        """Return the columns of a field, cleaned, each as long as the table."""
        lines = field in {"note", "hours"}
        found = [self._table.columns[at] for at in self.seen.columns.get(field, ())]
        cleaned = [cleaning.clean(column, lines=lines) for column in found]
        return [cleaning.unguarded(column) for column in cleaned] if self._guarded else cleaned

    def text(self, field: str, *, needed: bool = False) -> Texts:
        """Return a field of text; too long, or needed and blank, makes a row bad."""
        column = next(iter(self.raw(field)), None)
        if column is None:
            return self.blank()
        if needed:
            self.findings.add(~cleaning.filled(column), field, "missing")
        self.limit(column, field)
        return column

    def limit(self, column: Texts, field: str) -> None:
        """Refuse rows whose text is longer than the field may be."""
        most = LONGEST.get(field)
        if most:
            long = np.fromiter((len(cell) > most for cell in column), np.bool_, self.count)
            self.findings.add(long, field, "too_long", values=column, hints=str(most))

    def ids(self) -> Texts:
        """Return the ids that are of our making; those of others are told and left out."""
        column = self.text("id")
        upper = texts([cell.upper() for cell in column])
        ours = np.fromiter(map(_is_id, upper), np.bool_, self.count)
        foreign = int((cleaning.filled(column) & ~ours).sum())
        if foreign:
            self.findings.tell([Problem(0, "id", "id_foreign", hint=str(foreign))])
        return texts(np.where(ours, upper, "").tolist())

    def number(self, field: str) -> "pd.Series[Any]":
        """Return a count of people or flats as Int64, NA where none stands."""
        column = self.text(field)
        numbers, wrong = cleaning.counts(column)
        self.findings.add(wrong, field, "not_a_number", values=column)
        return numbers

    def datums(self) -> Texts:
        """Return the datum of each row: its own, or the one for all."""
        column = self.text("datum")
        named, unknown = cleaning.looked_up(column, lambda cell: datum_named(cell) or "")
        self.findings.add(unknown, "datum", "datum_unknown", values=column)
        others = set(named) - {""}
        if self._hint:
            others.add(self._hint)
        if self._told:
            self.findings.tell(
                Problem(0, "datum", "datum_differs", str(self._told), str(other))
                for other in sorted(others - {self._told})
            )
        return texts([str(cell or self.datum) for cell in named])

    def shapes(self) -> NDArray[np.object_]:
        """Return each row's geometry, or the one that its cell spells as WKT, or None."""
        if self._table.shapes is not None:
            return self._table.shapes
        if "geometry" not in self.seen.columns:
            return np.full(self.count, None, dtype=np.object_)
        column = self.text("geometry")
        with np.errstate(all="ignore"):
            shapes = shapely.from_wkt(column, on_invalid="ignore")
        nonsense = shapely.is_missing(shapes) & cleaning.filled(column)
        self.findings.add(nonsense, "geometry", "geometry_unreadable", values=column)
        return np.asarray(shapes, dtype=np.object_)

    def position(self) -> tuple[Floats, Floats]:
        """Return longitude and latitude as given; every row without a good one is bad."""
        lon, lat, pinned = self._pins()
        if set(self.seen.columns) & {"lon", "lat", "position"}:
            written = self._written(~pinned)
            lon, lat = np.where(pinned, lon, written[0]), np.where(pinned, lat, written[1])
        else:
            self.findings.add(~pinned & self.findings.good, "geometry", "geometry_missing")
        known = np.isfinite(lon) & np.isfinite(lat)
        with np.errstate(invalid="ignore"):
            inside, turned = _in_china(lon, lat), _in_china(lat, lon)
        shown = [f"{a:.6f},{b:.6f}" for a, b in zip(lon.tolist(), lat.tolist(), strict=True)]
        self.findings.add(known & turned & ~inside, "lon", "lon_lat_swapped", values=shown)
        self.findings.add(known & ~turned & ~inside, "lon", "outside_china", values=shown)
        return lon, lat

    def unique(self, column: Texts, field: str) -> None:
        """Refuse rows that repeat a value of a row above them; blank ones repeat nothing."""
        good = np.flatnonzero(self.findings.good & cleaning.filled(column))
        where: dict[str, int] = {}
        first = np.full(self.count, -1, dtype=np.int64)
        for at, value in zip(good.tolist(), column[good], strict=True):
            first[at] = where.setdefault(value, at)
        self._repeats(np.where(first == np.arange(self.count), -1, first), field, column)

    def apart(self, keys: Sequence[Texts], lon: Floats, lat: Floats) -> None:
        """Refuse rows that have all keys of a row above them, within a metre of it."""
        good = np.flatnonzero(self.findings.good)
        frame = pd.DataFrame({str(number): key[good] for number, key in enumerate(keys)})
        groups = frame.groupby(list(frame.columns), sort=False).ngroup()
        alike = groups.duplicated(keep=False).to_numpy()
        places = good[alike]
        near = _first_near(groups.to_numpy().astype(np.int64)[alike], lon[places], lat[places])
        first = np.full(self.count, -1, dtype=np.int64)
        first[places[near >= 0]] = places[near[near >= 0]]
        self._repeats(first, "name", keys[0])

    def report(self, source: Source) -> Report:
        """Return the account so far."""
        good = int(self.findings.good.sum())
        return Report(source, rows=self.count, good=good, problems=self.findings.problems)

    def source(self, name: str, known: str) -> Source:
        """Return what was read and how it was understood."""
        headings = self._table.headings
        return Source(
            name,
            known,
            self._table.encoding,
            self._table.sheet,
            self._table.sheets,
            {
                field: tuple(headings[at] for at in places)
                for field, places in self.seen.columns.items()
            },
            tuple(headings[at] for at in self.seen.ignored),
            self.datum,
        )

    def frame(self, columns: dict[str, Any], geometry: NDArray[np.object_]) -> gpd.GeoDataFrame:
        """Return the good rows as a frame in EPSG:4326, numbered as a spreadsheet shows them."""
        good = self.findings.good
        content: dict[str, Any] = {"row": self._table.rows[good]}
        for name, column in columns.items():
            kept = column[good]
            if isinstance(kept, pd.Series):
                content[name] = kept.array
            else:
                content[name] = pd.array(kept, dtype="str") if kept.dtype == np.object_ else kept
        frame = pd.DataFrame(content)
        return gpd.GeoDataFrame(frame, geometry=geometry[good], crs=4326)

    def _repeats(self, first: NDArray[np.int64], field: str, column: Texts) -> None:
        told = self._table.rows[first].astype(str).tolist()
        self.findings.add(first >= 0, field, "duplicate_in_file", values=column, hints=told)

    def _pins(self) -> tuple[Floats, Floats, Mask]:
        """Return the positions that geometries give; a shape gives a point inside it."""
        shapes = self.shapes()
        some = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        kinds = shapely.get_type_id(shapes)
        spread = some & (kinds != _POINT)
        points = shapes.copy()
        if spread.any():
            points[spread] = shapely.point_on_surface(_valid(shapes[spread]))
            how_many = str(int(spread.sum()))
            self.findings.tell([Problem(0, "geometry", "geometry_reduced", hint=how_many)])
        points[~some] = None
        lon, lat = shapely.get_x(points), shapely.get_y(points)
        # Reprojection writes infinity where a place does not exist.
        return lon, lat, some & np.isfinite(lon) & np.isfinite(lat)

    def _written(self, wanted: Mask) -> tuple[Floats, Floats]:
        """Return the positions that columns give, and tell of those that cannot be read."""
        lon_cells, lat_cells, pair_cells = (
            self.text(field) for field in ("lon", "lat", "position")
        )
        lon, lat = cleaning.degrees(lon_cells), cleaning.degrees(lat_cells)
        apart = cleaning.filled(lon_cells) | cleaning.filled(lat_cells)
        together = cleaning.filled(pair_cells) & ~apart
        if together.any():
            paired = cleaning.pairs(pair_cells)
            lon, lat = np.where(together, paired[0], lon), np.where(together, paired[1], lat)
            unread = together & wanted & (np.isnan(lon) | np.isnan(lat))
            self.findings.add(unread, "position", "position_unreadable", values=pair_cells)
        for field, cells, values in (("lon", lon_cells, lon), ("lat", lat_cells, lat)):
            some = cleaning.filled(cells)
            self.findings.add(wanted & ~together & ~some, field, "missing")
            nonsense = wanted & some & np.isnan(values)
            self.findings.add(nonsense, field, "not_a_number", values=cells)
        return lon, lat


def to_wgs84(lon: Floats, lat: Floats, datums: Texts) -> tuple[Floats, Floats]:
    """Bring positions, each in a datum of its own, to WGS 84."""
    lon, lat = lon.copy(), lat.copy()
    for name in set(datums):
        here = datums == name
        lon[here], lat[here] = convert(lon[here], lat[here], Datum(name), Datum.WGS84)
    return lon, lat


def scratch() -> "TemporaryDirectory[str]":
    """Return a folder for the plain copy that GDAL reads; it goes when the reading ends."""
    return TemporaryDirectory(prefix="linju-")


def _is_id(text: str) -> bool:
    return len(text) == ids.LENGTH and _LETTERS.issuperset(text)


def _in_china(lon: Floats, lat: Floats) -> Mask:
    inside = (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)
    return np.asarray(inside, dtype=np.bool_)


def _valid(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    return np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes))


def _first_near(groups: NDArray[np.int64], lon: Floats, lat: Floats) -> NDArray[np.int64]:
    """Return for each place an earlier one of its group within a metre, -1 for none.

    Squares with a diagonal of a metre: all that share one are near, and another
    can only stand in one of the squares around. They are square at the middle
    latitude of the rows, which is as exact as a file of one city asks for.
    """
    if not len(groups):
        return np.empty(0, dtype=np.int64)
    east = lon * _PER_DEGREE_M * np.cos(np.radians(np.median(lat)))
    north = lat * _PER_DEGREE_M
    squares = np.floor(np.column_stack([east, north]) / _SQUARE_M).astype(np.int64)
    first = np.full(len(groups), -1, dtype=np.int64)
    heads: dict[tuple[int, int, int], int] = {}
    keys = zip(groups.tolist(), *squares.T.tolist(), strict=True)
    for at, (group, column, row) in enumerate(keys):
        head = heads.setdefault((group, column, row), at)
        if head != at:
            first[at] = head
            continue
        for right, up in _AROUND:
            other = heads.get((group, column + right, row + up))
            if other is None:
                continue
            if np.hypot(east[other] - east[at], north[other] - north[at]) <= _SAME_PLACE_M:
                first[at] = other
                break
    return first
