"""What the router needs of an engine, wherever it runs: Valhalla's questions and refusals."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from typing import Any

from geodata.errors import Unavailable


class Action(StrEnum):
    """Questions, by the names under which Valhalla's service takes them."""

    ROUTE = "route"
    MATRIX = "sources_to_targets"
    ISOCHRONE = "isochrone"
    LOCATE = "locate"
    TRACE = "trace_attributes"


class Refused(Exception):
    """The engine understood the question and says no: ``code`` and words are its own."""

    TOO_MANY = 150
    TOO_FAR = 154
    TOO_LONG = 167
    UNCONNECTED = 170
    NO_STREET = 171
    TOO_FINE = 176
    NO_WAY = 442

    def __init__(self, code: int, words: str) -> None:
        super().__init__(code, words)
        self.code = code
        self.words = words

    @property
    def in_plain(self) -> Unavailable:
        """What it means to a caller that has no answer to this refusal."""
        return Unavailable("engine_failed", reason=self.words)


class Engine(ABC):
    """Answers questions about one network; all threads and forked processes may ask."""

    pairs: int
    """A table of times is asked for in blocks of at most so many pairs of places."""
    steady: bool
    """Whether its streets stay as they are as long as it is there."""

    @abstractmethod
    def ask(self, action: Action, question: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        """Return the answer, as JSON gives it.

        Raises
        ------
        Refused
            When the engine says no.
        Unavailable
            ``engine_failed``, ``engine_unreachable``, ``engine_slow``.
        """

    def answering(
        self,
        within_s: float | None = None,  # noqa: ARG002 - this one waits for nobody
    ) -> AbstractContextManager[None]:
        """Count all that this thread asks in the block as one answer, with one limit of time.

        The outermost block counts; ``within_s`` is its limit, where the engine's own is longer.
        """
        return nullcontext()

    @property
    def late(self) -> bool:
        """Whether so much of that time is gone that only what is needed should be asked."""
        return False
