"""Rounds (走访): who visits which homes, in which order, and when; over VROOM.

A tour is chosen by VROOM from tables of times that :class:`geodata.routing.Router` tells, and
each is checked against them afterwards: no window, no working hours and no missing way is ever
passed over.
"""

from geodata.rounds.asked import (
    EARLIEST,
    HIGHEST,
    LATEST,
    LONGEST_DAY,
    LONGEST_VISIT_MIN,
    MOST_VISITS,
    MOST_WINDOWS,
    MOST_WORKERS,
    Visit,
    Window,
    Worker,
)
from geodata.rounds.solver import Solver
from geodata.rounds.solving import solve
from geodata.rounds.told import Reason, Round, Solution, Stop, Unassigned

__all__ = [
    "EARLIEST",
    "HIGHEST",
    "LATEST",
    "LONGEST_DAY",
    "LONGEST_VISIT_MIN",
    "MOST_VISITS",
    "MOST_WINDOWS",
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
