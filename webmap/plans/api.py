"""What programs and pages ask and write of plans."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from geodata import plans
from geodata.plans import LONGEST, Changes, Status
from webmap import limits
from webmap.answers import Answer, Body, Parameters, Written, api, without_defaults, write
from webmap.incident import AnswerDocument
from webmap.plans.asking import Name, Notes, PlanTold, again
from webmap.plans.blueprint import bp
from webmap.plans.differing import Difference, differences
from webmap.plans.documents import (
    PlanDocument,
    PlanList,
    PlanState,
    document,
    kept,
    state,
    summaries,
)
from webmap.request import current_actor, store


class Tick(Body):
    """A line of the check list, by its place from 0, and whether it is done."""

    item: Annotated[int, Field(ge=0, le=99)]
    done: bool


class PlanChanges(Body):
    """What is to be different; what is not told stays.

    Of the check list those lines are told that are to be different. The status goes one step
    at a time, back with a reason.
    """

    model_config = ConfigDict(json_schema_extra=without_defaults)

    name: Name = ""
    notes: Notes = ""
    status: Status = Status.OPEN
    why: Annotated[str, Field(max_length=LONGEST["why"], description="Of a step back")] = ""
    checklist: Annotated[tuple[Tick, ...], Field(max_length=100)] = ()

    def changes(self) -> Changes:
        """Return what is told, as geodata has it."""
        told = {name: getattr(self, name) for name in self.model_fields_set - {"checklist"}}
        return Changes(**told, ticks={tick.item: tick.done for tick in self.checklist})


class NowDocument(BaseModel):
    """A plan's question as it would be answered now, and what is different, in words."""

    answer: AnswerDocument
    differences: list[Difference]


@write(
    bp,
    "POST",
    "/api/plans",
    answers=PlanDocument,
    statuses={201: "It is kept; the same again under its key is the same plan"},
    limit=limits.AMEND,
    personal=True,
)
def create(told: PlanTold, key: str) -> Written:
    """Keep a plan with those who were chosen to help, each with its way."""
    actor = current_actor()
    # No way is looked for while the store is held for writing.
    with store().reading() as tx:
        known = plans.saved_before(tx, actor=actor, key=key, request=told.digest)
        if known:
            return _written(document(tx, known), known)
        draft = told.draft(tx)
    with store().writing() as tx:
        one = plans.save(tx, draft, actor=actor, key=key, request=told.digest)
        return _written(document(tx, one), one)


def _written(made: dict[str, Any], one: plans.Plan) -> Written:
    return Written(made, version=one.version, location=f"/api/plans/{one.id}")


@api(bp, "/api/plans", answers=PlanList, private=True)
def listed(_asked: Parameters) -> Answer:
    """Return the plans of one's own area, those that are not done first."""
    with store().reading() as tx:
        return Answer({"plans": summaries(plans.listed(tx, actor=current_actor()))})


@api(bp, "/api/plans/<plan_id>", answers=PlanDocument, private=True)
def whole(_asked: Parameters, plan_id: str) -> Answer:
    """Return a plan: its answer as it was, its check list and status as they stand."""
    with store().reading() as tx:
        one = plans.get(tx, plan_id, actor=current_actor())
        return Answer(document(tx, one), version=one.version)


@api(bp, "/api/plans/<plan_id>/now", answers=NowDocument, private=True, personal=True)
def as_now(_asked: Parameters, plan_id: str) -> Answer:
    """Return what a plan's question would be answered now, and what is different."""
    with store().reading() as tx:
        one = plans.get(tx, plan_id, actor=current_actor())
        was = kept(one)
        mine, others = again(tx, one)
    return Answer({"answer": mine, "differences": differences(was, mine, others)})


@write(
    bp,
    "PATCH",
    "/api/plans/<plan_id>",
    answers=PlanState,
    statuses={200: "It stands so now"},
    limit=limits.AMEND,
)
def revise(told: PlanChanges, plan_id: str, version: int) -> Written:
    """Change a plan; what others changed meanwhile stays, where it is something else."""
    with store().writing() as tx:
        actor = current_actor()
        one = plans.change(tx, plan_id, told.changes(), version=version, actor=actor)
        made = state(tx, one)
    return Written(made, version=one.version)
