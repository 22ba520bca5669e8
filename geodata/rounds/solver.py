"""VROOM, started when somebody asks and ended when nobody asks any more."""

import atexit
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import orjson

from geodata.errors import Unavailable

LIMIT_S: Final = 4.0
"""VROOM looks for something better so long at most."""

PATIENCE_S: Final = 30.0
"""After so long an answer is given up. On a busy machine building the first tours takes long."""

IDLE_S: Final = 60.0
"""So long it is kept running for whoever asks again, as people do who change a round."""

_CHILD: Final = Path(__file__).with_name("child.py")


class Solver:
    """VROOM in a process of its own, for as long as the ``with`` block.

    In this process it would keep everybody waiting: VROOM does not let go of the interpreter
    while it works, which for 200 visits is many seconds. Its process takes half a second to
    start, in which the ways can be measured, and 75 MB; what happens to it happens to nobody else.

    For one thread at a time. :func:`~geodata.rounds.solve` takes one that is :func:`lent`.
    """

    def __init__(self) -> None:
        self._owner = os.getpid()
        # -P: beside the script stand modules of ours with names of their own.
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-P", str(_CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def end(self) -> None:
        """Let it be gone; it holds nothing that is worth an orderly end."""
        self._process.kill()
        self._process.communicate()

    @property
    def alive(self) -> bool:
        """Whether it can be asked: it runs, and is not another process's, forked from here."""
        return self._owner == os.getpid() and self._process.poll() is None

    def ask(self, question: dict[str, Any], *, patience_s: float = PATIENCE_S) -> dict[str, Any]:
        """Return VROOM's answer.

        Raises
        ------
        Unavailable
            ``solver_slow``, ``solver_failed``; thereafter it answers no more.
        """
        given_up = threading.Event()

        def give_up() -> None:
            given_up.set()
            self._process.kill()

        timer = threading.Timer(patience_s, give_up)
        timer.start()
        try:
            line = self._exchanged(orjson.dumps(question | {"limit_s": LIMIT_S}) + b"\n")
        finally:
            timer.cancel()
        if given_up.is_set():
            raise Unavailable("solver_slow")
        if not line:
            raise Unavailable("solver_failed", reason="it has ended")
        answer: dict[str, Any] = orjson.loads(line)
        if "error" in answer:
            raise Unavailable("solver_failed", reason=answer["error"])
        return answer

    def _exchanged(self, line: bytes) -> bytes:
        """Return the line that answers a line, empty where the process has ended."""
        assert self._process.stdin is not None  # noqa: S101  both are pipes
        assert self._process.stdout is not None  # noqa: S101  as above
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except BrokenPipeError:
            return b""
        return self._process.stdout.readline()


class _Idle:
    """Solvers that run and are asked nothing, each with the alarm that ends it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._alarms: dict[Solver, threading.Timer] = {}

    def take(self) -> Solver | None:
        """Return one that is alive, if there is one: it is the taker's from now on."""
        with self._lock:
            while self._alarms:
                solver, alarm = self._alarms.popitem()
                alarm.cancel()
                if solver.alive:
                    return solver
        return None

    def put(self, solver: Solver) -> None:
        """Keep one until it is taken, or for :data:`IDLE_S`."""
        alarm = threading.Timer(IDLE_S, self._end, [solver])
        alarm.daemon = True
        with self._lock:
            self._alarms[solver] = alarm
        alarm.start()

    def end(self) -> None:
        """End all of them."""
        while solver := self.take():
            solver.end()

    def _end(self, solver: Solver) -> None:
        with self._lock:
            ours = self._alarms.pop(solver, None)
        if ours:
            solver.end()


_idle: Final = _Idle()
atexit.register(_idle.end)


@contextmanager
def lent() -> Iterator[Solver]:
    """Lend a solver for the length of a block: one that runs already, if one is idle."""
    solver = _idle.take() or Solver()
    try:
        yield solver
    except BaseException:
        # Whatever it was asked, its answer may still come: nobody else should get it.
        solver.end()
        raise
    _idle.put(solver)
