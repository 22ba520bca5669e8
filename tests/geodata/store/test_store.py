"""What both engines promise: the contract of a store."""

import multiprocessing
import sqlite3
import threading
import warnings
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
import sqlalchemy

from geodata import merchants
from geodata.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from geodata.geometry import BBox
from geodata.policy import RESIDENT
from geodata.store import Filter, Store, migrations, open_store, schema
from tests.factories import ADMIN, CENTRE, entry


def add(store: Store, *names: str, **told: object) -> list[str]:
    with store.writing() as tx:
        return [merchants.add(tx, entry(name, **told), actor=ADMIN) for name in names]


class TestTransactions:
    def test_a_new_store_ships_the_four_magnets_and_the_facilities(self, store):
        with store.reading() as tx:
            assert [c["id"] for c in tx.rows("category")][:4] == [
                "shopping",
                "clinic",
                "repair",
                "barber",
            ]

    def test_what_is_written_is_read_by_a_store_opened_anew(self, store, store_url):
        (merchant_id,) = add(store, "泉富便民超市")
        again = open_store(store_url)
        with again.reading() as tx:
            assert tx.row("merchant", merchant_id)["name"] == "泉富便民超市"
        again.close()

    def test_an_exception_in_the_block_leaves_the_store_as_it_was(self, store):
        before = store.revision()

        def fails_halfway() -> None:
            with store.writing() as tx:
                merchants.add(tx, entry(), actor=ADMIN)
                merchants.add(tx, entry("乙"), actor=RESIDENT)

        with pytest.raises(Forbidden):
            fails_halfway()
        with store.reading() as tx:
            assert tx.count(Filter()) == {}
        assert store.revision() == before

    def test_a_reader_keeps_its_snapshot_while_another_writes(self, store):
        with store.reading() as tx:
            assert tx.count(Filter()) == {}
            add(store, "后来的店")
            assert tx.count(Filter()) == {}
        with store.reading() as tx:
            assert tx.count(Filter()) == {"shopping": 1}

    def test_a_missing_row_is_named(self, store):
        with store.reading() as tx, pytest.raises(NotFound, match="merchant_not_found"):
            tx.row("merchant", "NOWHERE")

    def test_a_key_cannot_be_taken_twice(self, store):
        with store.reading() as tx:
            row = tx.rows("category")[0]
        with pytest.raises(Conflict, match="key_taken"), store.writing() as tx:
            tx.insert("category", [row], by=ADMIN)


class TestVersionsAndHistory:
    def test_every_write_adds_a_version_a_history_row_and_a_tick(self, store):
        (merchant_id,) = add(store, "甲")
        before = store.revision()
        with store.writing() as tx:
            tx.update("merchant", merchant_id, {"note": "b"}, version=1, by=ADMIN, why="because")
        with store.reading() as tx:
            row, (newest, oldest) = (
                tx.row("merchant", merchant_id),
                tx.history("merchant", merchant_id),
            )
        assert row["version"] == 2
        assert store.revision() == before + 1
        assert (newest["before"], newest["by"], newest["why"]) == ({"note": ""}, "admin", "because")
        assert (oldest["action"], oldest["before"]) == ("add", {})

    def test_a_stale_edit_is_refused_and_changes_nothing(self, store):
        (merchant_id,) = add(store, "甲")
        with store.writing() as tx:
            tx.update("merchant", merchant_id, {"name": "乙"}, version=1, by=ADMIN)
        with pytest.raises(Conflict, match="version_stale"), store.writing() as tx:
            tx.update("merchant", merchant_id, {"name": "丙"}, version=1, by=ADMIN)
        with store.reading() as tx:
            assert tx.row("merchant", merchant_id)["name"] == "乙"

    def test_an_edit_that_changes_nothing_writes_nothing(self, store):
        (merchant_id,) = add(store, "甲")
        before = store.revision()
        with store.writing() as tx:
            row = tx.update("merchant", merchant_id, {"name": "甲"}, version=1, by=ADMIN)
        assert (row["version"], store.revision()) == (1, before)

    def test_two_at_once_on_one_version_leave_one_winner(self, store):
        (merchant_id,) = add(store, "甲")
        outcomes = []

        def edit(name: str) -> None:
            try:
                with store.writing() as tx:
                    tx.update("merchant", merchant_id, {"name": name}, version=1, by=ADMIN)
                outcomes.append("won")
            except Conflict:
                outcomes.append("lost")

        threads = [threading.Thread(target=edit, args=(name,)) for name in "乙丙丁戊"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["lost", "lost", "lost", "won"]

    def test_the_clock_of_an_area_stands_still_while_a_neighbour_changes(self, store):
        with store.reading() as tx:
            here = tx.revision("210103006")
        add(store, "甲")  # in no area
        with store.reading() as tx:
            assert tx.revision("210103006") == here
            assert tx.revision() > here


class TestIdempotency:
    def test_the_result_of_a_write_is_recalled_under_its_key(self, store):
        with store.writing() as tx:
            assert tx.recalled("resident", "k" * 16, "asked") is None
            tx.remember("resident", "k" * 16, "asked", "THE_ID")
        with store.reading() as tx:
            assert tx.recalled("resident", "k" * 16, "asked") == "THE_ID"
            assert tx.recalled("worker", "k" * 16, "asked") is None

    def test_a_key_used_for_something_else_is_refused(self, store):
        with store.writing() as tx:
            tx.remember("resident", "k" * 16, "asked", "THE_ID")
        with pytest.raises(Conflict, match="idempotency_key_reused"), store.reading() as tx:
            tx.recalled("resident", "k" * 16, "another")

    @pytest.mark.parametrize("key", ["k" * 15, "k" * 201])
    def test_a_key_that_can_be_guessed_or_has_no_end_is_none(self, store, key):
        with store.reading() as tx, pytest.raises(Invalid, match="idempotency_key_length"):
            tx.recalled("resident", key, "asked")


class TestBoxes:
    def test_a_box_is_exact_though_the_index_rounds(self, store):
        lon, lat = CENTRE
        edge = 123.4712345
        add(store, "里", lon=edge, lat=lat)
        add(store, "外", lon=edge + 1e-7, lat=lat)
        with store.reading() as tx:
            found = tx.count(Filter(box=BBox(lon - 0.01, lat - 0.01, edge, lat + 0.01)))
        assert found == {"shopping": 1}

    def test_tallies_follow_every_change(self, store):
        (merchant_id, _) = add(store, "甲", "乙")
        with store.writing() as tx:
            tx.update(
                "merchant",
                merchant_id,
                {"lon": 123.5, "lat": 41.8, "category": "clinic"},
                version=1,
                by=ADMIN,
            )
        with store.writing() as tx:
            tx.update("merchant", merchant_id, {"status": "retired"}, version=2, by=ADMIN)
        with store.reading() as tx:
            for level in (4, 16):
                (cluster,) = tx.tallied(Filter(), level)
                assert (cluster.count, cluster.categories) == (1, {"shopping": 1})
                assert (cluster.lon, cluster.lat) == pytest.approx(CENTRE, abs=1e-6)


class TestBackups:
    def test_a_restore_brings_everything_back_and_moves_the_clocks_on(self, store, tmp_path):
        (merchant_id,) = add(store, "甲")
        store.backup(tmp_path / "b.gpkg", actor=ADMIN)
        add(store, "乙")
        before = store.revision()

        store.restore(tmp_path / "b.gpkg", actor=ADMIN)

        with store.reading() as tx:
            assert [row["name"] for row in tx.rows("merchant")] == ["甲"]
            assert len(tx.history("merchant", merchant_id)) == 1
            assert tx.count(Filter(words=("甲",))) == {"shopping": 1}
            assert tx.count(Filter(words=("乙",))) == {}
        assert store.revision() > before
        add(store, "丙")  # the numbering of rows goes on

    def test_a_backup_is_a_geopackage_that_geopandas_reads(self, store, tmp_path):
        add(store, "甲", "乙")
        store.backup(tmp_path / "b.gpkg", actor=ADMIN)
        frame = gpd.read_file(tmp_path / "b.gpkg", layer="merchant")
        assert sorted(frame["name"]) == ["乙", "甲"]
        assert frame.crs.to_epsg() == 4326
        assert frame.geometry.iloc[0].distance(shapely.Point(CENTRE)) < 1e-9

    def test_a_store_in_use_can_be_restored_from_with_what_is_in_its_log(self, store, tmp_path):
        live = open_store(tmp_path / "live.gpkg")
        add(live, "甲", "乙")
        store.restore(tmp_path / "live.gpkg", actor=ADMIN)
        with store.reading() as tx:
            assert tx.count(Filter()) == {"shopping": 2}
        live.close()

    def test_a_backup_into_no_folder_says_so(self, store, tmp_path):
        with pytest.raises(Unavailable, match="file_unwritable"):
            store.backup(tmp_path / "nowhere" / "b.gpkg", actor=ADMIN)

    def test_a_backup_never_writes_over_a_file(self, store, tmp_path):
        (tmp_path / "b.gpkg").write_text("precious")
        with pytest.raises(Invalid, match="file_exists"):
            store.backup(tmp_path / "b.gpkg", actor=ADMIN)
        assert (tmp_path / "b.gpkg").read_text() == "precious"

    @pytest.mark.parametrize("content", [b"", b"not a database at all, only text" * 99])
    def test_what_is_no_backup_is_refused_and_harms_nothing(self, store, tmp_path, content):
        add(store, "甲")
        (tmp_path / "b.gpkg").write_bytes(content)
        with pytest.raises(Invalid, match="backup_unreadable"):
            store.restore(tmp_path / "b.gpkg", actor=ADMIN)
        with store.reading() as tx:
            assert tx.count(Filter()) == {"shopping": 1}

    def test_a_resident_may_do_neither(self, store, tmp_path):
        with pytest.raises(Forbidden):
            store.backup(tmp_path / "b.gpkg", actor=RESIDENT)
        with pytest.raises(Forbidden):
            store.restore(tmp_path / "b.gpkg", actor=RESIDENT)


class TestProcesses:
    def test_a_forked_child_reads_and_writes_and_its_parent_goes_on(self, store):
        add(store, "甲")
        context = multiprocessing.get_context("fork")
        with warnings.catch_warnings():
            # What Python warns of, threads at a fork, is what gunicorn's preload does.
            warnings.simplefilter("ignore", DeprecationWarning)
            children = [context.Process(target=add, args=(store, name)) for name in "乙丙"]
            for child in children:
                child.start()
        for child in children:
            child.join(30)
        assert [child.exitcode for child in children] == [0, 0]
        with store.reading() as tx:
            assert tx.count(Filter()) == {"shopping": 3}

    def test_a_store_that_was_closed_knows_what_happened_meanwhile(self, store, store_url):
        before = store.revision()
        store.close()
        other = open_store(store_url)
        add(other, "甲")
        other.close()
        assert store.revision() == before + 1


EMERGENCIES = ("closure", "scenario", "plan", "round", "visit", "elder")
REGISTERED = (
    "DELETE FROM gpkg_geometry_columns WHERE table_name = 'closure'",
    "DELETE FROM gpkg_contents WHERE table_name = 'closure'",
)
PEOPLE = ("account", "guess", "key", "proposal", "contact", "log")


def tables(conn):
    """Return what every table of ours looks like: columns with type and default, indexes."""
    found = sqlalchemy.inspect(conn)
    return {
        table: (
            {c["name"]: (str(c["type"]), c["nullable"]) for c in found.get_columns(table)},
            {i["name"]: i["column_names"] for i in found.get_indexes(table) if "_" in i["name"]},
            found.get_pk_constraint(table)["constrained_columns"],
        )
        for table in schema.metadata.tables
    }


def step_down(conn):
    """Make the store what the first version made."""
    say = [f'DROP TABLE "{table}"' for table in (*PEOPLE, "batch", "snapshot", "job", *EMERGENCIES)]
    if conn.dialect.name == "sqlite":
        say += REGISTERED
    say += [f"ALTER TABLE merchant DROP COLUMN {c}" for c in ("credit_code", "merged", "trusted")]
    say += [
        "DROP INDEX history_at",
        "DROP INDEX history_batch",
        "ALTER TABLE history DROP COLUMN batch",
    ]
    say += ["DROP INDEX home_name", "DROP INDEX merchant_name", "DROP INDEX idempotency_at"]
    say.insert(0, "DROP INDEX merchant_owner")
    say.append("CREATE INDEX merchant_name ON merchant (name, category)")
    for statement in say:
        conn.execute(sqlalchemy.text(statement))
    migrations.stamp(conn, migrations.FIRST)


@pytest.mark.filterwarnings("ignore:Did not recognize type 'geometry'")
class TestMigrations:
    def test_a_store_of_the_first_version_becomes_what_a_fresh_one_is(self, store):
        with store.transaction(write=True) as conn:
            fresh = tables(conn)
            step_down(conn)
            assert set(PEOPLE).isdisjoint(sqlalchemy.inspect(conn).get_table_names())
        store.migrate()
        with store.transaction(write=False) as conn:
            assert tables(conn) == fresh
        add(store, "甲")
        with store.reading() as tx:
            assert tx.meta("schema") == str(migrations.newest())
            assert tx.rows("merchant")[0]["trusted"] is False

    def test_an_older_store_goes_through_every_step_in_order(self, store):
        seen = []
        now = migrations.newest()
        steps = {n: lambda _conn, n=n: seen.append(n) for n in (now + 1, now + 2)}
        with store.transaction(write=True) as conn:
            migrations.step_up(conn, steps)
            migrations.step_up(conn, steps)
        assert seen == [now + 1, now + 2]

    def test_a_store_of_a_later_linju_is_left_alone(self, store, store_url):
        with store.transaction(write=True) as conn:
            migrations.stamp(conn, 99)
        with pytest.raises(Invalid, match="store_newer"):
            open_store(store_url)

    def test_many_processes_may_open_a_fresh_store_at_once(self, store_url):
        with multiprocessing.get_context("spawn").Pool(4) as pool:
            assert pool.map(_shipped, [store_url] * 4) == [9] * 4


def _shipped(url: str) -> int:
    opened = open_store(url)
    with opened.reading() as tx:
        found = len(tx.rows("category"))
    opened.close()
    return found


class TestTheFile:
    """What only the GeoPackage promises."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "linju.gpkg"

    def test_who_opens_it_while_another_makes_it_waits(self, path):
        with closing(sqlite3.connect(path, check_same_thread=False)) as other:
            other.execute("BEGIN IMMEDIATE")
            done = threading.Timer(0.3, other.rollback)
            done.start()
            open_store(path).close()
            done.join()

    def test_geopandas_reads_the_live_file(self, path):
        store = open_store(path)
        add(store, "甲")
        assert gpd.read_file(path, layer="merchant")["name"].tolist() == ["甲"]
        store.close()

    def test_only_tables_of_people_are_listed(self, path):
        open_store(path).close()
        listed = ["merchant", "home", "area", "closure", "category"]
        assert gpd.list_layers(path)["name"].tolist() == listed

    def test_an_edit_by_another_program_that_bypasses_the_history_is_refused(self, path):
        store = open_store(path)
        add(store, "甲")
        other = sqlite3.connect(path)
        with pytest.raises(sqlite3.IntegrityError, match="history"):
            other.execute("UPDATE merchant SET name = 'x'")
        other.close()
        store.close()

    def test_it_passes_its_own_check(self, path):
        store = open_store(path)
        add(store, "甲", "乙")
        store.close()
        other = sqlite3.connect(path)
        assert other.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert other.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
        other.execute("INSERT INTO merchant_terms(merchant_terms) VALUES ('integrity-check')")
        other.close()

    def test_somebody_elses_database_is_not_touched(self, path):
        other = sqlite3.connect(path)
        other.execute("CREATE TABLE theirs (x)")
        other.commit()
        with pytest.raises(Invalid, match="store_foreign"):
            open_store(path)
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]
        other.close()


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite:///x"])
def test_an_address_of_another_kind_is_refused(url):
    with pytest.raises(Invalid, match="store_url"):
        open_store(url)
