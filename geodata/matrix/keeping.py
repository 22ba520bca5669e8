"""What was worked out before, kept by all that it was worked out from."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from geodata.store import Reader

MOST_BYTES: Final = 256_000_000
"""A city of 200,000 homes keeps ten categories of walks, and scores, of a dozen questions."""

_LEAST = 500


class Kept:
    """Results by what went into them, bounded by their bytes; the least recently used go first.

    A key holds all that decides the result, numbers as their :func:`digest`: what is kept is
    never stale, whoever wrote what, and a change that does not touch what is measured, as of a
    phone number, costs nothing. One thread works things out at a time: what two ask for at
    once is made once, and the memory of one is enough.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self._ground: object = None
        self._changing = threading.Lock()
        self._working = threading.RLock()
        self.size = 0

    def get[T](self, ground: object, key: Hashable, make: Callable[[], T]) -> T:
        """Return what ``make`` made of this key on this ground, or makes now.

        ``ground`` is an object that decides too, as the streets; only one is remembered.
        """
        return self.get_all(ground, [key], lambda _: [make()])[0]

    def get_all[T](
        self, ground: object, keys: Sequence[Hashable], make: Callable[[list[int]], Sequence[T]]
    ) -> list[T]:
        """Return what was made of some keys; ``make`` is told which are missing, by number."""
        told = [self._find(ground, key) for key in keys]
        if None in told:
            with self._working:
                told = [self._find(ground, key) for key in keys]
                missing = [n for n, found in enumerate(told) if found is None]
                for n, value in zip(missing, make(missing) if missing else (), strict=True):
                    self._put(ground, keys[n], value)
                    told[n] = (value,)
        return [cast("T", found[0]) for found in told if found is not None]

    def _find(self, ground: object, key: Hashable) -> tuple[object, ...] | None:
        with self._changing:
            known = self._kept.get(key) if ground is self._ground else None
            if known is not None:
                self._kept.move_to_end(key)
            return known

    def _put(self, ground: object, key: Hashable, value: object) -> None:
        size = _bytes(value)
        with self._changing:
            if ground is not self._ground:
                self._kept.clear()
                self._ground, self.size = ground, 0
            self.size += size - self._kept.pop(key, (None, 0))[1]
            self._kept[key] = value, size
            while self.size > self._most and len(self._kept) > 1:
                self.size -= self._kept.popitem(last=False)[1][1]


def kept(tx: Reader) -> Kept:
    """Return what is kept of a store in this process."""
    return tx.cached("matrix", Kept, revision=0)


def digest(*arrays: NDArray[Any]) -> bytes:
    """Return a short name of some numbers: other numbers have another one."""
    told = blake2b(digest_size=16)
    for array in arrays:
        told.update(f"{array.dtype.str}{array.shape}".encode())
        told.update(np.ascontiguousarray(array).data)
    return told.digest()


def _bytes(value: object) -> int:
    if isinstance(value, np.ndarray):
        return int(value.nbytes) + _LEAST
    if is_dataclass(value) and not isinstance(value, type):
        return sum(_bytes(getattr(value, one.name)) for one in fields(value))
    return _LEAST
