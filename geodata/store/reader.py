"""Reading: one snapshot of the store, asked by subject words."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import geopandas as gpd
import orjson
import shapely
from sqlalchemy import (
    Connection,
    Integer,
    Result,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)

from geodata.errors import Conflict, Invalid, NotFound
from geodata.geometry import BBox
from geodata.store import schema, tallies
from geodata.store.backend import Backend
from geodata.store.daily import Daily
from geodata.store.records import Values, equal_to, past, within

type Memory = dict[str, tuple[int, object]]

EVERYWHERE = "*"
"""The clock of what has no place: areas, categories."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which merchants are meant; what is left out does not narrow.

    ``area`` is a code prefix. ``closed_before`` is a date (ISO): merchants with
    the status "closed" count only when they were to open again before it.
    ``words`` are term prefixes, as :func:`geodata.search.wanted` gives them.
    """

    box: BBox | None = None
    categories: tuple[str, ...] | None = None
    area: str = ""
    statuses: tuple[str, ...] = ("published", "closed")
    closed_before: str | None = None
    hours: tuple[str, ...] | None = None
    words: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[bool, ...]:
        """Tell which of the conditions there are: filters of one shape share a statement."""
        some = self.box, self.categories, self.closed_before, self.hours
        return bool(self.area), bool(self.words), *(one is not None for one in some)

    @property
    def counted(self) -> bool:
        """Tell whether the tallies know the answer: they hold what residents see."""
        return not self.words and self.hours is None and self.statuses == PUBLIC


PUBLIC = ("published", "closed")


SHORTEST_KEY = 16
"""Characters of an Idempotency-Key: what can be guessed would open somebody else's receipt."""

LONGEST_KEY = 200


class Reader(Daily):
    """A snapshot: whatever is asked of it agrees, however long the asking takes."""

    def __init__(self, conn: Connection, backend: Backend, memory: Memory) -> None:
        self._conn = conn
        self._backend = backend
        self._memory = memory
        self._revisions: dict[str, int] = {}

    def cached[T](self, name: str, make: Callable[[], T], *, revision: int | None = None) -> T:
        """Return what ``make`` made at this revision, making it once a process.

        The revision is by default that of what lies everywhere: areas and categories.
        """
        revision = self.revision(EVERYWHERE) if revision is None else revision
        known = self._memory.get(name)
        if known is not None and known[0] == revision:
            return cast("T", known[1])
        value = make()
        self._keep(name, revision, value)
        return value

    def _keep(self, name: str, revision: int, value: object) -> None:
        self._memory[name] = (revision, value)

    def revision(self, area: str = "") -> int:
        """Return a number that grows with every change of anything inside the prefix."""
        # A snapshot's stands still; an answer asks for it dozens of times.
        known = self._revisions.get(area)
        if known is None:
            known = self._revisions[area] = self._read_revision(area)
        return known

    def _read_revision(self, area: str) -> int:
        query = _REVISION
        if area:
            clock = schema.clock.c
            query = query.where(or_(within(clock.area, area), clock.area == EVERYWHERE))
        return int(self._conn.execute(query).scalar() or 0)

    def row(self, table: str, key: str) -> Values:
        """Return one row by the key that people know it by.

        Raises
        ------
        NotFound
            ``merchant_not_found``, ``area_not_found`` …, with the key.
        """
        found = self.find(table, key)
        if found is None:
            raise NotFound(f"{table}_not_found", key=key)
        return found

    def find(self, table: str, key: str) -> Values | None:
        """Return one row or None."""
        if "\x00" in key:  # which PostgreSQL refuses to compare
            return None
        source = schema.metadata.tables[table]
        column = source.c[schema.HISTORIED[table]]
        found = self._conn.execute(select(source).where(column == key)).mappings().first()
        return dict(found) if found else None

    def rows(
        self,
        table: str,
        *,
        columns: Collection[str] = (),
        keys: Sequence[str] | None = None,
        upto: int | None = None,
        box: BBox | None = None,
        later: Mapping[str, str] | None = None,
        earlier: Mapping[str, str] | None = None,
        inside: str = "",
        **equal: object,
    ) -> list[Values]:
        """Return rows by keys, place or equal columns (a list: any of), in the order they came in.

        ``columns`` are all where none is named; ``upto`` is the last fid that counts; ``later``
        are columns of moments, and the moments after which they must be, ``earlier`` those after
        which they must not be; ``inside`` is a code prefix.
        """
        source = schema.metadata.tables[table]
        query = select(*(c for c in source.c if not columns or c.name in columns))
        query = query.where(*equal_to(source, equal))
        if keys is not None:
            query = query.where(source.c[schema.HISTORIED[table]].in_(list(keys)))
        if box is not None:
            query = query.where(
                source.c.lon.between(box.west, box.east), source.c.lat.between(box.south, box.north)
            )
        if upto is not None:
            query = query.where(source.c.fid <= upto)
        query = query.where(*(source.c[name] > at for name, at in (later or {}).items()))
        query = query.where(*(source.c[name] <= at for name, at in (earlier or {}).items()))
        if inside:
            query = query.where(within(source.c.area, inside))
        if "fid" in source.c:
            query = query.order_by(source.c.fid)
        found = self._conn.execute(query)
        names = [*found.keys()]
        return [dict(zip(names, row, strict=True)) for row in found.all()]

    def frame(
        self, table: str, chosen: Filter | None = None, *, area: str = ""
    ) -> gpd.GeoDataFrame:
        """Return a table of places with all its columns but the derived ones.

        ``chosen`` narrows merchants, ``area`` (a code prefix) anything else.
        """
        query = _everything(table)
        if chosen is not None:
            rows = self._asked(query, chosen)
        else:
            code = schema.metadata.tables[table].c["area" if table == "home" else "code"]
            rows = self._conn.execute(query.where(within(code, area)))
        names = [*rows.keys()]
        columns = dict(zip(names, zip(*rows.all(), strict=True), strict=False))
        data = {name: list(columns.get(name, ())) for name in names}
        geometry = shapely.from_wkb(data.pop("geom"))
        return gpd.GeoDataFrame(data, geometry=geometry, crs=schema.SRID)

    def named(
        self, table: str, words: Sequence[str], columns: Sequence[str], limit: int
    ) -> list[Values]:
        """Return rows whose name holds all the words, the shortest names first."""
        source = schema.metadata.tables[table]
        name = source.c.name
        query = (
            select(*(source.c[column] for column in columns))
            .where(*(name.contains(word, autoescape=True) for word in words))
            .order_by(func.length(name), name)
            .limit(limit)
        )
        return [dict(zip(columns, row, strict=True)) for row in self._conn.execute(query)]

    def columns(self, table: str, names: Sequence[str]) -> dict[str, tuple[Any, ...]]:
        """Return columns of every row of a table, in the order in which the rows came in."""
        source = schema.metadata.tables[table].c
        query = select(*(source[name] for name in names)).order_by(source.fid)
        told = list(zip(*self._conn.execute(query).all(), strict=True))
        return dict(zip(names, told or [()] * len(names), strict=True))

    def stamp(self, table: str) -> tuple[int, int, int, int]:
        """Return what differs whenever a row of a historied table is added, changed or erased.

        Cheaper than reading the rows, and unlike :meth:`revision` left alone by what is written
        elsewhere. A row is never added without a new fid, and never changed without a version;
        a restore, which knows both again, moves the clock of what lies everywhere.
        """
        source = schema.metadata.tables[table].c
        query = select(
            func.count(),
            func.coalesce(func.sum(source.version), 0),
            func.coalesce(func.max(source.fid), 0),
        )
        rows, versions, last = self._conn.execute(query).one()
        return int(rows), int(versions), int(last), self.revision(EVERYWHERE)

    def last_fid(self, table: str) -> int:
        """Return the fid of the row that came in last, 0 where there is none."""
        fid = schema.metadata.tables[table].c.fid
        return int(self._conn.execute(select(func.coalesce(func.max(fid), 0))).scalar_one())

    def positions(self, table: str) -> Sequence[Row[str, float, float, str]]:
        """Return id, lon, lat and area of every row of a table of places."""
        source = schema.metadata.tables[table].c
        return self._conn.execute(select(source.id, source.lon, source.lat, source.area)).all()

    def history(self, table: str, key: str) -> list[Values]:
        """Return what happened to a row, newest first; ``before`` as {column: value}."""
        source = schema.history
        query = (
            select(source)
            .where(source.c.subject == table, source.c.key == key)
            .order_by(source.c.version.desc())
        )
        rows = [dict(row) for row in self._conn.execute(query).mappings()]
        for row in rows:
            row["before"] = orjson.loads(row["before"] or "{}")
        return rows

    def history_since(self, table: str, at: str) -> Sequence[Row[str, int, str, str]]:
        """Return key, version, at and ``before`` (JSON, or "") of what was written since a moment.

        By key, of each the newest first.
        """
        source = schema.history.c
        query = select(source.key, source.version, source.at, source.before).where(
            source.subject == table, source.at >= at
        )
        return self._conn.execute(query.order_by(source.key, source.version.desc())).all()

    def of_batch(self, batch: str) -> list[Values]:
        """Return what one import did: its history rows, the newest first."""
        source = schema.history
        query = select(source).where(source.c.batch == batch).order_by(source.c.seq.desc())
        rows = [dict(row) for row in self._conn.execute(query).mappings()]
        for row in rows:
            row["before"] = orjson.loads(row["before"] or "{}")
        return rows

    def imported(self, table: str, batch: str) -> Sequence[Row[str, int, str]]:
        """Return key, version and ``before`` (JSON, or "") of the rows that one import wrote."""
        source = schema.history.c
        query = select(source.key, source.version, source.before).where(
            source.batch == batch, source.subject == table, source.action == "import"
        )
        return self._conn.execute(query.order_by(source.seq)).all()

    def batches_after(self, table: str, versions: Mapping[str, int]) -> dict[str, set[str]]:
        """Return by which imports these keys were written after these versions; "" is by hand."""
        source = schema.history.c
        query = select(source.key, source.version, source.batch).where(
            source.subject == table, source.key.in_(list(versions))
        )
        found: dict[str, set[str]] = {}
        for key, version, batch in self._conn.execute(query):
            if version > versions[key]:
                found.setdefault(key, set()).add(batch)
        return found

    def taken_back(self, table: str, versions: Mapping[str, int]) -> set[str]:
        """Return which of these keys have this version because an import was taken back."""
        source = schema.history.c
        query = select(source.key, source.version).where(
            source.subject == table,
            source.key.in_(list(versions)),
            source.action == "undo",
            source.batch.in_(select(schema.batch.c.id)),
        )
        return {key for key, version in self._conn.execute(query) if versions[key] == version}

    def touched_otherwise(self, why: str) -> int:
        """Count the merchants, homes and areas that were written but for being added for this."""
        source = schema.history
        query = (
            select(source.c.subject, source.c.key)
            .where(source.c.subject != "category")
            .where(or_(source.c.why != why, source.c.version > 1))
        )
        count = select(func.count()).select_from(query.distinct().subquery())
        return int(self._conn.execute(count).scalar_one())

    def meta(self, key: str) -> str | None:
        """Return what the instance notes about itself."""
        query = select(schema.meta.c.value).where(schema.meta.c.key == key)
        return self._conn.execute(query).scalar()

    def recalled(self, by: str, key: str, request: str) -> str | None:
        """Return the result of the write that bore this Idempotency-Key, or None.

        ``request`` is a digest of what was asked; the same key with another
        request is a mistake of the caller.

        Raises
        ------
        Invalid
            ``idempotency_key_length``.
        Conflict
            ``idempotency_key_reused``.
        """
        if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
            raise Invalid("idempotency_key_length", shortest=SHORTEST_KEY, longest=LONGEST_KEY)
        source = schema.idempotency
        found = self._conn.execute(
            select(source.c.request, source.c.result).where(source.c.by == by, source.c.key == key)
        ).first()
        if found is None:
            return None
        if found.request != request:
            raise Conflict("idempotency_key_reused", key=key)
        return str(found.result)

    def merchants(
        self, chosen: Filter, columns: Sequence[str], *, limit: int, fids: Iterable[int] = ()
    ) -> Sequence[Row[Any]]:
        """Return some columns of the merchants meant, or of those with the fids given."""
        query = _columns(tuple(columns))
        if wanted := list(fids):
            query = query.where(schema.merchant.c.fid.in_(wanted))
            return self._conn.execute(query, {"limit": limit}).all()
        return self._asked(query, chosen, limit=limit).all()

    def extent(self, area: str = "") -> BBox | None:
        """Return the box of the merchants that residents see inside a prefix, or None."""
        sides = self._asked(_EXTENT, Filter(area=area)).one()
        return None if sides[0] is None else BBox(*sides)

    def count(self, chosen: Filter) -> dict[str, int]:
        """Count the merchants meant, by category."""
        return dict(sorted((category, n) for category, n in self._asked(_COUNT, chosen)))

    def clusters(self, chosen: Filter, level: int) -> list[tallies.Cluster]:
        """Gather the merchants meant into cells of the level, counting each row."""
        return tallies.gather(self._asked(_cells(level), chosen))

    def tallied(self, chosen: Filter, level: int) -> list[tallies.Cluster]:
        """Gather from the ready counts instead: whole cells, at any number of merchants."""
        source = schema.tally
        query = (
            select(
                source.c.cell,
                source.c.category,
                func.sum(source.c.n),
                func.sum(source.c.lon_e7) / 1e7,
                func.sum(source.c.lat_e7) / 1e7,
                func.sum(source.c.fids),
            )
            .where(source.c.level == level, source.c.n > 0, within(source.c.area, chosen.area))
            .group_by(source.c.cell, source.c.category)
        )
        if chosen.box is not None:
            spans = tallies.spans(chosen.box, level)
            query = query.where(or_(*(source.c.cell.between(low, high) for low, high in spans)))
        if chosen.categories is not None:
            query = query.where(source.c.category.in_(chosen.categories))
        rows = self._conn.execute(query).all()
        if chosen.box is not None:
            inside = tallies.cells(chosen.box, level)
            rows = [row for row in rows if row[0] in inside]
        return tallies.gather(rows)

    def by_area(self, prefix: str, digits: int) -> list[tuple[str, str, int]]:
        """Count what residents see: (code cut to so many digits, category, n)."""
        source = schema.tally
        code = func.substr(source.c.area, 1, digits).label("code")
        query = (
            select(code, source.c.category, func.sum(source.c.n))
            .where(source.c.level == tallies.LEVELS[0], within(source.c.area, prefix))
            .group_by(code, source.c.category)
        )
        return [(area, category, int(n)) for area, category, n in self._conn.execute(query) if n]

    def hours_texts(self) -> list[str]:
        """Return every text of opening hours in use, once."""
        column = schema.merchant.c.hours
        return list(self._conn.execute(select(column).distinct()).scalars())

    def alive(self) -> None:
        """Ask the store for next to nothing, to see that it answers and is ours."""
        self.meta("schema")

    def _asked(
        self, query: Select[Any], chosen: Filter, **more: object
    ) -> Result[*tuple[Any, ...]]:
        """Ask a kept query for the merchants meant."""
        kept = self._backend.statements
        statement = kept.get((query, chosen.shape))
        if statement is None:
            statement = kept[query, chosen.shape] = self._narrowed(query, chosen)
        told: Values = {
            "area": chosen.area,
            "area_end": chosen.area and past(chosen.area),
            "statuses": chosen.statuses,
            "closed_before": chosen.closed_before,
            "categories": chosen.categories,
            "hours": chosen.hours,
            "words": self._backend.words(chosen.words),
        }
        if (box := chosen.box) is not None:
            told |= {"west": box.west, "south": box.south, "east": box.east, "north": box.north}
        return self._conn.execute(statement, told | more)

    def _narrowed(self, query: Select[Any], chosen: Filter) -> Select[Any]:
        """Return a query with a condition for all that narrows; the values come with the asking."""
        column = schema.merchant.c
        query = query.where(column.status.in_(bindparam("statuses", expanding=True)))
        if chosen.area:
            query = query.where(
                column.area >= bindparam("area"), column.area < bindparam("area_end")
            )
        if chosen.closed_before is not None:
            until = column.closed_until
            again = and_(until != "", until < bindparam("closed_before"))
            query = query.where(or_(column.status != "closed", again))
        if chosen.categories is not None:
            query = query.where(column.category.in_(bindparam("categories", expanding=True)))
        if chosen.hours is not None:
            query = query.where(column.hours.in_(bindparam("hours", expanding=True)))
        if chosen.words:
            query = query.where(self._backend.matching)
        if chosen.box is not None:
            # The index rounds boxes outwards to 32 bits: look again, exactly.
            query = query.where(
                column.lon.between(bindparam("west"), bindparam("east")),
                column.lat.between(bindparam("south"), bindparam("north")),
            )
            if not chosen.words:
                query = query.where(self._backend.near)
        return query


# A statement that is kept costs SQLAlchemy a third of one that is made anew.
_REVISION = select(func.coalesce(func.sum(schema.clock.c.rev), 0))
_COUNT = select(schema.merchant.c.category, func.count()).group_by(schema.merchant.c.category)
_EXTENT = select(
    func.min(schema.merchant.c.lon),
    func.min(schema.merchant.c.lat),
    func.max(schema.merchant.c.lon),
    func.max(schema.merchant.c.lat),
)


@cache
def _columns(names: tuple[str, ...]) -> Select[Any]:
    columns = [schema.merchant.c[name] for name in names]
    return select(*columns).limit(bindparam("limit", type_=Integer))


@cache
def _everything(table: str) -> Select[Any]:
    source = schema.metadata.tables[table]
    columns = [column for column in source.c if column.name not in tallies.DERIVED]
    return select(*columns).order_by(source.c.fid)


@cache
def _cells(level: int) -> Select[Any]:
    source = schema.merchant
    # PostgreSQL shifts by an integer only, and a parameter would be a bigint.
    cell = source.c.quad.op(">>")(literal_column(str(tallies.shift(level)))).label("cell")
    return select(
        cell,
        source.c.category,
        func.count(),
        func.sum(source.c.lon),
        func.sum(source.c.lat),
        func.min(source.c.fid),
    ).group_by(cell, source.c.category)
