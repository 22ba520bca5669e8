"""Categories (类别): the colour, shape and glyph that a magnet wears."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from geodata import colours, ids, wording
from geodata.errors import Conflict, Invalid
from geodata.policy import Action, Actor, require
from geodata.store import Reader, Writer
from geodata.store.records import Values

SHAPES = (
    "square",
    "circle",
    "diamond",
    "hexagon",
    "house",
    "pentagon",
    "star",
    "triangle",
    "shield",
)
"""The shapes that the map knows how to draw."""

GROUPS = ("merchant", "facility")
LONGEST = {"name": 20, "name_en": 40}
"""Characters that a name may have: it stands on a button of the legend."""

_TOLD = frozenset({"name", "name_en", "colour", "shape", "glyph", "group", "hidden"})
_SLUG = re.compile("[^a-z0-9]+")
_LONGEST_ID = 30
_NOT_IDS = frozenset(
    {"id", "code", "name", "level", "area", "lon", "lat", "geometry", "minutes"}
    | {"households", "residents", "people", "total"}
)
"""Other columns of the tables in which a category is a column, and orders of their rows."""


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of magnet. ``group`` is "merchant" or "facility" (a public service point).

    ``colour`` is #RRGGBB; ``shape`` a word that the map knows how to draw;
    ``glyph`` one character; ``rank`` its place in the legend.
    """

    id: str
    name: str
    name_en: str
    colour: str
    shape: str
    glyph: str
    group: str
    rank: int
    hidden: bool
    version: int


_COLUMNS = [field.name for field in fields(Category)]


def listed(tx: Reader) -> list[Category]:
    """Return all categories in the order of the legend, the hidden ones too."""
    found = [Category(**{name: row[name] for name in _COLUMNS}) for row in tx.rows("category")]
    return sorted(found, key=lambda category: category.rank)


def known(tx: Reader) -> frozenset[str]:
    """Return the ids that a merchant's category may have."""
    return frozenset(tx.cached("categories", lambda: [category.id for category in listed(tx)]))


def hidden(tx: Reader) -> frozenset[str]:
    """Return the ids of the hidden: residents see neither them nor their merchants."""
    return tx.cached(
        "hidden categories",
        lambda: frozenset(category.id for category in listed(tx) if category.hidden),
    )


def visible(tx: Reader, chosen: Sequence[str] | None = None) -> tuple[str, ...] | None:
    """Return the categories that residents see, of those chosen; None is all there are."""
    away = hidden(tx)
    if not away:
        return None if chosen is None else tuple(chosen)
    every = known(tx) if chosen is None else chosen
    return tuple(sorted(set(every) - away))


def add(tx: Writer, told: Mapping[str, Any], *, actor: Actor) -> str:
    """Add a category at the end of the legend and return its id.

    ``told`` are name, colour, shape, glyph, group and, if wanted, name_en.

    Raises
    ------
    Invalid
        ``category_invalid``: details map a field to "missing", "too_long", "taken",
        "unknown", "not_a_colour" or "not_one_sign".
    Forbidden
        ``forbidden``: for administrators.
    """
    require(actor, Action.CATEGORY_EDIT)
    # Two who add at once would take the same place in the legend.
    tx.alone()
    every = listed(tx)
    row: Values = {"name_en": "", "hidden": False} | _checked(told, every)
    row |= {"id": _new_id(row["name_en"], every), "rank": _last(every) + 1}
    missing = dict.fromkeys(_TOLD - row.keys(), "missing")
    if missing:
        raise Invalid("category_invalid", **missing)
    tx.insert("category", [row], by=actor)
    return str(row["id"])


def edit(
    tx: Writer, category_id: str, changes: Mapping[str, Any], *, version: int, actor: Actor
) -> Values:
    """Change what a category is called and looks like, or hide it, and return its row.

    ``changes`` are those of :func:`add`, and ``hidden``.

    Raises
    ------
    NotFound
        ``category_not_found``.
    Conflict
        ``version_stale``.
    Invalid, Forbidden
        As :func:`add`.
    """
    require(actor, Action.CATEGORY_EDIT)
    others = [category for category in listed(tx) if category.id != category_id]
    told = _checked(changes, others)
    return tx.update("category", category_id, told, version=version, by=actor)


def reorder(tx: Writer, order: Sequence[str], *, actor: Actor) -> None:
    """Put the categories of the legend into an order, by their ids.

    Raises
    ------
    Conflict
        ``version_stale``: the order is not of the categories that there are.
    Forbidden
        ``forbidden``: for administrators.
    """
    require(actor, Action.CATEGORY_EDIT)
    tx.alone()
    rows = {row["id"]: row for row in tx.rows("category")}
    if sorted(order) != sorted(rows):
        raise Conflict("version_stale", key="order")
    edits = [(rows[name], {"rank": rank}) for rank, name in enumerate(order)]
    tx.update_many("category", edits, by=actor, action="reorder")


def _checked(told: Mapping[str, Any], others: Sequence[Category]) -> Values:
    """Return columns brought to one form."""
    if unknown := told.keys() - _TOLD:
        raise Invalid("category_invalid", **dict.fromkeys(sorted(unknown), "unknown"))
    row = {k: wording.clean(v) if isinstance(v, str) else v for k, v in told.items()}
    wrong: dict[str, object] = {
        field: "too_long"
        for field, longest in LONGEST.items()
        if len(str(row.get(field, ""))) > longest
    }
    if not row.get("name", True):
        wrong["name"] = "missing"
    if any(row.get("name") == other.name for other in others):
        wrong["name"] = "taken"
    for field, known_words in (("shape", SHAPES), ("group", GROUPS)):
        if row.get(field, known_words[0]) not in known_words:
            wrong[field] = "unknown"
    if not _is_sign(str(row.get("glyph", "x"))):
        wrong["glyph"] = "not_one_sign"
    if "colour" in row:
        try:
            row["colour"] = colours.parse(row["colour"])
        except Invalid:
            wrong["colour"] = "not_a_colour"
    if wrong:
        raise Invalid("category_invalid", **wrong)
    return row


def _is_sign(glyph: str) -> bool:
    """Tell whether this is one sign that can be seen, as a magnet has room for."""
    return len(glyph) == 1 and unicodedata.category(glyph)[0] in "LNPS"


def _new_id(name_en: str, every: Sequence[Category]) -> str:
    taken = {category.id for category in every}
    slug = _SLUG.sub("-", name_en.lower())[:_LONGEST_ID].strip("-")
    if not slug or slug in taken | _NOT_IDS:
        slug = "-".join(filter(None, (slug, ids.fresh(1)[0][-6:].lower())))
    return slug


def _last(every: Sequence[Category]) -> int:
    return max((category.rank for category in every), default=-1)
