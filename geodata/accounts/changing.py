"""Changing accounts, shutting them out, and letting them in again."""

from typing import Any

from geodata import keys, wording
from geodata.accounts import guessing
from geodata.accounts.entering import sign_out_everywhere
from geodata.accounts.holding import hold, standing
from geodata.accounts.passwords import NewPassword
from geodata.accounts.rules import (
    check,
    end_sessions,
    other_account,
    own_account,
    revised,
    scope_of,
)
from geodata.errors import Conflict
from geodata.keys import Kind
from geodata.policy import Action, Actor, Role, require
from geodata.store import Reader, Writer
from geodata.store.records import Values

_ADMINS = "account of administrators"


def change_password(
    tx: Writer, new: NewPassword, *, proven: bool, actor: Actor, keep: str = ""
) -> bool:
    """Change one's own password, and end one's other sessions (``keep`` is this one's token).

    ``proven`` tells whether the present one was right, as :meth:`Candidate.proven` says of
    :func:`myself`. False where it was not, which is counted.

    Raises
    ------
    Invalid
        ``account_invalid``.
    """
    row = own_account(tx, actor)
    check(password=new.text, known=row["name"])
    if not guessing.passes(tx, guessing.of_known(row["id"]), proven=proven):
        return False
    revised(tx, row["id"], password=new.kept)
    tx.note("password_change", by=actor, target=row["id"], area=row["scope"])
    sign_out_everywhere(tx, actor=actor, but=keep)
    return True


def set_password(tx: Writer, account_id: str, new: NewPassword, *, actor: Actor) -> None:
    """Give an account a new password, for who forgot it, and end its sessions."""
    actor = standing(tx, actor)
    row = other_account(tx, account_id, actor)
    check(password=new.text, known=row["name"])
    revised(tx, account_id, password=new.kept)
    guessing.forget(tx, row["name"], account_id)
    end_sessions(tx, account_id)
    tx.note("password_set", by=actor, target=account_id, area=row["scope"])


def revise(
    tx: Writer, account_id: str, *, role: Role, scope: str, title: str, actor: Actor
) -> None:
    """Change what an account may do and where; its sessions go on with that.

    Invitations, tokens, private links and shares that it made while it could do more end.

    Raises
    ------
    Conflict
        ``last_admin``: nobody would be left who may do everything.
    """
    scope = scope_of(scope)
    row = other_account(tx, account_id, actor)
    require(actor, Action.ACCOUNT_EDIT, area=scope)
    check(role=role, title=title)
    if role != Role.ADMIN or scope:
        _keep_an_admin(tx, row)
    hold(tx, account_id)
    if role != row["role"] or not row["scope"].startswith(scope):
        _end_issued(tx, row)
    revised(tx, account_id, role=str(role), scope=scope, title=wording.typed(title))
    tx.note("account_edit", by=actor, target=account_id, area=scope)


def disable(tx: Writer, account_id: str, *, actor: Actor) -> None:
    """Shut an account out at once: with this transaction ends every key that could bring it back.

    Those are its sessions, the invitations, machine tokens, private links and shares that it
    made, and the private links of its shops.

    Raises
    ------
    Conflict
        ``last_admin``.
    """
    row = other_account(tx, account_id, actor)
    _keep_an_admin(tx, row)
    hold(tx, account_id)
    revised(tx, account_id, disabled=True)
    end_sessions(tx, account_id)
    _end_issued(tx, row)
    if shops := [shop["id"] for shop in tx.rows("merchant", columns=["id"], owner=account_id)]:
        keys.end(tx, kind=str(Kind.LINK), merchant=shops)
    tx.note("account_disable", by=actor, target=account_id, area=row["scope"])


def enable(tx: Writer, account_id: str, *, actor: Actor) -> None:
    """Let a disabled account in again, and forget wrong passwords said for it."""
    row = other_account(tx, account_id, actor)
    revised(tx, account_id, disabled=False)
    guessing.forget(tx, row["name"], account_id)
    tx.note("account_enable", by=actor, target=account_id, area=row["scope"])


def _end_issued(tx: Writer, row: Values) -> None:
    kinds = [str(kind) for kind in (Kind.INVITATION, Kind.TOKEN, Kind.LINK, Kind.SHARE)]
    keys.end(tx, by=row["name"], kind=kinds)


def _keep_an_admin(tx: Writer, row: Values) -> None:
    # Two administrators who shut each other out at the same moment would leave nobody.
    tx.hold(_ADMINS)
    told: dict[str, Any] = {"role": str(Role.ADMIN), "scope": "", "disabled": False}
    if all(row[k] == v for k, v in told.items()) and _count(tx, told) == 1:
        raise Conflict("last_admin")


def _count(tx: Reader, told: dict[str, Any]) -> int:
    return tx.record_count("account", **told)
