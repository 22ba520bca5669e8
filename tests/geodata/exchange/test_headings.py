"""The headings of offices are understood, and can be overruled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.datum import Datum
from geodata.errors import Invalid
from geodata.exchange import Kind, understand
from geodata.exchange.headings import datum_named
from geodata.exchange.vocabulary import HEADINGS, WRITTEN


def fields(headings: list[str], kind: Kind = Kind.MERCHANTS, **options: object) -> dict[str, str]:
    seen = understand(headings, kind, **options)
    return {
        field: " ".join(headings[at] for at in places) for field, places in seen.columns.items()
    }


@pytest.mark.parametrize("kind", Kind)
def test_every_word_of_the_table_means_its_field_alone(kind):
    for field, words in HEADINGS[kind].items():
        for word in words.split():
            assert list(fields([word], kind)) == [field], word


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("language", [0, 1])
def test_what_an_export_writes_is_understood(kind, language):
    for field in set(HEADINGS[kind]) & set(WRITTEN):
        assert list(fields([WRITTEN[field][language]], kind)) == [field]


@pytest.mark.parametrize(
    "heading",
    [
        "经度",
        " 经 度 ",
        "*经度",
        "经度（百度）",
        "经度(°)",
        "Longitude",
        "LNG",
        "ｌｎｇ",
        "x",
        "bd_lon",
        "经度_gcj02",
    ],
)
def test_spelling_does_not_matter(heading):
    assert list(fields([heading])) == ["lon"]


@pytest.mark.parametrize(
    "headings, datum",
    [
        (["经度(百度)", "纬度(百度)"], Datum.BD09),
        (["bd_lng", "bd_lat"], Datum.BD09),
        (["lng_gcj02", "lat_gcj02"], Datum.GCJ02),
        (["高德经度", "高德纬度"], Datum.GCJ02),
        (["坐标（GPS）"], Datum.WGS84),
        (["经度", "纬度"], None),
    ],
)
def test_a_heading_may_name_the_datum(headings, datum):
    seen = understand(["名称", "类别", *headings], Kind.MERCHANTS)

    assert seen.datum == datum
    assert seen.missing == ()


def test_two_datums_side_by_side_are_not_mixed():
    headings = ["名称", "类别", "纬度(高德)", "经度(百度)", "经度(高德)", "纬度(百度)"]

    first = fields(headings)
    assert (first["lon"], first["lat"]) == ("经度(百度)", "纬度(百度)")
    told = fields(headings, datum=Datum.GCJ02)
    assert (told["lon"], told["lat"]) == ("经度(高德)", "纬度(高德)")


def test_the_more_exact_heading_wins_and_phones_join():
    found = fields(["商户", "商户名称", "类型", "电话1", "联系电话", "手机", "x", "y"])

    assert found["name"] == "商户名称"
    assert found["phones"] == "电话1 联系电话 手机"


def test_a_serial_number_is_no_id():
    assert "id" not in fields(["序号", "名称"])


def test_what_is_missing_is_named_field_by_field():
    assert understand(["店名", "经度"], Kind.MERCHANTS).missing == ("category", "lat")
    assert understand(["店名", "坐标"], Kind.MERCHANTS).missing == ("category",)
    assert understand(["店名", "类别"], Kind.MERCHANTS, shapes=True).missing == ()
    assert understand(["代码"], Kind.AREAS).missing == ("name", "geometry")


class TestPeopleOverrule:
    def test_a_heading_nobody_knows_can_be_chosen(self):
        assert fields(["甲", "类别"], columns={"name": "甲"})["name"] == "甲"

    def test_a_chosen_heading_is_taken_from_the_field_it_would_have_been(self):
        found = fields(["备注", "名称"], columns={"address": "备注"})

        assert found == {"name": "名称", "address": "备注"}

    def test_several_headings_can_be_phones(self):
        assert fields(["甲", "乙"], columns={"phones": ["甲", "乙"]})["phones"] == "甲 乙"

    def test_of_equal_headings_one_is_chosen_by_its_position(self):
        seen = understand(["名称", "名称", "类别"], Kind.MERCHANTS, columns={"name": 1})
        assert seen.columns == {"name": (1,), "category": (2,)}
        assert seen.ignored == (0,)

    def test_the_first_column_is_a_position_too(self):
        assert fields(["甲", "乙"], columns={"phones": [0, 1]})["phones"] == "甲 乙"

    def test_a_heading_means_the_first_that_is_equal_to_it(self):
        seen = understand(["甲", "甲"], Kind.MERCHANTS, columns={"name": "甲"})
        assert seen.columns == {"name": (0,)}

    @pytest.mark.parametrize("position", [-1, 2])
    def test_a_position_that_is_not_there_is_refused(self, position):
        with pytest.raises(Invalid, match="column_missing"):
            understand(["名称", "类别"], Kind.MERCHANTS, columns={"name": position})

    def test_a_field_can_be_left_out(self):
        assert "note" not in fields(["名称", "备注"], columns={"note": ""})

    def test_a_heading_that_is_not_there_is_refused(self):
        with pytest.raises(Invalid) as refused:
            understand(["名称"], Kind.MERCHANTS, columns={"name": "店铺"})

        assert refused.value.code == "column_missing"
        assert refused.value.details == {"columns": ["店铺"], "found": ["名称"]}

    def test_a_field_that_is_not_there_is_refused(self):
        with pytest.raises(Invalid) as refused:
            understand(["名称"], Kind.AREAS, columns={"hours": "名称"})

        assert refused.value.code == "field_unknown"


def test_two_datums_in_one_text_are_none():
    assert datum_named("百度转WGS84") is None


@given(st.lists(st.text(max_size=20), max_size=12), st.sampled_from(list(Kind)))
def test_any_headings_are_understood_somehow(headings, kind):
    seen = understand(headings, kind)

    used = [at for places in seen.columns.values() for at in places]
    assert len(used) == len(set(used))
    assert not set(used) & set(seen.ignored)
