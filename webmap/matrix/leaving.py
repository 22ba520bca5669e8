"""Who is left out, over HTTP: for staff, since it tells how many live in a building."""

from typing import Annotated, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import BaseModel, Field

from geodata import matrix
from geodata.matrix import Asked
from webmap.answers import Answer, Parameters, api, turn
from webmap.features import GEOJSON, Point
from webmap.matrix.asking import LONGEST_MIN, Obeyed, OpenAt, known
from webmap.matrix.blueprint import bp
from webmap.request import calendar, current_actor, parts, store, streets

MOST = 20_000
"""The largest ``limit``: as many points as a map bears."""


class LeftOutQuery(Parameters):
    """Who is left out of what."""

    category: Annotated[str, Field(max_length=60, description="A category's id")]
    minutes: Annotated[
        int,
        Field(
            ge=0,
            le=LONGEST_MIN,
            description="So many on foot are near enough; 0 tells of every home that is not next"
            " door, so that a map can colour them all",
        ),
    ] = 15
    area: Annotated[
        str | None,
        Field(pattern=r"^\d{0,15}$", description="An area's code; by default all that one is of"),
    ] = None
    at: OpenAt = None
    closures: Obeyed = False
    limit: Annotated[int, Field(ge=0, le=MOST, description="Homes at most")] = 2_000


class HomeProperties(BaseModel):
    """A home and how far it is. ``minutes``: null where there is no way at all.

    Numbers of people are null where unknown.
    """

    name: str
    area: str
    households: int | None
    residents: int | None
    elders_alone: int | None
    minutes: float | None
    off_network: bool


class HomeFeature(BaseModel):
    """A home."""

    type: Literal["Feature"]
    id: str
    geometry: Point
    properties: HomeProperties


class Sums(BaseModel):
    """How many, as far as numbers are known; ``off_network`` homes are in no other number."""

    homes: int
    households: int
    elders_alone: int
    off_network: int


class LeftOut(BaseModel):
    """Homes left out, the worst first: by elders living alone, households, minutes.

    ``numberMatched`` are all of them, whatever the limit; ``left_out`` is their sum, ``of`` that
    of all homes of the area.
    """

    type: Literal["FeatureCollection"]
    category: str
    minutes: int
    numberMatched: int  # noqa: N815 - as /api/merchants has it
    numberReturned: int  # noqa: N815 - likewise
    left_out: Sums
    of: Sums
    features: list[HomeFeature]


@api(bp, "/api/matrix/left-out", answers=LeftOut, media_type=GEOJSON, private=True)
def left_out(asked: LeftOutQuery) -> Answer:
    """Return the homes that have no merchant of a category within some minutes on foot."""
    actor, inuse = current_actor(), streets()
    wanted = Asked(
        parent=actor.scope if asked.area is None else asked.area,
        at=asked.at,
        closures=asked.closures,
    )
    with turn(), store().reading() as tx:
        known(tx, [asked.category])
        found = matrix.left_out(
            tx,
            inuse,
            wanted,
            asked.category,
            asked.minutes,
            actor=actor,
            calendar=calendar(),
            parts=parts(),
        )
    shown = found.head(asked.limit)
    return Answer(
        {
            "type": "FeatureCollection",
            "category": asked.category,
            "minutes": asked.minutes,
            "numberMatched": len(found),
            "numberReturned": len(shown),
            "left_out": {name: found.attrs[name] for name in Sums.model_fields},
            "of": found.attrs["of"],
            "features": _features(shown),
        }
    )


_PEOPLE = ("households", "residents", "elders_alone")


def _features(homes: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    people = {name: _whole(homes[name]) for name in _PEOPLE}
    minutes = [None if np.isnan(one) else round(one, 2) for one in homes["minutes"].tolist()]
    told = zip(
        homes["id"],
        homes["name"],
        homes["area"],
        homes["lon"].tolist(),
        homes["lat"].tolist(),
        homes["off_network"].tolist(),
        strict=True,
    )
    return [
        {
            "type": "Feature",
            "id": key,
            "geometry": {"type": "Point", "coordinates": (lon, lat)},
            "properties": {
                "name": name,
                "area": area,
                **{one: column[n] for one, column in people.items()},
                "minutes": minutes[n],
                "off_network": off,
            },
        }
        for n, (key, name, area, lon, lat, off) in enumerate(told)
    ]


def _whole(column: pd.Series) -> list[int | None]:
    return [None if np.isnan(n) else int(n) for n in column.tolist()]
