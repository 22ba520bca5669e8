"""Writing: one transaction, in which every row takes its history, clock and indexes along."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import batched
from typing import Any, override

import orjson
from sqlalchemy import Connection, Table, bindparam, select
from sqlalchemy.exc import IntegrityError

from geodata.errors import Conflict
from geodata.policy import Actor
from geodata.store import schema, tallies
from geodata.store.backend import Backend
from geodata.store.daily import FIGURES, DailyWriter
from geodata.store.reader import EVERYWHERE, PUBLIC, Memory, Reader
from geodata.store.records import Values, now

CLOCK_DIGITS = 12
"""A clock ticks for a community, so that neighbours do not wait for each other."""

BATCH = 2000

REMEMBERED = timedelta(days=30)
"""So long the result under an Idempotency-Key is known; drafts wait in browsers for days."""


class Writer(DailyWriter, Reader):
    """A transaction that may write, and reads what it wrote.

    Committed when its ``with`` block ends well, rolled back otherwise.
    """

    def __init__(self, conn: Connection, backend: Backend, memory: Memory) -> None:
        super().__init__(conn, backend, memory)
        self._dirty = False
        self.batch = ""
        """Notes in the history which import wrote a row, where one does."""
        self.erased = False
        """Whether something was deleted on legal request, so that no trace may stay."""

    def insert(
        self, table: str, rows: Sequence[Values], *, by: Actor, action: str = "add", why: str = ""
    ) -> None:
        """Add rows; each has its key and all columns but those the store derives.

        Raises
        ------
        Conflict
            ``key_taken`` where a key exists.
        """
        source = schema.metadata.tables[table]
        for batch in batched(rows, BATCH):
            fids = self._backend.reserve(self._conn, table, len(batch))
            revisions = self._tick(_clock(table, row) for row in batch)
            at = now()
            full = [
                row
                | {"fid": fid, "version": 1, "created": row.get("created") or at, "changed": at}
                | {"revision": revisions[_clock(table, row)]}
                for fid, row in zip(fids, batch, strict=True)
            ]
            _derive(table, full)
            try:
                self._add(source, _columns(full))
            except IntegrityError as error:
                raise Conflict("key_taken", table=table) from error
            self._enter(table, gone=[], come=full)
            self._note(table, full, [{}] * len(full), by=by, action=action, why=why)

    def update(
        self,
        table: str,
        key: str,
        changes: Mapping[str, Any],
        *,
        version: int | None,
        by: Actor,
        action: str = "edit",
        why: str = "",
    ) -> Values:
        """Change columns of one row and return it; nothing to change, nothing is written.

        ``version`` is the one that the caller has seen; None where the caller has
        read the row in this transaction and decides by it.

        Raises
        ------
        NotFound
            ``merchant_not_found`` and its like.
        Conflict
            ``version_stale``: somebody else was quicker; details give both versions.
        """
        old = self.row(table, key)
        if version is not None and version != old["version"]:
            raise Conflict("version_stale", key=key, seen=version, current=old["version"])
        (new,) = self.update_many(table, [(old, changes)], by=by, action=action, why=why) or [old]
        return new

    def update_many(
        self,
        table: str,
        edits: Sequence[tuple[Values, Mapping[str, Any]]],
        *,
        by: Actor,
        action: str = "edit",
        why: str = "",
    ) -> list[Values]:
        """Change rows that were read in this transaction; return those that differ now."""
        source = schema.metadata.tables[table]
        written: list[Values] = []
        for batch in batched(edits, BATCH):
            pairs = [(old, old | dict(changes)) for old, changes in batch]
            pairs = [(old, new) for old, new in pairs if old != new]
            if not pairs:
                continue
            # Both clocks, where a row moves from one area to another.
            revisions = self._tick(_clock(table, row) for pair in pairs for row in pair)
            at = now()
            for old, new in pairs:
                new["version"] = old["version"] + 1
                new["revision"] = revisions[_clock(table, new)]
                new["changed"] = at
            olds, news = [old for old, _ in pairs], [new for _, new in pairs]
            _derive(table, news)
            if table == "merchant":
                self._backend.unindex(self._conn, olds)
            self._replace(source, olds, news)
            self._enter(table, gone=olds, come=news)
            before = [
                {k: v for k, v in old.items() if new[k] != v and k not in _untold(table)}
                for old, new in pairs
            ]
            self._note(table, news, before, by=by, action=action, why=why)
            written += news
        return written

    def erase_row(self, table: str, key: str, *, by: Actor, why: str) -> None:
        """Delete a row on legal request, and everything that its history tells of it.

        What stays in the history are the moments, and that it was erased.
        """
        old = self.row(table, key)
        source, history = schema.metadata.tables[table], schema.history
        if table == "merchant":
            self._backend.unindex(self._conn, [old])
            self._backend.purge(self._conn)
        self.erased = True
        self._conn.execute(source.delete().where(source.c.fid == old["fid"]))
        self._enter(table, gone=[old], come=[])
        self._conn.execute(
            history.update()
            .where(history.c.subject == table, history.c.key == key)
            .values(before="", by="", why="", batch="")
        )
        clock = _clock(table, old)
        gone = old | {"version": old["version"] + 1, "changed": now()}
        gone["revision"] = self._tick([clock])[clock]
        self._note(table, [gone], [{}], by=by, action="erase", why=why)

    def rewrite(self, table: str, key: str, mend: Callable[[Values], Values]) -> None:
        """Let a row's history tell otherwise what was there; on legal request only."""
        source = schema.history
        self.erased = True
        for entry in self.history(table, key):
            if (was := entry["before"]) and (now_told := mend(was)) != was:
                told = source.update().where(source.c.seq == entry["seq"])
                self._conn.execute(told.values(before=_json(now_told)))

    def tick_figures(self) -> None:
        """Move the clock of the figures by day, and no other: what the matrix is now stays."""
        self._tick([FIGURES])

    def alone(self) -> None:
        """Let nobody else write until this transaction ends; before what looks at every row."""
        self._backend.alone(self._conn)

    def hold(self, what: str) -> None:
        """Wait until no other transaction holds this word, and hold it until this one ends.

        For what is read, judged and then written, where rows have no version: what is read after
        this stands until the commit.
        """
        self._backend.hold(self._conn, what)

    def remember(self, by: str, key: str, request: str, result: str) -> None:
        """Note the result of this write under its Idempotency-Key; commits with the write.

        It is remembered for :data:`REMEMBERED`.

        Raises
        ------
        Conflict
            ``idempotency_key_busy``: the same request is being carried out elsewhere.
        """
        self.expire("idempotency", REMEMBERED)
        row = {"by": by, "key": key, "request": request, "result": result, "at": now()}
        statement = self._upsert(schema.idempotency).values(row).on_conflict_do_nothing()
        if self._conn.execute(statement.returning(schema.idempotency.c.key)).first() is None:
            raise Conflict("idempotency_key_busy", key=key)

    def set_meta(self, key: str, value: str) -> None:
        """Note something about the instance."""
        statement = self._upsert(schema.meta).values(key=key, value=value)
        self._conn.execute(
            statement.on_conflict_do_update(index_elements=["key"], set_={"value": value})
        )

    def clear(self, *, keep: Sequence[str] = ()) -> None:
        """Delete every row of every table; all clocks go on, so that no cache stays true.

        Tables that are kept keep their history too. For a restore and for leaving the
        demonstration only; one row goes by :meth:`erase_row`.
        """
        kept = {"clock", *keep}
        if told := sorted(kept & schema.HISTORIED.keys()):
            kept.add("history")
            history = schema.history
            self._conn.execute(history.delete().where(history.c.subject.not_in(told)))
        tables = [t.name for t in reversed(schema.metadata.sorted_tables) if t.name not in kept]
        areas = list(self._conn.execute(select(schema.clock.c.area)).scalars())
        self._backend.empty(self._conn, tables)
        self._tick([*areas, EVERYWHERE])

    def fill(self, table: str, rows: Sequence[Values]) -> None:
        """Put rows back as they were, with fid, version and history; for a restore."""
        source = schema.metadata.tables[table]
        if table == "clock":
            for row in rows:
                statement = self._upsert(source).values(row)
                self._conn.execute(
                    statement.on_conflict_do_update(
                        index_elements=["area"],
                        set_={"rev": source.c.rev + statement.excluded.rev + 1},
                    )
                )
        elif rows:
            self._add(source, _columns(rows))

    def reindex(self) -> None:
        """Make the engine's own indexes again from the rows; after :meth:`fill`."""
        self._backend.reindex(self._conn)

    @override
    def revision(self, area: str = "") -> int:
        # What a writer reads moves, by its own hand and, on PostgreSQL, by others'.
        return self._read_revision(area)

    @override
    def _keep(self, name: str, revision: int, value: object) -> None:
        # A revision of this transaction may be rolled back, and given again to other rows.
        if not self._dirty:
            super()._keep(name, revision, value)

    def _tick(self, areas: Iterable[str]) -> dict[str, int]:
        """Move the clocks and return where they stand; in one order, against deadlock."""
        source = schema.clock
        found = {}
        for area in sorted(set(areas)):
            self._dirty = True
            statement = (
                self._upsert(source)
                .values(area=area, rev=1)
                .on_conflict_do_update(index_elements=["area"], set_={"rev": source.c.rev + 1})
                .returning(source.c.rev)
            )
            found[area] = int(self._conn.execute(statement).scalar_one())
        return found

    def _add(self, source: Table, told: Mapping[str, Sequence[Any]]) -> None:
        """Insert rows that stand as columns; SQLAlchemy's work on each would double the time."""
        statement = self._backend.insertion(
            source, tuple(c.name for c in source.c if c.name in told)
        )
        values = [
            map(bound, told[name]) if bound else told[name] for name, bound in statement.columns
        ]
        rows: Iterable[Any] = zip(*values, strict=True)
        if not statement.positional:
            names = [name for name, _ in statement.columns]
            rows = (dict(zip(names, row, strict=True)) for row in rows)
        self._conn.exec_driver_sql(statement.text, [*rows])

    def _replace(self, source: Table, olds: list[Values], news: list[Values]) -> None:
        columns = [c.name for c in source.c if c.name != "fid"]
        statement = (
            source.update()
            .where(source.c.fid == bindparam("_fid"), source.c.version == bindparam("_seen"))
            .values({name: bindparam(name) for name in columns})
        )
        rows = [
            {name: new[name] for name in columns} | {"_fid": old["fid"], "_seen": old["version"]}
            for old, new in zip(olds, news, strict=True)
        ]
        if self._conn.execute(statement, rows).rowcount != len(rows):
            # The snapshot of PostgreSQL moves between statements: another was quicker.
            raise Conflict("version_stale", key=olds[0][schema.HISTORIED[source.name]])

    def _enter(self, table: str, *, gone: list[Values], come: list[Values]) -> None:
        if table != "merchant":
            return
        if come:
            self._backend.index(self._conn, come)
        source = schema.tally
        changed = tallies.deltas(gone, come, public=PUBLIC)
        if not changed:
            return
        names = ("level", "cell", "area", "category", "n", "lon_e7", "lat_e7", "fids")
        statement = self._upsert(source)
        statement = statement.on_conflict_do_update(
            index_elements=names[:4],
            set_={name: source.c[name] + statement.excluded[name] for name in names[4:]},
        )
        rows = [dict(zip(names, (*key, *sums), strict=True)) for key, sums in changed.items()]
        self._conn.execute(statement, rows)

    def _note(
        self,
        table: str,
        rows: list[Values],
        before: list[Values],
        *,
        by: Actor,
        action: str,
        why: str,
    ) -> None:
        every = len(rows)
        noted = {
            "subject": [table] * every,
            "key": [row[schema.HISTORIED[table]] for row in rows],
            "version": [row["version"] for row in rows],
            "revision": [row["revision"] for row in rows],
            "area": [_clock(table, row) for row in rows],
            "at": [row["changed"] for row in rows],
            "by": [by.name] * every,
            "role": [str(by.role)] * every,
            "action": [action] * every,
            "why": [why] * every,
            "batch": [self.batch] * every,
            "before": [_json(was) if was else "" for was in before],
        }
        self._add(schema.history, noted)


def _json(values: Values) -> str:
    # SQLAlchemy's names of columns are a kind of str.
    return orjson.dumps(values, default=bytes.hex, option=orjson.OPT_NON_STR_KEYS).decode()


def _columns(rows: Sequence[Values]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


_UNTOLD = tallies.DERIVED | {"geom", "version", "revision", "changed"}


def _untold(table: str) -> frozenset[str]:
    """Return the columns that no history tells of."""
    if table == "closure":
        return _UNTOLD - {"geom"}
    # What is personal has no past.
    return _UNTOLD | {"words"} if table == "round" else _UNTOLD


def _clock(table: str, row: Mapping[str, Any]) -> str:
    return str(row["area"])[:CLOCK_DIGITS] if table in schema.LOCAL else EVERYWHERE


def _derive(table: str, rows: list[Values]) -> None:
    """Fill the columns that follow from the position."""
    if table not in schema.PLACES:
        return
    lon, lat = [row["lon"] for row in rows], [row["lat"] for row in rows]
    geoms = schema.points_wkb(lon, lat)
    for row, geom in zip(rows, geoms, strict=True):
        row["geom"] = geom
    if table == "merchant":
        for row, quad in zip(rows, tallies.quads(lon, lat).tolist(), strict=True):
            row["quad"] = quad
