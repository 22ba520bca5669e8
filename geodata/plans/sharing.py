"""Links by which a plan is shown, notes and all, and followed."""

from datetime import timedelta
from typing import Final

from geodata import wording
from geodata.keys import Issued
from geodata.plans import plan as form
from geodata.plans.plan import Plan
from geodata.policy import Action, Actor
from geodata.shares import Sharing
from geodata.store import Reader, Writer

LINKS: Final = Sharing(
    "plan",
    read=Action.PLAN_READ,
    edit=Action.PLAN_EDIT,
    shortest=timedelta(hours=1),
    longest=timedelta(days=30),
    longest_title=40,
)

shares = LINKS.listed
unshare = LINKS.end


def share(
    tx: Writer, plan_id: str, *, lifetime: timedelta, title: str = "", actor: Actor
) -> Issued:
    """Make a link to a plan; raises as :meth:`geodata.shares.Sharing.make`."""
    return LINKS.make(tx, plan_id, lifetime=lifetime, title=wording.typed(title), actor=actor)


def shared(tx: Reader, token: str) -> Plan:
    """Return the plan that a link shows; raises as :meth:`geodata.shares.Sharing.opened`."""
    return form.plan(tx.row("plan", LINKS.opened(tx, token).key))
