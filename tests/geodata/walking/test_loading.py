"""What is slow to load is loaded by whoever uses it."""

import subprocess
import sys
from pathlib import Path

import pytest

from geodata import walking


def test_an_office_without_streets_loads_neither_scipy_nor_the_engine():
    told = subprocess.run(
        [sys.executable, "-c", "import sys, geodata.roads; print(*sys.modules)"],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(told.stdout.split())
    assert "geodata.walking" in loaded
    assert not loaded & {"scipy.sparse", "scipy.spatial", "scipy.ndimage", "valhalla"}


def test_all_that_is_promised_is_there_and_nothing_else():
    assert [name for name in walking.__all__ if not hasattr(walking, name)] == []
    with pytest.raises(AttributeError, match="elsewhere"):
        walking.elsewhere  # noqa: B018 - asked for is enough
