"""Rounds over HTTP: who visits whom, in which order and when; nothing of it is stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

import shapely
from babel.dates import format_date
from pydantic import AwareDatetime, BaseModel, Field

from geodata import closures, rounds
from geodata.closures import Closure
from geodata.hours import SHANGHAI
from geodata.modes import Mode
from geodata.rounds import Reason, Round, Solution, Unassigned, Visit, Worker
from geodata.store import Reader
from webmap import limits
from webmap.answers import Body, Moment, Written, write
from webmap.i18n import LANGUAGES, either, gettext, language, marked
from webmap.incident import Place
from webmap.request import current_actor, store, streets
from webmap.rounds.blueprint import bp

_MOST_SKILLS = 20


Name = Annotated[str, Field(min_length=1, max_length=80)]
Skills = Annotated[tuple[Name, ...], Field(max_length=_MOST_SKILLS)]


class WorkerAsked(Body):
    """Somebody who goes: whence, when, how, and what for."""

    name: Annotated[Name, Field(description="Different from the others'")]
    start: Place
    end: Annotated[Place | None, Field(description="Where there is none, it is over anywhere")] = (
        None
    )
    from_: Annotated[Moment, Field(alias="from", description="Nothing begins before")]
    until: Annotated[Moment, Field(description="Back by then; within 24 hours")]
    mode: Mode = Mode.FOOT
    skills: Annotated[Skills, Field(description="Words of your own")] = ()

    def worker(self) -> Worker:
        """Return it as geodata has it."""
        skills = frozenset(self.skills)
        return Worker(self.name, self.start, self.end, self.from_, self.until, self.mode, skills)


class VisitAsked(Body):
    """A place to be visited: how long, when, how urgently, and by whom."""

    id: Annotated[Name, Field(description="Different from the others'")]
    at: Place
    minutes: Annotated[int, Field(ge=0, le=rounds.LONGEST_VISIT_MIN)]
    windows: Annotated[
        tuple[tuple[Moment, Moment], ...],
        Field(
            max_length=rounds.MOST_WINDOWS,
            description="From when until when it may begin; at any time where none is told",
        ),
    ] = ()
    priority: Annotated[
        int, Field(ge=0, le=rounds.HIGHEST, description="Decides where not all can be visited")
    ] = 0
    skills: Annotated[Skills, Field(description="All that whoever comes must have")] = ()

    def visit(self) -> Visit:
        """Return it as geodata has it."""
        skills = frozenset(self.skills)
        return Visit(self.id, self.at, self.minutes, self.windows, self.priority, skills)


class RoundsAsked(Body):
    """Who goes, whom they visit, and which orders stand."""

    workers: Annotated[
        tuple[WorkerAsked, ...],
        Field(description=f"At most {rounds.MOST_WORKERS}", min_length=1),
    ]
    visits: Annotated[tuple[VisitAsked, ...], Field(description=f"At most {rounds.MOST_VISITS}")]
    locked: Annotated[
        dict[Name, tuple[Name, ...]],
        Field(
            description="Accepted orders, by a worker's name the ids of visits: they stay with"
            " this worker and in this order, and others are put between them"
        ),
    ] = {}  # noqa: RUF012 - the model copies it


class StopDocument(BaseModel):
    """A visit of a round. Who is there before ``begin`` waits from ``arrive`` on.

    ``duration_s`` and ``distance_m`` are those of the way there.
    """

    id: str
    arrive: AwareDatetime
    begin: AwareDatetime
    leave: AwareDatetime
    duration_s: int
    distance_m: float


class Lines(BaseModel):
    """GeoJSON lines, WGS 84: a way to each visit, and one more to the end if there is one."""

    type: Literal["MultiLineString"]
    coordinates: list[list[tuple[float, float]]]


class RoundDocument(BaseModel):
    """What one worker does, in order. ``duration_s``: on the way, without visits and waiting."""

    worker: str
    mode: Mode
    visits: list[StopDocument]
    depart: AwareDatetime
    finish: AwareDatetime
    duration_s: int
    distance_m: float
    geometry: Lines


class UnassignedDocument(BaseModel):
    """A visit that nobody makes, and why: a code, and words in the reader's language."""

    id: str
    reason: Reason
    text: str


class RoundsDocument(BaseModel):
    """A round for each worker, and what is in none.

    ``closures`` are the ids of those that are obeyed: all that are in force while anybody
    works. ``streets``: the version that was asked, "" elsewhere.
    """

    streets: str
    closures: list[str]
    rounds: list[RoundDocument]
    unassigned: list[UnassignedDocument]


@write(
    bp,
    "POST",
    "/api/rounds",
    answers=RoundsDocument,
    statuses={200: "The rounds; nothing of them is stored"},
    limit=limits.LOOK,
    personal=True,
)
def plan_rounds(told: RoundsAsked) -> Written:
    """Find who visits whom, in which order and when, with the least time on the way."""
    return Written(solved(told).document())


@dataclass(frozen=True, slots=True)
class Solved:
    """What was asked and what came of it; ``streets`` is the version that was asked."""

    workers: list[Worker]
    visits: list[Visit]
    solution: Solution
    closures: list[Closure]
    streets: str

    def document(self) -> dict[str, Any]:
        """Return it as :class:`RoundsDocument`."""
        return {
            "streets": self.streets,
            "closures": [one.id for one in self.closures],
            "rounds": [round_document(one) for one in self.solution.rounds],
            "unassigned": unassigned(self.solution, self.visits, self.workers[0].from_),
        }


def solved(told: RoundsAsked) -> Solved:
    """Answer a question."""
    inuse = streets()
    workers = [one.worker() for one in told.workers]
    visits = [one.visit() for one in told.visits]
    with store().reading() as tx:
        obeyed = in_the_way(tx, workers)
    found = rounds.solve(
        inuse.router,
        workers,
        visits,
        actor=current_actor(),
        closures=closures.barring(inuse, obeyed),
        locked=told.locked,
    )
    return Solved(workers, visits, found, obeyed, inuse.name)


def unassigned(found: Solution, visits: Iterable[Visit], day: datetime) -> list[dict[str, Any]]:
    """Return what nobody makes as :class:`UnassignedDocument`."""
    asked = {visit.id: visit for visit in visits}
    return [
        {"id": one.visit, "reason": one.reason, "text": why(one, asked[one.visit], day)}
        for one in found.unassigned
    ]


def in_the_way(tx: Reader, workers: Sequence[Worker]) -> list[Closure]:
    """Return the closures that a round obeys: whoever is under way may meet any of them."""
    begin = min(worker.from_ for worker in workers)
    return closures.in_force(tx, begin, max(worker.until for worker in workers))


def round_document(one: Round) -> dict[str, Any]:
    """Return one worker's round as :class:`RoundDocument`."""
    parts = [shapely.get_coordinates(part).round(6).tolist() for part in one.line.geoms]
    return {
        "worker": one.worker,
        "mode": one.mode,
        "visits": [
            {
                "id": stop.visit,
                "arrive": stop.arrive,
                "begin": stop.begin,
                "leave": stop.leave,
                "duration_s": stop.duration_s,
                "distance_m": round(stop.distance_m, 1),
            }
            for stop in one.stops
        ],
        "depart": one.depart,
        "finish": one.finish,
        "duration_s": one.duration_s,
        "distance_m": round(one.distance_m, 1),
        "geometry": {"type": "MultiLineString", "coordinates": parts},
    }


WHY: Mapping[Reason, str] = {
    Reason.OFF_NETWORK: marked("No street is within {limit_m} m of this place."),
    Reason.SKILLS_MISSING: marked("Nobody has all the skills for this visit: {skills}."),
    Reason.CLOSED_OFF: marked("Closures cut this place off; without them there is a way."),
    Reason.NO_WAY: marked("No way leads to this place."),
    Reason.OUTSIDE_HOURS: marked("{windows}: nobody works then."),
    Reason.WINDOW_MISSED: marked("{windows}: none of the {workers} people gets there in time."),
    Reason.DAY_TOO_SHORT: marked(
        "The way and the visit of {minutes} min are longer than anybody works."
    ),
    Reason.NO_TIME_LEFT: marked("Other visits take up all the time that people have."),
}
"""A sentence for every reason, with its details as placeholders."""

_TAKEN = marked("{windows}: all who could come are at other visits then.")
_ALONE = marked("{windows}: the one person who could come does not get there in time.")


def why(one: Unassigned, visit: Visit, day: datetime) -> str:
    """Say why nobody makes a visit; of windows on another day than this one the date is told."""
    sentence = WHY[one.reason]
    if one.reason is Reason.NO_TIME_LEFT and visit.windows:
        sentence = _TAKEN
    if one.reason is Reason.WINDOW_MISSED and one.details["workers"] == 1:
        sentence = _ALONE
    comma = either("、", ", ")
    return gettext(
        sentence,
        windows=comma.join(_window(begin, end, day) for begin, end in visit.windows),
        skills=comma.join(sorted(visit.skills)),
        minutes=visit.minutes,
        **one.details,
    )


def _window(begin: datetime, end: datetime, day: datetime) -> str:
    begin, end, day = (moment.astimezone(SHANGHAI) for moment in (begin, end, day))
    date = format_date(begin, locale=LANGUAGES[language()]) if begin.date() != day.date() else ""
    return f"{date} {begin:%H:%M}–{end:%H:%M}".lstrip()
