"""A poster and a report on paper: as large as told, sharp at any size, and nothing runs over."""

import re

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from playwright.sync_api import expect

STREET = "210103006000"
SIZES = {"a4": (210, 297), "a1": (594, 841), "a0": (841, 1189)}

OVER = """() => [...document.querySelectorAll(".poster-columns > div")].flatMap((column) => {
    const edge = column.getBoundingClientRect();
    const sheet = column.closest(".poster-sheet");
    const foot = sheet.querySelector(".poster-foot").getBoundingClientRect().top;
    const wide = [...column.querySelectorAll("p, h2")].filter((line) =>
        line.scrollWidth > line.clientWidth + 1 ||
        line.getBoundingClientRect().right > edge.right + 1);
    return [
        ...wide.map((line) => `too wide: ${line.textContent}`),
        ...(edge.bottom > foot + 1 ? ["too high"] : []),
    ];
})"""

SHEETS = """() => [...document.querySelectorAll(".poster-sheet")].filter((one) =>
    one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1).length"""


def opened(visitor, path, **told):
    page = visitor.open(path, **told)
    page.locator("html[data-ready]").wait_for(state="attached")
    return page


def printed(page):
    return pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))


def sizes(pdf):
    return [tuple(round(points / 72 * 25.4) for points in leaf.get_size()) for leaf in pdf]


def pictures(pdf):
    """Count what on the pages is made of dots, however deep it lies."""
    kinds = [pdfium.FPDF_PAGEOBJ_IMAGE]
    return sum(1 for leaf in pdf for _ in leaf.get_objects(filter=kinds, max_depth=9))


def words(pdf):
    return "".join("".join(leaf.get_textpage().get_text_bounded().split()) for leaf in pdf)


class TestPoster:
    @pytest.mark.parametrize("paper", SIZES)
    @pytest.mark.parametrize("turn", ["", "landscape"])
    def test_it_is_one_sheet_of_its_size_in_vectors(self, desk, paper, turn):
        page = opened(desk, "/poster", paper=paper, turn=turn, area=STREET)
        assert page.evaluate(OVER) == []
        assert page.evaluate(SHEETS) == 0
        pdf = printed(page)
        wide, high = SIZES[paper]
        across = turn and paper != "a4"
        assert set(sizes(pdf)) == {(high, wide) if across else (wide, high)}
        assert len(pdf) == (1 if paper != "a4" else len(page.locator(".poster-sheet").all()))
        assert pictures(pdf) == 0

    def test_on_paper_stands_what_the_wall_needs_and_no_button(self, desk):
        page = opened(desk, "/poster", area=STREET)
        told = words(printed(page))
        for name in page.locator(".entry-name bdi").all_inner_texts():
            assert "".join(name.split()) in told, name
        for phone in page.locator(".entry-phone").all_inner_texts():
            assert "".join(phone.split()) in told, phone
        for sentence in ("万莲街道", "邻里服务导览图", "扫码看实时地图", "制图日期"):
            assert sentence in told
        assert "打印" not in told
        assert "无边距" not in told

    @pytest.mark.parametrize("paper", SIZES)
    def test_its_type_is_as_high_on_paper_as_told(self, desk, paper):
        page = opened(desk, "/poster", paper=paper)
        page.emulate_media(media="print")
        found = page.locator(".entry-name").first.evaluate(
            "(name) => parseFloat(getComputedStyle(name).fontSize)"
        )
        look = page.locator(".poster").get_attribute("class")
        units = float(re.search(r"type-([\d-]+)", look).group(1).replace("-", "."))
        unit_mm = SIZES[paper][0] / (210 if paper == "a4" else 594)
        assert found / 96 * 25.4 == pytest.approx(units * unit_mm, rel=0.01)
        # 8.5 pt in the hand, 13.6 pt on the wall.
        assert units * unit_mm >= (3.0 if paper == "a4" else 4.8)

    def test_magnets_do_not_cover_each_other(self, desk):
        page = opened(desk, "/poster", area=STREET)
        boxes = page.locator(".poster-map g:has(> .tag-number) > .tag-face").evaluate_all(
            "(all) => all.map((one) => one.getBoundingClientRect().toJSON())"
        )
        assert len(boxes) == 104
        covered = [
            (a, b)
            for n, a in enumerate(boxes)
            for b in boxes[:n]
            if a["left"] < b["right"] - 1
            and b["left"] < a["right"] - 1
            and a["top"] < b["bottom"] - 1
            and b["top"] < a["bottom"] - 1
        ]
        assert covered == []

    def test_another_sheet_is_chosen_above_it(self, desk):
        page = opened(desk, "/poster")
        page.get_by_label("纸张").select_option("a4")
        page.get_by_label("区域").select_option(STREET)
        page.get_by_role("button", name="查看").click()
        page.wait_for_url(re.compile(r"area=210103006000&paper=a4"))
        expect(page.locator(".poster-title")).to_contain_text("万莲街道")
        assert page.locator(".poster-sheet").count() > 1

    def test_a_press_prints(self, desk):
        page = opened(desk, "/poster")
        page.evaluate("window.print = () => { document.body.dataset.printed = 'yes'; }")
        page.get_by_role("button", name="打印").click()
        expect(page.locator("body[data-printed]")).to_be_attached()


class TestReport:
    def test_residents_print_it_on_a4_in_vectors(self, desk):
        pdf = printed(opened(desk, "/matrix/report", area=STREET))
        assert set(sizes(pdf)) == {(210, 297)}
        assert len(pdf) <= 3
        assert pictures(pdf) == 0
        told = words(pdf)
        for sentence in ("万莲街道服务报告", "一览", "谁够不着", "泉富社区", "制图日期"):
            assert sentence in told
        assert "最够不着的楼栋" not in told

    def test_the_matrix_of_a_street_and_its_sources_fit_on_one_page(self, desk):
        page = opened(desk, "/matrix/report", area=STREET)
        page.evaluate(
            "document.querySelector('#report-matrix').parentElement.style.breakBefore = 'page'"
        )
        pdf = printed(page)
        last = words([pdf[len(pdf) - 1]])
        for sentence in ("服务矩阵", "15分钟内能走到的住户", "制图日期"):
            assert sentence in last

    def test_staff_print_the_buildings_besides(self, desk):
        desk.sign_in("worker")
        told = words(printed(opened(desk, "/matrix/report", area=STREET)))
        assert "最够不着的楼栋" in told
        assert re.search(r"\d+号楼", told)


class TestWays:
    def test_the_map_leads_to_the_poster(self, desk):
        page = desk.open("/")
        page.locator("html[data-ready]").wait_for()
        page.get_by_role("link", name="印制海报").click()
        expect(page.locator(".poster-title")).to_contain_text("泉富社区")

    def test_the_matrix_leads_to_both_of_its_area(self, desk):
        page = desk.open("/matrix", parent=STREET)
        page.get_by_role("link", name="服务报告").click()
        expect(page.locator("h1")).to_contain_text("万莲街道")
        page.get_by_role("link", name="印制海报").click()
        expect(page.locator(".poster-title")).to_contain_text("万莲街道")


@pytest.mark.parametrize("path", ["/poster", "/matrix/report"])
def test_it_is_for_everybody(anyone, path):
    page = opened(anyone, path)
    assert anyone.axe() == []
    wide = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= wide
    for tool in page.locator(".poster-tools button, .poster-tools select").all():
        assert tool.bounding_box()["height"] >= 44
