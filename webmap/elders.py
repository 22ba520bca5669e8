"""Elders living alone: how many live in which building; who, one at a time, and recorded.

What is sealed is shown on the answer to a form only, which no cache keeps: it stands in no
address. Buildings are looked for by a form too, as people will type names there.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from flask import Response, flash, jsonify, redirect, request
from flask.blueprints import Blueprint
from flask.typing import ResponseReturnValue
from pydantic import Field

from geodata import accounts, areas, elders
from geodata.elders import Building, Elder
from geodata.policy import Action, Actor, can, require
from geodata.store import Reader
from geodata.store.records import Values
from webmap.answers import Parameters, parsed
from webmap.changes import who
from webmap.errors import for_program, sentence
from webmap.forms import Form, onward, page, taken
from webmap.i18n import gettext as _
from webmap.i18n import moment
from webmap.pages import page_url
from webmap.request import current_actor, store, vault

bp = Blueprint("elders", __name__)

_MOST_AREAS = 300
_PER_PAGE = 50
_LONGEST_SEARCH = 60
_PHONE_BREAK = re.compile(r"[;；,，、\n]")


class _ListQuery(Parameters):
    """Which part of the list."""

    area: Annotated[str, Field(pattern=r"^\d{0,15}$")] = ""
    home: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{0,20}$")] = ""
    entered: Literal["", "1"] = ""
    part: Annotated[int, Field(ge=1, le=100_000)] = 1
    mode: str = ""


@bp.get("/elders", endpoint="page")
def desk() -> ResponseReturnValue:
    """Show how many live alone in which building of one's area."""
    return _listed()


@bp.post("/elders")
def search() -> ResponseReturnValue:
    """Show the buildings that are called so."""
    return _listed(request.form.get("q", "")[:_LONGEST_SEARCH])


def _listed(words: str = "") -> ResponseReturnValue:
    asked, actor = parsed(_ListQuery), current_actor()
    inside = areas.prefix(asked.area) or actor.scope
    start = (asked.part - 1) * _PER_PAGE
    with store().reading() as tx:
        found = elders.by_home(tx, actor=actor, area=inside, words=words, home=asked.home)
        if asked.entered:
            found = [one for one in found if one.entries]
        shown = found[start : start + _PER_PAGE]
        titles = accounts.titles(tx, (row["by"] for one in shown for row in one.entries))
        told = {
            "homes": [_building(one, titles, actor) for one in shown],
            "n": len(found),
            "entered": sum(len(one.entries) for one in found),
            "said": sum(one.said or 0 for one in found),
            "areas": areas.within(tx, actor.scope, most=_MOST_AREAS),
            "trouble": _trouble(tx),
        }
    kept = {"area": asked.area or None, "entered": asked.entered or None}
    asks = {"kept": kept, "home": asked.home, "part": asked.part, "q": words}
    return page("elders/index.html", **told, **asks, more=len(found) > start + _PER_PAGE)


def _building(one: Building, titles: Mapping[str, str], actor: Actor) -> dict[str, Any]:
    entries = [
        {"id": row["id"], "at": moment(row["changed"]), "by": who(row["by"], "", titles)}
        for row in one.entries
    ]
    return {
        "id": one.id,
        "name": one.name,
        "address": one.address,
        "said": one.said,
        "differs": one.differs,
        "entries": entries,
        "may": can(actor, Action.ELDER_EDIT, area=one.area),
    }


@bp.get("/elders/new")
def fresh() -> ResponseReturnValue:
    """Show the form for somebody who lives in a building."""
    return _fresh(Form())


def _fresh(form: Form) -> ResponseReturnValue:
    home_id = request.values.get("home", "")
    with store().reading() as tx:
        home = tx.row("home", home_id)
        require(current_actor(), Action.ELDER_EDIT, area=home["area"])
        trouble = _trouble(tx)
    return page("elders/new.html", form, home=home, trouble=trouble, longest=elders.LONGEST)


@bp.post("/elders/new")
@taken(_fresh)
def add() -> ResponseReturnValue:
    """Enter somebody who lives in a building."""
    home = request.form.get("home", "")
    with store().writing() as tx:
        elders.add(tx, home, Elder.typed(request.form), vault(), actor=current_actor())
    flash(_("Entered. The name is sealed."))
    return onward("elders.page", home=home)


@bp.get("/elders/<elder_id>")
def single(elder_id: str) -> ResponseReturnValue:
    """Lead to the building: who it is must be asked for anew."""
    with store().reading() as tx:
        place = elders.place(tx, elder_id, actor=current_actor())
    return redirect(page_url("elders.page", home=place["home"]), code=303)


@bp.post("/elders/<elder_id>")
def show(elder_id: str) -> ResponseReturnValue:
    """Show who it is; it is recorded."""
    with store().writing() as tx:
        found = elders.look(tx, elder_id, vault(), actor=current_actor())
        place = elders.place(tx, elder_id, actor=current_actor())
    told = found.told
    if for_program():
        answer = jsonify(
            name=told.name, address=told.address, phones=_phones(told.phone), note=told.note
        )
        answer.cache_control.no_store = True
        return answer
    form = Form(told.told() | {"seen": found.changed})
    return _entry(form, place, told, editing="edit" in request.form)


def _again(form: Form, elder_id: str) -> ResponseReturnValue:
    with store().reading() as tx:
        place = elders.place(tx, elder_id, actor=current_actor())
    if form.code == "version_stale":
        # Sent again it puts itself in the place of what somebody else has written.
        form = replace(form, values={**form.values, "seen": place["changed"]})
    return _entry(form, place, None, editing=True)


def _entry(form: Form, place: Values, told: Elder | None, *, editing: bool) -> Response:
    return page(
        "elders/one.html",
        form,
        place=place,
        told=told,
        phones=_phones(told.phone) if told else [],
        editing=editing,
        longest=elders.LONGEST,
    )


@bp.post("/elders/<elder_id>/edit")
@taken(_again)
def edit(elder_id: str) -> ResponseReturnValue:
    """Change what is told of somebody."""
    actor, told = current_actor(), Elder.typed(request.form)
    with store().writing() as tx:
        seen = request.form.get("seen", "")
        elders.change(tx, elder_id, told, vault(), seen=seen, actor=actor)
        place = elders.place(tx, elder_id, actor=actor)
    flash(_("Saved."))
    return onward("elders.page", home=place["home"])


@bp.post("/elders/<elder_id>/remove")
def remove(elder_id: str) -> ResponseReturnValue:
    """Take somebody off the list."""
    actor = current_actor()
    with store().writing() as tx:
        place = elders.place(tx, elder_id, actor=actor)
        elders.remove(tx, elder_id, vault(), actor=actor)
    flash(_("Taken off the list."))
    return onward("elders.page", home=place["home"])


def _trouble(tx: Reader) -> dict[str, str] | None:
    code = elders.trouble(tx, vault())
    return {"code": code, "said": sentence(code, {})} if code else None


def _phones(written: str) -> list[dict[str, str]]:
    pieces: Iterable[str] = map(str.strip, _PHONE_BREAK.split(written))
    return [{"said": piece, "dialled": re.sub(r"[^\d+]", "", piece)} for piece in pieces if piece]
