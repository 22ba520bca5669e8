"""The desk of scenarios: for administrators; the page of an incident follows at once."""

import re

import pytest

from geodata.scenarios import SHIPPED
from tests import people
from tests.factories import HOSTILE

GAS = {
    "name": "停气",
    "name_en": "Gas cut",
    "categories": ["repair", "centre"],
    "words": "燃气，煤气 管道",
    "helpers": "3",
    "first": "car",
    "also": ["foot", "car"],
    "direction": "come",
    "rings": "10, 5",
    "cordon_m": "50",
    "checklist": "关阀门\r\n\r\n 开窗 \r\n打燃气公司电话",
}


class Chief:
    def __init__(self, app, name="admin"):
        self.client = people.signed_in(app, name)
        self.headers = people.csrf(self.client)

    def post(self, path, **form):
        return self.client.post(path, data=form, headers=self.headers)

    def offered(self):
        return self.client.get("/api/scenarios").get_json()["scenarios"]


@pytest.fixture
def chief(app):
    return Chief(app)


def names(told):
    return [one["name"] for one in told]


def test_they_are_listed_in_their_order(chief):
    page = chief.client.get("/scenarios").text
    assert re.findall(r"<strong><bdi>(.+?)</bdi>", page) == [one.name for one in SHIPPED]


def test_what_is_added_is_offered_at_once_as_it_was_told(chief):
    assert chief.post("/scenarios/new", **GAS).status_code == 303
    made = chief.offered()[-1]
    assert made["name"] == "停气"
    assert made["categories"] == ["repair", "centre"]
    assert made["words"] == ["燃气", "煤气", "管道"]
    assert made["modes"] == ["car", "foot"]
    assert made["rings"] == [5, 10]
    assert (made["helpers"], made["cordon_m"], made["direction"]) == (3, 50, "come")
    assert made["checklist"] == ["关阀门", "开窗", "打燃气公司电话"]


def test_a_shipped_one_is_changed_and_keeps_what_its_form_shows(chief):
    page = chief.client.get("/scenarios/missing/edit").text
    assert re.search(r'name="direction" value="go" checked', page)
    assert 'value="5 10 20 30"' in page
    assert "第一圈（5 分钟）" in page
    form = GAS | {"name": "老人走失", "version": "0", "direction": "go"}
    assert chief.post("/scenarios/missing/edit", **form).status_code == 303
    (missing,) = [one for one in chief.offered() if one["id"] == "missing"]
    assert (missing["direction"], missing["rings"]) == ("go", [5, 10])


def test_a_refused_form_keeps_what_was_typed_and_says_what_is_wrong(chief):
    wrong = {"name": "火情", "helpers": "many", "rings": "5 x", "cordon_m": "5000"}
    wrong |= {"categories": [], "words": "", "also": []}
    answer = chief.post("/scenarios/new", **GAS | wrong)
    assert answer.status_code == 422
    for said in (
        "已有同名的情形",
        "1 到 20 之间的数",
        "1 到 60 之间的数",
        "0 到 1000 之间的数",
        "请选择谁来帮忙",
    ):
        assert said in answer.text
    assert 'value="many"' in answer.text
    assert 'value="5 x"' in answer.text
    assert "打燃气公司电话" in answer.text
    assert not re.search(r'name="categories" value="\w+" checked', answer.text)


@pytest.mark.parametrize(
    "field, typed, said",
    [
        ("name", " ", "请填写名称"),
        ("name", "长" * 21, "不要超过 20 个字"),
        ("rings", "1 2 3 4 5", "最多四个"),
        ("words", "一 二 三 四 五 六 七 八 九", "最多八个词"),
        ("checklist", "\n".join("12345678901234567890x"), "最多二十行"),
        ("checklist", "长" * 121, "最多 120 个字"),
        ("first", "", "请选择平时怎么去"),
    ],
)
def test_each_field_has_its_own_word(chief, field, typed, said):
    form = GAS | {"also": []} | {field: typed}
    answer = chief.post("/scenarios/new", **form)
    assert answer.status_code == 422
    wrong = re.findall(r'class="field-wrong"[^>]*>([^<]+)<', answer.text)
    assert any(said in one for one in wrong), wrong


def test_the_second_of_two_is_told_and_decides(chief):
    chief.post("/scenarios/leak/edit", version="0", **GAS)
    answer = chief.post("/scenarios/leak/edit", version="0", **GAS | {"name": "跑水"})
    assert answer.status_code == 409
    assert 'value="跑水"' in answer.text
    version = re.search(r'name="version" value="(\d+)"', answer.text)[1]
    chief.post("/scenarios/leak/edit", version=version, **GAS | {"name": "跑水"})
    assert "跑水" in names(chief.offered())


def test_a_hidden_one_is_not_offered_and_comes_back(chief):
    chief.post("/scenarios/leak/hidden", hidden="1", **{"version-leak": "0"})
    assert "跑水停电" not in names(chief.offered())
    assert "已隐藏" in chief.client.get("/scenarios").text
    chief.post("/scenarios/leak/hidden", hidden="", **{"version-leak": "1"})
    assert names(chief.offered()) == [one.name for one in SHIPPED]


def test_any_order_and_a_step(chief):
    ids = [one["id"] for one in chief.offered()]
    chief.post("/scenarios/order", order=ids[::-1])
    assert [one["id"] for one in chief.offered()] == ids[::-1]
    chief.post("/scenarios/order", order=ids[::-1], down=ids[-1])
    assert [one["id"] for one in chief.offered()][:2] == [ids[-2], ids[-1]]


@pytest.mark.parametrize("who", ["worker", "stranger", "shop"])
def test_administrators_only(app, client, who):
    other = Chief(app, who)
    for path in ("/scenarios", "/scenarios/new", "/scenarios/leak/edit"):
        assert other.client.get(path).status_code == 403
        assert people.led_to_the_door(client.get(path))
    for path in ("/scenarios/new", "/scenarios/leak/edit", "/scenarios/leak/hidden"):
        assert other.post(path, **GAS).status_code == 403
    assert other.post("/scenarios/order").status_code == 403
    assert 'href="/scenarios"' not in other.client.get("/emergency").text


def test_an_administrator_is_led_there_from_the_tiles(chief):
    assert 'href="/scenarios"' in chief.client.get("/emergency").text


def test_not_without_the_token(chief):
    assert chief.client.post("/scenarios/new", data=GAS).status_code == 400


def test_an_unknown_one_is_told(chief):
    assert chief.client.get("/scenarios/nothing/edit").status_code == 404


@pytest.mark.parametrize("text", [text for text in HOSTILE if len(text) <= 20])
def test_hostile_names_are_shown_as_written(chief, text):
    chief.post("/scenarios/new", **GAS | {"name": text, "checklist": text})
    page = chief.client.get("/scenarios").text
    assert "<svg onload" not in page
    assert not re.search(r">49<", page)
