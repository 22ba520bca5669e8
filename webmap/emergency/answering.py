"""Who can help and which way over HTTP; nothing of the question is stored."""

from typing import Annotated

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


class WaysDocument(BaseModel):
    """The way between a merchant and the incident, and up to two others, each in words."""

    ways: list[RouteFeature]


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
        made = [ways.feature(tx, way, told.mode, end=end, streets=inuse.name) for way in found]
    return Written({"ways": made})
