"""Proposals (待审): what somebody wants of the map, until a reviewer of the area has decided.

A proposal row has id, kind (new, edit, report), merchant (an id), area (code), at, by and role of
who made it, state, ``changes`` ({column: value wanted}; of a report {"report": what}), words,
``seen`` (the merchant's version that it was made upon), version (grows with each change of the
proposal itself), decided, decided_by and why. A registration is a merchant with the status
"pending" and a proposal of the kind "new"; it lies on no map until it is published.

:mod:`registering` takes proposals in, :mod:`reviewing` shows and decides them,
:mod:`reopening` takes a decision back.
"""

from geodata.proposals.kinds import DECIDED, Kind, Report, State, decided
from geodata.proposals.likeness import Alike, alike
from geodata.proposals.registering import (
    Contact,
    Receipt,
    amend,
    contact,
    followed,
    own_contact,
    own_wish,
    register,
    renew_link,
    report,
    withdraw,
)
from geodata.proposals.reopening import REVERSIBLE, reopen, take_back
from geodata.proposals.reviewing import (
    PAGE,
    Change,
    Review,
    dismiss,
    merge_into,
    publish,
    queue,
    retire,
    review,
    send_back,
    waiting,
)

__all__ = [
    "DECIDED",
    "PAGE",
    "REVERSIBLE",
    "Alike",
    "Change",
    "Contact",
    "Kind",
    "Receipt",
    "Report",
    "Review",
    "State",
    "alike",
    "amend",
    "contact",
    "decided",
    "dismiss",
    "followed",
    "merge_into",
    "own_contact",
    "own_wish",
    "publish",
    "queue",
    "register",
    "renew_link",
    "reopen",
    "report",
    "retire",
    "review",
    "send_back",
    "take_back",
    "waiting",
    "withdraw",
]
