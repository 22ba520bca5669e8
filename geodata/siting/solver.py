"""HiGHS, started for one question and ended with it, however that ends."""

import io
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from geodata.errors import Unavailable

LIMIT_S: Final = 22.0
"""After so long the best so far is the answer, with how far from the best it may be."""

_GRACE_S: Final = 2.0
"""So long it may take to notice that the time is over."""

_EVERY_S: Final = 1.0
CHILD: Final = Path(__file__).with_name("child.py")
"""The program that runs HiGHS."""

type Told = Callable[[float], None]
"""Is told how far the search is, 0 to 1, every second at least; what it raises ends the search."""


@dataclass(frozen=True, slots=True)
class Gains:
    """What each home gains by each place: a sparse table.

    Parameters
    ----------
    home, place
        Rows of the homes and of the places, (n,); no pair twice.
    gain
        More than nothing, (n,). A home gains by the best place that is opened.
    places
        How many places there are.
    """

    home: NDArray[np.int32]
    place: NDArray[np.int32]
    gain: NDArray[np.float64]
    places: int


@dataclass(frozen=True, slots=True)
class Best:
    """The best choice that was found: places, what is gained, and what no choice exceeds."""

    places: list[int]
    gain: float
    bound: float


def best(
    gains: Gains, count: int, *, limit_s: float = LIMIT_S, told: Told = lambda _: None
) -> Best:
    """Choose so many places that the homes gain most by them together.

    HiGHS works in a process of its own, so that neither its memory nor its mistakes are this
    one's; it ends when this process does.

    Raises
    ------
    Unavailable
        ``siting_failed`` with ``reason``.
    """
    if not len(gains.gain):
        return Best([], 0.0, 0.0)
    # HiGHS's tolerances suit numbers about as large as one.
    unit = float(gains.gain.mean())
    question = packed(gains, unit, count, limit_s)
    # -P: beside the script stand modules of ours with names of their own.
    process = subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-P", str(CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,  # a few words at most: it would wait where a pipe is full
    )
    try:
        line = _followed(process, question, limit_s + _GRACE_S, told)
    finally:
        process.kill()
        _, complaint = process.communicate()
    if line is None:
        raise Unavailable("siting_failed", reason=complaint.decode(errors="replace")[-200:].strip())
    return Best(line["chosen"], line["value"] * unit, line["bound"] * unit)


def packed(gains: Gains, unit: float, count: int, limit_s: float) -> bytes:
    """Return a question as :data:`CHILD` reads it."""
    file = io.BytesIO()
    np.savez(
        file,
        home=gains.home.astype(np.int64),
        place=gains.place.astype(np.int64),
        gain=gains.gain / unit,
        places=np.array(gains.places),
        count=np.array(count),
        limit_s=np.array(limit_s),
    )
    packed = file.getvalue()
    return len(packed).to_bytes(8, "little") + packed


def _followed(
    process: subprocess.Popen[bytes], question: bytes, patience_s: float, told: Told
) -> dict[str, Any] | None:
    """Return the last that the process told: where it failed, nothing."""
    lines: queue.Queue[bytes] = queue.Queue()

    def listen() -> None:
        assert process.stdin is not None  # noqa: S101  both are pipes
        assert process.stdout is not None  # noqa: S101  as above
        try:
            process.stdin.write(question)
            process.stdin.flush()
            for line in process.stdout:
                lines.put(line)
        except OSError:
            pass  # it was ended meanwhile
        finally:
            lines.put(b"")

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    began, last = time.monotonic(), None
    ends = began + patience_s
    while time.monotonic() < ends:
        try:
            line = lines.get(timeout=_EVERY_S)
        except queue.Empty:
            line = None
        if line == b"":
            return last if last and last["ended"] else None
        if line:
            last = orjson.loads(line)
        told(max(last["progress"] if last else 0.0, (time.monotonic() - began) / patience_s))
    return last
