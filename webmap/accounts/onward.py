"""Where to go on to: an own page, whatever the address of the request asks for."""

from urllib.parse import parse_qs, urlsplit

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from geodata.errors import Forbidden
from geodata.policy import Role
from webmap.accounts.blueprint import bp
from webmap.errors import failed, for_program
from webmap.pages import desks, page_url
from webmap.request import current_actor

_NOT_AGAIN = frozenset({"accounts.sign_in", "accounts.sign_out", "accounts.join", "static"})
_LONGEST = 500


def safe(target: str) -> str:
    """Return the address of the own page that a target names, or "".

    It is made anew from the endpoint that it leads to, so that nothing of it but arguments of
    our own page gets into the answer.
    """
    if not 0 < len(target) <= _LONGEST:
        return ""
    try:
        parts = urlsplit(target)
    except ValueError:
        return ""
    adapter = current_app.create_url_adapter(request)
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or adapter is None:
        return ""
    try:
        endpoint, told = adapter.match(parts.path, method="GET")
    except (HTTPException, RequestRedirect):
        return ""
    if endpoint in _NOT_AGAIN:
        return ""
    # Flask reads some names as its own options.
    asked = {
        name: values[-1]
        for name, values in parse_qs(parts.query).items()
        if not name.startswith("_") and name != "endpoint"
    }
    return url_for(endpoint, **(asked | dict(told)))


@bp.app_errorhandler(Forbidden)
def refused(error: Forbidden) -> ResponseReturnValue:
    """Lead whoever is not signed in from a page that is not for all to the way in, and back then.

    Who is signed in, or holds a private link, is told no; so are programs and scripts, and
    whoever sends something.
    """
    stranger = current_actor().role == Role.RESIDENT
    if request.method not in {"GET", "HEAD"} or for_program() or not stranger:
        return failed(error)
    wanted = safe(request.full_path.rstrip("?"))
    answer = redirect(page_url("accounts.sign_in", next=wanted or None), code=303)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def into(target: str) -> ResponseReturnValue:
    """Send who has just come in to what was asked for, or to where the work is."""
    work = desks(current_actor())
    return redirect(safe(target) or page_url(work[0][0] if work else "accounts.own"), code=303)
