"""What pages and programs ask and write of rounds that are kept."""

import hashlib
from typing import Annotated, Any

from pydantic import BaseModel, Field

from geodata import closures, rounds
from geodata.rounds import LONGEST, MOST_TICKS, Draft, Saved, State, Status, Tick, Urgent
from geodata.store import Reader
from webmap import limits
from webmap.answers import Answer, Body, Moment, Parameters, Written, api, write
from webmap.request import current_actor, now, store, streets, vault
from webmap.rounds.api import (
    Name,
    RoundsAsked,
    VisitAsked,
    in_the_way,
    round_document,
    solved,
    unassigned,
)
from webmap.rounds.blueprint import bp, writing
from webmap.rounds.documents import (
    LabelTold,
    Note,
    Progress,
    RoundList,
    SavedDocument,
    Ticked,
    UrgentDocument,
    document,
    passed_over,
    progress,
    summary,
)

NOT_UNDER_WAY = {409: "The round is not accepted yet, or is done"}

RoundName = Annotated[str, Field(min_length=1, max_length=LONGEST["name"])]


class RoundTold(RoundsAsked):
    """A round to be kept. ``locked`` are the orders as they were shown: they stand."""

    name: RoundName
    labels: Annotated[
        dict[Name, LabelTold], Field(description="By the ids of visits; titles and notes")
    ] = {}  # noqa: RUF012 - the model copies it

    @property
    def digest(self) -> str:
        """Tell one request from another."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def draft(self) -> Draft:
        """Find the rounds with the orders that were shown, and return what is to be kept."""
        found = solved(self)
        return Draft(
            name=self.name,
            workers=found.workers,
            visits=found.visits,
            labels={key: label.label() for key, label in self.labels.items()},
            solution=found.solution,
            closures=[one.id for one in found.closures],
        )


class RoundChanges(Body):
    """What is to be different; what is not told stays. The status goes one step at a time."""

    name: RoundName | None = None
    status: Status | None = None


class TickTold(Body):
    """How a visit went, and the moment at which that was told on the phone."""

    visit: Name
    state: State
    at: Moment
    note: Note = ""

    def tick(self) -> Tick:
        """Return it as geodata has it."""
        return Tick(self.visit, self.state, self.at, self.note)


Ticks = Annotated[
    tuple[TickTold, ...],
    Field(max_length=MOST_TICKS, description="In any order; the same told twice is once"),
]


class TicksTold(Body):
    """What a phone has to tell, also of hours ago."""

    ticks: Ticks


class UrgentTold(Body):
    """An urgent visit. With ``keep`` it is put into the round, else only told what would be."""

    visit: VisitAsked
    label: LabelTold = LabelTold()
    keep: bool = False


@write(
    bp,
    "POST",
    "/api/rounds/kept",
    answers=SavedDocument,
    statuses={201: "It is kept as a draft; the same again under its key is the same round"},
    limit=limits.AMEND,
    personal=True,
)
def keep_round(told: RoundTold, key: str) -> Written:
    """Keep rounds with the orders in which they were shown."""
    actor = current_actor()
    # Nothing is looked for twice, and nothing while the store is held for writing.
    with store().reading() as tx:
        known = rounds.saved_before(tx, actor=actor, key=key, request=told.digest)
        if known:
            return _kept(document(tx, known), known)
    draft = told.draft()
    with writing() as tx:
        one = rounds.save(tx, draft, actor=actor, key=key, request=told.digest, vault=vault())
        return _kept(document(tx, one), one)


def _kept(made: dict[str, Any], one: Saved) -> Written:
    return Written(made, version=one.version, location=f"/api/rounds/kept/{one.id}")


@write(
    bp,
    "PATCH",
    "/api/rounds/kept/<round_id>/plan",
    answers=SavedDocument,
    statuses={200: "It stands so now"},
    limit=limits.AMEND,
    personal=True,
)
def plan_again(told: RoundTold, round_id: str, version: int) -> Written:
    """Put another plan in the place of a draft's."""
    actor = current_actor()
    with store().reading() as tx:
        rounds.may_plan(tx, round_id, version=version, actor=actor)
    draft = told.draft()
    with writing() as tx:
        one = rounds.change(
            tx,
            round_id,
            name=draft.name,
            draft=draft,
            version=version,
            actor=actor,
            vault=vault(),
        )
        made = document(tx, one)
    return Written(made, version=one.version)


@api(bp, "/api/rounds/kept", answers=RoundList, private=True)
def kept_rounds(_asked: Parameters) -> Answer:
    """Return the rounds of one's own area, those under way first."""
    with store().reading() as tx:
        found = rounds.listed(tx, actor=current_actor())
    listed = [
        summary(one) | {"told": {str(state): n for state, n in states.items()}}
        for one, states in found
    ]
    return Answer({"rounds": listed})


@api(bp, "/api/rounds/kept/<round_id>", answers=SavedDocument, private=True)
def kept_round(_asked: Parameters, round_id: str) -> Answer:
    """Return a round: its plan, and how its visits went so far."""
    with store().reading() as tx:
        one = rounds.get(tx, round_id, actor=current_actor())
        return Answer(document(tx, one), version=one.version)


@api(bp, "/api/rounds/kept/<round_id>/progress", answers=Progress, private=True)
def round_progress(_asked: Parameters, round_id: str) -> Answer:
    """Return how the visits of a round went so far."""
    with store().reading() as tx:
        one = rounds.glance(tx, round_id, actor=current_actor())
        return Answer(progress(tx, one), version=one.version)


@write(
    bp,
    "PATCH",
    "/api/rounds/kept/<round_id>",
    answers=SavedDocument,
    statuses={200: "It stands so now"},
    limit=limits.AMEND,
)
def change_round(told: RoundChanges, round_id: str, version: int) -> Written:
    """Change a round's name or status."""
    with writing() as tx:
        actor = current_actor()
        wanted = told.model_dump(exclude_none=True)
        one = rounds.change(tx, round_id, version=version, actor=actor, **wanted)
        made = document(tx, one)
    return Written(made, version=one.version)


@write(
    bp,
    "POST",
    "/api/rounds/kept/<round_id>/ticks",
    answers=Ticked,
    statuses={200: "How the visits of the round stand now"},
    limit=limits.AMEND,
    refuses=NOT_UNDER_WAY,
)
def tick_off(told: TicksTold, round_id: str) -> Written:
    """Tell how visits went; of each the last told by its own moment stands."""
    ticks, actor = [one.tick() for one in told.ticks], current_actor()
    with writing() as tx:
        states = rounds.tick(tx, round_id, ticks, actor=actor, vault=vault())
        made = progress(tx, rounds.glance(tx, round_id, actor=actor))
    return Written(made | {"passed_over": passed_over(ticks, states)})


@write(
    bp,
    "POST",
    "/api/rounds/kept/<round_id>/urgent",
    answers=UrgentDocument,
    statuses={200: "Who goes, and what becomes of the others"},
    limit=limits.LOOK,
    personal=True,
    refuses={409: "The round is not under way, or has a visit of this id already"},
)
def put_between(told: UrgentTold, round_id: str) -> Written:
    """Put an urgent visit between those ahead, which stay in their order."""
    inuse, actor, visit = streets(), current_actor(), told.visit.visit()
    with store().reading() as tx:
        one = rounds.get(tx, round_id, actor=actor)
        states, obeyed = rounds.progress(tx, round_id), in_the_way(tx, one.workers)
    found = rounds.insert(
        inuse.router,
        one,
        states,
        visit,
        at=now(),
        actor=actor,
        closures=closures.barring(inuse, obeyed),
    )
    urgent = Urgent(visit, told.label.label(), [known.id for known in obeyed])
    if not (told.keep and found.worker):
        with store().reading() as tx:
            return Written(_urgent(tx, one, urgent, found))
    with writing() as tx:
        one = rounds.put_in(
            tx, round_id, urgent, found, version=one.version, actor=actor, vault=vault()
        )
        return Written(_urgent(tx, one, urgent, found), version=one.version)


def _urgent(tx: Reader, one: Saved, urgent: Urgent, found: rounds.Inserted) -> dict[str, Any]:
    made, visit = document(tx, one), urgent.visit.id
    left = unassigned(found.solution, [*one.visits, urgent.visit], one.workers[0].from_)
    label = {"title": urgent.label.title, "note": urgent.label.note}
    shown = {
        "rounds": list(map(round_document, found.solution.rounds)),
        "asked": made["asked"] | {"labels": made["asked"]["labels"] | {visit: label}},
        "unassigned": left,
    }
    stops = (stop for tour in found.solution.rounds for stop in tour.stops)
    return {
        "worker": found.worker,
        "arrive": next((stop.begin for stop in stops if stop.visit == visit), None),
        "reason": next((known["text"] for known in left if known["id"] == visit), ""),
        "moves": found.moves,
        "round": made | shown,
    }


class Erased(BaseModel):
    """The id of what is no more."""

    id: str


@write(
    bp,
    "DELETE",
    "/api/rounds/kept/<round_id>",
    answers=Erased,
    statuses={200: "It is deleted, with its links and its history"},
    limit=limits.AMEND,
)
def erase_round(_asked: Parameters, round_id: str) -> Written:
    """Delete a round for good."""
    with writing() as tx:
        rounds.erase(tx, round_id, actor=current_actor())
    return Written({"id": round_id})
