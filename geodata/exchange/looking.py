"""How a file would be understood, for people who look at that before its rows are read."""

from itertools import islice
from pathlib import Path
from typing import NamedTuple

from geodata.datum import Datum
from geodata.exchange.headings import Understanding, understand
from geodata.exchange.reading import table_of
from geodata.exchange.report import shown
from geodata.exchange.rows import scratch
from geodata.exchange.tables import Format, Texts, format_of
from geodata.exchange.vocabulary import Kind

_SAMPLED = 3


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


def look(
    path: Path | str,
    kind: Kind,
    *,
    datum: Datum | None = None,
    sheet: int | str | None = None,
) -> Look:
    """Tell how a file would be understood, before anything is asked of its rows.

    For a page on which people see that and mend it: what they choose goes to
    :func:`geodata.exchange.read_merchants` and its sisters as ``columns``, by position. A
    table without a header that is recognised has its first line for one.

    Raises
    ------
    NotFound, Invalid
        As :func:`geodata.exchange.read_merchants`, without ``column_missing`` and
        ``no_header``.
    """
    path = Path(path)
    known = format_of(path)
    with scratch() as name:
        table = table_of(path, known, kind, sheet, None, Path(name), anyway=True)
    shapes = table.shapes is not None
    seen = understand(table.headings, kind, shapes=shapes, datum=datum)
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
    )


def _sample(column: Texts) -> tuple[str, ...]:
    told = (shown(cell.strip()) for cell in column if cell and not cell.isspace())
    return tuple(islice(dict.fromkeys(told), _SAMPLED))
