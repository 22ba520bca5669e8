"""Closures (封控、路障) as the engine takes them: areas without holes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geodata.errors import Invalid
from geodata.walking import areas_of

_LON, _LAT = 180.0, 90.0
_AREA: Final = 2
"""Dimensions of what has an inside."""
_STRAIGHT_DEG: Final = 0.02
"""Straight lines no longer than this, some 2 km, are the same everywhere within 10 cm."""


type Shapes = NDArray[np.object_]
type Mask = NDArray[np.bool_]
type Ints = NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class Barred:
    """Areas that cannot be gone through: polygons without holes, as the engine knows none.

    Parameters
    ----------
    areas
        The polygons, (n,), WGS 84.
    owner
        Whose each is, (n,): places in the row of closures, from 0.
    """

    areas: Shapes
    owner: Ints

    def __bool__(self) -> bool:
        return len(self.areas) > 0

    @cached_property
    def every(self) -> frozenset[int]:
        """Whose areas they are."""
        return frozenset(self.owner.tolist())

    @cached_property
    def question(self) -> dict[str, object]:
        """The engine's words for them, none if there are none."""
        if not self:
            return {}
        return {"exclude_polygons": orjson.Fragment(b"[" + b",".join(self._rings) + b"]")}

    @cached_property
    def _rings(self) -> Shapes:
        """What the engine is told of each area, (n,), bytes."""
        # A straight line is one of the globe to the engine and one of the map to the graph.
        rings = shapely.segmentize(shapely.get_exterior_ring(self.areas), _STRAIGHT_DEG)
        told = np.empty(len(rings), dtype=np.object_)
        told[:] = [orjson.dumps(shapely.get_coordinates(ring).tolist()) for ring in rings]
        return told

    def of(self, closures: Collection[int]) -> "Barred":
        """Return the areas of some of the closures, without turning them into words again."""
        chosen = np.isin(self.owner, list(closures))
        some = Barred(self.areas[chosen], self.owner[chosen])
        some.__dict__["_rings"] = self._rings[chosen]
        return some

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.areas)

    def touch(self, lines: Sequence[shapely.LineString]) -> Mask:
        """Tell which lines are closed, (n,)."""
        closed = np.zeros(len(lines), dtype=np.bool_)
        if self and len(lines):
            closed[self._tree.query(lines, predicate="intersects")[0]] = True
        return closed

    def closing(self, lines: Sequence[shapely.LineString]) -> frozenset[int]:
        """Tell which closures close any of the lines."""
        if not self or not len(lines):
            return frozenset()
        found = self._tree.query(lines, predicate="intersects")[1]
        return frozenset(self.owner[found].tolist())

    def near(self, shapes: Sequence[BaseGeometry], away_deg: float) -> frozenset[int]:
        """Tell which closures are no farther than so much from any of some shapes."""
        if not self:
            return frozenset()
        found = self._tree.query(shapes, predicate="dwithin", distance=away_deg)[1]
        return frozenset(self.owner[found].tolist())

    def met_by(self, line: shapely.LineString) -> list[tuple[shapely.Polygon, int]]:
        """Return the areas that close a line, each with its closure."""
        rows = self._tree.query(line, predicate="intersects").tolist() if self else []
        return [(self.areas[row], int(self.owner[row])) for row in rows]

    def beside(self, closures: Collection[int], away_deg: float) -> frozenset[int]:
        """Return these closures and those that are no farther from them."""
        some = self.areas[np.isin(self.owner, list(closures))]
        near = self._tree.query(some, predicate="dwithin", distance=away_deg)[1]
        return frozenset(self.owner[near].tolist())


type Closures = Sequence[BaseGeometry | None] | Barred
"""What cannot be gone through: geometries, or what :func:`barred` made of them before."""


def barred(closures: Closures) -> Barred:
    """Turn closures into areas that the engine takes.

    Whoever asks several questions with the same closures has them turned once and gives what
    comes of it to each question.

    Parameters
    ----------
    closures
        Shapely geometries, WGS 84. Polygons close what they touch, and what lies in their
        holes stays open: they are cut into pieces without holes. Lines and points become
        areas :data:`~geodata.walking.CLOSURE_REACH_M` to every side.

    Returns
    -------
    Barred
        Nothing for no closures.

    Raises
    ------
    Invalid
        ``closures_invalid`` with ``at``, the closure's place in the row from 0, and
        ``reason``: "missing" (None), "empty", "coordinates" (not a number, or not on the
        globe), "shape" (a bow-tie, a line of one point, and the like).

    Examples
    --------
    >>> len(barred([shapely.box(0, 0, 1, 1), shapely.Point(5, 5)]).areas)
    2
    """
    if isinstance(closures, Barred):
        return closures
    areas, owner = areas_of([_sound(closure, at) for at, closure in enumerate(closures)])
    whole = shapely.get_num_interior_rings(areas) == 0
    if whole.all():
        return Barred(areas, owner)
    cut = [
        (piece, of) for area, of in zip(areas, owner, strict=True) for piece in _without_holes(area)
    ]
    pieces = np.empty(len(cut), dtype=np.object_)
    pieces[:] = [piece for piece, _ in cut]
    return Barred(pieces, np.array([of for _, of in cut], dtype=np.intp))


def _sound(closure: BaseGeometry | None, at: int) -> BaseGeometry:
    """Return a closure that means something."""
    if closure is None:
        raise Invalid("closures_invalid", at=at, reason="missing")
    if closure.is_empty:
        raise Invalid("closures_invalid", at=at, reason="empty")
    # Written so that NaN fails it.
    if not (np.abs(shapely.get_coordinates(closure)) <= (_LON, _LAT)).all():
        raise Invalid("closures_invalid", at=at, reason="coordinates")
    if not closure.is_valid:
        raise Invalid("closures_invalid", at=at, reason="shape")
    return shapely.force_2d(closure)


def _without_holes(area: shapely.Polygon) -> list[shapely.Polygon]:
    """Cut an area through the middle of a hole, until none has one."""
    if not area.interiors:
        return [area]
    west, south, east, north = area.bounds
    hole_west, _, hole_east, _ = area.interiors[0].bounds
    cut = (hole_west + hole_east) / 2
    halves = (shapely.box(west, south, cut, north), shapely.box(cut, south, east, north))
    return [
        piece
        for half in halves
        for part in shapely.get_parts(shapely.intersection(area, half))
        if shapely.get_dimensions(part) == _AREA
        for piece in _without_holes(part)
    ]
