"""The page of how the matrix went, and its files."""

import io
import re
from datetime import timedelta

import openpyxl
import pytest

from geodata import merchants, snapshots
from geodata.snapshots import Measured, today
from geodata.store import writer
from tests import people
from tests.factories import ADMIN, HOSTILE, entry

QUANFU = "210103006012"
TODAY = today()
WEEK_AGO = TODAY - timedelta(days=7)


def take(store, day):
    with store.reading() as tx:
        measured = snapshots.measure(tx, None)
    with store.writing() as tx:
        snapshots.take(tx, measured, day)


@pytest.fixture
def went(store):
    """Let a shop come and another, which was there for long, go within the week."""
    with pytest.MonkeyPatch.context() as clock, store.writing() as tx:
        clock.setattr(writer, "now", lambda: "2025-01-01T00:00:00.000Z")
        gone = merchants.add(tx, entry("走了的店", category="clinic"), actor=ADMIN)
    take(store, WEEK_AGO)
    with store.writing() as tx:
        merchants.add(tx, entry("新来的店"), actor=ADMIN)
        merchants.edit(tx, gone, {"status": "retired"}, version=1, actor=ADMIN)
    take(store, TODAY)
    return store


def page(client, **asked):
    answer = client.get("/matrix/changes", query_string=asked)
    assert answer.status_code == 200
    return answer.text


def told_of(html, category):
    """Return the row of a category: its first value, its last, and by how much it changed."""
    row = next(row for row in html.split("<tr>") if f"category={category}" in row)
    return [re.sub(r"<.*?>", "", cell) for cell in re.findall(r"<td[^>]*>(?!<svg)(.*?)</td>", row)]


@pytest.mark.usefixtures("went")
class TestPage:
    def test_each_category_has_its_first_and_last_number_and_a_line(self, client):
        html = page(client, area=QUANFU)
        first, last, change = told_of(html, "shopping")

        assert int(last) == int(first) + 1
        assert change == "+1"
        assert told_of(html, "clinic")[2] == "−1"
        assert told_of(html, "repair")[2] == "0"
        assert html.count('class="spark"') == 9

    def test_one_category_is_a_chart_with_its_numbers(self, client):
        html = page(client, area=QUANFU, category="shopping")

        assert html.count('class="chart chart-') == 2
        label = re.search(r'role="img" aria-label="([^"]*)"', html)[1]
        assert f"{TODAY.year}年{TODAY.month}月{TODAY.day}日" in label
        assert len(re.findall(r"<tr><th scope=\"row\">", html)) == 2

    def test_a_share_has_a_line_for_each_of_the_minutes(self, client, store):
        with store.writing() as tx:
            figures = '{"r":1,"h":1,"c":{"clinic":[1,1,4.2,0.1,0.5,0.93,0.4]}}'
            snapshots.take(tx, Measured({("", ""): figures}, on_foot=True), TODAY)
        html = page(client, category="clinic", reading="share")

        assert re.findall(r"<text[^>]*>(\d+ 分钟)</text>", html)[:3] == [
            "15 分钟",
            "10 分钟",
            "5 分钟",
        ]
        assert "chart-line-2" in html
        assert "93%" in html
        assert ">4.2<" in page(client, category="clinic", reading="median_min")

    def test_days_the_wrong_way_round_are_exchanged(self, client):
        html = page(client, since=TODAY.isoformat(), until=WEEK_AGO.isoformat())

        assert f'name="since" type="date" value="{WEEK_AGO}"' in html

    def test_the_period_narrows_the_chart_and_the_lists(self, client):
        before = WEEK_AGO - timedelta(days=30)
        html = page(client, since=before.isoformat(), until=WEEK_AGO.isoformat())

        assert "新来的店" not in html
        assert "没有新上图" in page(client, since="2020-01-01", until="2020-02-01")

    def test_a_period_without_a_record_says_when_it_begins(self, client):
        html = page(client, since="2020-01-01", until="2020-02-01")

        assert "这段时间没有记录" in html
        assert '<svg class="chart' not in html

    def test_residents_see_who_came_and_how_many_went(self, client):
        html = page(client)

        assert "新来的店" in html
        assert "走了的店" not in html
        assert "只给工作人员看" in html

    def test_staff_see_who_went(self, app):
        assert "走了的店" in page(people.signed_in(app, "worker"))
        assert "走了的店" not in page(people.signed_in(app, "stranger"))

    def test_without_streets_a_reading_on_foot_says_what_lacks(self, client):
        assert "roads build" in page(client, reading="median_min")

    def test_language_and_mode_are_kept(self, client):
        html = page(client, lang="en", mode="elder")

        assert "How the matrix changed" in html
        assert "mode=elder" in html
        assert 'name="mode" value="elder"' in html

    def test_the_demonstration_says_so_at_the_chart(self, client):
        assert "示范数据" in page(client, category="clinic")
        assert "示范数据" in page(client)

    def test_no_style_and_no_script_stands_in_the_page(self, client):
        html = page(client, category="clinic") + page(client)

        assert "style=" not in html
        assert "<style" not in html
        assert not re.search(r"\son\w+=", html)


def test_before_the_first_day_it_says_that_it_begins_today(client):
    html = page(client)

    assert "从今天起每天记录一次" in html
    assert '<svg class="chart' not in html


def test_what_people_wrote_is_text(client, store):
    with store.writing() as tx:
        for at, name in enumerate(HOSTILE):
            lat = 41.775 + at * 1e-4
            merchants.add(tx, entry(name[:60], lat=lat), actor=ADMIN)
    html = page(client)

    assert "<script>" not in html.replace("<script src", "")
    assert "<svg onload" not in html
    assert "{{7*7}}" in html


@pytest.mark.parametrize(
    "asked, status",
    [
        ({"area": "210199000000"}, 404),
        ({"area": "21010"}, 422),
        ({"category": "spaceship"}, 404),
        ({"since": "yesterday"}, 422),
        ({"since": "", "category": "", "area": ""}, 200),
        ({"reading": "colour"}, 422),
    ],
)
def test_what_makes_no_sense_is_an_error_page(client, asked, status):
    assert client.get("/matrix/changes", query_string=asked).status_code == status


@pytest.mark.usefixtures("went")
class TestFiles:
    def test_the_course_is_a_row_a_day_and_a_column_a_category(self, client):
        body = client.get("/matrix/changes.csv", query_string={"area": QUANFU})
        lines = body.data.decode("utf-8-sig").splitlines()

        assert lines[0].split(",")[:3] == ["日期", "购物", "诊所"]
        assert [line.split(",")[0] for line in lines[1:]] == [
            WEEK_AGO.isoformat(),
            TODAY.isoformat(),
        ]

    def test_excel_opens_it(self, client):
        answer = client.get("/matrix/changes.xlsx?category=clinic&reading=share")
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active

        assert [cell.value for cell in sheet[1]] == [
            "日期",
            "诊所 15 分钟",
            "诊所 10 分钟",
            "诊所 5 分钟",
        ]
        assert sheet.max_row == 3

    def test_who_came_and_went_as_far_as_one_may_see(self, app, client):
        def names(someone):
            body = someone.get("/matrix/turnover.csv").data.decode("utf-8-sig")
            return {line.split(",")[2] for line in body.splitlines()[1:]}

        assert "新来的店" in names(client)
        assert "走了的店" not in names(client)
        assert "走了的店" in names(people.signed_in(app, "admin"))

    def test_what_staff_see_is_kept_nowhere(self, app):
        answer = people.signed_in(app, "admin").get("/matrix/turnover.csv")

        assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    ["/matrix/changes", "/matrix/changes.csv", "/matrix/turnover.csv", "/api/matrix/history"],
)
def test_who_reads_the_history_leaves_a_thread_to_the_map(app, monkeypatch, path):
    monkeypatch.setattr("webmap.answers.reading._PATIENT_S", 0.01)
    client, turns = app.test_client(), app.extensions["linju_turns"]
    while turns.acquire(blocking=False):
        pass

    assert client.get(path).status_code == 503
    assert client.get("/api/merchants").status_code == 200
