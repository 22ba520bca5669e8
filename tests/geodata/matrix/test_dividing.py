"""A city in parts: the same figures to the last digit, and Dask only where it is asked for."""

import subprocess
import sys

import numpy as np
import pytest
from distributed import LocalCluster

from geodata import matrix
from geodata.errors import Unavailable
from geodata.matrix import ALONE, measuring
from geodata.matrix.dividing import Dask
from geodata.matrix.ground import Ground, Homes, Merchants
from geodata.matrix.keeping import Kept, digest
from geodata.walking import Graph
from tests.geodata.matrix.town import streets


@pytest.fixture(scope="module")
def scheduler():
    """Give the address of a scheduler with two workers, which have processes of their own."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


def ground(graph: Graph, places: np.ndarray, parts: matrix.Parts) -> Ground:
    """Return homes at some places and merchants at others, with numbers of no pattern."""
    chance = np.random.default_rng(6)
    lon, lat = places.T
    people = chance.integers(1, 300, len(lon)).astype(float)
    place = digest(lon, lat)
    zeros = np.zeros(len(lon), dtype=np.int64)
    homes = Homes(lon, lat, zeros, ("",), people, people, people, place, place + digest(people))
    rows = chance.choice(len(lon), 60)
    kinds = chance.integers(0, 3, len(rows))
    merchants = Merchants(lon[rows], lat[rows], kinds, ("",) * len(rows))
    closed = np.zeros(graph.edges, dtype=np.bool_)
    closed[3] = True
    return Ground(Kept(), graph, homes, merchants, ["a", "b", "c"], closed, parts)


def test_the_figures_of_a_cluster_are_those_of_one_process_to_the_last_digit(scheduler):
    graph = streets().graph
    chance = np.random.default_rng(4)
    west, south, east, north = graph.bounds
    places = np.column_stack((chance.uniform(west, east, 500), chance.uniform(south, north, 500)))
    alone, spread = (ground(graph, places, one) for one in (ALONE, matrix.parts(scheduler)))

    for one, other in zip(measuring.minutes(alone), measuring.minutes(spread), strict=True):
        assert np.isfinite(one).any()
        assert one.tobytes() == other.tobytes()
    scores = measuring.scores(alone, 9), measuring.scores(spread, 9)
    for one, other in zip(*scores, strict=True):
        assert len(set(one.tolist())) > 20
        assert one.tobytes() == other.tobytes()


def test_a_cluster_that_is_not_there_is_told():
    with pytest.raises(Unavailable, match="cluster_unreachable"):
        Dask("tcp://127.0.0.1:9", patience_s=0.2).each(max, 1, [2])


def test_what_is_no_address_is_refused():
    with pytest.raises(ValueError, match="neither local nor"):
        matrix.parts("the machine next door")


def test_a_small_office_loads_no_dask():
    told = (
        "import sys; import webmap; from geodata import matrix; matrix.parts('');"
        " assert not {'dask', 'distributed'} & sys.modules.keys(), sys.modules.keys()"
    )

    subprocess.run([sys.executable, "-c", told], check=True)
