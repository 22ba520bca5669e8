"""How often: so many times in so long, by address and by account."""

import math
import time
from typing import NamedTuple

from flask import Flask, current_app
from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from geodata.policy import Actor, Role
from webmap import sessions

_LIMITER = "linju_limiter"
_STAFF = frozenset({Role.WORKER, Role.ADMIN})


class Limit(NamedTuple):
    """What may be done how often: words of the ``limits`` library, as "10 per minute"."""

    name: str
    rates: tuple[str, ...]

    @property
    def items(self) -> list[RateLimitItem]:
        """Return the rates as the library counts them."""
        return [parse(rate) for rate in self.rates]


SIGN_IN = Limit("sign_in", ("10 per minute", "60 per hour"))
SIGN_IN_ACCOUNT = Limit("sign_in_account", ("10 per minute", "30 per hour"))
REGISTER = Limit("register", ("10 per minute", "60 per hour"))
AMEND = Limit("amend", ("30 per minute", "300 per hour"))
REPORT = Limit("report", ("6 per minute", "40 per hour"))
OPEN_LINK = Limit("open_link", ("20 per minute", "200 per hour"))

FOLLOW = Limit("follow", ("120 per minute", "6000 per hour"))
"""What phones of one address ask and tell that follow what a link shows, every ten seconds each."""

BLAME = Limit("blame", ("30 per minute", "600 per hour"))
"""Ways between places that closures part: the engine is asked dozens of times who is to blame."""

MATRIX = Limit("matrix", ("60 per minute", "600 per hour"))
"""Readings of the matrix that nobody asked for before: searches over all streets there are."""

PAPER = Limit("paper", ("60 per minute", "600 per hour"))
"""Sheets of paper: each is a map that is drawn anew."""

LOOK = Limit("look", ("120 per minute", "2000 per hour"))
"""What a form asks while somebody types."""


def init_app(app: Flask, address: str) -> None:
    """Give an application its counters, in memory or in Redis."""
    storage = storage_from_string(address, wrap_exceptions=True)
    app.extensions[_LIMITER] = MovingWindowRateLimiter(storage)


def act(limit: Limit, actor: Actor) -> None:
    """Count what somebody does, by form or by program alike: by address, and by account.

    Staff are known by name, and may write whole files.

    Raises
    ------
    TooManyRequests
    """
    if actor.role in _STAFF:
        return
    within(limit)
    if actor.account:
        within(limit, account=actor.account)


def within(limit: Limit, *, account: str = "") -> None:
    """Count one more for the address, and for the account if one is told; refuse too many.

    Where the counters are out of reach the request passes: the locks of :mod:`geodata.accounts`
    stand in the store.

    Raises
    ------
    TooManyRequests
        With the seconds after which it is worth trying again.
    """
    limiter: MovingWindowRateLimiter = current_app.extensions[_LIMITER]
    # Of IPv6 a household has at least 2**64 addresses.
    who = account or sessions.network(v4=32, v6=64)
    for rate in limit.items:
        try:
            passed = limiter.hit(rate, limit.name, who)
            free = limiter.get_window_stats(rate, limit.name, who).reset_time
        except Exception:  # noqa: BLE001 - whatever Redis says, the house stays open
            current_app.logger.warning("rate limits are out of reach")
            return
        if not passed:
            raise TooManyRequests(retry_after=max(1, math.ceil(free - time.time())))
