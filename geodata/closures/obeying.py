"""Obeying closures: as the routing takes them, and which of them bar a way."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.closures.closure import Closure
from geodata.closures.drawing import Drawing
from geodata.errors import NotFound
from geodata.modes import Mode
from geodata.policy import Action, Actor, can
from geodata.roads import Streets
from geodata.routing import Barred, Position, barred

_KEPT_CORNERS: Final = 200_000
"""Some 20 MB: what is kept as the routing takes it, counted by corners."""

type _Shapes = tuple[BaseGeometry | None, ...]


def barring(streets: Streets, found: Sequence[Closure]) -> Barred:
    """Return closures as the routing of some streets takes them.

    What passes above or below a closure of the ground is not barred, where the streets tell of
    it. The owner of each area is its place among ``found``.
    """
    return _KEPT.get(tuple(streets.closing(one.geometry, one.level).shape for one in found))


def streets_closed(streets: Streets | None, drawing: Drawing) -> int | None:
    """Return how many stretches of street a drawing closes; None where that is not known.

    With 0 it closes nothing, and whoever draws it should be told: it is drawn beside the street,
    or what it is on is not on the map.
    """
    if streets is None:
        return None
    return streets.closing(shapely.force_2d(drawing.geometry), drawing.level).edges


@contextmanager
def explaining(
    streets: Streets,
    found: Sequence[Closure],
    start: Position,
    end: Position,
    mode: Mode,
    *,
    actor: Actor,
    beforehand: Callable[[], object] = bool,
) -> Iterator[None]:
    """Let a search for a way that obeys closures tell which of them bar it, where it finds none.

    ``beforehand`` is called before the engine is asked, dozens of times, who is to blame: it may
    refuse. Only staff are told of closures that are not public.

    Raises
    ------
    NotFound
        ``inside_closure``: the street of ``which`` end ("from", "to") is closed by ``blamed``,
        ids of closures. ``no_route`` with ``mode``, ``blamed`` (every id of the following; none
        where closures are not to blame, or none that ``actor`` may know of) and ``ways_out``:
        sets of closures of which lifting one set opens a way, each with ``lift`` (ids),
        ``duration_s`` and ``distance_m``; the best first.
    """
    try:
        yield
    except NotFound as error:
        if error.code != "no_route" or not found:
            raise
        beforehand()
        every = can(actor, Action.CLOSURE_READ, area=actor.scope)
        told = {row: one.id for row, one in enumerate(found) if every or one.public}
        closed = barring(streets, found)
        for which, place in (("from", start), ("to", end)):
            if shut := streets.router.shut_by(place, mode, closed):
                blamed = [told[row] for row in sorted(shut) if row in told]
                if not blamed:
                    raise NotFound("no_route", mode=mode, blamed=[], ways_out=[]) from error
                raise NotFound("inside_closure", which=which, blamed=blamed) from error
        known = [
            one
            for one in streets.router.blame(start, end, mode, closures=closed)
            if told.keys() >= set(one.lift)
        ]
        out = [
            {
                "lift": [told[row] for row in one.lift],
                "duration_s": round(one.duration_s, 1),
                "distance_m": round(one.distance_m, 1),
            }
            for one in known
        ]
        blamed = list(dict.fromkeys(told[row] for one in known for row in one.lift))
        raise NotFound("no_route", mode=mode, blamed=blamed, ways_out=out) from error


class Kept:
    """Closures as the routing takes them, bounded by their corners; the oldest go first.

    The same closures are in force for every question of some hours.
    """

    def __init__(self, most: int) -> None:
        self._most, self.corners = most, 0
        self._kept: OrderedDict[_Shapes, Barred] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, shapes: _Shapes) -> Barred:
        """Return what was kept, or is made now."""
        with self._lock:
            if known := self._kept.get(shapes):
                self._kept.move_to_end(shapes)
                return known
        made = _made(shapes)
        with self._lock:
            if shapes not in self._kept:
                self._kept[shapes] = made
                self.corners += _corners(made)
            while self.corners > self._most and len(self._kept) > 1:
                self.corners -= _corners(self._kept.popitem(last=False)[1])
        return made


def _made(shapes: _Shapes) -> Barred:
    rows = np.array([row for row, shape in enumerate(shapes) if shape], dtype=np.intp)
    some = barred([shape for shape in shapes if shape])
    return Barred(some.areas, rows[some.owner])


def _corners(some: Barred) -> int:
    return int(shapely.count_coordinates(some.areas)) + len(some.areas)


_KEPT: Final = Kept(_KEPT_CORNERS)
