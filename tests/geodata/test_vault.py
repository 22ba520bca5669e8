"""Sealed and opened by the right key only, for the right row only, and never told."""

import orjson
import pytest
from cryptography.fernet import Fernet

from geodata.errors import Invalid, Unavailable
from geodata.vault import Vault, new_key

OLD, NEW = new_key(), new_key()
HOME = "H"
TOLD = {"name": "王秀英", "phone": "13800000000"}


def test_what_was_sealed_opens_again():
    vault = Vault([NEW])
    assert vault.open("A", vault.seal("A", TOLD, home=HOME), home=HOME) == TOLD


def test_a_row_never_speaks_for_another():
    vault = Vault([NEW])
    sealed = vault.seal("A", TOLD, home=HOME)
    with pytest.raises(Unavailable, match="elder_swapped"):
        vault.open("B", sealed, home=HOME)


def test_a_row_never_moves_to_another_home():
    vault = Vault([NEW])
    sealed = vault.seal("A", TOLD | {"home": "H2"}, home=HOME)
    with pytest.raises(Unavailable, match="elder_swapped"):
        vault.open("A", sealed, home="H2")


def test_what_was_sealed_before_homes_were_told_opens_and_nobody_elses():
    text = orjson.dumps(TOLD | {"id": "A"})
    sealed = Fernet(NEW).encrypt(text).decode()
    vault = Vault([NEW])
    assert vault.open("A", sealed, home=HOME) == TOLD
    with pytest.raises(Unavailable, match="elder_swapped"):
        vault.open("B", sealed, home=HOME)


def test_nobody_passes_for_a_row_by_what_is_told_of_it():
    vault = Vault([NEW])
    with pytest.raises(Unavailable, match="elder_swapped"):
        vault.open("B", vault.seal("A", TOLD | {"id": "B"}, home=HOME), home=HOME)


def test_another_key_opens_nothing():
    with pytest.raises(Unavailable, match="elders_key_wrong"):
        Vault([NEW]).open("A", Vault([OLD]).seal("A", TOLD, home=HOME), home=HOME)


@pytest.mark.parametrize("sealed", ["", "x", "王秀英", "gAAAAA" * 9, "\x00"])
def test_what_is_no_sealed_text_is_told_and_no_crash(sealed):
    vault = Vault([NEW])
    assert not vault.opens(sealed)
    with pytest.raises(Unavailable, match="elders_key_wrong"):
        vault.open("A", sealed, home=HOME)


def test_one_changed_sign_is_noticed():
    sealed = Vault([NEW]).seal("A", TOLD, home=HOME)
    middle = len(sealed) // 2
    forged = sealed[:middle] + ("B" if sealed[middle] == "A" else "A") + sealed[middle + 1 :]
    assert not Vault([NEW]).opens(forged)


def test_without_a_key_it_is_shut():
    shut = Vault()
    assert not shut.ready
    assert not shut.opens(Vault([NEW]).seal("A", TOLD, home=HOME))
    for act in (lambda: shut.seal("A", TOLD, home=HOME), lambda: shut.open("A", "x", home=HOME)):
        with pytest.raises(Unavailable, match="elders_key_missing"):
            act()


def test_the_first_key_seals_and_all_open():
    both = Vault([NEW, OLD])
    sealed = Vault([OLD]).seal("A", TOLD, home=HOME)
    assert both.open("A", sealed, home=HOME) == TOLD
    assert not both.is_newest(sealed)
    anew = both.resealed(sealed)
    assert both.is_newest(anew)
    assert Vault([NEW]).open("A", anew, home=HOME) == TOLD
    assert not Vault([OLD]).opens(anew)


def test_long_and_short_names_look_alike():
    vault = Vault([NEW])
    sizes = {len(vault.seal("A", {"name": "王" * n, "note": ""}, home=HOME)) for n in range(2, 20)}
    assert len(sizes) == 1


@pytest.mark.parametrize(
    "key",
    ["", "x", NEW[:-1], NEW + "=", NEW[:20] + "!" + NEW[20:], NEW + "\n", "王" * 43 + "="],
    # A key is another one in every process, and a test is known by its name.
    ids=["none", "short", "cut", "long", "strange", "broken", "chinese"],
)
def test_what_is_no_key_is_refused_and_not_repeated(key):
    with pytest.raises(Invalid, match="elders_key_invalid") as refused:
        Vault([NEW, key])
    assert not refused.value.details


def test_it_tells_nobody_its_keys():
    vault = Vault([NEW])
    assert NEW not in f"{vault!r} {vault}"
