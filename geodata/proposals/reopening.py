"""Taking a decision back: the proposal waits again, and the merchants are as they were."""

from geodata import merchants
from geodata.errors import Conflict
from geodata.policy import Action, Actor, require
from geodata.proposals.kinds import DECIDED, State, decided, decision
from geodata.proposals.reviewing import said
from geodata.store import Reader, Writer
from geodata.store.records import Values

REVERSIBLE = frozenset({*DECIDED, State.RETURNED}) - {State.WITHDRAWN}
"""The decisions of reviewers; what an owner took back is the owner's."""


def reopen(tx: Writer, proposal_id: str, *, version: int, actor: Actor, why: str = "") -> Values:
    """Take a decision back, whole or not at all, and return the merchant's row.

    The proposal has its former place in the queue, and what the decision wrote (also of the
    merchant that another was merged into) is as it was before. ``version`` is the proposal's
    after the decision: a later decision is not taken back by mistake.

    Raises
    ------
    Conflict
        ``undo_superseded``: what the decision wrote was changed again since; details name the
        fields. ``version_stale``: it was amended or decided again meanwhile.
        ``reopen_impossible``: nobody has decided it, or its owner took it back.
    Forbidden, NotFound
    """
    why = said(why)
    proposal = tx.record("proposal", proposal_id)
    row = tx.row("merchant", proposal["merchant"])
    require(actor, Action.MERCHANT_REVIEW, area=row["area"])
    if proposal["version"] != version:
        current = proposal["version"]
        raise Conflict("version_stale", key=proposal_id, seen=version, current=current)
    if proposal["state"] not in REVERSIBLE:
        raise Conflict("reopen_impossible", key=proposal_id, state=proposal["state"])
    batch = decision(proposal_id, version)
    written = [entry for entry in tx.of_batch(batch) if entry["key"] == row["id"]]
    told = {"state": str(State.OPEN), "version": version + 1}
    told |= dict.fromkeys(("decided", "decided_by", "why"), "")
    if not tx.revise("proposal", told, id=proposal_id, version=version):
        raise Conflict("version_stale", key=proposal_id, seen=version, current=None)
    merchants.undo_whole(tx, batch, actor=actor, why=why)
    row = tx.row("merchant", row["id"])
    if written and written[-1]["version"] - 1 == proposal["seen"]:
        # It was made upon what stands there again.
        tx.revise("proposal", {"seen": row["version"]}, id=proposal_id)
    tx.note("proposal_reopen", by=actor, target=proposal_id, area=row["area"])
    return row


def take_back(tx: Writer, merchant_id: str, version: int, *, actor: Actor, why: str = "") -> Values:
    """Take back what one version of a merchant changed, and return the merchant's row.

    As :func:`geodata.merchants.undo`, but a decision is taken back with its proposal, which
    waits for a reviewer again: a registration that is unpublished must not be forgotten.

    Raises
    ------
    Conflict, Forbidden, NotFound
        As :func:`geodata.merchants.undo` and :func:`reopen`.
    """
    made = decision_of(tx, merchant_id, version)
    if made is None:
        return merchants.undo(tx, merchant_id, version, actor=actor, why=why)
    proposal_id, decided_version = made
    reopen(tx, proposal_id, version=decided_version, actor=actor, why=why)
    return tx.row("merchant", merchant_id)


def decision_of(tx: Reader, merchant_id: str, version: int) -> tuple[str, int] | None:
    """Return the proposal, and its version, whose standing decision wrote a merchant's version."""
    entries = tx.history("merchant", merchant_id)
    batches = [entry["batch"] for entry in entries if entry["version"] == version]
    made = decided(batches[0]) if batches else None
    if made is None:
        return None
    known = tx.records("proposal", id=made[0], version=made[1])
    return made if known and known[0]["state"] in REVERSIBLE else None
