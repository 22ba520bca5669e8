"""Commands for plans: ``flask --app wsgi plans …``."""

import click
from flask.cli import AppGroup

from geodata import plans
from webmap.cli.common import operator, plainly, writing
from webmap.i18n import gettext as _
from webmap.request import store

plans_group = AppGroup("plans", help="Plans: their erasing.")


@plans_group.command("erase")
@click.argument("plan_id", metavar="ID")
@click.option("--why", required=True, help="The request: who asked, when, on what ground.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@plainly
def erase(plan_id: str, why: str, *, yes: bool) -> None:
    """Delete a plan on legal request, its history and links too, for good."""
    with store().reading() as tx:
        one = plans.glance(tx, plan_id, actor=operator())
    if not yes:
        click.echo(_("{name}: the plan, its links and its history go.", name=one.name))
        click.confirm(_("This cannot be taken back. Go on?"), abort=True)
    with writing() as tx:
        plans.erase(tx, plan_id, actor=operator(), why=why)
    click.echo(_("Deleted. Older backups still hold it."))
