"""A store in a file: what siting reads of it, both engines are tested for elsewhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from geodata.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(str(tmp_path / "siting.gpkg"))
    yield opened
    opened.close()
