"""The engine on another machine: a Valhalla service over HTTP, kept within bounds."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, override
from urllib.parse import urlsplit

import orjson
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from geodata.errors import Unavailable
from geodata.routing.engine import Action, Engine, Refused

_LARGEST: Final = 64 << 20
_PIECE: Final = 1 << 16
_TRIES: Final = 2
"""A connection kept open may have been closed meanwhile: then a fresh one is tried."""


class _Hurried:
    """A connection that gives up where the head of an answer drips in too slowly.

    A time limit on a socket only bounds the wait for the next byte.
    """

    timeout: Any
    sock: Any

    def getresponse(self) -> Any:  # noqa: ANN401 - whatever the connection below gives
        alarm = threading.Timer(float(self.timeout), self._cut)
        alarm.daemon = True
        alarm.start()
        try:
            return super().getresponse()  # type: ignore[misc]  # it is mixed in
        finally:
            alarm.cancel()

    def _cut(self) -> None:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


class _Http(_Hurried, HTTPConnection):
    pass


class _Https(_Hurried, HTTPSConnection):
    pass


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Https


class _Adapter(HTTPAdapter):
    @override
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


class _Mine(threading.local):
    """What each thread has for itself."""

    session: requests.Session | None = None
    process: int = 0


class Remote(Engine):
    """A Valhalla service over HTTP: for a city whose tiles need a machine of their own.

    Each thread of each process keeps its own connection. Neither redirects nor proxies of
    the environment are followed.

    Parameters
    ----------
    url
        Where it answers, ``http`` or ``https``; its actions are looked for below this path.
    timeout_s
        How long a whole answer may take, from the first try to the last byte. Finding the
        address of the host's name is the system's own affair and not counted.

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

    def __init__(self, url: str, timeout_s: float = 10) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"not the address of a web server: {url}")
        self._url = url.rstrip("/")
        self._host = parts.hostname
        self._timeout_s = timeout_s
        self._mine = _Mine()

    @override
    def ask(self, action: Action, question: Mapping[str, object]) -> Any:
        """Answer from the service, see :meth:`Engine.ask`."""
        deadline = time.monotonic() + self._timeout_s
        body = orjson.dumps(question)
        for attempt in range(1, _TRIES + 1):
            try:
                status, answer = self._fetched(action, body, deadline)
            except requests.Timeout as error:
                raise Unavailable("engine_slow", host=self._host) from error
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                if time.monotonic() >= deadline:
                    raise Unavailable("engine_slow", host=self._host) from error
                if attempt == _TRIES:
                    raise Unavailable("engine_unreachable", host=self._host) from error
            else:
                return self._understood(status, answer)
        raise AssertionError(attempt)

    def _fetched(self, action: Action, body: bytes, deadline: float) -> tuple[int, bytes]:
        left = max(deadline - time.monotonic(), 0.001)
        with self._session().post(
            f"{self._url}/{action}",
            data=body,
            headers={"Content-Type": "application/json", "Accept-Encoding": "identity"},
            timeout=(left, left),
            allow_redirects=False,
            stream=True,
        ) as response:
            pieces, size = [], 0
            while piece := response.raw.read1(_PIECE):
                pieces.append(piece)
                size += len(piece)
                if size > _LARGEST:
                    raise Unavailable("engine_failed", host=self._host, reason="answer too large")
                if time.monotonic() >= deadline:
                    raise requests.ReadTimeout
            if time.monotonic() >= deadline:
                raise requests.ReadTimeout
            return response.status_code, b"".join(pieces)

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

    def _session(self) -> requests.Session:
        mine, process = self._mine, os.getpid()
        if mine.session is None or mine.process != process:
            mine.session, mine.process = _session(), process
        return mine.session


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(pool_connections=1, pool_maxsize=1))
    return session
