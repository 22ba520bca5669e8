"""Ways past closures, of which the engine is told those only that matter: each costs time."""

from collections.abc import Sequence
from typing import Final

import shapely

from geodata.errors import NotFound
from geodata.modes import Mode
from geodata.routing import asking, reading
from geodata.routing.choosing import unlike
from geodata.routing.closing import Barred
from geodata.routing.engine import Engine, Refused
from geodata.routing.found import Way
from geodata.routing.stops import Stop

TRIES: Final = 4
"""So often some closures are left out; then all of them are told."""

_FEW: Final = 20
"""So many areas are told at once, wherever they are."""
_LEAST_DEG: Final = 0.005
_AROUND: Final = 0.3
"""Detours lead aside by some share of the distance, or half a kilometre."""
_BESIDE_DEG: Final = 0.004
_ON_DEG: Final = 2e-6
"""The engine rounds its lines: what is so near to one may close its street."""


def ways(
    engine: Engine, pair: Sequence[Stop], mode: Mode, closed: Barred, others: int
) -> list[Way]:
    """Find the way between two stops and so many others at most; all obey every closure.

    The engine is told of the closures around the two places. Where a way that it finds meets
    one that was left out, it is asked again with that one and those beside it. Where none is
    met, the way is the best past all of them, too; and where there is none past some, there is
    none past all.

    Raises
    ------
    Invalid, NotFound, Unavailable
        As :meth:`geodata.routing.Router.routes`.
    """
    if any(stop.shut for stop in pair):
        raise NotFound("no_route", mode=mode)
    told = _first(pair, closed)
    for _ in range(TRIES):
        if len(told) == len(closed.every) or engine.late:
            break
        found = _asked(engine, pair, mode, closed.of(told), others)
        missed = closed.near([way.line for way in found], _ON_DEG) - told
        if not missed:
            return found
        # The next way would go around them, into their neighbours.
        told |= closed.beside(missed, _BESIDE_DEG)
    return _asked(engine, pair, mode, closed, others)


def _first(pair: Sequence[Stop], closed: Barred) -> frozenset[int]:
    """Return which closures are told at first: those around, and on the streets of the ends."""
    if len(closed.areas) <= _FEW:
        return closed.every
    straight = shapely.LineString([stop.at for stop in pair])
    around = shapely.box(*straight.buffer(_LEAST_DEG + _AROUND * straight.length).bounds)
    # A street is closed whole: the far end of the one on which somebody stands counts.
    ends = [edge for stop in pair for edge in stop.edges]
    return closed.near([around, *ends], _ON_DEG)


def _asked(
    engine: Engine, pair: Sequence[Stop], mode: Mode, told: Barred, others: int
) -> list[Way]:
    try:
        # Of those that the engine tells some may be no others to a person.
        answer = asking.route(engine, pair, mode, told, 2 * others)
    except Refused as refused:
        raise asking.meant(refused, mode) from refused
    found = [Way.of(one, list(pair)) for one in (answer, *reading.others(answer))]
    apart = unlike([way.line for way in found])
    return [found[row] for row in apart[: others + 1]]
