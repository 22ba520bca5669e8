"""The server store: PostgreSQL with PostGIS, for a city and many processes."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, override

import psycopg
from sqlalchemy import (
    Connection,
    Double,
    bindparam,
    cast,
    create_engine,
    false,
    func,
    inspect,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from geodata.errors import Invalid, LinjuError, Unavailable
from geodata.store import schema
from geodata.store.backend import Backend

_SCHEMA_LOCK = 0x4C494E4A55  # "LINJU": one key for pg_advisory_xact_lock
CONNECT_S = 5
BUSY_S = 30

_INDEXES = (
    "CREATE INDEX merchant_geom ON merchant USING gist (geom)",
    "CREATE INDEX area_geom ON area USING gist (geom)",
    """ALTER TABLE merchant ADD COLUMN term_vector tsvector
       GENERATED ALWAYS AS (array_to_tsvector(string_to_array(terms, ' '))) STORED""",
    "CREATE INDEX merchant_terms ON merchant USING gin (term_vector)",
)


class PostGIS(Backend):
    """A database of a PostgreSQL server; it must allow ``CREATE EXTENSION postgis`` or have it."""

    def __init__(self, url: str) -> None:
        driver_url = "postgresql+psycopg://" + url.split("://", 1)[1]
        super().__init__(
            create_engine(
                driver_url,
                pool_pre_ping=True,
                pool_size=8,
                max_overflow=16,
                hide_parameters=True,  # a log is no place for people's words and positions
                connect_args={
                    "connect_timeout": CONNECT_S,
                    "options": f"-c lock_timeout={BUSY_S}s -c timezone=UTC",
                },
            )
        )

    @override
    def create(self, conn: Connection) -> None:
        for statement in _INDEXES:
            conn.execute(text(statement))

    @override
    def exists(self, conn: Connection) -> bool:
        if inspect(conn).has_table("meta"):
            return True
        try:
            conn.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
        except ProgrammingError as error:
            raise Invalid("postgis_missing") from error
        return False

    @override
    def begin(self, conn: Connection, *, write: bool) -> None:
        if not write:
            conn.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))

    @override
    def lock_schema(self, conn: Connection) -> None:
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})

    @override
    def reserve(self, conn: Connection, table: str, n: int) -> Sequence[int]:
        return list(
            conn.execute(
                text("SELECT nextval(:sequence) FROM generate_series(1, :n)"),
                {"sequence": f"{table}_fid_seq", "n": n},
            ).scalars()
        )

    @override
    def alone(self, conn: Connection) -> None:
        conn.execute(text("LOCK TABLE clock IN EXCLUSIVE MODE"))

    @override
    def hold(self, conn: Connection, what: str) -> None:
        conn.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": what}
        )

    near = literal_column("merchant.geom").op("&&")(
        func.ST_MakeEnvelope(
            *(bindparam(side, type_=Double) for side in ("west", "south", "east", "north")),
            schema.SRID,
        )
    )
    matching = literal_column("merchant.term_vector").op("@@")(cast(bindparam("words"), TSQUERY))

    @staticmethod
    @override
    def words(prefixes: Sequence[str]) -> str:
        return " & ".join(f"'{prefix}':*" for prefix in prefixes)

    @override
    def index(self, conn: Connection, rows: Iterable[dict[str, Any]]) -> None:
        """Do nothing: PostgreSQL keeps its indexes."""

    @override
    def unindex(self, conn: Connection, rows: Iterable[dict[str, Any]]) -> None:
        """Do nothing: PostgreSQL keeps its indexes."""

    @override
    def empty(self, conn: Connection, tables: Sequence[str]) -> None:
        # A row that another transaction is just adding would outlive the deletion.
        conn.execute(text("LOCK TABLE clock, merchant, home, area, category IN EXCLUSIVE MODE"))
        for table in tables:
            conn.execute(schema.metadata.tables[table].delete())

    @override
    def reindex(self, conn: Connection) -> None:
        # Rows copied with their fids have left the sequences behind.
        for table in schema.metadata.sorted_tables:
            for column in table.c:
                if column.name in ("fid", "seq"):
                    sequence = f"{table.name}_{column.name}_seq"
                    last = select(func.coalesce(func.max(column), 0)).scalar_subquery()
                    conn.execute(select(func.setval(sequence, last + 1, false())))

    @override
    def purge(self, conn: Connection) -> None:
        """Do nothing: the indexes go with the rows."""

    @override
    def wipe(self) -> None:
        """Do nothing: the server's log and what VACUUM leaves are its operator's."""

    @override
    def stamp(self) -> object:
        return None

    @override
    def failure(self, error: Exception) -> LinjuError | None:
        origin = getattr(error, "orig", error)
        if isinstance(
            origin,
            psycopg.errors.LockNotAvailable
            | psycopg.errors.DeadlockDetected
            | psycopg.errors.SerializationFailure,
        ) or isinstance(error, PoolTimeout):
            return Unavailable("store_busy")
        if isinstance(origin, psycopg.errors.DiskFull):
            return Unavailable("disk_full")
        if isinstance(origin, psycopg.OperationalError | psycopg.InterfaceError):
            return Unavailable("store_unreachable")
        return None

    @override
    def copy_to(self, path: Path) -> bool:
        return False

    @override
    def close(self) -> None:
        self.engine.dispose()
