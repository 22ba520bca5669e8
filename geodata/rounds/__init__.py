"""Rounds (走访): who visits which homes, in which order, and when; over VROOM.

A tour is chosen by VROOM from tables of times that :class:`geodata.routing.Router` tells, and
each is checked against them afterwards: no window, no working hours and no missing way is ever
passed over.
"""

from geodata.rounds.asked import (
    LONGEST_DAY,
    MOST_VISITS,
    MOST_WORKERS,
    Visit,
    Window,
    Worker,
)
from geodata.rounds.solver import Solver
from geodata.rounds.solving import solve
from geodata.rounds.told import Reason, Round, Solution, Stop, Unassigned

__all__ = [
    "LONGEST_DAY",
    "MOST_VISITS",
    "MOST_WORKERS",
    "Reason",
    "Round",
    "Solution",
    "Solver",
    "Stop",
    "Unassigned",
    "Visit",
    "Window",
    "Worker",
    "solve",
]
