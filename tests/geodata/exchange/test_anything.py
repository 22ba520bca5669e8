"""Whatever stands in a file, a reading ends with rows and problems, or with one clear error."""

import io
import json
import random

import geopandas as gpd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata import exchange
from geodata.errors import Invalid
from geodata.exchange import Format

FUZZ = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
CELL = st.one_of(
    st.sampled_from(
        ["", "诊所", "123.4", "41.7", "123.4,41.7", "=1", "'", '"', "nan", "百度", "1e999"]
    ),
    st.text(max_size=12),
)


def example(known):
    page = io.BytesIO()
    frame = gpd.GeoDataFrame(
        {"id": ["0123456789", ""], "name": ["甲", "乙"], "category": "clinic", "note": "好\n"},
        geometry=shapely.points([[123.4, 41.7], [123.5, 41.8]]),
        crs=4326,
    )
    exchange.write(frame, page, known)
    return page.getvalue()


def ends_well(path, categories):
    try:
        frame, report = exchange.read_merchants(path, categories=categories)
    except Invalid:
        return
    assert report.good == len(frame)
    assert report.rows >= report.good
    assert frame["name"].str.len().gt(0).all()
    assert frame.geometry.is_valid.all()
    known = {problem.row for problem in report.problems}
    assert report.bad == 0 or known


@FUZZ
@given(data=st.binary(max_size=300))
@pytest.mark.parametrize("suffix", ["csv", "geojson", "kml", "xlsx", "gpkg"])
def test_any_bytes(data, suffix, tmp_path, categories):
    path = tmp_path / f"any.{suffix}"
    path.write_bytes(data)

    ends_well(path, categories)


@FUZZ
@given(lines=st.lists(st.lists(CELL, max_size=6), max_size=6))
def test_any_cells_below_a_good_header(lines, tmp_path, categories):
    path = tmp_path / "cells.csv"
    body = "\n".join(",".join(line) for line in lines)
    path.write_bytes(f"名称,类别,经度,纬度,坐标系,边界\n{body}\n".encode("utf-8", "replace"))

    ends_well(path, categories)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@FUZZ
@given(
    shape=JSON, coordinates=JSON, properties=JSON, kind=st.sampled_from(["Point", "Polygon", "x"])
)
def test_any_feature(shape, coordinates, properties, kind, tmp_path, categories):
    path = tmp_path / "any.geojson"
    features = [
        {"type": "Feature", "properties": properties, "geometry": shape},
        {
            "type": "Feature",
            "properties": {"name": "甲", "category": "clinic"},
            "geometry": {"type": kind, "coordinates": coordinates},
        },
        shape,
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")

    ends_well(path, categories)


@pytest.mark.parametrize("known", Format)
@pytest.mark.parametrize("seed", range(25))
def test_a_good_file_gone_bad(known, seed, tmp_path, categories):
    chance = random.Random(seed)
    data = bytearray(example(known))
    for _ in range(chance.randint(1, 20)):
        at = chance.randrange(len(data) or 1)
        if chance.random() < 0.5:
            data[at : at + 1] = chance.randbytes(1)
        else:
            del data[at : at + chance.randint(1, 50)]
    path = tmp_path / f"bad.{known}"
    path.write_bytes(data)

    ends_well(path, categories)
