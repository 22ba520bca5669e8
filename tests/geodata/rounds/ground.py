"""Ground to go on: a plain without streets, and the demonstration's streets between some places."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from geodata.errors import NotFound
from geodata.modes import Mode
from geodata.rounds import Visit, Worker
from geodata.routing import Barred, Matrix, Route, Router

SHANGHAI = ZoneInfo("Asia/Shanghai")
NAN = (np.nan, np.nan)


def clock(told: str, day: int = 25) -> datetime:
    """Return a time of day in November, in Shanghai."""
    return datetime.fromisoformat(f"2026-11-{day:02}T{told}").replace(tzinfo=SHANGHAI)


def worker(name: str = "王", hours: str = "08:00-12:00", **told: Any) -> Worker:
    """Return somebody who begins at the plain's origin and need not go back."""
    begin, end = map(clock, hours.split("-"))
    known = {"start": (0.0, 0.0), "end": None, "from_": begin, "until": end}
    return Worker(name, **(known | told))


def visit(name: str, east_min: float = 0.0, minutes: int = 10, **told: Any) -> Visit:
    """Return a visit so many minutes east of the plain's origin."""
    windows = tuple(tuple(map(clock, one.split("-"))) for one in told.pop("windows", ()))
    return Visit(name, told.pop("at", east(east_min)), minutes, windows, **told)


def east(minutes: float) -> tuple[float, float]:
    return minutes / 1000, 0.0


class Plain:
    """A router over a plain: everybody goes straight, a thousandth of a degree in a minute.

    Cars go five times as fast. Nothing is off the network but what has a latitude above 1, and
    nobody comes through a closure.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[Mode, int, int]] = []
        self.impassable: set[tuple[tuple[float, float], tuple[float, float]]] = set()
        """Pairs of places between which only the table has a way."""

    def matrix(self, sources: Any, targets: Any, mode: Mode, *, closures: Barred) -> Matrix:
        self.asked.append((mode, len(sources), len(targets)))
        sides = [np.asarray(side, float).reshape(-1, 2) for side in (sources, targets)]
        apart = np.hypot(*(sides[0][:, None] - sides[1][None]).transpose(2, 0, 1)) * 1000
        seconds = apart * 60 / (5 if mode is Mode.CAR else 1)
        for closure in closures.areas:
            for a, b in np.ndindex(seconds.shape):
                if shapely.LineString([sides[0][a], sides[1][b]]).intersects(closure):
                    seconds[a, b] = np.nan
        snaps = tuple(np.where(side[:, 1] > 1, np.nan, 0.0) for side in sides)
        seconds[np.isnan(snaps[0])] = np.nan
        seconds[:, np.isnan(snaps[1])] = np.nan
        return Matrix(seconds, seconds * 1.25, snaps)

    def route(self, start: Any, end: Any, mode: Mode, *, closures: Barred, passes: bool) -> Route:
        assert not passes
        assert not any(shapely.LineString([start, end]).intersects(one) for one in closures.areas)
        if (start, end) in self.impassable:
            raise NotFound("no_route", mode=mode)
        return Route(shapely.LineString([start, end]), 0.0, 0.0, (0.0, 0.0), ())


class Pool:
    """A router between some places only, whose tables and ways are asked for once."""

    def __init__(self, router: Router, places: np.ndarray) -> None:
        self._router = router
        self._places = places
        self._rows = {place: row for row, place in enumerate(map(tuple, places.tolist()))}
        self._tables: dict[Any, Matrix] = {}
        self._ways: dict[Any, Route] = {}

    def matrix(self, sources: Any, targets: Any, mode: Mode, *, closures: Barred) -> Matrix:
        key = (mode, tuple(shape.wkb for shape in closures.areas))
        if key not in self._tables:
            self._tables[key] = self._router.matrix(
                self._places, self._places, mode, closures=closures
            )
        whole = self._tables[key]
        a, b = ([self._rows[tuple(place)] for place in side] for side in (sources, targets))
        cut = np.ix_(a, b)
        return Matrix(
            whole.duration_s[cut], whole.distance_m[cut], (whole.snap_m[0][a], whole.snap_m[1][b])
        )

    def route(self, start: Any, end: Any, mode: Mode, *, closures: Barred, passes: bool) -> Route:
        key = (start, end, mode, tuple(shape.wkb for shape in closures.areas), passes)
        if key not in self._ways:
            self._ways[key] = self._router.route(start, end, mode, closures=closures, passes=passes)
        return self._ways[key]
