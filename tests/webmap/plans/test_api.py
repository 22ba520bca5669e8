"""Plans over HTTP: kept as they were shown, worked on by several, and compared with now."""

from datetime import UTC, datetime, timedelta

import shapely
from shapely.geometry import shape

from geodata import closures, merchants
from geodata.store import Store
from tests import people
from tests.factories import ADMIN, CENTRE
from tests.webmap.plans.asking import (
    asked,
    changed,
    chosen,
    close,
    differences,
    farthest,
    got,
    patch,
    post,
    saved,
)
from webmap.request import roads

LON, LAT = CENTRE


def around(place, half=2e-4):
    lon, lat = place
    return shapely.box(lon - half, lat - half, lon + half, lat + half)


class TestSaving:
    def test_each_chosen_helper_is_kept_with_its_way_in_the_order_told(self, worker):
        told = chosen(asked(worker))
        told = [told[3], told[0], told[2]]
        plan = saved(worker, helpers=told, place="泉园路 12 号", checklist=[True], notes="甲\n乙")
        kept = plan["answer"]["helpers"]
        assert [{"merchant": one["merchant"]["id"], "mode": one["mode"]} for one in kept] == told
        for one in kept:
            assert one["route"]["properties"]["steps"][0]["text"]
            assert one["duration_s"] == one["route"]["properties"]["duration_s"]
        assert [ring["properties"]["minutes"] for ring in plan["answer"]["rings"]] == [15, 10, 5]
        assert (plan["place"], plan["notes"], plan["status"]) == ("泉园路 12 号", "甲\n乙", "open")
        assert [item["done"] for item in plan["checklist"]][:2] == [True, False]
        assert plan["checklist"][0]["text"] == plan["answer"]["scenario"]["checklist"][0]
        assert plan["scenario"] == {"id": "leak", "name": "跑水停电"}
        assert got(worker, plan) == plan

    def test_who_is_told_twice_is_kept_once(self, worker):
        first, second = chosen(asked(worker))[:2]
        plan = saved(worker, helpers=[first, second, first])
        kept = plan["answer"]["helpers"]
        assert [one["merchant"]["id"] for one in kept] == [first["merchant"], second["merchant"]]

    def test_who_is_not_among_the_nearest_can_be_chosen_too(self, worker, store):
        with store.reading() as tx:
            row = tx.rows("merchant", category="barber", status="published")[0]
        (one,) = saved(worker, helpers=[{"merchant": row["id"], "mode": "bike"}])["answer"][
            "helpers"
        ]
        assert (one["merchant"]["id"], one["mode"]) == (row["id"], "bike")
        assert one["route"]["properties"]["mode"] == "bike"

    def test_who_is_not_on_the_map_cannot_be_chosen(self, worker):
        for key in ("NOBODYHERE", "\x00"):
            answer = post(worker, helpers=[{"merchant": key, "mode": "foot"}])
            assert answer.status_code == 404
            assert answer.get_json()["title"] == "merchant_not_found"

    def test_a_plan_without_helpers_is_one_too(self, worker):
        assert saved(worker)["answer"]["helpers"] == []

    def test_where_the_place_is_out_of_ones_area_it_is_refused(self, app_with_streets):
        stranger = people.signed_in(app_with_streets, "stranger")
        assert post(stranger).status_code == 403

    def test_the_same_request_twice_is_one_plan(self, worker):
        first = saved(worker, key="k" * 16)
        assert saved(worker, key="k" * 16)["id"] == first["id"]
        assert post(worker, key="k" * 16, name="别的").status_code == 409
        assert post(worker, key="short").status_code == 422
        assert len(worker.get("/api/plans").get_json()["plans"]) == 1

    def test_no_way_is_looked_for_while_the_store_is_held(
        self, worker, app_with_streets, monkeypatch
    ):
        held = []
        writing = Store.writing

        def noted(self, **how):
            held.append(True)
            return writing(self, **how)

        told = chosen(asked(worker))
        with app_with_streets.app_context():
            router = roads().require().router
        route = type(router).route

        def asking(self, *args, **how):
            assert not held
            return route(self, *args, **how)

        headers = people.csrf(worker)
        monkeypatch.setattr(Store, "writing", noted)
        monkeypatch.setattr(type(router), "route", asking)
        plan = {"name": "跑水", "incident": {"at": CENTRE, "scenario": "leak"}, "helpers": told}
        assert worker.post("/api/plans", json=plan, headers=headers).status_code == 201
        assert held

    def test_without_streets_it_is_kept_by_the_straight_line_and_says_so(self, app):
        client = people.signed_in(app, "worker")
        answer = asked(client)
        plan = saved(client, helpers=chosen(answer))
        assert plan["answer"]["trouble"]["code"] == "streets_missing"
        assert all(one["distance_m"] for one in plan["answer"]["helpers"])

    def test_only_closures_near_by_are_kept(self, worker, store):
        here = close(store, shapely.Point(CENTRE))
        close(store, shapely.Point(LON + 0.2, LAT))
        plan = saved(worker)
        assert [one["id"] for one in plan["answer"]["closures"]] == [here.id]
        assert plan["answer"]["inside"] == [here.id]


class TestListing:
    def test_those_of_ones_area_are_listed(self, worker, app_with_streets):
        plan = saved(worker, checklist=[True, True])
        answer = worker.get("/api/plans")
        people.conforms(answer, "/api/plans", "get")
        (told,) = answer.get_json()["plans"]
        assert (told["id"], told["done"], told["lines"]) == (plan["id"], 2, len(plan["checklist"]))
        stranger = people.signed_in(app_with_streets, "stranger")
        assert stranger.get("/api/plans").get_json()["plans"] == []
        assert stranger.get(f"/api/plans/{plan['id']}").status_code == 403

    def test_who_asks_again_is_told_that_nothing_is_different(self, worker):
        plan = saved(worker)
        address = f"/api/plans/{plan['id']}"
        tag = worker.get(address).headers["ETag"]
        assert worker.get(address, headers={"If-None-Match": tag}).status_code == 304
        told = people.csrf(worker) | {"If-Match": tag}
        answer = worker.patch(address, json={"name": "大跑水"}, headers=told)
        assert answer.status_code == 200
        assert worker.get(address, headers={"If-None-Match": tag}).status_code == 200


class TestChanging:
    def test_two_who_tick_different_lines_lose_nothing(self, worker, colleague):
        plan = saved(worker)
        changed(worker, plan, checklist=[{"item": 0, "done": True}])
        told = changed(colleague, plan, checklist=[{"item": 2, "done": True}])
        assert [(one["done"], one["by"]) for one in told["checklist"]][:3] == [
            (True, "worker"),
            (False, ""),
            (True, "admin"),
        ]

    def test_what_somebody_else_wrote_meanwhile_is_told(self, worker, colleague):
        plan = saved(worker)
        changed(colleague, plan, notes="水还在流")
        answer = patch(worker, plan, notes="已关总阀")
        assert answer.status_code == 412
        assert answer.get_json()["details"]["fields"] == ["notes"]

    def test_the_status_goes_on_and_back_with_a_reason(self, worker):
        plan = changed(worker, saved(worker), status="under_way")
        assert patch(worker, plan, status="open").status_code == 422
        plan = changed(worker, plan, status="open", why="按错了")
        assert [(step["status"], step["why"]) for step in plan["steps"]] == [
            ("open", ""),
            ("under_way", ""),
            ("open", "按错了"),
        ]

    def test_what_is_not_told_stays(self, worker):
        plan = saved(worker, notes="甲")
        saved_answer = plan["answer"]
        plan = changed(worker, plan, status="under_way")
        told = changed(worker, plan, name="大跑水")
        assert (told["name"], told["notes"], told["status"]) == ("大跑水", "甲", "under_way")
        assert got(worker, plan)["answer"] == saved_answer


class TestNow:
    def test_at_once_hardly_anything_is_different(self, worker):
        plan = saved(worker, helpers=chosen(asked(worker)))
        assert not differences(worker, plan).keys() & {"cut_off", "gone", "closed_anew", "slower"}

    def test_the_answer_as_it_was_stays_and_what_is_closed_anew_is_told(self, worker, store):
        answer = asked(worker, modes=["foot"])
        plan = saved(worker, helpers=chosen(answer, 1))
        (one,) = plan["answer"]["helpers"]
        line = shape(one["route"]["geometry"])
        close(store, around(line.interpolate(0.5, normalized=True).coords[0]), reason="塌陷")
        told = got(worker, plan, "/now")
        (new,) = told["answer"]["helpers"]
        assert new["route"] != one["route"]
        assert {"closed_anew"} < {one["what"] for one in told["differences"]}
        assert "塌陷" in differences(worker, plan)["closed_anew"]
        assert got(worker, plan)["answer"] == plan["answer"]

    def test_who_is_cut_off_is_told_and_reached_again_afterwards(self, worker, store):
        plan = saved(worker, helpers=[farthest(asked(worker, modes=["foot"]))])
        (one,) = plan["answer"]["helpers"]
        cordon = close(store, around(one["merchant"]["geometry"]["coordinates"], 5e-4))
        name = one["merchant"]["properties"]["name"]
        assert name in differences(worker, plan)["cut_off"]
        cut = saved(worker, helpers=plan["asked"]["helpers"])
        assert cut["answer"]["helpers"][0]["cut_off"]
        with store.writing() as tx:
            closures.lift(tx, cordon.id, actor=ADMIN)
        told = differences(worker, cut)
        assert name in told["way_again"]
        assert "open_again" in told

    def test_who_has_left_the_map_is_told(self, worker, store):
        plan = saved(worker, helpers=chosen(asked(worker), 1))
        (one,) = plan["answer"]["helpers"]
        with store.writing() as tx:
            row = tx.row("merchant", one["merchant"]["id"])
            told = {"status": "retired"}
            merchants.edit(tx, row["id"], told, version=row["version"], actor=ADMIN)
        assert "gone" in differences(worker, plan)

    def test_a_nearer_one_that_was_not_chosen_is_told(self, worker):
        far = farthest(asked(worker, modes=["foot"]))
        assert "nearer" in differences(worker, saved(worker, helpers=[far]))

    def test_opening_hours_are_told(self, worker, store):
        plan = saved(worker, helpers=chosen(asked(worker), 1))
        (one,) = plan["answer"]["helpers"]
        with store.writing() as tx:
            row = tx.row("merchant", one["merchant"]["id"])
            told = {"status": "closed", "closed_until": "2999-01-01"}
            merchants.edit(tx, row["id"], told, version=row["version"], actor=ADMIN)
        assert "shut" in differences(worker, plan)


def test_the_hour_of_saving_is_told_with_its_zone(worker):
    plan = saved(worker)
    created = datetime.fromisoformat(plan["created"])
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=5)
