"""Counting: how many merchants of each category the areas have."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata import areas, categories, divisions
from geodata.errors import Invalid
from geodata.store import Reader
from geodata.store.records import Values

NOT_CATEGORIES: Final = frozenset(
    {"code", "name", "level", "residents", "geometry"}
    | {"n_homes", "n_households", "n_off_network", "n_unknown"}
)
"""Columns of a table of areas that are something else; no id of a category has such a sign."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The areas of a table and the categories of its columns."""

    level: str
    areas: list[Values]
    shapes: NDArray[np.object_]
    names: list[str]

    @property
    def row_of(self) -> dict[str, int]:
        """Which row is whose, by the digits with which every code inside begins."""
        return {divisions.prefix(row["code"]): n for n, row in enumerate(self.areas)}

    @property
    def digits(self) -> int:
        """How many digits name an area of the level."""
        return divisions.LENGTHS[self.level]

    def table(self, columns: Mapping[str, Any]) -> gpd.GeoDataFrame:
        """Return the areas with columns behind what is known of each."""
        data = {
            "code": [row["code"] for row in self.areas],
            "name": [row["name"] for row in self.areas],
            "level": [self.level] * len(self.areas),
            "residents": pd.array([row["residents"] for row in self.areas], dtype="Int64"),
            **columns,
        }
        made = gpd.GeoDataFrame(data, geometry=self.shapes, crs=4326)
        made.attrs |= {"level": self.level}
        return made


def asked_rows(
    tx: Reader, *, level: str | None, parent: str, wanted: Sequence[str] | None = None
) -> Rows:
    """Return which areas are the rows and which categories the columns.

    Parameters
    ----------
    level
        A level of :data:`geodata.areas.LEVELS`; None is the first below ``parent`` of
        which the store has several areas.
    parent
        The code of the area inside which to look; "" is everywhere.
    wanted
        Categories; None is every one that residents see.

    Raises
    ------
    NotFound
        ``area_not_found`` for the parent.
    Invalid
        ``level_unknown``; ``area_code_invalid``; ``level_not_inside``: the parent is no wider
        than the level.
    """
    parent = divisions.normalise(parent) if parent else ""
    level = level or _below(tx, parent)
    rows, shapes = _of_level(tx, level)
    if parent:
        outer = tx.row("area", parent)["level"]
        if areas.LEVELS.index(outer) >= areas.LEVELS.index(level):
            raise Invalid("level_not_inside", level=level, parent=parent)
        prefix = divisions.prefix(parent)
        kept = [n for n, row in enumerate(rows) if row["code"].startswith(prefix)]
        rows, shapes = [rows[n] for n in kept], shapes[kept]
    return Rows(level, rows, shapes, shown(tx, wanted))


def _of_level(tx: Reader, level: str) -> tuple[list[Values], NDArray[np.object_]]:
    """Return the areas of a level by code, read once as long as none changes, and their shapes."""

    def made() -> tuple[list[Values], NDArray[np.object_]]:
        rows = areas.listed(tx, level=level)
        shapes = shapely.from_wkb([row.pop("geom") for row in rows])
        return rows, np.asarray(shapes, dtype=np.object_)

    return tx.cached(f"matrix {level}", made)


def shown(tx: Reader, wanted: Sequence[str] | None = None) -> list[str]:
    """Return the categories that residents see, of those wanted, in the order of the legend."""
    names = [category.id for category in categories.listed(tx) if not category.hidden]
    return names if wanted is None else [name for name in names if name in wanted]


def counted(rows: Rows, found: Iterable[tuple[str, str, int]]) -> gpd.GeoDataFrame:
    """Return a table of numbers told as (digits of an area, category, n)."""
    numbers, elsewhere = sorted_in(rows, found)
    made = rows.table(numbers)
    made.attrs |= {"elsewhere": elsewhere}
    return made


def sorted_in(
    rows: Rows, found: Iterable[tuple[str, str, int]]
) -> tuple[dict[str, list[int]], dict[str, int]]:
    """Return numbers by category and row, and those by category that belong to no row."""
    prefixes = list(rows.row_of)
    table = dict.fromkeys(((prefix, name) for prefix in prefixes for name in rows.names), 0)
    elsewhere = dict.fromkeys(rows.names, 0)
    for code, category, n in found:
        if (code, category) in table:
            table[code, category] += n
        elif category in elsewhere:
            elsewhere[category] += n
    return {name: [table[prefix, name] for prefix in prefixes] for name in rows.names}, elsewhere


def categories_of(table: gpd.GeoDataFrame) -> list[str]:
    """Return the columns of a table of areas that are categories."""
    return [column for column in table.columns if column not in NOT_CATEGORIES]


def _below(tx: Reader, parent: str) -> str:
    """Return the first level at which there is something to compare inside the parent."""
    prefix = areas.prefix(parent)
    inside = Counter(
        row["level"]
        for row in tx.rows("area", columns=("code", "level"))
        if row["code"].startswith(prefix) and row["code"] != parent
    )
    several = (level for level in areas.LEVELS if inside[level] > 1)
    any_at_all = (level for level in areas.LEVELS if inside[level])
    return next(several, None) or next(any_at_all, areas.LEVELS[-1])
