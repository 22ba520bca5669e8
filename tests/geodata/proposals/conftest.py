"""A store with one street, whose worker reviews."""

import pytest

from geodata import areas
from geodata.store import open_store
from tests.factories import ADMIN, CENTRE, areas_frame, square


@pytest.fixture
def store(store_url):
    opened = open_store(store_url)
    with opened.writing() as tx:
        areas.merge(tx, areas_frame(("210103006000", "万莲街道", square(*CENTRE))), actor=ADMIN)
    yield opened
    opened.close()
