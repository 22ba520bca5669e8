"""Which closures bar the way: found by asking for ways with some of them lifted."""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import numpy as np
import shapely

from geodata.modes import Mode
from geodata.routing import asking
from geodata.routing.closing import Barred
from geodata.routing.engine import Engine, Refused
from geodata.routing.found import Way
from geodata.routing.stops import Stop
from geodata.routing.ways import Blame

type Set = frozenset[int]

MOST: Final = 40
"""So many ways are asked for at most; five to ten are usual."""

WAYS_OUT: Final = 3
"""So many sets of closures are told at most."""

TOGETHER: Final = 4
"""A set of more closures may name some that need not be lifted."""

_BRANCHES: Final = 8
_FEW: Final = 60
"""So many areas the engine is told of at once; of more, only those that are met."""
_BESIDE_DEG: Final = 0.004
_ON_DEG: Final = 2e-6
"""So near are two of the engine's lines where they are one."""
_NOTHING: Final[Set] = frozenset()


def blamed(engine: Engine, pair: Sequence[Stop], mode: Mode, closed: Barred) -> tuple[Blame, ...]:
    """Return sets of closures that open a way when they are lifted, see :meth:`Router.blame`."""
    case = _Case(engine, pair, mode, closed)
    found: dict[Set, Way] = {}
    with suppress(_Enough):
        _find_ways_out(case, found)
        _find_single_ones(case, found)
    if _NOTHING in found:
        return ()
    if not found:
        found = case.opening()
    told = [
        Blame(tuple(sorted(lifted)), way.line, way.duration_s, way.distance_m)
        for lifted, way in found.items()
    ]
    return tuple(sorted(told, key=lambda one: (len(one.lift), one.duration_s))[:WAYS_OUT])


def _find_ways_out(case: "_Case", found: dict[Set, Way]) -> None:
    """Find irreducible sets, each with a closure of every one before it kept in force.

    As Reiter's tree of hitting sets (1987) goes about it, and with its saving: what was found
    already stands for whatever is kept beside it.
    """
    waiting, seen = deque([_NOTHING]), {_NOTHING}
    while waiting and len(found) < WAYS_OUT:
        kept = waiting.popleft()
        lifted = next((one for one in found if not one & kept), None)
        if lifted is None:
            free = case.way(case.every - kept)
            if free is None:
                continue
            lifted, way = _needed(case, case.every - kept, free)
            found[lifted] = way
        # Whatever else opens a way does without one of these.
        more = [kept | {one} for one in sorted(lifted)[:_BRANCHES]]
        waiting.extend(one for one in more if one not in seen)
        seen.update(more)


def _find_single_ones(case: "_Case", found: dict[Set, Way]) -> None:
    """Find closures that open a way alone, where the search has come upon others first."""
    others = case.every - case.met.keys() if len(case.every) <= MOST else ()
    for one in [*case.met, *sorted(others)]:
        if _NOTHING in found or sum(len(lifted) == 1 for lifted in found) >= WAYS_OUT:
            return
        single = frozenset({one})
        if single in found or any(one in lifted for lifted in case.vain):
            continue
        way = case.way(single)
        if way is not None:
            found[single] = way


def _needed(case: "_Case", lifted: Set, way: Way) -> tuple[Set, Way]:
    """Leave out of what opens a way all that need not be lifted for one.

    Where more than :data:`TOGETHER` are needed nobody is helped by the exact number, and what
    bars the last way found is told as it is.
    """
    needed = _NOTHING
    perhaps = case.order(lifted, way)
    while (found := case.way(needed)) is None:
        perhaps = perhaps or sorted(lifted - needed)
        if len(needed) == TOGETHER:
            return needed.union(perhaps), way
        # The shortest beginning of the row that opens a way ends with one that is needed.
        vain, opens = 0, len(perhaps)
        while opens - vain > 1:
            middle = (vain + opens) // 2
            tried = case.way(needed.union(perhaps[:middle]))
            if tried is None:
                vain = middle
                continue
            way, crossed = tried, case.crossed(tried)
            kept = [one for one in perhaps[:middle] if one in crossed]
            vain = sum(one in crossed for one in perhaps[:vain])
            perhaps, opens = kept, len(kept)
        needed |= {perhaps[opens - 1]}
        perhaps = perhaps[: opens - 1]
    return needed, found


class _Enough(Exception):
    """So many questions were asked, or so long, that no more are."""


class _Case:
    """A pair of places without a way, and what was asked about it so far."""

    def __init__(self, engine: Engine, pair: Sequence[Stop], mode: Mode, closed: Barred) -> None:
        self.closed = closed
        self.every: Set = frozenset(closed.owner.tolist())
        self.met: dict[int, None] = {}
        """Closures on the ways that were found."""
        self.vain: list[Set] = []
        """What was lifted in vain."""
        self._engine, self._pair, self._mode = engine, list(pair), mode
        self._known: dict[Set, Way | None] = {}
        self._asked = 0
        self._edges = [stop.edges for stop in pair]
        self._shutting = [stop.shut_by(closed) for stop in pair]
        at_ends = _NOTHING.union(*(some for end in self._shutting for some in end))
        # Each area costs time in each question, and most are far from every way.
        self._told = set(self.every if len(closed.areas) <= _FEW else at_ends)

    def way(self, lifted: Set) -> Way | None:
        """Tell the way that there is with some closures lifted."""
        if lifted not in self._known:
            self._known[lifted] = way = None if self._shut_in(lifted) else self._way(lifted)
            if way is None:
                self.vain.append(lifted)
            else:
                self.met |= dict.fromkeys(self.crossed(way))
        return self._known[lifted]

    def opening(self) -> dict[Set, Way]:
        """Return the fewest closures that were lifted for a way, though fewer might have done."""
        opened = {
            lifted.intersection(self.crossed(way)): way
            for lifted, way in self._known.items()
            if way
        }
        return {lifted: opened[lifted] for lifted in sorted(opened, key=len)[:1]}

    def crossed(self, way: Way) -> dict[int, float]:
        """Tell which closures bar a way, and how far from its nearer end: 0 to 0.5, as a share.

        Those on its line, and those on the streets of its ends, -1.
        """
        line = way.line
        found: dict[int, float] = {}
        for area, owner in self.closed.met_by(line):
            middle = shapely.centroid(line.intersection(area))
            share = 0.5 if middle.is_empty else line.project(middle, normalized=True)
            found[owner] = min(found.get(owner, 1.0), share, 1.0 - share)
        for edges, shutting, beside in zip(self._edges, self._shutting, (1, -2), strict=True):
            for row in _used(edges, way, beside):
                found |= dict.fromkeys(shutting[row], -1.0)
        return found

    def order(self, lifted: Set, way: Way) -> list[int]:
        """Return the closures that bar a way in the order in which to blame them.

        What shuts an end in stands near it; what is far from both can mostly be gone around.
        """
        crossed = self.crossed(way)
        return sorted(lifted & crossed.keys(), key=lambda one: (crossed[one], one))

    def _shut_in(self, lifted: Set) -> bool:
        """Tell whether one of the places stands in closed streets only."""
        return any(all(some - lifted for some in end) for end in self._shutting)

    def _way(self, lifted: Set) -> Way | None:
        while True:
            way = self._answer(frozenset(self._told) - lifted)
            # A way past what the engine was not told of is none; no way then is none at all.
            more = frozenset(self.crossed(way)) - lifted - self._told if way else _NOTHING
            if not more:
                return way
            # The next way would go around them, into their neighbours.
            self._told |= self.closed.beside(more, _BESIDE_DEG)

    def _answer(self, told: Set) -> Way | None:
        if self._asked == MOST or self._engine.late:
            raise _Enough
        self._asked += 1
        chosen = self.closed.of(told)
        try:
            answer = asking.route(self._engine, self._pair, self._mode, chosen)
        except Refused as refused:
            if refused.code in asking.NO_WAY:
                return None
            raise asking.meant(refused, self._mode) from refused
        return Way.of(answer, self._pair)


def _used(edges: Sequence[shapely.LineString], way: Way, beside: int) -> list[int]:
    """Tell on which edges of a junction a way begins or ends: those where its next point is."""
    if len(way.points) == 1:
        return list(range(len(edges)))
    next_one = shapely.Point(way.points[beside])
    near = np.flatnonzero(shapely.dwithin(list(edges), next_one, _ON_DEG)).tolist()
    return near or list(range(len(edges)))
