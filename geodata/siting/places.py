"""Where a merchant might be: in the streets of homes, not too many."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.walking import Graph, Joins

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer]

MOST_PLACES: Final = 1_000
"""Places in streets to choose from."""

_FIRST_M: Final = 50.0
_WIDER: Final = 2**0.25


def in_streets(
    graph: Graph, homes: Joins, weight: Floats, *, most: int = MOST_PLACES
) -> tuple[Ints, float]:
    """Choose homes in front of which, in the street, a merchant might be.

    Squares of 50 m, or as much wider as it takes to have no more than ``most``, have one place
    each: where most people of a square come out of their door (by ``weight``, (n,)).

    Returns
    -------
    tuple
        Rows of the homes, ascending, and the side of the squares, metres.
    """
    rows = np.flatnonzero(homes.edge >= 0)
    xy = graph.plane.xy(homes.lon[rows], homes.lat[rows])
    side = _FIRST_M
    while True:
        square, which = np.unique(np.floor(xy / side), axis=0, return_inverse=True)
        if len(square) <= most:
            break
        side *= _WIDER
    order = np.lexsort((rows, -weight[rows], which))
    _, first = np.unique(which[order], return_index=True)
    return np.sort(rows[order[first]]), side


def at_the_street(homes: Joins) -> Joins:
    """Return the same places with their door on the street."""
    return Joins(homes.edge, homes.along_m, np.zeros(len(homes)), homes.lon, homes.lat)
