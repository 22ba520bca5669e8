"""People at an office with streets."""

import pytest

from tests import people


@pytest.fixture
def worker(app_with_streets):
    return people.signed_in(app_with_streets, "worker")


@pytest.fixture
def colleague(app_with_streets):
    return people.signed_in(app_with_streets, "admin")


@pytest.fixture
def store(app_with_streets):
    return app_with_streets.extensions["linju_store"]
