"""The streets in use: opened once, and again when another version takes their place."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from shapely.geometry.base import BaseGeometry

from geodata.errors import Unavailable
from geodata.roads.versions import BRIDGES, GRAPH, GROUND, TILES, Shelf, Version
from geodata.routing import Local, Remote, Router
from geodata.walking import Bridges, Closing, Graph, Level, closing

_KEPT: Final = 2_000
"""Closures of which it is kept what they close."""


@dataclass(frozen=True, slots=True)
class Streets:
    """An open version; threads may share it.

    ``version`` and ``graph`` are None where only a remote engine is known, ``ground`` (the
    basemap's file) where there is none, ``bridges`` where an older Linju built the version.
    """

    router: Router
    version: Version | None = None
    graph: Graph | None = None
    ground: Path | None = None
    bridges: Bridges | None = None
    _closings: dict[tuple[BaseGeometry, Level], Closing] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def name(self) -> str:
        """The version's name; "" where the streets are elsewhere."""
        return self.version.name if self.version else ""

    @classmethod
    def of(cls, folder: Path, engine_url: str = "") -> Self:
        """Open the version in a folder; ways come from a remote engine where one is named.

        Raises
        ------
        Unavailable
            ``streets_unreadable``.
        """
        version = Version.of(folder)
        graph = Graph.load(folder / GRAPH)
        engine = Remote(engine_url) if engine_url else Local(folder / TILES)
        ground = folder / GROUND if version.ground else None
        bridges = Bridges.load(folder / BRIDGES) if BRIDGES in version.files else None
        return cls(Router(engine, graph), version, graph, ground, bridges)

    def closing(self, closure: BaseGeometry, level: Level = Level.GROUND) -> Closing:
        """Tell what a closure (WGS 84) closes here, and which bridges and tunnels it spares.

        See :func:`geodata.walking.closing`. Without a graph it is taken as it is. What was told
        of a closure before is kept.
        """
        if self.graph is None:
            return Closing(closure)
        told = self._closings.get((closure, level))
        if told is None:
            if len(self._closings) >= _KEPT:
                self._closings.clear()
            told = closing(self.graph, self.bridges, closure, level)
            self._closings[closure, level] = told
        return told


class Roads:
    """The way to the streets in use, for a running service.

    Parameters
    ----------
    folder
        Where the versions are; it need not exist.
    engine_url
        Address of a Valhalla that knows the ways instead of the tiles here; "" for none.
    """

    def __init__(self, folder: Path, engine_url: str = "") -> None:
        self.shelf = Shelf(folder)
        self._engine_url = engine_url
        self._lock = threading.Lock()
        self._known: tuple[object, Streets | None] | None = None

    def now(self) -> Streets | None:
        """Return the streets in use, None where none were built; a switch is noticed here.

        Raises
        ------
        Unavailable
            ``streets_unreadable``.
        """
        known = self._known
        if known is not None and known[0] == self.shelf.stamp():
            return known[1]
        # While one thread opens a new version the others go on with the old one, if it is there.
        there = known is not None and self._is_there(known[1])
        if not self._lock.acquire(blocking=not there) and known is not None:
            return known[1]
        try:
            stamp, known = self.shelf.stamp(), self._known
            if known is None or known[0] != stamp:
                known = self._known = (stamp, self._open())
            return known[1]
        finally:
            self._lock.release()

    def require(self) -> Streets:
        """Return the streets in use.

        Raises
        ------
        Unavailable
            ``streets_missing``: none were built here; ``streets_unreadable``.
        """
        streets = self.now()
        if streets is None:
            raise Unavailable("streets_missing")
        return streets

    def _is_there(self, streets: Streets | None) -> bool:
        version = streets.version if streets else None
        return version is None or (self.shelf.folder / version.name).is_dir()

    def _open(self) -> Streets | None:
        name = self.shelf.pointer().current
        if name:
            return Streets.of(self.shelf.folder / name, self._engine_url)
        return Streets(Router(Remote(self._engine_url))) if self._engine_url else None
