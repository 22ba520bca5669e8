"""Closures over HTTP: for staff to draw, for all to see what is public."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
import shapely

from geodata import areas
from geodata.closures import drawing
from geodata.closures.shapes import Weight
from geodata.hours import SHANGHAI
from tests import people
from tests.factories import ADMIN, CENTRE, HOSTILE, areas_frame, off_the_streets, square
from webmap.answers import reading
from webmap.closed import documents
from webmap.closures import api

LON, LAT = CENTRE
NOW = datetime.now(UTC)
DRAWN = {
    "geometry": {"type": "LineString", "coordinates": [[LON, LAT], [LON + 1e-3, LAT]]},
    "reason": "管道抢修",
    "until": (NOW + timedelta(days=9)).isoformat(),
}


@pytest.fixture
def worker(app):
    return people.signed_in(app, "worker")


def draw(client, **told):
    answer = client.post("/api/closures", json=DRAWN | told, headers=people.csrf(client))
    assert answer.status_code == 201, answer.text
    people.conforms(answer, "/api/closures", "post")
    return answer.get_json()


class TestStaff:
    def test_a_closure_is_drawn_changed_and_lifted(self, worker):
        begins = (NOW + timedelta(days=1)).replace(microsecond=0)
        made = draw(worker, **{"from": begins.astimezone(SHANGHAI).isoformat()})
        assert made["state"] == "coming"
        assert made["from"] == begins.isoformat()
        seen = {"If-Match": '"1"'} | people.csrf(worker)
        place = f"/api/closures/{made['id']}"
        answer = worker.patch(place, json={"from": "2025-01-01T00:00:00Z"}, headers=seen)
        assert answer.get_json()["state"] == "in_force"
        people.conforms(answer, "/api/closures/{closure_id}", "patch")
        people.conforms(worker.get("/api/closures"), "/api/closures", "get")
        assert worker.patch(place, json={"public": True}, headers=seen).status_code == 412
        answer = worker.delete(f"{place}?why=修好了", headers=people.csrf(worker))
        people.conforms(answer, "/api/closures/{closure_id}", "delete")
        assert answer.get_json()["state"] == "over"
        assert worker.get("/api/closures").get_json() == {"closures": []}
        (told,) = worker.get("/api/closures?when=past").get_json()["closures"]
        assert told["id"] == made["id"]
        again = worker.delete(place, headers=people.csrf(worker))
        assert (again.status_code, again.get_json()["title"]) == (409, "closure_over")

    def test_a_page_that_asks_again_hears_that_nothing_is_different(self, worker):
        draw(worker)
        first = worker.get("/api/closures")
        again = worker.get("/api/closures", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert first.headers["Cache-Control"] == "no-store"
        draw(worker)
        later = worker.get("/api/closures", headers={"If-None-Match": first.headers["ETag"]})
        assert len(later.get_json()["closures"]) == 2

    @pytest.mark.parametrize(
        "told, code, words",
        [
            (
                {
                    "geometry": {
                        "type": "Polygon",
                        "coordinates": [
                            [
                                [LON, LAT],
                                [LON + 1, LAT + 1],
                                [LON + 1, LAT],
                                [LON, LAT + 1],
                                [LON, LAT],
                            ]
                        ],
                    }
                },
                "closure_crosses_itself",
                "123.97, 42.275",
            ),
            ({"geometry": {"type": "Polygon", "coordinates": [1, "x"]}}, "closure_shape", "重新画"),
            ({"geometry": {"type": "Point", "coordinates": [10**30, 1]}}, "closure_shape", "画"),
            ({"reason": "  "}, "closure_reason_missing", "原因"),
            ({"until": "2020-01-01T00:00:00Z"}, "closure_times", "结束"),
        ],
    )
    def test_a_slip_of_the_hand_gets_a_clear_answer(self, worker, told, code, words):
        answer = worker.post("/api/closures", json=DRAWN | told, headers=people.csrf(worker))
        assert (answer.status_code, answer.get_json()["title"]) == (422, code)
        assert words in answer.get_json()["detail"]

    def test_one_that_is_lifted_before_it_begins_is_over(self, worker):
        begins = (NOW + timedelta(days=1)).isoformat()
        made = draw(worker, **{"from": begins})
        answer = worker.delete(f"/api/closures/{made['id']}", headers=people.csrf(worker))
        assert answer.get_json()["state"] == "over"
        (told,) = worker.get("/api/closures?when=past").get_json()["closures"]
        assert told["state"] == "over"

    def test_what_nobody_can_tell_of_a_closure_is_not_said_of_a_merchant(self, worker):
        told = DRAWN | {"colour": "red"}
        answer = worker.post("/api/closures", json=told, headers=people.csrf(worker))
        assert answer.get_json()["title"] == "field_unknown"
        assert answer.get_json()["detail"] == "没有这样的栏目：colour。"

    def test_a_worker_who_draws_at_the_other_end_of_the_world_is_told_how_far(self, worker):
        told = DRAWN | {"geometry": {"type": "Point", "coordinates": [0, 0]}}
        answer = worker.post("/api/closures", json=told, headers=people.csrf(worker))
        assert answer.get_json()["title"] == "closure_far_off"
        assert "公里" in answer.get_json()["detail"]

    def test_a_moment_without_a_zone_is_refused(self, worker):
        told = DRAWN | {"until": "2030-01-01T08:00:00"}
        answer = worker.post("/api/closures", json=told, headers=people.csrf(worker))
        assert answer.get_json()["details"]["names"] == ["until"]


def test_residents_see_what_is_public_and_not_who_drew_it(client, worker):
    draw(worker)
    public = draw(worker, public=True)
    assert public["by"]
    (seen,) = client.get("/api/closures").get_json()["closures"]
    assert (seen["id"], seen["by"]) == (public["id"], "")
    assert client.get("/api/closures?when=past").status_code == 403


class TestEverybody:
    @pytest.fixture
    def encoded(self, monkeypatch):
        """Return how often closures were turned into JSON."""
        seen = []

        def counted(tx, found, at):
            seen.append(at)
            return documents(tx, found, at)

        monkeypatch.setattr(api, "documents", counted)
        return seen

    def test_the_same_answer_is_made_once_for_all(self, client, worker, encoded):
        draw(worker, public=True)
        encoded.clear()
        answers = [client.get("/api/closures") for _ in range(3)]
        assert len({answer.data for answer in answers}) == len(encoded) == 1
        again = client.get("/api/closures", headers={"If-None-Match": answers[0].headers["ETag"]})
        assert again.status_code == 304
        draw(worker, public=True)
        assert len(client.get("/api/closures").get_json()["closures"]) == 2

    def test_it_is_made_anew_when_one_begins(self, client, worker, monkeypatch):
        begins = NOW + timedelta(minutes=20)
        draw(worker, public=True, **{"from": begins.isoformat()})
        clock = [begins - timedelta(minutes=1), begins + timedelta(minutes=1)]
        states = []
        for moment in clock:
            for module in (api, reading):
                monkeypatch.setattr(module, "now", lambda moment=moment: moment)
            (told,) = client.get("/api/closures").get_json()["closures"]
            states.append(told["state"])
        assert states == ["coming", "in_force"]

    def test_staff_never_hear_it_and_theirs_is_not_kept(self, client, worker):
        draw(worker)
        assert client.get("/api/closures").get_json() == {"closures": []}
        assert len(worker.get("/api/closures").get_json()["closures"]) == 1
        assert client.get("/api/closures").get_json() == {"closures": []}

    def test_of_what_was_lifted_they_are_told_nothing(self, client, worker):
        one = draw(worker, public=True, **{"from": (NOW - timedelta(days=2)).isoformat()})
        worker.delete(f"/api/closures/{one['id']}", headers=people.csrf(worker))
        for at in ("", NOW.isoformat(), (NOW - timedelta(days=1)).isoformat()):
            told = {"at": at} if at else {}
            answer = client.get("/api/closures", query_string=told)
            assert answer.get_json() == {"closures": []}
        then = {"at": (NOW - timedelta(days=1)).isoformat()}
        assert len(worker.get("/api/closures", query_string=then).get_json()["closures"]) == 1


def test_a_neighbour_may_lift_what_reaches_over_and_the_history_tells_who(app, worker):
    admin, stranger = (people.signed_in(app, name) for name in ("admin", "stranger"))
    far = {"type": "LineString", "coordinates": [[LON, LAT], [LON + 0.02, LAT]]}
    own = draw(worker)
    with app.extensions["linju_store"].writing() as tx:
        scope = "210106001001"
        areas.merge(tx, areas_frame((scope, "邻社区", square(LON + 0.025, LAT))), actor=ADMIN)
    reach = draw(admin, geometry=far)
    liftable = {
        one["id"]: one["liftable"] for one in stranger.get("/api/closures").get_json()["closures"]
    }
    assert liftable == {own["id"]: False, reach["id"]: True}
    headers = people.csrf(stranger)
    assert stranger.delete(f"/api/closures/{own['id']}", headers=headers).status_code == 403
    assert stranger.delete(f"/api/closures/{reach['id']}", headers=headers).status_code == 200
    told = worker.get(f"/closures/{reach['id']}/history").get_json()["events"][0]
    assert (told["what"], told["by"]) == ("解除", "stranger")


def test_more_than_the_routing_bears_is_refused_with_what_would_mend_it(worker, monkeypatch):
    monkeypatch.setattr(drawing, "MOST_IN_FORCE", Weight(20, 1e9))
    draw(worker)
    answer = worker.post("/api/closures", json=DRAWN, headers=people.csrf(worker))
    told = answer.get_json()
    assert (answer.status_code, told["title"]) == (422, "closures_full")
    assert "解除" in told["detail"]


def test_what_is_sent_twice_under_its_key_is_closed_once(worker):
    once = {"Idempotency-Key": "k" * 32} | people.csrf(worker)
    first, second = (worker.post("/api/closures", json=DRAWN, headers=once) for _ in range(2))
    assert first.get_json()["id"] == second.get_json()["id"]
    assert len(worker.get("/api/closures").get_json()["closures"]) == 1
    other = worker.post("/api/closures", json=DRAWN | {"reason": "别的"}, headers=once)
    assert (other.status_code, other.get_json()["title"]) == (409, "idempotency_key_reused")


class TestTouching:
    def asked(self, client, **told):
        told = {"geometry": DRAWN["geometry"]} | told
        headers = people.csrf(client) | {"Accept": "application/json"}
        return client.post("/closures/touched", json=told, headers=headers)

    def test_what_it_overlaps_is_told_before_it_is_sent(self, worker):
        one = draw(worker)
        (told,) = self.asked(worker).get_json()["overlapping"]
        assert (told["id"], told["reason"]) == (one["id"], "管道抢修")
        assert self.asked(worker, but=one["id"]).get_json()["overlapping"] == []

    def test_what_is_over_by_then_is_not_overlapped(self, worker):
        draw(worker)
        later = {
            "from": (NOW + timedelta(days=10)).isoformat(),
            "until": (NOW + timedelta(days=11)).isoformat(),
        }
        assert self.asked(worker, **later).get_json()["overlapping"] == []

    def test_whether_it_closes_any_street_is_told_by_the_streets(self, app_with_streets):
        worker = people.signed_in(app_with_streets, "worker")
        graph = app_with_streets.extensions["linju_roads"].require().graph
        street = graph.lines[graph.edge_tree.nearest(shapely.Point(CENTRE))]
        beside = off_the_streets(graph)
        on, off = (
            self.asked(worker, geometry={"type": "Point", "coordinates": [at.x, at.y, 3.0]})
            for at in (shapely.line_interpolate_point(street, 0.5, normalized=True), beside)
        )
        assert on.get_json()["streets"] >= 1
        assert off.get_json() == {"overlapping": [], "streets": 0}

    def test_without_streets_it_is_not_known_whether_it_closes_any(self, worker):
        assert self.asked(worker).get_json()["streets"] is None

    def test_a_bow_tie_is_told_with_its_place(self, worker):
        tie = [[LON, LAT], [LON + 1e-3, LAT + 1e-3], [LON + 1e-3, LAT], [LON, LAT + 1e-3]]
        shape = {"type": "Polygon", "coordinates": [[*tie, tie[0]]]}
        answer = self.asked(worker, geometry=shape)
        told = answer.get_json()
        assert (answer.status_code, told["title"]) == (422, "closure_crosses_itself")
        assert told["details"]["lon"] == pytest.approx(LON + 5e-4)

    def test_a_place_outside_of_ones_area_is_refused_at_once(self, app):
        stranger = people.signed_in(app, "stranger")
        assert self.asked(stranger).status_code == 403

    def test_nothing_is_written(self, worker):
        self.asked(worker)
        assert worker.get("/api/closures").get_json() == {"closures": []}


class TestHistory:
    def told(self, client, closure_id, lang="zh"):
        answer = client.get(f"/closures/{closure_id}/history?lang={lang}")
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def changed(self, client, one, **told):
        headers = people.csrf(client) | {"If-Match": f'"{one["version"]}"'}
        answer = client.patch(f"/api/closures/{one['id']}", json=told, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def test_it_tells_who_did_what_with_old_and_new(self, worker):
        one = draw(worker)
        one = self.changed(worker, one, reason="道路施工", public=True, level="all")
        one = self.changed(worker, one, until=(NOW + timedelta(days=10)).isoformat())
        one = self.changed(worker, one, until=(NOW + timedelta(days=8)).isoformat())
        headers = people.csrf(worker)
        worker.delete(f"/api/closures/{one['id']}?why=修好了", headers=headers)
        told = self.told(worker, one["id"])
        assert told["closure"]["state"] == "over"
        events = told["events"]
        assert [(e["what"], e["by"]) for e in events] == [
            (what, "worker") for what in ("解除", "缩短", "延长", "修改", "新建")
        ]
        assert events[0]["why"] == "修好了"
        assert events[0]["differences"] == []
        assert [(d["label"], d["old"], d["new"]) for d in events[3]["differences"]] == [
            ("原因", "管道抢修", "道路施工"),
            ("桥和地下通道", "桥上、桥下照常通行", "一并封闭"),
            ("谁能看到", "仅工作人员", "居民也能看到"),
        ]
        drawn = {d["field"]: d for d in events[4]["differences"]}
        assert {d["old"] for d in drawn.values()} == {""}
        assert drawn["reason"]["new"] == "管道抢修"
        assert drawn["geom"]["new"] == "路段 83 m"

    @pytest.mark.parametrize(
        "geometry, words",
        [
            ({"type": "Point", "coordinates": [LON, LAT]}, "a point"),
            (
                {"type": "LineString", "coordinates": [[LON, LAT], [LON + 0.02, LAT]]},
                "a stretch of 1.7 km",
            ),
            (
                {
                    "type": "Polygon",
                    "coordinates": [[[LON, LAT], [LON + 0.02, LAT], [LON, LAT + 0.02], [LON, LAT]]],
                },
                "an area of 1.8 km²",
            ),
        ],
    )
    def test_another_shape_is_told_by_its_size(self, app, geometry, words):
        admin = people.signed_in(app, "admin")
        one = draw(admin)
        self.changed(admin, one, geometry=geometry)
        (shape,) = self.told(admin, one["id"], "en")["events"][0]["differences"]
        assert (shape["old"], shape["new"]) == ("a stretch of 83 m", words)

    def test_one_that_was_moved_is_told_so_though_it_is_as_large(self, worker):
        one = draw(worker)
        moved = [[LON, LAT + 1e-3], [LON + 1e-3, LAT + 1e-3]]
        self.changed(worker, one, geometry=DRAWN["geometry"] | {"coordinates": moved})
        (shape,) = self.told(worker, one["id"])["events"][0]["differences"]
        assert (shape["old"], shape["new"]) == ("路段 83 m", "路段 83 m，位置或形状有变")

    def test_hostile_words_are_told_as_they_were_written(self, worker):
        for text in HOSTILE:
            one = draw(worker, reason=text)
            headers = people.csrf(worker)
            worker.delete(f"/api/closures/{one['id']}?why={quote(text)}", headers=headers)
            lifted, drawn = self.told(worker, one["id"])["events"]
            assert drawn["differences"][0]["new"] == one["reason"]
            assert lifted["why"] == one["reason"]

    def test_it_is_for_staff(self, client, worker):
        one = draw(worker, public=True)
        assert client.get(f"/closures/{one['id']}/history").status_code in {303, 403}
        assert worker.get("/closures/NOWHERE/history").status_code == 404


class TestPage:
    def test_it_is_for_staff_and_its_way_stands_in_the_head(self, client, worker):
        assert people.led_to_the_door(client.get("/closures"))
        page = worker.get("/closures")
        assert page.status_code == 200
        assert 'href="/closures" aria-current="page"' in page.text

    def test_no_word_of_a_closure_is_in_what_folium_writes(self, worker):
        for text in HOSTILE:
            draw(worker, reason=text)
        script = worker.get("/closures/map.js").text
        assert not [text for text in HOSTILE if text in script]
