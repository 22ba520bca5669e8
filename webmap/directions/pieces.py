"""Steps gathered into pieces, each worth one sentence: people tell less than engines do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from geodata.modes import Mode
from geodata.routing import Manoeuvre, PassKind, Step
from webmap.directions import passages
from webmap.directions.phrases import CLIMBED, STARTS, TURNING
from webmap.directions.wording import LEAST_M, street

_PASSAGE_M: Final = 50.0
"""A way without a name that passes something within so many metres is but that passage."""
_DOOR_M: Final = 5.0
"""Nobody counts the steps from the door, nor the turn that follows."""

_ONWARD: Final = {Manoeuvre.BECOMES, Manoeuvre.CONTINUE}
_ENTERS: Final = {
    Manoeuvre.STEPS_ENTER,
    Manoeuvre.ESCALATOR_ENTER,
    Manoeuvre.ELEVATOR_ENTER,
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch, and perhaps a passage straight after it.

    ``number`` is that of the step with which it begins.
    """

    number: int
    stretch: Step
    passage: Step | None = None

    @property
    def stretches(self) -> tuple[Step, ...]:
        """All that is gone along, in this order."""
        return (self.stretch, self.passage) if self.passage else (self.stretch,)

    @property
    def last(self) -> Step:
        """What is gone along last."""
        return self.stretches[-1]

    def only_passes(self, mode: Mode) -> bool:
        """Tell whether it leads over a crossing or the like and to no street of its own."""
        little = self.stretch.distance_m < LEAST_M and self.stretch.manoeuvre not in STARTS
        return is_passage(self.stretch, mode) or (self.passage is not None and little)

    def longer(self, step: Step) -> "Piece":
        """Return the piece with a step added to what is gone along last."""
        if self.passage:
            return replace(self, passage=_sum(self.passage, step))
        return replace(self, stretch=_sum(self.stretch, step))


def gathered(steps: Sequence[Step], mode: Mode) -> list[Piece]:
    """Gather steps that are told in one: straight on, over the crossing, up the steps."""
    found: list[Piece] = []
    for number, step in _with_footbridges(steps):
        joined = _joined(found[-1], step, mode) if found else None
        if joined:
            found[-1] = joined
        else:
            found.append(Piece(number, step))
    return found


def is_passage(stretch: Step, mode: Mode) -> bool:
    """Tell whether what is met on a stretch is all that need be said of it."""
    if not passages.met(stretch, mode):
        return False
    if stretch.manoeuvre in _ENTERS or stretch.distance_m < LEAST_M:
        return True
    is_short = stretch.distance_m < _PASSAGE_M and not street(stretch.names)
    return is_short and stretch.manoeuvre not in STARTS


def _joined(piece: Piece, step: Step, mode: Mode) -> Piece | None:
    """Return the piece with the step in it, None where the step needs words of its own."""
    stretch = piece.stretch
    behind = piece.passage is not None or is_passage(stretch, mode)
    onward = step.manoeuvre in _ONWARD
    unnamed = not street(step.names)
    if is_passage(step, mode) and (step.manoeuvre in _ENTERS or (onward and unnamed)):
        return piece.longer(step) if behind else replace(piece, passage=step)
    # A few metres straight on, as between two crossings, are not worth a word. What comes
    # behind a passage and is longer is another stretch.
    little = step.distance_m < LEAST_M and not step.passes
    same = street(step.names) == street(stretch.names)
    if onward and (little or (same and not behind)):
        return piece.longer(step)
    at_door = stretch.manoeuvre in STARTS and stretch.distance_m < _DOOR_M
    if at_door and not stretch.passes and not piece.passage and step.manoeuvre in TURNING:
        onto = replace(step, manoeuvre=stretch.manoeuvre)
        return replace(piece, stretch=_sum(onto, replace(stretch, end=step.end)))
    return None


def _with_footbridges(steps: Sequence[Step]) -> Iterator[tuple[int, Step]]:
    """Yield the steps with their numbers; stairs, what they lead to, and stairs are one."""
    number = 0
    while number < len(steps):
        step, between, other = (*steps[number : number + 3], None, None)[:3]
        if step and between and other and _is_climb(step, between, other):
            whole = _sum(_sum(step, between), other)
            yield number, replace(whole, names=())
            number += 3
        elif step:
            yield number, step
            number += 1


def _is_climb(step: Step, between: Step, other: Step) -> bool:
    ends = (step, other)
    stairs = all(
        one.manoeuvre is Manoeuvre.STEPS_ENTER
        and [met.kind for met in one.passes] == [PassKind.STEPS]
        for one in ends
    )
    return stairs and len(between.passes) == 1 and between.passes[0].kind in CLIMBED


def _sum(one: Step, other: Step) -> Step:
    return replace(
        one,
        distance_m=one.distance_m + other.distance_m,
        duration_s=one.duration_s + other.duration_s,
        end=other.end,
        passes=one.passes + other.passes,
    )
