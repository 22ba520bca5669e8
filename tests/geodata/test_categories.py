"""Categories: added, renamed, recoloured, put in order, hidden with their merchants."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from geodata import areas, browse, categories, matrix, merchants, near
from geodata.categories import SHAPES
from geodata.errors import Conflict, Forbidden, Invalid, NotFound
from geodata.matrix import Asked
from geodata.policy import RESIDENT
from tests.factories import ADMIN, CENTRE, HOSTILE, WORKER, areas_frame, entry, square

STATIC = Path(__file__).parents[2] / "static"
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
FLOWERS = {
    "name": "花店",
    "name_en": "Flower shop",
    "colour": "cc79a7",
    "shape": "circle",
    "glyph": "花",
    "group": "merchant",
}


def add(store, **told):
    with store.writing() as tx:
        return categories.add(tx, FLOWERS | told, actor=ADMIN)


def edit(store, category_id, version=1, actor=ADMIN, **told):
    with store.writing() as tx:
        return categories.edit(tx, category_id, told, version=version, actor=actor)


def listed(store):
    with store.reading() as tx:
        return {category.id: category for category in categories.listed(tx)}


def order(store):
    return list(listed(store))


class TestAdding:
    def test_it_stands_last_in_the_legend_and_merchants_may_have_it_at_once(self, store):
        with store.reading() as tx:
            assert "flower-shop" not in categories.known(tx)
        assert add(store) == "flower-shop"

        assert order(store)[-1] == "flower-shop"
        made = listed(store)["flower-shop"]
        assert (made.name, made.colour, made.glyph) == ("花店", "#CC79A7", "花")
        with store.writing() as tx:
            merchants.add(tx, entry("小花", category="flower-shop"), actor=ADMIN)

    def test_ids_are_words_that_an_address_can_hold_and_never_twice(self, store):
        made = [
            add(store),
            add(store, name="鲜花"),
            add(store, name="干花", name_en=""),
            add(store, name="花,草", name_en="花 & more/../x"),
        ]
        assert len({*made}) == 4
        assert all(re.fullmatch("[a-z0-9-]{1,40}", one) for one in made)

    @pytest.mark.parametrize("word", ["Name", "Level", "Residents", "Geometry", "Total"])
    def test_no_id_is_a_column_that_a_table_has_already(self, store, word):
        with store.writing() as tx:
            areas.merge(tx, areas_frame(("210103006012", "泉富", square(*CENTRE))), actor=ADMIN)
        made = add(store, name_en=word)
        with store.reading() as tx:
            told = matrix.read(tx, None, Asked(level="community"))

        assert made.startswith(f"{word.lower()}-")
        assert made in matrix.categories_of(told)
        assert set(told["level"]) == {"community"}

    def test_the_clock_of_everything_ticks(self, store):
        before = store.revision()
        add(store)
        assert store.revision() > before

    @pytest.mark.parametrize(
        "told, wrong",
        [
            ({"name": " \u3000"}, {"name": "missing"}),
            ({"name": "长" * 21}, {"name": "too_long"}),
            ({"name": "购物"}, {"name": "taken"}),
            ({"name_en": "x" * 41}, {"name_en": "too_long"}),
            ({"colour": "red"}, {"colour": "not_a_colour"}),
            ({"shape": "heart"}, {"shape": "unknown"}),
            ({"glyph": ""}, {"glyph": "not_one_sign"}),
            ({"glyph": "花店"}, {"glyph": "not_one_sign"}),
            ({"glyph": "\u202e"}, {"glyph": "not_one_sign"}),
            ({"group": "x"}, {"group": "unknown"}),
            ({"rank": 1}, {"rank": "unknown"}),
            ({"id": "x"}, {"id": "unknown"}),
            ({"glyph": "", "colour": "1"}, {"glyph": "not_one_sign", "colour": "not_a_colour"}),
        ],
    )
    def test_what_is_wrong_is_told_by_field(self, store, told, wrong):
        with pytest.raises(Invalid, match="category_invalid") as caught:
            add(store, **told)
        assert caught.value.details == wrong

    def test_what_is_missing_is_told(self, store):
        with store.writing() as tx, pytest.raises(Invalid) as caught:
            categories.add(tx, {"name": "花店"}, actor=ADMIN)
        assert set(caught.value.details) == {"colour", "shape", "glyph", "group"}

    @pytest.mark.parametrize("text", [text for text in HOSTILE if len(text) <= 20])
    def test_a_hostile_name_is_kept_as_written(self, store, text):
        made = add(store, name=text, name_en=text)
        assert listed(store)[made].name == text


class TestEditing:
    def test_name_and_looks_change(self, store):
        edit(store, "clinic", name="卫生所", colour="#0072B2", shape="star", glyph="卫")
        now = listed(store)["clinic"]
        assert (now.name, now.colour, now.shape, now.glyph) == ("卫生所", "#0072B2", "star", "卫")
        assert now.version == 2

    def test_its_own_name_is_not_taken(self, store):
        assert edit(store, "clinic", name="诊所")["version"] == 1

    def test_two_at_once_do_not_overwrite_each_other(self, store):
        edit(store, "clinic", name="卫生所")
        with pytest.raises(Conflict, match="version_stale"):
            edit(store, "clinic", name="医务室")
        assert listed(store)["clinic"].name == "卫生所"

    def test_an_unknown_one_is_told(self, store):
        with pytest.raises(NotFound, match="category_not_found"):
            edit(store, "nothing", name="x")

    def test_the_history_knows(self, store):
        edit(store, "clinic", name="卫生所")
        with store.reading() as tx:
            newest, *_ = tx.history("category", "clinic")
        assert (newest["by"], newest["before"]) == ("admin", {"name": "诊所"})


class TestOrder:
    def test_the_legend_has_it(self, store):
        turned = order(store)[::-1]
        with store.writing() as tx:
            categories.reorder(tx, turned, actor=ADMIN)
        assert order(store) == turned

    @pytest.mark.parametrize("change", [lambda o: o[1:], lambda o: [*o, "x"], lambda o: o + o[:1]])
    def test_one_that_is_not_of_all_is_refused(self, store, change):
        with store.writing() as tx, pytest.raises(Conflict, match="version_stale"):
            categories.reorder(tx, change(order(store)), actor=ADMIN)


@pytest.mark.parametrize("actor", [RESIDENT, WORKER])
def test_only_administrators_change_them(store, actor):
    with store.writing() as tx:
        with pytest.raises(Forbidden):
            categories.add(tx, FLOWERS, actor=actor)
        with pytest.raises(Forbidden):
            categories.edit(tx, "clinic", {"name": "x"}, version=1, actor=actor)
        with pytest.raises(Forbidden):
            categories.reorder(tx, [], actor=actor)


class TestHidden:
    @pytest.fixture
    def town(self, store):
        """Return a store with a shop and a clinic, of which clinics are hidden."""
        with store.writing() as tx:
            street = ("210103006000", "万莲街道", square(*CENTRE))
            areas.merge(tx, areas_frame(street), actor=ADMIN)
            merchants.add(tx, entry("小店"), actor=ADMIN)
            merchants.add(tx, entry("小诊所", category="clinic"), actor=ADMIN)
        assert self.found(store, browse.Query(zoom=14)) == 2
        edit(store, "clinic", hidden=True)
        return store

    @staticmethod
    def found(store, query):
        with store.reading() as tx:
            told = browse.find(tx, query, NOON)
        assert told.matched == sum(told.counts.get(name, 0) for name in told.counts) or (
            query.categories is not None
        )
        return told.matched

    @pytest.mark.parametrize(
        "query, n",
        [
            (browse.Query(zoom=14), 1),
            (browse.Query(), 1),
            (browse.Query(text="小"), 1),
            (browse.Query(text="诊所"), 0),
            (browse.Query(categories=("clinic",)), 0),
            (browse.Query(zoom=14, categories=("clinic",)), 0),
            (browse.Query(zoom=14, categories=("clinic", "shopping")), 1),
            (browse.Query(zoom=5, limit=1), 1),
        ],
    )
    def test_residents_find_none_of_its_merchants(self, town, query, n):
        assert self.found(town, query) == n

    def test_nor_among_so_many_that_ready_counts_answer(self, town, monkeypatch):
        monkeypatch.setattr(browse, "MANY", 0)
        assert self.found(town, browse.Query(zoom=14)) == 1
        assert self.found(town, browse.Query(zoom=14, categories=("clinic",))) == 0

    def test_nor_near_by_nor_in_a_table(self, town):
        with town.reading() as tx:
            spots = browse.spots(tx, browse.Query(), NOON)
            assert [spot.category for spot in spots] == ["shopping"]
            assert near.standing(tx, CENTRE, NOON, within_m=50) == ["小店"]
            assert merchants.frame(tx)["name"].tolist() == ["小店"]
            assert browse.frame(tx, browse.Query(), NOON)["name"].tolist() == ["小店"]
            assert "clinic" not in matrix.read(tx, None, Asked()).columns

    def test_nor_by_its_address(self, town):
        with town.reading() as tx:
            (row,) = tx.rows("merchant", name="小诊所")
            with pytest.raises(NotFound, match="merchant_not_found"):
                merchants.get(tx, row["id"])
            assert merchants.get(tx, row["id"], actor=WORKER)["name"] == "小诊所"

    def test_staff_still_has_them(self, town):
        with town.reading() as tx:
            assert len(merchants.frame(tx, actor=WORKER, area="210103006")) == 2

    def test_shown_again_it_is_all_there(self, town):
        edit(town, "clinic", version=2, hidden=False)
        assert self.found(town, browse.Query(zoom=14)) == 2


def test_the_shapes_are_those_that_the_map_can_draw():
    script = (STATIC / "js" / "shapes.js").read_text("utf-8")
    table = script[script.index("SHAPES = ") : script.index("export const INK")]
    assert set(re.findall(r"^  (\w+): \{", table, re.MULTILINE)) == set(SHAPES)
    symbols = re.findall(r'symbol id="(\w+)"', (STATIC / "icons" / "shapes.svg").read_text("utf-8"))
    assert set(symbols) == set(SHAPES)
