"""An urgent visit between accepted ones: who goes, and by how much the others move."""

from dataclasses import replace

import pytest

from geodata import rounds
from geodata.errors import Conflict, Forbidden
from geodata.policy import RESIDENT
from geodata.rounds import Reason, Saved, State, Status, Told
from tests.factories import ADMIN
from tests.geodata.rounds.ground import clock, visit, worker


def kept(plain, solver, workers, visits):
    """Return a round as it would be kept."""
    found = rounds.solve(plain, workers, visits, actor=ADMIN, solver=solver)
    known = {"id": "R", "name": "走访", "day": "", "area": "", "version": 1, "changed": ""}
    return Saved(
        **known,
        status=Status.ACCEPTED,
        workers=tuple(workers),
        visits=tuple(visits),
        solution=found,
    )


def inserted(plain, one, urgent, at="07:00", told=None, **more):
    known = {"at": clock(at), "actor": ADMIN}
    return rounds.insert(plain, one, told or {}, urgent, **(known | more))


def order(found, number=0):
    return [stop.visit for stop in found.solution.rounds[number].stops]


def begins(found, number=0):
    return {s.visit: f"{s.begin:%H:%M}" for s in found.solution.rounds[number].stops}


@pytest.fixture
def three(plain, solver):
    """Return one worker's round: a, b and c at 5, 10 and 15 minutes, 10 minutes each."""
    visits = [visit("a", 5), visit("b", 10), visit("c", 15)]
    return kept(plain, solver, [worker()], visits)


def test_it_is_put_where_it_costs_the_least_and_later_ones_tell_by_how_much_they_move(plain, three):
    found = inserted(plain, three, visit("u", 11))
    assert (found.worker, order(found)) == ("王", ["a", "b", "u", "c"])
    assert found.moves == {"c": 10}
    assert begins(found) == {"a": "08:05", "b": "08:20", "u": "08:31", "c": "08:45"}


def test_what_is_behind_is_not_touched(plain, three):
    done = {"a": Told(State.DONE), "b": Told(State.ABSENT)}
    found = inserted(plain, three, visit("u", 7), at="08:31", told=done)
    assert order(found)[:2] == ["a", "b"]
    assert found.solution.rounds[0].stops[:2] == three.solution.rounds[0].stops[:2]
    assert {"a", "b"}.isdisjoint(found.moves)
    assert len(found.solution.rounds[0].line.geoms) == 4


def test_nobody_sets_out_for_it_in_the_past(plain, three):
    # Between a (over at 08:15) and b (at 08:20), at 08:18, back to where one came from.
    found = inserted(plain, three, visit("u", 5, windows=("08:00-08:25",)), at="08:18")
    assert order(found) == ["a", "u", "b", "c"]
    assert begins(found)["u"] == "08:18"
    assert found.moves == {"b": 13, "c": 13}


def test_where_nobody_can_go_all_stays_and_the_reason_is_told(plain, three):
    full = replace(three, workers=(worker(hours="08:00-08:46"),))
    found = inserted(plain, full, visit("u", 11))
    assert (found.worker, found.moves) == ("", {})
    assert found.solution.rounds == three.solution.rounds
    assert [(left.visit, left.reason) for left in found.solution.unassigned] == [
        ("u", Reason.NO_TIME_LEFT)
    ]


def test_when_the_day_is_over_nobody_goes(plain, three):
    found = inserted(plain, three, visit("u", 11), at="12:30")
    assert (found.worker, found.solution.unassigned[0].reason) == ("", Reason.OUTSIDE_HOURS)


def test_who_has_nobody_to_visit_can_go(plain, solver):
    one = kept(plain, solver, [worker(), worker("李", end=(0.0, 0.0))], [visit("a", 5)])
    idle = 1 if one.solution.rounds[0].stops else 0
    ahead = replace(
        one,
        workers=tuple(
            replace(w, until=clock("08:15")) if n != idle else w for n, w in enumerate(one.workers)
        ),
    )
    found = inserted(plain, ahead, visit("u", 3))
    assert (found.worker, order(found, idle), found.moves) == (one.workers[idle].name, ["u"], {})


def test_all_others_stay_with_their_workers_and_in_their_order(plain, solver):
    visits = [visit(name, at) for at, name in enumerate("abcdefgh", 3)]
    one = kept(plain, solver, [worker(), worker("李")], visits)
    found = inserted(plain, one, visit("u", 6))
    for number, before in enumerate(one.solution.rounds):
        now = [name for name in order(found, number) if name != "u"]
        assert now == [stop.visit for stop in before.stops]
    assert sum("u" in order(found, number) for number in (0, 1)) == 1


@pytest.mark.parametrize(
    "status, code", [(Status.DRAFT, "round_not_accepted"), (Status.DONE, "round_over")]
)
def test_the_order_must_stand(plain, three, status, code):
    with pytest.raises(Conflict, match=code):
        inserted(plain, replace(three, status=status), visit("u", 11))


def test_what_is_in_it_is_not_put_in_again(plain, three):
    with pytest.raises(Conflict, match="visit_known"):
        inserted(plain, three, visit("b", 10))


def test_it_is_for_staff(plain, three):
    with pytest.raises(Forbidden):
        inserted(plain, three, visit("u", 11), actor=RESIDENT)
