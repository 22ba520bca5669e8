"""Cities on real streets: areas of every level, homes and merchants beside the streets."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata import areas, homes, merchants
from geodata.demo.crowd import scattered
from geodata.store import open_store
from geodata.walking import Graph
from tests.bench.stores import ACTOR

type Floats = NDArray[np.float64]

_CITY = "4201"
_BESIDE_M = 40.0
"""A place lies about so far from the nearest bend of a street."""
_METRES = 111_320.0
_SPLITS = ((2, 2), (3, 3), (3, 3), (2, 2))
"""Districts of the city, streets of a district, communities of a street, grids of those."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each, and how far from the middle of the streets."""

    name: str
    homes: int
    merchants: int
    around_m: float | None = None


DISTRICT = Size("district", 5_000, 100, 2_500.0)
CITY = Size("city", 200_000, 10_000)


def fill(path: Path, graph: Graph, size: Size) -> None:
    """Make a store of a city on some streets."""
    chance = np.random.default_rng(6)
    shape = _ground(graph, size)
    store = open_store(path)
    with store.writing() as tx:
        areas.merge(tx, _areas(shape), actor=ACTOR)
        homes.merge(tx, _homes(_beside(shape, size.homes, chance), chance), actor=ACTOR)
        shops = scattered(size.merchants)
        lon, lat = _beside(shape, size.merchants, chance).T
        shops = shops.assign(source_lon=lon, source_lat=lat, row=range(1, len(shops) + 1))
        shops = shops.set_geometry(gpd.points_from_xy(lon, lat), crs=4326)
        merchants.merge(tx, shops, actor=ACTOR)
    store.close()


def _ground(graph: Graph, size: Size) -> Floats:
    """Return the vertices of streets beside which somebody may live."""
    if size.around_m is None:
        return graph.shape
    middle = np.median(graph.shape, axis=0)
    narrow = np.cos(np.radians(middle[1]))
    away = np.hypot(*((graph.shape - middle) * _METRES * (narrow, 1.0)).T)
    return graph.shape[away <= size.around_m]


def _beside(shape: Floats, count: int, chance: np.random.Generator) -> Floats:
    metres = chance.normal(0.0, _BESIDE_M, (count, 2))
    narrow = np.cos(np.radians(shape[:, 1].mean()))
    return chance.choice(shape, count) + metres / _METRES / (narrow, 1.0)


def _homes(at: Floats, chance: np.random.Generator) -> gpd.GeoDataFrame:
    households = chance.integers(12, 90, len(at))
    told = {
        "row": range(1, len(at) + 1),
        "id": "",
        "name": [f"{n + 1}号楼" for n in range(len(at))],
        "address": "",
        "households": households,
        "residents": households * 5 // 2,
        "elders_alone": chance.binomial(households, 0.05),
    }
    return gpd.GeoDataFrame(told, geometry=gpd.points_from_xy(*at.T), crs=4326)


def _areas(shape: Floats) -> gpd.GeoDataFrame:
    (west, south), (east, north) = shape.min(axis=0) - 0.01, shape.max(axis=0) + 0.01
    found = [(_CITY, shapely.box(west, south, east, north))]
    told = list(found)
    for (across, along), digits in zip(_SPLITS, (2, 3, 3, 3), strict=True):
        found = [
            (code + f"{n + 1:0{digits}}", box)
            for code, outer in found
            for n, box in enumerate(_split(outer, across, along))
        ]
        told += found
    codes = [code if len(code) > len("420101001001") else code.ljust(12, "0") for code, _ in told]
    data = {"code": codes, "name": codes, "residents": [None] * len(told)}
    shapes = [shapely.MultiPolygon([box]) for _, box in told]
    return gpd.GeoDataFrame(data, geometry=shapes, crs=4326)


def _split(outer: shapely.Polygon, across: int, along: int) -> list[shapely.Polygon]:
    west, south, east, north = outer.bounds
    x, y = np.linspace(west, east, across + 1), np.linspace(south, north, along + 1)
    return [
        shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for j in range(along) for i in range(across)
    ]
