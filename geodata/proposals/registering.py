"""Taking in what merchants, owners and passers-by want of the map."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, NamedTuple

import orjson

from geodata import accounts, categories, keys, merchants, wording
from geodata.errors import Conflict, Forbidden, Invalid
from geodata.merchants import MerchantEntry, Status
from geodata.policy import Action, Actor, Role, require
from geodata.proposals.kinds import POSITION, UNDECIDED, Kind, Report, State, enter, opened
from geodata.store import Reader, Writer, now
from geodata.store.records import Values

LINK_LIFETIME = timedelta(days=400)
"""A private link opens for a year, and for the month in which one is reminded of it."""

LONGEST_WORDS = 500
_LONGEST = {"name": 50, "phone": 50}
_WHY = 300


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom the reviewers may ask; seen by them only, and each look is recorded."""

    name: str = ""
    phone: str = ""

    @classmethod
    def typed(cls, name: str, phone: str) -> "Contact":
        """Return what was typed, brought to one form.

        Raises
        ------
        Invalid
            ``merchant_invalid`` with ``contact_name`` or ``contact_phone`` "too_long".
        """
        told = {"name": wording.typed(name), "phone": wording.typed(phone)}
        wrong = {f"contact_{k}": "too_long" for k, v in told.items() if len(v) > _LONGEST[k]}
        if wrong:
            raise Invalid("merchant_invalid", **wrong)
        return cls(**told)


class Receipt(NamedTuple):
    """What who registered keeps: the number, and the token of the private link."""

    merchant: str
    token: str


def register(
    tx: Writer,
    entry: MerchantEntry,
    contact: Contact,
    *,
    actor: Actor,
    idempotency_key: str = "",
) -> Receipt:
    """Put a merchant before the area's reviewers, with a private link to follow and amend it.

    The same entry again under the same ``idempotency_key`` is the same merchant, with a further
    link to it: the first answer may have been lost. Once it was decided, or a link of it was
    ended, the key opens nothing any more.

    Raises
    ------
    Invalid
        ``merchant_invalid``, as :meth:`MerchantEntry.check` tells; ``idempotency_key_length``.
    Conflict
        ``idempotency_key_reused`` for another entry; ``idempotency_key_busy``;
        ``registration_decided``.
    """
    actor = accounts.standing(tx, actor)
    require(actor, Action.MERCHANT_PROPOSE)
    request = hashlib.sha256(repr((entry, contact)).encode()).hexdigest()
    known = idempotency_key and tx.recalled(actor.name, idempotency_key, request)
    merchant_id = known or merchants.propose(tx, entry, actor=actor)
    if known:
        _still_new(tx, merchant_id)
    else:
        if idempotency_key:
            tx.remember(actor.name, idempotency_key, request, merchant_id)
        row = tx.row("merchant", merchant_id)
        enter(tx, Kind.NEW, row, actor=actor)
        if contact != Contact():
            _put_contact(tx, merchant_id, contact)
    return Receipt(merchant_id, _link(tx, merchant_id, actor))


def _still_new(tx: Reader, merchant_id: str) -> None:
    row = tx.find("merchant", merchant_id)
    links = tx.records("key", merchant=merchant_id, kind=str(keys.Kind.LINK))
    pending = row is not None and row["status"] == Status.PENDING and not row["owner"]
    if not pending or any(link["ended"] for link in links):
        raise Conflict("registration_decided", key=merchant_id)


def amend(
    tx: Writer,
    merchant_id: str,
    changes: Mapping[str, Any],
    *,
    version: int,
    actor: Actor,
    contact: Contact | None = None,
    why: str = "",
) -> State:
    """Change a merchant, or propose to; tell which: ACCEPTED is on the map, OPEN waits.

    Staff change at once, owners as :func:`geodata.merchants.at_once` says; of several changes
    the small ones of a trusted owner do not wait for the others. Whoever proposes
    again before it was decided adds to the proposal. What was returned is before the reviewers
    again. ``changes`` as for :func:`geodata.merchants.edit`, without its state for owners but
    for ``closed_until``; nothing that differs is ACCEPTED.

    Raises
    ------
    Forbidden
        ``forbidden``: neither the owner nor staff of the area.
    Conflict
        ``version_stale``; ``merchant_retired`` for what is not on the map any more.
    Invalid
        ``merchant_invalid``, ``field_unknown``.
    """
    old = tx.row("merchant", merchant_id)
    require(actor, Action.MERCHANT_AMEND, area=old["area"], merchant=merchant_id)
    _still_offered(tx, old, changes, actor)
    why = wording.typed(why)[:_WHY]
    if contact is not None:
        _put_contact(tx, merchant_id, contact)
    if actor.role != Role.MERCHANT or merchants.at_once(old, changes, actor=actor):
        new = merchants.edit(tx, merchant_id, changes, version=version, actor=actor, why=why)
        if new["status"] == Status.PENDING:
            _again(tx, merchant_id)
            return State.OPEN
        return State.ACCEPTED
    small = {k: v for k, v in changes.items() if k in merchants.SMALL}
    if small and merchants.at_once(old, small, actor=actor):
        # A shop that is closed today must not wait until somebody has read its new address.
        old = merchants.edit(tx, merchant_id, small, version=version, actor=actor, why=why)
        version, changes = old["version"], {k: v for k, v in changes.items() if k not in small}
    return _propose(tx, old, changes, version=version, actor=actor, why=why)


def _still_offered(tx: Reader, old: Values, changes: Mapping[str, Any], actor: Actor) -> None:
    """Let an owner move into no hidden category; who is in one may stay."""
    wanted = changes.get("category", old["category"])
    moved = actor.role == Role.MERCHANT and wanted != old["category"]
    if moved and wanted in categories.hidden(tx):
        raise Invalid("merchant_invalid", category="hidden")


def _propose(
    tx: Writer,
    old: Values,
    changes: Mapping[str, Any],
    *,
    version: int,
    actor: Actor,
    why: str,
) -> State:
    merchant_id = old["id"]
    if version != old["version"]:
        raise Conflict("version_stale", key=merchant_id, seen=version, current=old["version"])
    if old["status"] == Status.RETIRED:
        raise Conflict("merchant_retired", key=merchant_id)
    if "status" in changes:
        raise Invalid("field_unknown", fields=["status"])
    row = merchants.changed(tx, old, changes)
    before = _of(tx, merchant_id, Kind.EDIT)
    wanted = _wanted(old, row, changes, opened(before[0])["changes"] if before else {})
    if before and not wanted:
        gone = {"state": str(State.WITHDRAWN), "decided": now(), "decided_by": actor.name}
        _reopen(tx, before[0], **gone)
    elif before:
        _reopen(tx, before[0], changes=_json(wanted), seen=old["version"], words=why)
    elif wanted:
        enter(tx, Kind.EDIT, old, actor=actor, changes=wanted, words=why)
    return State.OPEN if wanted else State.ACCEPTED


def _wanted(
    old: Values, row: Values, changes: Mapping[str, Any], earlier: Mapping[str, Any]
) -> Values:
    """Return what differs from a row by new changes and those that wait; the new have the word.

    What is to be again as it is now is wanted no longer.
    """
    spoken = set(changes) | ({"status"} if "closed_until" in changes else set())
    if spoken & {"lon", "lat", "datum"}:
        spoken |= set(POSITION)
    told = {**earlier, **{k: row[k] for k in spoken & row.keys()}}
    wanted = {k: v for k, v in told.items() if old[k] != v}
    if wanted.keys() & set(POSITION):
        wanted |= {k: told[k] for k in POSITION}
    return wanted


def own_wish(tx: Reader, row: Values, *, actor: Actor) -> Values:
    """Return a merchant's row as its owner wants it: with the changes that wait for a reviewer."""
    require(actor, Action.MERCHANT_READ_PRIVATE, area=row["area"], merchant=row["id"])
    if actor.role != Role.MERCHANT:
        return row
    waiting = _of(tx, row["id"], Kind.EDIT)
    return row | (opened(waiting[0])["changes"] if waiting else {})


def report(tx: Writer, merchant_id: str, what: Report, words: str = "", *, actor: Actor) -> None:
    """Tell the reviewers that something about a merchant on the map is not right.

    The same said again, without words, while nobody has looked, says nothing new.

    Raises
    ------
    NotFound
        ``merchant_not_found`` and its like, for what is not on the map.
    Invalid
        ``words_too_long``.
    """
    require(actor, Action.MERCHANT_REPORT)
    row = merchants.get(tx, merchant_id)
    words = wording.typed(words, lines=True)
    if len(words) > LONGEST_WORDS:
        raise Invalid("words_too_long", longest=LONGEST_WORDS)
    said = [opened(p)["changes"]["report"] for p in _of(tx, merchant_id, Kind.REPORT)]
    if words or str(what) not in said:
        enter(tx, Kind.REPORT, row, actor=actor, changes={"report": str(what)}, words=words)


def withdraw(tx: Writer, merchant_id: str, *, actor: Actor) -> None:
    """Take back what the owner proposed and nobody has decided; a registration retires with it.

    Raises
    ------
    Forbidden
        ``forbidden``: for owners only; staff decide instead.
    """
    row = tx.row("merchant", merchant_id)
    action = Action.MERCHANT_AMEND
    require(actor, action, area=row["area"], merchant=merchant_id)
    if merchant_id not in actor.owns:
        raise Forbidden("forbidden", action=str(action), role=str(actor.role), area=row["area"])
    for proposal in _of(tx, merchant_id, Kind.NEW) + _of(tx, merchant_id, Kind.EDIT):
        _reopen(tx, proposal, state=str(State.WITHDRAWN), decided=now(), decided_by=actor.name)
    if row["status"] == Status.PENDING:
        told = (row, {"status": str(Status.RETIRED)})
        tx.update_many("merchant", [told], by=actor, action="withdraw")


def followed(tx: Reader, merchant_id: str, *, actor: Actor) -> tuple[Values, list[Values]]:
    """Return a merchant's row and its proposals, newest first; for its owner and staff.

    What strangers reported is for the reviewers only.
    """
    row = tx.row("merchant", merchant_id)
    require(actor, Action.MERCHANT_READ_PRIVATE, area=row["area"], merchant=merchant_id)
    kinds = [str(Kind.NEW), str(Kind.EDIT)]
    if actor.role != Role.MERCHANT:
        kinds.append(str(Kind.REPORT))
    found = tx.records(
        "proposal", order=("at", "id"), newest=True, merchant=merchant_id, kind=kinds
    )
    return row, [opened(proposal) for proposal in found]


def own_contact(tx: Reader, merchant_id: str, *, actor: Actor) -> Contact:
    """Return whom to ask about a merchant, for its owner."""
    if merchant_id not in actor.owns:
        raise Forbidden("forbidden", action=str(Action.CONTACT_READ), role=str(actor.role))
    return _contact(tx, merchant_id)


def contact(tx: Writer, merchant_id: str, *, actor: Actor) -> Contact:
    """Reveal whom to ask about a merchant, and record that it was revealed.

    Its owner sees it too, unrecorded.

    Raises
    ------
    Forbidden, NotFound
    """
    row = tx.row("merchant", merchant_id)
    if merchant_id not in actor.owns:
        require(actor, Action.CONTACT_READ, area=row["area"])
        tx.note("contact_read", by=actor, target=merchant_id, area=row["area"])
    return _contact(tx, merchant_id)


def _contact(tx: Reader, merchant_id: str) -> Contact:
    found = tx.records("contact", merchant=merchant_id)
    return Contact(found[0]["name"], found[0]["phone"]) if found else Contact()


def renew_link(tx: Writer, merchant_id: str, *, actor: Actor) -> str:
    """End every private link of a merchant and return the token of a new one.

    Its owner may, and staff for owners who lost theirs. As the link opens all that is the
    owner's, staff are recorded as having seen the contact, and it ends with their account: a
    machine has none, and makes none.

    Raises
    ------
    Forbidden, NotFound
    """
    actor, row = accounts.standing(tx, actor), tx.row("merchant", merchant_id)
    require(actor, Action.MERCHANT_AMEND, area=row["area"], merchant=merchant_id)
    what = "link_renew"
    if merchant_id not in actor.owns:
        what = "link_hand_out"
        if not actor.account:
            raise Forbidden("forbidden", action=str(Action.MERCHANT_AMEND), role=str(actor.role))
        contact(tx, merchant_id, actor=actor)
    tx.note(what, by=actor, target=merchant_id, area=row["area"])
    maker = _maker(tx, actor)
    keys.end(tx, merchant=merchant_id, kind=str(keys.Kind.LINK))
    return _link(tx, merchant_id, replace(actor, name=maker))


def _maker(tx: Reader, actor: Actor) -> str:
    """Return by whom a link is that somebody makes: who holds one passes on whose that was."""
    held = tx.records("key", id=actor.name.removeprefix("link:"), kind=str(keys.Kind.LINK))
    return str(held[0]["by"]) if held else actor.name


def _link(tx: Writer, merchant_id: str, actor: Actor) -> str:
    made = keys.issue(
        tx,
        keys.Kind.LINK,
        by=actor,
        lifetime=LINK_LIFETIME,
        merchant=merchant_id,
        role=str(Role.MERCHANT),
    )
    return made.token


def _put_contact(tx: Writer, merchant_id: str, told: Contact) -> None:
    row = {"merchant": merchant_id, "name": told.name, "phone": told.phone, "changed": now()}
    tx.put("contact", row)


def _of(tx: Reader, merchant_id: str, kind: Kind) -> list[Values]:
    """Return what nobody has decided."""
    return tx.records("proposal", merchant=merchant_id, kind=str(kind), state=list(UNDECIDED))


def _again(tx: Writer, merchant_id: str) -> None:
    """Put an amended registration before the reviewers again; its place in the queue stays."""
    seen = tx.row("merchant", merchant_id)["version"]
    for proposal in _of(tx, merchant_id, Kind.NEW):
        _reopen(tx, proposal, seen=seen)


def _reopen(tx: Writer, proposal: Values, **told: Any) -> None:
    told = {"state": str(State.OPEN), "version": proposal["version"] + 1} | told
    if not tx.revise("proposal", told, id=proposal["id"], version=proposal["version"]):
        raise Conflict("version_stale", key=proposal["id"])


def _json(changes: Mapping[str, Any]) -> str:
    return orjson.dumps(changes, default=str).decode()
