import os
import shutil

import pytest

from geodata.errors import Unavailable
from geodata.routing import Local, Router, tiles
from geodata.routing.tiles import build_tiles, settings
from tests.geodata.routing.conftest import TOWN, at, write


def test_only_the_archive_stays_in_the_folder(town_pbf, tmp_path):
    assert build_tiles(town_pbf, tmp_path) == tmp_path / "tiles.tar"
    assert [path.name for path in tmp_path.iterdir()] == ["tiles.tar"]


def test_an_extract_as_xml_will_do(tmp_path):
    archive = build_tiles(write(TOWN, tmp_path / "town.osm"), tmp_path)

    assert Router(Local(archive)).route(at(0, 0), at(200, 0)).distance_m > 190


def test_paths_are_taken_from_where_one_stands(town_pbf, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()

    archive = build_tiles(town_pbf, (tmp_path / "here").relative_to(tmp_path))

    assert archive.is_file()


def test_of_a_broken_file_the_program_s_last_words_are_told(tmp_path):
    (tmp_path / "broken.osm.pbf").write_bytes(b"this is no extract, however long one reads on")

    with pytest.raises(Unavailable) as failed:
        build_tiles(tmp_path / "broken.osm.pbf", tmp_path)

    assert failed.value.code == "engine_failed"
    assert "PBF" in failed.value.details["reason"]
    assert [path.name for path in tmp_path.iterdir()] == ["broken.osm.pbf"]


def test_a_missing_file_is_a_failure(tmp_path):
    with pytest.raises(Unavailable, match="engine_failed"):
        build_tiles(tmp_path / "none.osm.pbf", tmp_path)


def test_an_extract_without_streets_is_a_failure(tmp_path):
    with pytest.raises(Unavailable, match="engine_failed"):
        build_tiles(write([], tmp_path / "empty.osm.pbf"), tmp_path)


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Return a function that puts a script in the place of the engine's program."""

    def put(script):
        path = tmp_path / "programs" / "bin" / "valhalla_build_tiles"
        path.parent.mkdir(parents=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        monkeypatch.setattr(tiles, "PYVALHALLA_DIR", tmp_path / "programs")

    return put


@pytest.mark.parametrize(
    "signal, told", [("BUS", "last words (SIGBUS)"), ("KILL", "last words (SIGKILL)"), ("40", "40")]
)
def test_a_program_that_died_is_told_with_the_signal(town_pbf, tmp_path, program, signal, told):
    program(f"echo 'last words'\nkill -s {signal} $$")

    with pytest.raises(Unavailable, match="engine_failed") as failed:
        build_tiles(town_pbf, tmp_path)

    assert told in failed.value.details["reason"]


def test_a_program_that_died_on_a_full_disk_died_of_that(town_pbf, tmp_path, program, monkeypatch):
    program("kill -s BUS $$")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))

    with pytest.raises(Unavailable) as full:
        build_tiles(town_pbf, tmp_path)

    assert (full.value.code, full.value.details) == ("disk_full", {"path": str(tmp_path)})


def test_so_did_one_that_had_room_again_when_it_died(town_pbf, tmp_path, program, monkeypatch):
    program("sleep 0.4\nexit 1")
    usage = shutil.disk_usage(tmp_path)
    free = iter([10**9, 10**9, 0])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=next(free, 10**9)))

    with pytest.raises(Unavailable, match="disk_full"):
        build_tiles(town_pbf, tmp_path)


def test_a_program_is_ended_with_us(town_pbf, tmp_path, program, monkeypatch):
    program("echo $$ > pid\nexec sleep 60")

    def interrupted(_folder):
        if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith("\n"):
            raise KeyboardInterrupt
        return usage

    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", interrupted)

    with pytest.raises(KeyboardInterrupt):
        build_tiles(town_pbf, tmp_path)

    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_full_disk_is_called_so(town_pbf, tmp_path, program):
    program("echo 'write failed: No space left on device' >&2\nexit 1")

    with pytest.raises(Unavailable) as full:
        build_tiles(town_pbf, tmp_path)

    assert (full.value.code, full.value.details) == ("disk_full", {"path": str(tmp_path)})


def test_settings_of_one_archive_do_not_touch_another_s(tmp_path):
    first = settings(tmp_path / "first.tar")
    settings(tmp_path / "second.tar")

    assert first["mjolnir"]["tile_extract"] == str(tmp_path / "first.tar")
