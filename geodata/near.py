"""Near (身边): merchants by the time that it takes to get there, along streets."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata import browse, walking
from geodata.browse import Query
from geodata.errors import Invalid
from geodata.geometry import METRES_PER_DEGREE, BBox, metres_between
from geodata.hours import CALENDAR, Calendar
from geodata.modes import SNAP_LIMIT_M, WALK_MPS, Mode
from geodata.roads import Streets
from geodata.routing import Barred, Closures, Router, barred
from geodata.store import Reader

FARTHEST_M: Final = 25_600.0
"""Nobody is sent farther than this: along streets on foot, else as the crow flies."""

_FIRST_M: Final = 400.0
_WIDEST: Final = 4.0
"""Where nobody was found one looks so many times as far next."""
_RIVALS: Final = 4
_FEWEST: Final = 60
_MOST: Final = 2_000
"""By bike and car, 4 n and at least 60 merchants nearest as the crow flies compete for n places;
more where there is no way to some, up to about so many."""
_PIECE_DEG: Final = 0.01
"""A way is looked along in pieces of about a kilometre."""

type Position = tuple[float, float]
type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Near:
    """A merchant (a row of :data:`geodata.browse.COLUMNS`) and how far it is."""

    row: Any
    duration_s: float
    distance_m: float


def nearest(  # noqa: PLR0913 - a question with its options, all by keyword
    tx: Reader,
    streets: Streets,
    place: Position,
    *,
    mode: Mode = Mode.FOOT,
    query: Query | Sequence[Query] | None = None,
    n: int = 10,
    at: datetime,
    calendar: Calendar = CALENDAR,
    closures: Closures = (),
    rivals: int = 0,
    within_m: float = FARTHEST_M,
) -> list[Near]:
    """Return the merchants that are nearest along streets, the nearest first.

    On foot the walking graph tells the times, within 3 % of the engine's; the search widens
    until no merchant outside can be nearer. By bike and car the engine tells them, for those
    nearest as the crow flies.

    Parameters
    ----------
    place
        Longitude and latitude, WGS 84.
    query
        What narrows the merchants, as on the map; of several queries what any of them finds.
        With a ``box`` (that of the first) only those inside are told.
    n
        How many at most. Fewer where fewer can be reached within ``within_m``.
    at
        Decides what "open now" means; aware.
    closures
        What cannot be gone through, as for :meth:`~geodata.routing.Router.route`: a merchant, or
        a place, in a street that is closed has no way.
    rivals
        By bike and car, how many of those nearest as the crow flies compete: where the first few
        of n matter only, fewer do. By default 4 n and at least 60.
    within_m
        How far to look: along streets on foot, else as the crow flies.

    Raises
    ------
    Invalid
        ``off_network``: no street within 300 m of the place; ``area_code_invalid``;
        ``closures_invalid``, ``closures_too_large``.
    Unavailable
        As the engine tells.
    """
    asked = [query or Query()] if isinstance(query, Query | None) else query
    closed = barred(closures)
    measure: _Measure
    if mode is Mode.FOOT and streets.graph is not None:
        measure = _OnFoot(streets.graph, place, closed)
    else:
        measure = _ByEngine(streets.router, place, mode, closed, rivals)
    found: _Found | None = None
    box, enough = asked[0].box, measure.enough(n)
    reach_m = within_m if box else min(_FIRST_M, within_m)
    while True:
        last = reach_m >= within_m
        around = box or BBox.around(*place, reach_m)
        spots = _spots(tx, [replace(one, box=around) for one in asked], at, calendar)
        if len(spots) >= enough or (spots and last):
            found = measure(spots, n, reach_m, last=last)
        if found is not None or last:
            break
        reach_m = min(reach_m * _wider(len(spots), enough), within_m)
    order, duration_s, distance_m = found or ([], [], [])
    rows = browse.places(tx, [spots[i].fid for i in order])
    return [Near(*told) for told in zip(rows, duration_s, distance_m, strict=True)]


def count(
    tx: Reader,
    place: Position,
    query: Sequence[Query],
    within_m: float,
    *,
    at: datetime,
    calendar: Calendar = CALENDAR,
) -> int:
    """Count whom :func:`nearest` would find if there were a way to everybody."""
    box = BBox.around(*place, within_m)
    return len(_spots(tx, [replace(one, box=box) for one in query], at, calendar))


def inside(
    tx: Reader, shape: shapely.MultiPolygon, at: datetime, *, calendar: Calendar = CALENDAR
) -> dict[str, int]:
    """Count the merchants inside a shape (WGS 84) by category."""
    if shape.is_empty:
        return {}
    spots = browse.spots(tx, Query(box=BBox(*shape.bounds)), at, calendar=calendar)
    shapely.prepare(shape)
    held = shapely.contains_xy(shape, _positions(spots))
    counts = Counter(spots[i].category for i in np.flatnonzero(held).tolist())
    return dict(sorted(counts.items()))


def along(
    tx: Reader, line: shapely.LineString, at: datetime, *, within_m: float
) -> list[tuple[str, float, float]]:
    """Return name, longitude and latitude of what stands beside a way, WGS 84.

    Whoever is within so many metres of the line is there, and some that are a little farther.
    """
    aside = within_m / METRES_PER_DEGREE / np.cos(np.radians(line.coords[0][1]))
    met: dict[int, None] = {}
    for piece in _pieces(line):
        box = BBox(*piece.bounds).grown(aside, aside)
        spots = browse.spots(tx, Query(box=box), at)
        close = shapely.dwithin(shapely.points(_positions(spots)), piece, aside)
        met |= dict.fromkeys(spots[i].fid for i in np.flatnonzero(close).tolist())
    return [(row.name, row.lon, row.lat) for row in browse.places(tx, list(met))]


def standing(tx: Reader, place: Position, at: datetime, *, within_m: float) -> list[str]:
    """Return the names of the merchants nearest to a place, WGS 84.

    One name where one is nearest, several where they share a spot, to 10 cm; none where nobody
    is within so many metres.
    """
    spots = browse.spots(tx, Query(box=BBox.around(*place, within_m)), at)
    away = metres_between(*place, *_positions(spots).T).round(1)
    nearest_m = min((m for m in away.tolist() if m <= within_m), default=-1.0)
    there = [spots[i].fid for i in np.flatnonzero(away == nearest_m).tolist()]
    return sorted({row.name for row in browse.places(tx, there)})


def _pieces(line: shapely.LineString) -> list[shapely.LineString]:
    at = shapely.get_coordinates(line)
    gone = np.cumsum(np.hypot(*np.diff(at, axis=0, prepend=at[:1]).T))
    cuts = [*np.flatnonzero(np.diff(gone // _PIECE_DEG)).tolist(), len(at) - 1]
    starts = [0, *cuts[:-1]]
    pairs = [(start, end) for start, end in zip(starts, cuts, strict=True) if end > start]
    return [shapely.LineString(at[start : end + 1]) for start, end in pairs]


def _wider(count: int, enough: int) -> float:
    """Return how many times as far to look where so few were found; twice where enough were."""
    return float(np.clip(np.sqrt(2 * enough / max(count, 1)), 2.0, _WIDEST))


type _Found = tuple[list[int], list[float], list[float]]
"""Which spots, in order, and their seconds and metres."""


def _spots(tx: Reader, asked: Sequence[Query], at: datetime, calendar: Calendar) -> Sequence[Any]:
    """Return what any of some queries finds, each once."""
    found = [browse.spots(tx, one, at, calendar=calendar) for one in asked]
    if len(found) == 1:
        return found[0]
    return list({spot.fid: spot for some in found for spot in some}.values())


class _Measure(Protocol):
    """Tells which spots are nearest, or None where more may be found by looking farther."""

    def enough(self, n: int) -> int:
        """Return below how many spots it is no use to measure, unless there are no more."""

    def __call__(
        self, spots: Sequence[Any], n: int, reach_m: float, *, last: bool
    ) -> _Found | None: ...


class _OnFoot:
    """Measures by the graph, where to and fro are one."""

    def __init__(self, graph: walking.Graph, place: Position, closed: Barred) -> None:
        self._graph = graph
        self._start = walking.join(graph, [place[0]], [place[1]])
        if self._start.edge[0] < 0:
            raise _off_network()
        self._closed = None
        if closed:
            self._closed = graph.closed_by(closed.areas)
            usable = graph.open_to(Mode.FOOT) & ~self._closed
            self._start = walking.standing(graph, self._start, usable)

    def enough(self, n: int) -> int:
        return n

    def __call__(
        self, spots: Sequence[Any], n: int, reach_m: float, *, last: bool
    ) -> _Found | None:
        if self._closed is not None and self._closed[self._start.edge[0]]:
            return [], [], []
        within_min = reach_m / WALK_MPS / 60
        told = walking.durations(
            self._graph,
            self._start,
            _positions(spots),
            within_min=within_min,
            closed=self._closed,
        )
        # Along streets nothing is nearer than as the crow flies.
        found = _ranked(told.minutes * 60, told.distance_m, n)
        return found if len(found[0]) == n or last else None


@dataclass(frozen=True, slots=True)
class _ByEngine:
    """Measures by the engine those that are nearest as the crow flies."""

    router: Router
    place: Position
    mode: Mode
    closed: Barred
    rivals: int

    def enough(self, n: int) -> int:
        return max(n, self.rivals or max(n * _RIVALS, _FEWEST))

    def __call__(
        self, spots: Sequence[Any], n: int, reach_m: float, *, last: bool
    ) -> _Found | None:
        ends = _positions(spots)
        away = metres_between(*self.place, ends[:, 0], ends[:, 1])
        order = np.argsort(away, kind="stable")
        wanted = self.enough(n)
        while True:
            if (away <= reach_m).sum() < wanted and not last:
                return None
            rivals = order[:wanted]
            best, duration_s, distance_m = _ranked(*self._times(ends[rivals]), n)
            if len(best) == n or wanted >= min(len(spots), _MOST):
                return rivals[best].tolist(), duration_s, distance_m
            wanted *= 2  # to some there is no way

    def _times(self, ends: Floats) -> tuple[Floats, Floats]:
        told = self.router.matrix(np.array([self.place]), ends, self.mode, closures=self.closed)
        if np.isnan(told.snap_m[0][0]):
            raise _off_network()
        return told.duration_s.ravel(), told.distance_m.ravel()


def _positions(spots: Sequence[Any]) -> Floats:
    return np.array([(lon, lat) for _, lon, lat, _ in spots], float).reshape(-1, 2)


def _ranked(duration_s: Floats, distance_m: Floats, n: int) -> _Found:
    order = np.argsort(duration_s, kind="stable")[:n]  # NaN, where there is no way, comes last
    order = order[np.isfinite(duration_s[order])]
    return order.tolist(), duration_s[order].tolist(), distance_m[order].tolist()


def _off_network() -> Invalid:
    return Invalid("off_network", which="from", snap_m=None, limit_m=SNAP_LIMIT_M)
