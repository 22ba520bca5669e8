"""What people typed about the visits of a round: sealed where there is a key, without a history.

What a visit is called, what its worker should know, and what was remarked on the way may tell of
people who live there. Each is sealed by itself (:class:`geodata.vault.Vault`), with the round's
and the visit's ids, and stands beside what the round asks for, in a column of its own. Without a
key it stands there as it was typed. :mod:`geodata.rounds.forgetting` takes it out again.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import orjson

from geodata.errors import Unavailable
from geodata.rounds.saved import LONGEST, Label, Saved
from geodata.store import Reader
from geodata.store.records import Values
from geodata.vault import Vault

UNSEALED: Final = Vault()
"""Seals nothing and opens nothing."""

_AT_ONCE: Final = 500


def written(round_id: str, labels: Mapping[str, Label], vault: Vault) -> str:
    """Return labels as the store has them; one that is sealed stays as it is."""
    told: dict[str, Values] = {}
    for visit, label in labels.items():
        text = {"title": label.title, "note": label.note}
        if label.sealed:
            told[visit] = {"sealed": label.sealed}
        elif any(text.values()):
            told[visit] = text
            if vault.ready:
                told[visit] = {"sealed": vault.seal(_owner(round_id), text, home=visit)}
    return orjson.dumps(told).decode()


def opened(tx: Reader, one: Saved, vault: Vault) -> Saved:
    """Return a round with what its visits are called, as far as the keys open it.

    A visit of which no words are there has the name of its home, if its id is a home's. A label
    that does not open has still something ``sealed``: its words are not lost, and not to be seen.
    """
    labels = {visit: _opened(one.id, visit, told, vault) for visit, told in one.labels.items()}
    nameless = [v.id for v in one.visits if not labels.get(v.id, Label()).title]
    for start in range(0, len(nameless), _AT_ONCE):
        keys = nameless[start : start + _AT_ONCE]
        for home in tx.rows("home", columns=("id", "name"), keys=keys):
            known = labels.get(home["id"], Label())
            labels[home["id"]] = replace(known, title=home["name"])
    return replace(one, labels=labels)


def demand(one: Saved, vault: Vault) -> None:
    """Refuse to write over words that the keys do not open.

    Raises
    ------
    Unavailable
        ``round_sealed``.
    """
    if any(_opened(one.id, v, told, vault).sealed for v, told in one.labels.items()):
        raise Unavailable("round_sealed", key=one.id)


def note_written(row_id: str, note: str, vault: Vault) -> str:
    """Return a remark as the store has it; ``row_id`` is the row's that it stands in."""
    return vault.seal(row_id, {"note": note}, home="") if note and vault.ready else note


def note_opened(row_id: str, kept: str, vault: Vault) -> str | None:
    """Return a remark as it was typed, None where the keys do not open it."""
    if not is_sealed(kept):
        return kept
    try:
        return vault.open(row_id, kept, home="")["note"]
    except Unavailable:
        return None


def is_sealed(kept: str) -> bool:
    """Tell whether a remark is sealed: then it is longer than any that was typed."""
    return len(kept) > LONGEST["note"]


def _opened(round_id: str, visit: str, label: Label, vault: Vault) -> Label:
    if not label.sealed:
        return label
    try:
        return Label(**vault.open(_owner(round_id), label.sealed, home=visit))
    except Unavailable:
        return label


def _owner(round_id: str) -> str:
    return f"round:{round_id}"
