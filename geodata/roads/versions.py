"""Version folders: what a build made, which one is in use, and the step back."""

import errno
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Self

import orjson
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from geodata.errors import Conflict, NotFound, Unavailable
from geodata.policy import Action, Actor, require
from geodata.walking import Graph

FORMAT: Final = 1
"""What the files of a version look like; a later Linju may count on."""

GRAPH, BRIDGES = "walking.npz", "bridges.json"
TILES, GROUND = "tiles.tar", "ground.pmtiles"
_ABOUT, _POINTER, _LOCK = "about.json", "in-use.json", "lock"
_UNFINISHED = ".building-"
_NAME: Final = re.compile(r"\d{8}-\d{6}-\d{3}")
"""As :func:`new_name` gives them: no other folder is ever taken away."""


class Version(BaseModel):
    """One build of the streets, as its summary tells it.

    ``name`` is the folder's; ``title`` what the builder called it. ``extracted`` is the date
    of the extract, None where it does not say. ``bounds`` are west, south, east, north.
    ``components`` counts the parts of the walking network that hang together. ``served`` are
    how many of the merchants then known lay within 300 m of a street, and of how many.
    ``files`` are the bytes of each file by name. What a later Linju says besides is passed
    over, as long as its ``format`` is known here.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: int = FORMAT
    name: str
    title: str
    source: str
    clip: str
    demo: bool
    extracted: datetime | None
    built: datetime
    seconds: float
    streets: int
    km: float
    components: int
    buildings: int
    bounds: tuple[float, float, float, float]
    served: tuple[int, int] = (0, 0)
    files: dict[str, int]

    @property
    def bytes(self) -> int:
        """What the version weighs on the disk."""
        return sum(self.files.values())

    @property
    def ground(self) -> bool:
        """Whether there is a basemap."""
        return GROUND in self.files

    def save(self, folder: Path) -> None:
        """Write the summary into the version's folder."""
        (folder / _ABOUT).write_bytes(self.model_dump_json(indent=1).encode())

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Read a version's summary. Files that it does not name may lie there too.

        Raises
        ------
        Unavailable
            ``streets_unreadable``: missing or damaged; a file of the version is missing or
            not as long as it was. ``streets_newer``: made by a later Linju.
        """
        version = cls.summary(folder)
        for name, size in version.files.items():
            path = folder / name
            if not path.is_file() or path.stat().st_size != size:
                raise Unavailable("streets_unreadable", path=str(path))
        return version

    @classmethod
    def summary(cls, folder: Path) -> Self:
        """Read a version's summary without a look at its files; raises as :meth:`of`."""
        try:
            told = (folder / _ABOUT).read_bytes()
            found = _Format.model_validate_json(told).format
            if found > FORMAT:
                raise Unavailable("streets_newer", path=str(folder), found=found, known=FORMAT)
            version = cls.model_validate_json(told)
        except (OSError, ValidationError) as error:
            raise Unavailable("streets_unreadable", path=str(folder)) from error
        return version.model_copy(update={"name": folder.name})


class _Format(BaseModel):
    """What comes first to be read of a summary."""

    format: int


class Pointer(BaseModel):
    """Which version is in use, and which one was before; "" for none."""

    model_config = ConfigDict(frozen=True)

    current: str = ""
    former: str = ""


class Shelf:
    """The folder of all versions.

    A version is made beside the others in a folder of its own, then one file that names it
    is replaced: a reader sees the old one or the new one, never half of it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def stamp(self) -> tuple[int, int, int] | None:
        """Return what changes with every switch; None where nothing was ever built. Costs µs."""
        try:
            told = (self.folder / _POINTER).stat()
        except OSError:
            return None
        return told.st_mtime_ns, told.st_ino, told.st_size

    def pointer(self) -> Pointer:
        """Tell which version is in use.

        Raises
        ------
        Unavailable
            ``streets_unreadable``: there is such a note, but it cannot be read.
        """
        path = self.folder / _POINTER
        try:
            return Pointer.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return Pointer()
        except (OSError, ValidationError) as error:
            raise Unavailable("streets_unreadable", path=str(path)) from error

    def path(self, name: str) -> Path:
        """Return the folder of a version in use or before it.

        Raises
        ------
        NotFound
            ``streets_version_not_found``: any other one.
        """
        known = self.pointer()
        if not name or name not in (known.current, known.former):
            raise NotFound("streets_version_not_found", name=name)
        return self.folder / name

    def others(self) -> list[str]:
        """Return the names of versions that lie here and are neither in use nor the former."""
        now = self.pointer()
        return sorted({p.parent.name for p in self.folder.glob(f"[!.]*/{_ABOUT}")} - _both(now))

    @contextmanager
    def building(self) -> Iterator[Path]:
        """Give an empty folder to build in; nobody else builds meanwhile, nothing of it stays.

        What was built and is to stay is handed to :meth:`adopt` inside the block.

        Raises
        ------
        Conflict
            ``roads_busy``: another build or switch is under way.
        Unavailable
            ``disk_full``; ``file_unwritable``: any other ``OSError`` inside the block too.
        """
        with self._alone():
            for left in self.folder.glob(f"{_UNFINISHED}*"):  # by a build that was killed
                shutil.rmtree(left, ignore_errors=True)
            work = self.folder / f"{_UNFINISHED}{os.getpid()}"
            work.mkdir()
            try:
                yield work
            finally:
                shutil.rmtree(work, ignore_errors=True)

    def adopt(self, work: Path, name: str) -> None:
        """Make a built folder the version in use; what was in use stays as the former one."""
        before = self.pointer()
        for path in work.rglob("*"):
            if path.is_file():
                _sync(path)
        built = work.rename(self.folder / name)
        try:
            _sync(self.folder)
            self._point(Pointer(current=name, former=before.current))
        except OSError:  # such as a disk that fills at this very moment
            if self.pointer().current != name:
                shutil.rmtree(built, ignore_errors=True)
            raise
        self._clear()

    def use(self, name: str, *, actor: Actor) -> Pointer:
        """Use a version that lies here, as one that was built elsewhere and copied.

        It is opened first. What was in use becomes the former version; the former one is
        left where it lies until the next build. Where the version is in use already nothing
        changes.

        Raises
        ------
        Conflict
            ``roads_busy``.
        Forbidden
            ``forbidden``: for administrators.
        NotFound
            ``streets_version_not_found``: no folder of that name holds a version.
        Unavailable
            ``streets_unreadable``, ``streets_newer``: it cannot be used, and what is in use
            stays; ``disk_full``, ``file_unwritable``.
        """
        require(actor, Action.ROADS_EDIT)
        if not name or name not in {*self.others(), *_both(self.pointer())}:
            raise NotFound("streets_version_not_found", name=name)
        with self._alone():
            now = self.pointer()
            if name == now.current:
                return now
            return self._switch(Pointer(current=name, former=now.current))

    def rollback(self, *, actor: Actor) -> Pointer:
        """Use the former version again, if it opens; the one in use becomes the former.

        Raises
        ------
        Conflict
            ``roads_busy``; ``rollback_missing``: there is no former version.
        Forbidden
            ``forbidden``: for administrators.
        Unavailable
            As for :meth:`use`.
        """
        require(actor, Action.ROADS_EDIT)
        if self.stamp() is None:
            raise Conflict("rollback_missing")
        with self._alone():
            now = self.pointer()
            if not now.former or not (self.folder / now.former).is_dir():
                raise Conflict("rollback_missing")
            return self._switch(Pointer(current=now.former, former=now.current))

    def remove_demo(self, *, actor: Actor) -> Pointer:
        """Take all versions of a demonstration away; a real one before them is used again.

        Raises
        ------
        Conflict
            ``roads_busy``.
        Forbidden
            ``forbidden``: for administrators.
        Unavailable
            ``disk_full``, ``file_unwritable``.
        """
        require(actor, Action.ROADS_EDIT)
        if self.stamp() is None:
            return Pointer()
        with self._alone():
            now, invented = self.pointer(), self.demos()
            real = [name for name in (now.current, now.former) if name and name not in invented]
            left = Pointer(**dict(zip(("current", "former"), real, strict=False)))
            if left != now:
                self._point(left)
            for name in invented:
                shutil.rmtree(self.folder / name, ignore_errors=True)
        return left

    def demos(self) -> set[str]:
        """Return the names of the versions here that are a demonstration's."""
        return {name for name in (*self.others(), *_both(self.pointer())) if self._is_demo(name)}

    def _is_demo(self, name: str) -> bool:
        try:
            return Version.summary(self.folder / name).demo
        except Unavailable:
            return False  # what cannot be read may be an office's own

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let nobody else change anything meanwhile, and tell in our words what fails."""
        with _told_plainly(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                with FileLock(self.folder / _LOCK, timeout=0):
                    yield
            except Timeout as error:
                raise Conflict("roads_busy") from error

    def _switch(self, pointer: Pointer) -> Pointer:
        """Use another version that is here, after a look at it."""
        folder = self.folder / pointer.current
        Version.of(folder)
        Graph.load(folder / GRAPH)
        self._point(pointer)
        return pointer

    def _point(self, pointer: Pointer) -> None:
        written = self.folder / f"{_POINTER}.new"
        try:
            written.write_bytes(orjson.dumps(pointer.model_dump()))
            _sync(written)
            written.replace(self.folder / _POINTER)
        finally:
            written.unlink(missing_ok=True)
        _sync(self.folder)

    def _clear(self) -> None:
        """Take away the versions that are neither in use nor the former one."""
        kept = _both(self.pointer())
        for path in self.folder.iterdir():
            if path.is_dir() and _NAME.fullmatch(path.name) and path.name not in kept:
                # A file that a worker holds open may resist on Windows: the next build tries again.
                shutil.rmtree(path, ignore_errors=True)


def weigh(folder: Path) -> dict[str, int]:
    """Return the bytes of each file of a version but its summary, by name."""
    paths = (folder / name for name in (GRAPH, BRIDGES, TILES, GROUND))
    return {path.name: path.stat().st_size for path in paths if path.is_file()}


def new_name() -> str:
    """Return a name for a new version: this moment, UTC, to the millisecond.

    So names sort by time. As only one build goes on at a time in a folder, it is new there.
    """
    now = time.time_ns()
    return time.strftime("%Y%m%d-%H%M%S", time.gmtime(now // 10**9)) + f"-{now // 10**6 % 1000:03d}"


def _both(pointer: Pointer) -> set[str]:
    return {pointer.current, pointer.former} - {""}


def _sync(path: Path) -> None:
    """Bring a file's bytes or a folder's names to the disk."""
    folder = path.is_dir()
    if folder and os.name == "nt":
        return  # it opens no folders
    # Windows flushes only what is open for writing, and elsewhere no folder is.
    handle = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _told_plainly(folder: Path) -> Iterator[None]:
    """Turn what the system says of files into our own words."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Unavailable("disk_full", path=str(folder)) from error
        path, reason = error.filename or folder, error.strerror or str(error)
        raise Unavailable("file_unwritable", path=str(path), reason=reason) from error
