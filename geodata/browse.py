"""Browse merchants as a map does: those in a box as points, or as clusters where they are many."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import itemgetter
from typing import Any

import geopandas as gpd

from geodata import areas, categories, search
from geodata.geometry import BBox
from geodata.hours import CALENDAR, SHANGHAI, Calendar, state
from geodata.store import PUBLIC, Filter, Reader, tallies
from geodata.store.tallies import Cluster

MANY = 20_000
"""Above so many in a view the ready counts answer, by whole cells, instead of the rows."""

_EVERY = 10_000_000

RANKED = 2_000
"""Finds of a search that are put in order; of more than these the first so many."""

COLUMNS = (
    "fid",
    "id",
    "name",
    "category",
    "lon",
    "lat",
    "address",
    "phones",
    "hours",
    "area",
    "status",
    "closed_until",
    "version",
)
"""What a place of an answer is made of, in this order; a search has its terms behind them."""


_category = itemgetter(COLUMNS.index("category"))
_WORLD = BBox(-180, -90, 180, 90)


@dataclass(frozen=True, slots=True)
class Query:
    """What a map asks. ``area`` is an area's code; ``zoom`` a Web Mercator zoom level.

    Without a zoom there are no clusters, only the first ``limit`` merchants.
    """

    box: BBox | None = None
    zoom: int | None = None
    categories: tuple[str, ...] | None = None
    text: str = ""
    open_now: bool = False
    area: str = ""
    limit: int = 400


@dataclass(slots=True)
class Found:
    """The answer: at most ``limit`` places and clusters together.

    ``matched`` counts all that meet the query, ``counts`` those of each category when
    the query's own categories are left out of account. Where ``whole_cells``, both count
    the whole cells that touch the box (see :data:`MANY`).
    """

    matched: int
    counts: dict[str, int]
    places: list[Any]
    clusters: list[Cluster] = field(default_factory=list)
    whole_cells: bool = False


def find(tx: Reader, query: Query, at: datetime, *, calendar: Calendar = CALENDAR) -> Found:
    """Return the merchants that residents see and the query asks for.

    ``at`` (aware) decides what "open now" means. With a text the best match comes first:
    the very name, its beginning, a piece of it, pinyin from its head, anything else.
    """
    query = _seen(tx, query)
    wide = _filter(tx, query, at, calendar)
    if query.zoom is not None and wide.counted:
        level = _level(query)
        near = tx.tallied(wide, level)
        total = sum(cluster.count for cluster in near)
        if total > MANY:
            return _from_tallies(tx, query, near, total)
        if total <= query.limit:
            return _from_rows(tx, query, wide)
    elif not query.text.strip():
        rows = tx.merchants(wide, COLUMNS, limit=query.limit + 1)
        if len(rows) <= query.limit:
            return _counted(query, rows)
    if query.zoom is not None and query.categories is None:
        # Clusters of everything know the counts too.
        clusters = tx.clusters(wide, _fine_level(query))
        counts = _by_category(clusters)
    else:
        clusters, counts = None, tx.count(wide)
    matched = sum(counts.get(name, 0) for name in _chosen(query, counts))
    if matched > query.limit and query.zoom is not None:
        if clusters is None:
            clusters = tx.clusters(_narrow(wide, query), _fine_level(query))
        return _mixed(tx, Found(matched, counts, [], clusters), query.limit)
    return Found(matched, counts, _places(tx, query, wide))


def spots(
    tx: Reader,
    query: Query,
    at: datetime,
    *,
    calendar: Calendar = CALENDAR,
    columns: Sequence[str] = ("fid", "lon", "lat", "category"),
) -> Sequence[Any]:
    """Return these columns of everything that the query asks for, in no order.

    For measuring and counting, where :func:`find` would rank and leave out: neither ``zoom``
    nor ``limit`` counts here.
    """
    query = _seen(tx, query)
    wide = _narrow(_filter(tx, query, at, calendar), query)
    return tx.merchants(wide, columns, limit=_EVERY)


def frame(
    tx: Reader,
    query: Query,
    at: datetime,
    *,
    statuses: tuple[str, ...] = PUBLIC,
    calendar: Calendar = CALENDAR,
) -> gpd.GeoDataFrame:
    """Return everything that the query asks for as a table, WGS 84; for export.

    The columns are those of a row and ``geometry`` (Point). Neither ``zoom`` nor ``limit``
    counts here. With other ``statuses`` than the public ones hidden categories are there too;
    who may see that is for the caller to judge.
    """
    query = _seen(tx, query) if statuses == PUBLIC else query
    wide = _narrow(_filter(tx, query, at, calendar, seen=statuses == PUBLIC), query)
    return tx.frame("merchant", replace(wide, statuses=statuses))


def places(tx: Reader, fids: Sequence[int]) -> list[Any]:
    """Return the places with these fids, as :func:`find` has them, in the order of the fids."""
    rows = tx.merchants(Filter(), COLUMNS, limit=len(fids), fids=fids) if fids else ()
    known = {row.fid: row for row in rows}
    return [known[fid] for fid in fids]


def _seen(tx: Reader, query: Query) -> Query:
    """Return a query without the categories that are hidden."""
    if query.categories is None:
        return query
    return replace(query, categories=categories.visible(tx, query.categories))


def _narrow(wide: Filter, query: Query) -> Filter:
    return wide if query.categories is None else replace(wide, categories=query.categories)


def _filter(
    tx: Reader, query: Query, at: datetime, calendar: Calendar, *, seen: bool = True
) -> Filter:
    """Return what narrows but the query's own categories: only what residents see, if ``seen``."""
    found = Filter(
        box=query.box,
        categories=categories.visible(tx) if seen else None,
        area=areas.prefix(query.area),
        words=tuple(search.wanted(query.text)),
    )
    if query.open_now:
        minute = at.replace(second=0, microsecond=0)
        opened = tx.cached(
            "open",
            lambda: _opened(tx, minute, calendar),
            revision=hash((tx.revision(), minute)),
        )
        today = at.astimezone(SHANGHAI).date().isoformat()
        found = replace(found, hours=opened, closed_before=today)
    return found


def _opened(tx: Reader, at: datetime, calendar: Calendar) -> tuple[str, ...]:
    texts = tx.cached("hours", tx.hours_texts, revision=tx.revision())
    return tuple(text for text in texts if state(text, at, calendar=calendar).open)


def _chosen(query: Query, counts: Iterable[str]) -> Iterable[str]:
    return counts if query.categories is None else query.categories


def _level(query: Query) -> int:
    fine = _fine_level(query)
    return max((level for level in tallies.LEVELS if level <= fine), default=tallies.LEVELS[0])


def _fine_level(query: Query) -> int:
    return tallies.finest(query.box or _WORLD, query.limit, zoom=query.zoom or 0)


def _from_tallies(tx: Reader, query: Query, near: list[Cluster], total: int) -> Found:
    counts = _by_category(near)
    if query.categories is not None:
        near = tx.tallied(
            Filter(box=query.box, categories=query.categories, area=areas.prefix(query.area)),
            _level(query),
        )
        total = sum(cluster.count for cluster in near)
    return _mixed(tx, Found(total, counts, [], near, whole_cells=True), query.limit)


def _by_category(clusters: Iterable[Cluster]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for cluster in clusters:
        counts.update(cluster.categories)
    return dict(sorted(counts.items()))


def _from_rows(tx: Reader, query: Query, wide: Filter) -> Found:
    return _counted(query, tx.merchants(wide, COLUMNS, limit=query.limit))


def _counted(query: Query, rows: Sequence[Any]) -> Found:
    """Count what was read: all that the box holds of every category."""
    counts = Counter(map(_category, rows))
    chosen = query.categories
    places = [row for row in rows if _category(row) in chosen] if chosen is not None else list(rows)
    return Found(len(places), dict(sorted(counts.items())), places)


def _places(tx: Reader, query: Query, wide: Filter) -> list[Any]:
    narrow = _narrow(wide, query)
    if not query.text.strip():
        return list(tx.merchants(narrow, COLUMNS, limit=query.limit))
    heads = replace(narrow, words=tuple(search.at_head(query.text)))
    found = {row.fid: row for row in tx.merchants(heads, (*COLUMNS, "terms"), limit=RANKED)}
    if len(found) < RANKED:
        rest = tx.merchants(narrow, (*COLUMNS, "terms"), limit=RANKED)
        found |= {row.fid: row for row in rest}
    ranked = sorted(
        found.values(),
        key=lambda row: (search.rank(query.text, row.name, row.terms), len(row.name), row.fid),
    )
    return ranked[: query.limit]


def _mixed(tx: Reader, found: Found, limit: int) -> Found:
    """Coarsen until it fits, then show a cluster of one as the merchant that it is."""
    while len(found.clusters) > limit:
        found.clusters = tallies.coarser(found.clusters)
    single = [cluster.fid for cluster in found.clusters if cluster.count == 1]
    if single:
        found.places = list(tx.merchants(Filter(), COLUMNS, limit=limit, fids=single))
        found.clusters = [cluster for cluster in found.clusters if cluster.count > 1]
    return found
