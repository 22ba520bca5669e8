"""An application on a fresh GeoPackage, empty or with the demonstration, and its client."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from geodata import jobs
from geodata.demo import filling
from geodata.errors import LinjuError
from geodata.siting import Asked
from geodata.store import Store, open_store
from tests.conftest import drawn
from tests.factories import ADMIN
from tests.webmap.searches import AREA
from webmap import create_app, daily
from webmap.config import Settings


@pytest.fixture(autouse=True)
def figures_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no figures be taken beside a test, which is about something else."""
    monkeypatch.setattr(daily, "FROM_HOUR", 24)


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a GeoPackage with the demonstration; copy it, never write to it."""
    path = tmp_path_factory.mktemp("demo") / "linju.gpkg"
    store = open_store(path)
    with store.writing() as tx:
        filling.fill(tx, drawn(), actor=ADMIN)
    store.close()
    return path


@pytest.fixture
def instance(tmp_path: Path, demonstration: Path) -> Path:
    """Return the folder of an office that runs the demonstration."""
    shutil.copy(demonstration, tmp_path / "linju.gpkg")
    return tmp_path


@pytest.fixture
def app(instance: Path) -> Iterator[Flask]:
    made = create_app(Settings(instance=instance))
    yield made
    made.extensions["linju_store"].close()


@pytest.fixture
def app_with_streets(instance: Path, demonstration_streets: Path) -> Iterator[Flask]:
    shutil.copytree(demonstration_streets, instance / "roads")
    made = create_app(Settings(instance=instance))
    yield made
    made.extensions["linju_runner"].stop()
    made.extensions["linju_store"].close()


@pytest.fixture
def walker(app_with_streets: Flask) -> FlaskClient:
    """Return a client of an office that has streets."""
    return app_with_streets.test_client()


@pytest.fixture
def empty_app(tmp_path: Path) -> Iterator[Flask]:
    made = create_app(Settings(instance=tmp_path / "empty"))
    yield made
    made.extensions["linju_store"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def store(app: Flask) -> Store:
    opened: Store = app.extensions["linju_store"]
    return opened


@pytest.fixture
def made(app_with_streets: Flask) -> Callable[..., str]:
    """Return a way to keep a search for where the next merchants would help, as it stands."""
    store = app_with_streets.extensions["linju_store"]

    def keep(
        answer: dict[str, Any] | None = None,
        error: LinjuError | None = None,
        *,
        cancelled: bool = False,
        **asked: Any,
    ) -> str:
        told = {"area": AREA, "category": "clinic", "count": 3, "minutes": 5} | asked
        with store.writing() as tx:
            document = Asked(**told).document()
            job = jobs.ask(tx, "siting", document, area=told["area"], actor=ADMIN)
            if answer:
                jobs.done(tx, job.id, answer)
            if error:
                jobs.failed(tx, job.id, error)
            if cancelled:
                jobs.cancel(tx, job.id, actor=ADMIN)
        return job.id

    return keep
