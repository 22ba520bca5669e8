"""A load generator in a process of its own: ``python -m tests.bench.load HOST:PORT SECONDS …``.

It reads paths from standard input, each with a tab and the JSON that is to be posted there, if
any; it keeps so many connections asking, and prints one line of JSON. Bare sockets, because a
friendlier client would use more of the cores than the server that it measures.
"""

import ipaddress
import json
import secrets
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.serving import PROJECT

CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: answers a second, waiting times, and bytes of an answer on average."""

    rate: float
    p50_ms: float
    p99_ms: float
    kilobytes: float
    failed: int


def run(address: str, paths: Sequence[str], *, seconds: float, packed: bool = False) -> Load:
    """Ask for the paths in turn, over and over where ``seconds`` are longer than they last."""
    command = [sys.executable, "-m", "tests.bench.load", address, str(seconds)]
    command += ["gzip"] if packed else []
    done = subprocess.run(
        command, input="\n".join(paths), cwd=PROJECT, text=True, check=True, capture_output=True
    )
    return Load(**json.loads(done.stdout))


@dataclass(slots=True)
class _Connection:
    """One visitor: asks, reads the whole answer, asks again."""

    host: tuple[str, int]
    selector: selectors.BaseSelector
    sock: socket.socket | None = None
    since: float = 0.0
    read: bytearray = field(default_factory=bytearray)
    wanted: int = -1
    closing: bool = False

    def ask(self, request: bytes) -> None:
        self.since = time.perf_counter()
        if self.sock is None:
            self.sock = socket.create_connection(self.host)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(self.sock, selectors.EVENT_READ, self)
        self.read.clear()
        self.wanted = -1
        self.sock.sendall(request)

    def answered(self) -> bool:
        """Take what has come; true where it is all."""
        if self.sock is None:
            return False
        some = self.sock.recv(1 << 18)
        self.read += some
        if self.wanted < 0 and (end := self.read.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.read[:end]).lower()
            length = head.partition(b"content-length:")[2].partition(b"\r")[0]
            self.wanted = end + 4 + int(length)
            self.closing = b"connection: close" in head
        whole = 0 <= self.wanted <= len(self.read)
        if not some or (whole and self.closing):
            self.selector.unregister(self.sock)
            self.sock.close()
            self.sock = None
        return whole or not some

    @property
    def well(self) -> bool:
        return self.read[9:11] == b"20" and 0 <= self.wanted <= len(self.read)


def _measure(host: tuple[str, int], requests: list[bytes], seconds: float) -> Load:
    times, sizes, failed, turn = [], 0, 0, 0
    with selectors.DefaultSelector() as selector:
        connections = [_Connection(host, selector) for _ in range(CONNECTIONS)]
        began = time.perf_counter()
        for connection in connections:
            connection.ask(requests[turn % len(requests)])
            turn += 1
        while (now := time.perf_counter()) < began + seconds:
            for key, _ in selector.select(timeout=1):
                connection = key.data
                if not connection.answered():
                    continue
                times.append(time.perf_counter() - connection.since)
                sizes += connection.wanted
                failed += not connection.well
                connection.ask(requests[turn % len(requests)])
                turn += 1
        for connection in connections:
            if connection.sock:
                connection.sock.close()
    times.sort()
    count = max(len(times), 1)
    p50, p99 = (times[int(count * share)] * 1e3 if times else 0.0 for share in (0.5, 0.99))
    return Load(len(times) / (now - began), p50, p99, sizes / count / 1000, failed)


def _request(line: str, headers: str) -> bytes:
    path, _, body = line.partition("\t")
    if not body:
        return f"GET {path} HTTP/1.1\r\n{headers}\r\n".encode()
    # Each under a key of its own and, as behind a proxy, from an address of its own.
    key = secrets.token_hex(16)
    address = ipaddress.IPv4Address(int(key[:8], 16) | 1)
    told = body.encode()
    headers += f"Content-Type: application/json\r\nContent-Length: {len(told)}\r\n"
    headers += f"Idempotency-Key: {key}\r\nX-Forwarded-For: {address}\r\n"
    return f"POST {path} HTTP/1.1\r\n{headers}\r\n".encode() + told


def main() -> None:
    """Read paths, measure, print."""
    address, seconds, *packed = sys.argv[1:]
    host, _, port = address.removeprefix("http://").rpartition(":")
    accepts = "Accept-Encoding: gzip\r\n" if packed else ""
    requests = [
        _request(line, f"Host: {host}\r\n{accepts}") for line in sys.stdin.read().splitlines()
    ]
    found = _measure((host, int(port)), requests, float(seconds))
    print(json.dumps({name: getattr(found, name) for name in found.__slots__}))


if __name__ == "__main__":
    main()
