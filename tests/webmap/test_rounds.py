"""Rounds over HTTP, on the demonstration's streets."""

import json
from datetime import datetime, timedelta

import pytest
import shapely
from shapely.geometry import shape

from geodata import closures, rounds
from geodata.errors import Unavailable
from geodata.hours import SHANGHAI
from geodata.rounds import MOST_VISITS, MOST_WORKERS, Reason
from tests import people
from tests.factories import ADMIN, CENTRE, drawing
from webmap.answers import LARGEST_BODY
from webmap.rounds import WHY

LON, LAT = CENTRE
NOW = datetime.now(SHANGHAI).replace(microsecond=0)
DAY = (NOW + timedelta(days=2)).replace(hour=0, minute=0, second=0)
FAR = (123.30, 41.60)


def clock(hours: float) -> str:
    return (DAY + timedelta(hours=hours)).isoformat()


def somebody(name="王姐", begin=8.0, end=12.0, **told):
    known = {"name": name, "start": CENTRE, "end": CENTRE}
    return known | {"from": clock(begin), "until": clock(end)} | told


def home(name, east=0.0, north=0.0, minutes=15, **told):
    """Return a visit so many thousandths of a degree away."""
    at = (round(LON + east / 1e3, 6), round(LAT + north / 1e3, 6))
    return {"id": name, "at": at, "minutes": minutes} | told


HOMES = [home("a", 1, 1), home("b", -2, 1), home("c", 3, -1), home("d", 0, 3)]


@pytest.fixture
def worker(app_with_streets):
    return people.signed_in(app_with_streets, "worker")


@pytest.fixture
def store(app_with_streets):
    return app_with_streets.extensions["linju_store"]


def post(client, *, lang="zh", **told):
    asked = {"workers": [somebody()], "visits": HOMES} | told
    return client.post(f"/api/rounds?lang={lang}", json=asked, headers=people.csrf(client))


def ask(client, **told):
    answer = post(client, **told)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    people.conforms(answer, "/api/rounds", "post")
    return answer.get_json()


def refusal(answer):
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.get_json(force=True)["title"]


def order(told, number=0):
    return [stop["id"] for stop in told["rounds"][number]["visits"]]


def why(told):
    return {one["id"]: (one["reason"], one["text"]) for one in told["unassigned"]}


def around(place, half=4e-4):
    return shapely.box(*(c - half for c in place), *(c + half for c in place))


class TestAnswer:
    def test_every_home_is_visited_and_told_with_its_times(self, worker):
        told = ask(worker)

        (one,) = told["rounds"]
        assert sorted(order(told)) == ["a", "b", "c", "d"]
        assert (one["worker"], one["mode"], told["unassigned"]) == ("王姐", "foot", [])
        before = datetime.fromisoformat(one["depart"])
        assert before == DAY + timedelta(hours=8)
        for stop in one["visits"]:
            arrive, begin, leave = (
                datetime.fromisoformat(stop[k]) for k in ("arrive", "begin", "leave")
            )
            assert (arrive - before).total_seconds() == stop["duration_s"] > 0
            assert leave - begin == timedelta(minutes=15)
            before = leave
        assert datetime.fromisoformat(one["finish"]) > before
        assert one["duration_s"] > sum(stop["duration_s"] for stop in one["visits"])

    def test_the_ways_are_drawn_from_door_to_door(self, worker):
        (one,) = ask(worker)["rounds"]

        line = shape(one["geometry"])
        assert len(line.geoms) == 5
        assert line.geoms[0].distance(shapely.Point(CENTRE)) < 1e-3
        doors = {home["id"]: home["at"] for home in HOMES}
        for part, stop in zip(line.geoms, one["visits"], strict=False):
            assert shapely.Point(part.coords[-1]).distance(shapely.Point(doors[stop["id"]])) < 2e-3

    def test_several_go_in_their_own_ways(self, worker):
        some = [somebody("步行", skills=["x"]), somebody("骑车", mode="bike", skills=["y"])]
        homes = [home("a", 1, skills=["x"]), home("b", 2, skills=["y"])]

        told = ask(worker, workers=some, visits=homes)

        assert (order(told, 0), order(told, 1)) == (["a"], ["b"])
        assert [one["mode"] for one in told["rounds"]] == ["foot", "bike"]

    def test_an_accepted_order_stands_and_the_urgent_one_is_put_in(self, worker):
        accepted = ["c", "b", "a"]
        homes = [*HOMES[:3], home("急", 3.2, -1, priority=100)]

        told = ask(worker, visits=homes, locked={"王姐": accepted})

        assert [name for name in order(told) if name != "急"] == accepted
        assert order(told).index("急") in (0, 1)

    def test_nothing_is_stored(self, worker, store):
        before = store.revision()

        ask(worker)

        assert store.revision() == before


class TestClosures:
    def close(self, store, geometry, begin, end):
        told = {"starts": DAY + timedelta(hours=begin), "ends": DAY + timedelta(hours=end)}
        with store.writing() as tx:
            return closures.draw(tx, drawing(geometry, **told), actor=ADMIN).id

    def test_no_round_passes_through_what_is_closed_while_anybody_works(self, worker, store):
        square = around(HOMES[0]["at"])
        closed = self.close(store, square, 11, 14)

        told = ask(worker)

        assert told["closures"] == [closed]
        assert why(told)["a"][0] == "closed_off"
        assert "封控" in why(told)["a"][1]
        assert not shape(told["rounds"][0]["geometry"]).intersects(square)

    @pytest.mark.parametrize("begin,end", [(4, 7.5), (12.5, 20)])
    def test_what_is_closed_before_or_after_is_no_obstacle(self, worker, store, begin, end):
        self.close(store, around(HOMES[0]["at"]), begin, end)

        told = ask(worker)

        assert (told["closures"], told["unassigned"]) == ([], [])


class TestWords:
    """Why somebody is not visited, in the reader's language."""

    @pytest.mark.parametrize("visit,reason,text", [
        (
            home("x", windows=[(clock(14), clock(14.5))]),
            "outside_hours",
            "14:00–14:30 时段内没有人上班。",
        ),
        (
            home("x", 6, 5, windows=[(clock(8), clock(8.05))]),
            "window_missed",
            "08:00–08:03 时段内 2 人均无法到达。",
        ),
        (
            home("x", skills=["护理", "方言"]),
            "skills_missing",
            "没有人具备这次走访需要的全部技能：护理、方言。",
        ),
        (
            home("x", minutes=300),
            "day_too_short",
            "路上用时加上 300 分钟的走访，超出了所有人的工作时间。",
        ),
        (home("x") | {"at": FAR}, "off_network", "离这里 300 米之内没有街道。"),
    ])  # fmt: skip
    def test_the_reason_is_plain(self, worker, visit, reason, text):
        told = ask(worker, workers=[somebody("王"), somebody("李")], visits=[visit])

        assert why(told) == {"x": (reason, text)}

    def test_one_who_comes_too_late_is_not_called_all(self, worker):
        told = ask(worker, visits=[home("x", 6, 5, windows=[(clock(8), clock(8.05))])])

        assert why(told)["x"][1] == "08:00–08:03 时段内唯一能去的人来不及到达。"

    def test_who_has_no_time_left_is_told_so_with_the_window_or_without(self, worker):
        window = [(clock(8.5), clock(8.5))]
        homes = [
            home("a", 1, minutes=30, windows=window, priority=9),
            home("b", -1, minutes=30, windows=window),
            home("c", 2, minutes=210),
        ]

        told = why(ask(worker, visits=homes))

        assert told["b"] == ("no_time_left", "08:30–08:30 时段内能去的人都已安排了别处。")
        assert told["c"] == ("no_time_left", "大家的工作时间都已排满，安排不下这一处。")

    def test_a_window_of_another_day_tells_its_date(self, worker):
        window = [(clock(26), clock(26.5)), (clock(20), clock(20.5))]

        (one,) = ask(worker, visits=[home("x", windows=window)], lang="en")["unassigned"]

        date = DAY + timedelta(days=1)
        assert one["text"].startswith(f"{date:%b} {date.day}, {date.year} 02:00–02:30, 20:00–20:30")

    def test_every_reason_has_its_sentence(self):
        assert set(WHY) == set(Reason)


class TestRefused:
    @pytest.mark.parametrize("many,most", [("visits", MOST_VISITS), ("workers", MOST_WORKERS)])
    def test_too_much_is_refused_clearly(self, worker, many, most):
        told = {
            "visits": [home(str(n)) for n in range(most + 1)],
            "workers": [somebody(str(n)) for n in range(most + 1)],
        }

        answer = post(worker, **{many: told[many]})

        assert refusal(answer) == (422, "rounds_too_large")
        assert str(most) in answer.get_json(force=True)["detail"]

    def test_as_much_as_may_be_asked_can_be_sent(self):
        many = [
            home(
                f"{n:010}",
                n / 7,
                n / 9,
                windows=[(clock(9), clock(11))],
                priority=50,
                skills=["护理"],
            )
            for n in range(MOST_VISITS)
        ]
        workers = [somebody(f"社工{n}", skills=["护理"]) for n in range(MOST_WORKERS)]
        locked = {
            one["name"]: [home["id"] for home in many[n::20]] for n, one in enumerate(workers)
        }

        body = json.dumps({"workers": workers, "visits": many, "locked": locked})

        assert len(body.encode()) < LARGEST_BODY

    @pytest.mark.parametrize("told,field", [
        ({"workers": []}, "workers"),
        ({"workers": [somebody() | {"from": "2026-11-25T08:00:00"}]}, "workers.0.from"),
        ({"workers": [somebody() | {"from": "0001-01-01T00:00:00+08:00"}]}, "workers.0.from"),
        ({"workers": [somebody() | {"mode": "boat"}]}, "workers.0.mode"),
        ({"visits": [home("a") | {"minutes": 1.5}]}, "visits.0.minutes"),
        ({"visits": [home("a") | {"at": [1, 91]}]}, "visits.0.at.1"),
        ({"visits": [home("a", windows=[[clock(9)]])]}, "visits.0.windows.0.1"),
        ({"locked": {"王姐": [3]}}, "locked.王姐.0"),
    ])  # fmt: skip
    def test_what_is_of_no_known_form_is_named(self, worker, told, field):
        answer = post(worker, **told)

        assert refusal(answer) == (422, "field_invalid")
        assert answer.get_json(force=True)["details"]["names"][0] == field

    @pytest.mark.parametrize("told,field,reason", [
        ({"visits": [home("a"), home("a")]}, "visits.1.id", "twice"),
        ({"workers": [somebody(end=7.0)]}, "workers.0.until", "backwards"),
        ({"workers": [somebody(end=48.0)]}, "workers.0.until", "too_long"),
        ({"locked": {"李": []}}, "locked.李", "unknown"),
    ])  # fmt: skip
    def test_what_makes_no_sense_is_named(self, worker, told, field, reason):
        answer = post(worker, **told)

        assert refusal(answer) == (422, "round_invalid")
        assert answer.get_json(force=True)["details"] == {field: reason}

    def test_a_worker_off_the_network_is_named(self, worker):
        answer = post(worker, workers=[somebody("远", start=FAR)])

        assert refusal(answer) == (422, "off_network")
        assert answer.get_json(force=True)["details"]["worker"] == "远"

    def test_residents_are_refused(self, app_with_streets):
        assert refusal(post(app_with_streets.test_client())) == (403, "forbidden")

    def test_without_streets_it_is_told(self, app):
        answer = post(people.signed_in(app, "worker"))

        assert refusal(answer) == (503, "streets_missing")

    @pytest.mark.parametrize("code", ["solver_slow", "solver_failed", "engine_unreachable"])
    def test_a_part_that_is_away_is_told_without_its_words(self, worker, monkeypatch, code):
        def away(*_arguments, **_more):
            raise Unavailable(code, reason="somewhere in /srv")

        monkeypatch.setattr(rounds, "solve", away)
        answer = post(worker)

        assert refusal(answer) == (503, code.replace("unreachable", "unavailable"))
        assert "srv" not in answer.text
