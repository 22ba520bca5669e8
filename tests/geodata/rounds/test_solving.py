"""Rounds over a plain, where everybody can tell what is right."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import shapely

from geodata import rounds
from geodata.errors import Forbidden, Invalid, Unavailable
from geodata.modes import Mode
from geodata.policy import RESIDENT, Actor, Role
from geodata.rounds import MOST_VISITS, MOST_WORKERS, Reason, Visit, Worker
from tests.factories import WORKER
from tests.geodata.rounds.ground import NAN, Plain, clock, east, visit, worker

WALL = shapely.LineString([(0.05, -1), (0.05, 0.5)])
"""Between what is less than 50 minutes east and what is more."""


@pytest.fixture
def solve(plain, solver):
    """Ask for rounds over the plain."""

    def ask(workers, visits, **told):
        return rounds.solve(plain, workers, visits, **({"actor": WORKER, "solver": solver} | told))

    return ask


def order(solution, number=0):
    return [stop.visit for stop in solution.rounds[number].stops]


def why(solution):
    return {one.visit: one.reason for one in solution.unassigned}


class TestTours:
    def test_visits_are_made_in_the_order_that_costs_the_least(self, solve):
        found = solve([worker()], [visit("远", 30), visit("近", 10), visit("中", 20)])

        assert order(found) == ["近", "中", "远"]
        assert why(found) == {}

    def test_each_stop_tells_when_and_how_far(self, solve):
        (one,) = solve([worker()], [visit("a", 10), visit("b", 25, minutes=5)]).rounds

        first, second = one.stops
        assert (first.arrive, first.begin, first.leave) == (
            clock("08:10"),
            clock("08:10"),
            clock("08:20"),
        )
        assert (second.arrive, second.leave) == (clock("08:35"), clock("08:40"))
        assert (second.duration_s, second.distance_m) == (900, pytest.approx(1125))
        assert (one.depart, one.finish) == (clock("08:00"), clock("08:40"))
        assert (one.duration_s, one.distance_m) == (1500, pytest.approx(1875))

    def test_the_way_back_counts_and_is_drawn(self, solve):
        (one,) = solve([worker(end=east(0))], [visit("a", 10)]).rounds

        assert one.finish == clock("08:30")
        assert one.duration_s == 1200
        assert [list(part.coords) for part in one.line.geoms] == [
            [east(0), east(10)],
            [east(10), east(0)],
        ]

    def test_who_comes_early_waits_at_the_door_but_for_the_first_visit_at_the_start(self, solve):
        first = visit("a", 10, windows=["09:00-09:05"])
        second = visit("b", 20, windows=["10:00-10:05"])

        (one,) = solve([worker()], [first, second]).rounds

        assert one.depart == clock("08:50")
        assert one.stops[0].arrive == one.stops[0].begin == clock("09:00")
        assert (one.stops[1].arrive, one.stops[1].begin) == (clock("09:20"), clock("10:00"))

    def test_any_of_several_windows_will_do_however_they_are_told(self, solve):
        windows = ["11:00-11:30", "08:30-08:40", "08:35-09:00", "06:00-07:00"]

        (one,) = solve([worker()], [visit("a", 50, windows=windows)]).rounds

        assert one.stops[0].begin == clock("08:50")

    def test_a_visit_may_begin_with_the_last_second_of_its_window(self, solve):
        assert order(solve([worker()], [visit("a", 30, windows=["08:00-08:30"])])) == ["a"]

    def test_a_round_may_end_with_the_last_second_of_the_day(self, solve):
        exact = visit("a", 110, minutes=20)

        assert order(solve([worker(end=east(0))], [exact])) == ["a"]
        assert order(solve([worker(end=east(0))], [replace(exact, minutes=21)])) == []

    def test_parts_of_a_second_are_never_won(self, solve):
        late = replace(worker(), from_=clock("08:00") + timedelta(milliseconds=1))

        (one,) = solve([late], [visit("a", 10)]).rounds
        missed = solve([late], [visit("a", 10, windows=["08:00-08:10"])])

        assert one.stops[0].arrive == clock("08:10") + timedelta(seconds=1)
        assert why(missed) == {"a": Reason.WINDOW_MISSED}

    def test_a_window_without_a_whole_second_in_it_is_never_open(self, solve):
        begin = clock("09:00") + timedelta(milliseconds=100)
        window = (begin, begin + timedelta(milliseconds=100))

        assert order(solve([worker()], [replace(visit("a", 5), windows=(window,))])) == []

    def test_each_mode_has_its_own_ways(self, solve, plain):
        car = worker("车", mode=Mode.CAR)
        far = visit("a", 200, windows=["08:00-08:40"])

        found = solve([worker("步"), car], [far])

        assert order(found, 1) == ["a"]
        assert found.rounds[1].duration_s == 2400
        assert [mode for mode, _, _ in plain.asked] == [Mode.FOOT, Mode.CAR]

    def test_only_who_has_all_the_skills_is_sent(self, solve):
        nurse = worker("护", start=east(50), skills=frozenset({"nurse", "dialect"}))
        some = worker("社", skills=frozenset({"nurse"}))

        found = solve([some, nurse], [visit("a", 1, skills=frozenset({"nurse", "dialect"}))])

        assert (order(found, 0), order(found, 1)) == ([], ["a"])

    def test_where_not_all_can_be_visited_priorities_decide(self, solve):
        short = worker(hours="08:00-08:30")
        told = {"a": 10, "b": 90, "c": 50}
        visits = [visit(name, 5, minutes=20, priority=n) for name, n in told.items()]

        found = solve([short], visits)

        assert order(found) == ["b"]
        assert why(found) == {"a": Reason.NO_TIME_LEFT, "c": Reason.NO_TIME_LEFT}

    def test_several_at_one_door_are_visited_one_after_the_other(self, solve):
        (one,) = solve([worker()], [visit(name, 5) for name in "abc"]).rounds

        assert [stop.duration_s for stop in one.stops] == [300, 0, 0]
        assert one.finish == clock("08:35")

    def test_nobody_to_visit_is_no_error(self, solve):
        (one,) = solve([worker()], []).rounds

        assert (one.stops, one.depart, one.finish) == ((), clock("08:00"), clock("08:00"))
        assert one.line.is_empty

    def test_who_asks_once_needs_no_solver(self, plain):
        found = rounds.solve(plain, [worker()], [visit("a", 1)], actor=WORKER)

        assert order(found) == ["a"]

    def test_the_most_that_may_be_asked_is_answered(self, solve):
        workers = [worker(f"w{n}", hours="08:00-20:00") for n in range(MOST_WORKERS)]
        visits = [visit(f"v{n}", n / 2, minutes=30, priority=100) for n in range(MOST_VISITS)]

        found = solve(workers, visits)

        assert sum(len(one.stops) for one in found.rounds) == MOST_VISITS


class TestMidnight:
    def test_a_round_goes_on_into_the_next_day(self, solve):
        night = replace(worker(), from_=clock("22:00"), until=clock("02:00", day=26))
        before = visit("a", 10, windows=["23:30-23:50"])
        after = replace(visit("b", 20), windows=((clock("23:59"), clock("00:30", day=26)),))
        late = replace(visit("c", 5), windows=((clock("01:00", 26), clock("01:30", 26)),))

        found = solve([night], [late, after, before])

        assert order(found) == ["a", "b", "c"]
        begins = [stop.begin for stop in found.rounds[0].stops]
        assert begins == [clock("23:30"), clock("23:59"), clock("01:00", day=26)]

    def test_times_of_other_zones_mean_the_same_moments(self, solve):
        window = (datetime(2026, 11, 25, 1, tzinfo=UTC), datetime(2026, 11, 25, 2, tzinfo=UTC))

        (one,) = solve([worker()], [replace(visit("a", 5), windows=(window,))]).rounds

        assert one.stops[0].begin == clock("09:00")
        assert one.stops[0].begin.tzinfo is worker().from_.tzinfo


class TestLocked:
    def test_an_accepted_order_stands_though_another_were_shorter(self, solve):
        visits = [visit(f"v{n}", n) for n in range(1, 6)]
        accepted = ["v4", "v1", "v5", "v2", "v3"]

        assert order(solve([worker()], visits, locked={"王": accepted})) == accepted

    def test_it_stays_with_its_worker(self, solve):
        near, far = worker("近"), worker("远", start=east(100), hours="08:00-20:00")

        found = solve([near, far], [visit("a", 1), visit("b", 2)], locked={"远": ["b", "a"]})

        assert (order(found, 0), order(found, 1)) == ([], ["b", "a"])

    def test_an_urgent_visit_is_put_where_it_costs_the_least(self, solve):
        visits = [visit(f"v{n}", 10 * n) for n in range(1, 7)]
        accepted = ["v1", "v3", "v2", "v6", "v5", "v4"]

        urgent = visit("急", 35, minutes=5, priority=100)
        found = solve([worker()], [*visits, urgent], locked={"王": accepted})

        assert order(found) == ["v1", "v3", "v2", "急", "v6", "v5", "v4"]

    def test_whom_it_does_not_concern_keeps_the_hour(self, solve):
        others = [visit("a", 10), visit("b", 20), visit("c", 30, windows=["10:00-10:30"])]
        before = solve([worker()], others, locked={"王": ["a", "b", "c"]})

        urgent = visit("急", 25, minutes=5, priority=100)
        after = solve([worker()], [*others, urgent], locked={"王": ["a", "b", "c"]})

        assert order(after) == ["a", "b", "急", "c"]
        kept = [stop for stop in after.rounds[0].stops if stop.visit != "急"]
        assert [stop.begin for stop in kept] == [stop.begin for stop in before.rounds[0].stops]

    def test_new_visits_may_go_to_whoever_has_none(self, solve):
        visits = [visit("a", 10), visit("b", 12), visit("新", 101)]

        found = solve(
            [worker("甲"), worker("乙", start=east(100))], visits, locked={"甲": ["b", "a"]}
        )

        assert (order(found, 0), order(found, 1)) == (["b", "a"], ["新"])

    @pytest.mark.parametrize("urgent", [1, 2, 5])
    def test_nothing_however_urgent_takes_the_place_of_an_accepted_visit(self, solve, urgent):
        day = worker(hours="08:00-10:00", end=east(0))
        accepted = [visit("远", 50, minutes=15, priority=0)]
        others = [visit(f"急{n}", 1, minutes=10, priority=100) for n in range(urgent)]

        found = solve([day], [*others, *accepted], locked={"王": ["远"]})

        assert order(found) == ["远"]
        assert set(why(found).values()) == {Reason.NO_TIME_LEFT}

    def test_among_the_others_priorities_go_on_to_count(self, solve):
        day = worker(hours="08:00-10:00", end=east(0))
        others = [visit(f"v{n}", 1, minutes=20, priority=n) for n in (40, 90, 70)]

        found = solve([day], [*others, visit("远", 45, minutes=10)], locked={"王": ["远"]})

        assert sorted(order(found)) == sorted(["v90", "远"])

    def test_what_cannot_be_kept_leaves_the_rest_in_order(self, solve):
        visits = [visit("a", 10), visit("b", 60), visit("c", 5), visit("d", 20)]

        found = solve([worker()], visits, locked={"王": ["d", "b", "c", "a"]}, closures=[WALL])

        assert order(found) == ["d", "c", "a"]
        assert why(found) == {"b": Reason.CLOSED_OFF}

    def test_a_worker_without_a_skill_is_not_sent_by_an_order_either(self, solve):
        nurse = worker("护", skills=frozenset({"nurse"}))
        needed = visit("a", 1, skills=frozenset({"nurse"}))

        found = solve([worker(), nurse], [needed], locked={"王": ["a"]})

        assert why(found) == {"a": Reason.SKILLS_MISSING}


class TestReasons:
    """A visit that nobody makes, and what is said of it."""

    def told(self, solution):
        (one,) = solution.unassigned
        return one.reason, one.details["workers"]

    def test_no_street_is_near(self, solve):
        found = solve([worker()], [visit("a", at=(0.0, 2.0))])

        assert self.told(found) == (Reason.OFF_NETWORK, 1)
        assert found.unassigned[0].details["limit_m"] == 300

    def test_nobody_has_the_skill(self, solve):
        assert self.told(solve([worker(), worker("李")], [visit("a", skills=frozenset("x"))])) == (
            Reason.SKILLS_MISSING,
            2,
        )

    def test_closures_are_in_the_way(self, solve):
        found = solve([worker(), worker("李")], [visit("a", 60)], closures=[WALL])

        assert self.told(found) == (Reason.CLOSED_OFF, 2)

    def test_there_is_no_way_with_closures_or_without(self, solve, monkeypatch):
        monkeypatch.setattr(Plain, "matrix", _cut(Plain.matrix, (0.05, 0.07)))

        assert self.told(solve([worker()], [visit("a", 60)])) == (Reason.NO_WAY, 1)
        assert self.told(solve([worker()], [visit("a", 60)], closures=[WALL])) == (
            Reason.NO_WAY,
            1,
        )

    def test_no_way_back_is_no_way(self, solve):
        found = solve([worker(start=east(60), end=east(0))], [visit("a", 70)], closures=[WALL])

        assert self.told(found) == (Reason.CLOSED_OFF, 1)

    def test_nobody_works_then(self, solve):
        found = solve(
            [worker(), worker("李", hours="13:00-14:00")],
            [visit("a", 1, windows=["07:00-07:59", "12:01-12:30", "18:00-19:00"])],
        )

        assert self.told(found) == (Reason.OUTSIDE_HOURS, 2)

    def test_nobody_gets_there_in_time(self, solve):
        workers = [worker("甲"), worker("乙", start=east(-5)), worker("丙", hours="08:20-12:00")]

        found = solve(workers, [visit("a", 45, windows=["08:10-08:40"])])

        assert self.told(found) == (Reason.WINDOW_MISSED, 3)

    def test_who_does_not_work_then_is_not_counted(self, solve):
        workers = [worker("甲"), worker("乙", hours="14:00-18:00")]

        found = solve(workers, [visit("a", 45, windows=["08:10-08:40"])])

        assert self.told(found) == (Reason.WINDOW_MISSED, 1)

    def test_no_day_is_long_enough(self, solve):
        assert self.told(solve([worker()], [visit("a", 100, minutes=150)])) == (
            Reason.DAY_TOO_SHORT,
            1,
        )

    def test_each_would_fit_but_not_all(self, solve):
        visits = [visit("a", 10, windows=["09:00-09:00"]), visit("b", 40, windows=["09:00-09:20"])]

        assert self.told(solve([worker()], visits)) == (Reason.NO_TIME_LEFT, 1)

    def test_closures_are_asked_about_once_for_each_mode(self, solve, plain):
        workers = [worker("a"), worker("b"), worker("c", mode=Mode.CAR)]

        solve(workers, [visit(f"v{n}", 60 + n) for n in range(9)], closures=[WALL])

        assert len(plain.asked) == 4


def _cut(matrix, ends):
    """Return tables in which no way leads to what lies so far east."""

    def without(self, sources, targets, mode, *, closures):
        told = matrix(self, sources, targets, mode, closures=closures)
        told.duration_s[:, [ends[0] <= lon <= ends[1] for lon, _ in targets]] = float("nan")
        return told

    return without


class TestDisagreement:
    """Where the engine finds no way between two places to which its table has a time."""

    def test_the_tour_leads_elsewhere(self, solve, plain):
        plain.impassable = {(east(10), east(20))}

        found = solve([worker()], [visit("a", 10), visit("b", 20)])

        assert order(found) == ["b", "a"]

    def test_what_cannot_be_reached_at_all_is_left_out(self, solve, plain):
        plain.impassable = {(east(0), east(10))}

        assert why(solve([worker()], [visit("a", 10)])) == {"a": Reason.NO_WAY}

    def test_it_is_not_asked_for_ever(self, solve, plain):
        plain.impassable = set(itertools.permutations([east(n) for n in range(9)], 2))

        with pytest.raises(Unavailable, match="engine_failed"):
            solve([worker()], [visit(str(n), n) for n in range(1, 9)])


class TestRefused:
    def refused(self, solve, workers, visits, **told):
        with pytest.raises(Invalid) as caught:
            solve(workers, visits, **told)
        return caught.value.code, caught.value.details

    @pytest.mark.parametrize("role", [Role.RESIDENT, Role.MERCHANT])
    def test_only_staff_may_ask(self, solve, role):
        with pytest.raises(Forbidden):
            solve([worker()], [], actor=replace(RESIDENT, role=role))

    def test_staff_of_any_area_may(self, solve):
        solve([worker()], [], actor=Actor("远", Role.WORKER, "210106"))

    @pytest.mark.parametrize("extra", ["visits", "workers"])
    def test_too_much_is_refused_before_anything_is_asked(self, solve, plain, extra):
        told = {
            "visits": [visit(f"v{n}", 1) for n in range(MOST_VISITS)],
            "workers": [worker(f"w{n}") for n in range(MOST_WORKERS)],
        }
        told[extra].append(visit("x", 1) if extra == "visits" else worker("x"))

        code, details = self.refused(solve, told["workers"], told["visits"])

        assert code == "rounds_too_large"
        assert details[extra] == details[f"most_{extra}"] + 1
        assert plain.asked == []

    @pytest.mark.parametrize("field,wrong,reason", [
        ("visits.0.minutes", visit("a", minutes=-1), "range"),
        ("visits.0.minutes", visit("a", minutes=721), "range"),
        ("visits.0.priority", visit("a", priority=101), "range"),
        ("visits.0.at", visit("a", at=NAN), "position"),
        ("visits.0.at", visit("a", at=(181, 0)), "position"),
        ("visits.0.id", visit(""), "missing"),
        ("visits.0.windows.1", visit("a", windows=["08:00-08:00", "08:01-08:00"]), "backwards"),
        ("visits.0.windows", visit("a", windows=["08:00-09:00"] * 11), "too_many"),
        ("workers.0.start", worker(start=(0, 91)), "position"),
        ("workers.0.end", worker(end=NAN), "position"),
        ("workers.0.name", worker(""), "missing"),
        ("workers.0.until", worker(hours="08:00-08:00"), "backwards"),
        ("workers.0.until", worker(hours="08:00-07:00"), "backwards"),
        (
            "workers.0.until",
            replace(worker(), until=clock("08:00:01", day=26)),
            "too_long",
        ),
        ("workers.0.until", replace(worker(), until=clock("09:00").replace(tzinfo=None)), "naive"),
    ])  # fmt: skip
    def test_what_is_wrong_is_named(self, solve, field, wrong, reason):
        workers = [wrong] if isinstance(wrong, Worker) else [worker()]
        visits = [wrong] if isinstance(wrong, Visit) else []

        assert self.refused(solve, workers, visits) == ("round_invalid", {field: reason})

    def test_a_whole_day_and_night_is_not_too_long(self, solve):
        solve([replace(worker(), until=clock("08:00", day=26))], [])

    def test_names_are_told_apart(self, solve):
        assert self.refused(solve, [worker(), worker()], [visit("a"), visit("a")]) == (
            "round_invalid",
            {"workers.1.name": "twice", "visits.1.id": "twice"},
        )

    def test_somebody_must_go(self, solve):
        assert self.refused(solve, [], []) == ("round_invalid", {"workers": "missing"})

    @pytest.mark.parametrize("locked,fault", [
        ({"李": []}, {"locked.李": "unknown"}),
        ({"王": ["b"]}, {"locked.王.0": "unknown"}),
        ({"王": ["a", "a"]}, {"locked.王.0": "twice", "locked.王.1": "twice"}),
    ])  # fmt: skip
    def test_orders_are_of_those_who_are_there(self, solve, locked, fault):
        code, details = self.refused(solve, [worker()], [visit("a")], locked=locked)

        assert (code, details) == ("round_invalid", fault)

    @pytest.mark.parametrize("which", ["start", "end"])
    def test_a_worker_off_the_network_is_named(self, solve, which):
        code, details = self.refused(solve, [worker("近"), worker("远", **{which: (0, 3)})], [])

        assert code == "off_network"
        assert (details["worker"], details["which"]) == ("远", which)
