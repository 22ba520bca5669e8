"""The build of streets from an extract, in a process of its own, with its time and memory.

``python -m tests.bench.building EXTRACT SHELF`` is that process.
"""

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from geodata.roads import Shelf
from geodata.roads.building import build
from tests.bench.serving import PROJECT
from tests.bench.shown import number, table
from tests.bench.stores import ACTOR

_LOOK_EVERY_S = 0.05


@dataclass(slots=True)
class _Tree:
    """A process and all below it, looked at again and again: what they hold together."""

    pid: int
    most_mb: dict[str, float] = field(default_factory=dict)
    """By program, and "" for all at the same moment."""

    def look(self) -> None:
        together = 0.0
        for pid in _with_children(self.pid):
            program, held = _held_mb(pid)
            together += held
            self.most_mb[program] = max(self.most_mb.get(program, 0.0), held)
        self.most_mb[""] = max(self.most_mb.get("", 0.0), together)


def measure(extract: Path, folder: Path) -> Path:
    """Print how a build went; return the folder of the version."""
    shelf = folder / "streets"
    began = time.perf_counter()
    with (folder / "build.log").open("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.building", str(extract), str(shelf)],
            cwd=PROJECT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        tree = _Tree(process.pid)
        while process.poll() is None:
            tree.look()
            time.sleep(_LOOK_EVERY_S)
        whole = time.perf_counter() - began
        log.seek(0)
        told = log.read()
    if process.returncode:
        sys.exit(f"The build failed:\n{told[-2000:]}")
    _show(extract, json.loads(told.splitlines()[-1]), whole, tree.most_mb)
    return Shelf(shelf).path(Shelf(shelf).pointer().current)


def _show(extract: Path, told: dict, whole: float, most_mb: dict[str, float]) -> None:
    rows = [(f"  {stage}", number(seconds)) for stage, seconds in told["stages"].items()]
    starting = whole - sum(told["stages"].values())
    table(
        f"geodata.roads.building.build of {extract.name} ({extract.stat().st_size / 1e6:.2f} MB)",
        ("", "s"),
        [("whole, as a process", number(whole)), ("  starting Python", number(starting)), *rows],
        f"{told['streets']:,} streets, {told['km']:,.0f} km, {told['buildings']:,} buildings;"
        f" {told['bytes'] / 1e6:.1f} MB on the disk.",
        "Memory, MB (PSS): "
        + (f"{number(most_mb.pop(''))} together" if most_mb.get("") else "the system does not tell")
        + "".join(f"; {name} {number(mb)}" for name, mb in sorted(most_mb.items()) if name)
        + ".",
        "By getrusage, MB (RSS): itself {}, the largest child {}, which counts what it was".format(
            *map(number, told["rss_mb"])
        )
        + " forked from.",
        "Aim: 20 s and 1 GB.",
    )


def _with_children(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        try:
            for told in Path(f"/proc/{one}/task").glob("*/children"):
                found += map(int, told.read_text().split())
        except OSError:
            continue  # it has ended meanwhile
    return found


def _held_mb(pid: int) -> tuple[str, float]:
    try:
        told = Path(f"/proc/{pid}/smaps_rollup").read_text()
        program = Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return "", 0.0
    sizes = dict(line.split(":", 1) for line in told.splitlines()[1:])
    return program, int(sizes["Pss"].split()[0]) / 1024


def _build(extract: Path, shelf: Path) -> dict:
    begun: list[tuple[str, float]] = []
    version = build(
        Shelf(shelf),
        extract,
        actor=ACTOR,
        stages=lambda stage: begun.append((stage, time.perf_counter())),
    )
    ends = [at for _, at in begun[1:]] + [time.perf_counter()]
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {
        "stages": {stage: end - at for (stage, at), end in zip(begun, ends, strict=True)},
        "streets": version.streets,
        "km": version.km,
        "buildings": version.buildings,
        "bytes": version.bytes,
        # In kB, but on macOS in bytes.
        "rss_mb": [
            one.ru_maxrss / (1024 if sys.platform != "darwin" else 1 << 20) for one in usage
        ],
    }


if __name__ == "__main__":
    print(json.dumps(_build(Path(sys.argv[1]), Path(sys.argv[2]))))
