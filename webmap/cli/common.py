"""What the commands share: who acts, how a failure is told, bars and transactions."""

import getpass
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path

import click

from geodata.errors import Invalid, LinjuError
from geodata.policy import Actor, Role
from geodata.store import Progress, Writer
from webmap.errors import sentence
from webmap.forms import said
from webmap.i18n import gettext as _
from webmap.request import store

FILE = click.Path(path_type=Path, dir_okay=False)


def operator() -> Actor:
    """Return who acts on the command line: whoever may run it may do everything."""
    return Actor(f"cli:{getpass.getuser()}", Role.ADMIN)


def plainly[**P, R](command: Callable[P, R]) -> Callable[P, R]:
    """Let a command tell its failure in a sentence instead of a traceback."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        interrupted = signal.getsignal(signal.SIGINT)
        try:
            return command(*args, **kwargs)
        except LinjuError as error:
            raise click.ClickException(_in_full(error)) from error
        except KeyboardInterrupt:
            click.echo("\n" + _("Stopped. The store is as it was."), err=True)
            sys.exit(130)
        finally:
            signal.signal(signal.SIGINT, interrupted)

    return wrapped


def _in_full(error: LinjuError) -> str:
    """Say an error with the words of the program behind it, which only an operator is told."""
    told = sentence(error.code, error.details)
    reason = str(error.details.get("reason", ""))
    return f"{told} ({reason})" if reason and reason not in told else told


def go_through() -> None:
    """Let nobody stop the command any more: a commit ends as it will, and is then told."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def writing(*, keep: bool = True) -> Iterator[Writer]:
    """Write in one transaction that, once it commits, is not interrupted."""
    with store().writing(keep=keep) as tx:
        yield tx
        go_through()


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """Show a bar that a function's ``progress`` moves."""
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def move(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield move


@contextmanager
def in_words() -> Iterator[None]:
    """Say what an account may not have as a form does."""
    try:
        yield
    except Invalid as error:
        if error.code != "account_invalid":
            raise
        told = [said(f"account_{name}", str(reason)) for name, reason in error.details.items()]
        if "scope" in error.details:
            told.append("(--area / --everywhere)")
        raise click.ClickException(" ".join(told)) from error
