"""What happened to a closure, in words: old beside new."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import shapely

from geodata import accounts
from geodata.store import Reader
from geodata.store.records import Values
from geodata.walking import Level
from geodata.walking.frames import Frame
from webmap import changes
from webmap.changes import Difference
from webmap.i18n import gettext, marked, moment

LABELS: Mapping[str, str] = {
    "reason": marked("Reason"),
    "geom": marked("Where"),
    "starts": marked("Begins"),
    "ends": marked("Until"),
    "level": marked("Bridges and underpasses"),
    "public": marked("Who sees it"),
}
"""The columns that people are told of, in this order."""

LEVELS: Mapping[Level, str] = {
    Level.GROUND: marked("on bridges and below them one passes as ever"),
    Level.ALL: marked("closed as well"),
}

DRAWN, EDITED, LIFTED = marked("Drawn"), marked("Edited"), marked("Lifted")
PROLONGED, SHORTENED = marked("Prolonged"), marked("Shortened")

_KM2 = 1e6
_KM = 1e3


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a closure's history, in words; ``version`` is the one that came of it."""

    version: int
    at: str
    by: str
    what: str
    why: str
    differences: list[Difference]


def events(tx: Reader, row: Values, history: Iterable[Values]) -> list[Event]:
    """Return a closure's history in words, newest first.

    ``row`` is the closure as it stands in the store, ``history`` as
    :func:`geodata.closures.history` gives it: each entry holds what was there before it. What
    it was drawn with stands as differences from nothing.
    """
    entries = list(history)
    titles = accounts.titles(tx, changes.names_of(entries))
    found, now = [], dict(row)
    for entry in entries:
        before = now | entry["before"]
        drawn = entry["action"] == "add"
        found.append(
            Event(
                version=entry["version"],
                at=entry["at"],
                by=changes.who(entry["by"], entry["role"], titles),
                what=gettext(_done(entry, before, now)),
                why=entry["why"],
                differences=_differences({} if drawn else before, now),
            )
        )
        now = before
    return found


def _done(entry: Values, before: Values, now: Values) -> str:
    if entry["action"] in {"add", "lift"}:
        return DRAWN if entry["action"] == "add" else LIFTED
    if set(entry["before"]) == {"ends"}:
        return PROLONGED if before["ends"] < now["ends"] else SHORTENED
    return EDITED


def _differences(before: Values, now: Values) -> list[Difference]:
    found = []
    for field, label in LABELS.items():
        if before.get(field) != now[field]:
            was, told = _said(field, before), _said(field, now)
            if was == told:  # as large as before
                told = gettext("{size}, in another place or shape", size=told)
            found.append(Difference(field, gettext(label), was, told))
    return found


def _said(field: str, row: Values) -> str:
    return _SAYINGS[field](row[field]) if field in row else ""


def size(wkb: bytes | str) -> str:
    """Return what a drawing is, and how large, in words."""
    shape = shapely.from_wkb(wkb)
    if shape.geom_type.endswith("Point"):
        return gettext("a point")
    middle = shape.envelope.centroid
    flat = shapely.transform(shape, Frame(middle.x, middle.y).xy)
    if shape.geom_type.endswith("Polygon"):
        return gettext("an area of {size}", size=_of(flat.area, _KM2, "m²", "km²"))
    return gettext("a stretch of {size}", size=_of(flat.length, _KM, "m", "km"))


def _of(value: float, large: float, unit: str, large_unit: str) -> str:
    return f"{value:,.0f} {unit}" if value < large else f"{value / large:.1f} {large_unit}"


_SAYINGS: Mapping[str, Callable[[Any], str]] = {
    "reason": str,
    "geom": size,
    "starts": moment,
    "ends": moment,
    "level": lambda level: gettext(LEVELS[Level(level)]),
    "public": lambda public: gettext(marked("residents too") if public else marked("staff only")),
}
