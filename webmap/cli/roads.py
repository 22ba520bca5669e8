"""Commands for the streets: ``flask --app wsgi roads …``."""

from pathlib import Path
from urllib.parse import urlsplit

import click
from flask.cli import AppGroup

from geodata.errors import Unavailable
from geodata.roads import Shelf, Version
from webmap.cli.common import FILE, operator, plainly
from webmap.errors import sentence
from webmap.i18n import gettext as _
from webmap.request import roads, settings

roads_group = AppGroup("roads", help="Streets: ways, walking times and the basemap.")

_MOST_OF = 0.8
"""Streets near fewer of the places than this share are worth a second look."""


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
    from webmap.cli.building import build_streets  # noqa: PLC0415 - a worker never builds

    version = build_streets(file, actor=operator(), clip=clip, title=title, anyway=anyway)
    _summarise(version)
    served, known = version.served
    if known and served < _MOST_OF * known:
        told = _("Only {n} of {all} places are near these streets.", n=served, all=known)
        click.secho(told, fg="yellow", err=True)
    click.echo(_("These streets are in use now; a running service takes them up by itself."))


@roads_group.command("status")
@plainly
def status() -> None:
    """Tell which streets are in use, which were before, and which others lie there."""
    host = urlsplit(settings().valhalla_url).hostname  # the address may hold a password
    if host:
        click.echo(_("Ways come from {host}.", host=host))
    shelf = roads().shelf
    pointer = shelf.pointer()
    if pointer.current:
        click.secho(_("In use:"), bold=True)
        _summarise(Version.of(shelf.path(pointer.current)))
    else:
        click.echo(_("No streets are installed. Add them: flask --app wsgi roads build FILE"))
    if pointer.former:
        click.secho(_("Before (roads rollback brings it back):"), bold=True)
        _show(shelf, pointer.former)
    others = shelf.others()
    if others:
        click.secho(_("Not in use (roads use NAME takes one):"), bold=True)
    for name in others:
        _show(shelf, name)


@roads_group.command("rollback")
@plainly
def rollback() -> None:
    """Use the streets that were in use before."""
    shelf = roads().shelf
    pointer = shelf.rollback(actor=operator())
    _summarise(Version.of(shelf.path(pointer.current)))
    click.echo(_("These streets are in use again. Another rollback goes forward again."))


@roads_group.command("use")
@click.argument("name")
@plainly
def use(name: str) -> None:
    """Use streets that lie in the roads folder, such as a version copied from elsewhere."""
    shelf = roads().shelf
    pointer = shelf.use(name, actor=operator())
    _summarise(Version.of(shelf.path(pointer.current)))
    click.echo(_("These streets are in use now; a running service takes them up by itself."))


def _show(shelf: Shelf, name: str) -> None:
    """Tell of a version that is not in use; it may be damaged."""
    try:
        _summarise(Version.of(shelf.folder / name))
    except Unavailable as error:
        click.echo(f"  {name}: {sentence(error.code, error.details)}")


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
