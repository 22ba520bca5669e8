"""Where the next one would help most, for people: a question, its progress, and places on a map."""

from collections.abc import Mapping
from typing import Any, Literal

from flask import Response, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field

from geodata import accounts, areas, exchange, jobs
from geodata.errors import NotFound
from geodata.jobs import Job, State
from geodata.policy import Action, Actor, require
from geodata.siting import MOST, MOST_POINTS
from geodata.store import Reader
from webmap import changes, downloads, forms, i18n, mapping, matrix_ways, sited
from webmap.answers import parsed
from webmap.errors import sentence
from webmap.forms import Form, asked, onward, taken
from webmap.layers import MerchantLayer, SitingDesk
from webmap.request import current_actor, home, store
from webmap.sent import Sent
from webmap.siting import form as question_form
from webmap.siting.beginning import begin
from webmap.siting.blueprint import bp
from webmap.siting.form import MINUTES, SitingQuery

_FILES: dict[str, str] = {"xlsx": "XLSX", "geojson": "GeoJSON"}


@bp.get("/matrix/siting", endpoint="page")
def page() -> ResponseReturnValue:
    """Show the question, or how far a job is, or what it found."""
    told = parsed(SitingQuery)
    values = {"area": told.area or home().code, "category": told.category, "count": "1"}
    values |= {"minutes": str(told.minutes), "closures": told.closures}
    return _shown(Form(values), told.job)


def _again(form: Form, job_id: str = "") -> ResponseReturnValue:
    return _shown(form, job_id)


@bp.post("/matrix/siting")
@taken(_again)
def start() -> ResponseReturnValue:
    """Begin the search, then show how far it is."""
    return onward(".page", job=begin(question_form.asked()).id)


@bp.post("/matrix/siting/<job_id>/cancel")
@taken(_again)
def cancel(job_id: str) -> ResponseReturnValue:
    """End a search, then show its question again."""
    with store().writing() as tx:
        jobs.cancel(tx, job_id, actor=current_actor())
    return onward(".page", job=job_id)


class Pasted(Sent):
    """Lines that somebody pasted, and where their numbers come from."""

    text: str = Field(max_length=100_000)
    datum: Literal["", "wgs84", "gcj02", "bd09"] = ""


@bp.post("/matrix/siting/points")
@asked(Pasted)
def points(told: Pasted) -> Mapping[str, Any]:
    """Understand pasted lines, and say where each place is."""
    actor = current_actor()
    require(actor, Action.SITING_ASK, area=actor.scope)
    places = question_form.read(told.text, told.datum)
    with store().reading() as tx:
        return {"points": question_form.told(tx, places, actor)}


@bp.get("/matrix/siting/map.js")
def script() -> Response:
    """Serve what Folium writes: addresses and settings, no word of anybody's."""
    language = i18n.language()
    whole, _boundaries = mapping.grounded()
    merchants = MerchantLayer(
        url_for("merchants.listed"), url_for("categories.listed", lang=language)
    )
    for part in (merchants, SitingDesk(merchants, url_for(".points", lang=language))):
        part.add_to(whole)
    return mapping.as_script(whole)


@bp.get("/matrix/siting/<job_id>.<any(xlsx, geojson):kind>")
def file(job_id: str, kind: str) -> Response:
    """Download the places that were found."""
    with store().reading() as tx:
        job = jobs.get(tx, job_id, actor=current_actor())
    if job.answer is None:
        raise NotFound("job_unfinished", key=job_id)
    table = sited.table(job.answer)
    if kind == "xlsx":
        table = sited.titled(table)
    language: Literal["zh", "en"] = "en" if i18n.language() == "en" else "zh"
    return downloads.sent(
        lambda path: exchange.write(table, path, language=language), f"linju-siting.{kind}"
    )


def _shown(form: Form, job_id: str) -> ResponseReturnValue:
    actor = current_actor()
    require(actor, Action.SITING_ASK, area=actor.scope)
    with store().reading() as tx:
        job = jobs.get(tx, job_id, actor=actor) if job_id else None
        if job and not form.code:
            form = Form(question_form.values(job.asked))
        places = question_form.positions(form.values.get("point", []))
        told = {
            "categories": matrix_ways.shown(tx),
            "areas": matrix_ways.areas_to_choose(tx, actor.scope),
            "points": question_form.told(tx, places, actor),
            "job": job,
            **(_told(tx, job, actor) if job else {}),
        }
    return forms.page(
        "siting/index.html",
        form,
        **told,
        streets=matrix_ways.can_walk(),
        ways=matrix_ways.ways(form.values.get("area", "")),
        most=MOST,
        most_points=MOST_POINTS,
        minutes=sorted({*MINUTES, int(float(str(form["minutes"] or 15)))}),
        open=job is not None and job.state in jobs.OPEN,
        map_script_url=url_for(".script", lang=i18n.language()),
        **mapping.element(),
    )


def _told(tx: Reader, job: Job, actor: Actor) -> dict[str, Any]:
    """Return a job in words."""
    names = {one["id"]: one["name"] for one in matrix_ways.shown(tx)}
    area = areas.names(tx, [job.area]).get(job.area, job.area)
    titles = accounts.titles(tx, [job.by])
    told: dict[str, Any] = {
        "question": sited.question(job.asked, area, names.get(job.asked["category"], "")),
        "trouble": sentence(*job.trouble) if job.trouble else "",
        "cancelled": job.state is State.CANCELLED,
        "found": None,
    }
    if job.answer is not None:
        given = [one["words"] for one in question_form.told(tx, job.asked["points"], actor)]
        told["found"] = sited.found(job, changes.who(job.by, "", titles), given)
        told["files"] = {
            name: url_for(".file", job_id=job.id, kind=kind, lang=i18n.language())
            for kind, name in _FILES.items()
        }
    return told
