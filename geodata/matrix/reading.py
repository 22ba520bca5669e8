"""The matrix in its five readings: areas × categories."""

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata import areas
from geodata.hours import CALENDAR, Calendar
from geodata.matrix import formulas, measuring
from geodata.matrix.asking import Asked, Reading
from geodata.matrix.counting import Rows, asked_rows, counted, sorted_in
from geodata.matrix.dividing import ALONE, Parts
from geodata.matrix.ground import Ground, Homes, Merchants, homes_of
from geodata.roads import Streets
from geodata.store import Reader

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]


def read(
    tx: Reader,
    streets: Streets | None,
    asked: Asked,
    reading: Reading = Reading.COUNT,
    *,
    calendar: Calendar = CALENDAR,
    parts: Parts = ALONE,
) -> gpd.GeoDataFrame:
    """Read the matrix: how well each area is served with each category.

    Parameters
    ----------
    streets
        None will do for ``count`` and ``per_1000``.
    reading
        ``count``: how many merchants residents see there.
        ``per_1000``: those for each 1,000 residents: the number that the area itself tells; where
        it tells none, the sum of its homes', if every one of them tells its own.
        ``median_min``: minutes on foot from home to the nearest, wherever that is, of the
        household in the middle, see :func:`~geodata.matrix.formulas.medians`: homes without a way
        are infinitely far, and the median is infinite where that is half of the households.
        ``share``: the share of the households whose nearest is within ``asked.minutes``, 0 to 1.
        ``2sfca``: merchants for each 1,000 residents who share them within ``asked.minutes``, the
        mean of the homes' by residents, see :mod:`~geodata.matrix.catchment`.
    calendar
        For what is open at the moment asked for.
    parts
        Where walks are measured: in this process, in several, or on a cluster; the figures are
        the same to the last digit.

    Returns
    -------
    GeoDataFrame
        One row an area, by code: ``code``, ``name``, ``level``, ``residents`` (Int64, NA where
        unknown), ``geometry`` (MultiPolygon, WGS 84), and a column of int (``count``) or float
        for each category; NaN where it cannot be told, as where nobody lives. All but ``count``
        have besides, Int64: ``n_homes``, ``n_households`` (the sum of what is known),
        ``n_off_network`` (homes without a street within 300 m, which are left out of the reading;
        NA in ``per_1000``, which looks at no streets) and ``n_unknown`` (homes that do not tell
        the households or residents by which they weigh, and weigh nothing).
        ``attrs`` tells the ``level``; ``elsewhere``, merchants in none of the rows; and but for
        ``count`` ``whole``, the same reading of all rows together, and ``homes_elsewhere``, how
        many homes inside the parent lie in none of the rows.

    Raises
    ------
    Unavailable
        ``streets_missing``: the reading needs streets that can be walked on here.
    NotFound
        ``area_not_found`` for the parent.
    Invalid
        ``level_unknown``; ``area_code_invalid``; ``level_not_inside``: the parent is no wider
        than the level.
    """
    rows = asked_rows(tx, level=asked.level, parent=asked.parent, wanted=asked.categories)
    if reading is Reading.COUNT:
        return _count(tx, asked, rows, calendar)
    if reading is Reading.PER_1000:
        return _per_1000(tx, asked, rows, calendar)
    ground = Ground.of(tx, streets, asked, rows.names, calendar, parts)
    homes, group = ground.homes, ground.homes.rows(rows)
    weight = homes.residents if reading is Reading.SCORE else homes.households
    # Homes off the network are told apart: of them nothing is known, not even that it is far.
    formula = _formula(ground, asked, np.where(ground.off_network, np.nan, weight), reading)
    values = [formula(n, group, len(rows.areas)) for n in range(len(rows.names))]
    together = np.where(group < 0, -1, 0)
    whole = [float(formula(n, together, 1)[0]) for n in range(len(rows.names))]
    off = _numbers(formulas.sums(group, ground.off_network.astype(np.float64), len(rows.areas)))
    columns = _of_homes(homes, group, weight, len(rows.areas)) | {"n_off_network": off}
    made = rows.table(columns | dict(zip(rows.names, values, strict=True)))
    found = ground.merchants.by_area(rows.names, asked.parent, rows.digits)
    made.attrs |= {
        "elsewhere": sorted_in(rows, found)[1],
        "homes_elsewhere": _elsewhere(homes, asked, group),
        "whole": dict(zip(rows.names, whole, strict=True)),
    }
    return made


def _formula(
    ground: Ground, asked: Asked, weight: Floats, reading: Reading
) -> Callable[[int, Ints, int], Floats]:
    """Return what tells the values of a category, by its number and a group for each home."""
    if reading is Reading.SCORE:
        scores = measuring.scores(ground, asked.minutes)
        return lambda n, group, groups: formulas.means(group, scores[n], weight, groups)
    minutes = measuring.minutes(ground)
    if reading is Reading.SHARE:
        return lambda n, group, groups: formulas.shares(
            group, minutes[n], weight, groups, asked.minutes
        )
    return lambda n, group, groups: formulas.medians(group, minutes[n], weight, groups)


def _count(tx: Reader, asked: Asked, rows: Rows, calendar: Calendar) -> gpd.GeoDataFrame:
    if asked.plain:
        return counted(rows, tx.by_area(areas.prefix(asked.parent), rows.digits))
    found = Merchants.of(tx, asked, rows.names, calendar)
    return counted(rows, found.by_area(rows.names, asked.parent, rows.digits))


def _per_1000(tx: Reader, asked: Asked, rows: Rows, calendar: Calendar) -> gpd.GeoDataFrame:
    homes = homes_of(tx)
    group, size = homes.rows(rows), len(rows.areas)
    made = _count(tx, asked, rows, calendar)
    columns = _of_homes(homes, group, homes.residents, size)
    summed = formulas.sums(group, homes.residents, size)
    summed[(columns["n_homes"] == 0) | (columns["n_unknown"] > 0)] = np.nan
    own = made["residents"].to_numpy(dtype=np.float64, na_value=np.nan)
    people = np.where(np.isnan(own), summed, own)
    whole = {}
    for name in rows.names:
        n = made[name].to_numpy(dtype=np.float64)
        made[name] = _each_1000(n, people)
        whole[name] = float(_each_1000(np.array([n.sum()]), np.array([people.sum()]))[0])
    for name, column in columns.items():
        made[name] = column
    made["n_off_network"] = pd.array([pd.NA] * size, dtype="Int64")
    made.attrs |= {"whole": whole, "homes_elsewhere": _elsewhere(homes, asked, group)}
    return made


def _each_1000(n: Floats, people: Floats) -> Floats:
    found = np.full(len(n), np.nan)
    np.divide(1000 * n, people, out=found, where=people > 0)
    return found


def _of_homes(homes: Homes, group: Ints, weight: Floats, size: int) -> dict[str, Any]:
    """Return the columns that tell of the homes themselves."""
    every = np.ones(len(homes))
    return {
        "n_homes": _numbers(formulas.sums(group, every, size)),
        "n_households": _numbers(formulas.sums(group, homes.households, size)),
        "n_unknown": _numbers(formulas.sums(group, np.isnan(weight).astype(np.float64), size)),
    }


def _numbers(values: Floats) -> Any:  # noqa: ANN401 - pandas has no word for its array of Int64
    return pd.array(values.astype(np.int64), dtype="Int64")


def _elsewhere(homes: Homes, asked: Asked, group: Ints) -> int:
    return int((homes.inside(asked.parent) & (group < 0)).sum())
