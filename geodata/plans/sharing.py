"""Links by which a plan is shown to who has no account."""

from datetime import timedelta
from typing import Final

from geodata import accounts, ids, keys, wording
from geodata.errors import Forbidden, Invalid, NotFound
from geodata.keys import Issued, Kind
from geodata.plans import plan as form
from geodata.plans.plan import Plan
from geodata.policy import Action, Actor, require
from geodata.store import Reader, Writer
from geodata.store.records import Values

SHORTEST_SHARE: Final = timedelta(hours=1)
LONGEST_SHARE: Final = timedelta(days=30)
LONGEST_TITLE: Final = 40

_SUBJECT: Final = "plan:"


def share(
    tx: Writer, plan_id: str, *, lifetime: timedelta, title: str = "", actor: Actor
) -> Issued:
    """Make a link's key: whoever has its token sees the plan, notes and all, and follows it.

    It ends by itself, when it is ended, and with the account that made it. The access log notes
    who made it.

    Raises
    ------
    NotFound
        ``plan_not_found``.
    Invalid
        ``share_invalid``: details map lifetime ("out_of_range") or title ("too_long").
    Forbidden
        ``forbidden``: for staff of its area who have an account.
    """
    actor, row = accounts.standing(tx, actor), tx.row("plan", plan_id)
    require(actor, Action.PLAN_EDIT, area=row["area"])
    if not actor.account:
        # Nobody could end what a machine hands out by shutting it out.
        raise Forbidden("forbidden", action=str(Action.PLAN_EDIT), role=str(actor.role))
    title = wording.typed(title)
    wrong = {}
    if not SHORTEST_SHARE <= lifetime <= LONGEST_SHARE:
        wrong["lifetime"] = "out_of_range"
    if len(title) > LONGEST_TITLE:
        wrong["title"] = "too_long"
    if wrong:
        raise Invalid("share_invalid", **wrong)
    subject = _SUBJECT + plan_id
    made = keys.issue(tx, Kind.SHARE, by=actor, lifetime=lifetime, subject=subject, title=title)
    tx.note("plan_share", by=actor, target=plan_id, area=row["area"])
    return made


def shares(tx: Reader, plan_id: str, *, actor: Actor) -> list[Values]:
    """Return the links of a plan, the newest first: id, title, by, created, expires, ended.

    Raises
    ------
    NotFound
        ``plan_not_found``.
    Forbidden
        ``forbidden``: for staff of its area.
    """
    require(actor, Action.PLAN_READ, area=tx.row("plan", plan_id)["area"])
    return tx.records(
        "key",
        order=("created",),
        newest=True,
        columns=("id", "title", "by", "created", "expires", "ended"),
        subject=_SUBJECT + plan_id,
        kind=str(Kind.SHARE),
    )


def unshare(tx: Writer, plan_id: str, key_id: str, *, actor: Actor) -> None:
    """End a link of a plan at once; one that has ended already stays so.

    Raises
    ------
    NotFound
        ``plan_not_found``, ``key_not_found``.
    Forbidden
        ``forbidden``: for staff of its area.
    """
    area = tx.row("plan", plan_id)["area"]
    require(actor, Action.PLAN_EDIT, area=area)
    which: Values = {"id": key_id, "subject": _SUBJECT + plan_id, "kind": str(Kind.SHARE)}
    if not ids.is_one(key_id) or not tx.records("key", **which):
        raise NotFound("key_not_found", key=key_id)
    if keys.end(tx, **which):
        tx.note("plan_unshare", by=actor, target=plan_id, area=area)


def shared(tx: Reader, token: str) -> Plan:
    """Return the plan that a link's token shows; whoever has it may see it.

    Raises
    ------
    NotFound
        ``share_ended`` with ``at``: somebody ended it; ``share_expired`` with ``at``;
        ``share_not_valid``: it never was one.
    """
    row = keys.known(tx, token, Kind.SHARE)
    if row is None or not row["subject"].startswith(_SUBJECT):
        raise NotFound("share_not_valid")
    if row["ended"]:
        raise NotFound("share_ended", at=row["ended"])
    if not keys.valid(row):
        raise NotFound("share_expired", at=row["expires"])
    return form.plan(tx.row("plan", row["subject"].removeprefix(_SUBJECT)))
