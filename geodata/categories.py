"""Categories (类别): the colour, shape and glyph that a magnet wears."""

from dataclasses import dataclass, fields

from geodata.store import Reader


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


_COLUMNS = [field.name for field in fields(Category)]


def listed(tx: Reader) -> list[Category]:
    """Return all categories in the order of the legend, the hidden ones too."""
    found = [Category(**{name: row[name] for name in _COLUMNS}) for row in tx.rows("category")]
    return sorted(found, key=lambda category: category.rank)


def known(tx: Reader) -> frozenset[str]:
    """Return the ids that a merchant's category may have."""
    return frozenset(tx.cached("categories", lambda: [category.id for category in listed(tx)]))
