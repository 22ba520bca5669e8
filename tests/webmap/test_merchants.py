"""The merchants' API: what it answers, refuses and keeps."""

import gzip
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import merchants, pasted
from geodata.datum import Datum, convert
from geodata.geometry import metres_between
from tests.factories import ADMIN, CENTRE, HOSTILE, entry
from webmap.merchants import navigation

BOX = "123.4,41.7,123.6,41.9"


def add(store, name="泉富便民超市", **told):
    with store.writing() as tx:
        return merchants.add(tx, entry(name, **told), actor=ADMIN)


class TestCollection:
    def test_it_is_geojson_with_the_numbers_that_ogc_names(self, client):
        answer = client.get(f"/api/merchants?bbox={BOX}&zoom=15")
        assert answer.mimetype == "application/geo+json"
        found = answer.get_json(force=True)
        assert found["type"] == "FeatureCollection"
        assert found["numberMatched"] == found["numberReturned"] == len(found["features"]) == 104
        assert found["revision"] > 0

    def test_a_merchant_tells_all_that_a_row_of_the_list_needs(self, client):
        (feature, *_) = client.get("/api/merchants").get_json(force=True)["features"]
        assert set(feature["properties"]) == {
            "name",
            "category",
            "address",
            "phones",
            "hours",
            "open",
            "until",
            "area",
            "status",
            "version",
        }

    def test_a_cluster_counts_by_category(self, client):
        found = client.get(f"/api/merchants?bbox={BOX}&zoom=12&limit=10").get_json(force=True)
        clusters = [f for f in found["features"] if f["properties"].get("cluster")]
        assert clusters
        for cluster in clusters:
            told = cluster["properties"]
            assert told["count"] == sum(told["categories"].values()) > 1

    def test_a_change_is_seen_by_the_next_request(self, client, store):
        before = client.get("/api/merchants?q=新开").get_json(force=True)
        assert before["numberMatched"] == 0
        add(store, "新开的店")
        after = client.get("/api/merchants?q=新开").get_json(force=True)
        assert (after["numberMatched"], after["revision"]) == (1, before["revision"] + 1)

    def test_what_did_not_change_is_not_sent_again(self, client, store):
        first = client.get(f"/api/merchants?bbox={BOX}")
        again = client.get(
            f"/api/merchants?bbox={BOX}", headers={"If-None-Match": first.headers["ETag"]}
        )
        assert (again.status_code, again.data) == (304, b"")
        add(store)
        changed = client.get(
            f"/api/merchants?bbox={BOX}", headers={"If-None-Match": first.headers["ETag"]}
        )
        assert changed.status_code == 200

    def test_it_is_compressed_for_those_who_can_read_it(self, client):
        packed = client.get("/api/merchants", headers={"Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == client.get("/api/merchants").data

    def test_open_changes_with_the_clock_and_not_only_with_the_data(
        self, client, store, monkeypatch
    ):
        add(store, "早店", hours="08:00-20:00")
        answers = []
        for hour in (6, 10):  # UTC: 14:00 and 18:00 would be open, so ask around closing time
            moment = datetime(2026, 11, 23, hour + 1, 59, tzinfo=UTC)
            monkeypatch.setattr("webmap.answers.reading.now", lambda m=moment: m)
            monkeypatch.setattr("webmap.merchants.reading.now", lambda m=moment: m)
            (feature,) = client.get("/api/merchants?q=早店").get_json(force=True)["features"]
            answers.append((feature["properties"]["open"], feature["properties"]["until"]))
        closed = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
        monkeypatch.setattr("webmap.answers.reading.now", lambda: closed)
        monkeypatch.setattr("webmap.merchants.reading.now", lambda: closed)
        (feature,) = client.get("/api/merchants?q=早店").get_json(force=True)["features"]
        assert answers == [(True, "2026-11-23T20:00:00+08:00")] * 2
        assert feature["properties"]["open"] is False
        assert feature["properties"]["until"] == "2026-11-24T08:00:00+08:00"

    @pytest.mark.parametrize(
        "query, name",
        [
            ("bbox=1,2,3", "bbox"),
            ("bbox=a,b,c,d", "bbox"),
            ("bbox=124,41,123,42", "bbox"),
            ("bbox=nan,41,123,42", "bbox"),
            ("zoom=-1", "zoom"),
            ("zoom=x", "zoom"),
            ("category=casino", "category"),
            ("open=later", "open"),
            ("area=12x", "area"),
            ("limit=0", "limit"),
            ("limit=99999", "limit"),
            ("q=" + "x" * 101, "q"),
            ("lang=fr", "lang"),
            ("zoom=1&zoom=2", "zoom"),
        ],
    )
    def test_a_bad_parameter_is_named(self, client, query, name):
        answer = client.get(f"/api/merchants?{query}")
        told = answer.get_json(force=True)
        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
        assert (told["title"], told["details"]["names"]) == ("parameter_invalid", [name])

    def test_an_unknown_parameter_is_refused_rather_than_ignored(self, client):
        told = client.get("/api/merchants?bbx=1,2,3,4").get_json(force=True)
        assert (told["title"], told["details"]["names"]) == ("parameter_unknown", ["bbx"])

    def test_a_category_named_twice_counts_once(self, client):
        told = client.get("/api/merchants?category=clinic,clinic").get_json(force=True)
        assert told["numberMatched"] == 9

    @pytest.mark.parametrize("zoom", [0, 4, 22])
    def test_a_zoom_without_a_box_is_answered_for_the_whole_world(self, client, zoom):
        told = client.get(f"/api/merchants?zoom={zoom}&limit=20").get_json(force=True)
        assert told["numberMatched"] == 104
        assert told["numberReturned"] <= 20

    def test_an_area_code_that_cannot_be_is_refused(self, client):
        assert (
            client.get("/api/merchants?area=1").get_json(force=True)["title"] == "area_code_invalid"
        )


class TestSingle:
    @pytest.mark.parametrize("key", ["%00", "NOWHERE", "FRAV14JVJ%27", "x" * 5000])
    def test_what_is_no_id_is_not_found(self, client, key):
        assert client.get(f"/api/merchants/{key}").status_code == 404

    def test_it_tells_what_the_card_shows(self, client, store):
        merchant_id = add(
            store,
            hours="周一至周五 8:30—17:00；周末休息",
            phones=("024-01234567", "12345"),
            note="后门进",
        )
        told = client.get(f"/api/merchants/{merchant_id}").get_json(force=True)["properties"]
        assert [area["name"] for area in told["area_path"]][:2] == ["沈河区", "万莲街道"]
        assert told["week"][0] == {"day": 1, "spans": ["08:30-17:00"]}
        assert told["week"][6] == {"day": 7, "spans": []}
        assert (told["note"], told["phones"]) == ("后门进", ["024-01234567", "12345"])

    def test_each_map_service_is_given_its_own_datum(self, client, store):
        merchant_id = add(store)
        links = client.get(f"/api/merchants/{merchant_id}").get_json(force=True)["properties"][
            "navigate"
        ]
        asked = {name: parse_qs(urlsplit(link).query) for name, link in links.items()}
        tencent = asked["tencent"]["marker"][0].split(";")[0].removeprefix("coord:")
        given = {
            "amap": (asked["amap"]["position"][0].split(","), Datum.GCJ02),
            "baidu": (asked["baidu"]["location"][0].split(",")[::-1], Datum.BD09),
            "tencent": (tencent.split(",")[::-1], Datum.GCJ02),
        }
        for (lon, lat), datum in given.values():
            back = convert(float(lon), float(lat), datum, Datum.WGS84)
            assert metres_between(*back, *CENTRE) < 0.5

    @given(
        lon=st.floats(73.5, 135.1),
        lat=st.floats(3.8, 53.6),
        name=st.text(min_size=1, max_size=20),
    )
    def test_each_map_services_link_reads_back_as_the_same_place(self, lon, lat, name):
        row = {"lon": lon, "lat": lat, "name": name, "address": "青年大街12号"}
        for service, link in navigation(row).items():
            found = pasted.read(link)
            back = convert(found.lon, found.lat, found.datum, Datum.WGS84)
            assert found.source == service
            assert metres_between(*back, lon, lat) < 0.2

    @pytest.mark.parametrize("name", ["泉富便民超市", "A&B=C? #1 +50%", "老王（总店）·修鞋"])
    def test_each_map_services_link_reads_back_with_its_name(self, name):
        row = {"lon": CENTRE[0], "lat": CENTRE[1], "name": name, "address": ""}
        assert {pasted.read(link).name for link in navigation(row).values()} == {name}

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_is_told_as_written(self, client, store, text):
        merchant_id = add(store, text, address=text, note=text, hours=text)
        told = client.get(f"/api/merchants/{merchant_id}").get_json(force=True)["properties"]
        assert [told[k] for k in ("name", "address", "note", "hours")] == [text] * 4
        for link in told["navigate"].values():
            assert urlsplit(link).scheme == "https"
            assert not set(' <>"`{}') & set(link)

    def test_one_that_was_there_once_is_said_to_have_been(self, client, store):
        merchant_id = add(store)
        with store.writing() as tx:
            merchants.edit(tx, merchant_id, {"status": "retired"}, version=1, actor=ADMIN)
        answer = client.get(f"/api/merchants/{merchant_id}")
        assert (answer.status_code, answer.get_json(force=True)["title"]) == (
            404,
            "merchant_retired",
        )
