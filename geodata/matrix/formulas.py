"""The readings as formulas: arrays in, a number for each group out."""

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]


def medians(group: Ints, minutes: Floats, weight: Floats, groups: int) -> Floats:
    """Return the weighted median of each group's minutes.

    The least number of minutes that at least half of the weight does with: the inverse of the
    empirical distribution (type 1 of Hyndman & Fan, The American Statistician 50(4), 1996),
    which is always some household's own walk.

    Parameters
    ----------
    group
        Of each home, (n,): from 0 up to ``groups``; -1 belongs to none.
    minutes
        NaN where there is no way: that is longer than any walk.
    weight
        Households; NaN, where unknown, weighs nothing.

    Returns
    -------
    numpy.ndarray
        One for each group: NaN where it weighs nothing, infinite where half has no way.

    Examples
    --------
    >>> group, minutes = np.array([0, 0, 0, 1, 1]), np.array([9.0, 2, 4, 5, np.nan])
    >>> medians(group, minutes, np.array([1.0, 1, 1, 1, 3]), 3).tolist()
    [4.0, inf, nan]
    """
    kept = np.flatnonzero((group >= 0) & (weight > 0))
    far = np.where(np.isnan(minutes[kept]), np.inf, minutes[kept])
    order = np.argsort(far)
    # Few groups are sorted by their digits, which is many times quicker.
    few = np.int16 if groups <= np.iinfo(np.int16).max else np.int64
    order = order[np.argsort(group[kept[order]].astype(few), kind="stable")]
    kept, far = kept[order], far[order]
    whose, heavy = group[kept], weight[kept]
    total = np.bincount(whose, heavy, groups)
    before = np.concatenate(([0.0], np.cumsum(total)))[whose]
    reached = np.flatnonzero(np.cumsum(heavy) - before >= total[whose] / 2)
    found = np.full(groups, np.nan)
    told, first = np.unique(whose[reached], return_index=True)
    found[told] = far[reached[first]]
    return found


def shares(group: Ints, minutes: Floats, weight: Floats, groups: int, within_min: float) -> Floats:
    """Return which share of each group's weight walks no more than so many minutes.

    Parameters are those of :func:`medians`.

    Examples
    --------
    >>> group, minutes = np.array([0, 0, 0, 1]), np.array([4.0, 20, np.nan, 5])
    >>> shares(group, minutes, np.array([2.0, 1, 1, np.nan]), 2, 15).tolist()
    [0.5, nan]
    """
    return means(group, (minutes <= within_min).astype(np.float64), weight, groups)


def means(group: Ints, values: Floats, weight: Floats, groups: int) -> Floats:
    """Return the weighted mean of each group; NaN where it weighs nothing.

    Examples
    --------
    >>> means(np.array([0, 0, -1]), np.array([1.0, 4, 9]), np.array([2.0, 1, 1]), 1).tolist()
    [2.0]
    """
    kept = np.flatnonzero((group >= 0) & (weight > 0))
    whose, heavy = group[kept], weight[kept]
    summed = np.bincount(whose, heavy * values[kept], groups)
    total = np.bincount(whose, heavy, groups)
    found = np.full(groups, np.nan)
    np.divide(summed, total, out=found, where=total > 0)
    return found


def sums(group: Ints, values: Floats, groups: int) -> Floats:
    """Return the sum of each group; what is NaN counts nothing.

    Examples
    --------
    >>> sums(np.array([0, 1, 0, -1]), np.array([1.0, np.nan, 2, 7]), 2).tolist()
    [3.0, 0.0]
    """
    kept = np.flatnonzero((group >= 0) & ~np.isnan(values))
    return np.bincount(group[kept], values[kept], groups).astype(np.float64)
