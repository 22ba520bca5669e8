"""Rounds (走访): who visits which homes, in which order, and when; over VROOM.

A tour is chosen by VROOM from tables of times that :class:`geodata.routing.Router` tells, and
each is checked against them afterwards: no window, no working hours and no missing way is ever
passed over. ``choosing`` finds homes to visit, ``keeping`` saves rounds and what is told of their
visits, ``urgent`` puts one more between them, ``sharing`` shows a worker's round by a link.
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
from geodata.rounds.choosing import Fate, Line, chosen, understood
from geodata.rounds.keeping import (
    MOST_TICKS,
    Tick,
    change,
    counted,
    get,
    glance,
    listed,
    may_plan,
    progress,
    put_in,
    save,
    saved_before,
    tick,
)
from geodata.rounds.saved import LONGEST, Draft, Label, Saved, State, Status, Told
from geodata.rounds.sharing import share, shared, shares, tick_shared, unshare
from geodata.rounds.solver import Solver
from geodata.rounds.solving import solve
from geodata.rounds.told import Reason, Round, Solution, Stop, Unassigned
from geodata.rounds.urgent import Inserted, insert

__all__ = [
    "EARLIEST",
    "HIGHEST",
    "LATEST",
    "LONGEST",
    "LONGEST_DAY",
    "LONGEST_VISIT_MIN",
    "MOST_TICKS",
    "MOST_VISITS",
    "MOST_WINDOWS",
    "MOST_WORKERS",
    "Draft",
    "Fate",
    "Inserted",
    "Label",
    "Line",
    "Reason",
    "Round",
    "Saved",
    "Solution",
    "Solver",
    "State",
    "Status",
    "Stop",
    "Tick",
    "Told",
    "Unassigned",
    "Visit",
    "Window",
    "Worker",
    "change",
    "chosen",
    "counted",
    "get",
    "glance",
    "insert",
    "listed",
    "may_plan",
    "progress",
    "put_in",
    "save",
    "saved_before",
    "share",
    "shared",
    "shares",
    "solve",
    "tick",
    "tick_shared",
    "understood",
    "unshare",
]
