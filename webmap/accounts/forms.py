"""Forms of accounts: shown again with what was typed and what is wrong, but never a secret."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests

from geodata.accounts import LONGEST_PASSWORD, SHORTEST_PASSWORD
from geodata.errors import Forbidden, Invalid, LinjuError, Unavailable
from webmap.errors import STATUS, sentence
from webmap.i18n import gettext, marked, ngettext

WRONG: Mapping[str, str] = {
    "name:mixed": marked("Letters of different scripts that look alike do not go together."),
    "name:not_a_name": marked("2 to 40 letters, digits or . - _ @ without spaces."),
    "name:missing": marked("Please type the name that you sign in with."),
    "password:missing": marked("Please type your password."),
    "present:missing": marked("Please type the password that you have now."),
    "code:missing": marked("Please type the six digits that your app shows."),
    "token:missing": marked("Paste the link or the code that you were given."),
    "password:too_short": marked("{shortest} characters at least."),
    "password:too_long": marked("{longest} characters at most."),
    "password:too_easy": marked(
        "This is easy to guess. Take a few words that do not belong together."
    ),
    "again:not_the_same": marked("This is not the same as above."),
    "title:too_long": marked("60 characters at most."),
    "title:missing": marked("Please give it a name."),
    "title:taken": marked("A token in use is called so. Take another name, or end that one first."),
    "role:unknown": marked("Choose one."),
    "scope:not_a_code": marked(
        "No area here is called so. Choose one of the list, or type its code."
    ),
    "scope:missing": marked("Say for which area, or tick that it is for all."),
    "scope:one_of_both": marked("An area, or all of them: leave one of the two out."),
    "lifetime:out_of_range": marked("1 to 400 days."),
    "merchant:not_a_merchants": marked("Only a merchant's account has a shop."),
    "": marked("This is not right."),
}
"""What is wrong with a field, by field and reason."""

_FIELDS = {
    "account_name_taken": "name",
    "area_ambiguous": "scope",
    "code_wrong": "code",
    "invitation_not_valid": "token",
    "password_wrong": "present",
}
"""The field beside which a refusal is told."""

_ELSEWHERE = frozenset({"forbidden", "not_signed_in"})
"""Refusals that no form can mend."""

_SECRET = frozenset({"csrf_token", "password", "again", "present", "code"})
_MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Form:
    """What a form shows: its values, what is wrong beside each field, and why it came back."""

    values: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    code: str = ""
    status: int = 200
    wait: int = 0

    def __getitem__(self, name: str) -> str:
        """Return what stands in a field, "" where nothing does."""
        return self.values.get(name, "")


def shown_again(
    show: Callable[..., ResponseReturnValue],
) -> Callable[[Callable[..., ResponseReturnValue]], Callable[..., ResponseReturnValue]]:
    """Show a form again when it is refused; ``show`` gets it and the arguments of the view."""

    def decorate(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
        @wraps(view)
        def answer(**told: Any) -> ResponseReturnValue:
            try:
                return view(**told)
            except LinjuError as error:
                if isinstance(error, Unavailable) or error.code in _ELSEWHERE:
                    raise
                form = _refused(error)
            except TooManyRequests as error:
                seconds = int(error.retry_after) if isinstance(error.retry_after, int) else 0
                form = Form(typed(), {}, _wait(seconds), "too_many", 429, seconds)
            return show(form, **told)

        return answer

    return decorate


def page(template: str, form: Form | None = None, /, **told: Any) -> Response:
    """Answer with a page that no cache keeps: it is for one reader only."""
    form = form or Form()
    answer = Response(
        render_template(template, form=form, **told), form.status, mimetype="text/html"
    )
    answer.cache_control.no_store = True
    if form.wait:
        answer.headers["Retry-After"] = str(form.wait)
    return answer


def typed() -> dict[str, str]:
    """Return what was typed, without what must not be sent back."""
    return {name: value for name, value in request.form.items() if name not in _SECRET}


def _refused(error: LinjuError) -> Form:
    wrong = {}
    status, told, wait = STATUS[type(error)], sentence(error.code, error.details), 0
    if error.code == "account_invalid":
        wrong = {name: said(name, str(reason)) for name, reason in error.details.items()}
    elif error.code in _FIELDS:
        wrong = {_FIELDS[error.code]: told}
    elif isinstance(error, Forbidden) and error.code == "sign_in_locked":
        wait = int(str(error.details["seconds"]))
        told = gettext("Too many wrong passwords.") + " " + _wait(wait)
    return Form(typed(), wrong, told, error.code, status, wait)


def demand(*names: str) -> None:
    """Refuse a form whose fields of these names were left empty, before anything is tried with it.

    Raises
    ------
    Invalid
        ``account_invalid``.
    """
    if empty := [name for name in names if not request.form.get(name, "").strip()]:
        raise Invalid("account_invalid", **dict.fromkeys(empty, "missing"))


def said(name: str, reason: str) -> str:
    """Say what is wrong with a field."""
    told = WRONG.get(f"{name}:{reason}", WRONG[""])
    return gettext(told, shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD)


def _wait(seconds: int) -> str:
    if seconds < 2 * _MINUTE_S:
        return ngettext("Try again in {n} second.", "Try again in {n} seconds.", max(seconds, 1))
    minutes = -(-seconds // _MINUTE_S)
    return ngettext("Try again in {n} minute.", "Try again in {n} minutes.", minutes)
