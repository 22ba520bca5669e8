"""HiGHS in a process of its own: one question comes in, lines of JSON go out, each the best so far.

It knows nothing of Linju; :mod:`geodata.siting.solver` runs it by its path. The question is
what each home gains by each place, and how many places may be opened; each home gains by the
best one that is open. The answer is which, what is gained, and a bound that no choice exceeds.

Notes
-----
A home ``i`` that has places of gain ``g_i1 >= g_i2 >= …`` gains at most

    t_i <= g_ik + sum_j max(g_ij - g_ik, 0) x_j        for each k (and for g_ik = 0),

and of these inequalities (Cornuéjols, Fisher & Nemhauser 1977; Magnanti & Wong 1981) few are
ever tight: a linear model of ``max sum t_i, sum x_j <= count`` begins with one for each home and
is given those that its solution breaks, as Fischetti, Ljubić & Sinnl (2017) found it to be some
hundred times as quick as a model with all pairs. Places whose reduced cost says that no better
choice holds them go; what is left over is solved with whole numbers. Every linear and whole
model is solved by HiGHS, whose bound holds for the whole question.
"""

import io
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Tell = Callable[["Search"], None]

CLOSE = 1e-6
"""Nearer than such a share to its bound a choice is the best: the solver reckons no finer."""

_TOLERANCE = 1e-7
_LINEAR = 0.5
"""Up to here goes the progress of the linear model."""
_EVERY_S = 0.5


class Gains:
    """What homes gain by places: pairs by home, in each the largest gain first."""

    def __init__(self, home: Ints, place: Ints, gain: Floats, places: int) -> None:
        order = np.lexsort((place, -gain, home))
        self.place, self.gain, self.places = place[order], gain[order], places
        _, self.start, self.home = np.unique(home[order], return_index=True, return_inverse=True)
        self.homes = len(self.start)

    def value(self, chosen: Ints) -> float:
        """Return what all gain together when these places are open."""
        taken = np.isin(self.place, chosen)
        best = np.zeros(self.homes)
        np.maximum.at(best, self.home[taken], self.gain[taken])
        return float(best.sum())

    def one_by_one(self, count: int) -> Ints:
        """Choose each next place as if it were the last: a start, at least 63 % of the best."""
        best, chosen = np.zeros(self.homes), []
        for _ in range(min(count, self.places)):
            more = np.maximum(self.gain - best[self.home], 0.0)
            place = int(np.bincount(self.place, more, self.places).argmax())
            chosen.append(place)
            taken = self.place == place
            np.maximum.at(best, self.home[taken], self.gain[taken])
        return np.array(chosen, dtype=np.int64)

    def among(self, places: Ints) -> "Gains":
        """Return the same for some places only, numbered anew."""
        number = np.full(self.places, -1)
        number[places] = np.arange(len(places))
        kept = number[self.place] >= 0
        return Gains(self.home[kept], number[self.place[kept]], self.gain[kept], len(places))


class Model:
    """The model in HiGHS: a variable a place, one a home, and inequalities that it is given."""

    def __init__(self, gains: Gains, count: int, ends: float) -> None:
        self.gains, self._ends = gains, ends
        size, homes = gains.places, gains.homes
        self.highs = highspy.Highs()  # type: ignore[no-untyped-call]  # its own omission
        self.highs.setOptionValue("output_flag", False)  # noqa: FBT003 - HiGHS's own
        self.highs.setOptionValue("threads", 1)
        self.highs.setOptionValue("mip_rel_gap", CLOSE / 2)
        most = np.concatenate((np.ones(size), gains.gain[gains.start]))
        self.highs.addVars(size + homes, np.zeros(size + homes), most)
        columns = np.arange(size, size + homes, dtype=np.int32)
        self.highs.changeColsCost(homes, columns, np.ones(homes))
        self.highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
        places = np.arange(size, dtype=np.int32)
        self.highs.addRow(-highspy.kHighsInf, float(count), size, places, np.ones(size))

    def solve(self) -> bool:
        """Solve what it is now; tell whether it came to an end in time."""
        left = self._ends - time.monotonic()
        if left <= 0:
            return False
        # HiGHS counts from the first run on.
        self.highs.setOptionValue("time_limit", self.highs.getRunTime() + left)
        self.highs.run()
        return bool(self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)

    @property
    def solution(self) -> tuple[Floats, Floats]:
        """How far each place is open, and what each home gains by that."""
        told = np.array(self.highs.getSolution().col_value)
        return np.clip(told[: self.gains.places], 0.0, 1.0), told[self.gains.places :]

    def tighten(self, opened: Floats, told: Floats) -> bool:
        """Add the inequalities that a solution breaks; tell whether there were any."""
        gains = self.gains
        summed = np.concatenate(([0.0], np.cumsum(opened[gains.place])))
        enough = summed[1:] - summed[gains.start][gains.home] >= 1.0 - _TOLERANCE
        homes, first = np.unique(gains.home[enough], return_index=True)
        level = np.zeros(gains.homes)
        level[homes] = gains.gain[enough][first]
        more = np.maximum(gains.gain - level[gains.home], 0.0) * opened[gains.place]
        most = level + np.bincount(gains.home, more, gains.homes)
        broken = np.flatnonzero(told > most + _TOLERANCE * np.maximum(1.0, most))
        if len(broken):
            self._add(broken, level[broken])
        return len(broken) > 0

    def _add(self, homes: Ints, level: Floats) -> None:
        gains = self.gains
        bar = np.full(gains.homes, np.inf)
        bar[homes] = level
        held = gains.gain > bar[gains.home]
        of = gains.home[held]
        size = np.bincount(of, minlength=gains.homes)[homes] + 1
        start = np.concatenate(([0], np.cumsum(size))).astype(np.int32)
        column = np.empty(start[-1], dtype=np.int32)
        factor = np.empty(start[-1])
        others = np.ones(start[-1], dtype=np.bool_)
        others[start[:-1]] = False
        column[~others], factor[~others] = gains.places + homes, 1.0
        column[others], factor[others] = gains.place[held], bar[of] - gains.gain[held]
        least = np.full(len(homes), -highspy.kHighsInf)
        self.highs.addRows(len(homes), least, level, int(start[-1]), start[:-1], column, factor)

    def only_whole(self) -> None:
        """Let no place be open by halves from now on."""
        size = self.gains.places
        whole = np.full(size, highspy.HighsVarType.kInteger.value, dtype=np.uint8)
        self.highs.changeColsIntegrality(size, np.arange(size, dtype=np.int32), whole)


class Search:
    """The best choice so far, and the bound on all."""

    def __init__(self, gains: Gains, count: int, limit_s: float, tell: Tell) -> None:
        self.gains, self.count, self._tell = gains, count, tell
        self._began = time.monotonic()
        self.ends = self._began + limit_s
        self.progress = 0.0
        self.chosen = gains.one_by_one(count)
        self.value = gains.value(self.chosen)
        each = np.sort(np.bincount(gains.place, gains.gain, gains.places))[::-1]
        self.bound = min(float(gains.gain[gains.start].sum()), float(each[:count].sum()))

    @property
    def done(self) -> bool:
        """Whether nothing better is to be found."""
        return self.bound - self.value <= CLOSE * max(self.bound, 0.0)

    def tell(self, progress: float) -> None:
        """Tell how far it is, at least as far as the time that is gone."""
        spent = (time.monotonic() - self._began) / (self.ends - self._began)
        self.progress = min(max(self.progress, progress, spent), 1.0)
        self._tell(self)

    def offer(self, chosen: Ints) -> None:
        """Take a choice if it is better."""
        if (value := self.gains.value(chosen)) > self.value:
            self.chosen, self.value = chosen, value

    def run(self) -> None:
        """Search until it is done, or the time is over."""
        kept = np.arange(self.gains.places)
        model = self._model(kept)
        if not self._linear(model, kept) or self.done:
            return
        costs = np.array(model.highs.getSolution().col_dual)[: len(kept)]
        kept = kept[self.bound + costs >= self.value * (1.0 - CLOSE)]
        model = self._model(kept)
        if self._linear(model, kept) and not self.done:
            self._whole(model, kept)

    def _model(self, kept: Ints) -> Model:
        model = Model(self.gains.among(kept), self.count, self.ends)
        opened = np.isin(kept, self.chosen).astype(np.float64)
        model.tighten(opened, np.full(model.gains.homes, np.inf))
        return model

    def _linear(self, model: Model, kept: Ints) -> bool:
        """Solve the linear model; tell whether its bound was reached in time."""
        rounds = 0
        while model.solve():
            opened, told = model.solution
            self.bound = max(min(self.bound, float(told.sum())), self.value)
            self.offer(kept[np.argsort(-opened, kind="stable")[: self.count]])
            rounds += 1
            self.tell(_LINEAR * (1.0 - 0.7**rounds))
            if self.done or not model.tighten(opened, told):
                return True
        return False

    def _whole(self, model: Model, kept: Ints) -> None:
        model.only_whole()
        last = time.monotonic()

        def on_the_way(event: Any) -> None:  # noqa: ANN401 - HiGHS's own
            nonlocal last
            if time.monotonic() - last >= _EVERY_S:
                last = time.monotonic()
                self._narrow(event.data_out.mip_dual_bound)
                self.tell(_LINEAR)

        model.highs.cbMipInterrupt += on_the_way
        while True:
            ended = model.solve()
            self._narrow(model.highs.getInfo().mip_dual_bound)
            opened, told = model.solution
            if len(opened) and opened.sum() > 0:
                self.offer(kept[np.flatnonzero(opened.round())])
            self.tell(_LINEAR)
            if not ended or self.done or not model.tighten(opened.round(), told):
                return

    def _narrow(self, bound: float) -> None:
        """Lower the bound; what could not be rounded off belongs to the choice."""
        if np.isfinite(bound):
            self.bound = max(min(self.bound, bound), self.value)


def _question() -> dict[str, NDArray[Any]]:
    size = int.from_bytes(sys.stdin.buffer.read(8), "little")
    with np.load(io.BytesIO(sys.stdin.buffer.read(size)), allow_pickle=False) as told:
        return dict(told)


def _say(out: int, search: Search, *, ended: bool = False) -> None:
    told = {name: getattr(search, name) for name in ("progress", "value", "bound")}
    told |= {"chosen": search.chosen.tolist(), "ended": ended}
    os.write(out, json.dumps(told).encode() + b"\n")


def _end_with_the_parent() -> None:
    # Whoever asked keeps the pipe open as long as there is somebody to answer.
    sys.stdin.buffer.read(1)
    os._exit(0)


def main() -> None:
    """Answer one question."""
    out = os.dup(sys.stdout.fileno())
    # HiGHS greets there, in the midst of the answers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    asked = _question()
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    gains = Gains(asked["home"], asked["place"], asked["gain"], int(asked["places"]))

    search = Search(gains, int(asked["count"]), float(asked["limit_s"]), partial(_say, out))
    _say(out, search)
    search.run()
    _say(out, search, ended=True)


if __name__ == "__main__":
    main()
