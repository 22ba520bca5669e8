"""An urgent visit between those of accepted rounds, with little upset to the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import shapely

from geodata.errors import Conflict
from geodata.policy import Actor
from geodata.rounds.asked import HIGHEST, Visit, Worker
from geodata.rounds.saved import Label, Saved, State, Told, under_way
from geodata.rounds.solving import solve
from geodata.rounds.told import Reason, Round, Solution, Unassigned
from geodata.routing import Closures, Router

_MIN_S: Final = 60


@dataclass(frozen=True, slots=True)
class Inserted:
    """The rounds with the urgent visit in them.

    ``worker`` makes it, "" where nobody can: then the rounds are as they were. ``moves`` are
    the minutes by which each visit still ahead begins later, by its id; those that stay are not
    in it.
    """

    solution: Solution
    worker: str
    moves: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Urgent:
    """A visit that cannot wait, as it is to be kept; ``closures`` are those that were obeyed."""

    visit: Visit
    label: Label
    closures: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Rest:
    """What of a worker's round is still ahead: ``gone`` are the stops that are behind."""

    round: Round
    worker: Worker
    gone: int

    @property
    def ahead(self) -> list[str]:
        return [stop.visit for stop in self.round.stops[self.gone :]]


def insert(
    router: Router,
    one: Saved,
    told: Mapping[str, Told],
    visit: Visit,
    *,
    at: datetime,
    actor: Actor,
    closures: Closures = (),
) -> Inserted:
    """Find who goes to an urgent visit, and what becomes of the visits that are still ahead.

    They stay with their workers and in their order. What was ticked off, and where a worker
    should be by now (``at``, aware), is not touched; the plan goes on from there.

    Raises
    ------
    Conflict
        As :func:`insertable`.
    Forbidden, Invalid, Unavailable
        As :func:`geodata.rounds.solve` tells.
    """
    insertable(one, visit.id)
    visit = replace(visit, priority=HIGHEST)
    rests = {rest.worker.name: rest for rest in _rests(one, told, at)}
    found = _solved(router, one, rests, visit, actor, closures)
    if late := _before(found, visit.id, at):
        # Whoever turns back to it sets out now, not when the last visit was over.
        rest = rests[late]
        rests[late] = replace(rest, worker=replace(rest.worker, from_=at))
        found = _solved(router, one, rests, visit, actor, closures)
    worker = _worker_of(found, visit.id)
    reason = next((left for left in found.unassigned if left.visit == visit.id), None)
    if not worker:
        left = reason or Unassigned(visit.id, Reason.OUTSIDE_HOURS, {"workers": len(one.workers)})
        return Inserted(replace(one.solution, unassigned=(left,)), "", {})
    fresh = {tour.worker: tour for tour in found.rounds}
    rounds = tuple(
        _joined(rests[was.worker], fresh[was.worker]) if was.worker in rests else was
        for was in one.solution.rounds
    )
    solution = Solution(rounds, (*one.solution.unassigned, *found.unassigned))
    return Inserted(solution, worker, _moves(one.solution, solution))


def insertable(one: Saved, visit: str) -> None:
    """Refuse a visit, by its id, that cannot be put into a round.

    Raises
    ------
    Conflict
        ``round_not_accepted``, ``round_over``; ``visit_known``: it is in the round already.
    """
    under_way(one.status)
    if any(known.id == visit for known in one.visits):
        raise Conflict("visit_known", visit=visit)


def _rests(one: Saved, told: Mapping[str, Told], at: datetime) -> list[_Rest]:
    places = {visit.id: visit.at for visit in one.visits}
    workers = {worker.name: worker for worker in one.workers}
    rests = []
    for tour in one.solution.rounds:
        behind = [
            number
            for number, stop in enumerate(tour.stops, 1)
            if stop.arrive <= at or _ticked(told.get(stop.visit))
        ]
        gone, worker = max(behind, default=0), workers[tour.worker]
        if gone:
            last = tour.stops[gone - 1]
            since = last.leave if gone < len(tour.stops) else max(last.leave, at)
            worker = replace(worker, start=places[last.visit], from_=since)
        else:
            since = tour.depart if tour.stops else max(worker.from_, at)
            worker = replace(worker, from_=since)
        if (worker.until - worker.from_).total_seconds() >= 1:
            rests.append(_Rest(tour, worker, gone))
    return rests


def _ticked(told: Told | None) -> bool:
    return told is not None and told.state is not State.OPEN


def _solved(
    router: Router,
    one: Saved,
    rests: Mapping[str, _Rest],
    visit: Visit,
    actor: Actor,
    closures: Closures,
) -> Solution:
    if not rests:
        return Solution((), ())
    locked = {name: rest.ahead for name, rest in rests.items()}
    ahead = {name for order in locked.values() for name in order}
    return solve(
        router,
        [rest.worker for rest in rests.values()],
        [*(known for known in one.visits if known.id in ahead), visit],
        actor=actor,
        closures=closures,
        locked=locked,
    )


def _before(found: Solution, visit: str, at: datetime) -> str:
    """Return who would be at the visit before this moment, or would leave for it in the past."""
    for tour in found.rounds:
        if tour.stops and tour.stops[0].visit == visit and tour.depart < at:
            return tour.worker
    return ""


def _worker_of(found: Solution, visit: str) -> str:
    return next(
        (tour.worker for tour in found.rounds if any(stop.visit == visit for stop in tour.stops)),
        "",
    )


def _joined(rest: _Rest, fresh: Round) -> Round:
    """Put what is behind and what is ahead together again."""
    if not fresh.stops:
        return rest.round
    behind = rest.round.stops[: rest.gone]
    parts = [*list(rest.round.line.geoms)[: rest.gone], *fresh.line.geoms]
    return replace(
        fresh,
        stops=(*behind, *fresh.stops),
        depart=rest.round.depart if behind else fresh.depart,
        duration_s=fresh.duration_s + sum(stop.duration_s for stop in behind),
        distance_m=fresh.distance_m + sum(stop.distance_m for stop in behind),
        line=shapely.MultiLineString(parts),
    )


def _moves(was: Solution, now: Solution) -> dict[str, int]:
    before = {stop.visit: stop.begin for tour in was.rounds for stop in tour.stops}
    moves = {
        stop.visit: round((stop.begin - before[stop.visit]).total_seconds() / _MIN_S)
        for tour in now.rounds
        for stop in tour.stops
        if stop.visit in before
    }
    return {visit: minutes for visit, minutes in moves.items() if minutes}
