"""Boxes, distances, frames, cells and validity."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import Invalid
from geodata.geometry import (
    CELL_BITS,
    BBox,
    mend,
    metres_between,
    metric_crs,
    web_mercator_cell,
    web_mercator_centre,
)

lons = st.floats(-180, 180)
lats = st.floats(-90, 90)
nan = math.nan


class TestBBox:
    def test_its_edges_belong_to_it(self):
        box = BBox(123.4, 41.7, 123.5, 41.9)

        assert box.contains(123.4, 41.7)
        assert box.contains(123.5, 41.9)
        assert not box.contains(123.50001, 41.8)
        assert not box.contains(nan, 41.8)

    def test_it_may_be_a_point_or_the_world(self):
        assert BBox(1, 2, 1, 2).contains(1, 2)
        assert BBox(-180, -90, 180, 90).contains(0, 0)

    @pytest.mark.parametrize(
        "sides",
        [
            (124, 41, 123, 42),
            (123, 42, 124, 41),
            (-181, 0, 0, 1),
            (0, 0, 181, 1),
            (0, -91, 1, 0),
            (0, 0, 1, 91),
            (nan, 0, 1, 1),
            (0, nan, 1, 1),
            (0, 0, nan, 1),
            (0, 0, 1, nan),
            (-math.inf, 0, math.inf, 1),
        ],
    )
    def test_what_is_no_box_is_refused(self, sides):
        with pytest.raises(Invalid) as refused:
            BBox(*sides)

        assert refused.value.code == "bbox_invalid"
        assert set(refused.value.details) == {"west", "south", "east", "north"}


class TestMetresBetween:
    def test_a_degree_of_the_meridian_is_as_long_as_the_ellipsoid_says(self):
        # 111132.954 - 559.822 cos 2φ + 1.175 cos 4φ, at 41.5°
        assert float(metres_between(123, 41, 123, 42)) == pytest.approx(111_063.6, abs=0.1)

    def test_one_point_is_measured_to_many(self):
        metres = metres_between(123.4, 41.8, [123.4, 123.5, nan], [41.8, 41.8, 41.8])

        assert metres[0] == 0
        assert metres[1] == pytest.approx(8311, abs=1)
        assert np.isnan(metres[2])

    def test_none_to_none_is_none(self):
        assert metres_between([], [], [], []).shape == (0,)

    @given(lons, lats, lons, lats)
    def test_there_is_as_far_as_back(self, lon1, lat1, lon2, lat2):
        there = float(metres_between(lon1, lat1, lon2, lat2))

        assert there == pytest.approx(float(metres_between(lon2, lat2, lon1, lat1)), abs=1e-3)
        assert 0 <= there < 20_004_000


class TestMetricCrs:
    @pytest.mark.parametrize(
        "lon,lat,epsg",
        [(123.43, 41.8, 32651), (114.3, 30.6, 32650), (180, 0, 32660), (-180, -1, 32701)],
    )
    def test_it_is_the_zone_of_the_place(self, lon, lat, epsg):
        assert metric_crs(lon, lat).to_epsg() == epsg

    @pytest.mark.parametrize("lon,lat", [(nan, 41), (123, nan), (123, 85), (181, 0)])
    def test_where_there_is_none_it_says_so(self, lon, lat):
        with pytest.raises(Invalid, match="position_invalid"):
            metric_crs(lon, lat)


class TestWebMercatorCells:
    def test_the_corners_of_the_square_are_the_corners_of_the_grid(self):
        x, y = web_mercator_cell([-180, 180, 180], [85.06, -85.06, 90])

        assert x.tolist() == [0, 2**30 - 1, 2**30 - 1]
        assert y.tolist() == [0, 2**30 - 1, 0]

    def test_a_cell_is_the_tile_that_maps_speak_of(self):
        x, y = web_mercator_cell(123.4315, 41.8057)

        # Worked out by hand from the definition of slippy map tiles.
        tile_y = (1 - math.asinh(math.tan(math.radians(41.8057))) / math.pi) / 2 * 2**15
        assert int(x) >> (CELL_BITS - 15) == int((123.4315 + 180) / 360 * 2**15)
        assert int(y) >> (CELL_BITS - 15) == int(tile_y)

    @given(lon=lons, lat=st.floats(-85.05, 85.05), level=st.integers(0, 30))
    def test_the_centre_of_a_cell_lies_in_it(self, lon, lat, level):
        x, y = (cell >> (CELL_BITS - level) for cell in web_mercator_cell(lon, lat))
        there = web_mercator_cell(*web_mercator_centre(x, y, level))

        assert [int(cell) >> (CELL_BITS - level) for cell in there] == [int(x), int(y)]

    @given(lon=lons, lat=st.floats(-85, 85))
    def test_the_finest_centre_is_within_four_centimetres(self, lon, lat):
        centre = web_mercator_centre(*web_mercator_cell(lon, lat))

        assert float(metres_between(lon, lat, *centre)) < 0.04

    def test_no_points_are_in_no_cells(self):
        x, y = web_mercator_cell([], [])

        assert (x.dtype, y.dtype, x.size, y.size) == (np.int64, np.int64, 0, 0)

    @pytest.mark.parametrize("lon,lat", [(nan, 41), (123, nan), (math.inf, 41)])
    def test_a_missing_place_is_refused(self, lon, lat):
        with pytest.raises(Invalid, match="position_invalid"):
            web_mercator_cell([123, lon], [41, lat])

    @pytest.mark.parametrize("level", [-1, 31])
    def test_there_are_thirty_one_levels(self, level):
        with pytest.raises(ValueError, match=str(level)):
            web_mercator_centre(0, 0, level)


def one(wkt):
    done = mend([shapely.from_wkt(wkt)])
    return done.geometries[0], done.reasons[0]


class TestMend:
    def test_a_good_polygon_stays_and_becomes_a_multipolygon(self):
        shape, reason = one("POLYGON ((0 0, 1 0, 1 1, 0 0))")

        assert (shape.geom_type, shape.area, reason) == ("MultiPolygon", 0.5, "")

    def test_a_good_multipolygon_stays_as_it_is(self):
        wkt = "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))"

        assert one(wkt)[0].equals_exact(shapely.from_wkt(wkt))

    @pytest.mark.parametrize(
        "wkt,area",
        [
            ("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))", 2),
            ("POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (3 1, 5 1, 5 3, 3 3, 3 1))", 14),
            ("MULTIPOLYGON (((0 0, 2 0, 2 2, 0 2, 0 0)), ((1 0, 3 0, 3 2, 1 2, 1 0)))", 6),
            ("GEOMETRYCOLLECTION (POINT (9 9), POLYGON ((0 0, 1 0, 1 1, 0 0)))", 0.5),
            (
                """GEOMETRYCOLLECTION (POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0)),
                GEOMETRYCOLLECTION (POLYGON ((1 0, 3 0, 3 2, 1 2, 1 0)), LINESTRING (0 0, 9 9)))""",
                6,
            ),
        ],
    )
    def test_a_broken_area_is_mended(self, wkt, area):
        shape, reason = one(wkt)

        assert (shape.geom_type, reason) == ("MultiPolygon", "mended")
        assert shape.is_valid
        assert shape.area == pytest.approx(area)

    @pytest.mark.parametrize(
        "wkt,why",
        [
            ("POINT (1 1)", "not_areal"),
            ("LINESTRING (0 0, 1 1)", "not_areal"),
            ("POLYGON ((0 0, 1 1, 2 2, 0 0))", "not_areal"),
            ("POLYGON EMPTY", "empty"),
            ("GEOMETRYCOLLECTION EMPTY", "empty"),
        ],
    )
    def test_what_has_no_area_goes_and_says_why(self, wkt, why):
        assert one(wkt) == (None, why)

    def test_rows_keep_their_places(self):
        done = mend([None, shapely.box(0, 0, 1, 1), None])

        assert done.reasons.tolist() == ["missing", "", "missing"]
        assert done.geometries[1].area == 1

    def test_no_rows_are_no_rows(self):
        assert [len(part) for part in mend([])] == [0, 0]

    def test_height_is_dropped(self):
        shape, _ = one("POLYGON Z ((0 0 5, 1 0 5, 1 1 5, 0 0 5))")

        assert not shape.has_z

    def test_an_infinite_vertex_is_refused_with_its_row(self):
        broken = shapely.Polygon([(0, 0), (math.inf, 0), (1, 1)])

        with pytest.raises(Invalid, match="coordinates_invalid") as refused:
            mend([shapely.box(0, 0, 1, 1), broken])

        assert refused.value.details["row"] == 1

    @given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=12))
    def test_any_scribble_becomes_valid_or_nothing(self, corners):
        shape = mend([shapely.Polygon(corners)]).geometries[0]

        assert shape is None or (shape.is_valid and shape.geom_type == "MultiPolygon")
