"""A large CSV file through the command line, as an office brings it in."""

import csv
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geodata.demo.crowd import scattered
from tests.bench import serving
from tests.bench.shown import number, table, thousands

_HEADINGS = ("名称", "类别", "经度", "纬度", "地址", "电话", "营业时间")
_CATEGORIES = {
    "shopping": "购物",
    "clinic": "诊所",
    "repair": "维修",
    "barber": "理发",
    "canteen": "社区食堂",
    "care": "养老服务中心",
    "shelter": "避难场所",
    "aed": "AED",
}


def measure(n: int, folder: Path) -> None:
    """Print rows a second of n rows: new ones, the same again, and by GeoPandas alone."""
    large, small = folder / "merchants.csv", folder / "one.csv"
    _write(large, n)
    _write(small, 1)
    store = folder / "import.gpkg"
    _import(store, small, "--dry-run")  # makes the store, and warms the files up
    start = _import(store, small, "--dry-run")
    new, again = _import(store, large), _import(store, large)
    alone = _geopandas(large, folder / "geopandas.gpkg")
    rows = [
        ("linju, new rows", number(new), number(n / new), number(n / (new - start))),
        ("linju, same again", number(again), number(n / again), number(n / (again - start))),
        ("GeoPandas to a GeoPackage", number(alone), "-", number(n / alone)),
    ]
    table(
        f"flask --app wsgi merchants import, CSV of {thousands(n)} rows",
        ("", "s", "rows/s", f"rows/s without the {start:.1f} s of starting"),
        rows,
        "Aim: 10,000 rows/s. GeoPandas alone checks nothing, keeps no history and finds nothing.",
    )


def _write(path: Path, n: int) -> None:
    city = scattered(n)
    names = city.category.map(_CATEGORIES)
    columns = (city["name"], names, city.source_lon, city.source_lat)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADINGS)
        writer.writerows(zip(*columns, city.address, city.phones, city.hours, strict=True))


def _import(store: Path, file: Path, *options: str) -> float:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "merchants", "import", str(file)]
    began = time.perf_counter()
    done = subprocess.run(
        [*command, "--datum=wgs84", *options],
        cwd=serving.PROJECT,
        env=serving.environment(store),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"The import failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - began


def _geopandas(file: Path, target: Path) -> float:
    began = time.perf_counter()
    rows = pd.read_csv(file, dtype={"电话": str})
    points = gpd.points_from_xy(rows["经度"], rows["纬度"])
    gpd.GeoDataFrame(rows, geometry=points, crs=4326).to_file(target, layer="merchant")
    return time.perf_counter() - began
