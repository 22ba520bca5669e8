"""History: what happened to a merchant, in words, and taking it back."""

from collections.abc import Mapping

from flask import Blueprint, current_app, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from geodata import merchants, proposals
from geodata.merchants import Status
from geodata.policy import Action, can
from webmap import changes
from webmap.changes import Words
from webmap.i18n import gettext, marked
from webmap.pages import page_url
from webmap.request import current_actor, store
from webmap.sent import Sent, Version, sent, whole

bp = Blueprint("history", __name__)

DONE: Mapping[str, str] = {
    "undone": marked("Undone."),
    "restored": marked("It is on the map again."),
}
"""What the page says after a form was sent."""


@bp.get("/merchants/<merchant_id>/history")
def page(merchant_id: str) -> ResponseReturnValue:
    """Show what happened to a merchant, newest first."""
    actor = current_actor()
    with store().reading() as tx:
        history = merchants.history(tx, merchant_id, actor=actor)
        row = merchants.get(tx, merchant_id, actor=actor)
        heir = merchants.heir(tx, row)
        words = Words(tx, changes.codes_of(row, history), changes.names_of(history))
    return render_template(
        "history/index.html",
        merchant=row,
        category=words.category(row["category"]),
        area=words.area(row["area"]),
        status=words.said("status", row),
        events=changes.events(words, row, history),
        may_undo=can(actor, Action.MERCHANT_EDIT, area=row["area"]),
        done=gettext(DONE[done]) if (done := request.args.get("done", "")) in DONE else "",
        edit_url=page_url("registration.edit", merchant_id=merchant_id)
        if "registration.edit" in current_app.view_functions
        else "",
        gone=row["status"] == Status.RETIRED
        and (heir is None or heir["status"] not in merchants.PUBLIC),
    )


class Taken(Sent):
    """What is to be taken back."""

    version: Version


@bp.post("/merchants/<merchant_id>/history/undo")
def undo(merchant_id: str) -> ResponseReturnValue:
    """Take back what one version changed; a decision with its proposal, which waits again."""
    version = sent(Taken).version if request.is_json else whole(request.form.get("version", ""))
    with store().writing() as tx:
        row = proposals.take_back(tx, merchant_id, version, actor=current_actor())
    if request.is_json:
        return jsonify(id=merchant_id, version=row["version"])
    return redirect(page_url("history.page", merchant_id=merchant_id, done="undone"), code=303)


@bp.post("/merchants/<merchant_id>/history/restore")
def restore(merchant_id: str) -> ResponseReturnValue:
    """Bring a retired merchant back to the map."""
    version = whole(request.form.get("version", ""))
    told = {"status": str(Status.PUBLISHED)}
    actor = current_actor()
    with store().writing() as tx:
        merchants.edit(tx, merchant_id, told, version=version, actor=actor, action="restore")
    return redirect(page_url("history.page", merchant_id=merchant_id, done="restored"), code=303)
