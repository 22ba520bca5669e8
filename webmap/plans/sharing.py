"""Links that show a plan to who has no account, and what these show."""

import time
from datetime import timedelta
from typing import Annotated, Any, NamedTuple

from flask import Response, jsonify, request, session, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field

from geodata import accounts, plans
from geodata.errors import Invalid
from geodata.plans import Plan
from geodata.store import Reader, now
from webmap import forms, i18n, limits, mapping
from webmap.i18n import moment
from webmap.pages import page_url
from webmap.plans.blueprint import bp
from webmap.plans.documents import shared
from webmap.qr import drawn
from webmap.request import current_actor, store
from webmap.sent import Sent, Version, sent, whole

LIFETIMES = (1, 4, 24, 3 * 24, 7 * 24, 30 * 24)
"""Hours that a link can be made for."""

_KEPT, _KEPT_S = "share", 3600
"""A new link can be looked at again, and printed on the sheet, for an hour in this browser."""


class Opening(Sent):
    """A link's token, and the version that is shown already, 0 for none."""

    token: Annotated[str, Field(max_length=200)]
    seen: Version = 0


class Offered(NamedTuple):
    """A link that this browser made just now: its address, its picture, until when it opens."""

    address: str
    picture: str
    expires: str


def links(tx: Reader, one: Plan) -> list[dict[str, Any]]:
    """Return the links of a plan for its page, those that open first."""
    rows = plans.shares(tx, one.id, actor=current_actor())
    titles = accounts.titles(tx, {row["by"] for row in rows})
    at = now()
    return sorted(
        (
            {
                "id": row["id"],
                "title": row["title"],
                "by": titles.get(row["by"], row["by"]),
                "created": moment(row["created"]),
                "expires": moment(row["expires"]),
                "ended": moment(row["ended"]),
                "opens": not row["ended"] and row["expires"] > at,
            }
            for row in rows
        ),
        key=lambda told: not told["opens"],
    )


def offered(tx: Reader, one: Plan) -> Offered | None:
    """Return the link of a plan that this browser made within the hour, if it still opens."""
    plan_id, key_id, token, until = session.get(_KEPT) or ("", "", "", 0)
    if plan_id != one.id or until < time.time():
        return None
    for told in plans.shares(tx, one.id, actor=current_actor()):
        if told["id"] == key_id and not told["ended"] and told["expires"] > now():
            # Behind the #: what stands there is neither sent to a server nor logged by one.
            address = page_url("plans.shown", _external=True) + f"#{token}"
            return Offered(address, drawn(address), moment(told["expires"]))
    return None


@bp.post("/plans/<plan_id>/links")
def make_link(plan_id: str) -> ResponseReturnValue:
    """Make a link to a plan, then show it."""
    hours = whole(request.form.get("hours", ""))
    if hours not in LIFETIMES:
        raise Invalid("share_invalid", lifetime="out_of_range")
    with store().writing() as tx:
        made = plans.share(
            tx,
            plan_id,
            lifetime=timedelta(hours=hours),
            title=request.form.get("title", ""),
            actor=current_actor(),
        )
    session[_KEPT] = [plan_id, made.id, made.token, int(time.time()) + _KEPT_S]
    return forms.onward("plans.link", plan_id=plan_id)


@bp.get("/plans/<plan_id>/links/new")
def link(plan_id: str) -> ResponseReturnValue:
    """Show the link that was made just now."""
    with store().reading() as tx:
        one = plans.glance(tx, plan_id, actor=current_actor())
        found = offered(tx, one)
    return forms.page("plans/link.html", plan=one, link=found)


@bp.post("/plans/<plan_id>/links/<key_id>/end")
def end_link(plan_id: str, key_id: str) -> ResponseReturnValue:
    """End a link of a plan."""
    with store().writing() as tx:
        plans.unshare(tx, plan_id, key_id, actor=current_actor())
    return forms.onward("plans.page", plan_id=plan_id, done="ended")


@bp.get("/plan")
def shown() -> ResponseReturnValue:
    """Show the page of a link; its token comes after the #, and a script sends it."""
    return forms.page(
        "plans/shared.html",
        map_script_url=url_for("plans.script", lang=i18n.language()),
        **mapping.element(),
    )


@bp.post("/plan/open")
def open_link() -> Response:
    """Tell a link's holder the plan, or nothing where it has been seen as it stands."""
    asked = sent(Opening)
    limits.within(limits.FOLLOW if asked.seen else limits.OPEN_LINK)
    with store().reading() as tx:
        one = plans.shared(tx, asked.token.strip())
        told = {"version": one.version} if one.version == asked.seen else shared(tx, one)
    answer = jsonify(told)
    answer.cache_control.no_store = True
    return answer
