"""What is asked of an incident, and what is answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import geopandas as gpd

from geodata.closures import Closure
from geodata.modes import WALK_MPS, Mode
from geodata.routing import Position, Route
from geodata.scenarios import Direction, Scenario

DRAWN: Final = 3
"""Ways that an answer brings along; the others come when they are asked for."""

HOMES_MIN: Final = 5
"""Homes are counted within so many minutes on foot."""


@dataclass(frozen=True, slots=True)
class Question:
    """What happened where, and when one leaves (aware).

    ``without`` are ids to leave out. Without ``around`` neither rings nor homes are told: they
    take longer than helpers and ways, and can follow, alone without ``who``.
    """

    at: Position
    scenario: Scenario
    departure: datetime
    modes: tuple[Mode, ...] = ()
    without: frozenset[str] = frozenset()
    around: bool = True
    who: bool = True

    @property
    def asked_modes(self) -> tuple[Mode, ...]:
        """The modes that were chosen, or else the scenario's own."""
        return self.modes or self.scenario.modes

    @property
    def inbound(self) -> bool:
        """Whether the helpers come to the incident."""
        return self.scenario.direction is Direction.COME

    def ends(self, shop: Position) -> tuple[Position, Position]:
        """Return where the way between a merchant and the incident begins and ends."""
        return (shop, self.at) if self.inbound else (self.at, shop)


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody useful (a row of :data:`geodata.browse.COLUMNS`), and how far away.

    ``open`` is None where no hours are known. ``duration_s`` is None where no way is known:
    ``cut_off`` by closures, or ranked by the straight line since nothing else could be told.
    ``way`` is drawn for the first few.
    """

    row: Any
    mode: Mode
    open: bool | None
    distance_m: float
    duration_s: float | None = None
    cut_off: bool = False
    way: Route | None = None

    @property
    def usable(self) -> bool:
        """Whether it may be open, and is not cut off."""
        return self.open is not False and not self.cut_off

    @property
    def away_s(self) -> float:
        """Seconds on the way, or on foot along the straight line where no way is known."""
        return self.distance_m / WALK_MPS if self.duration_s is None else self.duration_s


@dataclass(frozen=True, slots=True)
class Homes:
    """Who lives near by: buildings, and the sums of what is known of them."""

    minutes: int
    buildings: int = 0
    households: int = 0
    residents: int = 0
    elders_alone: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question.

    Parameters
    ----------
    helpers
        By mode in the order of the question; in each as :func:`geodata.emergency.helping.along`
        orders them.
    rings
        As :meth:`geodata.routing.Router.reach` gives them, on foot; None where nothing is known.
    closures
        All that are in force at the departure.
    inside
        Those of them inside which the place lies.
    trouble
        Why helpers stand in the order of straight lines: a code, "" where they do not.
    details
        Of the trouble.
    """

    helpers: list[Helper]
    rings: gpd.GeoDataFrame | None = None
    homes: Homes | None = None
    closures: list[Closure] = field(default_factory=list)
    inside: list[Closure] = field(default_factory=list)
    trouble: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
