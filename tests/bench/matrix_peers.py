"""pandana with PySAL's ``access``, and networkx, asked for walks and catchments.

They are for the benchmark alone: pandana and networkx lie in folders of their own, and
``python -m tests.bench.matrix_peers NAME FILE.npz`` asks one of them in a process of its own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from tests.bench import street_peers
from tests.bench.serving import PROJECT
from tests.bench.timing import again

type Found = dict[str, float]
type Asked = Mapping[str, Any]

bring = street_peers.bring

_METRES_A_MINUTE = 75.0
_WHOLE_M = 60_000
_SOME = 200
"""From so many merchants networkx looks around; the others would take it as long each."""
_TOLD = 400


@dataclass(slots=True)
class Told:
    """What each peer took, by step, and why one took nothing."""

    found: dict[str, Found] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def ask_all(asked: Path, folder: Path, troubles: Mapping[str, str]) -> Told:
    """Ask every peer, PySAL for the last step of pandana."""
    told = Told()
    for name, trouble in troubles.items():
        found, failure = ({}, trouble) if trouble else _ask(name, asked, folder / name)
        if name == "pandana" and found:
            more, failure = _ask("pysal", asked, None)
            found["catchments"] += more.pop("catchments", 0.0)
            found |= more
        if failure:
            told.notes.append(f"{name} is left out: {failure}")
        if found:
            told.found["pandana, PySAL" if name == "pandana" else name] = found
    told.notes.append(
        "PySAL makes the catchments of pairs that pandana finds; networkx looks around some"
        f" {_SOME} merchants, and is told as if it had asked all."
    )
    return told


def _ask(name: str, asked: Path, packages: Path | None) -> tuple[Found, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.matrix_peers", name, str(asked)],
        cwd=PROJECT,
        env=os.environ | ({"PYTHONPATH": str(packages)} if packages else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return {}, f"it ended with {done.returncode}: {done.stderr[-_TOLD:]}"
    return json.loads(done.stdout.splitlines()[-1]), ""


def _networkx(asked: Asked, _pairs: Path) -> Found:
    import networkx as nx  # noqa: PLC0415 - only here, and only in this process

    streets = nx.MultiGraph()
    for (first, last), metres in zip(
        asked["ends"].tolist(), asked["length_m"].tolist(), strict=True
    ):
        streets.add_edge(first, last, length=metres)
    known = np.array(sorted(streets))
    nodes: dict[str, Any] = {}

    def join() -> None:
        tree = cKDTree(asked["xy"][known])
        for name in ("homes", "merchants"):
            nodes[name] = known[tree.query(asked[name])[1]]

    found = {"joins": again(join, 1).p50_ms}
    walks = []

    def nearest(cutoff: float | None) -> None:
        for kind in np.unique(asked["kind"]).tolist():
            starts = set(nodes["merchants"][asked["kind"] == kind].tolist())
            far = nx.multi_source_dijkstra_path_length(streets, starts, cutoff, weight="length")
            walks.append(np.array([far.get(node, np.inf) for node in nodes["homes"].tolist()]))

    limit = float(asked["within_min"]) * _METRES_A_MINUTE
    found["nearest"] = again(lambda: nearest(None), 1).p50_ms
    found["nearest, cut"] = again(lambda: nearest(limit), 1).p50_ms
    some = nodes["merchants"][:_SOME].tolist()

    def around() -> None:
        for node in some:
            nx.single_source_dijkstra_path_length(streets, node, limit, weight="length")

    found["catchments"] = again(around, 1).p50_ms * len(asked["merchants"]) / len(some)
    return found | {"share": _share(walks[0], asked)}


def _pandana(asked: Asked, pairs: Path) -> Found:
    import pandana  # noqa: PLC0415 - only here, and only in this process
    import pandas as pd  # noqa: PLC0415 - in the version that pandana wants

    x, y = (pd.Series(column) for column in asked["xy"].T)
    first, last = (pd.Series(column) for column in asked["ends"].T.astype(np.int64))
    network = pandana.Network(x, y, first, last, pd.DataFrame({"length": asked["length_m"]}))
    places = {
        name: pd.DataFrame(asked[name], columns=["x", "y"]) for name in ("homes", "merchants")
    }
    nodes: dict[str, Any] = {}

    def join() -> None:
        for name, one in places.items():
            nodes[name] = network.get_node_ids(one.x, one.y).to_numpy()

    found = {"joins": again(join, 1).p50_ms}
    walks = []

    def nearest(reach_m: float) -> None:
        for kind in np.unique(asked["kind"]).tolist():
            shops = places["merchants"][asked["kind"] == kind]
            network.set_pois(str(kind), reach_m, 1, shops.x, shops.y)
            by_node = network.nearest_pois(reach_m, str(kind), num_pois=1)[1]
            walks.append(by_node.loc[nodes["homes"]].to_numpy())

    limit = float(asked["within_min"]) * _METRES_A_MINUTE
    found["nearest"] = again(lambda: nearest(_WHOLE_M), 1).p50_ms
    found["nearest, cut"] = again(lambda: nearest(limit), 1).p50_ms

    def around() -> None:
        near = network.nodes_in_range(np.unique(nodes["merchants"]).tolist(), limit)
        shops = pd.DataFrame({"source": nodes["merchants"], "merchant": range(len(asked["kind"]))})
        homes = pd.DataFrame({"destination": nodes["homes"], "home": range(len(places["homes"]))})
        told = near.merge(shops, on="source").merge(homes, on="destination")
        np.savez(pairs, home=told["home"], merchant=told["merchant"], metres=told["length"])

    found["catchments"] = again(around, 1).p50_ms
    return found | {"share": _share(walks[0], asked)}


def _pysal(asked: Asked, pairs: Path) -> Found:
    import geopandas as gpd  # noqa: PLC0415 - only here, and only in this process
    import pandas as pd  # noqa: PLC0415 - likewise
    from access import fca  # noqa: PLC0415 - likewise

    with np.load(pairs) as told:
        cost = pd.DataFrame(
            {"origin": told["home"], "dest": told["merchant"], "cost": told["metres"]}
        )
    demand = gpd.GeoDataFrame(
        {"geoid": range(len(asked["homes"])), "demand": asked["residents"]},
        geometry=gpd.points_from_xy(*asked["homes"].T),
    )
    supply = gpd.GeoDataFrame(
        {"geoid": range(len(asked["merchants"])), "supply": 1.0, "kind": asked["kind"]},
        geometry=gpd.points_from_xy(*asked["merchants"].T),
    )
    limit = float(asked["within_min"]) * _METRES_A_MINUTE
    scores = []

    def catchments() -> None:
        for kind in np.unique(asked["kind"]).tolist():
            some = supply[supply["kind"] == kind]
            near = cost[cost["dest"].isin(some["geoid"])]
            found = fca.two_stage_fca(demand, some, near, limit)
            scores.append(found.reindex(demand["geoid"]).fillna(0).to_numpy())

    found = {"catchments": again(catchments, 1).p50_ms}
    people = asked["residents"]
    return found | {"score": float((scores[0] * people).sum() / people.sum() * 1000)}


def _share(metres: Any, asked: Asked) -> float:
    near = metres <= float(asked["within_min"]) * _METRES_A_MINUTE
    return float(asked["households"][near].sum() / asked["households"].sum())


_PEERS: dict[str, Callable[[Asked, Path], Found]] = {
    "networkx": _networkx,
    "pandana": _pandana,
    "pysal": _pysal,
}


def main() -> None:
    """Read what is asked, ask the one that is named, print."""
    name, file = sys.argv[1], Path(sys.argv[2])
    with np.load(file) as told:
        found = _PEERS[name](dict(told), file.with_suffix(".pairs.npz"))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
