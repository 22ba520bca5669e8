"""Closures over HTTP: for staff to draw, for all to see what is public."""

from datetime import UTC, datetime, timedelta

import pytest

from geodata.hours import SHANGHAI
from tests import people
from tests.factories import CENTRE

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
            ({"reason": "  "}, "closure_reason_missing", "原因"),
            ({"until": "2020-01-01T00:00:00Z"}, "closure_times", "结束"),
        ],
    )
    def test_a_slip_of_the_hand_gets_a_clear_answer(self, worker, told, code, words):
        answer = worker.post("/api/closures", json=DRAWN | told, headers=people.csrf(worker))
        assert (answer.status_code, answer.get_json()["title"]) == (422, code)
        assert words in answer.get_json()["detail"]

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
