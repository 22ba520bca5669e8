"""The form of a shop that is known: for its owner, who may have to wait, and for staff."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from geodata import accounts, hours, merchants, proposals
from geodata.errors import Invalid
from geodata.merchants import MerchantEntry, Status
from geodata.policy import Action, Actor, Role, can, require
from geodata.proposals import State
from geodata.store import Reader
from geodata.store.records import Values
from webmap import changes, forms, limits
from webmap.changes import Difference, Words
from webmap.forms import Form
from webmap.i18n import gettext
from webmap.registration import telling
from webmap.registration.blueprint import bp
from webmap.registration.entering import for_form
from webmap.request import current_actor, now, store
from webmap.sent import whole

_PLACE = ("lon", "lat", "datum")


@bp.get("/merchants/<merchant_id>/edit")
def edit(merchant_id: str) -> ResponseReturnValue:
    """Show the form with what is known, and with what its owner asked for."""
    return _edit(Form(), merchant_id)


def _edit(form: Form, merchant_id: str) -> ResponseReturnValue:
    actor = current_actor()
    with store().reading() as tx:
        row = _mine(tx, merchant_id, actor)
        known = _values(proposals.own_wish(tx, row, actor=actor))
        if owned := merchant_id in actor.owns:
            contact = proposals.own_contact(tx, merchant_id, actor=actor)
            known |= {"contact_name": contact.name, "contact_phone": contact.phone}
        owner = accounts.name_of(tx, row["owner"])
        _row, asked = proposals.followed(tx, merchant_id, actor=actor)
        met: list[tuple[Difference, bool]] = []
        if form.code == "version_stale":
            seen = merchants.as_of(tx, merchant_id, _seen(), actor=actor)
            form, met = _met(form, seen, row, Words(tx))
            words = gettext(
                "Somebody else has changed this meanwhile. Look at it, then send again."
            )
            form = replace(form, notice=words)
    values = known | {"owner": owner, "trusted": row["trusted"]} | dict(form.values)
    values["version"] = row["version"]
    shown = replace(form, values=values)
    return forms.page(
        "registration/edit.html",
        shown,
        shop=row,
        met=met,
        owned=owned,
        lasting=bool(actor.account),
        done=request.args.get("done", ""),
        waiting=next((one["id"] for one in reversed(asked) if one["state"] == State.OPEN), ""),
        staff=can(actor, Action.MERCHANT_EDIT, area=row["area"]),
        at_once=_at_once(row, actor),
        closed_until=row["closed_until"] if row["status"] == Status.CLOSED else "",
        **days(),
        states={state: gettext(name) for state, name in changes.STATUSES.items()},
        **for_form(str(shown["category"])),
    )


def days() -> dict[str, str]:
    """Return today and tomorrow where the shops are, as a form's days."""
    today = now().astimezone(hours.SHANGHAI).date()
    return {"today": today.isoformat(), "tomorrow": (today + timedelta(days=1)).isoformat()}


def _mine(tx: Reader, merchant_id: str, actor: Actor) -> Values:
    row = merchants.get(tx, merchant_id, actor=actor)
    require(actor, Action.MERCHANT_AMEND, area=row["area"], merchant=merchant_id)
    return row


def _at_once(row: Values, actor: Actor) -> str:
    """Tell what stands on the map without a review: "all", "hours" or nothing."""
    if actor.role != Role.MERCHANT or row["status"] == Status.PENDING:
        return "all"
    return "hours" if row["trusted"] else ""


def _values(row: Values) -> dict[str, Any]:
    told = merchants.entry_of(row)
    return told | {"datum": str(told["datum"]), "phones": list(told["phones"])}


def _seen() -> int:
    return whole(request.form.get("version", ""))


def _met(
    form: Form, seen: Values, now_is: Values, words: Words
) -> tuple[Form, list[tuple[Difference, bool]]]:
    """Bring together what was typed and what somebody else changed meanwhile.

    What only they changed is taken over; what both did stays as typed. Returns what they
    changed, and of each whether something else was typed.
    """
    values, met = dict(form.values), []
    values["phones"] = [phone for phone in values.get("phones", []) if phone]
    before, theirs = _values(seen), _values(now_is)
    for change in words.differences(seen, now_is):
        parts = _PLACE if change.field == "position" else (change.field,)
        typed = [str(values[part]) for part in parts if part in values and part in before]
        kept = bool(typed) and typed != [str(before[part]) for part in parts]
        if not kept:
            values |= {part: theirs[part] for part in parts if part in theirs}
        if change.field == "status":
            values.pop("status", None)  # the form shows what it is now
        met.append((change, kept))
    return replace(form, values=values), met


@bp.post("/merchants/<merchant_id>/edit")
@forms.taken(_edit)
def change(merchant_id: str) -> ResponseReturnValue:
    """Take changes: staff's stand at once, an owner's wait unless they are small and trusted."""
    actor = current_actor()
    limits.act(limits.AMEND, actor)
    staff = actor.role != Role.MERCHANT
    told = telling.shop(request.form, more=("status",) if staff else ())
    with store().writing() as tx:
        row = _mine(tx, merchant_id, actor)
        wanted = _changes(tx, row, told.entry, actor)
        if staff and (status := request.form.get("status", row["status"])) != row["status"]:
            wanted["status"] = status
        contact = None
        if merchant_id in actor.owns:
            known = proposals.own_contact(tx, merchant_id, actor=actor)
            contact = told.contact if told.contact != known else None
        state = proposals.amend(
            tx,
            merchant_id,
            wanted,
            version=_seen(),
            actor=actor,
            contact=contact,
            why=request.form.get("why", ""),
        )
    done = "live" if state == State.ACCEPTED else "waits"
    if staff:
        return forms.onward("registration.edit", merchant_id=merchant_id, done=done)
    return forms.onward("registration.mine", done=done)


def _changes(tx: Reader, row: Values, entry: MerchantEntry, actor: Actor) -> dict[str, Any]:
    return merchants.differing(entry, row, proposals.own_wish(tx, row, actor=actor))


@bp.post("/merchants/<merchant_id>/closed")
@forms.taken(_edit)
def close(merchant_id: str) -> ResponseReturnValue:
    """Close a shop until a day, or open it again: one press."""
    actor = current_actor()
    limits.act(limits.AMEND, actor)
    wanted = {"closed_until": request.form.get("until", "")}
    with store().writing() as tx:
        row = _mine(tx, merchant_id, actor)
        state = proposals.amend(tx, merchant_id, wanted, version=row["version"], actor=actor)
    done = "live" if state == State.ACCEPTED else "waits"
    if actor.role != Role.MERCHANT:
        return forms.onward("registration.edit", merchant_id=merchant_id, done=done)
    return forms.onward("registration.mine", done=done)


@bp.post("/merchants/<merchant_id>/entrust")
@forms.taken(_edit)
def entrust(merchant_id: str) -> ResponseReturnValue:
    """Say whose a shop is, and whether its owner's small changes need no review."""
    name = request.form.get("owner", "").strip()
    if strange := set(request.form) - {"csrf_token", "owner", "trusted", "version"}:
        raise Invalid("field_unknown", fields=sorted(strange))
    actor = current_actor()
    with store().writing() as tx:
        # Which names there are is for those to know who may give a shop to one.
        require(actor, Action.MERCHANT_EDIT, area=_mine(tx, merchant_id, actor)["area"])
        owner = accounts.named(tx, name)["id"] if name else ""
        merchants.entrust(
            tx,
            merchant_id,
            owner=owner,
            trusted=request.form.get("trusted") == "yes",
            version=_seen(),
            actor=actor,
        )
    return forms.onward("registration.edit", merchant_id=merchant_id, done="live")
