"""Rounds that are kept: who may see and change them, what is told of visits, links that end."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from geodata import accounts, areas, rounds
from geodata.errors import Conflict, Forbidden, Invalid, NotFound
from geodata.policy import RESIDENT, Actor, Role
from geodata.rounds import Inserted, Label, Solution, State, Status, Tick, Urgent, Visit
from tests.factories import ADMIN, CENTRE, areas_frame, round_draft, square

HERE, THERE = "210103006012", "210106001001"
EAST = (CENTRE[0] + 0.05, CENTRE[1])
WORKER = Actor("worker", Role.WORKER, "210103006")
STRANGER = Actor("stranger", Role.WORKER, "210106")
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def office(store):
    """Return a store with two communities in it."""
    told = areas_frame((HERE, "泉富", square(*CENTRE)), (THERE, "邻富", square(*EAST)))
    with store.writing() as tx:
        areas.merge(tx, told, actor=ADMIN)
    return store


@pytest.fixture
def signed_in(office):
    """Return somebody of the staff who has an account."""
    with office.writing() as tx:
        told = {"role": Role.WORKER, "scope": "210103006", "title": "社工", "actor": ADMIN}
        made = accounts.create(tx, "worker", accounts.NewPassword("泉富社区 correct horse"), **told)
    return Actor("worker", Role.WORKER, "210103006", account=made)


def saved(store, actor=WORKER, **told):
    keyed = {name: told.pop(name) for name in ("key", "request") if name in told}
    with store.writing() as tx:
        return rounds.save(tx, round_draft(**told), actor=actor, **keyed)


def accepted(store, **told):
    return changed(store, saved(store, **told), status=Status.ACCEPTED)


def put_in(store, one, visit="u", actor=WORKER, version=None, **told):
    """Put an urgent visit of 王 behind the others, as :func:`rounds.insert` would find it."""
    first, *others = told.get("rounds") or one.solution.rounds
    stop = replace(first.stops[-1], visit=visit)
    rounds_ = (replace(first, stops=(*first.stops, stop)), *others)
    found = Inserted(Solution(rounds_, one.solution.unassigned), "王", {})
    with store.writing() as tx:
        return rounds.put_in(
            tx,
            one.id,
            Urgent(Visit(visit, told.get("at", CENTRE), 5), Label("9号楼", "快去"), ("D",)),
            found,
            version=one.version if version is None else version,
            actor=actor,
        )


def got(store, one, actor=WORKER):
    with store.reading() as tx:
        return rounds.get(tx, one.id, actor=actor)


def changed(store, one, actor=WORKER, **told):
    with store.writing() as tx:
        return rounds.change(tx, one.id, version=one.version, actor=actor, **told)


def ticked(store, one, *ticks, actor=WORKER):
    with store.writing() as tx:
        return rounds.tick(tx, one.id, ticks, actor=actor)


def tick(visit="a", state=State.DONE, minutes_ago=0.0, note=""):
    return Tick(visit, state, NOW - timedelta(minutes=minutes_ago), note)


class TestKeeping:
    def test_it_stands_as_it_was_asked_and_answered(self, office):
        one, draft = saved(office), round_draft()
        assert got(office, one) == one
        assert (one.name, one.area) == ("十一月走访", HERE)
        assert one.day == draft.workers[0].from_.date().isoformat()
        assert (one.status, one.version) == (Status.DRAFT, 1)
        assert (list(one.workers), list(one.visits)) == (draft.workers, draft.visits)
        assert one.solution == draft.solution
        assert (one.closures, one.label("a")) == (("C",), Label("1号楼", "有狗"))
        assert one.label("b") == Label("b")

    def test_the_same_again_under_its_key_is_the_same_round(self, office):
        first, again = (saved(office, key="k" * 16, request="r") for _ in range(2))
        assert (again.id, saved(office, key="other" * 4, request="r").id != first.id) == (
            first.id,
            True,
        )
        with pytest.raises(Conflict, match="idempotency_key_reused"):
            saved(office, key="k" * 16, request="another")
        with pytest.raises(Invalid, match="idempotency_key_length"):
            saved(office, key="short", request="r")

    @pytest.mark.parametrize(
        "told, wrong",
        [
            ({"name": " "}, {"name": "missing"}),
            ({"name": "长" * 61}, {"name": "too_long"}),
            (
                {"labels": {"a": Label("长" * 81, "长" * 201)}},
                {"title": "too_long", "note": "too_long"},
            ),
        ],
    )
    def test_words_must_fit(self, office, told, wrong):
        with pytest.raises(Invalid, match="round_invalid") as refused:
            saved(office, **told)
        assert refused.value.details == wrong

    def test_it_is_of_the_area_that_holds_all_its_visits(self, office):
        visits = [Visit("a", CENTRE, 10), Visit("b", EAST, 10), Visit("c", (0.0, 0.0), 10)]
        assert saved(office, ADMIN, visits=visits).area == "210100000000"
        with pytest.raises(Forbidden):
            saved(office, visits=visits)

    def test_other_areas_neither_see_nor_change_it(self, office):
        one = saved(office)
        for asks in (
            lambda: saved(office, STRANGER),
            lambda: got(office, one, STRANGER),
            lambda: changed(office, one, STRANGER, name="别人的"),
            lambda: ticked(office, one, tick(), actor=STRANGER),
            lambda: got(office, one, RESIDENT),
        ):
            with pytest.raises(Forbidden):
                asks()
        with office.reading() as tx:
            assert rounds.listed(tx, actor=STRANGER) == []
            with pytest.raises(NotFound, match="round_not_found"):
                rounds.get(tx, "NOWHERE", actor=WORKER)

    def test_a_list_tells_what_is_under_way_first_and_how_far_each_is(self, office):
        draft, going = saved(office, name="草稿"), saved(office, name="进行")
        changed(office, going, status=Status.ACCEPTED)
        ticked(office, going, tick("a"), tick("b", State.ABSENT))
        with office.reading() as tx:
            told = rounds.listed(tx, actor=WORKER)
        assert [(one.id, states) for one, states in told] == [
            (going.id, Counter({State.DONE: 1, State.ABSENT: 1})),
            (draft.id, Counter()),
        ]


class TestChanging:
    def test_the_status_goes_a_step_at_a_time_and_leaves_a_trace(self, office):
        one = saved(office)
        with pytest.raises(Invalid, match="round_step"):
            changed(office, one, status=Status.DONE)
        one = changed(office, one, status=Status.ACCEPTED)
        one = changed(office, changed(office, one, status=Status.DONE), status=Status.ACCEPTED)
        assert (one.status, one.version) == (Status.ACCEPTED, 4)
        with office.reading() as tx:
            assert [entry["action"] for entry in tx.history("round", one.id)] == [
                *["step"] * 3,
                "add",
            ]

    def test_whoever_was_slower_is_told(self, office):
        one = saved(office)
        changed(office, one, name="新名")
        with pytest.raises(Conflict, match="version_stale"):
            changed(office, one, name="旧名")

    def test_what_is_ticked_off_is_no_draft_any_more(self, office):
        one = changed(office, saved(office), status=Status.ACCEPTED)
        ticked(office, one, tick())
        with pytest.raises(Conflict, match="round_begun"):
            changed(office, one, status=Status.DRAFT)

    def test_another_plan_takes_its_place_until_its_order_stands(self, office):
        one = changed(office, saved(office), draft=round_draft(closures=("D",)))
        assert one.closures == ("D",)
        one = changed(office, one, status=Status.ACCEPTED)
        with pytest.raises(Conflict, match="round_accepted"):
            changed(office, one, draft=round_draft())
        done = changed(office, one, status=Status.DONE)
        with pytest.raises(Conflict, match="round_over"):
            changed(office, done, draft=round_draft())
        assert got(office, one).closures == ("D",)

    def test_what_would_be_refused_of_another_plan_is_told_before_it_is_looked_for(self, office):
        one = saved(office)

        def asked(version, actor=WORKER):
            with office.reading() as tx:
                rounds.may_plan(tx, one.id, version=version, actor=actor)

        asked(1)
        with pytest.raises(Conflict, match="version_stale"):
            asked(2)
        with pytest.raises(Forbidden):
            asked(1, STRANGER)
        one = changed(office, one, status=Status.ACCEPTED)
        with pytest.raises(Conflict, match="round_accepted"):
            asked(2)

    def test_it_is_called_otherwise_until_it_is_done(self, office):
        one = changed(office, accepted(office), name="新名")
        assert one.name == "新名"
        done = changed(office, one, status=Status.DONE)
        with pytest.raises(Conflict, match="round_over"):
            changed(office, done, name="又一名")

    def test_another_plan_cannot_carry_it_into_a_foreign_area(self, office):
        one = saved(office)
        with pytest.raises(Forbidden):
            changed(office, one, draft=round_draft(at=EAST))


class TestUrgent:
    def test_it_is_put_into_an_accepted_round_with_its_words(self, office):
        before = accepted(office)
        one = put_in(office, before)
        assert one == got(office, before)
        assert [visit.id for visit in one.visits] == ["a", "b", "c", "u"]
        assert [stop.visit for stop in one.solution.rounds[0].stops] == ["a", "b", "u"]
        assert (one.label("u"), one.label("a")) == (Label("9号楼", "快去"), before.label("a"))
        assert (one.closures, one.status, one.version) == (("D",), Status.ACCEPTED, 3)

    def test_it_waits_for_nobody_in_a_draft_and_comes_too_late_when_all_is_done(self, office):
        one = saved(office)
        with pytest.raises(Conflict, match="round_not_accepted"):
            put_in(office, one)
        one = changed(office, one, status=Status.ACCEPTED)
        with pytest.raises(Conflict, match="round_over"):
            put_in(office, changed(office, one, status=Status.DONE))

    def test_the_same_twice_is_in_it_once(self, office):
        one = put_in(office, accepted(office))
        with pytest.raises(Conflict, match="visit_known"):
            put_in(office, one)
        assert len(got(office, one).visits) == 4

    def test_it_moves_nobody_elses_order(self, office):
        one = accepted(office)
        first, other = one.solution.rounds
        turned = (replace(first, stops=first.stops[::-1]), other)
        with pytest.raises(Invalid, match="round_invalid"):
            put_in(office, one, rounds=turned)

    def test_whoever_was_slower_is_told(self, office):
        one = accepted(office)
        put_in(office, one)
        with pytest.raises(Conflict, match="version_stale"):
            put_in(office, one, "v")

    def test_it_is_for_staff_of_its_area_and_does_not_carry_it_into_another(self, office):
        one = accepted(office)
        for told in ({"actor": STRANGER}, {"at": EAST}):
            with pytest.raises(Forbidden):
                put_in(office, one, **told)


class TestTicks:
    def test_they_count_from_when_the_order_stands(self, office):
        one = saved(office)
        with pytest.raises(Conflict, match="round_not_accepted"):
            ticked(office, one, tick())
        with office.reading() as tx:
            assert rounds.progress(tx, one.id) == {}
        changed(office, one, status=Status.ACCEPTED)
        assert list(ticked(office, one, tick())) == ["a"]

    def test_when_all_is_done_what_was_told_before_still_counts(self, office):
        one = accepted(office)
        early = tick("a", minutes_ago=5)
        done = changed(office, one, status=Status.DONE)
        late = Tick("b", State.DONE, datetime.now(UTC) + timedelta(seconds=30))
        assert list(ticked(office, one, early)) == ["a"]
        with pytest.raises(Conflict, match="round_over"):
            ticked(office, one, early, late)
        changed(office, done, status=Status.ACCEPTED)
        assert list(ticked(office, one, early, late)) == ["a", "b"]

    def test_who_holds_a_link_passes_for_no_account(self, office):
        one = accepted(office)
        with office.writing() as tx:
            rounds.ticking.noted(tx, one, [tick("a")], by="worker")
        ticked(office, one, tick("b"))
        with office.reading() as tx:
            told = rounds.progress(tx, one.id)
        assert {visit: (one.by, one.link) for visit, one in told.items()} == {
            "a": ("worker", True),
            "b": ("worker", False),
        }

    def test_the_last_told_by_its_own_moment_stands_in_whatever_order_they_come(self, office):
        told = [
            tick("a", State.ABSENT, 30, "无人"),
            tick("a", State.DONE, 10, "二次上门"),
            tick("a", State.MOVED, 20),
        ]
        for order in permutations(told):
            one = accepted(office)
            for each in order:
                ticked(office, one, each)
            with office.reading() as tx:
                (found,) = rounds.progress(tx, one.id).values()
            assert (found.state, found.note, found.by) == (State.DONE, "二次上门", "worker")
            assert datetime.fromisoformat(found.at) == NOW - timedelta(minutes=10)

    def test_two_of_one_moment_end_alike_whichever_comes_first(self, office):
        pair = [tick("a", State.DONE), tick("a", State.ABSENT)]
        ends = [ticked(office, accepted(office), *order)["a"].state for order in permutations(pair)]
        assert len(set(ends)) == 1

    def test_the_same_told_twice_is_once_and_moves_no_clock(self, office):
        one = accepted(office)
        before = office.revision()
        first = ticked(office, one, tick(), tick())
        assert ticked(office, one, tick()) == first
        assert got(office, one).version == one.version
        assert office.revision() == before

    def test_it_can_be_taken_back(self, office):
        one = accepted(office)
        ticked(office, one, tick("a", State.DONE, 5))
        assert ticked(office, one, tick("a", State.OPEN))["a"].state is State.OPEN

    def test_a_visit_that_is_not_of_the_round_does_not_hold_up_the_others(self, office):
        assert list(ticked(office, accepted(office), tick("nowhere"), tick("b"))) == ["b"]

    def test_a_clock_that_is_far_ahead_is_not_believed(self, office):
        one = accepted(office)
        ticked(office, one, tick("a", State.ABSENT, -600))
        told = ticked(office, one, Tick("a", State.DONE, datetime.now(UTC) + timedelta(seconds=30)))
        assert told["a"].state is State.DONE

    def test_a_note_that_is_too_long_is_refused_and_so_are_too_many(self, office):
        one = accepted(office)
        with pytest.raises(Invalid, match="round_invalid"):
            ticked(office, one, tick(note="长" * 201))
        with pytest.raises(Invalid, match="round_invalid"):
            ticked(office, one, *[tick()] * (rounds.MOST_TICKS + 1))

    def test_of_whom_nothing_was_told_is_open(self, office):
        told = ticked(office, accepted(office), tick("a"))
        assert rounds.counted(told, "ab") == {State.DONE: 1, State.OPEN: 1}


class TestLinks:
    def shared(self, store, one, actor, number=0, until=None):
        with store.writing() as tx:
            until = until or NOW + timedelta(hours=5)
            return rounds.share(tx, one.id, number, until=until, actor=actor)

    def shown(self, store, token):
        with store.reading() as tx:
            return rounds.shared(tx, token)

    def test_it_shows_one_workers_round_and_ticks_its_visits_alone(self, office, signed_in):
        one = accepted(office)
        made = self.shared(office, one, signed_in)
        assert self.shown(office, made.token) == (one, 0)
        with office.writing() as tx:
            told = rounds.tick_shared(tx, made.token, [tick("a"), tick("c")])
        assert {visit: state.by for visit, state in told.items()} == {"a": "王"}
        with office.reading() as tx:
            assert [line["what"] for line in tx.records("log")] == ["account_create", "round_share"]

    def test_it_ends_when_it_is_ended_and_by_itself_and_with_its_maker(self, office, signed_in):
        one = accepted(office)
        ended, kept = self.shared(office, one, signed_in), self.shared(office, one, signed_in)
        with office.writing() as tx:
            rounds.unshare(tx, one.id, ended.id, actor=signed_in)
            rounds.unshare(tx, one.id, ended.id, actor=signed_in)
            links = rounds.shares(tx, one.id, actor=signed_in)
            assert [link["id"] for link in links[0]] == [kept.id]
            with pytest.raises(NotFound, match="share_ended"):
                rounds.tick_shared(tx, ended.token, [tick()])
            tx.revise("key", {"expires": "2020-01-01T00:00:00.000Z"}, id=kept.id)
        with pytest.raises(NotFound, match="share_expired"):
            self.shown(office, kept.token)
        last = self.shared(office, one, signed_in)
        with office.writing() as tx:
            accounts.disable(tx, signed_in.account, actor=ADMIN)
        with pytest.raises(NotFound, match="share_ended"):
            self.shown(office, last.token)

    def test_one_whose_worker_has_no_part_any_more_shows_nobody_elses(self, office, signed_in):
        one = accepted(office)
        made = self.shared(office, one, signed_in)
        with office.writing() as tx:
            tx.revise("key", {"title": "走了的人"}, id=made.id)
            assert rounds.shares(tx, one.id, actor=signed_in) == {}
        with pytest.raises(NotFound, match="share_not_valid"):
            self.shown(office, made.token)

    def test_only_who_has_an_account_and_may_change_the_round_makes_one(self, office, signed_in):
        one = accepted(office)
        for actor in (WORKER, STRANGER, RESIDENT):
            with pytest.raises(Forbidden):
                self.shared(office, one, actor)
        with office.writing() as tx, pytest.raises(NotFound, match="key_not_found"):
            rounds.unshare(tx, one.id, "0" * 10, actor=signed_in)

    @pytest.mark.parametrize(
        "told, code, wrong",
        [
            ({"number": 2}, "round_invalid", {"worker": "unknown"}),
            ({"until": NOW - timedelta(minutes=1)}, "share_invalid", {"lifetime": "out_of_range"}),
            ({"until": NOW + timedelta(days=40)}, "share_invalid", {"lifetime": "out_of_range"}),
        ],
    )
    def test_it_is_of_somebody_and_lasts_a_while(self, office, signed_in, told, code, wrong):
        one = accepted(office)
        with pytest.raises(Invalid, match=code) as refused:
            self.shared(office, one, signed_in, **told)
        assert refused.value.details == wrong

    def test_what_is_no_link_of_a_round_shows_nothing(self, office):
        for token in ("", "no", "x" * 200):
            with pytest.raises(NotFound, match="share_not_valid"):
                self.shown(office, token)


class TestAtOnce:
    """Two that write of a round at the same time: the second sees what the first has done."""

    def both(self, store, first, second):
        """Let the second begin while the first is not committed yet, and return how it ended."""
        begun, ends = threading.Event(), []

        def other():
            begun.set()
            try:
                with store.writing() as tx:
                    ends.append(second(tx))
            except Conflict as error:
                ends.append(error.code)

        thread = threading.Thread(target=other)
        with store.writing() as tx:
            first(tx)
            thread.start()
            begun.wait()
            # So long nobody waits who does not wait for the first.
            thread.join(0.3)
            assert ends == []
        thread.join()
        return ends[0]

    def test_what_is_just_being_ticked_off_is_no_draft_any_more(self, office):
        one = accepted(office)
        ended = self.both(
            office,
            lambda tx: rounds.tick(tx, one.id, [tick()], actor=WORKER),
            lambda tx: rounds.change(tx, one.id, status=Status.DRAFT, version=2, actor=WORKER),
        )
        assert ended == "round_begun"

    def test_what_is_just_going_back_to_planning_is_not_ticked_off(self, office):
        one = accepted(office)
        ended = self.both(
            office,
            lambda tx: rounds.change(tx, one.id, status=Status.DRAFT, version=2, actor=WORKER),
            lambda tx: rounds.tick(tx, one.id, [tick()], actor=WORKER),
        )
        assert ended == "round_not_accepted"

    def test_what_is_just_being_accepted_is_not_planned_anew(self, office):
        one = saved(office)
        ended = self.both(
            office,
            lambda tx: rounds.change(tx, one.id, status=Status.ACCEPTED, version=1, actor=WORKER),
            lambda tx: rounds.change(tx, one.id, draft=round_draft(), version=2, actor=WORKER),
        )
        assert ended == "round_accepted"
