"""Homes (楼栋): residential buildings and how many people live in them."""

import geopandas as gpd
import pandas as pd

from geodata import areas, merging
from geodata.geometry import BBox, metres_between
from geodata.merging import Kind, Merged
from geodata.policy import Action, Actor, require
from geodata.store import Progress, Reader, Writer
from geodata.store.records import Values

_LETTERS = 2
_NEAR_M = 150.0
_DEG_PER_M = 1 / 78_000  # of longitude at 45 degrees north: enough for all of China's cities
_NUMBERS = ("households", "residents", "elders_alone")


def frame(tx: Reader, *, actor: Actor, area: str = "") -> gpd.GeoDataFrame:
    """Return the homes inside an area-code prefix, WGS 84, for staff.

    Columns: id, name, address, lon, lat, area, households, residents,
    elders_alone, version, revision, created, changed, geometry (Point).

    Raises
    ------
    Forbidden
        ``forbidden``: numbers of people living alone are not public.
    """
    require(actor, Action.HOME_READ, area=area)
    return tx.frame("home", area=area)


def named(tx: Reader, text: str, *, actor: Actor, limit: int = 8) -> list[Values]:
    """Return homes whose name holds all the words of a text: id, name, lon, lat. For everybody.

    Where a building stands can be seen from the street; how many live in it is for staff,
    see :func:`frame`. Fewer than two letters find nothing.

    Raises
    ------
    Forbidden
        ``forbidden``: as long as everybody may, never.
    """
    require(actor, Action.HOME_FIND)
    words = text.split()
    if sum(map(len, words)) < _LETTERS:
        return []
    return tx.named("home", words, ("id", "name", "lon", "lat"), limit)


def nearest(tx: Reader, lon: float, lat: float, *, actor: Actor) -> tuple[str, float] | None:
    """Return the name of the nearest home within 150 m of a position, and its metres; or None.

    For saying a position in words; for everybody, as :func:`named`.
    """
    require(actor, Action.HOME_FIND)
    half = _NEAR_M * _DEG_PER_M
    box = BBox(lon - half, lat - half, lon + half, lat + half)
    rows = tx.rows("home", columns=("name", "lon", "lat"), box=box)
    told = [(float(metres_between(lon, lat, row["lon"], row["lat"])), row["name"]) for row in rows]
    near = [(metres, name) for metres, name in told if metres <= _NEAR_M and name]
    if not near:
        return None
    metres, name = min(near)
    return name, metres


def merge(
    tx: Writer,
    frame: gpd.GeoDataFrame,
    *,
    actor: Actor,
    why: str = "",
    progress: Progress | None = None,
) -> Merged:
    """Add homes or change those that are known, by id or by name and place.

    Parameters
    ----------
    frame
        WGS 84 Point ``geometry``; ``name``, ``address``, and the numbers ``households``,
        ``residents``, ``elders_alone`` (NA where unknown). An empty cell leaves what is known.

    Raises
    ------
    Forbidden
        ``forbidden``: for staff, in their scope.
    """
    return merging.merge(tx, frame, _kind(tx), actor=actor, why=why, progress=progress)


def _number(value: object) -> int | None:
    return None if pd.isna(value) else int(value)  # type: ignore[call-overload]  # a cell is of any type


def _kind(tx: Reader) -> Kind:
    def rows(batch: gpd.GeoDataFrame) -> list[Values]:
        lon, lat = batch.geometry.x.to_numpy(), batch.geometry.y.to_numpy()
        kept = [c for c in batch.columns if c in _FILE_COLUMNS]
        told = batch[kept].assign(lon=lon, lat=lat, area=areas.containing(tx, lon, lat))
        found: list[Values] = told.to_dict("records")
        for row in found:
            for name in _NUMBERS:
                row[name] = _number(row[name])
        return found

    def follow(tx: Writer, old: Values, told: Values) -> None:
        """Let those who live there be looked after by whoever looks after the building."""
        if told.get("area", old["area"]) != old["area"]:
            tx.revise("elder", {"area": told["area"]}, home=old["id"])

    return Kind(
        "home",
        ("name",),
        Action.HOME_EDIT,
        rows,
        complete=lambda row: row,
        derive=lambda _old, told: told,
        follow=follow,
    )


_FILE_COLUMNS = frozenset({"row", "id", "name", "address", *_NUMBERS})
