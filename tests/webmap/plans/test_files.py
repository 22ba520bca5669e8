"""A plan as a file, read back by the programs that such files are for."""

import gpxpy
import pytest
import shapely
from shapely.geometry import shape

from geodata import merchants, plans
from geodata.plans import Changes
from tests.factories import ADMIN, CENTRE, HOSTILE
from tests.webmap.plans.asking import asked, chosen, close, saved

LON, LAT = CENTRE


@pytest.fixture
def plan(worker, store):
    """Return a plan with a street that is closed near by."""
    close(store, shapely.box(LON, LAT + 1e-3, LON + 3e-4, LAT + 2e-3), reason="塌陷")
    helpers = chosen(asked(worker))
    return saved(worker, helpers=helpers, notes="总阀在地下室", place="泉园路 12 号")


def file(client, plan, kind):
    answer = client.get(f"/plans/{plan['id']}.{kind}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert (
        answer.headers["Content-Disposition"] == f'attachment; filename="plan-{plan["id"]}.{kind}"'
    )
    return answer


class TestGPX:
    def test_incident_helpers_ways_and_closures_are_in_it(self, worker, plan):
        told = gpxpy.parse(file(worker, plan, "gpx").text)
        kinds = [one.type for one in told.waypoints]
        assert kinds == ["incident", "helper", "helper", "helper", "helper", "closure"]
        incident, first, *_, closed = told.waypoints
        assert (incident.longitude, incident.latitude, incident.name) == (LON, LAT, plan["name"])
        assert "泉园路 12 号" in incident.description
        assert "总阀在地下室" in incident.description
        helper = plan["answer"]["helpers"][0]
        assert first.name == f"1. {helper['merchant']['properties']['name']}"
        assert helper["merchant"]["properties"]["phones"][0] in first.description
        assert "塌陷" in closed.name

    def test_a_track_is_the_way_to_the_last_corner(self, worker, plan):
        told = gpxpy.parse(file(worker, plan, "gpx").text)
        ways = [one["route"] for one in plan["answer"]["helpers"] if one["route"]]
        lines = [
            [[point.longitude, point.latitude] for point in track.segments[0].points]
            for track in told.tracks
        ]
        assert lines == [way["geometry"]["coordinates"] for way in ways]


class TestGeoJSON:
    def test_all_of_it_is_in_it(self, worker, plan):
        answer = file(worker, plan, "geojson")
        assert answer.mimetype == "application/geo+json"
        features = answer.get_json(force=True)["features"]
        whats = [one["properties"]["what"] for one in features]
        assert whats == ["incident", *["helper", "way"] * 4, "closure"]
        assert all(shape(one["geometry"]).is_valid for one in features)
        assert features[0]["geometry"]["coordinates"] == list(CENTRE)
        helper, way = features[1]["properties"], features[2]["properties"]
        assert helper["number"] == way["number"] == 1
        assert helper["phones"]
        assert way["steps"]
        assert features[-1]["properties"]["reason"] == "塌陷"


@pytest.mark.parametrize("words", HOSTILE)
def test_what_people_wrote_breaks_no_file(worker, store, words):
    helpers = chosen(asked(worker), 1)
    with store.writing() as tx:
        row = tx.row("merchant", helpers[0]["merchant"])
        told = {"name": words[:40]}
        merchants.edit(tx, row["id"], told, version=row["version"], actor=ADMIN)
    plan = saved(worker, helpers=helpers)
    with store.writing() as tx:
        change = Changes(name=words[:60], notes=words)
        plans.change(tx, plan["id"], change, version=1, actor=ADMIN)
    told = gpxpy.parse(file(worker, plan, "gpx").text)
    features = file(worker, plan, "geojson").get_json(force=True)["features"]
    assert told.waypoints[0].name == features[0]["properties"]["name"] == words[:60].strip("\u200b")
    assert told.waypoints[1].name == f"1. {features[1]['properties']['name']}"
