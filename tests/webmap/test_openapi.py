"""The API's description is complete, and true of what the API answers."""

import re

import pytest
from jsonschema import Draft202012Validator

from webmap.openapi import describe

ASKED = {
    "/api/merchants": ["", "?bbox=123.4,41.7,123.6,41.9&zoom=12&limit=9", "?q=qf&open=now"],
    "/api/merchants/{merchant_id}": ["FRAV14JVJK"],
    "/api/categories": ["", "?lang=en"],
    "/api/areas": ["", "?level=grid&parent=210103006012"],
    "/api/matrix": [
        "",
        "?level=community",
        "?parent=210103006012",
        "?reading=per_1000",
        "?reading=median_min&level=grid&category=clinic&at=2026-11-25T12:00:00%2B08:00",
        "?reading=share&minutes=5&closures=true",
        "?reading=2sfca",
    ],
    "/api/matrix/history": ["", "?area=210103006012&reading=share&minutes=5&since=2026-01-01"],
    "/api/homes": ["?q=泉园"],
    "/api/nearest": ["?from=123.47,41.775", "?from=123.47,41.775&mode=car&n=2&category=clinic"],
    "/api/route": ["?from=123.47,41.775&to=123.475,41.78"],
    "/api/reach": ["?from=123.47,41.775", "?from=123.47,41.775&minutes=3&mode=bike"],
    "/api/scenarios": ["", "?lang=en"],
    "/api/openapi.json": [""],
}
WRITTEN = {
    ("/api/merchants", "post"),
    ("/api/merchants/{merchant_id}", "patch"),
    ("/api/merchants/{merchant_id}/reports", "post"),
    ("/api/emergency/answer", "post"),
    ("/api/emergency/ways", "post"),
    ("/api/rounds", "post"),
    ("/api/rounds/homes", "post"),
    ("/api/rounds/sheet", "post"),
    ("/api/rounds/kept", "post"),
    ("/api/rounds/kept/{round_id}", "patch"),
    ("/api/rounds/kept/{round_id}", "delete"),
    ("/api/rounds/kept/{round_id}/plan", "patch"),
    ("/api/rounds/kept/{round_id}/ticks", "post"),
    ("/api/rounds/kept/{round_id}/urgent", "post"),
    ("/api/matrix/what-if", "post"),
    ("/api/matrix/siting", "post"),
    ("/api/jobs/{job_id}", "delete"),
    ("/api/round", "post"),
    ("/api/round/ticks", "post"),
    ("/api/plans", "post"),
    ("/api/plans/{plan_id}", "patch"),
    ("/api/closures", "post"),
    ("/api/closures/{closure_id}", "patch"),
    ("/api/closures/{closure_id}", "delete"),
}
SEEN_BY_SOME = {
    ("/api/merchants/{merchant_id}/history", "get"),
    ("/api/closures", "get"),
    ("/api/matrix/left-out", "get"),
    ("/api/jobs/{job_id}", "get"),
    ("/api/plans", "get"),
    ("/api/rounds/kept", "get"),
    ("/api/rounds/kept/{round_id}", "get"),
    ("/api/rounds/kept/{round_id}/progress", "get"),
    ("/api/rounds/kept/{round_id}/workers/{number}", "get"),
    ("/api/plans/{plan_id}", "get"),
    ("/api/plans/{plan_id}/now", "get"),
}
"""What the tests of their subjects ask for, and compare with the description."""


def test_every_route_of_the_api_is_described(app):
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    told = {(path, method) for path, methods in describe()["paths"].items() for method in methods}
    assert routes == told == {(path, "get") for path in ASKED} | WRITTEN | SEEN_BY_SOME


def test_every_operation_has_a_name_of_its_own():
    told = [one["operationId"] for path in describe()["paths"].values() for one in path.values()]
    assert len(told) == len(set(told))


@pytest.mark.parametrize("path", ASKED)
def test_answers_are_as_described(walker, path):
    document = walker.get("/api/openapi.json").get_json()
    told = document["paths"][path]["get"]["responses"]["200"]["content"]
    for asked in ASKED[path]:
        address = path.replace("{merchant_id}", asked) if "{" in path else path + asked
        answer = walker.get(address)
        assert answer.status_code == 200, answer.data
        schema = told[answer.mimetype]["schema"] | {"components": document["components"]}
        Draft202012Validator(schema).validate(answer.get_json(force=True))


def test_refusals_are_as_described(client):
    document = client.get("/api/openapi.json").get_json()
    schema = {"$ref": "#/components/schemas/Problem", "components": document["components"]}
    for path, operations in document["paths"].items():
        for method in operations:
            address = path.replace("{merchant_id}", "FRAV14JVJK") + "?nonsense=1"
            answer = client.open(address, method=method.upper())
            assert answer.status_code == 422
            Draft202012Validator(schema).validate(answer.get_json(force=True))


def test_every_parameter_is_described(client):
    document = client.get("/api/openapi.json").get_json()
    named = {p["name"]: p for p in document["paths"]["/api/merchants"]["get"]["parameters"]}
    assert set(named) == {"bbox", "zoom", "category", "q", "open", "area", "limit", "lang"}
    assert all(parameter["description"] for parameter in named.values())
