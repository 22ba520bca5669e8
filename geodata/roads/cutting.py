"""A piece of the ground for paper: what lies in a box, whole again across the tiles' seams."""

from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from geodata.errors import Unavailable
from geodata.exchange import gdal
from geodata.geometry import BBox
from geodata.roads.drawing import LAYERS, MAX_ZOOM, MIN_ZOOM

COLUMNS: Final = ("layer", "kind", "name", "over", "under")
"""What is told of each piece beside its geometry."""

_WORLD_M: Final = 40_075_016.685_578_49
_EXTENT: Final = 4096
"""Into so many units a tile is divided: corners lie on these."""

_TO_METRES: Final = Transformer.from_crs(4326, 3857, always_xy=True)
_TO_DEGREES: Final = Transformer.from_crs(3857, 4326, always_xy=True)


def cut(ground: Path, box: BBox, *, zoom: int) -> gpd.GeoDataFrame:
    """Return what is drawn on the ground inside a box, for a map that is no tiles' any more.

    For print. The map on a screen reads the tiles itself.

    Parameters
    ----------
    ground
        The basemap of a version, as :func:`geodata.roads.ground.build` makes it.
    box
        WGS 84. What crosses its edge is cut off there.
    zoom
        Of the tiles to read, brought into what the file has: at a lower one there is less,
        and it is coarser. Corners are true to 0.3 m × cos(lat) at 15, twice that at 14.

    Returns
    -------
    GeoDataFrame
        WGS 84, by layer in the order of :data:`~geodata.roads.drawing.LAYERS`, from below to
        above: ``layer``, ``kind``, ``name`` ("" for none), ``over`` and ``under`` (whether it
        is a bridge or a tunnel), and a LineString, Polygon or Point each. What the seams of
        the tiles had cut is joined; lines of one kind and name that continue each other are
        one. Without rows where the box holds nothing.

    Raises
    ------
    Unavailable
        ``streets_unreadable`` with ``path``: the file is missing or broken.
    """
    zoom = min(max(zoom, MIN_ZOOM), MAX_ZOOM)
    (west, east), (south, north) = _TO_METRES.transform(
        [box.west, box.east], [box.south, box.north]
    )
    broken, _ = gdal.failures()
    try:
        known = {str(name) for name, _ in gdal.pyogrio().list_layers(ground)}
        found = [
            _read(ground, layer, (west, south, east, north), zoom)
            for layer in LAYERS
            if layer in known
        ]
    except broken as error:
        raise Unavailable("streets_unreadable", path=str(ground)) from error
    whole = pd.concat([_blank(), *found], ignore_index=True)
    geometry = shapely.clip_by_rect(whole.pop("geometry").to_numpy(), west, south, east, north)
    parts, rows = shapely.get_parts(geometry, return_index=True)
    told = whole.iloc[rows].reset_index(drop=True)
    there = ~shapely.is_empty(parts)
    degrees = shapely.transform(
        parts, lambda xy: np.column_stack(_TO_DEGREES.transform(xy[:, 0], xy[:, 1]))
    )
    return gpd.GeoDataFrame(told, geometry=degrees, crs=4326)[there].reset_index(drop=True)


def _blank() -> pd.DataFrame:
    none: list[object] = []
    flags = {name: pd.Series(none, dtype=bool) for name in ("over", "under")}
    texts = {name: pd.Series(none, dtype=object) for name in ("layer", "kind", "name", "geometry")}
    return pd.DataFrame({**texts, **flags})[[*COLUMNS, "geometry"]]


def _read(
    ground: Path, layer: str, box: tuple[float, float, float, float], zoom: int
) -> pd.DataFrame:
    read = gdal.pyogrio().raw.read
    meta, _, geometry, fields = read(ground, layer=layer, bbox=box, ZOOM_LEVEL=zoom)
    columns = dict(zip(meta["fields"], fields, strict=True))
    shapes = shapely.from_wkb(geometry)
    n = len(shapes)
    # A tile tells only what is not empty.
    texts = {name: _texts(columns.get(name), n) for name in ("kind", "name")}
    flags = {name: _texts(columns.get(name), n) != "" for name in ("over", "under")}
    parts, rows = shapely.get_parts(shapes, return_index=True)
    frame = pd.DataFrame({"layer": layer, **texts, **flags}, index=range(n))[list(COLUMNS)]
    frame = frame.iloc[rows].assign(geometry=_snapped(parts, zoom))
    whole = [
        pd.DataFrame(dict(zip(COLUMNS, told, strict=True)) | {"geometry": joined})
        for told, alike in frame.groupby(list(COLUMNS), sort=False)
        if (joined := _joined(alike["geometry"].to_numpy(), zoom))
    ]
    return pd.concat(whole, ignore_index=True) if whole else _blank()


def _texts(values: NDArray[np.object_] | None, n: int) -> NDArray[np.object_]:
    if values is None:
        return np.full(n, "", dtype=object)
    blank = pd.isna(values)
    return np.where(blank, "", values.astype(str)).astype(object)


def _joined(pieces: NDArray[np.object_], zoom: int) -> list[object]:
    """Join what the seams had cut."""
    dimension = shapely.get_dimensions(pieces)
    lines = shapely.union_all(pieces[dimension == 1])
    areas = pieces[dimension == 2]  # noqa: PLR2004  dimensions
    cut = _on_seam(shapely.bounds(areas), zoom).any(axis=1)
    whole = shapely.union_all(shapely.make_valid(areas[cut]))
    return [
        *shapely.get_parts(shapely.line_merge(lines)),
        *areas[~cut],
        *shapely.get_parts(whole),
        *pieces[dimension == 0],
    ]


def _on_seam(values: NDArray[np.float64], zoom: int) -> NDArray[np.bool_]:
    """Tell which coordinates lie on the edge of a tile; the world's own edges begin the count."""
    tile = _WORLD_M / 2**zoom
    away = (values + _WORLD_M / 2) / tile
    near = np.abs(away - np.round(away)) < 0.01 / _EXTENT
    return np.asarray(near, dtype=np.bool_)


def _snapped(parts: NDArray[np.object_], zoom: int) -> NDArray[np.object_]:
    """Let the corners at which a seam had cut something meet again.

    Either tile has rounded where the seam is crossed for itself, so that the two differ by up
    to a unit.
    """
    corners = shapely.get_coordinates(parts)
    unit = _WORLD_M / 2**zoom / _EXTENT
    for across, along in ((0, 1), (1, 0)):
        there = np.flatnonzero(_on_seam(corners[:, across], zoom))
        seam = np.round(corners[there, across] / (unit * _EXTENT)).astype(np.int64)
        order = np.lexsort((corners[there, along], seam))
        there, seam = there[order], seam[order]
        if not len(there):
            continue
        place = corners[there, along]
        apart = (np.diff(seam) != 0) | (np.diff(place) > unit)
        first = np.concatenate(([0], np.flatnonzero(apart) + 1))
        corners[there, along] = np.repeat(place[first], np.diff([*first, len(there)]))
        corners[there, across] = np.round(corners[there, across] / unit) * unit
    return np.asarray(shapely.set_coordinates(parts, corners), dtype=object)
