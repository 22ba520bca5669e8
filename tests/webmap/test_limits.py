"""One act is counted in one place, whether by form or by program, and whoever waits is told."""

import ipaddress
import itertools

import pytest
from limits import parse

from tests import people
from webmap import limits

WHERE = "198.51.100.7"
JSON = {"Accept": "application/json"}
_elsewhere = (str(ipaddress.IPv4Address("198.18.0.0") + n) for n in itertools.count())


@pytest.fixture(autouse=True)
def four_an_hour(monkeypatch):
    """An hour, as a slow machine needs more than a minute; four, as more show no more."""
    monkeypatch.setattr(limits.Limit, "items", property(lambda _: [parse("4 per hour")]))


def by_form(client, where=WHERE, headers=None):
    asked = {
        "environ_base": {"REMOTE_ADDR": where},
        "headers": {**people.csrf(client)} | (headers or {}),
    }
    return client.post("/merchants/new", data={"name": "", "key": "k" * 24}, **asked)


def by_program(client, where=WHERE):
    asked = {"environ_base": {"REMOTE_ADDR": where}, "headers": people.csrf(client)}
    return client.post("/api/merchants", json={"name": ""}, **asked)


def waits_for_the_first(answer):
    """Tell whether it says to wait until the first act leaves the window, which is an hour long."""
    return int(answer.headers["Retry-After"]) // 60 in {59, 60}


def test_forms_and_programs_count_together_and_are_told_how_long_to_wait(app):
    client = app.test_client()
    for ask in (by_form, by_program) * 2:
        assert ask(client).status_code == 422
    told = [by_form(client), by_form(client, headers=JSON), by_program(client)]
    assert [answer.status_code for answer in told] == [429] * 3
    assert all(map(waits_for_the_first, told))
    assert "text/html" in told[0].content_type
    assert {answer.mimetype for answer in told[1:]} == {"application/problem+json"}
    assert by_form(client, next(_elsewhere)).status_code == 422


def test_staff_is_not_counted(app):
    client = people.signed_in(app, "worker")
    for ask in (by_form, by_program) * 4:
        assert ask(client).status_code == 422
    assert by_form(app.test_client()).status_code == 422


def test_an_account_is_counted_wherever_it_asks_from(app):
    client = people.signed_in(app, "shop")
    for ask in (by_form, by_program) * 2:
        assert ask(client, next(_elsewhere)).status_code == 422
    assert by_form(client, next(_elsewhere)).status_code == 429
    assert by_program(client, next(_elsewhere)).status_code == 429


@pytest.mark.parametrize("headers", [{}, JSON])
def test_the_door_tells_how_long_to_wait(client, headers):
    def try_once():
        told = {
            "name": "nobody",
            "password": "x",
            "csrf_token": people.csrf(client)["X-CSRF-Token"],
        }
        return client.post("/sign-in", data=told, headers=headers)

    assert [try_once().status_code for _ in range(5)][-1] == 429
    answer = try_once()
    assert answer.status_code == 429
    assert waits_for_the_first(answer)


def test_an_ipv4_address_is_itself_on_a_socket_for_both_kinds(app):
    client = app.test_client()
    for ask in (by_form, by_program) * 2:
        assert ask(client, "::ffff:198.51.100.9").status_code == 422
    assert by_form(client, "::ffff:198.51.100.9").status_code == 429
    assert by_form(client, "198.51.100.9").status_code == 429
    assert by_form(client, "::ffff:198.51.100.10").status_code == 422
