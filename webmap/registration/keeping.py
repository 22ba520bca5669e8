"""The private link, and the page of those whose shop it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from geodata import accounts, keys, merchants, proposals
from geodata.merchants import Status
from geodata.proposals import Kind, Receipt, State
from geodata.store.records import Values
from webmap import forms, limits, sessions
from webmap.changes import LABELS, Difference, Words, outcome
from webmap.forms import Form
from webmap.i18n import gettext as _
from webmap.i18n import marked, moment
from webmap.pages import page_url
from webmap.qr import drawn
from webmap.registration.blueprint import bp
from webmap.registration.editing import days
from webmap.registration.entering import keep, kept
from webmap.request import calendar, current_actor, now, store

TOLD: Mapping[str, str] = {
    "waits": marked("The reviewers have not looked at it yet."),
    "returned": marked("The reviewers ask you to mend something, then send it again."),
    "open": marked("It stands on the map."),
    "closed": marked("It stands on the map as closed."),
    "merged": marked("It is the same as another one on the map, which goes on with your changes."),
    "joined": marked("It was made one with another entry, which waits for review."),
    "refused": marked("The reviewers did not take it."),
    "withdrawn": marked("You withdrew it."),
    "gone": marked("It is no longer on the map."),
}
"""How it stands with a shop."""

_UNDECIDED = frozenset({State.OPEN, State.RETURNED})


@dataclass(frozen=True, slots=True)
class Wish:
    """What an owner asked for of a shop on the map and nobody has decided, and since when."""

    since: str
    differences: list[Difference]
    closed_until: str


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop as its owner sees it: how it stands, and what became of what was asked for."""

    row: Values
    state: str
    why: str
    asked: list[dict[str, Any]]
    waiting: bool
    closed_until: str
    wish: Wish | None
    heir: str

    @property
    def told(self) -> str:
        """Say how it stands."""
        return _(TOLD[self.state])


@bp.get("/mine")
def mine() -> ResponseReturnValue:
    """Show the shops of whoever asks; a link's token comes after the #, and a script sends it."""
    return _mine(Form())


def _mine(form: Form, **_view: str) -> ResponseReturnValue:
    actor = current_actor()
    with store().reading() as tx:
        found = [proposals.followed(tx, one, actor=actor) for one in sorted(actor.owns)]
        words = Words(tx)
        # Where two were made one, the other is the one to look at.
        shops = [
            _shop(row, told, words, heir=merchants.heir(tx, row))
            for row, told in found
            if row["merged"] not in actor.owns
        ]
    return forms.page(
        "registration/mine.html",
        form,
        shops=shops,
        done=request.args.get("done", ""),
        **days(),
        lasting=bool(actor.account),
    )


def _shop(row: Values, told: list[Values], words: Words, *, heir: Values | None) -> Shop:
    status, _state = merchants.opening(
        row["hours"], row["status"], row["closed_until"], now(), calendar=calendar()
    )
    first = next((one for one in told if one["kind"] == Kind.NEW), None)
    if status == Status.PENDING:
        state = "returned" if first and first["state"] == State.RETURNED else "waits"
    elif status == Status.RETIRED:
        state = _ended(first, heir)
    else:
        state = "closed" if status == Status.CLOSED else "open"
    return Shop(
        row=row,
        state=state,
        why=first["why"] if first and state in {"returned", "refused"} else "",
        asked=[_asked(one) for one in told],
        waiting=any(one["state"] in _UNDECIDED for one in told),
        closed_until=row["closed_until"] if status == Status.CLOSED else "",
        wish=_wish(row, told, words),
        heir=heir["id"] if heir else "",
    )


def _ended(first: Values | None, heir: Values | None) -> str:
    """Return what became of a shop that is not on the map."""
    if heir:
        return "merged" if heir["status"] in merchants.PUBLIC else "joined"
    decided = str(first["state"]) if first else ""
    return decided if decided in {"refused", "withdrawn"} else "gone"


def _wish(row: Values, told: list[Values], words: Words) -> Wish | None:
    asked = next(
        (one for one in told if one["kind"] == Kind.EDIT and one["state"] in _UNDECIDED), None
    )
    if asked is None:
        return None
    wanted = dict(asked["changes"])
    if "closed_until" in wanted:
        wanted.pop("status", None)  # which follows from it
    differences = words.differences(row, row | wanted)
    return Wish(moment(asked["at"]), differences, wanted.get("closed_until", ""))


def _asked(one: Values) -> dict[str, Any]:
    """Return what a proposal was about, in words."""
    names = {name if name in LABELS else "position" for name in one["changes"]}
    if "closed_until" in names:
        names.discard("status")  # which follows from it
    return {
        "at": moment(one["at"]),
        "what": [_(label) for name, label in LABELS.items() if name in names],
        "kind": one["kind"],
        "state": outcome(one["kind"], one["state"]),
        "why": one["why"],
    }


@bp.post("/mine/open")
@forms.taken(_mine)
def open_link() -> ResponseReturnValue:
    """Let the browser hold a private link's token from now on."""
    limits.within(limits.OPEN_LINK)
    token = request.form.get("token", "").strip().rpartition("#")[2]
    with store().reading() as tx:
        accounts.holder_of(tx, token, keys.Kind.LINK)
    sessions.begin(token)
    return forms.onward("registration.mine")


@bp.post("/mine/leave")
def leave() -> ResponseReturnValue:
    """Let the browser forget a link; an account signs out elsewhere."""
    if not current_actor().account:
        sessions.end()
    return forms.onward("registration.mine", done="left")


@bp.post("/mine/<merchant_id>/withdraw")
@forms.taken(_mine)
def withdraw(merchant_id: str) -> ResponseReturnValue:
    """Take back what nobody has decided."""
    with store().writing() as tx:
        proposals.withdraw(tx, merchant_id, actor=current_actor())
    return forms.onward("registration.mine", done="withdrawn")


@bp.post("/mine/<merchant_id>/link")
@forms.taken(_mine)
def renew(merchant_id: str) -> ResponseReturnValue:
    """End the private links of a shop, and show a new one."""
    actor = current_actor()
    limits.act(limits.AMEND, actor)
    with store().writing() as tx:
        token = proposals.renew_link(tx, merchant_id, actor=actor)
    if not actor.account:
        sessions.begin(token)  # the one that this browser held has ended
    keep(Receipt(merchant_id, token))
    return forms.onward("registration.link")


@bp.get("/mine/link")
def link() -> ResponseReturnValue:
    """Show the private link that was made just now."""
    made = kept()
    if made is None:
        return forms.page("registration/gone.html")
    address = page_url("registration.mine", _external=True) + f"#{made.token}"
    own = made.merchant in current_actor().owns
    return forms.page(
        "registration/link.html", link=address, qr=drawn(address), shop=made.merchant, own=own
    )
