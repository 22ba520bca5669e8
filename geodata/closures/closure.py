"""A closure as it stands, and which of them are in force at a moment."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from geodata.policy import Action, Actor, can, require
from geodata.store import Reader
from geodata.store.records import Values
from geodata.walking import Level

SOON: Final = timedelta(days=7)
"""So long before it begins a closure is told of."""

_GRACE: Final = timedelta(hours=1)
"""What closed streets so shortly ago is kept at hand: questions are about then, too."""


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


def get(tx: Reader, closure_id: str, *, actor: Actor) -> Closure:
    """Return one closure, whatever became of it.

    Raises
    ------
    NotFound
        ``closure_not_found``.
    Forbidden
        ``forbidden``: residents see what is public.
    """
    found = closure(tx.row("closure", closure_id))
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
    return [one for one in known(tx, at, last) if one.starts <= last and at < one.over]


def moment(at: datetime, *, actor: Actor) -> datetime:
    """Return the moment of which somebody may ask :func:`listed`: of former ones staff alone."""
    if can(actor, Action.CLOSURE_READ, area=actor.scope):
        return at
    return max(at, datetime.now(UTC))


def listed(tx: Reader, at: datetime, *, actor: Actor) -> list[Closure]:
    """Return what closes streets at a moment or will within :data:`SOON`, the next to end first.

    Staff see the closures of all areas. Others see the public ones that are in force or to
    come: what was closed once is no business of theirs, see :func:`moment`.
    """
    every = can(actor, Action.CLOSURE_READ, area=actor.scope)
    at = moment(at, actor=actor)
    some = known(tx, at, at + SOON)
    found = [one for one in some if one.starts < at + SOON and at < one.over]
    return sorted((one for one in found if one.public or every), key=lambda one: one.over)


def stands_until(tx: Reader, at: datetime) -> datetime | None:
    """Return when what is :func:`listed` at a moment is not true any more, if nobody writes.

    None where time alone changes nothing.
    """
    told = (
        change
        for one in known(tx, at, datetime.max.replace(tzinfo=UTC))
        for change in (one.starts - SOON, one.starts, one.over)
    )
    return min((change for change in told if change > at), default=None)


def past(tx: Reader, at: datetime, *, actor: Actor, limit: int = 100) -> list[Closure]:
    """Return what closed streets once and does no more, the last first; for staff."""
    require(actor, Action.CLOSURE_READ, area=actor.scope)
    rows = tx.rows("closure")
    found = [one for one in map(closure, rows) if one.over <= at]
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


def known(tx: Reader, at: datetime, last: datetime) -> list[Closure]:
    """Return every closure that ends after a moment and begins by another; perhaps some more."""
    soonest = datetime.now(UTC) - _GRACE

    def read() -> tuple[datetime, list[Closure]]:
        rows = tx.rows("closure", later={"ends": text(soonest)})
        return soonest, [closure(row) for row in rows]

    # Parsing geometries is most of an answer where there are hundreds. What is kept is of
    # about now, whatever moment somebody asks for.
    since, found = tx.cached("closures", read, revision=tx.revision())
    if since <= at:
        return found
    rows = tx.rows("closure", later={"ends": text(at)}, earlier={"starts": text(last)})
    return [closure(row) for row in rows]


def closure(row: Values) -> Closure:
    """Return a row of the store as a closure."""
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


def text(at: datetime) -> str:
    """Return a moment as the store keeps it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _shape(wkb: bytes) -> BaseGeometry:
    found: BaseGeometry = shapely.from_wkb(wkb)
    return found
