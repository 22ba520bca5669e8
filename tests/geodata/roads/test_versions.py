"""The shelf of versions: one pointer, replaced in one step, and a step back."""

import threading
from datetime import UTC, datetime

import pytest

from geodata.errors import Conflict, Forbidden, NotFound, Unavailable
from geodata.roads.versions import Pointer, Shelf, Version, new_name
from tests.factories import ADMIN, WORKER


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "roads")


def put(shelf, name):
    with shelf.building() as work:
        (work / "tiles.tar").write_text(name)
        shelf.adopt(work, name)


def about(**told):
    known = {
        "name": "v1",
        "title": "沈河",
        "source": "shenhe.osm.pbf",
        "clip": "",
        "demo": False,
        "extracted": None,
        "built": datetime(2026, 11, 25, tzinfo=UTC),
        "seconds": 1.0,
        "streets": 3,
        "km": 1.5,
        "components": 1,
        "buildings": 0,
        "bounds": (123.0, 41.0, 124.0, 42.0),
        "served": (0, 0),
        "files": {},
    }
    return Version(**(known | told))


def test_where_nothing_was_built_nothing_is_in_use(shelf):
    assert shelf.stamp() is None
    assert shelf.pointer() == Pointer()


def test_a_new_version_is_in_use_and_the_one_before_stays(shelf):
    put(shelf, "one")
    first = shelf.stamp()
    put(shelf, "two")

    assert shelf.pointer() == Pointer(current="two", former="one")
    assert shelf.stamp() != first
    assert (shelf.path("one") / "tiles.tar").read_text() == "one"


def test_only_two_versions_are_kept(shelf):
    for name in ("one", "two", "three"):
        put(shelf, name)

    assert sorted(p.name for p in shelf.folder.iterdir() if p.is_dir()) == ["three", "two"]


def test_a_failed_build_leaves_nothing_and_changes_nothing(shelf):
    put(shelf, "one")
    stamp = shelf.stamp()

    def fails():
        with shelf.building() as work:
            (work / "half").write_text("x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()

    assert shelf.stamp() == stamp
    assert [p.name for p in shelf.folder.iterdir() if p.is_dir()] == ["one"]


def test_what_a_killed_build_left_is_taken_away_by_the_next(shelf):
    (shelf.folder / ".building-1").mkdir(parents=True)

    put(shelf, "one")

    assert not (shelf.folder / ".building-1").exists()


def test_rollback_goes_back_and_forth(shelf):
    put(shelf, "one")
    put(shelf, "two")

    assert shelf.rollback(actor=ADMIN) == Pointer(current="one", former="two")
    assert shelf.rollback(actor=ADMIN) == Pointer(current="two", former="one")


@pytest.mark.parametrize("built", [0, 1])
def test_without_a_former_version_there_is_no_going_back(shelf, built):
    for number in range(built):
        put(shelf, str(number))

    with pytest.raises(Conflict, match="rollback_missing"):
        shelf.rollback(actor=ADMIN)


def test_two_builds_at_once_are_refused(shelf):
    refused = []

    def second():
        try:
            with shelf.building():
                pass
        except Conflict as error:
            refused.append(error.code)

    with shelf.building():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()

    assert refused == ["roads_busy"]
    put(shelf, "afterwards")


def test_only_administrators_go_back_or_take_away(shelf):
    put(shelf, "one")
    put(shelf, "two")

    with pytest.raises(Forbidden):
        shelf.rollback(actor=WORKER)
    with pytest.raises(Forbidden):
        shelf.remove(actor=WORKER)
    assert shelf.pointer().current == "two"


def test_removed_streets_are_gone(shelf):
    put(shelf, "one")

    shelf.remove(actor=ADMIN)

    assert shelf.pointer() == Pointer()
    assert not [p for p in shelf.folder.iterdir() if p.is_dir()]


@pytest.mark.parametrize("name", ["", "..", "three", "in-use.json", "../one"])
def test_only_versions_in_use_have_a_path(shelf, name):
    put(shelf, "one")

    with pytest.raises(NotFound, match="streets_version_not_found"):
        shelf.path(name)


def test_a_damaged_pointer_is_told_as_such(shelf):
    put(shelf, "one")
    (shelf.folder / "in-use.json").write_text("{")

    with pytest.raises(Unavailable, match="streets_unreadable"):
        shelf.pointer()


def test_a_summary_comes_back_as_it_was_written(tmp_path):
    version = about(extracted=datetime(2026, 7, 1, tzinfo=UTC))
    version.save(tmp_path)

    assert Version.of(tmp_path) == version


def test_a_file_that_is_not_as_long_as_it_was_is_told(tmp_path):
    (tmp_path / "tiles.tar").write_bytes(b"1234")
    about(files={"tiles.tar": 5}).save(tmp_path)

    with pytest.raises(Unavailable, match="streets_unreadable"):
        Version.of(tmp_path)


@pytest.mark.parametrize("text", ["", "{}", '{"format": 1}', "[]"])
def test_a_damaged_summary_is_told_as_such(tmp_path, text):
    (tmp_path / "about.json").write_text(text)

    with pytest.raises(Unavailable, match="streets_unreadable"):
        Version.of(tmp_path)


def test_a_version_of_a_later_linju_is_refused(tmp_path):
    about(format=2).save(tmp_path)

    with pytest.raises(Unavailable, match="streets_unreadable"):
        Version.of(tmp_path)


def test_names_differ_and_sort_by_time():
    names = [new_name()]
    while len(names) < 3:
        if (name := new_name()) != names[-1]:
            names.append(name)

    assert names == sorted(names)
