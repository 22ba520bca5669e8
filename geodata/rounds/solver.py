"""VROOM, started when somebody asks and ended thereafter."""

import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import orjson

from geodata.errors import Unavailable

LIMIT_S: Final = 4.0
"""VROOM looks for something better so long at most."""

PATIENCE_S: Final = 30.0
"""After so long an answer is given up. On a busy machine building the first tours takes long."""

_CHILD: Final = Path(__file__).with_name("child.py")


class Solver:
    """VROOM in a process of its own, for as long as the ``with`` block.

    In this process it would keep everybody waiting: VROOM does not let go of the interpreter
    while it works, which for 200 visits is many seconds. Its process takes half a second to
    start, in which the ways can be measured, and 75 MB; what happens to it happens to nobody else.

    For one thread. :func:`~geodata.rounds.solve` opens its own; who asks many times in a row
    opens one for all.
    """

    def __enter__(self) -> Self:
        # -P: beside the script stand modules of ours with names of their own.
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-P", str(_CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # It holds nothing that is worth an orderly end.
        self._process.kill()
        self._process.communicate()

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
        assert self._process.stdout is not None  # noqa: S101
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except BrokenPipeError:
            return b""
        return self._process.stdout.readline()
