"""Commands for rounds of visits: ``flask --app wsgi rounds …``."""

from datetime import timedelta

import click
from flask.cli import AppGroup

from geodata import rounds
from webmap.cli.common import operator, plainly, writing
from webmap.i18n import gettext as _
from webmap.request import settings, store

rounds_group = AppGroup("rounds", help="Rounds of visits: their erasing.")


@rounds_group.command("erase")
@click.argument("round_id", metavar="[ID]", default="")
@click.option("--yes", is_flag=True, help="Do not ask.")
@plainly
def erase(round_id: str, *, yes: bool) -> None:
    """Delete a round for good; without an ID erase what was typed about visits long ago.

    The latter is done by the service too, once a day when somebody writes of rounds.
    """
    if not round_id:
        _overdue()
        return
    with store().reading() as tx:
        one = rounds.glance(tx, round_id, actor=operator())
    if not yes:
        click.echo(_("{name}: the round, its links and its history go.", name=one.name))
        click.confirm(_("This cannot be taken back. Go on?"), abort=True)
    with writing() as tx:
        rounds.erase(tx, round_id, actor=operator())
    click.echo(_("Deleted. Older backups still hold it."))


def _overdue() -> None:
    days = settings().rounds_days
    done = 0
    while True:
        with writing() as tx:
            rounds.again(tx)
            n = rounds.expire(tx, timedelta(days=days))
        done += n
        if not n:
            break
    told = {"n": done, "days": days}
    click.echo(_("Rounds whose words were erased after {days} days: {n}", **told))
