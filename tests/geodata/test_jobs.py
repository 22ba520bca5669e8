"""Jobs: asked, followed, ended, and told as failed when nobody speaks of them any more."""

from datetime import UTC, datetime, timedelta

import pytest

from geodata import jobs
from geodata.errors import Conflict, Forbidden, NotFound, Unavailable
from geodata.jobs import State
from geodata.policy import Actor, Role
from tests.factories import ADMIN, WORKER

HERE = "210103006012"
STRANGER = Actor("stranger", Role.WORKER, "210106")


def ask(store, actor=WORKER):
    with store.writing() as tx:
        return jobs.ask(tx, "siting", {"minutes": 10}, area=HERE, actor=actor).id


def get(store, job_id, actor=WORKER):
    with store.reading() as tx:
        return jobs.get(tx, job_id, actor=actor)


def write(store, what, *told):
    with store.writing() as tx:
        return what(tx, *told)


def silent_for(store, job_id, **gone):
    then = (datetime.now(UTC) - timedelta(**gone)).isoformat(timespec="milliseconds")
    with store.writing() as tx:
        tx.revise("job", {"seen": then, "at": then}, id=job_id)


def test_it_goes_from_waiting_to_done(store):
    job_id = ask(store)
    assert get(store, job_id).state is State.WAITING

    assert write(store, jobs.going, job_id, 0.25)
    running = get(store, job_id)
    assert (running.state, running.progress, running.answer) == (State.RUNNING, 0.25, None)

    write(store, jobs.done, job_id, {"places": [1]})
    over = get(store, job_id)
    assert (over.state, over.progress, over.answer) == (State.DONE, 1.0, {"places": [1]})
    assert over.asked == {"minutes": 10}
    assert over.at <= over.ended
    assert not write(store, jobs.going, job_id)


def test_why_it_failed_is_told(store):
    job_id = ask(store)
    write(store, jobs.failed, job_id, Unavailable("siting_failed", reason="no memory"))

    over = get(store, job_id)
    assert (over.state, over.answer) == (State.FAILED, None)
    assert over.trouble == ("siting_failed", {"reason": "no memory"})


def test_who_works_on_it_hears_that_it_was_cancelled(store):
    job_id = ask(store)
    with store.writing() as tx:
        assert jobs.cancel(tx, job_id, actor=WORKER).state is State.CANCELLED

    assert not write(store, jobs.going, job_id, 0.5)
    write(store, jobs.done, job_id, {})
    assert get(store, job_id).state is State.CANCELLED
    with store.writing() as tx, pytest.raises(Conflict, match="job_over"):
        jobs.cancel(tx, job_id, actor=WORKER)


def test_of_whom_nothing_is_heard_any_more_has_failed(store):
    job_id = ask(store)
    silent_for(store, job_id, seconds=20)
    assert get(store, job_id).state is State.WAITING
    silent_for(store, job_id, seconds=40)

    lost = get(store, job_id)
    assert (lost.state, lost.trouble) == (State.FAILED, ("job_lost", {}))
    assert lost.ended
    with store.writing() as tx, pytest.raises(Conflict, match="job_over"):
        jobs.cancel(tx, job_id, actor=WORKER)


def test_it_is_for_staff_of_its_area(store):
    job_id = ask(store)

    for actor in (STRANGER, Actor("resident", Role.RESIDENT)):
        with pytest.raises(Forbidden):
            get(store, job_id, actor)
        with store.writing() as tx, pytest.raises(Forbidden):
            jobs.cancel(tx, job_id, actor=actor)
        with pytest.raises(Forbidden):
            ask(store, actor)
    assert get(store, job_id, ADMIN).by == "worker"
    with pytest.raises(NotFound, match="job_not_found"):
        get(store, "NOWHERE")


def test_only_so_many_wait_and_the_lost_do_not_count(store):
    waiting = [ask(store) for _ in range(jobs.MOST_OPEN)]
    with pytest.raises(Unavailable, match="jobs_full"):
        ask(store)
    silent_for(store, waiting[0], seconds=40)

    assert ask(store)


def test_old_ones_go(store, monkeypatch):
    monkeypatch.setattr(jobs, "MOST", 3)
    first, *others = (ask(store) for _ in range(5))
    for job_id in others:
        write(store, jobs.done, job_id, {})
    silent_for(store, first, days=8)
    last = ask(store)

    with store.reading() as tx:
        assert {row["id"] for row in tx.records("job")} == {*others[-2:], last}


def test_one_that_waits_stays_however_many_come_after_it(store, monkeypatch):
    monkeypatch.setattr(jobs, "MOST", 2)
    first = ask(store)
    for _ in range(3):
        write(store, jobs.done, ask(store), {})

    assert get(store, first).state is State.WAITING
