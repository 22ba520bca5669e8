"""How many live alone where, and where each of them lives: never who that is."""

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import batched
from typing import NamedTuple

from geodata.errors import Unavailable
from geodata.policy import Action, Actor, require
from geodata.store import Reader
from geodata.store.records import Values
from geodata.vault import Vault

PLAIN = ("id", "home", "area", "changed", "by")
"""The columns of an entry that are not sealed."""

_HOME = ("id", "name", "address", "lon", "lat", "area", "elders_alone")
_AT_ONCE = 5000
_DIGITS = re.compile(r"\d+")
_LONGEST_NUMBER = 8


@dataclass(frozen=True, slots=True)
class Building:
    """A home with who is entered as living alone in it.

    ``said`` is the number that the office keeps of the home, None where it told none: what is
    entered here never changes it. ``entries`` are as of :func:`listed`.
    """

    id: str
    name: str
    address: str
    area: str
    said: int | None
    entries: list[Values] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        """Whether the number that the office keeps is another than that of the entries."""
        return self.said is not None and self.said != len(self.entries)


class Standing(NamedTuple):
    """How entries stand to the keys: how many there are, and how many of them open.

    ``newest`` were sealed with the first key: the others are for :func:`geodata.elders.reseal`.
    """

    entries: int
    opening: int
    newest: int


def listed(tx: Reader, *, actor: Actor, area: str = "", home: str = "") -> list[Values]:
    """Return where elders living alone are inside an area-code prefix, for staff; no names.

    A row each, by the name of the home: id, home (its id), home_name, lon, lat (WGS 84,
    degrees), area, changed (ISO 8601, UTC), by. ``home`` narrows to one. Needs no key.

    Raises
    ------
    Forbidden
        ``forbidden``: for workers of the area.
    """
    require(actor, Action.ELDER_READ, area=area)
    narrowed: Values = {"home": home} if home else {}
    rows = tx.records("elder", order=("changed", "id"), area=area, columns=PLAIN, **narrowed)
    homes: dict[str, Values] = {}
    for keys in batched(sorted({row["home"] for row in rows}), _AT_ONCE):
        homes |= {one["id"]: one for one in tx.rows("home", columns=_HOME, keys=keys)}
    told = [_placed(row, homes[row["home"]]) for row in rows if row["home"] in homes]
    # A home that is just moving to another area is that area's.
    inside = [row for row in told if row["area"].startswith(area)]
    return sorted(inside, key=lambda row: (natural(row["home_name"]), row["home"]))


def place(tx: Reader, elder_id: str, *, actor: Actor) -> Values:
    """Return where one of them lives, as a row of :func:`listed`.

    Raises
    ------
    Forbidden
        ``forbidden``: for workers of the area.
    NotFound
        ``elder_not_found``.
    """
    row = tx.record("elder", elder_id)
    home = tx.row("home", row["home"])
    require(actor, Action.ELDER_READ, area=home["area"])
    return _placed({name: row[name] for name in PLAIN}, home)


def counts(tx: Reader, *, actor: Actor, area: str = "") -> dict[str, int]:
    """Return how many are entered, by id of their home; homes without any are left out.

    Raises
    ------
    Forbidden
        ``forbidden``: for workers of the area.
    """
    require(actor, Action.ELDER_READ, area=area)
    rows = tx.records("elder", area=area, columns=("home",))
    return dict(Counter(row["home"] for row in rows))


def by_home(
    tx: Reader, *, actor: Actor, area: str = "", words: str = "", home: str = ""
) -> list[Building]:
    """Return the homes inside a prefix that have entries or of which the office keeps a number.

    ``words`` finds homes by their name or address instead, whether anybody is entered or not:
    all the words must be in it; ``home`` finds one by its id.

    Raises
    ------
    Forbidden
        ``forbidden``: for workers of the area.
    """
    entries: dict[str, list[Values]] = {}
    for row in listed(tx, actor=actor, area=area, home=home):
        entries.setdefault(row["home"], []).append(row)
    narrowed: Values = {"id": home} if home else {}
    wanted = words.split()
    found = []
    for one in tx.rows("home", columns=_HOME, inside=area, **narrowed):
        if wanted:
            shown = all(word in f"{one['name']} {one['address']}" for word in wanted)
        else:
            shown = bool(home or one["elders_alone"] or one["id"] in entries)
        if shown:
            told = {name: one[name] for name in ("id", "name", "address", "area")}
            mine = entries.get(one["id"], [])
            found.append(Building(**told, said=one["elders_alone"], entries=mine))
    return sorted(found, key=lambda one: (natural(one.name), one.address, one.id))


def standing(tx: Reader, vault: Vault, *, actor: Actor) -> Standing:
    """Tell how many entries of the whole store open, for who keeps the keys.

    Raises
    ------
    Forbidden
        ``forbidden``: for staff of everywhere.
    """
    require(actor, Action.ELDER_READ)
    sealed = [row["sealed"] for row in tx.records("elder", columns=("sealed",))]
    return Standing(len(sealed), sum(map(vault.opens, sealed)), sum(map(vault.is_newest, sealed)))


def trouble(tx: Reader, vault: Vault) -> str:
    """Return the code of what is wrong with the keys, "" where all is well.

    ``elders_key_missing``: none is set; ``elders_key_wrong``: they do not open what is in the
    store. The entry that nobody has changed for longest and the newest one are tried: keys
    follow each other, so that a key which was left out closes the one, and one that was put back
    the other.
    """
    if not vault.ready:
        return "elders_key_missing"
    for newest in (False, True):
        order = ("changed", "id")
        rows = tx.records("elder", order=order, newest=newest, limit=1, columns=("sealed",))
        if any(not vault.opens(row["sealed"]) for row in rows):
            return "elders_key_wrong"
    return ""


def demand_key(tx: Reader, vault: Vault) -> None:
    """Refuse to go on where the keys do not fit what is in the store.

    Raises
    ------
    Unavailable
        ``elders_key_missing``, ``elders_key_wrong``.
    """
    if code := trouble(tx, vault):
        raise Unavailable(code)


def natural(name: str) -> str:
    """Return by what names of buildings are put in order: 2号楼 comes before 10号楼."""
    return _DIGITS.sub(_filled, name)


def _filled(number: re.Match[str]) -> str:
    return number[0].zfill(_LONGEST_NUMBER)


def _placed(row: Values, home: Values) -> Values:
    told = {"home_name": home["name"], "lon": home["lon"], "lat": home["lat"]}
    return row | told | {"area": home["area"]}
