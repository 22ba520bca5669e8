"""Areas in forms: chosen from a list by name, or typed as a code."""

import re

from geodata import areas, divisions
from geodata.errors import Invalid
from geodata.policy import Actor
from geodata.store import Reader
from webmap.i18n import gettext as _

_MOST = 2000
"""Areas of a list that a browser searches at once; the deepest of more are left to their codes."""

_CODE = re.compile(r"\d+$")


def choices(tx: Reader, actor: Actor) -> list[str]:
    """Return the areas that an administrator can give to somebody: "name code" each."""
    found = areas.within(tx, actor.scope, most=_MOST)
    return [f"{row['name']} {row['code']}" for row in found]


def chosen(tx: Reader, told: str, actor: Actor) -> str:
    """Return the code of what was chosen or typed; nothing typed is all that the actor has.

    Raises
    ------
    Invalid
        ``account_invalid`` with ``scope``: no code, and not the name of one area.
    """
    told = told.strip()
    if not told:
        return actor.scope
    if code := _CODE.search(told):
        return code.group()
    found = [
        code for code, name in _names(tx).items() if name == told and code.startswith(actor.scope)
    ]
    if len(found) != 1:
        raise Invalid("account_invalid", scope="not_a_code")
    return found[0]


def named(tx: Reader, scope: str) -> str:
    """Return the name of an area by a scope; its code where it has none here."""
    if not scope:
        return _("all areas")
    return _names(tx).get(divisions.normalise(scope)) or scope


def written(tx: Reader, scope: str) -> str:
    """Return a scope as :func:`choices` lists it."""
    if not scope:
        return ""
    code = divisions.normalise(scope)
    return f"{_names(tx).get(code, '')} {code}".strip()


def _names(tx: Reader) -> dict[str, str]:
    def made() -> dict[str, str]:
        return {row["code"]: row["name"] for row in tx.rows("area", columns=("code", "name"))}

    return tx.cached("area names", made)
