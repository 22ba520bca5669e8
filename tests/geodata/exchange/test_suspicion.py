"""A file in another datum than told is noticed, and an honest one is left in peace."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.datum import Datum, convert
from geodata.exchange import suspect_datum, weigh_datums

WEST = shapely.box(123.40, 41.7, 123.42, 41.8)
EAST = shapely.box(123.42, 41.7, 123.44, 41.8)


def areas():
    return gpd.GeoDataFrame(
        {
            "code": ["210100000000", "210103000000", "210104000000"],
            "name": ["沈阳市", "沈河区", "大东区"],
        },
        geometry=[WEST.union(EAST), WEST, EAST],
        crs=4326,
    )


def shops(true, told, count=20, address="沈阳市沈河区泉园一路", at=123.4195):
    """Place shops in the west beside the east, written in one datum and read as another."""
    lon, lat = convert(np.full(count, at), np.linspace(41.72, 41.78, count), Datum.WGS84, true)
    return gpd.GeoDataFrame(
        {
            "name": [f"店{at}" for at in range(count)],
            "address": address,
            "source_datum": str(told),
            "source_lon": lon,
            "source_lat": lat,
        },
        geometry=shapely.points(*convert(lon, lat, told, Datum.WGS84)),
        crs=4326,
    )


@pytest.mark.parametrize("true", [Datum.GCJ02, Datum.BD09])
def test_places_outside_the_district_of_their_address_are_noticed(true):
    found = suspect_datum(shops(true, Datum.WGS84), areas())

    assert found is not None
    assert (found.told, found.better) == (Datum.WGS84, true)
    assert (found.agreeing[true], found.agreeing[Datum.WGS84], found.evidence) == (20, 0, 20)


@pytest.mark.parametrize("true", [Datum.GCJ02, Datum.BD09])
def test_what_fits_best_is_told_before_anybody_says_a_datum(true):
    found = weigh_datums(shops(true, Datum.WGS84), areas())

    assert (found.agreeing[true], found.agreeing[Datum.WGS84], found.evidence) == (20, 0, 20)
    # Both of the Chinese datums move these places into the district of their address.
    assert found.best == (Datum.BD09 if found.agreeing[Datum.GCJ02] < found.evidence else None)
    few = weigh_datums(shops(true, Datum.WGS84, count=4), areas())
    assert (few.best, few.evidence) == (None, 4)
    none = weigh_datums(shops(true, Datum.WGS84).iloc[:0], areas())
    assert (none.best, none.evidence) == (None, 0)


@pytest.mark.parametrize("datum", Datum)
def test_places_that_fit_are_left_in_peace(datum):
    assert suspect_datum(shops(datum, datum), areas()) is None


def test_a_handful_of_odd_rows_proves_nothing():
    assert suspect_datum(shops(Datum.BD09, Datum.WGS84, count=4), areas()) is None


def test_a_file_that_speaks_for_both_proves_nothing():
    moved = shops(Datum.BD09, Datum.WGS84, count=12)
    honest = shops(Datum.WGS84, Datum.WGS84, count=5, address="大东区", at=123.4205)

    assert suspect_datum(moved, areas()) is not None
    assert suspect_datum(pd.concat([moved, honest]), areas()) is None


@pytest.mark.parametrize("address", ["", "泉园一路", "沈阳市", "铁西区"])
def test_an_address_that_names_no_district_proves_nothing(address):
    assert suspect_datum(shops(Datum.BD09, Datum.WGS84, address=address), areas()) is None


def test_no_rows_and_no_areas_prove_nothing():
    none = shops(Datum.BD09, Datum.WGS84).iloc[:0]

    assert suspect_datum(none, areas()) is None
    assert suspect_datum(shops(Datum.BD09, Datum.WGS84), areas().iloc[:0]) is None


class TestKnownShops:
    def known(self, names):
        frame = shops(Datum.WGS84, Datum.WGS84)
        return frame[frame["name"].isin(names)]

    def test_namesakes_elsewhere_are_noticed(self):
        file = shops(Datum.BD09, Datum.GCJ02, address="")

        found = suspect_datum(file, areas(), self.known)

        assert found is not None
        assert found.better is Datum.BD09

    def test_namesakes_in_place_are_left_in_peace(self):
        file = shops(Datum.BD09, Datum.BD09, address="")

        assert suspect_datum(file, areas(), self.known) is None

    def test_a_name_twice_proves_nothing(self):
        file = shops(Datum.BD09, Datum.GCJ02, address="")
        twice = pd.concat([shops(Datum.WGS84, Datum.WGS84)] * 2)

        assert suspect_datum(file, areas(), lambda _names: twice) is None
        assert suspect_datum(pd.concat([file] * 2), areas(), self.known) is None

    def test_the_same_file_imported_wrongly_before_is_no_witness(self):
        before = shops(Datum.BD09, Datum.WGS84)

        file = shops(Datum.BD09, Datum.BD09)

        assert suspect_datum(file, areas(), lambda _names: before) is None


def test_a_large_file_is_sampled():
    found = suspect_datum(shops(Datum.BD09, Datum.WGS84, count=5001), areas())

    assert found is not None
    assert found.evidence <= 2000
