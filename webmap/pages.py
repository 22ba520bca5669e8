"""What every page knows: its language, its mode, and links that keep both."""

from typing import Any

from flask import Flask, current_app, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import HTTPException

from geodata.errors import LinjuError
from geodata.policy import RESIDENT, Action, Actor, can
from webmap import i18n
from webmap.i18n import marked
from webmap.request import current_actor, home, is_demo

ELDER = "elder"


DESKS = (
    ("emergency.page", marked("Emergency"), Action.EMERGENCY_ASK),
    ("plans.index", marked("Plans"), Action.PLAN_READ),
    ("closures.page", marked("Closures"), Action.CLOSURE_EDIT),
    ("rounds.page", marked("Rounds"), Action.ROUND_READ),
    ("review.page", marked("Review"), Action.MERCHANT_REVIEW),
    ("elders.page", marked("Living alone"), Action.ELDER_READ),
    ("files.page", marked("Files"), Action.MERCHANT_EDIT),
    ("categories.page", marked("Categories"), Action.CATEGORY_EDIT),
    ("accounts.page", marked("Accounts"), Action.ACCOUNT_EDIT),
)
"""The pages of those who keep the map true: endpoint, name, and what one must be allowed to do."""


def mode() -> str:
    """Return the mode of the page: ``elder`` (长辈版, large type) or ``""``."""
    return ELDER if request.args.get("mode") == ELDER else ""


def page_url(endpoint: str, **values: Any) -> str:
    """Return the address of a page in the reader's language and mode.

    Parameters
    ----------
    endpoint
        As for `flask.url_for`.
    values
        As for `flask.url_for`; ``lang`` and ``mode`` given here win, and
        ``None`` takes one away.
    """
    kept = {
        "lang": i18n.language() if i18n.language() != i18n.DEFAULT_LANGUAGE else None,
        "mode": mode() or None,
    }
    return url_for(endpoint, **(kept | values))


def same_page_url(**values: Any) -> str:
    """Return the address of the page being shown, with some arguments changed."""
    endpoint = request.endpoint
    # An error page, or the answer to a form whose address shows nothing: there is no page to
    # show again.
    if endpoint is None or not _shows_a_page():
        return page_url("map.page", **values)
    # Flask reads some names as its own options; people's address must not set them.
    asked = {
        name: value
        for name, value in request.args.items()
        if not name.startswith("_") and name != "endpoint"
    }
    return page_url(endpoint, **(asked | (request.view_args or {}) | values))


def _shows_a_page() -> bool:
    rule = request.url_rule
    if rule is None or "GET" in (rule.methods or ()):
        return True
    adapter = current_app.create_url_adapter(request)
    try:
        return adapter is not None and bool(adapter.match(request.path, method="GET"))
    except HTTPException:
        return False


def init_app(app: Flask) -> None:
    """Give an application's templates the words of this module."""

    @app.context_processor
    def known_to_every_page() -> dict[str, object]:
        return {
            "language": i18n.language(),
            "html_language": i18n.HTML_LANGUAGES[i18n.language()],
            "mode": mode(),
            "page_url": page_url,
            "same_page_url": same_page_url,
            "csrf_token": generate_csrf,
            "can": can,
            "Action": Action,
            **_reader(),
            **_place(),
        }


def _place() -> dict[str, object]:
    # The page that tells of a store out of reach must not ask it.
    try:
        return {"home_name": home().name, "demo": is_demo()}
    except LinjuError:
        return {"home_name": "", "demo": False}


def _reader() -> dict[str, object]:
    try:
        actor = current_actor()
    except LinjuError:
        actor = RESIDENT
    return {"actor": actor, "desks": desks(actor)}


def desks(actor: Actor) -> list[tuple[str, str]]:
    """Return endpoint and name of the pages at which the actor works; none for residents."""
    return [
        (endpoint, i18n.gettext(name))
        for endpoint, name, action in DESKS
        if endpoint in current_app.view_functions
        and can(actor, action, area=_within(actor, action))
    ]


def _within(actor: Actor, action: Action) -> str | None:
    """Return where an action would be: the legend is one for everybody, not an area's."""
    return None if action is Action.CATEGORY_EDIT else actor.scope
