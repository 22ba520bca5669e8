"""Closures (封控、路障): stretches and areas of road that cannot be gone through for a while.

One is in force from one moment to before another, unless it was lifted. Nothing is deleted:
what was changed, prolonged or lifted, when and by whom, stands in the history.
"""

from geodata.closures.closure import (
    SOON,
    Closure,
    get,
    history,
    in_force,
    listed,
    moment,
    past,
    stands_until,
)
from geodata.closures.drawing import (
    LONGEST_DAYS,
    LONGEST_REASON,
    Drawing,
    change,
    draw,
    lift,
    liftable,
    overlapping,
    touched,
)
from geodata.closures.obeying import barring, explaining, streets_closed
from geodata.closures.shapes import (
    FARTHEST_KM,
    LARGEST_KM2,
    LONGEST_KM,
    MOST_CORNERS,
    MOST_IN_FORCE,
    shaped,
)

__all__ = [
    "FARTHEST_KM",
    "LARGEST_KM2",
    "LONGEST_DAYS",
    "LONGEST_KM",
    "LONGEST_REASON",
    "MOST_CORNERS",
    "MOST_IN_FORCE",
    "SOON",
    "Closure",
    "Drawing",
    "barring",
    "change",
    "draw",
    "explaining",
    "get",
    "history",
    "in_force",
    "lift",
    "liftable",
    "listed",
    "moment",
    "overlapping",
    "past",
    "shaped",
    "stands_until",
    "streets_closed",
    "touched",
]
