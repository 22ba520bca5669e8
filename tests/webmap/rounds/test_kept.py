"""Rounds that are kept, through HTTP: kept once, planned anew, an urgent visit, ticks, GPX."""

from collections.abc import Iterator
from contextlib import contextmanager

import gpxpy
import pytest

from geodata import rounds
from geodata.errors import Unavailable
from geodata.rounds import Label, Status
from tests import people
from tests.webmap.rounds.asking import (
    KEPT,
    fresh_key,
    home,
    kept,
    link,
    refusal,
    send,
    states,
    tick,
    told,
)


@pytest.fixture
def worker(app):
    return people.signed_in(app, "worker")


@pytest.fixture
def planner(app_with_streets):
    """Return a worker of an office that has streets."""
    return people.signed_in(app_with_streets, "worker")


@pytest.fixture
def streets_store(app_with_streets):
    return app_with_streets.extensions["linju_store"]


def saved(client, **more):
    answer = send(client, "POST", KEPT, told(**more), key=fresh_key())
    assert answer.status_code == 201, answer.text
    people.conforms(answer, KEPT, "post")
    return answer.get_json()


def accepted(client, one):
    answer = send(client, "PATCH", at(one), {"status": "accepted"}, seen=one["version"])
    assert answer.status_code == 200, answer.text
    people.conforms(answer, f"{KEPT}/{{round_id}}", "patch")
    return answer.get_json()


def at(one, *rest):
    return "/".join([KEPT, one["id"] if isinstance(one, dict) else one.id, *rest])


def got(client, one):
    answer = client.get(at(one))
    assert answer.status_code == 200
    people.conforms(answer, f"{KEPT}/{{round_id}}", "get")
    return answer.get_json()


@contextmanager
def away(monkeypatch, name="solve"):
    """Let nothing be planned for the length of a block; tell how often it was asked for."""
    asked = []

    def refuse(*_arguments, **_more):
        asked.append(1)
        raise Unavailable("engine_unreachable", reason="somewhere")

    with monkeypatch.context() as patch:
        patch.setattr(rounds, name, refuse)
        yield asked


class TestKeeping:
    def test_the_same_sent_twice_is_one_round_and_is_planned_once(self, planner, monkeypatch):
        body, key = told(), fresh_key()
        first = send(planner, "POST", KEPT, body, key=key)
        assert first.status_code == 201, first.text
        with away(monkeypatch) as asked:
            again = send(planner, "POST", KEPT, body, key=key)
        assert (again.status_code, again.get_json(), asked) == (201, first.get_json(), [])
        assert again.headers["Location"] == f"{KEPT}/{first.get_json()['id']}"
        other = send(planner, "POST", KEPT, told(name="别的"), key=key)
        assert refusal(other) == (409, "idempotency_key_reused")
        assert len(planner.get(KEPT).get_json()["rounds"]) == 1

    def test_a_key_that_can_be_guessed_is_refused_before_anything_is_planned(
        self, worker, monkeypatch
    ):
        with away(monkeypatch) as asked:
            answer = send(worker, "POST", KEPT, told(), key="x" * 15)
        assert (refusal(answer), asked) == ((422, "idempotency_key_length"), [])

    def test_while_the_engine_is_away_nothing_is_stored_and_the_same_works_later(
        self, planner, streets_store, monkeypatch
    ):
        body, key, before = told(), fresh_key(), streets_store.revision()
        with away(monkeypatch):
            answer = send(planner, "POST", KEPT, body, key=key)
        assert refusal(answer)[0] == 503
        assert "somewhere" not in answer.text
        assert streets_store.revision() == before
        assert planner.get(KEPT).get_json() == {"rounds": []}
        assert send(planner, "POST", KEPT, body, key=key).status_code == 201

    def test_without_streets_a_kept_round_is_read_printed_walked_and_ticked(self, worker, store):
        one = kept(store)
        assert refusal(send(worker, "POST", KEPT, told(), key=fresh_key()))[0] == 503
        assert got(worker, one)["rounds"][0]["worker"] == "王"
        for page in (f"/rounds/{one.id}", f"/rounds/{one.id}/1", f"/rounds/{one.id}/1/sheet"):
            assert worker.get(page).status_code == 200
        assert "1号楼" in worker.get(f"/rounds/{one.id}/1/sheet").text
        assert worker.get(f"/rounds/{one.id}/1/gpx").status_code == 200
        assert worker.get(at(one, "workers", "1")).status_code == 200
        ticked = send(worker, "POST", at(one, "ticks"), {"ticks": [tick()]})
        assert states(ticked.get_json()) == {"a": "done"}

    def test_who_was_slower_is_told_and_who_did_not_look_too(self, worker, store):
        one = kept(store, Status.DRAFT)
        assert send(worker, "PATCH", at(one), {"name": "新名"}, seen=1).status_code == 200
        slower = send(worker, "PATCH", at(one), {"name": "旧名"}, seen=1)
        assert refusal(slower) == (412, "version_stale")
        assert slower.get_json(force=True)["details"]["current"] == 2
        assert refusal(send(worker, "PATCH", at(one), {"name": "旧名"})) == (428, "version_missing")
        assert got(worker, one)["name"] == "新名"


class TestPlanningAnew:
    def test_a_draft_takes_another_plan(self, planner):
        one = saved(planner)
        body = told(visits=[home("a", 1), home("d", 2)])
        answer = send(planner, "PATCH", at(one, "plan"), body, seen=one["version"])
        assert answer.status_code == 200, answer.text
        assert {visit["id"] for visit in got(planner, one)["asked"]["visits"]} == {"a", "d"}

    @pytest.mark.parametrize(
        "status, code", [(Status.ACCEPTED, "round_accepted"), (Status.DONE, "round_over")]
    )
    def test_the_order_of_an_accepted_one_stands_and_nothing_is_asked_for_in_vain(
        self, worker, store, monkeypatch, status, code
    ):
        one = kept(store, status)
        with away(monkeypatch) as asked:
            answer = send(worker, "PATCH", at(one, "plan"), told(), seen=one.version)
        assert (refusal(answer), asked) == ((409, code), [])
        assert len(got(worker, one)["asked"]["visits"]) == 3

    def test_while_the_engine_is_away_the_former_plan_stands(self, worker, store, monkeypatch):
        one = kept(store, Status.DRAFT)
        before = got(worker, one)
        with away(monkeypatch):
            answer = send(worker, "PATCH", at(one, "plan"), told(), seen=1)
        assert refusal(answer)[0] == 503
        assert got(worker, one) == before


class TestUrgent:
    def asked(self, client, one, visit="急", **more):
        body = {"visit": home(visit, 2), "label": {"title": "9号楼", "note": "快"}} | more
        return send(client, "POST", at(one, "urgent"), body)

    def test_it_is_shown_first_then_put_in_once_and_the_others_stay(self, planner):
        one = accepted(planner, saved(planner))
        before = [stop["id"] for stop in one["rounds"][0]["visits"]]
        shown = self.asked(planner, one)
        people.conforms(shown, f"{KEPT}/{{round_id}}/urgent", "post")
        assert shown.get_json()["worker"] == "王姐"
        assert got(planner, one) == one

        put = self.asked(planner, one, keep=True)

        assert put.status_code == 200, put.text
        now = got(planner, one)
        assert put.get_json()["round"] == now
        order = [stop["id"] for stop in now["rounds"][0]["visits"]]
        assert sorted(order) == ["a", "b", "c", "急"]
        assert [visit for visit in order if visit != "急"] == before
        assert now["asked"]["labels"]["急"] == {"title": "9号楼", "note": "快"}
        for keep in (False, True):
            assert refusal(self.asked(planner, one, keep=keep)) == (409, "visit_known")
        assert got(planner, one) == now

    @pytest.mark.parametrize(
        "status, code", [(Status.DRAFT, "round_not_accepted"), (Status.DONE, "round_over")]
    )
    def test_it_is_put_into_a_round_under_way_only(self, planner, streets_store, status, code):
        one = kept(streets_store, status)
        assert refusal(self.asked(planner, one, keep=True)) == (409, code)

    def test_while_the_engine_is_away_the_round_stays_as_it_is(
        self, planner, streets_store, monkeypatch
    ):
        one = kept(streets_store)
        before = got(planner, one)
        with away(monkeypatch, "insert"):
            assert refusal(self.asked(planner, one, keep=True))[0] == 503
        assert got(planner, one) == before


class TestTicks:
    def ticked(self, client, one, *ticks):
        answer = send(client, "POST", at(one, "ticks"), {"ticks": ticks})
        people.conforms(answer, f"{KEPT}/{{round_id}}/ticks", "post")
        return answer

    def test_what_a_phone_sends_again_and_in_any_order_ends_alike(self, worker, store):
        one = kept(store)
        early, late = tick("a", "absent", 20, "无人"), tick("a", "done", 2, "二次上门")
        ends = [self.ticked(worker, one, *order).get_json() for order in ([late, early], [early])]
        ends.append(self.ticked(worker, one, early, late).get_json())
        assert ends[0] == ends[1] == ends[2]
        assert ends[0]["told"]["a"]["note"] == "二次上门"
        assert ends[0]["version"] == one.version
        assert worker.get(at(one, "progress")).get_json() | {"passed_over": []} == ends[0]

    def test_a_visit_that_the_round_does_not_have_is_told_and_the_others_count(self, worker, store):
        told = self.ticked(worker, kept(store), tick("nobody"), tick("a")).get_json()
        assert told["passed_over"] == ["nobody"]
        assert states(told) == {"a": "done"}

    def test_they_count_while_the_round_is_under_way(self, worker, store):
        draft, done = kept(store, Status.DRAFT), kept(store, Status.DONE)
        assert refusal(self.ticked(worker, draft, tick())) == (409, "round_not_accepted")
        assert states(self.ticked(worker, done, tick()).get_json()) == {"a": "done"}
        later = tick(minutes_ago=-0.5)
        assert refusal(self.ticked(worker, done, later)) == (409, "round_over")

    def test_whoever_follows_is_told_that_nothing_is_new_and_no_round_is_read_for_it(
        self, worker, store, monkeypatch
    ):
        one = kept(store)
        monkeypatch.setattr(rounds, "get", None)
        first = worker.get(at(one, "progress"))
        people.conforms(first, f"{KEPT}/{{round_id}}/progress", "get")
        same = {"If-None-Match": first.headers["ETag"]}
        assert worker.get(at(one, "progress"), headers=same).status_code == 304
        self.ticked(worker, one, tick())
        fresh = worker.get(at(one, "progress"), headers=same)
        assert (fresh.status_code, states(fresh.get_json())) == (200, {"a": "done"})
        assert refusal(worker.get(f"{KEPT}/NOWHERE/progress")) == (404, "round_not_found")


class TestElsewhere:
    """Who is of another area, or of nobody's staff."""

    @pytest.fixture
    def one(self, store):
        return kept(store)

    @pytest.fixture
    def asks(self, one):
        def every(client) -> Iterator[object]:
            yield client.get(at(one))
            yield client.get(at(one, "progress"))
            yield client.get(at(one, "workers", "1"))
            yield send(client, "PATCH", at(one), {"name": "别人的"}, seen=one.version)
            yield send(client, "PATCH", at(one, "plan"), told(), seen=one.version)
            yield send(client, "POST", at(one, "ticks"), {"ticks": [tick()]})
            yield send(client, "DELETE", at(one))

        return every

    @pytest.mark.parametrize("who", ["stranger", "shop", ""])
    def test_they_neither_see_nor_change_it(self, app, store, asks, who):
        client = people.signed_in(app, who) if who else app.test_client()
        before = store.revision()
        assert {refusal(answer) for answer in asks(client)} == {(403, "forbidden")}
        assert store.revision() == before
        assert who != "stranger" or client.get(KEPT).get_json() == {"rounds": []}

    def test_they_put_nothing_in(self, app_with_streets, streets_store):
        client, one = people.signed_in(app_with_streets, "stranger"), kept(streets_store)
        body = {"visit": home("急"), "keep": True}
        assert refusal(send(client, "POST", at(one, "urgent"), body)) == (403, "forbidden")

    def test_no_visit_is_kept_elsewhere(self, app_with_streets):
        client = people.signed_in(app_with_streets, "stranger")
        answer = send(client, "POST", KEPT, told(), key=fresh_key())
        assert refusal(answer) == (403, "forbidden")

    @pytest.mark.parametrize("page", ["", "/1", "/1/sheet", "/1/gpx"])
    def test_their_pages_are_shut(self, app, one, page):
        stranger = people.signed_in(app, "stranger")
        assert stranger.get(f"/rounds/{one.id}{page}").status_code == 403


def test_gpx_is_read_whatever_was_typed(worker, store):
    one = kept(store, labels={"a": Label("1号楼", "<按铃>&")}, name="走访 <甲>")
    answer = worker.get(f"/rounds/{one.id}/1/gpx")
    assert answer.mimetype == "application/gpx+xml"
    assert answer.headers["Cache-Control"] == "no-store"
    read = gpxpy.parse(answer.text)
    assert read.name == "走访 <甲> 王"
    assert [place.name for place in read.waypoints] == ["1 1号楼", "2 b"]
    assert read.waypoints[0].description == "09:10 <按铃>&"
    assert worker.get(f"/rounds/{one.id}/3/gpx").status_code == 404


def test_the_link_of_a_round_that_is_not_there_is_not_made(worker, store):
    answer = worker.post("/rounds/NOWHERE/1/share", headers=people.csrf(worker))
    assert answer.status_code == 404
    assert link(store, kept(store)).token
