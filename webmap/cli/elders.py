"""Commands for what is kept of elders living alone: ``flask --app wsgi elders …``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from geodata import elders, exchange, rounds
from geodata.elders import Brought
from geodata.exchange import Problem
from geodata.vault import new_key
from webmap.accounts import scopes
from webmap.cli.common import FILE, in_words, operator, plainly, writing
from webmap.cli.telling import keep_apart, tell
from webmap.i18n import gettext as _
from webmap.request import store, vault

elders_group = AppGroup("elders", help="Elders living alone: their key, their erasing, a file.")

_LEFT_OUT: Mapping[str, tuple[str, str]] = {
    "unknown": ("home", "home_unknown"),
    "ambiguous": ("home", "home_ambiguous"),
    "namesakes": ("address", "namesakes"),
    "repeats": ("name", "told_before"),
}
"""Rows of :class:`geodata.elders.Brought` that stay out, with the field and the reason."""


@elders_group.command("new-key")
def fresh_key() -> None:
    """Print a new key for LINJU_ELDERS_KEY; it is kept nowhere."""
    click.echo(new_key())
    click.echo(
        _(
            "Put it into LINJU_ELDERS_KEY, and a copy where no backup of the store lies. Without"
            " it nobody can read what it sealed."
        ),
        err=True,
    )


@elders_group.command("status")
@plainly
def status() -> None:
    """Tell how many entries there are, and whether the keys that are set open them."""
    with store().reading() as tx:
        found = elders.standing(tx, vault(), actor=operator())
    click.echo(_("Entries: {n}", n=found.entries))
    click.echo(_("Opened by the keys that are set: {n}", n=found.opening))
    click.echo(_("Sealed with the first of them: {n}", n=found.newest))
    if found.opening < found.entries:
        shut = found.entries - found.opening
        told = _("{n} entries open with none of the keys that are set.", n=shut)
        click.secho(told, fg="yellow", err=True)
    elif found.newest < found.entries:
        click.echo(_("elders reseal seals the others with it too."))


@elders_group.command("reseal")
@plainly
def reseal() -> None:
    """Seal everything with the first key of LINJU_ELDERS_KEY, so that the later ones can go."""
    with writing() as tx:
        done = elders.reseal(tx, vault(), actor=operator())
        visits = rounds.reseal(tx, vault(), actor=operator())
    click.echo(_("Sealed anew: {n}", n=done.anew))
    click.echo(_("In rounds of visits: {n}", n=visits.anew))
    if shut := done.shut + visits.shut:
        told = _(
            "{n} entries open with none of the keys that are set, and are as they were.", n=shut
        )
        click.secho(told, fg="yellow", err=True)
    else:
        click.echo(_("Only the first key is needed now. Older backups need the former one."))


@elders_group.command("import")
@click.argument("file", type=FILE)
@click.option("--sheet", help="Sheet, by number from 1 or by name.")
@click.option("--dry-run", is_flag=True, help="Tell what would happen, change nothing.")
@click.option("--report", type=FILE, help="Write every problem to this CSV or XLSX.")
@plainly
def bring(file: Path, sheet: str | None, *, dry_run: bool, report: Path | None) -> None:
    """Enter the elders living alone of a CSV or XLSX file: building, name, flat, phone, note."""
    which = int(sheet) if sheet and sheet.isdigit() else sheet
    reading = exchange.read_elders(file, sheet=which)
    keep_apart(dry_run=dry_run)
    with writing(keep=not dry_run) as tx:
        done = elders.bring_in(tx, reading.rows, vault(), actor=operator())
    result, left = reading.report, _left(done)
    result.added, result.changed, result.unchanged = done.added, done.changed, done.unchanged
    result.good -= len(left)
    result.problems += left
    tell(result, dry_run=dry_run, report=report)
    if not dry_run:
        click.echo(_("The file holds their names: delete it where it is needed no more."))


@elders_group.command("erase")
@click.argument("elder_id", metavar="[ID]", default="")
@click.option("--home", default="", help="All of a building, by its id.")
@click.option("--area", default="", help="All of an area, by its code or a piece of its name.")
@click.option("--everywhere", is_flag=True, help="All there are.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@plainly
def erase(elder_id: str, home: str, area: str, *, everywhere: bool, yes: bool) -> None:
    """Delete entries on legal request, for good; needs no key."""
    if sum(map(bool, (elder_id, home, area, everywhere))) != 1:
        raise click.UsageError(_("One of these: an ID, --home, --area or --everywhere."))
    actor = operator()
    with store().reading() as tx, in_words():
        inside = scopes.chosen(tx, area, actor) if area else ""
    what: dict[str, Any] = {
        "elder": elder_id,
        "home": home,
        "area": inside if area or everywhere else None,
    }
    if not yes:
        # Nobody waits behind a question: what would be done is rehearsed first.
        with store().writing(keep=False) as tx:
            n = elders.erase(tx, actor=actor, **what)
        click.echo(_("Entries to delete: {n}", n=n))
        click.confirm(_("This cannot be taken back. Go on?"), abort=True)
    with writing() as tx:
        told_of = rounds.forget(tx, vault(), actor=actor, **what)
        n = elders.erase(tx, actor=actor, **what)
    click.echo(_("Deleted: {n}. Older backups still hold them.", n=n))
    for one in told_of:
        said = {"name": one.name, "id": one.round}
        if one.visits:
            visits = _("Gone from {n} visits of the round {name} ({id}) too.", n=one.visits, **said)
            click.echo(visits)
        if one.words:
            click.echo(_("Look at the round {name} ({id}) yourself: its name tells of it.", **said))


def _left(done: Brought) -> list[Problem]:
    return [
        Problem(row, field, reason)
        for name, (field, reason) in _LEFT_OUT.items()
        for row in getattr(done, name)
    ]
