"""The areas over HTTP: their borders, for the ground of the map."""

from typing import Annotated, Any, Literal

import orjson
import shapely
from flask import Blueprint
from pydantic import BaseModel, Field

from geodata import areas
from webmap.answers import Answer, Box, Parameters, api
from webmap.request import store

bp = Blueprint("areas", __name__)

TOLERANCE_DEG = 1e-5
"""About one metre: what a border is smoothed by for the map."""


class AreaQuery(Parameters):
    """What narrows the areas of an answer."""

    level: Annotated[
        Literal["province", "city", "district", "street", "community", "grid"] | None,
        Field(description="Only areas of this level"),
    ] = None
    parent: Annotated[
        str, Field(pattern=r"^\d{0,15}$", description="Only this area and those inside it")
    ] = ""
    bbox: Annotated[Box | None, Field(description="Only areas that touch the box")] = None


class AreaProperties(BaseModel):
    """An area. ``residents`` is null where it is not known."""

    code: str
    name: str
    level: str
    parent: str
    residents: int | None


class AreaFeature(BaseModel):
    """An area with its polygon, WGS 84."""

    type: Literal["Feature"]
    id: str
    geometry: dict[str, Any]
    properties: AreaProperties


class AreaCollection(BaseModel):
    """Areas, by code."""

    type: Literal["FeatureCollection"]
    features: list[AreaFeature]


@api(bp, "/api/areas", answers=AreaCollection, media_type="application/geo+json")
def listed(asked: AreaQuery) -> Answer:
    """Return areas with their borders, smoothed to a metre."""
    with store().reading() as tx:
        rows = areas.listed(tx, level=asked.level, parent=asked.parent)
    shapes = shapely.from_wkb([row["geom"] for row in rows])
    if asked.bbox is not None:
        box = shapely.box(asked.bbox.west, asked.bbox.south, asked.bbox.east, asked.bbox.north)
        touched = shapely.intersects(shapes, box)
        rows = [row for row, yes in zip(rows, touched, strict=True) if yes]
        shapes = shapes[touched]
    borders = shapely.to_geojson(shapely.simplify(shapes, TOLERANCE_DEG))
    names = ("code", "name", "level", "parent", "residents")
    features = [
        {
            "type": "Feature",
            "id": row["code"],
            "geometry": orjson.Fragment(border),
            "properties": {name: row[name] for name in names},
        }
        for row, border in zip(rows, borders, strict=True)
    ]
    return Answer({"type": "FeatureCollection", "features": features})
