"""Find rounds: measure the ways, ask VROOM, check its tours, draw them, and say what is left."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from itertools import pairwise
from typing import Final

import numpy as np
import shapely

from geodata.errors import Invalid, NotFound, Unavailable
from geodata.modes import Mode
from geodata.policy import Action, Actor, require
from geodata.rounds.asked import Locked, Visit, Worker, check
from geodata.rounds.day import Day
from geodata.rounds.problem import Json, Orders, answered, question
from geodata.rounds.reasons import reasons
from geodata.rounds.solver import Solver, lent
from geodata.rounds.told import Round, Solution, Stop
from geodata.routing import Barred, Closures, Router, barred

_TRIES: Final = 3
"""So often tours are asked for again, when the engine finds no way where its table has a time."""


def solve(
    router: Router,
    workers: Sequence[Worker],
    visits: Sequence[Visit],
    *,
    actor: Actor,
    closures: Closures = (),
    locked: Locked | None = None,
    solver: Solver | None = None,
) -> Solution:
    """Find who visits whom, in which order, and when.

    As many visits as can be are made, weighed by their priorities; among such tours those with
    the least time on the way. Nothing is stored.

    Parameters
    ----------
    workers, visits
        At most :data:`~geodata.rounds.MOST_WORKERS` and :data:`~geodata.rounds.MOST_VISITS`.
    closures
        What cannot be gone through, WGS 84, as for :meth:`Router.route`.
    locked
        Accepted orders, each worker's visits in order, by name and id. They stay with this
        worker and in this order, before all other visits, however urgent; others are put
        between them where they cost the least. Where not all of them can be kept (a street
        was closed since), the remaining stay in order.
    solver
        One to be asked instead of one that is lent, see :mod:`geodata.rounds.solver`.

    Returns
    -------
    Solution
        A round for each worker, and each visit in one of them, or among the unassigned with
        its reason.

    Raises
    ------
    Forbidden
        ``forbidden``: the actor is not of the staff.
    Invalid
        ``rounds_too_large``, ``round_invalid``, see :func:`~geodata.rounds.asked.check`;
        ``off_network`` with the ``worker`` and ``which`` of the two ends; and for closures as
        :meth:`Router.route`. A visit off the network is no error but unassigned.
    Unavailable
        As :meth:`Router.route`; ``solver_failed``, ``solver_slow``.

    Notes
    -----
    Times are whole seconds, ways rounded up. A visit begins as early as it can; whoever has to
    wait for the first one does so at the start. Arrivals follow the table of times; the line
    is drawn by :meth:`Router.route`, which for one pair in many takes a slightly different way.
    """
    require(actor, Action.ROUND_ASK, area=actor.scope)
    check(workers, visits, locked or {})
    orders, closed = _numbered(workers, visits, locked or {}), barred(closures)
    with ExitStack() as stack:
        # Begun first: it loads while the ways are measured.
        solver = solver or stack.enter_context(lent())
        day = Day.of(router, workers, visits, closed)
        rounds = _rounds(day, router, solver, orders, closed)
    made = {stop.visit for one in rounds for stop in one.stops}
    left = [number for number, visit in enumerate(visits) if visit.id not in made]
    return Solution(rounds, reasons(day, left, orders, router, closed=bool(closed)))


def ordered(solver: Solver, day: Day, locked: Orders) -> dict[int, list[int]]:
    """Return VROOM's tours, with all locked visits that can be kept at all."""
    everything = range(len(day.visits))
    found = _told(solver, question(day, everything, locked))
    accepted = _all(locked)
    if accepted <= _all(found):
        return found
    alone = _told(solver, question(day, accepted, locked))
    if _all(alone) <= _all(found):
        return found
    return _told(solver, question(day, everything, locked, begun=alone))


def _told(solver: Solver, asked: Json) -> dict[int, list[int]]:
    # Where nobody is to be visited VROOM would complain.
    return answered(solver.ask(asked)) if asked["problem"]["jobs"] else {}


def _rounds(
    day: Day,
    router: Router,
    solver: Solver,
    locked: Orders,
    closed: Barred,
) -> tuple[Round, ...]:
    for _ in range(_TRIES):
        orders = ordered(solver, day, locked)
        try:
            return tuple(
                _round(day, router, worker, orders.get(worker, []), closed)
                for worker in range(len(day.workers))
            )
        except _NoWay as missing:
            day.tables[missing.mode].seconds[missing.pair] = np.nan
    raise Unavailable("engine_failed", reason="its ways are not those of its tables")


class _NoWay(Exception):
    """Between two places of a tour, by number, there is no way after all."""

    def __init__(self, mode: Mode, pair: tuple[int, int]) -> None:
        super().__init__(mode, pair)
        self.mode = mode
        self.pair = pair


def _round(
    day: Day,
    router: Router,
    number: int,
    order: Sequence[int],
    closed: Barred,
) -> Round:
    worker, tour = day.workers[number], day.tour(number, order)
    if tour is None:
        raise Unavailable("solver_failed", reason="a tour that nobody can go")
    pairs = list(pairwise(day.places(number, order))) if order else []
    table = day.tables[worker.mode]
    seconds = [int(table.seconds[pair]) for pair in pairs]
    metres = [float(table.metres[pair]) for pair in pairs]
    lines = [_drawn(day, router, worker.mode, pair, closed) for pair in pairs]

    def moment(told: int) -> datetime:
        return datetime.fromtimestamp(told, worker.from_.tzinfo)

    stops = tuple(
        Stop(
            day.visits[visit].id,
            moment(times.arrive),
            moment(times.begin),
            moment(times.leave),
            way_s,
            way_m,
        )
        for visit, times, way_s, way_m in zip(order, tour.times, seconds, metres, strict=False)
    )
    return Round(
        worker=worker.name,
        mode=worker.mode,
        stops=stops,
        depart=moment(tour.depart),
        finish=moment(tour.finish),
        duration_s=sum(seconds),
        distance_m=sum(metres),
        line=shapely.MultiLineString(lines),
    )


def _drawn(
    day: Day,
    router: Router,
    mode: Mode,
    pair: tuple[int, int],
    closed: Barred,
) -> shapely.LineString:
    start, end = map(day.position, pair)
    try:
        return router.route(start, end, mode, closures=closed, passes=False).line
    except (Invalid, NotFound) as error:
        raise _NoWay(mode, pair) from error


def _numbered(
    workers: Sequence[Worker], visits: Sequence[Visit], locked: Locked
) -> dict[int, list[int]]:
    names = {worker.name: number for number, worker in enumerate(workers)}
    ids = {visit.id: number for number, visit in enumerate(visits)}
    return {names[name]: [ids[told] for told in order] for name, order in locked.items()}


def _all(orders: Orders) -> set[int]:
    return set().union(*orders.values())
