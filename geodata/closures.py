"""Closures (封控、路障): stretches and areas of road that cannot be gone through for a while.

One is in force from one moment to before another, unless it was lifted. Nothing is deleted:
what was changed, prolonged or lifted, when and by whom, stands in the history.
"""

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata import areas, ids, wording
from geodata.errors import Conflict, Invalid, NotFound
from geodata.geometry import metres_between
from geodata.modes import Mode
from geodata.policy import Action, Actor, can, require
from geodata.roads import Streets
from geodata.routing import Barred, Position, barred
from geodata.store import Reader, Writer
from geodata.store.records import Values
from geodata.walking import Level
from geodata.walking.frames import Frame

LONGEST_REASON: Final = 200
LONGEST_DAYS: Final = 400
LARGEST_KM2: Final = 25.0
LONGEST_KM: Final = 20.0
MOST_CORNERS: Final = 1_000
FARTHEST_KM: Final = 30.0
"""So far from everything on the map a drawing is a slip of the hand."""

SOON: Final = timedelta(days=7)
"""So long before it begins a closure is told of."""

_KINDS: Final = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}
)
_WHERE: Final = re.compile(r"\[(\S+) (\S+)\]")
_KM2, _KM = 1e6, 1e3
_GRACE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A closure as it stands.

    ``geometry`` is WGS 84: an area, a stretch or a point. Moments are aware, UTC; ``lifted`` is
    None while it is not lifted early. ``by`` is who drew it, ``area`` the code of the area in
    which its middle lies.
    """

    id: str
    geometry: BaseGeometry
    reason: str
    level: Level
    starts: datetime
    ends: datetime
    lifted: datetime | None
    public: bool
    by: str
    area: str
    version: int
    changed: str

    @property
    def over(self) -> datetime:
        """The moment from which on it closes nothing."""
        return min(self.ends, self.lifted) if self.lifted else self.ends

    def in_force(self, at: datetime) -> bool:
        """Tell whether it closes the streets at a moment (aware)."""
        return self.starts <= at < self.over


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A closure as it is asked for; ``starts`` None is this moment."""

    geometry: BaseGeometry
    reason: str
    ends: datetime
    starts: datetime | None = None
    level: Level = Level.GROUND
    public: bool = False


def draw(tx: Writer, drawing: Drawing, *, actor: Actor, idempotency_key: str = "") -> Closure:
    """Close streets, for everybody at once, and return the closure.

    The same drawing again under the same ``idempotency_key`` is the same closure: the first
    answer may have been lost.

    Raises
    ------
    Invalid
        ``closure_kind``, ``closure_empty``, ``closure_coordinates``, ``closure_corners``
        (``corners``, ``most``), ``closure_crosses_itself`` (``lon``, ``lat``: where),
        ``closure_too_large`` (``size``, ``most``, ``unit``), ``closure_far_off`` (``km``);
        ``closure_reason_missing``, ``words_too_long``; ``closure_times`` (it would end before
        it begins), ``closure_past``, ``closure_too_long`` (``days``); ``idempotency_key_length``.
    Forbidden
        ``forbidden``: for staff in whose scope its middle lies.
    Conflict
        ``idempotency_key_reused`` for another drawing; ``idempotency_key_busy``.
    """
    starts = drawing.starts or _minute()
    geometry, area = _placed(tx, drawing.geometry, actor)
    request = hashlib.sha256(repr((_wkb(geometry), *_told(drawing))).encode()).hexdigest()
    if known := idempotency_key and tx.recalled(actor.name, idempotency_key, request):
        return get(tx, known, actor=actor)
    _check_times(starts, drawing.ends)
    (closure_id,) = ids.fresh(1)
    row = {
        "id": closure_id,
        "geom": _wkb(geometry),
        "reason": _reason(drawing.reason),
        "level": str(drawing.level),
        "public": drawing.public,
        "starts": _text(starts),
        "ends": _text(drawing.ends),
        "lifted": "",
        "by": actor.name,
        "area": area,
    }
    tx.insert("closure", [row], by=actor)
    if idempotency_key:
        tx.remember(actor.name, idempotency_key, request, closure_id)
    return get(tx, closure_id, actor=actor)


def change(
    tx: Writer, closure_id: str, changes: Mapping[str, Any], *, version: int, actor: Actor
) -> Closure:
    """Change, prolong or shorten a closure, and return it.

    ``changes`` are fields of :class:`Drawing`. What was lifted or is over is drawn anew instead.

    Raises
    ------
    NotFound
        ``closure_not_found``.
    Conflict
        ``version_stale``; ``closure_over`` with ``by``, "" where it ended by itself.
    Invalid, Forbidden
        As :func:`draw`.
    """
    row = tx.row("closure", closure_id)
    require(actor, Action.CLOSURE_EDIT, area=row["area"])
    if version != row["version"]:
        raise Conflict("version_stale", key=closure_id, seen=version, current=row["version"])
    now = _closure(row)
    _still_on(tx, now)
    told: Values = {}
    if "geometry" in changes:
        geometry, area = _placed(tx, changes["geometry"], actor)
        told |= {"geom": _wkb(geometry), "area": area}
    if {"starts", "ends"} & changes.keys():
        starts, ends = (changes.get(name) or getattr(now, name) for name in ("starts", "ends"))
        _check_times(starts, ends)
        told |= {"starts": _text(starts), "ends": _text(ends)}
    if "reason" in changes:
        told["reason"] = _reason(changes["reason"])
    if "level" in changes:
        told["level"] = str(changes["level"])
    if "public" in changes:
        told["public"] = bool(changes["public"])
    return _closure(tx.update("closure", closure_id, told, version=version, by=actor))


def lift(tx: Writer, closure_id: str, *, actor: Actor, why: str = "") -> Closure:
    """Open the streets again before the closure ends by itself; its history stays.

    Raises
    ------
    NotFound
        ``closure_not_found``.
    Conflict
        ``closure_over`` with ``by``: who lifted it before, "" where it ended by itself.
    Forbidden
        ``forbidden``.
    """
    row = tx.row("closure", closure_id)
    require(actor, Action.CLOSURE_EDIT, area=row["area"])
    _still_on(tx, _closure(row))
    told = {"lifted": _text(datetime.now(UTC))}
    why = _words(why)
    how: dict[str, Any] = {"version": row["version"], "by": actor, "action": "lift", "why": why}
    return _closure(tx.update("closure", closure_id, told, **how))


def get(tx: Reader, closure_id: str, *, actor: Actor) -> Closure:
    """Return one closure, whatever became of it.

    Raises
    ------
    NotFound
        ``closure_not_found``.
    Forbidden
        ``forbidden``: residents see what is public.
    """
    found = _closure(tx.row("closure", closure_id))
    if not found.public:
        require(actor, Action.CLOSURE_READ, area=actor.scope)
    return found


def in_force(tx: Reader, at: datetime, until: datetime | None = None) -> list[Closure]:
    """Return what closes streets at a moment (aware), the first drawn first.

    For finding ways: whoever asks for one, all closures are obeyed. What may be shown to whom
    tells :func:`listed`. Whoever is under way ``until`` another moment obeys what closes
    streets at any time between the two, both included.
    """
    last = until or at
    return [one for one in _known(tx, at) if one.starts <= last and at < one.over]


def barring(streets: Streets, found: Sequence[Closure]) -> Barred:
    """Return closures as the routing of some streets takes them.

    What passes above or below a closure of the ground is not barred, where the streets tell of
    it. The owner of each area is its place among ``found``.
    """
    return _barred(tuple(streets.closing(one.geometry, one.level).shape for one in found))


@contextmanager
def explaining(
    streets: Streets, found: Sequence[Closure], start: Position, end: Position, mode: Mode
) -> Iterator[None]:
    """Let a search for a way that obeys closures tell which of them bar it, where it finds none.

    Raises
    ------
    NotFound
        ``inside_closure``: the street of ``which`` end ("from", "to") is closed by ``blamed``,
        ids of closures. ``no_route`` with ``mode``, ``blamed`` (every id of the following; none
        where closures are not to blame) and ``ways_out``: sets of closures of which lifting one
        set opens a way, each with ``lift`` (ids), ``duration_s`` and ``distance_m``; the best
        first.
    """
    try:
        yield
    except NotFound as error:
        if error.code != "no_route" or not found:
            raise
        closed = barring(streets, found)
        for which, place in (("from", start), ("to", end)):
            if shut := streets.router.shut_by(place, mode, closed):
                blamed = [found[row].id for row in sorted(shut)]
                raise NotFound("inside_closure", which=which, blamed=blamed) from error
        told = streets.router.blame(start, end, mode, closures=closed)
        out = [
            {
                "lift": [found[row].id for row in one.lift],
                "duration_s": round(one.duration_s, 1),
                "distance_m": round(one.distance_m, 1),
            }
            for one in told
        ]
        blamed = list(dict.fromkeys(found[row].id for one in told for row in one.lift))
        raise NotFound("no_route", mode=mode, blamed=blamed, ways_out=out) from error


@lru_cache(maxsize=32)
def _barred(shapes: tuple[BaseGeometry | None, ...]) -> Barred:
    # The same closures are in force for every question of some hours.
    rows = np.array([row for row, shape in enumerate(shapes) if shape], dtype=np.intp)
    some = barred([shape for shape in shapes if shape])
    return Barred(some.areas, rows[some.owner])


def listed(tx: Reader, at: datetime, *, actor: Actor) -> list[Closure]:
    """Return what closes streets at a moment or will within :data:`SOON`, the next to end first.

    Staff see the closures of all areas, others the public ones.
    """
    every = can(actor, Action.CLOSURE_READ, area=actor.scope)
    found = [one for one in _known(tx, at) if one.starts < at + SOON and at < one.over]
    return sorted((one for one in found if one.public or every), key=lambda one: one.over)


def past(tx: Reader, at: datetime, *, actor: Actor, limit: int = 100) -> list[Closure]:
    """Return what closed streets once and does no more, the last first; for staff."""
    require(actor, Action.CLOSURE_READ, area=actor.scope)
    rows = tx.rows("closure")
    found = [one for one in map(_closure, rows) if one.over <= at]
    return sorted(found, key=lambda one: one.over, reverse=True)[:limit]


def history(tx: Reader, closure_id: str, *, actor: Actor) -> list[Values]:
    """Return what happened to a closure, the newest first, for staff; see ``Reader.history``.

    Raises
    ------
    NotFound
        ``closure_not_found``.
    """
    require(actor, Action.CLOSURE_READ, area=actor.scope)
    tx.row("closure", closure_id)
    return tx.history("closure", closure_id)


def touched(tx: Reader, drawing: Drawing, *, actor: Actor, but: str = "") -> list[Closure]:
    """Return which closures a drawing would overlap in place and time, before it is made.

    ``but`` is the id of the closure that is being drawn anew, "" for none.

    Raises
    ------
    Invalid, Forbidden
        As :func:`draw` for the drawing's shape and place; reason and times are not looked at.
    """
    _placed(tx, drawing.geometry, actor)
    known = _known(tx, datetime.now(UTC))
    return overlapping([one for one in known if one.id != but], drawing)


def overlapping(found: Sequence[Closure], drawing: Drawing) -> list[Closure]:
    """Return those of some closures that a drawing overlaps in place and time."""
    starts = drawing.starts or _minute()
    return [
        one
        for one in found
        if one.starts < drawing.ends
        and starts < one.over
        and shapely.intersects(one.geometry, drawing.geometry)
    ]


def _known(tx: Reader, at: datetime) -> list[Closure]:
    """Return every closure that ends after a moment, and perhaps some more."""

    def read(since: datetime) -> tuple[datetime, list[Closure]]:
        return since, [_closure(row) for row in tx.rows("closure", later={"ends": _text(since)})]

    # Parsing geometries is most of an answer where there are hundreds.
    since, found = tx.cached("closures", lambda: read(at), revision=tx.revision())
    return found if since <= at else read(at)[1]


def _closure(row: Values) -> Closure:
    return Closure(
        id=row["id"],
        geometry=_shape(row["geom"]),
        reason=row["reason"],
        level=Level(row["level"]),
        starts=datetime.fromisoformat(row["starts"]),
        ends=datetime.fromisoformat(row["ends"]),
        lifted=datetime.fromisoformat(row["lifted"]) if row["lifted"] else None,
        public=bool(row["public"]),
        by=row["by"],
        area=row["area"],
        version=row["version"],
        changed=row["changed"],
    )


def _shape(wkb: bytes) -> BaseGeometry:
    found: BaseGeometry = shapely.from_wkb(wkb)
    return found


def _still_on(tx: Reader, one: Closure) -> None:
    if one.over > datetime.now(UTC):
        return
    by = ""
    if one.lifted:
        by = next((e["by"] for e in tx.history("closure", one.id) if e["action"] == "lift"), "")
    raise Conflict("closure_over", by=by, at=one.over.isoformat())


def _told(drawing: Drawing) -> tuple[object, ...]:
    when = (None if at is None else _text(at) for at in (drawing.starts, drawing.ends))
    return (drawing.reason, *when, str(drawing.level), drawing.public)


def _placed(tx: Reader, drawn: BaseGeometry, actor: Actor) -> tuple[BaseGeometry, str]:
    """Return a drawing that means something, and the code of the area it lies in."""
    geometry = _sound(drawn)
    area = _area_of(tx, geometry, actor)
    _near_by(tx, geometry, area)
    return geometry, area


def _sound(geometry: BaseGeometry) -> BaseGeometry:
    """Return a drawing that means something, flat."""
    if geometry.geom_type not in _KINDS:
        raise Invalid("closure_kind", kind=geometry.geom_type)
    flat = shapely.force_2d(geometry)
    at = shapely.get_coordinates(flat)
    if not len(at):
        raise Invalid("closure_empty")
    # Written so that NaN fails it.
    if not (np.abs(at) <= (180.0, 90.0)).all():
        raise Invalid("closure_coordinates")
    if len(at) > MOST_CORNERS:
        raise Invalid("closure_corners", corners=len(at), most=MOST_CORNERS)
    if not flat.is_valid:
        found = _WHERE.search(shapely.is_valid_reason(flat))
        lon, lat = (float(found[1]), float(found[2])) if found else at[0].tolist()
        raise Invalid("closure_crosses_itself", lon=lon, lat=lat)
    _check_size(flat)
    return flat


def _check_size(geometry: BaseGeometry) -> None:
    middle = geometry.envelope.centroid
    flat = shapely.transform(geometry, Frame(middle.x, middle.y).xy)
    km2, km = flat.area / _KM2, flat.length / _KM
    if geometry.geom_type.endswith("Polygon"):
        km /= 4  # of a square's outline, one side
    if km2 > LARGEST_KM2:
        raise Invalid("closure_too_large", size=round(km2, 1), most=LARGEST_KM2, unit="km²")
    # Parts that lie far apart are several closures, however small each of them is.
    west, south, east, north = flat.bounds
    km = max(km, math.hypot(east - west, north - south) / _KM)
    if km > LONGEST_KM:
        raise Invalid("closure_too_large", size=round(km, 1), most=LONGEST_KM, unit="km")


def _area_of(tx: Reader, geometry: BaseGeometry, actor: Actor) -> str:
    """Return the area in which a drawing's middle lies; each of its parts must be the actor's."""
    middles = [shapely.point_on_surface(one) for one in (geometry, *shapely.get_parts(geometry))]
    told = areas.containing(tx, [one.x for one in middles], [one.y for one in middles])
    for code in dict.fromkeys(told):
        require(actor, Action.CLOSURE_EDIT, area=code)
    return told[0]


def _near_by(tx: Reader, geometry: BaseGeometry, area: str) -> None:
    """Refuse what lies in no area and far from all that is on the map."""
    box = None if area else tx.extent()
    if box is None:
        return
    middle = shapely.point_on_surface(geometry)
    lon, lat = np.clip(middle.x, box.west, box.east), np.clip(middle.y, box.south, box.north)
    km = float(metres_between(middle.x, middle.y, lon, lat)) / _KM
    if km > FARTHEST_KM:
        raise Invalid("closure_far_off", km=round(km), most=FARTHEST_KM)


def _check_times(starts: datetime, ends: datetime) -> None:
    now = datetime.now(UTC)
    if ends <= starts:
        raise Invalid("closure_times")
    if ends <= now + _GRACE:
        raise Invalid("closure_past")
    if ends - max(starts, now) > timedelta(days=LONGEST_DAYS):
        raise Invalid("closure_too_long", days=LONGEST_DAYS)


def _reason(text: str) -> str:
    told = _words(text)
    if not told:
        raise Invalid("closure_reason_missing")
    return told


def _words(text: str) -> str:
    told = wording.typed(text)
    if len(told) > LONGEST_REASON:
        raise Invalid("words_too_long", longest=LONGEST_REASON)
    return told


def _minute() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _wkb(geometry: BaseGeometry) -> bytes:
    return bytes(shapely.to_wkb(geometry, byte_order=1))
