"""VROOM in its process: what it cannot do, and how it ends."""

import subprocess
import time

import pytest

from geodata.errors import Unavailable
from geodata.rounds import Solver, solver
from geodata.rounds.day import Day
from geodata.rounds.problem import question
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
