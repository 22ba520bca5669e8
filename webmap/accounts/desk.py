"""The administrators' page: accounts of their scope, invitations, tokens, the access log."""

from datetime import timedelta
from typing import Annotated, Any

from flask import flash, request
from flask.typing import ResponseReturnValue
from pydantic import Field

from geodata import accounts
from geodata.errors import Invalid
from geodata.keys import Kind
from geodata.policy import Action, Actor, Role, require
from geodata.store import Reader
from geodata.store.records import Values
from webmap.accounts import scopes
from webmap.accounts.blueprint import bp
from webmap.accounts.words import ROLES, by_whom, noted, of_whom, role_name
from webmap.answers import Parameters, parsed
from webmap.forms import Form, onward, page, taken
from webmap.i18n import gettext as _
from webmap.i18n import moment
from webmap.pages import page_url
from webmap.qr import drawn
from webmap.request import current_actor, home, store

_LINES = 50
_PER_PAGE = 200
_DAYS = 90


class _PageQuery(Parameters):
    """Which part of a long list."""

    part: Annotated[int, Field(ge=1, le=100_000)] = 1
    before: Annotated[int | None, Field(ge=1, lt=2**63)] = None
    mode: str = ""


@bp.get("/accounts", endpoint="page")
def desk() -> ResponseReturnValue:
    """Show the accounts of the administrator's scope, and the invitations that are open."""
    actor, part = current_actor(), parsed(_PageQuery).part
    with store().reading() as tx:
        found = accounts.listed(tx, actor=actor)
        shown = found[(part - 1) * _PER_PAGE : part * _PER_PAGE]
        told = {
            "accounts": [_account(tx, row) for row in shown],
            "n": len(found),
            "part": part,
            "more": len(found) > part * _PER_PAGE,
            "invitations": _keys(tx, Kind.INVITATION, actor),
        }
    return page("accounts/page.html", **told)


@bp.get("/accounts/invite")
def inviting() -> ResponseReturnValue:
    """Ask whom to invite, as what and for where."""
    return _inviting(Form({"role": str(Role.WORKER)}))


def _inviting(form: Form) -> ResponseReturnValue:
    actor, near = _administrator(), home().code
    with store().reading() as tx:
        choices = _choices(tx, actor, near)
    return page("accounts/invite.html", form, **choices)


@bp.post("/accounts/invite")
@taken(_inviting)
def invite() -> ResponseReturnValue:
    """Make an invitation and show its link once."""
    form, actor = request.form, current_actor()
    with store().writing() as tx:
        made = accounts.invite(
            tx,
            role=_role(form.get("role", "")),
            scope=_scope(tx, actor),
            title=form.get("title", ""),
            actor=actor,
        )
        row = accounts.invitation(tx, made.token)
        told = _key(tx, row)
    link = page_url("accounts.join", _external=True) + f"#{made.token}"
    return page("accounts/invited.html", invitation=told, link=link, picture=drawn(link))


@bp.get("/accounts/tokens")
def tokens() -> ResponseReturnValue:
    """Show the tokens of machines, and a form for a new one."""
    return _tokens(Form({"days": str(_DAYS)}))


def _tokens(form: Form) -> ResponseReturnValue:
    actor, near = _administrator(), home().code
    with store().reading() as tx:
        told = {"tokens": _keys(tx, Kind.TOKEN, actor), **_choices(tx, actor, near)}
    return page("accounts/tokens.html", form, **told)


@bp.post("/accounts/tokens")
@taken(_tokens)
def issue_token() -> ResponseReturnValue:
    """Make a machine's token and show it once."""
    form, actor = request.form, current_actor()
    with store().writing() as tx:
        made = accounts.issue_token(
            tx,
            form.get("title", ""),
            scope=_scope(tx, actor),
            lifetime=_days(form.get("days", "")),
            actor=actor,
        )
    return page("accounts/token.html", token=made.token, title=form.get("title", ""))


@bp.post("/accounts/keys/<key_id>/end")
def end_key(key_id: str) -> ResponseReturnValue:
    """End an invitation or a token."""
    with store().writing() as tx:
        accounts.end_key(tx, key_id, actor=current_actor())
    flash(_("It has ended and opens nothing any more."))
    return onward("accounts.tokens" if "token" in request.form else "accounts.page")


@bp.get("/accounts/<account_id>")
def one(account_id: str) -> ResponseReturnValue:
    """Show one account, and what can be done with it."""
    return _one(Form(), account_id=account_id)


def _one(form: Form, *, account_id: str) -> ResponseReturnValue:
    actor, near = current_actor(), home().code
    with store().reading() as tx:
        row = accounts.get(tx, account_id, actor=actor)
        told = _account(tx, row)
        if not form.code:
            known = {name: str(row[name]) for name in ("role", "title")}
            whole = row["scope"] == actor.scope
            area = "" if whole else scopes.written(tx, row["scope"])
            form = Form(known | {"scope": area, "everywhere": "yes" if whole else ""})
        choices = _choices(tx, actor, near)
    return page("accounts/one.html", form, account=told, own=account_id == actor.account, **choices)


@bp.post("/accounts/<account_id>")
@taken(_one)
def revise(account_id: str) -> ResponseReturnValue:
    """Change role, area and title of an account."""
    form, actor = request.form, current_actor()
    with store().writing() as tx:
        accounts.revise(
            tx,
            account_id,
            role=_role(form.get("role", "")),
            scope=_scope(tx, actor),
            title=form.get("title", ""),
            actor=actor,
        )
    flash(_("Saved."))
    return onward("accounts.page")


@bp.post("/accounts/<account_id>/disable")
@taken(_one)
def disable(account_id: str) -> ResponseReturnValue:
    """Shut an account out at once."""
    with store().writing() as tx:
        accounts.disable(tx, account_id, actor=current_actor())
    flash(_("The account is disabled. Whoever was signed in with it is out."))
    return onward("accounts.page")


@bp.post("/accounts/<account_id>/enable")
@taken(_one)
def enable(account_id: str) -> ResponseReturnValue:
    """Let a disabled account in again."""
    with store().writing() as tx:
        accounts.enable(tx, account_id, actor=current_actor())
    flash(_("The account is enabled again."))
    return onward("accounts.page")


@bp.post("/accounts/<account_id>/password")
@taken(_one)
def set_password(account_id: str) -> ResponseReturnValue:
    """Give an account a new password and show it once."""
    actor, made = current_actor(), accounts.fresh_password()
    with store().reading() as tx:
        row = accounts.get(tx, account_id, actor=actor)
    new = accounts.NewPassword(made)
    with store().writing() as tx:
        accounts.set_password(tx, account_id, new, actor=actor)
    return page("accounts/password.html", account=row, password=made)


@bp.post("/accounts/<account_id>/codes-off")
@taken(_one)
def drop_codes(account_id: str) -> ResponseReturnValue:
    """Ask an account for one-time codes no more, for who lost the telephone."""
    with store().writing() as tx:
        accounts.drop_codes(tx, account_id, actor=current_actor())
    flash(_("The account is not asked for one-time codes any more."))
    return onward("accounts.page")


@bp.get("/accounts/log")
def log() -> ResponseReturnValue:
    """Show who came in, and who saw or changed what is private."""
    before = parsed(_PageQuery).before
    with store().reading() as tx:
        lines = accounts.log(tx, actor=current_actor(), before=before, limit=_LINES + 1)
        names = of_whom(tx, lines)
        told = [
            {
                "at": moment(line["at"]),
                "by": by,
                "name": name,
                "what": noted(line, names),
                "area": scopes.named(tx, line["area"]) if line["area"] else "",
                "network": line["network"],
            }
            for line, (by, name) in zip(lines[:_LINES], by_whom(tx, lines[:_LINES]), strict=True)
        ]
    older = lines[_LINES - 1]["seq"] if len(lines) > _LINES else None
    return page("accounts/log.html", lines=told, older=older, first=before is None)


def _administrator() -> Actor:
    actor = current_actor()
    require(actor, Action.ACCOUNT_EDIT, area=actor.scope)
    return actor


def _choices(tx: Reader, actor: Actor, near: str) -> dict[str, Any]:
    return {
        "roles": [(str(role), _(name)) for role, name in ROLES.items()],
        "areas": scopes.choices(tx, actor, near=near),
        "whole": scopes.named(tx, actor.scope) if actor.scope else "",
    }


def _scope(tx: Reader, actor: Actor) -> str:
    """Return what the form says about where: an area, or all of them, but never by silence."""
    form = request.form
    return scopes.chosen(tx, form.get("scope", ""), actor, everywhere="everywhere" in form)


def _account(tx: Reader, row: Values) -> Values:
    return row | {
        "role_name": role_name(row["role"]),
        "area": scopes.named(tx, row["scope"]),
        "seen": moment(row.get("seen", "")),
    }


def _keys(tx: Reader, kind: Kind, actor: Actor) -> list[Values]:
    rows = accounts.open_keys(tx, kind, actor=actor)
    makers = by_whom(tx, [{"by": row["by"]} for row in rows])
    return [_key(tx, row) | {"by": by} for row, (by, _name) in zip(rows, makers, strict=True)]


def _key(tx: Reader, row: Values) -> Values:
    told = {name: row[name] for name in ("id", "title")}
    return told | {
        "role_name": role_name(row["role"]),
        "area": scopes.named(tx, row["scope"]),
        "expires": moment(row["expires"]),
        "seen": moment(row["seen"]),
    }


def _role(told: str) -> Role:
    if told not in set(ROLES):
        raise Invalid("account_invalid", role="unknown")
    return Role(told)


def _days(told: str) -> timedelta:
    if not (told.isascii() and told.isdigit()) or len(told) > len("400"):
        raise Invalid("account_invalid", lifetime="out_of_range")
    return timedelta(days=int(told))
