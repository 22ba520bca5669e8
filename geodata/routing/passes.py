"""What a way passes over, under and through, step by step."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np

from geodata.errors import Unavailable
from geodata.modes import Mode
from geodata.routing.costing import COSTING
from geodata.routing.engine import Action, Engine, Refused
from geodata.routing.reading import Floats, along, coordinates, understood
from geodata.routing.ways import Pass, PassKind, Step

_USES: Final = {
    "pedestrian_crossing": PassKind.CROSSING,
    "steps": PassKind.STEPS,
    "escalator": PassKind.ESCALATOR,
    "elevator": PassKind.ELEVATOR,
    "ferry": PassKind.FERRY,
    "rail-ferry": PassKind.FERRY,
}
_NODES: Final = {
    "gate": PassKind.GATE,
    "bollard": PassKind.BOLLARD,
    "toll_booth": PassKind.TOLL_BOOTH,
    "elevator": PassKind.ELEVATOR,
}
_ASKED: Final = {
    "action": "include",
    "attributes": [
        "shape",
        "edge.names",
        "edge.use",
        "edge.bridge",
        "edge.tunnel",
        "edge.begin_shape_index",
        "edge.end_shape_index",
        "node.type",
    ],
}
_SAME: Final = 1e-6
"""Degrees: as near as the engine's decimals."""


class _Met(NamedTuple):
    """A pass, where it begins along the way, and how far it reaches into the step."""

    at: float
    onward: bool
    what: Pass


def with_passes(
    engine: Engine, steps: tuple[Step, ...], shape: str, mode: Mode
) -> tuple[Step, ...]:
    """Return the steps with what is met in each.

    The engine is asked to go the very line again and to tell of its edges. Where it cannot
    (one way in fifty: those that turn on the spot), nothing is told.
    """
    question: dict[str, object] = {
        "encoded_polyline": shape,
        "shape_match": "edge_walk",
        "filters": _ASKED,
    }
    try:
        answer = engine.ask(Action.TRACE, question | COSTING[mode])
        found = _met(answer)
    except (Refused, Unavailable):
        return steps
    points = along(coordinates(shape))
    begins = points[[step.begin for step in steps]]
    met: list[list[Pass]] = [[] for _ in steps]
    for one in found:
        met[_step_of(one, begins)].append(one.what)
    return tuple(replace(step, passes=tuple(some)) for step, some in zip(steps, met, strict=True))


def _step_of(one: _Met, begins: Floats) -> int:
    """Find the step: of the lines, only how far along is alike, as ends may be doubled."""
    at = one.at + _SAME if one.onward else one.at - _SAME
    return max(int(np.searchsorted(begins, at, side="right")) - 1, 0)


@understood()
def _met(answer: Any) -> list[_Met]:  # noqa: ANN401 - JSON
    """Tell what is met in order; neighbouring edges of a kind are one."""
    edges: list[dict[str, Any]] = answer["edges"]
    points = along(coordinates(answer["shape"]))
    found: list[_Met] = []
    going: dict[PassKind, int] = {}
    for number, edge in enumerate(edges):
        names = tuple(edge.get("names", ()))
        begin = float(points[edge["begin_shape_index"]])
        kinds = list(_kinds(edge))
        going = {kind: row for kind, row in going.items() if kind in kinds}
        for kind in kinds:
            if kind not in going:
                going[kind] = len(found)
                found.append(_Met(begin, onward=True, what=Pass(kind)))
            row = going[kind]
            found[row] = found[row]._replace(what=_named(found[row].what, names))
        node = _NODES.get(edge.get("end_node", {}).get("type", ""))
        # Nobody goes on through what stands at the last edge's far end.
        if node and number < len(edges) - 1:
            end = float(points[edge["end_shape_index"]])
            found.append(_Met(end, onward=False, what=Pass(node)))
    return found


def _kinds(edge: dict[str, Any]) -> Iterator[PassKind]:
    if edge.get("bridge"):
        yield PassKind.BRIDGE
    if edge.get("tunnel"):
        yield PassKind.TUNNEL
    use = _USES.get(edge.get("use", ""))
    if use:
        yield use


def _named(what: Pass, names: tuple[str, ...]) -> Pass:
    return replace(what, names=tuple(dict.fromkeys(what.names + names)))
