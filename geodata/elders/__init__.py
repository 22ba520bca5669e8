"""Elders living alone (独居老人): who lives where, sealed; numbers for all staff of the area.

What is told of somebody (name, flat, phone, a note) is kept sealed in the table ``elder``, with
a key that the store does not hold (:class:`geodata.vault.Vault`), and with the row's own id and
home, so that no sealed text can pass for another's, or for somebody's elsewhere. There is no
history of it. An entry lies in the area of its home, and follows that.

:mod:`listing` tells how many live where, and where each lives, without names; a name is seen by
:func:`look` only, one at a time, recorded. :mod:`keeping` adds, changes and removes, which all
need the right key: nothing is written beside what the present key cannot open, and nothing over
it. :mod:`erasing` deletes on legal request, with or without a key, and changes the key.
:mod:`bringing` puts in what an office already keeps in a table.
"""

from geodata.elders.bringing import Brought, bring_in
from geodata.elders.entry import LONGEST, Elder
from geodata.elders.erasing import Resealed, erase, meant, reseal
from geodata.elders.keeping import Opened, add, change, look, remove
from geodata.elders.listing import (
    Building,
    Standing,
    by_home,
    counts,
    listed,
    place,
    standing,
    trouble,
)

__all__ = [
    "LONGEST",
    "Brought",
    "Building",
    "Elder",
    "Opened",
    "Resealed",
    "Standing",
    "add",
    "bring_in",
    "by_home",
    "change",
    "counts",
    "erase",
    "listed",
    "look",
    "meant",
    "place",
    "remove",
    "reseal",
    "standing",
    "trouble",
]
