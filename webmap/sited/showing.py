"""What came of a search, in words that a page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geodata.jobs import Job
from geodata.siting import FARTHEST_MIN, Objective, Weight
from webmap.i18n import gettext as _
from webmap.i18n import moment, ngettext
from webmap.sited.documents import letter


@dataclass(frozen=True, slots=True)
class Place:
    """A place that was found."""

    rank: int
    lon: float
    lat: float
    name: str
    gains: list[str]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure before and after, and by how much it is better."""

    name: str
    before: str
    after: str
    better: str


@dataclass(frozen=True, slots=True)
class Found:
    """An answer: places, figures, how good it is, and what one must know."""

    places: list[Place]
    figures: list[Figure]
    proven: bool
    verdict: str
    notes: list[str]


def question(asked: dict[str, Any], area: str, category: str) -> str:
    """Return a question in words."""
    if asked["objective"] == Objective.COVER:
        wanted = _("most people within {n} min", n=f"{asked['minutes']:g}")
    else:
        wanted = _("the shortest mean walk")
    where = _("at {n} given places", n=len(asked["points"])) if asked["points"] else ""
    around = _("around closed streets") if asked["closures"] else ""
    count = ngettext("{n} new place", "{n} new places", asked["count"])
    return " · ".join(part for part in (area, category, count, wanted, where, around) if part)


def found(job: Job, asker: str, given: Sequence[str] = ()) -> Found:
    """Return what a job that is done has found; ``given`` says where places given are."""
    answer, asked = job.answer or {}, job.asked
    minutes = f"{asked['minutes']:g}"
    before, after = answer["before"], answer["after"]
    near = (
        _("households within {n} min", n=minutes)
        if asked["weight"] == Weight.HOUSEHOLDS
        else _("residents within {n} min", n=minutes)
    )
    figures = [
        Figure(
            near,
            _part(before),
            _part(after),
            _by("+", after["near"] - before["near"], ",.0f"),
        ),
        Figure(
            _("mean walk, minutes"),
            f"{before['mean_min']:.1f}",
            f"{after['mean_min']:.1f}",
            _by("−", before["mean_min"] - after["mean_min"], ".1f"),
        ),
    ]
    return Found(
        [_place(one, asked, given) for one in answer["places"]],
        figures,
        answer["proven"],
        _verdict(answer),
        [
            *_notes(answer, asked),
            _("Reckoned {moment}, {who}", moment=moment(job.ended), who=asker),
        ],
    )


def _people(asked: dict[str, Any], n: int) -> str:
    if asked["weight"] == Weight.HOUSEHOLDS:
        return ngettext("{n} household", "{n} households", n).replace(str(n), f"{n:,}")
    return ngettext("{n} resident", "{n} residents", n).replace(str(n), f"{n:,}")


def _by(sign: str, better: float, form: str) -> str:
    told = format(better, form)
    return sign + told if told.strip("0.") else "="


def _part(figures: dict[str, Any]) -> str:
    return f"{figures['near']:,} ({figures['share']:.0%})"


def _place(one: dict[str, Any], asked: dict[str, Any], given: Sequence[str]) -> Place:
    lon, lat = one["at"]
    if one["given"] is not None:
        name = _("place {letter}", letter=letter(one["given"]))
        name += f" ({given[one['given']]})" if given else ""
    else:
        name = _("in front of {name}", name=one["near"] or _("a home without a name"))
    near = _people(asked, one["gained"])
    more = _("+{who} within {minutes} min", who=near, minutes=f"{asked['minutes']:g}")
    gains = [
        *([more] if one["gained"] else []),
        _("mean walk −{n} min", n=f"{one['saved_min']:.1f}"),
        _("the nearest for {who}", who=_people(asked, one["served"])),
    ]
    return Place(one["rank"], lon, lat, name, gains)


def _verdict(answer: dict[str, Any]) -> str:
    if answer["proven"]:
        return _("Proven to be the best choice.")
    # What is not proven is never told as nothing.
    gap = max(100 * answer["gap"], 0.1)
    return _("At most {n} % short of the best choice.", n=f"{gap:.1f}")


def _notes(answer: dict[str, Any], asked: dict[str, Any]) -> list[str]:
    notes = []
    if len(answer["places"]) < asked["count"]:
        notes.append(_("More would bring nobody nearer, so these are all."))
    if answer["spacing_m"] is not None:
        notes.append(
            _(
                "{n} places in front of homes were tried, one in each {metres} m.",
                n=f"{answer['places_tried']:,}",
                metres=f"{answer['spacing_m']:.0f}",
            )
        )
    if answer["after"]["beyond"]:
        who = _people(asked, answer["after"]["beyond"])
        farthest = f"{FARTHEST_MIN:g}"
        notes.append(
            _("{who} have more than {n} min even then, and count as {n}.", who=who, n=farthest)
        )
    if answer["off_network"]:
        notes.append(
            ngettext(
                "{n} home lies more than 300 m from any street, and is left out here.",
                "{n} homes lie more than 300 m from any street, and are left out here.",
                answer["off_network"],
            )
        )
    if answer["unknown"]:
        notes.append(
            ngettext(
                "Of {n} home it is not known how many live there; it does not count here.",
                "Of {n} homes it is not known how many live there; they do not count here.",
                answer["unknown"],
            )
        )
    return notes
