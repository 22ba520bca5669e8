"""The day in VROOM's words: its documented JSON, and what comes back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from geodata.rounds.asked import HIGHEST, LONGEST_DAY
from geodata.rounds.day import Day, Floats

type Orders = Mapping[int, Sequence[int]]
"""By a worker's number the numbers of visits, the first first."""

type Json = dict[str, Any]

NEVER_S: Final = int(LONGEST_DAY.total_seconds()) + 1
"""Stands for no way: longer than anybody works, so that no tour holds it. As many as a round may
have together stay far below 2³², where VROOM's sums end."""

EXPLORED: Final = ((60, 5), (120, 3), (200, 1))
"""Up to so many visits VROOM explores so deeply: each level asks about half as much again."""

_FULL: Final = 1_000
"""More than there are visits."""


def question(
    day: Day, visits: Collection[int], locked: Orders, *, begun: Orders | None = None
) -> Json:
    """Put a day to VROOM.

    Parameters
    ----------
    visits
        Which of them to think of.
    locked
        Orders to be kept, each by its own worker; some of their visits may be left out.
    begun
        A solution to begin from. What is in it cannot be outweighed by all others together;
        else a locked visit counts as much as the most urgent one.
    """
    skills = _Skills(day)
    jobs = {
        number: _job(day, number) | {"skills": skills.of(day.visits[number].skills)}
        for number in sorted(visits)
        if day.windows[number] != []
    }
    vehicles = [
        _vehicle(day, number) | {"skills": [*skills.of(worker.skills), skills.own(number)]}
        for number, worker in enumerate(day.workers)
    ]
    _raise(jobs, _all(locked))
    if begun:
        _lower(jobs, jobs.keys() - _all(begun))
        for worker, order in begun.items():
            vehicles[worker]["steps"] = [{"type": "job", "id": number} for number in order]
    _keep_order(jobs, vehicles, locked)
    for worker, order in locked.items():
        for number in jobs.keys() & set(order):
            jobs[number]["skills"].append(skills.own(worker))
    return {
        "explore": next(level for most, level in EXPLORED if len(jobs) <= most),
        "problem": {
            "jobs": list(jobs.values()),
            "vehicles": vehicles,
            "matrices": {
                str(mode): {"durations": capped(table.seconds).tolist()}
                for mode, table in day.tables.items()
            },
        },
    }


def answered(answer: Json) -> dict[int, list[int]]:
    """Return the visits of each worker who has some, in order."""
    return {
        route["vehicle"]: [step["id"] for step in route["steps"] if step["type"] == "job"]
        for route in answer["routes"]
    }


def capped(seconds: Floats) -> np.ndarray[Any, np.dtype[np.uint32]]:
    """Return seconds as VROOM takes them, :data:`NEVER_S` where there is no way.

    Examples
    --------
    >>> capped(np.array([[0, np.nan], [120, 1e9]])).tolist()
    [[0, 86401], [120, 86401]]
    """
    return np.fmin(np.nan_to_num(seconds, nan=NEVER_S), NEVER_S).astype(np.uint32)


class _Skills:
    """Numbers for the words of skills, and one of each worker's own."""

    def __init__(self, day: Day) -> None:
        told = [worker.skills for worker in day.workers] + [visit.skills for visit in day.visits]
        words = frozenset[str]().union(*told)
        self._numbers = {word: number for number, word in enumerate(sorted(words))}

    def of(self, words: Iterable[str]) -> list[int]:
        return sorted(self._numbers[word] for word in words)

    def own(self, worker: int) -> int:
        return len(self._numbers) + worker


def _job(day: Day, number: int) -> Json:
    job: Json = {
        "id": number,
        "location_index": number,
        "service": day.service_s(number),
        "priority": day.visits[number].priority,
    }
    if windows := day.windows[number]:
        job["time_windows"] = [list(span) for span in windows]
    return job


def _vehicle(day: Day, number: int) -> Json:
    worker = day.workers[number]
    vehicle: Json = {
        "id": number,
        "profile": worker.mode,
        "start_index": day.start(number),
        "time_window": list(day.hours[number]),
    }
    return vehicle if worker.end is None else vehicle | {"end_index": day.end(number)}


def _raise(jobs: dict[int, Json], numbers: Iterable[int]) -> None:
    for number in jobs.keys() & set(numbers):
        jobs[number]["priority"] = HIGHEST


def _lower(jobs: dict[int, Json], numbers: Iterable[int]) -> None:
    """Let these visits together count less than the most urgent one."""
    some = list(numbers)
    together = sum(jobs[number]["priority"] for number in some)
    if together >= HIGHEST:
        for number in some:
            jobs[number]["priority"] = jobs[number]["priority"] * (HIGHEST - 1) // together


def _keep_order(jobs: dict[int, Json], vehicles: list[Json], locked: Orders) -> None:
    """Let no visit of a locked order come before an earlier one of it.

    VROOM knows no such rule, but it knows loads. For each place in the orders there is a kind
    of goods, of which a worker can carry ``_FULL``. The visit at this place delivers as much,
    and so the worker is full of it from the start until then; each later visit of the order
    picks one up, for which there is no room before.
    """
    kinds = range(max((len(order) - 1 for order in locked.values()), default=0))
    if not kinds:
        return
    for vehicle in vehicles:
        vehicle["capacity"] = [_FULL for _ in kinds]
    places = {number: place for order in locked.values() for place, number in enumerate(order)}
    for number, job in jobs.items():
        place = places.get(number, -1)
        job["delivery"] = [_FULL * (kind == place) for kind in kinds]
        job["pickup"] = [int(kind < place) for kind in kinds]


def _all(orders: Orders) -> set[int]:
    return set().union(*orders.values())
