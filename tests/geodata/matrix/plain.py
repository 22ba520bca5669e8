"""The readings as their formulas are written, slowly: networkx and loops over pairs."""

import math
from itertools import product

import networkx as nx
import numpy as np

from geodata.modes import WALK_MPS, Mode
from geodata.walking import join, standing


def minutes_between(graph, homes, merchants, closed=None, cutoff=None):
    """Return minutes from each home to each merchant, lists of lists; infinite without a way.

    Nor is there a way where the part of it between two junctions is longer than the ``cutoff``.
    """
    usable = graph.open_to(Mode.FOOT)
    usable = usable if closed is None else usable & ~closed
    streets = nx.MultiGraph()
    for edge in np.flatnonzero(usable).tolist():
        streets.add_edge(*graph.ends[edge].tolist(), length=float(graph.length_m[edge]))
    homes, merchants = (
        [_placed(graph, joins, row, usable) for row in range(len(joins))]
        for joins in (
            standing(graph, join(graph, *np.reshape(some, (-1, 2)).T), usable)
            for some in (homes, merchants)
        )
    )
    far = {}
    for node in {node for one in merchants if one for node, _ in one["ends"]}:
        far[node] = nx.single_source_dijkstra_path_length(streets, node, cutoff, weight="length")
    return [[_minutes(home, one, far) for one in merchants] for home in homes]


def _placed(graph, joins, row, usable):
    edge = int(joins.edge[row])
    if edge < 0 or not usable[edge]:
        return None
    along, length = float(joins.along_m[row]), float(graph.length_m[edge])
    first, last = graph.ends[edge].tolist()
    ends = [(first, along), (last, max(length - along, 0.0))]
    return {"edge": edge, "along": along, "ends": ends, "away": float(joins.away_m[row])}


def _minutes(home, merchant, far):
    if home is None or merchant is None:
        return math.inf
    ways = [
        off + far[end].get(node, math.inf) + back
        for (node, off), (end, back) in product(home["ends"], merchant["ends"])
    ]
    if home["edge"] == merchant["edge"]:
        ways.append(abs(home["along"] - merchant["along"]))
    return (min(ways) + home["away"] + merchant["away"]) / WALK_MPS / 60


def median(minutes, households):
    """Return the least minutes that half of the households do with; None where nobody lives."""
    total = sum(households)
    if total == 0:
        return None
    for limit in sorted(set(minutes)):
        if 2 * sum(n for far, n in zip(minutes, households, strict=True) if far <= limit) >= total:
            return limit
    raise AssertionError


def share(minutes, households, within_min):
    total = sum(households)
    near = sum(n for far, n in zip(minutes, households, strict=True) if far <= within_min)
    return near / total if total else None


def scores(minutes, residents, within_min):
    """Return the 2SFCA score of each home for merchants of one kind, for each 1,000 residents."""
    found = [0.0] * len(residents)
    for merchant in range(len(minutes[0]) if minutes else 0):
        reached = [n for n, row in enumerate(minutes) if row[merchant] <= within_min]
        people = sum(residents[n] for n in reached)
        for home in reached:
            found[home] += 1000 / people if people else 0.0
    return found


def mean(values, residents):
    total = sum(residents)
    if not total:
        return None
    return sum(one * n for one, n in zip(values, residents, strict=True)) / total
