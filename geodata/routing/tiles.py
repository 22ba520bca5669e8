"""Tiles: the streets as Valhalla reads them, and the settings it reads them with."""

import copy
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from valhalla import PYVALHALLA_DIR, get_config

from geodata.errors import Unavailable

TILES: Final = "tiles.tar"

_ABSENT: Final = (
    "admin",
    "default_speeds_config",
    "landmarks",
    "timezone",
    "traffic_extract",
    "transit_dir",
    "transit_feeds_dir",
)
"""Files of the default settings that we do not make; their absence would be complained of."""

_BUILDERS: Final = 2
_FULL: Final = 4_000_000
"""Bytes: a program that failed and had less than this on the disk failed for want of room."""
_LOOK_S: Final = 0.05
_LAST_LINES: Final = 3
_NO_LIMIT: Final = 50_000_000.0
"""Metres: a way farther than once round the globe there is none."""

# A whole wall of closures, and a matrix as large as the memory bears: Router.matrix asks in blocks.
_MATRIX_PAIRS: Final = 1_000_000
_PLACES: Final = 10_000
_CLOSURE_VERTICES: Final = 100_000
_CLOSURE_M: Final = 5_000_000
_OTHER_WAYS: Final = 4


def settings(tiles: Path) -> dict[str, Any]:
    """Return the settings with which Valhalla answers from a tile archive.

    Parameters
    ----------
    tiles
        The archive that :func:`build_tiles` made; it need not exist yet.

    Returns
    -------
    dict
        Valhalla's defaults, less files that we do not make, with the matrix algorithm that
        is quick for few sources and many targets, and with limits fit for ourselves.
    """
    # What it gives shares its inner parts with every other caller's.
    config: dict[str, Any] = copy.deepcopy(get_config(tile_extract="", tile_dir=""))
    mjolnir = config["mjolnir"]
    for name in _ABSENT:
        mjolnir.pop(name, None)
    mjolnir["tile_extract"] = str(tiles.absolute())
    config["thor"]["source_to_target_algorithm"] = "timedistancematrix"
    limits = config["service_limits"]
    for mode in ("pedestrian", "bicycle", "auto"):
        # Not max_matrix_distance: for every metre of it a matrix on foot keeps a drawer, and
        # for all the globe took 1.5 GB and 0.1 s.
        limits[mode].update(
            max_distance=_NO_LIMIT,
            max_locations=_PLACES,
            max_matrix_location_pairs=_MATRIX_PAIRS,
        )
    limits["max_exclude_polygons_length"] = _CLOSURE_M
    limits["max_exclude_polygons_vertices"] = _CLOSURE_VERTICES
    limits["max_alternates"] = _OTHER_WAYS
    return config


def build_tiles(pbf: Path, folder: Path) -> Path:
    """Make the routing tiles of an OpenStreetMap extract.

    Parameters
    ----------
    pbf
        The extract, ``.osm.pbf`` or ``.osm``, its objects ordered by kind and number.
    folder
        Where ``tiles.tar`` is put; what else is made on the way is taken away again. It must
        exist.

    Returns
    -------
    pathlib.Path
        The archive. It may be moved: nothing in it tells where it was made.

    Raises
    ------
    Unavailable
        ``disk_full`` with ``path``; ``engine_failed`` with the program's last words, or the
        signal that ended it, as ``reason``: the file is broken, or holds nothing to go along.

    Notes
    -----
    A large city (wuhan, 92,642 segments) takes 3 s on 2 cores and 135 MB.
    """
    out = folder / TILES
    parts = folder / "tiles.parts"
    config = settings(out)
    config["mjolnir"].update(tile_dir=str(parts.absolute()), concurrency=_BUILDERS)
    config_file = folder / "tiles.json"
    try:
        parts.mkdir()
        config_file.write_text(json.dumps(config), encoding="utf-8")
        _run([str(PYVALHALLA_DIR / "bin" / "valhalla_build_tiles"), "-c", config_file, pbf], folder)
        packer = PYVALHALLA_DIR / "valhalla_build_extract.py"
        _run([sys.executable, str(packer), "-c", config_file, "-O"], folder)
    finally:
        shutil.rmtree(parts, ignore_errors=True)
        config_file.unlink(missing_ok=True)
    return out


def _run(command: list[str | Path], folder: Path) -> None:
    with subprocess.Popen(  # noqa: S603 - the engine's own program, and paths that we chose
        [Path(part).absolute() if isinstance(part, Path) else part for part in command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as program:
        try:
            told, least = _finish(program, folder)
        finally:
            program.kill()  # where we were interrupted; one that has ended it does no harm
    if program.returncode == 0:
        return
    # What it writes by way of memory or without a look back ends it later, by a signal or over
    # its own damaged files, and then there is room again.
    if "No space left on device" in told or least < _FULL:
        raise Unavailable("disk_full", path=str(folder))
    words = [line.strip() for line in told.splitlines() if line.strip()][-_LAST_LINES:]
    if program.returncode < 0:
        words.append(f"({_signal(-program.returncode)})")
    raise Unavailable("engine_failed", reason=" ".join(words) or "no words")


def _finish(program: subprocess.Popen[str], folder: Path) -> tuple[str, int]:
    """Wait for a program; return its words, and the least room that the disk had meanwhile."""
    least = shutil.disk_usage(folder).free
    while True:
        try:
            told, _ = program.communicate(timeout=_LOOK_S)
        except subprocess.TimeoutExpired:
            least = min(least, shutil.disk_usage(folder).free)
        else:
            return told, min(least, shutil.disk_usage(folder).free)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal has no name
        return f"signal {number}"
