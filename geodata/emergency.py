"""Emergency (应急): who can help at a place, which way, with the streets that are closed.

Nothing here is stored. A closed street is closed for everybody: each way, time and ring obeys
every closure in force at the departure. Where the place itself lies inside closures, these are
obeyed up to their edge only, and that is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from geodata import browse, closures, merchants, near
from geodata.approach import Entry, from_cordon, nearest_by_vehicle, to_cordon
from geodata.browse import Query
from geodata.closures import Closure
from geodata.errors import Invalid, NotFound, Unavailable
from geodata.geometry import BBox, metres_between
from geodata.hours import CALENDAR, Calendar
from geodata.modes import Mode
from geodata.near import Near
from geodata.policy import Action, Actor, require
from geodata.roads import Streets
from geodata.routing import Closures, Position, Route
from geodata.scenarios import Direction, Scenario
from geodata.store import PUBLIC, Reader
from geodata.walking import closed_areas

DRAWN: Final = 3
"""Ways that an answer brings along; the others come when they are asked for."""

HOMES_MIN: Final = 5
"""Homes are counted within so many minutes on foot."""

_RANKED: Final = 3
"""So many times as many as are wanted are looked at: some of them are closed."""
_FARTHEST_M: Final = 6_400.0
_FIRST_M: Final = 800.0
_NO_TIMES: Final = frozenset({"off_network", "closures_too_large"})
"""What leaves nothing but the order of straight lines."""


@dataclass(frozen=True, slots=True)
class Question:
    """What happened where, and when one leaves (aware).

    ``without`` are ids to leave out. Without ``around`` neither rings nor homes are told: they
    take longer than helpers and ways, and can follow, alone without ``who``.
    """

    at: Position
    scenario: Scenario
    departure: datetime
    modes: tuple[Mode, ...] = ()
    without: frozenset[str] = frozenset()
    around: bool = True
    who: bool = True

    @property
    def asked_modes(self) -> tuple[Mode, ...]:
        """The modes that were chosen, or else the scenario's own."""
        return self.modes or self.scenario.modes

    def ends(self, shop: Position) -> tuple[Position, Position]:
        """Return where the way between a merchant and the incident begins and ends."""
        come = self.scenario.direction is Direction.COME
        return (shop, self.at) if come else (self.at, shop)


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody useful (a row of :data:`geodata.browse.COLUMNS`), and how far away.

    ``open`` is None where no hours are known. ``duration_s`` is None where no way is known:
    ``cut_off`` by closures, or ranked by the straight line since nothing else could be told.
    ``way`` is drawn for the first few.
    """

    row: Any
    mode: Mode
    open: bool | None
    distance_m: float
    duration_s: float | None = None
    cut_off: bool = False
    way: Route | None = None


@dataclass(frozen=True, slots=True)
class Homes:
    """Who lives near by: buildings, and the sums of what is known of them."""

    minutes: int
    buildings: int = 0
    households: int = 0
    residents: int = 0
    elders_alone: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question.

    Parameters
    ----------
    helpers
        By mode in the order of the question; in each what is not closed first, the quickest
        first.
    rings
        As :meth:`geodata.routing.Router.reach` gives them, on foot; None where nothing is known.
    closures
        All that are in force at the departure.
    inside
        Those of them inside which the place lies.
    trouble
        Why helpers stand in the order of straight lines: a code, "" where they do not.
    """

    helpers: list[Helper]
    rings: gpd.GeoDataFrame | None = None
    homes: Homes | None = None
    closures: list[Closure] = field(default_factory=list)
    inside: list[Closure] = field(default_factory=list)
    trouble: str = ""


def answer(
    tx: Reader,
    streets: Streets | None,
    question: Question,
    *,
    actor: Actor,
    calendar: Calendar = CALENDAR,
) -> Answer:
    """Tell who can help, in which time and which way, and who lives near by.

    Where the streets or the engine are away, or the place is far from every street, the order is
    that of straight lines, and ``trouble`` says why.

    Raises
    ------
    Forbidden
        ``forbidden``: for staff.
    """
    require(actor, Action.EMERGENCY_ASK, area=actor.scope)
    found = closures.in_force(tx, question.departure)
    ask = _Asking(tx, question, found, calendar)
    if streets is None:
        return ask.straight("streets_missing")
    try:
        return ask.along(streets)
    except Unavailable as away:
        return ask.straight(away.code)
    except Invalid as far:
        if far.code not in _NO_TIMES:
            raise
        return ask.straight(far.code)


@dataclass(frozen=True, slots=True)
class Ways:
    """The way between a merchant and the incident, and others to choose from.

    ``entry`` parts the first where it enters or leaves the closures inside which the incident
    lies; None where it lies in none.
    """

    ways: tuple[Route, ...]
    entry: Entry | None = None
    inside: list[Closure] = field(default_factory=list)


def ways(
    tx: Reader, streets: Streets, question: Question, merchant_id: str, mode: Mode, *, actor: Actor
) -> Ways:
    """Return the way between a merchant and the incident, and up to two others.

    Raises
    ------
    NotFound
        ``merchant_not_found``; ``inside_closure`` (the merchant's own street is closed) and
        ``no_route`` as :func:`geodata.closures.explaining` tells; with ``by_vehicle`` (``at``,
        ``drive_s``, ``drive_m``, ``walk_s``, ``walk_m``) where one can drive a part of the way
        and walk from there.
    Forbidden
        ``forbidden``: for staff.
    Invalid, Unavailable
        As :meth:`geodata.routing.Router.routes` tells.
    """
    require(actor, Action.EMERGENCY_ASK, area=actor.scope)
    row = tx.row("merchant", merchant_id)
    if row["status"] not in PUBLIC:
        raise NotFound("merchant_not_found", key=merchant_id)
    found = closures.in_force(tx, question.departure)
    inside = holding(streets, found, question.at, mode)
    others = [one for one in found if one not in inside]
    start, end = question.ends((row["lon"], row["lat"]))
    obeyed = closures.barring(streets, others)
    try:
        with closures.explaining(streets, others, start, end, mode):
            told = streets.router.routes(start, end, mode, closures=obeyed)
    except NotFound as none:
        if none.code == "no_route" and mode is not Mode.FOOT:
            none.details |= _by_vehicle(streets, start, end, mode, obeyed)
        raise
    if not inside:
        return Ways(told)
    within = closures.barring(streets, inside)
    part = to_cordon if question.scenario.direction is Direction.COME else from_cordon
    entry = part(streets.router, start, end, mode, inside=within, others=obeyed)
    return Ways(told, entry, inside)


def _by_vehicle(
    streets: Streets, start: Position, end: Position, mode: Mode, obeyed: Closures
) -> dict[str, Any]:
    """Return how near one gets and how far it is from there; nothing where nobody gets there."""
    try:
        last = nearest_by_vehicle(streets, start, end, mode, closures=obeyed)
    except (NotFound, Unavailable):
        return {}
    told = {
        "at": list(last.at),
        "drive_s": last.drive.duration_s,
        "drive_m": last.drive.distance_m,
        "walk_s": last.walk.duration_s,
        "walk_m": last.walk.distance_m,
    }
    return {"by_vehicle": told}


@dataclass(slots=True)
class _Asking:
    """One question being answered."""

    tx: Reader
    question: Question
    closures: list[Closure]
    calendar: Calendar

    def along(self, streets: Streets) -> Answer:
        """Answer along streets."""
        place = self.question.at
        inside = list(
            dict.fromkeys(
                one
                for mode in self.question.asked_modes
                for one in holding(streets, self.closures, place, mode)
            )
        )
        obeyed = closures.barring(streets, [one for one in self.closures if one not in inside])
        modes = self.question.asked_modes if self.question.who else ()
        helpers = [one for mode in modes for one in self._ranked(streets, mode, obeyed)]
        self._draw(streets, helpers, obeyed)
        if not self.question.around:
            return Answer(helpers, closures=self.closures, inside=inside)
        rings = streets.router.reach(place, self._minutes, Mode.FOOT, closures=obeyed)
        homes = _homes(self.tx, rings.geometry.iloc[list(rings["minutes"]).index(HOMES_MIN)])
        return Answer(helpers, rings, homes, self.closures, inside)

    def straight(self, trouble: str) -> Answer:
        """Answer as the crow flies."""
        helpers = [
            Helper(row, mode, self._open(row), distance_m)
            for mode in self.question.asked_modes
            for row, distance_m in self._crow()
        ]
        inside = holding(None, self.closures, self.question.at, Mode.FOOT)
        return Answer(helpers, closures=self.closures, inside=inside, trouble=trouble)

    @property
    def _minutes(self) -> list[int]:
        return sorted({HOMES_MIN, *self.question.scenario.rings})

    @property
    def _most(self) -> int:
        return self.question.scenario.helpers

    @property
    def _queries(self) -> list[Query]:
        """What helps: categories, and names with a word in them."""
        one = self.question.scenario
        asked = [Query(categories=one.categories)] if one.categories else []
        return asked + [Query(text=word) for word in one.words]

    def _ranked(self, streets: Streets, mode: Mode, obeyed: Closures) -> list[Helper]:
        """Return the helpers of a mode; those that are cut off where there are no others."""
        helpers = self._known(self._nearest(streets, mode, obeyed), mode)
        up = [one for one in helpers if one.open is not False]
        if len(up) < self._most <= len(helpers):
            # All around is closed, as at night: who is open farther off?
            others = self._nearest(streets, mode, obeyed, open_now=True)
            near_by = {one.row.id for one in helpers}
            helpers += [one for one in self._known(others, mode) if one.row.id not in near_by]
        if helpers:
            return self._first(helpers)
        away = self._nearest(streets, mode, ()) if obeyed else []
        return self._first(
            [
                Helper(one.row, mode, self._open(one.row), one.distance_m, cut_off=True)
                for one in away
            ]
        )

    def _nearest(
        self, streets: Streets, mode: Mode, obeyed: Closures, *, open_now: bool = False
    ) -> list[Near]:
        asked = [replace(one, open_now=open_now) for one in self._queries]
        found = near.nearest(
            self.tx,
            streets,
            self.question.at,
            mode=mode,
            query=asked,
            n=self._most * (1 if open_now else _RANKED) + len(self.question.without),
            at=self.question.departure,
            calendar=self.calendar,
            closures=obeyed,
            inbound=self.question.scenario.direction is Direction.COME,
        )
        return [one for one in found if one.row.id not in self.question.without]

    def _known(self, found: list[Near], mode: Mode) -> list[Helper]:
        return [
            Helper(one.row, mode, self._open(one.row), one.distance_m, one.duration_s)
            for one in found
        ]

    def _first(self, helpers: list[Helper]) -> list[Helper]:
        """Return those that are not closed first, and the closed that are as near behind them."""
        most = self._most
        up = [one for one in helpers if one.open is not False][:most]
        last = up[-1].duration_s if len(up) == most else None
        shut = [
            one
            for one in helpers
            if one.open is False
            and (last is None or one.duration_s is None or one.duration_s <= last)
        ]
        return up + shut[:most]

    def _open(self, row: Any) -> bool | None:  # noqa: ANN401 - rows of the store
        _, state = merchants.opening(
            row.hours,
            row.status,
            row.closed_until,
            self.question.departure,
            calendar=self.calendar,
        )
        return state.open

    def _draw(self, streets: Streets, helpers: list[Helper], obeyed: Closures) -> None:
        """Find the ways of the first few, which also tell their times more exactly."""
        at = 0
        for place, one in enumerate(helpers):
            if at == DRAWN or one.duration_s is None:
                continue
            start, end = self.question.ends((one.row.lon, one.row.lat))
            try:
                way = streets.router.route(start, end, one.mode, closures=obeyed, passes=False)
            except NotFound:
                continue  # what the table knew a way to, the engine refuses to draw
            at += 1
            helpers[place] = Helper(
                one.row, one.mode, one.open, way.distance_m, way.duration_s, way=way
            )

    def _crow(self) -> list[tuple[Any, float]]:
        place, wanted = self.question.at, self._most * _RANKED + len(self.question.without)
        reach_m = _FIRST_M
        spots: dict[int, Any] = {}
        while reach_m <= _FARTHEST_M and len(spots) < wanted:
            box = BBox.around(*place, reach_m)
            for query in self._queries:
                asked = Query(box=box, categories=query.categories, text=query.text)
                found = browse.spots(
                    self.tx, asked, self.question.departure, calendar=self.calendar
                )
                spots |= {spot.fid: spot for spot in found}
            reach_m *= 2
        fids = list(spots)
        at = np.array([(spots[fid].lon, spots[fid].lat) for fid in fids]).reshape(-1, 2)
        away = metres_between(*place, at[:, 0], at[:, 1])
        order = np.argsort(away, kind="stable")[:wanted].tolist()
        rows = browse.places(self.tx, [fids[i] for i in order])
        told = [
            (row, float(metres_between(*place, row.lon, row.lat)))
            for row in rows
            if row.id not in self.question.without
        ]
        # sorted() keeps the nearest first among equals.
        return sorted(told, key=lambda pair: self._open(pair[0]) is False)[: self._most * 2]


def holding(
    streets: Streets | None, found: Sequence[Closure], place: Position, mode: Mode
) -> list[Closure]:
    """Return the closures inside which a place lies, or that close its street.

    Nobody gets there but through them. Without streets, those that lie around the place.
    """
    point = shapely.Point(place)
    rows = {
        row
        for row, one in enumerate(found)
        if any(area.intersects(point) for area in closed_areas(one.geometry))
    }
    if streets is not None and found:
        rows |= streets.router.shut_by(place, mode, closures.barring(streets, found))
    return [found[row] for row in sorted(rows)]


def _homes(tx: Reader, shape: shapely.MultiPolygon) -> Homes:
    if shape.is_empty:
        return Homes(HOMES_MIN)
    names = ("lon", "lat", "households", "residents", "elders_alone")
    rows = tx.rows("home", columns=names, box=BBox(*shape.bounds))
    shapely.prepare(shape)
    at = np.array([(row["lon"], row["lat"]) for row in rows]).reshape(-1, 2)
    held = [rows[i] for i in np.flatnonzero(shapely.contains_xy(shape, at)).tolist()]
    sums = {name: sum(row[name] or 0 for row in held) for name in names[2:]}
    return Homes(HOMES_MIN, len(held), **sums)
