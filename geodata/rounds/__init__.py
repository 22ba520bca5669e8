"""Rounds (走访): who visits which homes, in which order, and when; over VROOM.

A tour is chosen by VROOM from tables of times that :class:`geodata.routing.Router` tells, and
each is checked against them afterwards: no window, no working hours and no missing way is ever
passed over. ``choosing`` finds homes to visit, ``keeping`` saves rounds, ``ticking`` what is told
of their visits, ``urgent`` finds where one more goes between them, ``sharing`` shows a worker's
round by a link. ``words`` seals what people typed about visits, ``forgetting`` erases it.
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
from geodata.rounds.forgetting import Forgotten, Resealed, again, erase, expire, forget, reseal
from geodata.rounds.keeping import (
    change,
    get,
    glance,
    listed,
    may_plan,
    put_in,
    save,
    saved_before,
)
from geodata.rounds.saved import LONGEST, Draft, Label, Saved, State, Status, Told
from geodata.rounds.sharing import share, shared, shares, tick_shared, unshare
from geodata.rounds.solver import Solver
from geodata.rounds.solving import solve
from geodata.rounds.ticking import MOST_TICKS, Tick, counted, progress, tick
from geodata.rounds.told import Reason, Round, Solution, Stop, Unassigned
from geodata.rounds.urgent import Inserted, Urgent, insert
from geodata.rounds.words import opened

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
    "Forgotten",
    "Inserted",
    "Label",
    "Line",
    "Reason",
    "Resealed",
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
    "Urgent",
    "Visit",
    "Window",
    "Worker",
    "again",
    "change",
    "chosen",
    "counted",
    "erase",
    "expire",
    "forget",
    "get",
    "glance",
    "insert",
    "listed",
    "may_plan",
    "opened",
    "progress",
    "put_in",
    "reseal",
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
