"""A way as the engine found it, with what the stretches to the streets add."""

from dataclasses import dataclass
from typing import Any, Final, Self

import shapely

from geodata.errors import Invalid
from geodata.modes import SNAP_LIMIT_M, WALK_MPS
from geodata.routing import reading
from geodata.routing.manoeuvres import Manoeuvre
from geodata.routing.stops import Stop
from geodata.routing.ways import Floats, Route, Step

_ROUNDING_M: Final = 1.5
"""So near to a junction the engine takes the junction, and it rounds."""


@dataclass(frozen=True, slots=True)
class Way:
    """The engine's answer, not yet read into steps."""

    leg: dict[str, Any]
    points: Floats
    duration_s: float
    distance_m: float
    snap_m: tuple[float, float]

    @classmethod
    def of(cls, answer: Any, pair: list[Stop]) -> Self:  # noqa: ANN401 - JSON
        """Read the first way of an answer."""
        leg = reading.leg(answer)
        points = reading.coordinates(leg["shape"])
        seconds, metres = reading.summary(answer)
        snap = _snap(pair[0], points[0], "from"), _snap(pair[1], points[-1], "to")
        metres += sum(snap)
        seconds += sum(snap) / WALK_MPS
        return cls(leg, points, seconds, metres, snap)

    @property
    def line(self) -> shapely.LineString:
        """Where it leads."""
        return reading.line(self.points)

    def standing(self) -> Route:
        """Return the way from a place to itself."""
        point = reading.line(self.points[:1])
        steps = Step(Manoeuvre.START, end=1), Step(Manoeuvre.DESTINATION, begin=1, end=1)
        return Route(point, 0.0, 0.0, (0.0, 0.0), steps)


def off(which: str) -> Invalid:
    """Return what is raised where a place, "from" or "to", has no street near by."""
    return Invalid("off_network", which=which, snap_m=None, limit_m=SNAP_LIMIT_M)


def _snap(stop: Stop, point: Floats, which: str) -> float:
    """Tell how far the place is from the line's end, if the engine begins where it was asked to."""
    snap = stop.snap_m(*point.tolist())
    if snap > SNAP_LIMIT_M + _ROUNDING_M:
        raise Invalid("off_network", which=which, snap_m=snap, limit_m=SNAP_LIMIT_M)
    return snap
