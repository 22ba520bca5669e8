"""Which ways are a choice to a person, and not the same way again."""

from collections.abc import Sequence
from typing import Final

import shapely

from geodata.walking.frames import Frame

MOST_OTHERS: Final = 2
"""A choice of more than three ways is none."""

_BESIDE_M: Final = 20.0
"""So near to a way one is in the same street: on its other pavement, or its other carriageway."""
_SAME: Final = 0.8
"""A way of which so much lies in the streets of another is that way again."""


def unlike(ways: Sequence[shapely.LineString]) -> list[int]:
    """Return which ways are to be told, in their order; the first always is.

    Parameters
    ----------
    ways
        Lines, WGS 84, the best first.

    Examples
    --------
    >>> street, pavement, detour = (
    ...     shapely.LineString([(123.43, 41.8), (123.435, 41.8 + aside), (123.44, 41.8)])
    ...     for aside in (0, 1e-4, 1e-3)
    ... )
    >>> unlike([street, pavement, detour])
    [0, 2]
    """
    if len(ways) == 1:
        return [0]
    frame = Frame(*ways[0].coords[0])
    told: list[int] = []
    streets: list[shapely.Polygon] = []
    for row, way in enumerate(ways):
        flat = shapely.transform(way, frame.xy)
        if all(flat.intersection(street).length < _SAME * flat.length for street in streets):
            told.append(row)
            streets.append(shapely.buffer(flat, _BESIDE_M, quad_segs=2))
    return told
