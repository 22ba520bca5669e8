"""Who is left out, for people: the page, its list and its files."""

import io
import re
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest

from tests.people import led_to_the_door, signed_in

COMMUNITY = "210103006012"
HERE = "/matrix/left-out"


@pytest.fixture
def worker(app_with_streets):
    return signed_in(app_with_streets, "worker")


def page(client, **asked):
    answer = client.get(HERE, query_string=asked)
    assert answer.status_code == 200, answer.text
    return answer.text


def rows(text):
    """Return name, minutes, households and elders of each home in the list."""
    body = re.search(r"<tbody>(.*?)</tbody>", text, re.DOTALL)
    found = re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL) if body else []
    return [
        (re.search(r"<bdi>([^<]*)", row)[1], *re.findall(r"<td>([^<]*)</td>", row)) for row in found
    ]


def test_the_list_is_what_the_api_tells(worker):
    asked = {"category": "barber", "minutes": 10}
    told = worker.get("/api/matrix/left-out", query_string=asked).get_json()

    shown = rows(page(worker, **asked))

    assert [row[0] for row in shown] == [one["properties"]["name"] for one in told["features"]]
    assert [int(row[3]) for row in shown] == [
        one["properties"]["elders_alone"] for one in told["features"]
    ]
    assert 0 < len(shown) < 200


@pytest.mark.parametrize("sort, at", [("minutes", 1), ("households", 2), ("elders_alone", 3)])
def test_every_column_sorts_both_ways(worker, sort, at):
    down, up = (
        [int(row[at]) for row in rows(page(worker, category="barber", minutes=10, **asked))]
        for asked in ({"sort": sort}, {"sort": sort, "order": "up"})
    )

    assert down == sorted(down, reverse=True)
    assert up == sorted(up)


def test_a_long_list_says_where_the_rest_is(worker):
    text = page(worker, category="barber", minutes=1, lang="en")

    assert len(rows(text)) == 200
    assert "The first 200 of" in text


def test_nobody_left_out_is_told(worker):
    text = page(worker, category="repair", minutes=30, lang="en", parent=COMMUNITY)

    assert not rows(text)
    assert "Nobody is left out here" in text


def test_the_page_holds_no_home_but_those_of_its_list(worker):
    text = page(worker, category="repair", minutes=30, parent=COMMUNITY)

    assert 'data-homes="/api/matrix/left-out?' in text
    assert "号楼" not in text


def test_one_goes_to_ones_own_areas_and_no_farther(worker):
    codes = re.findall(r'<option value="(\d{12,15})"', page(worker))

    assert codes
    assert all(code.startswith("210103006") for code in codes)
    assert COMMUNITY in codes


@pytest.mark.parametrize("kind", ["xlsx", "geojson", "gpkg"])
def test_all_homes_are_downloaded_and_can_be_read(worker, tmp_path, kind):
    asked = {"category": "barber", "minutes": 5}
    told = worker.get("/api/matrix/left-out", query_string=asked).get_json()

    with worker.get(f"{HERE}.{kind}", query_string=asked) as answer:
        assert "no-store" in answer.headers["Cache-Control"]
        assert f"linju-left-out-barber-5min.{kind}" in answer.headers["Content-Disposition"]
        file = answer.data
    if kind == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(file))
        head, *lines = book.active.iter_rows(values_only=True)
        minutes, elders = (
            [line[head.index(name)] for line in lines] for name in ("步行分钟数", "独居老人数")
        )
    else:
        path = Path(tmp_path / f"homes.{kind}")
        path.write_bytes(file)
        frame = gpd.read_file(path)
        assert frame.crs.to_epsg() == 4326
        assert frame.geometry.iloc[0].coords[0] == pytest.approx(
            told["features"][0]["geometry"]["coordinates"]
        )
        minutes, elders = frame["步行分钟数"].tolist(), frame["独居老人数"].tolist()
    homes = [one["properties"] for one in told["features"]]
    # Rounded up: nobody is left out after 5 minutes and told to walk 5.0.
    assert all(0 <= up - one["minutes"] < 0.11 for up, one in zip(minutes, homes, strict=True))
    assert elders == [one["elders_alone"] for one in homes]


class TestWho:
    def test_a_resident_is_led_to_the_door(self, walker):
        assert led_to_the_door(walker.get(HERE))
        assert walker.get(f"{HERE}.xlsx?category=clinic").status_code in {303, 403}

    def test_staff_of_another_area_see_theirs_only(self, app_with_streets):
        stranger = signed_in(app_with_streets, "stranger")

        assert not rows(page(stranger, category="barber", minutes=1))
        for path in (HERE, f"{HERE}.gpkg"):
            asked = {"category": "barber", "parent": COMMUNITY}
            assert stranger.get(path, query_string=asked).status_code == 403

    def test_only_staff_are_led_there(self, app_with_streets, worker):
        assert HERE not in app_with_streets.test_client().get("/matrix").text
        assert HERE in worker.get("/matrix").text


class TestOddInput:
    @pytest.mark.parametrize(
        "asked",
        [
            {"category": "castle"},
            {"minutes": "0"},
            {"minutes": "31"},
            {"sort": "secret"},
            {"parent": "x"},
            {"open": "noon"},
            {"other": "1"},
        ],
    )
    def test_what_is_not_right_is_refused(self, worker, asked):
        assert worker.get(HERE, query_string=asked).status_code == 422

    def test_without_streets_it_says_what_is_missing_and_has_no_file(self, app):
        worker = signed_in(app, "worker")

        assert "roads build" in page(worker)
        assert worker.get(f"{HERE}.xlsx").status_code == 503

    def test_an_empty_store_has_a_page(self, empty_app):
        assert page(signed_in(empty_app, "admin"))
