"""A city in parts: the same work on this process, on several, or on a cluster of machines.

A part is a function of arrays and gives the same arrays wherever it runs, and what comes of
the parts is put together in one order: figures are the same to the last digit.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from geodata.errors import Unavailable

if TYPE_CHECKING:
    from distributed import Client

LOCAL: Final = "local"
"""The word for as many processes as this machine has cores."""

_SCHEMES: Final = ("tcp://", "tls://", "ws://", "wss://")


class Parts(Protocol):
    """Where parts are worked on."""

    @property
    def many(self) -> int:
        """How many are worked on at the same time, about."""
        ...

    def each[S, T, R](
        self, work: Callable[[S, T], R], shared: S, tasks: Sequence[T]
    ) -> Sequence[R]:
        """Return what ``work`` makes of what all share and of each task, in their order."""
        ...


class Alone:
    """One part after the other, in this process: Dask is not even loaded."""

    many = 1

    def each[S, T, R](
        self, work: Callable[[S, T], R], shared: S, tasks: Sequence[T]
    ) -> Sequence[R]:
        """Return what ``work`` makes of what all share and of each task, in their order."""
        return [work(shared, task) for task in tasks]


class Dask:
    """Parts on a Dask cluster, which must have the same Linju installed.

    What it sends and gets are pickles: it belongs into a network that is trusted.

    Parameters
    ----------
    address
        That of its scheduler, or :data:`LOCAL` for processes of this machine, which are
        started for each question: worth it for a large city, or for many.
    patience_s
        How long to wait for the scheduler.
    """

    many = 16

    def __init__(self, address: str, patience_s: float = 10.0) -> None:
        self._address, self._patience_s = address, patience_s

    def each[S, T, R](
        self, work: Callable[[S, T], R], shared: S, tasks: Sequence[T]
    ) -> Sequence[R]:
        """Return what ``work`` makes of what all share and of each task, in their order.

        Raises
        ------
        Unavailable
            ``cluster_unreachable`` with ``host``.
        """
        if not tasks:
            return []
        try:
            with self._client() as client:
                (everywhere,) = client.scatter([shared], broadcast=True, hash=False)
                waiting = client.map(work, [everywhere] * len(tasks), tasks, pure=False)
                found: Sequence[R] = client.gather(waiting)
                return found
        except OSError as error:
            raise Unavailable("cluster_unreachable", host=self._address) from error

    @contextmanager
    def _client(self) -> Iterator["Client"]:
        from distributed import Client, LocalCluster  # noqa: PLC0415 - a small office does without

        if self._address != LOCAL:
            with Client(self._address, timeout=self._patience_s, set_as_default=False) as client:
                yield client
            return
        with (
            LocalCluster(threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            yield client


ALONE: Final = Alone()


def parts(address: str) -> Parts:
    """Return where parts are worked on: "" is this process, else as :class:`Dask` has it.

    Raises
    ------
    ValueError
        When it is neither.

    Examples
    --------
    >>> parts("") is ALONE, parts("tcp://10.0.0.5:8786").many
    (True, 16)
    """
    if not address:
        return ALONE
    if address == LOCAL or address.startswith(_SCHEMES):
        return Dask(address)
    raise ValueError("neither local nor a scheduler's address")
