"""The clauses of a sentence: going along, and what to do then."""

from typing import Final

from geodata.modes import Mode
from geodata.routing import Manoeuvre, Step
from webmap.directions import passages, phrases
from webmap.directions.pieces import Piece, is_passage
from webmap.directions.wording import LEAST_M, compass, distance, fitted, plain, street
from webmap.i18n import gettext

_NOTHING_M: Final = 2.0
"""One is there already."""


def turn(piece: Piece, mode: Mode, *, on: str, corner: str, aim: str) -> str:
    """Say what to do where a piece begins.

    ``on`` is the street one was on; it, the ``corner`` and the ``aim`` may be "".
    """
    after = piece.stretch
    clause = phrases.CLAUSES[after.manoeuvre][mode]
    place = fitted(aim) or gettext(phrases.DESTINATION)
    exit_number = _exit(after)
    if clause.counted and exit_number:
        alone = said = gettext(clause.counted, n=exit_number)
    else:
        said = gettext(clause.turn, place=place)
        alone = gettext(clause.alone) if clause.alone else said
    onto, sign = ("", "") if piece.only_passes(mode) else _signed(after)
    frame = clause.frame.chosen(street=onto, same=onto == on, landmark=corner, sign=sign)
    if not frame:
        return alone
    return gettext(
        frame, turn=said, street=fitted(onto), landmark=fitted(corner), sign=fitted(sign)
    )


def follows_at_once(piece: Piece, after: Step, mode: Mode) -> bool:
    """Tell whether a turn comes so soon that nothing is said of the stretch before it."""
    if piece.passage or piece.stretch.manoeuvre is Manoeuvre.ROUNDABOUT_ENTER:
        return False
    silent = piece.stretch.distance_m < LEAST_M and not is_passage(piece.stretch, mode)
    return silent and phrases.CLAUSES[after.manoeuvre][mode].frame.turns


def along(stretch: Step, mode: Mode, then: str) -> str:
    """Say how to get to the end of a stretch, before the clause of what is done there.

    The first stretch of a way is told with the compass.
    """
    ways = phrases.STRETCHES[mode]
    bearing = stretch.bearing_after if stretch.manoeuvre in phrases.STARTS else None
    heading = "" if bearing is None else compass(bearing)
    if stretch.manoeuvre is Manoeuvre.ROUNDABOUT_ENTER:
        return then
    if is_passage(stretch, mode):
        return gettext(phrases.PASSING_ONLY, passages=passages.told(stretch, mode), next=then)
    if stretch.distance_m < LEAST_M:
        said = ways.little if heading and stretch.distance_m >= _NOTHING_M else "{next}"
        return gettext(said, compass=heading, next=then)
    extent = distance(stretch.distance_m)
    name = street(stretch.names)
    if stretch.manoeuvre in phrases.CARRIED:
        said = phrases.CARRIED[stretch.manoeuvre]
    else:
        said = ways.chosen(first=bool(heading), named=bool(name))
        if met := passages.told(stretch, mode):
            extent = gettext(phrases.PASSING, distance=extent, passages=met)
    return gettext(said, street=fitted(name), compass=heading, distance=extent, next=then)


def _exit(step: Step) -> str:
    """Return the number of an exit, of a roundabout or of a motorway, "" where there is none."""
    signed = step.signs.exit_numbers if step.signs else ()
    return plain(str(step.roundabout_exit or "".join(signed[:1])))


def _signed(step: Step) -> tuple[str, str]:
    """Return the street onto which a step leads, and whereto the signs there point."""
    names = (*step.begin_names, *step.names)
    if not step.signs:
        return street(names), ""
    return street(names or step.signs.onto), street(step.signs.toward)
