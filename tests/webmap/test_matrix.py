"""The matrix over HTTP: its readings, what they need, and that a second look costs nothing."""

from dataclasses import replace

import pytest

from geodata import walking
from geodata.matrix import ON_FOOT, Reading
from tests.people import conforms, csrf, signed_in

COMMUNITY = "210103006012"


def matrix(client, **asked):
    answer = client.get("/api/matrix", query_string=asked)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


class TestReadings:
    @pytest.mark.parametrize("reading", list(Reading))
    def test_every_reading_tells_a_value_for_each_category(self, walker, reading):
        told = matrix(walker, reading=reading, level="grid")

        for area in told["areas"]:
            assert area["values"].keys() == area["counts"].keys() == told["totals"]["values"].keys()
        assert (told["reading"], told["minutes"]) == (reading, 15)
        assert any(area["values"]["clinic"] for area in told["areas"])

    def test_a_count_is_its_own_value(self, walker):
        told = matrix(walker)

        assert all(area["values"] == area["counts"] for area in told["areas"])
        assert told["totals"]["values"] == told["totals"]["counts"]

    def test_readings_on_foot_tell_of_the_homes(self, walker):
        told = matrix(walker, reading="share", parent=COMMUNITY)

        assert all(area["homes"] >= area["off_network"] for area in told["areas"])
        assert told["off_network"] == sum(area["off_network"] for area in told["areas"])
        assert sum(area["households"] for area in told["areas"]) > 0

    def test_more_minutes_are_no_smaller_share(self, walker):
        shares = [
            matrix(walker, reading="share", minutes=n)["totals"]["values"]["clinic"]
            for n in (1, 5, 30)
        ]

        assert 0 <= shares[0] < shares[1] <= shares[2] <= 1

    def test_only_the_categories_asked_for_are_told(self, walker):
        told = matrix(walker, reading="median_min", category="clinic,repair")

        assert all(area["values"].keys() == {"clinic", "repair"} for area in told["areas"])

    def test_at_night_less_is_open(self, walker):
        told = [
            matrix(walker, at=f"2026-11-25T{hour}:00:00+08:00")["totals"]["counts"]
            for hour in ("03", "11")
        ]

        assert sum(told[0].values()) < sum(told[1].values())


class TestRefusals:
    @pytest.mark.parametrize(
        "asked, code",
        [
            ({"reading": "guess"}, "parameter_invalid"),
            ({"category": "castle"}, "parameter_invalid"),
            ({"minutes": "0"}, "parameter_invalid"),
            ({"minutes": "31"}, "parameter_invalid"),
            ({"at": "2026-11-25T12:00:00"}, "parameter_invalid"),
            ({"closures": "perhaps"}, "parameter_invalid"),
            ({"level": "grid", "parent": "210103006012001"}, "level_not_inside"),
        ],
    )
    def test_what_is_not_right_is_refused(self, walker, asked, code):
        answer = walker.get("/api/matrix", query_string=asked)

        assert (answer.status_code, answer.get_json()["title"]) == (422, code)

    @pytest.mark.parametrize("reading", list(Reading))
    def test_without_streets_what_needs_them_says_so(self, client, reading):
        answer = client.get("/api/matrix", query_string={"reading": reading})

        if reading in ON_FOOT:
            assert (answer.status_code, answer.get_json()["title"]) == (503, "streets_missing")
        else:
            assert answer.status_code == 200

    def test_who_asks_for_ever_new_walks_is_slowed_and_staff_are_not(self, app_with_streets):
        resident, worker = app_with_streets.test_client(), signed_in(app_with_streets, "worker")
        asked = [
            {"reading": "share", "level": level, "minutes": n}
            for level in ("grid", "community", "street")
            for n in range(1, 22)
        ]
        found = [resident.get("/api/matrix", query_string=one).status_code for one in asked]

        assert found == [200] * 60 + [429] * 3
        assert worker.get("/api/matrix", query_string=asked[-1]).status_code == 200
        # What was told before is told again, and what needs no streets.
        assert matrix(resident, **asked[0])["reading"] == "share"
        assert matrix(resident)["reading"] == "count"


def test_a_second_look_searches_nothing(walker, monkeypatch):
    first = [matrix(walker, reading=reading) for reading in Reading]
    monkeypatch.setattr(walking, "nearest", None)
    monkeypatch.setattr(walking, "within", None)

    assert [matrix(walker, reading=reading) for reading in Reading] == first


class TestLeftOut:
    @pytest.fixture
    def worker(self, app_with_streets):
        return signed_in(app_with_streets, "worker")

    def test_homes_left_out_are_told_with_those_who_live_there(self, worker):
        told = worker.get("/api/matrix/left-out?category=clinic&minutes=5").get_json(force=True)

        assert told["numberMatched"] == told["numberReturned"] == len(told["features"]) > 0
        assert told["left_out"]["homes"] + told["left_out"]["off_network"] == told["numberMatched"]
        assert told["left_out"]["households"] <= told["of"]["households"]
        minutes = [one["properties"]["minutes"] for one in told["features"]]
        assert all(one is None or one >= 5 for one in minutes)
        alone = [one["properties"]["elders_alone"] for one in told["features"]]
        assert alone[: told["left_out"]["homes"]] == sorted(
            alone[: told["left_out"]["homes"]], key=lambda n: -(n or 0)
        )

    def test_it_is_as_described(self, worker):
        answer = worker.get("/api/matrix/left-out?category=clinic&minutes=0&limit=3")

        conforms(answer, "/api/matrix/left-out", "get")
        assert len(answer.get_json(force=True)["features"]) == 3
        assert answer.headers["Cache-Control"] == "no-store"

    def test_residents_and_staff_of_elsewhere_are_refused(self, walker, worker):
        address = "/api/matrix/left-out?category=clinic&area="

        assert walker.get(address + COMMUNITY).status_code == 403
        assert worker.get(address).status_code == 403
        assert worker.get(address + "210106").status_code == 403

    def test_who_asks_leaves_a_thread_to_the_map(self, worker, monkeypatch):
        monkeypatch.setattr("webmap.answers.reading._PATIENT_S", 0)
        turns = worker.application.extensions["linju_turns"]
        while turns.acquire(blocking=False):
            pass
        answer = worker.get("/api/matrix/left-out?category=clinic")

        assert (answer.status_code, answer.get_json()["title"]) == (503, "service_busy")
        assert worker.get("/api/merchants").status_code == 200

    def test_a_category_that_is_not_known_is_refused(self, worker):
        assert worker.get("/api/matrix/left-out?category=castle").status_code == 422


class TestWhatIf:
    @pytest.fixture
    def worker(self, app_with_streets):
        return signed_in(app_with_streets, "worker")

    def ask(self, client, **told):
        answer = self.post(client, told)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def post(self, client, told):
        return client.post("/api/matrix/what-if", json=told, headers=csrf(client))

    def test_nothing_else_is_no_difference(self, worker):
        for reading in Reading:
            told = self.ask(worker, reading=reading, level="grid")
            for area in [*told["areas"], told["totals"]]:
                assert area["before"] == area["after"]
                assert not any(area["difference"].values())
            assert (
                told["totals"]["after"]
                == matrix(worker, reading=reading, level="grid")["totals"]["values"]
            )

    def test_one_more_is_one_more_and_nearer(self, worker):
        added = [{"category": "clinic", "at": [123.47, 41.775]}]
        count = self.ask(worker, reading="count", added=added)["totals"]["difference"]
        far = self.ask(worker, added=added, level="grid")

        assert (count["clinic"], count["repair"]) == (1, 0)
        assert min(area["difference"]["clinic"] for area in far["areas"]) < 0
        assert max(area["difference"]["clinic"] for area in far["areas"]) <= 0
        assert not any(area["difference"]["repair"] for area in far["areas"])

    def test_one_less_is_one_less_and_farther(self, worker):
        clinics = worker.get("/api/merchants?category=clinic").get_json(force=True)["features"]
        off = [one["id"] for one in clinics[1:]]
        told = self.ask(worker, reading="count", off=off)["totals"]
        far = self.ask(worker, off=off)["totals"]

        assert (told["before"]["clinic"], told["after"]["clinic"]) == (len(clinics), 1)
        assert far["difference"]["clinic"] > 0

    def test_a_closed_area_leaves_who_lives_in_it_without_a_way(self, worker):
        ring = [[123.4, 41.7], [123.44, 41.7], [123.44, 41.74], [123.4, 41.74], [123.4, 41.7]]
        wide = [[123.46, 41.76], [123.48, 41.76], [123.48, 41.79], [123.46, 41.79], [123.46, 41.76]]
        away, here = (
            self.ask(worker, reading="share", closed=[{"type": "Polygon", "coordinates": [one]}])[
                "totals"
            ]
            for one in (ring, wide)
        )

        assert away["difference"]["clinic"] == 0
        assert here["after"]["clinic"] < here["before"]["clinic"]

    @pytest.mark.parametrize(
        "told, status, code",
        [
            (
                {"added": [{"category": "castle", "at": [123.47, 41.775]}]},
                404,
                "category_not_found",
            ),
            ({"added": [{"category": "clinic", "at": [200, 41.775]}]}, 422, "field_invalid"),
            ({"category": ["castle"]}, 422, "parameter_invalid"),
            ({"closed": [{"type": "Polygon", "coordinates": [[1]]}]}, 422, "closure_shape"),
            ({"closed": [{"type": "Point", "coordinates": [500, 1]}]}, 422, "closure_coordinates"),
            ({"nonsense": 1}, 422, "field_unknown"),
        ],
    )
    def test_what_is_not_right_is_refused(self, worker, told, status, code):
        answer = self.post(worker, told)

        assert (answer.status_code, answer.get_json()["title"]) == (status, code)

    def test_it_is_for_staff(self, walker):
        assert self.post(walker, {}).status_code == 403

    @pytest.mark.parametrize("reading", list(Reading))
    def test_where_none_is_left_nobody_has_a_way_and_it_is_said(self, worker, reading):
        clinics = worker.get("/api/merchants?category=clinic").get_json(force=True)["features"]
        told = self.ask(worker, reading=reading, off=[one["id"] for one in clinics], level="grid")
        after = {area["after"]["clinic"] for area in told["areas"] if any(area["before"].values())}

        assert told["totals"]["before"]["clinic"] > 0
        assert {told["totals"]["after"]["clinic"], *after} <= {None, 0}
        assert told["totals"]["after"]["clinic"] == (None if reading == "median_min" else 0)

    def test_it_is_as_described(self, worker):
        answer = self.post(worker, {"off": ["x"], "category": ["clinic"]})

        conforms(answer, "/api/matrix/what-if", "post")

    def test_counts_need_no_streets(self, app):
        client = signed_in(app, "worker")

        assert self.ask(client, reading="count")["totals"]["before"]["clinic"] > 0
        assert self.post(client, {}).status_code == 503


def test_other_streets_are_another_answer(app_with_streets, monkeypatch):
    client, roads = app_with_streets.test_client(), app_with_streets.extensions["linju_roads"]
    before = matrix(client, reading="median_min")["totals"]["values"]["clinic"]
    inuse = roads.now()
    longer = replace(
        inuse,
        version=inuse.version.model_copy(update={"name": "others"}),
        graph=replace(inuse.graph, length_m=inuse.graph.length_m * 2),
    )
    with monkeypatch.context() as patched:
        patched.setattr(roads, "now", lambda: longer)
        assert matrix(client, reading="median_min")["totals"]["values"]["clinic"] > 1.3 * before

    assert matrix(client, reading="median_min")["totals"]["values"]["clinic"] == before
