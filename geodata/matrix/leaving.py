"""Who is left out: homes from which the nearest of a category is too far."""

import geopandas as gpd
import numpy as np

from geodata import areas
from geodata.errors import NotFound
from geodata.hours import CALENDAR, Calendar
from geodata.matrix.asking import Asked
from geodata.matrix.counting import shown
from geodata.matrix.dividing import ALONE, Parts
from geodata.matrix.ground import Ground
from geodata.matrix.measuring import described, minutes
from geodata.policy import Action, Actor, require
from geodata.roads import Streets
from geodata.store import Reader


def left_out(
    tx: Reader,
    streets: Streets | None,
    asked: Asked,
    category: str,
    within_min: float,
    *,
    actor: Actor,
    calendar: Calendar = CALENDAR,
    parts: Parts = ALONE,
) -> gpd.GeoDataFrame:
    """Return the homes inside the parent with no merchant of a category near enough, for staff.

    Parameters
    ----------
    asked
        What counts and what is closed; ``level``, ``minutes`` and ``categories`` do not matter.
    within_min
        So many minutes on foot are near enough; below 0 no walk is, and all homes are told.

    Returns
    -------
    GeoDataFrame
        One row a home with the columns of :func:`walks`, but one of ``minutes`` for those of the
        categories: NaN where there is no way. The worst first: by elders living alone, then by
        households, then by how far it is; homes off the network, of which nothing is known,
        come last. ``attrs`` tells of the same, and ``of`` all homes inside the parent, how many
        ``homes``, ``households``, ``elders_alone`` there are, as far as numbers are known, and
        how many homes are ``off_network``, which the other numbers leave out.

    Raises
    ------
    Forbidden
        ``forbidden``: how many live in a building is for staff of the area.
    NotFound
        ``category_not_found``, also where residents do not see it.
    Unavailable
        ``streets_missing``.
    Invalid
        ``area_code_invalid``; as :func:`geodata.closures.draw` for the shape of what is closed.
    """
    require(actor, Action.HOME_READ, area=areas.prefix(asked.parent))
    if category not in shown(tx):
        raise NotFound("category_not_found", key=category)
    ground = Ground.of(tx, streets, asked, [category], calendar, parts)
    far, homes, off = minutes(ground)[0], ground.homes, ground.off_network
    inside = homes.inside(asked.parent)
    rows = np.flatnonzero(inside & ~(far <= within_min))
    longest = np.where(np.isnan(far[rows]), np.inf, far[rows])
    elders, households = (
        np.nan_to_num(told[rows]) for told in (homes.elders_alone, homes.households)
    )
    rows = rows[np.lexsort((-longest, -households, -elders, off[rows]))]
    made = described(tx, ground, rows)
    made.insert(made.columns.get_loc("geometry"), "minutes", far[rows])
    made.attrs |= _sums(ground, rows) | {"of": _sums(ground, np.flatnonzero(inside))}
    return made


def _sums(ground: Ground, rows: np.ndarray) -> dict[str, int]:
    homes, on = ground.homes, rows[~ground.off_network[rows]]
    return {
        "homes": len(on),
        "households": int(np.nansum(homes.households[on])),
        "elders_alone": int(np.nansum(homes.elders_alone[on])),
        "off_network": len(rows) - len(on),
    }
