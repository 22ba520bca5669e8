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


def test_a_full_disk_is_called_so(town_pbf, tmp_path, monkeypatch):
    programs = tmp_path / "programs"
    (programs / "bin").mkdir(parents=True)
    program = programs / "bin" / "valhalla_build_tiles"
    program.write_text("#!/bin/sh\necho 'write failed: No space left on device' >&2\nexit 1\n")
    program.chmod(0o700)
    monkeypatch.setattr(tiles, "PYVALHALLA_DIR", programs)

    with pytest.raises(Unavailable) as full:
        build_tiles(town_pbf, tmp_path)

    assert (full.value.code, full.value.details) == ("disk_full", {"path": str(tmp_path)})


def test_settings_of_one_archive_do_not_touch_another_s(tmp_path):
    first = settings(tmp_path / "first.tar")
    settings(tmp_path / "second.tar")

    assert first["mjolnir"]["tile_extract"] == str(tmp_path / "first.tar")
