"""OpenStreetMap extracts: what can be read becomes one sorted .osm.pbf, clipped where asked."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, groupby
from pathlib import Path
from typing import Final

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray
from osmium.index import IdSet
from osmium.osm import NODE, RELATION, WAY, Way
from shapely.geometry.base import BaseGeometry

from geodata.errors import Invalid, Unavailable

SUFFIXES: Final = (".osm.pbf", ".pbf", ".osm", ".osm.bz2", ".osm.gz")

UNREADABLE: Final = (RuntimeError, osmium.InvalidLocationError)
"""All that libosmium says of a file that it cannot read."""

_FULL: Final = "No space left on device"
_BATCH: Final = 500_000
_RELATIONS: Final = ("multipolygon", "restriction")
"""The relations that streets and ground are made of."""


@dataclass(frozen=True, slots=True)
class Clip:
    """What of an extract is wanted: a shape (WGS 84), and what it is called."""

    shape: BaseGeometry
    name: str


def prepare(source: Path, folder: Path, clip: Clip | None = None) -> Path:
    """Make an extract readable for all that follows, and return where it lies.

    Parameters
    ----------
    source
        ``.osm.pbf`` or ``.osm`` (also packed). What an editor has not uploaded yet, and so
        numbers below 0, gets numbers above all others; nodes off the globe count as missing, and
        streets are parted where nodes are missing.
        A ``.pbf`` of which nothing is to be changed is used as it is; anything else is
        written into the folder.
    clip
        Ways with a node inside are kept whole, with the relations made of them.

    Raises
    ------
    Invalid
        ``file_missing``; ``format_unknown``; ``extract_unreadable``: broken, empty, or not
        OpenStreetMap data; ``clip_without_streets``: nothing of a way lies inside.
    Unavailable
        ``disk_full``.
    """
    if not source.is_file():
        raise Invalid("file_missing", path=str(source))
    if not source.name.lower().endswith(SUFFIXES):
        raise Invalid("format_unknown", formats=list(SUFFIXES))
    path = source
    try:
        if not source.name.lower().endswith(".pbf"):
            path = _sorted(source, folder / "sorted.osm.pbf")
        if _is_odd(path):
            path = _mended(path, folder)
        return path if clip is None else _clipped(path, folder / "clipped.osm.pbf", clip.shape)
    except UNREADABLE as error:
        if _FULL in str(error):
            raise Unavailable("disk_full", path=str(folder)) from error
        raise Invalid("extract_unreadable", path=str(source), reason=str(error)) from error


def date(path: Path) -> datetime | None:
    """Return the moment that an extract shows: what its header says, or its newest way.

    None where neither tells.
    """
    with osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
        told = reader.header().get("osmosis_replication_timestamp")
    if told:
        return datetime.fromisoformat(told)
    newest = max((way.timestamp for way in osmium.FileProcessor(str(path), WAY)), default=None)
    return newest if newest and newest > datetime(2004, 1, 1, tzinfo=UTC) else None


def _sorted(source: Path, path: Path) -> Path:
    """Write nodes, ways, relations by id, as the engine wants them; XML may have any order."""
    merged = osmium.MergeInputReader()
    merged.add_file(str(source))
    with osmium.SimpleWriter(str(path)) as writer:
        merged.apply(writer, simplify=True)
    return path


def _is_odd(path: Path) -> bool:
    """Tell whether there is something that engine and graph would stumble over."""
    known = IdSet()
    for node in osmium.FileProcessor(str(path), NODE):
        if node.id < 0 or not node.location.valid():
            return True
        known.set(node.id)
    for thing in osmium.FileProcessor(str(path), WAY | RELATION):
        if thing.id < 0:
            return True
        if isinstance(thing, Way) and not all(known.get(ref) for ref in _street(thing)):
            return True
    return False


def _street(way: Way) -> list[int]:
    """Return the nodes of a way if it is a street."""
    return [node.ref for node in way.nodes] if "highway" in way.tags else []


def _mended(path: Path, folder: Path) -> Path:
    """Write an odd extract anew, every number above 0, without what is off the globe or cut off.

    A street that lacks some of its nodes, as at the edge of a cut extract, is parted there: the
    engine would leave out all of it.
    """
    top: Counter[str] = Counter()
    lowest = 0
    for thing in osmium.FileProcessor(str(path)):
        top[thing.type_str()] = max(top[thing.type_str()], thing.id)
        lowest = min(lowest, thing.id)

    def number(kind: str, ref: int) -> int:
        return ref if ref >= 0 else top[kind] - ref

    more, known = count(number("w", lowest) + top["w"] + 1), IdSet()
    numbered = folder / "numbered.osm.pbf"
    with osmium.SimpleWriter(str(numbered)) as writer:
        for thing in osmium.FileProcessor(str(path)):
            kind = thing.type_str()
            told: dict[str, object] = {"id": number(kind, thing.id)}
            if kind == "n":
                if not thing.location.valid():
                    continue
                known.set(number(kind, thing.id))
            if kind == "w":
                refs = [number("n", node.ref) for node in thing.nodes]
                first, *others = _parted(refs, known) if _street(thing) else [refs]
                for piece in others:
                    writer.add(thing.replace(id=next(more), nodes=piece))
                told["nodes"] = first
            if kind == "r":
                told["members"] = [(m.type, number(m.type, m.ref), m.role) for m in thing.members]
            writer.add(thing.replace(**told))
    return _sorted(numbered, folder / "mended.osm.pbf")


def _parted(refs: list[int], known: IdSet) -> list[list[int]]:
    """Return the pieces of a street of which the nodes are there; one without any, if none is."""
    runs = (list(run) for there, run in groupby(refs, key=known.get) if there)
    return [run for run in runs if len(run) > 1] or [[]]


def _clipped(source: Path, path: Path, clip: BaseGeometry) -> Path:
    wanted = osmium.IdTracker()
    for ids, lon, lat in _nodes(source):
        for node in ids[shapely.contains_xy(clip, lon, lat)].tolist():
            wanted.add_node(node)
    found = False
    for way in osmium.FileProcessor(str(source), WAY):
        if wanted.contains_any_references(way):
            wanted.add_way(way.id)
            found = True
    if not found:
        raise Invalid("clip_without_streets")
    _add_relations(source, wanted)
    wanted.complete_backward_references(str(source), relation_depth=1)
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in osmium.FileProcessor(str(source)).with_filter(wanted.id_filter()):
            writer.add(thing)
    return path


def _add_relations(source: Path, wanted: osmium.IdTracker) -> None:
    kinds = osmium.filter.TagFilter(*(("type", kind) for kind in _RELATIONS))
    relations = osmium.FileProcessor(str(source), RELATION).with_filter(kinds)
    ways = wanted.way_ids()
    for relation in relations:
        if any(member.type == "w" and ways.get(member.ref) for member in relation.members):
            wanted.add_relation(relation.id)


def _nodes(
    source: Path,
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]]:
    """Give ids, longitudes and latitudes of all nodes, many at a time."""
    batch: list[tuple[int, float, float]] = []
    for node in osmium.FileProcessor(str(source), NODE):
        if node.location.valid():
            batch.append(
                (node.id, node.location.lon_without_check(), node.location.lat_without_check())
            )
        if len(batch) == _BATCH:
            yield _columns(batch)
            batch.clear()
    if batch:
        yield _columns(batch)


def _columns(
    batch: list[tuple[int, float, float]],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    ids, lon, lat = zip(*batch, strict=True)
    return np.array(ids, np.int64), np.array(lon), np.array(lat)
