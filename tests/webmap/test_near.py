"""Nearest, way and reach over HTTP, on the demonstration's streets."""

import gzip
import itertools
import shutil
from datetime import UTC, datetime, timedelta

import pytest
import shapely

from geodata import closures
from geodata.geometry import metres_between
from tests import people
from tests.factories import ADMIN, CENTRE, drawing
from webmap import create_app, limits
from webmap.config import Settings

HERE = f"{CENTRE[0]},{CENTRE[1]}"
MODES = ["foot", "bike", "car"]


def nearest(client, **asked):
    answer = client.get("/api/nearest", query_string={"from": HERE} | asked)
    assert answer.status_code == 200, answer.text
    return answer.json["features"]


def route(client, to, **asked):
    answer = client.get("/api/route", query_string={"from": HERE, "to": to} | asked)
    assert answer.status_code == 200, answer.text
    return answer.json


def problem(answer):
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    return answer.json["title"]


def spot(feature):
    return "{},{}".format(*feature["geometry"]["coordinates"])


class TestNearest:
    @pytest.mark.parametrize("mode", MODES)
    def test_the_nearest_come_first(self, walker, mode):
        found = nearest(walker, mode=mode)

        times = [feature["properties"]["duration_s"] for feature in found]
        assert len(times) == 10
        assert times == sorted(times)
        assert all(feature["properties"]["distance_m"] > 0 for feature in found)

    def test_a_merchant_is_told_as_the_list_of_merchants_tells_it(self, walker):
        first, *_ = nearest(walker, n=1)
        listed = walker.get("/api/merchants?limit=5000").json["features"]
        (same,) = [feature for feature in listed if feature["id"] == first["id"]]

        away = {name: first["properties"].pop(name) for name in ("duration_s", "distance_m")}

        assert first == same
        assert set(away) == {"duration_s", "distance_m"}

    def test_no_merchant_that_is_left_out_is_nearer(self, walker):
        everybody = nearest(walker, n=400)
        ten = nearest(walker)

        assert ten == everybody[:10]
        assert len(everybody) > 90

    def test_a_walk_is_never_shorter_than_the_straight_line(self, walker):
        for feature in nearest(walker, n=400):
            straight = metres_between(*CENTRE, *feature["geometry"]["coordinates"])
            assert feature["properties"]["distance_m"] >= 0.99 * straight

    def test_it_narrows_as_the_map_does(self, walker):
        found = nearest(walker, category="clinic", n=400)

        assert {feature["properties"]["category"] for feature in found} == {"clinic"}
        assert len(found) == 9

    def test_only_what_is_open_now(self, walker):
        assert all(feature["properties"]["open"] for feature in nearest(walker, open="now"))

    def test_only_what_is_in_the_box(self, walker):
        box = (123.468, 41.770, 123.475, 41.778)
        found = nearest(walker, bbox=",".join(map(str, box)), n=400)

        assert found
        for feature in found:
            lon, lat = feature["geometry"]["coordinates"]
            assert box[0] <= lon <= box[2]
            assert box[1] <= lat <= box[3]

    def test_the_times_are_those_of_the_ways(self, walker):
        for feature in nearest(walker, n=5):
            way = route(walker, spot(feature))["properties"]
            assert feature["properties"]["duration_s"] == pytest.approx(
                way["duration_s"], rel=0.1, abs=20
            )


class TestRoute:
    @pytest.mark.parametrize("mode", MODES)
    def test_a_way_leads_from_place_to_place_in_words(self, walker, mode):
        there = nearest(walker, n=40)[-1]
        way = route(walker, spot(there), mode=mode)

        line, told = way["geometry"]["coordinates"], way["properties"]
        assert way["type"] == "Feature"
        assert way["geometry"]["type"] == "LineString"
        assert metres_between(*line[0], *CENTRE) < 310
        assert told["snap_m"][0] == pytest.approx(metres_between(*line[0], *CENTRE), abs=60)
        assert told["duration_s"] > 0
        assert all({"type", "text", "distance_m", "duration_s"} <= set(s) for s in told["steps"])
        assert all(step["text"] for step in told["steps"])

    def test_the_destination_is_called_by_its_name(self, walker):
        there = nearest(walker, n=40)[-1]

        last = route(walker, spot(there))["properties"]["steps"][-1]

        assert there["properties"]["name"] in last["text"]

    def test_so_it_is_where_it_stands_far_from_the_street(self, walker):
        listed = walker.get("/api/merchants?category=shelter&limit=400").json["features"]
        ways = [(one, route(walker, spot(one))["properties"]) for one in listed]
        name, far = max(
            ((one["properties"]["name"], told) for one, told in ways),
            key=lambda pair: pair[1]["snap_m"][1],
        )

        assert far["snap_m"][1] > 30
        assert name in far["steps"][-1]["text"]

    def test_english_readers_get_english(self, walker):
        there = nearest(walker, n=40)[-1]
        told = route(walker, spot(there), lang="en")["properties"]

        assert "min on foot" in told["summary"]

    def test_a_car_keeps_to_the_one_way_street_and_a_walker_need_not(self, walker):
        there = nearest(walker, n=60)
        longer = 0
        for feature in there[20:]:
            to = spot(feature)
            back = {"from": to, "to": HERE}
            ways = [walker.get("/api/route", query_string=q | {"mode": "car"}).json["properties"]
                    for q in ({"from": HERE, "to": to}, back)]  # fmt: skip
            feet = [walker.get("/api/route", query_string=q).json["properties"]
                    for q in ({"from": HERE, "to": to}, back)]  # fmt: skip
            assert feet[0]["distance_m"] == pytest.approx(feet[1]["distance_m"], rel=0.05, abs=30)
            longer += abs(ways[0]["distance_m"] - ways[1]["distance_m"]) > 60
        assert longer


class TestReach:
    def test_rings_hold_each_other_and_count_what_lies_inside(self, walker):
        rings = walker.get("/api/reach", query_string={"from": HERE}).json["features"]

        assert [ring["properties"]["minutes"] for ring in rings] == [15, 10, 5]
        shapes = [shapely.geometry.shape(ring["geometry"]) for ring in rings]
        assert all(shape.is_valid for shape in shapes)
        for wide, narrow in itertools.pairwise(shapes):
            assert wide.buffer(1e-5).contains(narrow)

    def test_the_counts_are_of_the_merchants_inside(self, walker):
        rings = walker.get("/api/reach", query_string={"from": HERE}).json["features"]
        listed = walker.get("/api/merchants?limit=5000").json["features"]

        for ring in rings:
            shape = shapely.geometry.shape(ring["geometry"]).buffer(1e-9)
            inside = [
                feature["properties"]["category"]
                for feature in listed
                if shape.contains(shapely.Point(feature["geometry"]["coordinates"]))
            ]
            counted = {name: inside.count(name) for name in sorted(set(inside))}
            assert ring["properties"]["counts"] == counted

    def test_the_nearest_within_five_minutes_are_in_the_ring(self, walker):
        ring = walker.get("/api/reach", query_string={"from": HERE, "minutes": "10"}).json
        counted = sum(ring["features"][0]["properties"]["counts"].values())
        near = [f for f in nearest(walker, n=400) if f["properties"]["duration_s"] < 0.85 * 600]

        assert counted >= len(near) > 5

    @pytest.mark.parametrize("mode", MODES)
    def test_each_mode_has_its_rings(self, walker, mode):
        answer = walker.get("/api/reach", query_string={"from": HERE, "mode": mode, "minutes": "5"})

        assert answer.json["mode"] == mode
        assert answer.json["features"][0]["geometry"]["coordinates"]


class TestRefusals:
    @pytest.mark.parametrize("path", ["nearest", "reach", "route"])
    def test_a_place_off_the_network_is_told_as_such(self, walker, path):
        asked = {"from": "123.2,41.2"} | ({"to": HERE} if path == "route" else {})
        answer = walker.get(f"/api/{path}", query_string=asked)

        assert (answer.status_code, problem(answer)) == (422, "off_network")
        assert answer.json["details"]["which"] == "from"
        assert answer.json["details"]["limit_m"] == 300

    def test_it_says_of_which_streets_it_is(self, walker):
        version = walker.get(f"/api/nearest?from={HERE}").json["streets"]

        answer = walker.get("/api/nearest?from=123.2,41.2")

        assert answer.json["details"]["streets"] == version

    def test_the_far_end_can_be_off_the_network_too(self, walker):
        answer = walker.get("/api/route", query_string={"from": HERE, "to": "123.2,41.2"})

        assert problem(answer) == "off_network"
        assert answer.json["details"]["which"] == "to"

    @pytest.mark.parametrize(
        "asked",
        [
            {},
            {"from": ""},
            {"from": "1"},
            {"from": "a,b"},
            {"from": "nan,1"},
            {"from": "181,1"},
            {"from": "123.47,41.775,abc"},
            {"from": "123.47,,41.775"},
            {"from": "1_2,1"},
            {"from": "١,1"},
            {"from": HERE, "mode": "plane"},
            {"from": HERE, "n": "0"},
            {"from": HERE, "n": "401"},
            {"from": HERE, "category": "nonsense"},
        ],
    )
    def test_nonsense_is_refused(self, walker, asked):
        answer = walker.get("/api/nearest", query_string=asked)

        assert (answer.status_code, problem(answer)) == (422, "parameter_invalid")

    @pytest.mark.parametrize("minutes", ["", "0", "31", "a", "1_0", "1,2,3,4,5", "5,x", "5,1000"])
    def test_minutes_out_of_range_are_refused(self, walker, minutes):
        answer = walker.get("/api/reach", query_string={"from": HERE, "minutes": minutes})

        assert (answer.status_code, problem(answer)) == (422, "parameter_invalid")

    @pytest.mark.parametrize("path", ["nearest", "reach", "route"])
    def test_without_streets_that_is_said_and_the_rest_serves(self, client, path):
        asked = {"from": HERE} | ({"to": HERE} if path == "route" else {})
        answer = client.get(f"/api/{path}", query_string=asked)

        assert (answer.status_code, problem(answer)) == (503, "streets_missing")
        assert client.get("/").status_code == 200
        assert client.get("/api/merchants").status_code == 200

    def test_damaged_streets_leave_the_rest_working(self, request, instance, demonstration_streets):
        shutil.copytree(demonstration_streets, instance / "roads")
        (tiles,) = (instance / "roads").glob("*/tiles.tar")
        tiles.write_bytes(b"damaged")
        app = create_app(Settings(instance=instance))
        request.addfinalizer(app.extensions["linju_store"].close)
        client = app.test_client()

        answer = client.get("/api/route", query_string={"from": HERE, "to": HERE})

        assert (answer.status_code, problem(answer)) == (503, "streets_unreadable")
        assert str(instance) not in answer.text
        assert client.get("/").status_code == 200
        assert client.get("/map.js").status_code == 200


@pytest.mark.parametrize("path", ["/api/nearest", "/api/reach", "/api/route", "/api/homes"])
def test_what_tells_where_somebody_is_is_not_kept(walker, path):
    asked = {"/api/homes": {"q": "泉园"}, "/api/route": {"from": HERE, "to": HERE}}
    answer = walker.get(path, query_string=asked.get(path, {"from": HERE}))

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert not walker.application.extensions["linju_answers"].kept


def test_large_answers_are_compressed_for_whoever_can_read_that(walker):
    plain = walker.get("/api/nearest", query_string={"from": HERE, "n": "50"})
    packed = walker.get(
        "/api/nearest",
        query_string={"from": HERE, "n": "50"},
        headers={"Accept-Encoding": "gzip"},
    )

    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 3
    assert gzip.decompress(packed.data) == plain.data


def test_asking_for_ways_leaves_a_thread_to_the_map(walker, monkeypatch):
    monkeypatch.setattr("webmap.answers.reading._PATIENT_S", 0.05)
    turns = walker.application.extensions["linju_turns"]
    while turns.acquire(blocking=False):
        pass

    answer = walker.get("/api/nearest", query_string={"from": HERE})

    assert (answer.status_code, problem(answer)) == (503, "service_busy")
    assert walker.get("/api/merchants").status_code == 200
    turns.release()
    assert walker.get("/api/nearest", query_string={"from": HERE}).status_code == 200


class TestClosures:
    """What staff close, nobody is sent through: neither now nor at the hour that is asked for."""

    @pytest.fixture
    def closed(self, app_with_streets, walker):
        """Close the middle of a way for tomorrow, and return the way and what closes it."""
        (first, *_) = nearest(walker, category="clinic", n=3)
        way = route(walker, spot(first))
        middle = shapely.LineString(way["geometry"]["coordinates"]).interpolate(
            0.5, normalized=True
        )
        begins = datetime.now(UTC) + timedelta(hours=12)
        drawn = drawing(middle.buffer(2e-4), starts=begins, ends=begins + timedelta(hours=1))
        with app_with_streets.extensions["linju_store"].writing() as tx:
            one = closures.draw(tx, drawn, actor=ADMIN)
        return spot(first), way, one

    def test_a_way_goes_around_while_it_is_closed(self, walker, closed):
        to, free, one = closed
        during = route(walker, to, departure=one.starts.isoformat())
        line = shapely.LineString(during["geometry"]["coordinates"])
        assert not line.intersects(one.geometry)
        assert during["properties"]["duration_s"] > free["properties"]["duration_s"]

    @pytest.mark.parametrize("when", ["now", "after"])
    def test_and_straight_on_before_and_after(self, walker, closed, when):
        to, free, one = closed
        asked = {} if when == "now" else {"departure": one.ends.isoformat()}
        assert route(walker, to, **asked)["geometry"] == free["geometry"]

    def test_times_and_reach_obey_it_too(self, walker, closed):
        _to, _way, one = closed
        then = {"departure": one.starts.isoformat()}
        open_times = {f["id"]: f["properties"]["duration_s"] for f in nearest(walker, n=50)}
        times = {f["id"]: f["properties"]["duration_s"] for f in nearest(walker, n=50, **then)}
        both = open_times.keys() & times.keys()
        assert all(times[key] >= open_times[key] - 0.1 for key in both)
        assert any(times[key] > open_times[key] + 5 for key in both)
        sizes = [
            shapely.from_geojson(walker.get("/api/reach", query_string=asked).data)
            for asked in ({"from": HERE}, {"from": HERE} | then)
        ]
        assert sizes[1].area < sizes[0].area

    @pytest.mark.parametrize("mode", MODES)
    def test_in_each_mode_times_and_reach_shrink_behind_a_closed_ring(
        self, app_with_streets, walker, mode
    ):
        free = {f["id"]: f["properties"]["duration_s"] for f in nearest(walker, n=60, mode=mode)}
        begins = datetime.now(UTC) + timedelta(hours=12)
        ring = shapely.Point(CENTRE).buffer(4e-3).boundary
        told = {"departure": begins.isoformat(), "mode": mode}
        wide = reach(walker, **told)
        shut = drawing(ring, starts=begins, ends=begins + timedelta(hours=1))
        with app_with_streets.extensions["linju_store"].writing() as tx:
            closures.draw(tx, shut, actor=ADMIN)

        inside = nearest(walker, n=60, **told)

        assert 0 < len(inside) < len(free)
        assert all(
            shapely.Point(f["geometry"]["coordinates"]).distance(shapely.Point(CENTRE)) < 4.2e-3
            for f in inside
        )
        narrow = reach(walker, **told)
        assert narrow.area < 0.6 * wide.area


def reach(client, **asked):
    answer = client.get("/api/reach", query_string={"from": HERE, "minutes": 15} | asked)
    assert answer.status_code == 200, answer.text
    return shapely.from_geojson(answer.data)


class TestNoWay:
    """Each reason has its code, with what a program needs besides."""

    def refused(self, client, to="123.475,41.78", **asked):
        answer = client.get("/api/route", query_string={"from": HERE, "to": to} | asked)
        people.conforms(answer, "/api/route", "get")
        return answer.status_code, problem(answer), answer.json["details"]

    @pytest.fixture
    def close(self, app_with_streets):
        def drawn(geometry, *, public=True):
            with app_with_streets.extensions["linju_store"].writing() as tx:
                return closures.draw(tx, drawing(geometry, public=public), actor=ADMIN).id

        return drawn

    def test_a_place_without_a_street_near_it(self, walker):
        status, code, details = self.refused(walker, f"{CENTRE[0] + 0.3},{CENTRE[1]}")

        assert (status, code) == (422, "off_network")
        assert (details["which"], details["limit_m"]) == ("to", 300)

    def test_no_way_names_the_closures_and_what_lifting_them_opens(self, walker, close):
        ring = close(shapely.Point(CENTRE).buffer(2e-3).boundary)
        close(shapely.Point(CENTRE[0] + 0.012, CENTRE[1]))

        status, code, details = self.refused(walker)

        assert (status, code) == (404, "no_route")
        assert details["blamed"] == [ring]
        assert details["ways_out"][0]["lift"] == [ring]
        assert details["ways_out"][0]["duration_s"] > 0

    def test_a_place_in_a_closed_street(self, walker, close):
        here = close(shapely.Point(CENTRE).buffer(2e-3))

        status, code, details = self.refused(walker)

        assert (status, code) == (404, "inside_closure")
        assert (details["which"], details["blamed"]) == ("from", [here])

    @pytest.mark.parametrize(
        "shape, code",
        [
            (shapely.Point(CENTRE).buffer(2e-3).boundary, "no_route"),
            (shapely.Point(CENTRE).buffer(2e-3), "inside_closure"),
        ],
    )
    def test_residents_are_not_told_of_a_closure_that_is_for_staff(
        self, walker, app_with_streets, close, shape, code
    ):
        mine = close(shape, public=False)

        status, told, details = self.refused(walker)

        assert (status, told) == (404, "no_route")
        assert (details["blamed"], details["ways_out"]) == ([], [])
        assert mine not in str(details)
        worker = people.signed_in(app_with_streets, "worker")
        _, told, details = self.refused(worker)
        assert (told, details["blamed"]) == (code, [mine])

    def test_a_way_out_through_a_closure_for_staff_is_not_told_to_residents(self, walker, close):
        close(shapely.Point(CENTRE).buffer(2e-3).boundary)
        hidden = close(shapely.Point(CENTRE).buffer(2.6e-3).boundary, public=False)

        _, code, details = self.refused(walker)

        assert code == "no_route"
        assert hidden not in str(details)
        assert details["ways_out"] == []

    def test_an_engine_that_is_away(self, instance, demonstration_streets):
        shutil.copytree(demonstration_streets, instance / "roads")
        app = create_app(Settings(instance=instance, valhalla_url="http://127.0.0.1:9"))

        status, code, details = self.refused(app.test_client())

        assert (status, code) == (503, "engine_unavailable")
        assert details["reason"] == "unreachable"
        app.extensions["linju_store"].close()

    def test_who_is_to_blame_is_asked_only_so_often(
        self, walker, app_with_streets, close, monkeypatch
    ):
        monkeypatch.setattr(limits, "BLAME", limits.Limit("blame", ("2 per minute",)))
        close(shapely.Point(CENTRE).buffer(2e-3).boundary)
        worker = people.signed_in(app_with_streets, "worker")

        codes = [self.refused(walker)[1] for _ in range(3)]

        assert codes == ["no_route", "no_route", "too_many"]
        assert self.refused(worker)[1] == "no_route"
        assert self.refused(walker, f"{CENTRE[0] + 0.3},{CENTRE[1]}")[1] == "off_network"
