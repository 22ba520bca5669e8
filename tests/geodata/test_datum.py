"""The three datums against measured cities, and against themselves."""

import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.datum import Datum, convert, convert_geometry
from geodata.geometry import metres_between

PAIRS = [(source, target) for source in Datum for target in Datum]
ONE_CM_DEG = 1e-7

china_lon = st.floats(73.4, 135.1)
china_lat = st.floats(3.8, 53.6)


@pytest.fixture(scope="module")
def cities(shared_data):
    """Give each city once, as arrays of lon and lat by datum."""
    rows = json.loads((shared_data / "datum" / "china_cities.json").read_text("utf-8"))
    once = {tuple(row["coords"]["WGS84"]): row["coords"] for row in rows}
    return {
        datum: np.array([coords[name] for coords in once.values()]).T
        for datum, name in zip(Datum, ("WGS84", "GCJ02", "BD09"), strict=True)
    }


@pytest.mark.parametrize("source,target", PAIRS)
def test_every_city_lands_where_the_providers_put_it(cities, source, target):
    lon, lat = convert(*cities[source], source, target)

    assert len(lon) == 332
    assert np.abs(np.array([lon, lat]) - cities[target]).max() < 1e-5


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_shenyang_is_as_far_off_as_was_measured(datum):
    lon, lat = convert(123.4315, 41.8057, Datum.WGS84, datum)

    expected = {Datum.GCJ02: 577, Datum.BD09: 1392}[datum]
    assert float(metres_between(123.4315, 41.8057, lon, lat)) == pytest.approx(expected, rel=0.02)


@given(lon=china_lon, lat=china_lat, pair=st.sampled_from(PAIRS))
def test_there_and_back_is_within_a_centimetre(lon, lat, pair):
    source, target = pair
    back = convert(*convert(lon, lat, source, target), target, source)

    assert np.abs(np.subtract(back, (lon, lat))).max() < ONE_CM_DEG


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_there_and_back_holds_on_a_grid_up_to_the_edges_of_the_box(datum):
    lon, lat = np.meshgrid(np.linspace(72.0041, 137.8346, 801), np.linspace(0.8294, 55.827, 601))
    back = convert(*convert(lon, lat, Datum.WGS84, datum), datum, Datum.WGS84)

    assert np.abs(np.subtract(back, (lon, lat))).max() < ONE_CM_DEG


@given(lon=china_lon, lat=china_lat)
def test_through_gcj_is_the_same_as_straight_to_bd(lon, lat):
    by_way = convert(*convert(lon, lat, Datum.WGS84, Datum.GCJ02), Datum.GCJ02, Datum.BD09)

    assert by_way == pytest.approx(convert(lon, lat, Datum.WGS84, Datum.BD09), abs=1e-10)


@pytest.mark.parametrize("source,target", PAIRS)
@pytest.mark.parametrize(
    "lon,lat", [(0, 0), (-180, -90), (180, 90), (139.7, 35.7), (24.9, 60.2), (-51.2, -30.0)]
)
def test_abroad_all_datums_are_the_same(source, target, lon, lat):
    assert convert(lon, lat, source, target) == (lon, lat)


@given(
    lon=st.floats(allow_nan=True, allow_infinity=True),
    lat=st.floats(allow_nan=True, allow_infinity=True),
    pair=st.sampled_from(PAIRS),
)
def test_any_two_numbers_are_survived(lon, lat, pair):
    convert(lon, lat, *pair)


@pytest.mark.parametrize("source,target", PAIRS)
def test_missing_numbers_stay_missing_and_disturb_no_neighbour(source, target):
    lon, lat = convert([np.nan, 123.4, 123.4, np.inf], [41.8, np.nan, 41.8, 41.8], source, target)

    assert np.isnan(lon[0])
    assert np.isnan(lat[1])
    assert np.isinf(lon[3])
    assert (lon[2], lat[2]) == pytest.approx(convert(123.4, 41.8, source, target), abs=1e-12)


class TestShapes:
    def test_numbers_give_numbers(self):
        assert [type(v) for v in convert(123, 41, Datum.WGS84, Datum.GCJ02)] == [float, float]

    def test_arrays_keep_their_shape(self):
        lon, lat = convert(np.full((2, 3), 123.4), 41.8, Datum.WGS84, Datum.BD09)

        assert lon.shape == lat.shape == (2, 3)

    @pytest.mark.parametrize("source,target", PAIRS)
    def test_nothing_gives_nothing(self, source, target):
        lon, lat = convert([], [], source, target)

        assert lon.size == lat.size == 0

    @pytest.mark.parametrize("source,target", PAIRS)
    def test_what_came_in_is_left_alone(self, source, target):
        given_lon, given_lat = np.array([123.4]), np.array([41.8])
        lon, lat = convert(given_lon, given_lat, source, target)
        lon += 1
        lat += 1

        assert (given_lon[0], given_lat[0]) == (123.4, 41.8)

    def test_an_unknown_datum_is_refused(self):
        with pytest.raises(ValueError, match="cgcs"):
            convert(1, 1, "cgcs", Datum.WGS84)


class TestGeometries:
    def test_each_vertex_moves_like_a_point(self):
        square = shapely.box(123.4, 41.7, 123.5, 41.8)
        moved = convert_geometry(square, Datum.GCJ02, Datum.WGS84)

        expected = convert(*shapely.get_coordinates(square).T, Datum.GCJ02, Datum.WGS84)
        assert np.array_equal(shapely.get_coordinates(moved).T, expected)
        assert moved.is_valid

    def test_arrays_with_holes_in_them_keep_their_places(self):
        shapes = np.array([None, shapely.Polygon(), shapely.Point(123.4, 41.8)])
        moved = convert_geometry(shapes, Datum.WGS84, Datum.BD09)

        assert moved[0] is None
        assert moved[1].is_empty
        assert (moved[2].x, moved[2].y) == convert(123.4, 41.8, Datum.WGS84, Datum.BD09)
        assert shapes[2].x == 123.4
