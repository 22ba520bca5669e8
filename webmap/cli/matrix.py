"""Commands for the matrix: ``flask --app wsgi matrix …``."""

import click
from flask.cli import AppGroup

from geodata import snapshots
from webmap.cli.common import plainly
from webmap.daily import daily
from webmap.i18n import gettext as _
from webmap.request import roads

matrix_group = AppGroup("matrix", help="The service matrix: its figures day by day.")


@matrix_group.command("snapshot")
@plainly
def snapshot() -> None:
    """Keep the figures of today; for cron, once a day. Again it takes their place.

    The service does so by itself when somebody looks at the matrix from 4 o'clock in the morning
    on and nobody has; days on which nobody looks are missing then.
    """
    day = snapshots.today()
    n = daily().take(day)
    click.echo(_("The figures of {day} are kept; rows that changed: {n}", day=day, n=n))
    streets = roads().now()
    if streets is None or streets.graph is None:
        click.echo(_("Without streets only the numbers of places are known."))
