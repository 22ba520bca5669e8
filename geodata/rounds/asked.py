"""What is asked: who goes, whom they visit, and which orders stand already."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Final

import numpy as np

from geodata.errors import Invalid
from geodata.modes import Mode
from geodata.routing import Position

MOST_VISITS: Final = 200
MOST_WORKERS: Final = 20
LONGEST_DAY: Final = timedelta(hours=24)
"""Of one worker, from the first step to the last."""

LONGEST_VISIT_MIN: Final = 720
MOST_WINDOWS: Final = 10
HIGHEST: Final = 100
"""The priority of what is urgent."""

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""What lies outside is a slip of the hand, and VROOM's seconds end in 2106."""

type Window = tuple[datetime, datetime]
"""From when until when a visit may begin, both included; aware."""

type Locked = Mapping[str, Sequence[str]]
"""Accepted orders: by a worker's name the ids of visits, the first first."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody who goes on a round.

    Parameters
    ----------
    name
        Different from the others'.
    start, end
        Longitude and latitude, WGS 84; without an end the round is over with the last visit.
    from_, until
        Working hours, aware: nothing begins before and nobody is under way after. They may
        span midnight.
    skills
        Words of the caller's own, as ``nurse``.
    """

    name: str
    start: Position
    end: Position | None
    from_: datetime
    until: datetime
    mode: Mode = Mode.FOOT
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Visit:
    """A home to be visited.

    Parameters
    ----------
    id
        Different from the others'.
    at
        Longitude and latitude, WGS 84.
    minutes
        How long one stays, 0 to 720.
    windows
        When it may begin; any of them will do, and none means at any time. It may end later.
    priority
        0 to 100: where not all can be visited, those go whose priorities are more together.
    skills
        All that whoever comes must have.
    """

    id: str
    at: Position
    minutes: int
    windows: tuple[Window, ...] = ()
    priority: int = 0
    skills: frozenset[str] = frozenset()


def check(workers: Sequence[Worker], visits: Sequence[Visit], locked: Locked) -> None:
    """Refuse what cannot be asked.

    Raises
    ------
    Invalid
        ``rounds_too_large`` with the numbers and limits; ``round_invalid``, whose details map
        a field, as ``visits.3.windows.0``, to a reason: "missing", "twice", "unknown" (in an
        order), "range" (of moments: not in this century), "position" (not on the globe),
        "naive" (without a time zone), "backwards" (it ends before it begins; hours, not a
        second after), "too_long", "too_many".
    """
    if len(visits) > MOST_VISITS or len(workers) > MOST_WORKERS:
        raise Invalid(
            "rounds_too_large",
            visits=len(visits),
            workers=len(workers),
            most_visits=MOST_VISITS,
            most_workers=MOST_WORKERS,
        )
    faults = [
        *([] if workers else [("workers", "missing")]),
        *_repeated("workers", "name", [worker.name for worker in workers]),
        *_repeated("visits", "id", [visit.id for visit in visits]),
        *chain.from_iterable(_of_worker(f"workers.{n}", w) for n, w in enumerate(workers)),
        *chain.from_iterable(_of_visit(f"visits.{n}", v) for n, v in enumerate(visits)),
        *_of_orders(locked, {w.name for w in workers}, {v.id for v in visits}),
    ]
    if faults:
        raise Invalid("round_invalid", **dict(reversed(faults)))


type _Faults = Iterator[tuple[str, str]]


def _repeated(what: str, field: str, names: Sequence[str]) -> _Faults:
    seen: set[str] = set()
    for number, name in enumerate(names):
        if name in seen or not name:
            yield f"{what}.{number}.{field}", "twice" if name else "missing"
        seen.add(name)


def _of_worker(field: str, worker: Worker) -> _Faults:
    for end, place in (("start", worker.start), ("end", worker.end)):
        if place is not None and not _on_globe(place):
            yield f"{field}.{end}", "position"
    if fault := _of_span((worker.from_, worker.until)):
        yield f"{field}.until", fault
    elif (hours_s := _lasting_s((worker.from_, worker.until))) < 1:
        yield f"{field}.until", "backwards"
    elif hours_s > LONGEST_DAY.total_seconds():
        yield f"{field}.until", "too_long"


def _of_visit(field: str, visit: Visit) -> _Faults:
    if not _on_globe(visit.at):
        yield f"{field}.at", "position"
    if not 0 <= visit.minutes <= LONGEST_VISIT_MIN:
        yield f"{field}.minutes", "range"
    if not 0 <= visit.priority <= HIGHEST:
        yield f"{field}.priority", "range"
    if len(visit.windows) > MOST_WINDOWS:
        yield f"{field}.windows", "too_many"
    for number, window in enumerate(visit.windows):
        if fault := _of_span(window):
            yield f"{field}.windows.{number}", fault


def _of_span(span: Window) -> str:
    if any(moment.utcoffset() is None for moment in span):
        return "naive"
    if not all(EARLIEST <= moment <= LATEST for moment in span):
        return "range"
    return "backwards" if _lasting_s(span) < 0 else ""


def _lasting_s(span: Window) -> float:
    # Two moments of one time zone would be subtracted as clocks show them, in summer or winter.
    return span[1].timestamp() - span[0].timestamp()


def _of_orders(locked: Locked, names: set[str], ids: set[str]) -> _Faults:
    counts = Counter(chain.from_iterable(locked.values()))
    for name, order in locked.items():
        if name not in names:
            yield f"locked.{name}", "unknown"
        for number, told in enumerate(order):
            if told not in ids:
                yield f"locked.{name}.{number}", "unknown"
            elif counts[told] > 1:
                yield f"locked.{name}.{number}", "twice"


def _on_globe(place: Position) -> bool:
    return bool((np.abs(place) <= (180.0, 90.0)).all())  # NaN is not
