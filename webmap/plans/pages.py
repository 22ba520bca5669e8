"""The pages of plans: a list, one to work with, and one to print."""

from typing import Any

from flask import Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from geodata import plans
from geodata.plans import Plan, Status
from geodata.policy import Action, can
from geodata.store import Reader
from webmap import forms, i18n, mapping
from webmap.changes import Words
from webmap.i18n import gettext as _
from webmap.i18n import moment
from webmap.layers import ClosureLayer, PlanDesk, PlanLayer
from webmap.plans.blueprint import bp
from webmap.plans.documents import state, summaries
from webmap.plans.events import STATUSES, events
from webmap.plans.sharing import LIFETIMES, links, offered
from webmap.request import current_actor, now, store


@bp.get("/plans", endpoint="index")
def index() -> ResponseReturnValue:
    """Show the plans of one's own area, those that are not done first."""
    with store().reading() as tx:
        found = plans.listed(tx, actor=current_actor())
        words = Words(tx, {one.area for one in found})
    shown = [
        told
        | {
            "status_words": _(STATUSES[one.status]),
            "area_words": words.nearest(one.area),
            "created_words": moment(one.created),
            "changed_words": moment(one.changed),
        }
        for one, told in zip(found, summaries(found), strict=True)
    ]
    parts = {status: [one for one in shown if one["status"] is status] for status in _ORDER}
    return forms.page("plans/index.html", parts=parts)


_ORDER = (Status.UNDER_WAY, Status.OPEN, Status.DONE)


@bp.get("/plans/<plan_id>", endpoint="page")
def page(plan_id: str) -> ResponseReturnValue:
    """Show one plan: as it was, what is to be done, and as it would be now."""
    with store().reading() as tx:
        one = plans.glance(tx, plan_id, actor=current_actor())
        told = _told(tx, one) | {"links": links(tx, one)}
    return forms.page(
        "plans/page.html",
        lifetimes=LIFETIMES,
        done=request.args.get("done", ""),
        **told,
        **_map(),
    )


@bp.get("/plans/<plan_id>/state")
def stand(plan_id: str) -> Response:
    """Tell how it stands with a plan, to a page that asks again and again."""
    actor = current_actor()
    with store().reading() as tx:
        one = plans.glance(tx, plan_id, actor=actor)
        answer = jsonify(state(tx, one) | {"events": events(tx, one, actor=actor)})
    answer.cache_control.no_store = True
    answer.set_etag(f"{one.version}-{i18n.language()}", weak=True)
    answer.make_conditional(request)
    return answer


@bp.get("/plans/<plan_id>/print", endpoint="sheet")
def sheet(plan_id: str) -> ResponseReturnValue:
    """Show a plan as it is printed on A4."""
    with store().reading() as tx:
        one = plans.glance(tx, plan_id, actor=current_actor())
        told = _told(tx, one) | {"link": offered(tx, one)}
    return forms.page("plans/sheet.html", printed=moment(now().isoformat()), **told, **_map())


@bp.get("/plan/map.js")
def script() -> Response:
    """Serve what Folium writes for the map of any plan: addresses and settings."""
    whole, _boundaries = mapping.grounded()
    layer, closures = (
        PlanLayer(url_for("categories.listed", lang=i18n.language())),
        ClosureLayer(""),
    )
    for part in (closures, layer, PlanDesk(layer, closures)):
        part.add_to(whole)
    return mapping.as_script(whole)


def _told(tx: Reader, one: Plan) -> dict[str, Any]:
    actor, words = current_actor(), Words(tx, [one.area])
    here = state(tx, one)
    return {
        "plan": here,
        "state": here | {"events": events(tx, one, actor=actor)},
        "area": words.area(one.area),
        "may_edit": can(actor, Action.PLAN_EDIT, area=one.area),
        "statuses": {str(status): _(name) for status, name in STATUSES.items()},
        "created": moment(one.created),
    }


def _map() -> dict[str, Any]:
    return {"map_script_url": url_for("plans.script", lang=i18n.language()), **mapping.element()}
