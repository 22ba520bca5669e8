"""Closures over HTTP: drawn by one worker, seen and obeyed by all."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from geodata import closures
from geodata.closures import LONGEST_REASON, Drawing
from geodata.policy import Action, can
from geodata.walking import Level
from webmap import limits
from webmap.answers import Answer, Body, Moment, Parameters, Written, api, without_defaults, write
from webmap.closed import ClosureDocument, Geometry, documents
from webmap.closures.blueprint import bp
from webmap.request import current_actor, now, store

Reason = Annotated[str, Field(max_length=LONGEST_REASON, description="What for; people read it")]
From = Annotated[Moment | None, Field(alias="from", description="In force from this moment on")]
Until = Annotated[Moment, Field(description="It expires by itself at this moment")]
HowHigh = Annotated[
    Level, Field(description="ground spares bridges above and underpasses below; all does not")
]
Public = Annotated[bool, Field(description="Whether residents see it")]


class ClosureTold(Body):
    """What is to be closed, why, and for how long."""

    geometry: Geometry
    reason: Reason
    starts: From = None
    until: Until
    level: HowHigh = Level.GROUND
    public: Public = False

    def drawing(self) -> Drawing:
        """Return it as geodata has it."""
        return Drawing(
            geometry=self.geometry.shape(),
            reason=self.reason,
            starts=self.starts,
            ends=self.until,
            level=self.level,
            public=self.public,
        )


class ClosureChanges(Body):
    """What is to be different; what is not told stays."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    geometry: Geometry | None = None
    reason: Reason = ""
    starts: From = None
    until: Until | None = None
    level: HowHigh = Level.GROUND
    public: Public = False

    def changes(self) -> dict[str, Any]:
        """Return what is told, as geodata has it."""
        told = {name: getattr(self, name) for name in self.model_fields_set}
        if "until" in told:
            told["ends"] = told.pop("until")
        if "geometry" in told:
            geometry: Geometry | None = told.pop("geometry")
            if geometry is not None:
                told["geometry"] = geometry.shape()
        return told


class ClosureQuery(Parameters):
    """Which closures."""

    at: Annotated[
        Moment | None,
        Field(description="At which moment; now where none is told. Former ones are for staff"),
    ] = None
    when: Annotated[
        Literal["current", "past"],
        Field(description="In force or to begin within a week; or those that are over"),
    ] = "current"


class Lifting(Parameters):
    """Why a closure is lifted."""

    why: Annotated[str, Field(max_length=LONGEST_REASON, description="For the history")] = ""


class ClosureList(BaseModel):
    """Closures, the next to end first; those that are over the last first."""

    closures: list[ClosureDocument]


def _sees_more() -> bool:
    """Tell whether whoever asks is told more than everybody."""
    actor = current_actor()
    return can(actor, Action.CLOSURE_READ, area=actor.scope)


@api(bp, "/api/closures", answers=ClosureList, private=_sees_more)
def listed(asked: ClosureQuery) -> Answer:
    """Return closures: all of them to staff, the public ones to everybody."""
    actor, clock = current_actor(), now()
    at = closures.moment(asked.at or clock, actor=actor)
    with store().reading() as tx:
        if asked.when == "past":
            found, until = closures.past(tx, at, actor=actor), None
        else:
            found = closures.listed(tx, at, actor=actor)
            # What was told of a later moment is true until that is a former one.
            later = asked.at if asked.at and asked.at > clock else None
            until = later or closures.stands_until(tx, at)
        return Answer({"closures": documents(tx, found, at)}, until)


@write(
    bp,
    "POST",
    "/api/closures",
    answers=ClosureDocument,
    statuses={201: "In force from the moment told; the same under its key is the same closure"},
    limit=limits.AMEND,
)
def draw(told: ClosureTold, key: str) -> Written:
    """Close streets, for everybody at once."""
    with store().writing() as tx:
        one = closures.draw(tx, told.drawing(), actor=current_actor(), idempotency_key=key)
        (made,) = documents(tx, [one], now())
    return Written(made, version=one.version, location="/api/closures")


@write(
    bp,
    "PATCH",
    "/api/closures/<closure_id>",
    answers=ClosureDocument,
    statuses={200: "It stands so now"},
    limit=limits.AMEND,
)
def change(told: ClosureChanges, closure_id: str, version: int) -> Written:
    """Change or prolong a closure."""
    with store().writing() as tx:
        actor = current_actor()
        one = closures.change(tx, closure_id, told.changes(), version=version, actor=actor)
        (made,) = documents(tx, [one], now())
    return Written(made, version=one.version)


@write(
    bp,
    "DELETE",
    "/api/closures/<closure_id>",
    answers=ClosureDocument,
    statuses={200: "It is lifted; its history stays"},
    limit=limits.AMEND,
)
def lift(asked: Lifting, closure_id: str) -> Written:
    """Lift a closure before it expires."""
    with store().writing() as tx:
        one = closures.lift(tx, closure_id, actor=current_actor(), why=asked.why)
        (made,) = documents(tx, [one], now())
    return Written(made, version=one.version)
