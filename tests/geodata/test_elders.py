"""Elders living alone: sealed, seen one by one by whoever may, and gone when they are to be."""

import sqlite3
import threading
from contextlib import closing

import pytest

from geodata import areas, elders, homes
from geodata.elders import Elder
from geodata.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from geodata.policy import RESIDENT, Actor, Role
from geodata.store import open_store
from geodata.vault import Vault, new_key
from tests.factories import ADMIN, CENTRE, areas_frame, homes_frame, square

WORKER = Actor("wang", Role.WORKER, "210103006012", account="A1", network="10.0.0.0")
STRANGER = Actor("li", Role.WORKER, "210106", account="A2")
MACHINE = Actor("token:wall", Role.WORKER, "210103006012")
KEY, OTHER = new_key(), new_key()
VAULT, WRONG, SHUT = Vault([KEY]), Vault([OTHER]), Vault()
HERE, THERE = "210103006012", "210103006013"
WHO = Elder("獬豸秀英", "2单元301", "13987650123", "耳背，敲门要重")


@pytest.fixture
def towers(store):
    """Put two buildings into a community, and a third into its neighbour; give their ids."""
    east = CENTRE[0] + 0.02
    frame = areas_frame((HERE, "泉富", square(*CENTRE)), (THERE, "邻富", square(east, CENTRE[1])))
    told = [{"name": "10号楼"}, {"name": "2号楼", "elders_alone": 2}, {"name": "9号楼"}]
    told[1]["lon"], told[2]["lon"] = CENTRE[0] + 0.005, east
    with store.writing() as tx:
        areas.merge(tx, frame, actor=ADMIN)
        homes.merge(tx, homes_frame(*told), actor=ADMIN)
        return {row["name"]: row["id"] for row in tx.rows("home")}


@pytest.fixture
def enter(store, towers):
    """Enter somebody, and return the entry's id."""

    def entered(told=WHO, home="10号楼", vault=VAULT, actor=WORKER):
        with store.writing() as tx:
            return elders.add(tx, towers[home], told, vault, actor=actor)

    return entered


def looked(store, key, vault=VAULT, actor=WORKER):
    with store.writing() as tx:
        return elders.look(tx, key, vault, actor=actor)


def changed(store, key, told, seen=""):
    with store.writing() as tx:
        seen = seen or tx.record("elder", key)["changed"]
        elders.change(tx, key, told, VAULT, seen=seen, actor=WORKER)


def notes(store):
    with store.reading() as tx:
        lines = tx.records("log", order=("seq",))
    return [(line["what"], line["by"], line["target"], line["area"]) for line in lines]


def sealed(store):
    with store.reading() as tx:
        return {row["id"]: row["sealed"] for row in tx.records("elder")}


class TestWhoIsKept:
    def test_what_is_entered_is_seen_again(self, store, enter, towers):
        key = enter()
        found = looked(store, key)
        assert (found.told, found.home, found.area) == (WHO, towers["10号楼"], HERE)
        assert found.by == "wang"

    def test_nothing_of_it_is_readable_in_the_store(self, store, enter):
        enter()
        (text,) = sealed(store).values()
        for word in WHO.told().values():
            assert word not in text

    def test_it_is_told_without_names_where_they_live(self, store, enter, towers):
        keys = [enter(), enter(Elder("乙"), "2号楼")]
        with store.reading() as tx:
            found = elders.listed(tx, actor=WORKER, area=HERE)
        assert [row["home_name"] for row in found] == ["2号楼", "10号楼"]
        assert [row["id"] for row in found] == keys[::-1]
        assert set(found[0]) == {
            *("id", "home", "home_name", "lon", "lat", "area", "changed", "by")
        }
        assert found[0]["lon"] == pytest.approx(CENTRE[0] + 0.005)
        assert found[0]["home"] == towers["2号楼"]

    def test_where_one_lives_is_told_without_the_name(self, store, enter):
        key = enter()
        with store.reading() as tx:
            told = elders.place(tx, key, actor=WORKER)
            assert [told] == elders.listed(tx, actor=WORKER, area=HERE)
            with pytest.raises(Forbidden):
                elders.place(tx, key, actor=STRANGER)

    def test_they_are_counted_by_home(self, store, enter, towers):
        for name in ("甲", "乙"):
            enter(Elder(name), "2号楼")
        with store.reading() as tx:
            assert elders.counts(tx, actor=WORKER, area=HERE) == {towers["2号楼"]: 2}

    def test_both_numbers_are_told_and_neither_changes_the_other(self, store, enter):
        enter(home="2号楼")
        with store.reading() as tx:
            (one,) = elders.by_home(tx, actor=WORKER, area=HERE)
            told = tx.rows("home", name="2号楼")[0]["elders_alone"]
        assert (one.said, len(one.entries), one.differs, told) == (2, 1, True, 2)

    def test_homes_without_any_are_found_by_words(self, store, enter):
        enter(home="2号楼")

        def names(words):
            with store.reading() as tx:
                found = elders.by_home(tx, actor=WORKER, area=HERE, words=words)
            return [one.name for one in found]

        assert (names("10号"), names("号楼"), names("9号")) == (["10号楼"], ["2号楼", "10号楼"], [])

    def test_an_entry_follows_its_home_when_borders_move(self, store, enter):
        key = enter()
        with store.writing() as tx:
            frame = areas_frame((HERE, "", square(123.4, 41.7)), (THERE, "", square(*CENTRE)))
            areas.merge(tx, frame, actor=ADMIN)
        with pytest.raises(Forbidden):
            looked(store, key)
        with store.reading() as tx:
            assert tx.record("elder", key)["area"] == THERE
            assert elders.listed(tx, actor=WORKER, area=HERE) == []

    def test_an_entry_follows_its_home_when_that_is_put_elsewhere(self, store, enter, towers):
        key = enter()
        moved = {"id": towers["10号楼"], "name": "10号楼", "lon": CENTRE[0] + 0.02}
        with store.writing() as tx:
            homes.merge(tx, homes_frame(moved), actor=ADMIN)
            assert tx.record("elder", key)["area"] == THERE

    @pytest.mark.parametrize(
        "told, wrong",
        [
            ({"name": " \u3000"}, {"name": "missing"}),
            ({"name": "长" * 201}, {"name": "too_long"}),
            ({"name": "甲", "note": "长" * 2001}, {"note": "too_long"}),
        ],
    )
    def test_what_cannot_be_kept_is_told_by_field(self, enter, told, wrong):
        with pytest.raises(Invalid, match="elder_invalid") as refused:
            enter(Elder.typed(told))
        assert refused.value.details == wrong

    def test_the_same_person_is_not_entered_twice(self, enter):
        enter()
        with pytest.raises(Conflict, match="elder_known"):
            enter(Elder("獬豸 秀英", "2单元 301"))
        assert enter(Elder(WHO.name, "1单元101"))


class TestChanging:
    def test_what_is_changed_is_so(self, store, enter):
        key = enter()
        changed(store, key, Elder("王秀英", phone="1"))
        assert looked(store, key).told == Elder("王秀英", phone="1")

    def test_who_was_slower_is_told(self, store, enter):
        key = enter()
        with pytest.raises(Conflict, match="version_stale"):
            changed(store, key, Elder("乙"), seen="2026-01-01T00:00:00.000Z")
        assert looked(store, key).told == WHO

    def test_nothing_to_change_changes_and_notes_nothing(self, store, enter):
        key = enter()
        before = sealed(store)
        changed(store, key, WHO)
        assert sealed(store) == before
        assert [what for what, *_ in notes(store)] == ["elder_add"]

    def test_somebody_is_taken_off_the_list(self, store, enter):
        key = enter()
        with store.writing() as tx:
            elders.remove(tx, key, VAULT, actor=WORKER)
        with pytest.raises(NotFound, match="elder_not_found"):
            looked(store, key)


class TestWhoMay:
    def test_each_look_is_noted_and_never_what_was_seen(self, store, enter):
        key = enter()
        looked(store, key)
        looked(store, key, actor=ADMIN)
        assert notes(store) == [
            ("elder_add", "wang", key, HERE),
            ("elder_read", "wang", key, HERE),
            ("elder_read", "admin", key, HERE),
        ]
        with store.reading() as tx:
            told = str(tx.records("log"))
        assert not any(word in told for word in WHO.told().values())

    def test_what_is_done_is_noted(self, store, enter):
        key = enter()
        changed(store, key, Elder("乙"))
        with store.writing() as tx:
            elders.remove(tx, key, VAULT, actor=WORKER)
        assert [line[0] for line in notes(store)] == ["elder_add", "elder_edit", "elder_remove"]

    @pytest.mark.parametrize("actor", [STRANGER, MACHINE, RESIDENT], ids=lambda one: one.name)
    def test_nobody_else_sees_or_does_anything(self, store, enter, towers, actor):
        key = enter()

        def acts(tx):
            yield lambda: elders.look(tx, key, VAULT, actor=actor)
            yield lambda: elders.add(tx, towers["2号楼"], Elder("乙"), VAULT, actor=actor)
            yield lambda: elders.change(tx, key, Elder("乙"), VAULT, seen="", actor=actor)
            yield lambda: elders.remove(tx, key, VAULT, actor=actor)
            yield lambda: elders.erase(tx, elder=key, actor=actor)
            yield lambda: elders.erase(tx, home=towers["10号楼"], actor=actor)
            yield lambda: elders.erase(tx, area=HERE, actor=actor)

        with store.writing() as tx:
            for act in acts(tx):
                with pytest.raises(Forbidden):
                    act()
        assert [line[0] for line in notes(store)] == ["elder_add"]

    def test_where_they_live_is_for_staff_of_the_area(self, store, enter):
        enter()
        with store.reading() as tx:
            assert len(elders.listed(tx, actor=MACHINE, area=HERE)) == 1
            for actor in (STRANGER, RESIDENT):
                for ask in (elders.listed, elders.counts, elders.by_home):
                    with pytest.raises(Forbidden):
                        ask(tx, actor=actor, area=HERE)
            with pytest.raises(Forbidden):
                elders.listed(tx, actor=WORKER)

    def test_erasing_is_for_administrators(self, store, enter):
        key = enter()
        with store.writing() as tx, pytest.raises(Forbidden):
            elders.erase(tx, elder=key, actor=WORKER)


class TestTheKey:
    @pytest.mark.parametrize(
        "vault, code", [(SHUT, "elders_key_missing"), (WRONG, "elders_key_wrong")]
    )
    def test_without_the_right_one_nothing_is_seen_lost_or_written_over(
        self, store, enter, towers, vault, code
    ):
        key = enter()
        before = sealed(store)

        def acts(tx):
            yield lambda: elders.look(tx, key, vault, actor=WORKER)
            yield lambda: elders.add(tx, towers["2号楼"], Elder("乙"), vault, actor=WORKER)
            yield lambda: elders.change(tx, key, Elder("乙"), vault, seen="", actor=WORKER)
            yield lambda: elders.remove(tx, key, vault, actor=WORKER)
            yield lambda: elders.reseal(tx, vault, actor=ADMIN)
            yield lambda: elders.bring_in(tx, [], vault, actor=ADMIN)

        with store.writing() as tx:
            for act in acts(tx):
                with pytest.raises(Unavailable, match=code):
                    act()
        assert sealed(store) == before
        assert looked(store, key).told == WHO
        with store.reading() as tx:
            assert elders.trouble(tx, vault) == code
            assert elders.listed(tx, actor=WORKER, area=HERE)

    def test_the_first_entry_takes_any_key(self, store, enter):
        with store.reading() as tx:
            assert elders.trouble(tx, WRONG) == ""
        assert enter(vault=WRONG)

    def test_a_key_that_was_left_out_too_early_is_noticed(self, store, enter):
        """Between a change of the key and the sealing anew, both are in use."""
        enter(Elder("甲"))
        enter(Elder("乙"), vault=Vault([OTHER, KEY]))
        with store.reading() as tx:
            for left, code in ([OTHER], "wrong"), ([KEY], "wrong"), ([KEY, OTHER], ""):
                told = elders.trouble(tx, Vault(left))
                assert told == (f"elders_key_{code}" if code else "")

    def test_it_is_changed_and_the_old_one_can_go(self, store, enter):
        keys = [enter(Elder("甲")), enter(Elder("乙"))]
        both = Vault([OTHER, KEY])
        with store.writing() as tx:
            assert elders.standing(tx, both, actor=ADMIN) == (2, 2, 0)
            assert elders.reseal(tx, both, actor=ADMIN) == (2, 0)
            assert elders.reseal(tx, both, actor=ADMIN) == (0, 0)
        assert [looked(store, key, WRONG).told.name for key in keys] == ["甲", "乙"]
        with pytest.raises(Unavailable, match="elders_key_wrong"):
            looked(store, keys[0])
        assert ("elder_reseal", "admin", "2", "") in notes(store)

    def test_sealing_anew_leaves_what_no_key_opens(self, store, enter):
        key, broken = enter(Elder("甲")), enter(Elder("乙"))
        with store.writing() as tx:
            tx.revise("elder", {"sealed": "gAAA"}, id=broken)
            assert elders.reseal(tx, Vault([OTHER, KEY]), actor=ADMIN) == (1, 1)
        assert looked(store, key, WRONG).told.name == "甲"
        assert sealed(store)[broken] == "gAAA"

    def test_what_is_changed_meanwhile_is_not_undone_by_sealing_anew(self, store, enter):
        key, looking = enter(), threading.Event()

        class Watched(Vault):
            def opens(self, sealed):
                looking.set()
                return super().opens(sealed)

        def resealing():
            with store.writing() as tx:
                elders.reseal(tx, Watched([OTHER, KEY]), actor=ADMIN)

        other = threading.Thread(target=resealing)
        with store.writing() as tx:
            seen = tx.record("elder", key)["changed"]
            elders.change(tx, key, Elder("乙"), VAULT, seen=seen, actor=WORKER)
            other.start()
            assert not looking.wait(0.3), "it must not read what is being written"
        other.join()
        assert looked(store, key, WRONG).told == Elder("乙")

    def test_it_is_no_affair_of_one_area(self, store):
        with store.writing() as tx:
            for ask in (elders.reseal, elders.standing):
                with pytest.raises(Forbidden):
                    ask(tx, VAULT, actor=WORKER)

    def test_texts_that_were_swapped_are_noticed(self, store, enter):
        keys = [enter(Elder("甲")), enter(Elder("乙"))]
        texts = sealed(store)
        with store.writing() as tx:
            for key, other in (keys, keys[::-1]):
                tx.revise("elder", {"sealed": texts[other]}, id=key)
        for key in keys:
            with pytest.raises(Unavailable, match="elder_swapped"):
                looked(store, key)

    def test_an_entry_that_was_moved_to_another_home_from_outside_is_noticed(
        self, store, enter, towers
    ):
        key, other = enter(Elder("甲")), enter(Elder("乙"), "2号楼")
        with store.writing() as tx:
            elders.reseal(tx, Vault([OTHER, KEY]), actor=ADMIN)
            tx.revise("elder", {"home": towers["2号楼"]}, id=key)
        with pytest.raises(Unavailable, match="elder_swapped"):
            looked(store, key, Vault([OTHER]))
        assert looked(store, other, Vault([OTHER])).told == Elder("乙")


class TestErasing:
    def test_one_or_a_home_or_an_area(self, store, enter, towers):
        def erased(**what):
            with store.writing() as tx:
                return elders.erase(tx, actor=ADMIN, **what)

        key = enter()
        assert (erased(elder=key), len(sealed(store))) == (1, 0)
        enter(Elder("甲"), "2号楼")
        enter(Elder("乙"), "2号楼")
        left = enter()
        assert erased(home=towers["2号楼"]) == 2
        assert [*sealed(store)] == [left]
        far = enter(home="9号楼", actor=ADMIN)
        assert erased(area=HERE) == 1
        assert [*sealed(store)] == [far]
        assert erased(area="") == 1
        assert [line[2] for line in notes(store) if line[0] == "elder_erase"][-2:] == [left, far]

    def test_it_needs_no_key_and_an_entry_that_is_there(self, store, enter):
        key = enter()
        with store.writing() as tx:
            tx.revise("elder", {"sealed": "broken"}, id=key)
            assert elders.erase(tx, elder=key, actor=ADMIN) == 1
            with pytest.raises(NotFound):
                elders.erase(tx, elder=key, actor=ADMIN)
            with pytest.raises(ValueError, match="nothing was told"):
                elders.erase(tx, actor=ADMIN)


@pytest.mark.parametrize("how", ["erase", "remove", "reseal"])
def test_no_byte_of_what_is_gone_stays_in_the_file(tmp_path, how):
    """Nor of what an old key opens, once it is changed."""
    store = open_store(tmp_path / "linju.gpkg")
    with store.writing() as tx:
        homes.merge(tx, homes_frame({"name": "1号楼"}), actor=ADMIN)
        home = tx.rows("home")[0]["id"]
        names = [f"{WHO.name}{n}" for n in range(40)]
        keys = [elders.add(tx, home, Elder(one), VAULT, actor=ADMIN) for one in names]

    def there(texts):
        file = b"".join(one.read_bytes() for one in tmp_path.iterdir())
        return [text for text in texts if text.encode() in file]

    gone = [sealed(store)[key] for key in keys[10:30]]
    assert there(gone) == gone
    with store.writing() as tx:
        if how == "reseal":
            elders.reseal(tx, Vault([OTHER, KEY]), actor=ADMIN)
        for key in keys[10:30]:
            if how == "erase":
                elders.erase(tx, elder=key, actor=ADMIN)
            elif how == "remove":
                elders.remove(tx, key, VAULT, actor=ADMIN)
    assert there([*gone, WHO.name]) == []
    store.close()
    with closing(sqlite3.connect(tmp_path / "linju.gpkg")) as file:
        count = file.execute("SELECT count(*) FROM elder").fetchone()[0]
    assert count == (40 if how == "reseal" else 20)


class TestBringing:
    @staticmethod
    def row(number, home, name, **told):
        return {"row": number, "home": home, "name": name} | {
            field: told.get(field, "") for field in ("address", "phone", "note")
        }

    @staticmethod
    def bring(store, *rows, actor=WORKER):
        with store.writing() as tx:
            return elders.bring_in(tx, rows, VAULT, actor=actor)

    def test_good_rows_go_in_and_bad_ones_are_told(self, store, towers):
        done = self.bring(
            store,
            self.row(2, "10 号楼", "甲"),
            self.row(3, towers["2号楼"].lower(), "乙"),
            self.row(4, "99号楼", "丙"),
            self.row(5, "9号楼", "丁"),
            self.row(6, "10号楼", "甲"),
        )
        assert (done.added, done.unknown, done.repeats) == (2, [4, 5], [6])
        assert ("elder_import", "wang", "2", HERE) in notes(store)

    def test_the_same_twice_changes_nothing(self, store, towers):
        rows = [self.row(2, "10号楼", "甲", phone="1"), self.row(3, "10号楼", "乙")]
        assert self.bring(store, *rows).added == 2
        before = sealed(store)
        done = self.bring(store, *rows)
        assert (done.added, done.changed, done.unchanged) == (0, 0, 2)
        assert sealed(store) == before
        assert towers

    def test_an_empty_cell_erases_nothing(self, store, enter):
        key = enter()
        done = self.bring(store, self.row(2, "10号楼", WHO.name, phone="024-1"))
        assert (done.changed, done.added) == (1, 0)
        assert looked(store, key).told == Elder(WHO.name, WHO.address, "024-1", WHO.note)

    def test_namesakes_are_told_apart_by_their_flats(self, store, enter):
        keys = [enter(Elder("甲", "1-1")), enter(Elder("甲", "2-2"))]
        done = self.bring(
            store,
            self.row(2, "10号楼", "甲", address="2-2", phone="22"),
            self.row(3, "10号楼", "甲", phone="0"),
            self.row(4, "10号楼", "甲", address="3-3"),
        )
        assert (done.changed, done.namesakes, done.added) == (1, [3], 1)
        assert [looked(store, key).told.phone for key in keys] == ["", "22"]

    def test_homes_that_are_called_alike_are_told_apart_by_their_address(self, store, towers):
        alike = [{"name": "1号楼", "address": f"{n}路", "lon": CENTRE[0] + n / 1e3} for n in (1, 2)]
        with store.writing() as tx:
            homes.merge(tx, homes_frame(*alike), actor=ADMIN)
        done = self.bring(store, self.row(2, "1号楼", "甲"), self.row(3, "2路1号楼", "乙"))
        assert (done.ambiguous, done.added) == ([2], 1)
        assert towers

    def test_it_is_for_people_of_the_staff(self, store):
        for actor in (RESIDENT, MACHINE):
            with pytest.raises(Forbidden):
                self.bring(store, actor=actor)
