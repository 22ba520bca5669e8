"""How the matrix went, over HTTP."""

from datetime import timedelta

import pytest

from geodata import merchants, snapshots
from geodata.snapshots import today
from tests import people
from tests.factories import ADMIN, entry

QUANFU = "210103006012"
TODAY = today()


def take(store, day):
    with store.reading() as tx:
        measured = snapshots.measure(tx, None)
    with store.writing() as tx:
        snapshots.take(tx, measured, day)


def ask(client, **asked):
    return client.get("/api/matrix/history", query_string=asked)


@pytest.fixture
def went(store):
    """Let a shop come between the day before yesterday and today, and another go."""
    with store.writing() as tx:
        gone = merchants.add(tx, entry("走了的店", category="clinic"), actor=ADMIN)
    take(store, TODAY - timedelta(days=2))
    with store.writing() as tx:
        merchants.add(tx, entry("新来的店"), actor=ADMIN)
        merchants.edit(tx, gone, {"status": "retired"}, version=1, actor=ADMIN)
    take(store, TODAY)
    return store


@pytest.mark.usefixtures("went")
def test_it_tells_each_day_that_was_taken_as_it_is_documented(client):
    answer = ask(client, area=QUANFU)
    told = answer.get_json()

    people.conforms(answer, "/api/matrix/history", "get")
    assert told["days"] == [(TODAY - timedelta(days=2)).isoformat(), TODAY.isoformat()]
    assert told["first"] == told["days"][0]
    first, last = told["values"]["shopping"]
    assert last == first + 1
    assert told["values"]["clinic"][1] == told["values"]["clinic"][0] - 1


@pytest.mark.usefixtures("went")
def test_all_areas_together_and_one_category(client):
    told = ask(client, category="repair").get_json()

    assert list(told["values"]) == ["repair"]
    assert told["area"] == ""
    assert (told["since"], told["until"]) == (
        (TODAY - timedelta(days=365)).isoformat(),
        TODAY.isoformat(),
    )


@pytest.mark.usefixtures("went")
def test_it_counts_what_came_and_names_nothing(client):
    answer = ask(client, since=TODAY.isoformat())

    assert answer.get_json()["came"]["shopping"] >= 1
    assert "新来的店" not in answer.text


@pytest.mark.usefixtures("went")
def test_a_short_code_is_understood(client):
    assert ask(client, area="210103006").get_json()["area"] == "210103006000"


@pytest.mark.usefixtures("went")
def test_without_streets_minutes_are_null(client):
    told = ask(client, reading="median_min", area=QUANFU).get_json()

    assert set(told["values"]["clinic"]) == {None}


def test_a_day_that_is_taken_is_told_at_once(client, store):
    assert ask(client).get_json()["days"] == []
    take(store, TODAY)

    assert ask(client).get_json()["days"] == [TODAY.isoformat()]


@pytest.mark.parametrize("asked", [{"until": "2026-11-24"}, {}])
def test_days_told_the_wrong_way_round_are_named(client, asked):
    answer = ask(client, since="2099-11-25", **asked)

    assert answer.get_json(force=True)["details"]["names"] == ["until"]


@pytest.mark.parametrize(
    "asked, status, code",
    [
        ({"area": "210199000000"}, 404, "area_not_found"),
        ({"area": "12"}, 404, "area_not_found"),
        ({"area": "21010"}, 422, "area_code_invalid"),
        ({"category": "spaceship"}, 404, "category_not_found"),
        ({"reading": "share", "minutes": "7"}, 422, "parameter_invalid"),
        ({"since": "yesterday"}, 422, "parameter_invalid"),
        ({"since": "1700000000"}, 422, "parameter_invalid"),
        ({"since": "0001-01-01"}, 422, "parameter_invalid"),
        ({"until": "0999-01-01"}, 422, "parameter_invalid"),
        ({"since": "2026-11-25", "until": "2026-11-24"}, 422, "parameter_invalid"),
        ({"colour": "red"}, 422, "parameter_unknown"),
    ],
)
def test_what_makes_no_sense_is_refused(client, asked, status, code):
    answer = ask(client, **asked)

    assert (answer.status_code, answer.get_json(force=True)["title"]) == (status, code)
