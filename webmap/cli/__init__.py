"""Commands for the person who runs an office: ``flask --app wsgi …``."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click
import geopandas as gpd
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from geodata import areas, categories, exchange, homes, merchants
from geodata.datum import Datum
from geodata.exchange import Problem, Reading
from geodata.merging import Merged
from geodata.plans import forget
from geodata.policy import RESIDENT
from geodata.store import Writer
from webmap import changes
from webmap.cli.accounts import accounts_group
from webmap.cli.common import FILE, go_through, operator, plainly, progress, writing
from webmap.cli.elders import elders_group
from webmap.cli.matrix import matrix_group
from webmap.cli.plans import plans_group
from webmap.cli.roads import roads_group
from webmap.cli.rounds import rounds_group
from webmap.cli.telling import keep_apart, tell
from webmap.i18n import either
from webmap.i18n import gettext as _
from webmap.request import store


@contextmanager
def _uncollected() -> Iterator[None]:
    """Spare the collector the millions of objects that an import makes without a cycle."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


_datum = click.option(
    "--datum",
    type=click.Choice([str(datum) for datum in Datum]),
    help="Datum of the file's positions.",
)
_sheet = click.option("--sheet", help="Sheet or layer, by number from 1 or by name.")
_dry = click.option("--dry-run", is_flag=True, help="Tell what would happen, change nothing.")
_report = click.option("--report", type=FILE, help="Write every problem to this CSV or XLSX.")


def init_app(app: Flask) -> None:
    """Give an application its commands."""
    for command in (*_GROUPS, demo_command, backup, restore):
        app.cli.add_command(command)


merchants_group = AppGroup("merchants", help="Merchants in and out of files.")
areas_group = AppGroup("areas", help="Areas out of files.")
homes_group = AppGroup("homes", help="Homes out of files.")
_GROUPS = (
    merchants_group,
    areas_group,
    homes_group,
    roads_group,
    accounts_group,
    elders_group,
    plans_group,
    rounds_group,
    matrix_group,
)


@merchants_group.command("import")
@click.argument("file", type=FILE)
@_datum
@_sheet
@_dry
@_report
@plainly
def import_merchants(
    file: Path, datum: str | None, sheet: str | None, *, dry_run: bool, report: Path | None
) -> None:
    """Put the merchants of a CSV, XLSX, GeoJSON, GeoPackage or KML file on the map."""
    with store().reading() as tx:
        known = categories.listed(tx)
    with progress(_("Reading")) as move:
        reading = exchange.read_merchants(
            file, categories=known, datum=_chosen(datum), sheet=_which(sheet), progress=move
        )
    keep_apart(dry_run=dry_run)
    _warn_of_datum(reading.frame)

    def bring_in(tx: Writer, frame: gpd.GeoDataFrame, *, why: str, **told: Any) -> Merged:
        return merchants.bring_in(tx, frame, file=why, left_out=reading.report.bad, **told)

    _merge(file, reading, bring_in, dry_run=dry_run, report=report)


@homes_group.command("import")
@click.argument("file", type=FILE)
@_datum
@_sheet
@_dry
@_report
@plainly
def import_homes(
    file: Path, datum: str | None, sheet: str | None, *, dry_run: bool, report: Path | None
) -> None:
    """Put residential buildings with their households on the map."""
    with progress(_("Reading")) as move:
        reading = exchange.read_homes(
            file, datum=_chosen(datum), sheet=_which(sheet), progress=move
        )
    keep_apart(dry_run=dry_run)
    _warn_of_datum(reading.frame)
    _merge(file, reading, homes.merge, dry_run=dry_run, report=report)


@areas_group.command("import")
@click.argument("file", type=FILE)
@_datum
@_sheet
@_dry
@_report
@plainly
def import_areas(
    file: Path, datum: str | None, sheet: str | None, *, dry_run: bool, report: Path | None
) -> None:
    """Put polygons with an official code on the map, and every place into its area."""
    with progress(_("Reading")) as move:
        reading = exchange.read_areas(
            file, datum=_chosen(datum), sheet=_which(sheet), progress=move
        )
    keep_apart(dry_run=dry_run)
    _merge(file, reading, areas.merge, dry_run=dry_run, report=report)


@merchants_group.command("export")
@click.argument("file", type=FILE)
@_datum
@click.option("--area", default="", help="Only inside the area of this code.")
@click.option("--all", "everything", is_flag=True, help="The pending and the retired too.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", help="Of the headings.")
@plainly
def export_merchants(
    file: Path, datum: str | None, area: str, lang: str, *, everything: bool
) -> None:
    """Write the merchants that residents see to a file; its suffix names the format."""
    actor = operator() if everything else RESIDENT
    with store().reading() as tx:
        frame = merchants.frame(tx, actor=actor, area=areas.prefix(area))
        names = {c.id: c.name_en if lang == "en" else c.name for c in categories.listed(tx)}
    exchange.write(
        frame[[c for c in frame.columns if c in merchants.EXPORTED]],
        file,
        datum=_chosen(datum) or Datum.WGS84,
        language="en" if lang == "en" else "zh",
        categories=names,
    )
    click.echo(_("{n} merchants written to {file}.", n=len(frame), file=file))


@merchants_group.command("erase")
@click.argument("merchant_id", metavar="ID")
@click.option("--why", required=True, help="The request: who asked, when, on what ground.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@plainly
def erase_merchant(merchant_id: str, why: str, *, yes: bool) -> None:
    """Delete a merchant on legal request, its history and contact too; for good."""
    with store().reading() as tx:
        row = merchants.get(tx, merchant_id, actor=operator())
    if not yes:
        told = {"name": row["name"], "address": row["address"] or "-"}
        click.echo(_("{name} ({address}): entry, contact, proposals and history go.", **told))
        click.confirm(_("This cannot be taken back. Go on?"), abort=True)
    with writing() as tx:
        told_of = forget(tx, merchant_id, actor=operator(), why=why)
        cleared = merchants.erase(tx, merchant_id, actor=operator(), why=why)
    click.echo(_("Deleted. Older backups still hold it."))
    for plan in told_of:
        said = {"name": plan.name, "id": plan.plan}
        click.echo(
            _("Look at the plan {name} ({id}) yourself: its words name it.", **said)
            if plan.words
            else _("Gone from the plan {name} ({id}) too.", **said)
        )
    for one in cleared:
        shop = {"name": one.name, "id": one.merchant}
        if one.fields:
            fields = _labels(one.fields)
            click.echo(
                _(
                    "Gone from {name} ({id}) too, which had it from there: {fields}.",
                    **shop,
                    fields=fields,
                )
            )
        if one.changed:
            fields = _labels(one.changed)
            click.echo(
                _(
                    "Look at {name} ({id}) yourself, it was changed since: {fields}.",
                    **shop,
                    fields=fields,
                )
            )


def _labels(fields: list[str]) -> str:
    return either("、", ", ").join(_(changes.LABELS[field]) for field in fields)


@click.command("demo")
@click.option("--if-empty", is_flag=True, help="Only where nothing was ever brought in.")
@click.option("--remove", is_flag=True, help="Take the demonstration away again, all of it.")
@click.option("--trials", is_flag=True, help="With --remove: also what people tried on it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
@plainly
def demo_command(*, if_empty: bool, remove: bool, trials: bool, yes: bool) -> None:
    """Fill an empty instance with the demonstration neighbourhood."""
    from webmap.cli import demonstration  # noqa: PLC0415 - what a worker never draws

    actor = operator()
    with store().reading() as tx:
        state, empty = tx.meta("demo"), tx.revision() <= 1
    if remove:
        if trials and not yes and (found := demonstration.tried()) and any(found):
            click.echo(
                _(
                    "Entered or changed by people in the demonstration: places {places},"
                    " proposals {proposals}. They go with it. Accounts, the access log and the"
                    " categories stay.",
                    places=found.places,
                    proposals=found.proposals,
                )
            )
            click.confirm(_("Go on?"), abort=True)
        if not demonstration.remove(actor, trials=trials):
            raise click.ClickException(_("There is no demonstration here."))
        click.echo(_("The demonstration is gone. Bring your own areas and merchants in."))
    elif empty and state is None:
        click.echo(_("Drawing the demonstration neighbourhood …"), err=True)
        demonstration.fill(actor)
        click.echo(_("The demonstration neighbourhood is ready."))
    elif not if_empty:
        raise click.ClickException(_("This instance is not empty; nothing was changed."))


@click.command("backup")
@click.argument("file", type=FILE)
@with_appcontext
@plainly
def backup(file: Path) -> None:
    """Write everything to a new GeoPackage file, while the service runs."""
    with progress(_("Writing")) as move:
        store().backup(file, actor=operator(), progress=move)
    click.echo(_("Everything is in {file}. It holds private data: keep it safe.", file=file))


@click.command("restore")
@click.argument("file", type=FILE)
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
@plainly
def restore(file: Path, *, yes: bool) -> None:
    """Put a backup in the place of everything that is here now."""
    if not yes:
        click.confirm(_("All that is here now will be replaced. Go on?"), abort=True)
    with progress(_("Reading")) as move:

        def moved(done: int, total: int) -> None:
            move(done, total)
            if done >= total:
                go_through()

        store().restore(file, actor=operator(), progress=moved)
    click.echo(_("Restored from {file}.", file=file))


def _chosen(datum: str | None) -> Datum | None:
    return None if datum is None else Datum(datum)


def _which(sheet: str | None) -> int | str | None:
    return int(sheet) if sheet and sheet.isdigit() else sheet


def _warn_of_datum(frame: gpd.GeoDataFrame) -> None:
    with store().reading() as tx:
        named = partial(merchants.named, tx)
        doubt = exchange.suspect_datum(frame, tx.frame("area"), named)
    if doubt is not None:
        click.secho(
            _(
                "Are the positions really {told}? {better} fits better: it agrees with"
                " {n} of {all} pieces of evidence, {told} with {m}. Try --datum {better}.",
                told=doubt.told,
                better=doubt.better,
                n=doubt.agreeing[doubt.better],
                m=doubt.agreeing[doubt.told],
                all=doubt.evidence,
            ),
            fg="yellow",
            err=True,
        )


def _merge(
    file: Path,
    reading: Reading,
    merge: Callable[..., Any],
    *,
    dry_run: bool,
    report: Path | None,
) -> None:
    result = reading.report
    with progress(_("Writing")) as move, _uncollected(), writing(keep=not dry_run) as tx:
        done = merge(tx, reading.frame, actor=operator(), why=file.name, progress=move)
    result.added, result.changed = done.added, done.changed
    result.unchanged = done.unchanged
    result.problems += [Problem(row, "name", "duplicate_in_file") for row in done.repeats]
    waiting = getattr(done, "waiting", ())  # areas do not wait
    result.problems += [Problem(row, "id", "waits_for_review") for row in waiting]
    tell(result, dry_run=dry_run, report=report)
