"""The day as numbers: whole seconds, places by number, and a table of ways for each mode."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap
from math import ceil, floor
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from geodata.errors import Invalid
from geodata.modes import SNAP_LIMIT_M, Mode
from geodata.rounds.asked import Visit, Worker
from geodata.routing import Barred, Position, Router

type Floats = NDArray[np.float64]
type Span = tuple[int, int]
"""From when until when, both included: seconds since 1970."""

_MIN_S: Final = 60
_ROUNDING_S: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Table:
    """The ways of one mode between places by number, (n, n).

    ``seconds`` are whole, rounded up, and NaN where there is no way; ``known`` tells which
    places have a street near them.
    """

    seconds: Floats
    metres: Floats
    known: NDArray[np.bool_]


class Times(NamedTuple):
    """When somebody comes, begins and goes."""

    arrive: int
    begin: int
    leave: int


class Tour(NamedTuple):
    """One worker's day: when it begins and ends, and the times of each visit."""

    depart: int
    finish: int
    times: list[Times]


@dataclass(frozen=True, slots=True)
class Day:
    """Workers and visits by number, with their hours, windows and ways.

    Visits are places 0, 1, …; then follow each worker's start and end. The windows of a visit
    are in order and apart; None where it may begin at any time.
    """

    workers: Sequence[Worker]
    visits: Sequence[Visit]
    hours: list[Span]
    windows: list[list[Span] | None]
    tables: Mapping[Mode, Table]

    @classmethod
    def of(
        cls,
        router: Router,
        workers: Sequence[Worker],
        visits: Sequence[Visit],
        closed: Barred,
    ) -> Self:
        """Measure all ways.

        Raises
        ------
        Invalid
            ``off_network`` with the ``worker`` and ``which`` ("start", "end").
        Unavailable
            As :meth:`Router.matrix`.
        """
        tables: dict[Mode, Table] = {}
        hours = [_whole(worker.from_, worker.until) for worker in workers]
        span = min(begin for begin, _ in hours), max(end for _, end in hours)
        windows = [
            _within(span, starmap(_whole, visit.windows)) if visit.windows else None
            for visit in visits
        ]
        day = cls(workers, visits, hours, windows, tables)
        for mode in dict.fromkeys(worker.mode for worker in workers):
            tables[mode] = day._measured(router, mode, closed)
        for number, worker in enumerate(workers):
            for which, place in zip(("start", "end"), day.places(number, []), strict=False):
                if not tables[worker.mode].known[place]:
                    told = {"which": which, "worker": worker.name}
                    raise Invalid("off_network", **told, snap_m=None, limit_m=SNAP_LIMIT_M)
        return day

    def start(self, worker: int) -> int:
        """Return the number of the place where a worker begins."""
        return len(self.visits) + 2 * worker

    def end(self, worker: int) -> int:
        """Return the number of the place where a worker who has one ends."""
        return len(self.visits) + 2 * worker + 1

    def position(self, place: int) -> Position:
        """Return longitude and latitude of a place."""
        if place < len(self.visits):
            return self.visits[place].at
        worker = self.workers[(place - len(self.visits)) // 2]
        if (place - len(self.visits)) % 2 == 0 or worker.end is None:
            return worker.start
        return worker.end

    def places(self, worker: int, order: Sequence[int]) -> list[int]:
        """Return the places that a worker passes, from the start on."""
        ends = [] if self.workers[worker].end is None else [self.end(worker)]
        return [self.start(worker), *order, *ends]

    def service_s(self, visit: int) -> int:
        """Tell how long a visit takes."""
        return self.visits[visit].minutes * _MIN_S

    def tour(self, worker: int, order: Sequence[int], *, windows: bool = True) -> Tour | None:
        """Tell the times of a worker's day, each visit as early as can be.

        None where it cannot be done: a way or the time is missing. ``windows`` tells whether
        those of the visits count.
        """
        depart, until = self.hours[worker]
        if not order:
            return Tour(depart, depart, [])
        places = self.places(worker, order)
        ways = self.tables[self.workers[worker].mode].seconds[places[:-1], places[1:]]
        if np.isnan(ways).any():
            return None
        clock, times = depart, []
        for visit, way_s in zip(order, ways.tolist(), strict=False):
            arrive = clock + int(way_s)
            begin = _first(self.windows[visit] if windows else None, arrive)
            if begin is None:
                return None
            clock = begin + self.service_s(visit)
            times.append(Times(arrive, begin, clock))
        finish = clock + int(ways[len(order) :].sum())
        # Better to wait for the first visit at the start than at its door.
        first = times[0]
        times[0] = first._replace(arrive=first.begin)
        depart += first.begin - first.arrive
        return Tour(depart, finish, times) if finish <= until else None

    def _measured(self, router: Router, mode: Mode, closed: Barred) -> Table:
        going = [number for number, worker in enumerate(self.workers) if worker.mode is mode]
        visits = list(range(len(self.visits)))
        froms = visits + [self.start(number) for number in going]
        tos = visits + [self.end(number) for number in going]
        here, there = ([self.position(place) for place in side] for side in (froms, tos))
        told = router.matrix(here, there, mode, closures=closed)
        n = len(self.visits) + 2 * len(self.workers)
        seconds, metres = np.full((n, n), np.nan), np.full((n, n), np.nan)
        seconds[np.ix_(froms, tos)] = np.ceil(told.duration_s - _ROUNDING_S)
        metres[np.ix_(froms, tos)] = told.distance_m
        known = np.zeros(n, dtype=np.bool_)
        for side, snap in zip((froms, tos), told.snap_m, strict=True):
            known[side] = np.isfinite(snap)
        return Table(seconds, metres, known)


def _first(windows: Sequence[Span] | None, arrive: int) -> int | None:
    """Return the first moment not before in one of some windows, if there is one."""
    if windows is None:
        return arrive
    return next((max(arrive, begin) for begin, end in windows if arrive <= end), None)


def _whole(begin: datetime, end: datetime) -> Span:
    """Return the whole seconds in a span, which may be none: then it ends before it begins."""
    return ceil(begin.timestamp()), floor(end.timestamp())


def _within(span: Span, windows: Iterable[Span]) -> list[Span]:
    """Cut windows to a span, and put them in order, those that meet in one.

    One that holds no whole second is none.
    """
    found: list[Span] = []
    cut = [(max(begin, span[0]), min(end, span[1])) for begin, end in windows]
    for begin, end in sorted(one for one in cut if one[0] <= one[1]):
        if found and begin <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found
