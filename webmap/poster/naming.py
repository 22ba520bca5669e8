"""Names on the ground: along streets, in the middle of areas, none over another or a magnet.

A Chinese name along a street that runs rather up and down is written as on a street sign:
upright signs, one below the other. The same is done on the screen by ``street-names.js``.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from webmap.poster import lettering
from webmap.poster.plane import Window

type Floats = NDArray[np.float64]

_STEEP: Final = 0.95
"""Beyond this slope, in radians from level, signs stand upright below each other."""
_BEND: Final = 0.35
"""No name bends more than this from one sign to the next, nor twice this in all."""
_SPACING: Final = 0.14
_RISE: Final = 0.36
"""How far below the middle of a sign its line of writing is."""
_REPEAT: Final = 130.0
"""Units between two names of one street."""
_TRIES: Final = tuple(
    (shift, aside) for shift in (0, 0.95, -0.95) for aside in (0, 0.5, -0.5, 1, -1)
)
"""Where a name is tried: beside its street by heights of the type, along it by its own length."""
_CJK: Final = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef·]+")
_LONGEST: Final = 30


class Rule(NamedTuple):
    """Which names, and how: ``size`` is a multiple of the map's type."""

    layer: str
    kinds: frozenset[str]
    look: str
    size: float


def _rule(layer: str, kinds: str, look: str, size: float) -> Rule:
    return Rule(layer, frozenset(kinds.split()), look, size)


RULES: Final = (
    _rule("street", "express primary", "name-street", 1.2),
    _rule("place", "station", "name-place", 1.0),
    _rule("street", "secondary", "name-street", 1.1),
    _rule("water", "river canal", "name-water", 1.1),
    _rule("place", "water", "name-water", 1.0),
    _rule("place", "park", "name-green", 1.0),
    _rule("street", "tertiary", "name-street", 1.0),
    _rule("place", "school hospital", "name-place", 0.9),
    _rule("street", "street", "name-street", 0.9),
    _rule("place", "compound", "name-place", 0.85),
    _rule("water", "stream", "name-water", 0.85),
    _rule("street", "alley walk steps ramp", "name-street", 0.75),
)
"""Who is written first, and keeps the place, comes first."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name at its place: its middle on the line of writing, about which it is turned.

    Where ``signs``, each sign has a place and a turn (degrees) of its own, at which it begins.
    """

    text: str
    look: str
    size: str
    x: str
    y: str
    turn: str = ""
    signs: bool = False


@dataclass(slots=True)
class Room:
    """What of a sheet is taken already, as boxes: left, top, right, bottom."""

    width: float
    height: float
    _taken: list[Floats] = field(default_factory=list)

    def take(self, boxes: Floats) -> None:
        """Take boxes, (n, 4), whatever is there."""
        self._taken.append(boxes)

    def offer(self, boxes: Floats) -> bool:
        """Take boxes, (n, 4), if all of them are free and on the sheet."""
        low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
        if (low < 1).any() or high[0] > self.width - 1 or high[1] > self.height - 1:
            return False
        if self._taken:
            taken = self._all()
            near = taken[(taken[:, :2] < high).all(axis=1) & (taken[:, 2:] > low).all(axis=1)]
            over = (near[:, None, :2] < boxes[None, :, 2:]).all(axis=2)
            under = (near[:, None, 2:] > boxes[None, :, :2]).all(axis=2)
            if (over & under).any():
                return False
        self._taken.append(boxes)
        return True

    def _all(self) -> Floats:
        if len(self._taken) > 1:
            self._taken[:] = [np.concatenate(self._taken)]
        return self._taken[0]


def names(cut: gpd.GeoDataFrame, window: Window, room: Room, type_size: float) -> list[Name]:
    """Return the names that find a place, and take it.

    ``cut`` is what :func:`geodata.roads.cutting.cut` gives, ``type_size`` the height of the
    map's type. What the office calls its own areas is not taken from there.
    """
    named = cut[cut["name"].str.len().between(1, _LONGEST)]
    found: list[Name] = []
    for rule in RULES:
        chosen = named[(named["layer"] == rule.layer) & named["kind"].isin(rule.kinds)]
        size = type_size * rule.size
        shapes = window.drawn(chosen.geometry.to_numpy())
        written = _Written(rule.look, size, room)
        for name, shape in sorted(
            zip(chosen["name"], shapes, strict=True), key=lambda one: -shapely.length(one[1])
        ):
            if shape.geom_type == "LineString":
                found += written.along(name, shapely.get_coordinates(shape))
            elif shape.geom_type == "Point":
                found += written.level(name, shape.x, shape.y)
    return found


def level(text: str, look: str, size: float, at: tuple[float, float], room: Room) -> list[Name]:
    """Return a name about a place, in one or two lines, if there is room, and take it."""
    return _Written(look, size, room).level(text, *at)


@dataclass(slots=True)
class _Written:
    look: str
    size: float
    room: Room
    _known: dict[str, list[Floats]] = field(default_factory=dict)

    def level(self, name: str, x: float, y: float) -> list[Name]:
        lines = _lines(name)
        half = max(map(lettering.width, lines)) * self.size / 2
        tall = self.size * 1.2
        top = y - tall * len(lines) / 2
        if not self.room.offer(np.array([[x - half, top, x + half, top + tall * len(lines)]])):
            return []
        rows = (top + tall * (n + 0.5) + self.size * _RISE for n in range(len(lines)))
        return [self._name(line, x, row) for line, row in zip(lines, rows, strict=True)]

    def along(self, name: str, corners: Floats) -> Iterator[Name]:
        course = _Course.of(corners)
        chinese = bool(_CJK.fullmatch(name))
        advances = [lettering.width(sign) + (_SPACING if chinese else 0) for sign in name]
        whole = sum(advances) * self.size
        slots = max(1, round(course.length / _REPEAT))
        for slot in range(slots):
            middle = (slot + 0.5) * course.length / slots
            for shift, aside in _TRIES:
                at = middle + aside * whole
                if whole / 2 + 1 < at < course.length - whole / 2 - 1 and (
                    set_ := self._set(name, course, at, np.array(advances) * self.size, shift)
                ):
                    yield set_
                    break

    def _set(
        self, name: str, course: "_Course", middle: float, advances: Floats, shift: float
    ) -> Name | None:
        whole = float(advances.sum())
        start, end = course.at(np.array([middle - whole / 2, middle + whole / 2]))
        dx, dy = end - start
        if math.hypot(dx, dy) < whole * 0.95:
            return None
        chinese = bool(_CJK.fullmatch(name))
        steep = chinese and abs(math.atan2(dy, abs(dx))) > _STEEP
        way = -1.0 if (dy < 0 if steep else dx < 0) else 1.0
        edges = middle + way * (np.concatenate(([0.0], np.cumsum(advances))) - whole / 2)
        corners = course.at(edges)
        angles = np.unwrap(np.arctan2(*np.diff(corners, axis=0).T[::-1]))
        middles = course.at((edges[:-1] + edges[1:]) / 2) + _below(angles) * shift * self.size
        if np.ptp(angles) > 2 * _BEND or (np.abs(np.diff(angles)) > _BEND).any():
            return None
        if any(
            (np.hypot(*(middles.mean(axis=0) - one)) < _REPEAT * 0.7) for one in self._there(name)
        ):
            return None
        reach = self.size * 0.62
        if not self.room.offer(np.column_stack((middles - reach, middles + reach))):
            return None
        self._there(name).append(middles.mean(axis=0))
        if chinese:
            return self._signs(name, middles, angles * (not steep))
        tilt = math.atan2(dy, dx) if way > 0 else math.atan2(-dy, -dx)
        x, y = middles.mean(axis=0) + _below(np.array([tilt]))[0] * self.size * _RISE
        return self._name(name, x, y, turn=f"{math.degrees(tilt):.1f}")

    def _signs(self, name: str, middles: Floats, angles: Floats) -> Name:
        """Write sign by sign: each is turned about where it begins on its line of writing."""
        along = np.column_stack((np.cos(angles), np.sin(angles)))
        begin = middles - along * self.size / 2 + _below(angles) * self.size * _RISE
        turn = " ".join(f"{angle:.1f}" for angle in np.degrees(angles))
        return self._name(name, begin[:, 0], begin[:, 1], turn=turn, signs=True)

    def _there(self, name: str) -> list[Floats]:
        return self._known.setdefault(name, [])

    def _name(
        self, text: str, x: ArrayLike, y: ArrayLike, *, turn: str = "", signs: bool = False
    ) -> Name:
        across, down = (" ".join(f"{one:.2f}" for one in np.atleast_1d(v)) for v in (x, y))
        return Name(text, self.look, f"{self.size:.2f}", across, down, turn, signs)


def _below(angles: Floats) -> Floats:
    """Return what points down from lines of writing with these angles."""
    return np.column_stack((-np.sin(angles), np.cos(angles)))


@dataclass(frozen=True, slots=True)
class _Course:
    """A line by its length."""

    corners: Floats
    begins: Floats

    @classmethod
    def of(cls, corners: Floats) -> "_Course":
        steps = np.hypot(*np.diff(corners, axis=0).T)
        return cls(corners, np.concatenate(([0.0], np.cumsum(steps))))

    @property
    def length(self) -> float:
        return float(self.begins[-1])

    def at(self, s: Floats) -> Floats:
        return np.column_stack(
            [np.interp(s, self.begins, self.corners[:, axis]) for axis in (0, 1)]
        )


def _lines(name: str) -> list[str]:
    """Part a longer name in two, at a space where it has one."""
    longest = 7  # signs that stand well in one line
    if len(name) <= longest or (not _CJK.fullmatch(name) and " " not in name):
        return [name]
    parts = list(name) if _CJK.fullmatch(name) else name.split(" ")
    half = math.ceil(len(parts) / 2)
    glue = "" if _CJK.fullmatch(name) else " "
    return [glue.join(parts[:half]), glue.join(parts[half:])]
