"""Settings: read once, refused when wrong, and told in the README."""

import re
from pathlib import Path

import pytest

from geodata.errors import Invalid
from webmap.config import Settings, table

README = Path(__file__).parents[2] / "README.md"


def test_every_setting_has_a_default():
    assert Settings.from_env({}).listen == "127.0.0.1:8000"


def test_settings_come_from_the_environment():
    told = Settings.from_env(
        {"LINJU_THREADS": "8", "HOME": "/x", "LINJU_STORE": "postgresql://x/y"}
    )
    assert (told.threads, told.store_url) == (8, "postgresql://x/y")


def test_an_unknown_one_stops_the_start_and_the_nearest_is_named():
    with pytest.raises(Invalid, match="setting_unknown") as caught:
        Settings.from_env({"LINJU_LISTENS": "x"})
    assert caught.value.details == {"name": "LINJU_LISTENS", "meant": "LINJU_LISTEN"}


@pytest.mark.parametrize(
    "name, value",
    [
        ("LINJU_THREADS", "many"),
        ("LINJU_LISTEN", "nonsense"),
        ("LINJU_LISTEN", "127.0.0.1:99999"),
        ("LINJU_TILES_DATUM", "mars"),
        ("LINJU_TILES_URL", "javascript:alert(1)"),
    ],
)
def test_a_wrong_value_stops_the_start_and_is_named(name, value):
    with pytest.raises(Invalid, match="setting_invalid") as caught:
        Settings.from_env({name: value})
    assert caught.value.details["name"] == name


def test_the_readme_tells_every_setting_as_it_is():
    rows = re.findall(
        r"^\| `(LINJU_\w+)` \| (.*?) \| (.*?) \|$", README.read_text("utf-8"), re.MULTILINE
    )
    told = [
        (name, f"`{default}`" if default else "", meaning) for name, default, meaning in table()
    ]
    assert rows == told
