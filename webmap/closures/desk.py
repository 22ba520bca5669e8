"""The desk at which closures are drawn: its page, and what its script asks besides the API."""

from dataclasses import asdict
from datetime import timedelta

from flask import Response, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field

from geodata import closures
from geodata.closures import LONGEST_REASON, Drawing
from geodata.policy import Action, require
from geodata.walking import Level
from webmap import i18n, mapping
from webmap.answers import Moment
from webmap.closed import Geometry, documents
from webmap.closures import telling
from webmap.closures.api import HowHigh
from webmap.closures.blueprint import bp
from webmap.layers import ClosureDesk, ClosureLayer
from webmap.request import current_actor, now, store
from webmap.sent import Sent, sent

EVERY_S = 3
"""So often the desk asks what the others have drawn."""

_AT_LEAST = timedelta(minutes=1)


@bp.get("/closures")
def page() -> ResponseReturnValue:
    """Show the desk; everything in it comes by itself afterwards."""
    actor = current_actor()
    require(actor, Action.CLOSURE_EDIT, area=actor.scope)
    return render_template(
        "closures/index.html",
        longest=LONGEST_REASON,
        map_script_url=url_for(".script", lang=i18n.language()),
        **mapping.element(),
    )


@bp.get("/closures/map.js")
def script() -> Response:
    """Serve what Folium writes: addresses and settings, no word of anybody's."""
    language = i18n.language()
    whole, _boundaries = mapping.grounded()
    layer = ClosureLayer(url_for(".listed"), every_s=EVERY_S)
    urls = {
        "closures": url_for(".listed", lang=language),
        "touched": url_for(".touched", lang=language),
        "history": url_for(".history", closure_id="-", lang=language),
    }
    for part in (layer, ClosureDesk(layer, urls)):
        part.add_to(whole)
    return mapping.as_script(whole)


class Touch(Sent):
    """What is about to be closed, and when; ``but`` is the closure that is drawn anew."""

    geometry: Geometry
    starts: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None
    level: HowHigh = Level.GROUND
    but: str = ""


@bp.post("/closures/touched")
def touched() -> Response:
    """Tell what a drawing would overlap, or what is wrong with it, before it is sent.

    ``streets``: how many stretches of street it closes; null where no streets are here.
    """
    told = sent(Touch)
    ends = told.until or (told.starts or now()) + _AT_LEAST
    drawing = Drawing(
        told.geometry.shape(), reason="", ends=ends, starts=told.starts, level=told.level
    )
    with store().reading() as tx:
        found = closures.touched(tx, drawing, actor=current_actor(), but=told.but)
        overlapping = documents(tx, found, now())
    closed = closures.streets_closed(mapping.streets(), drawing)
    return _private(overlapping=overlapping, streets=closed)


@bp.get("/closures/<closure_id>/history")
def history(closure_id: str) -> Response:
    """Tell what happened to a closure, in words, and how it stands."""
    actor = current_actor()
    with store().reading() as tx:
        entries = closures.history(tx, closure_id, actor=actor)
        events = telling.events(tx, tx.row("closure", closure_id), entries)
        (closure,) = documents(tx, [closures.get(tx, closure_id, actor=actor)], now())
    return _private(closure=closure, events=[asdict(one) for one in events])


def _private(**told: object) -> Response:
    answer = jsonify(**told)
    answer.cache_control.no_store = True
    return answer
