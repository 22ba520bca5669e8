"""VROOM, started once for all tests of rounds."""

from collections.abc import Iterator

import pytest

from geodata.rounds import Solver
from tests.geodata.rounds.ground import Plain


@pytest.fixture(scope="session")
def solver() -> Iterator[Solver]:
    with Solver() as running:
        yield running


@pytest.fixture
def plain() -> Plain:
    return Plain()
