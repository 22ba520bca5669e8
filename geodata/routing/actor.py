"""The engine over a tile archive, as one thread has it."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import orjson
from valhalla import Actor, ValhallaError

from geodata.errors import Unavailable
from geodata.routing.engine import Action, Refused
from geodata.routing.tiles import settings

_CALLS: Final[Mapping[Action, Callable[[Actor, str], str]]] = {
    Action.ROUTE: Actor.route,
    Action.MATRIX: Actor.matrix,
    Action.ISOCHRONE: Actor.isochrone,
    Action.LOCATE: Actor.locate,
    Action.TRACE: Actor.trace_attributes,
}


class TileActor:
    """An engine object for one thread of one process: one shared by two crashes.

    Raises
    ------
    Unavailable
        ``engine_failed`` where the archive cannot be read.
    """

    def __init__(self, tiles: Path) -> None:
        if not tiles.is_file():
            raise Unavailable("engine_failed", reason=f"no file {tiles.name}")
        # The engine takes a file's name. It has read it when the constructor is done.
        try:
            with tempfile.NamedTemporaryFile(suffix=".json", delete_on_close=False) as config:
                config.write(orjson.dumps(settings(tiles)))
                config.close()
                self._actor = Actor(config.name)
        except (OSError, RuntimeError) as error:
            raise Unavailable("engine_failed", reason=str(error)) from error

    def ask(self, action: Action, question: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        """Answer a question, see :meth:`Engine.ask`."""
        try:
            return orjson.loads(_CALLS[action](self._actor, orjson.dumps(question).decode()))
        except ValhallaError as error:
            raise Refused(error.code, error.message) from error
        except RuntimeError as error:
            raise Unavailable("engine_failed", reason=str(error)) from error
