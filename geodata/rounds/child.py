"""VROOM in a process of its own: questions come in and answers go out, a line of JSON each.

It knows nothing of Linju; :mod:`geodata.rounds.solver` runs it by its path. A problem and its
answer have the form of VROOM's own JSON.
"""

import json
import sys
from datetime import timedelta
from typing import Any

import numpy as np
import vroom

THREADS = 2


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Solve a problem; what VROOM finds wrong with it is told as ``error``."""
    try:
        solution = _input(question["problem"]).solve(
            exploration_level=question["explore"],
            nb_threads=THREADS,
            timeout=timedelta(seconds=question["limit_s"]),
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, whoever asked waits for a line
        return {"error": str(error)}
    found: dict[str, Any] = solution.to_dict()
    return found


def _input(problem: dict[str, Any]) -> vroom.Input:
    made = vroom.Input()
    for profile, tables in problem["matrices"].items():
        made.set_durations_matrix(profile, np.array(tables["durations"], dtype=np.uint32))
    made.add_vehicle([_vehicle(**told) for told in problem["vehicles"]])
    made.add_job([_job(**told) for told in problem["jobs"]])
    return made


def _vehicle(
    *,
    id: int,  # noqa: A002 - VROOM's word
    profile: str,
    start_index: int,
    time_window: list[int],
    skills: list[int],
    end_index: int | None = None,
    capacity: list[int] | None = None,
    steps: list[dict[str, Any]] | None = None,
) -> vroom.Vehicle:
    return vroom.Vehicle(
        id,
        start=start_index,
        end=end_index,
        profile=profile,
        capacity=capacity or [],
        skills=set(skills),
        time_window=vroom.TimeWindow(*time_window),
        steps=[vroom.VehicleStepSingle(step["id"]) for step in steps or []],
    )


def _job(
    *,
    id: int,  # noqa: A002 - VROOM's word
    location_index: int,
    service: int,
    priority: int,
    skills: list[int],
    time_windows: list[list[int]] | None = None,
    delivery: list[int] | None = None,
    pickup: list[int] | None = None,
) -> vroom.Job:
    return vroom.Job(
        id,
        location=location_index,
        default_service=service,
        delivery=vroom.Amount(delivery or []),
        pickup=vroom.Amount(pickup or []),
        skills=set(skills),
        priority=priority,
        time_windows=[vroom.TimeWindow(*span) for span in time_windows or []],
    )


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)  # noqa: T201 - its way out
