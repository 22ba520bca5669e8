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
    MERCHANT_EDIT = "merchant_edit"
    MERCHANT_READ_PRIVATE = "merchant_read_private"
    AREA_EDIT = "area_edit"
    HOME_EDIT = "home_edit"
    HOME_FIND = "home_find"
    HOME_READ = "home_read"
    CATEGORY_EDIT = "category_edit"
    ROADS_EDIT = "roads_edit"
    STORE_BACKUP = "store_backup"
    STORE_RESTORE = "store_restore"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts: a name for the history, a role, and a scope.

    ``scope`` is an area-code prefix ("210103006" for a street); the empty
    prefix is everywhere.
    """

    name: str
    role: Role
    scope: str = ""


RESIDENT = Actor("resident", Role.RESIDENT)

_EVERYBODY = frozenset(Role)
_STAFF = frozenset({Role.WORKER, Role.ADMIN})
_ADMINS = frozenset({Role.ADMIN})

GRANTS: dict[Action, frozenset[Role]] = {
    Action.MERCHANT_PROPOSE: _EVERYBODY,
    Action.MERCHANT_EDIT: _STAFF,
    Action.MERCHANT_READ_PRIVATE: _STAFF,
    Action.AREA_EDIT: _ADMINS,
    Action.HOME_EDIT: _STAFF,
    Action.HOME_FIND: _EVERYBODY,
    Action.HOME_READ: _STAFF,
    Action.CATEGORY_EDIT: _ADMINS,
    Action.ROADS_EDIT: _ADMINS,
    Action.STORE_BACKUP: _ADMINS,
    Action.STORE_RESTORE: _ADMINS,
}
"""Which roles may do what. README.md prints the same table, and a test compares them."""

_BOUND_BY_SCOPE = _STAFF


def can(actor: Actor, action: Action, *, area: str | None = None) -> bool:
    """Tell whether the actor may do this in the area (a code; None is the whole store).

    Staff act inside their scope only: ``area`` must begin with it. A place that
    lies in no area (an empty code) is left to those whose scope is everywhere.
    """
    if actor.role not in GRANTS[action]:
        return False
    if actor.role in _BOUND_BY_SCOPE:
        return (area or "").startswith(actor.scope)
    return True


def require(actor: Actor, action: Action, *, area: str | None = None) -> None:
    """Refuse what :func:`can` denies; the first line of every write.

    Raises
    ------
    Forbidden
        ``forbidden``: details name the action, the role and the area.
    """
    if not can(actor, action, area=area):
        raise Forbidden("forbidden", action=str(action), role=str(actor.role), area=area)
