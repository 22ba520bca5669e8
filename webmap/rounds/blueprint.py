"""The blueprint that the modules of this subject share, and how they write."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import Blueprint

from geodata import rounds
from geodata.store import Writer
from webmap.request import settings, store

bp = Blueprint("rounds", __name__)


@contextmanager
def writing() -> Iterator[Writer]:
    """Write of rounds in one transaction; what was typed too long ago is erased first."""
    with store().writing() as tx:
        rounds.expire(tx, timedelta(days=settings().rounds_days))
        yield tx
