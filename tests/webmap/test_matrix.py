"""The matrix over HTTP: its readings, what they need, and that a second look costs nothing."""

import pytest

from geodata import walking
from geodata.matrix import ON_FOOT, Reading
from tests.people import signed_in

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
