"""Very many merchants over a large city, for measuring: clumped as real ones are, quick to make."""

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata import ids
from geodata.demo import names, sketch
from geodata.demo.draw import METRIC
from geodata.demo.merchants import DRAWN

_CITY_M: Final = 30_000.0
_CLUMPS: Final = 600
_CLUMP_M: Final = (60.0, 900.0)
_ALONE: Final = 0.08
"""The share that stands in no clump."""
_SHARES: Final = {
    "shopping": 0.44, "repair": 0.25, "barber": 0.15, "clinic": 0.12, "canteen": 0.01, "care": 0.01,
    "shelter": 0.005, "aed": 0.015,
}  # fmt: skip
_TEXTS: Final = 200
_STREETS: Final = tuple(line.name for line in sketch.STREETS)
_SPREAD: Final = 0x9E3779B97F4A7
"""An odd number: times it, modulo 2**50, no two of 2**50 numbers fall on one."""


def scattered(n: int, seed: int = 20260101) -> gpd.GeoDataFrame:
    """Scatter n merchants over a city of 30 × 30 km, in the columns of the merchants' table.

    For benches only: no areas, names that repeat, streets that are not where
    they are said to be. ``neighbourhood`` is the one to look at.

    Parameters
    ----------
    n
        From 0 up to a few million; a million take some three seconds.
    seed
        The same n and seed give the same rows with one version of numpy.

    Returns
    -------
    GeoDataFrame
        WGS 84; ids unique, about 200 distinct texts of hours, 92 of 100
        merchants in clumps of very different size, categories mixed as in a city.

    Examples
    --------
    >>> city = scattered(1000)
    >>> len(city), city.id.is_unique, set(city.status)
    (1000, True, {'published'})
    """
    rng = np.random.default_rng(seed)
    codes = np.array([*_SHARES], dtype=object)
    kind = rng.choice(len(codes), n, p=np.array([*_SHARES.values()]))
    lon, lat = _places(n, rng)
    return gpd.GeoDataFrame(
        {
            "id": _ids(n, rng),
            "name": _by_kind(kind, [_some_names(code) for code in codes], rng),
            "category": codes[kind],
            "source_datum": "wgs84",
            "source_lon": lon,
            "source_lat": lat,
            "address": _addresses(n, rng),
            "phones": _phones(n, rng),
            "hours": _by_kind(kind, [_some_hours(code, rng) for code in codes], rng),
            "note": "",
            "area": "",
            "status": "published",
            "closed_until": "",
            "owner": "",
            "version": 1,
            "revision": 1,
            "created": DRAWN,
            "changed": DRAWN,
        },
        geometry=shapely.points(lon, lat),
        crs=4326,
    )


def _places(n: int, rng: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    middles = rng.normal(0, _CITY_M / 5, (_CLUMPS, 2))
    widths = rng.uniform(*_CLUMP_M, _CLUMPS)
    sizes = 1 / np.arange(1, _CLUMPS + 1) ** 0.7
    clump = rng.choice(_CLUMPS, n, p=sizes / sizes.sum())
    xy = middles[clump] + rng.normal(0, 1, (n, 2)) * widths[clump, None]
    alone = rng.random(n) < _ALONE
    xy[alone] = rng.uniform(-_CITY_M / 2, _CITY_M / 2, (int(alone.sum()), 2))
    xy = np.clip(xy, -_CITY_M / 2, _CITY_M / 2)
    ground = gpd.GeoSeries(shapely.points(xy), crs=METRIC).to_crs(4326)
    return np.round(ground.x.to_numpy(), 7), np.round(ground.y.to_numpy(), 7)


def _ids(n: int, rng: np.random.Generator) -> list[str]:
    """Spread the numbers from a start over all ids; none comes twice."""
    mask = np.uint64((1 << 50) - 1)
    start = np.uint64(rng.integers(1 << 50))
    numbers = (np.arange(n, dtype=np.uint64) + start) * np.uint64(_SPREAD) & mask
    shifts = np.arange(5 * (ids.LENGTH - 1), -1, -5, dtype=np.uint64)
    digits = (numbers[:, None] >> shifts) & np.uint64(31)
    letters = np.array([*ids.ALPHABET], dtype="S1")[digits]
    made: list[str] = letters.view(f"S{ids.LENGTH}").astype(str).ravel().tolist()
    return made


def _by_kind(
    kind: NDArray[np.int64], texts: list[list[str]], rng: np.random.Generator
) -> NDArray[np.object_]:
    """Draw for every row one of its kind's texts."""
    sizes = np.array([len(some) for some in texts])
    firsts = np.cumsum(sizes) - sizes
    every: NDArray[np.object_] = np.array([text for some in texts for text in some], dtype=object)
    drawn: NDArray[np.object_] = every[
        firsts[kind] + (rng.random(kind.size) * sizes[kind]).astype(int)
    ]
    return drawn


def _some_names(category: str) -> list[str]:
    patterns = names.NAMES.get(category, ((names.PLACES, f"{{}}{_FALLBACK.get(category, '')}"),))
    return [pattern.format(word) for words, pattern in patterns for word in words]


_FALLBACK: Final = {"shelter": "应急避难场所", "aed": "AED"}


def _some_hours(category: str, rng: np.random.Generator) -> list[str]:
    """Give about 200 texts over all categories together: those people write, and plain spans."""
    count = _TEXTS // len(_SHARES)
    starts, ends = rng.integers(5, 11, count), rng.integers(16, 24, count)
    minutes = rng.choice([0, 15, 30, 45], count)
    spans = {
        f"{start:02d}:{minute:02d}-{end:02d}:00"
        for start, minute, end in zip(starts, minutes, ends, strict=True)
    }
    return [*names.HOURS[category], *sorted(spans)]


def _addresses(n: int, rng: np.random.Generator) -> NDArray[np.object_]:
    every = np.array([f"沈阳市{s}{i}号" for s in _STREETS for i in range(1, 400)], dtype=object)
    return every[rng.integers(0, every.size, n)]


def _phones(n: int, rng: np.random.Generator) -> list[str]:
    # 154 belongs to no operator: see merchants.phone.
    made: list[str] = np.char.add("154", rng.integers(10**7, 10**8, n).astype(str)).tolist()
    return made
