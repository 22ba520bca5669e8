"""Saving, finding and changing plans."""

from dataclasses import asdict, replace
from typing import Final

from geodata import areas, ids, wording
from geodata.errors import Conflict, Invalid, NotFound
from geodata.plans import plan as form
from geodata.plans.plan import LONGEST, Changes, Draft, Item, Plan, Status, Step
from geodata.policy import Action, Actor, require
from geodata.store import Reader, Writer, now
from geodata.store.records import Values

MOST_DONE: Final = 200
"""Plans that are done are listed so far back."""

_ORDER: Final = list(Status)
_LIGHT: Final = (
    "id",
    "name",
    "status",
    "area",
    "incident",
    "notes",
    "checklist",
    "steps",
    "version",
    "created",
    "changed",
)


def save(tx: Writer, draft: Draft, *, actor: Actor, key: str = "", request: str = "") -> Plan:
    """Save a plan, open, and return it.

    The same ``request`` (a digest of what was asked) again under the same ``key`` is the same
    plan: the first answer may have been lost.

    Raises
    ------
    Invalid
        ``plan_invalid``: details map a field to a reason; ``position_invalid``;
        ``idempotency_key_length``.
    Conflict
        ``idempotency_key_reused``, ``idempotency_key_busy``.
    Forbidden
        ``forbidden``: for staff in whose scope the place lies.
    """
    (area,) = areas.containing(tx, *draft.at)
    require(actor, Action.PLAN_EDIT, area=area)
    if known := saved_before(tx, actor=actor, key=key, request=request):
        return known
    draft, at = form.checked(draft), now()
    ticked = [*draft.ticked, *[False] * len(draft.checklist)]
    items = [
        Item(line, at, actor.name) if done else Item(line)
        for line, done in zip(draft.checklist, ticked, strict=False)
    ]
    (plan_id,) = ids.fresh(1)
    row = {
        "id": plan_id,
        "name": draft.name,
        "status": str(Status.OPEN),
        "area": area,
        "incident": form.json(draft.incident),
        "answer": form.json(draft.answer),
        "closures": form.json(list(draft.closures)),
        "notes": draft.notes,
        "checklist": form.json([asdict(one) for one in items]),
        "steps": form.json([asdict(Step(Status.OPEN, at, actor.name))]),
    }
    tx.insert("plan", [row], by=actor)
    if key:
        tx.remember(actor.name, key, request, plan_id)
    return form.plan(tx.row("plan", plan_id))


def saved_before(tx: Reader, *, actor: Actor, key: str, request: str) -> Plan | None:
    """Return the plan that was saved by this request under this key, if any.

    Raises
    ------
    Conflict
        ``idempotency_key_reused``: the key was of another request.
    """
    known = tx.recalled(actor.name, key, request) if key else None
    return get(tx, known, actor=actor) if known else None


def get(tx: Reader, plan_id: str, *, actor: Actor) -> Plan:
    """Return one plan whole.

    Raises
    ------
    NotFound
        ``plan_not_found``.
    Forbidden
        ``forbidden``: for staff of its area.
    """
    row = tx.row("plan", plan_id)
    require(actor, Action.PLAN_READ, area=row["area"])
    return form.plan(row)


def glance(tx: Reader, plan_id: str, *, actor: Actor) -> Plan:
    """Return one plan without its answer, which never changes: for who follows the rest.

    Raises
    ------
    NotFound, Forbidden
        As :func:`get`.
    """
    rows = tx.rows("plan", columns=_LIGHT, keys=[plan_id]) if ids.is_one(plan_id) else []
    if not rows:
        raise NotFound("plan_not_found", key=plan_id)
    require(actor, Action.PLAN_READ, area=rows[0]["area"])
    return form.plan(rows[0])


def listed(tx: Reader, *, actor: Actor) -> list[Plan]:
    """Return the plans of the actor's scope without their answers, what is not done first.

    In each status the last changed comes first; of those that are done, :data:`MOST_DONE`.
    """
    require(actor, Action.PLAN_READ, area=actor.scope)
    found = [form.plan(row) for row in tx.rows("plan", columns=_LIGHT, inside=actor.scope)]
    found.sort(key=lambda one: one.changed, reverse=True)
    found.sort(key=lambda one: (Status.UNDER_WAY, Status.OPEN, Status.DONE).index(one.status))
    alive = sum(one.status is not Status.DONE for one in found)
    return found[: alive + MOST_DONE]


def history(tx: Reader, plan_id: str, *, actor: Actor) -> list[Values]:
    """Return what happened to a plan, the newest first; see ``Reader.history``.

    Raises
    ------
    NotFound, Forbidden
        As :func:`get`.
    """
    row = tx.row("plan", plan_id)
    require(actor, Action.PLAN_READ, area=row["area"])
    return tx.history("plan", plan_id)


def change(tx: Writer, plan_id: str, wanted: Changes, *, version: int, actor: Actor) -> Plan:
    """Change a plan and return it.

    Several work on one at the same time: what somebody else has changed since ``version``, the
    one that was seen, is no hindrance where it is something else, each line of the check list
    by itself, or the very same.

    Raises
    ------
    NotFound
        ``plan_not_found``.
    Conflict
        ``version_stale`` with ``fields``: what somebody else has changed otherwise meanwhile.
    Invalid
        ``plan_invalid``; ``plan_step`` (``status``, ``wanted``) for a status that is not the
        next or the one before; ``plan_why_missing`` for one back without a reason.
    Forbidden
        ``forbidden``: for staff of its area.
    """
    require(actor, Action.PLAN_EDIT, area=tx.row("plan", plan_id)["area"])
    tx.hold(f"plan {plan_id}")
    row = tx.row("plan", plan_id)
    here, seen = form.plan(row), form.plan(_as_of(tx, row, version))
    wanted = _checked(wanted, here)
    if clash := _clash(wanted, seen, here):
        current = here.version
        raise Conflict("version_stale", key=plan_id, seen=version, current=current, fields=clash)
    at, told = now(), Values()
    if wanted.name is not None:
        told["name"] = wanted.name
    if wanted.notes is not None:
        told["notes"] = wanted.notes
    if any(here.checklist[n].done != done for n, done in wanted.ticks.items()):
        items = [
            _ticked(one, done=wanted.ticks.get(n, one.done), at=at, by=actor.name)
            for n, one in enumerate(here.checklist)
        ]
        told["checklist"] = form.json([asdict(one) for one in items])
    if wanted.status not in (None, here.status):
        step = Step(_next(here.status, wanted), at, actor.name, wanted.why)
        told["status"] = str(step.status)
        told["steps"] = form.json([asdict(one) for one in (*here.steps, step)])
    how = "step" if "status" in told else "tick" if "checklist" in told else "edit"
    row = tx.update("plan", plan_id, told, version=None, by=actor, action=how, why=wanted.why)
    return form.plan(row)


def _as_of(tx: Reader, row: Values, version: int) -> Values:
    """Return a plan's row as it was at a version; of one that never was, nothing is known."""
    if not 0 < version <= row["version"]:
        raise Conflict("version_stale", key=row["id"], seen=version, current=row["version"])
    found = dict(row)
    if version < row["version"]:
        for entry in tx.history("plan", row["id"]):
            if entry["version"] > version:
                found |= entry["before"]
    return found


def _checked(wanted: Changes, here: Plan) -> Changes:
    """Return changes brought to form, if they mean something."""
    why = wording.typed(wanted.why)
    notes = None if wanted.notes is None else wording.typed(wanted.notes, lines=True)
    wrong = {}
    if len(why) > LONGEST["why"]:
        wrong["why"] = "too_long"
    if notes is not None and len(notes) > LONGEST["notes"]:
        wrong["notes"] = "too_long"
    if not wanted.ticks.keys() <= set(range(len(here.checklist))):
        wrong["checklist"] = "unknown"
    if wrong:
        raise Invalid("plan_invalid", **wrong)
    name = None if wanted.name is None else form.name(wanted.name)
    return replace(wanted, name=name, notes=notes, why=why)


def _clash(wanted: Changes, seen: Plan, here: Plan) -> list[str]:
    """Return what is to be changed and was meanwhile changed otherwise."""
    clash = [
        field
        for field in ("name", "notes", "status")
        if (value := getattr(wanted, field)) is not None
        and getattr(seen, field) != getattr(here, field) != value
    ]
    if any(
        seen.checklist[n].done != here.checklist[n].done != done for n, done in wanted.ticks.items()
    ):
        clash.append("checklist")
    return clash


def _ticked(one: Item, *, done: bool, at: str, by: str) -> Item:
    """Return a line of a check list as it is to be; who ticked it first stays."""
    if done == one.done:
        return one
    return Item(one.text, at, by) if done else Item(one.text)


def _next(status: Status, wanted: Changes) -> Status:
    to = wanted.status or status
    by = _ORDER.index(to) - _ORDER.index(status)
    if abs(by) != 1:
        raise Invalid("plan_step", status=str(status), wanted=str(to))
    if by < 0 and not wanted.why:
        raise Invalid("plan_why_missing")
    return to
