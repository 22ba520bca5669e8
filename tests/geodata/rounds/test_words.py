"""What people typed about visits: sealed, shut without its key, forgotten in time or on request."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from geodata import elders, homes, rounds
from geodata.elders import Elder
from geodata.errors import Forbidden, NotFound, Unavailable
from geodata.hours import SHANGHAI
from geodata.policy import RESIDENT, Actor, Role
from geodata.rounds import Inserted, Label, State, Status, Tick, Urgent, Visit
from geodata.store import open_store
from geodata.vault import Vault, new_key
from tests.factories import ADMIN, CENTRE, homes_frame, round_draft

WORKER = Actor("worker", Role.WORKER, "210103006")
KEY, OTHER = new_key(), new_key()
VAULT, WRONG, SHUT = Vault([KEY]), Vault([OTHER]), Vault()
NAME, NOTE, REMARK = "獬豸的家", "找饕餮麒麟", "貔貅不在"
MONTH = timedelta(days=30)


def label(**told):
    return {"labels": {"a": Label(NAME, NOTE)}} | told


def saved(store, vault=VAULT, status=Status.ACCEPTED, **told):
    with store.writing() as tx:
        one = rounds.save(tx, round_draft(**label(**told)), actor=ADMIN, vault=vault)
        if status is not Status.DRAFT:
            one = rounds.change(tx, one.id, status=status, version=1, actor=ADMIN)
    return one


def ticked(store, one, note=REMARK, vault=VAULT, visit="a", minutes_ago=0):
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    with store.writing() as tx:
        return rounds.tick(
            tx, one.id, [Tick(visit, State.ABSENT, at, note)], actor=ADMIN, vault=vault
        )


def seen(store, one, vault=VAULT):
    """Return a round as it is shown, and what was told of it."""
    with store.reading() as tx:
        found = rounds.get(tx, one.id, actor=ADMIN)
        return rounds.opened(tx, found, vault), rounds.progress(tx, one.id, vault)


def everything(store, one):
    """Return all that the store knows of a round, its past too."""
    with store.reading() as tx:
        told = [tx.row("round", one.id), tx.history("round", one.id)]
        return str([*told, tx.records("visit", round=one.id)])


def planned(store, one, vault=VAULT, **told):
    with store.writing() as tx:
        draft = round_draft(**label(**told))
        return rounds.change(tx, one.id, draft=draft, version=one.version, actor=ADMIN, vault=vault)


def urgent(store, one, vault=VAULT):
    told = Urgent(Visit("u", CENTRE, 5), Label("貔貅的家", "快"), ())
    first, other = one.solution.rounds
    stops = (*first.stops, rounds.Stop("u", *[first.finish] * 3, 0, 0.0))
    found = rounds.Solution((rounds.Round("王", first.mode, stops, *_times(first)), other), ())
    with store.writing() as tx:
        return rounds.put_in(
            tx,
            one.id,
            told,
            Inserted(found, "王", {}),
            version=one.version,
            actor=ADMIN,
            vault=vault,
        )


def _times(first):
    return first.depart, first.finish, first.duration_s, first.distance_m, first.line


class TestSealed:
    def test_what_is_typed_opens_with_its_key_only_and_stands_nowhere_else(self, store):
        one = saved(store, status=Status.DRAFT)
        one = planned(store, one, labels={"a": Label(NAME, NOTE + "二")})
        with store.writing() as tx:
            one = rounds.change(tx, one.id, status=Status.ACCEPTED, version=2, actor=ADMIN)
        ticked(store, one)
        one = urgent(store, one)
        found, told = seen(store, one)
        assert found.label("a") == Label(NAME, NOTE + "二")
        assert found.label("u") == Label("貔貅的家", "快")
        assert told["a"].note == REMARK
        kept = everything(store, one)
        assert [word for word in (NAME, NOTE, REMARK, "貔貅") if word in kept] == []

    @pytest.mark.parametrize("vault", [WRONG, SHUT])
    def test_without_its_key_the_round_is_there_and_its_words_are_told_to_be_shut(
        self, store, vault
    ):
        one = saved(store)
        ticked(store, one)
        found, told = seen(store, one, vault)
        assert (found.label("a").title, found.label("a").note) == ("", "")
        assert found.label("a").sealed
        assert (told["a"].state, told["a"].note, told["a"].sealed) == (State.ABSENT, "", True)
        assert found.solution == one.solution
        ticked(store, one, "", vault)
        assert urgent(store, one, vault).version == 3
        # The former key is found again.
        assert seen(store, one)[0].label("a") == Label(NAME, NOTE)

    def test_nothing_is_written_over_what_the_key_does_not_open(self, store):
        one = saved(store, status=Status.DRAFT)
        with pytest.raises(Unavailable, match="round_sealed"):
            planned(store, one, WRONG, labels={"a": Label("（打不开）")})
        assert seen(store, one)[0].label("a") == Label(NAME, NOTE)

    def test_words_of_another_visit_do_not_pass_for_its_own(self, store):
        one = saved(store)
        with store.writing() as tx:
            row = tx.row("round", one.id)
            words = orjson.loads(row["words"])
            told = orjson.dumps({"b": words["a"]}).decode()
            tx.update("round", one.id, {"words": told}, version=None, by=ADMIN)
        assert seen(store, one)[0].label("b").title == ""

    def test_where_there_is_no_key_they_stand_as_they_were_typed_but_not_in_the_past(self, store):
        one = saved(store, SHUT, Status.DRAFT)
        one = planned(store, one, SHUT, labels={"a": Label("新名")})
        assert seen(store, one, SHUT)[0].label("a") == Label("新名")
        assert NAME not in everything(store, one)

    def test_the_same_told_twice_is_once_though_it_is_sealed_each_time_otherwise(self, store):
        one = saved(store)
        told = [Tick("a", State.DONE, datetime.now(UTC), REMARK)]
        with store.writing() as tx:
            first = rounds.tick(tx, one.id, told, actor=ADMIN, vault=VAULT)
            kept = tx.records("visit", round=one.id)
            assert rounds.tick(tx, one.id, told, actor=ADMIN, vault=VAULT) == first
            assert tx.records("visit", round=one.id) == kept

    def test_they_are_sealed_with_a_new_key_and_those_that_were_not_sealed_too(self, store):
        one, open_ = saved(store), saved(store, SHUT)
        ticked(store, one)
        ticked(store, open_, vault=SHUT)
        with store.writing() as tx, pytest.raises(Unavailable, match="elders_key_missing"):
            rounds.reseal(tx, SHUT, actor=ADMIN)
        with store.writing() as tx:
            done = rounds.reseal(tx, Vault([OTHER, KEY]), actor=ADMIN)
        assert (done.anew, done.shut) == (4, 0)
        for each in (one, open_):
            found, told = seen(store, each, WRONG)
            assert (found.label("a"), told["a"].note) == (Label(NAME, NOTE), REMARK)
            assert NAME not in everything(store, each)
        with store.writing() as tx:
            assert rounds.reseal(tx, VAULT, actor=ADMIN) == (0, 4)
            with pytest.raises(Forbidden):
                rounds.reseal(tx, VAULT, actor=WORKER)


def expired(store, kept=MONTH):
    with store.writing() as tx:
        rounds.again(tx)
        return rounds.expire(tx, kept)


def aged(store, one, **told):
    """Let a round be of another day, or changed at another moment."""
    with store.writing() as tx:
        row = tx.row("round", one.id)
        tx.update("round", one.id, {"day": told.get("day", row["day"])}, version=None, by=ADMIN)


class TestForgotten:
    def day(self, ago):
        return (datetime.now(SHANGHAI).date() - timedelta(days=ago)).isoformat()

    @pytest.mark.parametrize("vault", [VAULT, SHUT])
    def test_some_days_after_its_day_the_words_go_and_the_round_stays(self, store, vault):
        old, young = saved(store, vault), saved(store, vault)
        for one, ago in ((old, 31), (young, 30)):
            ticked(store, one, vault=vault)
            aged(store, one, day=self.day(ago))
        assert expired(store) == 1
        found, told = seen(store, old, vault)
        assert (found.forgotten, found.labels, found.solution) == (True, {}, old.solution)
        assert (told["a"].state, told["a"].note) == (State.ABSENT, "")
        assert seen(store, young, vault)[0].label("a") == Label(NAME, NOTE)
        assert NAME not in everything(store, old)
        assert expired(store) == 0

    def test_one_that_is_done_does_not_wait_for_a_far_day(self, store):
        one = saved(store)
        aged(store, one, day="2090-01-01")
        with store.writing() as tx:
            version = tx.row("round", one.id)["version"]
            rounds.change(tx, one.id, status=Status.DONE, version=version, actor=ADMIN)
        assert expired(store) == 0
        assert expired(store, timedelta(seconds=-1)) == 1

    def test_what_a_phone_tells_later_counts_without_its_words(self, store):
        one = saved(store)
        aged(store, one, day=self.day(40))
        expired(store)
        told = ticked(store, one)
        assert (told["a"].state, told["a"].note) == (State.ABSENT, "")

    def test_it_looks_once_a_day_unless_it_is_told_to(self, store):
        expired(store)
        one = saved(store)
        aged(store, one, day=self.day(40))
        with store.writing() as tx:
            assert rounds.expire(tx, MONTH) == 0
            assert rounds.expire(tx, MONTH + timedelta(days=1)) == 1

    def test_more_than_somebody_can_wait_for_are_left_for_the_next(self, store, monkeypatch):
        monkeypatch.setattr(rounds.forgetting, "_AT_ONCE", 2)
        for one in [saved(store) for _ in range(3)]:
            aged(store, one, day=self.day(40))
        with store.writing() as tx:
            assert [rounds.expire(tx, MONTH) for _ in range(3)] == [2, 1, 0]

    def test_labels_of_an_older_store_go_too_also_out_of_its_history(self, store):
        one = saved(store, SHUT, labels={})
        with store.writing() as tx:
            row = tx.row("round", one.id)
            asked = orjson.loads(row["asked"])
            for name in (NAME, "别名"):
                asked["labels"] = {"a": {"title": name, "note": NOTE}}
                told = {"asked": orjson.dumps(asked).decode()}
                tx.update("round", one.id, told, version=None, by=ADMIN)
        assert seen(store, one, SHUT)[0].label("a") == Label("别名", NOTE)
        assert NAME in everything(store, one)
        aged(store, one, day=self.day(40))
        expired(store)
        assert [w for w in (NAME, "别名", NOTE) if w in everything(store, one)] == []


class TestErased:
    def test_a_round_goes_with_all_that_was_told_of_it(self, store):
        one, other = saved(store), saved(store)
        ticked(store, one)
        with store.writing() as tx, pytest.raises(Forbidden):
            rounds.erase(tx, one.id, actor=RESIDENT)
        with store.writing() as tx:
            rounds.erase(tx, one.id, actor=ADMIN)
            assert tx.erased
        with store.reading() as tx:
            with pytest.raises(NotFound, match="round_not_found"):
                rounds.get(tx, one.id, actor=ADMIN)
            assert tx.records("visit", round=one.id) == []
            assert next(e["action"] for e in tx.history("round", one.id)) == "erase"
            assert [line["what"] for line in tx.records("log")] == ["round_erase"]
            assert rounds.get(tx, other.id, actor=ADMIN).id == other.id

    def test_no_byte_of_it_stays_in_the_file(self, tmp_path: Path):
        store = open_store(tmp_path / "linju.gpkg")
        one = saved(store, SHUT)
        ticked(store, one, vault=SHUT)
        with store.writing() as tx:
            rounds.erase(tx, one.id, actor=ADMIN)
        files = b"".join(file.read_bytes() for file in tmp_path.glob("linju.gpkg*"))
        store.close()
        assert [w for w in (NAME, NOTE, REMARK) if w.encode() in files] == []


class TestElders:
    @pytest.fixture
    def office(self, store):
        """Return a store with two buildings, an elder in one, and the ids of all three."""
        with store.writing() as tx:
            places = ({"name": "1号楼"}, {"name": "2号楼", "lon": CENTRE[0] + 0.01})
            homes.merge(tx, homes_frame(*places), actor=ADMIN)
            here, there = (row["id"] for row in tx.rows("home"))
            elder = elders.add(tx, here, Elder("王獬豸"), VAULT, actor=ADMIN)
        return store, here, there, elder

    def visited(self, office, vault=VAULT, **told):
        """Keep a round to both buildings and to a place beside."""
        store, here, there, _ = office
        with store.reading() as tx:
            at = {row["id"]: (row["lon"], row["lat"]) for row in tx.rows("home")}
        far = (CENTRE[0] + 0.02, CENTRE[1])
        visits = [Visit(here, at[here], 5), Visit(there, at[there], 5)]
        visits += [Visit("u-1", far, 5), Visit("u-2", at[here], 5)]
        labels = {here: Label("一楼", "敲三下"), there: Label("二楼", "有狗")}
        labels |= {"u-1": Label("急", "问王獬豸"), "u-2": Label("急二", "门锁")}
        return saved(store, vault, visits=visits, labels=labels, **told)

    def forgot(self, office, vault=VAULT, actor=ADMIN):
        store, _, _, elder = office
        with store.writing() as tx:
            return rounds.forget(tx, vault, actor=actor, elder=elder)

    def test_what_was_typed_of_the_home_goes_and_what_names_them_elsewhere(self, office):
        store, here, there, _ = office
        one = self.visited(office)
        ticked(store, one, visit=here)
        ticked(store, one, "王獬豸在这里", visit=there)
        (gone,) = self.forgot(office)
        assert (gone.round, gone.visits, gone.words) == (one.id, 4, False)
        found, told = seen(store, one)
        assert found.label(here) == Label("1号楼")
        assert set(found.labels) == {here, there}
        assert [one.note for one in told.values()] == ["", ""]

    def test_without_the_key_it_is_the_home(self, office):
        store, here, there, _ = office
        one = self.visited(office)
        assert [gone.visits for gone in self.forgot(office, SHUT)] == [2]
        found, _ = seen(store, one)
        assert found.label(there) == Label("二楼", "有狗")
        assert found.label("u-1") == Label("急", "问王獬豸")
        assert found.label(here) == Label("1号楼")

    def test_a_round_that_is_called_so_is_told(self, office):
        self.visited(office, name="看望王獬豸")
        assert [gone.words for gone in self.forgot(office)] == [True]

    def test_rounds_that_tell_nothing_of_them_are_left_alone(self, office):
        one = saved(office[0], visits=round_draft(at=(123.6, 41.9)).visits)
        assert self.forgot(office) == []
        assert seen(office[0], one)[0].version == one.version

    def test_it_is_for_who_may_erase_elders(self, office):
        with pytest.raises(Forbidden):
            self.forgot(office, actor=WORKER)
