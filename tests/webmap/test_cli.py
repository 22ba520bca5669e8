"""The commands, as an office uses them: files in and out, demonstration, backup."""

import contextlib
import csv
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy

from geodata import demo, exchange, merchants
from geodata.policy import RESIDENT
from geodata.store import Filter, open_store
from tests.factories import ADMIN, HOSTILE, entry
from webmap.cli import init_app  # noqa: F401 - a failing import is told here, not in a subprocess

PROJECT = Path(__file__).parents[2]
HEAD = "名称,类别,经度,纬度,地址,电话,营业时间\n"
GOOD = "泉富便民超市,购物,123.47,41.775,文萃路1号,12345,08:00-20:00\n"


@pytest.fixture
def run(empty_app):
    runner = empty_app.test_cli_runner()
    return lambda *words: runner.invoke(args=[str(word) for word in words])


def names(app):
    with app.extensions["linju_store"].reading() as tx:
        return sorted(row["name"] for row in tx.rows("merchant"))


def revision(app):
    return app.extensions["linju_store"].revision()


@pytest.fixture
def sheet(tmp_path):
    def write(text, name="shops.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


class TestImport:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
    def test_a_spreadsheet_of_an_office_goes_in(self, run, empty_app, sheet, encoding):
        done = run("merchants", "import", sheet(HEAD + GOOD, encoding=encoding))
        assert done.exit_code == 0, done.output
        assert names(empty_app) == ["泉富便民超市"]

    def test_the_same_file_twice_changes_nothing(self, run, empty_app, sheet):
        path = sheet(HEAD + GOOD)
        run("merchants", "import", path)
        before = revision(empty_app)
        assert "1 行" in run("merchants", "import", path).output
        assert revision(empty_app) == before

    def test_it_can_be_taken_back_in_the_browser_like_any_other(self, run, empty_app, sheet):
        run("merchants", "import", sheet(HEAD + GOOD + "坏店,飞船,1,2\n"))
        store = empty_app.extensions["linju_store"]
        with store.writing() as tx:
            (told,) = merchants.recent_batches(tx, actor=ADMIN)
            assert (told["file"], told["added"], told["left_out"]) == ("shops.csv", 1, 1)
            assert merchants.undo_batch(tx, told["id"], actor=ADMIN).undone == 1
            assert merchants.frame(tx).empty

    def test_good_rows_go_in_and_bad_ones_are_told_by_row(self, run, empty_app, sheet, tmp_path):
        bad = ",购物,123.47,41.775,,,\n甲,赌场,123.47,41.775,,,\n乙,购物,41.775,123.47,,,\n"
        report = tmp_path / "report.csv"
        done = run("merchants", "import", sheet(HEAD + bad + GOOD), "--report", report)
        assert done.exit_code == 0
        assert names(empty_app) == ["泉富便民超市"]
        with report.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [(row["行号"], row["栏目"]) for row in rows] == [
            ("2", "名称"),
            ("3", "类别"),
            ("4", rows[2]["栏目"]),
        ]
        assert all(row["如何改正"] for row in rows)

    def test_a_dry_run_changes_nothing_and_tells_what_would_be(self, run, empty_app, sheet):
        before = revision(empty_app)
        done = run("merchants", "import", sheet(HEAD + GOOD), "--dry-run")
        assert (done.exit_code, names(empty_app), revision(empty_app)) == (0, [], before)

    def test_another_datum_than_told_is_warned_about(self, run, shared_data):
        run(
            "areas", "import", shared_data / "boundaries/shenyang_districts_gcj02.geojson",
            "--datum", "gcj02",
        )  # fmt: skip
        stores = shared_data / "merchants/shenyang_stores_bd09.csv"
        assert "--datum bd09" in run("merchants", "import", stores, "--dry-run").output
        told = run("merchants", "import", stores, "--dry-run", "--datum", "bd09")
        assert "--datum bd09" not in told.output

    @pytest.mark.parametrize(
        "text, name", [("", "empty.csv"), ("没有,标题\n1,2\n", "x.csv"), (HEAD + GOOD, "x.pdf")]
    )
    def test_a_file_that_is_none_gets_a_sentence(self, run, sheet, text, name):
        done = run("merchants", "import", sheet(text, name))
        assert done.exit_code == 1
        assert done.output.splitlines()[-1].startswith("Error: ")
        assert "Traceback" not in done.output

    def test_homes_go_in(self, run, empty_app, sheet):
        path = sheet("楼栋,经度,纬度,户数,人口,独居老人数\n1号楼,123.47,41.775,36,90,2\n")
        assert run("homes", "import", path).exit_code == 0
        with empty_app.extensions["linju_store"].reading() as tx:
            (row,) = tx.rows("home")
        assert (row["households"], row["residents"], row["elders_alone"]) == (36, 90, 2)


class TestExport:
    @pytest.mark.parametrize("suffix", ["csv", "xlsx", "geojson", "gpkg", "kml"])
    @pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
    def test_what_goes_out_comes_in_again_unchanged(self, app, tmp_path, suffix, datum):
        runner = app.test_cli_runner()
        with app.extensions["linju_store"].writing() as tx:
            tx.set_meta("demo", "")  # as if the places were real
        path = str(tmp_path / f"out.{suffix}")
        out = runner.invoke(args=["merchants", "export", path, "--datum", datum])
        assert out.exit_code == 0, out.output
        before = revision(app)
        done = runner.invoke(args=["merchants", "import", path])
        assert "104" in done.output
        assert revision(app) == before, done.output

    def test_only_what_residents_see_goes_out_unless_all_is_asked_for(
        self, run, empty_app, tmp_path
    ):
        with empty_app.extensions["linju_store"].writing() as tx:
            merchants.add(tx, entry("公开"), actor=ADMIN)
            merchants.propose(tx, entry("待审"), actor=RESIDENT)
        run("merchants", "export", tmp_path / "public.csv")
        run("merchants", "export", tmp_path / "all.csv", "--all")
        assert "待审" not in (tmp_path / "public.csv").read_text("utf-8-sig")
        assert "待审" in (tmp_path / "all.csv").read_text("utf-8-sig")

    def test_hostile_names_go_out_as_text_and_no_formula(self, run, sheet, tmp_path):
        lines = "".join(f'"{name.replace(chr(34), chr(34) * 2)}",购物,123.4{n},41.7,,,\n'
                        for n, name in enumerate(HOSTILE))  # fmt: skip
        run("merchants", "import", sheet(HEAD + lines))
        path = tmp_path / "out.csv"
        run("merchants", "export", path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [cell for cell in cells if cell[:1] in {"=", "+", "@"}]


class TestDemo:
    def test_it_fills_an_empty_instance_once(self, run, empty_app):
        assert run("demo").exit_code == 0
        assert len(names(empty_app)) == 104
        assert run("demo").exit_code == 1
        assert run("demo", "--if-empty").exit_code == 0

    def test_every_page_says_so_until_it_is_removed(self, run, empty_app):
        run("demo")
        pages = ("/", "/matrix", "/nowhere")
        client = empty_app.test_client()
        assert all("演示数据" in client.get(page).text for page in pages)
        assert run("demo", "--remove").exit_code == 0
        assert not any("演示数据" in client.get(page).text for page in pages)
        assert names(empty_app) == []
        run("demo", "--if-empty")
        assert names(empty_app) == []

    def test_real_data_do_not_mix_with_it_and_are_never_removed(self, run, empty_app, sheet):
        run("demo")
        path = sheet(HEAD + GOOD)
        assert run("merchants", "import", path, "--dry-run").exit_code == 0
        refused = run("merchants", "import", path)
        assert (refused.exit_code, len(names(empty_app))) == (1, 104)
        assert "demo --remove" in refused.output
        with empty_app.extensions["linju_store"].writing() as tx:
            merchants.add(tx, entry("真店"), actor=ADMIN)
        assert run("demo", "--remove").exit_code == 1
        assert len(names(empty_app)) == 105

    def test_an_instance_without_it_has_none_to_remove(self, run, empty_app, sheet):
        run("merchants", "import", sheet(HEAD + GOOD))
        assert run("demo", "--remove").exit_code == 1
        assert names(empty_app) == ["泉富便民超市"]

    def test_its_numbers_are_those_of_the_real_matrix(self):
        counts = demo.neighbourhood().merchants["category"].value_counts()
        assert [counts[c] for c in ("repair", "shopping", "barber", "clinic")] == [51, 21, 12, 9]


def test_a_backup_brings_everything_back(run, empty_app, sheet, tmp_path):
    run("merchants", "import", sheet(HEAD + GOOD))
    assert run("backup", tmp_path / "b.gpkg").exit_code == 0
    run("merchants", "import", sheet(HEAD + GOOD.replace("泉富", "后来")))
    assert run("restore", tmp_path / "b.gpkg", "--yes").exit_code == 0
    assert names(empty_app) == ["泉富便民超市"]
    assert run("backup", tmp_path / "b.gpkg").exit_code == 1


def test_an_interrupt_during_the_commit_comes_too_late_and_all_is_told(run, empty_app, sheet):
    interrupts = []

    def interrupted(connection):
        if connection.info["writes"]:
            interrupts.append(signal.raise_signal(signal.SIGINT))

    sqlalchemy.event.listen(sqlalchemy.Engine, "commit", interrupted)
    try:
        done = run("merchants", "import", sheet(HEAD + GOOD))
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "commit", interrupted)

    assert len(interrupts) == 1
    assert (done.exit_code, "新增 1" in done.output) == (0, True)
    assert names(empty_app) == ["泉富便民超市"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def _is_locked(path):
    if not path.exists():
        return False
    with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        other.execute("ROLLBACK")
        return False


def test_an_interrupt_in_the_middle_leaves_the_store_as_it_was(tmp_path):
    environment = os.environ | {"LINJU_INSTANCE": str(tmp_path / "i"), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "merchants", "import"]
    path = tmp_path / "many.csv"
    frame = demo.scattered(60_000)
    exchange.write(
        frame[["name", "category", "source_datum", "source_lon", "source_lat", "geometry"]], path
    )
    # Making the tables holds the lock too, on a busy machine for long.
    open_store(tmp_path / "i" / "linju.gpkg").close()
    writing = subprocess.Popen(
        [*command, str(path)], cwd=PROJECT, env=environment, stderr=subprocess.PIPE, text=True
    )
    # Where another may not write for so long, the import is in the midst of its transaction.
    locked, deadline = 0, time.monotonic() + 120
    while locked < 5 and writing.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
        locked = locked + 1 if _is_locked(tmp_path / "i" / "linju.gpkg") else 0
    assert writing.poll() is None
    writing.send_signal(signal.SIGINT)
    _, told = writing.communicate(timeout=60)
    assert writing.returncode == 130, told
    assert "Traceback" not in told
    assert "数据和原来一样" in told
    store = open_store(tmp_path / "i" / "linju.gpkg")
    with store.reading() as tx:
        assert tx.count(Filter()) == {}
    store.close()
