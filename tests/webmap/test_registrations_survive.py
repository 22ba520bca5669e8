"""Registrations while servers are killed: what a client was shown is there, each once."""

import http.client
import itertools
import json
import os
import queue
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

import pytest

from geodata.store import open_store
from tests.conftest import PROJECT, free_port

REGISTRATIONS = 500
WORKERS = 4
CLIENTS = 8
PATIENCE_S = 240
"""Far more than it takes: a loaded machine starts a server slowly."""


class Server:
    """Gunicorn as README.md starts it, with an end that leaves it no time for anything."""

    def __init__(self, folder: Path, store_url: str) -> None:
        self.port = free_port()
        self._log = folder / "gunicorn.log"
        clean = {k: v for k, v in os.environ.items() if not k.startswith("LINJU_")}
        self._environment = clean | {
            "LINJU_INSTANCE": str(folder / "instance"),
            "LINJU_STORE": store_url,
            "LINJU_PROXIES": "1",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", f"--workers={WORKERS}"]
        command += [f"--bind=127.0.0.1:{self.port}", "--no-control-socket", "--preload", "wsgi:app"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,  # so that all of it can be killed, and nothing else
            )

    def kill(self) -> None:
        """Kill the master and all its workers at once."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def kill_a_worker(self) -> None:
        """Kill the oldest of the workers; the master starts another."""
        assert self._process is not None
        told = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        with suppress(ProcessLookupError):
            os.kill(min(map(int, told.split())), signal.SIGKILL)


class Clients:
    """Shops that register at the same time, each until it has seen a receipt."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._left: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in range(REGISTRATIONS):
            self._left.put(number)
        self._told = threading.Condition()
        self._addresses = itertools.count(1)
        self.receipts: list[tuple[int, str]] = []
        self.lost = 0
        """How many requests got no answer, or none of a registration."""
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._go_on) for _ in range(CLIENTS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wait_for(self, receipts: int) -> None:
        with self._told:
            assert self._told.wait_for(lambda: len(self.receipts) >= receipts, PATIENCE_S)

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _go_on(self) -> None:
        while not self._over.is_set():
            try:
                number = self._left.get_nowait()
            except queue.Empty:
                return
            self._until_shown(number)

    def _until_shown(self, number: int) -> None:
        while not self._over.is_set():
            receipt = self._send(number)
            with self._told:
                self.lost += receipt is None
                if receipt is not None:
                    self.receipts.append((number, receipt))
                    self._told.notify_all()
                    # Every tenth asks once more: its answer might have been lost.
                    if number % 10 or self.receipts.count((number, receipt)) > 1:
                        return
            if receipt is None:
                self._over.wait(0.05)  # nobody is there to be asked

    def _send(self, number: int) -> str | None:
        told = {"name": f"压力店{number}", "category": "shopping", "lon": 123.47, "lat": 41.775}
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": f"registration-number-{number}",
            # As behind a proxy: each comes from an address of its own.
            "X-Forwarded-For": f"10.{number % 250}.{next(self._addresses) % 250}.7",
        }
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)) as asked:
            try:
                asked.request("POST", "/api/merchants", json.dumps(told), headers)
                answer = asked.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException):
                return None
        return str(json.loads(body)["id"]) if answer.status == 201 else None


@pytest.mark.slow
def test_a_receipt_that_was_shown_is_in_the_store_once(store_url, tmp_path):
    server = Server(tmp_path, store_url)
    clients = Clients(server.port)
    server.start()
    clients.start()
    try:
        for at in range(50, REGISTRATIONS, 50):
            clients.wait_for(at)
            if at % 150 == 0:
                server.kill()
                server.start()
            else:
                server.kill_a_worker()
        clients.wait_for(REGISTRATIONS + REGISTRATIONS // 10)
    finally:
        clients.stop()
        server.kill()
    _compare(store_url, clients)


def _compare(store_url: str, clients: Clients) -> None:
    assert clients.lost > 0  # else nothing was killed in the middle
    shown = dict(clients.receipts)
    assert set(clients.receipts) == set(shown.items())  # one number, one id
    assert len(set(shown.values())) == len(shown) == REGISTRATIONS
    store = open_store(store_url)
    with store.reading() as tx:
        kept = {row["id"]: row["name"] for row in tx.rows("merchant", status="pending")}
        proposals = Counter(row["merchant"] for row in tx.records("proposal", state="open"))
    store.close()
    assert kept == {key: f"压力店{number}" for number, key in shown.items()}
    assert proposals == dict.fromkeys(kept, 1)
    if not store_url.startswith("postgresql"):
        with closing(sqlite3.connect(store_url)) as conn:
            assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
