"""Two-step floating catchments (两步移动搜寻法): how many share what is near."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer[Any]]

PER: Final = 1000.0
"""Scores are merchants for so many residents."""


def ratios(home: Ints, merchant: Ints, residents: Floats, merchants: int) -> Floats:
    r"""Return the supply ratio of each merchant: the first step.

    .. math:: R_j = 1 / \sum_{k: d_{kj} \le d_0} P_k

    Parameters
    ----------
    home, merchant
        The pairs that are within the limit of each other, (n,) each.
    residents
        Of each home; NaN, where unknown, counts nobody.
    merchants
        How many there are.

    Returns
    -------
    numpy.ndarray
        In merchants for each 1,000 residents, (merchants,); 0 where nobody lives near enough.

    Examples
    --------
    >>> ratios(np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([150.0, 50]), 3).tolist()
    [5.0, 20.0, 0.0]
    """
    people = np.bincount(merchant, np.nan_to_num(residents)[home], merchants)
    found = np.zeros(merchants)
    # People are whole numbers, so that the sum is the same in any order.
    np.divide(PER, people, out=found, where=people > 0)
    return found


def scores(home: Ints, ratio: Floats, kind: Ints, homes: int, kinds: int) -> Floats:
    r"""Return how well each home is served with each kind: the second step.

    .. math:: A_i = \sum_{j: d_{ij} \le d_0} R_j

    Two-step floating catchment area of Luo & Wang, Environment and Planning B 30(6), 2003,
    with a supply of one for each merchant.

    Parameters
    ----------
    home, ratio, kind
        Of each pair: the home, and ratio and kind of the merchant, (n,) each. What a home adds up
        it adds in the order of the pairs, so that these decide the last digit.

    Returns
    -------
    numpy.ndarray
        (kinds, homes). The mean over all homes by residents is the merchants in reach of
        anybody for each 1,000 residents: what one home gains another lacks.

    Examples
    --------
    >>> home, ratio = np.array([0, 1, 1]), np.array([5.0, 5, 20])
    >>> scores(home, ratio, np.array([0, 0, 0]), 2, 1).tolist()
    [[5.0, 25.0]]
    """
    return np.bincount(kind * homes + home, ratio, kinds * homes).reshape(kinds, homes)
