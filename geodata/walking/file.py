"""The walking graph as one file: a zip of numpy arrays."""

import os
import struct
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from geodata.errors import Unavailable

NAMES: Final = (
    "lon",
    "lat",
    "ends",
    "length_m",
    "modes",
    "shape",
    "shape_start",
    "walls",
    "gates",
    "gate_node",
)
"""The arrays of a graph, by the names of its fields."""

FORMAT: Final = 1
"""Written into each file; another number is another kind of file."""

_DAMAGE: Final = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    NotImplementedError,
    struct.error,
    zipfile.BadZipFile,
    shapely.errors.GEOSException,
)


def write(path: Path, arrays: dict[str, Any]) -> None:
    """Write the arrays so that a reader finds the old file or the new one, never a part."""
    wkb = shapely.to_wkb(arrays["walls"])
    ends = np.cumsum([0, *(len(wall) for wall in wkb)])
    stored = arrays | {
        "walls": np.frombuffer(b"".join(wkb), dtype=np.uint8),
        "wall_ends": ends,
        "format": np.int64(FORMAT),
    }
    new = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        with new.open("wb") as out:
            np.savez(out, **stored)
            out.flush()
            os.fsync(out.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    with suppress(PermissionError):  # Windows opens no folders
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # or the new name may be lost with the power
        finally:
            os.close(folder)


def read(path: Path) -> dict[str, Any]:
    """Read the arrays; what is damaged raises ``Unavailable`` (``streets_unreadable``)."""
    try:
        # Left to open the file itself, numpy leaves a damaged one open.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in NAMES}
            ends = stored["wall_ends"]
            if stored["format"] != FORMAT:
                raise ValueError
        raw = arrays["walls"].tobytes()
        spans = zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
        arrays["walls"] = np.array(
            [shapely.from_wkb(raw[start:end]) for start, end in spans], dtype=np.object_
        )
    except _DAMAGE as damage:
        raise Unavailable("streets_unreadable", path=str(path)) from damage
    return arrays
