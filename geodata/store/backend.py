"""What differs between the engines, and nothing else."""

import os
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, Select, Table

from geodata.errors import LinjuError


def _forget_in_children(engine: Engine) -> None:
    """See that a forked process opens connections of its own and leaves its parent's alone."""
    known = weakref.ref(engine)

    def forget() -> None:
        if (left := known()) is not None:
            left.dispose(close=False)

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget)


class Insertion(NamedTuple):
    """An INSERT as the driver takes it: its text, and each column with how its value is bound."""

    text: str
    positional: bool
    columns: Sequence[tuple[str, Callable[[Any], Any] | None]]


class Backend(ABC):
    """One engine: how it begins, what finds a box or a word, what it keeps beside a table."""

    near: ColumnElement[bool]
    """What an index says is in the box :west, :south, :east, :north, and a few more."""
    matching: ColumnElement[bool]
    """What has a term beginning with each prefix of :words, as :meth:`words` writes them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.statements: dict[tuple[Select[Any], tuple[bool, ...]], Select[Any]] = {}
        self._insertions: dict[tuple[str, tuple[str, ...]], Insertion] = {}
        _forget_in_children(engine)

    def insertion(self, source: Table, names: tuple[str, ...]) -> Insertion:
        """Return the INSERT of these columns; compiling one takes longer than a row does."""
        known = self._insertions.get((source.name, names))
        if known is None:
            dialect = self.engine.dialect
            compiled = source.insert().compile(dialect=dialect, column_keys=list(names))
            columns = [
                (name, source.c[name].type.dialect_impl(dialect).bind_processor(dialect))
                for name in names
            ]
            known = Insertion(str(compiled), compiled.positional, columns)
            self._insertions[source.name, names] = known
        return known

    @abstractmethod
    def create(self, conn: Connection) -> None:
        """Add to the fresh tables what only this engine has: indexes, triggers, registers."""

    @abstractmethod
    def exists(self, conn: Connection) -> bool:
        """Tell whether the tables are there."""

    @abstractmethod
    def begin(self, conn: Connection, *, write: bool) -> None:
        """Begin a transaction: a snapshot to read from, or one that may write."""

    @abstractmethod
    def lock_schema(self, conn: Connection) -> None:
        """Let one process at a time change the tables, until the transaction ends."""

    @abstractmethod
    def reserve(self, conn: Connection, table: str, n: int) -> Sequence[int]:
        """Return n unused fids."""

    @abstractmethod
    def alone(self, conn: Connection) -> None:
        """Let nobody else write until the transaction ends."""

    @abstractmethod
    def hold(self, conn: Connection, what: str) -> None:
        """Let nobody else hold the same word until the transaction ends."""

    @staticmethod
    @abstractmethod
    def words(prefixes: Sequence[str]) -> str:
        """Write prefixes as the engine's search for words wants them."""

    @abstractmethod
    def index(self, conn: Connection, rows: Iterable[dict[str, Any]]) -> None:
        """Enter merchants into the indexes that the engine does not keep by itself."""

    @abstractmethod
    def unindex(self, conn: Connection, rows: Iterable[dict[str, Any]]) -> None:
        """Take merchants out of them; the rows as they were."""

    @abstractmethod
    def empty(self, conn: Connection, tables: Sequence[str]) -> None:
        """Delete all rows of the tables and of their indexes."""

    @abstractmethod
    def reindex(self, conn: Connection) -> None:
        """Make the engine's own indexes again from the rows."""

    @abstractmethod
    def purge(self, conn: Connection) -> None:
        """Take words that were deleted out of the engine's own indexes, within the transaction."""

    @abstractmethod
    def wipe(self) -> None:
        """Take what was deleted out of the engine's log, after the commit, as far as it can."""

    @abstractmethod
    def stamp(self) -> object:
        """Return a value that changes whenever another connection has committed, or None.

        It must cost less than a query; None where the engine has nothing so cheap.
        """

    @abstractmethod
    def failure(self, error: Exception) -> LinjuError | None:
        """Return what a driver's error means to a caller; None where it is our mistake."""

    @abstractmethod
    def copy_to(self, path: Path) -> bool:
        """Write a consistent copy as a GeoPackage, or return False where it cannot."""

    @abstractmethod
    def close(self) -> None:
        """Close every connection."""
