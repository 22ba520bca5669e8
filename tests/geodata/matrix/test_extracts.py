"""The readings on real streets, beside slow formulas and beside PySAL."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from access import fca

from geodata.matrix import formulas, measuring
from tests.geodata.matrix import plain
from tests.geodata.matrix.neighbourhood import Neighbourhood

EXTRACTS = {"helsinki.osm.pbf": 8, "shanghai.osm": 12, "wuhan.osm.pbf": 3}
"""How many merchants of a piece: the slow search is over the whole extract for each."""
WITHIN_MIN = 10
_HOMES, _HALF_DEG, _FAR_M = 40, 0.006, 8_000.0


@pytest.fixture(scope="module", params=EXTRACTS)
def piece(request, extract):
    """Return homes and merchants beside the streets of a piece, and the slow minutes between."""
    graph = extract(request.param)
    chance = np.random.default_rng(8)
    middle = np.median(graph.shape, axis=0)
    near = graph.shape[(np.abs(graph.shape - middle) < _HALF_DEG).all(axis=1)]

    def beside(n):
        return [tuple(one) for one in chance.choice(near, n) + chance.normal(0, 3e-4, (n, 2))]

    merchants = EXTRACTS[request.param]
    drawn = Neighbourhood(
        graph=graph,
        homes=beside(_HOMES),
        households=chance.integers(0, 60, _HOMES).tolist(),
        residents=chance.integers(0, 150, _HOMES).tolist(),
        group=chance.integers(0, 3, _HOMES),
        merchants=beside(merchants),
        kinds=[0] * merchants,
        closed=chance.random(graph.edges) < 0.03,
    )
    slow = plain.minutes_between(graph, drawn.homes, drawn.merchants, drawn.closed, _FAR_M)
    return drawn, np.array(slow)


def test_walks_medians_and_shares_are_those_of_the_formulas(piece):
    drawn, slow = piece
    far, ground = slow.min(axis=1), drawn.ground
    fast = measuring.minutes(ground)[0]

    assert np.nan_to_num(fast, nan=np.inf).tolist() == pytest.approx(far.tolist(), rel=1e-9)
    assert np.isfinite(far).any()
    weight = ground.homes.households
    for group in range(3):
        rows = np.flatnonzero(drawn.group == group)
        told = far[rows].tolist(), [drawn.households[n] for n in rows]
        medians = formulas.medians(drawn.group, fast, weight, 3)
        shares = formulas.shares(drawn.group, fast, weight, 3, WITHIN_MIN)
        assert medians[group] == pytest.approx(plain.median(*told))
        assert shares[group] == pytest.approx(plain.share(*told, WITHIN_MIN))


def test_scores_are_those_of_the_formula_and_of_pysal(piece):
    drawn, slow = piece
    fast = measuring.scores(drawn.ground, WITHIN_MIN)[0]

    assert fast.tolist() == pytest.approx(
        plain.scores(slow.tolist(), drawn.residents, WITHIN_MIN), rel=1e-9
    )
    assert fast.tolist() == pytest.approx(_by_pysal(drawn, slow), rel=1e-9)
    assert len(np.unique(fast.round(6))) > 2


def _by_pysal(drawn, slow):
    home, merchant = np.nonzero(np.isfinite(slow))
    cost = pd.DataFrame({"origin": home, "dest": merchant, "cost": slow[home, merchant]})
    demand, supply = (
        gpd.GeoDataFrame(
            {"geoid": range(len(places)), column: values},
            geometry=gpd.points_from_xy(*np.reshape(places, (-1, 2)).T),
            crs=4326,
        )
        for places, column, values in (
            (drawn.homes, "demand", np.array(drawn.residents, dtype=float)),
            (drawn.merchants, "supply", np.ones(len(drawn.merchants))),
        )
    )
    found = fca.two_stage_fca(demand, supply, cost, WITHIN_MIN + 1e-9)
    return (1000 * found.reindex(range(len(drawn.homes))).fillna(0)).tolist()
