"""In and out: signing in, signing out, and joining by an invitation."""

import time
from typing import NamedTuple

from flask import flash, jsonify, request, session
from flask.typing import ResponseReturnValue

from geodata import accounts, keys, merchants
from geodata.accounts import Candidate, SignedIn
from geodata.errors import Forbidden
from geodata.policy import Action, require
from geodata.store.records import Values
from webmap import limits, sessions
from webmap.accounts.blueprint import bp
from webmap.accounts.onward import into, safe
from webmap.accounts.scopes import named
from webmap.accounts.words import role_name
from webmap.forms import Form, demand, onward, page, taken
from webmap.i18n import gettext as _
from webmap.i18n import ngettext
from webmap.request import current_actor, store

_PROVEN = "proven"
_PROVEN_S = 300
"""So long a proven password waits for its one-time code."""


class _Proof(NamedTuple):
    """That a password was right, until when, and which one: a new one makes it worthless."""

    name: str = ""
    of: str = ""
    until: int = 0


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Ask for a name and a password."""
    if current_actor().account:
        return into(request.args.get("next", ""))
    session.pop(_PROVEN, None)
    return _door(Form({"next": safe(request.args.get("next", ""))}))


def _door(form: Form) -> ResponseReturnValue:
    return page("accounts/sign_in.html", form, asks_code=bool(_proof().name))


@bp.post("/sign-in")
@taken(_door)
def enter() -> ResponseReturnValue:
    """Take a name and a password, or the one-time code that was asked for after them."""
    limits.within(limits.SIGN_IN)
    form = request.form
    if "name" in form:  # from the beginning, whatever was proven before
        session.pop(_PROVEN, None)
        demand("name", "password")
    proof = _proof()
    if proof.name:
        demand("code")
    with store().reading() as tx:
        who = accounts.candidate(
            tx, proof.name or form.get("name", ""), known=sessions.known_accounts()
        )
    if who.known:
        limits.within(limits.SIGN_IN_ACCOUNT, account=_id(who))
    proven = proof.of == _of(who) if proof.name else who.proven(form.get("password", ""))
    if proven and who.row and who.row["totp"] and not who.row["disabled"]:
        session[_PROVEN] = _Proof(who.name, _of(who), int(time.time()) + _PROVEN_S)
    with store().writing() as tx:
        begun = accounts.sign_in(
            tx, who, proven=proven, code=form.get("code", ""), network=sessions.network()
        )
        if begun:
            accounts.sign_out(tx, sessions.token(), actor=current_actor())
    if begun is None:
        raise Forbidden("code_wrong" if proof.name else "sign_in_refused")
    _come_in(begun)
    return into(form.get("next", ""))


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session of this browser."""
    with store().writing() as tx:
        accounts.sign_out(tx, sessions.token(), actor=current_actor())
    sessions.end()
    flash(_("You are signed out."))
    return onward("accounts.sign_in")


@bp.get("/join")
def join() -> ResponseReturnValue:
    """Ask who was invited for a name and a password; the invitation stands behind the #."""
    return _joining(Form())


def _joining(form: Form) -> ResponseReturnValue:
    return page("accounts/join.html", form)


@bp.post("/join/look")
def look() -> ResponseReturnValue:
    """Tell a page's script what an invitation is for."""
    limits.within(limits.OPEN_LINK)
    with store().reading() as tx:
        row = accounts.invitation(tx, request.form.get("token", ""))
        area = named(tx, row["scope"])
    answer = jsonify(role=role_name(row["role"]), area=area, title=row["title"])
    answer.cache_control.no_store = True
    return answer


@bp.post("/join")
@taken(_joining)
def joined() -> ResponseReturnValue:
    """Make the account that an invitation is for; the form tells nothing of role and area."""
    limits.within(limits.OPEN_LINK)
    demand("token")
    form = request.form
    token = form.get("token", "").rpartition("#")[2].strip()
    with store().reading() as tx:
        accounts.invitation(tx, token)
    password = accounts.NewPassword(form.get("password", ""))
    with store().writing() as tx:
        begun = accounts.join(
            tx,
            token,
            form.get("name", ""),
            password,
            title=form.get("title", ""),
            network=sessions.network(),
        )
        accounts.sign_out(tx, sessions.token(), actor=current_actor())
    _come_in(begun)
    flash(_("Welcome. Your account is ready."))
    return onward("accounts.own")


@bp.get("/account/claim/<merchant_id>")
def claim(merchant_id: str) -> ResponseReturnValue:
    """Ask the holder of a private link for a name and a password to sign in with instead."""
    return _claiming(Form(), merchant_id=merchant_id)


def _claiming(form: Form, *, merchant_id: str) -> ResponseReturnValue:
    return page("accounts/claim.html", form, shop=_shop(merchant_id))


def _shop(merchant_id: str) -> Values:
    actor = current_actor()
    with store().reading() as tx:
        shop = merchants.get(tx, merchant_id, actor=actor)
        require(actor, Action.MERCHANT_AMEND, area=shop["area"], merchant=merchant_id)
    return shop


@bp.post("/account/claim/<merchant_id>")
@taken(_claiming)
def claimed(merchant_id: str) -> ResponseReturnValue:
    """Make the account, and give it the shop of the link."""
    limits.within(limits.OPEN_LINK)
    form = request.form
    _shop(merchant_id)
    password = accounts.NewPassword(form.get("password", ""))
    with store().writing() as tx:
        begun = accounts.claim(
            tx, merchant_id, form.get("name", ""), password, actor=current_actor()
        )
    _come_in(begun)
    flash(_("Welcome. Your account is ready."))
    return onward("registration.mine")


def _come_in(begun: SignedIn) -> None:
    sessions.begin(begun.session.token, begun.account)
    if n := begun.failures:
        flash(
            ngettext(
                "{n} wrong password was tried for your account since you last came.",
                "{n} wrong passwords were tried for your account since you last came.",
                n,
            )
        )


def _id(who: Candidate) -> str:
    return str(who.row["id"]) if who.row else ""


def _of(who: Candidate) -> str:
    return keys.digest(str(who.row["password"])) if who.row else ""


def _proof() -> _Proof:
    told = session.get(_PROVEN)
    proof = _Proof(*told) if told else _Proof()
    return proof if proof.until > time.time() else _Proof()
