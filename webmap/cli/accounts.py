"""Accounts from the command line: the first administrator, and whoever is locked out."""

import sys

import click
from flask.cli import AppGroup

from geodata import accounts
from geodata.policy import Role
from webmap.accounts import scopes
from webmap.accounts.words import both, by_whom, noted, of_whom, role_name
from webmap.cli.common import in_words, operator, plainly, writing
from webmap.i18n import gettext as _
from webmap.i18n import moment
from webmap.request import settings, store

accounts_group = AppGroup("accounts", help="Who may sign in, and as what.")

_role = click.option(
    "--role",
    type=click.Choice([str(Role.WORKER), str(Role.ADMIN), str(Role.MERCHANT)]),
    default=str(Role.WORKER),
    show_default=True,
    help="What the account may do.",
)
_area = click.option("--area", default="", help="Code of the area, or a piece of its name.")
_everywhere = click.option("--everywhere", is_flag=True, help="For all areas, instead of --area.")
_title = click.option("--title", default="", help="Who that is, as colleagues say.")


@accounts_group.command("create")
@click.argument("name")
@_role
@_area
@_everywhere
@_title
@plainly
def create(name: str, role: str, area: str, title: str, *, everywhere: bool) -> None:
    """Make an account; the first administrator is made so, and is one of all areas."""
    password, made = _new_password()
    kept = accounts.NewPassword(password)
    with writing() as tx, in_words():
        first = role == Role.ADMIN and not area and not accounts.any_account(tx)
        scope = scopes.chosen(tx, area, operator(), everywhere=everywhere or first)
        accounts.create(tx, name, kept, role=Role(role), scope=scope, title=title, actor=operator())
    click.echo(_("The account {name} is ready: {role}.", name=name, role=role_name(role)))
    if made:
        click.echo(_("Password, shown only now: {password}", password=password))


@accounts_group.command("list")
@plainly
def show() -> None:
    """List the accounts."""
    with store().reading() as tx:
        for row in accounts.listed(tx, actor=operator()):
            told = [
                row["name"],
                row["title"],
                role_name(row["role"]),
                scopes.named(tx, row["scope"]),
            ]
            told += [_("one-time codes")] if row["codes"] else []
            told += [_("disabled")] if row["disabled"] else []
            told += [_("last here {moment}", moment=moment(row["seen"]))] if row["seen"] else []
            click.echo("  ".join(piece for piece in told if piece))


@accounts_group.command("disable")
@click.argument("name")
@plainly
def disable(name: str) -> None:
    """Shut an account out at once."""
    with writing() as tx:
        accounts.disable(tx, accounts.named(tx, name)["id"], actor=operator())
    click.echo(_("The account is disabled. Whoever was signed in with it is out."))


@accounts_group.command("enable")
@click.argument("name")
@plainly
def enable(name: str) -> None:
    """Let a disabled account in again, and lift the wait after wrong passwords."""
    with writing() as tx:
        accounts.enable(tx, accounts.named(tx, name)["id"], actor=operator())
    click.echo(_("The account is enabled again."))


@accounts_group.command("password")
@click.argument("name")
@plainly
def password(name: str) -> None:
    """Give an account a new password, for who forgot it."""
    with store().reading() as tx:
        account = accounts.named(tx, name)["id"]
    new, made = _new_password()
    kept = accounts.NewPassword(new)
    with writing() as tx, in_words():
        accounts.set_password(tx, account, kept, actor=operator())
    click.echo(_("The password is changed, and {name} is signed out everywhere.", name=name))
    if made:
        click.echo(_("Password, shown only now: {password}", password=new))


@accounts_group.command("codes-off")
@click.argument("name")
@plainly
def codes_off(name: str) -> None:
    """Ask an account for one-time codes no more, for who lost the telephone."""
    with writing() as tx:
        accounts.drop_codes(tx, accounts.named(tx, name)["id"], actor=operator())
    click.echo(_("The account is not asked for one-time codes any more."))


@accounts_group.command("invite")
@_role
@_area
@_everywhere
@_title
@click.option("--address", default="", help="Address of this service, as its users open it.")
@plainly
def invite(role: str, area: str, title: str, address: str, *, everywhere: bool) -> None:
    """Make a link with which somebody makes an account, once and within a week."""
    with writing() as tx, in_words():
        scope = scopes.chosen(tx, area, operator(), everywhere=everywhere)
        made = accounts.invite(tx, role=Role(role), scope=scope, title=title, actor=operator())
    at = address.rstrip("/") or f"http://{settings().listen}"
    click.echo(f"{at}/join#{made.token}")


@accounts_group.command("log")
@click.option("--lines", default=50, show_default=True, help="How many, the newest first.")
@plainly
def log(lines: int) -> None:
    """Show who came in, and who saw or changed what is private."""
    with store().reading() as tx:
        found = accounts.log(tx, actor=operator(), limit=lines)
        names = of_whom(tx, found)
        for line, (by, name) in zip(found, by_whom(tx, found), strict=True):
            told = [moment(line["at"]), both(by, name), noted(line, names), line["network"]]
            click.echo("  ".join(told).rstrip())


def first_steps() -> str:
    """Say how the first administrator is made, as long as nobody has an account."""
    with store().reading() as tx:
        if accounts.any_account(tx):
            return ""
    command = f"{sys.executable} -m flask --app wsgi accounts create NAME --role admin"
    return _("Nobody can sign in yet. To make the first administrator: {command}", command=command)


def _new_password() -> tuple[str, bool]:
    """Ask for a password, hidden; none typed, or nobody to type, and one is made."""
    typed = ""
    if sys.stdin.isatty():
        typed = click.prompt(
            _("Password (empty: one is made)"),
            hide_input=True,
            default="",
            show_default=False,
            confirmation_prompt=_("Once more"),
        )
    return typed or accounts.fresh_password(), not typed
