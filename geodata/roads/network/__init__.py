"""Read an OpenStreetMap extract into a walking graph."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from geodata.errors import Invalid
from geodata.modes import Mode
from geodata.roads.network.barriers import with_barriers
from geodata.roads.network.reading import read_raw
from geodata.roads.network.splitting import split
from geodata.walking import Bridges, Graph

__all__ = ["Read", "read"]

_FOOT: Final = Mode.FOOT


@dataclass(frozen=True, slots=True)
class Read:
    """What an extract holds. ``streets``: ways taken; ``km`` and ``components``: on foot."""

    graph: Graph
    bridges: Bridges
    streets: int
    km: float
    components: int


def read(path: Path) -> Read:
    """Read the streets, walls and gates of an extract.

    Parameters
    ----------
    path
        ``.osm.pbf`` or ``.osm``.

    Returns
    -------
    Read
        The graph: ways open to walkers, bicycles or cars, as the routing engine reads their
        tags (without ferries, platforms and building sites), split where they meet, where a
        gate stands, and parted where a barrier stops walkers. Where a node's place is
        missing, as at the edge of a cut extract, or not on the globe, the way is cut. No edge
        is without a length. Squares that are drawn as areas are walked along their edge.

    Raises
    ------
    Invalid
        ``extract_unreadable`` with ``path`` and ``reason`` for a missing or broken file;
        ``extract_without_streets`` with ``path`` when nobody can walk on anything in it.
    """
    raw = read_raw(path)
    parts = split(raw)
    if not parts.graph.open_to(_FOOT).any():
        raise Invalid("extract_without_streets", path=str(path))
    graph = with_barriers(parts, raw)
    components = int(graph.components(_FOOT).max()) + 1
    edges = np.flatnonzero(parts.bridge >= 0)
    bridges = Bridges(edges, parts.bridge[edges], tuple(raw.bridges))
    return Read(graph, bridges, len(raw.modes), graph.km(_FOOT), components)
