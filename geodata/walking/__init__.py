"""Walking (步行) along streets: places joined to them, minutes to the nearest, rings of reach."""

from geodata.walking.graph import BITS, CLOSURE_REACH_M, Graph
from geodata.walking.joins import Joins, join
from geodata.walking.rings import reach
from geodata.walking.search import Nearest, Walks, durations, nearest

__all__ = [
    "BITS",
    "CLOSURE_REACH_M",
    "Graph",
    "Joins",
    "Nearest",
    "Walks",
    "durations",
    "join",
    "nearest",
    "reach",
]
