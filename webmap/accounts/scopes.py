"""Areas in forms and commands: chosen by name, by a piece of it or by code; or all, said so."""

import re

from geodata import areas, divisions
from geodata.errors import Invalid
from geodata.policy import Actor
from geodata.store import Reader
from webmap.i18n import gettext as _

_MOST = 1000
"""Areas of a list that a browser searches at once; others are found by a piece of their name."""

_TOLD = 5
"""Areas that are told of where a piece of a name fits several."""

_CODE = re.compile(r"(?:.*\s)?(\d{2,15})")
_USEFUL = ("community", "street", "grid", "district", "city", "province")
"""Whom an office invites keeps a community or a street, seldom a grid, and hardly a province."""


def choices(tx: Reader, actor: Actor, *, near: str) -> list[str]:
    """Return areas that an administrator can give to somebody, "name code" each.

    The most useful come first, those inside the area of a code (``near``, "" is everywhere)
    before others.
    """
    known, here = _names(tx), areas.prefix(near)
    inside = [code for code, name in known.items() if name and code.startswith(actor.scope)]

    def use(code: str) -> tuple[bool, int, str]:
        return not code.startswith(here), _USEFUL.index(divisions.level(code)), code

    return [f"{_full(known, code)} {code}" for code in sorted(inside, key=use)[:_MOST]]


def chosen(tx: Reader, told: str, actor: Actor, *, everywhere: bool = False) -> str:
    """Return the code of what was chosen or typed; all that the actor has where that is said.

    A piece of a name is enough where it fits one area, or one that holds all others it fits.
    A code may be of an area that is not known here yet.

    Raises
    ------
    Invalid
        ``account_invalid`` with ``scope``: nothing or both told, no code, in no name;
        ``area_ambiguous`` with ``names``.
    """
    told = told.strip()
    if everywhere or not told:
        if everywhere and not told:
            return actor.scope
        raise Invalid("account_invalid", scope="one_of_both" if told else "missing")
    found = _fitting(tx, told, actor)
    if not found and (code := _CODE.fullmatch(told)):
        return code[1]
    if not found:
        raise Invalid("account_invalid", scope="not_a_code")
    if len(found) == 1:
        return found[0]
    known = _names(tx)
    names = [f"{_full(known, code)} {code}" for code in found[:_TOLD]]
    raise Invalid("area_ambiguous", names=names + ["…"] * (len(found) > _TOLD))


def named(tx: Reader, scope: str) -> str:
    """Return the name of an area by a scope; its code where it has none here."""
    if not scope:
        return _("all areas")
    known, code = _names(tx), divisions.normalise(scope)
    return _full(known, code) if known.get(code) else scope


def written(tx: Reader, scope: str) -> str:
    """Return a scope as :func:`choices` lists it."""
    if not scope:
        return ""
    code = divisions.normalise(scope)
    return f"{_full(_names(tx), code)} {code}".strip()


def _fitting(tx: Reader, told: str, actor: Actor) -> list[str]:
    """Return the areas that are called so, or in whose names it is, none inside another."""
    known, plain = _names(tx), "".join(told.split())
    inside = {
        code: (name, "".join(_full(known, code).split()))
        for code, name in known.items()
        if name and code.startswith(actor.scope)
    }
    exact = [code for code, names in inside.items() if plain in {*names, f"{names[1]}{code}"}]
    found: list[str] = []
    for code in sorted(exact or [code for code, (_name, full) in inside.items() if plain in full]):
        # A code stands right before those inside it.
        if not found or not code.startswith(divisions.prefix(found[-1])):
            found.append(code)
    return found


def _full(known: dict[str, str], code: str) -> str:
    """Return what tells an area from others: all first grids of a city are called alike."""
    name = known.get(code, "")
    outer = known.get(divisions.parent(code), "") if divisions.level(code) == "grid" else ""
    return f"{outer} {name}".strip()


def _names(tx: Reader) -> dict[str, str]:
    def made() -> dict[str, str]:
        return {row["code"]: row["name"] for row in tx.rows("area", columns=("code", "name"))}

    return tx.cached("area names", made)
