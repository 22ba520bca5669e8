"""GeoJSON, KML and GeoPackage: features with a geometry of their own, read by GeoPandas.

GDAL never opens what others wrote in GeoJSON or KML: a ``crs`` of the type "link"
made it fetch an address (seen), and its KML reader turns Chinese names of
fields into underscores. Both are parsed here, written again in one plain form,
and that is read.
"""

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pyproj
from numpy.typing import NDArray

from geodata.errors import Invalid
from geodata.exchange import gdal
from geodata.exchange.kml import placemarks
from geodata.exchange.tables import (
    Format,
    Table,
    Texts,
    check_size,
    choose,
    quiet,
    texts,
)
from geodata.exchange.textfile import decode
from geodata.exchange.vocabulary import Kind

type Feature = tuple[dict[str, object], object]
"""Properties and a GeoJSON geometry."""

_EPSG = re.compile(r"EPSG:(?::|[\d.]+:)?(\d{4,6})$", re.IGNORECASE)
_CRS84 = re.compile(r"(?:CRS:?:?|[\d.]+:)?CRS84$|WGS ?84$", re.IGNORECASE)
_DEGREES = 360.0


def read_geojson(path: Path, folder: Path) -> Table:
    """Read a GeoJSON file: a FeatureCollection, or one Feature.

    Returns
    -------
    Table
        Headings are the names of the properties, then ``id`` where features have one.
        Rows count from 1. A geometry that makes no sense is None.

    Raises
    ------
    Invalid
        ``file_unreadable``, ``encoding_unknown``, ``file_empty``, ``crs_unknown`` with
        ``crs``, ``too_many_rows``, ``too_many_columns``.
    """
    text, encoding = decode(path.read_bytes(), path.name)
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _unreadable(path, Format.GEOJSON) from error
    features = _features(found)
    if features is None:
        raise _unreadable(path, Format.GEOJSON)
    return _table(features, _declared_crs(found), encoding, folder)


def read_kml(path: Path, folder: Path) -> Table:
    """Read the placemarks of a KML file, of all its folders.

    Returns
    -------
    Table
        Headings are ``name``, ``description``, ``address``, ``phone`` as far as
        used, and the names in ExtendedData.

    Raises
    ------
    Invalid
        As :func:`read_geojson`.
    """
    text, encoding = decode(path.read_bytes(), path.name)
    return _table(placemarks(text, path.name), None, encoding, folder)


def read_gpkg(path: Path, kind: Kind, layer: int | str | None, folder: Path) -> Table:
    """Read a layer of a GeoPackage, also of a live store.

    Parameters
    ----------
    layer
        Number from 1, or name; None takes the layer named as the kind is, or the
        first that has geometries.

    Raises
    ------
    Invalid
        ``file_unreadable``, ``file_empty``, ``sheet_missing`` with ``sheets``,
        ``crs_unknown``, ``too_many_rows``, ``too_many_columns``.
    """
    copy = folder / "layers.gpkg"
    copy.write_bytes(path.read_bytes())
    log = path.with_name(path.name + "-wal")
    if log.is_file():
        copy.with_name(copy.name + "-wal").write_bytes(log.read_bytes())
    try:
        with quiet():
            layers = {str(name): shape for name, shape in gdal.pyogrio().list_layers(copy)}
            if not layers:
                raise Invalid("file_empty")
            chosen = _layer(layers, kind) if layer is None else choose(list(layers), layer)
            size = gdal.pyogrio().read_info(copy, layer=chosen, force_feature_count=True)
            check_size(size["features"], len(size["fields"]))
            frame = gpd.read_file(copy, layer=chosen, datetime_as_string=True)
    except gdal.failures() as error:
        raise _unreadable(path, Format.GPKG) from error
    shapes = _in_wgs84(frame) if isinstance(frame, gpd.GeoDataFrame) else None
    plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    return Table(
        tuple(map(str, plain.columns)),
        [_column(plain[name]) for name in plain.columns],
        np.arange(1, len(plain) + 1),
        shapes,
        sheet=chosen,
        sheets=tuple(layers),
    )


def _unreadable(path: Path, known: Format) -> Invalid:
    return Invalid("file_unreadable", path=path.name, format=str(known), reason="content")


def _features(found: object) -> list[Feature] | None:
    match found:
        case {"type": "FeatureCollection", "features": list(items)}:
            return [_feature(item) for item in items]
        case {"type": "Feature"}:
            return _features({"type": "FeatureCollection", "features": [found]})
    return None


def _feature(item: object) -> Feature:
    if not isinstance(item, dict):
        return {}, None
    properties = item.get("properties")
    properties = dict(properties) if isinstance(properties, dict) else {}
    if "id" in item:
        properties.setdefault("id", item["id"])
    return properties, item.get("geometry")


def _declared_crs(found: dict[str, Any]) -> int | None:
    """Return the EPSG number of an old-style ``crs``, None for the usual WGS 84."""
    declared = found.get("crs")
    if declared is None:
        return None
    match declared:
        case {"type": "name", "properties": {"name": str(name)}}:
            if code := _EPSG.search(name):
                return int(code[1])
            if _CRS84.search(name):
                return None
    raise Invalid("crs_unknown", crs=str(declared)[:200])


def _table(features: list[Feature], crs: int | None, encoding: str, folder: Path) -> Table:
    if not features:
        raise Invalid("file_empty")
    headings = tuple(dict.fromkeys(name for properties, _ in features for name in properties))
    check_size(len(features), len(headings))
    frame = _through_gdal(features, headings, folder)
    shapes = _in_wgs84(frame.set_crs(crs, allow_override=True) if crs else frame)
    return Table(
        headings,
        [_column(frame[f"c{at}"]) for at in range(len(headings))],
        np.arange(1, len(features) + 1),
        shapes,
        encoding=encoding,
    )


def _through_gdal(
    features: list[Feature], headings: tuple[str, ...], folder: Path
) -> gpd.GeoDataFrame:
    """Write the features in a plain form and let GeoPandas read them."""
    keys = {heading: f"c{at}" for at, heading in enumerate(headings)}
    target = folder / "features.geojson"
    try:
        target.write_bytes(_plain(features, keys))
    except (RecursionError, orjson.JSONEncodeError) as error:  # nested deeper than any map needs
        raise Invalid("file_unreadable", path="", format="features", reason="nested") from error
    with quiet():
        frame = gpd.read_file(target, DATE_AS_STRING="YES", ARRAY_AS_STRING="YES")
    if not isinstance(frame, gpd.GeoDataFrame):
        frame = gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs=4326)
    return frame


def _plain(features: list[Feature], keys: dict[str, str]) -> bytes:
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {
                        key: cell_text(properties.get(heading)) for heading, key in keys.items()
                    },
                    "geometry": _plain_shape(shape),
                }
                for properties, shape in features
            ],
        }
    )


def _plain_shape(shape: object) -> dict[str, object] | None:
    """Return a geometry with the members that make its shape, and no other.

    GDAL heeds a ``crs`` in a geometry too, and fetches the address it names (seen).
    """
    if not isinstance(shape, dict):
        return None
    plain = {key: shape[key] for key in ("type", "coordinates") if key in shape}
    if isinstance(parts := shape.get("geometries"), list):
        plain["geometries"] = [_plain_shape(part) for part in parts]
    return plain


def cell_text(value: object) -> str:
    """Write a JSON value as one cell: lists joined by ";", whole numbers without ".0".

    Examples
    --------
    >>> cell_text(None), cell_text(12.0), cell_text(["024-1", "024-2"]), cell_text(True)
    ('', '12', '024-1;024-2', 'true')
    """
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return ";".join(map(cell_text, value))
    if isinstance(value, bool | list | dict):
        return orjson.dumps(value).decode() if _is_shallow(value) else ""
    return str(value)


def _column(values: "pd.Series[Any]") -> Texts:
    """Bring a column of any type to text."""
    plain = values.astype(object).where(values.notna(), None)
    return texts([cell_text(_python(value)) for value in plain])


def _python(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, bytes):
        return None
    return value.item() if isinstance(value, np.generic) else value


def _layer(layers: dict[str, str | None], kind: Kind) -> str:
    wanted = {str(kind), str(kind).removesuffix("s")}
    named = [name for name in layers if name.lower() in wanted]
    shaped = [name for name, shape in layers.items() if shape]
    return [*named, *shaped, *layers][0]


def _in_wgs84(frame: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the geometries in EPSG:4326; without a declared CRS they must look like degrees."""
    geometry = frame.geometry
    crs = geometry.crs
    if crs is None or "undefined" in crs.name.lower():
        bounds = np.abs(np.nan_to_num(geometry.total_bounds))
        if bounds.max(initial=0.0) > _DEGREES:
            raise Invalid("crs_unknown", crs="")
        return np.asarray(geometry.array, dtype=np.object_)
    try:
        return np.asarray(geometry.to_crs(4326).array, dtype=np.object_)
    except pyproj.exceptions.ProjError as error:
        raise Invalid("crs_unknown", crs=crs.name) from error


def _is_shallow(value: object, depth: int = 20) -> bool:
    if isinstance(value, dict):
        return depth > 0 and all(_is_shallow(one, depth - 1) for one in value.values())
    if isinstance(value, list):
        return depth > 0 and all(_is_shallow(one, depth - 1) for one in value)
    return True
