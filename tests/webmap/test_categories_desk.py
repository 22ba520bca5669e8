"""The desk of categories: for administrators; the map follows at once."""

import re

import pytest

from tests import people
from tests.factories import HOSTILE

FLOWERS = {
    "name": "花店",
    "name_en": "Flower shop",
    "colour": "#CC79A7",
    "shape": "circle",
    "glyph": "花",
    "group": "merchant",
}


class Chief:
    def __init__(self, app, name="admin"):
        self.client = people.signed_in(app, name)
        self.headers = people.csrf(self.client)

    def post(self, path, **form):
        return self.client.post(path, data=form, headers=self.headers)


@pytest.fixture
def chief(app):
    return Chief(app)


def legend(client):
    return client.get("/api/categories").get_json()["categories"]


def names(client):
    return [category["name"] for category in legend(client)]


def test_they_are_listed_in_the_order_of_the_legend(chief, client):
    page = chief.client.get("/categories").text
    assert re.findall(r"<strong><bdi>(.+?)</bdi>", page) == names(client)


def test_what_is_added_is_in_the_legend_at_once(chief, client):
    before = names(client)
    assert chief.post("/categories/new", **FLOWERS).status_code == 303
    assert names(client) == [*before, "花店"]


def test_what_is_changed_is_so_on_the_map_at_once(chief, client):
    answer = chief.post("/categories/clinic/edit", version="1", name="卫生所", colour="#abcdef")
    assert answer.status_code == 303
    (clinic,) = [one for one in legend(client) if one["id"] == "clinic"]
    assert (clinic["name"], clinic["colour"]) == ("卫生所", "#ABCDEF")


def test_a_refused_form_keeps_what_was_typed_and_says_what_is_wrong(chief):
    answer = chief.post("/categories/new", **FLOWERS | {"colour": "red", "glyph": "花花"})
    assert answer.status_code == 422
    assert 'value="花店"' in answer.text
    assert 'value="red"' in answer.text
    assert "一个字，写在图标上。" in answer.text
    assert 'id="wrong-colour">颜色' in answer.text or "# 加六位" in answer.text


def test_the_second_of_two_is_told_and_decides(chief, client):
    chief.post("/categories/clinic/edit", version="1", name="卫生所")
    answer = chief.post("/categories/clinic/edit", version="1", name="医务室")
    assert answer.status_code == 409
    assert 'value="医务室"' in answer.text
    version = re.search(r'name="version" value="(\d+)"', answer.text)[1]
    chief.post("/categories/clinic/edit", version=version, name="医务室")
    assert "医务室" in names(client)


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40])
def test_a_version_that_is_none_is_stale(chief, version):
    answer = chief.post("/categories/clinic/edit", version=version, name="x")
    assert answer.status_code == 409


def test_hidden_leaves_legend_map_list_and_search(chief, client):
    def matched(query):
        return client.get(f"/api/merchants?{query}").get_json()["numberMatched"]

    before, clinics = matched("zoom=10"), matched("category=clinic")
    found = client.get("/api/merchants?category=clinic&limit=1").get_json()["features"][0]
    assert clinics
    assert matched("q=诊所")
    answer = chief.post("/categories/clinic/hidden", hidden="1", **{"version-clinic": "1"})
    assert answer.status_code == 303

    assert next(one for one in legend(client) if one["id"] == "clinic")["hidden"] is True
    assert matched("zoom=10") == before - clinics
    assert matched("category=clinic") == 0
    assert client.get(f"/api/merchants/{found['id']}").status_code == 404
    assert "诊所" not in re.findall(r"<th[^>]*>\s*([^<]+?)\s*<", client.get("/matrix").text)
    assert "已隐藏" in chief.client.get("/categories").text

    chief.post("/categories/clinic/hidden", hidden="", **{"version-clinic": "2"})
    assert matched("zoom=10") == before


class TestOrder:
    def test_a_step_up_and_down(self, chief, client):
        ids = [category["id"] for category in legend(client)]
        chief.post("/categories/order", order=ids, down=ids[0])
        assert [c["id"] for c in legend(client)][:2] == [ids[1], ids[0]]
        now = [category["id"] for category in legend(client)]
        chief.post("/categories/order", order=now, up=ids[0])
        assert [category["id"] for category in legend(client)] == ids

    def test_at_the_end_nothing_moves(self, chief, client):
        ids = [category["id"] for category in legend(client)]
        assert chief.post("/categories/order", order=ids, up=ids[0]).status_code == 303
        assert [category["id"] for category in legend(client)] == ids

    def test_any_order(self, chief, client):
        ids = [category["id"] for category in legend(client)][::-1]
        chief.post("/categories/order", order=ids)
        assert [category["id"] for category in legend(client)] == ids

    def test_one_of_others_is_refused(self, chief):
        assert chief.post("/categories/order", order=["clinic"]).status_code == 409


class TestJudging:
    def judge(self, chief, **asked):
        return chief.client.get("/categories/judge", query_string=asked)

    def test_a_colour_like_another_is_doubted_in_words(self, chief):
        told = self.judge(chief, colour="#0066CC", group="merchant", shape="star", glyph="花")
        (doubt,) = told.get_json()["doubts"]
        assert "购物" in doubt
        assert len(told.get_json()["seen"]) == 3

    def test_one_that_only_colour_blind_eyes_confuse_is_doubted_too(self, chief):
        told = self.judge(chief, colour="#0033FF", group="merchant").get_json()
        assert any("色盲" in doubt for doubt in told["doubts"])

    def test_its_own_colour_is_no_doubt(self, chief):
        told = self.judge(chief, colour="#0072B2", group="merchant", id="shopping").get_json()
        assert told["doubts"] == []

    def test_what_is_hidden_does_not_count(self, chief):
        chief.post("/categories/shopping/hidden", hidden="1", **{"version-shopping": "1"})
        assert self.judge(chief, colour="#0072B2", group="merchant").get_json()["doubts"] == []

    def test_the_list_tells_the_doubts(self, chief):
        chief.post("/categories/new", **FLOWERS | {"colour": "#0071B0"})
        assert "太像" in chief.client.get("/categories").text

    def test_a_doubt_is_no_refusal(self, chief, client):
        chief.post("/categories/new", **FLOWERS | {"colour": "#0072B2"})
        assert "花店" in names(client)

    def test_no_colour_is_told(self, chief):
        assert self.judge(chief, colour="red").status_code == 422


class TestGuards:
    PAGES = ("/categories", "/categories/new", "/categories/clinic/edit", "/categories/judge")
    WRITES = ("/categories/new", "/categories/clinic/edit", "/categories/clinic/hidden")

    @pytest.mark.parametrize("who", ["worker", "stranger", "shop"])
    def test_administrators_only(self, app, client, who):
        other = Chief(app, who)
        before = legend(client)
        for path in self.PAGES:
            assert other.client.get(path).status_code == 403
            assert people.led_to_the_door(client.get(path))
        for path in (*self.WRITES, "/categories/order"):
            assert other.post(path, **FLOWERS).status_code == 403
        assert legend(client) == before

    def test_only_those_are_led_there_whom_it_lets_in(self, app, chief):
        assert "/categories" in chief.client.get("/matrix").text
        people.hire(app.extensions["linju_store"], "stranger")
        assert "/categories" not in Chief(app, "worker").client.get("/matrix").text
        with app.extensions["linju_store"].writing() as tx:
            who = tx.records("account", name="stranger")[0]
            tx.revise("account", {"role": "admin"}, id=who["id"])
        far = Chief(app, "stranger")
        assert far.client.get("/categories").status_code == 403
        assert "/categories" not in far.client.get("/matrix").text

    def test_not_without_the_token(self, chief):
        for path in (*self.WRITES, "/categories/order"):
            assert chief.client.post(path, data=FLOWERS).status_code == 400

    def test_no_more_can_be_told_than_the_form_asks(self, chief, client):
        chief.post("/categories/new", **FLOWERS, id="x", rank="-5", hidden="1")
        made = legend(client)[-1]
        assert (made["name"], made["id"], made["hidden"]) == ("花店", "flower-shop", False)

    def test_an_unknown_one_is_told(self, chief):
        assert chief.client.get("/categories/nothing/edit").status_code == 404

    @pytest.mark.parametrize("text", [text for text in HOSTILE if len(text) <= 20])
    def test_hostile_names_are_shown_as_written(self, chief, text):
        chief.post("/categories/new", **FLOWERS | {"name": text})
        page = chief.client.get("/categories").text
        assert "<svg onload" not in page
        assert not re.search(r">49<", page)
