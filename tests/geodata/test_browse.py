"""What a map asks, on both engines, against the plain answer over all rows."""

from datetime import datetime

import numpy as np
import pytest

from geodata import browse, demo, merchants
from geodata.browse import Query
from geodata.demo import filling
from geodata.geometry import BBox
from geodata.hours import SHANGHAI
from tests.factories import ADMIN, entry

NOON = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)


def find(store, at=NOON, **asked):
    with store.reading() as tx:
        return browse.find(tx, Query(**asked), at)


def names(found):
    return [place.name for place in found.places]


@pytest.fixture(scope="module")
def made():
    return demo.neighbourhood()


@pytest.fixture
def district(store, made):
    with store.writing() as tx:
        filling.fill(tx, made, actor=ADMIN)
    return store


def add(store, *entries):
    with store.writing() as tx:
        for one in entries:
            merchants.add(tx, one, actor=ADMIN)


class TestInTheDemonstration:
    def test_the_numbers_are_those_of_the_real_matrix(self, district):
        counts = find(district).counts
        assert [counts[name] for name in ("repair", "shopping", "barber", "clinic")] == [
            51,
            21,
            12,
            9,
        ]

    def test_categories_narrow_the_places_and_not_the_counts(self, district):
        found = find(district, categories=("clinic",))
        assert {place.category for place in found.places} == {"clinic"}
        assert (found.matched, found.counts["repair"]) == (9, 51)

    def test_few_places_are_points_at_any_zoom(self, district, made):
        box = BBox(*made.areas.total_bounds)
        found = find(district, box=box, zoom=12)
        assert (len(found.places), found.clusters) == (104, [])

    def test_more_than_the_limit_become_clusters_that_count_everybody(self, district, made):
        box = BBox(*made.areas.total_bounds)
        for limit in (1, 3, 20, 60):
            found = find(district, box=box, zoom=15, limit=limit)
            shown = len(found.places) + sum(cluster.count for cluster in found.clusters)
            assert shown == found.matched == 104
            assert len(found.places) + len(found.clusters) <= limit

    def test_without_a_zoom_there_are_only_the_first_so_many(self, district):
        found = find(district, limit=5)
        assert (len(found.places), found.matched, found.clusters) == (5, 104, [])

    def test_an_area_narrows_to_what_lies_inside(self, district, made):
        inside = made.merchants["area"].str.startswith(demo.DEMO_COMMUNITY).sum()
        assert find(district, area=demo.DEMO_COMMUNITY).matched == inside

    @pytest.mark.parametrize("hour", [3, 9, 13, 22])
    def test_open_now_is_what_every_single_merchant_says(self, district, hour):
        at = NOON.replace(hour=hour)
        everybody = find(district, at).places
        opened = {
            p.id
            for p in everybody
            if merchants.opening(p.hours, p.status, p.closed_until, at)[1].open
        }
        assert {p.id for p in find(district, at, open_now=True).places} == opened


class TestManyMerchants:
    def test_ready_counts_agree_with_counted_rows(self, store, monkeypatch):
        frame = demo.scattered(3000)
        with store.writing() as tx:
            merchants.merge(tx, frame.assign(row=range(3000)), actor=ADMIN)
        box = BBox(*frame.total_bounds)
        counted = find(store, box=box, zoom=11)
        monkeypatch.setattr(browse, "MANY", 1000)
        for chosen in (None, ("clinic", "repair")):
            ready = find(store, box=box, zoom=11, categories=chosen)
            assert ready.whole_cells
            assert ready.counts == counted.counts
            shown = len(ready.places) + sum(cluster.count for cluster in ready.clusters)
            assert (
                shown == ready.matched == sum(counted.counts[c] for c in chosen or counted.counts)
            )

    def test_a_box_gives_just_the_rows_inside(self, store):
        frame = demo.scattered(2000)
        with store.writing() as tx:
            merchants.merge(tx, frame.assign(row=range(2000)), actor=ADMIN)
        rng = np.random.default_rng(5)
        x, y = frame.geometry.x, frame.geometry.y
        for _ in range(20):
            west, east = np.sort(rng.uniform(x.min(), x.max(), 2))
            south, north = np.sort(rng.uniform(y.min(), y.max(), 2))
            inside = (x.between(west, east) & y.between(south, north)).sum()
            found = find(store, box=BBox(west, south, east, north), limit=2000, zoom=16)
            assert found.matched == inside == len(found.places)


class TestSearch:
    @pytest.fixture
    def street(self, store):
        add(
            store,
            entry("泉富便民超市", address="万柳塘路12号-3", phones=("024-88123456",)),
            entry("泉富", category="clinic"),
            entry("新泉富超市"),
            entry("重庆小面", category="canteen", address="泉富街1号"),
            entry("K-Mart 便利店", phones=("13800001234",)),
        )
        return store

    @pytest.mark.parametrize(
        "text, expected",
        [
            ("泉富", ["泉富", "泉富便民超市", "新泉富超市", "重庆小面"]),
            ("民", ["泉富便民超市"]),
            ("quanfu", ["泉富", "泉富便民超市", "新泉富超市"]),
            ("qf", ["泉富", "泉富便民超市", "新泉富超市"]),
            ("bmcs", ["泉富便民超市"]),
            ("chongqing", ["重庆小面"]),
            ("zhongqing", ["重庆小面"]),
            ("KMART", []),
            ("mart", ["K-Mart 便利店"]),
            ("k-mart", ["K-Mart 便利店"]),
            ("88123", ["泉富便民超市"]),
            ("024 8812", ["泉富便民超市"]),
            ("138 0000", ["K-Mart 便利店"]),
            ("万柳塘路12号", ["泉富便民超市"]),
            ("泉富 超市", ["泉富便民超市", "新泉富超市"]),
            ("超市 泉富", ["泉富便民超市", "新泉富超市"]),
            ("ｑｆ", ["泉富", "泉富便民超市", "新泉富超市"]),
            ("没有的店", []),
        ],
    )
    def test_best_match_first(self, street, text, expected):
        assert names(find(street, text=text)) == expected

    def test_a_query_of_spaces_finds_everything(self, street):
        assert find(street, text="   ").matched == 5

    @pytest.mark.parametrize(
        "text", ['"', "'", "*", "a:b", "AND", "NOT x", "(", "\\", "%", "_", "😀"]
    )
    def test_signs_are_text_and_never_syntax(self, street, text):
        add(street, entry(f"x{text}y"))
        assert f"x{text}y" in names(find(street, text=text))
