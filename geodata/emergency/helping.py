"""Who is useful at an incident, and who comes before whom."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from geodata import browse, merchants, near
from geodata.browse import Query
from geodata.emergency.question import Helper, Question
from geodata.geometry import BBox, metres_between
from geodata.hours import Calendar
from geodata.modes import WALK_MPS, Mode
from geodata.near import Near
from geodata.roads import Streets
from geodata.routing import Closures
from geodata.store import Reader

_RANKED: Final = 3
"""So many times as many as are wanted are looked at: some of them are closed."""
_RIVALS: Final = 4
"""By bike and car, so many times as many compete: around 25 places in a large city without
closures, all of the ten that come soonest were among the 40 nearest as the crow flies."""
_LOOP_S: Final = 30.0
"""By so much a drive hither may be shorter than thither, with one-way streets around a block."""
_FARTHEST_M: Final = 6_400.0
"""So far around, as the crow flies, one of each kind is looked for."""
_FIRST_M: Final = 800.0
_NAMED: Final = ""
"""The kind of those whose name has one of the scenario's words; the others are categories."""


def along(
    tx: Reader,
    streets: Streets,
    question: Question,
    mode: Mode,
    *,
    closures: Closures,
    calendar: Calendar,
) -> list[Helper]:
    """Return who helps, by the time along streets; the most useful first.

    The nearest usable one of each kind (a category of the scenario, or a name with one of its
    words) is there, and of the others the nearest. Whoever has a word in its name and is no
    farther than the outermost ring comes before the rest. Where too few are usable, those that
    closures cut off follow, and last those that have closed and are as near.

    Raises
    ------
    Invalid, Unavailable
        As :func:`geodata.near.nearest` tells.
    """
    search = _Along(tx, question, calendar, mode, streets, closures)
    search.look(search.categories, search.plenty)
    search.look(search.named, search.plenty, within_m=search.outer_s * WALK_MPS)
    for kind in search.wanting():
        if kind not in search.kinds(search.found.values()):
            search.look([kind], 1, within_m=_FARTHEST_M)
        if kind in search.wanting():
            search.look([kind], 1, within_m=_FARTHEST_M, open_now=True)
    if len(search.usable) < search.most <= len(search.found):
        # All around is closed, as at night: who is open farther off?
        search.look([*search.categories, *search.named], search.most, open_now=True)
    if closures and (len(search.usable) < search.most or search.wanting()):
        search.look_beyond()
    return search.measured()


def straight(tx: Reader, question: Question, mode: Mode, *, calendar: Calendar) -> list[Helper]:
    """Return who helps, as :func:`along` does, but by the straight line."""
    search = _Straight(tx, question, calendar, mode)
    search.look([*search.categories, *search.named], search.plenty)
    for kind in search.wanting():
        search.look([kind], 1)
    return search.ranked()


@dataclass(slots=True)
class _Search:
    """Helpers of one mode being gathered."""

    tx: Reader
    question: Question
    calendar: Calendar
    mode: Mode
    found: dict[str, Helper] = field(default_factory=dict, init=False)

    @property
    def most(self) -> int:
        return self.question.scenario.helpers

    @property
    def plenty(self) -> int:
        return self.most * _RANKED

    @property
    def outer_s(self) -> int:
        return max(self.question.scenario.rings, default=0) * 60

    @property
    def categories(self) -> list[str]:
        return list(self.question.scenario.categories)

    @property
    def named(self) -> list[str]:
        return [_NAMED] if self.question.scenario.words else []

    @property
    def usable(self) -> list[Helper]:
        return [one for one in self.found.values() if one.usable]

    def queries(self, kinds: Collection[str]) -> list[Query]:
        some = tuple(kind for kind in kinds if kind != _NAMED)
        words = self.question.scenario.words if _NAMED in kinds else ()
        return [Query(categories=some)] * bool(some) + [Query(text=word) for word in words]

    def kinds(self, some: Iterable[Helper]) -> set[str]:
        """Return which kinds some helpers are of."""
        told = self.question.scenario.categories
        return {one.row.category for one in some if one.row.category in told} | {
            _NAMED for one in some if self._has_word(one)
        }

    def wanting(self) -> list[str]:
        """Return the kinds of which nobody usable was found."""
        there = self.kinds(self.usable)
        return [kind for kind in [*self.categories, *self.named] if kind not in there]

    def ranked(self) -> list[Helper]:
        """Return those that are told, in their order."""
        up = self._first(self.usable, self.most)
        beyond = [one for one in self.found.values() if one.cut_off]
        cut = self._first(beyond, max(0, self.most - len(up)), but=self.kinds(up))
        last_s = max(one.away_s for one in up) if len(up) >= self.most else np.inf
        shut = [one for one in self.found.values() if one.open is False and not one.cut_off]
        alone = self._nearest_of_each(shut, but=self.kinds([*up, *cut]))
        near_by = [one for one in shut if one.away_s <= last_s or one in alone]
        told = [*up, *cut, *self._first(near_by, self.most)]
        # sorted() keeps the order among equals.
        return sorted(told, key=lambda one: one.open is False)

    def take(self, row: Any, distance_m: float, **told: Any) -> None:  # noqa: ANN401 - a row
        """Add a helper, unless it is known or to be left out."""
        if row.id in self.found or row.id in self.question.without:
            return
        self.found[row.id] = Helper(row, self.mode, self._open(row), distance_m, **told)

    def _first(self, some: list[Helper], most: int, but: Collection[str] = ()) -> list[Helper]:
        """Return the nearest of each other kind, and of the rest the first, in their order."""
        some = sorted(some, key=self._place)
        each = self._nearest_of_each(some, but)
        rest = [one for one in some if one not in each]
        kept = [*each, *rest[: max(0, most - len(each))]]
        return [one for one in some if one in kept]

    def _nearest_of_each(self, some: list[Helper], but: Collection[str]) -> list[Helper]:
        there, each = set(but), []
        for one in sorted(some, key=self._place):
            if kinds := self.kinds([one]) - there:
                there |= kinds
                each.append(one)
        return each

    def _place(self, one: Helper) -> tuple[bool, bool, float]:
        named = self._has_word(one) and one.away_s <= self.outer_s
        return one.open is False, not named, one.away_s

    def _has_word(self, one: Helper) -> bool:
        name = one.row.name.casefold()
        return any(word.casefold() in name for word in self.question.scenario.words)

    def _open(self, row: Any) -> bool | None:  # noqa: ANN401 - rows of the store
        _, state = merchants.opening(
            row.hours,
            row.status,
            row.closed_until,
            self.question.departure,
            calendar=self.calendar,
        )
        return state.open


@dataclass(slots=True)
class _Along(_Search):
    """Gathers along streets."""

    streets: Streets
    closures: Closures

    _unmeasured: set[str] = field(default_factory=set, init=False)
    """Of whom is known only in which time they come at the least."""
    _all_within_m: dict[tuple[str, bool], float] = field(default_factory=dict, init=False)
    """How far around everybody of a kind is known that one gets to, obeying closures or not."""

    def look(
        self,
        kinds: Sequence[str],
        n: int,
        *,
        within_m: float = near.FARTHEST_M,
        open_now: bool = False,
    ) -> None:
        """Add the nearest that one gets to."""
        hither = self.question.inbound and self.mode is not Mode.FOOT
        for one in self._nearest(kinds, n, within_m, self.closures, open_now=open_now):
            least_s = max(0.0, one.duration_s - _LOOP_S * hither)
            self.take(one.row, one.distance_m, duration_s=least_s)
            if hither:
                self._unmeasured.add(one.row.id)

    def look_beyond(self) -> None:
        """Add the nearest that were not found since closures are in the way."""
        there: list[Near] = []
        if len(self.usable) < self.most:
            every = [*self.categories, *self.named]
            there += self._nearest(every, self.plenty, near.FARTHEST_M, ())
        for kind in self.wanting():
            # Where some are known, but shut, only one that is open tells more.
            shut = kind in self.kinds(self.found.values())
            there += self._nearest([kind], 1, _FARTHEST_M, (), open_now=shut)
        new = list({one.row.id: one for one in there if one.row.id not in self.found}.values())
        if not new:
            return
        for one, (duration_s, distance_m) in zip(new, self._times(new), strict=True):
            if np.isfinite(duration_s):  # it is farther than others that were found
                self.take(one.row, distance_m, duration_s=duration_s)
            else:
                self.take(one.row, one.distance_m, cut_off=True)

    def measured(self) -> list[Helper]:
        """Return those that are told, by the time in which they come.

        To ask the engine how long each of very many drives to one place is slow. So they are
        gathered by the time to them, and measured where they might be told: whoever might be
        instead of one that turned out to take longer is measured next.
        """
        while other := [one for one in self.ranked() if one.row.id in self._unmeasured]:
            for one, (duration_s, distance_m) in zip(other, self._times(other), strict=True):
                name = one.row.id
                self._unmeasured.discard(name)
                if np.isfinite(duration_s):
                    told: dict[str, Any] = {"duration_s": duration_s, "distance_m": distance_m}
                    self.found[name] = replace(one, **told)
                elif self.closures:
                    self.found[name] = replace(one, duration_s=None, cut_off=True)
                else:
                    del self.found[name]
        return self.ranked()

    def _times(self, some: Sequence[Near | Helper]) -> list[tuple[float, float]]:
        """Return seconds and metres between the place and each, the way that is asked for."""
        shops = np.array([(one.row.lon, one.row.lat) for one in some])
        place = np.array([self.question.at])
        starts, goals = (shops, place) if self.question.inbound else (place, shops)
        told = self.streets.router.matrix(starts, goals, self.mode, closures=self.closures)
        times = told.duration_s.ravel().tolist(), told.distance_m.ravel().tolist()
        return list(zip(*times, strict=True))

    def _nearest(
        self,
        kinds: Sequence[str],
        n: int,
        within_m: float,
        closures: Closures,
        *,
        open_now: bool = False,
    ) -> list[Near]:
        known = self._all_within_m
        told = [(kind, bool(closures)) for kind in kinds]
        told = [one for one in told if known.get(one, 0.0) < within_m]
        if not told:
            return []
        wanted = n + len(self.question.without)
        asked = self.queries([kind for kind, _ in told])
        how: dict[str, Any] = {"at": self.question.departure, "calendar": self.calendar}
        some = near.nearest(
            self.tx,
            self.streets,
            self.question.at,
            mode=self.mode,
            query=[replace(one, open_now=open_now) for one in asked],
            n=wanted,
            closures=closures,
            rivals=max(wanted, self.most * _RIVALS),
            within_m=within_m,
            **how,
        )
        if len(some) < wanted and not open_now:
            known |= dict.fromkeys(told, within_m)
            if len(some) == near.count(self.tx, self.question.at, asked, within_m, **how):
                # Nobody is cut off: without closures there are no others.
                known |= {(kind, False): within_m for kind, _ in told}
        return some


@dataclass(slots=True)
class _Straight(_Search):
    """Gathers as the crow flies."""

    def look(self, kinds: Sequence[str], n: int) -> None:
        """Add the nearest."""
        asked = self.queries(kinds)
        place, wanted = self.question.at, n + len(self.question.without)
        reach_m = _FIRST_M
        spots: dict[int, Any] = {}
        while reach_m <= _FARTHEST_M and len(spots) < wanted:
            box = BBox.around(*place, reach_m)
            for one in asked:
                found = browse.spots(
                    self.tx,
                    replace(one, box=box),
                    self.question.departure,
                    calendar=self.calendar,
                )
                spots |= {spot.fid: spot for spot in found}
            reach_m *= 2
        fids = list(spots)
        at = np.array([(spots[fid].lon, spots[fid].lat) for fid in fids]).reshape(-1, 2)
        away = metres_between(*place, at[:, 0], at[:, 1])
        order = np.argsort(away, kind="stable")[:wanted].tolist()
        for row in browse.places(self.tx, [fids[i] for i in order]):
            self.take(row, float(metres_between(*place, row.lon, row.lat)))
