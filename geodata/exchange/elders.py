"""Elders living alone out of an office's table; a report that repeats nothing of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from geodata.errors import Invalid
from geodata.exchange import cleaning
from geodata.exchange.headings import Choice
from geodata.exchange.reading import table_of
from geodata.exchange.report import Report
from geodata.exchange.rows import Rows, scratch
from geodata.exchange.tables import Format, format_of
from geodata.exchange.vocabulary import Kind


class ElderReading(NamedTuple):
    """What a table gave: its good rows, and the account of all."""

    rows: list[dict[str, Any]]
    """Each with row (the number a spreadsheet shows), home (its id or name as written), name,
    address (the flat), phone (numbers parted by ";") and note; "" where nothing is said."""
    report: Report


def read_elders(
    path: Path | str, *, sheet: int | str | None = None, columns: Choice | None = None
) -> ElderReading:
    """Read elders living alone (独居老人) from CSV or XLSX.

    Problems tell the row, the field and the reason, never what stood there. The plain copy that
    is made for reading goes when the reading ends; the file itself is its owner's to put away.

    Raises
    ------
    NotFound
        ``file_missing``.
    Invalid
        ``format_unknown`` for what is no table; else as
        :func:`geodata.exchange.read_merchants`, without ``crs_unknown``.
    """
    path = Path(path)
    known = format_of(path)
    if known not in {Format.CSV, Format.XLSX}:
        raise Invalid("format_unknown", suffix=path.suffix, formats=["csv", "xlsx"])
    with scratch() as folder:
        table = table_of(path, known, Kind.ELDERS, sheet, columns, Path(folder))
    rows = Rows(table, Kind.ELDERS, columns=columns, datum=None, guarded=True)
    told = {name: rows.text(name, needed=True) for name in ("home", "name")}
    told["address"] = rows.text("address")
    phones, odd = cleaning.phones(rows.raw("phones") or [rows.blank()])
    rows.findings.add(odd, "phones", "phone_unreadable")
    rows.limit(phones, "phones")
    told |= {"phone": phones, "note": rows.text("note")}
    good = rows.findings.good
    kept = [column[good].tolist() for column in told.values()]
    numbers = table.rows[good].tolist()
    found = [
        {"row": number} | dict(zip(told, cells, strict=True))
        for number, *cells in zip(numbers, *kept, strict=True)
    ]
    report = rows.report(rows.source(path.name, known))
    report.problems = [replace(one, value="") if one.row else one for one in report.problems]
    return ElderReading(found, report)
