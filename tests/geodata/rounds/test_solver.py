"""VROOM in its process: what it cannot do, and how it ends."""

import os
import subprocess
import time

import pytest

from geodata.errors import Unavailable
from geodata.rounds import Solver, solver
from geodata.rounds.day import Day
from geodata.rounds.problem import question
from geodata.rounds.solver import lent
from geodata.routing import barred
from tests.geodata.rounds.ground import Plain, visit, worker


def asked(visits=1, **told):
    day = Day.of(Plain(), [worker()], [visit(f"v{n}", n + 1.0) for n in range(visits)], barred(()))
    return question(day, range(visits), {}, **told)


def test_it_ends_with_the_block(monkeypatch):
    begun, begin = [], subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda *a, **k: begun.append(begin(*a, **k)) or begun[0]
    )

    with Solver() as running:
        running.ask(asked())
        (process,) = begun
        assert process.poll() is None

    assert process.returncode is not None
    assert process.stdin.closed
    assert process.stdout.closed


def test_what_it_finds_wrong_is_told_and_it_goes_on(solver):
    wrong = asked()
    wrong["problem"]["vehicles"][0]["steps"] = [{"type": "job", "id": 7}]

    with pytest.raises(Unavailable, match=r"solver_failed.*7"):
        solver.ask(wrong)

    assert solver.ask(asked())["code"] == 0


def test_who_is_too_slow_is_given_up(monkeypatch, tmp_path):
    script = tmp_path / "child.py"
    script.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(solver, "_CHILD", script)
    began = time.monotonic()

    with Solver() as running, pytest.raises(Unavailable, match="solver_slow"):
        running.ask(asked(200), patience_s=0.1)

    assert time.monotonic() - began < 30


def test_where_it_does_not_start_it_is_told(monkeypatch, tmp_path, capfd):
    script = tmp_path / "child.py"
    script.write_text("import no_such_module")
    monkeypatch.setattr(solver, "_CHILD", script)

    with Solver() as running, pytest.raises(Unavailable, match="solver_failed"):
        running.ask(asked(200))

    assert "no_such_module" in capfd.readouterr().err


class TestLending:
    """Who asks once borrows a solver, and it is kept a while for the next."""

    @pytest.fixture(autouse=True)
    def nobody_idle(self):
        solver._idle.end()  # noqa: SLF001 - as at the end of a process
        yield
        solver._idle.end()  # noqa: SLF001 - so too

    def test_the_next_gets_the_same_one(self):
        with lent() as first:
            first.ask(asked())
        with lent() as second:
            assert second is first
            assert second.ask(asked())["code"] == 0

    def test_two_at_once_get_two(self):
        with lent() as first, lent() as second:
            assert first is not second

    def test_one_that_has_ended_is_lent_to_nobody(self):
        with lent() as first:
            first.end()
        with lent() as second:
            assert second is not first
            assert second.alive

    def test_one_that_was_left_in_the_middle_of_an_answer_is_ended(self):
        with pytest.raises(KeyboardInterrupt), lent() as first:
            raise KeyboardInterrupt
        assert not first.alive

    def test_it_ends_when_nobody_asks_for_a_while(self, monkeypatch):
        monkeypatch.setattr(solver, "IDLE_S", 0.01)
        with lent() as first:
            pass
        give_up = time.monotonic() + 30
        while first.alive:
            assert time.monotonic() < give_up
            time.sleep(0.01)

    def test_a_forked_process_does_not_ask_its_parents(self, monkeypatch):
        with lent() as first:
            pass
        monkeypatch.setattr(os, "getpid", lambda: -1)
        with lent() as second:
            assert second is not first
        monkeypatch.undo()
        first.end()
        second.end()
