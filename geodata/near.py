"""Near (身边): merchants by the time that it takes to get there, along streets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata import browse, walking
from geodata.browse import Query
from geodata.errors import Invalid
from geodata.geometry import BBox, metres_between
from geodata.hours import CALENDAR, Calendar
from geodata.modes import SNAP_LIMIT_M, Mode
from geodata.roads import Streets
from geodata.store import Reader

FARTHEST_M: Final = 25_600.0
"""Nobody is sent farther than this, as the crow flies."""

_FIRST_M: Final = 400.0
_DENSE_M: Final = 50.0
_MOST: Final = 5000
"""Merchants of a box that are looked at; where more are together, a smaller box comes first."""
_RIVALS: Final = (3, 10)
"""By bike and car, 3 n + 10 merchants nearest as the crow flies compete for n places."""
_DEGREE_M: Final = 111_320.0

type Position = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Near:
    """A merchant (a row of :data:`geodata.browse.COLUMNS`) and how far it is."""

    row: Any
    duration_s: float
    distance_m: float


def nearest(
    tx: Reader,
    streets: Streets,
    place: Position,
    *,
    mode: Mode = Mode.FOOT,
    query: Query | None = None,
    n: int = 10,
    at: datetime,
    calendar: Calendar = CALENDAR,
) -> list[Near]:
    """Return the merchants that are nearest along streets, the nearest first.

    On foot the walking graph tells the times, within 3 % of the engine's; the answer is
    exact: the search widens until no merchant outside can be nearer. By bike and car the
    engine tells them, for those nearest as the crow flies.

    Parameters
    ----------
    place
        Longitude and latitude, WGS 84.
    query
        What narrows the merchants, as on the map. With a ``box`` only those inside are told.
    n
        How many at most. Fewer where fewer can be reached within :data:`FARTHEST_M`.
    at
        Decides what "open now" means; aware.

    Raises
    ------
    Invalid
        ``off_network``: no street within 300 m of the place; ``area_code_invalid``.
    Unavailable
        As the engine tells.
    """
    asked = replace(query or Query(), zoom=None, limit=_MOST)
    measure = _on_foot if mode is Mode.FOOT and streets.graph is not None else _by_engine
    if asked.box is not None:
        rows = browse.find(tx, asked, at, calendar=calendar).places
        return measure(streets, place, rows, mode, n)
    reach_m = _FIRST_M
    while True:
        met = browse.find(tx, replace(asked, box=_around(place, reach_m)), at, calendar=calendar)
        if met.matched > _MOST and reach_m > _DENSE_M:
            reach_m /= 2
            continue
        found = measure(streets, place, met.places, mode, n)
        # Along streets nothing is nearer than as the crow flies.
        enough = len(found) == n and found[-1].distance_m <= reach_m
        if enough or met.matched > _MOST or reach_m >= FARTHEST_M:
            return found
        reach_m *= 2


def inside(
    tx: Reader, shape: shapely.MultiPolygon, at: datetime, *, calendar: Calendar = CALENDAR
) -> dict[str, int]:
    """Count the merchants inside a shape (WGS 84) by category, at most 5,000 in all."""
    if shape.is_empty:
        return {}
    rows = browse.find(tx, Query(box=BBox(*shape.bounds), limit=_MOST), at, calendar=calendar)
    lon, lat, category = browse.columns(rows.places, "lon", "lat", "category")
    shapely.prepare(shape)
    counts: dict[str, int] = {}
    for name in np.array(category, dtype=object)[shapely.contains_xy(shape, lon, lat)]:
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items()))


def along(
    tx: Reader, line: shapely.LineString, at: datetime, *, within_m: float
) -> list[tuple[str, float, float]]:
    """Return name, longitude and latitude of what stands beside a way, WGS 84.

    Whoever is within so many metres of the line is there, and some that are a little farther.
    """
    west, south, east, north = line.bounds
    up = within_m / _DEGREE_M
    aside = up / _cos(max(abs(south), abs(north)))
    box = BBox(west, south, east, north).grown(aside, up)
    rows = browse.find(tx, Query(box=box, limit=_MOST), at).places
    names, lon, lat = browse.columns(rows, "name", "lon", "lat")
    close = shapely.dwithin(shapely.points(lon, lat), line, aside)
    told = zip(names, lon, lat, close.tolist(), strict=True)
    return [(name, x, y) for name, x, y, is_close in told if is_close]


def _on_foot(
    streets: Streets, place: Position, rows: Sequence[Any], _mode: Mode, n: int
) -> list[Near]:
    assert streets.graph is not None  # noqa: S101  who calls has looked
    start = walking.join(streets.graph, [place[0]], [place[1]])
    if start.edge[0] < 0:
        raise _off_network()
    told = walking.durations(streets.graph, start, _positions(rows))
    return _ranked(rows, told.minutes * 60, told.distance_m, n)


def _by_engine(
    streets: Streets, place: Position, rows: Sequence[Any], mode: Mode, n: int
) -> list[Near]:
    ends = _positions(rows)
    away = metres_between(*place, ends[:, 0], ends[:, 1])
    times, plus = _RIVALS
    chosen = np.argsort(away, kind="stable")[: times * n + plus]
    told = streets.router.matrix(np.array([place]), ends[chosen], mode)
    if np.isnan(told.snap_m[0][0]):
        raise _off_network()
    rivals = [rows[i] for i in chosen.tolist()]
    return _ranked(rivals, told.duration_s[0], told.distance_m[0], n)


def _off_network() -> Invalid:
    return Invalid("off_network", which="from", snap_m=None, limit_m=SNAP_LIMIT_M)


def _positions(rows: Sequence[Any]) -> NDArray[np.float64]:
    lon, lat = browse.columns(rows, "lon", "lat")
    return np.column_stack((np.array(lon, float), np.array(lat, float)))


def _ranked(
    rows: Sequence[Any], duration_s: NDArray[np.float64], distance_m: NDArray[np.float64], n: int
) -> list[Near]:
    order = np.argsort(duration_s, kind="stable")  # NaN, where there is no way, comes last
    first = [i for i in order[:n].tolist() if np.isfinite(duration_s[i])]
    return [Near(rows[i], float(duration_s[i]), float(distance_m[i])) for i in first]


def _around(place: Position, metres: float) -> BBox:
    lon, lat = place
    up = metres / _DEGREE_M
    return BBox(lon, lat, lon, lat).grown(up / _cos(lat), up)


def _cos(lat: float) -> float:
    return max(float(np.cos(np.radians(lat))), 0.01)
