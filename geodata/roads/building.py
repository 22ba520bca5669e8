"""Build a version of the streets, ask it real questions, and only then use it."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pyogrio
from numpy.typing import NDArray

from geodata import walking
from geodata.errors import Invalid, LinjuError, Unavailable
from geodata.modes import Mode
from geodata.policy import Action, Actor, require
from geodata.roads import extract, ground, network
from geodata.roads.extract import Clip
from geodata.roads.streets import Streets
from geodata.roads.versions import BRIDGES, GRAPH, GROUND, Shelf, Version, new_name, weigh
from geodata.routing import Position, Router
from geodata.routing.tiles import build_tiles

STAGES: Final = ("reading", "walking", "tiles", "ground", "checking")
"""What a build does, in this order; ``Stages`` is told each word as it begins."""

type Stages = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Known:
    """What an office has on its map already, WGS 84.

    ``names`` (``name``, ``level``, Point geometry) are written on the basemap beside those of
    the extract. ``positions``, (n, 2), are of the places that the streets are to serve.
    """

    names: gpd.GeoDataFrame
    positions: NDArray[np.float64]


_LITTLE: Final = 20_000_000
"""Bytes: with less than this on the disk nothing is begun."""
_PER_EDGE: Final = 1_200
"""What the tiles take while they are made: 830 to 950 bytes an edge, whatever the extract."""
_PER_BYTE: Final = 15
"""What the basemap takes while it is drawn, for each byte of the extract as a .pbf."""
_ASKED: Final = 24
"""Pairs of places between which a new version has to find ways."""
_ANSWERED: Final = 0.8
_AGREED: Final = 0.1
"""By how much the engine and the graph may differ in the middle of all answers."""


def build(
    shelf: Shelf,
    source: Path,
    *,
    actor: Actor,
    clip: Clip | None = None,
    title: str = "",
    demo: bool = False,
    known: Known | None = None,
    stages: Stages = lambda _: None,
) -> Version:
    """Make routing tiles, walking graph and basemap of an extract, check them, and use them.

    What was in use stays as the former version. Whatever fails, the version in use is not
    touched, and nothing of the attempt stays on the disk.

    Parameters
    ----------
    source, clip
        As for :func:`geodata.roads.extract.prepare`.
    title
        What the version is called; by default as the file.
    demo
        The streets are a demonstration's: they go when it goes.
    known
        What the office has on its map already.

    Raises
    ------
    Forbidden
        ``forbidden``: for administrators.
    Invalid
        What :func:`~geodata.roads.extract.prepare` says; ``extract_without_streets``,
        ``clip_without_streets``; ``streets_unfit``: the result did not pass the check;
        ``streets_elsewhere``: none of what the office has on its map lies near them.
    Conflict
        ``roads_busy``: another build is under way.
    Unavailable
        ``disk_full``; ``file_unwritable``; ``engine_failed``, ``ground_failed``.
    """
    require(actor, Action.ROADS_EDIT)
    began = time.monotonic()
    with shelf.building() as work:
        # What is clipped or comes as XML is written anew, and takes no more than that.
        _demand_room(work, _LITTLE + (source.stat().st_size if source.is_file() else 0))
        stages("reading")
        scratch = work / "extract"
        scratch.mkdir()
        prepared = extract.prepare(source, scratch, clip)
        read = _network(prepared, source, clip)
        dated = extract.date(source)
        size = prepared.stat().st_size
        _demand_room(work, _LITTLE + _PER_EDGE * read.graph.edges + _PER_BYTE * size)
        stages("walking")
        read.graph.save(work / GRAPH)
        read.bridges.save(work / BRIDGES)
        stages("tiles")
        build_tiles(prepared, work)
        stages("ground")
        drawn = _ground(prepared, work / GROUND, known.names if known else None)
        shutil.rmtree(scratch)
        west, south, east, north = read.graph.bounds
        version = Version(
            name=new_name(),
            title=title or source.name.split(".", 1)[0],
            source=source.name,
            clip=clip.name if clip else "",
            demo=demo,
            extracted=dated,
            built=datetime.now(UTC),
            seconds=0.0,
            streets=read.streets,
            km=round(read.km, 1),
            components=read.components,
            buildings=drawn.buildings if drawn else 0,
            bounds=(west, south, east, north),
            served=_served(read.graph, known),
            files=weigh(work),
        )
        version.save(work)
        stages("checking")
        check(Streets.of(work), work)
        seconds = round(time.monotonic() - began, 1)
        version = version.model_copy(update={"seconds": seconds})
        version.save(work)
        shelf.adopt(work, version.name)
    return version


def _served(graph: walking.Graph, known: Known | None) -> tuple[int, int]:
    """Count the positions that are known, and those of them within 300 m of a street."""
    if known is None or not len(known.positions):
        return 0, 0
    joined = walking.join(graph, known.positions[:, 0], known.positions[:, 1])
    served = int((joined.edge >= 0).sum())
    if not served:
        raise Invalid("streets_elsewhere", n=len(known.positions), bounds=list(graph.bounds))
    return served, len(known.positions)


def check(streets: Streets, folder: Path) -> None:
    """Ask a version on the disk for ways, a reach and its basemap, as its users will.

    Raises
    ------
    Invalid
        ``streets_unfit``: ``reason`` says which question got no good answer.
    """
    graph = streets.graph
    assert graph is not None  # noqa: S101  a version on the disk has one
    chance = np.random.default_rng(1)
    nodes = chance.choice(graph.largest_component(), (_ASKED, 2))
    starts, ends = (np.column_stack((graph.lon[n], graph.lat[n])) for n in nodes.T)
    pairs = zip(starts.tolist(), ends.tolist(), strict=True)
    shares = [_share(streets.router, graph, tuple(start), tuple(end)) for start, end in pairs]
    known = [share for share in shares if share is not None]
    if len(known) < _ANSWERED * len(shares):
        raise Invalid("streets_unfit", reason="ways")
    if abs(float(np.median(known)) - 1.0) > _AGREED:
        raise Invalid("streets_unfit", reason="times")
    (lon, lat), *_ = starts
    if streets.router.reach((lon, lat), (10,)).geometry.is_empty.all():
        raise Invalid("streets_unfit", reason="reach")
    if (folder / GROUND).is_file() and not len(pyogrio.list_layers(folder / GROUND)):
        raise Invalid("streets_unfit", reason="ground")


def _share(router: Router, graph: walking.Graph, start: Position, end: Position) -> float | None:
    """Return the engine's walking time as a share of the graph's; None where it has no way."""
    by_graph = float(walking.durations(graph, start, np.array([end])).minutes[0]) * 60
    try:
        way = router.route(start, end, Mode.FOOT)
    except LinjuError:
        return None
    return way.duration_s / by_graph if by_graph else 1.0


def _network(prepared: Path, source: Path, clip: Clip | None) -> network.Read:
    try:
        return network.read(prepared)
    except Invalid as error:
        clipped = clip is not None and error.code == "extract_without_streets"
        code = "clip_without_streets" if clipped else error.code
        # The operator knows the file that was given, not what became of it.
        raise Invalid(code, **(error.details | {"path": str(source)})) from error


def _ground(prepared: Path, out: Path, places: gpd.GeoDataFrame | None) -> ground.Built | None:
    """Draw the basemap; None where this kind of machine cannot."""
    try:
        return ground.build(prepared, out, places=places)
    except Unavailable as error:
        if error.code != "ground_unavailable":
            raise
        return None


def _demand_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Unavailable("disk_full", path=str(folder.parent), free=free, needed=needed)
