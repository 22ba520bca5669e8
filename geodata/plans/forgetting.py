"""Erasing on legal request: a whole plan, and what plans tell of a merchant that is erased."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import orjson

from geodata.plans import plan as form
from geodata.plans.sharing import LINKS
from geodata.policy import Action, Actor, require
from geodata.store import Writer
from geodata.store.records import Values

_BLANK: Final = {"name": "", "address": "", "phones": [], "hours": ""}
_LEFT: Final = "…"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A plan that told of an erased merchant.

    ``words`` tells that what people wrote there names it: somebody must look at that.
    """

    plan: str
    name: str
    words: bool


def erase(tx: Writer, plan_id: str, *, actor: Actor, why: str) -> None:
    """Delete a plan with its history and its links, for good.

    A plan that is over is done, and stays. The history keeps that one was erased, when, by whom
    and why, and so does the access log.

    Raises
    ------
    NotFound
        ``plan_not_found``.
    Forbidden
        ``forbidden``: for administrators of its area.
    """
    area = tx.row("plan", plan_id)["area"]
    require(actor, Action.PLAN_ERASE, area=area)
    # Whoever is just changing it comes first, or finds it gone.
    tx.hold(f"plan {plan_id}")
    LINKS.forget(tx, plan_id)
    tx.erase("idempotency", result=plan_id)
    tx.erase_row("plan", plan_id, by=actor, why=why)
    tx.note("plan_erase", by=actor, target=plan_id, area=area)


def forget(tx: Writer, merchant_id: str, *, actor: Actor, why: str) -> list[Forgotten]:
    """Blank a merchant in every plan, and where a way was told by its name; before it is erased.

    It is the one thing that changes a plan's answer. Those that were merged into it go with it.

    Raises
    ------
    NotFound
        ``merchant_not_found``.
    Forbidden
        ``forbidden``: for administrators of its area.
    """
    require(actor, Action.MERCHANT_ERASE, area=tx.row("merchant", merchant_id)["area"])
    keys = _with_merged(tx, merchant_id)
    names = {name for key in keys for name in _names(tx, key)} - {""}
    found = []
    for told in tx.rows("plan", columns=("id",)):
        row = tx.row("plan", told["id"])
        answer = _without(orjson.loads(row["answer"]), keys, names)
        words = any(name in row[column] for name in names for column in ("notes", "name"))
        if answer is not None:
            changes = {"answer": form.json(answer)}
            tx.update_many("plan", [(row, changes)], by=actor, action="erase", why=why)
            tx.rewrite("plan", row["id"], _without_answer)
        if answer is not None or words:
            found.append(Forgotten(row["id"], row["name"], words))
    return found


def _with_merged(tx: Writer, merchant_id: str) -> set[str]:
    keys, new = set[str](), {merchant_id}
    while new:
        keys |= new
        merged = tx.rows("merchant", columns=("id",), merged=sorted(new))
        new = {row["id"] for row in merged} - keys
    return keys


def _names(tx: Writer, key: str) -> set[str]:
    """Return what a merchant is called, and ever was."""
    before = {entry["before"].get("name", "") for entry in tx.history("merchant", key)}
    return before | {tx.row("merchant", key)["name"]}


def _without(answer: Values, keys: Collection[str], names: Collection[str]) -> Values | None:
    """Return an answer without them, or None where it does not tell of them."""
    touched = False
    for helper in answer.get("helpers", ()):
        if helper["merchant"]["id"] in keys:
            helper["merchant"]["properties"] |= _BLANK
            touched = True
        if helper["route"]:
            touched |= _cleared(helper["route"]["properties"], names)
    return answer if touched else None


def _cleared(way: dict[str, Any], names: Collection[str]) -> bool:
    """Take names out of the words of a way; tell whether there were any."""
    touched = False
    for told, field in [(way, "summary"), *((step, "text") for step in way["steps"])]:
        for name in names:
            if name in told[field]:
                told[field] = told[field].replace(name, _LEFT)
                touched = True
    return touched


def _without_answer(before: Values) -> Values:
    return {name: value for name, value in before.items() if name != "answer"}
