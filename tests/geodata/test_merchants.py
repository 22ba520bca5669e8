"""Merchants on both engines: entered, edited, merged, found."""

from datetime import datetime, timedelta

import pytest

from geodata import areas, merchants
from geodata.datum import Datum
from geodata.errors import Conflict, Forbidden, Invalid, NotFound
from geodata.hours import SHANGHAI
from geodata.policy import RESIDENT, Actor, Role
from tests.factories import (
    ADMIN,
    CENTRE,
    HOSTILE,
    WORKER,
    areas_frame,
    entry,
    merchants_frame,
    square,
)

QUANFU = "210103006012"


def add(store, *names, **told):
    with store.writing() as tx:
        return [merchants.add(tx, entry(name, **told), actor=ADMIN) for name in names]


@pytest.fixture
def quanfu(store):
    with store.writing() as tx:
        areas.merge(tx, areas_frame((QUANFU, "泉富社区", square(*CENTRE))), actor=ADMIN)
    return store


class TestEntering:
    def test_the_position_is_kept_as_given_and_stored_in_wgs84(self, store):
        (merchant_id,) = add(store, "甲", lon=123.476, lat=41.777, datum=Datum.GCJ02)
        with store.reading() as tx:
            row = merchants.get(tx, merchant_id)
        assert (row["source_lon"], row["source_lat"], row["source_datum"]) == (
            123.476,
            41.777,
            "gcj02",
        )
        assert abs(row["lon"] - 123.476) > 0.003

    def test_a_merchant_belongs_to_the_deepest_area_that_holds_it(self, quanfu):
        (merchant_id,) = add(quanfu, "甲")
        with quanfu.reading() as tx:
            assert merchants.get(tx, merchant_id)["area"] == QUANFU

    def test_a_proposal_is_not_on_the_map_and_not_told_to_residents(self, store):
        with store.writing() as tx:
            merchant_id = merchants.propose(tx, entry(), actor=RESIDENT)
        with store.reading() as tx:
            assert len(merchants.frame(tx)) == 0
            with pytest.raises(NotFound, match="merchant_not_found"):
                merchants.get(tx, merchant_id)
            assert merchants.get(tx, merchant_id, actor=ADMIN)["status"] == "pending"

    def test_a_retired_one_is_said_to_have_been_there(self, store):
        (merchant_id,) = add(store, "甲")
        with store.writing() as tx:
            merchants.edit(tx, merchant_id, {"status": "retired"}, version=1, actor=ADMIN)
        with store.reading() as tx, pytest.raises(NotFound, match="merchant_retired"):
            merchants.get(tx, merchant_id)

    @pytest.mark.parametrize(
        "told, field",
        [
            ({"name": "  "}, "name"),
            ({"name": "长" * 201}, "name"),
            ({"category": "casino"}, "category"),
            ({"lon": 200.0}, "position"),
            ({"lat": float("nan")}, "position"),
            ({"note": "x" * 2001}, "note"),
            ({"phones": ("1" * 150, "2" * 150)}, "phones"),
        ],
    )
    def test_what_cannot_stand_on_the_map_is_refused_by_field(self, store, told, field):
        with pytest.raises(Invalid) as caught, store.writing() as tx:
            merchants.add(tx, entry(**({"name": "甲"} | told)), actor=ADMIN)
        assert field in caught.value.details

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_is_kept_as_written_in_every_field(self, store, text):
        told = {"address": text, "phones": (text.replace(";", ""),), "hours": text, "note": text}
        (merchant_id,) = add(store, text, **told)
        with store.reading() as tx:
            row = merchants.get(tx, merchant_id)
        assert [row[k] for k in ("name", "address", "hours", "note")] == [text] * 4

    def test_ids_are_short_and_never_alike(self, store):
        found = add(store, *"甲乙丙丁")
        assert len(set(found)) == 4
        assert {len(i) for i in found} == {10}


class TestScope:
    def test_a_worker_acts_inside_the_scope_only(self, quanfu):
        inside = Actor("w", Role.WORKER, "210103006")
        outside = Actor("w", Role.WORKER, "210106")
        with quanfu.writing() as tx:
            merchant_id = merchants.add(tx, entry(), actor=inside)
        with pytest.raises(Forbidden), quanfu.writing() as tx:
            merchants.add(tx, entry(), actor=outside)
        with pytest.raises(Forbidden), quanfu.writing() as tx:
            merchants.edit(tx, merchant_id, {"name": "乙"}, version=1, actor=outside)

    def test_a_worker_cannot_move_a_merchant_out_of_the_scope(self, quanfu):
        (merchant_id,) = add(quanfu, "甲")
        with pytest.raises(Forbidden), quanfu.writing() as tx:
            merchants.edit(tx, merchant_id, {"lon": 120.0, "lat": 41.0}, version=1, actor=WORKER)

    def test_a_resident_reads_no_history(self, store):
        (merchant_id,) = add(store, "甲")
        with store.reading() as tx, pytest.raises(Forbidden):
            merchants.history(tx, merchant_id, actor=RESIDENT)


class TestEditing:
    def test_an_edit_keeps_what_it_does_not_name(self, store):
        (merchant_id,) = add(store, "甲", lon=123.476, lat=41.777, datum=Datum.BD09, hours="24小时")
        with store.writing() as tx:
            old = merchants.get(tx, merchant_id)
            new = merchants.edit(tx, merchant_id, {"name": "乙"}, version=1, actor=ADMIN)
        changed = {k for k in old if old[k] != new[k]}
        assert changed == {"name", "terms", "version", "revision", "changed"}

    def test_a_move_enters_the_new_area_and_both_clocks_tick(self, quanfu):
        (merchant_id,) = add(quanfu, "甲")
        with quanfu.reading() as tx:
            before = tx.revision("210103")
        with quanfu.writing() as tx:
            row = merchants.edit(
                tx, merchant_id, {"lon": 120.0, "lat": 41.0}, version=1, actor=ADMIN
            )
        with quanfu.reading() as tx:
            assert row["area"] == ""
            assert tx.revision("210103") > before

    def test_an_unknown_field_is_refused(self, store):
        (merchant_id,) = add(store, "甲")
        with pytest.raises(Invalid, match="field_unknown"), store.writing() as tx:
            merchants.edit(tx, merchant_id, {"owner": "me"}, version=1, actor=ADMIN)

    @pytest.mark.parametrize("told", [{"lon": 123.0}, {"lat": 41.0}, {"datum": Datum.BD09}])
    def test_half_a_position_is_refused(self, store, told):
        (merchant_id,) = add(store, "甲")
        with pytest.raises(Invalid) as caught, store.writing() as tx:
            merchants.edit(tx, merchant_id, told, version=1, actor=ADMIN)
        assert caught.value.details == {"position": "incomplete"}

    @pytest.mark.parametrize("day", ["tomorrow", "9999-12-31", "2026-13-01", "0001-01-01"])
    def test_a_day_that_is_none_is_refused(self, store, day):
        (merchant_id,) = add(store, "甲")
        with pytest.raises(Invalid, match="closed_until"), store.writing() as tx:
            merchants.edit(tx, merchant_id, {"closed_until": day}, version=1, actor=ADMIN)

    def test_a_stale_version_is_a_conflict(self, store):
        (merchant_id,) = add(store, "甲")
        with pytest.raises(Conflict), store.writing() as tx:
            merchants.edit(tx, merchant_id, {"name": "乙"}, version=7, actor=ADMIN)


class TestMerging:
    def merge(self, store, *rows):
        with store.writing() as tx:
            return merchants.merge(tx, merchants_frame(*rows), actor=ADMIN)

    def test_the_same_file_twice_changes_nothing(self, store):
        rows = [{"name": "甲", "hours": "24小时"}, {"name": "乙", "lon": 123.48}]
        assert self.merge(store, *rows).added == 2
        before = store.revision()
        again = self.merge(store, *rows)
        assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
        assert store.revision() == before

    def test_a_new_phone_changes_the_merchant_that_is_there(self, store):
        self.merge(store, {"name": "甲", "address": "文萃路1号"})
        done = self.merge(store, {"name": "甲", "phones": "13800000000"})
        with store.reading() as tx:
            (row,) = tx.rows("merchant")
        assert (done.added, done.changed) == (0, 1)
        assert (row["phones"], row["address"]) == ("13800000000", "文萃路1号")

    def test_two_shops_of_one_chain_stay_two(self, store):
        rows = [{"name": "兰州拉面", "lon": 123.47}, {"name": "兰州拉面", "lon": 123.4705}]
        assert self.merge(store, *rows).added == 2
        assert self.merge(store, *rows).unchanged == 2

    def test_the_same_name_far_away_is_another_one(self, store):
        self.merge(store, {"name": "甲"})
        assert self.merge(store, {"name": "甲", "lon": 123.5}).added == 1

    def test_a_moved_pin_with_the_same_address_is_the_same_merchant(self, store):
        self.merge(store, {"name": "甲", "address": "文萃路1号"})
        done = self.merge(store, {"name": "甲", "address": "文萃路1号", "lon": 123.48})
        assert (done.added, done.changed) == (0, 1)

    def test_an_id_decides_over_name_and_place(self, store):
        (merchant_id,) = add(store, "甲")
        done = self.merge(store, {"id": merchant_id, "name": "乙", "lon": 123.6})
        assert (done.added, done.changed) == (0, 1)

    def test_a_row_with_an_id_is_not_robbed_of_its_place_by_an_earlier_one(self, store):
        (merchant_id,) = add(store, "甲")
        done = self.merge(
            store,
            {"name": "甲", "lon": 123.4704, "phones": "2"},
            {"id": merchant_id, "name": "甲", "phones": "1"},
        )
        assert (done.added, done.changed, done.repeats) == (1, 1, [])
        with store.reading() as tx:
            assert merchants.get(tx, merchant_id)["phones"] == "1"

    def test_two_addresses_are_two_places_however_near(self, store):
        self.merge(store, {"name": "1号楼", "address": "甲路1号"})
        done = self.merge(store, {"name": "1号楼", "address": "乙路2号", "lon": 123.4705})
        assert (done.added, done.changed) == (1, 0)

    def test_a_file_that_tells_until_when_a_shop_is_closed_closes_it(self, store):
        self.merge(store, {"name": "甲", "closed_until": "2030-01-01"})
        with store.reading() as tx:
            (row,) = tx.rows("merchant")
        assert (row["status"], row["closed_until"]) == ("closed", "2030-01-01")

    def test_a_row_that_repeats_a_known_place_is_told(self, store):
        add(store, "甲")
        done = self.merge(store, {"name": "甲"}, {"name": "甲", "note": "again"})
        assert done.repeats == [3]

    def test_a_worker_merges_inside_the_scope_only(self, quanfu):
        frame = merchants_frame({"name": "甲"}, {"name": "乙", "lon": 120.0})
        with pytest.raises(Forbidden), quanfu.writing() as tx:
            merchants.merge(tx, frame, actor=WORKER)
        with quanfu.reading() as tx:
            assert tx.rows("merchant") == []


class TestOpening:
    NOON = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)

    def at(self, store, at, **told):
        (merchant_id,) = add(store, "甲", hours="08:00-20:00")
        with store.writing() as tx:
            merchants.edit(tx, merchant_id, told, version=1, actor=ADMIN)
        with store.reading() as tx:
            row = tx.row("merchant", merchant_id)
        return merchants.opening(row["hours"], row["status"], row["closed_until"], at)

    def test_a_published_one_follows_its_hours(self, store):
        status, state = self.at(store, self.NOON, note="x")
        assert (status, state.open, state.until.hour) == ("published", True, 20)

    def test_a_closed_one_opens_after_the_last_closed_day(self, store):
        status, state = self.at(store, self.NOON, status="closed", closed_until="2026-11-25")
        assert (status, state.open) == ("closed", False)
        assert state.until == datetime(2026, 11, 26, 8, tzinfo=SHANGHAI)

    def test_and_is_published_again_from_then_on(self, store):
        later = self.NOON + timedelta(days=3)
        status, state = self.at(store, later, status="closed", closed_until="2026-11-25")
        assert (status, state.open) == ("published", True)

    def test_one_closed_without_a_day_never_opens(self, store):
        assert self.at(store, self.NOON, status="closed")[1].until is None
