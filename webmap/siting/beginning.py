"""The search begun, for the API and the page alike."""

from typing import Any

from geodata import jobs, siting
from geodata.jobs import Job
from geodata.policy import Actor
from geodata.roads import Roads
from geodata.siting import Asked
from geodata.store import Store
from webmap.request import current_actor, now, roads, store
from webmap.running import Told, runner
from webmap.sited import document

_MEASURED = 0.1
"""So far it is when all walks are measured."""


def begin(asked: Asked) -> Job:
    """Note that somebody asks where the next ones would help, and let it be found out."""
    actor, ground = current_actor(), roads()
    inuse = ground.now()
    with store().writing() as tx:
        siting.check(tx, inuse, asked, actor=actor)
        job = jobs.ask(tx, "siting", asked.document(), area=asked.area, actor=actor)
    kept = store()
    runner().start(job.id, lambda told: find(kept, ground, asked, actor, told))
    return job


def find(kept: Store, ground: Roads, asked: Asked, actor: Actor, told: Told) -> dict[str, Any]:
    """Find the answer; in a thread beside the requests."""
    inuse = ground.now()
    with kept.reading() as tx:
        case = siting.gather(tx, inuse, asked, at=now(), actor=actor)
    told(_MEASURED)
    found = siting.answer(case, told=lambda progress: told(_MEASURED + (1 - _MEASURED) * progress))
    return document(found)
