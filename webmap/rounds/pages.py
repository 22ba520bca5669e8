"""The pages at which rounds are planned, followed, shared and printed."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import shapely
from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geodata import areas, browse, rounds
from geodata.browse import Query
from geodata.errors import Invalid, NotFound
from geodata.exchange import Track, Waypoint, write_gpx
from geodata.geometry import BBox
from geodata.hours import SHANGHAI
from geodata.policy import Action, can, require
from geodata.rounds import MOST_VISITS, MOST_WORKERS, Round, Saved, State, Status
from geodata.store import Reader
from webmap import forms, i18n, mapping, qr, sent
from webmap.downloads import GPX, attached
from webmap.i18n import gettext as _
from webmap.i18n import moment
from webmap.layers import ClosureLayer, RoundDesk, RoundLayer
from webmap.pages import page_url
from webmap.request import current_actor, home, now, settings, store, vault
from webmap.rounds.blueprint import bp, writing
from webmap.rounds.documents import called_of, summary, trouble

_MOST_AREAS = 300
_CENTRE = "centre"
_CENTRE_DEG = 0.03


@bp.get("/rounds")
def page() -> ResponseReturnValue:
    """Show the rounds of one's own area."""
    with store().reading() as tx:
        found = rounds.listed(tx, actor=current_actor())
    told = [
        summary(one) | {"done": sum(states[s] for s in State if s is not State.OPEN)}
        for one, states in found
    ]
    return forms.page("rounds/index.html", rounds=told)


@bp.get("/rounds/new")
def fresh() -> ResponseReturnValue:
    """Show the page at which rounds are planned; what is typed stays in the browser's tab."""
    actor = current_actor()
    require(actor, Action.ROUND_ASK, area=actor.scope)
    with store().reading() as tx:
        known = areas.within(tx, actor.scope, most=_MOST_AREAS)
        centre = _centre(tx)
    return render_template(
        "rounds/new.html",
        areas=known,
        chosen=home().code,
        centre=centre,
        most={"visits": MOST_VISITS, "workers": MOST_WORKERS},
        unsealed=not vault().ready,
        days=settings().rounds_days,
        map_script_url=url_for(".script", part="new", lang=i18n.language()),
        **mapping.element(),
    )


@bp.get("/rounds/<any(new,one,sheet):part>/map.js")
def script(part: str) -> Response:
    """Serve what Folium writes: addresses and settings, no word of anybody's."""
    whole, _boundaries = mapping.grounded()
    layer = RoundLayer()
    if part != "sheet":
        ClosureLayer(url_for("closures.listed")).add_to(whole)
    layer.add_to(whole)
    RoundDesk(layer, part, _urls()).add_to(whole)
    return mapping.as_script(whole)


def _urls() -> dict[str, str]:
    language = i18n.language()
    return {
        "solve": url_for("rounds.plan_rounds", lang=language),
        "homes": url_for("rounds.find_homes", lang=language),
        "sheet": url_for("rounds.read_sheet", lang=language),
        "kept": url_for("rounds.kept_rounds", lang=language),
    }


def _centre(tx: Reader) -> dict[str, Any] | None:
    """Return the service centre nearest to the middle of the map, where workers set out."""
    place = home()
    box = BBox(
        place.lon - _CENTRE_DEG,
        place.lat - _CENTRE_DEG,
        place.lon + _CENTRE_DEG,
        place.lat + _CENTRE_DEG,
    )
    spots = browse.spots(tx, Query(box=box, categories=(_CENTRE,)), now())
    if not spots:
        return None
    spot = min(spots, key=lambda s: (s.lon - place.lon) ** 2 + (s.lat - place.lat) ** 2)
    (row,) = browse.places(tx, [spot.fid])
    return {"name": row.name, "lon": row.lon, "lat": row.lat}


@bp.get("/rounds/<round_id>")
def single(round_id: str) -> ResponseReturnValue:
    """Show a round: its map, how far it is, and what can be done with it."""
    actor = current_actor()
    with store().reading() as tx:
        one = rounds.opened(tx, rounds.get(tx, round_id, actor=actor), vault())
        links = rounds.shares(tx, round_id, actor=actor)
        known = areas.within(tx, actor.scope, most=_MOST_AREAS)
    return forms.page(
        "rounds/one.html",
        one=one,
        workers=[
            {
                "number": number + 1,
                "name": worker.name,
                "links": [
                    {"id": link["id"], "until": moment(link["expires"])}
                    for link in links.get(number, ())
                ],
            }
            for number, worker in enumerate(one.workers)
        ],
        Status=Status,
        trouble=trouble(one),
        may_erase=can(actor, Action.ROUND_ERASE, area=one.area),
        areas=known,
        map_script_url=url_for(".script", part="one", lang=i18n.language()),
        **mapping.element(),
    )


@bp.post("/rounds/<round_id>/step")
def step(round_id: str) -> ResponseReturnValue:
    """Take a round a step further, or back."""
    wanted, seen = request.form.get("status", ""), sent.whole(request.form.get("version", ""))
    if wanted not in list(Status):
        raise Invalid("round_step", status="", wanted=wanted)
    with writing() as tx:
        actor = current_actor()
        rounds.change(tx, round_id, status=Status(wanted), version=seen, actor=actor)
    flash(_("Saved."))
    return redirect(page_url(".single", round_id=round_id), code=303)


@bp.post("/rounds/<round_id>/erase")
def erase(round_id: str) -> ResponseReturnValue:
    """Delete a round for good."""
    with writing() as tx:
        rounds.erase(tx, round_id, actor=current_actor())
    flash(_("The round is deleted."))
    return redirect(page_url(".page"), code=303)


@bp.post("/rounds/<round_id>/<int:number>/share")
def share(round_id: str, number: int) -> ResponseReturnValue:
    """Make a link for a worker's phone, and show it once."""
    with writing() as tx:
        one = rounds.get(tx, round_id, actor=current_actor())
        until = _end_of_day(one)
        made = rounds.share(tx, round_id, number - 1, until=until, actor=current_actor())
    link = page_url("rounds.shared", _external=True) + f"#{made.token}"
    told = {"link": link, "qr": qr.drawn(link), "until": moment(until.isoformat())}
    return forms.page("rounds/link.html", one=one, worker=one.workers[number - 1].name, **told)


def _end_of_day(one: Saved) -> datetime:
    """Return midnight after a round's last working hour, or after today where that is over."""
    last = max([now(), *(worker.until for worker in one.workers)]).astimezone(SHANGHAI)
    return last.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


@bp.post("/rounds/<round_id>/links/<key_id>/end")
def unshare(round_id: str, key_id: str) -> ResponseReturnValue:
    """End a link at once."""
    with writing() as tx:
        rounds.unshare(tx, round_id, key_id, actor=current_actor())
    flash(_("The link is ended."))
    return redirect(page_url(".single", round_id=round_id), code=303)


class _Own(NamedTuple):
    """One worker's part of a round."""

    one: Saved
    number: int
    tour: Round


def _own(round_id: str, number: int) -> _Own:
    with store().reading() as tx:
        one = rounds.opened(tx, rounds.get(tx, round_id, actor=current_actor()), vault())
    if not 1 <= number <= len(one.solution.rounds):
        raise NotFound("round_not_found", key=round_id)
    return _Own(one, number, one.solution.rounds[number - 1])


@bp.get("/rounds/<round_id>/<int:number>/sheet")
def sheet(round_id: str, number: int) -> ResponseReturnValue:
    """Show a worker's round as a sheet of A4 to print."""
    own = _own(round_id, number)
    places = {visit.id: visit for visit in own.one.visits}
    stops = [
        {
            "n": n,
            "label": called_of(own.one, stop.visit),
            "begin": _clock(stop.begin),
            "leave": _clock(stop.leave),
            "walk": max(1, round(stop.duration_s / 60)) if stop.duration_s else 0,
            "windows": [
                f"{_clock(begin)}–{_clock(end)}" for begin, end in places[stop.visit].windows
            ],
        }
        for n, stop in enumerate(own.tour.stops, 1)
    ]
    return forms.page(
        "rounds/sheet.html",
        one=own.one,
        trouble=trouble(own.one),
        worker=own.one.workers[number - 1],
        number=number,
        stops=stops,
        depart=_clock(own.tour.depart),
        finish=_clock(own.tour.finish),
        walk=round(own.tour.duration_s / 60),
        metres=round(own.tour.distance_m),
        map_script_url=url_for(".script", part="sheet", lang=i18n.language()),
        **mapping.element(),
    )


@bp.get("/rounds/<round_id>/<int:number>/gpx")
def track(round_id: str, number: int) -> Response:
    """Send a worker's round as GPX."""
    own = _own(round_id, number)
    places = {visit.id: visit.at for visit in own.one.visits}
    points = [
        Waypoint(
            *places[stop.visit],
            f"{n} {called_of(own.one, stop.visit).title}",
            f"{_clock(stop.begin)} {called_of(own.one, stop.visit).note}".strip(),
        )
        for n, stop in enumerate(own.tour.stops, 1)
    ]
    coordinates = shapely.get_coordinates(own.tour.line)
    tracks = [Track(shapely.LineString(coordinates), own.tour.worker)] if len(coordinates) else []
    written = write_gpx(f"{own.one.name} {own.tour.worker}", now(), points, tracks)
    return attached(written, f"round-{number}.gpx", GPX)


def _clock(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%H:%M}"
