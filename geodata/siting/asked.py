"""What is asked: another merchant of which category, for whom, and where it might be."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from geodata import divisions
from geodata.errors import Invalid

MOST: Final = 10
"""New merchants at once."""

FARTHEST_MIN: Final = 30.0
"""Whoever walks longer, or finds no way to any, counts as walking so long: that is not near by."""

MOST_POINTS: Final = 200
"""Places that can be given to choose from."""


class Objective(StrEnum):
    """What is wanted."""

    COVER = "cover"
    """Most people within so many minutes: maximal covering (Church & ReVelle 1974)."""
    WALK = "walk"
    """The shortest mean walk to the nearest: the p-median (Hakimi 1964)."""


class Weight(StrEnum):
    """Who counts: columns of homes."""

    HOUSEHOLDS = "households"
    RESIDENTS = "residents"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question.

    Parameters
    ----------
    area
        The code of the area whose people count; those of neighbours' areas do not.
    category
        Of which category another merchant is wanted.
    count
        How many, 1 to :data:`MOST`.
    objective, weight
        What is wanted, and for whom.
    minutes
        The walk that is near enough, 1 to :data:`FARTHEST_MIN`.
    points
        Longitude and latitude of places to choose from, WGS 84; () are the streets of the homes.
    closures
        Whether streets that are closed now count as closed.
    """

    area: str
    category: str
    count: int = 1
    objective: Objective = Objective.COVER
    weight: Weight = Weight.HOUSEHOLDS
    minutes: float = 15.0
    points: tuple[tuple[float, float], ...] = ()
    closures: bool = False

    def checked(self) -> "Asked":
        """Return it with the area's code in full.

        Raises
        ------
        Invalid
            ``siting_invalid``: details map ``count``, ``minutes``, ``points`` to "range";
            ``area_code_invalid``.
        """
        wrong = {
            "count": not 1 <= self.count <= MOST,
            "minutes": not 1 <= self.minutes <= FARTHEST_MIN,
            "points": len(self.points) > MOST_POINTS
            or not all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in self.points),  # noqa: PLR2004 - degrees
        }
        if any(wrong.values()):
            raise Invalid("siting_invalid", **{name: "range" for name in wrong if wrong[name]})
        area = divisions.normalise(self.area)
        return Asked(**{name: getattr(self, name) for name in self.__slots__} | {"area": area})

    def document(self) -> dict[str, Any]:
        """Return it as JSON knows it."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return told | {"points": [list(point) for point in self.points]}

    @classmethod
    def of(cls, told: dict[str, Any]) -> "Asked":
        """Return what a document tells."""
        kinds = {"objective": Objective(told["objective"]), "weight": Weight(told["weight"])}
        return cls(**told | kinds | {"points": tuple((x, y) for x, y in told["points"])})
