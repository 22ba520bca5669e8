"""What happened to a plan, in words."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from geodata import accounts, plans
from geodata.plans import Plan, Status
from geodata.plans.plan import items
from geodata.policy import Actor
from geodata.store import Reader
from webmap.changes import who
from webmap.i18n import either, gettext, marked, moment

STATUSES: Mapping[Status, str] = {
    Status.OPEN: marked("Not begun"),
    Status.UNDER_WAY: marked("Under way"),
    Status.DONE: marked("Finished"),
}
"""How far a plan is, as people say it."""

MOST = 60
"""Lines of a plan's history that its page shows."""


def events(tx: Reader, one: Plan, *, actor: Actor) -> list[dict[str, str]]:
    """Return the last things that were done to a plan, the newest first: at, by, what, why."""
    history = plans.history(tx, one.id, actor=actor)[: MOST + 1]
    titles = accounts.titles(tx, {entry["by"] for entry in history})
    here: Mapping[str, Any] = tx.row("plan", one.id)
    found = []
    for entry in history[:MOST]:
        before = {**here, **entry["before"]}
        found.append(
            {
                "at": moment(entry["at"]),
                "by": who(entry["by"], entry["role"], titles),
                "what": either("；", "; ").join(_done(entry["action"], before, here)),
                "why": entry["why"],
            }
        )
        here = before
    return found


def _done(action: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[str]:
    if action == "add":
        return [gettext("Plan saved")]
    if action == "erase":
        return [gettext("A place was taken out on legal request")]
    return _changed(before, after)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    if before["status"] != after["status"]:
        yield gettext("Now: {status}", status=gettext(STATUSES[Status(after["status"])]))
    if before["checklist"] != after["checklist"]:
        lines = zip(items(before["checklist"]), items(after["checklist"]), strict=True)
        for old, new in lines:
            if new.done and not old.done:
                yield gettext("Ticked: {line}", line=new.text)
            elif old.done and not new.done:
                yield gettext("Tick taken back: {line}", line=new.text)
    if before["name"] != after["name"]:
        yield gettext("Called “{new}”, before “{old}”", new=after["name"], old=before["name"])
    if before["notes"] != after["notes"]:
        yield gettext("Notes changed")
