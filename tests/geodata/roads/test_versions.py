"""The shelf of versions: one pointer, replaced in one step, and a step back."""

import errno
import fcntl
import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from geodata.errors import Conflict, Forbidden, NotFound, Unavailable
from geodata.roads import versions
from geodata.roads.streets import Roads, Streets
from geodata.roads.versions import Pointer, Shelf, Version, new_name, weigh
from geodata.walking import Graph
from tests.factories import ADMIN, WORKER

ONE, TWO, THREE = (f"20261125-10000{n}-000" for n in (1, 2, 3))

STREET = Graph(
    lon=np.array([123.43, 123.44]),
    lat=np.array([41.8, 41.8]),
    ends=np.array([[0, 1]], dtype=np.int32),
    length_m=np.array([831.1]),
    modes=np.array([1], dtype=np.uint8),
    shape=np.array([[123.43, 41.8], [123.44, 41.8]]),
    shape_start=np.array([0, 2]),
)


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "roads")


def fill(folder, **told):
    """Make what a version's folder holds."""
    (folder / "tiles.tar").write_text(folder.name)
    STREET.save(folder / "walking.npz")
    about(files=weigh(folder), **told).save(folder)


def put(shelf, name, **told):
    """Build a version, as far as the shelf has to do with it."""
    with shelf.building() as work:
        fill(work, name=name, **told)
        shelf.adopt(work, name)


def lay(shelf, name, **told):
    """Put a version beside the others, as a copy from elsewhere."""
    (shelf.folder / name).mkdir(parents=True)
    fill(shelf.folder / name, name=name, **told)


def folders(shelf):
    return sorted(path.name for path in shelf.folder.iterdir() if path.is_dir())


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
    put(shelf, ONE)
    first = shelf.stamp()
    put(shelf, TWO)

    assert shelf.pointer() == Pointer(current=TWO, former=ONE)
    assert shelf.stamp() != first
    assert Version.of(shelf.path(ONE)).name == ONE


def test_only_two_versions_are_kept(shelf):
    for name in (ONE, TWO, THREE):
        put(shelf, name)

    assert folders(shelf) == [TWO, THREE]


def test_what_is_no_version_stays_where_it_lies(shelf):
    for name in ("extracts", "2026", f"{ONE} copy"):
        (shelf.folder / name).mkdir(parents=True)

    put(shelf, TWO)

    assert folders(shelf) == ["2026", ONE + " copy", TWO, "extracts"]


def test_a_failed_build_leaves_nothing_and_changes_nothing(shelf):
    put(shelf, ONE)
    stamp = shelf.stamp()

    def fails():
        with shelf.building() as work:
            (work / "half").write_text("x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()

    assert shelf.stamp() == stamp
    assert folders(shelf) == [ONE]


def test_what_a_killed_build_left_is_taken_away_by_the_next(shelf):
    (shelf.folder / ".building-1").mkdir(parents=True)

    put(shelf, ONE)

    assert not (shelf.folder / ".building-1").exists()


def test_rollback_goes_back_and_forth(shelf):
    put(shelf, ONE)
    put(shelf, TWO)

    assert shelf.rollback(actor=ADMIN) == Pointer(current=ONE, former=TWO)
    assert shelf.rollback(actor=ADMIN) == Pointer(current=TWO, former=ONE)


@pytest.mark.parametrize("built", [0, 1])
def test_without_a_former_version_there_is_no_going_back(shelf, built):
    for number in range(built):
        put(shelf, (ONE, TWO)[number])

    with pytest.raises(Conflict, match="rollback_missing"):
        shelf.rollback(actor=ADMIN)


def spoilt(shelf, name, how):
    folder = shelf.folder / name
    if how == "graph":
        (folder / "walking.npz").write_bytes(b"x" * (folder / "walking.npz").stat().st_size)
    else:
        (folder / how).write_bytes(b"damaged")


@pytest.mark.parametrize("how", ["graph", "tiles.tar", "about.json"])
def test_a_damaged_former_version_is_not_gone_back_to(shelf, how):
    put(shelf, ONE)
    put(shelf, TWO)
    spoilt(shelf, ONE, how)
    before = shelf.stamp()

    with pytest.raises(Unavailable, match="streets_unreadable"):
        shelf.rollback(actor=ADMIN)

    assert shelf.stamp() == before
    assert shelf.pointer().current == TWO


class TestUse:
    def test_a_copied_version_is_used_and_the_one_before_is_the_former(self, shelf):
        put(shelf, ONE)
        lay(shelf, TWO)

        assert shelf.others() == [TWO]
        assert shelf.use(TWO, actor=ADMIN) == Pointer(current=TWO, former=ONE)
        assert shelf.others() == []

    def test_so_it_is_where_nothing_was_ever_built_and_under_another_name(self, shelf):
        lay(shelf, "辽宁")

        assert shelf.use("辽宁", actor=ADMIN) == Pointer(current="辽宁")
        assert Version.of(shelf.path("辽宁")).name == "辽宁"

    def test_the_former_one_may_be_named_too(self, shelf):
        put(shelf, ONE)
        put(shelf, TWO)

        assert shelf.use(ONE, actor=ADMIN) == Pointer(current=ONE, former=TWO)

    def test_the_one_in_use_stays_with_its_former(self, shelf):
        put(shelf, ONE)
        put(shelf, TWO)

        assert shelf.use(TWO, actor=ADMIN) == Pointer(current=TWO, former=ONE)

    @pytest.mark.parametrize(
        "name", ["", ".", "..", THREE, "in-use.json", f"../roads/{TWO}", "empty"]
    )
    def test_what_is_no_version_here_is_not_used(self, shelf, name):
        put(shelf, ONE)
        lay(shelf, TWO)
        (shelf.folder / "empty").mkdir()

        with pytest.raises(NotFound, match="streets_version_not_found"):
            shelf.use(name, actor=ADMIN)

    @pytest.mark.parametrize("how", ["graph", "tiles.tar", "about.json"])
    def test_one_that_was_copied_badly_is_not_used(self, shelf, how):
        put(shelf, ONE)
        lay(shelf, TWO)
        spoilt(shelf, TWO, how)

        with pytest.raises(Unavailable, match="streets_unreadable"):
            shelf.use(TWO, actor=ADMIN)

        assert shelf.pointer() == Pointer(current=ONE)

    def test_only_administrators_may(self, shelf):
        lay(shelf, ONE)

        with pytest.raises(Forbidden):
            shelf.use(ONE, actor=WORKER)

    def test_not_while_a_build_is_under_way(self, shelf):
        lay(shelf, ONE)

        with shelf.building(), pytest.raises(Conflict, match="roads_busy"):
            shelf.use(ONE, actor=ADMIN)


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
    put(shelf, ONE)
    put(shelf, TWO)

    with pytest.raises(Forbidden):
        shelf.rollback(actor=WORKER)
    with pytest.raises(Forbidden):
        shelf.remove_demo(actor=WORKER)
    assert shelf.pointer().current == TWO


class TestLeavingTheDemonstration:
    def test_its_streets_are_gone(self, shelf):
        put(shelf, ONE, demo=True)

        assert shelf.remove_demo(actor=ADMIN) == shelf.pointer() == Pointer()
        assert folders(shelf) == []

    def test_real_streets_that_followed_it_stay_alone(self, shelf):
        put(shelf, ONE, demo=True)
        put(shelf, TWO)

        assert shelf.remove_demo(actor=ADMIN) == Pointer(current=TWO)
        assert folders(shelf) == [TWO]

    def test_real_streets_that_are_the_former_ones_are_used_again(self, shelf):
        put(shelf, ONE, demo=True)
        put(shelf, TWO)
        shelf.rollback(actor=ADMIN)

        assert shelf.remove_demo(actor=ADMIN) == Pointer(current=TWO)
        assert folders(shelf) == [TWO]

    def test_a_demonstration_that_lies_aside_goes_too(self, shelf):
        put(shelf, ONE)
        put(shelf, TWO)
        lay(shelf, THREE, demo=True)

        assert shelf.remove_demo(actor=ADMIN) == Pointer(current=TWO, former=ONE)
        assert folders(shelf) == [ONE, TWO]

    def test_a_damaged_demonstration_goes_and_what_nobody_can_read_stays(self, shelf):
        put(shelf, ONE)
        put(shelf, TWO, demo=True)
        spoilt(shelf, ONE, "about.json")
        spoilt(shelf, TWO, "tiles.tar")

        assert shelf.remove_demo(actor=ADMIN) == Pointer(current=ONE)
        assert folders(shelf) == [ONE]

    def test_where_nothing_was_built_nothing_happens(self, shelf):
        assert shelf.remove_demo(actor=ADMIN) == Pointer()
        assert not shelf.folder.exists()


@pytest.mark.parametrize("name", ["", "..", THREE, "in-use.json", "../one"])
def test_only_versions_in_use_have_a_path(shelf, name):
    put(shelf, ONE)

    with pytest.raises(NotFound, match="streets_version_not_found"):
        shelf.path(name)


def test_a_damaged_pointer_is_told_as_such(shelf):
    put(shelf, ONE)
    (shelf.folder / "in-use.json").write_text("{")

    with pytest.raises(Unavailable, match="streets_unreadable"):
        shelf.pointer()


def test_a_summary_comes_back_as_it_was_written(tmp_path):
    version = about(name=tmp_path.name, extracted=datetime(2026, 7, 1, tzinfo=UTC))
    version.save(tmp_path)

    assert Version.of(tmp_path) == version


def test_a_file_that_is_not_as_long_as_it_was_is_told(tmp_path):
    (tmp_path / "tiles.tar").write_bytes(b"1234")
    about(files={"tiles.tar": 5}).save(tmp_path)

    with pytest.raises(Unavailable, match="streets_unreadable"):
        Version.of(tmp_path)


@pytest.mark.parametrize("name", ["Thumbs.db", ".DS_Store", "tiles.tar.bak"])
def test_a_file_that_a_desktop_left_does_no_harm(tmp_path, name):
    fill(tmp_path)
    (tmp_path / name).write_bytes(b"icons")

    assert name not in Version.of(tmp_path).files


@pytest.mark.parametrize("text", ["", "{}", '{"format": 1}', '{"format": "x"}', "[]"])
def test_a_damaged_summary_is_told_as_such(tmp_path, text):
    (tmp_path / "about.json").write_text(text)

    with pytest.raises(Unavailable, match="streets_unreadable"):
        Version.of(tmp_path)


@pytest.mark.parametrize(
    "told", [about(format=2).model_dump_json(), '{"format": 2, "streets": []}']
)
def test_a_version_in_the_format_of_a_later_linju_is_refused_as_such(tmp_path, told):
    (tmp_path / "about.json").write_text(told)

    with pytest.raises(Unavailable, match="streets_newer") as refused:
        Version.of(tmp_path)

    assert (refused.value.details["found"], refused.value.details["known"]) == (2, 1)


def test_what_an_earlier_or_later_linju_told_otherwise_makes_no_damage(tmp_path):
    told = json.loads(about().model_dump_json()) | {"climate": "continental"}
    del told["served"]
    (tmp_path / "about.json").write_text(json.dumps(told))

    assert Version.of(tmp_path).served == (0, 0)


class System:
    """What Windows makes of the calls with which files are brought to the disk."""

    name = "nt"
    O_RDONLY, O_RDWR = os.O_RDONLY, os.O_RDWR
    getpid, close = staticmethod(os.getpid), staticmethod(os.close)

    def __init__(self):
        self.synced = []

    def open(self, path, flags):
        if Path(path).is_dir():
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return os.open(path, flags)

    def fsync(self, handle):
        if fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, "Bad file descriptor")
        self.synced.append(Path(f"/proc/self/fd/{handle}").resolve().name)


def test_a_system_that_syncs_only_what_is_open_for_writing_builds_and_goes_back(shelf, monkeypatch):
    windows = System()
    monkeypatch.setattr(versions, "os", windows)

    put(shelf, ONE)
    put(shelf, TWO)

    assert shelf.rollback(actor=ADMIN).current == ONE
    assert {"walking.npz", "tiles.tar", "about.json", "in-use.json.new"} <= set(windows.synced)


def test_what_the_system_refuses_is_told_plainly(shelf, monkeypatch):
    put(shelf, ONE, demo=True)
    put(shelf, TWO)

    def refuses(*_arguments):
        raise PermissionError(errno.EACCES, "Permission denied", "in-use.json")

    monkeypatch.setattr(Path, "replace", refuses)

    for change in (shelf.rollback, shelf.remove_demo):
        with pytest.raises(Unavailable, match="file_unwritable"):
            change(actor=ADMIN)
    assert shelf.pointer() == Pointer(current=TWO, former=ONE)
    assert folders(shelf) == [ONE, TWO]


def test_of_a_version_that_could_not_be_switched_to_nothing_stays(shelf, monkeypatch):
    put(shelf, ONE)

    def is_full(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", is_full)
    with pytest.raises(Unavailable, match="disk_full"):
        put(shelf, TWO)

    assert shelf.pointer() == Pointer(current=ONE)
    assert folders(shelf) == [ONE]
    assert not (shelf.folder / "in-use.json.new").exists()


class TestRunningService:
    def test_a_version_that_comes_while_it_waits_its_turn_is_not_missed(self, shelf, monkeypatch):
        put(shelf, ONE)
        roads = Roads(shelf.folder)
        lock = threading.Lock()

        class Turn:
            """A lock that one gets only after another version has come."""

            def acquire(self, *, blocking=True):
                put(shelf, TWO)
                return lock.acquire(blocking=blocking)

            def release(self):
                lock.release()

        monkeypatch.setattr(roads, "_lock", Turn())
        assert roads.now().name == TWO
        monkeypatch.setattr(roads, "_lock", None)
        assert roads.now().name == TWO

    def test_while_one_thread_opens_a_new_version_the_others_go_on_with_the_old(
        self, shelf, monkeypatch
    ):
        put(shelf, ONE)
        roads = Roads(shelf.folder)
        old = roads.now()
        opening, may_open = threading.Event(), threading.Event()

        def slowly():
            opening.set()
            assert may_open.wait(10)
            return Streets.of(shelf.folder / TWO)

        monkeypatch.setattr(roads, "_open", slowly)
        put(shelf, TWO)
        told = []
        thread = threading.Thread(target=lambda: told.append(roads.now()))
        thread.start()
        assert opening.wait(10)

        assert roads.now() is old

        may_open.set()
        thread.join()
        assert told[0].name == roads.now().name == TWO

    def test_where_the_old_version_is_gone_they_wait_for_the_new_one(self, shelf, monkeypatch):
        put(shelf, ONE, demo=True)
        roads = Roads(shelf.folder)
        roads.now()
        opening, may_open = threading.Event(), threading.Event()

        def slowly():
            opening.set()
            assert may_open.wait(10)

        monkeypatch.setattr(roads, "_open", slowly)
        shelf.remove_demo(actor=ADMIN)
        first = threading.Thread(target=roads.now)
        first.start()
        assert opening.wait(10)
        told = []
        second = threading.Thread(target=lambda: told.append(roads.now()))
        second.start()
        second.join(0.2)
        assert told == []

        may_open.set()
        first.join()
        second.join()
        assert told == [None]


def test_names_differ_and_sort_by_time():
    names = [new_name()]
    while len(names) < 3:
        if (name := new_name()) != names[-1]:
            names.append(name)

    assert names == sorted(names)
