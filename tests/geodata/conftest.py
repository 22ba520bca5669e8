"""An open store for the tests of subjects; each runs on both engines."""

from collections.abc import Iterator

import pytest

from geodata.store import Store, open_store


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()
