"""Shares: links by which a row of the store is shown to who has no account.

The subject whose row it is has one :class:`Sharing`, and says itself what a link shows. A link
is a key (:mod:`geodata.keys`) of the kind ``share``: it ends by itself, when it is ended, with
the account that made it, and with the row.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from geodata import accounts, ids, keys
from geodata.errors import Forbidden, Invalid, NotFound
from geodata.keys import Issued, Kind
from geodata.policy import Action, Actor, require
from geodata.store import Reader, Writer
from geodata.store.records import Values

_COLUMNS = ("id", "title", "by", "created", "expires", "ended")


class Shared(NamedTuple):
    """What a link shows: the id of a row, and whose link it is or how it is called."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Sharing:
    """How rows of a table are shared.

    Parameters
    ----------
    table
        Of the store; with a history and an ``area``.
    read, edit
        Who may do the one sees the list of links, who may do the other makes and ends them.
    shortest, longest
        So long a link opens, both included.
    longest_title
        Characters.
    """

    table: str
    read: Action
    edit: Action
    shortest: timedelta
    longest: timedelta
    longest_title: int

    def make(
        self, tx: Writer, key: str, *, lifetime: timedelta, title: str = "", actor: Actor
    ) -> Issued:
        """Make a link to a row; the access log notes who did (``plan_share``).

        Raises
        ------
        NotFound
            ``plan_not_found`` and its like.
        Invalid
            ``share_invalid``: details map lifetime ("out_of_range") or title ("too_long").
        Forbidden
            ``forbidden``: for staff of its area who have an account.
        """
        actor, area = accounts.standing(tx, actor), self._allowed(tx, key, self.edit, actor)
        if not actor.account:
            # Nobody could end what a machine hands out by shutting it out.
            raise Forbidden("forbidden", action=str(self.edit), role=str(actor.role))
        wrong = {}
        if not self.shortest <= lifetime <= self.longest:
            wrong["lifetime"] = "out_of_range"
        if len(title) > self.longest_title:
            wrong["title"] = "too_long"
        if wrong:
            raise Invalid("share_invalid", **wrong)
        told = {"subject": self._subject(key), "title": title}
        made = keys.issue(tx, Kind.SHARE, by=actor, lifetime=lifetime, **told)
        tx.note(f"{self.table}_share", by=actor, target=key, area=area)
        return made

    def listed(self, tx: Reader, key: str, *, actor: Actor) -> list[Values]:
        """Return the links of a row, the newest first: id, title, by, created, expires, ended.

        Raises
        ------
        NotFound
            ``plan_not_found`` and its like.
        Forbidden
            ``forbidden``: for staff of its area.
        """
        self._allowed(tx, key, self.read, actor)
        which = self._which(key)
        return tx.records("key", order=("created",), newest=True, columns=_COLUMNS, **which)

    def end(self, tx: Writer, key: str, link: str, *, actor: Actor) -> None:
        """End a link of a row, by the link's id, at once; one that has ended stays so.

        Raises
        ------
        NotFound
            ``plan_not_found`` and its like; ``key_not_found``.
        Forbidden
            ``forbidden``: for staff of its area.
        """
        area = self._allowed(tx, key, self.edit, actor)
        which = self._which(key) | {"id": link}
        if not ids.is_one(link) or not tx.records("key", **which):
            raise NotFound("key_not_found", key=link)
        if keys.end(tx, **which):
            tx.note(f"{self.table}_unshare", by=actor, target=key, area=area)

    def opened(self, tx: Reader, token: str) -> Shared:
        """Return what a link's token shows; whoever has it may see it.

        Raises
        ------
        NotFound
            ``share_ended`` with ``at``: somebody ended it; ``share_expired`` with ``at``;
            ``share_not_valid``: it never was one of such rows.
        """
        row = keys.known(tx, token, Kind.SHARE)
        table, _, key = (row["subject"] if row else "").partition(":")
        if row is None or table != self.table:
            raise NotFound("share_not_valid")
        if row["ended"]:
            raise NotFound("share_ended", at=row["ended"])
        if not keys.valid(row):
            raise NotFound("share_expired", at=row["expires"])
        return Shared(key, row["title"])

    def forget(self, tx: Writer, key: str) -> None:
        """Delete the links of a row that is erased on legal request."""
        tx.erase("key", **self._which(key))

    def _allowed(self, tx: Reader, key: str, action: Action, actor: Actor) -> str:
        """Return the area of a row in which somebody may do this."""
        area: str = tx.row(self.table, key)["area"]
        require(actor, action, area=area)
        return area

    def _subject(self, key: str) -> str:
        return f"{self.table}:{key}"

    def _which(self, key: str) -> Values:
        return {"subject": self._subject(key), "kind": str(Kind.SHARE)}
