"""networkx with the habits of OSMnx, and pandana, asked what Linju is asked.

They are for the benchmark alone: pip lays them into a folder of their own, with the numpy that
they want, and ``python -m tests.bench.street_peers NAME FILE.npz`` asks one of them in a
process of its own. It prints one line of JSON: readings in ms by question.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from tests.bench.serving import PROJECT
from tests.bench.timing import again, each

type Found = dict[str, list[float]]

CUT_MIN = 15
"""pandana is quicker when it does not look farther than so many minutes."""

_WHOLE_M = 60_000
_METRES_A_MINUTE = 75.0
_TOLD = 400


def bring(folder: Path, names: Sequence[str] = ("networkx", "pandana")) -> dict[str, str]:
    """Lay them into ``folder``; return for each why that cannot be, or ""."""
    troubles = {}
    for name in names:
        command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
        command += ["--only-binary=:all:", "--target", str(folder / name), name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        troubles[name] = (" ".join(errors) or "pip failed")[:_TOLD] if done.returncode else ""
    return troubles


def ask(name: str, asked: Path, folder: Path) -> tuple[Found, str]:
    """Ask one of them in its own process; return its readings, or why there are none."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.street_peers", name, str(asked)],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(folder / name)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return {}, f"it ended with {done.returncode}: {done.stderr[-_TOLD:]}"
    return json.loads(done.stdout.splitlines()[-1]), ""


def _networkx(asked: dict[str, np.ndarray], out: Path) -> Found:
    import networkx as nx  # noqa: PLC0415 - only here, and only in this process

    found: Found = {}
    graphs = {}
    for mode in ("foot", "car"):
        graphs[mode] = nx.MultiDiGraph()
        graphs[mode].add_nodes_from(
            (node, {"x": x, "y": y}) for node, (x, y) in enumerate(asked["xy"].tolist())
        )
        usable = asked[mode]
        for (first, last), metres in zip(
            asked["ends"][usable].tolist(), asked["length_m"][usable].tolist(), strict=True
        ):
            graphs[mode].add_edge(first, last, length=metres)
            graphs[mode].add_edge(last, first, length=metres)

        def way(pair: list[int], graph: nx.MultiDiGraph = graphs[mode]) -> object:
            try:
                return nx.shortest_path(graph, *pair, weight="length")
            except nx.NetworkXNoPath:
                return None

        found[f"route {mode}"] = each(way, asked["pairs"].tolist()).every_ms
    foot = graphs["foot"]

    def near(rows: tuple[int, list[int]], cutoff: float | None = None) -> object:
        start, ends = rows
        metres = nx.single_source_dijkstra_path_length(foot, start, cutoff, weight="length")
        return sorted((end for end in ends if end in metres), key=metres.__getitem__)[:10]

    rows = list(zip(asked["near_from"].tolist(), asked["near_to"].tolist(), strict=True))
    found["near"] = each(near, rows).every_ms
    found["near, cut"] = each(lambda row: near(row, 5_000.0), rows).every_ms
    metres = {}

    def many() -> None:
        tree = cKDTree(asked["xy"])
        targets, origins = tree.query(asked["targets"])[1], tree.query(asked["origins"])[1]
        by_node = nx.multi_source_dijkstra_path_length(foot, set(targets.tolist()), weight="length")
        metres["all"] = np.array([by_node.get(node, np.nan) for node in origins.tolist()])

    found["many"] = again(many, 3).every_ms
    np.save(out, metres["all"])
    return found


def _pandana(asked: dict[str, np.ndarray], out: Path) -> Found:
    import pandana  # noqa: PLC0415 - only here, and only in this process
    import pandas as pd  # noqa: PLC0415 - in the version that pandana wants

    usable = asked["foot"]
    x, y = (pd.Series(column) for column in asked["xy"].T)
    first, last = (pd.Series(column) for column in asked["ends"][usable].T.astype(np.int64))
    weights = pd.DataFrame({"length": asked["length_m"][usable]})
    networks = []
    found = {"ready": again(
        lambda: networks.append(pandana.Network(x, y, first, last, weights)), 1
    ).every_ms}  # fmt: skip
    network = networks[0]
    pairs = asked["pairs"].tolist()
    found["route foot"] = each(lambda pair: network.shortest_path(*pair), pairs).every_ms
    targets, origins = (
        pd.DataFrame(asked[name], columns=["x", "y"]) for name in ("targets", "origins")
    )
    metres = {}

    def many(reach_m: float) -> None:
        network.set_pois("all", reach_m, 1, targets.x, targets.y)
        by_node = network.nearest_pois(reach_m, "all", num_pois=1)[1]
        nodes = network.get_node_ids(origins.x, origins.y)
        metres["all"] = by_node.loc[nodes].to_numpy()

    found["many, cut"] = again(lambda: many(CUT_MIN * _METRES_A_MINUTE), 3).every_ms
    found["many"] = again(lambda: many(_WHOLE_M), 3).every_ms
    np.save(out, metres["all"])
    return found


_PEERS: dict[str, Callable[[dict[str, np.ndarray], Path], Found]] = {
    "networkx": _networkx,
    "pandana": _pandana,
}


def main() -> None:
    """Read what is asked, ask the one that is named, print."""
    name, file = sys.argv[1], Path(sys.argv[2])
    with np.load(file) as asked:
        found = _PEERS[name](dict(asked), file.with_name(f"{name}.npy"))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
