"""Build streets from the command line, its stages on the terminal."""

import time
from pathlib import Path

import click
import geopandas as gpd
import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from geodata import areas, divisions
from geodata.errors import Invalid
from geodata.geometry import BBox
from geodata.policy import Actor
from geodata.roads import Version
from geodata.roads.building import STAGES, Known, build
from geodata.roads.extract import Clip
from webmap.i18n import gettext as _
from webmap.i18n import marked
from webmap.request import roads, store

_CORNERS = 4

_STAGES = {
    "reading": marked("Reading the extract"),
    "walking": marked("Saving the walking network"),
    "tiles": marked("Making the tiles for routing"),
    "ground": marked("Drawing the basemap"),
    "checking": marked("Asking it for ways"),
}
"""What is said of each of :data:`geodata.roads.building.STAGES`."""


def build_streets(
    file: Path,
    *,
    actor: Actor,
    clip: str = "",
    title: str = "",
    demo: bool = False,
    anyway: bool = False,
) -> Version:
    """Build with the stages on the terminal."""
    shape = Clip(_shape(clip), clip) if clip else None
    began = time.monotonic()

    def stage(word: str) -> None:
        step = STAGES.index(word) + 1
        seconds = time.monotonic() - began
        told = f"  [{step}/{len(STAGES)}] {_(_STAGES[word])} …  {seconds:.0f} s"
        click.echo(told, err=True)

    with store().reading() as tx:
        names = areas.middles(tx, level="community")
        spots = [] if anyway else [(p.lon, p.lat) for p in tx.positions("merchant")]
    return build(
        roads().shelf,
        file,
        actor=actor,
        clip=shape,
        title=title,
        demo=demo,
        known=Known(names, np.array(spots, float).reshape(-1, 2)),
        stages=stage,
    )


def _shape(text: str) -> BaseGeometry:
    """Understand a clip: an area's code, four numbers, or a file."""
    if text.isdigit():
        return _area(text)
    parts = text.split(",")
    if len(parts) == _CORNERS:
        try:
            numbers = [float(part) for part in parts]
        except ValueError as error:
            raise Invalid("clip_unknown", clip=text) from error
        box = BBox(*numbers)
        return shapely.box(box.west, box.south, box.east, box.north)
    if not Path(text).is_file():
        raise Invalid("file_missing", path=text)
    try:
        shapes = gpd.read_file(text).to_crs(4326).geometry
        clip = shapely.union_all(shapely.make_valid(shapes.dropna().to_numpy()))
    except (OSError, ValueError, RuntimeError, ShapelyError) as error:
        raise Invalid("clip_unknown", clip=text) from error
    if clip.is_empty or not clip.area:
        raise Invalid("clip_unknown", clip=text)
    return clip


def _area(code: str) -> BaseGeometry:
    with store().reading() as tx:
        row = tx.row("area", divisions.normalise(code))
    shape: BaseGeometry = shapely.from_wkb(bytes(row["geom"]))
    return shape
