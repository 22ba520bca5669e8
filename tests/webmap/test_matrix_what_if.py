"""What if, for people: the page, and what its script is told."""

import json
import re

import pytest

from tests.people import led_to_the_door, signed_in

HERE = "/matrix/what-if"


def page(client, **asked):
    answer = client.get(HERE, query_string=asked)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_staff_are_led_there_and_told_that_nothing_is_stored(app_with_streets):
    worker = signed_in(app_with_streets, "worker")

    assert HERE in worker.get("/matrix").text
    assert "Nothing of it is stored" in page(worker, lang="en")
    assert HERE not in app_with_streets.test_client().get("/matrix").text


def test_a_resident_is_led_to_the_door(walker):
    assert led_to_the_door(walker.get(HERE))


def test_one_asks_about_ones_own_areas(app_with_streets):
    text = page(signed_in(app_with_streets, "worker"))

    codes = re.findall(r'<option value="(\d{12,15})"', text)
    assert codes
    assert all(code.startswith("210103006") for code in codes)
    assert 'data-scope="210103006"' in text


def test_the_script_is_told_addresses_only(walker):
    script = walker.get(f"{HERE}/map.js?lang=en").text

    urls = json.loads(re.search(r"urls: (\{.*?\}),\n", script)[1])
    assert urls == {"compare": "/api/matrix/what-if?lang=en", "merchants": "/api/merchants"}


def test_without_streets_counts_can_be_imagined_and_walks_are_not_offered(app):
    text = page(signed_in(app, "worker"))

    readings = re.search(r'<select id="pick-reading".*?</select>', text, re.DOTALL)[0]
    assert re.findall(r'value="(\w+)"', readings) == ["count", "per_1000"]
    assert "data-close" not in text
    assert "roads build" in text


def test_an_empty_store_has_a_page(empty_app):
    assert page(signed_in(empty_app, "admin"))


@pytest.mark.parametrize("asked", [{"reading": "share"}, {"c": "1" * 61}, {"lang": "xx"}])
def test_what_is_not_right_is_refused(app, asked):
    assert signed_in(app, "worker").get(HERE, query_string=asked).status_code == 422
