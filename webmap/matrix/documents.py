"""The matrix as JSON."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
from pydantic import BaseModel

from geodata import matrix
from geodata.matrix import Reading

_DIGITS: Mapping[Reading, int] = {
    Reading.PER_1000: 3,
    Reading.MEDIAN: 2,
    Reading.SHARE: 4,
    Reading.SCORE: 4,
}


class MatrixRow(BaseModel):
    """An area: how many merchants of each category it has, and what is read of it.

    A value is null where it cannot be told: where nobody lives, where numbers of people are not
    known, or, of ``median_min``, where half of the households have no way at all. ``homes``,
    ``households`` and ``off_network`` are null in readings that do not look at them;
    ``unknown`` are homes that do not tell how many live there, and weigh nothing.
    """

    code: str
    name: str
    residents: int | None
    counts: dict[str, int]
    values: dict[str, float | None]
    homes: int | None
    households: int | None
    off_network: int | None
    unknown: int | None


class MatrixTotals(BaseModel):
    """All areas together; residents only where every area's number is known."""

    residents: int | None
    counts: dict[str, int]
    values: dict[str, float | None]


class MatrixDocument(BaseModel):
    """Areas × categories in one of five readings.

    ``elsewhere`` are merchants that lie in none of the areas, ``homes_elsewhere`` homes that do
    not. ``off_network`` is the sum over the areas: homes with no street within 300 m, which are
    left out of what is read.
    """

    level: str
    parent: str
    reading: Reading
    minutes: int
    areas: list[MatrixRow]
    elsewhere: dict[str, int]
    totals: MatrixTotals
    off_network: int | None
    homes_elsewhere: int | None


def document(
    counted: gpd.GeoDataFrame,
    read: gpd.GeoDataFrame,
    reading: Reading,
    *,
    parent: str,
    minutes: int,
) -> dict[str, Any]:
    """Return a matrix and its counts, which may be one and the same, as the API tells them."""
    names = matrix.categories_of(counted)
    residents = numbers(counted["residents"])
    homes = {name: _of_homes(read, f"n_{name}") for name in _OF_HOMES}
    values = values_of(read, reading)
    told = {name: counted[name].tolist() for name in names}
    rows = [
        {
            "code": code,
            "name": label,
            "residents": residents[n],
            "counts": {name: told[name][n] for name in names},
            "values": {name: values[name][n] for name in names},
            **{name: column[n] for name, column in homes.items()},
        }
        for n, (code, label) in enumerate(zip(counted["code"], counted["name"], strict=True))
    ]
    counts = {name: int(counted[name].sum()) for name in names}
    return {
        "level": counted.attrs["level"],
        "parent": parent,
        "reading": reading,
        "minutes": minutes,
        "areas": rows,
        "elsewhere": counted.attrs["elsewhere"],
        "totals": {
            "residents": _sum(residents) if residents else None,
            "counts": counts,
            "values": whole(read, reading, counts),
        },
        "off_network": _sum(homes["off_network"]),
        "homes_elsewhere": read.attrs.get("homes_elsewhere"),
    }


_OF_HOMES = ("homes", "households", "off_network", "unknown")


def values_of(read: gpd.GeoDataFrame, reading: Reading) -> dict[str, list[float | None]]:
    """Return what was read by category, a number or None for each area."""
    names = matrix.categories_of(read)
    return {name: [rounded(value, reading) for value in read[name].tolist()] for name in names}


def whole(
    read: gpd.GeoDataFrame, reading: Reading, counts: Mapping[str, int]
) -> dict[str, float | None]:
    """Return what was read of all areas together."""
    told = read.attrs.get("whole", counts)
    return {name: rounded(value, reading) for name, value in told.items()}


def rounded(value: float, reading: Reading) -> float | None:
    """Return a value as it is told; None where there is none."""
    if not math.isfinite(value):
        return None
    return round(value, _DIGITS[reading]) if reading in _DIGITS else value


def numbers(column: pd.Series) -> list[int | None]:
    """Return whole numbers, None where unknown."""
    return [None if pd.isna(n) else int(n) for n in column]


def _of_homes(read: gpd.GeoDataFrame, column: str) -> list[int | None]:
    return numbers(read[column]) if column in read.columns else [None] * len(read)


def _sum(column: Iterable[int | None]) -> int | None:
    known = list(column)
    told = [n for n in known if n is not None]
    return sum(told) if len(told) == len(known) else None
