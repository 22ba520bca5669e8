"""The categories over HTTP: what the legend shows."""

from dataclasses import asdict

from flask import Blueprint
from pydantic import BaseModel

from geodata import categories
from webmap.answers import Answer, Parameters, api
from webmap.i18n import either
from webmap.request import store

bp = Blueprint("categories", __name__)


class CategoryDocument(BaseModel):
    """A category; its name is in the reader's language."""

    id: str
    name: str
    colour: str
    shape: str
    glyph: str
    group: str
    rank: int
    hidden: bool


class CategoryList(BaseModel):
    """All categories, in the order of the legend."""

    categories: list[CategoryDocument]


@api(bp, "/api/categories", answers=CategoryList)
def listed(_asked: Parameters) -> Answer:
    """Return the categories in the order of the legend."""
    with store().reading() as tx:
        found = categories.listed(tx)
    return Answer({"categories": [_document(category) for category in found]})


def _document(category: categories.Category) -> dict[str, object]:
    told = asdict(category)
    told["name"] = either(category.name, told.pop("name_en"))
    return told
