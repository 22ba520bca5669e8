"""What an import has to say: how many rows went well, and what ails each of the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.datum import Datum

COLUMNS = ("row", "severity", "field", "reason", "mend", "value", "hint")
"""The columns of :meth:`Report.to_frame`: the fields of :class:`Problem`."""

_SHOWN = 80


class Severity(StrEnum):
    """What a problem does to its row."""

    ERROR = "error"
    """The row stays out."""
    WARNING = "warning"
    """The row goes in as it is written."""


REASONS: dict[str, tuple[Severity, str]] = {
    "missing": (Severity.ERROR, "fill_in"),
    "not_a_number": (Severity.ERROR, "write_number"),
    "lon_lat_swapped": (Severity.ERROR, "swap"),
    "outside_china": (Severity.ERROR, "check_position"),
    "position_unreadable": (Severity.ERROR, "write_position"),
    "geometry_missing": (Severity.ERROR, "draw"),
    "geometry_unreadable": (Severity.ERROR, "draw"),
    "geometry_not_areal": (Severity.ERROR, "draw_area"),
    "geometry_mended": (Severity.WARNING, "check_position"),
    "geometry_reduced": (Severity.WARNING, "check_position"),
    "category_unknown": (Severity.ERROR, "choose_category"),
    "datum_unknown": (Severity.ERROR, "choose_datum"),
    "datum_differs": (Severity.WARNING, "check_datum"),
    "status_unknown": (Severity.ERROR, "choose_status"),
    "date_unreadable": (Severity.ERROR, "write_date"),
    "too_long": (Severity.ERROR, "shorten"),
    "too_many_cells": (Severity.ERROR, "quote_cell"),
    "duplicate_in_file": (Severity.ERROR, "remove_row"),
    "home_unknown": (Severity.ERROR, "write_home"),
    "home_ambiguous": (Severity.ERROR, "write_home_number"),
    "namesakes": (Severity.ERROR, "write_flat"),
    "told_before": (Severity.ERROR, "remove_row"),
    "outside_scope": (Severity.ERROR, "ask_responsible"),
    "waits_for_review": (Severity.ERROR, "decide_there"),
    "code_invalid": (Severity.ERROR, "write_code"),
    "level_differs": (Severity.WARNING, "check_code"),
    "hours_unreadable": (Severity.WARNING, "rewrite_hours"),
    "phone_unreadable": (Severity.WARNING, "check_phone"),
    "id_foreign": (Severity.WARNING, "nothing"),
    "heading_unknown": (Severity.WARNING, "choose_column"),
    "formula_uncalculated": (Severity.WARNING, "calculate"),
}
"""Every reason, what it does to the row, and the code word of what would mend it.

Both words never change; webmap puts them into the reader's language.
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one row; row 0 speaks of the file as a whole.

    ``row`` is the number that a spreadsheet shows beside the row, or the number
    of the feature, from 1. ``value`` is what stood there, cut to 80 characters.
    ``hint`` depends on the reason: ``category_unknown`` the nearest category's id
    or "", ``duplicate_in_file`` the first row's number, ``too_long`` the limit,
    ``geometry_reduced``, ``id_foreign`` and ``formula_uncalculated`` how many,
    ``datum_differs`` the datum that the file names, ``level_differs`` the level
    of the code, otherwise "". ``heading_unknown`` has the headings in ``value``.
    """

    row: int
    field: str
    reason: str
    value: str = ""
    hint: str = ""

    @property
    def severity(self) -> Severity:
        """What the problem does to its row."""
        return REASONS[self.reason][0]

    @property
    def mend(self) -> str:
        """The code word of what would mend it."""
        return REASONS[self.reason][1]


@dataclass(frozen=True, slots=True)
class Source:
    """What was read, and how it was understood."""

    name: str
    format: str
    encoding: str = ""
    """"utf-8", "utf-8-sig", "utf-16" or "gb18030" of text; otherwise ""."""
    sheet: str = ""
    """The sheet, layer or "" that was read."""
    sheets: tuple[str, ...] = ()
    """All that the file holds."""
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Field → headings it was read from."""
    ignored: tuple[str, ...] = ()
    """Headings that mean nothing to us."""
    datum: Datum = Datum.WGS84
    """In which the rows are read that name no datum of their own."""


@dataclass(slots=True)
class Report:
    """The account of one import, row by row.

    ``rows`` counts the rows that hold anything, ``good`` those that went into
    the frame. The store adds what became of them.
    """

    source: Source
    rows: int = 0
    good: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def bad(self) -> int:
        """How many rows stayed out."""
        return self.rows - self.good

    def to_frame(self) -> pd.DataFrame:
        """Return the problems as a table with :data:`COLUMNS`, in the order of the rows."""
        ordered = sorted(self.problems, key=lambda problem: problem.row)
        cells = [[str(getattr(problem, name)) for name in COLUMNS[1:]] for problem in ordered]
        frame = pd.DataFrame(cells, columns=list(COLUMNS[1:]), dtype="str")
        frame.insert(0, "row", np.array([problem.row for problem in ordered], dtype=np.int64))
        return frame


class Findings:
    """Problems while they are gathered, and which rows are still good."""

    def __init__(self, rows: NDArray[np.int64]) -> None:
        self.rows = rows
        self.good = np.ones(len(rows), dtype=np.bool_)
        self.problems: list[Problem] = []

    def add(
        self,
        where: NDArray[np.bool_],
        field: str,
        reason: str,
        *,
        values: Sequence[str] | NDArray[np.object_] = (),
        hints: Sequence[str] | str = "",
    ) -> None:
        """Tell every row of the mask of its problem; an error makes the row bad.

        ``values`` and ``hints`` are as long as the mask, or empty; a string is
        the hint of all.
        """
        at = np.flatnonzero(where)
        if REASONS[reason][0] is Severity.ERROR:
            self.good[at] = False
        self.problems += [
            Problem(
                int(self.rows[index]),
                field,
                reason,
                shown(values[index]) if len(values) else "",
                hints if isinstance(hints, str) else hints[index],
            )
            for index in map(int, at)
        ]

    def tell(self, problems: Iterable[Problem]) -> None:
        """Add problems of the file as a whole."""
        self.problems += problems


def shown(value: object) -> str:
    """Cut a value to what a report shows of it."""
    text = str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
