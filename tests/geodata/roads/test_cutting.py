"""A piece of the ground for paper: whole across the seams of the tiles, and no more than asked."""

import numpy as np
import pytest
import shapely

from geodata.errors import Unavailable
from geodata.geometry import BBox
from geodata.roads import Shelf, cutting
from geodata.roads.drawing import LAYERS
from geodata.roads.versions import GROUND, Version
from tests.factories import CENTRE

TILE_DEG = 360 / 2**15
"""Degrees of longitude of a tile at the deepest zoom."""


@pytest.fixture(scope="module")
def version(demonstration_streets):
    shelf = Shelf(demonstration_streets)
    return shelf.folder / shelf.pointer().current


@pytest.fixture(scope="module")
def whole(version):
    return cutting.cut(version / GROUND, BBox(123.4, 41.7, 123.55, 41.85), zoom=15)


def near(metres=400):
    return BBox.around(*CENTRE, metres)


def of(cut, layer):
    return cut[cut["layer"] == layer]


def seams(bounds):
    """Return the meridians at which tiles meet."""
    west, east = (np.floor((bounds[n] + 180) / TILE_DEG).astype(int) for n in (0, 2))
    return [-180 + n * TILE_DEG for n in range(west + 1, east + 1)]


def test_every_building_is_one_that_the_tiles_had_cut(whole, version):
    assert len(of(whole, "building")) == Version.of(version).buildings


def test_streets_go_on_across_the_seams(whole):
    streets = of(whole, "street").geometry
    found = seams(whole.total_bounds)
    assert found
    for seam in found:
        crossing = [
            line
            for line in streets
            if line.bounds[0] < seam - 1e-5 and line.bounds[2] > seam + 1e-5
        ]
        ends = shapely.get_coordinates([shapely.boundary(line) for line in streets])
        assert crossing
        assert not (np.abs(ends[:, 0] - seam) < 1e-7).any()


def test_no_area_has_a_corner_too_many_where_a_seam_was(whole):
    areas = whole[whole.geom_type == "Polygon"]
    assert areas.is_valid.all()
    for seam in seams(whole.total_bounds):
        on_it = shapely.get_coordinates(areas.geometry.to_numpy())[:, 0]
        along = np.abs(on_it - seam) < 1e-7
        # What crosses it has two corners there at each crossing, but no side along it.
        assert along.sum() < len(areas)


def test_layers_come_from_below_to_above(whole):
    order = [LAYERS.index(layer) for layer in whole["layer"]]
    assert order == sorted(order)
    assert set(whole.columns) == {*cutting.COLUMNS, "geometry"}


def test_what_crosses_the_edge_of_the_box_is_cut_off_there(version):
    box = near()
    cut = cutting.cut(version / GROUND, box, zoom=15)
    assert len(cut)
    west, south, east, north = cut.total_bounds
    assert west >= box.west - 1e-9
    assert east <= box.east + 1e-9
    assert south >= box.south - 1e-9
    assert north <= box.north + 1e-9


def test_names_bridges_and_kinds_are_told(whole):
    streets = of(whole, "street")
    assert "文化东路" in set(streets["name"])
    assert streets["over"].any()
    assert not streets["over"].all()
    assert "primary" in set(streets["kind"])


def test_at_a_lower_zoom_there_is_less(version):
    fine, coarse = (cutting.cut(version / GROUND, near(), zoom=zoom) for zoom in (15, 12))
    assert 0 < len(coarse) < len(fine)
    assert not len(of(coarse, "building"))


@pytest.mark.parametrize("zoom", [-3, 99])
def test_a_zoom_that_the_file_has_not_is_the_next_it_has(version, zoom):
    assert set(cutting.cut(version / GROUND, near(), zoom=zoom).columns) == {
        *cutting.COLUMNS,
        "geometry",
    }


def test_where_nothing_is_there_are_no_rows(version):
    nothing = cutting.cut(version / GROUND, BBox(100, 30, 100.01, 30.01), zoom=15)
    assert len(nothing) == 0
    assert set(nothing.columns) == {*cutting.COLUMNS, "geometry"}


@pytest.mark.parametrize("content", [None, b"", b"PMTiles\x03 but no more"])
def test_a_broken_file_is_said_to_be_one(tmp_path, content):
    path = tmp_path / GROUND
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Unavailable) as told:
        cutting.cut(path, near(), zoom=15)
    assert told.value.code == "streets_unreadable"
