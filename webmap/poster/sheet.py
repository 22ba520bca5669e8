"""A poster from what the office knows: what is on it, in which order, and how it is told."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, Protocol

import numpy as np
import shapely
from babel.dates import format_date
from numpy.typing import NDArray

from geodata import areas, browse, categories, divisions, merchants
from geodata.geometry import BBox
from geodata.hours import SHANGHAI
from geodata.roads import Streets
from geodata.store import Reader
from webmap import changes, i18n
from webmap.i18n import gettext as _
from webmap.poster import lettering, listing, magnets, papers, picture
from webmap.poster.listing import Entry, Group, Listed, Place
from webmap.poster.magnets import Look
from webmap.poster.papers import Paper, Plan, Spot
from webmap.poster.picture import Land, Picture, Pins, Style
from webmap.poster.plane import Window

type Floats = NDArray[np.float64]

MOST: Final = 5_000
"""Places that a sheet thinks about; where there are more near by, those of the area alone."""

_LISTED: Final = 700
"""No sheet has room for more."""
DOTS: Final = 1_500
"""Places without a number that are drawn as dots."""
_BANDS: Final = 5
"""Numbers run from west to east in so many bands, from north to south."""
_MARGIN: Final = 0.035
"""Of the map around its area."""


class Row(Protocol):
    """What of a place's row is told."""

    id: str
    category: str
    name: str
    phones: str
    hours: str
    lon: float
    lat: float
    status: str
    closed_until: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """What the store tells for a sheet. ``counts`` are of all, ``places`` the first of them."""

    land: Land
    looks: list[Look]
    places: list[Place]
    counts: Mapping[str, int]
    box: BBox | None
    near: bool
    trail: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Poster:
    """A sheet, ready for its template."""

    paper: Paper
    known: Known
    picture: Picture
    plan: Plan
    legend: "Legend"
    left: int
    title_size: str
    title_lines: int

    @property
    def type_look(self) -> str:
        """How poster.css names the size of the list's type."""
        return named(self.plan.type_size)

    @property
    def pages(self) -> list[list[list[Group]]]:
        """The list's columns, page by page."""
        return list(papers.pages(self.plan))


def known(tx: Reader, code: str, *, near: bool, at: datetime) -> Known:
    """Read what a sheet about an area tells; of everything where the code is "".

    Raises
    ------
    NotFound
        ``area_not_found``.
    Invalid
        ``area_code_invalid``.
    """
    own = tx.row("area", divisions.normalise(code)) if code else None
    box = _box(tx, own)
    looks = magnets.looks(categories.listed(tx))
    query = browse.Query(area=own["code"] if own else "", limit=MOST)
    if near and box is not None:
        wide = replace(query, area="", box=box.grown(box.east - box.west, box.north - box.south))
        found = browse.find(tx, wide, at)
        near = found.matched <= MOST
        query = wide if near else query
    found = browse.find(tx, query, at)
    seen = {look.id for look in looks}
    return Known(
        _land(tx, own, box),
        looks,
        [_place(row) for row in found.places if row.category in seen],
        found.counts,
        box,
        near,
        tuple(row["name"] for row in areas.path(tx, own["code"])[:-1]) if own else (),
    )


def lay(known_: Known, paper: Paper, streets: Streets | None) -> Poster | None:
    """Lay out a sheet; None where the office knows no place on earth yet."""
    if known_.box is None:
        return None
    desk = _Desk(known_, paper)
    plan = papers.plan(paper, _legend(desk.legend_of(), paper).height, desk.told)
    window = desk.window(plan.spot)
    groups = [group for column in plan.columns for group in column]
    numbers = {one.place: one.number for group in groups for one in group.entries}
    shown = desk.shown(window)
    drawn = [place for place in shown if place.id in numbers]
    dots = [place for place in shown if place.id not in numbers][:DOTS]
    marks = {look.id: look.mark for look in known_.looks}
    pins = Pins(
        positions([*drawn, *dots]),
        [marks[place.category] for place in (*drawn, *dots)],
        [*(numbers[place.id] for place in drawn), *(0 for _ in dots)],
    )
    counts = desk.counts(shown)
    return Poster(
        paper,
        known_,
        picture.draw(window, known_.land, pins, streets, _style(paper)),
        plan,
        _legend([(look, counts[look.id]) for look in known_.looks if counts.get(look.id)], paper),
        sum(counts.values()) - len(drawn),
        *_title(known_, paper),
    )


@dataclass(slots=True)
class _Desk:
    """Answers what a candidate for a sheet would list."""

    known: Known
    paper: Paper
    _windows: dict[Spot, Window] = field(default_factory=dict)
    _entries: dict[tuple[str, float], Entry] = field(default_factory=dict)
    _order: list[int] = field(init=False)
    _ranks: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self._order = _order(self.known)
        self._ranks = _ranks(self.known)

    def window(self, spot: Spot) -> Window:
        if spot not in self._windows:
            assert self.known.box is not None  # noqa: S101  there is no sheet without a place
            margin = _MARGIN * min(spot.map_width, spot.map_height)
            self._windows[spot] = Window.around(
                self.known.box, spot.map_width, spot.map_height, margin=margin
            )
        return self._windows[spot]

    def shown(self, window: Window) -> list[Place]:
        """Return what lies on the map, in the order of the list."""
        places = self.known.places
        x, y = window.xy(positions(places)).T
        there = (x >= 0) & (y >= 0) & (x <= window.width) & (y <= window.height)
        return [places[n] for n in self._order if there[n]]

    def counts(self, shown: Sequence[Place]) -> Mapping[str, int]:
        if self.known.near:
            return Counter(place.category for place in shown)
        visible = {look.id for look in self.known.looks}
        return {key: n for key, n in self.known.counts.items() if key in visible}

    def legend_of(self) -> list[tuple[Look, int]]:
        counts = self.known.counts
        return [(look, counts[look.id]) for look in self.known.looks if counts.get(look.id)]

    def told(self, spot: Spot, room: float, most: int | None) -> Listed | None:
        ranks = {self.known.places[n].id: self._ranks[n] for n in self._order}
        shown = self.shown(self.window(spot))
        chosen = [p for p in shown if most is None or ranks[p.id] < most]
        if len(chosen) > _LISTED:
            return None
        counts = self.counts(shown)
        by_look: dict[str, list[Entry]] = {}
        for number, place in enumerate(chosen, 1):
            by_look.setdefault(place.category, []).append(self._entry(place, number, room))
        return [
            (look, counts[look.id], by_look.get(look.id, []))
            for look in self.known.looks
            if counts.get(look.id)
        ]

    def _entry(self, place: Place, number: int, room: float) -> Entry:
        key = (place.id, room)
        if key not in self._entries:
            self._entries[key] = listing.entry(place, 0, room)
        return replace(self._entries[key], number=number)


@dataclass(frozen=True, slots=True)
class Legend:
    """Rows of categories with how many there are, in a type of a size, and how high it all is."""

    rows: list[list[tuple[Look, int]]]
    type_size: float
    height: float

    @property
    def look(self) -> str:
        """How poster.css names the size."""
        return named(self.type_size)


_LEGEND: Final = {"a1": 21.0, "a0": 21.0, "a4": 8.5}
"""Height of a row of the legend; poster.css has it too."""
_LEGEND_ROWS: Final = 2
LEGEND_TYPES: Final = {"a1": (9, 8, 7), "a0": (9, 8, 7), "a4": (3.9, 3.4, 3)}
_MAGNET_AND_GAP, _LEGEND_GAP = 2.7, 1.6
TITLES: Final = {"a1": (31, 25, 20, 16), "a0": (31, 25, 20, 16), "a4": (12, 10, 8, 6.4)}
_TWO_LINES: Final = 2
"""From this one of the sizes on a title may stand on two lines, and is larger so than on one."""
_BESIDE_TITLE: Final = {"a1": 165.0, "a0": 165.0, "a4": 66.0}
"""What the QR code and its words take."""


def _legend(told: Sequence[tuple[Look, int]], paper: Paper) -> Legend:
    """Break the legend into rows, in the largest type in which there are not too many."""
    for type_size in LEGEND_TYPES[paper.name]:
        rows = _legend_rows(told, paper.inner / type_size)
        if len(rows) <= _LEGEND_ROWS:
            break
    return Legend(rows, type_size, _LEGEND[paper.name] * len(rows))


def _legend_rows(told: Sequence[tuple[Look, int]], room: float) -> list[list[tuple[Look, int]]]:
    rows: list[list[tuple[Look, int]]] = [[]]
    used = 0.0
    for look, count in told:
        wide = lettering.width(f"{look.name} {count}") + _MAGNET_AND_GAP
        if used and used + wide > room:
            rows.append([])
            used = 0.0
        rows[-1].append((look, count))
        used += wide + _LEGEND_GAP
    return rows


def _title(known_: Known, paper: Paper) -> tuple[str, int]:
    """Return the height of the title's type, the largest with which it fits, and its lines."""
    name = known_.land.own["name"] if known_.land.own else ""
    parts = [lettering.width(name), lettering.width(_("Guide map of the neighbourhood"))]
    room = paper.inner - _BESIDE_TITLE[paper.name]
    sizes = TITLES[paper.name]
    for n, size in enumerate(sizes):
        if (sum(parts) + 0.6) * size <= room:
            return named(size), 1
        if n + 1 >= _TWO_LINES and max(parts) * size <= room:
            return named(size), 2
    return named(sizes[-1]), 2


def named(size: float) -> str:
    """Return a size as the classes of poster.css have it."""
    return f"{size:g}".replace(".", "-")


def _style(paper: Paper) -> Style:
    return Style(paper.map_type, *paper.magnet)


def _box(tx: Reader, own: dict[str, Any] | None) -> BBox | None:
    if own is None:
        return tx.extent()
    bounds = shapely.bounds(shapely.from_wkb(own["geom"])).tolist()
    return None if any(value != value for value in bounds) else BBox(*bounds)  # noqa: PLR0124  NaN


def _land(tx: Reader, own: dict[str, Any] | None, box: BBox | None) -> Land:
    if own is None or box is None:
        return Land(None, (), ())
    wide = box.grown((box.east - box.west) * 2, (box.north - box.south) * 2)
    touched = areas.touched(tx, shapely.box(wide.west, wide.south, wide.east, wide.north))
    rows = tx.rows("area", keys=touched)
    level = areas.LEVELS.index(own["level"])
    below = [row for row in rows if row["parent"] == own["code"]]
    beside = [
        row
        for row in rows
        if areas.LEVELS.index(row["level"]) == level and row["code"] != own["code"]
    ]
    return Land(own, below, beside)


def _place(row: Row) -> Place:
    phones = merchants.split_phones(row.phones)
    return Place(
        row.id, row.category, row.name, phones[0] if phones else "", _hours(row), row.lon, row.lat
    )


def _hours(row: Row) -> str:
    if row.status != "closed":
        return changes.in_short(row.hours)
    if not row.closed_until:
        return _("Closed for now")
    day = date.fromisoformat(row.closed_until[:10])
    told = format_date(day, "MMMd", locale=i18n.LANGUAGES[i18n.language()])
    return _("Closed until {day}", day=told)


def positions(places: Sequence[Place]) -> Floats:
    """Return where places are, degrees (n, 2)."""
    return np.array([(place.lon, place.lat) for place in places], dtype=np.float64).reshape(-1, 2)


def _order(known_: Known) -> list[int]:
    """Return places by category, then as they are read on the map: rows from west to east."""
    rank = {look.id: n for n, look in enumerate(known_.looks)}
    box = known_.box
    assert box is not None  # noqa: S101  there is no sheet without a place
    tall = max(box.north - box.south, 1e-9)

    def key(n: int) -> tuple[object, ...]:
        place = known_.places[n]
        band = int((box.north - place.lat) / tall * _BANDS // 1)
        return rank[place.category], band, place.lon, place.id

    return sorted(range(len(known_.places)), key=key)


def _ranks(known_: Known) -> list[int]:
    """Return for each place how many of its category are nearer to the middle of the area."""
    at, box = positions(known_.places), known_.box
    assert box is not None  # noqa: S101  there is no sheet without a place
    middle = np.array([(box.west + box.east) / 2, (box.south + box.north) / 2])
    away = np.hypot(*((at - middle) * (np.cos(np.radians(middle[1])), 1.0)).T)
    seen: Counter[str] = Counter()
    ranks = [0] * len(at)
    for n in np.argsort(away, kind="stable"):
        category = known_.places[n].category
        ranks[n] = seen[category]
        seen[category] += 1
    return ranks


def made(at: datetime) -> str:
    """Return the day on which a sheet was made, as people write it."""
    day = at.astimezone(SHANGHAI).date()
    return str(format_date(day, "long", locale=i18n.LANGUAGES[i18n.language()]))
