"""Real extracts as graphs, read once."""

from functools import cache

import pytest

from geodata.roads import network


@pytest.fixture(scope="session")
def extract(shared_data):
    """Return a function from the name of an extract to its graph."""
    return cache(lambda name: network.read(shared_data / "osm" / name).graph)
