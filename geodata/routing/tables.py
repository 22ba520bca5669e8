"""Tables of times, in blocks that the engine takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.modes import Mode
from geodata.routing import asking, reading
from geodata.routing.closing import Barred
from geodata.routing.costing import COSTING
from geodata.routing.engine import Action, Engine, Refused
from geodata.routing.stops import DRIVEN, Stop
from geodata.routing.ways import Floats

type Ints = NDArray[np.intp]

FILLED: Final = 32
"""Of so many pairs at most that a table has no time for, the way itself is asked for."""

_TOO_MUCH: Final = (Refused.TOO_MANY, Refused.TOO_FAR, Refused.UNCONNECTED)
"""What the engine says of a block where a part of it may do."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table to be asked for. The engine must know the stops; None stands for other places."""

    engine: Engine
    sources: Sequence[Stop | None]
    targets: Sequence[Stop | None]
    mode: Mode
    barred: Barred

    def filled(self) -> tuple[Floats, Floats]:
        """Return seconds and metres, (n, m), NaN where there is no way."""
        seconds = np.full((len(self.sources), len(self.targets)), np.nan)
        metres = seconds.copy()
        rows, columns = _known(self.sources), _known(self.targets)
        for some_rows, some_columns, told in self._blocks(rows, columns):
            for whole, part in zip((seconds, metres), told, strict=True):
                whole[np.ix_(some_rows, some_columns)] = part
        missing = np.argwhere(np.isnan(seconds[np.ix_(rows, columns)]))
        if len(missing) <= FILLED:
            for row, column in zip(rows[missing[:, 0]], columns[missing[:, 1]], strict=True):
                if self.engine.late:
                    break
                seconds[row, column], metres[row, column] = self._way(row, column)
        return seconds, metres

    def _blocks(
        self, rows: Ints, columns: Ints
    ) -> Iterator[tuple[Ints, Ints, tuple[Floats, Floats]]]:
        """Ask in blocks, each halved again where the engine will not take it."""
        waiting = [(rows, columns)]
        while waiting:
            row, column = waiting.pop()
            pairs = len(row) * len(column)
            if not pairs:
                continue
            if len(row) * len(self._asked(row, column)) > self.engine.pairs:
                waiting.extend(_halves(row, column))
                continue
            try:
                yield row, column, self._told(row, column)
            except Refused as refused:
                if pairs > 1 and refused.code in _TOO_MUCH:
                    waiting.extend(_halves(row, column))
                elif refused.code not in (*asking.NO_WAY, Refused.TOO_FAR):
                    raise asking.meant(refused, self.mode) from refused

    def _told(self, row: Ints, column: Ints) -> tuple[Floats, Floats]:
        question = {
            "sources": _questions(self.sources, row),
            "targets": _questions(self.targets, self._asked(row, column)),
            "verbose": False,
        }
        answer = self.engine.ask(
            Action.MATRIX, question | self.barred.question | COSTING[self.mode]
        )
        seconds, metres = reading.table(answer)
        return seconds[:, : len(column)], metres[:, : len(column)]

    def _asked(self, row: Ints, column: Ints) -> Ints:
        """Return the targets to ask for, some of them again where there are more sources.

        Else the engine goes backwards from the targets, and then counts turns wrongly: by car
        one time in ten was a third too long, and some were five times too long. On foot turns
        hardly count.
        """
        if self.mode not in DRIVEN:
            return column
        return np.resize(column, max(len(row), len(column)))

    def _way(self, row: int, column: int) -> tuple[float, float]:
        pair = [stop for stop in (self.sources[row], self.targets[column]) if stop]
        try:
            return reading.summary(asking.route(self.engine, pair, self.mode, self.barred))
        except Refused as refused:
            if refused.code not in asking.NO_WAY:
                raise asking.meant(refused, self.mode) from refused
            return np.nan, np.nan


def _known(side: Sequence[Stop | None]) -> Ints:
    return np.array([number for number, stop in enumerate(side) if stop], dtype=np.intp)


def _questions(side: Sequence[Stop | None], numbers: Ints) -> list[dict[str, float]]:
    return [stop.question for number in numbers.tolist() if (stop := side[number])]


def _halves(row: Ints, column: Ints) -> list[tuple[Ints, Ints]]:
    if len(row) > len(column):
        return [(half, column) for half in np.array_split(row, 2)]
    return [(row, half) for half in np.array_split(column, 2)]
