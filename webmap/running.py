"""Work that goes on beside the requests: a job after the other, in a thread of this process.

What another process asks about it, or wants it to stop, stands in the store (:mod:`geodata.jobs`),
where the thread says every few seconds that it is still there.
"""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, cast

from flask import Flask, current_app

from geodata import jobs
from geodata.errors import LinjuError, Unavailable
from geodata.store import Store

BEAT_S: Final = 1.0
"""So often it is said how far a job is, and heard whether it was cancelled."""

type Told = Callable[[float], None]
type Work = Callable[[Told], dict[str, Any]]
"""Does a job and returns the answer; tells how far it is (0 to 1), which raises Stopped."""

_RUNNER: Final = "linju_runner"
_log = logging.getLogger(__name__)


class Stopped(Exception):
    """Nobody wants the answer any more."""


@dataclass(slots=True)
class _Hand:
    """A job in hand: what its own thread and the one that speaks of it tell each other."""

    job_id: str
    work: Work
    progress: float | None = None
    stopped: threading.Event = field(default_factory=threading.Event)

    def told(self, progress: float) -> None:
        if self.stopped.is_set():
            raise Stopped
        self.progress = progress


class Runner:
    """Does jobs; one for each process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: queue.SimpleQueue[_Hand] = queue.SimpleQueue()
        self._open: dict[str, _Hand] = {}
        self._lock = threading.Lock()
        self._busy = False
        self._threads: list[threading.Thread] = []

    def start(self, job_id: str, work: Work) -> None:
        """Let a job that was asked for be done, as soon as those before it are."""
        hand = _Hand(job_id, work)
        with self._lock:
            self._open[job_id] = hand
            self._waiting.put(hand)
            if self._busy:
                return
            self._busy = True
            worker = threading.Thread(target=self._do_all, daemon=True)
            speaker = threading.Thread(target=self._speak, args=(worker,), daemon=True)
            worker.start()
            speaker.start()
            self._threads = [worker, speaker]

    def stop(self, patience_s: float = 10.0) -> bool:
        """Let go of all jobs, which will be told as lost; tell whether it came to rest in time.

        For whoever closes the store. A process that simply ends needs none: what it began ends
        with it.
        """
        for hand in list(self._open.values()):
            hand.stopped.set()
        for thread in list(self._threads):
            thread.join(patience_s)
        return not any(thread.is_alive() for thread in self._threads)

    def _next(self) -> _Hand | None:
        with self._lock:
            try:
                return self._waiting.get_nowait()
            except queue.Empty:
                self._busy = False
                return None

    def _do_all(self) -> None:
        while hand := self._next():
            try:
                self._do(hand)
            except Exception:  # noqa: BLE001 - the store is away; the job will be told as lost
                _log.exception("what came of job %s could not be noted", hand.job_id)
            finally:
                self._open.pop(hand.job_id, None)

    def _do(self, hand: _Hand) -> None:
        hand.progress = 0.0
        if hand.stopped.is_set() or not self._going(hand):
            return
        error: LinjuError
        try:
            answer = hand.work(hand.told)
        except Stopped:
            return
        except LinjuError as known:
            error = known
        except Exception:  # noqa: BLE001 - whatever it is, whoever asked waits for a word
            _log.exception("job %s failed", hand.job_id)
            error = Unavailable("job_failed")
        else:
            with self._store.writing() as tx:
                jobs.done(tx, hand.job_id, answer)
            return
        with self._store.writing() as tx:
            jobs.failed(tx, hand.job_id, error)

    def _speak(self, worker: threading.Thread) -> None:
        while worker.is_alive():
            worker.join(BEAT_S)
            for hand in list(self._open.values()):
                try:
                    if not self._going(hand):
                        hand.stopped.set()
                except Exception:  # noqa: BLE001 - it is tried again in a moment
                    _log.warning("job %s could not be spoken of", hand.job_id, exc_info=True)

    def _going(self, hand: _Hand) -> bool:
        with self._store.writing() as tx:
            return jobs.going(tx, hand.job_id, hand.progress)


def init_app(app: Flask, store: Store) -> None:
    """Give an application what does its jobs."""
    app.extensions[_RUNNER] = Runner(store)


def runner() -> Runner:
    """Return what does the jobs of this application's process."""
    return cast("Runner", current_app.extensions[_RUNNER])
