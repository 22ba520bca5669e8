"""Scenarios: shipped ones, changed by an office, in the order that it wants."""

import pytest

from geodata import categories, scenarios
from geodata.errors import Conflict, Forbidden, Invalid, NotFound
from geodata.modes import Mode
from geodata.policy import RESIDENT
from tests.factories import ADMIN, WORKER

SHIPPED = ["medical", "leak", "supplies", "missing", "snow", "fire"]


def named(tx, **how):
    return [one.id for one in scenarios.listed(tx, **how)]


def changed(store, key="medical", version=0, actor=ADMIN, **told):
    with store.writing() as tx:
        return scenarios.edit(tx, key, told, version=version, actor=actor)


def test_a_fresh_office_has_those_that_are_shipped(store):
    with store.reading() as tx:
        assert named(tx) == SHIPPED
        known = categories.known(tx)
    for one in scenarios.SHIPPED:
        assert known.issuperset(one.categories)
        assert one.checklist
        assert one.modes


def test_what_is_shipped_would_be_taken_from_an_administrator_too(store):
    for one in scenarios.SHIPPED:
        told = {name: getattr(one, name) for name in ("name", "words", "rings", "checklist")}
        assert changed(store, one.id, **told).checklist == one.checklist


def test_one_is_changed_and_the_others_stay(store):
    one = changed(store, helpers=2, checklist=["拨打 120", "", " 开门 "], modes=[Mode.FOOT])
    assert (one.version, one.helpers, one.modes) == (1, 2, (Mode.FOOT,))
    assert one.checklist == ("拨打 120", "开门")
    assert one.name == "突发疾病"
    with store.reading() as tx:
        assert named(tx) == SHIPPED
    assert changed(store, version=1, name="急病").version == 2


def test_the_second_of_two_administrators_overwrites_nothing(store):
    changed(store, helpers=2)
    with pytest.raises(Conflict, match="version_stale"):
        changed(store, helpers=3)


def test_one_is_hidden_and_comes_back(store):
    changed(store, hidden=True)
    with store.reading() as tx:
        assert "medical" not in named(tx)
        assert "medical" in named(tx, hidden=True)
        assert scenarios.get(tx, "medical").hidden
    changed(store, version=1, hidden=False)
    with store.reading() as tx:
        assert "medical" in named(tx)


def test_another_one_is_added_behind_the_others(store):
    with store.writing() as tx:
        one = scenarios.add(tx, {"name": "电梯困人", "categories": ["repair"]}, actor=ADMIN)
    with store.reading() as tx:
        assert named(tx) == [*SHIPPED, one.id]
        assert scenarios.get(tx, one.id).name == "电梯困人"


def test_the_order_is_the_offices(store):
    with store.writing() as tx:
        scenarios.reorder(tx, ["fire", "medical"], actor=ADMIN)
    with store.reading() as tx:
        assert named(tx) == ["fire", "medical", "leak", "supplies", "missing", "snow"]


@pytest.mark.parametrize(
    "told, field, reason",
    [
        ({"name": " "}, "name", "missing"),
        ({"name": "长" * 21}, "name", "too_long"),
        ({"name": "火情"}, "name", "taken"),
        ({"categories": ["nothing"]}, "categories", "unknown"),
        ({"categories": [], "words": []}, "categories", "missing"),
        ({"modes": []}, "modes", "missing"),
        ({"helpers": 0}, "helpers", "out_of_range"),
        ({"rings": []}, "rings", "out_of_range"),
        ({"rings": [5, 61]}, "rings", "out_of_range"),
        ({"rings": [1, 2, 3, 4, 5]}, "rings", "too_many"),
        ({"cordon_m": 1001}, "cordon_m", "out_of_range"),
        ({"checklist": ["长" * 121]}, "checklist", "too_long"),
        ({"checklist": ["一"] * 21}, "checklist", "too_many"),
    ],
)
def test_what_makes_no_sense_is_told_by_its_field(store, told, field, reason):
    with pytest.raises(Invalid, match="scenario_invalid") as refused:
        changed(store, **told)
    assert refused.value.details == {field: reason}


def test_it_is_for_administrators(store):
    for actor in (RESIDENT, WORKER):
        with pytest.raises(Forbidden):
            changed(store, actor=actor, helpers=2)
    with store.reading() as tx, pytest.raises(NotFound):
        scenarios.get(tx, "nowhere")
