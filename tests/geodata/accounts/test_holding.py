"""Who holds a key, and what people see of theirs. On both engines."""

from datetime import timedelta

import pytest

from geodata import accounts, keys, merchants
from geodata.errors import Forbidden
from geodata.keys import Kind
from geodata.policy import RESIDENT, Role
from tests.factories import ADMIN, entry
from tests.geodata.accounts.doors import (
    acting,
    actor_of,
    made,
    tried,
)


def test_a_link_owns_its_shop_and_not_what_that_was_merged_into(store):
    with store.writing() as tx:
        gone, into = (merchants.add(tx, entry(f"店{n}"), actor=ADMIN) for n in range(2))
        tx.update("merchant", gone, {"merged": into}, version=1, by=ADMIN)
        link = keys.issue(tx, Kind.LINK, by=RESIDENT, lifetime=timedelta(1), merchant=gone)
    actor = actor_of(store, link.token)
    assert (actor.role, actor.owns) == (Role.MERCHANT, {gone})


def test_ones_own_sessions_tell_since_when_and_from_where(store):
    made(store)
    actor = acting(store)
    with store.reading() as tx:
        (one,) = accounts.own_sessions(tx, actor=actor)
    assert one["title"] == "203.0.113.0/24"
    assert one["created"]
    assert "digest" not in one


def test_when_an_account_was_last_used_is_listed(store):
    made(store)
    made(store, "absent")
    tried(store)
    with store.reading() as tx:
        told = {row["name"]: bool(row["seen"]) for row in accounts.listed(tx, actor=ADMIN)}
    assert told == {"worker": True, "absent": False}


def test_a_resident_has_no_account_to_look_at(store):
    with store.reading() as tx, pytest.raises(Forbidden, match="not_signed_in"):
        accounts.own(tx, actor=RESIDENT)
