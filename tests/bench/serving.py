"""Servers for the length of a block: Linju as an office starts it, Gunicorn, plain files."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import free_port, postgres

PROJECT = Path(__file__).parents[2]
WORKERS = 2
_START_WITHIN_S = 60


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    address: str
    pid: int

    def workers(self) -> list[int]:
        """Return the processes that it forked; none where the system does not tell."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(pid) for pid in children.read_text().split()] if children.exists() else []


def environment(store: Path, **more: str) -> dict[str, str]:
    """Return the environment of a Linju on a store, whatever is set around the benchmark."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LINJU_")}
    paths = {"LINJU_INSTANCE": str(store.parent), "LINJU_STORE": str(store)}
    return clean | paths | {"PYTHONPATH": str(PROJECT)} | more


@contextmanager
def linju(store: Path, log: Path) -> Iterator[Server]:
    """Serve a store by ``python wsgi.py``."""
    listen = f"127.0.0.1:{free_port()}"
    told = environment(store, LINJU_LISTEN=listen)
    with _running([sys.executable, "wsgi.py"], listen, "/healthz", log, told) as server:
        yield server


@contextmanager
def gunicorn(
    app: str, store: Path, log: Path, *, workers: int = WORKERS, **more: str
) -> Iterator[Server]:
    """Serve a store by Gunicorn as it comes: synchronous workers, a connection a request."""
    listen = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "gunicorn", app, f"--workers={workers}", f"--bind={listen}"]
    # Its control socket is one for all of a user's Gunicorns.
    command += ["--no-control-socket", "--log-level=warning"]
    with _running(command, listen, "/healthz", log, environment(store, **more)) as server:
        yield server


@contextmanager
def postgis() -> Iterator[str]:
    """Run a PostgreSQL with PostGIS, and give the address of an empty database."""
    with postgres() as cluster:
        yield cluster.url(cluster.create())


@contextmanager
def files(folder: Path, log: Path) -> Iterator[Server]:
    """Serve a folder."""
    listen = f"127.0.0.1:{free_port()}"
    port = listen.rpartition(":")[2]
    command = [sys.executable, "-m", "http.server", port, "--bind=127.0.0.1"]
    command += [f"--directory={folder}", "--protocol=HTTP/1.1"]
    with _running(command, listen, "/", log, os.environ) as server:
        yield server


@contextmanager
def _running(
    command: Sequence[str], listen: str, path: str, log: Path, env: Mapping[str, str]
) -> Iterator[Server]:
    with log.open("a") as output:
        process = subprocess.Popen(command, cwd=PROJECT, env=env, stdout=output, stderr=output)
        try:
            _wait_until_well(f"http://{listen}{path}", process, log)
            yield Server(f"http://{listen}", process.pid)
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_well(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + _START_WITHIN_S
    while time.monotonic() < give_up and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own address
                return
        except urllib.error.HTTPError:
            break
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{address} does not answer:\n{log.read_text()[-2000:]}")
