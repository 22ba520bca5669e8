"""The writing API: what it takes, under which conditions, and what it refuses."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from geodata import accounts, keys, merchants, proposals
from geodata.datum import Datum, convert
from geodata.geometry import metres_between
from geodata.store import Store
from tests.factories import ADMIN, CENTRE, HOSTILE, WORKER, entry
from tests.people import conforms, csrf, holding, signed_in
from webmap.answers import LARGEST_BODY

SHOP = {"name": "泉富新店", "category": "shopping", "lon": CENTRE[0], "lat": CENTRE[1]}
KEY = "0123456789abcdef0123"


def registered(client: FlaskClient, key: str = "", **told):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post("/api/merchants", json=SHOP | told, headers=headers)


def waiting(store: Store) -> list:
    with store.reading() as tx:
        return proposals.queue(tx, actor=WORKER)


def row_of(store: Store, merchant_id: str) -> dict:
    with store.reading() as tx:
        return tx.row("merchant", merchant_id)


def added(store: Store, **told) -> str:
    with store.writing() as tx:
        return merchants.add(tx, entry(**told), actor=ADMIN)


def bearer(store: Store, scope: str = "210103006") -> dict[str, str]:
    with store.writing() as tx:
        made = accounts.issue_token(
            tx, "desk", scope=scope, lifetime=timedelta(days=1), actor=ADMIN
        )
    return {"Authorization": f"Bearer {made.token}"}


def amended(client: FlaskClient, merchant_id: str, seen: str | None, headers=None, **told):
    headers = dict(headers or {}) | ({"If-Match": seen} if seen else {})
    return client.patch(f"/api/merchants/{merchant_id}", json=told, headers=headers)


def refusal(answer) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.get_json(force=True)["title"]


class TestRegistering:
    def test_it_waits_for_review_and_the_receipt_opens_it(self, app, client, store):
        answer = registered(client, contact={"name": "王姐", "phone": "13800000000"})
        told = answer.get_json()
        assert (answer.status_code, told["status"]) == (201, "pending")
        assert answer.headers["Location"] == f"/api/merchants/{told['id']}"
        assert told["link"] == f"http://localhost/mine#{told['token']}"
        assert [one["merchant"] for one in waiting(store)] == [told["id"]]
        assert client.get(answer.headers["Location"]).status_code == 404
        owner = holding(app, told["token"])
        assert owner.get("/session").get_json()["owns"] == [told["id"]]
        conforms(answer, "/api/merchants", "post")

    def test_the_same_again_under_its_key_is_one_merchant(self, client, store):
        first, again = registered(client, KEY), registered(client, KEY)
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.get_json()["id"] == again.get_json()["id"]
        assert len(waiting(store)) == 1

    def test_the_same_again_after_it_was_published_opens_nothing(self, client, store):
        merchant_id = registered(client, KEY).get_json()["id"]
        with store.writing() as tx:
            merchants.edit(tx, merchant_id, {"status": "published"}, version=1, actor=ADMIN)
        assert refusal(registered(client, KEY)) == (409, "registration_decided")

    def test_another_one_under_the_same_key_is_refused(self, client):
        registered(client, KEY)
        assert refusal(registered(client, KEY, name="别家")) == (409, "idempotency_key_reused")

    @pytest.mark.parametrize(
        "key, code",
        [
            ("short", "idempotency_key_length"),
            ("x" * 201, "field_invalid"),
            ("a b" * 9, "field_invalid"),
        ],
    )
    def test_a_key_that_is_none_is_refused(self, client, store, key, code):
        assert refusal(registered(client, key)) == (422, code)
        assert waiting(store) == []

    def test_texts_are_brought_to_one_form_and_a_position_to_wgs_84(self, client, store):
        lon, lat = convert(*CENTRE, Datum.WGS84, Datum.BD09)
        told = {"name": "\u3000泉富\u00a0诊所 ", "lon": lon, "lat": lat, "datum": "bd09"}
        answer = registered(client, **told, phones=["024 8888", " "], note="一\r\n二")
        row = row_of(store, answer.get_json()["id"])
        assert (row["name"], row["phones"], row["note"]) == ("泉富 诊所", "024 8888", "一\n二")
        assert metres_between(row["lon"], row["lat"], *CENTRE) < 0.1
        assert (row["source_datum"], row["source_lon"]) == ("bd09", lon)

    @pytest.mark.parametrize("field", ["status", "owner", "area", "trusted", "version", "id"])
    def test_nobody_says_what_is_not_theirs_to_say(self, client, store, field):
        answer = registered(client, **{field: "published"})
        assert refusal(answer) == (422, "field_unknown")
        assert answer.get_json(force=True)["details"] == {"fields": [field]}
        assert waiting(store) == []

    @pytest.mark.parametrize(
        "told, code, named",
        [
            ({"lon": "123.4"}, "field_invalid", "lon"),
            ({"lon": 200}, "field_invalid", "lon"),
            ({"name": ""}, "field_invalid", "name"),
            ({"name": "x" * 201}, "field_invalid", "name"),
            ({"name": None}, "field_invalid", "name"),
            ({"datum": "mars"}, "field_invalid", "datum"),
            ({"phones": "110"}, "field_invalid", "phones"),
            ({"phones": [1]}, "field_invalid", "phones.0"),
            ({"contact": {"name": "x" * 51}}, "field_invalid", "contact.name"),
            ({"contact": {"role": "admin"}}, "field_unknown", "contact.role"),
            ({"name": "\u3000"}, "merchant_invalid", "name"),
            ({"category": "casino"}, "merchant_invalid", "category"),
            ({"credit_code": "9121"}, "merchant_invalid", "credit_code"),
        ],
    )
    def test_a_field_that_is_not_right_is_named(self, client, told, code, named):
        answer = registered(client, **told)
        assert refusal(answer) == (422, code)
        details = answer.get_json(force=True)["details"]
        assert named in [*details.get("names", ()), *details.get("fields", ()), *details]
        conforms(answer, "/api/merchants", "post")

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_is_kept_as_written(self, client, store, text):
        row = row_of(store, registered(client, name=text).get_json()["id"])
        assert row["name"] == text

    def test_too_many_of_one_address_are_told_to_wait(self, client):
        found = [registered(client).status_code for _ in range(11)]
        assert found == [201] * 10 + [429]

    def test_staff_may_register_as_many_as_there_are(self, app, store):
        machine, headers = app.test_client(), bearer(store)
        for _ in range(12):
            answer = machine.post("/api/merchants", json=SHOP, headers=headers)
            assert answer.status_code == 201


class TestBodies:
    @pytest.mark.parametrize(
        "body, kind, status",
        [
            (b"", "application/json", 400),
            (b"{", "application/json", 400),
            (b"[" * 5000, "application/json", 400),
            (b'{"name": "\\ud800"}', "application/json", 400),
            (b"\xff", "application/json", 400),
            (b"[]", "application/json", 422),
            (b'{"lon": NaN}', "application/json", 422),
            (b"name=x", "application/x-www-form-urlencoded", 415),
            (b"{}", "text/plain", 415),
            (b" " * (LARGEST_BODY + 1), "application/json", 413),
        ],
    )
    def test_what_is_no_json_or_too_much_of_it_is_refused(self, client, body, kind, status):
        answer = client.post("/api/merchants", data=body, content_type=kind)
        assert answer.status_code == status
        conforms(answer, "/api/merchants", "post")

    def test_one_that_does_not_tell_its_length_is_stopped_too(self, client):
        answer = client.post(
            "/api/merchants",
            content_type="application/json",
            environ_overrides={
                "wsgi.input": _Endless(),
                "wsgi.input_terminated": True,
                "CONTENT_LENGTH": "",
            },
        )
        assert refusal(answer) == (413, "too_large")


class _Endless:
    """A body without an end, as a chunked one may be."""

    def read(self, size: int = -1) -> bytes:
        return b" " * (size if size > 0 else LARGEST_BODY * 4)

    def close(self) -> None:
        """Do nothing."""


class TestAmending:
    @pytest.mark.parametrize("seen", ['"1"', 'W/"1-0123abc"', '"1-x"'])
    def test_staff_change_at_once_what_they_have_seen(self, app, store, seen):
        merchant_id = added(store)
        answer = amended(
            app.test_client(), merchant_id, seen, bearer(store), hours="09:00-17:00", why="电话核实"
        )
        told = answer.get_json()
        assert (answer.status_code, told["hours"], told["version"]) == (200, "09:00-17:00", 2)
        assert answer.headers["ETag"] == 'W/"2"'
        conforms(answer, "/api/merchants/{merchant_id}", "patch")

    def test_the_etag_of_a_card_is_what_if_match_asks_for(self, client, store):
        merchant_id = added(store)
        headers = bearer(store)
        tag = client.get(f"/api/merchants/{merchant_id}").headers["ETag"]
        assert tag.startswith('W/"1-')
        assert amended(client, merchant_id, tag, headers, note="新").status_code == 200
        assert refusal(amended(client, merchant_id, tag, headers, note="旧")) == (
            412,
            "version_stale",
        )

    def test_the_second_of_two_learns_the_current_version(self, client, store):
        merchant_id = added(store)
        headers = bearer(store)
        amended(client, merchant_id, '"1"', headers, note="甲")
        answer = amended(client, merchant_id, '"1"', headers, note="乙")
        assert answer.status_code == 412
        assert answer.get_json(force=True)["details"]["current"] == 2
        assert row_of(store, merchant_id)["note"] == "甲"
        conforms(answer, "/api/merchants/{merchant_id}", "patch")

    @pytest.mark.parametrize("seen", [None, "*", "1", '"x"', '"1", "2"', '"9999999999"'])
    def test_who_does_not_say_what_was_seen_is_asked_to(self, client, store, seen):
        merchant_id = added(store)
        answer = amended(client, merchant_id, seen, bearer(store), note="x")
        assert refusal(answer) == (428, "version_missing")
        conforms(answer, "/api/merchants/{merchant_id}", "patch")

    def test_a_magnet_is_dragged(self, app, store):
        merchant_id = added(store)
        worker = signed_in(app, "worker")
        lon, lat = CENTRE[0] + 0.0004, CENTRE[1] + 0.0002
        answer = amended(worker, merchant_id, '"1"', csrf(worker), lon=lon, lat=lat)
        told = answer.get_json()
        assert (told["lon"], told["lat"], answer.status_code) == (lon, lat, 200)

    def test_half_a_position_is_none(self, client, store):
        answer = amended(client, added(store), '"1"', bearer(store), lon=123.4)
        assert refusal(answer) == (422, "merchant_invalid")

    def test_a_cookie_without_the_pages_token_changes_nothing(self, app, store):
        merchant_id = added(store)
        answer = amended(signed_in(app, "worker"), merchant_id, '"1"', note="x")
        assert refusal(answer) == (400, "csrf_failed")
        assert row_of(store, merchant_id)["version"] == 1

    @pytest.mark.parametrize("scope, status", [("210103006", 200), ("210106", 403)])
    def test_a_token_acts_in_its_scope(self, client, store, scope, status):
        answer = amended(client, added(store), '"1"', bearer(store, scope), note="x")
        assert answer.status_code == status

    def test_a_token_that_was_ended_opens_nothing(self, client, store):
        merchant_id, headers = added(store), bearer(store)
        with store.writing() as tx:
            keys.end(tx, kind="token")
        assert refusal(amended(client, merchant_id, '"1"', headers, note="x")) == (
            401,
            "token_invalid",
        )

    def test_a_resident_may_not(self, client, store):
        merchant_id = added(store)
        assert refusal(amended(client, merchant_id, '"1"', note="x")) == (403, "forbidden")

    def test_an_owner_amends_a_registration_until_it_is_published_then_proposes(self, app, store):
        made = registered(app.test_client()).get_json()
        owner = holding(app, made["token"])
        first = amended(owner, made["id"], '"1"', csrf(owner), hours="08:00-20:00")
        assert (first.status_code, first.get_json()["hours"]) == (202, "08:00-20:00")
        with store.writing() as tx:
            merchants.edit(tx, made["id"], {"status": "published"}, version=2, actor=ADMIN)
        second = amended(owner, made["id"], '"3"', csrf(owner), name="改名")
        assert (second.status_code, second.get_json()["name"]) == (202, SHOP["name"])
        assert row_of(store, made["id"])["version"] == 3

    def test_a_trusted_owner_closes_for_today_at_once(self, app, store):
        made = registered(app.test_client()).get_json()
        owner = holding(app, made["token"])
        with store.writing() as tx:
            merchants.edit(tx, made["id"], {"status": "published"}, version=1, actor=ADMIN)
            merchants.entrust(tx, made["id"], owner="", trusted=True, version=2, actor=ADMIN)
        answer = amended(owner, made["id"], '"3"', csrf(owner), closed_until="2026-12-01")
        assert (answer.status_code, answer.get_json()["status"]) == (200, "closed")

    @pytest.mark.parametrize("field", ["status", "owner", "area", "trusted", "version", "merged"])
    def test_nobody_says_what_is_not_theirs_to_say(self, client, store, field):
        answer = amended(client, added(store), '"1"', bearer(store), **{field: "x"})
        assert refusal(answer) == (422, "field_unknown")

    @pytest.mark.parametrize("key", ["%00", "NOWHERE", "FRAV14JVJ%27"])
    def test_what_is_no_id_is_not_found(self, client, store, key):
        assert amended(client, key, '"1"', bearer(store), note="x").status_code == 404

    def test_one_who_holds_a_link_cannot_fill_the_store(self, app):
        made = registered(app.test_client()).get_json()
        owner = holding(app, made["token"])
        headers = csrf(owner)
        found = [
            amended(owner, made["id"], f'"{n}"', headers, note=str(n)).status_code
            for n in range(1, 32)
        ]
        assert found == [202] * 30 + [429]


class TestHistory:
    def test_it_tells_who_when_what_and_why(self, app, store):
        merchant_id = added(store, hours="08:00-20:00")
        client, headers = app.test_client(), bearer(store)
        amended(client, merchant_id, '"1"', headers, hours="09:00-17:00", why="打过电话")
        amended(client, merchant_id, '"2"', headers, hours="", note="停业整修")
        answer = client.get(f"/api/merchants/{merchant_id}/history", headers=headers)
        told = answer.get_json()
        newest, middle, oldest = told["versions"]
        assert (told["version"], newest["by"], middle["why"]) == (3, "token:desk", "打过电话")
        assert {"field": "note", "old": "", "new": "停业整修"} in newest["changes"]
        assert middle["changes"] == [{"field": "hours", "old": "08:00-20:00", "new": "09:00-17:00"}]
        assert (oldest["action"], oldest["changes"]) == ("add", [])
        assert answer.headers["Cache-Control"] == "no-store"
        conforms(answer, "/api/merchants/{merchant_id}/history", "get")

    def test_it_is_for_the_owner_and_the_staff_of_the_area(self, app):
        made = registered(app.test_client()).get_json()
        path = f"/api/merchants/{made['id']}/history"
        asked = {
            name: client.get(path).status_code
            for name, client in {
                "resident": app.test_client(),
                "owner": holding(app, made["token"]),
                "worker": signed_in(app, "worker"),
                "stranger": signed_in(app, "stranger"),
            }.items()
        }
        assert asked == {"resident": 403, "owner": 200, "worker": 200, "stranger": 403}


class TestReports:
    def test_anybody_tells_the_reviewers(self, client, store):
        merchant_id = added(store)
        answer = client.post(
            f"/api/merchants/{merchant_id}/reports", json={"what": "phone", "words": "是空号"}
        )
        assert answer.status_code == 202
        (one,) = waiting(store)
        assert (one["merchant"], one["words"], one["kind"]) == (merchant_id, "是空号", "report")
        conforms(answer, "/api/merchants/{merchant_id}/reports", "post")

    def test_what_is_not_on_the_map_cannot_be_reported(self, client):
        made = registered(client).get_json()
        answer = client.post(f"/api/merchants/{made['id']}/reports", json={"what": "moved"})
        assert refusal(answer) == (404, "merchant_not_found")

    def test_they_are_counted(self, client, store):
        path = f"/api/merchants/{added(store)}/reports"
        found = [client.post(path, json={"what": "other"}).status_code for _ in range(7)]
        assert found == [202] * 6 + [429]


def test_what_is_written_is_kept_nowhere_on_the_way(client: FlaskClient):
    assert registered(client).headers["Cache-Control"] == "no-store"


def test_the_document_tells_how_to_come_in(app: Flask):
    told = app.test_client().get("/api/openapi.json").get_json()
    assert set(told["components"]["securitySchemes"]) == {"token", "cookie"}
    patch = told["paths"]["/api/merchants/{merchant_id}"]["patch"]
    assert {p["name"]: p["required"] for p in patch["parameters"]} == {
        "merchant_id": True,
        "lang": False,
        "If-Match": True,
    }
    assert "default" not in str(told["components"]["schemas"]["Changes"])
