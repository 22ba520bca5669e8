"""The categories over HTTP: what the legend shows, and the desk where that is changed."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from geodata import categories, colours
from geodata.categories import GROUPS, LONGEST, SHAPES, Category
from geodata.colours import Doubt, Vision
from geodata.policy import Action, require
from geodata.store import Filter, tallies
from webmap.answers import Answer, Parameters, api
from webmap.forms import Form, hiding, onward, ordered, taken
from webmap.i18n import either, gettext, marked
from webmap.request import current_actor, store
from webmap.sent import whole

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


def _document(category: Category) -> dict[str, object]:
    told = asdict(category)
    told["name"] = either(category.name, told.pop("name_en"))
    del told["version"]
    return told


_DOUBTS: Mapping[str, str] = {
    "contrast_paper": marked(
        "It hardly stands out from the paper of the map ({value} : 1, better {wanted} : 1)."
    ),
    "contrast_glyph": marked(
        "The sign on it can hardly be read ({value} : 1, better {wanted} : 1)."
    ),
    "too_alike": marked("It looks much like “{other}” (difference {value}, better {wanted})."),
    "too_alike_blind": marked(
        "People with {vision} may take it for “{other}” (difference {value}, better {wanted})."
    ),
}
_VISIONS: Mapping[Vision, str] = {
    "protan": marked("red blindness"),
    "deutan": marked("green blindness"),
    "tritan": marked("blue blindness"),
}
_SHAPE_NAMES = {
    "square": marked("square"),
    "circle": marked("circle"),
    "diamond": marked("diamond"),
    "hexagon": marked("hexagon"),
    "house": marked("house"),
    "pentagon": marked("pentagon"),
    "star": marked("star"),
    "triangle": marked("triangle"),
    "shield": marked("shield"),
}
_GROUP_NAMES = {"merchant": marked("Merchants"), "facility": marked("Public service points")}
_FIELDS = ("name", "name_en", "colour", "shape", "glyph", "group")
_NEW = {"colour": "#CC79A7", "shape": "circle", "group": "merchant"}


@bp.get("/categories")
def page() -> ResponseReturnValue:
    """Show the categories in the order of the legend."""
    require(current_actor(), Action.CATEGORY_EDIT)
    with store().reading() as tx:
        every = categories.listed(tx)
        clusters = tx.tallied(Filter(), tallies.LEVELS[0])
    counts: dict[str, int] = {}
    for cluster in clusters:
        for name, n in cluster.categories.items():
            counts[name] = counts.get(name, 0) + n
    doubts = {one.id: [] if one.hidden else _doubts(one.colour, one, every) for one in every}
    return render_template(
        "categories/index.html", every=every, counts=counts, doubts=doubts, groups=_groups()
    )


def _form(form: Form, category_id: str = "") -> ResponseReturnValue:
    require(current_actor(), Action.CATEGORY_EDIT)
    with store().reading() as tx:
        row = tx.row("category", category_id) if category_id else _NEW
    shown = dict(row) | {k: v for k, v in form.values.items() if k in _FIELDS}
    page = render_template(
        "categories/edit.html",
        form=form,
        shown=shown,
        category_id=category_id,
        version=row.get("version", ""),
        shapes={name: gettext(_SHAPE_NAMES[name]) for name in SHAPES},
        groups=_groups(),
        longest=LONGEST,
    )
    return page, form.status


@bp.get("/categories/new")
def fresh() -> ResponseReturnValue:
    """Show the form of a new category."""
    return _form(Form())


@bp.post("/categories/new")
@taken(_form)
def add() -> ResponseReturnValue:
    """Add a category."""
    with store().writing() as tx:
        categories.add(tx, _told(), actor=current_actor())
    return onward("categories.page")


@bp.get("/categories/<category_id>/edit")
def single(category_id: str) -> ResponseReturnValue:
    """Show the form of a category."""
    return _form(Form(), category_id)


@bp.post("/categories/<category_id>/edit")
@taken(_form)
def edit(category_id: str) -> ResponseReturnValue:
    """Change a category."""
    version = whole(request.form.get("version", ""))
    with store().writing() as tx:
        categories.edit(tx, category_id, _told(), version=version, actor=current_actor())
    return onward("categories.page")


@bp.post("/categories/<category_id>/hidden")
def hide(category_id: str) -> ResponseReturnValue:
    """Hide a category with its merchants, or show it again."""
    told, version = hiding(category_id)
    with store().writing() as tx:
        categories.edit(tx, category_id, told, version=version, actor=current_actor())
    return onward("categories.page")


@bp.post("/categories/order")
def reorder() -> ResponseReturnValue:
    """Put the categories into the order of the form, one of them a step further where asked."""
    with store().writing() as tx:
        categories.reorder(tx, ordered(), actor=current_actor())
    return onward("categories.page")


@bp.get("/categories/judge")
def judge() -> Response:
    """Tell what speaks against a colour, and how it looks to colour-blind eyes."""
    require(current_actor(), Action.CATEGORY_EDIT)
    asked = request.args
    with store().reading() as tx:
        every = categories.listed(tx)
    colour = colours.parse(asked.get("colour", ""))
    mine = {name: asked.get(name, "") for name in ("shape", "glyph")} | {"colour": colour}
    beside = _beside(asked.get("id", ""), asked.get("group", ""), every)
    magnets = [mine, *(_looks(other) for other in beside)]
    seen = [
        {
            "name": gettext(name),
            "magnets": [one | {"colour": colours.seen(one["colour"], eyes)} for one in magnets],
        }
        for eyes, name in _VISIONS.items()
    ]
    doubts = colours.judge(colour, {other.id: other.colour for other in beside})
    answer = jsonify(doubts=[_said(doubt, every) for doubt in doubts], seen=seen, magnets=magnets)
    answer.cache_control.no_store = True
    return answer


def _told() -> dict[str, Any]:
    return {name: request.form[name] for name in _FIELDS if name in request.form}


def _looks(one: Category) -> dict[str, str]:
    return {"colour": one.colour, "shape": one.shape, "glyph": one.glyph}


def _groups() -> dict[str, str]:
    return {name: gettext(_GROUP_NAMES[name]) for name in GROUPS}


def _beside(category_id: str, group: str, every: list[Category]) -> list[Category]:
    """Return what stands on the map with a category: facilities share one grey on purpose."""
    return [one for one in every if one.group == group and one.id != category_id and not one.hidden]


def _doubts(colour: str, one: Category, every: list[Category]) -> list[str]:
    if one.group == "facility":
        return []
    others = {other.id: other.colour for other in _beside(one.id, one.group, every)}
    return [_said(doubt, every) for doubt in colours.judge(colour, others)]


def _said(doubt: Doubt, every: list[Category]) -> str:
    names = {one.id: either(one.name, one.name_en) for one in every}
    return gettext(
        _DOUBTS[doubt.code],
        other=names.get(doubt.other, ""),
        value=f"{doubt.value:.1f}",
        wanted=f"{doubt.wanted:g}",
        vision=gettext(_VISIONS[doubt.vision]) if doubt.vision else "",
    )
