"""The engine in this very process, over a tile archive."""

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geodata.routing.engine import Action, Engine

if TYPE_CHECKING:
    from geodata.routing.actor import TileActor


class _Mine(threading.local):
    """What each thread has for itself."""

    actor: "TileActor | None" = None
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
    steady = True

    def __init__(self, tiles: Path) -> None:
        self._tiles = tiles
        self._mine = _Mine()

    def ask(self, action: Action, question: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        """Answer from the tiles, see :meth:`Engine.ask`."""
        return self._actor().ask(action, question)

    def _actor(self) -> "TileActor":
        # Whoever asks nothing does without the engine's library (26 MB).
        from geodata.routing.actor import TileActor  # noqa: PLC0415 - loaded for the first question

        mine, process = self._mine, os.getpid()
        if mine.actor is None or mine.process != process:
            mine.actor, mine.process = TileActor(self._tiles), process
        return mine.actor
