"""The way between one who helps and the incident, as near as one gets."""

from dataclasses import dataclass, field
from typing import Any

from geodata import closures
from geodata.approach import Entry, from_cordon, nearest_by_vehicle, to_cordon
from geodata.closures import Closure
from geodata.emergency.inside import holding
from geodata.emergency.question import Question
from geodata.errors import NotFound, Unavailable
from geodata.modes import Mode
from geodata.policy import Action, Actor, require
from geodata.roads import Streets
from geodata.routing import Closures, Position, Route
from geodata.store import PUBLIC, Reader


@dataclass(frozen=True, slots=True)
class Ways:
    """The way between a merchant and the incident, and others to choose from.

    ``entry`` parts the first where it enters or leaves the closures inside which the incident
    lies; None where it lies in none.
    """

    ways: tuple[Route, ...]
    entry: Entry | None = None
    inside: list[Closure] = field(default_factory=list)


def ways(
    tx: Reader, streets: Streets, question: Question, merchant_id: str, mode: Mode, *, actor: Actor
) -> Ways:
    """Return the way between a merchant and the incident, and up to two others.

    Raises
    ------
    NotFound
        ``merchant_not_found``; ``inside_closure`` (the merchant's own street is closed) and
        ``no_route`` as :func:`geodata.closures.explaining` tells; with ``by_vehicle`` (``at``,
        ``drive_s``, ``drive_m``, ``walk_s``, ``walk_m``) where one can drive a part of the way
        and walk from there.
    Forbidden
        ``forbidden``: for staff.
    Invalid, Unavailable
        As :meth:`geodata.routing.Router.routes` tells.
    """
    require(actor, Action.EMERGENCY_ASK, area=actor.scope)
    row = tx.row("merchant", merchant_id)
    if row["status"] not in PUBLIC:
        raise NotFound("merchant_not_found", key=merchant_id)
    found = closures.in_force(tx, question.departure)
    inside = holding(streets, found, question.at, mode)
    others = [one for one in found if one not in inside]
    start, end = question.ends((row["lon"], row["lat"]))
    obeyed = closures.barring(streets, others)
    try:
        with closures.explaining(streets, others, start, end, mode, actor=actor):
            told = streets.router.routes(start, end, mode, closures=obeyed)
    except NotFound as none:
        if none.code == "no_route" and mode is not Mode.FOOT:
            none.details |= _by_vehicle(streets, start, end, mode, obeyed)
        raise
    if not inside:
        return Ways(told)
    within = closures.barring(streets, inside)
    part = to_cordon if question.inbound else from_cordon
    entry = part(streets.router, start, end, mode, inside=within, others=obeyed)
    return Ways(told, entry, inside)


def _by_vehicle(
    streets: Streets, start: Position, end: Position, mode: Mode, obeyed: Closures
) -> dict[str, Any]:
    """Return how near one gets and how far it is from there; nothing where nobody gets there."""
    try:
        last = nearest_by_vehicle(streets, start, end, mode, closures=obeyed)
    except (NotFound, Unavailable):
        return {}
    told = {
        "at": list(last.at),
        "drive_s": last.drive.duration_s,
        "drive_m": last.drive.distance_m,
        "walk_s": last.walk.duration_s,
        "walk_m": last.walk.distance_m,
    }
    return {"by_vehicle": told}
