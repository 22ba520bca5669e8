"""What is told: each worker's round, and of every visit left out why."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import shapely

from geodata.modes import Mode


@dataclass(frozen=True, slots=True)
class Stop:
    """A visit of a round.

    Parameters
    ----------
    visit
        Its id.
    arrive, begin, leave
        Aware, in the worker's time zone. Whoever comes before a window opens waits from
        ``arrive`` to ``begin``.
    duration_s, distance_m
        Of the way there, from the stop before.
    """

    visit: str
    arrive: datetime
    begin: datetime
    leave: datetime
    duration_s: int
    distance_m: float


@dataclass(frozen=True, slots=True)
class Round:
    """What one worker does, in order.

    Parameters
    ----------
    worker
        The name.
    stops
        None where nobody was left to visit.
    depart, finish
        When the worker sets out from the start (as late as the first visit allows) and is
        back, or done where there is no end; both the beginning of the hours where there are no
        stops.
    duration_s, distance_m
        On the way, the stretch to the end included; visits and waiting do not count.
    line
        The ways themselves, WGS 84: one part to each stop, and one more to the end if there is
        one. A part of no length has two equal coordinates.
    """

    worker: str
    mode: Mode
    stops: tuple[Stop, ...]
    depart: datetime
    finish: datetime
    duration_s: int
    distance_m: float
    line: shapely.MultiLineString


class Reason(StrEnum):
    """Why a visit is in no round."""

    OFF_NETWORK = "off_network"
    SKILLS_MISSING = "skills_missing"
    CLOSED_OFF = "closed_off"
    NO_WAY = "no_way"
    OUTSIDE_HOURS = "outside_hours"
    WINDOW_MISSED = "window_missed"
    DAY_TOO_SHORT = "day_too_short"
    NO_TIME_LEFT = "no_time_left"


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A visit that nobody makes.

    ``details``: ``workers``, how many were thought of (one for an accepted order, which is its
    worker's alone), and ``limit_m`` of :attr:`Reason.OFF_NETWORK`.
    """

    visit: str
    reason: Reason
    details: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Solution:
    """Every worker's round, in the order in which they were told, and what is left."""

    rounds: tuple[Round, ...]
    unassigned: tuple[Unassigned, ...]
