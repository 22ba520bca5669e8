"""What the matrix is asked: which areas, which reading, at which moment, and what if."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from shapely.geometry.base import BaseGeometry


class Reading(StrEnum):
    """What the matrix tells of an area and a category."""

    COUNT = "count"
    """How many merchants."""
    PER_1000 = "per_1000"
    """How many for each 1,000 residents."""
    MEDIAN = "median_min"
    """Minutes on foot from home to the nearest, that of the household in the middle."""
    SHARE = "share"
    """The share of the households for whom the nearest is within the minutes asked for."""
    SCORE = "2sfca"
    """Merchants within the minutes for each 1,000 residents who share them."""


ON_FOOT: Final = frozenset({Reading.MEDIAN, Reading.SHARE, Reading.SCORE})
"""The readings for which there must be streets."""


class Added(NamedTuple):
    """A merchant that is only imagined: what if there were one here? Degrees, WGS 84."""

    category: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, whichever the reading.

    Parameters
    ----------
    level, parent
        Which areas are the rows: those of a level of :data:`geodata.areas.LEVELS` (None is the
        first below the parent of which the store has several) inside an area's code ("" is
        everywhere).
    at
        Only what is open at this moment (aware) counts; None looks at no hours.
    minutes
        How far one walks, for the share and the score.
    closures
        Whether closures are obeyed: those in force ``at`` the moment, or now.
    away
        Ids of merchants that do not count: what if they were gone?
    added
        Merchants that count besides.
    closed
        Geometries, WGS 84, that close streets besides, as a closure of the ground does.
    categories
        Those that are wanted; None is every one that residents see.
    """

    level: str | None = None
    parent: str = ""
    at: datetime | None = None
    minutes: int = 15
    closures: bool = False
    away: frozenset[str] = frozenset()
    added: tuple[Added, ...] = ()
    closed: tuple[BaseGeometry, ...] = ()
    categories: tuple[str, ...] | None = None

    @property
    def plain(self) -> bool:
        """Whether every merchant that residents see counts, and no other."""
        return self.at is None and not self.away and not self.added
