"""Questions over HTTP to a server that may be slow, gone or hostile."""

import contextlib
import socket
import threading
import time
from typing import Any, Final, override

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

_LARGEST: Final = 64 << 20
_PIECE: Final = 1 << 16


class Line:
    """A connection kept open to one server, for one thread of one process.

    Neither redirects nor proxies of the environment are followed.
    """

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(pool_connections=1, pool_maxsize=1))

    def post(self, url: str, body: bytes, deadline: float) -> tuple[int, bytes]:
        """Return the status and the body of an answer that is whole before the deadline.

        Parameters
        ----------
        deadline
            On the clock of ``time.monotonic``. Finding the address of the host's name is the
            system's own affair and not kept within it.

        Raises
        ------
        TimeoutError
            When it is not.
        ConnectionError
            When the server is not to be reached, or cuts the answer short.
        OverflowError
            When the answer is larger than 64 MiB.
        """
        try:
            return self._posted(url, body, deadline)
        except requests.Timeout as error:
            raise TimeoutError from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            if time.monotonic() >= deadline:
                raise TimeoutError from error
            raise ConnectionError from error

    def _posted(self, url: str, body: bytes, deadline: float) -> tuple[int, bytes]:
        left = max(deadline - time.monotonic(), 0.001)
        with self._session.post(
            url,
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
                    raise OverflowError(size)
                if time.monotonic() >= deadline:
                    raise requests.ReadTimeout
            if time.monotonic() >= deadline:
                raise requests.ReadTimeout
            return response.status_code, b"".join(pieces)


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
