"""Walking (步行) along streets: places joined to them, minutes to the nearest, rings of reach."""

from importlib import import_module
from typing import TYPE_CHECKING

from geodata.walking.closures import CLOSURE_REACH_M, Level, areas_of, closed_areas
from geodata.walking.graph import AT_NODE_M, BITS, Graph
from geodata.walking.levels import Bridge, Bridges, Closing, closing

if TYPE_CHECKING:
    from geodata.walking.joins import Joins, join
    from geodata.walking.pairs import Pairs, within
    from geodata.walking.rings import reach
    from geodata.walking.search import Nearest, Walks, durations, nearest, standing

__all__ = [
    "AT_NODE_M",
    "BITS",
    "CLOSURE_REACH_M",
    "Bridge",
    "Bridges",
    "Closing",
    "Graph",
    "Joins",
    "Level",
    "Nearest",
    "Pairs",
    "Walks",
    "areas_of",
    "closed_areas",
    "closing",
    "durations",
    "join",
    "nearest",
    "reach",
    "standing",
    "within",
]

# These stand on scipy, a quarter of a second and 29 MB that an office without streets does
# without: they are loaded when first asked for.
_LATER = {
    "Joins": "joins",
    "Nearest": "search",
    "Pairs": "pairs",
    "Walks": "search",
    "durations": "search",
    "join": "joins",
    "nearest": "search",
    "reach": "rings",
    "standing": "search",
    "within": "pairs",
}


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
