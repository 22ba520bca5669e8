"""What stands at the corners of a way."""

from collections.abc import Iterable
from typing import Final

import numpy as np
import shapely

from geodata.geometry import BBox, metres_between
from geodata.routing import Route
from webmap.directions.phrases import TURNING
from webmap.directions.wording import plain

CORNER_M: Final = 30.0
"""A merchant so near to a corner is a landmark."""

_SAME_M: Final = 1.0
"""Who stands as far from the way's end as the way ends from its aim, is the aim."""


def landmarks(route: Route, merchants: Iterable[tuple[str, float, float]]) -> dict[int, str]:
    """Find what stands at the corners of a way.

    Parameters
    ----------
    merchants
        Name, longitude and latitude (WGS 84) of those beside the way; others do no harm.

    Returns
    -------
    dict
        The name of the nearest merchant within :data:`CORNER_M`, by the number of the step
        that turns there. Not the aim itself, and not one name at two corners running; of two
        as near, to 10 cm, the name that sorts first. Empty where nobody stands at a corner.

    Examples
    --------
    >>> from geodata.routing import Manoeuvre as M, Step
    >>> steps = (Step(M.START, end=1), Step(M.RIGHT, begin=1, end=2), Step(M.DESTINATION, begin=2))
    >>> line = shapely.LineString([(123.47, 41.775), (123.47, 41.776), (123.471, 41.776)])
    >>> way = Route(line, 150, 190, (0, 0), steps)
    >>> landmarks(way, [("泉富便民超市", 123.4701, 41.7761), ("老王修车", 123.4703, 41.7761)])
    {1: '泉富便民超市'}
    """
    told = [(name, lon, lat) for text, lon, lat in merchants if (name := plain(text))]
    turning = [n for n, step in enumerate(route.steps) if step.manoeuvre in TURNING]
    if not told or not turning:
        return {}
    points = shapely.get_coordinates(route.line)
    names, lons, lats = zip(*told, strict=True)
    places = np.array((lons, lats), dtype=np.float64)
    aims = np.abs(metres_between(*points[-1], *places) - route.snap_m[1]) < _SAME_M
    found: dict[int, str] = {}
    last = ""
    for number in turning:
        lon, lat = points[route.steps[number].begin]
        # Rough first: what is farther to the north or south need not be measured.
        box = BBox.around(lon, lat, CORNER_M)
        near = np.flatnonzero((box.south <= places[1]) & (places[1] <= box.north) & ~aims)
        away = metres_between(lon, lat, *places[:, near]).tolist()
        ranked = sorted(
            (round(metres, 1), names[row])
            for metres, row in zip(away, near.tolist(), strict=True)
            if metres <= CORNER_M and names[row] != last
        )
        last = ranked[0][1] if ranked else ""
        if last:
            found[number] = last
    return found
