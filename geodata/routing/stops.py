"""Where on the streets the engine is asked: settled before, so that all answers agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import batched
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata import walking
from geodata.geometry import metres_between
from geodata.modes import SNAP_LIMIT_M, Mode
from geodata.routing import reading
from geodata.routing.closing import Barred
from geodata.routing.costing import COSTING
from geodata.routing.engine import Action, Engine, Refused
from geodata.routing.reading import Spot

type Floats = NDArray[np.float64]
type Mask = NDArray[np.bool_]
type Position = tuple[float, float]

_CLOSE_M: Final = 5.0
"""The engine's streets are the graph's, but for rounding."""
_AT_NODE_M: Final = int(walking.AT_NODE_M)
"""By itself the engine would take a junction for every point within 5 m of it."""
_ENOUGH: Final = 50
"""Whence one reaches so many edges is no trap, as the engine has it too."""
DRIVEN: Final = (Mode.BIKE, Mode.CAR)
"""The modes that keep to one-ways."""
_AT_ONCE: Final = 500
_KEPT: Final = 4_096
"""So many stops are kept in mind, some megabytes."""

type _Asked = tuple[float, float, Mode, bool]
"""A place, how one goes, and whether one leaves from there."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A place, and the point ``at`` which the engine is asked, ``away_m`` from it.

    One that is not ``joined`` to a street yet is looked for around the place.
    """

    place: Position
    at: Position
    away_m: float = 0.0
    joined: bool = True
    shut: bool = False
    """Stands on a closed edge."""
    edges: tuple[shapely.LineString, ...] = ()
    """The engine's edges on which it stands: one, or all those of a junction."""

    def shut_by(self, barred: Barred) -> list[frozenset[int]]:
        """Tell which closures shut it in: each set, one an edge, has to have one in force."""
        return [barred.closing([edge]) for edge in self.edges]

    def obeying(self, barred: Barred) -> "Stop":
        """Return it ``shut`` where every edge on which it stands is closed."""
        return replace(self, shut=True) if barred and all(self.shut_by(barred)) else self

    @property
    def question(self) -> dict[str, float]:
        """The engine's words for it."""
        # On which side of the street one arrives, the place itself tells.
        return {
            "lon": self.at[0],
            "lat": self.at[1],
            "display_lon": self.place[0],
            "display_lat": self.place[1],
            "search_cutoff": _CLOSE_M if self.joined else SNAP_LIMIT_M,
            "minimum_reachability": 0 if self.joined else _ENOUGH,
            "node_snap_tolerance": _AT_NODE_M,
        }

    def snap_m(self, lon: float, lat: float) -> float:
        """Tell how far the place is from a point on the street."""
        return self.away_m + float(metres_between(*self.at, lon, lat))


class Stops:
    """Settles at which point of which street the engine is asked for each place.

    Left to itself it holds several streets ready for a place, and takes one for a way and
    another for a table. What was settled is kept in mind where the streets never change, as
    merchants are asked for again and again.
    """

    def __init__(self, engine: Engine, graph: walking.Graph | None) -> None:
        self._engine = engine
        self._graph = graph
        self._known: dict[_Asked, Stop | None] = {}

    def settled(
        self, places: Floats, mode: Mode, barred: Barred, *, leaving: int
    ) -> list[Stop | None]:
        """Return the stops of places, (n, 2), None for one off the network.

        Where the engine knows no street at the point a place is joined to, or by car and bike
        only a trap (a one-way that leads out of the extract), one around the place is looked for.

        Parameters
        ----------
        leaving
            Ways begin at the first so many places, and end at the others.
        """
        asked = [(lon, lat, mode, row < leaving) for row, (lon, lat) in enumerate(places.tolist())]
        known = self._known
        found = {one: known[one] for one in asked if one in known}
        new = [row for row, one in enumerate(asked) if one not in found]
        for row, stop in zip(new, self._settle(places[new], mode, leaving, new), strict=True):
            found[asked[row]] = stop
        if new and self._engine.steady:
            # A new one instead of clearing: other threads may be reading the old.
            self._known = found if len(known) + len(found) > _KEPT else known | found
        return [stop and stop.obeying(barred) for stop in map(found.__getitem__, asked)]

    def _settle(
        self, places: Floats, mode: Mode, leaving: int, rows: Sequence[int]
    ) -> list[Stop | None]:
        engine, first = self._engine, [row < leaving for row in rows]
        asked = joined(self._graph, places, mode)
        found = _found(engine, {row: stop for row, stop in enumerate(asked) if stop}, mode, first)
        doubtful = {
            row: Stop(stop.place, stop.place, joined=False)
            for row, stop in enumerate(asked)
            if stop and stop.joined and (row not in found or (found[row].trap and mode in DRIVEN))
        }
        for row, other in _found(engine, doubtful, mode, first).items():
            if row not in found or not other.trap:
                found[row] = other
        return [found[row].stop if row in found else None for row in range(len(asked))]


def joined(graph: walking.Graph | None, places: Floats, mode: Mode) -> list[Stop | None]:
    """Join places, (n, 2), to the streets of a graph, if there is one.

    The graph knows walls and gates, and leaves out islands. None for a place without a
    position, or without a street within ``SNAP_LIMIT_M`` in the graph.
    """
    positions: list[Position] = [(lon, lat) for lon, lat in places.tolist()]
    if graph is None:
        pairs = zip(positions, on_globe(places).tolist(), strict=True)
        return [Stop(place, place, joined=False) if known else None for place, known in pairs]
    joins = walking.join(graph, places[:, 0], places[:, 1], mode)
    columns = (joins.edge, joins.lon, joins.lat, joins.away_m)
    rows = zip(positions, *(column.tolist() for column in columns), strict=True)
    return [
        Stop(place, (lon, lat), away_m) if edge >= 0 else None
        for place, edge, lon, lat, away_m in rows
    ]


def on_globe(places: Floats) -> Mask:
    """Tell which places, (n, 2), are on the globe; NaN is not."""
    return np.asarray((np.abs(places) <= (180.0, 90.0)).all(axis=1))


@dataclass(frozen=True, slots=True)
class _Found:
    """The nearest street of a stop: its edges at one point, and whether they lead nowhere."""

    asked: Stop
    spots: list[Spot]
    trap: bool

    @property
    def stop(self) -> Stop:
        """The stop, joined to the street."""
        shapes = dict.fromkeys(spot.shape for spot in self.spots)
        edges = tuple(reading.line(reading.coordinates(shape)) for shape in shapes)
        if self.asked.joined:
            return replace(self.asked, edges=edges)
        at = self.spots[0].at
        return Stop(self.asked.place, at, self.asked.snap_m(*at), edges=edges)


def _found(
    engine: Engine, asked: Mapping[int, Stop], mode: Mode, leaving: Sequence[bool]
) -> dict[int, _Found]:
    """Look stops up, by row; those without a street within the limit are left out."""
    found = {}
    for some in batched(asked.items(), _AT_ONCE):
        answers = _spots(engine, [stop for _, stop in some], mode)
        snaps = _snaps([stop for _, stop in some], answers)
        for (row, stop), spots, snap_m in zip(some, answers, snaps, strict=True):
            near = _nearest(stop, spots, snap_m, leaving=leaving[row])
            if near:
                found[row] = near
    return found


def _snaps(asked: Sequence[Stop], answers: Sequence[Sequence[Spot]]) -> list[list[float]]:
    """Tell how far each place is from each of its spots: all at once, as one by one is slow."""
    sizes = [len(spots) for spots in answers]
    starts = np.repeat(np.array([stop.at for stop in asked]), sizes, axis=0)
    ends = np.array([spot.at for spots in answers for spot in spots]).reshape(-1, 2)
    metres = metres_between(*starts.T, *ends.T) + np.repeat([s.away_m for s in asked], sizes)
    return [some.tolist() for some in np.split(metres, np.cumsum(sizes)[:-1])]


def _nearest(
    stop: Stop, spots: Sequence[Spot], snap_m: Sequence[float], *, leaving: bool
) -> _Found | None:
    """Choose the nearest street that leads somewhere, or else the nearest."""
    order = sorted(range(len(spots)), key=snap_m.__getitem__)
    near = [spots[row] for row in order if snap_m[row] <= SNAP_LIMIT_M]
    if not near:
        return None
    leads = [spot for spot in near if (spot.onward if leaving else spot.hither) >= _ENOUGH]
    best = (leads or near)[0]
    return _Found(stop, [spot for spot in near if spot.at == best.at], trap=not leads)


def _spots(engine: Engine, asked: Sequence[Stop], mode: Mode) -> list[list[Spot]]:
    # A trap is to be told apart even where the stop's own question does not mind it.
    questions = [stop.question | {"minimum_reachability": _ENOUGH} for stop in asked]
    question: dict[str, object] = {"locations": questions, "verbose": True}
    try:
        answer = engine.ask(Action.LOCATE, question | COSTING[mode])
    except Refused as refused:
        raise refused.in_plain from refused
    return reading.located(answer, len(asked))
