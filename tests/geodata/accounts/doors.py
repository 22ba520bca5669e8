"""Small ways in and out, for the tests of accounts."""

from datetime import UTC, datetime, timedelta

from geodata import accounts
from geodata.accounts import NewPassword
from geodata.keys import Kind
from geodata.policy import Actor, Role
from tests.factories import ADMIN

PASSWORD = "correct horse battery"
OTHER = "a quite other one"


def made(store, name="worker", role=Role.WORKER, scope="210103006", by=ADMIN) -> str:
    with store.writing() as tx:
        return accounts.create(tx, name, NewPassword(PASSWORD), role=role, scope=scope, actor=by)


def tried(store, name="worker", password=PASSWORD, code="", known=()):
    with store.reading() as tx:
        who = accounts.candidate(tx, name, known=known)
    proven = who.proven(password)
    with store.writing() as tx:
        return accounts.sign_in(tx, who, proven=proven, code=code, network="203.0.113.0/24")


def acting(store, name="worker") -> Actor:
    return actor_of(store, tried(store, name).session.token)


def actor_of(store, token, *kinds):
    with store.reading() as tx:
        return accounts.actor_of(tx, token, *(kinds or (Kind.SESSION, Kind.LINK)))


def row_of(store, account_id):
    with store.reading() as tx:
        return tx.record("account", account_id)


def aged(store, table, column, moment, **which):
    with store.writing() as tx:
        tx.revise(table, {column: moment}, **which)


def ago(**told) -> str:
    then = datetime.now(UTC) - timedelta(**told)
    return then.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def lines(store, actor=ADMIN) -> list[str]:
    with store.reading() as tx:
        return [line["what"] for line in accounts.log(tx, actor=actor)]
