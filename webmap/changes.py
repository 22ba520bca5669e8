"""What changed, in words: a merchant's columns as people say them, old beside new."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from geodata import accounts, areas, categories, hours, merchants
from geodata.geometry import metres_between
from geodata.hours import Calendar, DayKind
from geodata.policy import Role
from geodata.proposals import Kind, State, decided
from geodata.store import Reader
from webmap.i18n import either, gettext, marked

LABELS: Mapping[str, str] = {
    "name": marked("Name"),
    "category": marked("Category"),
    "position": marked("Position"),
    "address": marked("Address"),
    "phones": marked("Phone"),
    "hours": marked("Opening hours"),
    "note": marked("What it offers"),
    "credit_code": marked("Credit code"),
    "area": marked("Area"),
    "status": marked("State"),
    "closed_until": marked("Closed until"),
    "merged": marked("Merged into"),
    "owner": marked("Account of the owner"),
    "trusted": marked("Trusted owner"),
}
"""The columns that people are told of, in this order; the position stands for five of them."""

STATUSES: Mapping[str, str] = {
    "pending": marked("Waiting for review"),
    "published": marked("On the map"),
    "closed": marked("Closed for a time"),
    "retired": marked("Off the map"),
}
"""How it stands with a merchant."""

STATES: Mapping[str, str] = {
    "open": marked("Waiting for review"),
    "returned": marked("Returned"),
    "accepted": marked("Accepted"),
    "merged": marked("Merged"),
    "refused": marked("Not accepted"),
    "withdrawn": marked("Withdrawn"),
}
"""How it stands with what somebody asked for."""

ACTIONS: Mapping[str, str] = {
    "add": marked("Entered"),
    "edit": marked("Edited"),
    "import": marked("Entered from a file"),
    "publish": marked("Published"),
    "accept": marked("Change accepted"),
    "merge": marked("Merged"),
    "retire": marked("Taken off the map"),
    "refuse": marked("Not accepted"),
    "restore": marked("Brought back"),
    "withdraw": marked("Withdrawn by the owner"),
    "undo": marked("Undone"),
    "entrust": marked("Owner named"),
    "area": marked("Borders changed"),
    "erase": marked("Erased on legal request"),
}
"""What the history calls that which was done."""

DAYS = (
    marked("Monday"),
    marked("Tuesday"),
    marked("Wednesday"),
    marked("Thursday"),
    marked("Friday"),
    marked("Saturday"),
    marked("Sunday"),
)

_NEAR_M = 10  # closer than this a decimal says something
# A week in which nothing is said but the days of the week: no holidays, no worked weekends.
_PLAIN = Calendar({date(2001, 10, 1): DayKind.ORDINARY})
_MONDAY = date(2001, 3, 5)
_ORDINARY = re.compile(r"(?:(?:Mo|Tu|We|Th|Fr|Sa|Su|off|[-,; 0-9:/])+)")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is told otherwise. ``moved`` says of a position how far, else ""."""

    field: str
    label: str
    old: str
    new: str
    moved: str = ""


class Words:
    """Says a merchant's columns in the reader's language; reads the names it needs at once."""

    def __init__(self, tx: Reader, codes: Iterable[str] = (), names: Iterable[str] = ()) -> None:
        known = tx.cached("categories in words", lambda: categories.listed(tx))
        self._categories = {one.id: either(one.name, one.name_en) for one in known}
        self._areas = areas.names(tx, codes)
        self._titles = accounts.titles(tx, names)
        self._sayings: Mapping[str, Callable[[Any], str]] = {
            "category": self.category,
            "area": self.area,
            "hours": in_words,
            "phones": lambda joined: either("、", ", ").join(merchants.split_phones(joined)),
            "status": lambda status: gettext(STATUSES.get(status, status)),
            "owner": lambda owner: gettext("an account") if owner else "",
            "trusted": lambda trusted: gettext("trusted") if trusted else "",
        }

    def told(self, row: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Return field, label and words of all that is known of a merchant, blanks left out."""
        every = ((name, gettext(label), self.said(name, row)) for name, label in LABELS.items())
        hidden = {"position", "merged", "owner", "trusted", "name"}
        return [one for one in every if one[2] and one[0] not in hidden]

    def said(self, field: str, row: Mapping[str, Any]) -> str:
        """Return one column in words; "" where nothing is told."""
        if field == "position":
            return f"{row['lon']:.6f}, {row['lat']:.6f}"
        value = row.get(field, "")
        say = self._sayings.get(field)
        return say(value) if say else str(value)

    def who(self, name: str, role: str = "") -> str:
        """Return who did something; "" where nobody did yet."""
        return who(name, role, self._titles) if name or role else ""

    def category(self, category_id: str) -> str:
        """Return the name of a category."""
        return self._categories.get(category_id, category_id)

    def area(self, code: str) -> str:
        """Return the names of an area and of those around it, as far as they are known."""
        names = [self._areas[part] for part in areas.around(code) if part in self._areas]
        return " › ".join(names) or code or gettext("in no area")

    def nearest(self, code: str) -> str:
        """Return the name of an area alone, as is enough in a list of one's own."""
        return self._areas.get(code, code) or gettext("in no area")

    def differences(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
        """Return what two rows tell otherwise, in the order of :data:`LABELS`."""
        found = []
        for field, label in LABELS.items():
            if field == "position":
                found += self._moved(old, new)
            elif old.get(field) != new.get(field):
                was, now = self.said(field, old), self.said(field, new)
                if was == now:  # read alike, written otherwise
                    was, now = str(old[field]), str(new[field])
                found.append(Difference(field, gettext(label), was, now))
        return found

    def _moved(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
        if all(old.get(name) == new.get(name) for name in ("lon", "lat")):
            return []
        away = float(metres_between(old["lon"], old["lat"], new["lon"], new["lat"]))
        was, now = self.said("position", old), self.said("position", new)
        how_far = gettext("moved by {n} m", n=f"{away:.1f}" if away < _NEAR_M else round(away))
        return [Difference("position", gettext(LABELS["position"]), was, now, how_far)]


def in_words(written: str) -> str:
    """Return opening hours as a sentence about the days of the week, as far as they are read.

    What is more than that, such as holidays, is told as it was written besides.
    """
    week = hours.week(written, _MONDAY, calendar=_PLAIN)
    if week is None:
        return written
    osm = hours.parse(written).osm or ""
    if osm == "24/7":
        return gettext("open day and night")
    parts = [
        f"{_days(days)} {_spans(list(spans))}"
        for spans, days in _alike([tuple(day) for day in week])
    ]
    said = either("；", "; ").join(parts)
    if _ORDINARY.fullmatch(osm):
        return said
    return gettext("{words} (written: {written})", words=said, written=written)


def in_short(written: str) -> str:
    """Return opening hours as briefly as a printed list has room for: days off go without saying.

    Where nobody can read them they stand as they were written.
    """
    week = hours.week(written, _MONDAY, calendar=_PLAIN)
    if week is None:
        return written
    if hours.parse(written).osm == "24/7":
        return gettext("open day and night")
    parts = [
        f"{_days(days)} {_spans(list(spans))}"
        for spans, days in _alike([tuple(day) for day in week])
        if spans
    ]
    return either("；", "; ").join(parts)


def _alike(week: list[tuple[str, ...]]) -> list[tuple[tuple[str, ...], list[int]]]:
    """Return runs of days with the same hours, in the order of the week."""
    return [
        (spans, [day for day, _ in run])
        for spans, run in groupby(enumerate(week), key=lambda pair: pair[1])
    ]


def _days(days: list[int]) -> str:
    if len(days) == len(DAYS):
        return gettext("every day")
    first, last = gettext(DAYS[days[0]]), gettext(DAYS[days[-1]])
    return first if len(days) == 1 else gettext("{first} to {last}", first=first, last=last)


def _spans(spans: list[str]) -> str:
    return either("、", ", ").join(span.replace("-", "–") for span in spans) or gettext("closed")


def who(name: str, role: str, titles: Mapping[str, str] | None = None) -> str:
    """Return who did something, as people say it; ``titles`` are :func:`accounts.titles`."""
    kind, _, rest = name.partition(":")
    if kind == "link":
        return gettext("the owner, by private link")
    if kind == "token":
        return gettext("the program {name}", name=rest)
    if kind == "cli":
        return gettext("Command line ({name})", name=rest)
    if role == Role.RESIDENT or not name:
        return gettext("a resident") if role == Role.RESIDENT else gettext("nobody known")
    return (titles or {}).get(name, name)


def outcome(kind: str, state: str) -> str:
    """Return how it stands with what somebody asked for, as people say it."""
    there = (kind, state) == (Kind.NEW, State.ACCEPTED)
    said = ACTIONS["publish"] if there else STATES[state]
    return gettext(said)


def done(action: str, batch: str) -> str:
    """Return what was done, as the history calls it."""
    known = ACTIONS.get(action)
    said = gettext(known) if known else action
    if batch and decided(batch) is None:
        if action == "undo":
            return gettext("{what}, with the import {batch}", what=said, batch=batch)
        return gettext("{what}, by the import {batch}", what=said, batch=batch)
    return said


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a merchant's history, in words.

    ``standing`` tells that nothing later changed the same, so that it can be taken back.
    """

    version: int
    at: str
    by: str
    what: str
    why: str
    differences: list[Difference]
    standing: bool
    action: str


def events(
    words: Words, row: Mapping[str, Any], history: Iterable[Mapping[str, Any]]
) -> list[Event]:
    """Return a merchant's history in words, newest first.

    ``row`` is the merchant as it stands, ``history`` as :func:`geodata.merchants.history` gives
    it: each entry holds what was there before it, and so leads one step back.
    """
    found, now, touched = [], dict(row), set[str]()
    for entry in history:
        before = now | entry["before"]
        mine = set(entry["before"]) or {"status"}
        found.append(
            Event(
                version=entry["version"],
                at=entry["at"],
                by=words.who(entry["by"], entry["role"]),
                what=done(entry["action"], entry["batch"]),
                why=entry["why"],
                differences=words.differences(before, now) if entry["before"] else [],
                standing=not mine & touched and entry["action"] != "erase",
                action=entry["action"],
            )
        )
        touched |= mine
        now = before
    return found


def names_of(history: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the names of all who had a part in it, as the history keeps them."""
    return {str(entry["by"]) for entry in history}


def codes_of(row: Mapping[str, Any], history: Iterable[Mapping[str, Any]] = ()) -> set[str]:
    """Return the codes of all areas that a merchant lies in, or lay in once."""
    return {str(row["area"])} | {str(entry["before"].get("area", "")) for entry in history}
