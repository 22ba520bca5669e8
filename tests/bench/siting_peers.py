"""spopt, asked where the next merchants would help most; and the next best, one by one.

spopt is for the benchmark alone: it lies in a folder of its own, and
``python -m tests.bench.siting_peers FILE.npz`` asks it in a process of its own.
"""

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.bench import street_peers
from tests.bench.serving import PROJECT

type Floats = NDArray[np.float64]

PATIENCE_S = 60
MOST_MB = 8_000
_TOLD = 120

bring = street_peers.bring


@dataclass(frozen=True, slots=True)
class Figures:
    """How well people are served by a choice, how long it took to find, and in how much memory."""

    share: float
    mean_min: float
    took_s: float = 0.0
    most_mb: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Minutes from homes to places, (n, m); the last place is there already."""

    objective: str
    count: int
    within_min: float
    minutes: Floats
    weight: Floats

    def figures(self, chosen: list[int]) -> Figures:
        """Return how well people are served when these places are open too."""
        walk = self.minutes[:, [*chosen, -1]].min(axis=1)
        near = self.weight[walk <= self.within_min].sum()
        people = self.weight.sum()
        return Figures(float(near / people), float((self.weight * walk).sum() / people))

    def one_by_one(self) -> list[int]:
        """Choose each next place as if it were the last."""
        walk, chosen = self.minutes[:, -1], []
        for _ in range(self.count):
            then = np.minimum(walk[:, None], self.minutes)
            worth = then <= self.within_min if self.objective == "cover" else -then
            place = int((self.weight @ worth).argmax())
            chosen.append(place)
            walk = then[:, place]
        return chosen


def ask(question: Question, folder: Path) -> tuple[Figures | None, str]:
    """Return what comes of what spopt chooses, or why it chose nothing."""
    asked = folder / "siting.npz"
    np.savez(asked, **{name: getattr(question, name) for name in question.__slots__})
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.siting_peers", str(asked)],
            cwd=PROJECT,
            env=os.environ | {"PYTHONPATH": str(folder / "spopt")},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
    except subprocess.TimeoutExpired:
        return None, f"none within {PATIENCE_S} s"
    if done.returncode:
        return None, f"it ended with {done.returncode}: {done.stderr.strip()[-_TOLD:]}"
    told = json.loads(done.stdout.splitlines()[-1])
    served = question.figures(told["chosen"])
    return Figures(served.share, served.mean_min, told["took_s"], told["most_mb"]), ""


def _choose(asked: dict[str, Any]) -> list[int]:
    import pulp  # noqa: PLC0415 - only here, and only in this process
    from spopt.locate import MCLP, PMedian  # noqa: PLC0415 - likewise

    minutes, weight, new = asked["minutes"], asked["weight"], int(asked["count"])
    there = np.zeros(minutes.shape[1], dtype=np.int64)
    there[-1] = 1
    if str(asked["objective"]) == "cover":
        model = MCLP.from_cost_matrix(
            minutes, weight, float(asked["within_min"]), new + 1, predefined_facilities_arr=there
        )
    else:
        model = PMedian.from_cost_matrix(minutes, weight, new + 1, predefined_facilities_arr=there)
    model.solve(pulp.PULP_CBC_CMD(msg=False))
    opened = [place for place, of in enumerate(model.fac_vars) if of.value() > 0.5]
    return opened[:-1]


def main() -> None:
    """Read what is asked, ask, print."""
    # A model that needs more would take the memory of all else on the machine.
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MB << 20, MOST_MB << 20))
    with np.load(sys.argv[1]) as told:
        asked = dict(told)
    began = time.perf_counter()
    chosen = _choose(asked)
    took_s = time.perf_counter() - began
    most = (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
    )
    print(json.dumps({"chosen": chosen, "took_s": took_s, "most_mb": max(most) / 1024}))


if __name__ == "__main__":
    main()
