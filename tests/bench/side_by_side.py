"""Linju and a plain Flask view that returns bytes from memory, in one server.

The plain one is as fast as Flask can be under the same workers. ``BENCH_READY`` names
the folder with the bytes.
"""

import os
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response

from tests.bench.api import READY
from wsgi import app as linju

ready = Flask("ready")


@cache
def _bytes(name: str) -> bytes:
    return (Path(os.environ["BENCH_READY"]) / name).read_bytes()


@ready.get(f"{READY}<name>")
def ready_made(name: str) -> Response:
    """Return what was once the answer of Linju."""
    return Response(_bytes(name), content_type="application/geo+json")


def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Send each request to whom it is meant for."""
    is_ready = environ["PATH_INFO"].startswith(READY)
    return (ready if is_ready else linju)(environ, start)
