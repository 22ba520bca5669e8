"""A plan then and now, in words: who is cut off, minutes more or less, what is closed anew."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args

from pydantic import BaseModel

from webmap.i18n import gettext, ngettext

_MINUTE_S = 60


type What = Literal[
    "trouble",
    "gone",
    "cut_off",
    "way_again",
    "slower",
    "quicker",
    "shut",
    "opened",
    "closed_anew",
    "open_again",
    "nearer",
]

_ORDER: tuple[What, ...] = get_args(What.__value__)


class Difference(BaseModel):
    """One thing that is different now, and about which merchant or closure it is ("" none)."""

    what: What
    about: str
    text: str


def differences(
    was: Mapping[str, Any], now: Mapping[str, Any], others: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Return what is different, as :class:`Difference`, the worst first.

    ``was`` and ``now`` are answers for those who were chosen, ``others`` is as nobody chose.
    """
    if now["trouble"]:
        return [_one("trouble", "", now["trouble"]["text"])]
    found = [*_helpers(was, now), *_closures(was, now), *_nearer(now, others)]
    return sorted(found, key=lambda one: [str(what) for what in _ORDER].index(one["what"]))


def _one(what: What, about: str, text: str) -> dict[str, str]:
    return {"what": what, "about": about, "text": text}


def _helpers(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    here = {_key(one): one for one in now["helpers"]}
    for old in was["helpers"]:
        name, new = old["merchant"]["properties"]["name"], here.get(_key(old))
        about = old["merchant"]["id"]
        if new is None:
            yield _one("gone", about, gettext("{name} is not on the map any more.", name=name))
            continue
        if told := _way(old, new, name):
            yield _one(told[0], about, told[1])
        if old["open"] is not False and new["open"] is False:
            yield _one("shut", about, gettext("{name} is closed now.", name=name))
        elif old["open"] is False and new["open"]:
            yield _one("opened", about, gettext("{name} is open now.", name=name))


def _way(old: Mapping[str, Any], new: Mapping[str, Any], name: str) -> tuple[What, str] | None:
    """Return what is different about the way of one helper."""
    if new["duration_s"] is None:
        if old["cut_off"] or old["duration_s"] is None:
            return None
        return "cut_off", gettext("{name} is cut off now.", name=name)
    minutes = _minutes(new)
    if old["duration_s"] is None:
        told = gettext("{name} can be reached again: {n} min.", name=name, n=minutes)
        return "way_again", told
    more = minutes - _minutes(old)
    if more > 0:
        told = gettext("{name}: {n} min now, {m} more.", name=name, n=minutes, m=more)
        return "slower", told
    if more < 0:
        told = gettext("{name}: {n} min now, {m} less.", name=name, n=minutes, m=-more)
        return "quicker", told
    return None


def _closures(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    before = {one["id"]: one for one in was["closures"]}
    here = {one["id"]: one for one in now["closures"]}
    for key in sorted(here.keys() - before.keys()):
        told = gettext("Closed since then: {reason}", reason=here[key]["reason"])
        yield _one("closed_anew", key, told)
    for key in sorted(before.keys() - here.keys()):
        told = gettext("Not closed any more: {reason}", reason=before[key]["reason"])
        yield _one("open_again", key, told)


def _nearer(now: Mapping[str, Any], others: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Tell of each mode who was not chosen and is nearer than all who were."""
    chosen = {one["merchant"]["id"] for one in now["helpers"]}
    for mode in dict.fromkeys(one["mode"] for one in now["helpers"]):
        mine = [_minutes(one) for one in now["helpers"] if one["mode"] == mode and _useful(one)]
        best = next(
            (
                one
                for one in others["helpers"]
                if one["mode"] == mode and one["merchant"]["id"] not in chosen and _useful(one)
            ),
            None,
        )
        if best and (not mine or _minutes(best) < min(mine)):
            told = ngettext(
                "Nearer now: {name}, {n} minute.",
                "Nearer now: {name}, {n} minutes.",
                _minutes(best),
                name=best["merchant"]["properties"]["name"],
            )
            yield _one("nearer", best["merchant"]["id"], told)


def _useful(one: Mapping[str, Any]) -> bool:
    return one["open"] is not False and one["duration_s"] is not None


def _minutes(one: Mapping[str, Any]) -> int:
    seconds: float = one["duration_s"]
    return max(1, math.ceil(seconds / _MINUTE_S))


def _key(one: Mapping[str, Any]) -> tuple[str, str]:
    return one["merchant"]["id"], one["mode"]
