"""The demonstration's past: when its merchants came, and what the matrix was in the year before.

Invented, but of one piece: a month's figures are measured on the demonstration's own homes and
streets, without the merchants that had not come yet.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import Final

from geodata import snapshots
from geodata.hours import SHANGHAI
from geodata.roads import Streets
from geodata.snapshots import Measured
from geodata.store import Reader, Writer

MONTHS: Final = 12
"""So many months back the figures go."""

_LATELY: Final = 0.3
"""The share of merchants that came within them."""

_EARLIER = timedelta(days=400)
_FIRST, _LAST = 6, 350  # days ago


def arrivals(ids: Iterable[str], today: date) -> list[str]:
    """Return the moments at which merchants came, as a store writes them.

    An id decides how long ago it was, so that the demonstration tells the same whenever it is
    made.
    """
    return [_moment(today - _ago(one)) for one in ids]


def _ago(merchant: str) -> timedelta:
    part = int.from_bytes(blake2b(merchant.encode(), digest_size=4).digest()) / 2**32
    if part >= _LATELY:
        return _EARLIER
    return timedelta(days=_FIRST + round(part / _LATELY * (_LAST - _FIRST)))


def _moment(day: date) -> str:
    at = datetime.combine(day, time(9), SHANGHAI).astimezone(UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def measured(tx: Reader, streets: Streets | None, today: date) -> list[tuple[date, Measured]]:
    """Measure what the matrix was at the end of each month before, and is today."""
    came = {row["id"]: row["created"] for row in tx.rows("merchant", columns=("id", "created"))}
    return [
        (
            day,
            snapshots.measure(
                tx,
                streets,
                away={one for one, at in came.items() if at >= _moment(day + timedelta(days=1))},
            ),
        )
        for day in [*_month_ends(today), today]
    ]


def remember(tx: Writer, past: Iterable[tuple[date, Measured]]) -> None:
    """Keep what was measured."""
    for day, figures in past:
        snapshots.take(tx, figures, day)


def _month_ends(today: date) -> list[date]:
    ends, day = [], today
    for _ in range(MONTHS):
        day = day.replace(day=1) - timedelta(days=1)
        ends.append(day)
    return ends[::-1]
