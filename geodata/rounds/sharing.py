"""Links by which one worker's round is shown to a phone without an account, and ticked off.

A link is its worker's by name: planned anew, another may stand at the worker's number.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from geodata import keys
from geodata.errors import Invalid, NotFound
from geodata.keys import Issued
from geodata.policy import Action, Actor, require
from geodata.rounds import saved as form
from geodata.rounds.saved import Saved, Told
from geodata.rounds.ticking import Tick, noted
from geodata.rounds.words import UNSEALED
from geodata.shares import Sharing
from geodata.store import Reader, Writer
from geodata.store.records import Values
from geodata.vault import Vault

LINKS: Final = Sharing(
    "round",
    read=Action.ROUND_READ,
    edit=Action.ROUND_EDIT,
    shortest=timedelta(seconds=1),
    longest=timedelta(days=31),
    longest_title=80,
)

unshare = LINKS.end


def share(tx: Writer, round_id: str, worker: int, *, until: datetime, actor: Actor) -> Issued:
    """Make a link for the worker of a number, from 0, that ends by itself at a moment.

    Whoever has its token sees this worker's round and ticks its visits off.

    Raises
    ------
    NotFound, Forbidden
        As :meth:`geodata.shares.Sharing.make`.
    Invalid
        ``share_invalid``, as that; ``round_invalid``: details map worker to "unknown".
    """
    row = tx.row("round", round_id)
    require(actor, Action.ROUND_EDIT, area=row["area"])
    names, lifetime = _names(form.read(row)), until - datetime.now(UTC)
    if not 0 <= worker < len(names):
        raise Invalid("round_invalid", worker="unknown")
    return LINKS.make(tx, round_id, lifetime=lifetime, title=names[worker], actor=actor)


def shares(tx: Reader, round_id: str, *, actor: Actor) -> dict[int, list[Values]]:
    """Return the links that are in force, by the number of their worker, the newest first.

    Raises
    ------
    NotFound, Forbidden
        As :meth:`geodata.shares.Sharing.listed`.
    """
    links = LINKS.listed(tx, round_id, actor=actor)
    names = _names(form.read(tx.row("round", round_id)))
    found: dict[int, list[Values]] = {}
    for one in links:
        if keys.valid(one) and one["title"] in names:
            found.setdefault(names.index(one["title"]), []).append(one)
    return found


def shared(tx: Reader, token: str) -> tuple[Saved, int]:
    """Return the round that a link's token shows, and its worker's number.

    Raises
    ------
    NotFound
        As :meth:`geodata.shares.Sharing.opened`; ``share_not_valid`` also where its worker has
        no part in the round any more.
    """
    link = LINKS.opened(tx, token)
    one = form.read(tx.row("round", link.key))
    names = _names(one)
    if link.title not in names:
        raise NotFound("share_not_valid")
    return one, names.index(link.title)


def tick_shared(
    tx: Writer, token: str, ticks: Sequence[Tick], *, vault: Vault = UNSEALED
) -> dict[str, Told]:
    """Note how visits of a link's worker went, told by who holds it; as :func:`tick`.

    Raises
    ------
    NotFound
        As :func:`shared`.
    Conflict, Invalid
        As :func:`geodata.rounds.tick`.
    """
    one, number = shared(tx, token)
    mine = {stop.visit for stop in one.solution.rounds[number].stops}
    own = [told for told in ticks if told.visit in mine]
    return noted(tx, one, own, by=one.workers[number].name, vault=vault)


def _names(one: Saved) -> list[str]:
    return [worker.name for worker in one.workers]
