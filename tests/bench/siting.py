"""Where the next merchants of a district would help most: how long it takes, and how good it is.

Beside spopt, which gives the same question to CBC, and the next best place over and over.
"""

import http.client
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from geodata import accounts, siting
from geodata.jobs import OPEN, State
from geodata.roads import Roads, Shelf, Streets
from geodata.roads.building import build
from geodata.siting import FARTHEST_MIN, Answer, Asked, Case, Objective
from geodata.store import Store
from tests.bench import cities, serving, siting_peers
from tests.bench.serving import Server
from tests.bench.shown import number, table
from tests.bench.siting_peers import Figures, Question
from tests.bench.stores import ACTOR, opened
from tests.bench.streets import EXTRACT

COUNTS = (1, 3, 10)
"""New merchants."""
_CATEGORY = "clinic"
_SOON_S = 0.02
_TURNS = 3

type Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Row:
    objective: Objective
    count: int
    gather_s: float
    answer_s: float
    most_mb: float
    case: Case
    answer: Answer


def measure(folder: Path) -> None:
    """Print how long a district's questions take, what comes of them, and what of the peers."""
    if not EXTRACT.exists():
        print(f"No ../shared/data/osm/{EXTRACT.name} beside the project: siting is left out.")
        return
    instance = folder / "siting-district"
    build(Shelf(instance / "roads"), EXTRACT, actor=ACTOR)
    streets = Roads(instance / "roads").require()
    assert streets.graph is not None
    store = instance / "linju.gpkg"
    cities.fill(store, streets.graph, cities.DISTRICT)
    with opened(store) as held:
        area = _district(held)
        rows = [
            _asked(held, streets, Asked(area, _CATEGORY, count, objective))
            for objective, count in product(Objective, COUNTS)
        ]
    _show(rows)
    _show_peers(rows, folder)
    _show_http(store, area, folder / "siting.log")


def _district(store: Store) -> str:
    with store.reading() as tx:
        return min((str(row["code"]) for row in tx.rows("area")), key=lambda code: code.rstrip("0"))


def _asked(store: Store, streets: Streets, asked: Asked) -> _Row:
    began = time.perf_counter()
    with store.reading() as tx:
        case = siting.gather(tx, streets, asked, at=datetime.now(UTC), actor=ACTOR)
    gathered = time.perf_counter()
    seen = [0.0]
    found = siting.answer(case, told=lambda _: seen.append(_child_mb()))
    ended = time.perf_counter()
    return _Row(
        asked.objective, asked.count, gathered - began, ended - gathered, max(seen), case, found
    )


def _children() -> list[int]:
    """Return the processes that this one began, by whichever of its threads."""
    told = (path.read_text() for path in Path("/proc/self/task").glob("*/children"))
    return [int(pid) for text in told for pid in text.split()]


def _child_mb() -> float:
    return max(map(_most_mb, _children()), default=0.0)


def _most_mb(pid: int) -> float:
    try:
        told = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0  # it has ended
    _, known, after = told.partition("VmHWM:")
    return float(after.split()[0]) / 1024 if known else 0.0


def _show(rows: Sequence[_Row]) -> None:
    size = cities.DISTRICT
    table(
        f"Where the next would help most: {size.homes:,} homes, {size.merchants} merchants,"
        f" those of {_CATEGORY}",
        ["", "gather, s", "answer, s", "whole, s", "gap", "proven", "places", "squares", "MB"],
        [
            [
                f"{row.objective}, {row.count}",
                number(row.gather_s),
                number(row.answer_s),
                number(row.gather_s + row.answer_s),
                f"{row.answer.gap:.2%}",
                "yes" if row.answer.proven else "no",
                f"{row.answer.places_tried:,}",
                f"{row.answer.spacing_m:.0f} m",
                f"{row.most_mb:.0f}",
            ]
            for row in rows
        ],
        "cover: most households within 15 minutes; walk: the shortest mean walk to the nearest.",
        "Gather: store, joins and walks. Answer: HiGHS in a process of its own, its start included;"
        " MB: the most of that process, seen whenever it told how far it was.",
        f"Aim: the whole under 30 s. The search gives up after {siting.LIMIT_S:.0f} s and tells"
        " its gap.",
    )


def _show_peers(rows: Sequence[_Row], folder: Path) -> None:
    trouble = siting_peers.bring(folder, ["spopt"])["spopt"]
    told, notes = [], []
    for row in rows:
        name = f"{row.objective}, {row.count}"
        question = _question(row.case)
        greedy = question.figures(question.one_by_one())
        peer, why = siting_peers.ask(question, folder) if not trouble else (None, trouble)
        if peer is None and why not in notes:
            notes.append(why)
        ours = Figures(row.answer.after.share, row.answer.after.mean_min, row.answer_s)
        told.append(
            [
                name,
                *(_cell(one, row.objective) for one in (ours, peer, greedy)),
                *(number(one.took_s) if one else "-" for one in (ours, peer)),
                number(peer.most_mb) if peer else "-",
            ]
        )
    table(
        "The same beside the peers: share within 15 min, or mean minutes",
        ["", "Linju", "spopt", "next best", "Linju, s", "spopt, s", "spopt, MB"],
        told,
        "spopt: its MCLP and PMedian with CBC, given the walks, all places of today as one that"
        f" is there; with {siting_peers.PATIENCE_S} s and {siting_peers.MOST_MB:,} MB.",
        "Next best: each place as if it were the last, as is the custom where there is no solver.",
        *(f"spopt has no answer: {why}" for why in notes),
    )


def _cell(figures: Figures | None, objective: Objective) -> str:
    if figures is None:
        return "-"
    if objective is Objective.COVER:
        return f"{figures.share:.4f}"
    return f"{figures.mean_min:.4f}"


def _question(case: Case) -> Question:
    """Return a case with nothing of Linju in it: today's merchants are the last column."""
    held = np.flatnonzero(case.weight > 0)
    minutes = np.full((len(case.homes), len(case.spots) + 1), FARTHEST_MIN)
    minutes[case.home, case.place] = case.minutes
    minutes[:, -1] = case.before
    return Question(
        str(case.asked.objective),
        case.asked.count,
        case.asked.minutes,
        np.minimum(minutes[held], FARTHEST_MIN),
        case.weight[held],
    )


def _show_http(store: Path, area: str, log: Path) -> None:
    with opened(store) as held, held.writing() as tx:
        day = timedelta(days=1)
        token = accounts.issue_token(tx, "bench", scope="", lifetime=day, actor=ACTOR).token
    rows = []
    with serving.linju(store, log) as server:
        office = _Office(server, token, area)
        for objective, count in product(Objective, COUNTS):
            answered = [office.answered(objective, count) for _ in range(_TURNS)]
            ended = [office.cancelled(objective, count) for _ in range(_TURNS)]
            known = [one for one in ended if one is not None]
            rows.append(
                [
                    f"{objective}, {count}",
                    *(number(one) for one in (float(np.median(answered)), max(answered))),
                    number(float(np.median(known)) if known else None),
                    number(max(known, default=None)),
                ]
            )
    table(
        f"The same over HTTP, s: {_TURNS} times each",
        ["", "answer, p50", "most", "cancelled, p50", "most"],
        rows,
        "Answer: from POST until a job that is asked for every"
        f" {_SOON_S * 1e3:.0f} ms is told as done.",
        "Cancelled: from DELETE until the solver's process is gone;"
        " - where it was done before it could be cancelled.",
    )


@dataclass(frozen=True, slots=True)
class _Office:
    """Whoever asks, over HTTP."""

    server: Server
    token: str
    area: str

    def answered(self, objective: Objective, count: int) -> float:
        """Return the seconds until there is an answer."""
        began = time.perf_counter()
        job = self._begun(objective, count)
        while (state := self._http("GET", f"/api/jobs/{job}")["state"]) in OPEN:
            time.sleep(_SOON_S)
        assert state == State.DONE
        return time.perf_counter() - began

    def cancelled(self, objective: Objective, count: int) -> float | None:
        """Return the seconds from the wish to end it until it is, if it did not end before."""
        job = self._begun(objective, count)
        while not (known := self._solvers()):
            if self._http("GET", f"/api/jobs/{job}")["state"] not in OPEN:
                return None
            time.sleep(_SOON_S)
        began = time.perf_counter()
        if self._http("DELETE", f"/api/jobs/{job}", fine=(200, 409))["state"] != State.CANCELLED:
            return None
        while set(self._solvers()) & set(known):
            time.sleep(_SOON_S)
        return time.perf_counter() - began

    def _solvers(self) -> list[int]:
        told = Path(f"/proc/{self.server.pid}/task").glob("*/children")
        return [int(pid) for path in told for pid in path.read_text().split()]

    def _begun(self, objective: Objective, count: int) -> str:
        asked = {"area": self.area, "category": _CATEGORY, "objective": objective, "count": count}
        job = self._http("POST", "/api/matrix/siting", asked, fine=(202,))
        return str(job["id"])

    def _http(
        self, method: str, path: str, asked: Found | None = None, fine: Sequence[int] = (200,)
    ) -> Found:
        connection = http.client.HTTPConnection(urlsplit(self.server.address).netloc, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection.request(
            method, path, json.dumps(asked or {}) if method == "POST" else None, headers
        )
        answer = connection.getresponse()
        told: Found = json.loads(answer.read())
        connection.close()
        if answer.status not in fine:
            raise SystemExit(f"{method} {path}: {answer.status} {told}")
        return {"state": "over"} | told
