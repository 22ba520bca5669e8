"""Uploaded files on their way in: a folder each, with what is known of it as JSON.

Several processes serve one instance, so nothing of this lives in a process's memory. One job
runs at a time: who runs it holds the file ``running`` and touches it every second, so that a
job whose process has died is told from one that takes long.
"""

import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, Field

from geodata.errors import Conflict, NotFound

KEPT_S = 24 * 3600
"""How long an upload stays."""

STALE_S = 20.0
"""A job that has not been heard of for so long is dead."""

_BEAT_S = 0.5
_ID_BYTES = 16
_ID_LETTERS = frozenset("0123456789abcdef")
_RUNNING = "running"
_PART = "part-"


class Stage(StrEnum):
    """How far an upload is."""

    COLUMNS = "columns"
    CHECKING = "checking"
    CHECKED = "checked"
    WORKING = "working"
    DONE = "done"


class Failure(BaseModel):
    """Why a step did not come to its end: a code of :mod:`webmap.errors`."""

    code: str
    details: dict[str, Any] = Field(default_factory=dict)


class Upload(BaseModel):
    """What is known of an upload, or of an undo, which has no file."""

    id: str
    by: str
    file: str = ""
    """The name by which its owner knows it."""
    suffix: str = ""
    stage: Stage = Stage.COLUMNS
    look: dict[str, Any] | None = None
    """How the file was understood: see :mod:`webmap.importing`."""
    sheet: str = ""
    datum: str = ""
    columns: dict[str, list[int]] | None = None
    numbers: dict[str, int] = Field(default_factory=dict)
    doubt: dict[str, Any] | None = None
    """Another datum fits better, and the evidence of it."""
    batch: str = ""
    undoes: str = ""
    """The import that this takes back, if it is an undo."""
    failure: Failure | None = None


type Move = Callable[[int, int], None]


class Uploads:
    """The uploads of an instance."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def parts(self) -> Path:
        """Return the folder into which a request streams what it carries."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder

    def create(self, *, by: str, file: str = "", suffix: str = "", **told: Any) -> Upload:
        """Make an upload of somebody's, and sweep away old ones."""
        self.sweep()
        made = Upload(id=secrets.token_hex(_ID_BYTES), by=by, file=file, suffix=suffix, **told)
        (self.parts() / made.id).mkdir()
        self.save(made)
        return made

    def find(self, upload_id: str, *, by: str) -> Upload:
        """Return an upload of somebody's.

        Raises
        ------
        NotFound
            ``upload_not_found``: gone, or another's.
        """
        told = None
        if len(upload_id) == 2 * _ID_BYTES and _ID_LETTERS.issuperset(upload_id):
            with suppress(FileNotFoundError):
                told = (self._folder / upload_id / "state.json").read_bytes()
        found = Upload.model_validate_json(told) if told else None
        if found is None or found.by != by:
            raise NotFound("upload_not_found", key=upload_id)
        return found

    def save(self, upload: Upload) -> None:
        """Write down what is known, in one step."""
        self.write(upload, "state.json", upload.model_dump_json().encode())

    def path(self, upload: Upload) -> Path:
        """Return where the file itself lies."""
        return self._folder / upload.id / f"file{upload.suffix}"

    def write(self, upload: Upload, name: str, data: bytes) -> None:
        """Put a file of ours beside the uploaded one, in one step."""
        self._put(self._folder / upload.id / name, data)

    def read(self, upload: Upload, name: str) -> bytes:
        """Return a file of ours.

        Raises
        ------
        NotFound
            ``upload_not_found``: there is none yet.
        """
        try:
            return (self._folder / upload.id / name).read_bytes()
        except FileNotFoundError as error:
            raise NotFound("upload_not_found", key=upload.id) from error

    def discard(self, upload: Upload) -> None:
        """Forget an upload at once."""
        shutil.rmtree(self._folder / upload.id, ignore_errors=True)

    def sweep(self) -> None:
        """Take away what is older than a day."""
        if not self._folder.is_dir():
            return
        for old in self._folder.iterdir():
            with suppress(OSError):
                if time.time() - old.stat().st_mtime < KEPT_S or old.name == _RUNNING:
                    continue
                if old.is_dir():
                    shutil.rmtree(old, ignore_errors=True)
                else:
                    old.unlink()

    def progress(self, upload: Upload) -> tuple[int, int] | None:
        """Return how far the upload's job is (done, of how many); None where none runs."""
        if self._alive() != upload.id:
            return None
        with suppress(OSError, ValueError):
            done, total = orjson.loads((self._folder / upload.id / "progress.json").read_bytes())
            return int(done), int(total)
        return 0, 0

    @contextmanager
    def running(self, upload: Upload) -> Iterator[Move]:
        """Hold the one place for a job that :meth:`claim` took, and tell how far it is."""
        told = [0, 0]
        ended = threading.Event()

        def beat() -> None:
            while not ended.wait(_BEAT_S):
                with suppress(OSError):
                    os.utime(self._folder / _RUNNING)
                    self.write(upload, "progress.json", orjson.dumps(told))

        heart = threading.Thread(target=beat, daemon=True)
        heart.start()

        def move(done: int, total: int) -> None:
            told[:] = done, total

        try:
            yield move
        finally:
            ended.set()
            heart.join()
            (self._folder / _RUNNING).unlink(missing_ok=True)

    def claim(self, upload: Upload) -> None:
        """Take the one place for a job.

        Raises
        ------
        Conflict
            ``upload_busy``: another job runs.
        """
        file = self.parts() / _RUNNING
        if not self._alive():
            file.unlink(missing_ok=True)
        self.write(upload, "progress.json", b"[0,0]")
        try:
            with file.open("x", encoding="ascii") as held:
                held.write(upload.id)
        except FileExistsError as error:
            raise Conflict("upload_busy") from error

    def _alive(self) -> str:
        """Return the id of the upload whose job runs, or ""."""
        file = self._folder / _RUNNING
        try:
            if time.time() - file.stat().st_mtime > STALE_S:
                return ""
            return file.read_text("ascii")
        except OSError:
            return ""

    @staticmethod
    def _put(path: Path, data: bytes) -> None:
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        part.write_bytes(data)
        part.replace(path)
