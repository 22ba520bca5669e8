"""The commands for streets: build, status, rollback; and streets that come and go with a demo."""

import json
import shutil
import subprocess
import sys

import pytest

from geodata import areas
from tests.factories import ADMIN, areas_frame, square
from webmap import create_app
from webmap.config import Settings

PIECE = "24.938,60.167,24.946,60.172"


@pytest.fixture
def run(empty_app):
    runner = empty_app.test_cli_runner()
    return lambda *words: runner.invoke(args=[str(word) for word in words])


@pytest.fixture
def helsinki(shared_data):
    return shared_data / "osm" / "helsinki.osm.pbf"


def pointer(app):
    return app.extensions["linju_roads"].shelf.pointer()


def test_a_build_tells_its_stages_and_sums_up(run, helsinki, empty_app):
    done = run("roads", "build", helsinki, "--clip", PIECE, "--name", "赫尔辛基")

    assert done.exit_code == 0, done.output
    for said in ("[1/5] 读取街道数据", "[5/5] 试着找几条路", "赫尔辛基 (helsinki.osm.pbf)"):
        assert said in done.output
    for said in (PIECE, "数据日期: 2019-04-21", "公里", "建筑", "MB", "底图: 有", "用时"):
        assert said in done.output
    assert pointer(empty_app).current
    assert empty_app.test_client().get("/api/reach?from=24.942,60.170").status_code == 200


def test_status_tells_what_is_in_use_and_what_was_before(run, helsinki):
    assert "还没有街道数据" in run("roads", "status").output
    run("roads", "build", helsinki, "--clip", PIECE, "--name", "one")
    assert "上一版" not in run("roads", "status").output
    run("roads", "build", helsinki, "--clip", PIECE, "--name", "two")

    told = run("roads", "status").output

    assert told.index("two") < told.index("上一版") < told.index("one")


def test_status_names_the_host_of_an_engine_elsewhere_and_no_password(tmp_path):
    app = create_app(Settings(instance=tmp_path, valhalla_url="https://us:secret@ways.example/v1"))

    told = app.test_cli_runner().invoke(args=["roads", "status"]).output
    app.extensions["linju_store"].close()

    assert "ways.example" in told
    assert "secret" not in told


def test_rollback_brings_the_former_streets_back(run, helsinki, empty_app):
    assert "没有上一版" in run("roads", "rollback").output
    run("roads", "build", helsinki, "--clip", PIECE, "--name", "one")
    first = pointer(empty_app).current
    run("roads", "build", helsinki, "--clip", PIECE, "--name", "two")

    done = run("roads", "rollback")

    assert done.exit_code == 0
    assert "one" in done.output
    assert pointer(empty_app).current == first


def test_a_clip_may_be_a_file_of_areas(run, helsinki, tmp_path):
    ring = [[24.938, 60.167], [24.946, 60.167], [24.946, 60.172], [24.938, 60.167]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    file = tmp_path / "clip.geojson"
    file.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": shape}))

    done = run("roads", "build", helsinki, "--clip", file)

    assert done.exit_code == 0, done.output


def test_a_clip_may_be_an_area_of_the_store(run, helsinki, empty_app):
    with empty_app.extensions["linju_store"].writing() as tx:
        area = ("210103006012", "泉富社区", square(24.942, 60.1695, 0.003))
        areas.merge(tx, areas_frame(area), actor=ADMIN)

    done = run("roads", "build", helsinki, "--clip", "210103006012")

    assert done.exit_code == 0, done.output
    assert "210103006012" in done.output

    unknown = run("roads", "build", helsinki, "--clip", "210103006099")
    assert unknown.exit_code == 1
    assert "210103006099" in unknown.output


@pytest.mark.parametrize(
    "clip, said",
    [
        ("1,1,2,2", "裁剪范围里没有街道"),
        ("2,2,1,1", "范围须依次为西、南、东、北"),
        ("a,b,c,d", "不能用来裁剪"),
        ("nowhere.geojson", "没有文件 nowhere.geojson"),
    ],
)
def test_a_clip_that_is_none_is_told(run, helsinki, empty_app, clip, said):
    done = run("roads", "build", helsinki, "--clip", clip)

    assert done.exit_code == 1
    assert said in done.output
    assert not pointer(empty_app).current


@pytest.mark.parametrize("name", ["nothing.osm.pbf", "broken.osm.pbf", "empty.osm"])
def test_a_bad_file_is_told_in_a_sentence_and_the_streets_in_use_stay(
    run, helsinki, empty_app, tmp_path, name
):
    run("roads", "build", helsinki, "--clip", PIECE)
    before = pointer(empty_app)
    if name != "nothing.osm.pbf":
        (tmp_path / name).write_bytes(b"" if name == "empty.osm" else b"\0" * 100)

    done = run("roads", "build", tmp_path / name)

    assert done.exit_code == 1
    assert name in done.output
    assert "Traceback" not in done.output
    assert pointer(empty_app) == before


@pytest.mark.slow
def test_the_demonstration_brings_its_streets_and_takes_them_away(run, empty_app):
    assert run("demo").exit_code == 0
    told = run("roads", "status").output
    assert "演示" in told
    assert empty_app.test_client().get("/api/nearest?from=123.47,41.775").status_code == 200

    assert run("demo", "--remove").exit_code == 0

    assert "还没有街道数据" in run("roads", "status").output


@pytest.mark.slow
def test_streets_that_could_not_go_with_the_demonstration_go_the_next_time(run, empty_app):
    run("demo")
    with empty_app.extensions["linju_roads"].shelf.building():
        assert "正在生成街道" in run("demo", "--remove").output

    assert run("demo", "--remove").exit_code == 0

    assert not pointer(empty_app).current
    assert run("demo", "--remove").exit_code == 1


@pytest.mark.slow
def test_leaving_the_demonstration_keeps_real_streets(run, helsinki):
    run("roads", "build", helsinki, "--clip", PIECE, "--name", "real")
    run("demo")

    run("demo", "--remove")

    assert "real" in run("roads", "status").output


@pytest.mark.slow
def test_so_it_does_where_the_demonstration_is_in_use_again(run, helsinki):
    run("demo")
    run("roads", "build", helsinki, "--clip", PIECE, "--name", "real", "--anyway")
    run("roads", "rollback")

    assert run("demo", "--remove").exit_code == 0

    told = run("roads", "status").output
    assert "real" in told
    assert "演示" not in told


def test_streets_that_were_copied_are_listed_and_used(run, helsinki, empty_app, tmp_path):
    run("roads", "build", helsinki, "--clip", PIECE, "--name", "elsewhere")
    folder, name = empty_app.extensions["linju_roads"].shelf.folder, pointer(empty_app).current
    shutil.move(folder, tmp_path / "stick")
    shutil.copytree(tmp_path / "stick" / name, folder / name)
    told = run("roads", "status").output
    assert told.index("还没有街道数据") < told.index("roads use") < told.index("elsewhere")
    assert "这里没有 20260101 这一版街道" in run("roads", "use", "20260101").output

    done = run("roads", "use", name)

    assert done.exit_code == 0, done.output
    assert "elsewhere" in done.output
    assert pointer(empty_app).current == name
    assert empty_app.test_client().get("/api/reach?from=24.942,60.170").status_code == 200
    assert "roads use" not in run("roads", "status").output


def test_a_damaged_version_is_told_and_what_is_in_use_stays(run, helsinki, empty_app):
    run("roads", "build", helsinki, "--clip", PIECE, "--name", "one")
    run("roads", "build", helsinki, "--clip", PIECE, "--name", "two")
    before = pointer(empty_app)
    (empty_app.extensions["linju_roads"].shelf.path(before.former) / "tiles.tar").unlink()

    done = run("roads", "rollback")

    assert done.exit_code == 1
    assert "已损坏" in done.output
    assert pointer(empty_app) == before
    told = run("roads", "status")
    assert told.exit_code == 0
    assert f"{before.former}: 街道数据文件已损坏" in told.output


def test_a_worker_loads_nothing_of_what_only_builds_and_draws():
    dear = "{'osmium', 'pypinyin', 'geodata.roads.building', 'geodata.demo'}"
    asked = f"import sys, webmap; print({dear} & set(sys.modules))"

    told = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)

    assert told.stdout == "set()\n"
