"""The poster's page: the sheet as it is printed, and above it what it is to be."""

from typing import Literal
from urllib.parse import urlsplit

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field

from geodata.modes import WALK_KMH
from webmap import i18n, limits, mapping, matrix_ways, qr
from webmap.answers import Parameters, parsed, turn
from webmap.i18n import gettext as _
from webmap.poster import report as reporting
from webmap.poster import sheet
from webmap.poster.blueprint import bp
from webmap.poster.papers import NAMES, PAPERS
from webmap.request import current_actor, home, now, settings, store


class PosterQuery(Parameters):
    """Which area, on which paper."""

    area: str = Field("", pattern=r"^\d{0,15}$")
    paper: Literal["a4", "a1", "a0"] = "a1"
    turn: Literal["", "landscape"] = ""
    only: Literal["", "area"] = ""
    mode: str = ""


@bp.get("/poster")
def page() -> ResponseReturnValue:
    """Show the guide map of an area as a sheet of paper, to be printed."""
    asked = parsed(PosterQuery)
    turned = asked.turn if (asked.paper, asked.turn) in PAPERS else ""
    at, streets = now(), mapping.streets()
    limits.act(limits.PAPER, current_actor())
    with turn():
        with store().reading() as tx:
            code = asked.area or home().code
            known = sheet.known(tx, code, near=not asked.only, at=at)
            choices = matrix_ways.areas_to_choose(tx)
        poster = sheet.lay(known, PAPERS[asked.paper, turned], streets)
    link = live_url(code)
    return render_template(
        "poster/index.html",
        poster=poster,
        asked=asked,
        turn=turned,
        code=known.land.own["code"] if known.land.own else "",
        choices=choices,
        papers=NAMES,
        link=link,
        picture=qr.inline(link),
        at_home=_is_loopback(link),
        made=sheet.made(at),
        sources=sources(),
    )


class ReportQuery(Parameters):
    """Of which area, how far is near, and which search is proposed of its category."""

    area: str = Field("", pattern=r"^\d{0,15}$")
    job: str = Field("", max_length=20)
    minutes: int = Field(15, ge=1, le=30)
    mode: str = ""


@bp.get("/matrix/report")
def report() -> ResponseReturnValue:
    """Show how an area is served, on sheets of A4; staff are told of homes too."""
    asked = parsed(ReportQuery)
    at, actor, streets = now(), current_actor(), mapping.streets()
    limits.act(limits.PAPER, actor)
    with turn(), store().reading() as tx:
        code = asked.area or home().code
        known = sheet.known(tx, code, near=False, at=at)
        told = reporting.report(tx, known, streets, asked.minutes, asked.job, actor=actor)
        choices = matrix_ways.areas_to_choose(tx)
    return render_template(
        "poster/report.html",
        report=told,
        pace=WALK_KMH,
        asked=asked,
        code=known.land.own["code"] if known.land.own else "",
        choices=choices,
        made=sheet.made(at),
        sources=sources(),
    )


def live_url(code: str) -> str:
    """Return where the live map of an area is, for a phone."""
    kept = {"lang": "en"} if i18n.language() == "en" else {}
    area = code if code and code != home().code else None
    return url_for("map.page", area=area, _external=True, **kept)


def sources() -> list[str]:
    """Return whose the data of a map is, and its review number where the office has one."""
    told = [_("Places: {office}", office=home().name or _("the community office"))]
    streets = mapping.streets()
    version = streets.version if streets else None
    if version is not None and version.demo:
        told.append(_("Streets drawn for the demonstration"))
    elif version is not None:
        told.append(_("Streets © OpenStreetMap contributors, Open Database License (ODbL)"))
    if settings().tiles_review_number:
        told.append(_("Review number {number}", number=settings().tiles_review_number))
    return told


def _is_loopback(link: str) -> bool:
    """Tell whether an address leads a phone to itself."""
    host = urlsplit(link).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.") or not request.host
