"""Steps that the tests of proposals take: registered, published, waiting, accepted."""

from geodata import merchants, proposals
from geodata.policy import RESIDENT, Actor, Role
from geodata.proposals import Contact
from geodata.store import Store
from tests.factories import ADMIN, WORKER, entry

STRANGER = Actor("elsewhere", Role.WORKER, "210106")


def registered(store: Store, name: str = "泉富便民超市", **told) -> proposals.Receipt:
    with store.writing() as tx:
        return proposals.register(
            tx, entry(name, **told), Contact("王姐", "13800000000"), actor=RESIDENT
        )


def owner_of(merchant_id: str) -> Actor:
    return Actor("link:1", Role.MERCHANT, owns=frozenset({merchant_id}))


def published(store: Store, name: str = "泉富便民超市", **told) -> str:
    with store.writing() as tx:
        return merchants.add(tx, entry(name, **told), actor=ADMIN)


def waiting(store: Store, actor: Actor = WORKER) -> list:
    with store.reading() as tx:
        return proposals.queue(tx, actor=actor)


def seen(one: dict) -> dict:
    return {"version": one["version"], "merchant_version": one["shop"]["version"]}


def accept(store: Store, one: dict, actor: Actor = WORKER, **more):
    with store.writing() as tx:
        return proposals.publish(tx, one["id"], **seen(one), actor=actor, **more)
