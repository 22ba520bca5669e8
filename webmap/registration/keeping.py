"""The private link, and the page of those whose shop it is."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from geodata import accounts, keys, proposals
from webmap import forms, limits, sessions
from webmap.forms import Form
from webmap.registration.blueprint import bp
from webmap.registration.entering import private
from webmap.request import current_actor, store


@bp.get("/mine")
def mine() -> ResponseReturnValue:
    """Show the shops of whoever asks; a link's token comes after the #, and a script sends it."""
    return _mine(Form())


def _mine(form: Form) -> ResponseReturnValue:
    actor = current_actor()
    with store().reading() as tx:
        shops = [proposals.followed(tx, one, actor=actor) for one in sorted(actor.owns)]
    # Where two were made one, the other is the one to look at.
    shown = [(row, told) for row, told in shops if row["merged"] not in actor.owns]
    page = render_template("registration/mine.html", form=form, shops=shown)
    return private(page, form.status)


@bp.post("/mine/open")
@forms.taken(_mine)
def open_link() -> ResponseReturnValue:
    """Let the browser hold a private link's token from now on."""
    limits.within(limits.OPEN_LINK)
    token = request.form.get("token", "").strip().rpartition("#")[2]
    with store().reading() as tx:
        accounts.holder_of(tx, token, keys.Kind.LINK)
    sessions.begin(token)
    return forms.onward("registration.mine")


@bp.post("/mine/leave")
def leave() -> ResponseReturnValue:
    """Let the browser forget a link."""
    sessions.end()
    return forms.onward("registration.mine")
