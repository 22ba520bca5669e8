"""The pages around the matrix: which there are for a reader, and what one chooses on them."""

from flask import current_app

from geodata import areas, categories
from geodata.policy import Action, can
from geodata.store import Reader
from webmap import mapping
from webmap.i18n import either, marked
from webmap.i18n import gettext as _
from webmap.request import current_actor

MOST_AREAS = 400
"""Areas that are offered to choose from; of a larger city the upper levels only."""

_WAYS = (
    ("matrix.page", marked("Matrix"), None, "parent"),
    ("matrix.changes_page", marked("Over time"), None, "area"),
    ("matrix.left_out_page", marked("Who is left out"), Action.HOME_READ, "parent"),
    ("matrix.what_if_page", marked("What if"), Action.HOME_READ, ""),
    ("siting.page", marked("Where the next one helps"), Action.SITING_ASK, "area"),
    ("poster.report", marked("Service report"), None, "area"),
    ("poster.page", marked("Poster"), None, "area"),
)
"""Endpoint, name, what one must be allowed to, and how the address names an area."""


def ways(area: str = "") -> list[tuple[str, str, dict[str, str]]]:
    """Return the pages of the matrix that the reader may see: endpoint, name, values for it.

    Each is about the area that the reader looks at.
    """
    actor = current_actor()
    told = [
        (endpoint, _(name), {key: area} if key and area else {})
        for endpoint, name, action, key in _WAYS
        if endpoint in current_app.view_functions
        and (action is None or can(actor, action, area=actor.scope))
    ]
    return told if len(told) > 1 else []


def can_walk() -> bool:
    """Tell whether there are streets to walk on."""
    streets = mapping.streets()
    return streets is not None and streets.graph is not None


def shown(tx: Reader) -> list[dict[str, str]]:
    """Return the categories that residents see: id and name."""
    return [
        {"id": one.id, "name": either(one.name, one.name_en)}
        for one in categories.listed(tx)
        if not one.hidden
    ]


def areas_to_choose(tx: Reader, scope: str = "") -> list[tuple[str, str]]:
    """Return codes and names of areas inside a scope, each below those that hold it."""
    rows = areas.within(tx, scope, most=MOST_AREAS)
    depth = {level: n for n, level in enumerate(areas.LEVELS)}
    least = min((depth[row["level"]] for row in rows), default=0)
    # What a list of choices shows of spaces is nothing but the wide ones.
    return [(row["code"], "\u3000" * (depth[row["level"]] - least) + row["name"]) for row in rows]
