"""What an address may ask of the matrix."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Literal

from pydantic import Field

from geodata import matrix
from geodata.errors import Invalid, Unavailable
from geodata.matrix import Asked, Reading
from geodata.roads import Streets
from geodata.store import Reader
from webmap.answers import Listed, Moment, Parameters
from webmap.request import roads, streets

LONGEST_MIN = 30
"""Minutes on foot that the matrix looks at: twice the 15-minute life circle (生活圈)."""

Level = Annotated[
    Literal["province", "city", "district", "street", "community", "grid"] | None,
    Field(
        description="Level of the rows; by default the first below the parent of which there are"
        " several"
    ),
]
Code = Annotated[str, Field(pattern=r"^\d{0,15}$", description="Code of the area inside which")]
OpenAt = Annotated[
    Moment | None,
    Field(description="Only what is open at this moment; by default hours are not looked at"),
]
Minutes = Annotated[int, Field(ge=1, le=LONGEST_MIN, description="How far one walks")]
Obeyed = Annotated[
    bool,
    Field(
        description="Whether closures are obeyed: those in force at the moment asked for, or now"
    ),
]


class MatrixQuery(Parameters):
    """Which part of the matrix."""

    level: Level = None
    parent: Code = ""


class ReadingQuery(MatrixQuery):
    """Which part of the matrix, and which of its readings."""

    reading: Annotated[
        Reading,
        Field(
            description="How many; how many for each 1,000 residents; minutes on foot to the"
            " nearest, median by households; share of households within the minutes; two-step"
            " floating catchment, merchants within the minutes for each 1,000 who share them"
        ),
    ] = Reading.COUNT
    category: Annotated[Listed | None, Field(description="Category ids, with commas")] = None
    at: OpenAt = None
    minutes: Minutes = 15
    closures: Obeyed = False

    def asked(self, tx: Reader) -> Asked:
        """Return what is asked, as geodata has it.

        Raises
        ------
        Invalid
            ``parameter_invalid``: a category that is not known.
        """
        known(tx, self.category)
        return Asked(
            level=self.level,
            parent=self.parent,
            at=self.at,
            minutes=self.minutes,
            closures=self.closures,
            categories=self.category,
        )


def known(tx: Reader, names: Sequence[str] | None) -> None:
    """Refuse categories that residents do not know.

    Raises
    ------
    Invalid
        ``parameter_invalid``.
    """
    if names and (strange := set(names) - set(matrix.shown(tx))):
        raise Invalid("parameter_invalid", names=["category"], reasons=sorted(strange)[:5])


def ground(reading: Reading) -> Streets | None:
    """Return the streets, where a reading needs them.

    Raises
    ------
    Unavailable
        ``streets_missing``, ``streets_unreadable``.
    """
    return streets() if reading in matrix.ON_FOOT else None


def streets_in_use() -> str:
    """Return which streets walks are measured on; "" for none."""
    with suppress(Unavailable):
        if inuse := roads().now():
            return inuse.name
    return ""
