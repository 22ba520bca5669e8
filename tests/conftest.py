"""What every test may ask for: the measured data, and a fresh store on each engine."""

import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest
from argon2 import PasswordHasher

from geodata import demo
from geodata.accounts import passwords
from geodata.demo import streets
from geodata.roads import Shelf
from geodata.roads.building import build
from tests.factories import ADMIN

PROJECT = Path(__file__).parents[1]
MAY_SKIP = os.environ.get("CI") != "true"
TEMPLATE = "linju_template"


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure: what CI passes over in silence, nobody sees break."""
    if MAY_SKIP or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid} was skipped, and under CI=true nothing may be: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    report = yield
    _refuse_skip(report)
    return report


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords as they are, but quickly: slowness is their point, not that of the tests."""
    monkeypatch.setattr(
        passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of measured data that lies beside the project, not in it."""
    folder = PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside the project")
    return folder


@cache
def drawn() -> demo.Neighbourhood:
    """Return the demonstration; drawing it takes seconds."""
    return demo.neighbourhood()


@pytest.fixture(scope="session")
def demonstration_streets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a roads folder with the demonstration's streets; copy it, never write to it."""
    folder = tmp_path_factory.mktemp("streets")
    streets.write(drawn().plan, folder / "demo.osm.pbf")
    build(Shelf(folder / "roads"), folder / "demo.osm.pbf", actor=ADMIN, demo=True)
    return folder / "roads"


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """A throw-away PostgreSQL server that hands out empty databases with PostGIS in them."""

    def __init__(self, programs: Path, folder: Path, as_user: str | None) -> None:
        self._programs = programs
        self._folder = folder
        self._as_user = as_user
        self._numbers = itertools.count(1)
        self._port = free_port()

    def start(self) -> None:
        data = self._folder / "data"
        self._command(
            "initdb",
            "--no-sync",
            "--auth=trust",
            "--username=linju",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "-D",
            data,
        )
        listen = f"-h 127.0.0.1 -p {self._port} -k {self._folder}"
        # Settings stay as shipped, fsync too: one test pulls the plug.
        self._command(
            "pg_ctl", "start", "--wait", "-D", data, "-l", self._folder / "log", "-o", listen
        )
        self._sql(f"CREATE DATABASE {TEMPLATE}")
        with psycopg.connect(self.url(TEMPLATE), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION postgis")

    def stop(self) -> None:
        self._command("pg_ctl", "stop", "--mode=immediate", "-D", self._folder / "data")

    def url(self, name: str) -> str:
        return f"postgresql://linju@127.0.0.1:{self._port}/{name}"

    def create(self) -> str:
        name = f"linju_{next(self._numbers)}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return name

    def drop(self, name: str) -> None:
        self._sql(f"DROP DATABASE {name} WITH (FORCE)")

    def _sql(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _command(self, program: str, *arguments: object) -> None:
        done = subprocess.run(
            [self._programs / program, *map(str, arguments)],
            user=self._as_user,
            cwd=self._folder,
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"


@contextmanager
def postgres() -> Iterator[Cluster]:
    """Run a PostgreSQL with PostGIS for the length of a block."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("no PostgreSQL here: apt-get install postgresql-postgis")
    # PostgreSQL refuses to run as root, and other accounts may not enter pytest's own folder.
    account = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="linju-postgres-"))
    try:
        if account:
            shutil.chown(folder, account)
        cluster = Cluster(programs[-1], folder, account)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgis_cluster() -> Iterator[Cluster]:
    """Start PostgreSQL with PostGIS for the tests of this process, and stop it after them."""
    with postgres() as cluster:
        yield cluster


@pytest.fixture(params=["geopackage", pytest.param("postgis", marks=pytest.mark.postgis)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of an empty store: a GeoPackage's path, then a PostgreSQL URL."""
    if request.param == "geopackage":
        yield str(tmp_path / "linju.gpkg")
        return
    cluster: Cluster = request.getfixturevalue("postgis_cluster")
    name = cluster.create()
    yield cluster.url(name)
    cluster.drop(name)
