"""Closing streets and opening them again: who may, what is checked, and what is remembered."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata import areas, ids, wording
from geodata.closures.closure import Closure, closure, get, known, text
from geodata.closures.shapes import MOST_IN_FORCE, check_near_by, shaped, weigh
from geodata.errors import Conflict, Invalid
from geodata.policy import Action, Actor, can, require
from geodata.store import Reader, Writer
from geodata.store.records import Values
from geodata.walking import Level

LONGEST_REASON: Final = 200
LONGEST_DAYS: Final = 400

_GRACE: Final = timedelta(minutes=1)


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
        it begins), ``closure_past``, ``closure_too_long`` (``days``);
        ``idempotency_key_length``; ``closures_full``
        (``corners``, ``most``, ``km``, ``most_km``): with all that is in force at one of its
        moments it is more than the routing bears.
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
    _check_weight(tx, geometry, starts, drawing.ends)
    (closure_id,) = ids.fresh(1)
    row = {
        "id": closure_id,
        "geom": _wkb(geometry),
        "reason": _reason(drawing.reason),
        "level": str(drawing.level),
        "public": drawing.public,
        "starts": text(starts),
        "ends": text(drawing.ends),
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
    now = closure(row)
    _still_on(tx, now)
    told: Values = {}
    if "geometry" in changes:
        geometry, area = _placed(tx, changes["geometry"], actor)
        told |= {"geom": _wkb(geometry), "area": area}
    if {"starts", "ends"} & changes.keys():
        starts, ends = (changes.get(name) or getattr(now, name) for name in ("starts", "ends"))
        _check_times(starts, ends)
        told |= {"starts": text(starts), "ends": text(ends)}
    if "reason" in changes:
        told["reason"] = _reason(changes["reason"])
    if "level" in changes:
        told["level"] = str(changes["level"])
    if "public" in changes:
        told["public"] = bool(changes["public"])
    if told.keys() & {"geom", "starts", "ends"}:
        then = closure(row | told)
        _check_weight(tx, then.geometry, then.starts, then.ends, but=closure_id)
    return closure(tx.update("closure", closure_id, told, version=version, by=actor))


def lift(tx: Writer, closure_id: str, *, actor: Actor, why: str = "") -> Closure:
    """Open the streets again before the closure ends by itself; its history stays.

    Whoever looks after any area that it touches may: one's own streets are not left closed by a
    neighbour who cannot be reached. The history tells who it was.

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
    one = closure(row)
    if not _may_lift(tx, one.area, one.geometry, actor):
        require(actor, Action.CLOSURE_EDIT, area=one.area)
    _still_on(tx, one)
    told = {"lifted": text(datetime.now(UTC))}
    why = _words(why)
    how: dict[str, Any] = {"version": row["version"], "by": actor, "action": "lift", "why": why}
    return closure(tx.update("closure", closure_id, told, **how))


def liftable(tx: Reader, found: Iterable[Closure], *, actor: Actor) -> set[str]:
    """Return the ids of those of some closures that somebody may lift."""
    return {one.id for one in found if _may_lift(tx, one.area, one.geometry, actor)}


def touched(tx: Reader, drawing: Drawing, *, actor: Actor, but: str = "") -> list[Closure]:
    """Return which closures a drawing would overlap in place and time, before it is made.

    ``but`` is the id of the closure that is being drawn anew, "" for none.

    Raises
    ------
    Invalid, Forbidden
        As :func:`draw` for the drawing's shape and place, and for all that would be in force
        with it; reason and times are not looked at.
    """
    geometry, _ = _placed(tx, drawing.geometry, actor)
    starts = drawing.starts or _minute()
    _check_weight(tx, geometry, starts, drawing.ends, but=but)
    some = known(tx, starts, drawing.ends)
    return overlapping([one for one in some if one.id != but], drawing)


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


def _may_lift(tx: Reader, area: str, geometry: BaseGeometry, actor: Actor) -> bool:
    """Tell whether a closure closes a street that somebody looks after."""
    if can(actor, Action.CLOSURE_EDIT, area=area):
        return True
    if not can(actor, Action.CLOSURE_EDIT, area=actor.scope):
        return False
    told = areas.touched(tx, geometry)
    return any(can(actor, Action.CLOSURE_EDIT, area=code) for code in told)


def _still_on(tx: Reader, one: Closure) -> None:
    if one.over > datetime.now(UTC):
        return
    by = ""
    if one.lifted:
        by = next((e["by"] for e in tx.history("closure", one.id) if e["action"] == "lift"), "")
    raise Conflict("closure_over", by=by, at=one.over.isoformat())


def _told(drawing: Drawing) -> tuple[object, ...]:
    when = (None if at is None else text(at) for at in (drawing.starts, drawing.ends))
    return (drawing.reason, *when, str(drawing.level), drawing.public)


def _placed(tx: Reader, drawn: BaseGeometry, actor: Actor) -> tuple[BaseGeometry, str]:
    """Return a drawing that means something, and the code of the area in which its middle lies.

    Each of its parts must be the actor's. That it lies at the other end of the world is told
    first: whoever slipped is helped more by that.
    """
    require(actor, Action.CLOSURE_EDIT, area=actor.scope)
    geometry = shaped(drawn)
    middles = [shapely.point_on_surface(one) for one in (geometry, *shapely.get_parts(geometry))]
    told = areas.containing(tx, [one.x for one in middles], [one.y for one in middles])
    _check_near_by(tx, geometry, told[0])
    for code in dict.fromkeys(told):
        require(actor, Action.CLOSURE_EDIT, area=code)
    return geometry, told[0]


def _check_near_by(tx: Reader, geometry: BaseGeometry, area: str) -> None:
    """Refuse what lies in no area and far from all that is on the map."""
    box = None if area else tx.extent()
    if box is not None:
        check_near_by(geometry, box)


def _check_times(starts: datetime, ends: datetime) -> None:
    now = datetime.now(UTC)
    if ends <= starts:
        raise Invalid("closure_times")
    if ends <= now + _GRACE:
        raise Invalid("closure_past")
    if ends - max(starts, now) > timedelta(days=LONGEST_DAYS):
        raise Invalid("closure_too_long", days=LONGEST_DAYS)


def _check_weight(
    tx: Reader, geometry: BaseGeometry, starts: datetime, ends: datetime, but: str = ""
) -> None:
    """Refuse what would be too much for the routing, with all else that is in force then."""
    starts = max(starts, datetime.now(UTC))
    others = [
        one
        for one in known(tx, starts, ends)
        if one.id != but and one.starts < ends and starts < one.over
    ]
    weights = np.array(weigh([geometry, *(one.geometry for one in others)]))
    begins = np.array([starts, *(max(one.starts, starts) for one in others)])
    over = np.array([ends, *(one.over for one in others)])
    # The most is in force when one begins.
    for begin in np.unique(begins):
        corners, km = weights[(begins <= begin) & (begin < over)].sum(axis=0).tolist()
        if corners > MOST_IN_FORCE.corners or km > MOST_IN_FORCE.km:
            most = MOST_IN_FORCE
            told = {"corners": round(corners), "km": round(km)}
            raise Invalid("closures_full", **told, most=most.corners, most_km=round(most.km))


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


def _wkb(geometry: BaseGeometry) -> bytes:
    return bytes(shapely.to_wkb(geometry, byte_order=1))
