"""The engine in this very process, over a tile archive."""

import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import orjson
from valhalla import Actor, ValhallaError

from geodata.errors import Unavailable
from geodata.routing.engine import Action, Engine, Refused
from geodata.routing.tiles import settings

_CALLS: Final[Mapping[Action, Callable[[Actor, str], str]]] = {
    Action.ROUTE: Actor.route,
    Action.MATRIX: Actor.matrix,
    Action.ISOCHRONE: Actor.isochrone,
    Action.LOCATE: Actor.locate,
    Action.TRACE: Actor.trace_attributes,
}


class _Mine(threading.local):
    """What each thread has for itself."""

    actor: Actor | None = None
    process: int = 0


class Local(Engine):
    """Valhalla in this process: for streets whose tiles lie here.

    Each thread gets an engine object of its own when it first asks (9 ms, 15 MB), and so does
    each thread of a forked process: one shared by two crashes. The archive is mapped into
    memory once for all. While an engine works, other threads run on.

    Parameters
    ----------
    tiles
        The archive that :func:`geodata.routing.tiles.build_tiles` made. It is opened when the
        first question comes; until the last thread that asked has ended it stays open, even
        where the file was deleted.

    Examples
    --------
    >>> Local(Path("nowhere.tar")).ask(Action.ROUTE, {})
    Traceback (most recent call last):
    geodata.errors.Unavailable: engine_failed(reason='no file nowhere.tar')
    """

    pairs = 100_000

    def __init__(self, tiles: Path) -> None:
        self._tiles = tiles
        self._mine = _Mine()

    def ask(self, action: Action, question: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        """Answer from the tiles, see :meth:`Engine.ask`."""
        actor = self._actor()
        try:
            return orjson.loads(_CALLS[action](actor, orjson.dumps(question).decode()))
        except ValhallaError as error:
            raise Refused(error.code, error.message) from error
        except RuntimeError as error:
            raise Unavailable("engine_failed", reason=str(error)) from error

    def _actor(self) -> Actor:
        mine, process = self._mine, os.getpid()
        if mine.actor is None or mine.process != process:
            mine.actor, mine.process = self._opened(), process
        return mine.actor

    def _opened(self) -> Actor:
        if not self._tiles.is_file():
            raise Unavailable("engine_failed", reason=f"no file {self._tiles.name}")
        # The engine takes a file's name. It has read it when the constructor is done.
        try:
            with tempfile.NamedTemporaryFile(suffix=".json", delete_on_close=False) as config:
                config.write(orjson.dumps(settings(self._tiles)))
                config.close()
                return Actor(config.name)
        except (OSError, RuntimeError) as error:
            raise Unavailable("engine_failed", reason=str(error)) from error
