"""Who may do what, and where: the only judge, for pages, API and command line alike."""

from dataclasses import dataclass
from enum import StrEnum

from geodata.errors import Forbidden


class Role(StrEnum):
    """What a person is here. A resident needs no account."""

    RESIDENT = "resident"
    MERCHANT = "merchant"
    WORKER = "worker"
    ADMIN = "admin"


class Action(StrEnum):
    """What can be asked of geodata beyond reading what is public."""

    MERCHANT_PROPOSE = "merchant_propose"
    MERCHANT_REPORT = "merchant_report"
    MERCHANT_AMEND = "merchant_amend"
    MERCHANT_EDIT = "merchant_edit"
    MERCHANT_REVIEW = "merchant_review"
    MERCHANT_READ_PRIVATE = "merchant_read_private"
    MERCHANT_ERASE = "merchant_erase"
    CONTACT_READ = "contact_read"
    AREA_EDIT = "area_edit"
    HOME_EDIT = "home_edit"
    HOME_FIND = "home_find"
    HOME_READ = "home_read"
    CATEGORY_EDIT = "category_edit"
    CLOSURE_READ = "closure_read"
    CLOSURE_EDIT = "closure_edit"
    EMERGENCY_ASK = "emergency_ask"
    PLAN_READ = "plan_read"
    PLAN_EDIT = "plan_edit"
    PLAN_ERASE = "plan_erase"
    SCENARIO_EDIT = "scenario_edit"
    ROUND_ASK = "round_ask"
    ROUND_READ = "round_read"
    ROUND_EDIT = "round_edit"
    ROUND_ERASE = "round_erase"
    ELDER_READ = "elder_read"
    ELDER_EDIT = "elder_edit"
    ELDER_ERASE = "elder_erase"
    SITING_ASK = "siting_ask"
    ROADS_EDIT = "roads_edit"
    ACCOUNT_EDIT = "account_edit"
    LOG_READ = "log_read"
    STORE_BACKUP = "store_backup"
    STORE_RESTORE = "store_restore"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts: a name for the history, a role, and a scope.

    ``scope`` is an area-code prefix ("210103006" for a street); the empty
    prefix is everywhere. ``owns`` are the ids of a merchant's own shops, ``account``
    is the id of the account, if any, and ``network`` where the request came from,
    cut short: for the access log.
    """

    name: str
    role: Role
    scope: str = ""
    owns: frozenset[str] = frozenset()
    account: str = ""
    network: str = ""


RESIDENT = Actor("resident", Role.RESIDENT)

_EVERYBODY = frozenset(Role)
_OWNERS = frozenset({Role.MERCHANT, Role.WORKER, Role.ADMIN})
_STAFF = frozenset({Role.WORKER, Role.ADMIN})
_ADMINS = frozenset({Role.ADMIN})

GRANTS: dict[Action, frozenset[Role]] = {
    Action.MERCHANT_PROPOSE: _EVERYBODY,
    Action.MERCHANT_REPORT: _EVERYBODY,
    Action.MERCHANT_AMEND: _OWNERS,
    Action.MERCHANT_EDIT: _STAFF,
    Action.MERCHANT_REVIEW: _STAFF,
    Action.MERCHANT_READ_PRIVATE: _OWNERS,
    Action.MERCHANT_ERASE: _ADMINS,
    Action.CONTACT_READ: _STAFF,
    Action.AREA_EDIT: _ADMINS,
    Action.HOME_EDIT: _STAFF,
    Action.HOME_FIND: _EVERYBODY,
    Action.HOME_READ: _STAFF,
    Action.CATEGORY_EDIT: _ADMINS,
    Action.CLOSURE_READ: _STAFF,
    Action.CLOSURE_EDIT: _STAFF,
    Action.EMERGENCY_ASK: _STAFF,
    Action.PLAN_READ: _STAFF,
    Action.PLAN_EDIT: _STAFF,
    Action.PLAN_ERASE: _ADMINS,
    Action.SCENARIO_EDIT: _ADMINS,
    Action.ROUND_ASK: _STAFF,
    Action.ROUND_READ: _STAFF,
    Action.ROUND_EDIT: _STAFF,
    Action.ROUND_ERASE: _STAFF,
    Action.ELDER_READ: _STAFF,
    Action.ELDER_EDIT: _STAFF,
    Action.ELDER_ERASE: _ADMINS,
    Action.SITING_ASK: _STAFF,
    Action.ROADS_EDIT: _ADMINS,
    Action.ACCOUNT_EDIT: _ADMINS,
    Action.LOG_READ: _ADMINS,
    Action.STORE_BACKUP: _ADMINS,
    Action.STORE_RESTORE: _ADMINS,
}
"""Which roles may do what. README.md prints the same table, and a test compares them."""


def can(actor: Actor, action: Action, *, area: str | None = None, merchant: str = "") -> bool:
    """Tell whether the actor may do this in the area (a code; None is the whole store).

    What everybody may do, everybody may do anywhere. Beyond that staff act inside their
    scope only: ``area`` must begin with it; a place that lies in no area (an empty code) is
    left to those whose scope is everywhere. A merchant acts on what is its own only:
    ``merchant`` is the id.
    """
    granted = GRANTS[action]
    if actor.role not in granted:
        return False
    if granted == _EVERYBODY:
        return True
    if actor.role in _STAFF:
        return (area or "").startswith(actor.scope)
    return merchant in actor.owns


def require(actor: Actor, action: Action, *, area: str | None = None, merchant: str = "") -> None:
    """Refuse what :func:`can` denies; the first line of every write.

    Raises
    ------
    Forbidden
        ``forbidden``: details name the action, the role and the area.
    """
    if not can(actor, action, area=area, merchant=merchant):
        raise Forbidden("forbidden", action=str(action), role=str(actor.role), area=area)
