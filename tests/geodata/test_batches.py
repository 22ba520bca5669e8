"""A whole file brought in, listed, and taken back."""

import random
from datetime import UTC, datetime

import pytest

from geodata import areas, browse, ids, merchants, proposals
from geodata.errors import Conflict, Forbidden, NotFound
from geodata.policy import RESIDENT, Actor, Role
from geodata.proposals import Contact, Report
from tests.factories import ADMIN, CENTRE, WORKER, areas_frame, entry, merchants_frame, square

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
NEXT_DOOR = (CENTRE[0] + 0.04, CENTRE[1])
NEIGHBOUR = Actor("neighbour", Role.WORKER, "210103007")


@pytest.fixture
def streets(store):
    """Return a store with two streets: the worker's, and the one east of it."""
    with store.writing() as tx:
        here = ("210103006000", "万莲街道", square(*CENTRE))
        there = ("210103007000", "东边街道", square(*NEXT_DOOR))
        areas.merge(tx, areas_frame(here, there), actor=ADMIN)
    return store


def bring_in(store, *rows, actor=ADMIN, **told):
    with store.writing() as tx:
        batch = ids.fresh(1)[0]
        done = merchants.bring_in(
            tx, merchants_frame(*rows), actor=actor, file="shops.xlsx", batch=batch, **told
        )
    return batch, done


def undo(store, batch, actor=ADMIN):
    with store.writing() as tx:
        done = merchants.undo_batch(tx, batch, actor=actor)
    return done.undone, len(done.kept)


def rows_of(store):
    with store.reading() as tx:
        return {row["name"]: row for row in tx.rows("merchant")}


def shown(store):
    with store.reading() as tx:
        return set(merchants.frame(tx)["name"])


def listed(store, actor=ADMIN):
    with store.reading() as tx:
        return merchants.recent_batches(tx, actor=actor)


class TestUndoOfAnImport:
    def test_what_it_added_leaves_the_map_and_what_it_changed_is_as_before(self, streets):
        bring_in(streets, {"name": "老店", "phones": "024-1", "note": "old"})
        batch, done = bring_in(
            streets, {"name": "老店", "phones": "024-2"}, {"name": "新店"}, {"name": "又一家"}
        )
        assert (done.added, done.changed) == (2, 1)

        assert undo(streets, batch) == (3, 0)

        assert shown(streets) == {"老店"}
        found = rows_of(streets)
        assert (found["老店"]["phones"], found["老店"]["note"]) == ("024-1", "old")
        assert found["新店"]["status"] == "retired"

    def test_a_place_that_moved_goes_back_with_its_area_and_can_be_found(self, streets):
        bring_in(streets, {"name": "小店", "address": "甲路1号"})
        batch, _ = bring_in(
            streets,
            {"name": "小店", "address": "甲路1号", "lon": NEXT_DOOR[0], "lat": NEXT_DOOR[1]},
        )
        assert rows_of(streets)["小店"]["area"] == "210103007000"

        undo(streets, batch)

        row = rows_of(streets)["小店"]
        assert (row["lon"], row["area"]) == (CENTRE[0], "210103006000")
        with streets.reading() as tx:
            query = browse.Query(text="小店", area="210103006")
            assert browse.find(tx, query, NOON).matched == 1

    def test_a_place_that_was_changed_since_keeps_what_it_has(self, streets):
        batch, _ = bring_in(streets, {"name": "甲"}, {"name": "乙"})
        row = rows_of(streets)["甲"]
        with streets.writing() as tx:
            merchants.edit(tx, row["id"], {"note": "true"}, version=1, actor=WORKER)

        with streets.writing() as tx:
            done = merchants.undo_batch(tx, batch, actor=ADMIN)

        assert (done.undone, done.kept) == (1, [row["id"]])
        assert shown(streets) == {"甲"}

    def test_what_a_later_import_did_and_its_undo_took_back_is_no_change(self, streets):
        first, _ = bring_in(streets, {"name": "甲"})
        second, _ = bring_in(streets, {"name": "甲", "note": "later"})
        assert (undo(streets, second), undo(streets, first)) == ((1, 0), (1, 0))
        assert shown(streets) == set()

    def test_what_a_later_import_did_is_kept(self, streets):
        first, _ = bring_in(streets, {"name": "甲"}, {"name": "乙"})
        bring_in(streets, {"name": "甲", "note": "later"})
        assert undo(streets, first) == (1, 1)
        assert shown(streets) == {"甲"}

    def test_a_place_that_was_erased_since_is_none_of_it(self, streets):
        batch, _ = bring_in(streets, {"name": "甲"}, {"name": "乙"})
        with streets.writing() as tx:
            merchants.erase(tx, rows_of(streets)["甲"]["id"], actor=ADMIN, why="request")
        assert undo(streets, batch) == (1, 0)

    def test_the_history_says_who_and_of_which_file(self, streets):
        batch, _ = bring_in(streets, {"name": "甲"}, actor=WORKER)
        undo(streets, batch, WORKER)
        with streets.reading() as tx:
            newest, _ = merchants.history(tx, rows_of(streets)["甲"]["id"], actor=ADMIN)
        told = (newest["action"], newest["by"], newest["why"], newest["batch"])
        assert told == ("undo", "worker", "shops.xlsx", batch)

    def test_once_is_enough(self, streets):
        batch, _ = bring_in(streets, {"name": "甲"})
        undo(streets, batch)
        with pytest.raises(Conflict, match="batch_undone"):
            undo(streets, batch)

    def test_the_same_file_brings_back_what_was_taken_back(self, streets):
        batch, _ = bring_in(streets, {"name": "甲", "address": "甲路1号"})
        undo(streets, batch)

        _, done = bring_in(streets, {"name": "甲", "address": "甲路1号"})

        assert (done.added, done.changed) == (0, 1)
        assert shown(streets) == {"甲"}

    def test_what_somebody_retired_stays_so_whatever_a_file_says(self, streets):
        batch, _ = bring_in(streets, {"name": "甲"})
        undo(streets, batch)
        row = rows_of(streets)["甲"]
        with streets.writing() as tx:
            tx.update("merchant", row["id"], {"note": "gone"}, version=row["version"], by=ADMIN)

        bring_in(streets, {"name": "甲"})

        assert shown(streets) == set()

    def test_what_a_file_brings_back_lives_by_itself_again(self, streets):
        bring_in(streets, {"name": "甲"}, {"name": "乙"})
        row, into = (rows_of(streets)[name] for name in "甲乙")
        with streets.writing() as tx:
            gone = {"status": "retired", "merged": into["id"]}
            tx.update("merchant", row["id"], gone, version=row["version"], by=ADMIN)

        bring_in(streets, {"name": "甲", "status": "published"})

        assert shown(streets) == {"甲", "乙"}
        assert rows_of(streets)["甲"]["merged"] == ""

    def test_an_unknown_import_is_told(self, store):
        with pytest.raises(NotFound, match="batch_not_found"):
            undo(store, "NOTHING")

    def test_only_whose_scope_holds_all_of_it_takes_it_back(self, streets):
        rows = {"name": "甲"}, {"name": "乙", "lon": NEXT_DOOR[0], "lat": NEXT_DOOR[1]}
        batch, _ = bring_in(streets, *rows)
        for actor in (WORKER, NEIGHBOUR, RESIDENT):
            with pytest.raises(Forbidden):
                undo(streets, batch, actor)
        assert shown(streets) == {"甲", "乙"}
        assert listed(streets)[0]["undone"] == ""

    def test_a_place_that_another_moved_out_of_scope_is_kept_not_refused(self, streets):
        batch, _ = bring_in(streets, {"name": "甲"}, {"name": "乙"}, actor=WORKER)
        row = rows_of(streets)["甲"]
        moved = {"lon": NEXT_DOOR[0], "lat": NEXT_DOOR[1]}
        with streets.writing() as tx:
            merchants.edit(tx, row["id"], moved, version=1, actor=ADMIN)
        assert undo(streets, batch, WORKER) == (1, 1)


class TestScope:
    def test_rows_outside_of_it_stay_out_and_are_told(self, streets):
        batch, done = bring_in(
            streets,
            {"name": "甲"},
            {"name": "乙", "lon": NEXT_DOOR[0], "lat": NEXT_DOOR[1]},
            {"name": "丙", "lon": 120.0},
            actor=WORKER,
            left_out=2,
        )

        assert (done.added, done.outside, done.fates) == (1, [3, 4], {2: "added"})
        assert shown(streets) == {"甲"}
        (told,) = listed(streets)
        assert (told["id"], told["left_out"], told["scope"]) == (batch, 4, WORKER.scope)

    def test_a_row_that_names_a_place_of_others_does_not_draw_it_over(self, streets):
        bring_in(
            streets,
            {"name": "甲", "address": "东路", "lon": NEXT_DOOR[0], "lat": NEXT_DOOR[1]},
        )
        _, done = bring_in(streets, {"name": "甲", "address": "东路"}, actor=WORKER)

        assert (done.outside, done.changed) == ([2], 0)
        assert rows_of(streets)["甲"]["area"] == "210103007000"

    def test_residents_bring_nothing_in(self, streets):
        with pytest.raises(Forbidden):
            bring_in(streets, {"name": "甲"}, actor=RESIDENT)
        with pytest.raises(Forbidden):
            listed(streets, RESIDENT)


def test_what_became_of_each_row_is_told(streets):
    bring_in(streets, {"name": "甲"}, {"name": "乙"})
    _, done = bring_in(streets, {"name": "甲"}, {"name": "乙", "note": "new"}, {"name": "丙"})
    assert done.fates == {2: "unchanged", 3: "changed", 4: "added"}


def test_imports_are_listed_the_newest_first_as_far_as_the_scope_goes(streets):
    mine = [bring_in(streets, {"name": f"甲{n}"}, actor=WORKER)[0] for n in range(4)]
    for n in range(30):
        bring_in(streets, {"name": f"乙{n}"})

    assert [row["id"] for row in listed(streets, WORKER)] == mine[::-1]
    assert listed(streets, NEIGHBOUR) == []
    assert len(listed(streets)) == 20
    newest = listed(streets)[0]
    assert (newest["by"], newest["role"], newest["file"]) == ("admin", "admin", "shops.xlsx")
    assert (newest["added"], newest["changed"], newest["undone"]) == (1, 0, "")


def test_what_an_undo_did_is_listed(streets):
    batch, _ = bring_in(streets, {"name": "甲"}, {"name": "乙"})
    undo(streets, batch)
    (told,) = listed(streets)
    assert (told["undone_by"], told["taken_back"], told["kept"]) == ("admin", 2, 0)
    assert told["undone"]


def test_a_rehearsal_tells_what_an_import_would_do_while_another_writes(streets):
    bring_in(streets, {"name": "甲"}, {"name": "乙"}, {"name": "丁", "address": "东路"})
    rows = (
        {"name": "甲"},
        {"name": "乙", "note": "new"},
        {"name": "丙"},
        {"name": "丁", "address": "东路", "lon": CENTRE[0] + 0.003},
        {"name": "丁", "address": "东路", "lon": CENTRE[0] + 0.003},
    )
    before = shown(streets)
    with streets.writing(), streets.reading() as tx:
        told = merchants.merge(tx, merchants_frame(*rows), actor=ADMIN, leave_outside=True)
    assert (shown(streets), len(listed(streets))) == (before, 1)

    assert bring_in(streets, *rows)[1] == told
    assert (told.added, told.changed, told.unchanged, told.repeats) == (1, 2, 1, [6])


def registered(store, name, **told):
    with store.writing() as tx:
        return proposals.register(tx, entry(name, **told), Contact(), actor=RESIDENT).merchant


def waiting(store):
    with store.reading() as tx:
        return proposals.queue(tx, actor=ADMIN)


def test_what_waits_for_review_is_left_to_it_and_a_rehearsal_tells_the_same(streets):
    same, named = registered(streets, "甲"), registered(streets, "乙", address="东路1号")
    before = {one["id"]: one for one in waiting(streets)}
    rows = (
        {"name": "甲"},
        {"id": named, "name": "乙", "address": "东路1号", "note": "new"},
        {"name": "乙", "address": "东路1号"},
        {"name": "丙"},
    )
    with streets.reading() as tx:
        told = merchants.merge(tx, merchants_frame(*rows), actor=ADMIN, leave_outside=True)
    assert bring_in(streets, *rows)[1] == told
    assert (told.added, told.changed, told.waiting) == (3, 0, [3])
    assert told.fates == {2: "added", 4: "added", 5: "added"}
    assert listed(streets)[0]["left_out"] == 1

    assert {one["id"]: one for one in waiting(streets)} == before
    assert shown(streets) == {"甲", "乙", "丙"}
    with streets.reading() as tx:
        assert [tx.row("merchant", one)["version"] for one in (same, named)] == [1, 1]
        (one,) = tx.records("proposal", merchant=same)
        (alike,) = proposals.review(tx, one["id"], actor=ADMIN).alike
    assert (alike.merchant["name"], alike.merchant["status"]) == ("甲", "published")


def test_what_is_proposed_of_a_shop_moves_with_it_by_a_file(streets):
    bring_in(streets, {"name": "甲", "address": "东路1号"})
    shop = rows_of(streets)["甲"]["id"]
    with streets.writing() as tx:
        proposals.report(tx, shop, Report.OTHER, "门口有坑", actor=RESIDENT)
    there = {"lon": NEXT_DOOR[0], "lat": NEXT_DOOR[1]}
    bring_in(streets, {"name": "甲", "address": "东路1号"} | there)
    with streets.reading() as tx:
        (one,) = proposals.queue(tx, actor=NEIGHBOUR)
        assert (one["merchant"], proposals.queue(tx, actor=WORKER)) == (shop, [])


def test_a_large_import_is_taken_back_in_parts_and_tells_how_far_it_is(streets):
    dice = random.Random(4)
    rows = [{"name": f"店{n}", "lon": CENTRE[0] + dice.uniform(-0.01, 0.01)} for n in range(4500)]
    batch, _ = bring_in(streets, *rows)
    seen = []
    with streets.writing() as tx:
        merchants.undo_batch(tx, batch, actor=ADMIN, progress=lambda *told: seen.append(told))
    assert seen == [(2000, 4500), (4000, 4500), (4500, 4500)]
    assert shown(streets) == set()
    with streets.reading() as tx:
        assert browse.find(tx, browse.Query(zoom=12), NOON).matched == 0
