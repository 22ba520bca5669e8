"""The engine on another machine: a Valhalla service over HTTP, kept within bounds."""

import contextlib
import os
import threading
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final, override
from urllib.parse import urlsplit

import orjson

from geodata.errors import Unavailable
from geodata.routing.engine import Action, Engine, Refused
from geodata.routing.posting import Line

_TRIES: Final = 2
"""A connection kept open may have been closed meanwhile: then a fresh one is tried."""

_PAUSE_S: Final = 5.0
"""So long nobody waits anew for a service that did not answer in time: threads are few."""


class _Mine(threading.local):
    """What each thread has for itself."""

    line: Line | None = None
    process: int = 0
    deadline: float | None = None
    """Of the answer that is being worked on, on the clock of ``time.monotonic``."""
    limit_s: float = 0
    """How long that answer may take in all."""


class Remote(Engine):
    """A Valhalla service over HTTP: for a city whose tiles need a machine of their own.

    Each thread of each process keeps its own connection. Neither redirects nor proxies of
    the environment are followed.

    Parameters
    ----------
    url
        Where it answers, ``http`` or ``https``; its actions are looked for below this path.
    timeout_s
        How long a whole answer of the :class:`~geodata.routing.Router` may take, from the first
        question to the last byte, however many questions it needs. Finding the address of the
        host's name is the system's own affair and not counted.

    Raises
    ------
    ValueError
        When the address is not one of a web server.

    Notes
    -----
    The service must bear what we ask at once: with its default limits a table of times is
    cut into blocks that it takes, but closures of more than 100 vertices or 10 km of edge
    in all are refused (``closures_too_large``). Its settings ``max_exclude_polygons_length``
    and ``max_exclude_polygons_vertices`` want raising, and
    ``thor.source_to_target_algorithm`` should be ``timedistancematrix``.

    Examples
    --------
    >>> Remote("ftp://tiles")
    Traceback (most recent call last):
    ValueError: not the address of a web server: ftp://tiles
    """

    pairs = 2_500
    steady = False

    def __init__(self, url: str, timeout_s: float = 10) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"not the address of a web server: {url}")
        self._url = url.rstrip("/")
        self._host = parts.hostname
        self._timeout_s = timeout_s
        self._rests_until = 0.0
        self._mine = _Mine()

    @override
    @contextlib.contextmanager
    def answering(self, within_s: float | None = None) -> Iterator[None]:
        """Share one limit of time, see :meth:`Engine.answering`."""
        mine = self._mine
        if mine.deadline is not None:
            yield
            return
        mine.limit_s = min(self._timeout_s, within_s or self._timeout_s)
        mine.deadline = time.monotonic() + mine.limit_s
        try:
            yield
        finally:
            mine.deadline = None

    @property
    @override
    def late(self) -> bool:
        """Whether half of the time is gone, see :meth:`Engine.late`."""
        mine = self._mine
        return mine.deadline is not None and time.monotonic() > mine.deadline - mine.limit_s / 2

    def _deadline(self) -> float:
        """Tell until when the answer has time; one that begins now has all of it."""
        if self._mine.deadline is None:
            return time.monotonic() + self._timeout_s
        return self._mine.deadline

    @override
    def ask(self, action: Action, question: Mapping[str, object]) -> Any:
        """Answer from the service, see :meth:`Engine.ask`.

        One that did not answer in time is left alone for a while; then one question tries it,
        and the others wait for what becomes of that.
        """
        self._mind_pause()
        deadline = self._deadline()
        body = orjson.dumps(question)
        for attempt in range(1, _TRIES + 1):
            try:
                status, answer = self._line().post(f"{self._url}/{action}", body, deadline)
            except TimeoutError as error:
                self._rests_until = time.monotonic() + _PAUSE_S
                raise Unavailable("engine_slow", host=self._host) from error
            except ConnectionError as error:
                if attempt == _TRIES:
                    raise Unavailable("engine_unreachable", host=self._host) from error
            except OverflowError as error:
                raise self._failed("answer too large") from error
            else:
                self._rests_until = 0.0
                return self._understood(status, answer)
        raise AssertionError(attempt)

    def _mind_pause(self) -> None:
        if time.monotonic() < self._rests_until:
            raise Unavailable("engine_slow", host=self._host)
        if self._rests_until:
            self._rests_until = time.monotonic() + _PAUSE_S

    def _understood(self, status: int, answer: bytes) -> Any:  # noqa: ANN401 - JSON
        try:
            told = orjson.loads(answer)
        except orjson.JSONDecodeError as error:
            raise self._failed(f"HTTP {status}, no JSON") from error
        if status == HTTPStatus.OK:
            return told
        code = told.get("error_code") if isinstance(told, dict) else None
        if status < HTTPStatus.INTERNAL_SERVER_ERROR and isinstance(code, int):
            raise Refused(code, str(told.get("error", "")))
        raise self._failed(f"HTTP {status}")

    def _failed(self, reason: str) -> Unavailable:
        return Unavailable("engine_failed", host=self._host, reason=reason)

    def _line(self) -> Line:
        mine, process = self._mine, os.getpid()
        if mine.line is None or mine.process != process:
            mine.line, mine.process = Line(), process
        return mine.line
