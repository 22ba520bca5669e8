"""What the router answers: a way with its steps, and a table of times."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.routing.manoeuvres import Manoeuvre

type Floats = NDArray[np.float64]


class PassKind(StrEnum):
    """What a way may pass over, under or through."""

    CROSSING = "crossing"
    STEPS = "steps"
    ESCALATOR = "escalator"
    ELEVATOR = "elevator"
    FERRY = "ferry"
    BRIDGE = "bridge"
    TUNNEL = "tunnel"
    GATE = "gate"
    BOLLARD = "bollard"
    TOLL_BOOTH = "toll_booth"


@dataclass(frozen=True, slots=True)
class Pass:
    """Something met on the way. ``names`` are those of the street it is part of."""

    kind: PassKind
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signs:
    """What road signs say where a step begins; motorways have them, streets rarely."""

    exit_numbers: tuple[str, ...] = ()
    onto: tuple[str, ...] = ()
    toward: tuple[str, ...] = ()
    exit_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A manoeuvre, and the stretch that follows until the next.

    Parameters
    ----------
    manoeuvre
        What one does where the step begins.
    names
        Streets travelled in this step; none where they have no name.
    begin_names
        Names that hold only where the step begins, where they differ from ``names``.
    distance_m, duration_s
        Of the stretch, to the metre and the millisecond; 0 for an arrival.
    begin, end
        Where it begins and ends in the coordinates of the way's line.
    bearing_before, bearing_after
        Where one looks before and after the manoeuvre, degrees clockwise from north; None
        at the start and at the end.
    roundabout_exit
        By which exit to leave, counted from 1, where a roundabout is entered.
    signs
        What is written there, None where nothing is.
    passes
        What is met inside the stretch, in this order; what lies at its very end is met in it,
        what lies at its very beginning was met before.
    """

    manoeuvre: Manoeuvre
    names: tuple[str, ...] = ()
    begin_names: tuple[str, ...] = ()
    distance_m: float = 0.0
    duration_s: float = 0.0
    begin: int = 0
    end: int = 0
    bearing_before: int | None = None
    bearing_after: int | None = None
    roundabout_exit: int | None = None
    signs: Signs | None = None
    passes: tuple[Pass, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A way along streets.

    Parameters
    ----------
    line
        Where it leads, lon/lat WGS 84, from street to street: the stretches between the
        places and the streets are not drawn. Two equal coordinates where there is no way
        to go.
    duration_s, distance_m
        Of the whole, with the stretches between places and streets, which are walked.
    snap_m
        How far the two places are from where the line begins and ends: straight, or by the
        gate of a courtyard.
    steps
        At least two, the first a start, the last an arrival. They tell of the line alone.
    """

    line: shapely.LineString
    duration_s: float
    distance_m: float
    snap_m: tuple[float, float]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Blame:
    """Closures that together bar a way, and the way that there is once they are lifted.

    Parameters
    ----------
    lift
        Which closures, by their places in the row that was asked with, ascending.
    line, duration_s, distance_m
        The way, as in :class:`Route`, with all other closures in force.
    """

    lift: tuple[int, ...]
    line: shapely.LineString
    duration_s: float
    distance_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """Times and distances from n places to m places.

    Parameters
    ----------
    duration_s, distance_m
        (n, m), float64; NaN where there is no way, or one of the two is off the network.
    snap_m
        How far the sources, (n,), and the targets, (m,), are from their streets; NaN where
        a place is off the network.
    """

    duration_s: Floats
    distance_m: Floats
    snap_m: tuple[Floats, Floats]
