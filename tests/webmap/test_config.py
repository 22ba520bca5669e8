"""Settings: read once, refused when wrong, and told in the README."""

import re
import traceback
from datetime import datetime
from pathlib import Path

import pytest

from geodata.errors import Invalid
from geodata.hours import SHANGHAI, state
from geodata.vault import new_key
from webmap import create_app
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
        ("LINJU_AREA", "abc"),
        ("LINJU_TILES_DATUM", "mars"),
        ("LINJU_TILES_URL", "javascript:alert(1)"),
        ("LINJU_ELDERS_KEY", "geheim"),
        pytest.param("LINJU_ELDERS_KEY", f"{new_key()},geheim", id="the second key"),
    ],
)
def test_a_wrong_value_stops_the_start_and_is_named(name, value):
    with pytest.raises(Invalid, match="setting_invalid") as caught:
        Settings.from_env({name: value})
    assert caught.value.details["name"] == name


def test_a_secret_is_told_neither_when_it_is_right_nor_when_it_is_wrong():
    key = new_key()
    told = Settings.from_env({"LINJU_ELDERS_KEY": f" {key} ,"})
    assert told.vault.ready
    assert key not in f"{told} {told!r} {told.model_dump()} {told.model_dump_json()}"
    wrong = key[:-2] + "!="
    with pytest.raises(Invalid) as caught:
        Settings.from_env({"LINJU_ELDERS_KEY": wrong})
    assert wrong not in "".join(traceback.format_exception(caught.value))


def test_an_operators_notice_of_holidays_decides_who_is_open(instance, tmp_path):
    notice = tmp_path / "notice.csv"
    notice.write_text("date,kind\n2031-10-01,放假\n2031-03-12,放假\n", "utf-8")
    app = create_app(Settings(instance=instance, holidays=str(notice)))
    calendar = app.extensions["linju_calendar"]
    noon = datetime(2031, 3, 12, 12, tzinfo=SHANGHAI)
    assert state("工作日 9:00-17:00", noon).open is True
    assert state("工作日 9:00-17:00", noon, calendar=calendar).open is False
    app.extensions["linju_store"].close()


def test_a_missing_notice_stops_the_start(instance):
    with pytest.raises(Invalid, match="setting_invalid"):
        create_app(Settings(instance=instance, holidays="nowhere.csv"))


def test_the_readme_tells_every_setting_as_it_is():
    rows = re.findall(
        r"^\| `(LINJU_\w+)` \| (.*?) \| (.*?) \|$", README.read_text("utf-8"), re.MULTILINE
    )
    told = [
        (name, f"`{default}`" if default else "", meaning) for name, default, meaning in table()
    ]
    assert rows == told
