"""Forms: shown again with what was typed and what is wrong beside each field, never a secret."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from flask import Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests

from geodata import categories, elders, scenarios
from geodata.accounts import LONGEST_PASSWORD, SHORTEST_PASSWORD
from geodata.errors import Invalid, LinjuError
from geodata.merchants import LONGEST
from geodata.siting import MOST_POINTS
from webmap.errors import STATUS, for_program, problem, sentence
from webmap.i18n import gettext, marked, ngettext
from webmap.pages import page_url
from webmap.sent import Sent, sent, whole

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
    "scenario_name:missing": marked("Give it a name."),
    "scenario_name:taken": marked("Another scenario has this name."),
    "scenario_categories:missing": marked("Choose who helps, or write a word below."),
    "scenario_categories:unknown": marked("One of these categories is not there any more."),
    "scenario_modes:missing": marked("Choose how one usually goes."),
    "scenario_helpers:out_of_range": marked("A number from 1 to 20."),
    "scenario_rings:out_of_range": marked("Numbers from 1 to 60, with spaces between them."),
    "scenario_rings:too_many": marked("Four rings at most."),
    "scenario_cordon_m:out_of_range": marked("A number from 0 to 1000; 0 for none."),
    "scenario_words:too_many": marked("Eight words at most."),
    "scenario_checklist:too_many": marked("Twenty lines at most."),
    "scenario_checklist:too_long": marked("{longest} characters in a line at most."),
    "owner:not_a_merchants": marked("Choose a merchant's account that is not disabled."),
    "account_name:not_a_name": marked(
        "2 to 40 Chinese characters, letters a to z, digits or . - _ @ without spaces."
    ),
    "account_name:missing": marked("Please type the name that you sign in with."),
    "account_password:missing": marked("Please type your password."),
    "account_present:missing": marked("Please type the password that you have now."),
    "account_code:missing": marked("Please type the six digits that your app shows."),
    "account_token:missing": marked("Paste the link or the code that you were given."),
    "account_password:too_short": marked("{shortest} characters at least."),
    "account_password:too_long": marked("{longest} characters at most."),
    "account_password:too_easy": marked(
        "This is easy to guess. Take a few words that do not belong together."
    ),
    "account_again:not_the_same": marked("This is not the same as above."),
    "account_title:too_long": marked("60 characters at most."),
    "account_title:missing": marked("Please give it a name."),
    "account_title:taken": marked(
        "A token in use is called so. Take another name, or end that one first."
    ),
    "account_role:unknown": marked("Choose one."),
    "account_scope:not_a_code": marked(
        "No area here is called so. Choose one of the list, or type its code."
    ),
    "account_scope:missing": marked("Say for which area, or tick that it is for all."),
    "account_scope:one_of_both": marked("An area, or all of them: leave one of the two out."),
    "account_lifetime:out_of_range": marked("1 to 400 days."),
    "elder_name:missing": marked("Please type the name."),
    "siting_points:missing": marked("Give one place at least: press the map, or paste a position."),
    "siting_points:range": marked("{most} places at most, and each one on the globe."),
    "siting_area:missing": marked("Please choose an area."),
    "too_long": marked("Please say it in {longest} characters at most."),
    "": marked("This is not right."),
}
"""What is wrong with a field, by field and reason, by reason alone, and when nothing is known.

What is not of a shop has the prefix of :data:`_PREFIX` before its field.
"""

_PREFIX = {
    "merchant_invalid": "",
    "category_invalid": "category_",
    "account_invalid": "account_",
    "elder_invalid": "elder_",
    "scenario_invalid": "scenario_",
    "siting_invalid": "siting_",
}
"""Codes whose details map fields to reasons."""

_BESIDE = {
    "account_name_taken": "name",
    "area_ambiguous": "scope",
    "code_wrong": "code",
    "elder_known": "name",
    "invitation_not_valid": "token",
    "pasted_datum_open": "datum",
    "pasted_line_wrong": "pasted",
    "pasted_too_many": "pasted",
    "password_wrong": "present",
}
"""The field beside which a refusal is told as a whole."""

_ELSEWHERE = frozenset({"forbidden", "not_signed_in"})
"""Refusals that no form can mend."""

_LONGEST = (
    LONGEST
    | {f"category_{name}": most for name, most in categories.LONGEST.items()}
    | {f"elder_{name}": most for name, most in elders.LONGEST.items()}
    | {"account_password": LONGEST_PASSWORD}
    | {f"scenario_{name}": most for name, most in scenarios.LONGEST.items()}
    | {"scenario_checklist": scenarios.LONGEST["line"]}
    | {"scenario_words": scenarios.LONGEST["word"]}
)
_CONTACT_LONGEST = 50

_SECRET = frozenset({"csrf_token", "password", "again", "present", "code"})
_SEVERAL = frozenset({"phones", "categories", "also", "point"})
_MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Form:
    """What a form shows: its values, what is wrong beside each field, and why it came back.

    ``wait`` are the seconds after which it is worth sending it again, 0 for at once.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    code: str = ""
    status: int = 200
    wait: int = 0

    def __getitem__(self, name: str) -> object:
        """Return what stands in a field, "" where nothing does."""
        return self.values.get(name, "")


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
            except TooManyRequests as error:
                wait = error.retry_after if isinstance(error.retry_after, int) else 1
                form = Form(_typed(), {}, _again_in(wait), "too_many", 429, wait)
            except LinjuError as error:
                if error.code in _ELSEWHERE:
                    raise
                form = _refused(error)
            if for_program():
                return _as_problem(form)
            return show(form, **told)

        return answer

    return decorate


def page(template: str, form: Form | None = None, /, **told: Any) -> Response:
    """Answer with a page that no cache keeps: it is for one reader only."""
    form = form or Form()
    answer = Response(
        render_template(template, form=form, **told), form.status, mimetype="text/html"
    )
    return _private(answer, form)


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


def onward(endpoint: str, **values: Any) -> ResponseReturnValue:
    """Send the reader on after a form was taken; a page's script is told where to."""
    address = page_url(endpoint, **values)
    if for_program():
        answer = jsonify(next=address)
        answer.cache_control.no_store = True
        return answer
    return redirect(address, code=303)


def demand(*names: str) -> None:
    """Refuse a form whose fields of these names were left empty, before anything is tried with it.

    Raises
    ------
    Invalid
        ``account_invalid``.
    """
    if empty := [name for name in names if not request.form.get(name, "").strip()]:
        raise Invalid("account_invalid", **dict.fromkeys(empty, "missing"))


def ordered() -> list[str]:
    """Return the ids of a list in the order of its form, one a step further where asked."""
    order = request.form.getlist("order")
    for way, step in (("up", -1), ("down", 1)):
        moved = request.form.get(way, "")
        if moved in order and 0 <= (to := order.index(moved) + step) < len(order):
            order.insert(to, order.pop(order.index(moved)))
    return order


def hiding(key: str) -> tuple[dict[str, bool], int]:
    """Return what the form of a list tells of one that is to be hidden, and its version."""
    told = {"hidden": request.form.get("hidden") == "1"}
    return told, whole(request.form.get(f"version-{key}", ""))


def said(name: str, reason: str) -> str:
    """Say what is wrong with a field, named as in :data:`WRONG`."""
    found = WRONG.get(f"{name}:{reason}") or WRONG.get(reason) or WRONG[""]
    return gettext(
        found,
        shortest=SHORTEST_PASSWORD,
        longest=_LONGEST.get(name, _CONTACT_LONGEST),
        most=MOST_POINTS,
    )


def _typed() -> dict[str, Any]:
    """Return what was typed, as it was typed, without what must not be sent back."""
    form = request.form
    return {
        name: form.getlist(name) if name in _SEVERAL else form[name]
        for name in form
        if name not in _SECRET
    }


def _refused(error: LinjuError) -> Form:
    wrong = {}
    told, wait = sentence(error.code, error.details), 0
    if (prefix := _PREFIX.get(error.code)) is not None:
        wrong = {name: said(prefix + name, str(reason)) for name, reason in error.details.items()}
    elif error.code in _BESIDE:
        wrong = {_BESIDE[error.code]: told}
    elif error.code == "sign_in_locked":
        wait = int(str(error.details["seconds"]))
        told = gettext("Too many wrong passwords.") + " " + _again_in(wait)
    return Form(_typed(), wrong, told, error.code, STATUS[type(error)], wait)


def _again_in(seconds: int) -> str:
    if seconds < 2 * _MINUTE_S:
        return ngettext("Try again in {n} second.", "Try again in {n} seconds.", max(seconds, 1))
    minutes = -(-seconds // _MINUTE_S)
    return ngettext("Try again in {n} minute.", "Try again in {n} minutes.", minutes)


def _as_problem(form: Form) -> Response:
    body = problem(form.code, form.status, form.notice, {"fields": form.wrong})
    return _private(Response(body, form.status, mimetype="application/problem+json"), form)


def _private(answer: Response, form: Form) -> Response:
    answer.cache_control.no_store = True
    if form.wait:
        answer.headers["Retry-After"] = str(form.wait)
    return answer
