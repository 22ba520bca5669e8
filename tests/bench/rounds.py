"""A round of visits: how long it takes to find, and how short it is, beside OR-Tools.

On the demonstration's homes, on foot. OR-Tools gets the same table of times and ten seconds;
networkx makes the table in its own way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from geodata import rounds
from geodata.modes import WALK_MPS, Mode
from geodata.roads import Streets
from geodata.rounds import MOST_VISITS, MOST_WORKERS, Solution, Solver, Visit, Worker
from geodata.rounds.day import Day
from geodata.rounds.solver import IDLE_S, lent
from geodata.rounds.solving import ordered
from geodata.routing import barred
from geodata.walking import Graph, join
from tests.bench import nearby
from tests.bench.shown import number, table
from tests.bench.stores import ACTOR, opened
from tests.bench.timing import Timed, each

VISITS, WORKERS, PROBLEMS = 40, 3, 5
PATIENCE_S = 10
MORNING = datetime(2026, 11, 25, 0, tzinfo=UTC)
DAY_S = 6 * 3600
_WINDOW_S = 5400
_WINDOWED = 0.6
_LEFT_OUT_S = 10**7
"""Costs more than any way: whom one leaves out is decided before how one goes."""

type Floats = NDArray[np.float64]
type Asked = tuple[list[Worker], list[Visit]]


@dataclass(frozen=True, slots=True)
class _Tours:
    """What somebody found: how many visits are made, and seconds on the way."""

    visits: int
    way_s: int

    def beside(self, other: "_Tours") -> str:
        if self.visits != other.visits:
            return f"{self.visits - other.visits:+} visits"
        return f"{100 * (self.way_s / other.way_s - 1):+.2f} %"


def measure(folder: Path) -> None:
    """Print how long rounds take and how good they are."""
    store = nearby.demonstration(folder)
    shelf = store.parent / "roads"
    streets = Streets.of(next(path for path in sorted(shelf.iterdir()) if path.is_dir()))
    with opened(store) as office, office.reading() as tx:
        homes = [(row["lon"], row["lat"]) for row in tx.rows("home", columns=("lon", "lat"))]
    asked = [_problem(homes, seed, VISITS, WORKERS) for seed in range(PROBLEMS)]
    _solved(streets, asked[0])  # opens the engine
    found: list[Solution] = []
    whole = each(lambda one: found.append(_solved(streets, one)), asked)
    with lent() as solver:
        solver.end()
    first = each(partial(_solved, streets), asked[:1])
    large = _problem(homes, 9, MOST_VISITS, MOST_WORKERS)
    _show_times(streets, asked, whole, first, large)
    _show_quality(streets, asked, found, whole)


def _problem(homes: Sequence[tuple[float, float]], seed: int, visits: int, workers: int) -> Asked:
    """Draw homes near each other, windows for most of them, and workers who come back."""
    chance = np.random.default_rng(seed)
    at = np.array(homes)
    near = np.argsort(np.hypot(*(at - at[chance.integers(len(at))]).T))[: 4 * visits]
    chosen = at[chance.choice(near, visits + workers, replace=False)].tolist()
    made = []
    for n, place in enumerate(chosen[:visits]):
        begin = MORNING + timedelta(seconds=int(chance.integers(DAY_S - _WINDOW_S)))
        window = (begin, begin + timedelta(seconds=_WINDOW_S))
        windows = (window,) if chance.random() < _WINDOWED else ()
        made.append(Visit(f"v{n}", tuple(place), int(chance.integers(5, 21)), windows))
    until = MORNING + timedelta(seconds=DAY_S)
    going = [
        Worker(f"w{n}", tuple(place), tuple(place), MORNING, until)
        for n, place in enumerate(chosen[visits:])
    ]
    return going, made


def _solved(streets: Streets, asked: Asked) -> Solution:
    return rounds.solve(streets.router, *asked, actor=ACTOR)


def _show_times(
    streets: Streets, asked: list[Asked], whole: Timed, first: Timed, large: Asked
) -> None:
    days: list[Day] = []
    graph = streets.graph
    assert graph is not None
    tables = each(lambda one: days.append(Day.of(streets.router, *one, barred(()))), asked)
    with Solver() as solver:
        ordered(solver, days[0], {})  # it has loaded when this is answered
        alone = each(lambda day: ordered(solver, day, {}), days)
    network = _network(graph)
    peer = each(partial(_searched, graph, network), days[:2])
    largest = each(partial(_solved, streets), [large])
    table(
        f"A round of {VISITS} visits × {WORKERS} workers on foot, on the demonstration",
        ("ms", "rounds", "p50", "p99"),
        [
            ("geodata.rounds.solve, whole", *whole.cells),
            ("  the table of ways alone (Router.matrix)", *tables.cells),
            ("  VROOM alone", *alone.cells),
            ("  whole, where VROOM's process is to be started", *first.cells),
            ("the table by networkx, a search from each place", *peer.cells),
            (f"geodata.rounds.solve, {MOST_VISITS} × {MOST_WORKERS}", *largest.cells),
        ],
        "The rest of the whole is drawing the ways. VROOM's process is kept for"
        f" {IDLE_S:.0f} s; where it is to be started, it does so while the table is made.",
        "networkx is given nodes, and its graph is made before. Aim: a round in 1 s.",
    )


def _show_quality(
    streets: Streets, asked: list[Asked], found: list[Solution], whole: Timed
) -> None:
    rows = []
    for n, (one, solution, took_ms) in enumerate(zip(asked, found, whole.every_ms, strict=True)):
        day = Day.of(streets.router, *one, barred(()))
        ours = _Tours(
            sum(len(tour.stops) for tour in solution.rounds),
            sum(tour.duration_s for tour in solution.rounds),
        )
        theirs, quick = _by_ortools(day, PATIENCE_S), _by_ortools(day, 1)
        rows.append(
            (
                f"round {n + 1}",
                f"{ours.visits}",
                f"{theirs.visits}",
                f"{ours.way_s:,}",
                f"{theirs.way_s:,}",
                ours.beside(theirs),
                ours.beside(quick),
                number(took_ms / 1e3),
            )
        )
    table(
        f"The same rounds by OR-Tools given {PATIENCE_S} s, on the same table",
        (
            "",
            "visits",
            "OR-Tools",
            "way, s",
            "OR-Tools",
            "ours to it",
            "to it in 1 s",
            "ours took, s",
        ),
        rows,
        "OR-Tools: guided local search. Less is better. Aim: within 1 % of its 10 s.",
    )


def _network(graph: Graph) -> nx.Graph:
    network = nx.Graph()
    usable = graph.open_to(Mode.FOOT)
    ends, metres = graph.ends[usable].tolist(), graph.length_m[usable].tolist()
    for (first, last), length in zip(ends, metres, strict=True):
        network.add_edge(first, last, length=length)
    return network


def _searched(graph: Graph, network: nx.Graph, day: Day) -> Floats:
    """Make a day's table by a search from each place."""
    places = range(len(day.visits) + 2 * len(day.workers))
    at = np.array([day.position(place) for place in places])
    nodes = graph.ends[join(graph, *at.T).edge, 0].tolist()
    return np.array(
        [
            [away.get(node, np.nan) / WALK_MPS for node in nodes]
            for away in (
                nx.single_source_dijkstra_path_length(network, node, weight="length")
                for node in nodes
            )
        ]
    )


def _by_ortools(day: Day, limit_s: int) -> _Tours:
    """Let OR-Tools find tours in the same table, under the same rules."""
    seconds = np.nan_to_num(day.tables[Mode.FOOT].seconds, nan=_LEFT_OUT_S).astype(int).tolist()
    starts, ends = (
        [place(worker) for worker in range(len(day.workers))] for place in (day.start, day.end)
    )
    manager = pywrapcp.RoutingIndexManager(len(seconds), len(day.workers), starts, ends)
    routing = pywrapcp.RoutingModel(manager)

    def way(a: int, b: int) -> int:
        return seconds[manager.IndexToNode(a)][manager.IndexToNode(b)]

    def lasting(a: int, b: int) -> int:
        place = manager.IndexToNode(a)
        return way(a, b) + (day.service_s(place) if place < len(day.visits) else 0)

    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitCallback(way))
    begin = day.hours[0][0]
    callback = routing.RegisterTransitCallback(lasting)
    routing.AddDimension(callback, DAY_S, DAY_S, False, "time")  # noqa: FBT003 - it takes no names
    clock = routing.GetDimensionOrDie("time")
    for visit, windows in enumerate(day.windows):
        index = manager.NodeToIndex(visit)
        routing.AddDisjunction([index], _LEFT_OUT_S)
        for first, last in windows or []:
            clock.CumulVar(index).SetRange(first - begin, last - begin)
    told = pywrapcp.DefaultRoutingSearchParameters()
    told.first_solution_strategy = (
        routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    )
    told.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    told.time_limit.FromSeconds(limit_s)
    answer = routing.SolveWithParameters(told)
    made, way_s = 0, 0
    for worker in range(len(day.workers)):
        index = routing.Start(worker)
        while not routing.IsEnd(index):
            following = answer.Value(routing.NextVar(index))
            way_s += way(index, following)
            made += not routing.IsEnd(following)
            index = following
    return _Tours(made, way_s)
