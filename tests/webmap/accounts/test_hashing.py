"""Passwords are hashed and proven while nobody waits for the store."""

from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher

from geodata import proposals
from geodata.accounts import passwords
from geodata.policy import RESIDENT
from geodata.proposals import Contact
from geodata.store import Store
from tests import people
from tests.factories import entry
from tests.webmap.accounts.browsing import NEW, PASSWORD, at_the_door, invited, send, sign_in


@pytest.fixture
def hashings(monkeypatch):
    """Note for each password that is hashed or proven whether a writing was open meanwhile."""
    found, held = [], []
    writing = Store.writing

    @contextmanager
    def watched(store, **told):
        with writing(store, **told) as tx:
            held.append(tx)
            try:
                yield tx
            finally:
                held.remove(tx)

    class Noting(PasswordHasher):
        def hash(self, password):
            found.append(("hash", bool(held)))
            return super().hash(password)

        def verify(self, known, password):
            found.append(("verify", bool(held)))
            return super().verify(known, password)

    monkeypatch.setattr(Store, "writing", watched)
    quick = Noting(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "hasher", quick)
    return found


def test_no_door_holds_the_store_while_a_password_is_hashed(app, store, hashings):
    admin = at_the_door(app, "admin")
    worker = people.hire(store, "worker")
    token = invited(admin)
    with store.writing() as tx:
        made = proposals.register(tx, entry(), Contact(), actor=RESIDENT)
    hashings.clear()
    guest, owner = app.test_client(), people.holding(app, made.token)
    told = {"name": "guest", "password": PASSWORD}
    assert send(guest, "/join", token=token, **told).status_code == 303
    shop = {"name": "shoes", "password": PASSWORD}
    assert send(owner, f"/account/claim/{made.merchant}", **shop).status_code == 303
    changed = {"present": PASSWORD, "password": NEW, "again": NEW}
    assert send(guest, "/account/password", **changed).status_code == 303
    assert send(admin, f"/accounts/{worker}/password").status_code == 200
    assert sign_in(app.test_client(), "guest", NEW).status_code == 303
    run = app.test_cli_runner().invoke
    assert run(args=["accounts", "create", "cli", "--everywhere"]).exit_code == 0
    assert run(args=["accounts", "password", "cli"]).exit_code == 0
    assert hashings.count(("hash", False)) == 6
    assert {held for _, held in hashings} == {False}


def test_who_may_not_make_a_password_has_none_hashed(app, store, hashings):
    worker = people.hire(store, "worker")
    stranger = at_the_door(app, "stranger")
    hashings.clear()
    assert send(stranger, f"/accounts/{worker}/password").status_code == 403
    told = {"token": "no", "name": "guest", "password": PASSWORD}
    assert send(app.test_client(), "/join", **told).status_code == 404
    assert send(stranger, "/account/claim/NOWHERE000", **told).status_code == 404
    assert hashings == []
