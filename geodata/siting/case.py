"""A case: the homes of an area, how far they walk today, and what each place would change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geodata import browse, categories, closures, divisions, homes, walking
from geodata.browse import Query
from geodata.errors import Invalid, NotFound, Unavailable
from geodata.geometry import BBox
from geodata.modes import WALK_MPS
from geodata.policy import Action, Actor, require
from geodata.roads import Streets
from geodata.siting.asked import FARTHEST_MIN, Asked, Objective
from geodata.siting.places import MOST_PLACES, at_the_street, in_streets
from geodata.siting.solver import Gains
from geodata.store import Reader
from geodata.walking import Graph, Joins

MOST_HOMES: Final = 20_000
"""Homes of an area, a large district's: more would take longer than somebody waits."""

_MOST_PAIRS: Final = 400_000
"""Of homes and places: where there would be more, there are fewer places to choose from."""
_FEWEST: Final = 100
_COLUMNS: Final = ["id", "name", "lon", "lat", "households", "residents", "geometry"]
_AROUND_M: Final = FARTHEST_MIN * 60.0 * WALK_MPS

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer[Any]]
type Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """All that is needed to answer, one row a home or a place; nothing of the store in it.

    Parameters
    ----------
    asked
        The question.
    homes
        ``id``, ``name``, ``lon``, ``lat``, ``households``, ``residents``, ``off_network``,
        ``geometry`` (Point, WGS 84).
    weight
        How many count in each home, (n,): 0 where that is not known, or off the network.
    before
        Minutes to the nearest of the category now, (n,), :data:`FARTHEST_MIN` at most.
    spots
        The places to choose from: longitude and latitude, WGS 84, (m, 2).
    given
        Which of the points that were given each is, or in front of which home, (m,).
    home, place, minutes
        Walks of :data:`FARTHEST_MIN` at most, one row a pair.
    spacing_m
        How wide the squares are of which each has one place; None where places were given.
    """

    asked: Asked
    homes: gpd.GeoDataFrame
    weight: Floats
    before: Floats
    spots: Floats
    given: Ints
    home: Ints
    place: Ints
    minutes: Floats
    spacing_m: float | None

    def gains(self) -> Gains:
        """Return what each home gains by each place, those of nothing left out.

        With :attr:`Objective.COVER` a home gains its people, once, if it is not near enough
        today; homes near the same places are one. With :attr:`Objective.WALK` it gains the
        minutes less that its people walk.
        """
        saved = self.before[self.home] - self.minutes
        if self.asked.objective is Objective.WALK:
            gain = saved * self.weight[self.home]
            held = gain > 0
        else:
            far = self.before > self.asked.minutes
            held = far[self.home] & (self.minutes <= self.asked.minutes)
            gain = self.weight[self.home].astype(np.float64)
            held &= gain > 0
        home, place, gain = self.home[held], self.place[held], gain[held]
        if self.asked.objective is Objective.COVER and len(home):
            home, place, gain = _as_one(home, place, gain)
        return Gains(home.astype(np.int32), place.astype(np.int32), gain, len(self.spots))


def check(
    tx: Reader, streets: Streets | None, asked: Asked, *, actor: Actor
) -> tuple[Streets, Graph]:
    """Refuse at once what :func:`gather` would refuse, but for what the homes tell.

    Returns
    -------
    tuple
        The streets, and what one walks on of them.

    Raises
    ------
    Forbidden, NotFound, Invalid, Unavailable
        As :func:`gather`.
    """
    require(actor, Action.SITING_ASK, area=asked.area)
    asked = asked.checked()
    tx.row("area", asked.area)
    if asked.category not in categories.known(tx) - categories.hidden(tx):
        raise NotFound("category_not_found", key=asked.category)
    if streets is None or streets.graph is None:
        raise Unavailable("streets_missing")
    return streets, streets.graph


def gather(
    tx: Reader, streets: Streets | None, asked: Asked, *, at: datetime, actor: Actor
) -> Case:
    """Measure all that the answer needs; merchants around the area count, its homes only.

    Raises
    ------
    Forbidden
        ``forbidden``: for staff in whose scope the area is.
    NotFound
        ``area_not_found``; ``category_not_found``, also where residents do not see it: of its
        merchants none would count.
    Invalid
        ``siting_invalid``, ``area_code_invalid``; ``siting_no_homes``: no home of which it is
        known how many live there is on the network; ``siting_too_many_homes`` (``homes``,
        ``most``); ``siting_no_places``: no place given is on the network.
    Unavailable
        ``streets_missing``: there is no walking network.
    """
    ground, graph = check(tx, streets, asked, actor=actor)
    asked = asked.checked()
    found = homes.frame(tx, actor=actor, area=divisions.prefix(asked.area))
    if found.empty:
        raise Invalid("siting_no_homes", area=asked.area)
    if len(found) > MOST_HOMES:
        raise Invalid("siting_too_many_homes", homes=len(found), most=MOST_HOMES)
    closed = _closed(tx, ground, graph, at) if asked.closures else None
    return measure(graph, asked, found, _merchants(tx, asked, found, at), closed)


def measure(
    graph: Graph, asked: Asked, found: gpd.GeoDataFrame, shops: Floats, closed: Mask | None
) -> Case:
    """Measure the same with no store: homes as :func:`geodata.homes.frame` tells them.

    ``shops`` are those of the category, longitude and latitude, (k, 2); ``closed`` are edges.

    Raises
    ------
    Invalid
        ``siting_no_homes``, ``siting_no_places``.
    """
    joins = walking.join(graph, found["lon"], found["lat"])
    number = found[str(asked.weight)].astype("Float64").fillna(0.0).to_numpy(np.float64)
    weight = np.where(joins.edge >= 0, number, 0.0)
    if not weight.any():
        raise Invalid("siting_no_homes", area=asked.area)
    told = walking.nearest(graph, joins, shops, within_min=FARTHEST_MIN, closed=closed).minutes
    before = np.where(np.isnan(told), FARTHEST_MIN, told)
    places = _Places(graph, joins, weight, closed)
    if asked.points:
        chosen, given, spacing_m, pairs = places.given(asked.points)
    else:
        chosen, given, spacing_m, pairs = places.in_streets(asked, before)
    return Case(
        asked,
        found[_COLUMNS].assign(off_network=joins.edge < 0),
        weight,
        before,
        np.column_stack((chosen.lon, chosen.lat)),
        given,
        pairs.origin,
        pairs.target,
        pairs.minutes,
        spacing_m,
    )


class _Places:
    """Places to choose from, with the walks of homes to each."""

    def __init__(self, graph: Graph, joins: Joins, weight: Floats, closed: Mask | None) -> None:
        self._graph, self._joins, self._weight, self._closed = graph, joins, weight, closed

    def given(self, points: Any) -> tuple[Joins, Ints, None, walking.Pairs]:  # noqa: ANN401 - pairs
        """Take the points that were given, those off the network left out."""
        joins = walking.join(self._graph, *np.array(points, dtype=np.float64).T)
        rows = np.flatnonzero(joins.edge >= 0)
        if not len(rows):
            raise Invalid("siting_no_places", points=len(joins))
        return joins.of(rows), rows, None, self._walks(joins.of(rows))

    def in_streets(self, asked: Asked, before: Floats) -> tuple[Joins, Ints, float, walking.Pairs]:
        """Take places in the streets of the homes, as many as can be reckoned with."""
        most = MOST_PLACES
        while True:
            rows, spacing_m = in_streets(self._graph, self._joins, self._weight, most=most)
            places = at_the_street(self._joins.of(rows))
            pairs = self._walks(places)
            nearer = (pairs.minutes < before[pairs.origin]).sum()
            if nearer <= _MOST_PAIRS or asked.objective is Objective.COVER or most <= _FEWEST:
                return places, rows, spacing_m, pairs
            most = max(int(most * _MOST_PAIRS / nearer), _FEWEST)

    def _walks(self, places: Joins) -> walking.Pairs:
        return walking.within(self._graph, self._joins, places, FARTHEST_MIN, closed=self._closed)


def _closed(tx: Reader, streets: Streets, graph: Graph, at: datetime) -> Mask | None:
    found = closures.in_force(tx, at)
    return graph.closed_by(closures.barring(streets, found).areas) if found else None


def _merchants(tx: Reader, asked: Asked, found: gpd.GeoDataFrame, at: datetime) -> Floats:
    """Return where those of the category are, in the area and as far around as one walks."""
    west, south, east, north = found.total_bounds.tolist()
    low, high = BBox.around(west, south, _AROUND_M), BBox.around(east, north, _AROUND_M)
    box = BBox(low.west, low.south, high.east, high.north)
    spots = browse.spots(tx, Query(box=box, categories=(asked.category,)), at)
    return np.array([(lon, lat) for _, lon, lat, _ in spots], dtype=np.float64).reshape(-1, 2)


def _as_one(home: Ints, place: Ints, gain: Floats) -> tuple[Ints, Ints, Floats]:
    """Make one home of those near the same places; pairs stand by home, then place."""
    each, start = np.unique(home, return_index=True)
    number: dict[bytes, int] = {}
    of = [number.setdefault(part.tobytes(), len(number)) for part in np.split(place, start[1:])]
    together = np.bincount(of, gain[start], len(number))
    first = np.unique(of, return_index=True)[1]
    kept = np.isin(home, each[first])
    of_pair = np.array(of)[np.searchsorted(each, home[kept])]
    return of_pair, place[kept], together[of_pair]
