"""Links by which one worker's round is shown to a phone without an account, and ticked off."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from geodata import accounts, ids, keys
from geodata.errors import Forbidden, Invalid, NotFound
from geodata.keys import Issued, Kind
from geodata.policy import Action, Actor, require
from geodata.rounds import saved as form
from geodata.rounds.asked import MOST_WORKERS
from geodata.rounds.keeping import Tick, noted
from geodata.rounds.saved import Saved, Told
from geodata.store import Reader, Writer
from geodata.store.records import Values

LONGEST_SHARE: Final = timedelta(days=31)
_COLUMNS: Final = ("id", "title", "by", "subject", "created", "expires", "ended")


def share(tx: Writer, round_id: str, worker: int, *, until: datetime, actor: Actor) -> Issued:
    """Make a link's key for the worker of a number, from 0, that ends by itself at a moment.

    Whoever has its token sees this worker's round and ticks its visits off. It also ends when
    it is ended, and with the account that made it. The access log notes who made it.

    Raises
    ------
    NotFound
        ``round_not_found``.
    Invalid
        ``round_invalid``: details map worker to "unknown", or until to "range".
    Forbidden
        ``forbidden``: for staff of its area who have an account.
    """
    actor, row = accounts.standing(tx, actor), tx.row("round", round_id)
    require(actor, Action.ROUND_EDIT, area=row["area"])
    if not actor.account:
        # Nobody could end what a machine hands out by shutting it out.
        raise Forbidden("forbidden", action=str(Action.ROUND_EDIT), role=str(actor.role))
    lifetime = until - datetime.now(UTC)
    if not timedelta() < lifetime <= LONGEST_SHARE:
        raise Invalid("round_invalid", until="range")
    workers = form.read(row).workers
    if not 0 <= worker < len(workers):
        raise Invalid("round_invalid", worker="unknown")
    told = {"subject": f"round:{round_id}:{worker}", "title": workers[worker].name}
    made = keys.issue(tx, Kind.SHARE, by=actor, lifetime=lifetime, **told)
    tx.note("round_share", by=actor, target=round_id, area=row["area"])
    return made


def shares(tx: Reader, round_id: str, *, actor: Actor) -> dict[int, list[Values]]:
    """Return the links that are in force, by the number of their worker, the newest first.

    Raises
    ------
    NotFound
        ``round_not_found``.
    Forbidden
        ``forbidden``: for staff of its area.
    """
    row = tx.row("round", round_id)
    require(actor, Action.ROUND_READ, area=row["area"])
    names = [worker.name for worker in form.read(row).workers]
    subjects = [f"round:{round_id}:{n}" for n in range(MOST_WORKERS)]
    which: Values = {"subject": subjects, "kind": str(Kind.SHARE), "columns": _COLUMNS}
    found: dict[int, list[Values]] = {}
    for one in tx.records("key", order=("created",), newest=True, **which):
        if keys.valid(one) and one["title"] in names:
            found.setdefault(names.index(one["title"]), []).append(one)
    return found


def unshare(tx: Writer, round_id: str, key_id: str, *, actor: Actor) -> None:
    """End a link at once; one that has ended already stays so.

    Raises
    ------
    NotFound
        ``round_not_found``, ``key_not_found``.
    Forbidden
        ``forbidden``: for staff of its area.
    """
    area = tx.row("round", round_id)["area"]
    require(actor, Action.ROUND_EDIT, area=area)
    which: Values = {"id": key_id, "kind": str(Kind.SHARE)}
    rows = tx.records("key", **which) if ids.is_one(key_id) else []
    if not any(row["subject"].startswith(f"round:{round_id}:") for row in rows):
        raise NotFound("key_not_found", key=key_id)
    if keys.end(tx, **which):
        tx.note("round_unshare", by=actor, target=round_id, area=area)


def shared(tx: Reader, token: str) -> tuple[Saved, int]:
    """Return the round that a link's token shows, and its worker's number.

    Raises
    ------
    NotFound
        ``share_ended`` with ``at``: somebody ended it; ``share_expired`` with ``at``;
        ``share_not_valid``: it never was one, or its worker has no part in the round any more.
    """
    row = keys.known(tx, token, Kind.SHARE)
    what, _, rest = (row["subject"] if row else "").partition(":")
    if row is None or what != "round":
        raise NotFound("share_not_valid")
    if row["ended"]:
        raise NotFound("share_ended", at=row["ended"])
    if not keys.valid(row):
        raise NotFound("share_expired", at=row["expires"])
    one = form.read(tx.row("round", rest.partition(":")[0]))
    # Planned anew, another may stand at the number: a link is its worker's, by name.
    names = [worker.name for worker in one.workers]
    if row["title"] not in names:
        raise NotFound("share_not_valid")
    return one, names.index(row["title"])


def tick_shared(tx: Writer, token: str, ticks: Sequence[Tick]) -> dict[str, Told]:
    """Note how visits of a link's worker went, told by who holds it; as :func:`tick`.

    Raises
    ------
    NotFound
        As :func:`shared`.
    Invalid
        As :func:`geodata.rounds.tick`.
    """
    one, number = shared(tx, token)
    mine = {stop.visit for stop in one.solution.rounds[number].stops}
    own = [told for told in ticks if told.visit in mine]
    return noted(tx, one, own, by=one.workers[number].name)
