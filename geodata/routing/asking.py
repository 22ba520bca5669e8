"""Ask the engine for ways, and understand when it refuses."""

from collections.abc import Sequence
from typing import Any, Final

from geodata.errors import Invalid, LinjuError, NotFound
from geodata.modes import Mode
from geodata.routing.closing import Barred
from geodata.routing.costing import COSTING
from geodata.routing.engine import Action, Engine, Refused
from geodata.routing.stops import Stop

NO_WAY: Final = (Refused.NO_WAY, Refused.UNCONNECTED, Refused.NO_STREET)
"""What is refused to stops whose streets the engine knows, when it finds no way."""


def route(engine: Engine, pair: Sequence[Stop], mode: Mode, barred: Barred, others: int = 0) -> Any:  # noqa: ANN401 - JSON
    """Ask for the way between two stops, and so many others beside it, fewer where there are none.

    The engine's own sentences are not wanted.
    """
    question: dict[str, object] = {
        "locations": [stop.question for stop in pair],
        "directions_type": "maneuvers",
    }
    if others:
        question["alternates"] = others
    return engine.ask(Action.ROUTE, question | barred.question | COSTING[mode])


def meant(refused: Refused, mode: Mode) -> LinjuError:
    """Say what a refusal means to whoever asked."""
    if refused.code in NO_WAY:
        return NotFound("no_route", mode=mode)
    if refused.code in (Refused.TOO_LONG, Refused.TOO_FINE):
        return Invalid("closures_too_large", reason=refused.words)
    return refused.in_plain
