"""Reviewing over HTTP: who may, what is told and decided, and that nobody overwrites another."""

import pytest
from sqlalchemy import Engine, event

from geodata import merchants, proposals
from geodata.policy import RESIDENT, Actor, Role
from geodata.proposals import Contact, Report
from tests.factories import ADMIN, HOSTILE, entry
from tests.people import csrf, led_to_the_door, signed_in

JSON = {"Accept": "application/json"}


def registered(store, name="测试便民超市", **told):
    with store.writing() as tx:
        made = proposals.register(
            tx, entry(name, **told), Contact("王姐", "13800000000"), actor=RESIDENT
        )
        (one,) = tx.records("proposal", merchant=made.merchant)
    return one


def published(store, name="测试超市", **told):
    with store.writing() as tx:
        return merchants.add(tx, entry(name, **told), actor=ADMIN)


def post(client, path, **told):
    return client.post(path, json=told, headers=csrf(client) | JSON)


def decide(client, one, act, **told):
    seen = {"version": one["version"], "merchant_version": 1} | told
    return post(client, f"/review/items/{one['id']}/{act}", **seen)


def status_of(store, merchant_id):
    with store.reading() as tx:
        return tx.row("merchant", merchant_id)["status"]


@pytest.fixture
def worker(app):
    return signed_in(app, "worker")


@pytest.fixture
def stranger(app):
    return signed_in(app, "stranger")


class TestWhoMay:
    PAGES = ("/review", "/review/queue")

    @pytest.mark.parametrize("path", PAGES)
    def test_staff_only(self, app, client, path):
        assert led_to_the_door(client.get(path))
        assert signed_in(app, "shop").get(path).status_code == 403
        assert signed_in(app, "worker").get(path).status_code == 200

    def test_nobody_sees_or_decides_elsewhere(self, store, stranger, client):
        one = registered(store)
        assert stranger.get(f"/review/items/{one['id']}").status_code == 403
        assert led_to_the_door(client.get(f"/review/items/{one['id']}"))
        for who in (stranger, client):
            for act in ("publish", "return", "merge", "retire", "dismiss", "reopen"):
                assert decide(who, one, act, why="x", into="x").status_code == 403
            assert post(who, f"/review/contact/{one['merchant']}").status_code == 403
        assert stranger.get("/review/queue").get_json()["items"] == []
        assert stranger.get("/review/queue?area=210103").status_code == 403
        assert status_of(store, one["merchant"]) == "pending"

    def test_a_decision_needs_the_token_of_its_page(self, store, worker):
        one = registered(store)
        bare = {"version": 1, "merchant_version": 1}
        answer = worker.post(f"/review/items/{one['id']}/publish", json=bare)
        assert answer.status_code == 400
        assert status_of(store, one["merchant"]) == "pending"

    def test_what_is_told_of_a_review_is_stored_nowhere_on_the_way(self, store, worker):
        one = registered(store)
        for path in ("/review/queue", f"/review/items/{one['id']}"):
            assert worker.get(path).headers["Cache-Control"] == "no-store"


class TestQueue:
    def test_it_tells_what_waits_the_oldest_first(self, store, worker):
        ones = [registered(store, f"店{n}") for n in range(3)]
        told = worker.get("/review/queue").get_json()
        assert [one["id"] for one in told["items"]] == [one["id"] for one in ones]
        assert (told["waiting"], told["after"]) == (3, "")
        first = told["items"][0]
        assert (first["what"], first["name"], first["category"]) == ("新登记", "店0", "shopping")
        assert first["area"].endswith("网格")

    def test_it_comes_in_pages_without_a_gap(self, store, worker):
        with store.writing() as tx:
            for n in range(proposals.PAGE + 3):
                proposals.register(tx, entry(f"店{n}"), Contact(), actor=RESIDENT)
        first = worker.get("/review/queue").get_json()
        rest = worker.get("/review/queue", query_string={"after": first["after"]}).get_json()
        ids = [one["id"] for one in first["items"] + rest["items"]]
        assert len(set(ids)) == proposals.PAGE + 3
        assert (rest["after"], rest["waiting"]) == ("", None)

    def test_it_is_narrowed_by_state_and_area(self, store, worker):
        one, other = registered(store, "甲"), registered(store, "乙")
        decide(worker, one, "return", why="地址不全")
        decide(worker, other, "publish")

        def names(**asked):
            told = worker.get("/review/queue", query_string=asked).get_json()
            return [line["name"] for line in told["items"]]

        assert names() == []
        assert names(state="returned") == ["甲"]
        assert names(state="decided") == ["乙"]
        assert names(state="returned", area="210103006001") == []
        assert names(state="returned", area=one["area"]) == ["甲"]

    def test_an_address_that_makes_no_sense_is_refused(self, worker):
        for query in ("state=secret", "area=x", "after=x", "by=me"):
            assert worker.get(f"/review/queue?{query}", headers=JSON).status_code == 422

    def test_the_number_of_questions_does_not_grow_with_the_queue(self, store, worker):
        def questions():
            asked = []

            def note(*told):
                asked.append(told[2])

            event.listen(Engine, "before_cursor_execute", note)
            worker.get("/review/queue")
            event.remove(Engine, "before_cursor_execute", note)
            return sum(statement.startswith("SELECT") for statement in asked)

        registered(store)
        questions()  # the first also reads the categories
        few = questions()
        for n in range(10):
            registered(store, f"店{n}")
        assert questions() == few


class TestItem:
    def test_a_change_is_told_field_by_field_in_words(self, store, worker):
        known = published(store, hours="8:00-20:00", address="旧路1号")
        owner = Actor("link:1", Role.MERCHANT, owns=frozenset({known}))
        told = {"hours": "Mo-Fr 09:00-18:00", "address": "新路2号", "category": "repair"}
        with store.writing() as tx:
            row = tx.row("merchant", known)
            told |= {"lon": row["lon"] + 0.001, "lat": row["lat"]}
            proposals.amend(tx, known, told, version=1, actor=owner, why="搬了")
            (one,) = tx.records("proposal", merchant=known)

        item = worker.get(f"/review/items/{one['id']}").get_json()

        changes = {one["field"]: (one["old"], one["new"]) for one in item["changes"]}
        assert changes["hours"] == ("每天 08:00–20:00", "周一至周五 09:00–18:00；周六至周日 休息")
        assert changes["address"] == ("旧路1号", "新路2号")
        assert changes["category"] == ("购物", "维修")
        assert item["shift_m"] == pytest.approx(83, abs=1)
        assert (
            next(c["moved"] for c in item["changes"] if c["field"] == "position") == "移动了 83 米"
        )
        assert item["proposal"]["by"] == "店主（专属链接）"
        assert item["proposal"]["words"] == "搬了"

    def test_what_it_may_be_the_same_as_is_told_with_why(self, store, worker):
        known = published(store, "测试超市", phones=("024-1",))
        one = registered(store, "测试便民超市", phones=("024-1",))
        (same, *_others) = worker.get(f"/review/items/{one['id']}").get_json()["alike"]
        assert (same["id"], same["phone"], same["code"]) == (known, True, False)
        assert same["metres"] == pytest.approx(0, abs=0.1)

    def test_a_licence_of_another_district_is_noticed(self, store, worker):
        one = registered(store, credit_code="9144030071526726XG")
        credit = worker.get(f"/review/items/{one['id']}").get_json()["credit"]
        assert credit["region"].startswith("广东省深圳市")
        assert credit["elsewhere"]

    def test_the_contact_is_not_told_before_it_is_asked_for(self, store, worker):
        one = registered(store)
        assert b"13800000000" not in worker.get(f"/review/items/{one['id']}").data
        told = post(worker, f"/review/contact/{one['merchant']}").get_json()
        assert told == {"name": "王姐", "phone": "13800000000"}
        with store.reading() as tx:
            (line,) = tx.records("log", what="contact_read")
        assert (line["by"], line["target"]) == ("worker", one["merchant"])

    def test_a_report_says_what_it_is(self, store, worker):
        known = published(store)
        with store.writing() as tx:
            proposals.report(tx, known, Report.MOVED, "上周搬了", actor=RESIDENT)
        (line,) = worker.get("/review/queue").get_json()["items"]
        assert (line["kind"], line["what"]) == ("report", "已搬走")

    @pytest.mark.parametrize("text", HOSTILE)
    def test_a_hostile_shop_is_told_as_it_is_written(self, store, worker, text):
        one = registered(store, text, note=text, address=text)
        item = worker.get(f"/review/items/{one['id']}").get_json()
        with store.reading() as tx:
            name = tx.row("merchant", one["merchant"])["name"]
        assert item["merchant"]["name"] == name


class TestDeciding:
    def test_what_is_published_is_on_the_map(self, store, worker, client):
        one = registered(store)
        told = decide(worker, one, "publish").get_json()
        assert (told["state"], told["version"]) == ("accepted", 2)
        assert client.get(f"/api/merchants/{one['merchant']}").status_code == 200

    def test_the_second_reviewer_is_told_who_did_what_when_and_why(self, app, store, worker):
        one = registered(store)
        decide(worker, one, "return", why="地址不全")
        admin = signed_in(app, "admin")

        answer = decide(admin, one, "publish")

        assert answer.status_code == 409
        told = answer.get_json(force=True)
        assert told["title"] == "proposal_decided"
        details = told["details"]
        assert (details["by"], details["state"], details["why"]) == (
            "worker",
            "returned",
            "地址不全",
        )
        assert details["at"]
        assert status_of(store, one["merchant"]) == "pending"

    @pytest.mark.parametrize("act", ["publish", "return", "merge", "retire", "dismiss"])
    def test_who_saw_an_older_entry_is_told_to_look_again(self, store, worker, act):
        one, known = registered(store), published(store)
        owner = Actor("link:1", Role.MERCHANT, owns=frozenset({one["merchant"]}))
        with store.writing() as tx:
            proposals.amend(tx, one["merchant"], {"name": "别的"}, version=1, actor=owner)
        answer = decide(worker, one, act, why="看过旧的", into=known)
        told = answer.get_json(force=True)
        assert (answer.status_code, told["title"]) == (409, "version_stale")
        assert (told["details"]["by"], told["details"]["action"]) == ("link:1", "edit")
        assert status_of(store, one["merchant"]) == "pending"

    def test_a_reason_is_asked_for(self, store, worker):
        one = registered(store)
        answer = decide(worker, one, "return", why="  ")
        assert (answer.status_code, answer.get_json(force=True)["title"]) == (422, "reason_missing")

    def test_two_entries_become_one(self, store, worker, client):
        known, one = published(store), registered(store, hours="24/7")
        assert decide(worker, one, "merge", into=known).status_code == 200
        answer = client.get(f"/api/merchants/{one['merchant']}")
        assert answer.get_json(force=True)["details"]["into"] == known
        with store.reading() as tx:
            assert tx.row("merchant", known)["hours"] == "24/7"

    def test_every_decision_can_be_taken_back(self, store, worker):
        known = published(store)
        for act in ("publish", "return", "merge", "retire", "dismiss"):
            one = registered(store, f"店{act}")
            done = decide(worker, one, act, why="试", into=known).get_json()
            back = decide(worker, one, "reopen", version=done["version"])
            assert back.get_json()["state"] == "open"
            assert status_of(store, one["merchant"]) == "pending"

    def test_a_decision_says_nothing_else(self, store, worker):
        one = registered(store)
        for more in ({"status": "published"}, {"area": "1"}, {"owner": "me"}):
            answer = decide(worker, one, "publish", **more)
            assert answer.status_code == 422
        assert post(worker, f"/review/items/{one['id']}/publish", version="x").status_code == 422


class TestMoving:
    def test_the_area_of_a_place_is_told_to_staff(self, app, worker, client):
        path = "/review/place?lon=123.47&lat=41.775"
        assert "泉富社区" in worker.get(path).get_json()["area"]
        assert worker.get("/review/place?lon=120&lat=40").get_json()["code"] == ""
        assert led_to_the_door(client.get(path))
        assert signed_in(app, "shop").get(path).status_code == 403

    def test_a_move_is_taken_back_to_the_very_place(self, store, worker):
        known = published(store)
        with store.reading() as tx:
            before = tx.row("merchant", known)
        headers = csrf(worker) | JSON | {"If-Match": '"1"'}
        place = {"lon": before["lon"] + 0.001, "lat": before["lat"]}
        assert (
            worker.patch(f"/api/merchants/{known}", json=place, headers=headers).status_code == 200
        )
        assert (
            post(worker, f"/merchants/{known}/history/undo", version=2).get_json()["version"] == 3
        )
        with store.reading() as tx:
            assert tx.row("merchant", known)["lon"] == before["lon"]

    def test_only_staff_have_the_button(self, app, worker, client):
        assert b"move-magnets" in worker.get("/").data
        for who in (client, signed_in(app, "shop")):
            assert b"move-magnets" not in who.get("/").data
