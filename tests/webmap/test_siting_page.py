"""Where the next one helps, as staff see it: the form, how far it is, what was found, files."""

import io
import re
from html import unescape

import geopandas as gpd
import openpyxl
import pytest

from geodata.errors import Unavailable
from tests import people
from tests.webmap.searches import ANSWER, AREA
from webmap import sited

FORM = {"area": AREA, "category": "clinic", "count": "2", "minutes": "5", "where": "streets"}


@pytest.fixture
def worker(app_with_streets):
    return people.signed_in(app_with_streets, "worker")


def send(client, path="/matrix/siting", **told):
    return client.post(path, data=FORM | told, headers=people.csrf(client))


def text(answer):
    """Return the words of a page, without its tags."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


def chosen(answer, name):
    """Return what is chosen of a select."""
    options = re.search(rf'name="{name}".*?</select>', answer.text, re.DOTALL)[0]
    found = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', options)
    return found[1] or found[2]


def show(client, job_id, **told):
    return client.get("/matrix/siting", query_string={"job": job_id, **told})


def test_the_form_begins_a_search_and_its_page_shows_how_far_it_is(worker):
    begun = send(worker, mode="elder")
    page = worker.get(begun.headers["Location"])

    assert begun.status_code == 303
    assert page.status_code == 200
    assert "data-job=" in page.text
    assert (chosen(page, "count"), chosen(page, "minutes")) == ("2", "5")
    assert page.headers["Cache-Control"] == "no-store"


def test_what_is_open_looks_again_without_a_script_and_can_be_cancelled(worker, made):
    job_id = made()
    page = show(worker, job_id)

    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page.text
    assert "<progress" in page.text
    gone = send(worker, f"/matrix/siting/{job_id}/cancel")
    assert gone.status_code == 303
    over = worker.get(gone.headers["Location"])
    assert "已取消" in text(over)
    assert 'http-equiv="refresh"' not in over.text
    assert chosen(over, "count") == "3"
    again = send(worker, f"/matrix/siting/{job_id}/cancel")
    assert (again.status_code, "这项任务已经结束" in text(again)) == (409, True)


def test_what_was_found_is_told_in_words(worker, made):
    page = show(worker, made(ANSWER))
    words = text(page)

    assert "与最优最多差 1.2%" in words
    assert "&lt;b&gt;一号楼&lt;/b&gt;门前" in page.text
    assert "5 分钟内多了 1,200 户" in words
    assert "5 分钟内多了 0 户" not in words
    assert "平均少走 1.2 分钟" in words
    assert "成为 1,300 户最近的一家" in words
    assert "1,000 (33%)" in words
    assert "2,200 (73%)" in words
    assert "+1,200" in words
    assert "−1.8" in words
    assert "再多开也没有人会更近" in words
    assert "试了楼门前的 420 处，每 60 米" in words
    assert "开了以后仍有 20 户" in words
    assert "没有名称的楼栋门前" in words
    assert "超过 300 米" in words
    english = text(show(worker, made(ANSWER), lang="en"))
    assert "At most 1.2 % short of the best choice." in english


def test_what_is_proven_is_told_so_and_places_given_go_by_their_letters(worker, made):
    places = [{**ANSWER["places"][0], "given": 1, "near": ""}]
    answer = ANSWER | {"places": places, "gap": 0, "proven": True, "spacing_m": None}
    page = show(worker, made(answer, points=((123.5, 41.7), (123.47, 41.775))))

    assert "已证明最优" in text(page)
    assert "地点 B (" in text(page)
    assert page.text.count('name="point"') == 2


def test_a_gap_is_never_told_as_nothing(worker, made):
    assert "最多差 0.1%" in text(show(worker, made(ANSWER | {"gap": 0.00003})))


def test_where_nothing_helps_it_is_said(worker, made):
    answer = ANSWER | {"places": [], "homes": [], "gap": 0, "proven": True}

    assert "都不能让谁更近" in text(show(worker, made(answer)))


def test_why_it_failed_is_told_and_the_question_stays(worker, made):
    page = show(worker, made(error=Unavailable("siting_failed", reason="no memory")))

    assert "没有算成" in text(page)
    assert "no memory" not in page.text
    assert chosen(page, "minutes") == "5"


@pytest.mark.parametrize(
    "told, field, words",
    [
        ({"area": ""}, "area", "请选择区划"),
        ({"where": "points"}, "points", "请至少给一个地点"),
        ({"where": "points", "pasted": "泉富超市"}, "pasted", "第 1 行"),
        ({"where": "points", "pasted": "123.47,41.775"}, "datum", "请选择这"),
        ({"where": "points", "point": "here"}, "points", "地点有误"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    worker, told, field, words
):
    page = send(worker, **told)

    assert page.status_code == 422
    assert words in re.search(rf'id="wrong-{field}">([^<]*)', page.text)[1]
    assert told.get("pasted", "") in page.text
    assert (chosen(page, "count"), chosen(page, "category")) == ("2", "clinic")


@pytest.mark.parametrize("told", [{"count": "11"}, {"count": "x"}, {"minutes": "31"}])
def test_what_no_form_sends_is_refused(worker, told):
    assert send(worker, **told).status_code == 422


def test_places_pressed_and_pasted_are_asked_together(worker, monkeypatch):
    asked = []
    monkeypatch.setattr("webmap.siting.pages.begin", lambda told: asked.append(told) or _Begun)
    told = {"where": "points", "point": ["123.47,41.775", "123.468,41.774"]}
    send(worker, **told, pasted="123.4716,41.7790", datum="wgs84", closures="1", weight="residents")

    (question,) = asked
    assert question.points == ((123.47, 41.775), (123.468, 41.774), (123.4716, 41.779))
    assert (question.closures, question.weight) == (True, "residents")


class _Begun:
    id = "J1"


def test_what_is_pasted_is_understood_for_the_script(worker):
    def ask(**told):
        return worker.post(
            "/matrix/siting/points", json=told, headers=people.csrf(worker)
        ).get_json()

    found = ask(text="geo:41.7745,123.4702\ngeo:41.9,123.9")
    assert [one["letter"] for one in found["points"]] == ["A", "B"]
    assert found["points"][0]["words"].endswith("旁")
    assert found["points"][1] == {"letter": "B", "at": "123.900000,41.900000"} | {
        "words": "123.9000, 41.9000"
    }
    assert ask(text="123.47,41.77")["code"] == "pasted_datum_open"


def test_files_have_the_places(worker, made):
    job_id = made(ANSWER)

    def download(kind):
        with worker.get(f"/matrix/siting/{job_id}.{kind}") as answer:
            return io.BytesIO(answer.data)

    rows = list(openpyxl.load_workbook(download("xlsx")).active.values)
    places = gpd.read_file(download("geojson"))

    assert {"顺序", "门前", "新增够得着"} <= set(rows[0])
    assert len(rows) == 3
    assert places["gained"].tolist() == [1200, 0]
    assert places.geometry.x.tolist() == [123.47, 123.472]
    assert worker.get(f"/matrix/siting/{made()}.xlsx").status_code == 404


def test_without_streets_it_says_what_lacks(app):
    page = people.signed_in(app, "worker").get("/matrix/siting")

    assert page.status_code == 200
    assert "算不出步行分钟数" in text(page)
    assert 'name="objective"' not in page.text


def test_who_asks_for_an_area_of_ones_neighbours_is_refused(worker):
    assert send(worker, area="210106000000").status_code == 403


def test_letters_go_on_after_z():
    assert [sited.letter(n) for n in (0, 25, 26, 51, 52)] == ["A", "Z", "AA", "AZ", "BA"]
