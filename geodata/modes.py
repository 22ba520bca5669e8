"""Modes (方式): how people go, and how fast they walk."""

from enum import StrEnum
from typing import Final


class Mode(StrEnum):
    """A way of going along streets: 步行, 骑行, 驾车."""

    FOOT = "foot"
    BIKE = "bike"
    CAR = "car"


WALK_KMH: Final = 4.5
"""Walking pace everywhere in Linju, engine and graph alike: 1.25 m/s.

Between the 1.2 m/s to which Chinese road signals are set for pedestrians and the 5.1 km/h
that routing engines take for a person in full vigour.
"""

WALK_MPS: Final = WALK_KMH / 3.6

SNAP_LIMIT_M: Final = 300.0
"""A place farther than this from any street is off the network."""
