"""A plan as JSON: what the API, the pages and a link's holder are told of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel

from geodata import accounts
from geodata.modes import Mode
from geodata.plans import Plan, Status
from geodata.store import Reader
from webmap.i18n import either
from webmap.incident import AnswerDocument


class ItemDocument(BaseModel):
    """A line of the check list; ``at`` and ``by`` tell who ticked it, where somebody did."""

    text: str
    done: bool
    at: datetime | None
    by: str


class StepDocument(BaseModel):
    """A status that was set, and why, where it went back."""

    status: Status
    at: datetime
    by: str
    why: str


class ScenarioNamed(BaseModel):
    """What happened; its name is in the reader's language."""

    id: str
    name: str


class PlanSummary(BaseModel):
    """A plan in a list. ``done``: so many of the ``lines`` of its check list."""

    id: str
    name: str
    status: Status
    scenario: ScenarioNamed
    at: tuple[float, float]
    place: str
    area: str
    done: int
    lines: int
    version: int
    created: datetime
    changed: datetime


class PlanList(BaseModel):
    """The plans of the actor's area: under way, then open, then done, the last changed first."""

    plans: list[PlanSummary]


class ChosenDocument(BaseModel):
    """Who is to help, and how one gets there."""

    merchant: str
    mode: Mode


class Asked(BaseModel):
    """What was asked, for asking it again; ``departure`` null was at once."""

    modes: list[Mode]
    departure: AwareDatetime | None
    without: list[str]
    helpers: list[ChosenDocument]


class PlanState(PlanSummary):
    """What may change of a plan."""

    notes: str
    checklist: list[ItemDocument]
    steps: list[StepDocument]


class PlanDocument(PlanState):
    """A plan whole. ``answer`` is as it was shown, and never changes."""

    asked: Asked
    answer: AnswerDocument


def summaries(found: Iterable[Plan]) -> list[dict[str, Any]]:
    """Return plans as :class:`PlanSummary`."""
    return [_summary(one) for one in found]


def document(tx: Reader, one: Plan) -> dict[str, Any]:
    """Return a plan as :class:`PlanDocument`, those who did something by what they are called."""
    return state(tx, one) | {
        "asked": {name: one.incident[name] for name in Asked.model_fields},
        "answer": kept(one),
    }


def shared(tx: Reader, one: Plan) -> dict[str, Any]:
    """Return what a link's holder is told of a plan: what is to be done, and not who did it.

    Neither are the numbers of those who live near by, which are for staff, nor closures that
    residents do not see: ways lead around those, and that is all that is to be known of them.
    """
    answer = kept(one) | {"homes": None}
    shown = _public(tx, answer["closures"])
    answer["closures"] = [told | {"by": ""} for told in answer["closures"] if told["id"] in shown]
    answer["inside"] = [key for key in answer.get("inside", ()) if key in shown]
    checklist = [
        {"text": item.text, "done": item.done, "at": item.at or None} for item in one.checklist
    ]
    steps = [{"status": step.status, "at": step.at} for step in one.steps]
    told = _summary(one) | {"notes": one.notes, "checklist": checklist, "steps": steps}
    return told | {"answer": answer}


def _public(tx: Reader, closures: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the ids of closures that were public when they were kept, and have stayed so."""
    keys = [told["id"] for told in closures if told["public"]]
    rows = tx.rows("closure", columns=("id", "public"), keys=keys) if keys else []
    return {row["id"] for row in rows if row["public"]}


def kept(one: Plan) -> dict[str, Any]:
    """Return the answer of a plan as it was, as :class:`AnswerDocument`."""
    return {**(one.answer or {}), "closures": one.closures or []}


def state(tx: Reader, one: Plan) -> dict[str, Any]:
    """Return a plan as :class:`PlanState`."""
    titles = accounts.titles(tx, _people(one))
    return _summary(one) | {
        "notes": one.notes,
        "checklist": [
            {
                "text": item.text,
                "done": item.done,
                "at": item.at or None,
                "by": _called(item.by, titles),
            }
            for item in one.checklist
        ],
        "steps": [
            {
                "status": step.status,
                "at": step.at,
                "by": _called(step.by, titles),
                "why": step.why,
            }
            for step in one.steps
        ],
    }


def _summary(one: Plan) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "status": one.status,
        "scenario": {
            "id": one.incident["scenario"],
            "name": either(*one.incident["title"]),
        },
        "at": one.at,
        "place": one.place,
        "area": one.area,
        "done": sum(item.done for item in one.checklist),
        "lines": len(one.checklist),
        "version": one.version,
        "created": one.created,
        "changed": one.changed,
    }


def _people(one: Plan) -> set[str]:
    return {item.by for item in one.checklist if item.by} | {step.by for step in one.steps}


def _called(name: str, titles: Mapping[str, str]) -> str:
    return titles.get(name, name)
