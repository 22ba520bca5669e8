"""The embedded store: one GeoPackage file, which GeoPandas and QGIS read while it is in use.

SQLite in WAL mode with ``synchronous=FULL``: what was committed survives a loss
of power. Writers take their lock at once (``BEGIN IMMEDIATE``), because a
deferred one that has read fails when another was quicker.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, override

from sqlalchemy import (
    Connection,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry

from geodata.errors import Invalid, LinjuError, Unavailable
from geodata.store import schema
from geodata.store.backend import Backend

BUSY_S = 30
_LOOK_AGAIN_S = 0.02
APPLICATION_ID = 0x47504B47  # "GPKG"
GPKG_VERSION = 10300
_READERS_KB, _WRITERS_KB = 8_000, 64_000

# OGC 12-128r19, annex C. The texts of the two undefined systems are its own.
_REGISTERS = (
    """CREATE TABLE gpkg_spatial_ref_sys (
        srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
        organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT)""",
    """CREATE TABLE gpkg_contents (
        table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
        description TEXT DEFAULT '',
        last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
        min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
        FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))""",
    """CREATE TABLE gpkg_geometry_columns (
        table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
        srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
        PRIMARY KEY (table_name, column_name), UNIQUE (table_name),
        FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
        FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id))""",
    """INSERT INTO gpkg_spatial_ref_sys VALUES
        ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', NULL),
        ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', NULL),
        ('WGS 84 geodetic', 4326, 'EPSG', 4326,
         'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,'
         || 'AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,'
         || 'AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,'
         || 'AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],'
         || 'AUTHORITY["EPSG","4326"]]', NULL)""",
    # With a table of attributes in the register, GDAL lists the registered tables only.
    """INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES
        ('merchant', 'features', 'merchant', 4326), ('home', 'features', 'home', 4326),
        ('area', 'features', 'area', 4326), ('closure', 'features', 'closure', 4326),
        ('category', 'attributes', 'category', NULL)""",
    """INSERT INTO gpkg_geometry_columns VALUES
        ('merchant', 'geom', 'POINT', 4326, 0, 0), ('home', 'geom', 'POINT', 4326, 0, 0),
        ('area', 'geom', 'MULTIPOLYGON', 4326, 0, 0),
        ('closure', 'geom', 'GEOMETRY', 4326, 0, 0)""",
    "CREATE VIRTUAL TABLE merchant_box USING rtree(id, minx, maxx, miny, maxy)",
    """CREATE VIRTUAL TABLE merchant_terms USING fts5(terms, content='merchant',
        content_rowid='fid', tokenize="unicode61 remove_diacritics 0 tokenchars '_'",
        prefix='1', detail=none, columnsize=0)""",
)

# An edit in another program that leaves the version alone would have no history.
_GUARD = """CREATE TRIGGER {0}_guard BEFORE UPDATE ON "{0}" WHEN NEW.version <> OLD.version + 1
    BEGIN SELECT RAISE(ABORT, 'edit through linju: this table keeps a history'); END"""

_BOX_SQL = """INSERT INTO merchant_box
    SELECT fid, lon, lon, lat, lat FROM merchant WHERE fid BETWEEN :first AND :last"""
_TERMS_SQL = """INSERT INTO merchant_terms(rowid, terms)
    SELECT fid, terms FROM merchant WHERE fid BETWEEN :first AND :last"""


class GeoPackage(Backend):
    """A GeoPackage file, made with its folder where it does not exist."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                _mark(path)
        except (OSError, sqlite3.Error) as error:
            raise Unavailable("store_unreachable", path=str(path)) from error
        engine = create_engine(
            f"sqlite:///{path}",
            connect_args={"timeout": BUSY_S},
            pool_size=8,
            max_overflow=16,
            hide_parameters=True,  # a log is no place for people's words and positions
        )
        event.listen(engine, "connect", _prepare)
        super().__init__(engine)
        self._watch: tuple[int, sqlite3.Connection] | None = None
        self._watching = threading.Lock()

    @override
    def create(self, conn: Connection) -> None:
        for statement in _REGISTERS:
            conn.execute(text(statement))
        for table in schema.HISTORIED:
            conn.execute(text(_GUARD.format(table)))

    @override
    def exists(self, conn: Connection) -> bool:
        if inspect(conn).has_table("meta"):
            return True
        if inspect(conn).get_table_names():
            # Somebody else's database: never add our tables to it.
            raise Invalid("store_foreign", path=str(self.path))
        return False

    @override
    def begin(self, conn: Connection, *, write: bool) -> None:
        # An import comes back to pages all over the file; a worker that reads should stay small.
        if conn.info.get("writes") is not write:
            conn.exec_driver_sql(f"PRAGMA cache_size=-{_WRITERS_KB if write else _READERS_KB}")
            conn.info["writes"] = write
        conn.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    @override
    def lock_schema(self, conn: Connection) -> None:
        """Do nothing: BEGIN IMMEDIATE has locked the file."""

    @override
    def hold(self, conn: Connection, what: str) -> None:
        """Do nothing: BEGIN IMMEDIATE has locked the file."""

    @override
    def reserve(self, conn: Connection, table: str, n: int) -> Sequence[int]:
        last = conn.execute(
            text("SELECT seq FROM sqlite_sequence WHERE name = :table"), {"table": table}
        ).scalar()
        return range((last or 0) + 1, (last or 0) + 1 + n)

    @override
    def alone(self, conn: Connection) -> None:
        """Do nothing: BEGIN IMMEDIATE has locked the file."""

    near = schema.merchant.c.fid.in_(
        text(
            "SELECT id FROM merchant_box"
            " WHERE maxx >= :west AND minx <= :east AND maxy >= :south AND miny <= :north"
        )
    )
    matching = schema.merchant.c.fid.in_(
        text("SELECT rowid FROM merchant_terms WHERE merchant_terms MATCH :words")
    )

    @staticmethod
    @override
    def words(prefixes: Sequence[str]) -> str:
        return " ".join(f'"{prefix}" *' for prefix in prefixes)

    @override
    def index(self, conn: Connection, rows: Iterable[dict[str, Any]]) -> None:
        fids = sorted(row["fid"] for row in rows)
        if fids and fids[-1] - fids[0] == len(fids) - 1:
            spans = [{"first": fids[0], "last": fids[-1]}]
        else:
            spans = [{"first": fid, "last": fid} for fid in fids]
        conn.execute(text(_BOX_SQL), spans)
        conn.execute(text(_TERMS_SQL), spans)

    @override
    def unindex(self, conn: Connection, rows: Iterable[dict[str, Any]]) -> None:
        gone = [{"fid": row["fid"], "terms": row["terms"]} for row in rows]
        conn.execute(text("DELETE FROM merchant_box WHERE id = :fid"), gone)
        conn.execute(
            text(
                "INSERT INTO merchant_terms(merchant_terms, rowid, terms)"
                " VALUES ('delete', :fid, :terms)"
            ),
            gone,
        )

    @override
    def empty(self, conn: Connection, tables: Sequence[str]) -> None:
        for table in tables:
            conn.execute(schema.metadata.tables[table].delete())
        if "merchant" in tables:
            conn.execute(text("DELETE FROM merchant_box"))
            self._rebuild_terms(conn)

    @override
    def reindex(self, conn: Connection) -> None:
        conn.execute(text("DELETE FROM merchant_box"))
        conn.execute(text(_BOX_SQL), {"first": 0, "last": 2**62})
        self._rebuild_terms(conn)

    @staticmethod
    def _rebuild_terms(conn: Connection) -> None:
        conn.execute(text("INSERT INTO merchant_terms(merchant_terms) VALUES ('rebuild')"))

    @override
    def purge(self, conn: Connection) -> None:
        # Merging its segments drops the words that were only marked as gone; FTS5 before
        # SQLite 3.42 has no other way.
        conn.execute(text("INSERT INTO merchant_terms(merchant_terms) VALUES ('optimize')"))

    @override
    def wipe(self) -> None:
        with self.engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    @override
    def stamp(self) -> object:
        with self._watching:
            # A forked worker must not use its parent's connection.
            if self._watch is None or self._watch[0] != os.getpid():
                watcher = sqlite3.connect(
                    self.path, timeout=BUSY_S, check_same_thread=False, isolation_level=None
                )
                self._watch = (os.getpid(), watcher)
            return self._watch[1].execute("PRAGMA data_version").fetchone()[0]

    @override
    def failure(self, error: Exception) -> LinjuError | None:
        origin = getattr(error, "orig", error)
        name = getattr(origin, "sqlite_errorname", "")
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return Unavailable("store_busy")
        if name.startswith("SQLITE_FULL"):
            return Unavailable("disk_full", path=str(self.path.parent))
        if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_PERM")):
            return Unavailable("store_unreachable", path=str(self.path))
        if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            return Invalid("store_unreadable", path=str(self.path))
        return None

    @override
    def copy_to(self, path: Path) -> bool:
        with self.engine.connect() as conn:
            conn.exec_driver_sql("VACUUM INTO ?", (str(path),))
        return True

    @override
    def close(self) -> None:
        with self._watching:
            if self._watch and self._watch[0] == os.getpid():
                self._watch[1].close()
            self._watch = None
        self.engine.dispose()


def duplicate(path: Path, copy: Path) -> None:
    """Copy a file as SQLite sees it, with what still lies in its log, and without writing to it.

    Raises
    ------
    Invalid
        ``store_unreadable``: it is no database, or is damaged.
    """
    try:
        with (
            closing(sqlite3.connect(path, timeout=BUSY_S)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.execute("PRAGMA query_only=ON")
            source.backup(target)
    except sqlite3.Error as error:
        raise Invalid("store_unreadable", path=str(path)) from error


def _mark(path: Path) -> None:
    """Make the file and mark its head, before there is a WAL that would hide it from GDAL."""
    with closing(sqlite3.connect(path, timeout=BUSY_S)) as fresh:
        fresh.execute(f"PRAGMA application_id={APPLICATION_ID}")
        fresh.execute(f"PRAGMA user_version={GPKG_VERSION}")


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    _keep_wal(cursor)
    cursor.execute("PRAGMA synchronous=FULL")
    # What is erased on legal request must not lie on in the file's empty places.
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _keep_wal(cursor: DBAPICursor) -> None:
    """Put the file in WAL mode, where it is to stay.

    Only the very first time SQLite must lock for it, and then refuses at once where another
    process does the same, without asking how long we would wait.
    """
    give_up = time.monotonic() + BUSY_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(_LOOK_AGAIN_S)
        else:
            return
