"""The answer: where, in which order, and what it does for whom."""

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geodata.siting.asked import FARTHEST_MIN, Asked, Objective
from geodata.siting.case import Case
from geodata.siting.solver import LIMIT_S, Best, Told, best

PROVEN: Final = 2e-6
"""A gap up to which a choice is told as the best: the solver reckons no finer."""

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class Figures:
    """How well the people of an area are served.

    Parameters
    ----------
    people
        Who counts: households or residents of homes on the network, where known.
    near
        Of these, who has one within the minutes asked for.
    share
        ``near`` of ``people``.
    mean_min
        The mean walk to the nearest; :data:`FARTHEST_MIN` where it is farther, or no way.
    beyond
        Who has none within :data:`FARTHEST_MIN`.
    """

    people: float
    near: float
    share: float
    mean_min: float
    beyond: float


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Where the next merchants would help most.

    Parameters
    ----------
    asked
        The question.
    places
        In the order in which to open them, each next the one that helps most then: ``rank``
        from 1, ``lon``, ``lat``, ``near`` (the name of the home in front of which it is; "" for
        a point that was given), ``given`` (which point; -1 for none), ``gained`` (how many more
        are near enough by it), ``saved_min`` (by how much the mean walk becomes shorter),
        ``served`` (for how many it is the nearest of all), geometry (Point, WGS 84). Fewer than
        asked for where more would help nobody.
    homes
        ``id``, ``name``, ``lon``, ``lat``, ``households``, ``residents``, ``off_network``,
        ``before`` and ``after`` (minutes, NaN beyond :data:`FARTHEST_MIN` or without a way),
        ``rank`` (of the new place that is nearer than any was; 0), geometry.
    before, after
        Figures of now and then.
    gap
        By what share of its gain the best choice may exceed this one at most: 0 is proven.
    places_tried
        How many places there were to choose from.
    spacing_m
        How wide the squares were that had one each; None where points were given.
    off_network, unknown
        Homes without a street near by, and those of which it is not known how many live there:
        neither counts in any figure.
    """

    asked: Asked
    places: gpd.GeoDataFrame
    homes: gpd.GeoDataFrame
    before: Figures
    after: Figures
    gap: float
    places_tried: int
    spacing_m: float | None
    off_network: int
    unknown: int

    @property
    def proven(self) -> bool:
        """Whether no choice of these places would be better."""
        return self.gap == 0.0


def answer(case: Case, *, limit_s: float = LIMIT_S, told: Told = lambda _: None) -> Answer:
    """Find where the next merchants would help most.

    Both questions are one to the solver: which places are opened so that homes gain most, each
    by the best one that is open for it (see :mod:`geodata.siting.child`). With the p-median a
    gain is what people walk less than today, so that today's merchants stay alternatives.

    Parameters
    ----------
    case
        From :func:`gather`.
    limit_s
        The time for looking; thereafter the best so far is the answer, with its gap.
    told
        Told how far it is, 0 to 1, every second at least; what it raises ends the search.

    Raises
    ------
    Unavailable
        ``siting_failed``.
    """
    found = best(case.gains(), case.asked.count, limit_s=limit_s, told=told)
    walks = _walks(case, found.places)
    order = _in_order(case, walks)
    chosen = [found.places[row] for row in order]
    places, after, rank = _opened(case, chosen, walks[:, order])
    homes = case.homes.assign(before=_known(case.before), after=_known(after), rank=rank)
    return Answer(
        case.asked,
        places,
        homes,
        _figures(case, case.before),
        _figures(case, after),
        _gap(found),
        len(case.spots),
        case.spacing_m,
        int(case.homes["off_network"].sum()),
        int(case.homes[str(case.asked.weight)].isna().sum()),
    )


def _gap(found: Best) -> float:
    rest = (found.bound - found.gain) / found.bound if found.bound > 0 else 0.0
    return rest if rest > PROVEN else 0.0


def _walks(case: Case, places: list[int]) -> Floats:
    """Return the minutes from each home to each of a few places, (n, k)."""
    walks = np.full((len(case.homes), len(places)), FARTHEST_MIN)
    for column, place in enumerate(places):
        rows = case.place == place
        walks[case.home[rows], column] = case.minutes[rows]
    return walks


def _worth(case: Case, minutes: Floats) -> float:
    """Return how good it is that homes walk so long."""
    if case.asked.objective is Objective.COVER:
        return float(case.weight[minutes <= case.asked.minutes].sum())
    return -float((case.weight * minutes).sum())


def _in_order(case: Case, walks: Floats) -> list[int]:
    """Return the columns, each next the one that helps most then; those that help nobody go."""
    now, order = case.before, []
    left = list(range(walks.shape[1]))
    while left:
        worths = [_worth(case, np.minimum(now, walks[:, column])) for column in left]
        best_at = int(np.argmax(worths))
        if worths[best_at] <= _worth(case, now):
            break
        order.append(left.pop(best_at))
        now = np.minimum(now, walks[:, order[-1]])
    return order


def _opened(case: Case, chosen: list[int], walks: Floats) -> tuple[gpd.GeoDataFrame, Floats, Ints]:
    """Return the table of places, the minutes when all are open, and by which for each home."""
    now, total = case.before, case.weight.sum()
    gained, saved = [], []
    for column in range(walks.shape[1]):
        then = np.minimum(now, walks[:, column])
        near = (then <= case.asked.minutes) & (now > case.asked.minutes)
        gained.append(float(case.weight[near].sum()))
        saved.append(float((case.weight * (now - then)).sum() / total))
        now = then
    nearest = np.concatenate((case.before[:, None], walks), axis=1).argmin(axis=1)
    spots = case.spots[chosen]
    names = case.homes["name"].to_numpy()
    points = bool(case.asked.points)
    places = {
        "rank": np.arange(1, len(chosen) + 1),
        "lon": spots[:, 0],
        "lat": spots[:, 1],
        "near": ["" if points else names[case.given[row]] for row in chosen],
        "given": [int(case.given[row]) if points else -1 for row in chosen],
        "gained": gained,
        "saved_min": saved,
        "served": np.bincount(nearest, case.weight, len(chosen) + 1)[1:],
    }
    geometry = gpd.points_from_xy(spots[:, 0], spots[:, 1])
    return gpd.GeoDataFrame(places, geometry=geometry, crs=4326), now, nearest


def _figures(case: Case, minutes: Floats) -> Figures:
    people = float(case.weight.sum())
    near = float(case.weight[minutes <= case.asked.minutes].sum())
    return Figures(
        people,
        near,
        near / people,
        float((case.weight * minutes).sum() / people),
        float(case.weight[minutes >= FARTHEST_MIN].sum()),
    )


def _known(minutes: Floats) -> Floats:
    return np.where(minutes < FARTHEST_MIN, minutes, np.nan)
