"""Rounds that are kept as programs and pages are told of them, in the reader's language."""

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field

from geodata import accounts, rounds
from geodata.rounds import LONGEST, Label, Saved, State, Status, Tick, Told
from geodata.store import Reader
from geodata.store.records import Values
from webmap.answers import Body
from webmap.errors import sentence
from webmap.i18n import gettext
from webmap.request import vault
from webmap.rounds.api import (
    RoundDocument,
    UnassignedDocument,
    VisitAsked,
    WorkerAsked,
    round_document,
    unassigned,
)

Note = Annotated[str, Field(max_length=LONGEST["note"])]


class LabelTold(Body):
    """What a visit is called on lists, and what its worker should know."""

    title: Annotated[str, Field(max_length=LONGEST["title"])] = ""
    note: Note = ""

    def label(self) -> Label:
        """Return it as geodata has it."""
        return Label(self.title, self.note)


class ToldDocument(BaseModel):
    """What was told of a visit last, when, and by whom.

    ``link``: it was told by who holds a link, as the round's worker of the name ``by``; else by
    somebody who is signed in.
    """

    state: State
    note: str
    at: AwareDatetime
    by: str
    link: bool


class Progress(BaseModel):
    """How visits went, by id: what is not in it is open. ``version``: the round's own."""

    version: int
    status: Status
    told: dict[str, ToldDocument]


class Ticked(Progress):
    """How visits went; ``passed_over`` are those told of that the round does not have."""

    passed_over: list[str]


class RoundSummary(BaseModel):
    """A round in a list; ``visits`` counts those of whom something was told, by state."""

    id: str
    name: str
    day: str
    area: str
    status: Status
    told: dict[str, int]
    version: int


class RoundList(BaseModel):
    """The rounds of the actor's area: under way, then drafts, then what is done."""

    rounds: list[RoundSummary]


class Asked(BaseModel):
    """What was asked, as ``POST /api/rounds`` takes it, with what visits are called."""

    workers: list[WorkerAsked]
    visits: list[VisitAsked]
    labels: dict[str, LabelTold]


class SavedDocument(Progress):
    """A round whole.

    ``trouble`` says so where what was typed about its visits does not open; ``forgotten``: it is
    erased.
    """

    id: str
    name: str
    day: str
    area: str
    asked: Asked
    rounds: list[RoundDocument]
    unassigned: list[UnassignedDocument]
    trouble: str
    forgotten: bool


class UrgentDocument(BaseModel):
    """Who makes the urgent visit ("" nobody) and when, and by how many minutes others move."""

    worker: str
    arrive: datetime | None
    reason: str
    moves: dict[str, int]
    round: SavedDocument


def summary(one: Saved) -> dict[str, Any]:
    """Return what a list tells of a round."""
    return {n: getattr(one, n) for n in ("id", "name", "day", "area", "status", "version")}


def progress(tx: Reader, one: Saved) -> dict[str, Any]:
    """Return how the visits of a round stand."""
    return {
        "version": one.version,
        "status": one.status,
        "told": told_documents(tx, rounds.progress(tx, one.id, vault())),
    }


def passed_over(ticks: Iterable[Tick], known: Container[str]) -> list[str]:
    """Return of which visits was told that stand nowhere afterwards: the round has none such."""
    return sorted({one.visit for one in ticks if one.visit not in known})


def told_documents(tx: Reader, states: Mapping[str, Told]) -> dict[str, Any]:
    """Return what was told of visits, those who told it by what they are called."""
    titles = accounts.titles(tx, {told.by for told in states.values() if not told.link})
    return {
        visit: {
            "state": told.state,
            "note": gettext("(sealed)") if told.sealed else told.note,
            "at": told.at,
            "by": _teller(told, titles),
            "link": told.link,
        }
        for visit, told in states.items()
    }


def _teller(told: Told, titles: Mapping[str, str]) -> str:
    # Anybody may be called as somebody with an account is: it is said who held a link.
    if told.link:
        return gettext("{name} (by link)", name=told.by)
    return titles.get(told.by, told.by)


def document(tx: Reader, one: Saved) -> dict[str, Any]:
    """Return a round whole."""
    one = rounds.opened(tx, one, vault())
    return (
        progress(tx, one)
        | summary(one)
        | {
            "asked": {
                "workers": [_worker(worker) for worker in one.workers],
                "visits": [_visit(visit) for visit in one.visits],
                "labels": labels(one),
            },
            "rounds": list(map(round_document, one.solution.rounds)),
            "unassigned": unassigned(one.solution, one.visits, one.workers[0].from_),
            "trouble": trouble(one),
            "forgotten": one.forgotten,
        }
    )


def trouble(one: Saved) -> str:
    """Say so where words of a round, which was opened, are sealed with another key."""
    shut = any(label.sealed for label in one.labels.values())
    return sentence("round_sealed", {}) if shut else ""


def labels(one: Saved) -> dict[str, Any]:
    """Return what the visits of a round, which was opened, are called."""
    called = {visit.id: called_of(one, visit.id) for visit in one.visits}
    return {key: {"title": told.title, "note": told.note} for key, told in called.items()}


def called_of(one: Saved, visit: str) -> Label:
    """Return what a visit of a round, which was opened, is called; something in any case."""
    label = one.label(visit)
    title = label.title
    if not title or (one.forgotten and title == visit):
        number = next((n for n, known in enumerate(one.visits, 1) if known.id == visit), 0)
        title = gettext("Visit {n}", n=number)
    return Label(title, gettext("(sealed)") if label.sealed else label.note)


def _worker(one: rounds.Worker) -> Values:
    told = {n: getattr(one, n) for n in ("name", "start", "end", "until", "mode")}
    return told | {"from": one.from_, "skills": sorted(one.skills)}


def _visit(one: rounds.Visit) -> Values:
    told = {n: getattr(one, n) for n in ("id", "at", "minutes", "windows", "priority")}
    return told | {"skills": sorted(one.skills)}
