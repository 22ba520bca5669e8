"""The only judge: roles, scopes, and the table that people read."""

import re
from pathlib import Path

import pytest

from geodata.errors import Forbidden
from geodata.policy import GRANTS, RESIDENT, Action, Actor, Role, can, require

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_prints_the_same_table():
    told = re.findall(r"^\| `(\w+)` \| ([yes |]+) \|$", README.read_text("utf-8"), re.MULTILINE)
    found = {
        Action(action): frozenset(
            role for role, cell in zip(Role, cells.split("|"), strict=True) if cell.strip() == "yes"
        )
        for action, cells in told
    }
    assert found == GRANTS


def test_every_action_is_granted_to_somebody():
    assert set(GRANTS) == set(Action)
    assert all(GRANTS.values())


@pytest.mark.parametrize("action", Action)
def test_a_resident_may_only_propose_report_and_find_a_building(action):
    public = {Action.MERCHANT_PROPOSE, Action.MERCHANT_REPORT, Action.HOME_FIND}
    assert can(RESIDENT, action) is (action in public)


@pytest.mark.parametrize("action", [Action.MERCHANT_AMEND, Action.MERCHANT_READ_PRIVATE])
def test_a_merchant_acts_on_its_own_shop_only(action):
    owner = Actor("link:A", Role.MERCHANT, owns=frozenset({"MINE"}))
    assert can(owner, action, area="210103006012", merchant="MINE")
    assert not can(owner, action, area="210103006012", merchant="OTHER")
    assert not can(owner, action, area="210103006012")


def test_what_everybody_may_do_staff_may_do_outside_of_its_scope():
    assert can(Actor("w", Role.WORKER, "210103006"), Action.MERCHANT_PROPOSE, area="110101")


@pytest.mark.parametrize(
    "scope, area, may",
    [
        ("210103006", "210103006012001", True),
        ("210103006", "210103006000", True),
        ("210103006", "210103007001", False),
        ("210103006", "2101", False),
        ("210103006", "", False),
        ("210103006", None, False),
        ("", "", True),
        ("", None, True),
    ],
)
def test_a_workers_scope_is_a_prefix(scope, area, may):
    worker = Actor("w", Role.WORKER, scope)
    assert can(worker, Action.MERCHANT_EDIT, area=area) is may


def test_a_refusal_says_what_was_asked():
    with pytest.raises(Forbidden) as caught:
        require(RESIDENT, Action.AREA_EDIT, area="210103")
    assert caught.value.details == {"action": "area_edit", "role": "resident", "area": "210103"}
