"""The engine in this process: for all threads and forks, and without leavings."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from geodata.errors import Unavailable
from geodata.modes import Mode
from geodata.routing import Local, Router
from geodata.routing.engine import Action, Refused
from tests.geodata.routing.conftest import at

PLACES = [at(x, y) for x in range(0, 601, 75) for y in (0, 200, 400)]
PAIRS = [(a, b, mode) for mode in Mode for a in PLACES[::4] for b in PLACES[::3] if a != b]


@pytest.mark.slow
def test_eight_threads_get_the_answers_that_one_gets(tiles, graph):
    router = Router(Local(tiles), graph)
    expected = [router.route(*pair) for pair in PAIRS]
    together = threading.Barrier(8)

    def ask(number):
        together.wait(20)
        rows = [(number * 7 + i) % len(PAIRS) for i in range(500)]
        return sum(router.route(*PAIRS[row]) != expected[row] for row in rows)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))) == [0] * 8


@pytest.mark.slow
def test_four_forks_get_the_answers_that_their_parent_got(tiles):
    project = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("forking.py"), tiles],
        env=os.environ | {"PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["0"] * 4


def test_each_thread_has_an_engine_of_its_own_and_keeps_it(tiles):
    local = Local(tiles)
    mine = local._actor()  # noqa: SLF001 - whether it is shared cannot be seen from outside

    with ThreadPoolExecutor(1) as other:
        theirs = other.submit(local._actor).result()  # noqa: SLF001 - as above

    assert local._actor() is mine  # noqa: SLF001 - as above
    assert theirs is not mine


def test_it_leaves_no_file_behind(tiles, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    Router(Local(tiles)).route(at(0, 0), at(200, 0))

    assert list(tmp_path.iterdir()) == []


def test_it_outlives_its_file_and_the_file_may_be_moved(tiles, tmp_path):
    moved = shutil.copy(tiles, tmp_path / "elsewhere.tar")
    local = Local(Path(moved))
    before = Router(local).route(at(0, 0), at(200, 0))
    Path(moved).unlink()

    assert Router(local).route(at(0, 0), at(200, 0)) == before


def test_without_tiles_it_says_so(tmp_path):
    with pytest.raises(Unavailable, match=r"engine_failed\(reason='no file tiles.tar'\)"):
        Local(tmp_path / "tiles.tar").ask(Action.ROUTE, {})


@pytest.mark.parametrize("content", [b"", b"no archive", b"\0" * 10240])
def test_a_broken_archive_is_a_failure(tmp_path, content):
    (tmp_path / "tiles.tar").write_bytes(content)

    with pytest.raises((Unavailable, Refused)):
        Local(tmp_path / "tiles.tar").ask(Action.ROUTE, {"locations": []})


def test_without_room_for_its_settings_it_fails_in_our_words(tiles, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")

    with pytest.raises(Unavailable, match="engine_failed"):
        Local(tiles).ask(Action.ROUTE, {})
