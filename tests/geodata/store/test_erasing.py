"""What is erased on legal request is in no byte of the file, and remembered under no key."""

import random

from geodata import merchants, proposals
from geodata.policy import RESIDENT
from geodata.proposals import Contact
from geodata.store import open_store
from tests.factories import ADMIN, CENTRE, entry, merchants_frame

KEY = "k" * 24
SECRETS = ("獬豸麒麟饕餮铺", "xiezhiqilin", "13987650123", "貔貅巷九十七号", "钟馗", "窫窳留言")


def registered(store, key="") -> str:
    told = entry(
        SECRETS[0],
        lon=CENTRE[0] + 1e-4,
        address=SECRETS[3],
        phones=(SECRETS[2],),
        note=SECRETS[5],
    )
    contact = Contact(SECRETS[4], SECRETS[2])
    with store.writing() as tx:
        made = proposals.register(tx, told, contact, actor=RESIDENT, idempotency_key=key)
    return made.merchant


def test_no_byte_of_an_erased_shop_stays(tmp_path):
    """Among others, so that pages were split and merged, rows moved and words indexed anew."""
    file = tmp_path / "linju.gpkg"
    store, some = open_store(file), random.Random(1)

    def crowd(since: int) -> None:
        rows = [
            {"name": f"店{since + n}", "address": "路" * some.randrange(90), "phones": str(n)}
            for n in range(400)
        ]
        with store.writing() as tx:
            merchants.merge(tx, merchants_frame(*rows), actor=ADMIN)

    def found(words) -> dict[str, set[str]]:
        files = [one for one in tmp_path.iterdir() if one.name.startswith(file.name)]
        return {
            one.name: {word for word in words if word.encode() in one.read_bytes()} for one in files
        }

    crowd(0)
    shop = registered(store, KEY)
    crowd(400)
    for version in range(1, 60):
        with store.writing() as tx:
            told = {"note": f"{SECRETS[5]}{version}{'长' * some.randrange(150)}"}
            merchants.edit(tx, shop, told, version=version, actor=ADMIN, why=SECRETS[5])
        if version % 20 == 0:
            crowd(400 + version * 100)
    with store.reading() as tx:
        terms = tx.row("merchant", shop)["terms"].split()
        others = {
            term
            for row in tx.rows("merchant")
            if row["id"] != shop
            for term in row["terms"].split()
        }
    own = {term for term in terms if len(term) > 3 and not any(term in one for one in others)}
    words = {*SECRETS, *own} - {"xiezhiqilin"}
    assert set.union(*found(words).values()) >= set(SECRETS) - {"xiezhiqilin"}

    with store.writing() as tx:
        merchants.erase(tx, shop, actor=ADMIN, why="request 7")
    assert {name: left for name, left in found(words).items() if left} == {}
    with store.reading() as tx:
        assert tx.recalled(RESIDENT.name, KEY, "whatever") is None
    store.close()
