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


def merged(store, shop: str, into: str) -> None:
    with store.writing() as tx:
        (one,) = tx.records("proposal", merchant=shop)
        seen = {"version": one["version"], "merchant_version": tx.row("merchant", shop)["version"]}
        proposals.merge_into(tx, one["id"], into, **seen, actor=ADMIN)


def bytes_of(folder) -> bytes:
    return b"".join(one.read_bytes() for one in folder.iterdir() if "gpkg" in one.name)


def test_what_others_took_over_from_it_goes_from_there_too(tmp_path):
    """Through a chain, after changes there, and where it was taken back in between."""
    store = open_store(tmp_path / "linju.gpkg")
    shop = registered(store)
    with store.writing() as tx:
        middle = proposals.register(tx, entry("中店"), Contact(), actor=RESIDENT).merchant
        last, undone = (merchants.add(tx, entry(name), actor=ADMIN) for name in ("末店", "误店"))
    merged(store, shop, undone)
    with store.writing() as tx:
        (one,) = tx.records("proposal", merchant=shop)
        proposals.reopen(tx, one["id"], version=one["version"], actor=ADMIN)
    merged(store, shop, middle)
    merged(store, middle, last)
    with store.writing() as tx:
        told = {"phones": (SECRETS[2], "024-1"), "note": "另写"}
        merchants.edit(tx, last, told, version=2, actor=ADMIN)
    left = [word for word in SECRETS if word.encode() in bytes_of(tmp_path)]
    assert {SECRETS[2], SECRETS[3], SECRETS[5]} <= {*left}

    with store.writing() as tx:
        cleared = merchants.erase(tx, shop, actor=ADMIN, why="request 7")

    assert {one.merchant: (one.fields, one.changed) for one in cleared} == {
        middle: (["address", "note", "phones"], []),
        last: (["address", "phones"], ["note"]),
    }
    with store.reading() as tx:
        row = tx.row("merchant", last)
        assert (row["address"], row["phones"], row["note"]) == ("", "024-1", "另写")
        assert tx.row("merchant", middle)["address"] == ""
        assert merchants.history(tx, last, actor=ADMIN)[0]["action"] == "erase"
    store.close()
    assert [word for word in SECRETS if word.encode() in bytes_of(tmp_path)] == []


def test_what_another_had_of_its_own_stays(tmp_path):
    store = open_store(tmp_path / "linju.gpkg")
    shop = registered(store)
    with store.writing() as tx:
        own = merchants.add(tx, entry("有店", address=SECRETS[3], note="自写"), actor=ADMIN)
    merged(store, shop, own)
    with store.writing() as tx:
        (cleared,) = merchants.erase(tx, shop, actor=ADMIN, why="request 7")
    assert (cleared.merchant, cleared.name, cleared.fields) == (own, "有店", ["phones"])
    with store.reading() as tx:
        row = tx.row("merchant", own)
    assert (row["address"], row["note"], row["phones"]) == (SECRETS[3], "自写", "")
    store.close()
