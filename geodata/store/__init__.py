"""Where everything is kept: one GeoPackage file, or a PostGIS database, behind one face.

>>> import tempfile, pathlib
>>> store = open_store(pathlib.Path(tempfile.mkdtemp()) / "linju.gpkg")
>>> with store.reading() as tx:
...     tx.revision()
1
>>> store.close()
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.exc import SQLAlchemyError

from geodata.errors import Invalid, LinjuError, Unavailable
from geodata.policy import Action, Actor, Role, require
from geodata.store import migrations, schema, shipped
from geodata.store.backend import Backend
from geodata.store.geopackage import GeoPackage, duplicate
from geodata.store.postgis import PostGIS
from geodata.store.reader import LONGEST_KEY, PUBLIC, SHORTEST_KEY, Filter, Memory, Reader
from geodata.store.records import now
from geodata.store.writer import Writer

__all__ = [
    "LONGEST_KEY",
    "PUBLIC",
    "SHORTEST_KEY",
    "Filter",
    "Progress",
    "Reader",
    "Store",
    "Writer",
    "now",
    "open_store",
]

Progress = Callable[[int, int], None]
_SHIPPER = Actor("linju", Role.ADMIN)
_COPIED = 5000  # rows at a time, from one store into another


def open_store(url: str | Path) -> "Store":
    """Open a store, make it where there is none, and bring its tables up to date.

    ``url`` is the path of a GeoPackage (made with its folder) or a
    ``postgresql://`` address.

    Raises
    ------
    Invalid
        ``store_url``: of neither kind; ``store_foreign``, ``store_unreadable``: a file, but
        not a store; ``store_newer``: made by a later Linju; ``postgis_missing``.
    Unavailable
        ``store_unreachable``, ``store_busy``, ``disk_full``.
    """
    address = str(url)
    if address.startswith(("postgresql://", "postgres://")):
        store = Store(PostGIS(address))
    elif "://" not in address or address.startswith("gpkg:///"):
        store = Store(GeoPackage(Path(address.removeprefix("gpkg://"))))
    else:
        raise Invalid("store_url", url=address.split("://", 1)[0])
    try:
        store.migrate()
    except BaseException:
        store.close()
        raise
    return store


class Store:
    """The neighbourhood's memory. Made by :func:`open_store`; threads and forks may share it."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._seen: tuple[object, int] | None = None
        self._memory: Memory = {}

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Give a snapshot to read from.

        Raises
        ------
        Unavailable
            ``store_unreachable``, ``store_busy``.
        """
        with self.transaction(write=False) as conn:
            yield Reader(conn, self._backend, self._memory)

    @contextmanager
    def writing(self, *, keep: bool = True) -> Iterator[Writer]:
        """Give a transaction to write in; it commits at the end of the block.

        Where ``keep`` is false it is rolled back even so: a rehearsal.

        Any exception rolls it back. When the block has ended without one, what was
        written survives a loss of power.

        Raises
        ------
        Unavailable
            ``store_busy`` (30 s behind another writer), ``disk_full``, ``store_unreachable``.
        """
        with self.transaction(write=True) as conn:
            tx = Writer(conn, self._backend, self._memory)
            yield tx
            if not keep:
                conn.rollback()
        if tx.erased and keep:
            self._told(self._backend.wipe)

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Connection]:
        """Give a bare connection; for this room's own upkeep, never for a subject."""
        try:
            with self._backend.engine.connect() as conn, conn.begin():
                self._backend.begin(conn, write=write)
                yield conn
        except SQLAlchemyError as error:
            if failure := self._backend.failure(error):
                raise failure from error
            raise

    def revision(self) -> int:
        """Return the revision of everything; cheap enough to ask before every answer."""
        stamp = self._told(self._backend.stamp)
        seen = self._seen
        if stamp is not None and seen is not None and seen[0] == stamp:
            return seen[1]
        with self.reading() as tx:
            revision = tx.revision()
        # The stamp was taken first: a commit in between makes the next call ask again.
        self._seen = (stamp, revision)
        return revision

    def migrate(self, *, fresh: bool = True) -> None:
        """Make the tables, or bring them to this version by the numbered steps in between.

        Where ``fresh`` is not wanted, a file without tables is ``store_unreadable``.
        """
        with self.transaction(write=True) as conn:
            self._backend.lock_schema(conn)
            if self._backend.exists(conn):
                migrations.step_up(conn)
            elif not fresh:
                raise Invalid("store_unreadable")
            else:
                schema.metadata.create_all(conn)
                self._backend.create(conn)
                migrations.stamp(conn)
                writer = Writer(conn, self._backend, {})
                writer.insert("category", shipped.CATEGORIES, by=_SHIPPER, action="ship")

    def backup(self, path: Path, *, actor: Actor, progress: Progress | None = None) -> None:
        """Write the whole store to a new GeoPackage file, which :meth:`restore` reads.

        The copy is of one moment, while the service runs; a store on PostGIS is
        written to the same kind of file, and so can move to a PC and back. The file
        holds everything, private tables too.

        Raises
        ------
        Invalid
            ``file_exists``: never writes over a file.
        Unavailable
            ``file_unwritable``, ``disk_full``.
        """
        require(actor, Action.STORE_BACKUP)
        if path.exists():
            raise Invalid("file_exists", path=str(path))
        if not path.parent.is_dir():
            raise Unavailable("file_unwritable", path=str(path), reason="no such folder")
        part = path.with_name(path.name + ".part")
        part.unlink(missing_ok=True)
        try:
            if not self._told(lambda: self._backend.copy_to(part)):
                target = open_store(part)
                _copy(self, target, progress)
                target.close()
                for left in ("-wal", "-shm"):
                    Path(f"{part}{left}").unlink(missing_ok=True)
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)

    def restore(self, path: Path, *, actor: Actor, progress: Progress | None = None) -> None:
        """Put a backup in the place of everything that is in the store.

        One transaction: readers see the old until they see the new, and a failure
        leaves the old. Every clock goes on, so that no cached answer survives.

        Raises
        ------
        Invalid
            ``backup_missing``, ``backup_unreadable``; ``store_newer``.
        """
        require(actor, Action.STORE_RESTORE)
        if not path.is_file():
            raise Invalid("backup_missing", path=str(path))
        with tempfile.TemporaryDirectory() as folder:
            # An older backup is stepped up before it is read: never the file itself.
            source = _backed_up(path, Path(folder) / "backup.gpkg")
            try:
                _copy(source, self, progress)
            finally:
                source.close()
        with self.writing() as tx:
            # What was ended after the backup was made must not come back with it.
            tx.revise("key", {"ended": now()}, kind=["session", "share"], ended="")

    def _told[T](self, act: Callable[[], T]) -> T:
        try:
            return act()
        except Exception as error:
            if failure := self._backend.failure(error):
                raise failure from error
            raise

    def close(self) -> None:
        """Close every connection; the store can be used again, and opens new ones."""
        self._seen = None
        self._backend.close()


def _backed_up(path: Path, copy: Path) -> Store:
    try:
        duplicate(path, copy)
        store = Store(GeoPackage(copy))
    except LinjuError as error:
        raise Invalid("backup_unreadable", path=str(path)) from error
    try:
        store.migrate(fresh=False)
    except Invalid as error:
        store.close()
        if error.code == "store_newer":
            raise
        raise Invalid("backup_unreadable", path=str(path)) from error
    return store


def _copy(source: Store, target: Store, progress: Progress | None) -> None:
    tables = schema.metadata.sorted_tables
    with source.transaction(write=False) as conn, target.writing() as tx:
        tx.clear()
        total = sum(_size(conn, table) for table in tables)
        done = 0
        for table in tables:
            rows = conn.execution_options(yield_per=_COPIED).execute(select(table))
            for part in rows.mappings().partitions(_COPIED):
                tx.fill(table.name, [dict(row) for row in part])
                done += len(part)
                if progress:
                    progress(done, total)
        tx.reindex()


def _size(conn: Connection, table: Table) -> int:
    return int(conn.execute(select(func.count()).select_from(table)).scalar_one())
