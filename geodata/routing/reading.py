"""Read the engine's answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
import shapely.geometry
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.errors import Unavailable
from geodata.routing.manoeuvres import Manoeuvre
from geodata.routing.ways import Signs, Step

type Floats = NDArray[np.float64]

_KM_M: Final = 1000.0
_GRAINS: Final = 1e6
"""Of a degree: the engine's lines have six decimals."""
_FIRST, _MORE, _BITS = 63, 0x20, 5


@contextmanager
def understood() -> Iterator[None]:
    """Turn an answer of another form than Valhalla's into ``engine_failed``.

    For the reading alone, so that it hides no mistake of ours.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise Unavailable("engine_failed", reason="the answer is of an unknown form") from error


@understood()
def coordinates(shape: str) -> Floats:
    """Return the lon/lat of an encoded line, (n, 2).

    The encoding writes differences, zigzag, in groups of five bits; see "Encoded polyline
    algorithm format".

    Raises
    ------
    Unavailable
        ``engine_failed`` when it is none, or an empty one.

    Examples
    --------
    >>> coordinates("muhwqBw_fqn@bA}AeAyD").tolist()
    [[24.940044, 60.167015], [24.940091, 60.166981], [24.940184, 60.167016]]
    """
    groups = np.frombuffer(shape.encode("ascii"), dtype=np.uint8).astype(np.int64) - _FIRST
    ends = np.flatnonzero(groups < _MORE)
    if not len(ends) or ends[-1] != len(groups) - 1:
        raise ValueError(shape)
    starts = np.concatenate(([0], ends[:-1] + 1))
    place = np.arange(len(groups)) - np.repeat(starts, np.diff(np.append(starts, len(groups))))
    values = np.add.reduceat((groups & (_MORE - 1)) << (_BITS * place), starts)
    steps = np.where(values & 1, ~(values >> 1), values >> 1).reshape(-1, 2)
    return np.cumsum(steps, axis=0)[:, ::-1] / _GRAINS


def along(points: Floats) -> Floats:
    """Return how far along a line each of its points is, in degrees of latitude, (n,)."""
    east = np.cos(np.radians(points[:1, 1]))
    steps = np.diff(points, axis=0) * np.column_stack((east, np.ones(1)))
    return np.concatenate(([0.0], np.cumsum(np.hypot(*steps.T))))


def line(points: Floats) -> shapely.LineString:
    """Return the line, one of no length if there is but one point."""
    return shapely.LineString(points if len(points) > 1 else np.repeat(points, 2, axis=0))


@understood()
def others(answer: Any) -> list[Any]:  # noqa: ANN401 - JSON
    """Return the other ways of an answer, each like an answer of its own."""
    return list(answer.get("alternates", ()))


@understood()
def leg(answer: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return the way itself from an answer to a question for a route."""
    found: dict[str, Any] = answer["trip"]["legs"][0]
    return found


@understood()
def steps(way: dict[str, Any]) -> tuple[Step, ...]:
    """Return the manoeuvres with their stretches, without what is met there."""
    return tuple(_step(told) for told in way["maneuvers"])


def _step(told: dict[str, Any]) -> Step:
    return Step(
        manoeuvre=Manoeuvre(int(told["type"])),
        names=tuple(told.get("street_names", ())),
        begin_names=tuple(told.get("begin_street_names", ())),
        distance_m=told["length"] * _KM_M,
        duration_s=float(told["time"]),
        begin=int(told["begin_shape_index"]),
        end=int(told["end_shape_index"]),
        bearing_before=told.get("bearing_before"),
        bearing_after=told.get("bearing_after"),
        roundabout_exit=told.get("roundabout_exit_count"),
        signs=_signs(told["sign"]) if "sign" in told else None,
    )


def _signs(told: dict[str, Any]) -> Signs:
    kinds = ("exit_number", "exit_branch", "exit_toward", "exit_name")
    words = (told.get(f"{kind}_elements", ()) for kind in kinds)
    return Signs(*(tuple(word["text"] for word in some) for some in words))


@understood()
def summary(answer: Any) -> tuple[float, float]:  # noqa: ANN401 - JSON
    """Return seconds and metres of a route."""
    told = answer["trip"]["summary"]
    return float(told["time"]), told["length"] * _KM_M


@understood()
def table(answer: Any) -> tuple[Floats, Floats]:  # noqa: ANN401 - JSON
    """Return seconds and metres of a block of a matrix, NaN where there is no way."""
    told = answer["sources_to_targets"]
    seconds = np.array(told["durations"], dtype=np.float64)
    metres = np.array(told["distances"], dtype=np.float64) * _KM_M
    return seconds, np.where(np.isnan(seconds), np.nan, metres)


class Spot(NamedTuple):
    """A point ``at`` which a place may meet an edge, whose encoded line is ``shape``.

    So many edges can be reached from it (``onward``), and so many reach it (``hither``), counted
    up to a limit.
    """

    at: tuple[float, float]
    shape: str
    onward: int
    hither: int


@understood()
def located(answer: Any, count: int) -> list[list[Spot]]:  # noqa: ANN401 - JSON
    """Return, for each of so many places, the points on streets that the engine takes."""
    if len(answer) != count:
        raise ValueError(len(answer))
    return [[_spot(edge) for edge in told["edges"] or ()] for told in answer]


def _spot(told: dict[str, Any]) -> Spot:
    return Spot(
        at=(told["correlated_lon"], told["correlated_lat"]),
        shape=str(told["edge_info"]["shape"]),
        onward=told["outbound_reach"],
        hither=told["inbound_reach"],
    )


@understood()
def drawn(answer: Any, count: int) -> list[BaseGeometry]:  # noqa: ANN401 - JSON
    """Return so many isochrones, the narrowest first, as the engine drew them."""
    found = sorted(answer["features"], key=lambda one: one["properties"]["contour"])
    if len(found) != count:
        raise ValueError(len(found))
    return [shapely.geometry.shape(one["geometry"]) for one in found]
