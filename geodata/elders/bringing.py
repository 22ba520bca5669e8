"""Entries out of a table that an office already keeps."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from geodata.elders.entry import LONGEST, Elder
from geodata.elders.keeping import HELD, allow, of_home, put
from geodata.elders.listing import demand_key
from geodata.policy import Action, Actor
from geodata.store import Reader, Writer
from geodata.store.records import Values
from geodata.vault import Vault


@dataclass(slots=True)
class Brought:
    """What bringing a table in did, in its rows.

    ``unknown`` name no home of the actor's area, ``ambiguous`` several; ``namesakes`` tell no
    flat, and several of that name live there; ``repeats`` tell of somebody again whom a row above
    tells of. All these were left out, by their numbers.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    unknown: list[int] = field(default_factory=list)
    ambiguous: list[int] = field(default_factory=list)
    namesakes: list[int] = field(default_factory=list)
    repeats: list[int] = field(default_factory=list)


def bring_in(tx: Writer, rows: Sequence[Values], vault: Vault, *, actor: Actor) -> Brought:
    """Enter the rows of :func:`geodata.exchange.read_elders`; the same ones twice change nothing.

    A home is known by its id, its name, or its address and name together. A row is a known entry
    of its home where the name is equal and the flats do not contradict each other; an empty cell
    leaves what is known, and no entry is taken away.

    Raises
    ------
    Forbidden
        ``forbidden``: for staff.
    Unavailable
        ``elders_key_missing``, ``elders_key_wrong``.
    """
    allow(actor, Action.ELDER_EDIT, actor.scope)
    tx.hold(HELD)
    demand_key(tx, vault)
    bringing = _Bringing(tx, vault, actor)
    for row in rows:
        bringing.take(row["row"], row["home"], Elder(**{name: row[name] for name in LONGEST}))
    done = bringing.done
    if written := done.added + done.changed:
        tx.note("elder_import", by=actor, target=str(written), area=actor.scope)
    return done


class _Bringing:
    """A table on its way in. ``known`` are the entries by home, ``claimed`` those told of."""

    def __init__(self, tx: Writer, vault: Vault, actor: Actor) -> None:
        self.done = Brought()
        self._tx, self._vault, self._actor = tx, vault, actor
        self._homes = _Homes(tx, actor.scope)
        self._known: dict[str, dict[str, Elder]] = {}
        self._claimed: set[str] = set()

    def take(self, number: int, called: str, told: Elder) -> None:
        """Decide what becomes of a row, and write it."""
        homes = self._homes.fitting(called)
        if len(homes) != 1:
            (self.done.ambiguous if homes else self.done.unknown).append(number)
            return
        (home,) = homes
        here = self._here(home["id"])
        same = [key for key, other in here.items() if told.flat == other.flat]
        same = same or [key for key, other in here.items() if told.may_be(other)]
        if len(same) > 1:
            self.done.namesakes.append(number)
        elif same and same[0] in self._claimed:
            self.done.repeats.append(number)
        else:
            self._write(home, told, same[0] if same else "")

    def _write(self, home: Values, told: Elder, key: str) -> None:
        here = self._here(home["id"])
        whole = _over(here[key], told) if key else told
        if key and whole == here[key]:
            self.done.unchanged += 1
        else:
            self.done.changed += bool(key)
            self.done.added += not key
            place = home["id"], home["area"]
            key = put(self._tx, *place, whole, self._vault, actor=self._actor, elder_id=key)
            here[key] = whole
        self._claimed.add(key)

    def _here(self, home: str) -> dict[str, Elder]:
        if home not in self._known:
            self._known[home] = of_home(self._tx, home, self._vault)
        return self._known[home]


class _Homes:
    """The homes of an area, by what people call them."""

    def __init__(self, tx: Reader, area: str) -> None:
        self._called: defaultdict[str, dict[str, Values]] = defaultdict(dict)
        for home in tx.rows("home", columns=("id", "name", "address", "area"), inside=area):
            for words in (home["id"], home["name"], home["address"] + home["name"]):
                self._called[_plain(words)][home["id"]] = home

    def fitting(self, told: str) -> list[Values]:
        """Return those that are called so."""
        return [*self._called.get(_plain(told), {}).values()]


def _plain(words: str) -> str:
    return "".join(words.split()).casefold()


def _over(known: Elder, told: Elder) -> Elder:
    """Return what is known with what is told over it; what is empty tells nothing."""
    fresh = {name: text for name, text in told.told().items() if text}
    return Elder(**{**known.told(), **fresh})
