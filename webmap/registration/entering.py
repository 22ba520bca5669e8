"""A shop registers: a form, and a receipt with a private link."""

import secrets
import time
from typing import Any

from flask import Response, request, session, url_for
from flask.typing import ResponseReturnValue

from geodata import accounts, categories, keys, merchants, proposals
from geodata.proposals import Receipt
from webmap import forms, i18n, limits, mapping
from webmap.forms import Form
from webmap.i18n import either
from webmap.layers import PlacePicker
from webmap.pages import page_url
from webmap.qr import drawn
from webmap.registration import telling
from webmap.registration.asking import DATUMS
from webmap.registration.blueprint import bp
from webmap.request import current_actor, store

_RECEIPT = "receipt"
_KEY_BYTES = 18
_SHARED_S = 600
_SHOWN_S = 3600
"""A receipt can be looked at again for an hour, where others use the device for ten minutes;
who comes later has the link."""


@bp.get("/merchants/new")
def new() -> ResponseReturnValue:
    """Show an empty form."""
    return _form(Form({"datum": "wgs84"}))


def _form(form: Form) -> ResponseReturnValue:
    # What was sent already goes on under its key, unless it is to be another one now.
    known = "" if form.code == "idempotency_key_reused" else form["key"]
    told = for_form(str(form["category"])) | {"key": known or secrets.token_urlsafe(_KEY_BYTES)}
    return forms.page("registration/new.html", form, **told)


@bp.post("/merchants/new")
@forms.taken(_form)
def create() -> ResponseReturnValue:
    """Take a registration, then show its receipt; the same one sent twice is one."""
    limits.act(limits.REGISTER, current_actor())
    told = telling.shop(request.form)
    key = request.headers.get("Idempotency-Key") or request.form.get("key", "")
    with store().writing() as tx:
        receipt = proposals.register(
            tx, told.entry, told.contact, actor=current_actor(), idempotency_key=key
        )
    keep(receipt, shared=request.form.get("shared") == "yes")
    return forms.onward("registration.receipt")


@bp.get("/merchants/new/receipt")
def receipt() -> ResponseReturnValue:
    """Show the number and the private link of what this browser registered just now."""
    made = kept()
    name = _named(made) if made else ""
    if made is None or not name:
        return forms.page("registration/gone.html")
    link = page_url("registration.mine", _external=True) + f"#{made.token}"
    return forms.page(
        "registration/receipt.html", number=made.merchant, name=name, link=link, qr=drawn(link)
    )


def _named(made: Receipt) -> str:
    """Return the name of a shop as its link shows it; "" when the link has ended since."""
    with store().reading() as tx:
        holder = accounts.actor_of(tx, made.token, keys.Kind.LINK)
        return merchants.get(tx, made.merchant, actor=holder)["name"] if holder else ""


@bp.post("/merchants/new/receipt/forget")
def forget() -> ResponseReturnValue:
    """Let this browser show the receipt no more."""
    session.pop(_RECEIPT, None)
    return forms.onward("map.page")


@bp.get("/merchants/new/map.js")
def script() -> Response:
    """Serve what Folium writes for the form's map."""
    whole, _boundaries = mapping.grounded()
    place_url = url_for("registration.place", lang=i18n.language())
    PlacePicker(place_url, url_for("homes.named")).add_to(whole)
    return mapping.as_script(whole)


def for_form(chosen: str) -> dict[str, Any]:
    """Return what the form of a shop needs besides its values; hidden categories only if chosen."""
    with store().reading() as tx:
        known = [c for c in categories.listed(tx) if not c.hidden or c.id == chosen]
    told = [
        {
            "id": c.id,
            "name": either(c.name, c.name_en),
            "colour": c.colour,
            "shape": c.shape,
            "glyph": c.glyph,
            "group": c.group,
        }
        for c in known
    ]
    return {
        "categories": told,
        "datums": {str(datum): i18n.gettext(name) for datum, name in DATUMS.items()},
        "map_script_url": url_for("registration.script", lang=i18n.language()),
        **mapping.element(),
    }


def keep(told: Receipt, *, shared: bool = False) -> None:
    """Let this browser show a new link again for a while; no script can read the cookie."""
    until = int(time.time()) + (_SHARED_S if shared else _SHOWN_S)
    session[_RECEIPT] = [told.merchant, told.token, until]


def kept() -> Receipt | None:
    """Return the link that was made in this browser within the hour, if there is one."""
    merchant, token, until = session.get(_RECEIPT) or ("", "", 0)
    return Receipt(merchant, token) if until > time.time() else None
