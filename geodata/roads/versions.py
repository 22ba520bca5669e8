"""Version folders: what a build made, which one is in use, and the step back."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final, Self

import orjson
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from geodata.errors import Conflict, NotFound, Unavailable
from geodata.policy import Action, Actor, require

FORMAT: Final = 1
"""What the files of a version look like; a later Linju may count on."""

GRAPH, TILES, GROUND = "walking.npz", "tiles.tar", "ground.pmtiles"
_ABOUT, _POINTER, _LOCK = "about.json", "in-use.json", "lock"
_UNFINISHED = ".building-"


class Version(BaseModel):
    """One build of the streets, as its summary tells it.

    ``name`` is the folder's; ``title`` what the builder called it. ``extracted`` is the date
    of the extract, None where it does not say. ``bounds`` are west, south, east, north.
    ``components`` counts the parts of the walking network that hang together. ``served`` are
    how many of the merchants then known lay within 300 m of a street, and of how many.
    ``files`` are the bytes of each file by name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

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
    served: tuple[int, int]
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
        """Read a version's summary.

        Raises
        ------
        Unavailable
            ``streets_unreadable``: missing, damaged, or made by a later Linju; a file of
            the version is missing or not as long as it was.
        """
        try:
            version = cls.model_validate_json((folder / _ABOUT).read_bytes())
        except (OSError, ValidationError) as error:
            raise Unavailable("streets_unreadable", path=str(folder)) from error
        if version.format > FORMAT or version.files != weigh(folder):
            raise Unavailable("streets_unreadable", path=str(folder))
        return version


class Pointer(BaseModel):
    """Which version is in use, and which one was before; "" for none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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

    @contextmanager
    def building(self) -> Iterator[Path]:
        """Give an empty folder to build in; nobody else builds meanwhile, nothing of it stays.

        What was built and is to stay is handed to :meth:`adopt` inside the block.

        Raises
        ------
        Conflict
            ``roads_busy``: another build or rollback is under way.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
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
        work.rename(self.folder / name)
        _sync(self.folder)
        self._point(Pointer(current=name, former=before.current))
        self._clear()

    def rollback(self, *, actor: Actor) -> Pointer:
        """Use the former version again; the one in use becomes the former.

        Raises
        ------
        Conflict
            ``roads_busy``; ``rollback_missing``: there is no former version.
        Forbidden
            ``forbidden``: for administrators.
        """
        require(actor, Action.ROADS_EDIT)
        if self.stamp() is None:
            raise Conflict("rollback_missing")
        with self._alone():
            now = self.pointer()
            if not now.former or not (self.folder / now.former).is_dir():
                raise Conflict("rollback_missing")
            swapped = Pointer(current=now.former, former=now.current)
            self._point(swapped)
        return swapped

    def remove(self, *, actor: Actor) -> None:
        """Use no streets any more, and take all versions away.

        Raises
        ------
        Conflict
            ``roads_busy``.
        Forbidden
            ``forbidden``: for administrators.
        """
        require(actor, Action.ROADS_EDIT)
        if self.stamp() is None:
            return
        with self._alone():
            self._point(Pointer())
            self._clear()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with FileLock(self.folder / _LOCK, timeout=0):
                yield
        except Timeout as error:
            raise Conflict("roads_busy") from error

    def _point(self, pointer: Pointer) -> None:
        written = self.folder / f"{_POINTER}.new"
        written.write_bytes(orjson.dumps(pointer.model_dump()))
        _sync(written)
        written.replace(self.folder / _POINTER)
        _sync(self.folder)

    def _clear(self) -> None:
        """Take away what is neither in use nor the former version."""
        kept = self.pointer()
        for path in self.folder.iterdir():
            if path.is_dir() and path.name not in (kept.current, kept.former):
                # A file that a worker holds open may resist on Windows: the next build tries again.
                shutil.rmtree(path, ignore_errors=True)


def weigh(folder: Path) -> dict[str, int]:
    """Return the bytes of each file of a version but its summary."""
    return {p.name: p.stat().st_size for p in sorted(folder.iterdir()) if p.name != _ABOUT}


def new_name() -> str:
    """Return a name for a version that no other one has: when it was begun, UTC."""
    now = time.time_ns()
    return time.strftime("%Y%m%d-%H%M%S", time.gmtime(now // 10**9)) + f"-{now // 10**6 % 1000:03d}"


def _sync(path: Path) -> None:
    """Bring a file or a folder's names to the disk, where the system can."""
    with suppress(PermissionError):  # Windows opens no folders
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
