"""Who can help and which way over HTTP; nothing of the question is stored."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from geodata import emergency, scenarios
from geodata.modes import Mode
from webmap import limits, ways
from webmap.answers import Answer, Parameters, Written, api, write
from webmap.emergency.blueprint import bp
from webmap.incident import (
    AnswerDocument,
    Incident,
    ScenarioDocument,
    answered,
    scenario_document,
)
from webmap.request import current_actor, store, streets
from webmap.ways import RouteFeature


class WayAsked(Incident):
    """Between which merchant and the incident, and how."""

    merchant: Annotated[str, Field(max_length=40)]
    mode: Mode


class CordonDocument(BaseModel):
    """Where the first way enters or leaves the closures inside which the incident lies.

    ``closures`` are their ids; outside, up to ``at`` or from there on, the way obeys every
    closure, inside all but these. ``step`` is the step of the way in which ``at`` lies, counted
    from 0.
    """

    at: tuple[float, float]
    closures: list[str]
    step: int
    outside_s: float
    outside_m: float
    inside_s: float
    inside_m: float


class WaysDocument(BaseModel):
    """The way between a merchant and the incident, and up to two others, each in words."""

    ways: list[RouteFeature]
    cordon: CordonDocument | None


class ScenarioList(BaseModel):
    """What can happen, in the office's order."""

    scenarios: list[ScenarioDocument]


@api(bp, "/api/scenarios", answers=ScenarioList)
def listed(_asked: Parameters) -> Answer:
    """Return the scenarios to choose from, in the office's order."""
    with store().reading() as tx:
        return Answer({"scenarios": [scenario_document(one) for one in scenarios.listed(tx)]})


@write(
    bp,
    "POST",
    "/api/emergency/answer",
    answers=AnswerDocument,
    statuses={200: "The answer; nothing of it is stored"},
    limit=limits.LOOK,
    personal=True,
)
def answer(told: Incident) -> Written:
    """Tell who can help at a place, in which time and which way."""
    with store().reading() as tx:
        return Written(answered(tx, told.question(tx)))


@write(
    bp,
    "POST",
    "/api/emergency/ways",
    answers=WaysDocument,
    statuses={200: "The ways; nothing of the question is stored"},
    limit=limits.LOOK,
    personal=True,
)
def find_ways(told: WayAsked) -> Written:
    """Tell the way between a merchant and the incident, and others to choose from."""
    inuse = streets()
    with store().reading() as tx:
        question = told.question(tx)
        found = emergency.ways(tx, inuse, question, told.merchant, told.mode, actor=current_actor())
        row = tx.row("merchant", told.merchant)
        _, end = question.ends((row["lon"], row["lat"]))
        made = [ways.feature(tx, way, told.mode, end=end, streets=inuse.name) for way in found.ways]
    return Written({"ways": made, "cordon": _cordon(found)})


def _cordon(found: emergency.Ways) -> dict[str, Any] | None:
    if (entry := found.entry) is None:
        return None
    return {
        "at": entry.at,
        "closures": [one.id for one in found.inside],
        "step": entry.step,
        "outside_s": round(entry.outside.duration_s, 1),
        "outside_m": round(entry.outside.distance_m, 1),
        "inside_s": round(entry.inside.duration_s, 1),
        "inside_m": round(entry.inside.distance_m, 1),
    }
