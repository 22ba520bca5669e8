"""Rows without a history: accounts, keys, proposals, contacts, and the access log."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Executable,
    Integer,
    Table,
    and_,
    bindparam,
    func,
    literal,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError

from geodata.errors import Conflict, NotFound
from geodata.policy import Actor
from geodata.store import schema

Values = dict[str, Any]

LOG_KEPT = timedelta(days=365)
"""So long a line of the access log stands."""

_SWEPT = 1000
"""Rows that one transaction deletes at most because they are too old."""


def now() -> str:
    """Return this moment as the store writes it: ISO 8601, UTC, milliseconds."""
    return _moment(datetime.now(UTC))


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def within(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """Return the codes that begin with a prefix of digits, so that an index can serve it."""
    return and_(column >= prefix, column < past(prefix)) if prefix else true()


def equal_to(source: Table, equal: Mapping[str, object]) -> list[ColumnElement[bool]]:
    """Return that columns are equal to values, or one of them where those are a list."""
    return [
        source.c[name].in_(value) if isinstance(value, list) else source.c[name] == value
        for name, value in equal.items()
    ]


_FEW = 1000
"""Rows of an area that are sooner found by it and sorted than met in the order of all."""


def _inside(source: Table, prefix: str) -> ColumnElement[bool]:
    """Return the same as :func:`within`, so that the index of the order serves and not the area's.

    Where very many are inside, the first page is met at once on the way through all of them.
    """
    return func.substr(source.c.area, 1, len(prefix)) == prefix


def past(prefix: str) -> str:
    """Return what comes after every code with the prefix."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


class Records:
    """What a transaction reads of them."""

    _conn: Connection

    def record(self, table: str, key: str) -> Values:
        """Return one row of a table without a history.

        Raises
        ------
        NotFound
            ``proposal_not_found`` and its like, with the key.
        """
        source = schema.metadata.tables[table]
        query = select(source).where(source.c[schema.RECORDS[table]] == key)
        # PostgreSQL refuses to compare with a NUL.
        found = None if "\x00" in key else self._conn.execute(query).mappings().first()
        if found is None:
            raise NotFound(f"{table}_not_found", key=key)
        return dict(found)

    def records(
        self,
        table: str,
        *,
        order: Sequence[str] = (),
        newest: bool = False,
        after: Sequence[object] = (),
        limit: int | None = None,
        area: str = "",
        columns: Collection[str] = (),
        **equal: object,
    ) -> list[Values]:
        """Return rows of a table without a history, by equal columns (a list: any of).

        ``order`` are columns, the smallest first unless ``newest``; ``after`` are their values
        in the last row that was seen; ``area`` is a code prefix; ``columns`` are all where none
        is named.
        """
        source = schema.metadata.tables[table]
        told = [c for c in source.c if not columns or c.name in columns]
        query = select(*told).where(*equal_to(source, equal))
        if area:
            crowded = limit is not None and self._more_than(_FEW, table, area, equal)
            query = query.where(_inside(source, area) if crowded else within(source.c.area, area))
        ranks = [source.c[name] for name in order]
        if after:
            here, last = tuple_(*ranks), tuple_(*(literal(value) for value in after))
            query = query.where(here < last if newest else here > last)
        query = query.order_by(*(c.desc() if newest else c for c in ranks)).limit(limit)
        return [dict(row) for row in self._conn.execute(query).mappings()]

    def _more_than(self, n: int, table: str, area: str, equal: Mapping[str, object]) -> bool:
        source = schema.metadata.tables[table]
        some = select(literal(1)).select_from(source).where(*equal_to(source, equal))
        some = some.where(within(source.c.area, area)).limit(n + 1)
        query = select(func.count()).select_from(some.subquery())
        return int(self._conn.execute(query).scalar_one()) > n

    def record_count(self, table: str, *, area: str = "", **equal: object) -> int:
        """Count what :meth:`records` would return without a limit."""
        source = schema.metadata.tables[table]
        query = select(func.count()).select_from(source).where(*equal_to(source, equal))
        if area:
            query = query.where(within(source.c.area, area))
        return int(self._conn.execute(query).scalar_one())


class RecordWriter(Records):
    """What a transaction writes of them."""

    @property
    def _upsert(self) -> Callable[[Table], Any]:
        """Return the engine's own INSERT, which knows what to do about a conflict."""
        return sqlite_insert if self._conn.dialect.name == "sqlite" else pg_insert

    def put(self, table: str, row: Mapping[str, Any]) -> None:
        """Add a row to a table without a history, or put it in the place of its former self."""
        source = schema.metadata.tables[table]
        statement = _putting(self._upsert, source, tuple(row))
        try:
            self._conn.execute(statement, dict(row))
        except IntegrityError as error:
            raise Conflict("key_taken", table=table) from error

    def revise(self, table: str, changes: Mapping[str, Any], **equal: object) -> int:
        """Change the rows of a table without a history whose columns are equal; tell how many."""
        source = schema.metadata.tables[table]
        statement = source.update().where(*equal_to(source, equal)).values(dict(changes))
        return self._conn.execute(statement).rowcount

    def erase(self, table: str, **equal: object) -> int:
        """Delete the rows of a table without a history whose columns are equal; tell how many."""
        source = schema.metadata.tables[table]
        return self._conn.execute(source.delete().where(*equal_to(source, equal))).rowcount

    def expire(self, table: str, kept: timedelta) -> int:
        """Delete rows that were made (``at``) longer ago than they are kept; tell how many.

        Not more at once than a visitor can wait for, and none that another transaction is just
        deleting: two that sweep must not wait for each other.
        """
        before = _moment(datetime.now(UTC) - kept)
        statement = _expiring(schema.metadata.tables[table])
        return self._conn.execute(statement, {"before": before, "most": _SWEPT}).rowcount

    def note(self, what: str, *, by: Actor, target: str = "", area: str = "") -> None:
        """Write a line of the access log: who did or saw what, never what was seen.

        Lines are kept for :data:`LOG_KEPT`.
        """
        self.expire("log", LOG_KEPT)
        line = {"at": now(), "by": by.name, "role": str(by.role), "what": what}
        line |= {"target": target, "area": area, "network": by.network}
        self._conn.execute(schema.log.insert().values(line))


@cache
def _expiring(source: Table) -> Delete:
    """Return the statement of :meth:`RecordWriter.expire`."""
    old = select(*source.primary_key).where(source.c.at < bindparam("before"))
    old = old.limit(bindparam("most", type_=Integer)).with_for_update(skip_locked=True)
    return source.delete().where(tuple_(*source.primary_key).in_(old))


@cache
def _putting(upsert: Callable[[Table], Any], source: Table, names: tuple[str, ...]) -> Executable:
    """Return the statement of :meth:`RecordWriter.put`; a kept one costs half of one made anew."""
    key = schema.RECORDS[source.name]
    statement = upsert(source)
    told = {name: statement.excluded[name] for name in names if name != key}
    made: Executable = statement.on_conflict_do_update(index_elements=[key], set_=told)
    return made
