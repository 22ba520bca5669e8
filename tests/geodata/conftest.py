"""An open store for the tests of subjects, on either engine, and real extracts as graphs."""

from collections.abc import Iterator
from functools import cache

import pytest

from geodata.roads import network
from geodata.store import Store, open_store


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def extract(shared_data):
    """Return a function from the name of an extract to its graph, read once."""
    return cache(lambda name: network.read(shared_data / "osm" / name).graph)
