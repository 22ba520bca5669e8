"""The report of an area: the matrix's own figures, and homes for staff alone."""

import html
import re
from math import ceil

import pytest

from geodata import areas, homes, matrix, merchants
from geodata.matrix import Asked, Reading
from tests import people
from tests.factories import ADMIN, CENTRE, HOSTILE, areas_frame, entry, homes_frame, square
from tests.webmap.searches import ANSWER

COMMUNITY, STREET, DISTRICT = "210103006012", "210103006000", "210103000000"


def told(client, query=f"?area={STREET}"):
    answer = client.get(f"/matrix/report{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


def tables(page):
    """Return the tables of a page as rows of texts, by caption or, without one, by number."""
    found = {}
    for n, table in enumerate(re.findall(r"<table.*?</table>", page, re.DOTALL)):
        caption = re.search(r"<caption>(.*?)</caption>", table, re.DOTALL)
        rows = [
            [plain(cell) for cell in re.findall(r"<t[dh][ >].*?</t[dh]>", row, re.DOTALL)]
            for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
        ]
        found[plain(caption.group(1)) if caption else n] = rows
    return found


def plain(cell):
    return html.unescape(re.sub(r"<text.*?</text>|<[^>]*>", "", cell, flags=re.DOTALL)).strip()


def not_quite(share):
    """Return a share that is not all unless it is all."""
    return ">99%" if 0.99 < share < 1 else f"{share:.0%}"


@pytest.fixture
def store_with_streets(app_with_streets):
    return app_with_streets.extensions["linju_store"]


class TestFigures:
    def test_they_are_those_of_the_matrix(self, walker, app_with_streets, store_with_streets):
        streets = app_with_streets.extensions["linju_roads"].require()
        page = tables(told(walker))
        with store_with_streets.reading() as tx:
            for caption, reading, said in (
                ("家数", Reading.COUNT, lambda n: f"{n}"),
                ("走到最近一家的分钟数（住户中位数）", Reading.MEDIAN, lambda n: f"{ceil(n)}"),
                ("15 分钟内能走到的住户", Reading.SHARE, not_quite),
            ):
                made = matrix.read(tx, streets, Asked(parent=STREET), reading)
                wanted = [
                    [row["name"], *(said(row[c]) for c in matrix.categories_of(made))]
                    for _, row in made.iterrows()
                ]
                assert page[caption][1:] == wanted

    def test_the_area_itself_is_told_first(self, walker):
        summary = tables(told(walker, f"?area={COMMUNITY}"))[0]
        assert summary[0] == [
            "类别",
            "家数",
            "每千居民",
            "步行分钟（中位数）",
            "15 分钟内能走到的住户",
        ]
        assert ["维修", "16"] in [row[:2] for row in summary]

    def test_it_says_what_the_page_of_the_matrix_says(self, walker):
        on_paper = tables(told(walker, f"?area={STREET}"))["走到最近一家的分钟数（住户中位数）"]
        inside = {row[0] for row in on_paper[1:]}
        page = walker.get(f"/matrix?parent={STREET}&reading=median_min").text
        on_screen = [row for row in next(iter(tables(page).values())) if row[0] in inside]
        assert [[row[0], *row[2:]] for row in on_screen] == on_paper[1:]

    def test_a_home_that_is_left_out_is_never_told_to_be_near(self, app_with_streets):
        page = tables(told(people.signed_in(app_with_streets, "worker"), f"?area={STREET}"))
        far = [int(row[1]) for name in ("维修", "理发", "社区食堂") for row in page[name][1:]]
        assert far
        assert min(far) > 15

    def test_other_minutes_are_other_shares(self, walker):
        five, fifteen = (told(walker, f"?area={STREET}&minutes={n}") for n in (5, 15))
        assert "5 分钟内能走到的住户" in five
        assert (
            tables(five)["5 分钟内能走到的住户"][1:] != tables(fifteen)["15 分钟内能走到的住户"][1:]
        )

    def test_a_grid_is_told_without_a_matrix_of_areas_inside(self, walker):
        page = told(walker, "?area=210103006012001")
        assert "第一网格" in page
        assert "颜色越深" not in page
        assert tables(page)[0][1:]

    def test_without_streets_numbers_are_told_and_why_no_minutes(self, client):
        page = told(client)
        assert "还没有街道数据" in page
        assert tables(page)["家数"]
        assert "够不着" not in page


class TestLeftOut:
    def test_residents_are_told_households_of_the_area_and_no_building(self, walker):
        page = told(walker)
        assert "谁够不着" in page
        assert "独居老人" not in page
        assert not re.search(r"\d+号楼", page)

    def test_staff_are_told_the_buildings_worst_off(self, app_with_streets):
        page = told(people.signed_in(app_with_streets, "worker"))
        worst = tables(page)["社区食堂"]
        assert worst[0] == ["楼栋", "分钟数", "户数", "独居老人"]
        alone = [int(row[3]) for row in worst[1:] if row[3] != "–"]
        assert alone == sorted(alone, reverse=True)
        assert 0 < len(worst) - 1 <= 6

    def test_staff_of_elsewhere_are_residents_here(self, app_with_streets):
        page = told(people.signed_in(app_with_streets, "stranger"))
        assert "谁够不着" in page
        assert "最够不着" not in page
        assert tables(page)[1][0] == ["类别", "占住户比例", "户数"]

    def test_what_staff_see_is_kept_nowhere(self, app_with_streets):
        client = people.signed_in(app_with_streets, "worker")
        assert client.get("/matrix/report").headers["Cache-Control"] == "no-store"

    def test_what_everybody_has_near_is_not_in_it(self, walker):
        page = tables(told(walker, f"?area={COMMUNITY}"))
        shares = {row[0]: row[4] for row in page[0][1:]}
        left = {row[0] for row in page[1][1:]}
        assert left
        assert left == {name for name, share in shares.items() if share != "100%"}


class TestOdd:
    def test_hostile_names_are_words_and_nothing_else(self, app_with_streets, store_with_streets):
        far = {"lon": CENTRE[0], "lat": CENTRE[1], "households": 9, "elders_alone": 99}
        with store_with_streets.writing() as tx:
            for text in HOSTILE:
                merchants.add(tx, entry(text), actor=ADMIN)
            homes.merge(tx, homes_frame({"name": HOSTILE[3], **far}), actor=ADMIN)
            shape = areas_frame(("210103006012099", HOSTILE[3], square(*CENTRE, 0.0005)))
            areas.merge(tx, shape, actor=ADMIN)
        page = told(people.signed_in(app_with_streets, "worker"), f"?area={COMMUNITY}&minutes=1")
        assert "<img" not in page
        assert " style=" not in page
        assert html.escape(HOSTILE[3]).replace("&#x27;", "&#39;") in page

    def test_an_office_that_knows_nothing_yet_says_so(self, empty_app):
        assert "还没有" in told(empty_app.test_client(), "")

    @pytest.mark.parametrize(
        "query, status", [("area=210199", 404), ("area=1", 422), ("minutes=99", 422)]
    )
    def test_what_there_is_not_is_refused(self, client, query, status):
        assert client.get(f"/matrix/report?{query}").status_code == status

    def test_in_english_every_heading_is(self, walker):
        page = told(walker, f"?area={STREET}&lang=en")
        assert "Service report" in page
        assert "Households with one within 15 minutes" in page
        assert "Who is left out" in page


@pytest.fixture
def worker(app_with_streets):
    return people.signed_in(app_with_streets, "worker")


class TestProposals:
    def test_what_was_found_last_of_each_category_is_proposed_to_staff(self, worker, made):
        made(ANSWER, category="clinic", count=1)
        made(ANSWER, category="clinic", count=7)
        made(ANSWER, category="barber")
        made(category="repair")

        page = proposals(told(worker, f"?area={COMMUNITY}"))

        assert re.findall(r"新开 (\d+) 家", page) == ["7", "3"]
        assert page.index("诊所") < page.index("理发")
        assert "维修" not in page

    def test_the_one_that_is_asked_for_is_proposed_instead(self, worker, made):
        first = made(ANSWER, count=1)
        made(ANSWER, count=7)

        page = proposals(told(worker, f"?area={COMMUNITY}&job={first}"))

        assert re.findall(r"新开 (\d+) 家", page) == ["1"]

    def test_it_tells_places_figures_and_how_good_they_are(self, worker, made):
        made(ANSWER)

        page = proposals(told(worker, f"?area={COMMUNITY}"))

        assert page.count("tag-number") == len(ANSWER["places"])
        assert "<b>一号楼</b>" not in page
        for words in ("<b>一号楼</b>门前", "1,000 (33%)", "2,200 (73%)", "+1,200", "最多差 1.2%"):
            assert words in plain(page)

    def test_residents_see_none_nor_do_workers_of_other_areas(self, walker, worker, made):
        made(ANSWER)
        made(ANSWER, area=DISTRICT)

        assert "report-proposals" not in told(walker, f"?area={COMMUNITY}")
        assert "report-proposals" not in told(worker, f"?area={DISTRICT}")


def proposals(page):
    (found,) = re.findall(r"<section[^>]*report-proposals.*?</section>", page, re.DOTALL)
    return found
