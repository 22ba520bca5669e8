"""A sheet of OpenStreetMap data that is filled thing by thing and written in one go."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray
from osmium.osm import Location
from osmium.osm.mutable import Node, Way
from shapely import LineString, Point, Polygon

from geodata.demo.merchants import DRAWN

GENERATOR: Final = "Linju demonstration"

type Tags = Mapping[str, str]
type Key = tuple[int, int]
"""Longitude and latitude in units of 1e-7 degrees, as OpenStreetMap keeps them."""

_PER_DEGREE: Final = 10**7
_SIGNED: Final[dict[str, Any]] = {
    "version": 1,
    "changeset": 1,
    "timestamp": datetime.fromisoformat(DRAWN),
}


def keys(shape: LineString | Polygon | Point) -> list[Key]:
    """Give the vertices of a WGS 84 shape as keys, repeated ones once."""
    whole: NDArray[np.int64] = np.rint(shapely.get_coordinates(shape) * _PER_DEGREE).astype(int)
    moved = np.ones(len(whole), dtype=bool)
    moved[1:] = (whole[1:] != whole[:-1]).any(axis=1)
    return [(lon, lat) for lon, lat in whole[moved].tolist()]


class Sheet:
    """Nodes and ways to be. Two things that have a vertex in one place share its node."""

    def __init__(self) -> None:
        self._nodes: dict[Key, dict[str, str]] = {}
        self._ways: list[tuple[list[Key], Tags]] = []

    def mark(self, place: Key, tags: Tags) -> None:
        """Say what is at a place; what was said of it before stands."""
        self._nodes.setdefault(place, {}).update(
            {key: value for key, value in tags.items() if key not in self._nodes[place]}
        )

    def draw(self, line: Sequence[Key], tags: Tags) -> None:
        """Draw a way; one of fewer than two places is left out."""
        if len(line) > 1:
            self._ways.append((list(line), tags))
            for place in line:
                self._nodes.setdefault(place, {})

    def fill(self, area: Polygon, tags: Tags) -> None:
        """Draw the outline of an area."""
        self.draw(keys(area.exterior), tags)

    def write(self, path: Path) -> None:
        """Write all as ``.osm.pbf`` or ``.osm``, nodes before ways, each sorted by id."""
        header = osmium.io.Header()
        header.set("generator", GENERATOR)
        header.set("osmosis_replication_timestamp", DRAWN.replace("+00:00", "Z"))
        header.add_box(osmium.osm.Box(*self._corners()))
        numbers = {place: i for i, place in enumerate(self._nodes, start=1)}
        with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
            for place, tags in self._nodes.items():
                where = Location(place[0] / _PER_DEGREE, place[1] / _PER_DEGREE)
                writer.add_node(
                    Node(id=numbers[place], location=where, tags=_sorted(tags), **_SIGNED)
                )
            for i, (line, said) in enumerate(self._ways, start=1):
                nodes = [numbers[place] for place in line]
                writer.add_way(Way(id=i, nodes=nodes, tags=_sorted(said), **_SIGNED))

    def _corners(self) -> tuple[Location, Location]:
        places = np.array(list(self._nodes)) / _PER_DEGREE
        return Location(*places.min(axis=0)), Location(*places.max(axis=0))


def _sorted(tags: Tags) -> dict[str, str]:
    return dict(sorted(tags.items()))
