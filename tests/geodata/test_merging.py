"""A large file against a large store: a chain's thousand shops, moved and met again."""

import random

import pytest

from geodata import ids, merchants, merging
from geodata.errors import Conflict
from geodata.policy import RESIDENT
from tests.factories import ADMIN, CENTRE, entry, merchants_frame

SHOPS = 1200
"""More than are looked up at once."""


@pytest.fixture
def chain():
    """Return shops of one name and no address, 330 m apart and more, all over the city."""
    dice = random.Random(6)
    places = dice.sample([(column, line) for column in range(80) for line in range(80)], SHOPS)
    return [
        {"name": "便利店", "lon": 123.3 + column * 0.004, "lat": 41.7 + line * 0.003}
        for column, line in places
    ]


def merge(store, rows):
    with store.writing() as tx:
        done = merchants.merge(tx, merchants_frame(*rows), actor=ADMIN)
    return done.added, done.changed, done.unchanged, len(done.repeats)


def test_each_shop_of_a_chain_is_met_again(store, chain):
    assert merge(store, chain) == (SHOPS, 0, 0, 0)
    assert merge(store, chain[::-1]) == (0, 0, SHOPS, 0)


def test_each_shop_takes_the_nearest_for_itself(store, chain):
    merge(store, chain)
    ids = {}
    with store.reading() as tx:
        for row in tx.rows("merchant"):
            ids[round(row["lon"], 6), round(row["lat"], 6)] = row["id"]
    moved = [shop | {"lon": shop["lon"] + 0.0004} for shop in chain]

    assert merge(store, moved) == (0, SHOPS, 0, 0)
    with store.reading() as tx:
        for row in tx.rows("merchant"):
            assert ids[round(row["lon"] - 0.0004, 6), round(row["lat"], 6)] == row["id"]


def test_shops_far_from_any_known_one_are_new_unless_the_address_is_known(store, chain):
    rows = [shop | {"address": f"甲路{number}号"} for number, shop in enumerate(chain)]
    merge(store, rows)
    away = [row | {"lon": row["lon"] + 0.002} for row in rows]
    nameless = [row | {"address": ""} for row in away]

    assert merge(store, away[:600]) == (0, 600, 0, 0)
    assert merge(store, nameless[600:]) == (600, 0, 0, 0)


def test_the_edge_of_a_look_up_hides_nobody(store, chain, monkeypatch):
    merge(store, chain[:40])
    monkeypatch.setattr(merging, "_LOOKED_UP", 1)
    moved = [shop | {"lat": shop["lat"] - 0.00089} for shop in chain[:40]]

    assert merge(store, moved) == (0, 40, 0, 0)


def test_of_two_at_one_spot_the_one_known_longer_is_meant(store):
    shop = {"name": "便利店", "lon": CENTRE[0], "lat": CENTRE[1]}
    merge(store, [shop | {"phones": "1"}])
    with store.writing() as tx:
        merchants.propose(tx, entry("便利店"), actor=RESIDENT)

    assert merge(store, [shop | {"phones": "2"}]) == (0, 1, 0, 0)
    with store.reading() as tx:
        told = [(row["status"], row["phones"]) for row in tx.rows("merchant")]
    assert told == [("published", "2"), ("pending", "")]


def test_a_place_that_another_changed_meanwhile_is_not_written_over(store, monkeypatch):
    shop = {"name": "便利店", "note": "old"}
    merge(store, [shop])
    new_ids = ids.fresh

    with store.writing() as tx:
        (known,) = tx.rows("merchant")

        def changed_meanwhile(n):
            tx.update("merchant", known["id"], {"note": "theirs"}, version=1, by=ADMIN)
            return new_ids(n)

        monkeypatch.setattr(ids, "fresh", changed_meanwhile)
        with pytest.raises(Conflict, match="version_stale"):
            merchants.merge(tx, merchants_frame(shop | {"note": "file"}), actor=ADMIN)


def test_a_crowd_of_one_name_is_measured_in_parts(store, monkeypatch):
    crowd = [{"name": "摊", "lon": CENTRE[0] + at * 2e-5, "lat": CENTRE[1]} for at in range(60)]
    merge(store, crowd)
    monkeypatch.setattr(merging, "_MEASURED", 100)

    assert merge(store, crowd) == (0, 0, 60, 0)
