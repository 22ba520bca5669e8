"""A stopwatch, and what is made of its readings."""

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.bench.shown import number


@dataclass(frozen=True, slots=True)
class Timed:
    """Readings in ms, in the order in which they were taken."""

    every_ms: list[float]

    @property
    def p50_ms(self) -> float:
        return statistics.median(self.every_ms)

    @property
    def p99_ms(self) -> float:
        return sorted(self.every_ms)[int(len(self.every_ms) * 0.99)]

    @property
    def cells(self) -> tuple[str, str, str]:
        """How many, p50 and p99."""
        return str(len(self.every_ms)), number(self.p50_ms), number(self.p99_ms)


def each[T](ask: Callable[[T], object], items: Iterable[T]) -> Timed:
    """Time a call for each item."""
    times = []
    for item in items:
        began = time.perf_counter()
        ask(item)
        times.append((time.perf_counter() - began) * 1e3)
    return Timed(times)


def again(do: Callable[[], object], times: int = 5) -> Timed:
    """Time the same call over and over."""
    return each(lambda _: do(), range(times))
