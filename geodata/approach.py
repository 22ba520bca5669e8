"""The last stretch (最后一段): as near as a vehicle gets, and up to a cordon and inside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from geodata import walking
from geodata.errors import Invalid, NotFound, Unavailable
from geodata.modes import SNAP_LIMIT_M, WALK_MPS, Mode
from geodata.roads import Streets
from geodata.routing import Barred, Closures, Position, Route, Router, barred
from geodata.walking import Graph
from geodata.walking.frames import Frame

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer[Any]]
type Mask = NDArray[np.bool_]

_LOOKS_MIN: Final = (15.0, 60.0)
"""So far on foot the vehicle is looked for, farther only where nearer there is none."""
_AT_ONCE: Final = 48
_TRIES: Final = 3
"""So many tables of so many places are asked for at most, and as many pairs of ways."""
_APART_M: Final = 40.0
"""A vehicle stops at a junction or so far from one."""
_AS_NEAR_MIN: Final = 1.0
"""Of places that are so much farther on foot the one is taken where one arrives first."""
_BEFORE_DEG: Final = 5e-6
"""Half a metre: one stops before a cordon, not on its edge."""


@dataclass(frozen=True, slots=True)
class LastMile:
    """How one gets to a place to which no vehicle gets: ``at`` one leaves it and walks on."""

    at: Position
    drive: Route
    walk: Route


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a way: where it leads, and how long it takes with its stretch to a place."""

    line: shapely.LineString
    duration_s: float
    distance_m: float


@dataclass(frozen=True, slots=True)
class Entry:
    """A way to a place inside a cordon, or from there.

    Parameters
    ----------
    at
        Where it meets the cordon, longitude and latitude; at the place's end of it, if the
        place's street is closed but the way meets no cordon.
    way
        The whole of it, as if there were no cordon.
    outside, inside
        Its two parts. On the way to the place what is outside lies before ``at``, on the way
        from there behind it.
    step
        In which step of the way ``at`` lies.
    """

    at: Position
    way: Route
    outside: Leg
    inside: Leg
    step: int


def nearest_by_vehicle(
    streets: Streets,
    start: Position,
    place: Position,
    mode: Mode = Mode.CAR,
    *,
    closures: Closures = (),
) -> LastMile:
    """Tell how near to a place one gets by car or bike, and how far it is on foot from there.

    For a place to which :meth:`~geodata.routing.Router.route` finds no way by vehicle.

    Parameters
    ----------
    streets
        With a walking graph.
    start, place
        Longitude and latitude, WGS 84.
    closures
        As for :meth:`~geodata.routing.Router.route`; on foot they are obeyed too.

    Returns
    -------
    LastMile
        The shortest walk that there is from where the vehicle gets, to 40 m along the street and
        a minute: within these one arrives first.

    Raises
    ------
    Invalid
        ``off_network`` with ``which``; ``closures_invalid``, ``closures_too_large``.
    NotFound
        ``no_route`` with ``mode``: that on foot where nobody can walk to the place, else that
        of the vehicle.
    Unavailable
        ``streets_missing`` where the streets have no graph; as the engine tells.

    Notes
    -----
    Walks come from the graph, drives from up to 3 tables of 48 places each.
    """
    if streets.graph is None:
        raise Unavailable("streets_missing")
    closed = barred(closures)
    look = _Look(streets.graph, start, place, mode, closed)
    tries = 0
    for at in look.by_arrival(streets.router):
        try:
            drive = streets.router.route(start, at, mode, closures=closed)
            walk = streets.router.route(at, place, Mode.FOOT, closures=closed)
        except NotFound:
            tries += 1  # what the table knows a way to, the engine refuses to draw
            if tries == _TRIES:
                break
        else:
            return LastMile(at, drive, walk)
    raise NotFound("no_route", mode=mode)


class _Look:
    """Places where the vehicle may be left, the nearest to the goal on foot first."""

    def __init__(
        self, graph: Graph, start: Position, place: Position, mode: Mode, closed: Barred
    ) -> None:
        self._graph, self._start, self._mode, self._barred = graph, start, mode, closed
        self._closed = graph.closed_by(closed.areas)
        self._goal = walking.join(graph, *place)
        if self._goal.edge[0] < 0:
            raise _off("to")
        walked = graph.open_to(Mode.FOOT) & ~self._closed
        self._goal = walking.standing(graph, self._goal, walked)
        if self._closed[self._goal.edge[0]]:
            raise NotFound("no_route", mode=Mode.FOOT)
        driven = graph.open_to(mode) & ~self._closed
        begin = walking.join(graph, *start, mode)
        if begin.edge[0] < 0:
            raise _off("from")
        here = int(walking.standing(graph, begin, driven).edge[0])
        pieces = graph.pieces(driven)
        # One-ways apart, whatever hangs together with the start's street is got to.
        self._driven = (pieces >= 0) & (pieces == pieces[here]) & graph.open_to(Mode.FOOT)

    def by_arrival(self, router: Router) -> Iterator[Position]:
        """Give the places to which one drives, the shortest walks first."""
        for spots, minutes in self._some():
            at = np.column_stack((spots.lon, spots.lat))
            told = router.matrix([self._start], at, self._mode, closures=self._barred)
            drive_min = told.duration_s[0] / 60
            found = np.flatnonzero(np.isfinite(drive_min))
            if len(found):
                near = minutes[found] <= minutes[found].min() + _AS_NEAR_MIN
                first = np.where(near, minutes[found] + drive_min[found], np.inf)
                order = np.lexsort((minutes[found], first))
                yield from ((float(at[i, 0]), float(at[i, 1])) for i in found[order])

    def _some(self) -> Iterator[tuple["walking.Joins", Floats]]:
        """Give places and the minutes that it takes from them to the goal on foot."""
        asked, seen_min = 0, -1.0
        for within_min in _LOOKS_MIN:
            spots = self._spots(within_min)
            told = walking.durations(
                self._graph, self._goal, spots, within_min=within_min, closed=self._closed
            )
            rows = np.flatnonzero(told.minutes > seen_min)
            rows = rows[np.argsort(told.minutes[rows], kind="stable")]
            at = np.column_stack((spots.lon[rows], spots.lat[rows]))
            rows = rows[np.sort(np.unique(at, axis=0, return_index=True)[1])]
            for first in range(0, len(rows), _AT_ONCE):
                if asked == _TRIES:
                    return
                asked += 1
                some = rows[first : first + _AT_ONCE]
                yield spots.of(some), told.minutes[some]
            seen_min = within_min

    def _spots(self, within_min: float) -> "walking.Joins":
        """Return places on the streets around, one or several on each."""
        graph, reach_m = self._graph, within_min * 60 * WALK_MPS
        near = _box(self._goal, reach_m)
        edges = np.sort(graph.edge_tree.query(near))
        edges = edges[self._driven[edges]]
        length = graph.length_m[edges]
        pieces = np.maximum(np.ceil(length / _APART_M), 1).astype(np.int64)
        edge = np.repeat(edges, pieces + 1)
        number = np.arange(len(edge)) - np.repeat(np.cumsum(pieces + 1) - pieces - 1, pieces + 1)
        share = number / np.repeat(pieces, pieces + 1)
        at = shapely.get_coordinates(
            shapely.line_interpolate_point(graph.lines[edge], share, normalized=True)
        ).reshape(-1, 2)
        along = share * graph.length_m[edge]
        return walking.Joins(edge.astype(np.int32), along, np.zeros(len(edge)), *at.T)


def _box(goal: "walking.Joins", reach_m: float) -> shapely.Polygon:
    frame = Frame(float(goal.lon[0]), float(goal.lat[0]))
    (west, south), (east, north) = frame.lonlat(np.array([[-reach_m] * 2, [reach_m] * 2]))
    box: shapely.Polygon = shapely.box(west, south, east, north)
    return box


def to_cordon(
    router: Router,
    start: Position,
    place: Position,
    mode: Mode = Mode.FOOT,
    *,
    inside: Closures,
    others: Closures = (),
) -> Entry:
    """Tell the way to a cordon around a place, and the way on from there.

    Parameters
    ----------
    start, place
        Longitude and latitude, WGS 84.
    inside
        The closures inside which the place lies, or that close its street
        (:meth:`~geodata.routing.Router.shut_by`).
    others
        All other closures.

    Returns
    -------
    Entry
        The quickest way that obeys the other closures, parted where it first meets the cordon:
        up to there it obeys every closure.

    Raises
    ------
    Invalid, NotFound, Unavailable
        As :meth:`~geodata.routing.Router.route` tells with the other closures.
    """
    way = router.route(start, place, mode, closures=others)
    met = _met(way.line, barred(inside))
    cut = max(met[0] - _BEFORE_DEG, 0.0) if met else way.line.length
    outside, within, step = _parted(way, cut)
    at = outside.line.coords[-1]
    return Entry((at[0], at[1]), way, outside, within, step)


def from_cordon(
    router: Router,
    place: Position,
    end: Position,
    mode: Mode = Mode.FOOT,
    *,
    inside: Closures,
    others: Closures = (),
) -> Entry:
    """Tell the way out of a cordon around a place, and the way on from its edge.

    As :func:`to_cordon`, the other way round: parted where it last meets the cordon, so that
    from there on it obeys every closure.
    """
    way = router.route(place, end, mode, closures=others)
    met = _met(way.line, barred(inside))
    cut = min(met[-1] + _BEFORE_DEG, way.line.length) if met else 0.0
    within, outside, step = _parted(way, cut)
    at = outside.line.coords[0]
    return Entry((at[0], at[1]), way, outside, within, step)


def _parted(way: Route, cut: float) -> tuple[Leg, Leg, int]:
    """Part a way so far along its line, in degrees; tell in which step that is."""
    line = way.line
    # How far along, how late and after how many metres each step begins.
    points = shapely.get_coordinates(line)
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
    begins = along[[one.begin for one in way.steps]]
    seconds = np.cumsum([0.0, *(one.duration_s for one in way.steps[:-1])])
    metres = np.cumsum([0.0, *(one.distance_m for one in way.steps[:-1])])
    before_s = way.snap_m[0] / WALK_MPS + float(np.interp(cut, begins, seconds))
    before_m = way.snap_m[0] + float(np.interp(cut, begins, metres))
    first = Leg(_line(substring(line, 0.0, cut)), before_s, before_m)
    rest = _line(substring(line, cut, along[-1]))
    second = Leg(rest, way.duration_s - before_s, way.distance_m - before_m)
    return first, second, max(int(np.searchsorted(begins, cut, side="right")) - 1, 0)


def _met(line: shapely.LineString, closed: Barred) -> list[float]:
    """Tell how far along a line closures are met first and last, in degrees; nothing if none."""
    found = [line.intersection(area) for area, _ in closed.met_by(line)]
    spots = shapely.points(shapely.get_coordinates(found))
    along = shapely.line_locate_point(line, spots)
    return [float(along.min()), float(along.max())] if along.size else []


def _line(part: shapely.LineString | shapely.Point) -> shapely.LineString:
    """Return a part as a line, one of no length where it is a point."""
    at = part.coords
    return shapely.LineString([*at, *at] if len(at) == 1 else at)


def _off(which: str) -> Invalid:
    return Invalid("off_network", which=which, snap_m=None, limit_m=SNAP_LIMIT_M)
