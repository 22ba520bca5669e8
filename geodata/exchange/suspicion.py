"""Whether a file's positions look like another datum than the one that was told."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geodata import divisions
from geodata.datum import Datum, convert
from geodata.exchange.cleaning import Floats, Mask
from geodata.geometry import metres_between

_SAMPLE = 2000
_NEAR_M = 150.0
_GIVEN = ["source_lon", "source_lat"]
_SAME_DEG = 1e-9
_SHORTEST_NAME = 2
_AHEAD = 5
_FOR_ONE_AGAINST = 4

type Witness = Callable[[Datum], Mask]
type Named = Callable[[Iterable[str]], gpd.GeoDataFrame]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Another datum fits a file better than the one it was read in."""

    told: Datum
    better: Datum
    agreeing: dict[Datum, int]
    """Under each datum, how many pieces of evidence agree with the positions."""
    evidence: int
    """How many there are: rows whose address names an area, and rows of a known name."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """How many pieces of evidence speak for each datum of a file."""

    agreeing: dict[Datum, int]
    evidence: int
    """How many there are: rows whose address names an area, and rows of a known name."""
    best: Datum | None
    """The datum that is clearly ahead of each other one."""


def weigh_datums(
    frame: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, named: Named | None = None
) -> Weighing:
    """Tell which datum the positions of a file fit, where nobody has said it yet.

    For people who are about to choose one: :func:`suspect_datum` asks the same once it is
    chosen, and describes the parameters and what is clear. ``frame`` may be that of
    :attr:`geodata.exchange.Look.places`.
    """
    agreed = _agreed(frame, areas, named)
    clear = [
        datum
        for datum in Datum
        if all(_lead(agreed[datum], agreed[other]) for other in Datum if other != datum)
    ]
    counts = {datum: int(mask.sum()) for datum, mask in agreed.items()}
    return Weighing(counts, len(agreed[Datum.WGS84]), clear[0] if clear else None)


def suspect_datum(
    frame: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, named: Named | None = None
) -> Suspicion | None:
    """Tell whether the positions of an import fit another datum clearly better.

    For merchants and homes as :func:`read_merchants` and :func:`read_homes` give
    them, before they are stored. An address that names an area (沈河区) agrees with
    a datum under which the place lies in it; a merchant of a known name, under
    which it lies within 150 m of the known one.

    Parameters
    ----------
    frame
        With address, name, source_datum, source_lon and source_lat. Only rows of the
        most common datum count, and of more than 2,000 an even sample.
    areas
        With code, name and geometry, EPSG:4326.
    named
        Gives the known places of the names it is asked for, with name, source_lon,
        source_lat and geometry, EPSG:4326; a name that occurs twice proves nothing, nor
        does a place with the same source position: the file itself, imported before,
        whatever datum was told then.

    Returns
    -------
    Suspicion or None
        None without clear evidence: of the rows on which two datums disagree, the
        better one must win at least 5 more than it loses, and 4 for each that it
        loses.

    Notes
    -----
    Only places near a boundary tell datums apart by areas. Of 63 real stores of
    Shenyang in BD-09, 38 have an address that names one of 5 districts; 37, 32 and 28
    of them agree under BD-09, GCJ-02 and WGS 84.
    """
    if frame.empty:
        return None
    told = _most_common(frame)
    agreed = _agreed(frame, areas, named)
    evidence = len(agreed[Datum.WGS84])
    lead = {datum: _lead(agreed[datum], agreed[Datum(told)]) for datum in Datum}
    better = max(lead, key=lambda datum: lead[datum])
    if not lead[better]:
        return None
    counts = {datum: int(mask.sum()) for datum, mask in agreed.items()}
    return Suspicion(Datum(told), better, counts, evidence)


def _most_common(frame: gpd.GeoDataFrame) -> str:
    return str(frame["source_datum"].mode().iloc[0])


def _agreed(
    frame: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, named: Named | None
) -> dict[Datum, Mask]:
    """Return under each datum which pieces of evidence agree."""
    if frame.empty:
        return {datum: np.empty(0, dtype=np.bool_) for datum in Datum}
    rows = frame[frame["source_datum"] == _most_common(frame)]
    witnesses: list[Witness] = [_InNamedArea(_sampled(rows), areas)]
    if named is not None:
        single = rows[~rows["name"].duplicated(keep=False)]
        witnesses.append(_NearNamesake(_sampled(single), named))
    return {datum: np.concatenate([witness(datum) for witness in witnesses]) for datum in Datum}


def _sampled(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return rows.iloc[:: max(1, -(-len(rows) // _SAMPLE))]


def _read_as(rows: gpd.GeoDataFrame, datum: Datum) -> tuple[Floats, Floats]:
    lon, lat = rows["source_lon"].to_numpy(), rows["source_lat"].to_numpy()
    return convert(lon, lat, datum, Datum.WGS84)


def _lead(candidate: Mask, told: Mask) -> int:
    """Return by how many rows the candidate is ahead, 0 where that is not clear."""
    won, lost = int((candidate & ~told).sum()), int((told & ~candidate).sum())
    ahead = won - lost
    return ahead if ahead >= _AHEAD and won >= _FOR_ONE_AGAINST * lost else 0


class _InNamedArea:
    """Ask whether places lie in the areas that their addresses name."""

    def __init__(self, rows: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> None:
        named: dict[str, list[int]] = defaultdict(list)
        for at, name in enumerate(areas["name"]):
            if len(name) >= _SHORTEST_NAME:
                named[name].append(at)
        depth = [len(divisions.prefix(code)) for code in areas["code"]]
        lengths = sorted({len(name) for name in named})
        pairs = [
            (row, at)
            for row, address in enumerate(rows["address"])
            for at in _deepest(address, named, lengths, depth)
        ]
        self._row = np.array([row for row, _ in pairs], dtype=np.int64)
        self._rows = rows
        shapes = areas.geometry.to_numpy()
        self._shapes = shapes[[at for _, at in pairs]]
        shapely.prepare(shapes)

    def __call__(self, datum: Datum) -> Mask:
        lon, lat = _read_as(self._rows, datum)
        inside = shapely.contains_xy(self._shapes, lon[self._row], lat[self._row])
        rows, place = np.unique(self._row, return_inverse=True)
        # A name that two areas share is met by lying in either.
        return np.bincount(place, weights=inside, minlength=len(rows)) > 0


def _deepest(
    address: str, named: dict[str, list[int]], lengths: list[int], depth: list[int]
) -> list[int]:
    found = [
        at
        for length in lengths
        for start in range(len(address) - length + 1)
        for at in named.get(address[start : start + length], ())
    ]
    most = max((depth[at] for at in found), default=0)
    return sorted({at for at in found if depth[at] == most})


class _NearNamesake:
    """Ask whether places lie near the known ones of the same name."""

    def __init__(self, rows: gpd.GeoDataFrame, named: Named) -> None:
        known = named(rows["name"])
        known = known[~known["name"].duplicated(keep=False)].set_index("name")
        rows = rows[rows["name"].isin(known.index)]
        namesakes = known.loc[rows["name"]]
        other = ~np.isclose(rows[_GIVEN], namesakes[_GIVEN], rtol=0, atol=_SAME_DEG).all(axis=1)
        self._rows, self._places = rows[other], namesakes.geometry[other]

    def __call__(self, datum: Datum) -> Mask:
        lon, lat = _read_as(self._rows, datum)
        away = metres_between(lon, lat, self._places.x, self._places.y)
        return np.asarray(away <= _NEAR_M)
