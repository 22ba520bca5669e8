"""Homes over HTTP: a building by its name, to begin a way there. Nothing of who lives in it."""

from typing import Annotated

from flask import Blueprint
from pydantic import BaseModel, Field

from geodata import homes
from webmap.answers import Answer, Parameters, api
from webmap.request import current_actor, store

bp = Blueprint("homes", __name__)

_SHOWN = 8


class HomeQuery(Parameters):
    """Which buildings."""

    q: Annotated[
        str,
        Field(
            max_length=60,
            # A NUL would end the pattern that the store looks for.
            pattern=r"^[^\x00-\x1f\x7f]*$",
            description="A piece of the name, two letters at least",
        ),
    ]


class NamedHome(BaseModel):
    """A building and where it stands, WGS 84."""

    id: str
    name: str
    lon: float
    lat: float


class NamedHomes(BaseModel):
    """The buildings found, the shortest name first. ``more``: there are others of this name."""

    homes: list[NamedHome]
    more: bool


# Where somebody lives is where somebody is.
@api(bp, "/api/homes", answers=NamedHomes, personal=True)
def named(asked: HomeQuery) -> Answer:
    """Return buildings by a piece of their name."""
    with store().reading() as tx:
        found = homes.named(tx, asked.q, actor=current_actor(), limit=_SHOWN + 1)
    return Answer({"homes": found[:_SHOWN], "more": len(found) > _SHOWN})
