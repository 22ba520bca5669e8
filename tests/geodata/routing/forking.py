"""Run by test_local.py, alone in its process: ask in a parent, and in four children at once.

    python forking.py TILES

Prints how many answers each child gave that are not its parent's.
"""

import multiprocessing
import os
import sys
import threading
from pathlib import Path

from geodata.routing import Local, Router
from tests.geodata.routing.conftest import at

ROUTER = Router(Local(Path(sys.argv[-1])))
PLACES = [at(x, y) for x in range(0, 601, 60) for y in (0, 200, 400)]
PAIRS = [(a, b) for a in PLACES[::3] for b in PLACES[::4]]
BARRIER = multiprocessing.get_context("fork").Barrier(4)


def ways():
    return [ROUTER.route(a, b) for a, b in PAIRS]


def wrong(_number, expected):
    BARRIER.wait(20)
    told = [0, 0]

    def count(place):
        told[place] = sum(one != other for one, other in zip(ways(), expected, strict=True))

    # In the child, too, every thread has its own.
    thread = threading.Thread(target=count, args=(0,))
    thread.start()
    count(1)
    thread.join()
    return os.getpid(), sum(told)


if __name__ == "__main__":
    expected = ways()
    with multiprocessing.get_context("fork").Pool(4) as pool:
        told = pool.starmap(wrong, [(number, expected) for number in range(4)], chunksize=1)
    assert ways() == expected
    assert len({process for process, _ in told}) == 4
    sys.stdout.write(" ".join(str(count) for _, count in told))
