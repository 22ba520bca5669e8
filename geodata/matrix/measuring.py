"""How long the walks from all homes to the nearest of each category take, and their scores."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata import walking
from geodata.hours import CALENDAR, Calendar
from geodata.matrix import catchment
from geodata.matrix.asking import Asked
from geodata.matrix.counting import shown
from geodata.matrix.dividing import ALONE, Parts
from geodata.matrix.ground import Ground
from geodata.roads import Streets
from geodata.store import Reader

type Floats = NDArray[np.float64]
type Ints = NDArray[np.integer[Any]]
type Mask = NDArray[np.bool_]


def walks(
    tx: Reader,
    streets: Streets | None,
    asked: Asked,
    *,
    calendar: Calendar = CALENDAR,
    parts: Parts = ALONE,
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
    ground = Ground.of(tx, streets, asked, names, calendar, parts)
    kept = np.flatnonzero(ground.homes.inside(asked.parent))
    made = described(tx, ground, kept)
    for name, column in zip(names, minutes(ground), strict=True):
        made[name] = column[kept]
    made.attrs |= {"categories": names}
    return made


def described(tx: Reader, ground: Ground, rows: Ints) -> gpd.GeoDataFrame:
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


def minutes(ground: Ground) -> list[Floats]:
    """Return minutes on foot from every home to the nearest, (n,), by category; NaN: no way.

    One search from all merchants of a category at once, see :func:`geodata.walking.nearest`.
    """
    keys = [
        ("walks", ground.homes.place, ground.shut, ground.where(n))
        for n in range(len(ground.names))
    ]

    def made(missing: list[int]) -> Sequence[Floats]:
        shared = ground.graph, ground.joined, ground.closed
        merchants = [ground.merchants_joined.of(ground.merchants.of_category(n)) for n in missing]
        return ground.parts.each(_nearest, shared, merchants)

    return ground.kept.get_all(ground.graph, keys, made)


def scores(ground: Ground, within_min: int) -> list[Floats]:
    """Return the 2SFCA score of every home, (n,), by category.

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
    shared = ground.graph, ground.joined, ground.homes.residents, ground.closed, within_min
    tasks = [(some, ground.merchants_joined.of(some)) for some in _pieces(ground, rows)]
    found = ground.parts.each(_supply, shared, tasks)
    # Where there are no merchants there is nothing to put together.
    home, merchant = (
        np.concatenate([np.empty(0, np.int64), *(one[n] for one in found)]) for n in (0, 1)
    )
    ratio = np.concatenate([np.empty(0), *(one[2] for one in found)])
    if len(tasks) > 1:
        order = np.lexsort((merchant, home))
        home, merchant, ratio = home[order], merchant[order], ratio[order]
    kind = place[merchants.category[merchant]]
    told = catchment.scores(home, ratio, kind, size, len(missing))
    return [column.copy() for column in told]


def _pieces(ground: Ground, rows: Ints) -> list[Ints]:
    """Cut merchants into pieces of the city, as many as are worked on at the same time."""
    if ground.parts.many == 1:
        return [rows]
    west_first = rows[np.argsort(ground.merchants.lon[rows], kind="stable")]
    return [np.sort(some) for some in np.array_split(west_first, ground.parts.many) if len(some)]


def _nearest(shared: tuple[walking.Graph, walking.Joins, Mask], merchants: walking.Joins) -> Floats:
    graph, homes, closed = shared
    return walking.nearest(graph, homes, merchants, closed=closed).minutes


def _supply(
    shared: tuple[walking.Graph, walking.Joins, Floats, Mask, int],
    task: tuple[Ints, walking.Joins],
) -> tuple[Ints, Ints, Floats]:
    """Return the pairs of a piece, homes and merchants, with the ratio of the merchant of each."""
    graph, homes, residents, closed, within_min = shared
    rows, merchants = task
    near = walking.within(graph, homes, merchants, within_min, closed=closed)
    ratio = catchment.ratios(near.origin, near.target, residents, len(rows))
    return near.origin, rows[near.target], ratio[near.target]
