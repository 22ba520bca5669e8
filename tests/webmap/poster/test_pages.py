"""The poster's page: what is on the sheet, for whom, and that nothing of it is too much."""

import html
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import segno

from geodata import areas, merchants
from tests.factories import ADMIN, CENTRE, HOSTILE, areas_frame, entry, square
from webmap import create_app, limits, qr
from webmap.answers import reading
from webmap.config import Settings

COMMUNITY, STREET = "210103006012", "210103006000"


def sheet(client, query=""):
    answer = client.get(f"/poster{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


def drawing(page):
    """Return the map as it is drawn, which has to be well-formed."""
    found = re.search(r'<svg class="poster-map".*?</svg>', page, re.DOTALL)
    return ET.fromstring(found.group())  # noqa: S314  our own


def texts(page, look):
    found = re.findall(rf'class="{look}[^"]*"[^>]*>(.*?)</', page, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]*>", "", one)).strip() for one in found]


def numbers(page):
    return [int(n) for n in texts(page, "entry-number")]


def crowd(store, n, area=0.004):
    """Put many shops around the middle of the demonstration."""
    chance = np.random.default_rng(1)
    with store.writing() as tx:
        for i in range(n):
            lon, lat = CENTRE + chance.uniform(-area, area, 2)
            merchants.add(tx, entry(f"便民店{i}号", lon=lon, lat=lat), actor=ADMIN)


class TestSheet:
    def test_numbers_of_the_list_are_those_on_the_map_one_each(self, client):
        page = sheet(client)
        assert numbers(page) == list(range(1, len(numbers(page)) + 1))
        assert sorted(map(int, texts(page, "tag-number"))) == numbers(page)

    def test_names_phones_hours_and_the_area_are_told(self, client):
        page = sheet(client, f"?area={COMMUNITY}&only=area")
        assert "泉富社区" in texts(page, "title-31")[0]
        assert "泉富社区党群服务中心" in texts(page, "entry-name")
        assert any(re.fullmatch("[0-9 -]{7,}", phone) for phone in texts(page, "entry-phone"))
        assert "周一至周五 08:30–17:00" in texts(page, "entry-hours")

    def test_one_that_is_closed_for_a_time_says_so_instead_of_its_hours(self, client):
        assert "暂停营业" in texts(sheet(client, f"?area={STREET}"), "entry-hours")

    def test_only_the_area_leaves_out_what_lies_around(self, client):
        around, alone = numbers(sheet(client)), numbers(sheet(client, "?only=area"))
        assert 0 < len(alone) < len(around)

    def test_all_of_a_street_are_on_its_poster(self, client):
        page = sheet(client, f"?area={STREET}")
        assert len(numbers(page)) == 104
        assert "没有印下" not in page

    def test_its_code_leads_to_the_live_map_of_the_area(self, client):
        page = client.get(f"/poster?area={STREET}", base_url="https://linju.example").text
        code = segno.make(f"https://linju.example/?area={STREET}", error="m", micro=False)
        modules = re.search(r'stroke="#000" d="([^"]*)"', page).group(1)
        assert modules in code.svg_inline(omitsize=True, border=4, light="#fff")

    def test_on_the_offices_own_computer_it_warns_of_the_code(self, client):
        assert "手机打不开" in client.get("/poster", base_url="http://127.0.0.1:8000").text
        assert "手机打不开" not in client.get("/poster", base_url="http://10.1.2.3:8000").text

    def test_the_day_the_sources_and_the_demonstration_are_told(self, walker):
        foot = texts(sheet(walker), "poster-foot")[0]
        assert re.search(r"20\d\d年\d+月\d+日", foot)
        assert "街道为演示而绘" in foot
        assert "非真实商户" in foot

    def test_the_review_number_of_a_public_map_is_on_it(self, instance):
        told = Settings(instance=instance, tiles_review_number="GS(2026)0001号")
        app = create_app(told)
        assert "GS(2026)0001号" in texts(sheet(app.test_client()), "poster-foot")[0]
        app.extensions["linju_store"].close()

    @pytest.mark.parametrize("paper", ["a4", "a1", "a0"])
    @pytest.mark.parametrize("turn", ["", "landscape"])
    def test_every_paper_has_its_style_and_its_numbers(self, client, paper, turn):
        page = sheet(client, f"?paper={paper}&turn={turn}")
        assert numbers(page)
        assert re.search(rf"css/paper-{paper}(-landscape)?\.css", page)

    def test_in_english_every_sentence_is(self, client):
        page = sheet(client, f"?area={COMMUNITY}&lang=en")
        assert "Guide map of the neighbourhood" in texts(page, "poster-kind")
        assert "Shopping" in page
        assert "Made on" in page
        assert any("every day" in told for told in texts(page, "entry-hours"))


class TestMap:
    def test_it_has_streets_houses_water_and_names(self, walker):
        page = sheet(walker, f"?area={STREET}")
        looks = {one.get("class", "").split(" ")[0] for one in drawing(page).iter()}
        assert {"ground-street", "ground-building", "ground-water", "ground-park"} <= looks
        assert {"area-border", "area-inner", "area-veil", "name-inside", "name-street"} <= looks

    def test_without_streets_the_borders_alone_are_drawn(self, client):
        page = sheet(client)
        assert "ground-street" not in page
        assert "area-border" in page
        assert "OpenStreetMap" not in page

    def test_it_is_drawn_in_vectors_alone(self, walker):
        page = sheet(walker)
        drawn = {one.tag.rpartition("}")[2] for one in drawing(page).iter()}
        assert drawn <= {"svg", "g", "clipPath", "rect", "path", "text", "circle", "use"}
        assert " style=" not in page
        assert "<style" not in page
        assert "<img" not in page

    def test_it_is_not_too_large(self, walker):
        assert len(sheet(walker, f"?area={STREET}")) < 500_000

    def test_the_scale_is_a_round_number(self, client):
        assert texts(sheet(client), "map-scale")[0] in {"100 米", "200 米", "500 米"}


class TestOdd:
    def test_hostile_names_are_words_and_nothing_else(self, walker, app_with_streets):
        store = app_with_streets.extensions["linju_store"]
        with store.writing() as tx:
            for text in HOSTILE:
                merchants.add(tx, entry(text, hours=text[:40], phones=("1",)), actor=ADMIN)
            shape = square(*CENTRE, 0.0005)
            named = areas_frame(("210103006012099", HOSTILE[3], shape))
            areas.merge(tx, named, actor=ADMIN)
        for query in ("", "?paper=a4", "?area=210103006012099"):
            page = sheet(walker, query)
            assert "<img" not in page
            assert "<svg onload" not in page
            assert "{{7*7}}" in page or "{{7*7}}" in html.unescape(page)
            assert "49" not in texts(page, "entry-name")
            drawing(page)

    def test_thousands_are_told_in_part_and_the_rest_is_counted(self, client, store):
        crowd(store, 2_000, area=0.0015)
        page = sheet(client, f"?area={STREET}")
        assert len(page) < 2_000_000
        shown = len(numbers(page))
        assert 50 < shown < 700
        more = int(re.search(r"还有 (\d+) 处没有印下", page).group(1))
        assert shown + more == 2_104
        # None is left out because there are many of another kind.
        assert {"诊所", "维修", "理发"} <= set(re.findall(r"<span>(\w+)</span>", page))

    def test_an_area_without_places_is_a_map_alone(self, client, store):
        with store.writing() as tx:
            lonely = areas_frame(("210104000000", "大东区", square(123.6, 41.9)))
            areas.merge(tx, lonely, actor=ADMIN)
        page = sheet(client, "?area=210104")
        assert numbers(page) == []
        assert "大东区" in texts(page, "title-31")[0]
        assert "area-border" in page

    def test_an_office_that_knows_nothing_yet_says_so(self, empty_app):
        answer = empty_app.test_client().get("/poster")
        assert answer.status_code == 200
        assert "暂时画不出图" in answer.text

    @pytest.mark.parametrize(
        "query, status",
        [("area=210199", 404), ("area=12345", 422), ("area=x", 422), ("paper=a9", 422)],
    )
    def test_what_there_is_not_is_refused(self, client, query, status):
        assert client.get(f"/poster?{query}").status_code == status

    def test_a_damaged_ground_is_said(self, app_with_streets, walker):
        roads = app_with_streets.extensions["linju_roads"]
        assert roads.now()
        roads.now().ground.write_bytes(b"no tiles")
        assert walker.get("/poster").status_code == 503


def test_a_code_in_a_page_is_the_code_of_its_link():
    told = qr.inline("https://linju.example/?area=1")
    assert segno.make("https://linju.example/?area=1", error="m").symbol_size(border=4)[0] == int(
        re.search(r'viewBox="0 0 (\d+)', told).group(1)
    )
    assert "style" not in told


@pytest.mark.parametrize("path", ["/poster", "/matrix/report"])
class TestHowMany:
    """A sheet is a map that is drawn anew, for whoever asks."""

    def test_who_asks_for_ever_new_sheets_is_slowed(self, client, monkeypatch, path):
        monkeypatch.setattr(limits, "PAPER", limits.PAPER._replace(rates=("2 per minute",)))

        assert [client.get(path).status_code for _ in range(3)] == [200, 200, 429]

    def test_a_thread_is_left_to_those_who_look_at_the_map(self, app, monkeypatch, path):
        monkeypatch.setattr(reading, "_PATIENT_S", 0.01)
        client, turns = app.test_client(), app.extensions["linju_turns"]
        while turns.acquire(blocking=False):
            pass

        assert client.get(path).status_code == 503
        assert client.get("/matrix").status_code == 200
