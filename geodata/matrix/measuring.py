"""How long the walks from all homes to the nearest of each category take, and their scores."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata import walking
from geodata.hours import CALENDAR, Calendar
from geodata.matrix import catchment
from geodata.matrix.asking import Asked
from geodata.matrix.counting import shown
from geodata.matrix.ground import Ground
from geodata.roads import Streets
from geodata.store import Reader

type Floats = NDArray[np.float64]


def walks(
    tx: Reader, streets: Streets | None, asked: Asked, *, calendar: Calendar = CALENDAR
) -> gpd.GeoDataFrame:
    """Tell how far each home inside the parent is from the nearest of each category, on foot.

    It tells how many live in a building: whoever hands it on asks for ``HOME_READ`` first, as
    :func:`left_out` does.

    Returns
    -------
    GeoDataFrame
        One row a home, in the order in which they came in: id, name, lon, lat, area (code),
        households, residents, elders_alone (float, NaN where unknown), off_network (bool: no
        street within 300 m), a float column of minutes for each category (NaN where there is
        no way), geometry (Point, WGS 84). ``attrs`` tells the ``categories``.

    Raises
    ------
    Unavailable
        ``streets_missing``.
    Invalid
        ``area_code_invalid``; as :func:`geodata.closures.draw` for the shape of what is closed.
    """
    names = shown(tx, asked.categories)
    ground = Ground.of(tx, streets, asked, names, calendar)
    kept = np.flatnonzero(ground.homes.inside(asked.parent))
    made = described(tx, ground, kept)
    for n, name in enumerate(names):
        made[name] = minutes(ground, n)[kept]
    made.attrs |= {"categories": names}
    return made


def described(tx: Reader, ground: Ground, rows: NDArray[np.int64]) -> gpd.GeoDataFrame:
    """Return some homes as :func:`walks` tells them, without the minutes."""
    homes = ground.homes
    told = tx.columns("home", ("id", "name"))
    data = {
        "id": [told["id"][row] for row in rows.tolist()],
        "name": [told["name"][row] for row in rows.tolist()],
        "lon": homes.lon[rows],
        "lat": homes.lat[rows],
        "area": [homes.codes[n] for n in homes.area[rows].tolist()],
        "households": homes.households[rows],
        "residents": homes.residents[rows],
        "elders_alone": homes.elders_alone[rows],
        "off_network": ground.off_network[rows],
    }
    points = shapely.points(homes.lon[rows], homes.lat[rows])
    return gpd.GeoDataFrame(data, geometry=points, crs=4326)


def minutes(ground: Ground, number: int) -> Floats:
    """Return minutes on foot from every home to the nearest of a category, (n,); NaN: no way.

    One search from all merchants of the category at once, see :func:`geodata.walking.nearest`.
    """

    def made() -> Floats:
        targets = ground.merchants_joined.of(ground.merchants.of_category(number))
        found = walking.nearest(ground.graph, ground.joined, targets, closed=ground.closed)
        return found.minutes

    key = "walks", ground.homes.place, ground.shut, ground.where(number)
    return ground.kept.get(ground.graph, key, made)


def scores(ground: Ground, within_min: int) -> list[Floats]:
    """Return the 2SFCA score of every home, (n,), for each category.

    See :mod:`geodata.matrix.catchment`. The categories of which the scores are not kept
    yet are worked out together.
    """
    keys = [
        ("scores", ground.homes.people, ground.shut, ground.where(n), within_min)
        for n in range(len(ground.names))
    ]
    return ground.kept.get_all(
        ground.graph, keys, lambda missing: _scores(ground, missing, within_min)
    )


def _scores(ground: Ground, missing: list[int], within_min: int) -> list[Floats]:
    merchants, size = ground.merchants, len(ground.homes)
    place = np.full(len(ground.names), -1, dtype=np.int64)
    place[missing] = np.arange(len(missing))
    rows = np.flatnonzero(place[merchants.category] >= 0)
    near = walking.within(
        ground.graph,
        ground.joined,
        ground.merchants_joined.of(rows),
        within_min,
        closed=ground.closed,
    )
    ratio = catchment.ratios(near.origin, near.target, ground.homes.residents, len(rows))
    kind = place[merchants.category[rows]]
    told = catchment.scores(near.origin, ratio[near.target], kind[near.target], size, len(missing))
    return [column.copy() for column in told]
