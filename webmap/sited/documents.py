"""Where the next merchants would help most, as JSON tells it and as a table."""

from dataclasses import asdict
from typing import Any

import geopandas as gpd
import numpy as np
from pydantic import BaseModel, Field

from geodata.siting import Answer, Figures
from webmap.i18n import gettext as _


class PlaceDocument(BaseModel):
    """A place, the first one first: each next helps most when those before it are open.

    ``near`` names the home in front of which it is; ``given`` is which of the points sent it is,
    from 0, or null. ``gained`` are people newly within the minutes, ``saved_min`` the minutes that
    the mean walk becomes shorter, ``served`` the people for whom it is the nearest.
    """

    rank: int
    at: tuple[float, float]
    near: str
    given: int | None
    gained: int
    saved_min: float
    served: int


class GainDocument(BaseModel):
    """A home for which a new place is the nearest. Null minutes: none within 30, or no way."""

    id: str
    name: str
    at: tuple[float, float]
    people: int
    before: float | None
    after: float
    rank: int


class FiguresDocument(BaseModel):
    """How well people are served; ``beyond`` have none within 30 minutes, and count as 30."""

    people: int
    near: int
    share: float
    mean_min: float
    beyond: int


class SitingDocument(BaseModel):
    """Where the next merchants would help most: the ``answer`` of such a job.

    ``gap``: by what share of its gain the best choice may exceed this one; 0 is proven.
    ``spacing_m``: one place was tried in each square so wide; null where points were sent.
    ``off_network`` homes and homes of ``unknown`` numbers count in no figure.
    """

    places: list[PlaceDocument]
    homes: list[GainDocument]
    before: FiguresDocument
    after: FiguresDocument
    gap: float = Field(ge=0)
    proven: bool
    places_tried: int
    spacing_m: float | None
    off_network: int
    unknown: int


def document(found: Answer) -> dict[str, Any]:
    """Return an answer as JSON; of the homes those for which something changes."""
    places = [
        {
            "rank": row.rank,
            "at": [round(row.lon, 7), round(row.lat, 7)],
            "near": row.near,
            "given": row.given if row.given >= 0 else None,
            "gained": round(row.gained),
            "saved_min": round(row.saved_min, 3),
            "served": round(row.served),
        }
        for row in found.places.itertuples()
    ]
    nearer = found.homes[found.homes["rank"] > 0]
    numbers = nearer[str(found.asked.weight)].astype("Float64").fillna(0)
    homes = [
        {
            "id": row.id,
            "name": row.name,
            "at": [round(row.lon, 7), round(row.lat, 7)],
            "people": int(people),
            "before": None if np.isnan(row.before) else round(row.before, 1),
            "after": round(row.after, 1),
            "rank": row.rank,
        }
        for row, people in zip(nearer.itertuples(index=False), numbers, strict=True)
    ]
    return {
        "places": places,
        "homes": homes,
        "before": _figures(found.before),
        "after": _figures(found.after),
        "gap": round(found.gap, 5),
        "proven": found.proven,
        "places_tried": found.places_tried,
        "spacing_m": found.spacing_m and round(found.spacing_m, 1),
        "off_network": found.off_network,
        "unknown": found.unknown,
    }


def _figures(told: Figures) -> dict[str, Any]:
    every = asdict(told)
    whole = {name: round(every[name]) for name in ("people", "near", "beyond")}
    return whole | {"share": round(every["share"], 5), "mean_min": round(every["mean_min"], 3)}


def table(answer: dict[str, Any]) -> gpd.GeoDataFrame:
    """Return the places of an answer as a table, WGS 84; columns as :class:`PlaceDocument`."""
    places = answer["places"]
    lon, lat = np.array([one["at"] for one in places], dtype=float).reshape(-1, 2).T
    names = ("rank", "near", "gained", "saved_min", "served")
    data = {name: [one[name] for one in places] for name in names}
    data["given"] = ["" if one["given"] is None else letter(one["given"]) for one in places]
    return gpd.GeoDataFrame(
        data | {"lon": lon, "lat": lat}, geometry=gpd.points_from_xy(lon, lat), crs=4326
    )


def titled(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the same with headings that people read."""
    names = {
        "rank": _("Order"),
        "near": _("In front of"),
        "given": _("Given place"),
        "gained": _("Newly near"),
        "saved_min": _("Mean walk shorter by, minutes"),
        "served": _("Nearest for"),
    }
    return places.rename(columns=names)


def letter(number: int) -> str:
    """Return the letters by which a place that was given goes: A to Z, then AA.

    Examples
    --------
    >>> letter(0), letter(25), letter(26), letter(199)
    ('A', 'Z', 'AA', 'GR')
    """
    before, last = divmod(number, 26)
    return (letter(before - 1) if before else "") + chr(ord("A") + last)
