"""What a benchmark prints: the machine, and tables that a person reads side by side."""

import os
import platform
import sqlite3
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime


def machine() -> str:
    """Return on what the numbers were measured: without it they mean nothing."""
    today = datetime.now(UTC).date()
    python = platform.python_version()
    return (
        f"{today} · {os.cpu_count()} cores ({platform.machine()}, {platform.system()})"
        f" · Python {python} · SQLite {sqlite3.sqlite_version}"
    )


def thousands(n: float) -> str:
    """Write a number of merchants as people say it."""
    for unit, sign in ((1_000_000, "M"), (1_000, "k")):
        if n >= unit and n % unit == 0:
            return f"{n // unit:.0f}{sign}"
    return f"{n:.0f}"


def number(value: float | None) -> str:
    """Write a measured number: three figures are what a second run would give again."""
    if value is None:
        return "-"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], *notes: str) -> None:
    """Print a table; the first column to the left, all others to the right."""
    every = [tuple(head), *map(tuple, rows)]
    widths = [max(_width(row[column]) for row in every) for column in range(len(head))]
    print(f"\n{title}\n", flush=True)
    for place, row in enumerate(every):
        cells = [_padded(cell, width, left=not i) for i, (cell, width) in _columns(row, widths)]
        print("  " + "   ".join(cells).rstrip())
        if place == 0:
            print("  " + "   ".join("-" * width for width in widths))
    for note in notes:
        print(f"  {note}")
    print(flush=True)


def _columns(row: Sequence[str], widths: Sequence[int]) -> Iterable[tuple[int, tuple[str, int]]]:
    return enumerate(zip(row, widths, strict=True))


def _width(text: str) -> int:
    # A Chinese character is two columns wide in a terminal.
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int, *, left: bool) -> str:
    space = " " * (width - _width(text))
    return text + space if left else space + text
