"""The choice of places, against every choice there is."""

import threading
import time
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import Unavailable
from geodata.siting import Gains, best, child, solver


def searched(gains, count, limit_s=60.0):
    """Return the search of the process, in this one."""
    table = child.Gains(gains.home, gains.place, gains.gain, gains.places)
    search = child.Search(table, count, limit_s, lambda _: None)
    search.run()
    return search


def table(rows, places):
    """Return gains by rows of (home, place, gain)."""
    home, place, gain = (np.array(column) for column in zip(*rows, strict=True))
    return Gains(home.astype(np.int32), place.astype(np.int32), gain.astype(float), places)


def worth(gains, chosen):
    best_of = {}
    for home, place, gain in zip(gains.home, gains.place, gains.gain, strict=True):
        if place in chosen:
            best_of[int(home)] = max(best_of.get(int(home), 0.0), float(gain))
    return sum(best_of.values())


def by_every_choice(gains, count):
    every = combinations(range(gains.places), min(count, gains.places))
    return max(worth(gains, set(some)) for some in every)


def hard():
    chance = np.random.default_rng(1)
    home, place = np.divmod(chance.choice(4000 * 900, 300_000, replace=False), 900)
    return Gains(home, place, chance.uniform(0, 9, 300_000), 900)


@st.composite
def gains(draw):
    places = draw(st.integers(1, 8))
    pair = st.tuples(st.integers(0, 9), st.integers(0, places - 1))
    pairs = draw(st.lists(pair, min_size=1, max_size=40, unique=True))
    like = draw(st.sampled_from([st.just(1), st.integers(1, 4), st.floats(0.01, 900.0)]))
    return table([(*one, draw(like)) for one in pairs], places)


# Each line of seven points holds three of them: half a point everywhere looks better than any two.
_FANO = ((0, 1, 2), (0, 3, 4), (0, 5, 6), (1, 3, 5), (1, 4, 6), (2, 3, 6), (2, 4, 5))


class TestSearch:
    @settings(max_examples=150, deadline=None)
    @given(gains(), st.integers(1, 4))
    def test_no_choice_is_better(self, gains, count):
        search = searched(gains, count)

        expected = by_every_choice(gains, count)
        assert search.value == pytest.approx(expected, rel=1e-6)
        assert worth(gains, set(search.chosen.tolist())) == pytest.approx(search.value)
        assert search.bound >= expected * (1 - 1e-6)
        assert search.done

    def test_where_half_a_place_would_be_best_whole_ones_are_found(self):
        fano = table([(line, point, 1) for line, on in enumerate(_FANO) for point in on], 7)
        search = searched(fano, 2)

        assert (search.value, round(search.bound, 6)) == (5, 5)

    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 2**32), st.booleans())
    def test_nor_where_homes_have_places_crosswise(self, seed, alike):
        chance = np.random.default_rng(seed)
        place = np.concatenate([chance.choice(12, 3, replace=False) for _ in range(24)])
        gain = np.ones(72) if alike else chance.uniform(1, 3, 72)
        crosswise = Gains(np.repeat(np.arange(24), 3), place, gain, 12)
        search = searched(crosswise, 3)

        assert search.value == pytest.approx(by_every_choice(crosswise, 3), rel=1e-6)
        assert search.done

    def test_without_time_it_tells_how_far_from_the_best_it_may_be(self):
        chance = np.random.default_rng(1)
        home, place = np.divmod(chance.choice(50 * 20, 400, replace=False), 20)
        some = Gains(home, place, chance.uniform(0, 9, 400), 20)
        hasty, calm = searched(some, 5, limit_s=0.0), searched(some, 5)

        assert hasty.value <= calm.value <= hasty.bound
        assert not hasty.done
        assert hasty.value >= calm.value * 0.63


class TestBest:
    def test_it_comes_from_a_process_of_its_own(self):
        fano = table([(line, point, 300) for line, on in enumerate(_FANO) for point in on], 7)
        told = []
        found = best(fano, 2, told=told.append)

        assert (found.gain, round(found.bound, 3)) == (1500, 1500)
        assert worth(fano, set(found.places)) == 1500
        assert told
        assert all(0 <= share <= 1 for share in told)

    def test_where_nothing_is_gained_no_place_is_chosen(self):
        nothing = Gains(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0), 3)

        assert best(nothing, 2).places == []

    def test_who_asks_can_end_it(self, monkeypatch):
        started = []
        popen = solver.subprocess.Popen

        def start(*args, **told):
            started.append(popen(*args, **told))
            return started[-1]

        def stop(_):
            raise InterruptedError

        monkeypatch.setattr(solver.subprocess, "Popen", start)
        with pytest.raises(InterruptedError):
            best(hard(), 9, told=stop)
        assert started[0].poll() is not None

    def test_the_best_so_far_is_told_where_it_does_not_come_to_an_end(self, monkeypatch, tmp_path):
        slow = tmp_path / "slow.py"
        slow.write_text(
            "import json, sys\n"
            "told = {'progress': 0.5, 'value': 2.0, 'bound': 3.0, 'chosen': [1], 'ended': False}\n"
            "print(json.dumps(told), flush=True)\n"
            "sys.stdin.buffer.read()\n"
        )
        monkeypatch.setattr(solver, "CHILD", slow)
        gone = [0.0]
        clock = SimpleNamespace(monotonic=lambda: time.monotonic() + gone[0])
        monkeypatch.setattr(solver, "time", clock)

        def told(progress):
            # An hour is gone as soon as the process has told something, however late that is.
            gone[0] = 3600.0 if progress >= 0.5 else 0.0

        found = best(table([(0, 0, 10), (1, 1, 10)], 2), 1, limit_s=600.0, told=told)

        assert (found.places, found.gain, found.bound) == ([1], 20, 30)

    def test_a_process_that_fails_is_told_as_a_failure(self, monkeypatch, tmp_path):
        broken = tmp_path / "broken.py"
        broken.write_text("import sys\nsys.exit('no such solver')")
        monkeypatch.setattr(solver, "CHILD", broken)

        with pytest.raises(Unavailable, match="siting_failed") as caught:
            best(table([(0, 0, 1)], 1), 1)
        assert caught.value.details["reason"] == "no such solver"

    def test_it_does_not_outlive_who_asked(self):
        pipe = solver.subprocess.PIPE
        command = [solver.sys.executable, "-P", str(solver.CHILD)]
        process = solver.subprocess.Popen(command, stdin=pipe, stdout=pipe)
        process.stdin.write(solver.packed(hard(), 1.0, 10, 60.0))
        process.stdin.flush()
        assert process.stdout.readline()
        process.stdin.close()
        killer = threading.Timer(20, process.kill)
        killer.start()

        # Killed it would not end with 0, and the search itself takes longer than that.
        assert process.wait() == 0
        killer.cancel()
        process.stdout.close()
