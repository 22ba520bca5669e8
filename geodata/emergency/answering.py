"""Who can help, in which time, and who lives near by."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely

from geodata import browse, closures, merchants, near
from geodata.browse import Query
from geodata.closures import Closure
from geodata.emergency.inside import holding
from geodata.emergency.question import DRAWN, HOMES_MIN, Answer, Helper, Homes, Question
from geodata.errors import Invalid, NotFound, Unavailable
from geodata.geometry import BBox, metres_between
from geodata.hours import CALENDAR, Calendar
from geodata.modes import Mode
from geodata.near import Near
from geodata.policy import Action, Actor, require
from geodata.roads import Streets
from geodata.routing import Closures
from geodata.scenarios import Direction
from geodata.store import Reader

_RANKED: Final = 3
"""So many times as many as are wanted are looked at: some of them are closed."""
_FARTHEST_M: Final = 6_400.0
_FIRST_M: Final = 800.0
_NO_TIMES: Final = frozenset({"off_network", "closures_too_large"})
"""What leaves nothing but the order of straight lines."""


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
    except (Unavailable, Invalid) as error:
        if isinstance(error, Invalid) and error.code not in _NO_TIMES:
            raise
        return replace(ask.straight(error.code), details=error.details)


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
