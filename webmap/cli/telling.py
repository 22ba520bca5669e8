"""What commands say of a file that they read: its rows, its problems."""

from pathlib import Path

import click

from geodata import exchange
from geodata.exchange import Report
from webmap.i18n import gettext as _
from webmap.reports import told
from webmap.request import store

SHOWN = 20
"""Problems that are printed; all of them stand in the report."""


def keep_apart(*, dry_run: bool) -> None:
    """Refuse to mix real places with invented ones; a rehearsal may look."""
    with store().reading() as tx:
        if tx.meta("demo") != "yes" or dry_run:
            return
    raise click.ClickException(
        _(
            "This instance holds the demonstration. Real data beside it would mislead:"
            " run `flask --app wsgi demo --remove` first. Nothing was changed."
        )
    )


def tell(result: Report, *, dry_run: bool, report: Path | None) -> None:
    """Print what came of a file, and write every problem to another where that is wanted."""
    if dry_run:
        click.echo(_("Dry run: nothing was changed."))
    _tell(result)
    if report is not None:
        exchange.write_report(result, report, tell=told)
        click.echo(_("Every problem is in {file}.", file=report))


def _tell(result: Report) -> None:
    click.echo(
        _(
            "{rows} rows: {added} added, {changed} changed, {unchanged} unchanged, {bad} left out.",
            rows=result.rows,
            added=result.added,
            changed=result.changed,
            unchanged=result.unchanged,
            bad=result.bad,
        )
    )
    for problem in sorted(result.problems, key=lambda problem: problem.row)[:SHOWN]:
        what, how = told(problem)
        value = f" “{problem.value}”" if problem.value else ""
        line = _("Row {n}", n=problem.row) if problem.row else _("The file")
        click.echo(f"  {line} · {what}{value} → {how}")
    if len(result.problems) > SHOWN:
        more = len(result.problems) - SHOWN
        click.echo(_("  … and {n} more; --report FILE writes all of them.", n=more))
