"""What goes out comes back as it was, and runs nowhere."""

import csv
import errno
import io
import subprocess
import sys
import textwrap
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import orjson
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata import exchange
from geodata.datum import Datum, convert
from geodata.errors import Invalid, Unavailable
from geodata.exchange import Format
from geodata.exchange.cleaning import clean, unguarded
from geodata.exchange.encoders import guarded
from geodata.exchange.tables import texts

HOSTILE = [
    "=1+1",
    "'=1+1",
    "''=1",
    "+86 24 1",
    "-5",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "＝1+1",
    "{{7*7}}",
    "{%x%}",
    "</script><img src=x onerror=alert(1)>",
    "]]>&amp;<![CDATA[",
    "`${1}`",
    "\u202eevil\u202c",
    "👩‍⚕️",
    "_x0041_",
    "_x005F_",
    'a"b',
    "a,b;c d",
    "https://example.org/",
    "internal:Sheet1!A1",
    "2026/01/02",
    "024",
    "1e5",
    "NULL",
    "nan",
    "TRUE",
    "店" * 200,
]
COLUMNS = ["id", "name", "category", "source_datum", "address", "phones", "hours", "note"]
STATES = ["status", "closed_until"]


def merchants(names, notes=None, datum=Datum.WGS84):
    count = len(names)
    lon = np.round(123.4 + np.arange(count) / 97, 7)
    lat = np.round(41.7 + np.arange(count) / 101, 7)
    return gpd.GeoDataFrame(
        {
            "id": [f"{at:010d}" for at in range(count)],
            "name": names,
            "category": ["clinic", "repair"] * (count // 2) + ["barber"] * (count % 2),
            "source_datum": str(datum),
            "source_lon": lon,
            "source_lat": lat,
            "address": names,
            "phones": "024-23456789;13812345678",
            "hours": "08:00-20:00",
            "note": names if notes is None else notes,
            "status": "closed",
            "closed_until": "2026-03-01",
        },
        geometry=shapely.points(*convert(lon, lat, datum, Datum.WGS84)),
        crs=4326,
    )


def back(frame, path, categories, **options):
    exchange.write(frame, path, **options)
    return exchange.read_merchants(path, categories=categories)


def assert_same(found, frame):
    expected = frame[COLUMNS + STATES].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        pd.DataFrame(found[COLUMNS + STATES]), pd.DataFrame(expected), check_dtype=False
    )
    np.testing.assert_allclose(found.geometry.x, frame.geometry.x, atol=2e-8)
    np.testing.assert_allclose(found.geometry.y, frame.geometry.y, atol=2e-8)


texts_of_people = st.lists(
    st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))
    .map(lambda text: str(clean(texts([text]))[0]))
    .filter(bool),
    min_size=1,
    max_size=6,
    unique=True,
)


@pytest.mark.parametrize("known", Format)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(names=texts_of_people, datum=st.sampled_from(list(Datum)))
def test_what_is_written_reads_back_as_it_was(known, names, datum, tmp_path, categories):
    frame = merchants(names, datum=datum)

    found, report = back(frame, tmp_path / f"out.{known}", categories, datum=datum)

    assert report.problems == []
    assert_same(found, frame)
    if known in {Format.CSV, Format.XLSX}:
        assert found["source_lon"].tolist() == frame["source_lon"].tolist()


@pytest.mark.parametrize("known", Format)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_hostile_text_comes_back_in_every_field(known, language, tmp_path, categories):
    frame = merchants(HOSTILE)

    found, report = back(frame, tmp_path / f"out.{known}", categories, language=language)

    assert report.problems == []
    assert_same(found, frame)


@pytest.mark.parametrize("known", Format)
def test_a_line_break_in_a_note_survives(known, tmp_path, categories):
    frame = merchants(["甲"], notes=["一\n二"])

    assert back(frame, tmp_path / f"out.{known}", categories).frame["note"].tolist() == ["一\n二"]


@pytest.mark.parametrize("known", Format)
def test_signs_that_no_format_carries_are_left_out(known, tmp_path, categories):
    frame = merchants(["a\x00b\x0bc\ud800d\uffffe"])

    assert back(frame, tmp_path / f"out.{known}", categories).frame["name"].tolist() == ["abcde"]


@pytest.mark.parametrize("known", Format)
@pytest.mark.parametrize("datum", Datum)
def test_another_datum_is_recognised_by_itself(known, datum, tmp_path, categories):
    frame = merchants(["甲", "乙"], datum=Datum.BD09)

    found, report = back(frame, tmp_path / f"out.{known}", categories, datum=datum)

    assert found["source_datum"].tolist() == [str(datum)] * 2
    assert found.geometry.x.tolist() == pytest.approx(frame.geometry.x.tolist(), abs=2e-8)
    assert report.problems == []


@pytest.mark.parametrize("known", Format)
def test_the_same_frame_gives_the_same_bytes(known):
    pages = [io.BytesIO(), io.BytesIO()]
    for page in pages:
        exchange.write(merchants(HOSTILE), page, known)
        time.sleep(1.1 if known is Format.GPKG and page is pages[0] else 0)

    assert pages[0].getvalue() == pages[1].getvalue()


@pytest.mark.parametrize("known", Format)
def test_nothing_at_all_can_be_written(known, tmp_path):
    exchange.write(merchants(["甲"]).iloc[:0], tmp_path / f"none.{known}")

    assert (tmp_path / f"none.{known}").stat().st_size > 0


class TestSpreadsheets:
    def test_no_cell_of_a_csv_is_a_formula(self, tmp_path):
        exchange.write(merchants(HOSTILE), tmp_path / "out.csv")

        with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for line in csv.reader(file) for cell in line]
        for cell in cells:
            assert cell[:1] not in tuple("=+-@\t\r＝＋－＠") or not cell or cell == "-5"

    def test_a_csv_begins_with_the_mark_that_spreadsheets_need(self, tmp_path):
        exchange.write(merchants(["甲"]), tmp_path / "out.csv")

        assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")

    def test_no_cell_of_a_workbook_is_a_formula_or_a_link(self, tmp_path):
        exchange.write(merchants(HOSTILE), tmp_path / "out.xlsx")

        sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
        kinds = {cell.data_type for line in sheet.iter_rows() for cell in line}
        assert kinds <= {"s", "n"}
        assert not any(cell.hyperlink for line in sheet.iter_rows() for cell in line)
        with zipfile.ZipFile(tmp_path / "out.xlsx") as parts:
            assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")

    def test_a_workbook_is_ready_to_be_read(self, tmp_path):
        exchange.write(
            merchants(["甲"], datum=Datum.GCJ02), tmp_path / "out.xlsx", datum=Datum.GCJ02
        )

        sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
        header = [cell.value for cell in sheet[1]]
        assert header[:3] == ["编号", "名称", "类别"]
        assert header[-2:] == ["经度(GCJ02)", "纬度(GCJ02)"]
        assert sheet.freeze_panes == "A2"
        assert all(cell.font.bold for cell in sheet[1])
        assert isinstance(sheet.cell(2, len(header)).value, float)

    def test_names_of_categories_and_states_are_written_for_people(self, tmp_path):
        exchange.write(merchants(["甲"]), tmp_path / "out.csv", categories={"barber": "理发"})

        text = (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
        assert ",理发," in text
        assert ",停业," in text

    def test_a_csv_saved_again_as_a_workbook_comes_back_too(self, tmp_path, categories):
        exchange.write(merchants(HOSTILE), tmp_path / "out.csv")
        workbook = openpyxl.Workbook()
        with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
            for line in csv.reader(file):
                workbook.active.append([str(cell) for cell in line])
        for line in workbook.active.iter_rows():
            for cell in line:
                cell.data_type = "s"
        workbook.save(tmp_path / "again.xlsx")

        found, _ = exchange.read_merchants(tmp_path / "again.xlsx", categories=categories)

        # Another program does not escape "_x0041_", so it means "A" to everybody.
        kept = [name for name in HOSTILE if not name.startswith("_x")]
        assert [name for name in found["name"] if name in HOSTILE] == kept

    @given(st.text(max_size=5))
    def test_the_apostrophe_goes_on_and_comes_off(self, text):
        assert unguarded(texts([guarded(text)])).tolist() == [text]

    def test_a_cell_that_a_workbook_cannot_hold_is_refused(self, tmp_path):
        with pytest.raises(Invalid) as refused:
            exchange.write(pd.DataFrame({"note": ["x" * 40_000]}), tmp_path / "out.xlsx")

        assert refused.value.code == "format_unsuited"
        assert list(tmp_path.iterdir()) == []


class TestFeatures:
    def test_geojson_is_wgs84_without_a_word(self, tmp_path):
        exchange.write(merchants(["甲"]), tmp_path / "out.geojson")

        found = orjson.loads((tmp_path / "out.geojson").read_bytes())
        assert "坐标系" not in found["features"][0]["properties"]
        assert found["features"][0]["geometry"]["coordinates"] == [123.4, 41.7]

    def test_another_datum_is_said_in_the_properties(self, tmp_path):
        exchange.write(merchants(["甲"]), tmp_path / "out.geojson", datum=Datum.BD09)

        found = orjson.loads((tmp_path / "out.geojson").read_bytes())
        assert found["features"][0]["properties"]["坐标系"] == "BD09"

    def test_geopandas_opens_them(self, tmp_path):
        for suffix in ("geojson", "gpkg", "kml"):
            exchange.write(merchants(["甲", "乙"]), tmp_path / f"out.{suffix}")
            assert gpd.read_file(tmp_path / f"out.{suffix}").geometry.x.iloc[0] == 123.4

    def test_a_frame_without_shapes_has_no_place_there(self, tmp_path):
        with pytest.raises(Invalid) as refused:
            exchange.write(pd.DataFrame({"name": ["甲"]}), tmp_path / "out.kml")

        assert refused.value.details["reason"] == "no_shapes"


class TestHomesAndAreas:
    def homes(self):
        return gpd.GeoDataFrame(
            {
                "id": ["0123456789", "0123456788"],
                "name": HOSTILE[:2],
                "address": HOSTILE[1:3],
                "area": ["210103006012", ""],
                "households": pd.array([36, None], dtype="Int64"),
                "residents": pd.array([98, 4], dtype="Int64"),
                "elders_alone": pd.array([None, None], dtype="Int64"),
            },
            geometry=shapely.points([[123.4, 41.7], [123.5, 41.8]]),
            crs=4326,
        )

    def areas(self):
        square = shapely.box(123.4, 41.7, 123.5, 41.8)
        ring = shapely.Polygon(
            shapely.box(123.6, 41.7, 123.9, 41.9).exterior,
            [shapely.box(123.7, 41.75, 123.8, 41.8).exterior],
        )
        return gpd.GeoDataFrame(
            {
                "code": ["210103006012", "210103006012001"],
                "name": HOSTILE[:2],
                "level": ["community", "grid"],
                "parent": ["210103006000", "210103006012"],
                "residents": pd.array([8123, None], dtype="Int64"),
            },
            geometry=[shapely.MultiPolygon([square, ring]), shapely.MultiPolygon([square])],
            crs=4326,
        )

    @pytest.mark.parametrize("known", Format)
    def test_homes_come_back(self, known, tmp_path):
        exchange.write(self.homes(), tmp_path / f"homes.{known}")

        found, report = exchange.read_homes(tmp_path / f"homes.{known}")

        assert report.problems == []
        names = ["id", "name", "address", "households", "residents", "elders_alone"]
        pd.testing.assert_frame_equal(
            pd.DataFrame(found[names]), pd.DataFrame(self.homes()[names]), check_dtype=False
        )

    @pytest.mark.parametrize("known", [Format.CSV, Format.GEOJSON, Format.GPKG, Format.KML])
    @pytest.mark.parametrize("datum", Datum)
    def test_areas_come_back(self, known, datum, tmp_path):
        exchange.write(self.areas(), tmp_path / f"areas.{known}", datum=datum)

        found, report = exchange.read_areas(tmp_path / f"areas.{known}")

        assert report.problems == []
        names = ["code", "name", "level", "parent", "residents"]
        pd.testing.assert_frame_equal(
            pd.DataFrame(found[names]), pd.DataFrame(self.areas()[names]), check_dtype=False
        )
        apart = shapely.hausdorff_distance(found.geometry, self.areas().geometry)
        assert apart.max() < 1e-7

    def test_areas_do_not_fit_a_workbook(self, tmp_path):
        with pytest.raises(Invalid) as refused:
            exchange.write(self.areas(), tmp_path / "areas.xlsx")

        assert refused.value.code == "format_unsuited"


class TestTheOldFileStays:
    def test_a_file_is_replaced_at_once(self, tmp_path):
        target = tmp_path / "out.csv"
        target.write_text("old", encoding="utf-8")
        exchange.write(merchants(["甲"]), target)

        assert "甲" in target.read_text(encoding="utf-8-sig")
        assert list(tmp_path.iterdir()) == [target]

    @pytest.mark.parametrize("known", Format)
    def test_no_room_leaves_the_old_one(self, known, tmp_path):
        target = tmp_path / f"out.{known}"
        target.write_text("old", encoding="utf-8")
        program = textwrap.dedent(f"""
            import resource, signal, sys
            import pandas as pd, geopandas as gpd, numpy as np, shapely
            from geodata import exchange
            from geodata.errors import Unavailable
            count = 20_000
            names = [str(np.random.default_rng(at).random(4)) for at in range(count)]
            frame = gpd.GeoDataFrame(
                {{"name": names}}, geometry=shapely.points(np.full((count, 2), 41.0)), crs=4326
            )
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
            try:
                exchange.write(frame, {str(target)!r})
            except Unavailable as error:
                sys.exit(0 if error.code == "file_unwritable" else 3)
            sys.exit(4)
        """)
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, done.stderr
        assert target.read_text(encoding="utf-8") == "old"
        assert list(tmp_path.iterdir()) == [target]

    def test_ctrl_c_leaves_the_old_one(self, tmp_path, monkeypatch):
        def interrupt(*_):
            raise KeyboardInterrupt

        target = tmp_path / "out.csv"
        target.write_text("old", encoding="utf-8")
        monkeypatch.setattr("geodata.exchange.encoders.encode", interrupt)
        with pytest.raises(KeyboardInterrupt):
            exchange.write(merchants(["甲"]), target)

        assert target.read_text(encoding="utf-8") == "old"
        assert list(tmp_path.iterdir()) == [target]

    def test_a_folder_that_is_not_there_is_told(self, tmp_path):
        with pytest.raises(Unavailable) as refused:
            exchange.write(merchants(["甲"]), tmp_path / "no" / "out.csv")

        assert refused.value.code == "file_unwritable"
        assert refused.value.details["reason"]

    def test_a_page_that_breaks_is_told(self):
        class Broken(io.BytesIO):
            def write(self, _: bytes) -> int:
                raise OSError(errno.ENOSPC, "No space left on device")

        with pytest.raises(Unavailable):
            exchange.write(merchants(["甲"]), Broken(), "csv")


@pytest.mark.parametrize("known", ["xls", "", "shp"])
def test_other_formats_are_refused(known, tmp_path):
    with pytest.raises(Invalid) as refused:
        exchange.write(merchants(["甲"]), tmp_path / "out", known or None)

    assert refused.value.code == "format_unknown"
