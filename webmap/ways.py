"""Ways and reach as GeoJSON, with their words."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

import geopandas as gpd
import shapely
from pydantic import BaseModel

from geodata import near
from geodata.modes import Mode
from geodata.routing import Position, Route
from geodata.store import Reader
from webmap import directions
from webmap.request import calendar, now

_SAME_M = 3.0
"""Rounding of an address: who asks for the way to a merchant gives its very position."""


class Line(BaseModel):
    """A GeoJSON line, WGS 84."""

    type: Literal["LineString"]
    coordinates: list[tuple[float, float]]


class RouteStep(BaseModel):
    """One step of a way, in words. ``at``: where it begins."""

    type: str
    text: str
    distance_m: float
    duration_s: float
    at: tuple[float, float]


class RouteProperties(BaseModel):
    """A way. ``snap_m``: how far the ends lie from the street, which is counted in."""

    mode: Mode
    duration_s: float
    distance_m: float
    snap_m: tuple[float, float]
    summary: str
    steps: list[RouteStep]


class RouteFeature(BaseModel):
    """A way along streets. ``streets``: the version that was asked, "" elsewhere."""

    type: Literal["Feature"]
    streets: str
    geometry: Line
    properties: RouteProperties


class Shape(BaseModel):
    """A GeoJSON area, WGS 84."""

    type: Literal["MultiPolygon"]
    coordinates: list[list[list[tuple[float, float]]]]


class ReachProperties(BaseModel):
    """Within how many minutes, and how many merchants of each category lie inside."""

    minutes: int
    counts: dict[str, int]


class ReachFeature(BaseModel):
    """What can be reached within so many minutes."""

    type: Literal["Feature"]
    geometry: Shape
    properties: ReachProperties


def feature(tx: Reader, way: Route, mode: Mode, *, end: Position, streets: str) -> dict[str, Any]:
    """Return a way as a :class:`RouteFeature`; ``end`` is where it was asked to lead."""
    beside = near.along(tx, way.line, now(), within_m=directions.CORNER_M)
    aims = near.standing(tx, end, now(), within_m=_SAME_M)
    told = directions.tell(
        way,
        mode=mode,
        landmarks=directions.landmarks(way, beside),
        destination=aims[0] if len(aims) == 1 else "",
    )
    return {
        "type": "Feature",
        "streets": streets,
        "geometry": _line(way.line),
        "properties": {
            "mode": mode,
            "duration_s": round(way.duration_s, 1),
            "distance_m": round(way.distance_m, 1),
            "snap_m": [round(metres, 1) for metres in way.snap_m],
            "summary": directions.summary(way, mode),
            "steps": [asdict(step) for step in told],
        },
    }


def rings(tx: Reader, found: gpd.GeoDataFrame, at: datetime) -> list[dict[str, Any]]:
    """Return what can be reached as :class:`ReachFeature`, the longest time first."""
    made = [
        {
            "type": "Feature",
            "geometry": _areas(shape),
            "properties": {
                "minutes": minutes,
                "counts": near.inside(tx, shape, at, calendar=calendar()),
            },
        }
        for minutes, shape in zip(found["minutes"].tolist(), found.geometry, strict=True)
    ]
    return made[::-1]


def _line(line: shapely.LineString) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": _rounded(line)}


def _areas(shape: shapely.MultiPolygon) -> dict[str, Any]:
    polygons = [
        [_rounded(ring) for ring in (polygon.exterior, *polygon.interiors)]
        for polygon in shape.geoms
    ]
    return {"type": "MultiPolygon", "coordinates": polygons}


def _rounded(line: shapely.LineString | shapely.LinearRing) -> list[list[float]]:
    """Return positions to 6 decimals, 0.1 m: what a screen can show."""
    found: list[list[float]] = shapely.get_coordinates(line).round(6).tolist()
    return found
