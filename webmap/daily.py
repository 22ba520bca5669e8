"""The day's figures of the matrix, taken by a command or by the service itself.

An office that sets no cron up has a history all the same: when somebody has looked at the matrix
and nobody has taken the day's figures, they are taken beside the requests, by one of all
processes, once. In the first hours of a day the service waits: they are left to cron.
"""

import logging
import threading
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from flask import Flask, Response, current_app, request

from geodata import matrix, snapshots
from geodata.hours import SHANGHAI
from geodata.roads import Roads
from geodata.store import Store

FROM_HOUR: Final = 4
"""Of the day in China: before that hour the service does not take figures by itself."""

THREAD: Final = "linju-daily"
"""The name of the thread in which it does so."""

_DAILY: Final = "linju_daily"
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Daily:
    """What takes a day's figures; one for each process."""

    store: Store
    roads: Roads
    parts: matrix.Parts
    _known: date | None = None
    _again: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, day: date) -> int:
        """Take a day's figures, whether they were taken or not; return the rows that changed."""
        streets = self.roads.now()
        with self.store.reading() as tx:
            measured = snapshots.measure(tx, streets, parts=self.parts)
        with self.store.writing() as tx:
            return snapshots.take(tx, measured, day)

    def look(self, at: datetime) -> threading.Thread | None:
        """Let today's figures be taken beside the requests, where that is due."""
        here = at.astimezone(SHANGHAI)
        with self._lock:
            waiting = self._again is not None and at < self._again
            if here.hour < FROM_HOUR or here.date() == self._known or waiting:
                return None
            self._again = at + snapshots.PATIENCE
        thread = threading.Thread(target=self._aside, args=(here.date(),), name=THREAD, daemon=True)
        thread.start()
        return thread

    def _aside(self, day: date) -> None:
        try:
            with self.store.reading() as tx:
                done = snapshots.taken(tx, day)
            if not done:
                with self.store.writing() as tx:
                    mine = snapshots.begin(tx, day)
                if not mine:
                    return
                _log.info("figures of %s: %s rows", day, self.take(day))
            self._known = day
        except Exception:  # noqa: BLE001 - nobody waits for it; it is tried again later
            _log.exception("the figures of %s could not be taken", day)


def daily() -> Daily:
    """Return what takes the figures of this application."""
    found: Daily = current_app.extensions[_DAILY]
    return found


def init_app(app: Flask, store: Store, roads: Roads, dask: str) -> None:
    """Let whoever looks at the matrix see to it that its figures are taken."""
    app.extensions[_DAILY] = Daily(store, roads, matrix.parts(dask))

    @app.after_request
    def looked(answer: Response) -> Response:
        if request.path.startswith(("/matrix", "/api/matrix")) and answer.status_code < _REFUSED:
            daily().look(datetime.now(SHANGHAI))
        return answer


_REFUSED: Final = 400
