"""What makes a sheet: texts broken, magnets apart, names along streets, lists into columns."""

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.categories import SHAPES, Category
from geodata.geometry import BBox, metres_between
from webmap.poster import ground, lettering, listing, magnets, naming, papers, sheet
from webmap.poster.listing import Place
from webmap.poster.plane import Window
from webmap.poster.spreading import spread

JS = Path(__file__).parents[3] / "static" / "js" / "shapes.js"
BOX = BBox(123.46, 41.77, 123.48, 41.78)


def place(name="泉富便民超市", **told):
    known = {
        "id": name,
        "category": "shopping",
        "phone": "024-24810372",
        "hours": "每天 08:00–20:00",
    }
    return Place(name=name, lon=123.47, lat=41.775, **(known | told))


def look(name="shopping", **told):
    known = {"name": "购物", "name_en": "Shopping", "colour": "#0072B2", "shape": "square"}
    known |= {"glyph": "购", "group": "merchant", "rank": 0, "hidden": False, "version": 1}
    return magnets.looks([Category(id=name, **(known | told))])[0]


class TestLettering:
    @given(st.text(max_size=80), st.floats(3, 30), st.integers(1, 3))
    def test_no_line_is_wider_than_its_room(self, text, room, most):
        lines = lettering.broken(text, room, most)
        assert len(lines) <= most
        # One sign that is wider than all of the room cannot be helped.
        assert all(lettering.width(line) <= max(room, 9) for line in lines)

    @given(st.text(alphabet="泉富维修 Aa1、-", max_size=40))
    def test_nothing_is_lost_where_there_is_room(self, text):
        lines = lettering.broken(text, 12, 99)
        assert "".join("".join(lines).split()) == "".join(text.split())

    def test_what_is_cut_says_so(self):
        assert lettering.broken("长" * 200, 10, 2)[1].endswith("…")

    def test_hours_are_not_parted(self):
        assert lettering.broken("周六 08:00–12:00", 8, 2) == ["周六", "08:00–12:00"]

    def test_a_word_and_a_family_are_not_parted(self):
        assert lettering.broken("AED（泉富）", 6, 9)[0].startswith("AED")
        assert all(
            "👨‍👩‍👧" in line or "👨" not in line for line in lettering.broken("店👨‍👩‍👧店", 3, 9)
        )


class TestSpread:
    SHEET = (300.0, 200.0)

    @given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 200)), max_size=40))
    @settings(deadline=None, max_examples=40)
    def test_no_magnet_covers_another_and_all_lie_on_the_sheet(self, spots):
        at = np.array(spots, dtype=float).reshape(-1, 2)
        lie = spread(at, (10, 15), self.SHEET)
        apart = (lie[:, None] - lie[None]) / (10, 15)
        away = np.hypot(apart[..., 0], apart[..., 1])[np.triu_indices(len(lie), 1)]
        assert (away > 0.97).all()
        assert (lie >= (5, 7.5)).all()
        assert (lie <= (295, 192.5)).all()

    def test_one_that_is_alone_stays_and_the_same_comes_out_again(self):
        at = np.array([[50.0, 50.0], [150, 100], [150, 100], [151, 99]])
        lie = spread(at, (10, 15), self.SHEET)
        assert np.hypot(*(lie[0] - at[0])) < 0.05
        assert (lie == spread(at, (10, 15), self.SHEET)).all()

    def test_what_is_fixed_makes_them_give_way(self):
        at = np.array([[100.0, 100.0]])
        lie = spread(at, (10, 15), self.SHEET, fixed=at)
        assert np.hypot(*((lie[0] - at[0]) / (10, 15))) > 0.97

    def test_more_than_the_sheet_holds_are_all_there(self):
        assert spread(np.full((200, 2), 5.0), (10, 15), (40, 40)).shape == (200, 2)


class TestMagnets:
    def test_every_shape_is_drawn_as_on_the_screen(self):
        told = re.findall(
            r'(\w+): \{\s*path: "([^"]+)",\s*glyph: ([\d.]+),?(?:\s*drop: (-?[\d.]+),)?',
            JS.read_text(encoding="utf-8"),
        )
        assert {name for name, *_ in told} == set(SHAPES) == set(magnets.GLYPHS)
        for name, path, glyph, drop in told:
            assert magnets.GLYPHS[name] == (float(glyph), float(drop or 0))
            assert look(shape=name).path == path

    def test_the_glyph_can_be_read_on_its_colour(self):
        assert look(colour="#0072B2").glyph_colour == "#FFFFFF"
        assert look(colour="#F0E442").glyph_colour == "#2B2622"

    def test_a_line_leads_to_its_place_from_one_that_was_moved(self):
        at = np.array([[50.0, 50.0], [50, 50], [120, 80]])
        laid = magnets.laid(at, ["a", "b", "c"], [1, 2, 3], (200, 150), 10, np.empty((0, 2)))
        assert [one.leads for one in laid] == [True, True, False]
        assert all((one.from_x, one.from_y) == (50, 50) for one in laid[:2])

    def test_one_without_a_number_stays_where_it_is(self):
        at = np.array([[50.0, 50.0], [50, 50]])
        dot = magnets.laid(at, ["a", "a"], [1, 0], (200, 150), 10, np.empty((0, 2)))[1]
        assert (dot.x, dot.y, dot.leads) == (50, 50, False)


class TestWindow:
    def test_the_box_is_in_the_middle_and_fits(self):
        window = Window.around(BOX, 300, 400, margin=10)
        (left, bottom), (right, top) = window.xy(
            np.array([[BOX.west, BOX.south], [BOX.east, BOX.north]])
        )
        assert left == pytest.approx(10)
        assert right == pytest.approx(290)
        assert top + bottom == pytest.approx(400, abs=0.2)
        assert 10 <= top < bottom <= 390

    def test_what_is_seen_leads_back_to_the_corners(self):
        window = Window.around(BOX, 300, 400, margin=10)
        seen = window.box()
        corners = window.xy(np.array([[seen.west, seen.north], [seen.east, seen.south]]))
        assert corners == pytest.approx(np.array([[0, 0], [300, 400]]), abs=1e-6)

    def test_its_scale_is_that_of_the_ground(self):
        window = Window.around(BOX, 300, 400, margin=0)
        y = (BOX.south + BOX.north) / 2
        across = float(metres_between(BOX.west, y, BOX.east, y))
        assert window.ground_m * 300 == pytest.approx(across, rel=0.005)

    def test_one_place_alone_is_not_blown_up(self):
        window = Window.around(BBox(123.47, 41.77, 123.47, 41.77), 300, 400, margin=0)
        assert window.ground_m * 300 > 200


class TestGround:
    def cut(self, *rows):
        told = [(*row[:3], False, False) for row in rows]
        names = ["layer", "kind", "name", "over", "under"]
        frame = gpd.pd.DataFrame(told, columns=names)
        return gpd.GeoDataFrame(frame, geometry=[row[3] for row in rows], crs=4326)

    def test_a_street_is_as_wide_as_on_the_ground_and_never_too_thin(self):
        line = shapely.LineString([(BOX.west, 41.775), (BOX.east, 41.775)])
        cut = self.cut(("street", "primary", "", line))
        near = Window.around(BBox(123.4695, 41.7745, 123.4705, 41.7755), 500, 500, margin=0)
        far = Window.around(BBox(123.0, 41.0, 124.0, 42.0), 500, 500, margin=0)
        wide, thin = (float(ground.paths(cut, window)[-1].width) for window in (near, far))
        assert wide == pytest.approx(16 / near.ground_m * ground.FINE, rel=0.01)
        assert thin == pytest.approx(2.0 * ground.FINE, rel=0.01)

    def test_paths_are_whole_numbers_from_where_they_begin(self):
        told = ground.path(
            np.array([shapely.box(0, 0, 2, 1), shapely.LineString([(0, 0), (1, 1)])])
        )
        assert sorted(re.findall(r"M[^M]+", told)) == sorted(
            ["M40 0l0 20 -40 0 0 -20z", "M0 0l20 20"]
        )

    def test_a_yard_is_left_out_of_its_building(self):
        yard = shapely.box(0, 0, 9, 9) - shapely.box(3, 3, 6, 6)
        assert ground.path(np.array([yard])).count("M") == 2


class TestNames:
    def window(self):
        return Window.around(BOX, 300, 400, margin=0)

    def written(self, name, corners, room=None):
        window = self.window()
        room = room or naming.Room(300, 400)
        back = window.box()
        lon = np.interp([x for x, _ in corners], [0, 300], [back.west, back.east])
        lat = np.interp([y for _, y in corners], [0, 400], [back.north, back.south])
        cut = TestGround().cut(
            ("street", "primary", name, shapely.LineString(np.column_stack((lon, lat))))
        )
        return naming.names(cut, window, room, 6)

    def test_along_a_level_street_it_follows_the_street(self):
        (name,) = self.written("文化东路", [(100, 200), (200, 205)])
        assert name.signs
        assert len(name.x.split()) == 4
        assert all(0 < float(turn) < 6 for turn in name.turn.split())

    def test_along_a_steep_one_signs_stand_upright_from_above(self):
        (name,) = self.written("南塔街", [(100, 300), (105, 200)])
        assert set(name.turn.split()) <= {"0.0", "-0.0"}
        down = [float(y) for y in name.y.split()]
        assert down == sorted(down)

    def test_a_latin_name_is_written_in_one_and_never_upside_down(self):
        (name,) = self.written("Wenhua Road", [(200, 200), (100, 210)])
        assert not name.signs
        assert abs(float(name.turn)) < 90

    def test_a_street_too_short_or_too_bent_has_none(self):
        assert self.written("文化东路", [(100, 200), (110, 200)]) == []
        zigzag = [(100 + 4 * n, 200 + 4 * (n % 2)) for n in range(20)]
        assert self.written("文化东路", zigzag) == []

    def test_a_long_street_has_it_more_than_once_but_not_close_together(self):
        names = self.written("文化东路", [(2, 200), (298, 200)])
        assert len(names) == 2

    def test_it_gives_way_to_what_is_there(self):
        room = naming.Room(300, 400)
        room.take(np.array([[90.0, 150, 210, 250]]))
        assert self.written("文化东路", [(100, 200), (200, 205)], room) == []

    def test_beside_a_border_it_stands_beside_its_street(self):
        room = naming.Room(300, 400)
        room.take(np.array([[0.0, 199, 300, 201]]))
        (name,) = self.written("文化东路", [(100, 200), (200, 200)], room)
        middle = np.mean([float(y) for y in name.y.split()])
        assert abs(middle - 202.6) > 4


class TestColumns:
    def listed(self, n, name="泉富便民超市"):
        entries = [listing.entry(place(f"{name}{i}"), i, 17) for i in range(1, n + 1)]
        return [(look(), n, entries)]

    @given(st.integers(0, 60), st.floats(8, 80), st.integers(1, 6))
    @settings(deadline=None)
    def test_no_column_is_too_high_and_nobody_is_lost(self, n, height, most):
        laid = listing.columns(self.listed(n), height, most)
        if laid is None:
            return
        assert len(laid) <= most
        assert all(sum(group.height for group in column) <= height + 1e-6 for column in laid)
        numbers = [one.number for column in laid for group in column for one in group.entries]
        assert numbers == list(range(1, n + 1))

    def test_a_category_that_goes_on_has_its_heading_again(self):
        laid = listing.columns(self.listed(20), 30, 6)
        assert [column[0].again for column in laid] == [False] + [True] * (len(laid) - 1)

    def test_columns_are_even(self):
        laid = listing.balanced(self.listed(20), 200, 4)
        heights = [sum(group.height for group in column) for column in laid]
        assert len(laid) == 4
        assert max(heights) < 30

    def test_what_does_not_fit_is_said(self):
        assert listing.columns(self.listed(50), 20, 2) is None


class TestPlan:
    def told(self, n):
        def listed(_spot, room, most):
            many = n if most is None else min(n, most)
            entries = [listing.entry(place(f"店{i}"), i, room) for i in range(1, many + 1)]
            return [(look(), n, entries)]

        return listed

    @pytest.mark.parametrize("key", papers.PAPERS)
    @pytest.mark.parametrize("n", [0, 1, 30, 90, 400])
    def test_few_are_written_large_and_many_as_small_as_can_be_read(self, key, n):
        paper = papers.PAPERS[key]
        plan = papers.plan(paper, 21 if paper.width > 300 else 9, self.told(n))
        shown = sum(len(group.entries) for column in plan.columns for group in column)
        assert plan.type_size in paper.types
        assert shown <= n
        if n <= 1:
            assert (shown, plan.type_size) == (n, paper.types[0])
        if n == 400:
            assert 0 < shown < n or paper.name == "a0"
            assert plan.type_size == paper.types[-1]

    def test_a_hundred_fit_on_the_wall(self):
        plan = papers.plan(papers.PAPERS["a1", ""], 42, self.told(104))
        assert sum(len(group.entries) for column in plan.columns for group in column) == 104

    @pytest.mark.parametrize("paper", papers.NAMES)
    def test_every_size_of_title_and_legend_has_its_rule(self, paper):
        rules = (JS.parents[1] / "css" / "poster.css").read_text(encoding="utf-8")
        for size in sheet.TITLES[paper]:
            assert f".title-{sheet.named(size)} {{" in rules
        for size in sheet.LEGEND_TYPES[paper]:
            assert f".legend-{sheet.named(size)} {{" in rules

    @pytest.mark.parametrize("paper", papers.PAPERS.values(), ids=lambda paper: paper.look)
    def test_every_size_of_type_and_every_paper_has_its_rule(self, paper):
        css = JS.parents[1] / "css"
        rules = (css / "poster.css").read_text(encoding="utf-8")
        for size in paper.types:
            assert f".type-{sheet.named(size)} {{ --type: " in rules
        assert (css / f"{paper.look}.css").is_file()
