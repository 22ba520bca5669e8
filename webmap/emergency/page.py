"""The page of an incident: one screen on which it is asked and answered."""

from flask import Response, current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from geodata import scenarios
from geodata.policy import Action, require
from webmap import i18n, mapping
from webmap.emergency.blueprint import bp
from webmap.incident import scenario_document
from webmap.layers import ClosureLayer, EmergencyDesk, IncidentLayer
from webmap.pages import page_url
from webmap.request import current_actor, store

CLOSURES_EVERY_S = 3
"""What another one draws is obeyed here so soon."""

PLANS, PLAN = "plans.create", "plans.page"
"""Where an answer is kept as a plan, and where that is shown then."""


@bp.get("/emergency")
def page() -> ResponseReturnValue:
    """Show the page; what happened and where stays in the browser's tab, never in an address."""
    actor = current_actor()
    require(actor, Action.EMERGENCY_ASK, area=actor.scope)
    with store().reading() as tx:
        known = [scenario_document(one) for one in scenarios.listed(tx)]
    return render_template(
        "emergency/index.html",
        scenarios=known,
        plan_url=page_url(PLAN, plan_id="PLAN") if PLAN in current_app.view_functions else "",
        map_script_url=url_for(".script", lang=i18n.language()),
        **mapping.element(),
    )


@bp.get("/emergency/map.js")
def script() -> Response:
    """Serve what Folium writes: addresses and settings, no word of anybody's."""
    whole, _boundaries = mapping.grounded()
    closures = ClosureLayer(url_for("closures.listed"), every_s=CLOSURES_EVERY_S)
    layer = IncidentLayer(url_for("categories.listed", lang=i18n.language()))
    for part in (closures, layer, EmergencyDesk(layer, closures, _urls())):
        part.add_to(whole)
    return mapping.as_script(whole)


def _urls() -> dict[str, str]:
    language = i18n.language()
    told = {
        "answer": url_for("emergency.answer", lang=language),
        "ways": url_for("emergency.find_ways", lang=language),
        "homes": url_for("homes.named"),
        "merchants": url_for("merchants.listed"),
        "place": url_for("registration.place", lang=language),
        "closures": url_for("closures.listed", lang=language),
    }
    if {PLANS, PLAN} <= current_app.view_functions.keys():
        told["plans"] = url_for(PLANS, lang=language)
    return told
