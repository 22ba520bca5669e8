"""Ready counts of merchants by cell, area and category, so that a city costs what a street does.

A place's ``quad`` is its position as a Morton number: the 30 bits of the Web
Mercator column and of the row, taken in turn. Cut to its first bits it is the
cell at a coarser level (a tile of the usual scheme, ``level`` = tile zoom), and
the places of a cell are one span of an ordinary index.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.geometry import BBox, web_mercator_cell

BITS = 30
_NEAR = 64  # cells that are quicker to read than to skip
_FEW = 48  # spans that a query may name
LEVELS = (4, 8, 10, 12, 14, 16)
"""The levels that are counted; a cell of level 16 is about 450 m wide in Shenyang."""

DERIVED = frozenset({"fid", "terms", "quad"})
"""Columns that serve the indexes only."""

Key = tuple[int, int, str, str]


@dataclass(slots=True)
class Cluster:
    """Merchants of one cell: how many of each category, and where their middle is."""

    cell: int
    categories: dict[str, int] = field(default_factory=dict)
    count: int = 0
    lon: float = 0.0
    lat: float = 0.0
    fid: int = 0
    """Which one it is, where the count is 1."""


def shift(level: int) -> int:
    """Return by how many bits a quad is shifted to become a cell of the level."""
    return 2 * (BITS - level)


def _spread(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Put a zero bit between the bits (Morton 1966, by halving masks)."""
    for step, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        values = (values | (values << step)) & mask
    return values


def quads(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int64]:
    """Return the Morton numbers of positions (degrees, WGS 84)."""
    x, y = web_mercator_cell(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
    return _spread(x) | (_spread(y) << 1)


def _corners(box: BBox, level: int) -> tuple[int, int, int, int]:
    x, y = web_mercator_cell(np.array([box.west, box.east]), np.array([box.north, box.south]))
    x, y = x >> (BITS - level), y >> (BITS - level)
    return int(x[0]), int(y[0]), int(x[1]), int(y[1])


def size(box: BBox, level: int) -> int:
    """Return how many cells of the level touch the box."""
    left, top, right, bottom = _corners(box, level)
    return (right - left + 1) * (bottom - top + 1)


def cells(box: BBox, level: int) -> frozenset[int]:
    """Return the cells of the level that touch the box."""
    left, top, right, bottom = _corners(box, level)
    xs, ys = np.meshgrid(np.arange(left, right + 1), np.arange(top, bottom + 1))
    return frozenset((_spread(xs.ravel()) | (_spread(ys.ravel()) << 1)).tolist())


def spans(box: BBox, level: int) -> list[tuple[int, int]]:
    """Return few spans of cell numbers that hold all cells of the box, and others besides."""
    found: list[tuple[int, int]] = []
    for cell in sorted(cells(box, level)):
        if found and cell - found[-1][1] <= _NEAR:
            found[-1] = (found[-1][0], cell)
        else:
            found.append((cell, cell))
    if len(found) > _FEW:
        return [(found[0][0], found[-1][1])]
    return found


def finest(box: BBox, most: int, *, zoom: int) -> int:
    """Return the finest level whose cells are about 64 pixels at the zoom and at most so many."""
    level = min(zoom + 2, BITS)
    while level > 0 and size(box, level) > most:
        level -= 1
    return level


def gather(rows: Iterable[Any]) -> list[Cluster]:
    """Join rows (cell, category, n, sum of lon, sum of lat, sum of fid) into clusters."""
    found: dict[int, Cluster] = {}
    for cell, category, n, lon, lat, fid in rows:
        cluster = found.setdefault(cell, Cluster(cell))
        cluster.categories[category] = int(n)
        cluster.count += int(n)
        cluster.lon += float(lon)
        cluster.lat += float(lat)
        cluster.fid = int(fid)
    for cluster in found.values():
        cluster.lon = round(cluster.lon / cluster.count, 6)
        cluster.lat = round(cluster.lat / cluster.count, 6)
    return list(found.values())


def coarser(clusters: Iterable[Cluster]) -> list[Cluster]:
    """Join four cells into one."""
    found: dict[int, Cluster] = {}
    for one in clusters:
        both = found.setdefault(one.cell >> 2, Cluster(one.cell >> 2, fid=one.fid))
        count = both.count + one.count
        both.lon = round((both.lon * both.count + one.lon * one.count) / count, 6)
        both.lat = round((both.lat * both.count + one.lat * one.count) / count, 6)
        both.count = count
        for category, n in one.categories.items():
            both.categories[category] = both.categories.get(category, 0) + n
    return list(found.values())


def deltas(
    gone: Iterable[Mapping[str, Any]], come: Iterable[Mapping[str, Any]], *, public: Iterable[str]
) -> dict[Key, list[int]]:
    """Return what merchants that went and came change: key → [n, lon_e7, lat_e7, fids]."""
    shown = frozenset(public)
    finest = LEVELS[-1]
    fine: defaultdict[Key, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for sign, rows in ((-1, gone), (1, come)):
        for row in rows:
            if row["status"] not in shown:
                continue
            sums = fine[finest, row["quad"] >> shift(finest), row["area"], row["category"]]
            sums[0] += sign
            sums[1] += sign * round(row["lon"] * 1e7)
            sums[2] += sign * round(row["lat"] * 1e7)
            sums[3] += sign * row["fid"]
    found = dict(fine)
    for level in LEVELS[:-1]:
        coarse: defaultdict[Key, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for (_, cell, area, category), sums in fine.items():
            into = coarse[level, cell >> 2 * (finest - level), area, category]
            into[:] = [a + b for a, b in zip(into, sums, strict=True)]
        found |= coarse
    return {key: sums for key, sums in sorted(found.items()) if any(sums)}
