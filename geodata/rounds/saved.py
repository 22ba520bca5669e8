"""A round as it is kept: what was asked for, what came of it, and how far it has got."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import orjson
import shapely

from geodata import wording
from geodata.errors import Conflict, Invalid
from geodata.hours import SHANGHAI
from geodata.modes import Mode
from geodata.rounds.asked import Visit, Worker
from geodata.rounds.told import Reason, Round, Solution, Stop, Unassigned
from geodata.store.records import Values

LONGEST: Final = {"name": 60, "title": 80, "note": 200}


class Status(StrEnum):
    """How far a round is: it can be planned anew, its orders stand, or it is over.

    A draft is planned and called anew, and nothing can be told of its visits yet. Of an accepted
    round the orders stand: urgent visits are put between, visits are ticked off, and it may be
    called otherwise; it is a draft again only while nothing was told. Of one that is done nothing
    changes but that it is opened again; what a phone was told before then still counts.
    """

    DRAFT = "draft"
    ACCEPTED = "accepted"
    DONE = "done"


class State(StrEnum):
    """How a visit went: not yet told, made, nobody was there, put off to another time."""

    OPEN = "open"
    DONE = "done"
    ABSENT = "absent"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Label:
    """What a visit is called on lists, and what its worker should know.

    ``sealed`` is both of them as long as they were not opened, see :mod:`geodata.rounds.words`.
    """

    title: str = ""
    note: str = ""
    sealed: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A round as it is to be kept. ``labels`` are by the ids of visits; not every visit has one."""

    name: str
    workers: Sequence[Worker]
    visits: Sequence[Visit]
    labels: Mapping[str, Label]
    solution: Solution
    closures: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of a visit last: ``at`` is ISO 8601, UTC, ``by`` who told it.

    A ``note`` that the keys do not open is "", and ``sealed`` then.
    ``by`` is the name of an account, or with ``link`` that of the round's own worker: whoever
    held a link told it, and what such a worker is called was typed by whoever planned the round.
    """

    state: State
    note: str = ""
    at: str = ""
    by: str = ""
    link: bool = False
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """A round as it stands. ``forgotten`` tells that what was typed about its visits is erased."""

    id: str
    name: str
    day: str
    area: str
    status: Status
    version: int
    changed: str
    workers: tuple[Worker, ...] = ()
    visits: tuple[Visit, ...] = ()
    labels: Mapping[str, Label] = field(default_factory=dict)
    solution: Solution = field(default_factory=lambda: Solution((), ()))
    closures: tuple[str, ...] = ()
    forgotten: bool = False

    def label(self, visit: str) -> Label:
        """Return what a visit is called."""
        return self.labels.get(visit) or Label(visit)


def under_way(status: Status) -> None:
    """Refuse what can be done with an accepted round only.

    Raises
    ------
    Conflict
        ``round_not_accepted``, ``round_over``.
    """
    if status is not Status.ACCEPTED:
        raise Conflict("round_not_accepted" if status is Status.DRAFT else "round_over")


def checked(draft: Draft) -> Draft:
    """Return a draft brought to form, if its words can be kept.

    Raises
    ------
    Invalid
        ``round_invalid``: details map name, title or note to "missing" or "too_long", and
        workers or visits to "unknown" where a name or id has signs that nobody sees.
    """
    told = {
        visit.id: Label(wording.typed(label.title), wording.typed(label.note), label.sealed)
        for visit in draft.visits
        if (label := draft.labels.get(visit.id))
    }
    wrong: dict[str, str] = {}
    for what in ("title", "note"):
        if any(len(getattr(label, what)) > LONGEST[what] for label in told.values()):
            wrong[what] = "too_long"
    # They stand in keys and titles, where what nobody sees has no place.
    names = {"workers": [one.name for one in draft.workers], "visits": [v.id for v in draft.visits]}
    wrong |= {
        what: "unknown" for what, told_names in names.items() if any(map(_unclean, told_names))
    }
    if wrong:
        raise Invalid("round_invalid", **wrong)
    return Draft(
        name(draft.name), draft.workers, draft.visits, told, draft.solution, draft.closures
    )


def _unclean(word: str) -> bool:
    return wording.clean(word) != word


def name(typed: str) -> str:
    """Return a round's name, if it is one.

    Raises
    ------
    Invalid
        ``round_invalid``.
    """
    told = wording.typed(typed)
    if not told or len(told) > LONGEST["name"]:
        raise Invalid("round_invalid", name="too_long" if told else "missing")
    return told


def written(draft: Draft) -> Values:
    """Return a draft as the columns of the store have it, without its labels."""
    asked = {
        "workers": [_of_worker(one) for one in draft.workers],
        "visits": [_of_visit(one) for one in draft.visits],
    }
    answer = {
        "rounds": [_of_round(one) for one in draft.solution.rounds],
        "unassigned": [asdict(one) for one in draft.solution.unassigned],
        "closures": list(draft.closures),
    }
    day = min(one.from_ for one in draft.workers).astimezone(SHANGHAI).date().isoformat()
    return {"name": draft.name, "day": day, "asked": _json(asked), "answer": _json(answer)}


def read(row: Values) -> Saved:
    """Return a row of the store as a round; without what was not read of it."""
    light = {n: row[n] for n in ("id", "name", "day", "area", "version", "changed")}
    status = Status(row["status"])
    if "asked" not in row:
        return Saved(**light, status=status)
    asked, answer = orjson.loads(row["asked"]), orjson.loads(row["answer"])
    # Older rounds have their labels in what they ask for.
    labels = asked.get("labels", {}) | orjson.loads(row["words"] or "{}")
    return Saved(
        **light,
        status=status,
        workers=tuple(map(_worker, asked["workers"])),
        visits=tuple(map(_visit, asked["visits"])),
        labels={key: Label(**told) for key, told in labels.items()},
        solution=Solution(
            tuple(map(_round, answer["rounds"])),
            tuple(
                Unassigned(one["visit"], Reason(one["reason"]), one["details"])
                for one in answer["unassigned"]
            ),
        ),
        closures=tuple(answer["closures"]),
        forgotten=not row["words"],
    )


def _json(told: object) -> str:
    return orjson.dumps(told).decode()


def _of_worker(one: Worker) -> Values:
    told = {n: getattr(one, n) for n in ("name", "start", "end", "from_", "until", "mode")}
    return told | {"skills": sorted(one.skills)}


def _worker(told: Values) -> Worker:
    return Worker(
        name=told["name"],
        start=_place(told["start"]),
        end=told["end"] and _place(told["end"]),
        from_=_moment(told["from_"]),
        until=_moment(told["until"]),
        mode=Mode(told["mode"]),
        skills=frozenset(told["skills"]),
    )


def _of_visit(one: Visit) -> Values:
    told = {n: getattr(one, n) for n in ("id", "at", "minutes", "windows", "priority")}
    return told | {"skills": sorted(one.skills)}


def _visit(told: Values) -> Visit:
    return Visit(
        id=told["id"],
        at=_place(told["at"]),
        minutes=told["minutes"],
        windows=tuple((_moment(begin), _moment(end)) for begin, end in told["windows"]),
        priority=told["priority"],
        skills=frozenset(told["skills"]),
    )


def _of_round(one: Round) -> Values:
    told = {n: getattr(one, n) for n in ("worker", "mode", "depart", "finish", "duration_s")}
    lines = [shapely.get_coordinates(part).round(6).tolist() for part in one.line.geoms]
    metres = round(one.distance_m, 1)
    return told | {"stops": list(map(asdict, one.stops)), "distance_m": metres, "line": lines}


def _round(told: Values) -> Round:
    stops = tuple(
        Stop(**one | {when: _moment(one[when]) for when in ("arrive", "begin", "leave")})
        for one in told["stops"]
    )
    moments = {when: _moment(told[when]) for when in ("depart", "finish")}
    line = shapely.MultiLineString([shapely.LineString(part) for part in told["line"]])
    kept = told | moments | {"stops": stops, "mode": Mode(told["mode"]), "line": line}
    return Round(**kept)


def _place(told: Any) -> tuple[float, float]:  # noqa: ANN401 - of JSON
    lon, lat = told
    return lon, lat


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told).astimezone(SHANGHAI)
