"""Closures inside which a place lies."""

from collections.abc import Sequence

import shapely

from geodata import closures
from geodata.closures import Closure
from geodata.modes import Mode
from geodata.roads import Streets
from geodata.routing import Position
from geodata.walking import closed_areas


def holding(
    streets: Streets | None, found: Sequence[Closure], place: Position, mode: Mode
) -> list[Closure]:
    """Return the closures inside which a place lies, or that close its street.

    Nobody gets there but through them. Without streets, those that lie around the place.
    """
    point = shapely.Point(place)
    rows = {
        row
        for row, one in enumerate(found)
        if any(area.intersects(point) for area in closed_areas(one.geometry))
    }
    if streets is not None and found:
        rows |= streets.router.shut_by(place, mode, closures.barring(streets, found))
    return [found[row] for row in sorted(rows)]
