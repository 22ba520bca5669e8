"""The ground on paper: streets, houses, water and green as a few paths of SVG."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from webmap.poster.plane import Window

FINE: Final = 20
"""Corners lie on so many places a unit: a path is written in whole numbers."""

_SMOOTH: Final = 0.07
_SMALLEST: Final = 0.5
"""Square units: what is smaller is left out."""


@dataclass(frozen=True, slots=True)
class Path:
    """One path: ``look`` is a class of poster.css, ``width`` of the line, "" for an area."""

    look: str
    d: str
    width: str = ""


# Kinds from the least street to the greatest: metres on the ground, least units on paper.
_STREETS: Final = {
    "alley": (3.5, 0.55),
    "ramp": (5.0, 0.7),
    "street": (6.5, 0.8),
    "tertiary": (9.0, 1.1),
    "secondary": (12.0, 1.5),
    "primary": (16.0, 2.0),
    "express": (20.0, 2.6),
}
_AREAS: Final = (
    ("land", ("home", "work", "trade", "civic", "plaza")),
    ("green", ("wood", "park", "pitch")),
    ("water", ("area",)),
    ("building", ("building",)),
)
_WATERWAYS: Final = {"stream": (2.0, 0.4), "canal": (8.0, 0.9), "river": (25.0, 1.6)}
_WALLS: Final = {"hedge": (1.2, 0.3), "fence": (0.4, 0.2), "wall": (0.6, 0.28)}
_PATHS: Final = {"sidewalk": (0.8, 0.22), "walk": (1.6, 0.4), "steps": (3.0, 0.6)}
_RAILS: Final = {"tram": (2.0, 0.4), "rail": (4.0, 1.0)}
_CASING: Final = 0.35


def paths(cut: gpd.GeoDataFrame, window: Window) -> list[Path]:
    """Return what lies on the ground, from below to above.

    ``cut`` is what :func:`geodata.roads.cutting.cut` gives. Coordinates are in the window's
    units, divided by :data:`FINE`; so are the widths.
    """
    drawn = window.drawn(cut.geometry.to_numpy())
    drawn = shapely.simplify(drawn, _SMOOTH, preserve_topology=True)
    sheet = _Sheet(cut, drawn, window)
    return [*sheet.areas(), *sheet.lines()]


def path(geometry: NDArray[np.object_]) -> str:
    """Return lines and areas as the data of one path, in whole numbers."""
    parts = shapely.get_parts(geometry)
    rings = shapely.get_rings(parts[shapely.get_dimensions(parts) == 2])  # noqa: PLR2004  dimensions
    lines = parts[shapely.get_dimensions(parts) == 1]
    return "".join([*map(_closed, _corners(rings)), *map(_open, _corners(lines))])


def _corners(lines: NDArray[np.object_]) -> Iterator[list[list[int]]]:
    at, rows = shapely.get_coordinates(lines, return_index=True)
    whole = np.rint(at * FINE).astype(np.int64)
    for one in np.split(whole, np.flatnonzero(np.diff(rows)) + 1):
        if len(one):
            yield [one[0].tolist(), *np.diff(one, axis=0).tolist()]


def _open(corners: list[list[int]]) -> str:
    (x, y), *steps = corners
    told = " ".join(f"{dx} {dy}" for dx, dy in steps if dx or dy)
    return f"M{x} {y}l{told}" if told else ""


def _closed(corners: list[list[int]]) -> str:
    told = _open(corners[:-1])
    return f"{told}z" if told else ""


@dataclass(frozen=True, slots=True)
class _Sheet:
    cut: gpd.GeoDataFrame
    drawn: NDArray[np.object_]
    window: Window

    def areas(self) -> Iterator[Path]:
        for layer, kinds in _AREAS:
            for kind in kinds:
                shapes = self._of(layer, kind, dimension=2)
                large = shapes[shapely.area(shapes) >= _SMALLEST]
                if len(large):
                    yield Path(
                        f"ground-{kind}" if layer != "water" else "ground-water", path(large)
                    )

    def lines(self) -> Iterator[Path]:
        yield from self._strokes("water", _WATERWAYS, "ground-stream")
        yield from self._strokes("wall", _WALLS, "ground-wall")
        yield from self._strokes("street", _PATHS, "ground-path")
        yield from self._streets()
        yield from self._strokes("rail", _RAILS, "ground-rail")

    def _streets(self) -> Iterator[Path]:
        """Give all edges first, so that streets run into each other."""
        told = [
            (kind, path(lines), self._width(*size))
            for kind, size in _STREETS.items()
            if len(lines := self._of("street", kind, dimension=1))
        ]
        yield from (
            Path(f"ground-edge of-{kind}", d, _units(width + 2 * _CASING))
            for kind, d, width in told
        )
        yield from (Path(f"ground-street of-{kind}", d, _units(width)) for kind, d, width in told)

    def _strokes(
        self, layer: str, sizes: dict[str, tuple[float, float]], look: str
    ) -> Iterator[Path]:
        for kind, size in sizes.items():
            lines = self._of(layer, kind, dimension=1)
            if len(lines):
                yield Path(f"{look} of-{kind}", path(lines), _units(self._width(*size)))

    def _of(self, layer: str, kind: str, *, dimension: int) -> NDArray[np.object_]:
        chosen = (self.cut["layer"] == layer) & (self.cut["kind"] == kind)
        shapes = self.drawn[chosen.to_numpy()]
        return np.asarray(shapes[shapely.get_dimensions(shapes) == dimension], dtype=object)

    def _width(self, metres: float, least: float) -> float:
        return max(least, metres / self.window.ground_m)


def _units(width: float) -> str:
    return f"{width * FINE:.1f}"
