"""The question as the page's form tells it, and back."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from flask import request
from pydantic import Field
from werkzeug.datastructures import MultiDict

from geodata import homes, pasted
from geodata.datum import Datum
from geodata.errors import Invalid
from geodata.policy import Actor
from geodata.siting import FARTHEST_MIN, MOST, MOST_POINTS, Asked, Objective, Weight
from geodata.store import Reader
from webmap.answers import Parameters
from webmap.i18n import gettext as _
from webmap.sited import letter

MINUTES: Final = (5, 10, 15, 20, 30)
"""Walks that are offered as near enough."""

_DECIMALS = 6
_AT = re.compile(r"(-?\d{1,3}(?:\.\d{1,20})?),(-?\d{1,2}(?:\.\d{1,20})?)")


class SitingQuery(Parameters):
    """A job to be shown, or what a question begins with."""

    job: Annotated[str, Field(max_length=20)] = ""
    area: Annotated[str, Field(pattern=r"^\d{0,15}$")] = ""
    category: Annotated[str, Field(max_length=60)] = ""
    minutes: Annotated[int, Field(ge=1, le=int(FARTHEST_MIN))] = 15
    closures: Literal["", "1"] = ""
    mode: str = ""


def asked() -> Asked:
    """Return the question of the form that was sent.

    Raises
    ------
    Invalid
        ``siting_invalid`` by field; ``area_code_invalid``; as :func:`geodata.pasted.lines`.
    """
    form = request.form
    if not form.get("area"):
        raise Invalid("siting_invalid", area="missing")
    return Asked(
        area=form["area"],
        category=form.get("category", ""),
        count=_whole(form, "count", MOST),
        objective=_one_of(Objective, form.get("objective", "")),
        weight=_one_of(Weight, form.get("weight", "")),
        minutes=_whole(form, "minutes", int(FARTHEST_MIN)),
        points=_points(form),
        closures=form.get("closures") == "1",
    ).checked()


def _whole(form: MultiDict[str, str], name: str, most: int) -> int:
    written = form.get(name, "")
    if not (written.isascii() and written.isdecimal() and 1 <= int(written[:9]) <= most):
        raise Invalid("siting_invalid", **{name: "range"})
    return int(written)


def _one_of[E: StrEnum](kind: type[E], written: str) -> E:
    return kind(written) if written in list(kind) else next(iter(kind))


def _points(form: MultiDict[str, str]) -> tuple[tuple[float, float], ...]:
    if form.get("where") != "points":
        return ()
    put = positions(form.getlist("point"))
    if len(put) != len(form.getlist("point")):
        raise Invalid("siting_invalid", points="range")
    most = max(0, MOST_POINTS - len(put))
    found = (*put, *read(form.get("pasted", ""), form.get("datum", ""), most))
    if not found:
        raise Invalid("siting_invalid", points="missing")
    return found


def read(text: str, datum: str, most: int = MOST_POINTS) -> list[tuple[float, float]]:
    """Return the places of pasted lines, WGS 84."""
    return pasted.lines(text, Datum(datum) if datum in list(Datum) else None, most=most)


def positions(written: Iterable[str]) -> list[tuple[float, float]]:
    """Return longitude and latitude of those places of a form that can be read."""
    found = (_AT.fullmatch(one) for one in written)
    return [(float(at[1]), float(at[2])) for at in found if at]


def values(question: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form shows of a question, as a job knows it."""
    kept = ("area", "category", "objective", "weight")
    return {name: str(question[name]) for name in kept} | {
        "count": str(question["count"]),
        "minutes": f"{question['minutes']:g}",
        "where": "points" if question["points"] else "streets",
        "closures": "1" if question["closures"] else "",
        "point": [f"{lon:.{_DECIMALS}f},{lat:.{_DECIMALS}f}" for lon, lat in question["points"]],
    }


def told(tx: Reader, places: Iterable[tuple[float, float]], actor: Actor) -> list[dict[str, Any]]:
    """Return places as the form and its script show them: a letter, where, and in words."""
    return [
        {
            "letter": letter(n),
            "at": f"{lon:.{_DECIMALS}f},{lat:.{_DECIMALS}f}",
            "words": _beside(tx, lon, lat, actor),
        }
        for n, (lon, lat) in enumerate(places)
    ]


def _beside(tx: Reader, lon: float, lat: float, actor: Actor) -> str:
    near = homes.nearest(tx, lon, lat, actor=actor)
    return _("near {name}", name=near[0]) if near else f"{lon:.4f}, {lat:.4f}"
