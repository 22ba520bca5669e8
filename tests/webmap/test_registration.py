"""A shop registers without an account, and keeps a number and a private link."""

import html
import re
import time

import pytest

from geodata import categories, keys, proposals
from geodata.policy import Actor, Role
from tests import people
from tests.factories import CENTRE, HOSTILE
from webmap import limits

KEY = "k" * 24
TOKEN = re.compile(r"/mine#([\w-]+)")
EVERYWHERE = Actor("admin", Role.ADMIN)


def told(**more):
    """Return what a browser sends for a shop in the middle of the demonstration."""
    form = {"name": "泉富新鲜超市", "category": "shopping", "datum": "wgs84", "key": KEY}
    form |= {"lon": str(CENTRE[0]), "lat": str(CENTRE[1]), "phones": ["024-1234567", ""]}
    return form | more


def send(client, path="/merchants/new", accept=None, **more):
    headers = people.csrf(client) | ({"Accept": accept} if accept else {})
    return client.post(path, data=told(**more), headers=headers)


def ask(client, path, **body):
    return client.post(f"/merchants/new/{path}", json=body, headers=people.csrf(client)).get_json()


def pending(store):
    with store.reading() as tx:
        return tx.rows("merchant", status="pending")


def token_of(client):
    page = client.get("/merchants/new/receipt").text
    return TOKEN.search(page).group(1)


def hide(store, category):
    with store.writing() as tx:
        version = tx.rows("category", id=category)[0]["version"]
        categories.edit(tx, category, {"hidden": True}, version=version, actor=EVERYWHERE)


@pytest.mark.parametrize(
    "phones, doubted",
    [
        (["024-23456789", ""], False),
        (["138 1234 5678"], False),
        ([], False),
        (["024-23456789", "abc"], True),
        (["12"], True),
    ],
)
def test_what_looks_like_no_phone_is_doubted_as_an_import_doubts_it(client, phones, doubted):
    answer = ask(client, "phones", phones=phones)
    assert (answer["ok"], bool(answer["words"])) == (True, doubted)


class TestAHiddenCategory:
    def test_is_refused_beside_its_field_whoever_made_the_form(self, client, store):
        hide(store, "clinic")
        page = send(client, category="clinic")
        assert page.status_code == 422
        words = re.search(r'id="wrong-category">([^<]+)<', page.text).group(1)
        assert "请选择别的类别" in words
        assert pending(store) == []

    def test_is_refused_to_programs_too(self, client, store):
        hide(store, "clinic")
        told = {"name": "诊所", "category": "clinic", "lon": CENTRE[0], "lat": CENTRE[1]}
        answer = client.post("/api/merchants", json=told, headers=people.csrf(client))
        assert answer.status_code == 422
        assert answer.get_json()["details"] == {"category": "hidden"}
        assert pending(store) == []


class TestRegistering:
    def test_a_shop_is_before_the_reviewers_and_its_receipt_has_number_and_link(
        self, client, store
    ):
        answer = send(client, contact_name="王店主", contact_phone="13800000000")
        assert (answer.status_code, answer.location) == (303, "/merchants/new/receipt")
        page = client.get(answer.location)
        (row,) = pending(store)
        assert (row["name"], row["phones"], row["area"][:12]) == (
            "泉富新鲜超市",
            "024-1234567",
            "210103006012",
        )
        assert row["name"] in page.text
        assert row["id"][:5] in page.text
        assert row["id"][5:] in page.text
        assert page.headers["Cache-Control"] == "no-store"
        with store.writing() as tx:
            contact = proposals.contact(tx, row["id"], actor=EVERYWHERE)
        assert contact.phone == "13800000000"

    def test_the_receipt_can_be_loaded_again_and_tells_the_same(self, client, store):
        send(client)
        assert token_of(client) == token_of(client)
        assert len(pending(store)) == 1

    def test_the_receipt_is_forgotten_on_request_and_sooner_where_others_use_the_device(
        self, client, monkeypatch
    ):
        send(client)
        client.post("/merchants/new/receipt/forget", headers=people.csrf(client))
        assert not TOKEN.search(client.get("/merchants/new/receipt").text)
        for shared, seen in (("", True), ("yes", False)):
            send(client, name=f"店{shared}", key=f"{KEY}-{shared}", shared=shared)
            soon = time.time() + 20 * 60
            with monkeypatch.context() as later:
                later.setattr("webmap.registration.entering.time.time", lambda then=soon: then)
                page = client.get("/merchants/new/receipt").text
            assert bool(TOKEN.search(page)) is seen

    def test_a_receipt_whose_link_has_ended_since_is_shown_no_more(self, client, store):
        send(client)
        token = token_of(client)
        with store.writing() as tx:
            keys.end(tx, digest=keys.digest(token))
        assert token not in client.get("/merchants/new/receipt").text

    def test_another_browser_sees_no_receipt(self, app, client):
        send(client)
        assert not TOKEN.search(app.test_client().get("/merchants/new/receipt").text)

    def test_the_same_form_sent_twice_is_one_shop(self, client, store):
        first = send(client)
        again = send(client, accept="application/json")
        assert first.status_code == 303
        assert again.get_json() == {"next": "/merchants/new/receipt"}
        assert len(pending(store)) == 1

    def test_the_same_key_with_other_words_says_so_and_offers_another_key(self, client, store):
        send(client)
        page = send(client, name="另一家")
        assert page.status_code == 409
        assert KEY not in page.text
        assert "另一家" in page.text
        assert len(pending(store)) == 1

    def test_language_and_mode_are_kept(self, client):
        answer = send(client, "/merchants/new?lang=en&mode=elder")
        assert answer.location == "/merchants/new/receipt?lang=en&mode=elder"
        assert "/mine?lang=en&amp;mode=elder#" in client.get(answer.location).text

    def test_too_many_registrations_are_told_to_wait_and_keep_what_was_typed(
        self, client, monkeypatch
    ):
        # An hour, because a slow machine needs more than a part of a minute for the forms.
        monkeypatch.setattr(limits, "REGISTER", limits.Limit("register", ("2 per hour",)))
        for _ in range(2):
            send(client, name="")
        page = send(client)
        assert page.status_code == 429
        assert "泉富新鲜超市" in page.text


class TestWhatIsWrong:
    def test_everything_wrong_is_said_at_once_beside_its_field(self, client, store):
        page = send(client, name=" ", category="", lon="", lat="", credit_code="9144")
        assert page.status_code == 422
        for words in ("招牌上的店名", "选择类别", "在地图上点一下", "18 位"):
            assert words in page.text
        assert page.text.count('class="field is-wrong') + page.text.count(" is-wrong") >= 4
        assert pending(store) == []

    def test_what_was_typed_is_there_again(self, client):
        typed = {"name": "", "address": "文富路 1 号", "note": "修鞋\n配钥匙", "hours": "早8点"}
        page = send(client, **typed, phones=["024-1", "024-2"], contact_phone="139").text
        for text in ("文富路 1 号", "修鞋\n配钥匙", "早8点", "024-1", "024-2", "139", KEY):
            assert html.escape(text) in page

    def test_a_script_gets_a_sentence_for_each_field(self, client):
        answer = send(client, accept="application/json", name="", lon="nan")
        assert answer.status_code == 422
        fields = answer.get_json(force=True)["details"]["fields"]
        assert set(fields) == {"name", "position"}

    @pytest.mark.parametrize("field", ["status", "owner", "area", "trusted", "merged", "id"])
    def test_a_form_cannot_say_what_is_not_its_to_say(self, client, store, field):
        page = send(client, **{field: "published"})
        assert page.status_code == 422
        assert pending(store) == []

    def test_a_form_without_the_token_of_its_page_is_refused(self, client, store):
        assert client.post("/merchants/new", data=told()).status_code == 400
        assert pending(store) == []


class TestWhileTyping:
    def test_a_position_is_said_in_words(self, client):
        place = ask(client, "place", lon=CENTRE[0], lat=CENTRE[1])["place"]
        assert "泉富社区" in place["words"]
        assert place["doubt"] == ""

    @pytest.mark.parametrize("lon, lat, doubt", [(123.0, 41.0, "任何区划"), (123.5, 41.8, "？")])
    def test_a_position_elsewhere_is_doubted(self, client, lon, lat, doubt):
        assert doubt in ask(client, "place", lon=lon, lat=lat)["place"]["doubt"]

    def test_a_link_of_a_map_service_is_read_in_its_datum(self, client):
        link = "【泉富超市】 https://uri.amap.com/marker?position=123.4761,41.7774&name=泉富超市"
        told = ask(client, "place", text=link)
        assert told["name"] == "泉富超市"
        assert told["place"]["given"]["datum"] == "gcj02"
        assert abs(told["place"]["lon"] - 123.4700) < 0.001

    def test_bare_coordinates_are_asked_about(self, client):
        told = ask(client, "place", text="123.4761, 41.7774")
        assert [guess["given"]["datum"] for guess in told["ask"]] == ["gcj02", "bd09", "wgs84"]
        assert len({guess["lon"] for guess in told["ask"]}) == 3

    @pytest.mark.parametrize("text", ["", "在文富路上", "https://surl.amap.com/1", *HOSTILE])
    def test_what_holds_no_position_is_told_so_in_words(self, client, text):
        told = ask(client, "place", text=text)
        assert told["ok"] is False
        assert told["sentence"]

    def test_a_shop_on_the_map_near_by_is_shown_and_one_that_waits_is_not(self, client, store):
        with store.reading() as tx:
            known = tx.rows("merchant", status="published", category="shopping")[0]
        asked = {"name": known["name"], "lon": known["lon"], "lat": known["lat"]}
        assert known["id"] in [one["id"] for one in ask(client, "alike", **asked)["alike"]]
        send(client, name="独一无二的店")
        asked = {"name": "独一无二的店", "lon": CENTRE[0], "lat": CENTRE[1]}
        assert ask(client, "alike", **asked)["alike"] == []

    def test_hours_are_read_back(self, client):
        told = ask(client, "hours", text="周一至周五 8:30-17:00，节假日休息")
        assert told["osm"] == "Mo-Fr 08:30-17:00; PH off"
        assert [day["spans"] for day in told["week"]] == [["08:30-17:00"]] * 5 + [[], []]
        assert told["holidays"]
        assert ask(client, "hours", text="电话预约")["ok"] is False

    def test_a_credit_code_is_checked(self, client):
        told = ask(client, "code", code="9144 0300 7152 6726 xg", lon=CENTRE[0], lat=CENTRE[1])
        assert told["code"] == "9144030071526726XG"
        assert told["elsewhere"] is True
        assert "18 位" in ask(client, "code", code="9144")["sentence"]

    def test_asking_without_end_is_slowed(self, client):
        rate = limits.LOOK.items[0].amount
        headers = people.csrf(client)
        codes = [
            client.post("/merchants/new/hours", json={"text": ""}, headers=headers).status_code
            for _ in range(rate + 1)
        ]
        assert codes[-1] == 429

    @pytest.mark.parametrize("path", ["place", "alike", "code", "hours"])
    @pytest.mark.parametrize(
        "body", [None, [], {"lon": "x", "text": 7}, {"lon": 1e9, "lat": 0, "text": 7}]
    )
    def test_nonsense_is_no_failure(self, client, path, body):
        answer = client.post(f"/merchants/new/{path}", json=body, headers=people.csrf(client))
        assert answer.get_json()["ok"] is False


class TestTheLink:
    def test_it_opens_the_shop_and_stands_in_no_address(self, app, client, store):
        send(client)
        token = token_of(client)
        phone = app.test_client()
        answer = phone.post("/mine/open", data={"token": token}, headers=people.csrf(phone))
        assert (answer.status_code, answer.location) == (303, "/mine")
        assert pending(store)[0]["name"] in phone.get("/mine").text

    def test_the_whole_link_can_be_pasted(self, app, client):
        send(client)
        link = f" https://office.example/mine#{token_of(client)}\n"
        phone = app.test_client()
        answer = phone.post("/mine/open", data={"token": link}, headers=people.csrf(phone))
        assert answer.status_code == 303

    @pytest.mark.parametrize("token", ["", "x", "长" * 200, *HOSTILE])
    def test_another_one_opens_nothing(self, client, token):
        answer = client.post("/mine/open", data={"token": token}, headers=people.csrf(client))
        assert answer.status_code == 404
        assert client.get("/session").get_json()["owns"] == []


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_shop_is_shown_as_written(client, store, text):
    fields = {"name": text, "address": text, "hours": text, "note": text, "contact_name": text[:50]}
    assert send(client, **fields, category="").status_code == 422
    page = send(client, **fields, category="").text
    assert html.unescape(page).count(text) >= 4
    assert send(client, **fields).status_code == 303
    token = token_of(client)
    client.post("/mine/open", data={"token": token}, headers=people.csrf(client))
    page = client.get("/mine").text
    assert pending(store)[0]["name"] in html.unescape(page)
    assert "<img src=x" not in page
    assert "<svg onload" not in page
