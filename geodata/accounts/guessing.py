"""Wrong passwords: counted for each name, whether it is anybody's or not, and slowed down.

A browser that has signed in to an account before is counted apart, so that guesses of strangers
do not keep its owner out, and a borrowed browser may not guess without end either. Counters are
kept by a digest: people type a password where a name belongs.
"""

from datetime import UTC, datetime, timedelta

from geodata import keys
from geodata.accounts.rules import moment, said
from geodata.errors import Forbidden
from geodata.store import Reader, Writer, now

FREE_GUESSES = 5
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(minutes=15)
"""After so many wrong passwords each further one doubles the wait, from 30 s to 15 minutes:
four guesses an hour, and nobody is locked out for good."""

KEPT = timedelta(days=7)
"""So long a counter stands after its last wrong password."""


def of_name(name: str) -> str:
    """Return the counter of whoever says a name."""
    return keys.digest(f"name {name}")


def of_known(account_id: str) -> str:
    """Return the counter of browsers that have signed in to an account before."""
    return keys.digest(f"account {account_id}")


def refuse_locked(tx: Reader, counter: str) -> None:
    """Refuse while a counter is locked.

    Raises
    ------
    Forbidden
        ``sign_in_locked`` with ``seconds``.
    """
    for guess in tx.records("guess", name=counter):
        if guess["locked_until"] > now():
            left = moment(guess["locked_until"]) - datetime.now(UTC)
            raise Forbidden("sign_in_locked", seconds=max(1, round(left.total_seconds())))


def count(tx: Writer, counter: str) -> None:
    """Count one more wrong password; whoever counts must hold the counter."""
    found = tx.records("guess", name=counter)
    failures = found[0]["failures"] + 1 if found else 1
    locked = said(datetime.now(UTC) + wait) if (wait := wait_after(failures)) else ""
    tx.put("guess", {"name": counter, "failures": failures, "locked_until": locked, "at": now()})
    tx.expire("guess", KEPT)


def passes(tx: Writer, counter: str, *, proven: bool) -> bool:
    """Tell whether a password that was tried is right; a wrong one is counted.

    Tries at the same time wait for each other here, so that none is counted as another.

    Raises
    ------
    Forbidden
        ``sign_in_locked``: others have tried while this password was being proven.
    """
    tx.hold(counter)
    refuse_locked(tx, counter)
    if not proven:
        count(tx, counter)
    return proven


def wait_after(failures: int) -> timedelta:
    """Return how long nobody may try after so many wrong passwords.

    Examples
    --------
    >>> [wait_after(n).seconds for n in (5, 6, 7, 10, 11, 10**6)]
    [0, 30, 60, 480, 900, 900]
    """
    doubled = failures - FREE_GUESSES
    if doubled <= 0:
        return timedelta(0)
    # An exponent without bounds would be a date without bounds.
    return min(FIRST_LOCK * (1 << min(doubled - 1, 10)), LONGEST_LOCK)


def forget(tx: Writer, name: str, account_id: str) -> int:
    """Forget the wrong passwords of an account, and tell how many there were."""
    counters = [of_name(name), of_known(account_id)]
    failures = sum(int(one["failures"]) for one in tx.records("guess", name=counters))
    tx.erase("guess", name=counters)
    return failures
