"""Pass once through an extract and keep what streets, walls and gates need."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import osmium
from numpy.typing import NDArray
from osmium.filter import KeyFilter
from osmium.osm import Node, Way

from geodata.errors import Invalid
from geodata.roads.drawing import named
from geodata.roads.extract import UNREADABLE
from geodata.roads.network.access import Barrier, modes, stop, words
from geodata.walking import Bridge

GATES: Final = words(
    "gate entrance lift_gate swing_gate sliding_gate sliding_beam wicket_gate kissing_gate "
    "hampshire_gate bump_gate turnstile full-height_turnstile sally_port stile toll_booth "
    "border_control"
)
"""Kinds of barrier on a node through which people pass."""

WALLS: Final = words(
    "wall fence hedge retaining_wall city_wall railing cable_barrier jersey_barrier"
)
"""Kinds of barrier along a line which people do not step over."""


@dataclass(slots=True)
class Lines:
    """Lines one behind the other: node ids and coordinates in 1e-7 degrees."""

    refs: list[int] = field(default_factory=list)
    x: list[int] = field(default_factory=list)
    y: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def add(self, way: Way) -> int:
        """Append the pieces of a way of which the places are known; return how many.

        A node that comes twice running, as after a slip of the mouse, is taken once.
        """
        before, run = len(self.sizes), 0
        for node in way.nodes:
            spot = node.location
            if not spot.valid():
                run = self._end(run)
                continue
            if run and node.ref == self.refs[-1]:
                continue
            self.refs.append(node.ref)
            self.x.append(spot.x)
            self.y.append(spot.y)
            run += 1
        self._end(run)
        return len(self.sizes) - before

    def _end(self, run: int) -> int:
        if run > 1:
            self.sizes.append(run)
        elif run:
            del self.refs[-1], self.x[-1], self.y[-1]
        return 0

    def lonlat(self) -> NDArray[np.float64]:
        """Return all vertices in degrees, (V, 2)."""
        return np.column_stack((self.x, self.y)).reshape(-1, 2) / 1e7

    def starts(self) -> NDArray[np.int64]:
        """Return where each line begins, and the end of all."""
        return np.concatenate(([0], np.cumsum(self.sizes, dtype=np.int64)))


@dataclass(slots=True)
class Raw:
    """An extract's ways, walls and special nodes.

    ``modes`` has a row a way, ``line_modes`` and ``line_bridge`` one for each line of
    ``ways``, of which a way with a gap gives several. ``line_bridge`` is a place in
    ``bridges``, -1 for what lies on the ground: a bridge or a tunnel opens no wall that it
    seems to cross.
    """

    ways: Lines = field(default_factory=Lines)
    modes: list[int] = field(default_factory=list)
    line_modes: list[int] = field(default_factory=list)
    line_bridge: list[int] = field(default_factory=list)
    bridges: dict[Bridge, int] = field(default_factory=dict)
    walls: Lines = field(default_factory=Lines)
    stops: set[int] = field(default_factory=set)
    junction_stops: set[int] = field(default_factory=set)
    gates: dict[int, tuple[float, float]] = field(default_factory=dict)
    entrances: dict[int, tuple[float, float]] = field(default_factory=dict)


def read_raw(path: Path) -> Raw:
    """Read the file; what is wrong with it raises ``Invalid`` (``extract_unreadable``)."""
    raw = Raw()
    try:
        passing = (
            osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY)
            .with_locations()
            .with_filter(
                KeyFilter("highway", "barrier", "entrance", "access", "foot", "impassable", "hov")
            )
        )
        for thing in passing:
            if isinstance(thing, Node):
                _take_node(raw, thing)
            elif isinstance(thing, Way):
                _take_way(raw, thing)
    except (*UNREADABLE, OSError, ValueError) as error:
        raise Invalid("extract_unreadable", path=str(path), reason=str(error)) from error
    return raw


def _take_node(raw: Raw, node: Node) -> None:
    tags = dict(node.tags)
    if not node.location.valid():
        return
    place = (node.location.lon, node.location.lat)
    stopped = stop(tags)
    if stopped is Barrier.ALWAYS:
        raw.stops.add(node.id)
    elif stopped is Barrier.AT_JUNCTION:
        raw.junction_stops.add(node.id)
    elif tags.get("barrier") in GATES:
        raw.gates[node.id] = place
    elif "entrance" in tags or "barrier" in tags:
        raw.entrances[node.id] = place


def _take_way(raw: Raw, way: Way) -> None:
    tags = dict(way.tags)
    if tags.get("barrier") in WALLS:
        raw.walls.add(way)
    used_by = modes(tags) if "highway" in tags else 0
    if used_by:
        pieces = raw.ways.add(way)
        if pieces:
            raw.modes.append(used_by)
            raw.line_modes.extend([used_by] * pieces)
            bridge = _bridge(tags)
            number = raw.bridges.setdefault(bridge, len(raw.bridges)) if bridge else -1
            raw.line_bridge.extend([number] * pieces)


def _bridge(tags: dict[str, str]) -> Bridge | None:
    """Return the bridge or tunnel that a way is part of; many have no tag for their height."""
    if tags.get("bridge", "no") != "no":
        return Bridge(_name(tags, "bridge:name"))
    if tags.get("tunnel", "no") not in ("no", "building_passage"):
        return Bridge(_name(tags, "tunnel:name"), tunnel=True)
    return None


def _name(tags: dict[str, str], own: str) -> str:
    """Give the name that people know it by: its own, or else that of the street on it."""
    return tags.get(own, "") or named(tags)
