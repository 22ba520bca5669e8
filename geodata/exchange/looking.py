"""How a file would be understood, for people who look at that before its rows are read."""

from itertools import islice
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd

from geodata.datum import Datum
from geodata.exchange.headings import Choice, Understanding, datum_named, understand
from geodata.exchange.reading import positions, table_of
from geodata.exchange.report import shown
from geodata.exchange.rows import Rows, scratch
from geodata.exchange.tables import Format, Table, Texts, format_of
from geodata.exchange.vocabulary import Kind

_SAMPLED = 3
_PLACES = 2000


class Look(NamedTuple):
    """How a file would be understood."""

    format: Format
    encoding: str
    sheet: str
    sheets: tuple[str, ...]
    headings: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    """For each heading a few of its values, cut as in a report."""
    rows: int
    seen: Understanding
    shapes: bool
    """Whether each row has a geometry of its own."""
    pinned: bool
    """Whether a row really has one: its datum is WGS 84, whatever a heading says."""
    naming: tuple[int, ...]
    """Columns of which every cell names a datum."""
    places: gpd.GeoDataFrame
    """An even sample of up to 2,000 rows with name, address and position, to weigh datums by;
    empty where the columns are not understood, and where the datum needs no weighing."""


def look(
    path: Path | str,
    kind: Kind,
    *,
    datum: Datum | None = None,
    sheet: int | str | None = None,
    columns: Choice | None = None,
) -> Look:
    """Tell how a file would be understood, before anything is asked of its rows.

    For a page on which people see that and mend it: what they choose goes to
    :func:`geodata.exchange.read_merchants` and its sisters as ``columns``, by position. A
    table without a header that is recognised has its first line for one. Such a choice can be
    looked at too: ``columns``.

    Raises
    ------
    NotFound, Invalid
        As :func:`geodata.exchange.read_merchants`, without ``column_missing`` and
        ``no_header``.
    """
    path = Path(path)
    known = format_of(path)
    with scratch() as name:
        table = table_of(path, known, kind, sheet, columns, Path(name), anyway=True)
    shapes = table.shapes is not None
    pinned = table.shapes is not None and any(shape is not None for shape in table.shapes)
    seen = understand(table.headings, kind, columns=columns, shapes=shapes, datum=datum)
    samples = tuple(_sample(column) for column in table.columns[: len(table.headings)])
    return Look(
        known,
        table.encoding,
        table.sheet,
        table.sheets,
        table.headings,
        samples,
        len(table.rows),
        seen,
        shapes,
        pinned,
        tuple(at for at, column in enumerate(table.columns) if _names_datum(column)),
        _places(table, kind, columns, weighed=not (pinned or seen.missing)),
    )


def _names_datum(column: Texts) -> bool:
    return len(column) > 0 and all(map(datum_named, column))


def _places(table: Table, kind: Kind, columns: Choice | None, *, weighed: bool) -> gpd.GeoDataFrame:
    if not weighed or kind is Kind.AREAS:
        return gpd.GeoDataFrame(geometry=[], crs=4326)
    step = slice(None, None, max(1, -(-len(table.rows) // _PLACES)))
    some = Table(table.headings, [column[step] for column in table.columns], table.rows[step])
    rows = Rows(some, kind, columns=columns, datum=None, guarded=True)
    content = {"name": rows.text("name"), "address": rows.text("address")}
    _lon, _lat, points = positions(rows, content)
    return rows.frame(content, points)


def _sample(column: Texts) -> tuple[str, ...]:
    told = (shown(cell.strip()) for cell in column if cell and not cell.isspace())
    return tuple(islice(dict.fromkeys(told), _SAMPLED))
