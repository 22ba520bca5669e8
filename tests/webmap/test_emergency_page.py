"""The page of an incident, before its script has asked anything."""

import html
import json
import re

import pytest

from geodata import scenarios
from geodata.scenarios import SHIPPED
from tests import people
from tests.factories import ADMIN, HOSTILE


@pytest.fixture
def worker(app):
    return people.signed_in(app, "worker")


def told(page):
    """Return the scenarios that a page holds."""
    return [json.loads(html.unescape(one)) for one in re.findall(r"data-scenario='(.*?)'", page)]


def test_the_scenarios_stand_there_in_the_offices_order_and_language(worker):
    page = worker.get("/emergency").text
    assert [one["name"] for one in told(page)] == [one.name for one in SHIPPED]
    english = worker.get("/emergency?lang=en").text
    assert [one["name"] for one in told(english)] == [one.name_en for one in SHIPPED]


def test_a_hidden_scenario_is_not_offered(app, worker):
    with app.extensions["linju_store"].writing() as tx:
        scenarios.edit(tx, "leak", {"hidden": True}, version=0, actor=ADMIN)
    assert "leak" not in [one["id"] for one in told(worker.get("/emergency").text)]


def test_staff_are_led_there_and_nobody_else(app, client, worker):
    assert 'href="/emergency"' in worker.get("/matrix").text
    assert 'href="/emergency"' not in people.signed_in(app, "shop").get("/matrix").text
    assert people.led_to_the_door(client.get("/emergency"))


def test_its_map_has_addresses_only(worker):
    script = worker.get("/emergency/map.js?lang=en").text
    assert "/api/emergency/answer?lang=en" in script
    assert "openEmergency" in script
    assert not re.search("[\u4e00-\u9fff]", script)


def test_a_plan_can_be_kept_where_plans_are(app, worker):
    there = "plans.page" in app.view_functions
    assert ('"plans"' in worker.get("/emergency/map.js").text) is there
    assert ("data-plan=" in worker.get("/emergency").text) is there


@pytest.mark.parametrize("text", [text for text in HOSTILE if len(text) <= 20])
def test_hostile_names_are_shown_as_written(app, worker, text):
    new = {"name": text, "categories": ["clinic"], "checklist": [text]}
    with app.extensions["linju_store"].writing() as tx:
        made = scenarios.add(tx, new, actor=ADMIN)
    page = worker.get("/emergency").text
    assert told(page)[-1]["name"] == made.name
    assert "<svg onload" not in page
    assert not re.search(r">49<", page)
