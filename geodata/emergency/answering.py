"""Who can help, in which time, and who lives near by."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely

from geodata import closures
from geodata.closures import Closure
from geodata.emergency import helping
from geodata.emergency.inside import holding
from geodata.emergency.question import DRAWN, HOMES_MIN, Answer, Helper, Homes, Question
from geodata.errors import Invalid, NotFound, Unavailable
from geodata.geometry import BBox
from geodata.hours import CALENDAR, Calendar
from geodata.modes import Mode
from geodata.policy import Action, Actor, require
from geodata.roads import Streets
from geodata.routing import Closures
from geodata.store import Reader

PATIENCE_S: Final = 3.0
"""So long an engine on another machine may take; then the straight line has to do."""

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
        with streets.router.within(PATIENCE_S):
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
        how: dict[str, Any] = {"closures": obeyed, "calendar": self.calendar}
        helpers = [
            one
            for mode in modes
            for one in helping.along(self.tx, streets, self.question, mode, **how)
        ]
        self._draw(streets, helpers, obeyed)
        if not self.question.around:
            return Answer(helpers, closures=self.closures, inside=inside)
        rings = streets.router.reach(place, self._minutes, Mode.FOOT, closures=obeyed)
        homes = _homes(self.tx, rings.geometry.iloc[list(rings["minutes"]).index(HOMES_MIN)])
        return Answer(helpers, rings, homes, self.closures, inside)

    def straight(self, trouble: str) -> Answer:
        """Answer as the crow flies."""
        helpers = [
            one
            for mode in self.question.asked_modes
            for one in helping.straight(self.tx, self.question, mode, calendar=self.calendar)
        ]
        inside = holding(None, self.closures, self.question.at, Mode.FOOT)
        return Answer(helpers, closures=self.closures, inside=inside, trouble=trouble)

    @property
    def _minutes(self) -> list[int]:
        return sorted({HOMES_MIN, *self.question.scenario.rings})

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
            helpers[place] = replace(
                one, distance_m=way.distance_m, duration_s=way.duration_s, way=way
            )


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
