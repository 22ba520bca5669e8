"""One's own account: password, one-time codes, sessions."""

import base64
import hashlib
import hmac
import io
from typing import Any, cast

import segno
from flask import Response, current_app, flash, request
from flask.typing import ResponseReturnValue

from geodata import accounts, keys
from geodata.accounts import Candidate
from geodata.errors import Forbidden, Invalid
from geodata.keys import Kind
from geodata.policy import Actor
from geodata.store import Reader
from webmap import limits, sessions
from webmap.accounts.blueprint import bp
from webmap.accounts.scopes import named
from webmap.accounts.words import role_name
from webmap.forms import Form, demand, onward, page, taken
from webmap.i18n import gettext as _
from webmap.i18n import moment
from webmap.request import current_actor, store

_GROUP = 4


@bp.get("/account")
def own() -> ResponseReturnValue:
    """Show one's own account."""
    actor = current_actor()
    with store().reading() as tx:
        told = {
            "account": accounts.own(tx, actor=actor),
            "area": named(tx, actor.scope),
            "role": role_name(actor.role),
            "sessions": _sessions(tx, actor),
            "shops": [tx.row("merchant", shop)["name"] for shop in sorted(actor.owns)],
        }
    return page("accounts/own.html", **told)


def _sessions(tx: Reader, actor: Actor) -> list[dict[str, Any]]:
    here = keys.find(tx, sessions.token(), Kind.SESSION)
    return [
        {
            "since": moment(row["created"]),
            "seen": moment(row["seen"]),
            "network": row["title"],
            "here": here is not None and row["id"] == here["id"],
        }
        for row in accounts.own_sessions(tx, actor=actor)
    ]


@bp.get("/account/password")
def new_password() -> ResponseReturnValue:
    """Ask for a new password, and for the present one."""
    return _password(Form())


def _password(form: Form) -> ResponseReturnValue:
    with store().reading() as tx:
        account = accounts.own(tx, actor=current_actor())
    return page("accounts/new_password.html", form, account=account)


@bp.post("/account/password")
@taken(_password)
def change_password() -> ResponseReturnValue:
    """Change one's own password, and end one's other sessions."""
    demand("present")
    form = request.form
    if form.get("password", "") != form.get("again", ""):
        raise Invalid("account_invalid", again="not_the_same")
    proven, new = _proven(), accounts.NewPassword(form.get("password", ""))
    with store().writing() as tx:
        done = accounts.change_password(
            tx,
            new,
            proven=proven,
            actor=current_actor(),
            keep=sessions.token(),
        )
    _must_be(proven=done)
    flash(_("Your password is changed. All other browsers are signed out."))
    return onward("accounts.own")


@bp.post("/account/sign-out-everywhere")
def sign_out_everywhere() -> ResponseReturnValue:
    """End all one's sessions, this one too."""
    with store().writing() as tx:
        accounts.sign_out_everywhere(tx, actor=current_actor())
    sessions.end()
    flash(_("You are signed out everywhere."))
    return onward("accounts.sign_in")


@bp.get("/account/codes")
def codes() -> ResponseReturnValue:
    """Show how to begin with one-time codes."""
    return _codes(Form())


def _codes(form: Form) -> ResponseReturnValue:
    with store().reading() as tx:
        account = accounts.own(tx, actor=current_actor())
    secret = _secret(account)
    groups = [secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP)]
    return page("accounts/codes.html", form, account=account, secret=" ".join(groups))


@bp.get("/account/codes.svg")
def codes_picture() -> Response:
    """Draw the QR code that an authenticator app reads; its secret stands in no address."""
    with store().reading() as tx:
        account = accounts.own(tx, actor=current_actor())
    drawn = io.BytesIO()
    segno.make(accounts.code_address(_secret(account), account["name"]), error="m").save(
        drawn, kind="svg", scale=6, border=4, light="#fff", xmldecl=False
    )
    answer = Response(drawn.getvalue(), mimetype="image/svg+xml")
    answer.cache_control.no_store = True
    return answer


@bp.post("/account/codes")
@taken(_codes)
def use_codes() -> ResponseReturnValue:
    """Ask for one-time codes from now on, or no more."""
    demand(*(("present",) if "off" in request.form else ("code", "present")))
    proven, actor = _proven(), current_actor()
    if "off" in request.form:
        with store().writing() as tx:
            done = accounts.drop_own_codes(tx, proven=proven, actor=actor)
        _must_be(proven=done)
        flash(_("You are not asked for one-time codes any more."))
        return onward("accounts.own")
    with store().writing() as tx:
        secret = _secret(accounts.own(tx, actor=actor))
        done = accounts.use_codes(
            tx, secret, request.form.get("code", ""), proven=proven, actor=actor
        )
    _must_be(proven=done)
    flash(_("From now on you are asked for a one-time code when you sign in."))
    return onward("accounts.own")


def _proven() -> bool:
    """Tell whether the present password was typed too; who finds a browser open lacks it."""
    limits.within(limits.SIGN_IN_ACCOUNT, account=current_actor().account)
    with store().reading() as tx:
        who: Candidate = accounts.myself(tx, actor=current_actor())
    return who.proven(request.form.get("present", ""))


def _must_be(*, proven: bool) -> None:
    if not proven:
        raise Forbidden("password_wrong")


def _secret(account: dict[str, Any]) -> str:
    """Return the secret that this session would begin one-time codes with.

    It is derived rather than kept: neither the cookie, which others may read who get hold of the
    browser's files, nor a form, which could bring another one, has to carry it.
    """
    told = f"codes {sessions.token()} {account['id']} {account['changed']}".encode()
    key = cast("bytes", current_app.secret_key)
    return base64.b32encode(hmac.digest(key, told, hashlib.sha256)[:20]).decode()
