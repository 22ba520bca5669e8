"""Plans (预案): an incident and the answer to it as they were, and what became of it since.

The answer is kept as it was shown and never changes. Name, notes, check list and status do, each
with a history. A plan can be shown by a link to who has no account.

``plan`` says what one is, ``answering`` answers for the helpers that were chosen, ``keeping``
saves, finds and changes, ``sharing`` hands links out, ``forgetting`` erases on legal request.
"""

from geodata.plans.answering import Chosen, answer
from geodata.plans.forgetting import Forgotten, erase, forget
from geodata.plans.keeping import change, get, glance, history, listed, save, saved_before
from geodata.plans.plan import (
    LARGEST,
    LONGEST,
    MOST_HELPERS,
    Changes,
    Draft,
    Item,
    Plan,
    Status,
    Step,
)
from geodata.plans.sharing import share, shared, shares, unshare

__all__ = [
    "LARGEST",
    "LONGEST",
    "MOST_HELPERS",
    "Changes",
    "Chosen",
    "Draft",
    "Forgotten",
    "Item",
    "Plan",
    "Status",
    "Step",
    "answer",
    "change",
    "erase",
    "forget",
    "get",
    "glance",
    "history",
    "listed",
    "save",
    "saved_before",
    "share",
    "shared",
    "shares",
    "unshare",
]
