"""What rounds promise, in 200 random cases on the demonstration's streets.

Everything is reckoned anew from the router's own table: nothing of :mod:`geodata.rounds` is
asked whether it is right.
"""

import math
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely

from geodata import rounds
from geodata.modes import Mode
from geodata.roads import Roads
from geodata.rounds import Reason, Solution, Visit, Worker
from geodata.routing import barred
from tests.factories import WORKER
from tests.geodata.rounds.ground import Pool, clock

CASES = 200
PLACES = 70
SKILLS = ("护理", "方言", "维修")
OFF = (123.30, 41.60)
"""Far from every street of the demonstration."""


@pytest.fixture(scope="module")
def streets(demonstration_streets):
    return Roads(demonstration_streets).require()


@pytest.fixture(scope="module")
def places(streets):
    """Return places beside the streets, some in courtyards, and one without a street."""
    chance = np.random.default_rng(7)
    beside = chance.choice(streets.graph.shape, PLACES) + chance.normal(0, 2e-4, (PLACES, 2))
    return np.vstack((beside.round(6), [OFF]))


@pytest.fixture(scope="module")
def pool(streets, places):
    return Pool(streets.router, places)


@pytest.fixture(scope="module")
def closures(places):
    """Return sets of closures: none, a square that some places are in, a ring around others."""
    middle = shapely.Point(np.median(places[:PLACES], axis=0))
    square = middle.buffer(0.002, cap_style="square")
    ring = shapely.affinity.translate(middle, 0.004, 0.002).buffer(0.004).exterior
    return [[], [square], [ring, shapely.affinity.translate(square, -0.006, 0)]]


class Case:
    """Somebody's question, drawn from a seed."""

    def __init__(self, seed: int, places: np.ndarray, closures: list) -> None:
        self.chance = np.random.default_rng(seed)
        self.places = places
        self.closures = closures[seed % 4] if seed % 4 < 3 else []
        workers = int(self.chance.integers(1, 5))
        self.workers = [self._worker(f"w{n}") for n in range(workers)]
        self.visits = [self._visit(f"v{n}") for n in range(self.chance.integers(1, 19))]
        self.locked = self._locked() if self.chance.random() < 0.5 else {}

    def _place(self) -> tuple[float, float]:
        row = self.chance.integers(PLACES)
        return tuple(self.places[row].tolist())

    def _worker(self, name: str) -> Worker:
        begin = clock("08:00") + timedelta(minutes=int(self.chance.integers(0, 16 * 60)))
        return Worker(
            name,
            start=self._place(),
            end=self._place() if self.chance.random() < 0.6 else None,
            from_=begin,
            until=begin + timedelta(minutes=int(self.chance.integers(20, 360))),
            mode=list(Mode)[self.chance.integers(3)],
            skills=self._skills(0.6),
        )

    def _visit(self, name: str) -> Visit:
        off = self.chance.random() < 0.03
        return Visit(
            name,
            at=OFF if off else self._place(),
            minutes=int(self.chance.integers(0, 60)),
            windows=tuple(self._window() for _ in range(self.chance.choice([0, 0, 1, 2, 3]))),
            priority=int(self.chance.choice([0, 0, 10, 50, 100])),
            skills=self._skills(0.1),
        )

    def _skills(self, share: float) -> frozenset[str]:
        return frozenset(skill for skill in SKILLS if self.chance.random() < share)

    def _window(self) -> tuple[Any, Any]:
        worker = self.workers[self.chance.integers(len(self.workers))]
        begin = worker.from_ + timedelta(seconds=int(self.chance.integers(-3600, 4 * 3600)))
        return begin, begin + timedelta(seconds=int(self.chance.choice([0, 600, 1800, 7200])))

    def _locked(self) -> dict[str, list[str]]:
        names = [visit.id for visit in self.visits]
        self.chance.shuffle(names)
        taken = names[: self.chance.integers(len(names) + 1)]
        return {
            worker.name: taken[number :: len(self.workers)]
            for number, worker in enumerate(self.workers)
        }

    def asked(self, pool: Pool, solver: Any) -> Solution:
        return rounds.solve(
            pool,
            self.workers,
            self.visits,
            actor=WORKER,
            closures=self.closures,
            locked=self.locked,
            solver=solver,
        )


class Judge:
    """Reckons what a case allows."""

    def __init__(self, case: Case, pool: Pool) -> None:
        self.case = case
        self.visits = {visit.id: visit for visit in case.visits}
        self.workers = {worker.name: worker for worker in case.workers}
        self._pool = pool

    def way(self, mode: Mode, start: Any, end: Any, *, closed: bool = True) -> tuple[float, float]:
        closures = barred(self.case.closures if closed else [])
        told = self._pool.matrix([start], [end], mode, closures=closures)
        return told.duration_s[0, 0], told.distance_m[0, 0]

    def opens(self, visit: Visit, at: Any) -> Any:
        """Return the first moment at which a visit may begin, not before; None for never."""
        later = [max(at, begin) for begin, end in visit.windows if at <= end]
        return min(later, default=None) if visit.windows else at

    def goes(self, worker: Worker, order: list[Visit]) -> bool:
        """Tell whether a worker can make these visits, in this order."""
        clock, here = worker.from_, worker.start
        for visit in order:
            seconds, _ = self.way(worker.mode, here, visit.at)
            if math.isnan(seconds):
                return False
            begin = self.opens(visit, clock + timedelta(seconds=math.ceil(seconds - 1e-6)))
            if begin is None:
                return False
            clock, here = begin + timedelta(minutes=visit.minutes), visit.at
        if worker.end is not None:
            seconds, _ = self.way(worker.mode, here, worker.end)
            if math.isnan(seconds):
                return False
            clock += timedelta(seconds=math.ceil(seconds - 1e-6))
        return clock <= worker.until

    def reaches(self, worker: Worker, visit: Visit, **closed: bool) -> bool:
        ends = [worker.start, visit.at] + ([worker.end] if worker.end else [])
        ways = [self.way(worker.mode, *pair, **closed)[0] for pair in pairwise(ends)]
        return not any(map(math.isnan, ways))

    def meets(self, worker: Worker, visit: Visit) -> bool:
        open_ = any(a <= worker.until and worker.from_ <= b for a, b in visit.windows)
        return open_ or not visit.windows

    def candidates(self, visit: Visit, *, skilled: bool = True) -> list[Worker]:
        """Return those who may make a visit: of an accepted order its own worker."""
        bound = [name for name, order in self.case.locked.items() if visit.id in order]
        asked = [self.workers[name] for name in bound] or self.case.workers
        return [worker for worker in asked if not skilled or visit.skills <= worker.skills]


def check_round(judge: Judge, one: Any) -> None:
    worker = judge.workers[one.worker]
    assert worker.from_ <= one.depart <= one.finish <= worker.until
    clock, here, seconds, metres = one.depart, worker.start, 0, 0.0
    for stop in one.stops:
        visit = judge.visits[stop.visit]
        way_s, way_m = judge.way(worker.mode, here, visit.at)
        assert stop.duration_s == math.ceil(way_s - 1e-6)
        assert stop.distance_m == pytest.approx(way_m)
        assert stop.arrive == clock + timedelta(seconds=stop.duration_s)
        assert stop.begin >= stop.arrive
        assert not visit.windows or any(a <= stop.begin <= b for a, b in visit.windows)
        assert stop.leave == stop.begin + timedelta(minutes=visit.minutes)
        assert visit.skills <= worker.skills
        clock, here = stop.leave, visit.at
        seconds, metres = seconds + stop.duration_s, metres + way_m
    if one.stops and worker.end is not None:
        way_s, way_m = judge.way(worker.mode, here, worker.end)
        clock += timedelta(seconds=math.ceil(way_s - 1e-6))
        seconds, metres = seconds + math.ceil(way_s - 1e-6), metres + way_m
    assert one.finish == clock
    assert one.duration_s == seconds
    assert one.distance_m == pytest.approx(metres)
    assert len(one.line.geoms) == len(one.stops) + bool(one.stops and worker.end is not None)
    assert not any(one.line.intersects(closure) for closure in judge.case.closures)


def check_orders(judge: Judge, solution: Solution) -> None:
    for name, order in judge.case.locked.items():
        by_worker = {one.worker: [stop.visit for stop in one.stops] for one in solution.rounds}
        kept = [told for told in order if told in by_worker[name]]
        assert [told for told in by_worker[name] if told in order] == kept
        elsewhere = {told for other, some in by_worker.items() if other != name for told in some}
        assert not elsewhere & set(order)
        visits = [judge.visits[told] for told in order]
        worker = judge.workers[name]
        if judge.goes(worker, visits) and all(v.skills <= worker.skills for v in visits):
            assert kept == order


def expected(judge: Judge, visit: Visit) -> tuple[Reason, int]:
    """Return why nobody makes a visit, and of how many workers that is said."""
    asked, able = judge.candidates(visit, skilled=False), judge.candidates(visit)
    if visit.at == OFF:
        return Reason.OFF_NETWORK, len(asked)
    if not able:
        return Reason.SKILLS_MISSING, len(asked)
    reaching = [worker for worker in able if judge.reaches(worker, visit)]
    if not reaching:
        opened = any(judge.reaches(worker, visit, closed=False) for worker in able)
        return Reason.CLOSED_OFF if opened else Reason.NO_WAY, len(able)
    meeting = [worker for worker in reaching if judge.meets(worker, visit)]
    if not meeting:
        return Reason.OUTSIDE_HOURS, len(reaching)
    for reason, asked_for in (
        (Reason.NO_TIME_LEFT, visit),
        (Reason.WINDOW_MISSED, replace(visit, windows=())),
    ):
        if any(judge.goes(worker, [asked_for]) for worker in meeting):
            return reason, len(meeting)
    return Reason.DAY_TOO_SHORT, len(meeting)


@pytest.mark.parametrize("seed", range(CASES))
def test_every_promise_is_kept(seed, places, pool, closures, solver):
    case = Case(seed, places, closures)
    judge = Judge(case, pool)

    solution = case.asked(pool, solver)

    made = [stop.visit for one in solution.rounds for stop in one.stops]
    left = [one.visit for one in solution.unassigned]
    assert sorted(made + left) == sorted(judge.visits)
    assert [one.worker for one in solution.rounds] == [worker.name for worker in case.workers]
    for one in solution.rounds:
        check_round(judge, one)
    check_orders(judge, solution)
    for one in solution.unassigned:
        reason = expected(judge, judge.visits[one.visit])
        assert (one.reason, one.details["workers"]) == reason
