"""Pull the plug: kill -9 in the middle of writes by four processes."""

import multiprocessing
import os
import signal
import sqlite3
import time
from multiprocessing.connection import Connection
from pathlib import Path

import geopandas as gpd

from geodata import merchants
from geodata.store import Filter, open_store, tallies
from tests.factories import ADMIN, entry

WRITES = 500
PROCESSES = 4


def write(url: str, number: int, told: Connection) -> None:
    """Add merchants until killed, and tell each one after its commit."""
    store = open_store(url)
    for count in range(WRITES):
        with store.writing() as tx:
            name = f"第{number}家的第{count}店"
            merchant_id = merchants.add(tx, entry(name, lon=123.4 + count * 1e-4), actor=ADMIN)
        told.send(merchant_id)


def test_nothing_acknowledged_is_lost(store_url):
    open_store(store_url).close()
    context = multiprocessing.get_context("spawn")
    writers, pipes = [], []
    for number in range(PROCESSES):
        receiver, sender = context.Pipe(duplex=False)
        writers.append(context.Process(target=write, args=(store_url, number, sender)))
        pipes.append(receiver)
    for writer in writers:
        writer.start()
    acknowledged: list[str] = []
    deadline = time.monotonic() + 120
    # Each is killed at another moment of the 500 writes, whatever it is doing.
    for goal in (50, 150, 300, WRITES):
        while len(acknowledged) < goal and time.monotonic() < deadline:
            acknowledged += [told for pipe in pipes for told in drained(pipe)]
        os.kill(writers.pop().pid, signal.SIGKILL)
    acknowledged += [told for pipe in pipes for told in drained(pipe)]

    store = open_store(store_url)
    with store.reading() as tx:
        kept = {row["id"]: row for row in tx.rows("merchant")}
        assert len(acknowledged) >= WRITES
        assert set(acknowledged) <= set(kept)
        # What was committed is whole: history, clock, words and tallies agree with the rows.
        for merchant_id in acknowledged[::25]:
            assert len(tx.history("merchant", merchant_id)) == 1
        assert tx.count(Filter()) == {"shopping": len(kept)}
        assert tx.count(Filter(words=("第",))) == {"shopping": len(kept)}
        for level in tallies.LEVELS:
            assert sum(c.count for c in tx.tallied(Filter(), level)) == len(kept)
    store.close()
    if not store_url.startswith("postgresql"):
        check_file(Path(store_url), len(kept))


def drained(pipe: Connection) -> list[str]:
    """Return what a process has told; a killed one may have told some before."""
    found = []
    try:
        while pipe.poll(0.001):
            found.append(pipe.recv())
    except EOFError:
        pass
    return found


def check_file(path: Path, count: int) -> None:
    """Let SQLite and GeoPandas say that the file is well."""
    other = sqlite3.connect(path)
    assert other.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    other.close()
    assert len(gpd.read_file(path, layer="merchant")) == count
