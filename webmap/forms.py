"""What is typed into a form: the entry that it makes, and what is wrong beside each field."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from flask import Response, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import TooManyRequests

from geodata import categories
from geodata.datum import Datum
from geodata.errors import Conflict, Invalid, LinjuError, NotFound, Unavailable
from geodata.merchants import LONGEST, MerchantEntry
from geodata.proposals import Contact
from webmap.errors import STATUS, for_program, problem, sentence
from webmap.i18n import gettext, marked
from webmap.pages import page_url
from webmap.sent import Sent, sent

FIELDS = frozenset(
    {"name", "category", "lon", "lat", "datum", "address", "phones", "hours", "note"}
    | {"credit_code", "contact_name", "contact_phone"}
)
"""What anybody may tell of a shop. Whose it is and whether it is shown is for others to say."""

ABOUT = frozenset({"csrf_token", "key", "version", "why", "shared"})
"""What a form says about itself."""

WRONG: Mapping[str, str] = {
    "name:missing": marked("Write the name as it stands on the sign."),
    "category:unknown": marked("Choose what it is."),
    "category:hidden": marked("This category is not on the map just now. Choose another one."),
    "position:out_of_range": marked("Say where it is: press its place on the map."),
    "position:incomplete": marked("Say where it is: press its place on the map."),
    "credit_code:credit_code_length": marked("A code has 18 characters. Compare with the licence."),
    "credit_code:credit_code_characters": marked(
        "A code has digits and capital letters, but no I, O, S, V and Z."
    ),
    "credit_code:credit_code_checksum": marked(
        "One of the characters is not right. Compare with the licence."
    ),
    "credit_code:credit_code_region": marked(
        "No province has the digits 3 to 8. Compare with the licence."
    ),
    "closed_until:not_a_date": marked("Choose a day."),
    "category_name:missing": marked("Give it a name."),
    "category_name:taken": marked("Another category has this name."),
    "category_glyph:not_one_sign": marked("One character, which stands on the magnet."),
    "category_colour:not_a_colour": marked(
        "A colour is # and six of 0–9 and A–F, such as #0072B2."
    ),
    "category_shape:missing": marked("Choose a shape."),
    "category_group:missing": marked("Choose a group."),
    "too_long": marked("Please say it in {longest} characters at most."),
    "": marked("This is not right."),
}
"""What is wrong with a field, by field and reason, by reason alone, and when nothing is known."""

_CONTACT_LONGEST = 50
_ABOUT_FIELDS = {"merchant_invalid": "", "category_invalid": "category_"}
"""Codes whose details map fields to reasons, and what the fields are called in :data:`WRONG`."""

_LONGEST = LONGEST | {f"category_{name}": most for name, most in categories.LONGEST.items()}


@dataclass(frozen=True, slots=True)
class Form:
    """What a form shows: its values, what is wrong beside each field, and why it came back."""

    values: Mapping[str, Any] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    code: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200

    def __getitem__(self, name: str) -> object:
        """Return what stands in a field, "" where nothing does."""
        return self.values.get(name, "")


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody tells of a shop, and whom the reviewers may ask."""

    entry: MerchantEntry
    contact: Contact


def merchant(form: MultiDict[str, str], *, more: Collection[str] = ()) -> Told:
    """Return what a form tells of a shop; ``more`` are fields that this form has besides.

    Raises
    ------
    Invalid
        ``field_unknown`` for what nobody may tell in this form; ``merchant_invalid``.
    """
    if strange := set(form) - FIELDS - ABOUT - set(more):
        raise Invalid("field_unknown", fields=sorted(strange))
    entry = MerchantEntry.typed(
        name=form.get("name", ""),
        category=form.get("category", ""),
        lon=_degrees(form.get("lon", "")),
        lat=_degrees(form.get("lat", "")),
        datum=_datum(form.get("datum", "")),
        address=form.get("address", ""),
        phones=form.getlist("phones"),
        hours=form.get("hours", ""),
        note=form.get("note", ""),
        credit_code=form.get("credit_code", ""),
    )
    contact = Contact.typed(form.get("contact_name", ""), form.get("contact_phone", ""))
    return Told(entry, contact)


def typed(form: MultiDict[str, str]) -> dict[str, Any]:
    """Return what was typed, as it was typed, for showing it again."""
    values: dict[str, Any] = {name: form.get(name, "") for name in form if name != "csrf_token"}
    values["phones"] = form.getlist("phones")
    return values


def _degrees(written: str) -> float:
    """Return a number; what is none is nowhere, and :meth:`MerchantEntry.check` says so."""
    try:
        return float(written)
    except ValueError:
        return math.nan


def _datum(written: str) -> Datum:
    return Datum(written) if written in set(Datum) else Datum.WGS84


def taken(
    show: Callable[..., ResponseReturnValue],
) -> Callable[[Callable[..., ResponseReturnValue]], Callable[..., ResponseReturnValue]]:
    """Show a form again with all that was typed into it when it is refused.

    ``show`` gets the :class:`Form` and the arguments of the view. A page's script gets the
    same as JSON: ``details.fields`` has a sentence for each field.
    """

    def decorate(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
        @wraps(view)
        def answer(**told: Any) -> ResponseReturnValue:
            try:
                return view(**told)
            except (Invalid, Conflict, NotFound, Unavailable) as error:
                form = _refused(error)
            except TooManyRequests:
                form = Form(typed(request.form), {}, sentence("too_many", {}), "too_many", {}, 429)
            if for_program():
                return _as_problem(form)
            return show(form, **told)

        return answer

    return decorate


def _refused(error: LinjuError) -> Form:
    wrong = {}
    if (about := _ABOUT_FIELDS.get(error.code)) is not None:
        wrong = {name: said(about + name, str(reason)) for name, reason in error.details.items()}
    told = sentence(error.code, error.details)
    status = STATUS[type(error)]
    return Form(typed(request.form), wrong, told, error.code, error.details, status)


def said(name: str, reason: str) -> str:
    """Say what is wrong with a field."""
    found = WRONG.get(f"{name}:{reason}") or WRONG.get(reason) or WRONG[""]
    return gettext(found, longest=_LONGEST.get(name, _CONTACT_LONGEST))


def _as_problem(form: Form) -> ResponseReturnValue:
    told = {"fields": form.wrong}
    body = problem(form.code, form.status, form.notice, told)
    answer = Response(body, form.status, mimetype="application/problem+json")
    answer.cache_control.no_store = True
    return answer


def onward(endpoint: str, **values: Any) -> ResponseReturnValue:
    """Send the reader on after a form was taken; a page's script is told where to."""
    address = page_url(endpoint, **values)
    if for_program():
        answer = jsonify(next=address)
        answer.cache_control.no_store = True
        return answer
    return redirect(address, code=303)


def asked[M: Sent](
    model: type[M],
) -> Callable[[Callable[[M], Mapping[str, Any]]], Callable[[], Response]]:
    """Answer what a page's script asks while somebody types: a no is an answer, not a failure.

    The view gets the request's JSON as a model; its answer becomes ``{"ok": true, …}``, and an
    Invalid of geodata ``{"ok": false, "code", "sentence"}``.
    """

    def decorate(view: Callable[[M], Mapping[str, Any]]) -> Callable[[], Response]:
        @wraps(view)
        def answer() -> Response:
            try:
                told = {"ok": True, **view(sent(model))}
            except Invalid as error:
                told = {"ok": False, "code": error.code, "sentence": _words(error)}
            response = jsonify(told)
            response.cache_control.no_store = True
            return response

        return answer

    return decorate


def _words(error: Invalid) -> str:
    if error.code == "credit_code_invalid":
        return said("credit_code", f"credit_code_{error.details['reason']}")
    return sentence(error.code, error.details)
