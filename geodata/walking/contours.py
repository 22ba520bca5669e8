"""Draw the line around what is positive in a grid."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates
from shapely.geometry.base import BaseGeometry

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer[Any]]

_SIDES = np.array([[[0, 0], [0, 1]], [[0, 1], [1, 1]], [[1, 0], [1, 1]], [[0, 0], [1, 0]]])
"""The four sides of a square between grid points: their ends, (row, column)."""

_SADDLES = np.array([[0, 1, 2, 3], [0, 3, 1, 2]])
"""Which sides are joined, two and two, where all four are crossed."""


def contour(field: Floats, corner: Floats, cell: float, crumb: float) -> BaseGeometry:
    """Return the area where a field is above zero, between grid points in straight lines.

    Parameters
    ----------
    field
        Values at the middles of square cells, rows from the bottom up.
    corner, cell
        Where the outer corner of the first cell is, (x, y), and how wide cells are.
    crumb
        Holes smaller than this are filled, and parts smaller than this dropped.

    Returns
    -------
    shapely.Polygon or shapely.MultiPolygon
        Valid; empty where nothing is above zero.
    """
    padded = np.pad(field, 1, constant_values=-cell)
    lines = np.asarray(shapely.linestrings(_pieces(padded)), dtype=np.object_)
    faces = shapely.get_parts(shapely.polygonize(lines))
    if not len(faces):
        return shapely.Polygon()
    x, y = shapely.get_coordinates(shapely.point_on_surface(faces)).T
    above = map_coordinates(padded, (y, x), order=1) > 0
    area = shapely.area(faces) * cell**2
    kept = faces[above == (area >= crumb)]
    # The padding moved the grid by a cell, and values stand in the middle of theirs.
    return shapely.transform(shapely.union_all(kept), lambda points: corner + (points - 0.5) * cell)


def _pieces(field: Floats) -> Floats:
    """Return the straight pieces of the line, (n, 2, 2) as column and row."""
    above = field > 0
    corners = [above[:-1, :-1], above[:-1, 1:], above[1:, 1:], above[1:, :-1]]
    square = np.argwhere(np.any([corner != corners[0] for corner in corners[1:]], axis=0))
    ends = square[:, None, None, :] + _SIDES
    value = field[ends[..., 0], ends[..., 1]]
    crossed = (value[..., 0] > 0) != (value[..., 1] > 0)
    share = value[..., 0] / np.where(crossed, value[..., 0] - value[..., 1], 1.0)
    spot = ends[..., 0, :] + share[..., None] * (ends[..., 1, :] - ends[..., 0, :])
    plain, saddle = (np.flatnonzero(crossed.sum(axis=1) == count) for count in (2, 4))
    two = np.argsort(~crossed[plain], axis=1, kind="stable")[:, :2]
    falling = (value[saddle, 0, 0] > 0).astype(np.intp)
    pairs = np.concatenate(
        (
            spot[plain[:, None], two],
            spot[saddle[:, None], _SADDLES[falling]].reshape(-1, 2, 2),
        )
    )
    return np.asarray(pairs[..., ::-1], dtype=np.float64)
