"""Areas (区划): the official division tree, its polygons, and which of them holds a point."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike
from shapely.geometry.base import BaseGeometry

from geodata import divisions
from geodata.errors import Invalid
from geodata.policy import Action, Actor, require
from geodata.store import Progress, Reader, Writer
from geodata.store.records import Values

LEVELS = tuple(divisions.LENGTHS)


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did: areas added, changed and unchanged, and places that changed area."""

    added: int
    changed: int
    unchanged: int
    moved: int
    repeats: tuple[int, ...] = ()


def listed(tx: Reader, *, level: str | None = None, parent: str = "") -> list[Values]:
    """Return areas by code; of one level, and inside one area, where these are given.

    Raises
    ------
    Invalid
        ``level_unknown``; ``area_code_invalid``.
    """
    if level is not None and level not in LEVELS:
        raise Invalid("level_unknown", level=level, known=list(LEVELS))
    inside = prefix(parent)
    rows = tx.rows("area") if level is None else tx.rows("area", level=level)
    return sorted(
        (r for r in rows if r["code"].startswith(inside)), key=lambda row: str(row["code"])
    )


def path(tx: Reader, code: str) -> list[Values]:
    """Return the areas from the outermost known one down to the code's own, as rows.

    An empty code, or one of an area that was never imported, has as much of a
    path as is known.
    """
    codes = around(code)
    found = {row["code"]: row for row in tx.rows("area", keys=codes)}
    return [found[code] for code in codes if code in found]


def around(code: str) -> list[str]:
    """Return an area's code behind those of the areas that hold it, the outermost first.

    Examples
    --------
    >>> around("210103006000")
    ['210000000000', '210100000000', '210103000000', '210103006000']
    """
    codes = []
    while code:
        codes.append(code)
        code = divisions.parent(code)
    return codes[::-1]


def names(tx: Reader, codes: Iterable[str]) -> dict[str, str]:
    """Return the names of areas and of all that hold them, by code, as far as they are known."""
    keys = sorted({part for code in codes for part in around(code)})
    rows = tx.rows("area", columns=("code", "name"), keys=keys) if keys else []
    return {row["code"]: row["name"] for row in rows}


def within(tx: Reader, scope: str, *, most: int) -> list[Values]:
    """Return areas inside a prefix of digits by code, without borders: code, name, level.

    Level by level from the outermost, as long as there are not more than ``most`` in all: a
    list to choose from, whatever the size of the city.
    """

    def make() -> list[Values]:
        found: list[Values] = []
        for level in LEVELS:
            rows = tx.rows("area", columns=("code", "name", "level"), level=level)
            rows = [row for row in rows if row["code"].startswith(scope) and row["name"]]
            if len(found) + len(rows) > most:
                break
            found += rows
        return sorted(found, key=lambda row: str(row["code"]))

    return tx.cached(f"areas within {scope}, {most}", make)


def middles(tx: Reader, *, level: str) -> gpd.GeoDataFrame:
    """Return a point inside each area of a level: name, level, geometry, WGS 84."""
    rows = [row for row in listed(tx, level=level) if row["name"]]
    points = shapely.point_on_surface(shapely.from_wkb([row["geom"] for row in rows]))
    told = {"name": [row["name"] for row in rows], "level": level}
    return gpd.GeoDataFrame(told, geometry=list(points), crs=4326)


def containing(tx: Reader, lon: ArrayLike, lat: ArrayLike) -> list[str]:
    """Return for each point (degrees, WGS 84) the code of the deepest area that holds it.

    "" where none does, and where a coordinate is NaN. A point on the border of
    two belongs to the one with the smaller code.
    """
    codes, depths, tree = _index(tx)
    x, y = np.atleast_1d(np.asarray(lon, float)), np.atleast_1d(np.asarray(lat, float))
    found = np.full(len(x), "", dtype=object)
    if codes:
        point, area = tree.query(shapely.points(x, y), predicate="intersects")
        # The last one written wins: the deepest, then the smallest code.
        names = np.array(codes, dtype=object)
        order = np.lexsort((-area, np.asarray(depths)[area], point))
        found[point[order]] = names[area[order]]
    return [str(code) for code in found]


def touched(tx: Reader, geometry: BaseGeometry) -> list[str]:
    """Return the codes of all areas that a geometry (WGS 84) touches, the smallest first."""
    codes, _, tree = _index(tx)
    return [codes[row] for row in sorted(tree.query(geometry, predicate="intersects").tolist())]


def _index(tx: Reader) -> tuple[list[str], list[int], shapely.STRtree]:
    def make() -> tuple[list[str], list[int], shapely.STRtree]:
        rows = sorted(tx.rows("area"), key=lambda row: str(row["code"]))
        codes = [row["code"] for row in rows]
        geometries = shapely.from_wkb([row["geom"] for row in rows])
        shapely.prepare(geometries)
        depths = [LEVELS.index(row["level"]) for row in rows]
        return codes, depths, shapely.STRtree(geometries)

    return tx.cached("areas", make)


def prefix(code: str) -> str:
    """Return the digits with which every code inside an area begins; "" is everywhere.

    Raises
    ------
    Invalid
        ``area_code_invalid``.
    """
    return divisions.prefix(divisions.normalise(code)) if code else ""


def merge(
    tx: Writer,
    frame: gpd.GeoDataFrame,
    *,
    actor: Actor,
    why: str = "",
    progress: Progress | None = None,
) -> Merged:
    """Add or change areas by code, then put every merchant and home into its area again.

    Parameters
    ----------
    frame
        WGS 84; ``code`` (as :func:`geodata.divisions.normalise` gives it), ``name``,
        ``residents`` (a number or NA) and MultiPolygon ``geometry``. A missing name or
        number leaves what is known.

    Raises
    ------
    Forbidden
        ``forbidden``: for administrators, in their scope.
    """
    for code in frame["code"]:
        require(actor, Action.AREA_EDIT, area=code)
    # A merchant that is added meanwhile would stay in its old area.
    tx.alone()
    known = {row["code"]: row for row in tx.rows("area", keys=list(frame["code"]))}
    fresh, edits = [], []
    for code, name, residents, geom in zip(
        frame["code"],
        frame["name"],
        frame["residents"],
        shapely.to_wkb(frame.geometry.to_numpy(), byte_order=1),
        strict=True,
    ):
        told = {"geom": geom}
        if name:
            told["name"] = name
        if not pd.isna(residents):
            told["residents"] = int(residents)
        if code in known:
            edits.append((known[code], told))
        else:
            blank = {"name": "", "residents": None, "level": divisions.level(code)}
            fresh.append(blank | {"code": code, "parent": divisions.parent(code)} | told)
    tx.insert("area", fresh, by=actor, why=why)
    changed = tx.update_many("area", edits, by=actor, why=why)
    moved = _settle(tx, actor) if fresh or changed else 0
    if progress:
        progress(len(frame), len(frame))
    return Merged(len(fresh), len(changed), len(edits) - len(changed), moved)


def _settle(tx: Writer, actor: Actor) -> int:
    moved = 0
    for table in ("merchant", "home"):
        positions = tx.positions(table)
        now = containing(tx, [p.lon for p in positions], [p.lat for p in positions])
        strayed = {p.id: code for p, code in zip(positions, now, strict=True) if p.area != code}
        for ids in _chunks(list(strayed)):
            rows = tx.rows(table, keys=ids)
            edits = [(row, {"area": strayed[row["id"]]}) for row in rows]
            moved += len(tx.update_many(table, edits, by=actor, action="area"))
            here = {key: strayed[key] for key in ids}
            if table == "merchant":
                _settle_proposals(tx, here)
            else:
                _settle_elders(tx, here)
    return moved


def _settle_proposals(tx: Writer, areas: dict[str, str]) -> None:
    for merchant in {row["merchant"] for row in tx.records("proposal", merchant=list(areas))}:
        tx.revise("proposal", {"area": areas[merchant]}, merchant=merchant)


def _settle_elders(tx: Writer, areas: dict[str, str]) -> None:
    for home in {row["home"] for row in tx.records("elder", home=list(areas), columns=("home",))}:
        tx.revise("elder", {"area": areas[home]}, home=home)


def _chunks(items: list[str], size: int = 5000) -> list[Sequence[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
