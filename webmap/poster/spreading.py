"""Magnets that would lie over each other, moved apart as a cartographer does."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

type Floats = NDArray[np.float64]

_PASSES: Final = 420
_SETTLING: Final = 240
"""Passes at the end in which nothing is drawn home any more: what overlapped, parts."""
_HOMEWARD: Final = 0.04
_INSIDE: Final = 0.58
"""Magnets from a middle to the edge of the sheet."""
_ONE_SPOT: Final = 1e-6
_NOTHING: Final = np.empty((0, 2))
_TURN: Final = math.pi * (3 - math.sqrt(5))
"""Turns those at one spot into as many directions (the golden angle)."""


def spread(
    at: Floats,
    size: tuple[float, float],
    sheet: tuple[float, float],
    fixed: Floats = _NOTHING,
) -> Floats:
    """Return where magnets lie so that none covers another, as near to their places as it goes.

    Parameters
    ----------
    at
        Their places on the sheet, (n, 2).
    size
        What each takes, across and down, about its middle.
    sheet
        Width and height: a magnet lies on it whole, if but just.
    fixed
        Middles, (m, 2), of what is as large as a magnet and stays where it is.

    Returns
    -------
    NDArray
        (n, 2); the same for the same places in the same order. Where there are more than the
        sheet holds they still cover each other.
    """
    if not len(at):
        return at.copy()
    # In units of a magnet; at one spot each begins into a direction of its own.
    scale = np.array(size)
    home = np.concatenate((at, fixed)) / scale
    turn = np.arange(len(home), dtype=np.float64) * _TURN
    places = home + 1e-3 * np.column_stack((np.cos(turn), np.sin(turn)))
    places[len(at) :] = home[len(at) :]
    low = np.full(2, _INSIDE)
    high = np.maximum(np.array(sheet) / scale - _INSIDE, low)
    for step in range(_PASSES):
        pairs = cKDTree(places).query_pairs(1.0, output_type="ndarray")
        if step < _PASSES - _SETTLING:
            places += (home - places) * _HOMEWARD
        elif not len(pairs):
            break
        _push(places, pairs, turn + step)
        places = np.clip(places, low, high)
        places[len(at) :] = home[len(at) :]
    return np.asarray(places[: len(at)] * scale, dtype=np.float64)


def _push(places: Floats, pairs: NDArray[np.int64], turn: Floats) -> None:
    if not len(pairs):
        return
    away = places[pairs[:, 1]] - places[pairs[:, 0]]
    distance = np.hypot(away[:, 0], away[:, 1])
    lacking = (1.02 - distance) / 2 * 0.6
    # At the very same spot there is no direction to go: each takes its own.
    own = turn[pairs[distance < _ONE_SPOT, 0]]
    away[distance < _ONE_SPOT] = _ONE_SPOT * np.column_stack((np.cos(own), np.sin(own)))
    distance = np.maximum(distance, _ONE_SPOT)
    move = away / distance[:, None] * lacking[:, None]
    np.add.at(places, pairs[:, 0], -move)
    np.add.at(places, pairs[:, 1], move)
