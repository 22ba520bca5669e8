"""Commands for the streets: ``flask --app wsgi roads …``."""

import time
from pathlib import Path

import click
import geopandas as gpd
import numpy as np
import shapely
from flask.cli import AppGroup
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from geodata import areas, divisions
from geodata.errors import Invalid
from geodata.geometry import BBox
from geodata.policy import Actor
from geodata.roads import STAGES, Clip, Known, Version, build
from webmap.cli.common import FILE, operator, plainly
from webmap.i18n import gettext as _
from webmap.i18n import marked
from webmap.request import roads, settings, store

roads_group = AppGroup("roads", help="Streets: ways, walking times and the basemap.")

_CORNERS = 4
_MOST_OF = 0.8
"""Streets near fewer of the places than this share are worth a second look."""

_STAGES = {
    "reading": marked("Reading the extract"),
    "walking": marked("Saving the walking network"),
    "tiles": marked("Making the tiles for routing"),
    "ground": marked("Drawing the basemap"),
    "checking": marked("Asking it for ways"),
}
"""What is said of each of :data:`geodata.roads.STAGES`."""


@roads_group.command("build")
@click.argument("file", type=FILE)
@click.option(
    "--clip", default="", help="Only inside: an area's code, west,south,east,north, or a GeoJSON."
)
@click.option("--name", "title", default="", help="What these streets are called.")
@click.option("--anyway", is_flag=True, help="Also where no place of the map is near them.")
@plainly
def build_command(file: Path, clip: str, title: str, *, anyway: bool) -> None:
    """Make streets of an OpenStreetMap extract, check them, and use them at once."""
    version = build_streets(file, actor=operator(), clip=clip, title=title, anyway=anyway)
    _summarise(version)
    served, known = version.served
    if known and served < _MOST_OF * known:
        told = _("Only {n} of {all} places are near these streets.", n=served, all=known)
        click.secho(told, fg="yellow", err=True)
    click.echo(_("These streets are in use now; a running service takes them up by itself."))


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


@roads_group.command("status")
@plainly
def status() -> None:
    """Tell which streets are in use, and which were before."""
    if settings().valhalla_url:
        click.echo(_("Ways come from {url}.", url=settings().valhalla_url))
    shelf = roads().shelf
    pointer = shelf.pointer()
    if not pointer.current:
        click.echo(_("No streets are installed. Add them: flask --app wsgi roads build FILE"))
        return
    click.secho(_("In use:"), bold=True)
    _summarise(Version.of(shelf.path(pointer.current)))
    if pointer.former:
        click.secho(_("Before (roads rollback brings it back):"), bold=True)
        _summarise(Version.of(shelf.path(pointer.former)))


@roads_group.command("rollback")
@plainly
def rollback() -> None:
    """Use the streets that were in use before."""
    shelf = roads().shelf
    pointer = shelf.rollback(actor=operator())
    _summarise(Version.of(shelf.path(pointer.current)))
    click.echo(_("These streets are in use again. Another rollback goes forward again."))


def _summarise(version: Version) -> None:
    for name, value in _told(version):
        click.echo(f"  {name}: {value}")


def _told(version: Version) -> list[tuple[str, str]]:
    extracted = version.extracted.date().isoformat() if version.extracted else _("not said")
    title = f"{version.title} ({version.source})"
    return [
        (_("Streets"), title + (f" · {_('demonstration')}" if version.demo else "")),
        (_("Clipped to"), version.clip or _("nothing: the whole extract")),
        (_("Date of the extract"), extracted),
        (_("Built"), _("{day}, in {seconds} s", day=_moment(version), seconds=version.seconds)),
        (
            _("Network"),
            _(
                "{streets} streets and paths, {km} km, in {n} parts that hang together",
                streets=f"{version.streets:,}",
                km=f"{version.km:,.1f}",
                n=version.components,
            ),
        ),
        (_("Buildings"), f"{version.buildings:,}"),
        (_("Places within 300 m"), _("{n} of {all}", n=version.served[0], all=version.served[1])),
        (_("Basemap"), _("yes") if version.ground else _("none: this machine cannot draw it")),
        (_("Size"), f"{version.bytes / 1e6:,.1f} MB"),
        (_("Version"), version.name),
    ]


def _moment(version: Version) -> str:
    return version.built.astimezone().strftime("%Y-%m-%d %H:%M")


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
