"""Draw the line around what is positive in a grid."""

from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import label

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer[Any]]
type Mask = NDArray[np.bool_]

_CORNERS: Final = np.array([[0, 0], [0, 1], [1, 1], [1, 0]])
"""The corners of a square between grid points, (row, column), the way round that keeps it to
the left; a side has the number of the corner where it begins."""

_FIRST: Final = np.array([0, 1, 3, 0])
"""The end of each side that comes first in the grid."""

_ROUND_CORNERS: Final = np.ones((3, 3))
"""What is not above zero holds together over a corner too; what is, does not."""

_OFF: Final = 0.01
"""The line keeps off the grid points by such a share of a side, so that it never meets itself."""


def contour(
    field: Floats,
    corner: Floats,
    cell: float,
    crumb: float = 0.0,
    block: float = 0.0,
    spots: Floats | None = None,
) -> shapely.MultiPolygon:
    """Return the area where a field is above zero, between grid points in straight lines.

    Parameters
    ----------
    field
        Values at the middles of square cells, rows from the bottom up.
    corner, cell
        Where the outer corner of the first cell is, (x, y), and how wide cells are.
    crumb
        Holes smaller than this area are filled, and parts smaller than this dropped.
    block, spots
        Holes smaller than ``block`` are filled too, unless one of the spots, (n, 2), is there.

    Returns
    -------
    shapely.MultiPolygon
        Valid; empty where nothing is above zero. Areas of holes and parts are those of their
        cells.

    Examples
    --------
    >>> contour(np.array([[1.0, 1.0], [1.0, -1.0]]), np.array([0.0, 0.0]), 2.0).area
    10.0
    """
    # The padding moves the grid by a cell, and values stand in the middle of theirs.
    padded = np.pad(field, 1, constant_values=-1.0)
    inside = None if spots is None else np.floor((spots - corner) / cell).astype(np.intp) + 1
    tidy = _tidied(padded, crumb / cell**2, block / cell**2, inside)
    part, _ = label(tidy > 0)
    loops = _loops(tidy)
    if not len(loops.xy):
        return shapely.MultiPolygon()
    xy = corner + (loops.xy - 0.5) * cell
    lines = np.asarray(shapely.linearrings(xy, indices=loops.number), dtype=np.object_)
    of_part = part[tuple(loops.beside.T)]
    shells = shapely.is_ccw(lines)
    return shapely.MultiPolygon(
        [
            shapely.Polygon(line, list(lines[(of_part == one) & ~shells]))
            for one, line in zip(of_part[shells].tolist(), lines[shells], strict=True)
        ]
    )


def _tidied(field: Floats, crumb: float, block: float, spots: Ints | None) -> Floats:
    """Return the field without the parts and holes that are not to be drawn, sizes in cells."""
    above = field > 0
    part, _ = label(above)
    hole, _ = label(~above, _ROUND_CORNERS)
    crumbs = np.bincount(part.ravel()) < crumb
    size = np.bincount(hole.ravel())
    filled = size < block
    if spots is not None:
        column, row = spots[((spots >= 0) & (spots < field.shape[::-1])).all(axis=1)].T
        filled[hole[row, column]] = False
    filled |= size < crumb
    # Neither is what is above zero a hole, nor what lies around all of it.
    filled[[0, hole[0, 0]]] = crumbs[0] = False
    least = np.finfo(np.float64).tiny
    tidy = np.where(filled[hole], np.maximum(-field, least), field)
    return np.where(crumbs[part], -field, tidy)


class _Loops(NamedTuple):
    """Closed lines: points one after the other, (n, 2), the line of each, and a cell beside it."""

    xy: Floats
    number: Ints
    beside: Ints
    """Row and column of a grid point above zero, one a line, (m, 2)."""


def _loops(field: Floats) -> _Loops:
    """Go around all that is above zero, with it to the left; the grid's edge must be below."""
    above = field > 0
    mixed = above[:-1, :-1] != above[1:, 1:]
    mixed |= above[:-1, 1:] != above[1:, :-1]
    mixed |= above[:-1, :-1] != above[:-1, 1:]
    square = np.argwhere(mixed)
    points = square[:, None, :] + _CORNERS
    up = above[points[..., 0], points[..., 1]]
    # Each piece of line begins on a side that falls, and ends on the first, going back from
    # there, that rises. So two corners above zero are cut off each for itself.
    row, begin = np.nonzero(up & ~np.roll(up, -1, axis=1))
    once = up[row, begin - 1]
    twice = once & up[row, begin - 2]
    end = (begin - 1 - once - twice) % 4
    # A side is the same for the squares to either side of it.
    name = (points @ (field.shape[1], 1))[:, _FIRST] * 2 + (0, 1, 0, 1)
    from_side, to_side = name[row, begin], name[row, end]
    by_side = np.argsort(from_side)
    following = by_side[np.searchsorted(from_side, to_side, sorter=by_side)]
    order, number = _followed(following)
    high, low = points[row, begin], points[row, (begin + 1) % 4]
    value, other = field[tuple(high.T)], field[tuple(low.T)]
    share = np.clip(value / (value - other), _OFF, 1.0 - _OFF)
    xy = (high + share[:, None] * (low - high))[order, ::-1]
    firsts = np.flatnonzero(np.diff(number, prepend=-1))
    return _Loops(xy, number, high[order[firsts]])


def _followed(following: Ints) -> tuple[Ints, Ints]:
    """Order what is linked in circles: circle after circle, and the number of each one's circle."""
    left = following.tolist()
    order: list[int] = []
    sizes = []
    for first in range(len(left)):
        at, before = first, len(order)
        while left[at] >= 0:
            order.append(at)
            left[at], at = -1, left[at]
        if len(order) > before:
            sizes.append(len(order) - before)
    return np.array(order, dtype=np.intp), np.repeat(np.arange(len(sizes)), sizes)
