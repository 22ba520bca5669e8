"""The service matrix (服务矩阵): areas × categories."""

from collections import Counter

import geopandas as gpd
import pandas as pd
import shapely

from geodata import areas, categories, divisions
from geodata.errors import Invalid
from geodata.store import Reader


def counts(tx: Reader, *, level: str | None = None, parent: str = "") -> gpd.GeoDataFrame:
    """Count the merchants that residents see, by area and category.

    Parameters
    ----------
    level
        A level of :data:`geodata.areas.LEVELS`; None is the first below ``parent`` of
        which the store has several areas.
    parent
        The code of the area inside which to count; "" is everywhere.

    Returns
    -------
    GeoDataFrame
        One row an area, by code: ``code``, ``name``, ``level``, ``residents`` (Int64, NA
        where unknown), a column of int for each category in the order of the legend (the
        hidden ones left out), ``geometry`` (MultiPolygon, WGS 84). ``attrs`` tells the
        ``level``, and ``elsewhere``: by category, the merchants inside the parent that lie in
        none of the rows, so that none is lost.

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
    rows = areas.listed(tx, level=level, parent=parent)
    if parent:
        outer = tx.row("area", parent)["level"]
        if areas.LEVELS.index(outer) >= areas.LEVELS.index(level):
            raise Invalid("level_not_inside", level=level, parent=parent)
    names = [category.id for category in categories.listed(tx) if not category.hidden]
    prefix = areas.prefix(parent)
    digits = divisions.LENGTHS[level]
    table = dict.fromkeys(
        ((divisions.prefix(row["code"]), name) for row in rows for name in names), 0
    )
    elsewhere = dict.fromkeys(names, 0)
    for code, category, n in tx.by_area(prefix, digits):
        if (code, category) in table:
            table[code, category] += n
        elif category in elsewhere:
            elsewhere[category] += n
    data = {
        "code": [row["code"] for row in rows],
        "name": [row["name"] for row in rows],
        "level": [level] * len(rows),
        "residents": pd.array([row["residents"] for row in rows], dtype="Int64"),
    }
    for name in names:
        data[name] = [table[divisions.prefix(row["code"]), name] for row in rows]
    geometry = shapely.from_wkb([row["geom"] for row in rows])
    table_of_areas = gpd.GeoDataFrame(data, geometry=geometry, crs=4326)
    table_of_areas.attrs |= {"level": level, "elsewhere": elsewhere}
    return table_of_areas


def categories_of(table: gpd.GeoDataFrame) -> list[str]:
    """Return the columns of a table of :func:`counts` that are categories."""
    return [column for column in table.columns if column not in _NOT_CATEGORIES]


_NOT_CATEGORIES = frozenset({"code", "name", "level", "residents", "geometry"})


def _below(tx: Reader, parent: str) -> str:
    """Return the first level at which there is something to compare inside the parent."""
    prefix = areas.prefix(parent)
    inside = Counter(
        row["level"]
        for row in tx.rows("area")
        if row["code"].startswith(prefix) and row["code"] != parent
    )
    several = (level for level in areas.LEVELS if inside[level] > 1)
    any_at_all = (level for level in areas.LEVELS if inside[level])
    return next(several, None) or next(any_at_all, areas.LEVELS[-1])
