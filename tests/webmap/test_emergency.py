"""The answer to an incident over HTTP, on the demonstration's streets."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest
import shapely
from shapely.geometry import shape

from geodata import closures, merchants
from geodata.geometry import metres_between
from geodata.hours import SHANGHAI
from geodata.modes import Mode
from tests import people
from tests.factories import ADMIN, CENTRE, drawing
from webmap import create_app
from webmap.config import Settings

LON, LAT = CENTRE
# Some Tuesday morning: most are open.
MORNING = datetime(2026, 11, 24, 10, tzinfo=SHANGHAI)
NIGHT = datetime(2026, 11, 24, 3, tzinfo=SHANGHAI)


@pytest.fixture
def worker(app_with_streets):
    return people.signed_in(app_with_streets, "worker")


@pytest.fixture
def store(app_with_streets):
    return app_with_streets.extensions["linju_store"]


def ask(client, scenario="medical", **told):
    question = {"at": CENTRE, "scenario": scenario, "departure": MORNING.isoformat()}
    answer = client.post("/api/emergency/answer", json=question | told, headers=people.csrf(client))
    assert answer.status_code == 200, answer.text
    people.conforms(answer, "/api/emergency/answer", "post")
    return answer.get_json()


def ask_ways(client, merchant, mode="foot", **told):
    question = {"at": CENTRE, "scenario": "medical", "departure": MORNING.isoformat()}
    question |= {"merchant": merchant, "mode": mode}
    return client.post("/api/emergency/ways", json=question | told, headers=people.csrf(client))


def close(store, geometry, **told):
    now = datetime.now(UTC)
    told = {"starts": MORNING - timedelta(days=1), "ends": now + timedelta(days=9)} | told
    with store.writing() as tx:
        return closures.draw(tx, drawing(geometry, **told), actor=ADMIN)


def around(half=5e-4, place=CENTRE):
    lon, lat = place
    return shapely.box(lon - half, lat - half, lon + half, lat + half)


def names(answer, mode=None):
    told = answer["helpers"]
    return [one["merchant"]["properties"]["name"] for one in told if mode in (None, one["mode"])]


class TestHelpers:
    def test_the_quickest_open_ones_come_first_in_each_mode(self, worker):
        told = ask(worker)
        assert list(dict.fromkeys(one["mode"] for one in told["helpers"])) == ["car", "foot"]
        for mode in ("car", "foot"):
            some = [one for one in told["helpers"] if one["mode"] == mode]
            up = [one for one in some if one["open"] is not False]
            assert some[: len(up)] == up
            assert len(up) == told["scenario"]["helpers"]
            times = [one["duration_s"] for one in up]
            assert times == pytest.approx(sorted(times), rel=0.03)
            assert {one["merchant"]["properties"]["category"] for one in some} <= {
                "clinic",
                "aed",
                "care",
            }

    def test_at_night_the_closed_ones_are_kept_and_marked(self, worker):
        told = ask(worker, departure=NIGHT.isoformat())
        opened = [one["open"] for one in told["helpers"] if one["mode"] == "foot"]
        assert False in opened
        assert sorted(opened, key=lambda state: state is False) == opened

    def test_the_first_three_bring_their_way_from_the_helper_to_the_incident(self, worker):
        drawn = [one for one in ask(worker)["helpers"] if one["route"]]
        assert len(drawn) == 3
        for one in drawn:
            line = one["route"]["geometry"]["coordinates"]
            shop = one["merchant"]["geometry"]["coordinates"]
            snap = one["route"]["properties"]["snap_m"]
            assert metres_between(*line[0], *shop) == pytest.approx(snap[0], abs=120)
            assert metres_between(*line[-1], *CENTRE) == pytest.approx(snap[1], abs=120)
            assert one["route"]["properties"]["steps"][0]["text"]

    def test_from_the_incident_where_people_leave_it(self, worker):
        first = next(one for one in ask(worker, "fire")["helpers"] if one["route"])
        line = first["route"]["geometry"]["coordinates"]
        assert metres_between(*line[0], *CENTRE) < 200

    def test_who_has_a_word_in_its_name_helps_too(self, worker, store):
        with store.writing() as tx:
            row = tx.rows("merchant", category="shopping")[0]
            told = {"name": "大东五金商店", "lon": LON, "lat": LAT}
            merchants.edit(tx, row["id"], told, version=row["version"], actor=ADMIN)
        assert "大东五金商店" in names(ask(worker, "leak"))

    def test_one_is_left_out(self, worker):
        first = ask(worker, modes=["foot"])["helpers"][0]["merchant"]["id"]
        told = ask(worker, modes=["foot"], without=[first])
        assert first not in [one["merchant"]["id"] for one in told["helpers"]]

    def test_the_mode_is_changed(self, worker):
        assert {one["mode"] for one in ask(worker, modes=["bike"])["helpers"]} == {"bike"}


def kinds(told, scenario):
    """Return the kind of each helper: its category, or whether its name has one of the words."""
    words = scenario["words"]
    shops = [one["merchant"]["properties"] for one in told]
    return [
        "named" if any(word in shop["name"] for word in words) else shop["category"]
        for shop in shops
    ]


def usable(one):
    return one["open"] is not False and not one["cut_off"]


class TestWhoIsUseful:
    @pytest.mark.parametrize("place", [CENTRE, (123.47, 41.7765), (123.4755, 41.7765)])
    @pytest.mark.parametrize("mode", ["foot", "car"])
    def test_who_has_a_word_in_its_name_and_is_near_comes_first(self, worker, place, mode):
        told = ask(worker, "leak", at=place, modes=[mode])
        up = [one for one in told["helpers"] if usable(one)]
        near_by = [one["duration_s"] <= max(told["scenario"]["rings"]) * 60 for one in up]
        found = kinds(up, told["scenario"])
        first = [kind == "named" and near for kind, near in zip(found, near_by, strict=True)]
        assert any(first)
        assert first == sorted(first, reverse=True)

    @pytest.mark.parametrize("mode", ["foot", "car"])
    @pytest.mark.parametrize("scenario", ["supplies", "snow", "medical", "fire"])
    def test_one_of_each_category_is_told(self, worker, scenario, mode):
        noon = MORNING.replace(hour=12)
        for place in (CENTRE, (123.4755, 41.7765)):
            told = ask(worker, scenario, at=place, modes=[mode], departure=noon.isoformat())
            assert {one for one in told["scenario"]["categories"] if one != "centre"} <= set(
                kinds(told["helpers"], told["scenario"] | {"words": []})
            )
            assert len([one for one in told["helpers"] if usable(one)]) >= 6

    def test_the_straight_line_knows_each_category_too(self, app):
        told = ask(people.signed_in(app, "worker"), "supplies", modes=["foot"])
        assert "canteen" in kinds(told["helpers"], told["scenario"])

    def test_of_those_that_are_left_out_none_is_told(self, worker):
        first = ask(worker, "supplies", modes=["foot"])["helpers"]
        without = [one["merchant"]["id"] for one in first]
        told = ask(worker, "supplies", modes=["foot"], without=without)["helpers"]
        assert told
        assert not {one["merchant"]["id"] for one in told} & set(without)

    @pytest.mark.parametrize("mode", ["foot", "car"])
    def test_where_too_few_are_left_inside_a_cordon_those_beyond_follow_as_cut_off(
        self, worker, store, mode
    ):
        place = (123.4785, 41.7745)
        lon, lat = place
        inner, outer = (shapely.box(lon - d, lat - d, lon + d, lat + d) for d in (4e-3, 4.5e-3))
        close(store, outer.difference(inner))
        told = ask(worker, at=place, modes=[mode])
        most = told["scenario"]["helpers"]
        up = [one for one in told["helpers"] if usable(one)]
        assert len(up) < most
        assert all(inner.contains(shape(one["merchant"]["geometry"])) for one in up)
        cut = [one for one in told["helpers"] if one["cut_off"]]
        assert told["helpers"][: len(up)] == up
        wanting = set(told["scenario"]["categories"]) - set(kinds(up, told["scenario"]))
        assert len(cut) == max(most - len(up), len(set(kinds(cut, told["scenario"])) & wanting))
        assert all(one["open"] is not False for one in cut)
        assert not any(inner.contains(shape(one["merchant"]["geometry"])) for one in cut)
        assert "clinic" in kinds([*up, *cut], told["scenario"])

    def test_who_is_cut_off_is_not_told_where_enough_of_its_kind_are_left(self, worker, store):
        free = ask(worker, "supplies", modes=["foot"])
        shop = next(
            one["merchant"]
            for one in free["helpers"]
            if one["merchant"]["properties"]["category"] == "shopping"
        )
        close(store, around(2e-4, shop["geometry"]["coordinates"]))
        told = ask(worker, "supplies", modes=["foot"])
        assert len([one for one in told["helpers"] if usable(one)]) == told["scenario"]["helpers"]
        assert not any(one["cut_off"] for one in told["helpers"])
        assert shop["id"] not in [one["merchant"]["id"] for one in told["helpers"]]

    def test_a_category_that_is_cut_off_whole_is_told_even_where_no_hours_are_known(
        self, worker, store
    ):
        with store.writing() as tx:
            rows = tx.rows("merchant", category="canteen")
            for row in rows:
                merchants.edit(tx, row["id"], {"hours": ""}, version=row["version"], actor=ADMIN)
        for row in rows:
            close(store, around(3e-4, (row["lon"], row["lat"])))
        told = ask(worker, "supplies", modes=["foot"])["helpers"]
        assert len([one for one in told if usable(one)]) >= 6
        cut = [one["merchant"]["properties"]["category"] for one in told if one["cut_off"]]
        assert cut == ["canteen"]


class TestAround:
    def test_rings_and_homes_are_told_in_numbers_only(self, worker):
        told = ask(worker)
        assert [ring["properties"]["minutes"] for ring in told["rings"]] == [15, 10, 5]
        homes = told["homes"]
        assert homes["minutes"] == 5
        assert homes["buildings"] > 0
        assert homes["elders_alone"] <= homes["residents"]

    def test_helpers_come_first_and_rings_and_homes_alone_afterwards(self, worker):
        whole, first, rest = ask(worker), ask(worker, around=False), ask(worker, who=False)
        assert names(first) == names(whole)
        assert (first["rings"], first["homes"]) == ([], None)
        assert rest["helpers"] == []
        assert (rest["rings"], rest["homes"]) == (whole["rings"], whole["homes"])

    def test_the_rings_of_a_search_are_the_scenarios(self, worker):
        minutes = [ring["properties"]["minutes"] for ring in ask(worker, "missing")["rings"]]
        assert minutes == [30, 20, 10, 5]


class TestClosures:
    def test_no_way_goes_over_a_closed_street(self, worker, store):
        free = next(one for one in ask(worker)["helpers"] if one["route"])
        line = shape(free["route"]["geometry"])
        one = close(store, around(2e-4, line.interpolate(0.5, normalized=True).coords[0]))
        told = ask(worker)
        assert [c["id"] for c in told["closures"]] == [one.id]
        assert told["inside"] == []
        for helper in told["helpers"]:
            if helper["route"]:
                assert not shape(helper["route"]["geometry"]).intersects(one.geometry)

    def test_one_that_is_over_at_the_departure_closes_nothing(self, worker, store):
        close(store, around(), ends=datetime.now(UTC) + timedelta(hours=1))
        later = datetime.now(UTC) + timedelta(hours=2)
        assert ask(worker, departure=later.isoformat())["closures"] == []

    def test_inside_a_cordon_helpers_are_told_all_the_same(self, worker, store):
        one = close(store, around())
        told = ask(worker)
        assert told["inside"] == [one.id]
        assert all(helper["duration_s"] for helper in told["helpers"][:4])


class TestWays:
    def test_a_choice_of_ways_to_one(self, worker):
        one = ask(worker, modes=["foot"])["helpers"][0]["merchant"]["id"]
        answer = ask_ways(worker, one)
        people.conforms(answer, "/api/emergency/ways", "post")
        told = answer.get_json()["ways"]
        assert 1 <= len(told) <= 3
        assert len({str(way["geometry"]) for way in told}) == len(told)

    def test_a_merchant_that_is_not_on_the_map_has_none(self, worker):
        answer = ask_ways(worker, "NOWHERE000")
        assert (answer.status_code, answer.get_json()["title"]) == (404, "merchant_not_found")


def moat(place, metres=150):
    """Return a closed ring around a place that holds the place in its hole."""
    lon, lat = place
    outer, inner = (
        shapely.box(lon - d, lat - d, lon + d, lat + d) for d in (metres * 1.2e-5, metres * 9e-6)
    )
    return outer.difference(inner)


class TestNoWay:
    def test_the_closures_to_blame_are_named_and_what_lifting_them_opens(self, worker, store):
        one = ask(worker, modes=["car"])["helpers"][0]["merchant"]["id"]
        ring = close(store, moat(CENTRE))
        close(store, around(1e-4, (LON + 0.01, LAT)))
        answer = ask_ways(worker, one, "car")
        told = answer.get_json()
        people.conforms(answer, "/api/emergency/ways", "post")
        assert (answer.status_code, told["title"]) == (404, "no_route")
        assert told["details"]["blamed"] == [ring.id]
        (out,) = told["details"]["ways_out"]
        assert out["lift"] == [ring.id]
        assert out["duration_s"] > 0

    def test_who_drives_is_told_how_near_and_how_far_on_foot_from_there(
        self, app_with_streets, worker, store
    ):
        graph = app_with_streets.extensions["linju_roads"].require().graph
        ring = shapely.Point(CENTRE).buffer(2.5e-3).boundary
        # Streets for cars are closed where they cross a ring; footways stay open.
        cars = graph.lines[graph.open_to(Mode.CAR) & shapely.intersects(graph.lines, ring)]
        middles = shapely.line_interpolate_point(cars, 0.5, normalized=True)
        close(store, shapely.MultiPoint(list(middles)))
        far = ask(worker, modes=["car"], at=[LON - 0.008, LAT])["helpers"]
        answer = ask_ways(worker, far[0]["merchant"]["id"], "car")
        told = answer.get_json()["details"]["by_vehicle"]
        assert told["drive_s"] > 0
        assert told["walk_m"] > 0
        assert told["walk_s"] == pytest.approx(told["walk_m"] / 1.25, rel=0.02)

    def test_everybody_is_cut_off_and_that_is_said(self, worker, store):
        close(store, moat(CENTRE))
        told = ask(worker, modes=["foot"])
        assert told["helpers"]
        assert all(one["cut_off"] and one["duration_s"] is None for one in told["helpers"])

    def test_inside_its_own_cordon_the_way_is_told_to_the_edge_and_inside(self, worker, store):
        one = close(store, around(8e-4))
        helper = ask(worker, modes=["foot"])["helpers"][0]["merchant"]["id"]
        answer = ask_ways(worker, helper)
        people.conforms(answer, "/api/emergency/ways", "post")
        told = answer.get_json()
        assert told["cordon"]["closures"] == [one.id]
        assert shapely.Point(told["cordon"]["at"]).distance(one.geometry) < 1e-4
        whole = told["ways"][0]["properties"]["duration_s"]
        parts = told["cordon"]["outside_s"] + told["cordon"]["inside_s"]
        assert parts == pytest.approx(whole, abs=1)
        assert told["cordon"]["inside_m"] > 30

    @pytest.mark.parametrize("scenario", ["fire", "missing"])
    def test_out_of_its_own_cordon_the_way_is_told_inside_and_from_the_edge_on(
        self, worker, store, scenario
    ):
        one = close(store, around(8e-4))
        first = ask(worker, scenario, modes=["foot"])
        assert first["scenario"]["direction"] == "go"
        shops = [told["merchant"] for told in first["helpers"]]
        helper = next(
            shop for shop in shops if not shape(shop["geometry"]).dwithin(one.geometry, 1e-3)
        )
        answer = ask_ways(worker, helper["id"], scenario=scenario)
        people.conforms(answer, "/api/emergency/ways", "post")
        told = answer.get_json()
        assert told["cordon"]["closures"] == [one.id]
        edge = shapely.Point(told["cordon"]["at"])
        assert edge.distance(one.geometry) < 1e-4
        line = shape(told["ways"][0]["geometry"])
        assert metres_between(*line.coords[0], *CENTRE) < 200
        beyond = shapely.ops.substring(line, line.project(edge) + 1e-5, line.length)
        assert not beyond.intersects(one.geometry)
        assert told["cordon"]["inside_m"] > 30
        parts = told["cordon"]["outside_s"] + told["cordon"]["inside_s"]
        assert parts == pytest.approx(told["ways"][0]["properties"]["duration_s"], abs=1)

    def test_a_helper_in_a_closed_street_is_told_so(self, worker, store):
        helper = ask(worker, modes=["foot"])["helpers"][0]["merchant"]
        one = close(store, around(3e-4, helper["geometry"]["coordinates"]))
        answer = ask_ways(worker, helper["id"])
        told = answer.get_json()
        people.conforms(answer, "/api/emergency/ways", "post")
        assert (answer.status_code, told["title"]) == (404, "inside_closure")
        assert told["details"]["blamed"] == [one.id]


class TestTrouble:
    def test_without_streets_the_straight_line_orders_and_says_so(self, app):
        worker = people.signed_in(app, "worker")
        told = ask(worker, modes=["foot"])
        assert told["trouble"]["code"] == "streets_missing"
        assert all(one["duration_s"] is None for one in told["helpers"])
        up = [one["distance_m"] for one in told["helpers"] if one["open"] is not False]
        assert up == sorted(up)
        assert told["rings"] == []

    def test_an_engine_that_is_away_leaves_the_straight_line(self, instance, demonstration_streets):
        shutil.copytree(demonstration_streets, instance / "roads")
        app = create_app(Settings(instance=instance, valhalla_url="http://127.0.0.1:9"))
        worker = people.signed_in(app, "worker")
        told = ask(worker, modes=["car"])
        assert told["trouble"]["code"] == "engine_unavailable"
        assert told["trouble"]["text"] == "连不上找路的服务器。"
        answer = ask_ways(worker, told["helpers"][0]["merchant"]["id"], "car")
        people.conforms(answer, "/api/emergency/ways", "post")
        assert (answer.status_code, answer.get_json()["title"]) == (503, "engine_unavailable")
        assert answer.get_json()["details"]["reason"] == "unreachable"
        assert told["helpers"]
        app.extensions["linju_store"].close()

    def test_far_from_every_street_too(self, worker):
        told = ask(worker, at=[LON + 0.2, LAT])
        assert told["trouble"]["code"] == "off_network"
        assert told["trouble"]["text"] == "离这里 300 米之内没有街道。"
        shop = ask(worker)["helpers"][0]["merchant"]["id"]
        answer = ask_ways(worker, shop, at=[LON + 0.2, LAT])
        people.conforms(answer, "/api/emergency/ways", "post")
        assert (answer.status_code, answer.get_json()["title"]) == (422, "off_network")
        assert answer.get_json()["details"]["which"] == "to"

    @pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
    def test_a_moment_beyond_the_calendar_is_refused_and_no_crash(self, worker, moment):
        headers = people.csrf(worker)
        asked = {"at": CENTRE, "scenario": "medical", "departure": moment}
        drawn = {"geometry": {"type": "Point", "coordinates": CENTRE}, "reason": "雪"}
        where = {"from": f"{LON},{LAT}", "to": f"{LON},{LAT}", "departure": moment}
        answers = [
            worker.post("/api/emergency/answer", json=asked, headers=headers),
            worker.post("/api/closures", json=drawn | {"until": moment}, headers=headers),
            worker.get("/api/closures", query_string={"at": moment}),
            worker.get("/api/route", query_string=where),
        ]
        assert [one.status_code for one in answers] == [422] * 4

    def test_an_unknown_scenario_is_refused(self, worker):
        question = {"at": CENTRE, "scenario": "nothing"}
        answer = worker.post("/api/emergency/answer", json=question, headers=people.csrf(worker))
        assert (answer.status_code, answer.get_json()["title"]) == (404, "scenario_not_found")
