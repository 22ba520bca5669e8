"""The answer for the helpers that were chosen: once to be kept, and as it would be now."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

import orjson
import shapely
from pydantic import Field
from shapely.geometry import shape

from geodata import plans, scenarios
from geodata.emergency import Question
from geodata.errors import NotFound
from geodata.geometry import BBox
from geodata.modes import Mode
from geodata.plans import LONGEST, MOST_HELPERS, Chosen, Draft, Plan
from geodata.scenarios import MOST
from geodata.store import Reader
from webmap import incident, mapping
from webmap.answers import Body
from webmap.incident import Incident
from webmap.request import calendar, current_actor, now

_AROUND_M: Final = 300.0
"""Closures so far aside of everything else still matter: the way leads around them."""

Name = Annotated[str, Field(min_length=1, max_length=LONGEST["name"])]
Notes = Annotated[str, Field(max_length=LONGEST["notes"], description="Whoever sees it reads them")]


class ChosenTold(Body):
    """Who is to help, and how one gets there."""

    merchant: Annotated[str, Field(max_length=40, description="The id of a merchant")]
    mode: Mode


class PlanTold(Body):
    """A plan: the incident, and whom somebody chose of those who can help."""

    name: Name
    incident: Incident
    place: Annotated[
        str, Field(max_length=LONGEST["place"], description="Where it is, in words")
    ] = ""
    helpers: Annotated[
        tuple[ChosenTold, ...],
        Field(
            max_length=MOST_HELPERS, description="In the order in which they are shown, each once"
        ),
    ] = ()
    notes: Notes = ""
    checklist: Annotated[
        tuple[bool, ...],
        Field(
            max_length=MOST["checklist"],
            description="Which lines of the scenario's check list are ticked, from the first on",
        ),
    ] = ()

    @property
    def digest(self) -> str:
        """Tell one request from another."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def draft(self, tx: Reader) -> Draft:
        """Answer for those who were chosen, and return what is to be kept.

        Raises
        ------
        NotFound
            ``merchant_not_found``: one of them is not on the map; ``scenario_not_found``.
        """
        question = replace(self.incident.question(tx), around=True)
        chosen = list(dict.fromkeys(Chosen(one.merchant, one.mode) for one in self.helpers))
        kept, _ = answered(tx, question, chosen)
        here = {one["merchant"]["id"] for one in kept["helpers"]}
        if gone := [one.merchant for one in chosen if one.merchant not in here]:
            raise NotFound("merchant_not_found", key=gone[0])
        closures = near_by(kept.pop("closures"), kept)
        asked = self.incident.model_dump(mode="json", include={"modes", "departure", "without"})
        scenario = question.scenario
        return Draft(
            name=self.name,
            at=self.incident.at,
            place=self.place,
            incident=asked
            | {
                "scenario": scenario.id,
                "title": [scenario.name, scenario.name_en],
                "helpers": [{"merchant": key, "mode": str(mode)} for key, mode in chosen],
            },
            answer=kept,
            closures=closures,
            checklist=scenario.checklist,
            ticked=self.checklist,
            notes=self.notes,
        )


def answered(
    tx: Reader, question: Question, chosen: list[Chosen]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the answer for those who were chosen as plain JSON, and as nobody chose."""
    inuse = mapping.streets()
    found = plans.answer(tx, inuse, question, chosen, actor=current_actor(), calendar=calendar())
    name = inuse.name if inuse else ""
    told = [incident.document(tx, question, one, streets=name) for one in found]
    mine, others = orjson.loads(orjson.dumps(told))
    return mine, others


def again(tx: Reader, one: Plan) -> tuple[dict[str, Any], dict[str, Any]]:
    """Answer a plan's question as it would be answered now."""
    asked = one.incident
    question = Question(
        at=one.at,
        scenario=scenarios.get(tx, asked["scenario"]),
        departure=now(),
        modes=tuple(map(Mode, asked["modes"])),
        without=frozenset(asked["without"]),
    )
    chosen = [Chosen(told["merchant"], Mode(told["mode"])) for told in asked["helpers"]]
    mine, others = answered(tx, question, chosen)
    # Where the ways lead now may be elsewhere: what is compared is the same neighbourhood.
    mine["closures"] = near_by(mine["closures"], one.answer or {})
    return mine, others


def near_by(closures: list[dict[str, Any]], answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return those of the whole town's closures that lie where an answer plays."""
    shapes = [shape({"type": "Point", "coordinates": answer["at"]})]
    shapes += [shape(one["merchant"]["geometry"]) for one in answer["helpers"]]
    shapes += [shape(one["route"]["geometry"]) for one in answer["helpers"] if one["route"]]
    shapes += [shape(one["geometry"]) for one in answer["rings"]]
    west, south, east, north = shapely.total_bounds(shapes)
    far = BBox.around((west + east) / 2, (south + north) / 2, _AROUND_M)
    lon, lat = (far.east - far.west) / 2, (far.north - far.south) / 2
    box = shapely.box(west - lon, south - lat, east + lon, north + lat)
    return [one for one in closures if shape(one["geometry"]).intersects(box)]
