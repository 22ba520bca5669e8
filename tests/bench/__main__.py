"""Measure Linju beside its peers: ``make bench``, or ``python -m tests.bench`` for parts of it.

It prints tables and judges nothing: a machine's load is not a mistake in the code.
"""

import argparse
import contextlib
import tempfile
from pathlib import Path

from tests.bench import (
    api,
    browser,
    emergency,
    ground,
    imports,
    matrix,
    registrations,
    review,
    rounds,
    siting,
    streets,
    writes,
)
from tests.bench.shown import machine, thousands
from tests.bench.stores import Stores

PARTS = (
    "browser",
    "api",
    "memory",
    "import",
    "writes",
    "registrations",
    "review",
    "streets",
    "ground",
    "emergency",
    "rounds",
    "matrix",
    "siting",
)
SIZES = (1_000, 10_000, 100_000, 1_000_000)
_API_FROM = 100_000
"""Below, everything is in memory anyway, and the numbers say nothing new."""
_IMPORTED = 100_000
_WAITING = 100_000
_APART = {
    "writes": writes,
    "registrations": registrations,
    "streets": streets,
    "ground": ground,
    "emergency": emergency,
    "rounds": rounds,
    "matrix": matrix,
    "siting": siting,
}
"""What needs nothing but a folder."""


def main() -> None:
    """Run the parts asked for, in one run and on one machine."""
    asked = _asked()
    print(f"邻距 Linju, measured {machine()}")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="linju-bench-")))
        if asked.keep:
            asked.keep.mkdir(parents=True, exist_ok=True)
        stores = Stores(asked.keep or folder)
        sizes = sorted(asked.sizes)
        if "browser" in asked.only:
            browser.measure(stores, sizes, folder)
        if {"api", "memory"} & asked.only:
            large = [n for n in sizes if n >= _API_FROM] or sizes[-1:]
            api.measure(stores, large, folder, with_memory="memory" in asked.only)
        if "import" in asked.only:
            imports.measure(min(_IMPORTED, sizes[-1]), folder)
        if "review" in asked.only:
            review.measure(min(_WAITING, sizes[-1]), asked.keep or folder)
        for name, part in _APART.items():
            if name in asked.only:
                part.measure(folder)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    told = ",".join(map(thousands, SIZES))
    parser.add_argument(
        "--sizes",
        type=lambda text: [int(part) for part in text.split(",")],
        default=SIZES,
        help=f"how many merchants, with commas (default {told}, written out)",
    )
    parser.add_argument(
        "--only",
        type=_parts,
        default=frozenset(PARTS),
        help=f"parts of it, with commas: {', '.join(PARTS)}; memory is measured behind api",
    )
    parser.add_argument(
        "--keep", type=Path, help="a folder that keeps the filled stores for the next run"
    )
    return parser.parse_args()


def _parts(text: str) -> frozenset[str]:
    parts = frozenset(text.split(","))
    if strange := parts - set(PARTS):
        raise argparse.ArgumentTypeError(f"no such part: {', '.join(sorted(strange))}")
    return parts


if __name__ == "__main__":
    main()
