"""Choosing the homes of a round: an area, a shape, a name, elders living alone, a pasted sheet."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata import elders
from geodata.elders.listing import natural
from geodata.geometry import BBox
from geodata.policy import Action, Actor, require
from geodata.rounds.asked import LONGEST_VISIT_MIN
from geodata.rounds.saved import LONGEST
from geodata.store import Reader
from geodata.store.records import Values

MOST_LINES: Final = 300
MOST_LIKE: Final = 6
"""Homes that are offered for a line which could be any of them."""

_COLUMNS: Final = ("id", "name", "address", "lon", "lat", "area", "households", "elders_alone")
_HEADINGS: Final = frozenset(
    (
        "楼栋",
        "楼栋名称",
        "楼号",
        "楼名",
        "名称",
        "地址",
        "住址",
        "home",
        "building",
        "name",
        "address",
    )
)
_GAP = re.compile(r"\t|\s*[,，;；]\s*| {2,}")
_MINUTES = re.compile(r"(\d{1,4})\s*(?:分钟?|min(?:utes?)?)?", re.IGNORECASE)
_CLOCK = r"(\d{1,2}):(\d{2})(?::00)?"
_RANGE = re.compile(rf"{_CLOCK}\s*(?:[-‐-―−~]+|至|到)\s*{_CLOCK}")
_OF_TIMES = re.compile(
    r"(?=.*(?:\d:\d|\d\s*[点时]))[\d\s:~‐-―−、和或至到点时分半整上中下午早晚前后以之-]+"
)
"""Nothing but signs and words of times, as ``下午2点`` or ``14:00以后``."""
_LAST_HOUR: Final = 23
_LAST_MINUTE: Final = 59
_MIDNIGHT: Final = (24, 0)
_SIGNS = re.compile(r"[\s\-—_#,.，。]+")
_ALIKE = str.maketrans({"栋": "楼", "幢": "楼"})


class Fate(StrEnum):
    """What became of a pasted line."""

    FOUND = "found"
    AGAIN = "again"
    SEVERAL = "several"
    UNKNOWN = "unknown"
    BAD_MINUTES = "minutes"
    BAD_TIMES = "times"
    LONG_NOTE = "too_long"


@dataclass(frozen=True, slots=True)
class Line:
    """A pasted line: as it was, what became of it, and the homes that it may mean.

    ``window``: from when until when the visit may begin, each ``HH:MM``.
    """

    number: int
    text: str
    fate: Fate
    homes: tuple[Values, ...] = ()
    minutes: int | None = None
    note: str = ""
    window: tuple[str, str] | None = None


def chosen(
    tx: Reader,
    *,
    actor: Actor,
    area: str = "",
    shape: BaseGeometry | None = None,
    words: str = "",
    alone: bool = False,
) -> list[Values]:
    """Return homes to visit, by name: all that is told must be so of each of them.

    Columns: id, name, address, lon, lat (WGS 84), area, households, elders_alone (the greater
    of what the office keeps and how many are entered; no names).

    Parameters
    ----------
    area
        An area-code prefix; the actor's scope where none is told.
    shape
        WGS 84.
    words
        All of them in the name or the address.
    alone
        Only where elders live alone.

    Raises
    ------
    Forbidden
        ``forbidden``: for staff, in their scope.
    """
    area = area or actor.scope
    require(actor, Action.HOME_READ, area=area)
    if shape is not None and shape.is_empty:
        return []
    box = BBox(*shape.bounds) if shape is not None else None
    rows = tx.rows("home", columns=_COLUMNS, box=box, inside=area)
    if shape is not None and rows:
        shapely.prepare(shape)
        at = np.array([(row["lon"], row["lat"]) for row in rows])
        rows = [rows[n] for n in np.flatnonzero(shapely.intersects_xy(shape, at)).tolist()]
    wanted = words.split()
    rows = [row for row in rows if all(w in f"{row['name']} {row['address']}" for w in wanted)]
    entered = elders.counts(tx, actor=actor, area=area)
    for row in rows:
        row["elders_alone"] = max(row["elders_alone"] or 0, entered.get(row["id"], 0))
    rows = [row for row in rows if row["elders_alone"] or not alone]
    return sorted(rows, key=lambda row: (natural(row["name"]), row["address"], row["id"]))


def understood(tx: Reader, text: str, *, actor: Actor) -> list[Line]:
    """Tell of each line of a pasted sheet which home it means, or why that is not known.

    A line is a building's name or address, then minutes, a time as ``14:00-14:30`` and a note,
    as cells of Excel or WPS are pasted; those three may be missing or change places. A time that
    cannot be read, or that stands among other words, makes no note: the line is told as not
    understood. A line of headings is passed over, and so are empty ones. At most
    :data:`MOST_LINES` are read.

    Raises
    ------
    Forbidden
        ``forbidden``: for staff.
    """
    homes = chosen(tx, actor=actor)
    known = [(row, _plain(row["name"]), _plain(row["address"])) for row in homes]
    lines = [(n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    seen: set[str] = set()
    told = []
    for number, line in lines[:MOST_LINES]:
        cells = [cell.strip() for cell in _GAP.split(line)]
        if not cells[0] or (number == lines[0][0] and cells[0].lower() in _HEADINGS):
            continue
        one = _line(number, line, cells, known)
        if one.fate is Fate.FOUND:
            if one.homes[0]["id"] in seen:
                one = Line(number, line, Fate.AGAIN, one.homes)
            seen.add(one.homes[0]["id"])
        told.append(one)
    return told


def _line(number: int, text: str, cells: list[str], known: list[tuple[Values, str, str]]) -> Line:
    minutes, windows, notes, doubtful = None, [], [], False
    for cell in filter(None, cells[1:]):
        found = _MINUTES.fullmatch(cell)
        if found and minutes is None:
            minutes = int(found[1])
        elif window := _window(cell):
            windows.append(window)
        else:
            doubtful = doubtful or _timely(cell)
            notes.append(cell)
    note = " ".join(notes)
    homes = _meant(cells[0], known)
    wrong = (
        (Fate.UNKNOWN, not homes),
        (Fate.BAD_MINUTES, minutes is not None and not 1 <= minutes <= LONGEST_VISIT_MIN),
        (Fate.BAD_TIMES, doubtful or len(windows) > 1),
        (Fate.LONG_NOTE, len(note) > LONGEST["note"]),
        (Fate.SEVERAL, len(homes) > 1),
    )
    fate = next((fate for fate, so in wrong if so), Fate.FOUND)
    window = windows[0] if windows else None
    return Line(number, text, fate, tuple(homes[:MOST_LIKE]), minutes, note, window)


def _window(cell: str) -> tuple[str, str] | None:
    """Return from when until when, where a cell says that and no more."""
    found = _RANGE.fullmatch(unicodedata.normalize("NFKC", cell))
    if not found:
        return None
    first, last, hour, minute = map(int, found.groups())
    # The day ends at 24:00, which no clock shows.
    end = (_LAST_HOUR, _LAST_MINUTE) if (hour, minute) == _MIDNIGHT else (hour, minute)
    if max(first, end[0]) > _LAST_HOUR or max(last, end[1]) > _LAST_MINUTE or (first, last) > end:
        return None
    return f"{first:02}:{last:02}", f"{end[0]:02}:{end[1]:02}"


def _timely(cell: str) -> bool:
    """Tell whether a cell was meant as a time: it is of nothing else, or a range stands in it."""
    plain = unicodedata.normalize("NFKC", cell)
    return bool(_OF_TIMES.fullmatch(plain) or _RANGE.search(plain))


def _meant(cell: str, known: list[tuple[Values, str, str]]) -> list[Values]:
    """Return the homes that a cell names: exactly, else those that hold it, else that it holds."""
    wanted = _plain(cell)
    if not wanted:
        return []
    for passes in _SIEVES:
        if found := [row for row, name, address in known if passes(wanted, name, address)]:
            return found
    # Of names that stand in it the longest is meant: 12号楼, not 2号楼.
    held = [(len(name), row) for row, name, _ in known if len(name) > 1 and name in wanted]
    longest = max((length for length, _ in held), default=0)
    return [row for length, row in held if length == longest]


_SIEVES: Final[Sequence[Callable[[str, str, str], bool]]] = (
    lambda wanted, name, address: wanted in {name, address, address + name, name + address},
    lambda wanted, name, address: wanted in name or wanted in address,
)
"""What a cell may be to a home, the surest first."""


def _plain(text: str) -> str:
    return _SIGNS.sub("", unicodedata.normalize("NFKC", text)).translate(_ALIKE).lower()
