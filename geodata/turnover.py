"""What came and what went (新开与撤下): the merchants of an area at the two ends of a period.

Told from the history, by comparing how things stood before the first day with how they stood
after the last: what was brought in and taken back in between has never been there, and what
closed and opened again has never gone.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import batched, groupby
from operator import attrgetter
from typing import Any, Final

import orjson

from geodata import areas, categories
from geodata.hours import SHANGHAI
from geodata.policy import RESIDENT, Action, Actor, can
from geodata.store import PUBLIC, Reader
from geodata.store.records import Values

_AT_ONCE: Final = 2000
_COLUMNS: Final = ("id", "name", "category", "area", "status", "merged", "created", "address")


@dataclass(frozen=True, slots=True)
class Change:
    """A merchant that came or went: ``day`` is the last on which that was so.

    ``elsewhere`` tells that it only moved, over the border of the area that was asked for.
    """

    id: str
    name: str
    category: str
    address: str
    area: str
    day: date
    elsewhere: bool


@dataclass(frozen=True, slots=True)
class Turnover:
    """What came and what went, the latest first; and how many of each category, named or not.

    Not named to residents is what they do not see now: who left the map may have wished so.
    """

    came: tuple[Change, ...]
    went: tuple[Change, ...]
    n_came: Mapping[str, int]
    n_went: Mapping[str, int]


def between(
    tx: Reader,
    since: date,
    until: date,
    *,
    area: str = "",
    category: str = "",
    actor: Actor = RESIDENT,
) -> Turnover:
    """Tell which merchants came on the map and which left it, from one day to another.

    Both days count, as people here count them. Temporarily closed is not gone, and neither is
    what was made one with another entry of the same shop. What was erased on legal request has
    no history and is not told of. A hidden category is nobody's.

    Parameters
    ----------
    area
        A code: a merchant that moves over its border comes or goes. "" is everywhere.
    category
        An id; "" is all that residents see.

    Raises
    ------
    Invalid
        ``area_code_invalid``.
    """
    begin, end = _moment(since), _moment(until + timedelta(days=1))
    seen = frozenset(one.id for one in categories.listed(tx) if not one.hidden)
    place = _Place(areas.prefix(area), seen & {category} if category else seen, seen)
    came: list[tuple[Change, bool]] = []
    went: list[tuple[Change, bool]] = []
    for row, entries in _written_since(tx, begin):
        change = _compared(row, _life(row, entries), begin, end, place)
        if change is None:
            continue
        arrived, told = change
        known = _public(row, seen) or can(actor, Action.MERCHANT_READ_PRIVATE, area=told.area)
        (came if arrived else went).append((told, known))
    return Turnover(_named(came), _named(went), _numbers(came), _numbers(went))


type _Life = list[tuple[str, Values | None]]
"""From which moment on a merchant was how; the newest first, None before there was one."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What is looked at: an area by its prefix, and categories, of all that residents see."""

    inside: str
    categories: frozenset[str]
    seen: frozenset[str]

    def holds(self, state: Values | None) -> bool:
        """Tell whether a merchant counts here."""
        return state is not None and (
            _public(state, self.categories) and state["area"].startswith(self.inside)
        )


def _public(state: Mapping[str, Any], seen: frozenset[str]) -> bool:
    return state["status"] in PUBLIC and state["category"] in seen


def _written_since(tx: Reader, at: str) -> Iterable[tuple[Values, list[Any]]]:
    """Return the merchants that were written since a moment, with what was written of each."""
    entries = groupby(tx.history_since("merchant", at), key=attrgetter("key"))
    for some in batched(((key, [*own]) for key, own in entries), _AT_ONCE):
        told = dict(some)
        for row in tx.rows("merchant", columns=_COLUMNS, keys=[*told]):
            yield row, told[row["id"]]


def _life(row: Values, entries: list[Any]) -> _Life:
    found: _Life = []
    state: Values | None = row
    for _key, version, at, before in entries:
        first = version == 1
        found.append((row["created"] if first else at, state))
        state = None if first or state is None else state | orjson.loads(before or "{}")
    return [*found, ("", state)]


def _compared(
    row: Values, life: _Life, begin: str, end: str, place: _Place
) -> tuple[bool, Change] | None:
    """Return whether a merchant came, and what is told of that; None where nothing changed."""
    last = next(n for n, (at, _) in enumerate(life) if at < end)
    then = next(state for at, state in life if at < begin)
    now = life[last][1]
    here = place.holds(now)
    if here == place.holds(then) or (not here and now is not None and now["merged"]):
        return None
    state, other = (now, then) if here else (then, now)
    if state is None:  # what holds is something
        return None
    moment = life[last][0]
    for at, was in life[last:]:
        if place.holds(was) != here:
            break
        moment = at
    return here, Change(
        id=row["id"],
        name=row["name"],
        category=state["category"],
        address=row["address"],
        area=state["area"],
        day=datetime.fromisoformat(moment).astimezone(SHANGHAI).date(),
        elsewhere=other is not None and _public(other, place.seen),
    )


def _named(found: list[tuple[Change, bool]]) -> tuple[Change, ...]:
    told = (change for change, known in found if known)
    return tuple(sorted(told, key=lambda one: (-one.day.toordinal(), one.name, one.id)))


def _numbers(found: list[tuple[Change, bool]]) -> dict[str, int]:
    return dict(Counter(change.category for change, _ in found))


def _moment(day: date) -> str:
    """Return the first moment of a day in China as the store writes it."""
    at = datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
