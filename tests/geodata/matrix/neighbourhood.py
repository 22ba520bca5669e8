"""Small neighbourhoods, drawn by hypothesis: streets, homes, merchants, and what is closed."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from geodata.matrix.ground import Ground, Homes, Merchants
from geodata.matrix.keeping import Kept, digest
from geodata.walking import Graph
from tests.geodata.walking.town import at

_STEP_M = 180.0
_WIDE = 3


@dataclass(frozen=True)
class Neighbourhood:
    """What was drawn; ``group`` of each home is an area, -1 for none."""

    graph: Graph
    homes: list[tuple[float, float]]
    households: list[int]
    residents: list[int]
    group: np.ndarray
    merchants: list[tuple[float, float]]
    kinds: list[int]
    closed: np.ndarray

    @property
    def ground(self) -> Ground:
        """The same as the matrix has it, with two categories."""
        lon, lat = np.reshape(self.homes, (-1, 2)).T
        households, residents = (
            np.array(some, dtype=float) for some in (self.households, self.residents)
        )
        place = digest(lon, lat)
        homes = Homes(
            lon,
            lat,
            np.zeros(len(lon), dtype=np.int64),
            ("",),
            households,
            residents,
            residents,
            place,
            place + digest(residents),
        )
        lon, lat = np.reshape(self.merchants, (-1, 2)).T
        kinds = np.array(self.kinds, dtype=np.int64)
        merchants = Merchants(lon, lat, kinds, ("",) * len(kinds))
        return Ground(Kept(), self.graph, homes, merchants, ["clinic", "repair"], self.closed)

    def but(self, **told: Any) -> "Neighbourhood":
        return replace(self, **told)


def graph_of(links: list[tuple[int, int]]) -> Graph:
    """Return streets between nodes of a small grid, each bent so that no two are in one place."""
    count = _WIDE * _WIDE
    spots = at(*[(i % _WIDE * _STEP_M, i // _WIDE * _STEP_M) for i in range(count)])
    shape = [
        [spots[a], (spots[a] + spots[b]) / 2 + (2e-5 * (k + 1), 1e-5 * k), spots[b]]
        for k, (a, b) in enumerate(links)
    ]
    plain = Graph(
        lon=spots[:, 0],
        lat=spots[:, 1],
        ends=np.array(links, dtype=np.int32),
        length_m=np.ones(len(links)),
        modes=np.full(len(links), 7, dtype=np.uint8),
        shape=np.array(shape).reshape(-1, 2),
        shape_start=np.arange(0, 3 * len(links) + 1, 3),
    )
    xy = plain.shape_xy.reshape(-1, 3, 2)
    return replace(plain, length_m=np.linalg.norm(np.diff(xy, axis=1), axis=2).sum(axis=1))


_EVERY_LINK = [
    (a, b)
    for a in range(_WIDE * _WIDE)
    for b in (a + 1, a + _WIDE)
    if (b == a + 1 and b % _WIDE) or (b == a + _WIDE and b < _WIDE * _WIDE)
]
_SPOTS = st.tuples(st.integers(-40, 400), st.integers(-40, 400))
_FAR = st.just((2_000, 2_000))


def _placed(spots):
    return [tuple(at(one).tolist()) for one in spots]


@st.composite
def neighbourhoods(draw):
    """Draw one. Streets may be in pieces; a home may be off the network, or nobody's."""
    links = draw(st.lists(st.sampled_from(_EVERY_LINK), min_size=2, max_size=12, unique=True))
    homes = draw(st.lists(st.one_of(_SPOTS, _SPOTS, _FAR), min_size=1, max_size=8))
    merchants = draw(st.lists(_SPOTS, max_size=5))

    def each(numbers, of):
        return draw(st.lists(numbers, min_size=len(of), max_size=len(of)))

    return Neighbourhood(
        graph=graph_of(links),
        homes=_placed(homes),
        households=each(st.integers(0, 5), homes),
        residents=each(st.integers(0, 9), homes),
        group=np.array(each(st.integers(-1, 1), homes)),
        merchants=_placed(merchants),
        kinds=each(st.integers(0, 1), merchants),
        closed=np.array(each(st.booleans(), links)) & np.array(each(st.booleans(), links)),
    )
