"""Why a visit is in no round: found by asking the day, and once more the router."""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import numpy as np

from geodata.modes import SNAP_LIMIT_M
from geodata.rounds.day import Day
from geodata.rounds.problem import Orders
from geodata.rounds.told import Reason, Unassigned
from geodata.routing import Router, barred


def reasons(
    day: Day, visits: Collection[int], locked: Orders, router: Router, *, closed: bool
) -> tuple[Unassigned, ...]:
    """Say of visits why nobody makes them.

    A visit of an accepted order is thought of for its own worker only. Where something is
    closed, the ways without them are asked for: once, and only to those visits that have none.
    """
    bound = {number: worker for worker, order in locked.items() for number in order}
    everybody = range(len(day.workers))
    cases = [
        _sifted(day, number, [bound[number]] if number in bound else everybody) for number in visits
    ]
    cut_off = [case for case in cases if case.reason is Reason.NO_WAY]
    if closed and cut_off:
        reopened = _without_closures(day, router, cut_off)
        cases = [
            case._replace(reason=Reason.CLOSED_OFF) if case.visit in reopened else case
            for case in cases
        ]
    return tuple(_told(day, case) for case in cases)


class _Case(NamedTuple):
    """A visit, the question that leaves nobody, and those of whom it was asked."""

    visit: int
    reason: Reason
    workers: Sequence[int]


def _sifted(day: Day, visit: int, workers: Sequence[int]) -> _Case:
    for reason, passes in _SIEVES:
        left = [worker for worker in workers if passes(day, worker, visit)]
        if not left:
            return _Case(visit, reason, workers)
        workers = left
    if any(day.tour(worker, [visit]) for worker in workers):
        return _Case(visit, Reason.NO_TIME_LEFT, workers)
    if any(day.tour(worker, [visit], windows=False) for worker in workers):
        return _Case(visit, Reason.WINDOW_MISSED, workers)
    return _Case(visit, Reason.DAY_TOO_SHORT, workers)


def _near(day: Day, worker: int, visit: int) -> bool:
    return bool(day.tables[day.workers[worker].mode].known[visit])


def _able(day: Day, worker: int, visit: int) -> bool:
    return day.visits[visit].skills <= day.workers[worker].skills


def _reaches(day: Day, worker: int, visit: int) -> bool:
    """Tell whether there is a way there, and on to the end."""
    places = day.places(worker, [visit])
    ways = day.tables[day.workers[worker].mode].seconds[places[:-1], places[1:]]
    return bool(np.isfinite(ways).all())


def _at_work(day: Day, worker: int, visit: int) -> bool:
    windows, (from_, until) = day.windows[visit], day.hours[worker]
    return windows is None or any(begin <= until and from_ <= end for begin, end in windows)


_SIEVES: Sequence[tuple[Reason, Callable[[Day, int, int], bool]]] = (
    (Reason.OFF_NETWORK, _near),
    (Reason.SKILLS_MISSING, _able),
    (Reason.NO_WAY, _reaches),
    (Reason.OUTSIDE_HOURS, _at_work),
)


def _without_closures(day: Day, router: Router, cases: Sequence[_Case]) -> set[int]:
    """Return the visits to which there would be a way."""
    other = Day.of(router, day.workers, [day.visits[case.visit] for case in cases], barred(()))
    return {
        case.visit
        for number, case in enumerate(cases)
        if any(_reaches(other, worker, number) for worker in case.workers)
    }


def _told(day: Day, case: _Case) -> Unassigned:
    details = {"workers": len(case.workers)}
    if case.reason is Reason.OFF_NETWORK:
        details["limit_m"] = int(SNAP_LIMIT_M)
    return Unassigned(day.visits[case.visit].id, case.reason, details)
