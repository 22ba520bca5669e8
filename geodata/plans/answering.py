"""The answer to an incident with the helpers that somebody chose, each with its way."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from geodata import browse, closures, emergency, merchants
from geodata.emergency import Answer, Helper, Question
from geodata.errors import Invalid, NotFound, Unavailable
from geodata.geometry import metres_between
from geodata.hours import CALENDAR, Calendar
from geodata.modes import Mode
from geodata.policy import Actor
from geodata.roads import Streets
from geodata.routing import Closures
from geodata.store import PUBLIC, Reader


class Chosen(NamedTuple):
    """Who is to help, and how one gets there."""

    merchant: str
    mode: Mode


def answer(
    tx: Reader,
    streets: Streets | None,
    question: Question,
    chosen: Sequence[Chosen],
    *,
    actor: Actor,
    calendar: Calendar = CALENDAR,
) -> tuple[Answer, Answer]:
    """Answer with the chosen helpers in their order, each with its way; and as nobody chose.

    Those that are not on the map any more are left out. Where the streets or the engine are
    away, both answers have a ``trouble`` and helpers are told by the straight line.

    Raises
    ------
    Forbidden
        ``forbidden``: for staff.
    """
    open_to_all = emergency.answer(tx, streets, question, actor=actor, calendar=calendar)
    rows = _rows(tx, chosen)
    here = [one for one in chosen if one.merchant in rows]
    asking = _Asking(question, rows, open_to_all, calendar)
    if streets is None or open_to_all.trouble:
        return asking.straight(here, open_to_all.trouble), open_to_all
    try:
        return asking.along(streets, here), open_to_all
    except Unavailable as away:
        return asking.straight(here, away.code), open_to_all


class _Asking(NamedTuple):
    """The chosen ones being asked for; ``known`` is the answer as nobody chose."""

    question: Question
    rows: dict[str, Any]
    known: Answer
    calendar: Calendar

    def along(self, streets: Streets, chosen: Sequence[Chosen]) -> Answer:
        """Answer along streets."""
        shut = [one for one in self.known.closures if one not in self.known.inside]
        obeyed = closures.barring(streets, shut)
        told = {(one.row.id, one.mode): one for one in self.known.helpers}
        helpers = []
        for one in chosen:
            helper = told.get(one) or self._crow(one)
            if helper.way is None:
                helper = self._drawn(streets, helper, obeyed)
            if helper.duration_s is None:
                helper = replace(helper, cut_off=bool(shut))
            helpers.append(helper)
        return replace(self.known, helpers=helpers)

    def straight(self, chosen: Sequence[Chosen], trouble: str) -> Answer:
        """Answer as the crow flies."""
        return replace(self.known, helpers=[self._crow(one) for one in chosen], trouble=trouble)

    def _drawn(self, streets: Streets, helper: Helper, obeyed: Closures) -> Helper:
        start, end = self.question.ends((helper.row.lon, helper.row.lat))
        try:
            way = streets.router.route(start, end, helper.mode, closures=obeyed, passes=False)
        except NotFound:
            return helper  # what the table knew a way to, the engine may refuse to draw
        except Invalid as far:
            if far.code != "off_network":
                raise
            return helper
        return replace(
            helper, distance_m=way.distance_m, duration_s=way.duration_s, cut_off=False, way=way
        )

    def _crow(self, one: Chosen) -> Helper:
        row = self.rows[one.merchant]
        _, state = merchants.opening(
            row.hours,
            row.status,
            row.closed_until,
            self.question.departure,
            calendar=self.calendar,
        )
        away = float(metres_between(*self.question.at, row.lon, row.lat))
        return Helper(row, one.mode, state.open, away)


def _rows(tx: Reader, chosen: Sequence[Chosen]) -> dict[str, Any]:
    """Return those on the map as rows of :data:`geodata.browse.COLUMNS`, by id."""
    keys = sorted({one.merchant for one in chosen if "\x00" not in one.merchant})
    found = tx.rows("merchant", columns=("fid", "status"), keys=keys) if keys else []
    fids = [row["fid"] for row in found if row["status"] in PUBLIC]
    return {row.id: row for row in browse.places(tx, fids)}
