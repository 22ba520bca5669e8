"""A town of two communities in a store: one long street, homes and shops along it."""

import numpy as np
import shapely

from geodata import areas, homes, merchants
from geodata.roads import Streets
from geodata.routing import Router
from geodata.store import Store
from geodata.walking import Graph
from tests.factories import ADMIN, areas_frame, homes_frame, merchants_frame
from tests.geodata.walking.town import at

WEST, EAST = "210103006012", "210103006013"
STREET = "210103006000"
LENGTH_M, STEP_M = 3_000, 75
"""One walks from a node of the street to the next in a minute."""


def streets(router: Router | None = None) -> Streets:
    """Return one street from west to east with a node at each minute, and a lane around it."""
    count = LENGTH_M // STEP_M + 1
    spots = at(*[(n * STEP_M, 0) for n in range(count)])
    lane = at(*[(n * STEP_M, 500) for n in range(count)])
    nodes = np.concatenate((spots, lane))
    ends = [(n, n + 1) for n in range(count - 1)]
    ends += [(count + a, count + b) for a, b in ends] + [(0, count), (count - 1, 2 * count - 1)]
    graph = Graph(
        lon=nodes[:, 0],
        lat=nodes[:, 1],
        ends=np.array(ends, dtype=np.int32),
        length_m=np.array([float(STEP_M)] * (len(ends) - 2) + [500.0] * 2),
        modes=np.full(len(ends), 7, dtype=np.uint8),
        shape=nodes[np.array(ends)].reshape(-1, 2),
        shape_start=np.arange(0, 2 * len(ends) + 1, 2),
    )
    return Streets(router, graph=graph)  # type: ignore[arg-type]  # nobody asks for a way here


def place(minutes: float) -> dict[str, float]:
    """Return where one is so many minutes east of the street's western end."""
    lon, lat = at((minutes * STEP_M, 0)).tolist()
    return {"lon": lon, "lat": lat}


def settle(store: Store) -> None:
    """Draw the areas: the western half of the street, the eastern, and the two together."""
    west, middle, east = (at((x, 0))[0] for x in (-400, LENGTH_M / 2, LENGTH_M + 400))
    halves = [(WEST, west, middle), (EAST, middle, east), (STREET, west, east)]
    shapes = [
        (code, code, shapely.MultiPolygon([shapely.box(a, 41.79, b, 41.82)]))
        for code, a, b in halves
    ]
    with store.writing() as tx:
        areas.merge(tx, areas_frame(*shapes), actor=ADMIN)


def house(store: Store, minutes: float, households: int | None, name: str = "", **told) -> None:
    """Put a building beside the street, or somewhere else; two live in each household."""
    residents = None if households is None else 2 * households
    row = {"row": 2, "name": name or f"{minutes}号楼", **place(minutes)}
    row |= {"households": households, "residents": residents} | told
    with store.writing() as tx:
        homes.merge(tx, homes_frame(row), actor=ADMIN)


def shop(store: Store, minutes: float, category: str = "clinic", **told) -> None:
    """Put a merchant beside the street."""
    row = {"name": f"{category} {minutes}", "category": category, **place(minutes)} | told
    with store.writing() as tx:
        merchants.merge(tx, merchants_frame(row), actor=ADMIN)
