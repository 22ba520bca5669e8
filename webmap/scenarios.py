"""The desk of scenarios: what can happen, whom one needs then, what is to be thought of."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from geodata import categories, scenarios
from geodata.modes import Mode
from geodata.policy import Action, require
from geodata.scenarios import LONGEST, MOST, Direction, Scenario
from webmap.forms import Form, hiding, onward, ordered, taken
from webmap.i18n import gettext, marked
from webmap.request import current_actor, store
from webmap.sent import whole

bp = Blueprint("scenarios", __name__)

MODES: Mapping[Mode, str] = {
    Mode.FOOT: marked("On foot"),
    Mode.CAR: marked("Car"),
    Mode.BIKE: marked("Bicycle"),
}
DIRECTIONS: Mapping[Direction, str] = {
    Direction.COME: marked("They come to the place"),
    Direction.GO: marked("One goes to them"),
}

_TEXTS = ("name", "name_en")
_LISTS = {"words": " ", "rings": " ", "checklist": "\n"}
"""Fields of one text that hold several, and what stands between them when they are shown."""

_BETWEEN = str.maketrans(dict.fromkeys("，、；,;/", " "))
_NEW: Mapping[str, Any] = {
    "categories": [],
    "modes": [Mode.FOOT],
    "helpers": 4,
    "direction": Direction.COME,
    "rings": [5, 10, 15],
    "cordon_m": 0,
}


@bp.get("/scenarios")
def page() -> ResponseReturnValue:
    """Show the scenarios in their order, the hidden ones too."""
    require(current_actor(), Action.SCENARIO_EDIT)
    with store().reading() as tx:
        every = scenarios.listed(tx, hidden=True)
        kinds = {one.id: one for one in categories.listed(tx)}
    return render_template(
        "scenarios/index.html",
        every=every,
        kinds=kinds,
        modes={mode: gettext(name) for mode, name in MODES.items()},
    )


def _form(form: Form, scenario_id: str = "") -> ResponseReturnValue:
    require(current_actor(), Action.SCENARIO_EDIT)
    with store().reading() as tx:
        known = scenarios.get(tx, scenario_id) if scenario_id else None
        kinds = categories.listed(tx)
    # A box that is not ticked sends nothing.
    typed = {"categories": [], "also": []} | dict(form.values) if form.values else {}
    shown = _shown(known) | typed
    page = render_template(
        "scenarios/edit.html",
        form=form,
        shown=shown,
        scenario_id=scenario_id,
        version=known.version if known else "",
        kinds=[one for one in kinds if not one.hidden or one.id in shown["categories"]],
        modes={str(mode): gettext(name) for mode, name in MODES.items()},
        directions={str(one): gettext(name) for one, name in DIRECTIONS.items()},
        longest=LONGEST,
        most=MOST,
    )
    return page, form.status


def _shown(known: Scenario | None) -> dict[str, Any]:
    """Return a scenario as the fields of its form have it."""
    told = dict(_NEW) if known is None else asdict(known)
    modes = [str(mode) for mode in told["modes"]]
    lists = {name: joint.join(map(str, told.get(name, ()))) for name, joint in _LISTS.items()}
    return (
        told | lists | {"first": modes[0], "also": modes[1:], "direction": str(told["direction"])}
    )


@bp.get("/scenarios/new")
def fresh() -> ResponseReturnValue:
    """Show the form of a new scenario."""
    return _form(Form())


@bp.post("/scenarios/new")
@taken(_form)
def add() -> ResponseReturnValue:
    """Add a scenario."""
    with store().writing() as tx:
        scenarios.add(tx, _told(), actor=current_actor())
    return onward("scenarios.page")


@bp.get("/scenarios/<scenario_id>/edit")
def single(scenario_id: str) -> ResponseReturnValue:
    """Show the form of a scenario."""
    return _form(Form(), scenario_id)


@bp.post("/scenarios/<scenario_id>/edit")
@taken(_form)
def edit(scenario_id: str) -> ResponseReturnValue:
    """Change a scenario."""
    version = whole(request.form.get("version", ""))
    with store().writing() as tx:
        scenarios.edit(tx, scenario_id, _told(), version=version, actor=current_actor())
    return onward("scenarios.page")


@bp.post("/scenarios/<scenario_id>/hidden")
def hide(scenario_id: str) -> ResponseReturnValue:
    """Hide a scenario, or offer it again."""
    told, version = hiding(scenario_id)
    with store().writing() as tx:
        scenarios.edit(tx, scenario_id, told, version=version, actor=current_actor())
    return onward("scenarios.page")


@bp.post("/scenarios/order")
def reorder() -> ResponseReturnValue:
    """Put the scenarios into the order of the form, one of them a step further where asked."""
    with store().writing() as tx:
        scenarios.reorder(tx, ordered(), actor=current_actor())
    return onward("scenarios.page")


def _told() -> dict[str, Any]:
    """Return what the form tells, as geodata has it; what is no number is out of range there."""
    form = request.form
    first, also = form.get("first", ""), form.getlist("also")
    modes = [one for one in (first, *also) if one in {*MODES}]
    return {
        **{name: form.get(name, "") for name in _TEXTS},
        "categories": form.getlist("categories"),
        "words": form.get("words", "").translate(_BETWEEN).split(),
        "modes": tuple(map(Mode, modes)),
        "helpers": _number(form.get("helpers", "")),
        "direction": Direction.GO if form.get("direction") == Direction.GO else Direction.COME,
        "rings": [_number(one) for one in form.get("rings", "").translate(_BETWEEN).split()],
        "cordon_m": _number(form.get("cordon_m", "") or "0"),
        "checklist": form.get("checklist", "").splitlines(),
    }


def _number(written: str) -> int:
    plain = written.strip()
    longest = 8  # digits; more of them are no number of anything here
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) <= longest else -1
