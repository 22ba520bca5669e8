"""Closures as JSON, for every page that shows them, and what is drawn of one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
import shapely
from pydantic import BaseModel, Field
from shapely.geometry.base import BaseGeometry

from geodata import accounts, closures
from geodata.closures import Closure
from geodata.errors import Invalid
from geodata.policy import Action, can
from geodata.store import Reader
from geodata.store.records import Values
from geodata.walking import Level
from webmap.answers import Body
from webmap.request import current_actor

_KINDS = Literal["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]


class Geometry(Body):
    """A GeoJSON geometry, WGS 84: an area, a stretch of street or a point."""

    type: _KINDS
    coordinates: Annotated[list[Any], Field(description="As GeoJSON (RFC 7946) has them")]

    def shape(self) -> BaseGeometry:
        """Return it as a shape.

        Raises
        ------
        Invalid
            ``closure_shape``: not a geometry of its type.
        """
        told = {"type": self.type, "coordinates": self.coordinates}
        try:
            found = shapely.from_geojson(orjson.dumps(told), on_invalid="ignore")
        except TypeError as error:  # a whole number beyond 64 bits
            raise Invalid("closure_shape") from error
        if found is None:
            raise Invalid("closure_shape")
        return found


class ClosureDocument(BaseModel):
    """A closure. ``by`` is told to staff; ``state`` is how it stands at the moment asked for.

    ``liftable``: whether whoever asks may lift it, as staff of any area that it touches.
    """

    id: str
    geometry: dict[str, Any]
    reason: str
    starts: Annotated[datetime, Field(serialization_alias="from")]
    until: datetime
    lifted: datetime | None
    level: Level
    public: bool
    state: Literal["in_force", "coming", "over"]
    by: str
    area: str
    version: int
    liftable: bool


def documents(tx: Reader, found: Iterable[Closure], at: datetime) -> list[dict[str, Any]]:
    """Return closures as the API tells them, to whoever asks."""
    actor, every = current_actor(), list(found)
    staff = can(actor, Action.CLOSURE_READ, area=actor.scope)
    titles = accounts.titles(tx, {one.by for one in every}) if staff else {}
    mine = closures.liftable(tx, every, actor=actor)
    return [
        _document(one, at)
        | {"by": titles.get(one.by, one.by) if staff else "", "liftable": one.id in mine}
        for one in every
    ]


def _document(one: Closure, at: datetime) -> Values:
    return {
        "id": one.id,
        "geometry": orjson.loads(shapely.to_geojson(one.geometry)),
        "reason": one.reason,
        "from": one.starts,
        "until": one.ends,
        "lifted": one.lifted,
        "level": str(one.level),
        "public": one.public,
        "state": _state(one, at),
        "area": one.area,
        "version": one.version,
    }


def _state(one: Closure, at: datetime) -> str:
    if one.in_force(at):
        return "in_force"
    # What was lifted before it began is over, whenever it would have begun.
    return "coming" if at < min(one.starts, one.over) else "over"
