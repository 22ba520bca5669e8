"""The demonstration comes and goes: its places, its streets."""

import tempfile
from pathlib import Path

import click

from geodata import demo, snapshots
from geodata.demo import filling, past, streets
from geodata.errors import Unavailable
from geodata.policy import Actor
from webmap.cli.building import build_streets
from webmap.cli.common import writing
from webmap.errors import sentence
from webmap.i18n import gettext as _
from webmap.request import roads, store


def fill(actor: Actor) -> None:
    """Draw the demonstration and put it into an empty store, with its streets."""
    made = demo.neighbourhood()
    with writing() as tx:
        filling.fill(tx, made, actor=actor)
    _draw_streets(made, actor)
    with store().reading() as tx:
        before = past.measured(tx, roads().now(), snapshots.today())
    with writing() as tx:
        past.remember(tx, before)


def tried() -> filling.Trials | None:
    """Tell what people have tried on the demonstration; None where there is none."""
    with store().reading() as tx:
        return filling.trials(tx) if tx.meta("demo") == "yes" else None


def remove(actor: Actor, *, trials: bool = False) -> bool:
    """Take the demonstration away, and the streets drawn with it; tell whether there was one.

    ``trials`` takes what was tried on it as well.

    Where its streets could not go with it, as while others are built, they go the next time.
    """
    with writing() as tx:
        found = tx.meta("demo") == "yes"
        if found:
            filling.remove(tx, actor=actor, tried=trials)
    found |= bool(roads().shelf.demos())
    roads().shelf.remove_demo(actor=actor)
    return found


def _draw_streets(made: demo.Neighbourhood, actor: Actor) -> None:
    """Build the demonstration's streets as any others; without them the map still serves."""
    if roads().shelf.pointer().current:
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "demo.osm.pbf"
        streets.write(made.plan, file)
        try:
            build_streets(file, actor=actor, title=_("Demonstration streets"), demo=True)
        except Unavailable as error:
            told = sentence(error.code, error.details)
            click.secho(_("No streets: {reason}", reason=told), fg="yellow", err=True)
