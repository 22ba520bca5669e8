"""Review: the queue of an area, one proposal beside the map, and what is decided of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Literal, TypedDict

from flask import Blueprint, Response, current_app, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from pydantic import AfterValidator, Field

from geodata import areas, creditcode, merchants, proposals
from geodata.merchants import Status
from geodata.policy import Action, Actor, require
from geodata.proposals import DECIDED, Alike, Kind, State
from geodata.store import Writer
from geodata.store.records import Values
from webmap import changes, i18n, mapping
from webmap.answers import Parameters, parsed
from webmap.changes import Words
from webmap.i18n import gettext, marked
from webmap.layers import ReviewDesk, ReviewLayer
from webmap.pages import page_url
from webmap.request import current_actor, store
from webmap.sent import Sent, Version, sent

bp = Blueprint("review", __name__)

MOST_AREAS = 300
"""Areas that the queue can be narrowed to; deeper levels are left out above."""

EVENTS = 12
"""Lines of the history beside a proposal; all of them are a page of their own."""

KINDS: Mapping[str, str] = {
    "new": marked("New"),
    "edit": marked("Correction"),
    "report": marked("Report"),
}

REPORTS: Mapping[str, str] = {
    "moved": marked("It has moved"),
    "closed": marked("It is gone"),
    "phone": marked("The phone is not right"),
    "hours": marked("The hours are not right"),
    "position": marked("The place on the map is not right"),
    "other": marked("Something else"),
}

_SHOWN: Mapping[str, Sequence[State]] = {
    "open": (State.OPEN,),
    "returned": (State.RETURNED,),
    "decided": DECIDED,
}


def _place_in_queue(text: str) -> str:
    if text and text.count(",") != 1:
        raise ValueError("at,id of the last one seen")
    return text


class QueueQuery(Parameters):
    """Which part of the queue."""

    state: Literal["open", "returned", "decided"] = "open"
    area: Annotated[str, Field(pattern=r"^\d{0,15}$")] = ""
    after: Annotated[str, AfterValidator(_place_in_queue)] = ""


class Seen(TypedDict):
    """Versions that a reviewer saw, of the proposal and of its merchant."""

    version: int
    merchant_version: int


class Decision(Sent):
    """What a reviewer saw, and says of it."""

    version: Version
    merchant_version: Version = 0
    into: str = ""
    why: str = ""

    def seen(self) -> Seen:
        """Return what must still stand when this is decided."""
        return {"version": self.version, "merchant_version": self.merchant_version}


class PlaceQuery(Parameters):
    """A place, WGS 84."""

    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]


@bp.get("/review")
def page() -> ResponseReturnValue:
    """Show the desk of those who review; everything in it comes by itself afterwards."""
    actor = current_actor()
    require(actor, Action.MERCHANT_REVIEW, area=actor.scope)
    with store().reading() as tx:
        inside = areas.within(tx, actor.scope, most=MOST_AREAS)
        code = _whole(actor.scope)
        words = Words(tx, [code]) if actor.scope else None
    return render_template(
        "review/index.html",
        areas=inside,
        scope=words.area(code) if words else "",
        own=words.nearest(code) if words else "",
        map_script_url=url_for(".script", lang=i18n.language()),
        **mapping.element(),
    )


@bp.get("/review/map.js")
def script() -> Response:
    """Serve what Folium writes: addresses and settings, no word of anybody's."""
    language = i18n.language()
    whole, _boundaries = mapping.grounded()
    layer = ReviewLayer(url_for("categories.listed", lang=language))
    urls = {
        "queue": url_for(".queue", lang=language),
        "items": url_for(".queue").removesuffix("queue") + "items",
        "contact": url_for(".contact", merchant_id="-").removesuffix("/-"),
        "merchants": url_for("merchants.listed"),
        "lang": language,
    }
    for part in (layer, ReviewDesk(layer, urls)):
        part.add_to(whole)
    return mapping.as_script(whole)


@bp.get("/review/queue")
def queue() -> Response:
    """Tell a page of the queue, and how many wait."""
    asked, actor = parsed(QueueQuery), current_actor()
    area = areas.prefix(asked.area) or actor.scope
    after = tuple(asked.after.split(","))
    with store().reading() as tx:
        found = proposals.queue(
            tx,
            actor=actor,
            states=_SHOWN[asked.state],
            newest=asked.state == "decided",
            area=area,
            after=(after[0], after[1]) if asked.after else None,
        )
        waiting = None if asked.after else proposals.waiting(tx, actor=actor, area=area)
        words = Words(tx, {row["area"] for row in found})
    last = found[-1] if len(found) == proposals.PAGE else None
    return _private(
        waiting=waiting,
        after=f"{last['at']},{last['id']}" if last else "",
        items=[_line(row, words) for row in found],
    )


@bp.get("/review/items/<proposal_id>")
def item(proposal_id: str) -> Response:
    """Tell a proposal beside what is known."""
    actor = current_actor()
    with store().reading() as tx:
        found = proposals.review(tx, proposal_id, actor=actor)
        row = found.merchant
        history = merchants.history(tx, row["id"], actor=actor)
        wanted = found.proposal["changes"] if found.proposal["kind"] == Kind.EDIT else {}
        names = {found.proposal["by"], found.proposal["decided_by"], *changes.names_of(history)}
        words = Words(tx, changes.codes_of(row, history), names)
    shown = row | wanted
    differs = words.differences(row, shown)
    return _private(
        proposal=_proposal(found.proposal, words),
        merchant={
            "id": row["id"],
            "name": shown["name"],
            "category": shown["category"],
            "category_name": words.category(shown["category"]),
            "version": row["version"],
            "status": words.said("status", row),
            "public": row["status"] in merchants.PUBLIC,
        },
        facts=[{"field": f, "label": label, "text": text} for f, label, text in words.told(shown)],
        changes=[asdict(one) for one in differs],
        wanted=[found.lon, found.lat],
        present=[row["lon"], row["lat"]] if found.shift_m else None,
        shift_m=found.shift_m,
        moved_on=found.moved_on and found.proposal["state"] == State.OPEN,
        alike=[_alike(one, words) for one in found.alike],
        credit=_credit(shown),
        history=[asdict(one) for one in changes.events(words, row, history)[:EVENTS]],
        links=_links(row["id"]),
    )


@bp.post("/review/items/<proposal_id>/<any(publish,return,merge,retire,dismiss,reopen):act>")
def decide(proposal_id: str, act: str) -> Response:
    """Decide a proposal, or take the decision back."""
    told, actor = sent(Decision), current_actor()
    with store().writing() as tx:
        _ACTS[act](tx, proposal_id, told, actor)
        proposal = tx.record("proposal", proposal_id)
    return _private(id=proposal_id, version=proposal["version"], state=proposal["state"])


@bp.post("/review/contact/<merchant_id>")
def contact(merchant_id: str) -> Response:
    """Reveal whom to ask; it is recorded."""
    with store().writing() as tx:
        found = proposals.contact(tx, merchant_id, actor=current_actor())
    return _private(name=found.name, phone=found.phone)


@bp.get("/review/place")
def place() -> Response:
    """Tell in which area a place lies."""
    asked, actor = parsed(PlaceQuery), current_actor()
    require(actor, Action.MERCHANT_EDIT, area=actor.scope)
    with store().reading() as tx:
        (code,) = areas.containing(tx, asked.lon, asked.lat)
        name = Words(tx, [code]).area(code)
    return _private(area=name, code=code)


def _publish(tx: Writer, proposal_id: str, told: Decision, actor: Actor) -> None:
    proposals.publish(tx, proposal_id, **told.seen(), actor=actor, why=told.why)


def _return(tx: Writer, proposal_id: str, told: Decision, actor: Actor) -> None:
    proposals.send_back(tx, proposal_id, **told.seen(), actor=actor, why=told.why)


def _merge(tx: Writer, proposal_id: str, told: Decision, actor: Actor) -> None:
    proposals.merge_into(tx, proposal_id, told.into, **told.seen(), actor=actor, why=told.why)


def _retire(tx: Writer, proposal_id: str, told: Decision, actor: Actor) -> None:
    proposals.retire(tx, proposal_id, **told.seen(), actor=actor, why=told.why)


def _dismiss(tx: Writer, proposal_id: str, told: Decision, actor: Actor) -> None:
    proposals.dismiss(tx, proposal_id, **told.seen(), actor=actor, why=told.why)


def _reopen(tx: Writer, proposal_id: str, told: Decision, actor: Actor) -> None:
    proposals.reopen(tx, proposal_id, version=told.version, actor=actor, why=told.why)


_ACTS: Mapping[str, Callable[[Writer, str, Decision, Actor], None]] = {
    "publish": _publish,
    "return": _return,
    "merge": _merge,
    "retire": _retire,
    "dismiss": _dismiss,
    "reopen": _reopen,
}


def _private(**told: Any) -> Response:
    answer = jsonify(**told)
    answer.cache_control.no_store = True
    return answer


def _whole(prefix: str) -> str:
    return prefix if len(prefix) > 12 else prefix.ljust(12, "0")  # noqa: PLR2004 - as codes are


def _line(row: Values, words: Words) -> dict[str, Any]:
    shop = row["shop"]
    return {
        "id": row["id"],
        "at": row["at"],
        "kind": row["kind"],
        "what": _what(row),
        "state": row["state"],
        "state_name": changes.outcome(row["kind"], row["state"]),
        "version": row["version"],
        "merchant": shop["id"],
        "merchant_version": shop["version"],
        "name": row["changes"].get("name", shop["name"]),
        "category": row["changes"].get("category", shop["category"]),
        "area": words.nearest(row["area"]),
    }


def _what(row: Values) -> str:
    said = REPORTS.get(row["changes"].get("report", ""), KINDS[row["kind"]])
    return gettext(said)


def _proposal(row: Values, words: Words) -> dict[str, Any]:
    kept = ("id", "kind", "at", "state", "version", "words", "decided", "why")
    told = {name: row[name] for name in kept}
    return told | {
        "what": _what(row),
        "by": words.who(row["by"], row["role"]),
        "decided_by": words.who(row["decided_by"]),
        "state_name": changes.outcome(row["kind"], row["state"]),
        "reopens": row["state"] in proposals.REVERSIBLE,
    }


def _alike(one: Alike, words: Words) -> dict[str, Any]:
    known = {
        name: one.merchant[name] for name in ("id", "name", "category", "lon", "lat", "address")
    }
    return known | {
        "category_name": words.category(one.merchant["category"]),
        "status": words.said("status", one.merchant),
        "metres": one.metres,
        "likeness": round(one.likeness * 100),
        "phone": one.phone,
        "code": one.code,
        "pending": one.merchant["status"] == Status.PENDING,
    }


def _credit(row: Values) -> dict[str, Any] | None:
    if not row["credit_code"]:
        return None
    found = creditcode.check(row["credit_code"], area=row["area"])
    return {"code": found.code, "region": found.region_name, "elsewhere": found.elsewhere}


def _links(merchant_id: str) -> dict[str, str]:
    links = {
        "history": page_url("history.page", merchant_id=merchant_id),
        "map": page_url("map.page", sel=merchant_id),
    }
    if "registration.edit" in current_app.view_functions:
        links["edit"] = page_url("registration.edit", merchant_id=merchant_id)
    return links
