"""The router: ways, tables of times and reach, on foot, by bike and by car."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Final

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike

from geodata import walking
from geodata.errors import Invalid
from geodata.modes import WALK_MPS, Mode
from geodata.routing import passing, reading
from geodata.routing.blaming import blamed
from geodata.routing.choosing import MOST_OTHERS
from geodata.routing.closing import Barred, Closures, barred
from geodata.routing.engine import Engine
from geodata.routing.found import Way, off
from geodata.routing.isochrones import LONGEST_MIN, isochrones
from geodata.routing.passes import with_passes
from geodata.routing.stops import Position, Stop, Stops, on_globe
from geodata.routing.tables import Table
from geodata.routing.ways import Blame, Floats, Matrix, Route

_MIN_S: Final = 60.0
_ENDS: Final = ("from", "to")


class Router:
    """Ways along streets: one for all threads and forks.

    Parameters
    ----------
    engine
        :class:`~geodata.routing.Local` or :class:`~geodata.routing.Remote`.
    graph
        The walking graph of the same streets, where there is one. With it a place in a
        courtyard is joined to the street through the gate, nobody is sent from a stray
        footway, and reach on foot is the graph's own.

    Notes
    -----
    The stretch between a place and its street is walked, whatever the mode, and counts at
    1.25 m/s, as it does in :func:`geodata.walking.nearest`: nobody gets anywhere sooner than in
    a straight line. Cars and bicycles keep to one-ways, walkers need not.
    """

    def __init__(self, engine: Engine, graph: walking.Graph | None = None) -> None:
        self._engine = engine
        self._graph = graph
        self._stops = Stops(engine, graph)

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Give the engine so long for all that this thread asks in the block, and no longer.

        What is not answered by then is ``engine_slow``. The engine of this machine, which waits
        for nobody, has no limit.
        """
        return self._engine.answering(seconds)

    def route(
        self,
        start: Position,
        end: Position,
        mode: Mode = Mode.FOOT,
        *,
        closures: Closures = (),
        passes: bool = True,
    ) -> Route:
        """Find the way that a person follows.

        For the order of many places by time use :meth:`matrix`, for a choice of ways
        :meth:`routes`.

        Parameters
        ----------
        start, end
            Longitude and latitude, WGS 84.
        closures
            What cannot be gone through, WGS 84: polygons and what touches them, but not their
            holes; within 5 m of lines and points. An edge is closed whole, from junction to
            junction; a bridge above a closed area is closed with it.
        passes
            Whether to tell of crossings, steps, gates and so on; a way without them takes a
            fifth less time to find. An engine that is late is not asked for them.

        Returns
        -------
        Route
            Of 0 m where the two places are the same, wherever its street is; between two
            places at one point of a street only their stretches to it count.

        Raises
        ------
        Invalid
            ``off_network`` with ``which`` ("from", "to"), ``snap_m`` (None where the nearest
            street was not looked for so far) and ``limit_m``; ``position_invalid``;
            ``closures_invalid`` and ``closures_too_large``, see :func:`~geodata.routing.
            closing.barred`.
        NotFound
            ``no_route`` with ``mode``: the two are not connected, or one stands on a closed
            edge.
        Unavailable
            ``engine_failed``, ``engine_unreachable``, ``engine_slow``.
        """
        (way,) = self.routes(start, end, mode, closures=closures, others=0, passes=passes)
        return way

    def routes(
        self,
        start: Position,
        end: Position,
        mode: Mode = Mode.FOOT,
        *,
        closures: Closures = (),
        others: int = MOST_OTHERS,
        passes: bool = True,
    ) -> tuple[Route, ...]:
        """Find the way that a person follows, and other ways to choose from.

        Parameters
        ----------
        start, end, closures, passes
            As for :meth:`route`.
        others
            How many other ways at most, up to 2. Often there are fewer, as in a street with
            no way around; a service with its default limits gives fewer too.

        Returns
        -------
        tuple
            First what :meth:`route` finds, then the others as the engine ranks them: none less
            than a fifth aside of each before it, and none more than some twice as long. By bike
            and car, where the engine weighs more than time, another may be the quicker one.

        Raises
        ------
        ValueError
            When more others are asked for than there may be.

        Notes
        -----
        See :meth:`route` for all else. Of many closures the engine is told those near the way
        only, see :mod:`geodata.routing.passing`. With two others it takes some 2 times as long
        as without on foot, and as long by car.
        """
        if not 0 <= others <= MOST_OTHERS:
            raise ValueError(others)
        closed = barred(closures)
        places = np.concatenate((_position(start), _position(end)))
        with self._engine.answering():
            ways = self._ways(places, mode, closed, others)
            if tuple(start) == tuple(end):
                return (ways[0].standing(),)
            return tuple(self._told(way, mode, passes=passes) for way in ways)

    def _told(self, way: Way, mode: Mode, *, passes: bool) -> Route:
        steps = reading.steps(way.leg)
        if passes and not self._engine.late:
            steps = with_passes(self._engine, steps, way.leg["shape"], mode)
        return Route(way.line, way.duration_s, way.distance_m, way.snap_m, steps)

    def blame(
        self, start: Position, end: Position, mode: Mode = Mode.FOOT, *, closures: Closures
    ) -> tuple[Blame, ...]:
        """Tell which closures are to blame where :meth:`route` finds no way.

        Parameters
        ----------
        start, end, mode, closures
            As for :meth:`route`.

        Returns
        -------
        tuple
            Up to three sets of closures. Lifting one set opens the way that it tells, and of up
            to 4 closures each is needed for that. What one closure alone opens comes first, then
            the quickest way. Empty where there is a way, and where there would be none either
            with all of them lifted.

        Raises
        ------
        Invalid, Unavailable
            As for :meth:`route`.

        Notes
        -----
        Nothing is guessed: each way was asked for with that set lifted and all else closed. At
        most :data:`~geodata.routing.blaming.MOST` ways are asked for. Where these run out a set
        may have been missed, and where not even one was made out, the one that is told may name
        more closures than are needed.
        """
        closed = barred(closures)
        places = np.concatenate((_position(start), _position(end)))
        with self._engine.answering():
            pair = self._pair(places, mode, barred(()))
            return blamed(self._engine, pair, mode, closed)

    def shut_by(self, place: Position, mode: Mode, closures: Closures) -> frozenset[int]:
        """Tell which closures close the street of a place, though it may lie outside of them.

        Each of them is a number in the row of ``closures``. None where the place can be left by
        a street that is open, or is off the network.
        """
        closed = barred(closures)
        if not closed:
            return frozenset()
        with self._engine.answering():
            (stop,) = self._stops.settled(_position(place), mode, closed, leaving=1)
        return frozenset().union(*stop.shut_by(closed)) if stop and stop.shut else frozenset()

    def matrix(
        self,
        sources: ArrayLike,
        targets: ArrayLike,
        mode: Mode = Mode.FOOT,
        *,
        closures: Closures = (),
    ) -> Matrix:
        """Tell times and distances from each of some places to each of others.

        For ranking: what a person follows comes from :meth:`route`, which for one pair in
        many takes a slightly different way. On foot, for thousands of places,
        :func:`geodata.walking.nearest` is many times quicker.

        Parameters
        ----------
        sources, targets
            (n, 2) and (m, 2), lon/lat in degrees WGS 84; NaN for a place without a position.
        closures
            As for :meth:`route`.

        Returns
        -------
        Matrix
            The engine tells whole seconds. Two equal places are 0 apart. Where no more than
            32 pairs got no time, each was asked for as a way, since the engine's table misses
            some that there are; but only until half of the time that an engine has is gone.

        Raises
        ------
        Invalid
            ``closures_invalid``, ``closures_too_large``. A place off the network is no error:
            its row or column is NaN.
        Unavailable
            As for :meth:`route`.
        """
        closed = barred(closures)
        starts, ends = (_places(some) for some in (sources, targets))
        with self._engine.answering():
            # One unknown target would spoil the engine's times for those after it, in silence.
            both = np.concatenate((starts, ends))
            found = self._stops.settled(both, mode, closed, leaving=len(starts))
            free = [None if stop and stop.shut else stop for stop in found]
            table = Table(self._engine, free[: len(starts)], free[len(starts) :], mode, closed)
            seconds, metres = table.filled()
        snap = tuple(
            np.array([stop.away_m if stop else np.nan for stop in side])
            for side in (found[: len(starts)], found[len(starts) :])
        )
        stretches = snap[0][:, None] + snap[1][None, :]
        metres += stretches
        seconds += stretches / WALK_MPS
        same = (starts[:, None, :] == ends[None, :, :]).all(axis=2) & np.isfinite(snap[1])
        seconds[same] = metres[same] = 0.0
        return Matrix(seconds, metres, (snap[0], snap[1]))

    def reach(
        self,
        start: Position,
        minutes: Sequence[int],
        mode: Mode = Mode.FOOT,
        *,
        closures: Closures = (),
    ) -> gpd.GeoDataFrame:
        """Draw where one gets in some minutes.

        Parameters
        ----------
        start
            Longitude and latitude, WGS 84.
        minutes
            The limits, 1 to 120, in any order.
        closures
            As for :meth:`route`.

        Returns
        -------
        geopandas.GeoDataFrame
            One row a limit, the least first, WGS 84: ``minutes`` and ``geometry``, valid
            MultiPolygons, each inside the next; empty where nothing is in reach.

        Raises
        ------
        Invalid
            ``off_network`` with ``which`` "from"; ``position_invalid``; and for closures as
            :meth:`route`.
        Unavailable
            As for :meth:`route`.
        ValueError
            When there are no limits, or one is out of range.

        Notes
        -----
        On foot with a graph as :func:`geodata.walking.reach` draws it; otherwise the engine's
        isochrone, on a grid of some 50 m.
        """
        limits = sorted(minutes)
        if not limits or not 0 < limits[0] <= limits[-1] <= LONGEST_MIN:
            raise ValueError(limits)
        closed = barred(closures)
        if mode is Mode.FOOT and self._graph is not None:
            return self._walked(self._graph, _position(start), limits, closed)
        with self._engine.answering():
            (stop,) = self._stops.settled(_position(start), mode, closed, leaving=1)
            if stop is None:
                raise off("from")
            late_min = stop.away_m / WALK_MPS / _MIN_S
            left = [0.0 if stop.shut else limit - late_min for limit in limits]
            shapes = isochrones(self._engine, stop, left, mode, closed)
        return gpd.GeoDataFrame({"minutes": limits}, geometry=shapes, crs=4326)

    def _walked(
        self,
        graph: walking.Graph,
        start: Floats,
        limits: list[int],
        closed: Barred,
    ) -> gpd.GeoDataFrame:
        joined = walking.join(graph, start[:, 0], start[:, 1])
        if joined.edge[0] < 0:
            raise off("from")
        mask = graph.closed_by(closed.areas) if closed else None
        return walking.reach(graph, joined, limits, closed=mask)

    def _pair(self, places: Floats, mode: Mode, closed: Barred) -> list[Stop]:
        pair = []
        for stop, which in zip(
            self._stops.settled(places, mode, closed, leaving=1), _ENDS, strict=True
        ):
            if stop is None:
                raise off(which)
            pair.append(stop)
        return pair

    def _ways(self, places: Floats, mode: Mode, closed: Barred, others: int) -> list[Way]:
        pair = self._pair(places, mode, closed)
        return passing.ways(self._engine, pair, mode, closed, others)


def _position(place: Position) -> Floats:
    """Return one place as an array, (1, 2), if it is on the globe."""
    found = _places([place])
    if not on_globe(found).all():
        raise Invalid("position_invalid", lon=place[0], lat=place[1])
    return found


def _places(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64).reshape(-1, 2)
