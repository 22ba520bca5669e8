"""Where the next merchant would help most, over HTTP: asked, followed, cancelled, told."""

import threading
import time

import pytest
from jsonschema import Draft202012Validator

from geodata import jobs
from geodata.errors import Unavailable
from tests import people
from tests.factories import ADMIN
from webmap import running
from webmap.config import Settings

ASKED = {"area": "210103006012", "category": "clinic", "minutes": 3}


@pytest.fixture
def worker(app_with_streets):
    return people.signed_in(app_with_streets, "worker")


def ask(client, **told):
    return client.post("/api/matrix/siting", json=ASKED | told, headers=people.csrf(client))


def over(client, place, patience_s=40):
    """Return the job when it is neither waiting nor running any more."""
    give_up = time.monotonic() + patience_s
    while (job := client.get(place).get_json())["state"] in {"waiting", "running"}:
        assert time.monotonic() < give_up, job
        time.sleep(0.05)
    return job


class Gate:
    """Work that goes on until it is let go, or stopped."""

    def __init__(self) -> None:
        self.begun, self.open, self.stopped = (threading.Event() for _ in range(3))

    def __call__(self, told):
        self.begun.set()
        try:
            while not self.open.wait(0.02):
                told(0.5)
        except running.Stopped:
            self.stopped.set()
            raise
        return {"places": []}


@pytest.fixture
def at_work(app_with_streets, monkeypatch):
    """Give an office with a job in hand: its address, and the gate that keeps it."""
    monkeypatch.setattr(running, "BEAT_S", 0.05)
    store, gate = app_with_streets.extensions["linju_store"], Gate()
    with store.writing() as tx:
        job = jobs.ask(tx, "siting", {}, area="210103006012", actor=ADMIN)
    runner = app_with_streets.extensions["linju_runner"]
    runner.start(job.id, gate)
    assert gate.begun.wait(10)
    yield f"/api/jobs/{job.id}", gate
    gate.open.set()


def test_it_is_a_job_whose_answer_tells_where_and_for_whom(worker):
    begun = ask(worker, count=2)

    assert begun.status_code == 202
    assert begun.get_json()["state"] == "waiting"
    job = over(worker, begun.headers["Location"])
    assert (job["state"], job["progress"], job["trouble"]) == ("done", 1.0, None)
    assert job["asked"]["area"] == "210103006012"
    document = worker.get("/api/openapi.json").get_json()
    schema = {"$ref": "#/components/schemas/JobDocument", "components": document["components"]}
    Draft202012Validator(schema).validate(job)
    told = job["answer"]
    assert [place["rank"] for place in told["places"]] == [1, 2]
    gained = sum(place["gained"] for place in told["places"])
    assert told["before"]["near"] + gained == told["after"]["near"]
    assert told["proven"]
    assert told["gap"] == 0
    assert {home["rank"] for home in told["homes"]} == {1, 2}
    assert all(home["before"] is None or home["after"] < home["before"] for home in told["homes"])


def test_points_that_are_sent_are_the_places(worker):
    points = [[123.47, 41.775], [123.468, 41.774]]
    job = over(worker, ask(worker, objective="walk", points=points).headers["Location"])

    assert job["state"] == "done", job
    assert job["answer"]["places"][0]["given"] in {0, 1}
    assert job["answer"]["spacing_m"] is None


@pytest.mark.parametrize(
    "told, status, title",
    [
        ({"count": 11}, 422, "field_invalid"),
        ({"category": "bank"}, 404, "category_not_found"),
        ({"area": "210103006999"}, 404, "area_not_found"),
        ({"area": "210106"}, 403, "forbidden"),
    ],
)
def test_what_cannot_be_answered_is_refused_at_once(worker, told, status, title):
    answer = ask(worker, **told)

    assert (answer.status_code, answer.get_json()["title"]) == (status, title)


def test_without_streets_it_is_refused(app):
    answer = ask(people.signed_in(app, "worker"))

    assert (answer.status_code, answer.get_json()["title"]) == (503, "streets_missing")


def test_why_nothing_came_of_it_is_told_in_the_readers_language(worker, monkeypatch):
    def fail(*_args, **_told):
        raise Unavailable("siting_failed", reason="no memory")

    monkeypatch.setattr("webmap.siting.beginning.siting.answer", fail)
    place = ask(worker).headers["Location"]

    assert over(worker, place)["trouble"] == {
        "code": "siting_failed",
        "detail": "没有算成，请再试一次。",
    }
    english = worker.get(place, query_string={"lang": "en"}).get_json()
    assert english["trouble"]["detail"].startswith("The search failed")


def test_a_mistake_of_ours_is_a_failure_too(worker, monkeypatch, caplog):
    monkeypatch.setattr("webmap.siting.beginning.siting.answer", lambda *_, **__: 1 / 0)
    job = over(worker, ask(worker).headers["Location"])

    assert (job["state"], job["trouble"]["code"]) == ("failed", "job_failed")
    assert "ZeroDivisionError" in caplog.text


class TestJobs:
    def test_how_far_it_is_can_be_asked(self, worker, at_work):
        place, gate = at_work
        give_up = time.monotonic() + 10
        while worker.get(place).get_json()["progress"] < 0.5:
            assert time.monotonic() < give_up
        assert worker.get(place).get_json()["state"] == "running"
        gate.open.set()

        assert over(worker, place)["answer"] == {"places": []}

    def test_cancelling_stops_it(self, worker, at_work):
        place, gate = at_work
        gone = worker.delete(place, headers=people.csrf(worker))

        assert (gone.status_code, gone.get_json()["state"]) == (200, "cancelled")
        assert gate.stopped.wait(10)
        again = worker.delete(place, headers=people.csrf(worker))
        assert (again.status_code, again.get_json()["title"]) == (409, "job_over")

    def test_another_process_tells_of_it_and_can_cancel_it(self, worker, at_work, instance):
        from webmap import create_app  # noqa: PLC0415 - as another process would

        place, gate = at_work
        other = create_app(Settings(instance=instance))
        client = people.holding(other, _token(worker))
        assert client.get(place).get_json()["state"] == "running"
        assert client.delete(place, headers=people.csrf(client)).status_code == 200
        other.extensions["linju_store"].close()

        assert gate.stopped.wait(10)

    def test_of_a_process_that_died_it_is_told_that_it_failed(self, worker, monkeypatch):
        monkeypatch.setattr(running.Runner, "start", lambda *_: None)
        place = ask(worker).headers["Location"]
        assert worker.get(place).get_json()["state"] == "waiting"
        monkeypatch.setattr(jobs, "LOST", jobs.timedelta(seconds=-1))

        job = worker.get(place).get_json()
        assert (job["state"], job["trouble"]["code"]) == ("failed", "job_lost")
        assert job["ended"]

    def test_who_closes_the_store_lets_go_of_them(self, app_with_streets, at_work):
        _, gate = at_work

        assert app_with_streets.extensions["linju_runner"].stop()
        assert gate.stopped.is_set()

    def test_jobs_are_done_one_after_the_other(self, worker, at_work):
        _, gate = at_work
        second = ask(worker).headers["Location"]
        assert worker.get(second).get_json()["state"] == "waiting"
        gate.open.set()

        assert over(worker, second)["state"] == "done"


def _token(client):
    with client.session_transaction() as session:
        return session["token"]
