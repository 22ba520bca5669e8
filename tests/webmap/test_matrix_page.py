"""The matrix for people: its page in every reading, its choices, its files."""

import csv
import io
import re

import openpyxl
import pytest

from geodata import categories
from geodata.matrix import ON_FOOT, Reading
from tests.factories import ADMIN
from tests.people import signed_in

COMMUNITY = "210103006012"


def page(client, path="/matrix", **asked):
    answer = client.get(path, query_string=asked)
    assert answer.status_code == 200, answer.text
    return answer.text


def column(text, number):
    """Return the cells of a column of the table's body, the first one beside the names is 0."""
    body = re.search(r"<tbody>(.*?)</tbody>", text, re.DOTALL)[1]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(?:<a [^>]*>)?([^<]*)", row)[number] for row in rows]
    return [cell.strip() for cell in cells]


def names(text):
    return re.findall(r'<th scope="row">(?:<a [^>]*>)?<bdi>([^<]*)', text)


class TestReadings:
    @pytest.mark.parametrize("reading", list(Reading))
    def test_each_is_one_press_away_and_explained_in_a_sentence(self, walker, reading):
        text = page(walker, reading=reading, lang="en")

        assert text.count('aria-current="true"') == 1
        for other in Reading:
            assert f"reading={other}" in text or other is Reading.COUNT
        assert re.search(r'class="matrix-means">[A-Z][^<]{20,}<small>', text)

    def test_the_page_shows_what_the_api_tells(self, walker):
        told = walker.get("/api/matrix?reading=share&level=grid&minutes=10").get_json()
        shown = column(page(walker, reading="share", level="grid", minutes=10), 2)

        for area, text in zip(told["areas"], shown, strict=True):
            share = area["values"]["clinic"]
            assert {0: "0%", 1: "100%"}.get(share, text) == text
            assert abs(float(text.strip("<&lt;g%")) / 100 - share) <= 0.01

    def test_without_streets_it_says_what_is_missing_and_what_mends_it(self, client):
        for reading in Reading:
            text = page(client, reading=reading, lang="en")

            assert ("No streets are installed" in text) == (reading in ON_FOOT)
            assert ("roads build" in text) == (reading in ON_FOOT)
            assert ("<tbody>" in text) == (reading not in ON_FOOT)

    @pytest.mark.parametrize("reading", list(Reading))
    def test_an_empty_store_has_a_page_too(self, empty_app, reading):
        assert page(empty_app.test_client(), reading=reading)

    def test_who_asks_for_ever_new_walks_is_slowed(self, walker):
        asked = [{"reading": "share", "minutes": n % 30 + 1} for n in range(63)]
        found = [walker.get("/matrix", query_string=one).status_code for one in asked]

        assert found == [200] * 60 + [429] * 3


class TestChoices:
    @pytest.mark.parametrize(
        "asked",
        [
            {"reading": "guess"},
            {"open": "8"},
            {"open": "yesterday"},
            {"hour": "24"},
            {"minutes": "0"},
            {"minutes": "31"},
            {"order": "sideways"},
            {"sort": "x" * 61},
            {"level": "house"},
            {"parent": "<script>"},
            {"unknown": "1"},
        ],
    )
    def test_what_is_not_right_is_refused_with_a_page(self, client, asked):
        answer = client.get("/matrix", query_string=asked)

        assert answer.status_code == 422
        assert "<main" in answer.text
        assert "<script>" not in answer.text

    def test_an_area_that_is_not_there_is_not_found(self, client):
        assert client.get("/matrix?parent=990000").status_code == 404

    def test_a_form_may_send_what_was_not_chosen(self, client):
        assert names(page(client, level="", open="", sort="", parent="")) == names(page(client))

    def test_a_column_that_is_not_there_sorts_nothing(self, client):
        assert names(page(client, sort="castle")) == names(page(client))

    def test_every_column_sorts_and_says_so(self, client):
        once = page(client, sort="repair", level="grid")
        again = page(client, sort="repair", order="up", level="grid")

        counts = [int(text) for text in column(once, 3)]
        assert counts == sorted(counts, reverse=True)
        assert [int(text) for text in column(again, 3)] == sorted(counts)
        assert 'aria-sort="descending"' in once
        assert 'aria-sort="ascending"' in again
        assert names(page(client, sort="name", order="up")) == names(page(client))

    def test_at_night_less_is_open_than_at_noon(self, client):
        night, noon = (
            sum(int(text) for text in column(page(client, open="3", hour=hour), -1))
            for hour in (3, 12)
        )

        assert night < noon

    def test_the_moment_is_told_and_the_map_asked_for_what_is_open_now(self, client):
        now, then = (page(client, open=day, lang="en") for day in ("now", "2"))

        assert "only what is open then counts" in now
        assert "only what is open then counts" in then
        assert "cat=clinic&amp;open=now" in now
        assert "open=now" not in re.search(r"<tbody>(.*?)</tbody>", then, re.DOTALL)[1]

    def test_grids_of_one_name_say_whose_they_are(self, client):
        text = page(client, level="grid")

        assert len(set(names(text))) < len(names(text))
        assert "</bdi><small>" in text
        assert "</bdi><small>" not in page(client, parent=COMMUNITY)

    def test_homes_that_nothing_is_known_of_are_told_below(self, app_with_streets):
        with app_with_streets.extensions["linju_store"].writing() as tx:
            one = tx.columns("home", ("id",))["id"][0]
            tx.update("home", one, {"households": None}, version=None, by=ADMIN)

        text = page(app_with_streets.test_client(), reading="share", lang="en")

        assert "Of 1 home it is not known how many live there" in text


class TestFiles:
    @pytest.mark.parametrize("reading", list(Reading))
    def test_the_reading_shown_is_downloaded(self, walker, reading):
        asked = {"reading": reading, "level": "grid", "minutes": "10"}
        told = walker.get("/api/matrix", query_string=asked).get_json()

        table = walker.get("/matrix.csv", query_string=asked).get_data().decode("utf-8-sig")
        book = openpyxl.load_workbook(
            io.BytesIO(walker.get("/matrix.xlsx", query_string=asked).data)
        )

        rows = list(csv.DictReader(io.StringIO(table)))
        sheet = list(book.active.iter_rows(values_only=True))
        clinics = [area["values"]["clinic"] for area in told["areas"]]
        at = sheet[0].index("诊所")
        assert [float(row["诊所"]) for row in rows] == pytest.approx(clinics, abs=0.006)
        assert [row[at] for row in sheet[1:]] == pytest.approx(clinics, abs=0.006)

    def test_a_walk_without_streets_is_no_file(self, client):
        assert client.get("/matrix.csv?reading=median_min").status_code == 503

    def test_no_stale_figure_is_kept_on_the_way(self, client):
        assert client.get("/matrix.csv").headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("path", ["/matrix.csv", "/matrix/changes.csv"])
    def test_two_categories_of_one_english_name_are_two_columns(self, app, path):
        with app.extensions["linju_store"].writing() as tx:
            told = {"name": "口腔诊所", "name_en": "Clinic", "colour": "cc79a7", "glyph": "牙"}
            more = {"shape": "circle", "group": "facility"}
            made = categories.add(tx, told | more, actor=ADMIN)

        table = app.test_client().get(f"{path}?lang=en").get_data().decode("utf-8-sig")

        heads = next(csv.reader(io.StringIO(table)))
        assert {"Clinic (clinic)", f"Clinic ({made})"} <= {*heads}

    def test_its_heads_are_in_the_readers_language(self, client):
        assert "Clinic" in client.get("/matrix.csv?lang=en&mode=elder").get_data().decode()


def test_staff_see_more_pages_than_residents(app_with_streets):
    resident, worker = app_with_streets.test_client(), signed_in(app_with_streets, "worker")

    assert "/matrix/left-out" not in page(resident)
    assert "/matrix/left-out" in page(worker)
    assert "/matrix/report" in page(resident)
